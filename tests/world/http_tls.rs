//! Targets over TLS are believed by the system's roots alone.
//!
//! `tls/` holds a root made for these tests, and a certificate of it for 127.0.0.1; the root's own
//! key was thrown away. The child process below is told to take that root for the system's.

use std::io::{Read, Write};
use std::net::TcpListener;
use std::path::Path;
use std::process::Command;
use std::sync::Arc;

use countersign::engine::FailureClass;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::{ServerConfig, ServerConnection, StreamOwned};

use crate::calls::{adapter, call, failure, get, keyless_write, post, read};
use crate::scripted::answer;

const CERTIFICATE: &[u8] = include_bytes!("tls/server.pem");
const KEY: &[u8] = include_bytes!("tls/server.key");
/// Where the child is told to call.
const TARGET: &str = "COUNTERSIGN_TEST_TLS_TARGET";

/// Serves one connection; answers what was received inside TLS.
fn serve_once() -> (String, std::thread::JoinHandle<String>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("https://{}/act", listener.local_addr().unwrap());
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(
            vec![CertificateDer::from_pem_slice(CERTIFICATE).unwrap()],
            PrivateKeyDer::from_pem_slice(KEY).unwrap(),
        )
        .unwrap();
    let serving = std::thread::spawn(move || {
        let (socket, _) = listener.accept().unwrap();
        let session = ServerConnection::new(Arc::new(config)).unwrap();
        let mut stream = StreamOwned::new(session, socket);
        let mut received = Vec::new();
        let mut chunk = [0; 4096];
        while !received.windows(4).any(|window| window == b"\r\n\r\n") {
            match stream.read(&mut chunk) {
                Ok(count) if count > 0 => received.extend_from_slice(&chunk[..count]),
                _ => return String::from_utf8(received).unwrap(),
            }
        }
        stream.write_all(answer("200 OK", "{}").as_bytes()).unwrap();
        stream.flush().unwrap();
        String::from_utf8(received).unwrap()
    });
    (url, serving)
}

#[test]
fn a_target_whose_root_the_system_trusts_is_called() {
    let (url, serving) = serve_once();
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/world/tls/root.pem");
    let child = Command::new(std::env::current_exe().unwrap())
        .args([
            "--ignored",
            "--exact",
            "http_tls::call_the_target_of_the_parent",
        ])
        .env(TARGET, url)
        .env("SSL_CERT_FILE", root)
        .env_remove("SSL_CERT_DIR")
        .output()
        .unwrap();
    assert!(
        child.status.success(),
        "{}",
        String::from_utf8_lossy(&child.stdout)
    );
    assert!(serving.join().unwrap().starts_with("GET /act HTTP/1.1\r\n"));
}

#[tokio::test]
#[ignore = "the child process of the test above"]
async fn call_the_target_of_the_parent() {
    let url = std::env::var(TARGET).unwrap();
    call(&adapter(), &read(), &get(&url)).await.unwrap();
}

#[tokio::test]
async fn a_target_with_an_unknown_root_gets_no_byte_of_the_request() {
    let (url, serving) = serve_once();
    let failed = failure(&adapter(), &keyless_write(), &post(&url, &[], "{}")).await;
    // Where the system has no roots at all, the client cannot even be built.
    assert!(
        matches!(failed.code.as_str(), "connect" | "client"),
        "{failed:?}"
    );
    assert_eq!(failed.class, FailureClass::Safe);
    if failed.code == "connect" {
        assert!(failed.message.contains("certificate"), "{}", failed.message);
        assert_eq!(serving.join().unwrap(), "");
    }
}
