//! From a tool and its arguments to the exact request: pure, so that what is judged, journaled
//! and sent can be compared byte for byte.

use std::fmt::Write as _;

use serde_json::Value;

use crate::domain::tool::Auth;
use crate::domain::{
    ConnectorUrls, Fields, Header, HeaderValue, IdempotencyKey, Request, canonical_value, limits,
};
use crate::expr::{EvalError, Scope, Template};
use crate::workflow::{BodyTemplate, Tool};

/// Why a request cannot be made.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum RenderError {
    #[error("the connector `{0}` is not configured: add [connectors.{0}] with its base_url")]
    NoConnector(String),
    #[error(transparent)]
    Expression(#[from] EvalError),
    #[error("{place} of {tool} must be text, a number or a boolean")]
    NotText { tool: String, place: String },
    #[error("the request of {tool} is larger than the limit of {limit} bytes")]
    TooLarge { tool: String, limit: usize },
    #[error("the arguments of {tool} have no canonical form: {why}")]
    NotCanonical { tool: String, why: String },
    #[error("the arguments of {tool} are not valid: {problems}")]
    Arguments { tool: String, problems: String },
}

/// Renders `tool` with `arguments`, which are checked against its schema first. `key` is the
/// effect's own where the tool writes; its file may read it.
///
/// # Errors
/// [`RenderError`] says what is missing.
pub fn render(
    tool: &Tool,
    arguments: &Value,
    key: Option<&IdempotencyKey>,
    connectors: &ConnectorUrls,
) -> Result<Request, RenderError> {
    check_arguments(tool, arguments)?;
    let key_text = key.map(|key| Value::String(key.to_string()));
    let mut scope = Scope::new().value("args", arguments);
    if let Some(text) = &key_text {
        scope = scope.value("key", text);
    }
    let request = Request {
        method: tool.manifest.method.as_str().to_owned(),
        url: url(tool, &scope, connectors)?,
        headers: headers(tool, &scope, key)?,
        body: body(tool, &scope)?,
    };
    let body_size = request.body.as_ref().map_or(0, String::len);
    let size = request.url.len().saturating_add(body_size);
    if size > limits::REQUEST_BYTES_MAX {
        return Err(RenderError::TooLarge {
            tool: tool.name.to_string(),
            limit: limits::REQUEST_BYTES_MAX,
        });
    }
    Ok(request)
}

fn check_arguments(tool: &Tool, arguments: &Value) -> Result<(), RenderError> {
    let problems = tool.args.problems(arguments);
    if problems.is_empty() {
        return Ok(());
    }
    let problems: Vec<String> = problems.iter().map(ToString::to_string).collect();
    Err(RenderError::Arguments {
        tool: tool.name.to_string(),
        problems: problems.join("; "),
    })
}

fn url(tool: &Tool, scope: &Scope<'_>, connectors: &ConnectorUrls) -> Result<String, RenderError> {
    let connector = &tool.manifest.connector;
    let base = connectors
        .base_url(connector)
        .ok_or_else(|| RenderError::NoConnector(connector.clone()))?;
    let mut url = base.to_owned();
    url.push_str(&tool.path.render_escaped(scope, percent_encode)?);
    let mut joint = '?';
    for (name, template) in &tool.query {
        let value = text(tool, name, &template.render(scope)?)?;
        url.push(joint);
        url.push_str(&percent_encode(name));
        url.push('=');
        url.push_str(&percent_encode(&value));
        joint = '&';
    }
    Ok(url)
}

