//! What each answer means, from targets that are not the sandbox.

use countersign::engine::{CallFailure, FailureClass};
use countersign::workflow::Tool;
use serde_json::json;

use crate::calls::{adapter, call, failure, get, keyed_write, post, read, schema};
use crate::scripted::{Reply, Scripted, answer, answer_with};

/// One call to a target that sends this and closes.
async fn answered(tool: &Tool, bytes: String) -> CallFailure {
    let target = Scripted::start(vec![Reply::SendAndClose(bytes)]);
    let url = target.url("/act?token=in-the-query");
    let failed = if tool.is_write() {
        failure(&adapter(), tool, &post(&url, &[], "{}")).await
    } else {
        failure(&adapter(), tool, &get(&url)).await
    };
    assert!(
        !failed.message.contains("in-the-query"),
        "{}",
        failed.message
    );
    assert_eq!(target.requests().len(), 1);
    failed
}

#[tokio::test]
async fn every_status_has_its_class() {
    use FailureClass::{Refused, Safe, Unknown};
    for (status, of_a_write, of_a_read) in [
        ("300 Multiple Choices", Unknown, Refused),
        ("304 Not Modified", Unknown, Refused),
        ("400 Bad Request", Refused, Refused),
        ("401 Unauthorized", Refused, Refused),
        ("404 Not Found", Refused, Refused),
        ("409 Conflict", Refused, Refused),
        ("422 Unprocessable Content", Refused, Refused),
        ("408 Request Timeout", Unknown, Safe),
        ("425 Too Early", Unknown, Safe),
        ("429 Too Many Requests", Safe, Safe),
        ("500 Internal Server Error", Unknown, Unknown),
        ("502 Bad Gateway", Unknown, Unknown),
        ("503 Service Unavailable", Safe, Safe),
        ("504 Gateway Timeout", Unknown, Unknown),
        ("599 Odd", Unknown, Unknown),
    ] {
        let wrote = answered(&keyed_write(), answer(status, "{}")).await;
        assert_eq!(wrote.class, of_a_write, "write {status}: {wrote:?}");
        let has_read = answered(&read(), answer(status, "{}")).await;
        assert_eq!(has_read.class, of_a_read, "read {status}: {has_read:?}");
    }
}

#[tokio::test]
async fn a_429_the_manifest_does_not_list_is_unknown_for_a_write() {
    let mut tool = keyed_write();
    tool.manifest.nothing_done = vec![503];
    let failed = answered(&tool, answer("429 Too Many Requests", "{}")).await;
    assert_eq!(
        (failed.class, failed.code.as_str()),
        (FailureClass::Unknown, "status_429")
    );
}

#[tokio::test]
async fn a_redirect_is_not_followed_and_leaves_a_write_unknown() {
    let elsewhere = Scripted::start(vec![Reply::Send(answer("200 OK", "{}"))]);
    let location = format!("location: {}", elsewhere.url("/other"));
    for status in [
        "301 Moved",
        "302 Found",
        "303 See Other",
        "307 Temporary",
        "308 Permanent",
    ] {
        let failed = answered(&read(), answer_with(status, &[&location], "")).await;
        assert_eq!(
            (failed.class, failed.code.as_str()),
            (FailureClass::Refused, "redirect")
        );
        let failed = answered(&keyed_write(), answer_with(status, &[&location], "")).await;
        assert_eq!(
            (failed.class, failed.code.as_str()),
            (FailureClass::Unknown, "redirect")
        );
    }
    assert_eq!(elsewhere.connections(), 0);
}

#[tokio::test]
async fn a_body_that_breaks_off_is_unknown_whatever_the_status() {
    for status in [
        "200 OK",
        "201 Created",
        "404 Not Found",
        "503 Service Unavailable",
    ] {
        let cut = format!("HTTP/1.1 {status}\r\ncontent-length: 100\r\n\r\n{{\"half\":");
        let failed = answered(&keyed_write(), cut).await;
        assert_eq!(
            (failed.class, failed.code.as_str()),
            (FailureClass::Unknown, "truncated"),
            "{status}"
        );
        let chunked =
            format!("HTTP/1.1 {status}\r\ntransfer-encoding: chunked\r\n\r\n5\r\n{{\"a\":\r\n");
        let failed = answered(&keyed_write(), chunked).await;
        assert_eq!(
            (failed.class, failed.code.as_str()),
            (FailureClass::Unknown, "truncated"),
            "{status}"
        );
    }
}

