//! Whether something listens where each connector is said to live.

use std::net::TcpStream;
use std::time::Duration;

use reqwest::Url;

use crate::cli::doctor::Finding;
use crate::domain::limits::DOCTOR_CONNECT_MS_MAX;
use crate::tools::{Connector, Connectors};

/// One line for each connector. Nothing is sent: a connection is opened and closed.
pub(crate) fn check(connectors: &Connectors) -> Vec<Finding> {
    let checked = connectors.iter().map(|(name, connector)| {
        let check = format!("connector {name}");
        match reach(connector) {
            Ok(()) => Finding::ok(check, connector.base_url()),
            // It may only be down now, and most commands never call it.
            Err(why) => Finding::warning(check, format!("{}: {why}", connector.base_url())),
        }
    });
    checked.collect()
}

fn reach(connector: &Connector) -> Result<(), String> {
    let url = Url::parse(connector.base_url()).map_err(|error| error.to_string())?;
    let addresses = url
        .socket_addrs(|| None)
        .map_err(|error| error.to_string())?;
    let timeout = Duration::from_millis(DOCTOR_CONNECT_MS_MAX);
    let mut why = "its name has no address".to_owned();
    for address in addresses {
        match TcpStream::connect_timeout(&address, timeout) {
            Ok(_) => return Ok(()),
            Err(error) => why = error.to_string(),
        }
    }
    Err(why)
}

#[cfg(test)]
mod tests {
    use std::net::TcpListener;

    use super::*;

    #[test]
    fn a_listener_is_reached_and_a_closed_port_is_told() {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}/erp", listener.local_addr().unwrap());
        let connector = Connector::new(&url, None).unwrap();
        assert_eq!(reach(&connector), Ok(()));
        drop(listener);
        assert!(reach(&connector).is_err());
    }
}
