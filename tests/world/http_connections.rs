//! Which connection a call takes, and what a connection that fails means.

use std::net::TcpListener;
use std::process::Command;
use std::time::Instant;

use countersign::engine::FailureClass;

use crate::calls::{
    adapter, call, failure, get, keyed_write, keyless_write, post, read, with_timeout,
};
use crate::scripted::{Reply, Scripted, answer};

fn ok() -> Reply {
    Reply::Send(answer("200 OK", "{}"))
}

#[tokio::test]
async fn reads_and_keyed_writes_share_a_connection() {
    let target = Scripted::start(vec![ok(); 4]);
    let tools = adapter();
    let (url, key) = (target.url("/act"), [("idempotency-key", "k")]);
    for _ in 0..2 {
        call(&tools, &keyed_write(), &post(&url, &key, "{}"))
            .await
            .unwrap();
        call(&tools, &read(), &get(&url)).await.unwrap();
    }
    assert_eq!((target.requests().len(), target.connections()), (4, 1));
}

#[tokio::test]
async fn a_write_without_a_key_has_a_connection_of_its_own() {
    let target = Scripted::start(vec![ok(); 3]);
    let tools = adapter();
    for _ in 0..3 {
        call(
            &tools,
            &keyless_write(),
            &post(&target.url("/act"), &[], "{}"),
        )
        .await
        .unwrap();
    }
    assert_eq!((target.requests().len(), target.connections()), (3, 3));
}

#[tokio::test]
async fn a_connection_closed_while_idle_makes_no_write_without_a_key_unknown() {
    // The target answers as if it kept the connection, and closes it.
    let stale = Reply::SendAndClose(answer("200 OK", "{}"));
    let target = Scripted::start(vec![stale; 20]);
    let tools = adapter();
    for number in 0..20 {
        let outcome = call(
            &tools,
            &keyless_write(),
            &post(&target.url("/act"), &[], "{}"),
        )
        .await;
        assert!(outcome.is_ok(), "{number}: {outcome:?}");
        target.wait_closed(number + 1);
    }
    assert_eq!(target.connections(), 20);
}

#[tokio::test]
async fn a_write_is_never_sent_twice_by_the_client() {
    let target = Scripted::start(vec![ok(), Reply::Close, ok()]);
    let tools = adapter();
    let request = post(&target.url("/act"), &[("idempotency-key", "k")], "{}");
    call(&tools, &keyed_write(), &request).await.unwrap();
    let failed = failure(&tools, &keyed_write(), &request).await;
    assert_eq!(
        (failed.class, failed.code.as_str()),
        (FailureClass::Unknown, "reset")
    );
    assert_eq!(target.requests().len(), 2);
}

#[tokio::test]
async fn no_connection_is_safe() {
    let free = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = free.local_addr().unwrap();
    drop(free);
    let request = post(&format!("http://{address}/act"), &[], "{}");
    let failed = failure(&adapter(), &keyless_write(), &request).await;
    assert_eq!(
        (failed.class, failed.code.as_str()),
        (FailureClass::Safe, "connect")
    );
}

#[tokio::test]
async fn a_failed_tls_handshake_is_safe() {
    // The target speaks plain HTTP: it never gets the request, only a client hello.
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("https://{}/act", listener.local_addr().unwrap());
    let target = std::thread::spawn(move || {
        use std::io::{Read, Write};
        let (mut stream, _) = listener.accept().unwrap();
        let mut hello = [0; 4096];
        let count = stream.read(&mut hello).unwrap();
        stream
            .write_all(b"HTTP/1.1 400 Bad Request\r\n\r\n")
            .unwrap();
        hello[..count].to_vec()
    });
    let failed = failure(&adapter(), &keyless_write(), &post(&url, &[], "the-body")).await;
    assert_eq!(
        (failed.class, failed.code.as_str()),
        (FailureClass::Safe, "connect"),
        "{failed:?}"
    );
    let received = target.join().unwrap();
    assert!(!received.windows(8).any(|window| window == b"the-body"));
}

#[tokio::test]
async fn silence_is_unknown_at_the_deadline() {
    let target = Scripted::start(vec![Reply::Silence]);
    let tool = with_timeout(keyed_write(), 200);
    let start = Instant::now();
    let failed = failure(&adapter(), &tool, &post(&target.url("/act"), &[], "{}")).await;
    assert_eq!(
        (failed.class, failed.code.as_str()),
        (FailureClass::Unknown, "timeout")
    );
    assert!(
        (200..5_000).contains(&start.elapsed().as_millis()),
        "{:?}",
        start.elapsed()
    );
    assert_eq!(target.requests().len(), 1);
}

#[tokio::test]
async fn the_deadline_covers_the_body_too() {
    let head = "HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\n{".to_owned();
    let target = Scripted::start(vec![Reply::Send(head)]);
    let tool = with_timeout(keyed_write(), 200);
    let failed = failure(&adapter(), &tool, &post(&target.url("/act"), &[], "{}")).await;
    assert_eq!(
        (failed.class, failed.code.as_str()),
        (FailureClass::Unknown, "timeout")
    );
}

/// Where the child of the next test is told to call.
const TARGET: &str = "COUNTERSIGN_TEST_TARGET";

#[test]
fn a_proxy_in_the_environment_is_ignored() {
    let (target, proxy) = (Scripted::start(vec![ok()]), Scripted::start(vec![ok()]));
    let mut child = Command::new(std::env::current_exe().unwrap());
    child.args([
        "--ignored",
        "--exact",
        "http_connections::call_the_target_of_the_parent",
    ]);
    for name in [
        "http_proxy",
        "HTTP_PROXY",
        "https_proxy",
        "all_proxy",
        "ALL_PROXY",
    ] {
        child.env(name, proxy.url(""));
    }
    let output = child.env(TARGET, target.url("/act")).output().unwrap();
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stdout)
    );
    assert_eq!((target.connections(), proxy.connections()), (1, 0));
}

#[tokio::test]
#[ignore = "the child process of the test above"]
async fn call_the_target_of_the_parent() {
    let url = std::env::var(TARGET).unwrap();
    call(&adapter(), &read(), &get(&url)).await.unwrap();
}
