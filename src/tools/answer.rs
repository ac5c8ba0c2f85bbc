//! Reads an answer off the wire, never more of it than the limit.

use reqwest::Response;
use reqwest::header::{DATE, HeaderName, RETRY_AFTER};

use super::retry_after;

/// An answer whose status line came in full.
#[derive(Debug)]
pub(super) struct Answered {
    pub(super) status: u16,
    /// The target's wish, in milliseconds.
    pub(super) retry_after_ms: Option<i64>,
    pub(super) body: AnswerBody,
}

/// How much of the body came.
#[derive(Debug)]
pub(super) enum AnswerBody {
    Whole(Vec<u8>),
    /// Reading stopped at the limit.
    TooLarge,
    /// The connection ended first.
    CutShort(reqwest::Error),
}

/// Reads the whole answer, or up to `bytes_max` of its body.
pub(super) async fn read(mut response: Response, bytes_max: usize) -> Answered {
    let wish = retry_after::wish_ms(text(&response, &RETRY_AFTER), text(&response, &DATE));
    Answered {
        status: response.status().as_u16(),
        retry_after_ms: wish,
        body: read_body(&mut response, bytes_max).await,
    }
}

async fn read_body(response: &mut Response, bytes_max: usize) -> AnswerBody {
    let limit = u64::try_from(bytes_max).unwrap_or(u64::MAX);
    if response
        .content_length()
        .is_some_and(|length| length > limit)
    {
        return AnswerBody::TooLarge;
    }
    let mut bytes = Vec::new();
    loop {
        match response.chunk().await {
            Ok(Some(chunk)) if chunk.len() > bytes_max.saturating_sub(bytes.len()) => {
                return AnswerBody::TooLarge;
            }
            Ok(Some(chunk)) => bytes.extend_from_slice(&chunk),
            Ok(None) => return AnswerBody::Whole(bytes),
            Err(error) => return AnswerBody::CutShort(error),
        }
    }
}

fn text<'a>(response: &'a Response, name: &HeaderName) -> Option<&'a str> {
    response.headers().get(name)?.to_str().ok()
}
