//! Where connectors live: all that is needed to render a request, and nothing secret.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

/// Base URLs by connector name: absolute, in normal form, without a slash at the end.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct ConnectorUrls(BTreeMap<String, String>);

impl ConnectorUrls {
    /// The URL that a tool's path is appended to.
    pub fn base_url(&self, connector: &str) -> Option<&str> {
        self.0.get(connector).map(String::as_str)
    }

    /// Names in alphabetical order.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.0.keys().map(String::as_str)
    }
}

impl<N: Into<String>, U: Into<String>> FromIterator<(N, U)> for ConnectorUrls {
    fn from_iter<I: IntoIterator<Item = (N, U)>>(urls: I) -> Self {
        let pairs = urls
            .into_iter()
            .map(|(name, url)| (name.into(), url.into()));
        Self(pairs.collect())
    }
}