fn headers(
    tool: &Tool,
    scope: &Scope<'_>,
    key: Option<&IdempotencyKey>,
) -> Result<Vec<Header>, RenderError> {
    let mut headers = vec![plain("accept", "application/json")];
    match tool.body {
        Some(BodyTemplate::Json(_)) => headers.push(plain("content-type", "application/json")),
        Some(BodyTemplate::Form(_)) => {
            headers.push(plain("content-type", "application/x-www-form-urlencoded"));
        }
        None => {}
    }
    for (name, template) in &tool.headers {
        let value = text(tool, name, &template.render(scope)?)?;
        headers.push(plain(name, &value));
    }
    if let (Some(support), Some(key)) = (&tool.manifest.key, key) {
        headers.push(plain(
            &support.header.to_ascii_lowercase(),
            &key.to_string(),
        ));
    }
    let secret = |prefix: &str| HeaderValue::Secret {
        prefix: prefix.to_owned(),
        connector: tool.manifest.connector.clone(),
    };
    match &tool.manifest.auth {
        Some(Auth::Bearer) => headers.push(Header {
            name: "authorization".to_owned(),
            value: secret("Bearer "),
        }),
        Some(Auth::Header(name)) => headers.push(Header {
            name: name.to_ascii_lowercase(),
            value: secret(""),
        }),
        None => {}
    }
    Ok(headers)
}

fn body(tool: &Tool, scope: &Scope<'_>) -> Result<Option<String>, RenderError> {
    match &tool.body {
        None => Ok(None),
        Some(BodyTemplate::Json(template)) => {
            let value = template.render(scope)?;
            let bytes = canonical_value(&value).map_err(|error| RenderError::NotCanonical {
                tool: tool.name.to_string(),
                why: error.to_string(),
            })?;
            Ok(Some(String::from_utf8_lossy(&bytes).into_owned()))
        }
        Some(BodyTemplate::Form(fields)) => form(tool, fields, scope).map(Some),
    }
}

fn form(
    tool: &Tool,
    fields: &[(String, Template)],
    scope: &Scope<'_>,
) -> Result<String, RenderError> {
    let mut pairs = Vec::with_capacity(fields.len());
    for (name, template) in fields {
        let value = text(tool, name, &template.render(scope)?)?;
        pairs.push(format!(
            "{}={}",
            percent_encode(name),
            percent_encode(&value)
        ));
    }
    Ok(pairs.join("&"))
}

fn text(tool: &Tool, place: &str, value: &Value) -> Result<String, RenderError> {
    match value {
        Value::String(text) => Ok(text.clone()),
        Value::Number(number) => Ok(number.to_string()),
        Value::Bool(flag) => Ok(flag.to_string()),
        Value::Null | Value::Array(_) | Value::Object(_) => Err(RenderError::NotText {
            tool: tool.name.to_string(),
            place: place.to_owned(),
        }),
    }
}

fn plain(name: &str, value: &str) -> Header {
    Header {
        name: name.to_owned(),
        value: HeaderValue::Text(value.to_owned()),
    }
}

/// Encodes everything but RFC 3986 unreserved characters, so that no value can leave its place.
/// The dot is encoded where the value is nothing but dots: `..` would climb.
fn percent_encode(value: &str) -> String {
    let only_dots = !value.is_empty() && value.bytes().all(|byte| byte == b'.');
    let mut encoded = String::with_capacity(value.len());
    for byte in value.bytes() {
        let unreserved = byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'~' | b'.');
        if unreserved && !only_dots {
            encoded.push(char::from(byte));
        } else {
            // Writing to a String cannot fail.
            let _infallible = write!(encoded, "%{byte:02X}");
        }
    }
    encoded
}

/// Makes the arguments of a call: one object of rendered templates.
///
/// # Errors
/// The first expression that gives no value.
pub fn arguments(templates: &[(String, Template)], scope: &Scope<'_>) -> Result<Value, EvalError> {
    let mut fields = Fields::new();
    for (name, template) in templates {
        fields.insert(name.clone(), template.render(scope)?);
    }
    Ok(Value::Object(fields))
}

#[cfg(test)]
mod tests {
    use super::percent_encode;

    #[test]
    fn a_value_cannot_leave_its_place_in_a_url() {
        assert_eq!(
            percent_encode("a/../b?x=1&y#z"),
            "a%2F..%2Fb%3Fx%3D1%26y%23z"
        );
        assert_eq!(percent_encode(".."), "%2E%2E");
        assert_eq!(percent_encode("Côte d'Ivoire"), "C%C3%B4te%20d%27Ivoire");
    }
}
