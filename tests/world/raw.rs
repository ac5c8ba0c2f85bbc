//! A client that shows what a connection really does: answers, cuts and resets.

use std::io::{ErrorKind, Read, Write};
use std::net::TcpStream;
use std::time::Duration;

use countersign::sandbox::Sandbox;
use serde_json::Value;

/// What came back on the wire.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    /// Header lines, lower case names.
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) body: Vec<u8>,
}

/// How a connection ended before a whole answer.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Broken {
    Reset,
    /// Closed after this many bytes of body, of the number announced.
    Closed {
        got: usize,
        announced: usize,
    },
}

impl Answer {
    pub(crate) fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap()
    }

    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        let found = self.headers.iter().find(|(known, _)| known == name);
        found.map(|(_, value)| value.as_str())
    }
}

/// A connection that is kept alive.
pub(crate) struct Client {
    stream: TcpStream,
    host: String,
}

impl Client {
    pub(crate) fn to(url: &str) -> Self {
        let host = url.strip_prefix("http://").unwrap().to_owned();
        let stream = TcpStream::connect(&host).unwrap();
        stream.set_nodelay(true).unwrap();
        stream
            .set_read_timeout(Some(Duration::from_secs(20)))
            .unwrap();
        Self { stream, host }
    }

    pub(crate) fn send(
        &mut self,
        method: &str,
        path: &str,
        key: Option<&str>,
        body: &str,
    ) -> Result<Answer, Broken> {
        let key = key.map_or(String::new(), |key| format!("idempotency-key: {key}\r\n"));
        let request = format!(
            "{method} {path} HTTP/1.1\r\nhost: {}\r\n{key}content-length: {}\r\n\r\n{body}",
            self.host,
            body.len()
        );
        if self.stream.write_all(request.as_bytes()).is_err() {
            return Err(Broken::Reset);
        }
        self.receive()
    }

    fn receive(&mut self) -> Result<Answer, Broken> {
        let mut bytes = Vec::new();
        let mut chunk = [0; 4096];
        loop {
            if let Some(end) = head_end(&bytes) {
                let head = String::from_utf8(bytes[..end].to_vec()).unwrap();
                let (status, headers) = parse_head(&head);
                let length = headers.iter().find(|(name, _)| name == "content-length");
                let announced = length.map_or(0, |(_, value)| value.parse().unwrap());
                let got = bytes.len() - end;
                if got >= announced {
                    let body = bytes[end..].to_vec();
                    return Ok(Answer {
                        status,
                        headers,
                        body,
                    });
                }
                match self.stream.read(&mut chunk) {
                    Ok(0) => return Err(Broken::Closed { got, announced }),
                    Ok(count) => bytes.extend_from_slice(&chunk[..count]),
                    Err(error) => return Err(broken(&error)),
                }
            } else {
                match self.stream.read(&mut chunk) {
                    Ok(0) => {
                        return Err(Broken::Closed {
                            got: 0,
                            announced: 0,
                        });
                    }
                    Ok(count) => bytes.extend_from_slice(&chunk[..count]),
                    Err(error) => return Err(broken(&error)),
                }
            }
        }
    }
}

/// One request over a connection of its own.
pub(crate) fn once(
    sandbox: &Sandbox,
    method: &str,
    path: &str,
    key: Option<&str>,
    body: &str,
) -> Result<Answer, Broken> {
    Client::to(sandbox.url()).send(method, path, key, body)
}

pub(crate) fn get(sandbox: &Sandbox, path: &str) -> Value {
    let answer = once(sandbox, "GET", path, None, "").unwrap();
    assert_eq!(answer.status, 200, "{path}");
    answer.json()
}

pub(crate) fn ledger(sandbox: &Sandbox) -> Vec<Value> {
    get(sandbox, "/_ledger").as_array().unwrap().clone()
}

pub(crate) fn set_fault(sandbox: &Sandbox, fault: &Value) {
    let answer = once(sandbox, "POST", "/_faults", None, &fault.to_string()).unwrap();
    assert_eq!(answer.status, 201, "{:?}", answer.json());
}

/// An order of 7,850.00 USD.
pub(crate) fn order(po_id: &str) -> String {
    serde_json::json!({
        "po_id": po_id, "vendor": "Alpha Tech Systems", "amount": "7850.00", "currency": "USD"
    })
    .to_string()
}

fn head_end(bytes: &[u8]) -> Option<usize> {
    let found = bytes.windows(4).position(|window| window == b"\r\n\r\n");
    found.map(|at| at + 4)
}

fn parse_head(head: &str) -> (u16, Vec<(String, String)>) {
    let mut lines = head.trim_end().split("\r\n");
    let status = lines.next().unwrap().split(' ').nth(1).unwrap();
    let headers = lines
        .map(|line| {
            let (name, value) = line.split_once(':').unwrap();
            (name.to_lowercase(), value.trim().to_owned())
        })
        .collect();
    (status.parse().unwrap(), headers)
}

fn broken(error: &std::io::Error) -> Broken {
    match error.kind() {
        ErrorKind::ConnectionReset => Broken::Reset,
        other => panic!("the connection failed in no way that was asked for: {other}"),
    }
}
