//! The request that leaves: built from the one that was decided on, and read back to prove that
//! it is the same.

use reqwest::header::{HeaderName, HeaderValue as WireValue};
use reqwest::{Body, Method, Url};

use super::connector::Connectors;
use super::secret::Secret;
use crate::domain::limits::REQUEST_BYTES_MAX;
use crate::domain::{Digest, Header, HeaderValue, Request};

/// Headers that the transport writes itself: one from elsewhere could end a request early and
/// begin another inside it.
const TRANSPORT_HEADERS: [&str; 8] = [
    "connection",
    "content-length",
    "expect",
    "host",
    "te",
    "trailer",
    "transfer-encoding",
    "upgrade",
];

/// Why a request cannot be built: a code and a sentence. Nothing was sent.
#[derive(Debug)]
pub(super) struct Unbuilt {
    pub(super) code: &'static str,
    pub(super) why: String,
}

/// A request ready to leave, with what its secrets stand for.
#[derive(Debug)]
pub(super) struct Outgoing {
    pub(super) request: reqwest::Request,
    resolved: Vec<Resolved>,
}

/// One header whose secret was put in.
#[derive(Debug)]
struct Resolved {
    name: HeaderName,
    value: WireValue,
    handle: HeaderValue,
    secret: Secret,
}

impl Outgoing {
    /// Builds the request and puts its secrets in.
    pub(super) fn build(request: &Request, connectors: &Connectors) -> Result<Self, Unbuilt> {
        let method = Method::from_bytes(request.method.as_bytes())
            .map_err(|error| unbuilt("method", &error))?;
        let url = Url::parse(&request.url).map_err(|error| unbuilt("url", &error))?;
        if !matches!(url.scheme(), "http" | "https") || !url.username().is_empty() {
            return Err(Unbuilt {
                code: "url",
                why: "only http and https URLs without a user name are called".to_owned(),
            });
        }
        let mut built = reqwest::Request::new(method, url);
        let mut resolved = Vec::new();
        for header in &request.headers {
            let name = HeaderName::from_bytes(header.name.as_bytes())
                .map_err(|error| unbuilt("header", &error))?;
            if TRANSPORT_HEADERS.contains(&name.as_str()) {
                return Err(Unbuilt {
                    code: "header",
                    why: format!("the header `{name}` is written by the transport alone"),
                });
            }
            let value = match &header.value {
                HeaderValue::Text(text) => {
                    WireValue::from_str(text).map_err(|error| unbuilt("header", &error))?
                }
                HeaderValue::Secret { prefix, connector } => {
                    let secret = find_secret(connectors, connector, &request.url)?;
                    let value = wire_secret(&secret, prefix)?;
                    resolved.push(Resolved {
                        name: name.clone(),
                        value: value.clone(),
                        handle: header.value.clone(),
                        secret,
                    });
                    value
                }
            };
            built.headers_mut().append(name, value);
        }
        if let Some(text) = &request.body {
            if text.len() > REQUEST_BYTES_MAX {
                return Err(Unbuilt {
                    code: "request_too_large",
                    why: format!("the body is larger than {REQUEST_BYTES_MAX} bytes"),
                });
            }
            *built.body_mut() = Some(Body::from(text.clone()));
        }
        Ok(Self {
            request: built,
            resolved,
        })
    }

    /// The digest of what is about to leave, secrets mapped back to their handles.
    ///
    /// None where it has no form that could have been decided on: a body that is no UTF-8, a
    /// header that is no text.
    ///
    /// The transport adds `host`, `content-length` and `accept: */*`; they follow from the
    /// request and are in no digest.
    pub(super) fn digest(&self) -> Option<Digest> {
        let headers = self.request.headers().iter();
        let headers = headers
            .map(|(name, value)| {
                Some(Header {
                    name: name.as_str().to_owned(),
                    value: self.decided(name, value)?,
                })
            })
            .collect::<Option<_>>()?;
        let body = match self.request.body() {
            None => None,
            Some(body) => Some(str::from_utf8(body.as_bytes()?).ok()?.to_owned()),
        };
        let read_back = Request {
            method: self.request.method().as_str().to_owned(),
            url: self.request.url().as_str().to_owned(),
            headers,
            body,
        };
        Some(read_back.digest())
    }

    /// The secrets this request carries, to be kept out of everything that is recorded.
    pub(super) fn secrets(&self) -> Vec<Secret> {
        let secrets = self.resolved.iter();
        secrets.map(|resolved| resolved.secret.clone()).collect()
    }

    fn decided(&self, name: &HeaderName, value: &WireValue) -> Option<HeaderValue> {
        let secret = self
            .resolved
            .iter()
            .find(|resolved| resolved.name == name && resolved.value == value);
        match secret {
            Some(resolved) => Some(resolved.handle.clone()),
            None => value
                .to_str()
                .ok()
                .map(|text| HeaderValue::Text(text.to_owned())),
        }
    }
}

