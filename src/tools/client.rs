//! HTTP clients, built when the first call needs them.
//!
//! | client | for |
//! |---|---|
//! | shared | reads and writes under a key: connections are kept and used again |
//! | fresh | writes without a key: a kept connection may be dying, and a write lost on it could not be sent again |
//!
//! Each has a form without TLS, because reading the system's root certificates costs more than a
//! local call. All of them go straight to the target: no proxy from the environment, no
//! redirects, no retries, no cookies, no decompression.

use std::sync::OnceLock;
use std::time::Duration;

use reqwest::redirect::Policy;
use reqwest::{Certificate, Client, Error, retry};

use crate::domain::limits::{CONNECT_TIMEOUT_MS_MAX, IDLE_CONNECTION_MS_MAX};

/// The four clients.
#[derive(Debug, Default)]
pub(super) struct Clients {
    plain: OnceLock<Client>,
    plain_fresh: OnceLock<Client>,
    tls: OnceLock<Client>,
    tls_fresh: OnceLock<Client>,
}

/// What a call needs of its client.
#[derive(Clone, Copy, Debug)]
pub(super) struct Need {
    pub(super) tls: bool,
    /// A connection that nobody used before.
    pub(super) fresh: bool,
}

impl Clients {
    /// The client for a need. One that cannot be built is tried anew at the next call.
    pub(super) fn get(&self, need: Need) -> Result<&Client, Error> {
        let place = match (need.tls, need.fresh) {
            (false, false) => &self.plain,
            (false, true) => &self.plain_fresh,
            (true, false) => &self.tls,
            (true, true) => &self.tls_fresh,
        };
        if let Some(client) = place.get() {
            return Ok(client);
        }
        let built = build(need)?;
        Ok(place.get_or_init(|| built))
    }
}

fn build(need: Need) -> Result<Client, Error> {
    // Fails only where a provider is installed already, which is as good.
    rustls::crypto::ring::default_provider()
        .install_default()
        .ok();
    let mut builder = Client::builder()
        .no_proxy()
        .redirect(Policy::none())
        .retry(retry::never())
        .referer(false)
        .connect_timeout(Duration::from_millis(CONNECT_TIMEOUT_MS_MAX))
        .pool_idle_timeout(Duration::from_millis(IDLE_CONNECTION_MS_MAX));
    if need.fresh {
        builder = builder.pool_max_idle_per_host(0);
    }
    if !need.tls {
        builder = builder.tls_certs_only(std::iter::empty::<Certificate>());
    }
    builder.build()
}
