//! What the payment API says: 200 for what it did, and one error document for what it did not.

use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use serde_json::{Value, json};

use crate::sandbox::error::SandboxError;
use crate::sandbox::reply;
use crate::sandbox::writer::Outcome;

/// A no, with the parameter that caused it.
#[derive(Clone, Debug)]
pub(super) struct Decline {
    status: StatusCode,
    kind: &'static str,
    code: Option<&'static str>,
    param: Option<String>,
    message: String,
}

impl Decline {
    /// A parameter that says nothing usable.
    pub(super) fn invalid(param: &str, message: String) -> Self {
        Self {
            status: StatusCode::BAD_REQUEST,
            kind: "invalid_request_error",
            code: None,
            param: Some(param.to_owned()),
            message,
        }
    }

    pub(super) fn coded(code: &'static str, param: &str, message: String) -> Self {
        Self {
            code: Some(code),
            ..Self::invalid(param, message)
        }
    }

    pub(super) fn missing(what: &str, id: &str) -> Self {
        Self {
            status: StatusCode::NOT_FOUND,
            ..Self::coded("resource_missing", "id", format!("No such {what}: '{id}'"))
        }
    }

    fn key_reused() -> Self {
        Self {
            status: StatusCode::BAD_REQUEST,
            kind: "idempotency_error",
            code: None,
            param: None,
            message: "Keys for idempotent requests can only be used with the same parameters they were first used with. Try using a key other than the one you sent if you meant to execute a different request.".to_owned(),
        }
    }

    pub(super) fn status(&self) -> StatusCode {
        self.status
    }

    pub(super) fn document(&self) -> Value {
        json!({"error": {
            "type": self.kind,
            "code": self.code,
            "param": self.param,
            "message": self.message,
        }})
    }
}

pub(super) fn decline(no: &Decline) -> Response {
    reply::text(no.status, no.document().to_string())
}

/// Answers an act: 200 when done, the first answer and its status again for a known key.
pub(super) fn answer(outcome: Result<Outcome, SandboxError>) -> Response {
    match outcome {
        Ok(Outcome::Done { body }) => reply::text(StatusCode::OK, body),
        Ok(Outcome::Declined { status, body }) => reply::text(status, body),
        Ok(Outcome::Replayed { declined, body }) => {
            reply::replayed(reply::text(declined.unwrap_or(StatusCode::OK), body))
        }
        Ok(Outcome::KeyTaken) => decline(&Decline::key_reused()),
        Err(error) => error.into_response(),
    }
}
