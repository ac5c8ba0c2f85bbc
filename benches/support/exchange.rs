//! The twin's requests: the same as the engine's, by a plain loop.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use countersign::domain::{HeaderValue, Request};
use tokio::runtime::{Builder, Runtime};

use crate::support::Outcome;
use crate::support::machine::Stopwatch;

/// The same requests under keys of the same length that the sandbox has not seen.
pub(crate) fn renamed(pair: &[Request; 2], mark: &str) -> [Request; 2] {
    pair.clone().map(|mut request| {
        for header in &mut request.headers {
            if let ("idempotency-key", HeaderValue::Text(key)) =
                (header.name.as_str(), &mut header.value)
            {
                let kept: String = key.chars().skip(mark.len()).collect();
                *key = format!("{mark}{kept}");
            }
        }
        request
    })
}

/// Sends every pair, `clients` at a time, each write after its read; seconds.
pub(crate) fn exchange(pairs: &Arc<Vec<[Request; 2]>>, clients: usize) -> Outcome<f64> {
    let runtime = runtime()?;
    let client = reqwest::Client::builder()
        .no_proxy()
        .tls_certs_only(std::iter::empty::<reqwest::Certificate>())
        .build()?;
    let next = Arc::new(AtomicUsize::new(0));
    let watch = Stopwatch::start();
    let tasks: Vec<_> = (0..clients)
        .map(|_| {
            let (client, pairs, next) = (client.clone(), Arc::clone(pairs), Arc::clone(&next));
            runtime.spawn(async move {
                while let Some(pair) = pairs.get(next.fetch_add(1, Ordering::Relaxed)) {
                    for request in pair {
                        send(&client, request).await?;
                    }
                }
                Outcome::Ok(())
            })
        })
        .collect();
    for task in tasks {
        runtime.block_on(task)??;
    }
    Ok(watch.seconds())
}

async fn send(client: &reqwest::Client, request: &Request) -> Outcome<()> {
    let method = reqwest::Method::from_bytes(request.method.as_bytes())?;
    let mut sent = client.request(method, &request.url);
    for header in &request.headers {
        if let HeaderValue::Text(value) = &header.value {
            sent = sent.header(&header.name, value);
        }
    }
    if let Some(body) = &request.body {
        sent = sent.body(body.clone());
    }
    let answer = sent.send().await?.error_for_status()?;
    answer.bytes().await?;
    Ok(())
}

pub(crate) fn runtime() -> Outcome<Runtime> {
    Ok(Builder::new_multi_thread().enable_all().build()?)
}
