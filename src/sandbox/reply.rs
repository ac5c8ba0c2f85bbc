//! Answers of the sandbox: JSON, and one shape of error document.

use axum::body::Body;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use serde_json::json;

use super::error::SandboxError;
use super::writer::Outcome;
use crate::domain::limits::SANDBOX_RETRY_AFTER_S;

/// Answers JSON text as it stands.
pub(super) fn text(status: StatusCode, body: String) -> Response {
    let mut response = Response::new(Body::from(body));
    *response.status_mut() = status;
    response.headers_mut().insert(
        header::CONTENT_TYPE,
        HeaderValue::from_static("application/json"),
    );
    response
}

pub(super) fn json<T: Serialize>(status: StatusCode, value: &T) -> Response {
    match serde_json::to_string(value) {
        Ok(body) => text(status, body),
        Err(error) => SandboxError::from(error).into_response(),
    }
}

/// `{"error":{"code","message"}}`.
pub(super) fn error(status: StatusCode, code: &str, message: &str) -> Response {
    text(status, error_document(code, message))
}

pub(super) fn error_document(code: &str, message: &str) -> String {
    json!({"error": {"code": code, "message": message}}).to_string()
}

/// An error document with `Retry-After` in seconds.
pub(super) fn retry_later(status: StatusCode, code: &str, message: &str) -> Response {
    let mut response = error(status, code, message);
    response.headers_mut().insert(
        header::RETRY_AFTER,
        HeaderValue::from(SANDBOX_RETRY_AFTER_S),
    );
    response
}

/// Answers an act: 201 when done, 200 with `idempotent-replayed: true` when it had been.
pub(super) fn outcome(outcome: Result<Outcome, SandboxError>) -> Response {
    match outcome {
        Ok(Outcome::Done { body }) => text(StatusCode::CREATED, body),
        Ok(Outcome::Declined { status, body }) => text(status, body),
        Ok(Outcome::Replayed { declined, body }) => {
            replayed(text(declined.unwrap_or(StatusCode::OK), body))
        }
        Ok(Outcome::KeyTaken) => error(
            StatusCode::UNPROCESSABLE_ENTITY,
            "idempotency_key_reused",
            "this idempotency key was used for another request",
        ),
        Err(error) => error.into_response(),
    }
}

/// Marks an answer as one that was given before.
pub(super) fn replayed(mut response: Response) -> Response {
    response
        .headers_mut()
        .insert("idempotent-replayed", HeaderValue::from_static("true"));
    response
}

impl IntoResponse for SandboxError {
    fn into_response(self) -> Response {
        error(
            StatusCode::INTERNAL_SERVER_ERROR,
            "internal",
            &self.to_string(),
        )
    }
}