/// Reads the secret of a connector, for a URL of that connector alone.
fn find_secret(connectors: &Connectors, name: &str, url: &str) -> Result<Secret, Unbuilt> {
    let refuse = |why: String| Unbuilt {
        code: "credential",
        why,
    };
    let Some(connector) = connectors.get(name) else {
        return Err(refuse(format!("no connector `{name}` is configured")));
    };
    if !connector.owns(url) {
        return Err(refuse(format!(
            "the URL is not below the base URL of connector `{name}`, whose credential it asks for"
        )));
    }
    match connector.credential() {
        Some(source) => source.resolve().map_err(refuse),
        None => Err(refuse(format!(
            "connector `{name}` has no credential configured"
        ))),
    }
}

fn wire_secret(secret: &Secret, prefix: &str) -> Result<WireValue, Unbuilt> {
    // The cause is left out: it might quote the secret.
    let Ok(mut value) = WireValue::from_str(&secret.after(prefix)) else {
        return Err(Unbuilt {
            code: "credential",
            why: "the credential holds characters no header can carry".to_owned(),
        });
    };
    value.set_sensitive(true);
    Ok(value)
}

fn unbuilt(code: &'static str, error: &dyn std::error::Error) -> Unbuilt {
    Unbuilt {
        code,
        why: error.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use super::super::{Connector, SecretSource};
    use super::*;

    fn request(url: &str) -> Request {
        let header = |name: &str, value| Header {
            name: name.to_owned(),
            value,
        };
        Request {
            method: "POST".to_owned(),
            url: url.to_owned(),
            headers: vec![
                header(
                    "content-type",
                    HeaderValue::Text("application/json".to_owned()),
                ),
                header(
                    "authorization",
                    HeaderValue::Secret {
                        prefix: "Bearer ".to_owned(),
                        connector: "erp".to_owned(),
                    },
                ),
                header("idempotency-key", HeaderValue::Text("k".to_owned())),
            ],
            body: Some("{\"a\":1}".to_owned()),
        }
    }

    fn connectors(secret: &str) -> (tempfile::NamedTempFile, Connectors) {
        let mut file = tempfile::NamedTempFile::new().unwrap();
        file.write_all(secret.as_bytes()).unwrap();
        let source = SecretSource::File(file.path().to_owned());
        let erp = Connector::new("http://erp.test/api", Some(source)).unwrap();
        (file, [("erp", erp)].into_iter().collect())
    }

    #[test]
    fn what_leaves_has_the_digest_of_what_was_decided() {
        let (_file, connectors) = connectors("s3cr3t-token");
        let decided = request("http://erp.test/api/orders?q=1");
        let outgoing = Outgoing::build(&decided, &connectors).unwrap();
        assert_eq!(outgoing.digest(), Some(decided.digest()));
        let sent = outgoing.request.headers().get("authorization").unwrap();
        assert_eq!(sent.to_str().unwrap(), "Bearer s3cr3t-token");
    }

    #[test]
    fn a_changed_secret_changes_no_digest() {
        let decided = request("http://erp.test/api/orders");
        for secret in ["first-token", "second-token"] {
            let (_file, connectors) = connectors(secret);
            let outgoing = Outgoing::build(&decided, &connectors).unwrap();
            assert_eq!(outgoing.digest(), Some(decided.digest()));
        }
    }

    #[test]
    fn what_the_client_would_rewrite_shows_in_the_digest() {
        let (_file, connectors) = connectors("s3cr3t-token");
        let mut decided = request("http://erp.test/api/orders");
        decided.headers.remove(1);
        for url in [
            "http://erp.test/api/orders/../refunds",
            "http://erp.test/api/orders/%2e%2e/refunds",
            "http://ERP.test/api/orders",
            "http://erp.test:80/api/orders",
            "http://erp.test/api/a b",
        ] {
            decided.url = url.to_owned();
            let outgoing = Outgoing::build(&decided, &connectors).unwrap();
            assert_ne!(outgoing.digest(), Some(decided.digest()), "{url}");
        }
    }

    #[test]
    fn a_header_that_frames_the_request_is_refused() {
        let (_file, connectors) = connectors("s3cr3t-token");
        for name in TRANSPORT_HEADERS {
            let mut framed = request("http://erp.test/api");
            framed.headers[0].name = name.to_owned();
            let refused = Outgoing::build(&framed, &connectors).unwrap_err();
            assert_eq!(refused.code, "header", "{name}");
        }
    }

    #[test]
    fn a_credential_leaves_for_its_own_connector_alone() {
        let (_file, connectors) = connectors("s3cr3t-token");
        for url in [
            "http://evil.test/api/orders",
            "http://erp.test/apis",
            "http://erp.test/api@evil.test/",
        ] {
            let refused = Outgoing::build(&request(url), &connectors).unwrap_err();
            assert_eq!(refused.code, "credential", "{url}");
        }
    }

    #[test]
    fn nothing_shows_the_secret() {
        let (_file, connectors) = connectors("s3cr3t-token");
        let outgoing = Outgoing::build(&request("http://erp.test/api"), &connectors).unwrap();
        let shown = format!("{outgoing:?} {connectors:?}");
        assert!(
            shown.contains("authorization") && !shown.contains("s3cr3t"),
            "{shown}"
        );
    }
}
