//! What leaves is what was decided, and no secret leaves it again.

use std::io::Write;

use countersign::domain::{Digest, Header, HeaderValue, Request};
use countersign::engine::FailureClass;
use countersign::tools::{Call, Connector, HttpTools, SecretSource, Tools};
use serde_json::json;
use tempfile::NamedTempFile;

use crate::calls::{adapter, call, failure, keyed_write, post};
use crate::scripted::{Reply, Scripted, answer};

const SECRET: &str = "s3cr3t-t0ken-of-the-erp";

fn with_credential(target: &Scripted) -> (NamedTempFile, HttpTools, Request) {
    let mut file = NamedTempFile::new().unwrap();
    writeln!(file, "{SECRET}").unwrap();
    let source = SecretSource::File(file.path().to_owned());
    let connector = Connector::new(&target.url(""), Some(source)).unwrap();
    let tools = HttpTools::new([("erp", connector)].into_iter().collect());
    let mut request = post(
        &target.url("/act"),
        &[("content-type", "application/json")],
        "{}",
    );
    request.headers.push(Header {
        name: "authorization".to_owned(),
        value: HeaderValue::Secret {
            prefix: "Bearer ".to_owned(),
            connector: "erp".to_owned(),
        },
    });
    (file, tools, request)
}

#[tokio::test]
async fn method_url_headers_and_body_arrive_as_decided() {
    let target = Scripted::start(vec![Reply::Send(answer("200 OK", "{}"))]);
    let headers = [
        ("content-type", "application/json"),
        ("idempotency-key", "k"),
        ("x-z", "1"),
    ];
    let request = post(
        &target.url("/act/a%2Fb?q=%C3%BC"),
        &headers,
        "{\"vendor\":\"Côte d'Ivoire\"}",
    );
    call(&adapter(), &keyed_write(), &request).await.unwrap();
    let received = target.requests().remove(0);
    assert!(
        received.starts_with("POST /act/a%2Fb?q=%C3%BC HTTP/1.1\r\n"),
        "{received}"
    );
    assert!(
        received.ends_with("\r\n\r\n{\"vendor\":\"Côte d'Ivoire\"}"),
        "{received}"
    );
    let order: Vec<_> = headers
        .iter()
        .map(|(name, value)| received.find(&format!("\r\n{name}: {value}\r\n")).unwrap())
        .collect();
    assert!(order.is_sorted(), "{received}");
}

#[tokio::test]
async fn nothing_is_sent_that_is_not_what_was_recorded() {
    let target = Scripted::start(vec![Reply::Send(answer("200 OK", "{}"))]);
    let (tools, tool) = (adapter(), keyed_write());
    let mut request = post(&target.url("/act"), &[], "{\"amount\":\"7850.00\"}");
    let digest = request.digest();
    request.body = Some("{\"amount\":\"97850.00\"}".to_owned());
    for digest in [digest, Digest::ZERO] {
        let call = Call {
            tool: &tool,
            request: &request,
            digest,
        };
        let failed = tools.call(call).await.unwrap_err();
        assert_eq!(
            (failed.class, failed.code.as_str()),
            (FailureClass::Safe, "digest_mismatch")
        );
    }
    // A URL that the client would rewrite is another request than the recorded one.
    let rewritten = post(&target.url("/act/../other"), &[], "{}");
    let failed = failure(&tools, &tool, &rewritten).await;
    assert_eq!(failed.code, "digest_mismatch");
    assert_eq!(target.connections(), 0);
}

#[tokio::test]
async fn a_secret_arrives_and_is_in_no_failure() {
    let echo = format!("you sent authorization: Bearer {SECRET}");
    let target = Scripted::start(vec![
        Reply::Send(answer("401 Unauthorized", &echo)),
        Reply::Send(answer("500 Oops", &echo)),
        Reply::Send(answer("200 OK", &echo)),
        Reply::Close,
    ]);
    let (_file, tools, request) = with_credential(&target);
    for code in ["status_401", "status_500", "answer_json", "reset"] {
        let failed = failure(&tools, &keyed_write(), &request).await;
        assert_eq!(failed.code, code);
        assert!(!format!("{failed:?}").contains(SECRET), "{failed:?}");
    }
    let received = target.requests();
    assert_eq!(received.len(), 4);
    let sent = format!("\r\nauthorization: Bearer {SECRET}\r\n");
    assert!(
        received.iter().all(|request| request.contains(&sent)),
        "{received:?}"
    );
    assert!(!format!("{tools:?} {request:?}").contains(SECRET));
}

#[tokio::test]
async fn an_echoed_secret_is_taken_out_of_the_output() {
    let echo = json!({"headers": {"authorization": format!("Bearer {SECRET}")}});
    let target = Scripted::start(vec![Reply::Send(answer("200 OK", &echo.to_string()))]);
    let (_file, tools, request) = with_credential(&target);
    let answer = call(&tools, &keyed_write(), &request).await.unwrap();
    assert_eq!(
        answer.output,
        json!({"headers": {"authorization": "Bearer [secret]"}})
    );
}

#[tokio::test]
async fn a_missing_credential_sends_nothing_and_names_its_place() {
    let target = Scripted::start(Vec::new());
    let (file, tools, request) = with_credential(&target);
    let place = file.path().display().to_string();
    drop(file);
    let failed = failure(&tools, &keyed_write(), &request).await;
    assert_eq!(
        (failed.class, failed.code.as_str()),
        (FailureClass::Safe, "credential")
    );
    assert!(failed.message.contains(&place), "{}", failed.message);
    assert_eq!(target.connections(), 0);
}
