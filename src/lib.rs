//! Countersign: a terminal console in which people govern autonomous agent workflows.
//!
//! The rooms, in reading order. A room may use any room above it, never one below.
//!
//! | room | holds | must not know |
//! |---|---|---|
//! | [`domain`] | nouns: ids, time, money, limits, tool manifest, packet, actor | anything else |
//! | [`expr`] | CEL with money, bounded before evaluation | workflows, runs |
//! | [`workflow`] | definitions: parsing, checking, diagnostics | runs, clocks, files |
//! | [`govern`] | rules: policy, authority, budget | how a run is stored |
//! | [`engine`] | pure `decide` / `evolve` / replay | I/O, clocks, randomness, workflow names |
//! | [`views`] | pure rows folded from events | SQL, screens |
//! | [`store`] | SQLite: journal, views, timers, lease | HTTP, screens |
//! | [`tools`] | adapters that act on the world | the store |
//! | [`runtime`] | load, decide, commit, act; [`runtime::Handle`] | screens, SQL |
//! | [`config`] | the configuration file, the caller's identity | runs, workflows |
//! | [`console`] | the full-screen console: pure update and view | SQL, clocks in what is pure |
//! | [`cli`] | commands and their JSON | SQL |
//! | [`sandbox`] | the loopback outside world; uses `domain` alone | the engine |

pub mod cli;
pub mod config;
pub mod console;
pub mod domain;
pub mod engine;
pub mod expr;
pub mod govern;
pub mod runtime;
pub mod sandbox;
pub mod store;
pub mod tools;
pub mod views;
pub mod workflow;
