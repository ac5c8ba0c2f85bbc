//! The request an effect will send, exactly: what is digested, shown, and sent.

use serde::{Deserialize, Serialize};

use crate::domain::digest::{Digest, DigestBuilder};

/// An HTTP request before its secrets are resolved.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Request {
    /// `GET`, `POST`, `PUT`, `PATCH` or `DELETE`.
    pub method: String,
    /// Absolute, already percent-encoded.
    pub url: String,
    /// In the order they are sent; names in lower case.
    pub headers: Vec<Header>,
    /// The body's bytes, which are UTF-8 for every body kind a manifest knows.
    pub body: Option<String>,
}

/// One header line.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Header {
    pub name: String,
    pub value: HeaderValue,
}

/// A header's value: text, or a handle whose secret is put in only when the request leaves.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum HeaderValue {
    Text(String),
    /// `prefix` and then the secret of the connector named `connector`.
    Secret {
        prefix: String,
        connector: String,
    },
}

impl Request {
    /// Hashes method, URL, headers with secret handles unresolved, and body bytes.
    pub fn digest(&self) -> Digest {
        let mut digest = DigestBuilder::new("countersign/request/v1")
            .text(&self.method)
            .text(&self.url)
            .number(self.headers.len() as u64);
        for header in &self.headers {
            digest = digest.text(&header.name);
            digest = match &header.value {
                HeaderValue::Text(text) => digest.text("text").text(text),
                HeaderValue::Secret { prefix, connector } => {
                    digest.text("secret").text(prefix).text(connector)
                }
            };
        }
        digest
            .optional(self.body.as_deref().map(str::as_bytes))
            .finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn request(url: &str, body: Option<&str>) -> Request {
        Request {
            method: "POST".to_owned(),
            url: url.to_owned(),
            headers: Vec::new(),
            body: body.map(str::to_owned),
        }
    }

    #[test]
    fn any_changed_part_changes_the_digest() {
        let base = request("http://erp/orders", Some("{}"));
        let mut with_header = base.clone();
        with_header.headers.push(Header {
            name: "x".to_owned(),
            value: HeaderValue::Text("y".to_owned()),
        });
        let others = [
            request("http://erp/order", Some("{}")),
            request("http://erp/orders", Some("")),
            request("http://erp/orders", None),
            with_header,
        ];
        for other in others {
            assert_ne!(base.digest(), other.digest(), "{other:?}");
        }
    }
}
