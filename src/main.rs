//! `windlass`: an NFV orchestrator and its client, in one program.
//!
//! `up`, `nfvo` and `vnfm` serve (`serve/`); every other verb asks a server that runs (`cli/`).

mod cli;
mod serve;

use std::process::ExitCode;

fn main() -> ExitCode {
    if rustls::crypto::ring::default_provider().install_default().is_err() {
        // Only a second installation fails, and this is the first line of the program.
        eprintln!("error: cryptography is installed twice");
        return ExitCode::FAILURE;
    }
    let runtime = match tokio::runtime::Runtime::new() {
        Ok(runtime) => runtime,
        Err(error) => {
            eprintln!("error: cannot start: {error}");
            return ExitCode::FAILURE;
        }
    };
    runtime.block_on(cli::main())
}
