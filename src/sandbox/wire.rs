//! Connections that can be broken on purpose.
//!
//! A fault that breaks a connection is decided while a request is handled, but happens below
//! HTTP. The handler leaves the connection's [`Fate`] on its [`Line`]; the [`Wire`] under the
//! HTTP server reads it when the answer's bytes arrive:
//!
//! | fate | answer bytes | then |
//! |---|---|---|
//! | `Answer` | sent | the connection stays |
//! | `Reset` | none sent | TCP RST |
//! | `Cut` | sent but for the last ones | the connection is closed |

use std::io;
use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll, ready};
use std::time::Duration;

use axum::extract::connect_info::Connected;
use axum::serve::{IncomingStream, Listener};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use crate::domain::limits::SANDBOX_CONNECTIONS_MAX;

/// How long a door that could not open waits: out of file handles is over soon, or never.
const ACCEPT_AGAIN: Duration = Duration::from_millis(50);

/// What becomes of the answer that is about to be written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Fate {
    #[default]
    Answer,
    Reset,
    /// Leaves out this many bytes at the end.
    Cut {
        last: usize,
    },
}

/// The handler's end of a connection.
#[derive(Clone, Debug, Default)]
pub(super) struct Line(Arc<Mutex<Fate>>);

impl Line {
    pub(super) fn set(&self, fate: Fate) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = fate;
    }

    fn fate(&self) -> Fate {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Connected<IncomingStream<'_, Door>> for Line {
    fn connect_info(stream: IncomingStream<'_, Door>) -> Self {
        stream.io().line.clone()
    }
}

/// Accepts connections, never more than the limit at one time.
#[derive(Debug)]
pub(super) struct Door {
    listener: TcpListener,
    places: Arc<Semaphore>,
}

impl Door {
    pub(super) fn new(listener: TcpListener) -> Self {
        Self {
            listener,
            places: Arc::new(Semaphore::new(SANDBOX_CONNECTIONS_MAX)),
        }
    }
}

impl Listener for Door {
    type Io = Wire;
    type Addr = SocketAddr;

    async fn accept(&mut self) -> (Wire, SocketAddr) {
        loop {
            // The semaphore is never closed; were it, connections would go uncounted.
            let place = Arc::clone(&self.places).acquire_owned().await.ok();
            match self.listener.accept().await {
                // Small answers leave at once. A socket that cannot say so only answers later.
                Ok((stream, address)) => {
                    stream.set_nodelay(true).ok();
                    return (Wire::new(stream, place), address);
                }
                Err(_) => tokio::time::sleep(ACCEPT_AGAIN).await,
            }
        }
    }

    fn local_addr(&self) -> io::Result<SocketAddr> {
        self.listener.local_addr()
    }
}

/// A connection that carries its own fate.
#[derive(Debug)]
pub(super) struct Wire {
    stream: TcpStream,
    line: Line,
    /// The answer, held back whole until it is flushed, where it is to be cut.
    held: Vec<u8>,
    sent: usize,
    _place: Option<OwnedSemaphorePermit>,
}

impl Wire {
    fn new(stream: TcpStream, place: Option<OwnedSemaphorePermit>) -> Self {
        Self {
            stream,
            line: Line::default(),
            held: Vec::new(),
            sent: 0,
            _place: place,
        }
    }

    /// Makes the close that follows a reset instead of a farewell.
    fn reset(&self) -> io::Error {
        match self.stream.set_zero_linger() {
            Ok(()) => io::Error::from(io::ErrorKind::ConnectionReset),
            Err(error) => error,
        }
    }

    fn send_all_but(&mut self, last: usize, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        let end = self.held.len().saturating_sub(last);
        while let Some(rest) = self
            .held
            .get(self.sent..end)
            .filter(|rest| !rest.is_empty())
        {
            self.sent += ready!(Pin::new(&mut self.stream).poll_write(context, rest))?;
        }
        Poll::Ready(Err(io::Error::from(io::ErrorKind::ConnectionAborted)))
    }
}

impl AsyncRead for Wire {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_read(context, buffer)
    }
}

impl AsyncWrite for Wire {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        match self.line.fate() {
            Fate::Answer => Pin::new(&mut self.stream).poll_write(context, bytes),
            Fate::Reset => Poll::Ready(Err(self.reset())),
            Fate::Cut { .. } => {
                self.held.extend_from_slice(bytes);
                Poll::Ready(Ok(bytes.len()))
            }
        }
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        match self.line.fate() {
            Fate::Answer => Pin::new(&mut self.stream).poll_flush(context),
            Fate::Reset => Poll::Ready(Err(self.reset())),
            Fate::Cut { last } if !self.held.is_empty() => self.send_all_but(last, context),
            Fate::Cut { .. } => Poll::Ready(Ok(())),
        }
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(context)
    }
}
