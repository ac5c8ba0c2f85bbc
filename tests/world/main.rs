//! The outside world over real sockets: the sandbox, and the adapters that act on it.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::disallowed_methods,
    reason = "a test that cannot go on fails, and it may look at the clock"
)]

mod calls;
mod http_answers;
mod http_connections;
mod http_faults;
mod http_proof;
mod http_tls;
mod raw;
mod sandbox_crm;
mod sandbox_faults;
mod sandbox_home;
mod sandbox_killed;
mod sandbox_orders;
mod sandbox_payments;
mod sandbox_register;
mod sandbox_speed;
mod scripted;
