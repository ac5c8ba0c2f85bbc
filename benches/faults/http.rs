//! One HTTP message at a time, over a connection that is read byte by byte: enough to stand
//! between the program and the sandbox, and to ask the sandbox for its ledger.

use std::io::{self, Read as _, Write as _};
use std::net::TcpStream as StdStream;

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

use crate::support::Outcome;

/// A request or an answer, as it came.
#[derive(Clone, Debug, Default)]
pub(crate) struct Message {
    /// Its first line and its headers, without the empty line.
    pub(crate) head: String,
    pub(crate) body: Vec<u8>,
}

/// How a message ended.
#[derive(Debug)]
pub(crate) enum Came {
    Whole(Message),
    /// The connection ended in the middle of it.
    Cut(Message),
    /// The connection was closed before its first byte.
    Nothing,
    Reset,
}

impl Message {
    /// The value of a header, whose name is given in small letters.
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.head.lines().skip(1).find_map(|line| {
            let (key, value) = line.split_once(':')?;
            key.eq_ignore_ascii_case(name).then(|| value.trim())
        })
    }

    /// Takes a header away.
    pub(crate) fn without(mut self, name: &str) -> Self {
        let kept: Vec<&str> = self
            .head
            .lines()
            .filter(|line| {
                let key = line.split(':').next().unwrap_or_default();
                !key.eq_ignore_ascii_case(name)
            })
            .collect();
        self.head = kept.join("\r\n");
        self
    }

    /// The method and the path of a request, or the protocol and the status of an answer.
    pub(crate) fn first_words(&self) -> (&str, &str) {
        let mut words = self.head.split_ascii_whitespace();
        (
            words.next().unwrap_or_default(),
            words.next().unwrap_or_default(),
        )
    }

    pub(crate) fn bytes(&self) -> Vec<u8> {
        let mut bytes = self.head.clone().into_bytes();
        bytes.extend_from_slice(b"\r\n\r\n");
        bytes.extend_from_slice(&self.body);
        bytes
    }
}

/// Reads a message whose length its head tells.
pub(crate) async fn receive(stream: &mut TcpStream) -> Came {
    let mut bytes = Vec::new();
    let mut end = None;
    loop {
        if let Some((head, length)) = end.or_else(|| head_of(&bytes)) {
            end = Some((head, length));
            if bytes.len() >= head + length {
                return Came::Whole(message(bytes, head));
            }
        }
        match stream.read_buf(&mut bytes).await {
            Ok(0) if bytes.is_empty() => return Came::Nothing,
            Ok(0) => {
                let head = end.map_or(bytes.len(), |(head, _)| head);
                return Came::Cut(message(bytes, head));
            }
            Ok(_) => {}
            Err(_reset) => return Came::Reset,
        }
    }
}

pub(crate) async fn send(stream: &mut TcpStream, bytes: &[u8]) -> io::Result<()> {
    stream.write_all(bytes).await?;
    stream.flush().await
}

/// Asks and answers the body; anything but a good status is an error.
pub(crate) fn ask(address: &str, method: &str, path: &str, body: &str) -> Outcome<String> {
    let mut stream = StdStream::connect(address)?;
    let length = body.len();
    // HTTP/1.0: the answer comes in one piece and ends with the connection.
    write!(
        stream,
        "{method} {path} HTTP/1.0\r\nhost: {address}\r\n\
         content-type: application/json\r\ncontent-length: {length}\r\n\r\n{body}"
    )?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer)?;
    match answer.split_once("\r\n\r\n") {
        Some((head, body)) if head.contains(" 2") => Ok(body.to_owned()),
        _ => Err(format!("{method} {path}: {answer}").into()),
    }
}

/// Where the head ends with its empty line, and how many bytes follow it.
fn head_of(bytes: &[u8]) -> Option<(usize, usize)> {
    let end = bytes.windows(4).position(|four| four == b"\r\n\r\n")? + 4;
    let head = message(bytes.get(..end)?.to_vec(), end);
    let length = head.header("content-length").unwrap_or("0");
    Some((end, length.parse().ok()?))
}

fn message(mut bytes: Vec<u8>, head: usize) -> Message {
    let body = bytes.split_off(head.min(bytes.len()));
    let head = String::from_utf8_lossy(&bytes);
    Message {
        head: head.trim_end().to_owned(),
        body,
    }
}
