//! Stories over the whole program, on the simulator: the binary serves, its own client asks.

#![expect(clippy::unwrap_used, reason = "a story that cannot go on stops here")]

#[path = "../support/mod.rs"]
mod support;

mod apart;
mod backup;
mod doors;
mod packages;
mod refusals;
mod service;
mod traces;
mod watching;
