//! What failure messages quote: where a request went, and a little of what came back.

use reqwest::Url;

use crate::domain::is_hidden;
use crate::domain::limits::ANSWER_EXCERPT_CHARS_MAX;

/// `POST 127.0.0.1:8080/erp/orders`: method, host and path. The query may hold what is nobody's
/// business.
pub(super) fn target(method: &str, url: &str) -> String {
    let place = Url::parse(url).map_or_else(
        |_| "a URL that is none".to_owned(),
        |url| {
            let host = url.host_str().unwrap_or_default();
            let port = url
                .port()
                .map(|port| format!(":{port}"))
                .unwrap_or_default();
            format!("{host}{port}{}", url.path())
        },
    );
    visible(&format!("{method} {place}"))
}

/// The start of a body, as text whose hidden characters show.
pub(super) fn excerpt(body: &str) -> String {
    let mut rest = body.chars();
    let start: String = rest.by_ref().take(ANSWER_EXCERPT_CHARS_MAX).collect();
    let more = if rest.next().is_some() { " …" } else { "" };
    format!("{}{more}", visible(&start))
}

/// Writes characters that control, reorder or hide text as `\u{…}`.
fn visible(text: &str) -> String {
    let mut shown = String::with_capacity(text.len());
    for letter in text.chars() {
        match letter {
            '\n' => shown.push_str("\\n"),
            '\r' => shown.push_str("\\r"),
            '\t' => shown.push_str("\\t"),
            hidden if is_hidden(hidden) => shown.extend(hidden.escape_unicode()),
            plain => shown.push(plain),
        }
    }
    shown
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_query_is_left_out() {
        let shown = target("GET", "http://127.0.0.1:80/register/vendors?name=x&token=y");
        assert_eq!(shown, "GET 127.0.0.1/register/vendors");
    }

    #[test]
    fn hostile_text_shows_and_ends() {
        assert_eq!(excerpt("a\u{1b}[2J\u{202e}b\n"), "a\\u{1b}[2J\\u{202e}b\\n");
        assert_eq!(excerpt("a\u{3164}\u{34f}b"), "a\\u{3164}\\u{34f}b");
        let long = excerpt(&"x".repeat(ANSWER_EXCERPT_CHARS_MAX + 1));
        assert_eq!(long.chars().count(), ANSWER_EXCERPT_CHARS_MAX + 2);
    }
}
