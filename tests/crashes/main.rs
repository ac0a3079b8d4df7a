//! `windlass up` dies at every step of an operation, and nobody has to help it afterwards.
//!
//! The simulated cloud is kept in a folder and outlives the server. A kill is a SIGKILL, aimed at a
//! step that runs; afterwards the step's attempts tell whether it was hit.

#![expect(clippy::unwrap_used, reason = "a story that cannot go on stops here")]

#[path = "../support/mod.rs"]
mod support;

mod chance;
mod every_step;
mod kills;
mod look;
mod replicas;
mod ring;
mod site;
mod stage;
