//! The binary: everything it does is in [`countersign::cli`].

use std::process::ExitCode;

/// Deciding and preparing a commit makes many small short-lived values: this allocator spends
/// markedly less on them than the system's.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    countersign::cli::run(std::env::args_os())
}
