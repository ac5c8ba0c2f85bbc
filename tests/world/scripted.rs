//! A target that does what a script says, one request after the other, and counts.

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

/// What one request is answered with.
#[derive(Clone, Debug)]
pub(crate) enum Reply {
    /// These bytes; the connection stays.
    Send(String),
    /// These bytes, then the connection is closed.
    SendAndClose(String),
    /// Nothing, and the connection stays.
    Silence,
    /// The connection is closed at once.
    Close,
}

#[derive(Debug)]
struct Shared {
    replies: Mutex<std::vec::IntoIter<Reply>>,
    requests: Mutex<Vec<String>>,
    connections: AtomicUsize,
    closed: AtomicUsize,
}

/// A listening target; its threads end with the test.
#[derive(Debug)]
pub(crate) struct Scripted {
    url: String,
    shared: Arc<Shared>,
}

impl Scripted {
    pub(crate) fn start(replies: Vec<Reply>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let shared = Arc::new(Shared {
            replies: Mutex::new(replies.into_iter()),
            requests: Mutex::new(Vec::new()),
            connections: AtomicUsize::new(0),
            closed: AtomicUsize::new(0),
        });
        let served = Arc::clone(&shared);
        std::thread::spawn(move || {
            for stream in listener.incoming() {
                let shared = Arc::clone(&served);
                shared.connections.fetch_add(1, Ordering::SeqCst);
                std::thread::spawn(move || serve(stream.unwrap(), &shared));
            }
        });
        Self { url, shared }
    }

    pub(crate) fn url(&self, path: &str) -> String {
        format!("{}{path}", self.url)
    }

    /// Connections accepted so far.
    pub(crate) fn connections(&self) -> usize {
        self.shared.connections.load(Ordering::SeqCst)
    }

    /// Waits until the target closed this many connections.
    pub(crate) fn wait_closed(&self, count: usize) {
        while self.shared.closed.load(Ordering::SeqCst) < count {
            std::thread::yield_now();
        }
    }

    /// Whole requests received so far, as text.
    pub(crate) fn requests(&self) -> Vec<String> {
        self.shared.requests.lock().unwrap().clone()
    }
}

/// An answer with a JSON body.
pub(crate) fn answer(status: &str, body: &str) -> String {
    answer_with(status, &[], body)
}

pub(crate) fn answer_with(status: &str, headers: &[&str], body: &str) -> String {
    let headers: String = headers.iter().flat_map(|line| [line, "\r\n"]).collect();
    format!(
        "HTTP/1.1 {status}\r\ncontent-type: application/json\r\n{headers}content-length: {}\r\n\r\n{body}",
        body.len()
    )
}

fn serve(mut stream: TcpStream, shared: &Shared) {
    while let Some(request) = read_request(&mut stream) {
        shared.requests.lock().unwrap().push(request);
        let reply = shared.replies.lock().unwrap().next();
        match reply.unwrap_or(Reply::Silence) {
            Reply::Send(bytes) => stream.write_all(bytes.as_bytes()).unwrap(),
            Reply::SendAndClose(bytes) => {
                stream.write_all(bytes.as_bytes()).unwrap();
                break;
            }
            Reply::Silence => {}
            Reply::Close => break,
        }
    }
    drop(stream);
    shared.closed.fetch_add(1, Ordering::SeqCst);
}

/// One request by its content length; none where the client left.
fn read_request(stream: &mut TcpStream) -> Option<String> {
    let mut bytes = Vec::new();
    let mut byte = [0; 1];
    while !bytes.ends_with(b"\r\n\r\n") {
        match stream.read(&mut byte) {
            Ok(1) => bytes.push(byte[0]),
            _ => return None,
        }
    }
    let head = String::from_utf8(bytes.clone()).unwrap().to_lowercase();
    let length = head
        .lines()
        .find_map(|line| line.strip_prefix("content-length: "))
        .map_or(0, |length| length.trim().parse().unwrap());
    let mut body = vec![0; length];
    stream.read_exact(&mut body).ok()?;
    bytes.extend(body);
    Some(String::from_utf8(bytes).unwrap())
}
