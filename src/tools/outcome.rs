//! What an answer means for the effect that asked for it.
//!
//! | came back | write | read |
//! |---|---|---|
//! | a status the manifest lists as "nothing done" | safe | safe |
//! | 2xx, JSON that meets the schema | the answer | the answer |
//! | 2xx, anything else, also JSON in which a name stands twice | unusable | unusable |
//! | 3xx | refused | refused |
//! | 408, 425, 429 | unknown | safe |
//! | another 4xx | refused | refused |
//! | any other status | unknown | unknown |
//! | a body that ends too early, whatever the status | unknown | unknown |
//! | a body over the limit: 2xx, else | unusable, unknown | unusable, unknown |
//!
//! 408, 425 and 429 say nothing about what was done before they were sent, so for a write only
//! the manifest can call them harmless.

use serde_json::Value;

use super::answer::{AnswerBody, Answered};
use super::secret::Secret;
use super::{Answer, Call, CallResult, wording};
use crate::domain::limits::ANSWER_PROBLEMS_SHOWN_MAX;
use crate::domain::unique_json::parse_answer;
use crate::engine::{CallFailure, FailureClass};

/// Answers without content (RFC 9110): their output is `null`.
const NO_CONTENT: [u16; 2] = [204, 205];

/// Judges an answer. `target` names the request in messages; `secrets` are kept out of them and
/// out of the output.
pub(super) fn judge(
    call: &Call<'_>,
    target: &str,
    answered: Answered,
    secrets: &[Secret],
) -> CallResult {
    let status = answered.status;
    let successful = (200..300).contains(&status);
    let body = match answered.body {
        AnswerBody::Whole(body) => body,
        AnswerBody::TooLarge => {
            let class = if successful {
                FailureClass::Unusable
            } else {
                FailureClass::Unknown
            };
            let why = "with more bytes than are accepted";
            return Err(failure(
                class,
                "answer_too_large",
                format!("{target} was answered {status} {why}"),
            ));
        }
        AnswerBody::CutShort(error) => {
            let why = format!(
                "{target} was answered {status}, and the answer broke off: {}",
                cause(error)
            );
            return Err(failure(FailureClass::Unknown, "truncated", why));
        }
    };
    let listed = call.tool.manifest.nothing_done.contains(&status);
    if successful && !listed {
        return accept(call, target, status, &body, secrets);
    }
    let (class, code) = match status {
        _ if listed => (FailureClass::Safe, format!("status_{status}")),
        // A redirect after a write often means that it was done (303), and documents nothing.
        300..400 if call.tool.is_write() => (FailureClass::Unknown, "redirect".to_owned()),
        300..400 => (FailureClass::Refused, "redirect".to_owned()),
        408 | 425 | 429 if call.tool.is_write() => {
            (FailureClass::Unknown, format!("status_{status}"))
        }
        408 | 425 | 429 => (FailureClass::Safe, format!("status_{status}")),
        400..500 => (FailureClass::Refused, format!("status_{status}")),
        _ => (FailureClass::Unknown, format!("status_{status}")),
    };
    let message = format!("{target} was answered {status}{}", quote(&body, secrets));
    Err(CallFailure {
        retry_after_ms: answered.retry_after_ms,
        ..failure(class, &code, message)
    })
}

/// A failure without a wish of the target.
pub(super) fn failure(class: FailureClass, code: &str, message: String) -> CallFailure {
    CallFailure {
        class,
        code: code.to_owned(),
        message,
        retry_after_ms: None,
    }
}

/// The innermost cause of a transport error, which names neither URL nor headers.
pub(super) fn cause(error: reqwest::Error) -> String {
    let error = error.without_url();
    let mut innermost: &dyn std::error::Error = &error;
    while let Some(source) = innermost.source() {
        innermost = source;
    }
    wording::excerpt(&innermost.to_string())
}

/// Reads a successful answer by the tool's schema.
fn accept(
    call: &Call<'_>,
    target: &str,
    status: u16,
    body: &[u8],
    secrets: &[Secret],
) -> CallResult {
    let unusable = |code: &str, why: String| {
        let message = format!("{target} was answered {status}, {why}");
        Err(failure(FailureClass::Unusable, code, message))
    };
    let mut output: Value = if NO_CONTENT.contains(&status) && body.is_empty() {
        Value::Null
    } else {
        match parse_answer(body) {
            Ok(output) => output,
            Err(mut error) => {
                hide(&mut error, secrets);
                let (error, body) = (wording::excerpt(&error), quote(body, secrets));
                let why = format!("which is not JSON that means one thing ({error}){body}");
                return unusable("answer_json", why);
            }
        }
    };
    for secret in secrets {
        secret.hide_in(&mut output);
    }
    let problems = call.tool.output.problems(&output);
    if problems.is_empty() {
        return Ok(Answer { status, output });
    }
    let shown: Vec<_> = problems
        .iter()
        .take(ANSWER_PROBLEMS_SHOWN_MAX)
        .map(|problem| wording::excerpt(&problem.to_string()))
        .collect();
    let why = format!(
        "which is not what {} answers: {}",
        call.tool.name,
        shown.join("; ")
    );
    unusable("answer_schema", why)
}

/// `: ` and the start of a body; nothing where the body is empty.
fn quote(body: &[u8], secrets: &[Secret]) -> String {
    if body.is_empty() {
        return String::new();
    }
    let mut text = String::from_utf8_lossy(body).into_owned();
    hide(&mut text, secrets);
    format!(": {}", wording::excerpt(&text))
}

fn hide(text: &mut String, secrets: &[Secret]) {
    for secret in secrets {
        secret.hide(text);
    }
}
