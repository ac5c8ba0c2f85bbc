//! Stands between the program and the sandbox, passes bytes on, and keeps a log of its own: what
//! was sent, under which key, and what the program was answered. A reset and an answer that is cut
//! are passed on as they are.

use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use serde_json::Value;
use tokio::io::AsyncWriteExt as _;
use tokio::net::{TcpListener, TcpStream};
use tokio::runtime::{Builder, Runtime};
use tokio::sync::oneshot;

use crate::faults::http::{Came, Message, receive, send};
use crate::support::Outcome;
use crate::support::machine::Stopwatch;

/// How it treats what it passes on. Every manner but the first breaks an invariant on purpose.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Manner {
    #[default]
    Faithful,
    /// Takes the idempotency keys away, and the history of a deal: the target acts on every
    /// request, and tells nobody.
    ForgetsKeys,
    /// Answers one in so many writes itself, as if it had been done.
    Lies { one_in: usize },
    /// Passes every write on twice.
    Doubles,
}

/// Where a write is held.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Point {
    /// It has arrived, and the target has not seen it.
    Arrived,
    /// The target has acted, and the program has not been told.
    Acted,
}

/// One request, as it arrived.
#[derive(Clone, Debug)]
pub(crate) struct Exchange {
    /// Milliseconds since the go-between began.
    pub(crate) at_ms: f64,
    pub(crate) method: String,
    pub(crate) path: String,
    pub(crate) key: Option<String>,
    pub(crate) body: String,
    /// The answer's status, where the program got a whole answer.
    pub(crate) status: Option<u16>,
    pub(crate) answer: String,
}

impl Exchange {
    pub(crate) fn is_write(&self) -> bool {
        self.method != "GET"
    }
}

/// A write that stops until the bench lets it go.
pub(crate) struct Hold {
    stopped: Receiver<()>,
    release: oneshot::Sender<()>,
}

impl Hold {
    /// Waits until a write stands there; false where none came.
    pub(crate) fn wait(&self, patience: Duration) -> bool {
        self.stopped.recv_timeout(patience).is_ok()
    }

    /// Lets it go into nothing: neither target nor program hears more of it.
    pub(crate) fn release(self) {
        // The connection may be gone already, with the process that opened it.
        self.release.send(()).ok();
    }
}

struct Stop {
    /// Writes that pass before one is stopped.
    others: usize,
    point: Point,
    stopped: SyncSender<()>,
    released: oneshot::Receiver<()>,
}

struct Inner {
    target: String,
    manner: Mutex<Manner>,
    stop: Mutex<Option<Stop>>,
    log: Mutex<Vec<Exchange>>,
    since: Stopwatch,
}

pub(crate) struct GoBetween {
    pub(crate) address: String,
    inner: Arc<Inner>,
    _runtime: Runtime,
}

impl GoBetween {
    /// Listens on a free port and passes on to `target`.
    pub(crate) fn start(target: &str) -> Outcome<Self> {
        let runtime = Builder::new_multi_thread()
            .worker_threads(1)
            .enable_all()
            .build()?;
        let listener = runtime.block_on(TcpListener::bind("127.0.0.1:0"))?;
        let address = listener.local_addr()?.to_string();
        let inner = Arc::new(Inner {
            target: target.to_owned(),
            manner: Mutex::default(),
            stop: Mutex::default(),
            log: Mutex::default(),
            since: Stopwatch::start(),
        });
        runtime.spawn(accept(listener, Arc::clone(&inner)));
        Ok(Self {
            address,
            inner,
            _runtime: runtime,
        })
    }

    pub(crate) fn behave(&self, manner: Manner) {
        *lock(&self.inner.manner) = manner;
    }

    /// Stops the next write at this point.
    pub(crate) fn hold_next(&self, point: Point) -> Hold {
        self.hold_after(0, point)
    }

    /// Stops the write that follows after so many others.
    pub(crate) fn hold_after(&self, others: usize, point: Point) -> Hold {
        let (stopped, on_stopped) = sync_channel(1);
        let (release, released) = oneshot::channel();
        *lock(&self.inner.stop) = Some(Stop {
            others,
            point,
            stopped,
            released,
        });
        Hold {
            stopped: on_stopped,
            release,
        }
    }

    /// What was asked for so far, in the order of arrival.
    pub(crate) fn log(&self) -> Vec<Exchange> {
        lock(&self.inner.log).clone()
    }

    pub(crate) fn now_ms(&self) -> f64 {
        self.inner.since.ms()
    }
}

async fn accept(listener: TcpListener, inner: Arc<Inner>) {
    while let Ok((client, _)) = listener.accept().await {
        let inner = Arc::clone(&inner);
        tokio::spawn(async move {
            // The error of one connection is that connection's end; the log has what came of it.
            inner.pass(client).await.ok();
        });
    }
}

