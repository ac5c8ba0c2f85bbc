//! Connectors: where the systems live that tools call, and how one is let in.

use std::collections::BTreeMap;

use reqwest::Url;

use super::secret::SecretSource;
use crate::domain::ConnectorUrls;

/// Why a base URL is refused.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ConnectorError {
    #[error("the base URL is none ({why}): write it like https://erp.example.com/api")]
    NotAUrl { why: String },
    #[error("the base URL begins with `{scheme}:`; only http: and https: are called")]
    Scheme { scheme: String },
    #[error("the base URL holds a user name or a password: name a credential instead")]
    UserInfo,
    #[error("the base URL holds a query or a fragment: end it with its path")]
    Query,
}

/// One outside system.
#[derive(Clone, Debug)]
pub struct Connector {
    base_url: String,
    credential: Option<SecretSource>,
}

impl Connector {
    /// Checks the base URL and puts it into its normal form, without a slash at the end.
    pub fn new(base_url: &str, credential: Option<SecretSource>) -> Result<Self, ConnectorError> {
        let url = Url::parse(base_url).map_err(|error| ConnectorError::NotAUrl {
            why: error.to_string(),
        })?;
        if !matches!(url.scheme(), "http" | "https") {
            return Err(ConnectorError::Scheme {
                scheme: url.scheme().to_owned(),
            });
        }
        if !url.username().is_empty() || url.password().is_some() {
            return Err(ConnectorError::UserInfo);
        }
        if url.query().is_some() || url.fragment().is_some() {
            return Err(ConnectorError::Query);
        }
        Ok(Self {
            base_url: url.as_str().trim_end_matches('/').to_owned(),
            credential,
        })
    }

    pub fn base_url(&self) -> &str {
        &self.base_url
    }

    pub fn credential(&self) -> Option<&SecretSource> {
        self.credential.as_ref()
    }

    /// Whether `url` lies below the base URL: a credential is sent nowhere else.
    pub(super) fn owns(&self, url: &str) -> bool {
        url.strip_prefix(&self.base_url)
            .is_some_and(|rest| rest.is_empty() || rest.starts_with(['/', '?']))
    }
}

/// All connectors, by name.
#[derive(Clone, Debug, Default)]
pub struct Connectors(BTreeMap<String, Connector>);

impl Connectors {
    pub fn get(&self, name: &str) -> Option<&Connector> {
        self.0.get(name)
    }

    pub fn iter(&self) -> impl Iterator<Item = (&str, &Connector)> {
        self.0
            .iter()
            .map(|(name, connector)| (name.as_str(), connector))
    }

    /// The part that renders requests.
    pub fn urls(&self) -> ConnectorUrls {
        self.iter()
            .map(|(name, connector)| (name, connector.base_url()))
            .collect()
    }
}

impl<N: Into<String>> FromIterator<(N, Connector)> for Connectors {
    fn from_iter<I: IntoIterator<Item = (N, Connector)>>(connectors: I) -> Self {
        let named = connectors.into_iter();
        Self(
            named
                .map(|(name, connector)| (name.into(), connector))
                .collect(),
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_base_url_is_kept_in_its_normal_form() {
        for (written, kept) in [
            ("http://127.0.0.1:8080", "http://127.0.0.1:8080"),
            (
                "HTTPS://ERP.Example.com:443/api/",
                "https://erp.example.com/api",
            ),
            ("http://[::1]:9/", "http://[::1]:9"),
        ] {
            let connector = Connector::new(written, None).unwrap();
            assert_eq!(connector.base_url(), kept);
        }
    }

    #[test]
    fn what_could_hide_a_secret_or_another_protocol_is_refused() {
        let refused = |url| Connector::new(url, None).unwrap_err();
        assert!(matches!(refused("erp"), ConnectorError::NotAUrl { .. }));
        assert!(matches!(
            refused("file:///etc/passwd"),
            ConnectorError::Scheme { .. }
        ));
        assert_eq!(
            refused("https://me:pw@erp.example.com"),
            ConnectorError::UserInfo
        );
        assert_eq!(
            refused("https://erp.example.com/?token=x"),
            ConnectorError::Query
        );
        assert_eq!(refused("https://erp.example.com/#x"), ConnectorError::Query);
    }

    #[test]
    fn a_name_that_only_begins_alike_is_another_system() {
        let connector = Connector::new("https://erp.example.com/api", None).unwrap();
        assert!(connector.owns("https://erp.example.com/api/orders?x=1"));
        assert!(connector.owns("https://erp.example.com/api"));
        assert!(!connector.owns("https://erp.example.com/apis"));
        assert!(!connector.owns("https://erp.example.com.evil.example/api"));
    }
}