#[tokio::test]
async fn an_answer_that_is_no_http_is_unknown() {
    for bytes in [
        "",
        "HTTP/1.1",
        "SSH-2.0-OpenSSH_9.7\r\n",
        "HTTP/1.1 999999 X\r\n\r\n",
    ] {
        let failed = answered(&keyed_write(), bytes.to_owned()).await;
        assert_eq!(
            (failed.class, failed.code.as_str()),
            (FailureClass::Unknown, "reset"),
            "{bytes:?}"
        );
    }
}

#[tokio::test]
async fn a_2xx_that_cannot_be_read_is_unusable() {
    let twice = r#"{"ok":false,"ok":true}"#;
    for body in ["", "<html>", "{\"a\":", "not json", twice] {
        let failed = answered(&keyed_write(), answer("200 OK", body)).await;
        assert_eq!(
            (failed.class, failed.code.as_str()),
            (FailureClass::Unusable, "answer_json"),
            "{body}"
        );
    }
}

#[tokio::test]
async fn a_2xx_that_misses_the_schema_is_unusable_and_says_where() {
    let mut tool = keyed_write();
    tool.output = schema(&json!({
        "type": "object", "required": ["order_id"],
        "properties": {"order_id": {"type": "string"}}
    }));
    for body in ["{}", "[]", "{\"order_id\": 7}", "{\"error\": \"no\"}"] {
        let failed = answered(&tool, answer("200 OK", body)).await;
        assert_eq!(
            (failed.class, failed.code.as_str()),
            (FailureClass::Unusable, "answer_schema"),
            "{body}"
        );
        assert!(failed.message.contains("target.act"), "{}", failed.message);
    }
}

#[tokio::test]
async fn an_answer_without_content_is_null() {
    let target = Scripted::start(vec![Reply::Send(
        "HTTP/1.1 204 No Content\r\n\r\n".to_owned(),
    )]);
    let mut tool = keyed_write();
    tool.output = schema(&json!({"type": "null"}));
    let answer = call(&adapter(), &tool, &post(&target.url("/act"), &[], "{}")).await;
    assert_eq!(answer.unwrap().output, json!(null));
}

#[tokio::test]
async fn an_oversized_answer_is_cut_at_the_limit() {
    let mut tool = keyed_write();
    tool.manifest.answer_bytes_max = Some(64);
    let fits = format!("{{\"a\":\"{}\"}}", "x".repeat(56));
    assert_eq!(fits.len(), 64);
    let target = Scripted::start(vec![Reply::Send(answer("200 OK", &fits))]);
    call(&adapter(), &tool, &post(&target.url("/act"), &[], "{}"))
        .await
        .unwrap();
    // Announced, and unannounced without an end: only the limit can stop the reading.
    let endless = "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n";
    let chunk = format!("40\r\n{}\r\n", "x".repeat(64));
    for bytes in [
        "HTTP/1.1 200 OK\r\ncontent-length: 65\r\n\r\n".to_owned(),
        format!("{endless}{chunk}{chunk}"),
    ] {
        let target = Scripted::start(vec![Reply::Send(bytes)]);
        let failed = failure(&adapter(), &tool, &post(&target.url("/act"), &[], "{}")).await;
        assert_eq!(
            (failed.class, failed.code.as_str()),
            (FailureClass::Unusable, "answer_too_large")
        );
    }
    let refused = answered(&tool, answer("400 Bad Request", &"x".repeat(65))).await;
    assert_eq!(
        (refused.class, refused.code.as_str()),
        (FailureClass::Unknown, "answer_too_large")
    );
}

#[tokio::test]
async fn a_wish_to_wait_is_handed_on() {
    let wish = |lines: &[&str]| answer_with("503 Service Unavailable", lines, "");
    let seconds = answered(&keyed_write(), wish(&["retry-after: 7"])).await;
    assert_eq!(seconds.retry_after_ms, Some(7_000));
    let date = "retry-after: Sun, 06 Nov 1994 12:00:09 GMT";
    let dated = answered(
        &keyed_write(),
        wish(&[date, "date: Sun, 06 Nov 1994 12:00:00 GMT"]),
    )
    .await;
    assert_eq!(dated.retry_after_ms, Some(9_000));
    let dateless = answered(&keyed_write(), wish(&[date])).await;
    assert_eq!(dateless.retry_after_ms, None);
}

#[tokio::test]
async fn hostile_text_in_an_answer_is_shown_escaped_and_short() {
    let body = format!("\u{1b}[2J\u{202e}{}", "y".repeat(10_000));
    let failed = answered(&keyed_write(), answer("400 Bad Request", &body)).await;
    let message = failed.message;
    assert!(message.contains("\\u{1b}[2J\\u{202e}yyy"), "{message}");
    assert!(!message.chars().any(char::is_control), "{message:?}");
    assert!(message.chars().count() < 500, "{}", message.len());
}