impl Inner {
    /// Passes the requests of one connection on, over one connection to the target.
    async fn pass(&self, mut client: TcpStream) -> std::io::Result<()> {
        client.set_nodelay(true)?;
        let mut target = TcpStream::connect(&self.target).await?;
        target.set_nodelay(true)?;
        while let Came::Whole(request) = receive(&mut client).await {
            let (number, lie) = self.arrived(&request);
            if let Some(answer) = lie {
                send(&mut client, &answer.bytes()).await?;
                self.answered(number, &answer);
                continue;
            }
            if self.stopped_at(Point::Arrived, &request).await {
                return Ok(());
            }
            let came = self.asked(&mut target, request.clone()).await?;
            if self.stopped_at(Point::Acted, &request).await {
                return Ok(());
            }
            match came {
                Came::Whole(answer) => {
                    self.answered(number, &answer);
                    send(&mut client, &answer.bytes()).await?;
                    if request.head.contains(" HTTP/1.0") {
                        return client.shutdown().await;
                    }
                }
                Came::Cut(answer) => {
                    send(&mut client, &answer.bytes()).await?;
                    return client.shutdown().await;
                }
                Came::Nothing => return client.shutdown().await,
                Came::Reset => return client.set_zero_linger(),
            }
        }
        Ok(())
    }

    async fn asked(&self, target: &mut TcpStream, request: Message) -> std::io::Result<Came> {
        let (method, _) = request.first_words();
        let write = method != "GET";
        let manner = *lock(&self.manner);
        let request = match manner {
            Manner::ForgetsKeys => request.without("idempotency-key"),
            Manner::Doubles if write => {
                let request = request.without("idempotency-key");
                send(target, &request.bytes()).await?;
                receive(target).await;
                request
            }
            Manner::Faithful | Manner::Lies { .. } | Manner::Doubles => request,
        };
        send(target, &request.bytes()).await?;
        let came = receive(target).await;
        Ok(match came {
            Came::Whole(answer) if manner == Manner::ForgetsKeys && !write => {
                Came::Whole(without_history(answer))
            }
            came => came,
        })
    }

    /// Writes a request down; answers its number, and the lie it is told where that is its turn.
    fn arrived(&self, request: &Message) -> (usize, Option<Message>) {
        let (method, path) = request.first_words();
        let body = String::from_utf8_lossy(&request.body).into_owned();
        let mut log = lock(&self.log);
        let number = log.len();
        log.push(Exchange {
            at_ms: self.since.ms(),
            method: method.to_owned(),
            path: path.to_owned(),
            key: request.header("idempotency-key").map(str::to_owned),
            body: body.clone(),
            status: None,
            answer: String::new(),
        });
        let lies = match *lock(&self.manner) {
            Manner::Lies { one_in } => method != "GET" && number.is_multiple_of(one_in),
            Manner::Faithful | Manner::ForgetsKeys | Manner::Doubles => false,
        };
        (number, lies.then(|| as_if_done(&body)))
    }

    fn answered(&self, number: usize, answer: &Message) {
        let (_, status) = answer.first_words();
        if let Some(exchange) = lock(&self.log).get_mut(number) {
            exchange.status = status.parse().ok();
            exchange.answer = String::from_utf8_lossy(&answer.body).into_owned();
        }
    }

    /// Holds a write there if one is to be held; true once it was.
    async fn stopped_at(&self, point: Point, request: &Message) -> bool {
        let (method, _) = request.first_words();
        let stop = {
            let mut slot = lock(&self.stop);
            match slot.as_mut() {
                Some(stop) if method != "GET" && stop.point == point => {
                    if stop.others == 0 {
                        slot.take()
                    } else {
                        stop.others -= 1;
                        None
                    }
                }
                Some(_) | None => None,
            }
        };
        let Some(stop) = stop else { return false };
        // A bench that waits no more has let go of both ends.
        stop.stopped.send(()).ok();
        stop.released.await.ok();
        true
    }
}

/// The same answer as if the deal had never been updated; others stay as they are.
fn without_history(answer: Message) -> Message {
    let Ok(mut deal) = serde_json::from_slice::<Value>(&answer.body) else {
        return answer;
    };
    let Some(history) = deal.get_mut("history") else {
        return answer;
    };
    *history = Value::Array(Vec::new());
    let body = deal.to_string().into_bytes();
    let mut answer = answer.without("content-length");
    answer.head = format!("{}\r\ncontent-length: {}", answer.head, body.len());
    Message { body, ..answer }
}

/// What an ERP that made the order would answer.
fn as_if_done(order: &str) -> Message {
    let body = match order.rsplit_once('}') {
        Some((fields, _)) => format!(r#"{fields},"order_id":"ORD-000000"}}"#),
        None => "{}".to_owned(),
    };
    Message {
        head: format!(
            "HTTP/1.1 201 Created\r\ncontent-type: application/json\r\ncontent-length: {}",
            body.len()
        ),
        body: body.into_bytes(),
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
