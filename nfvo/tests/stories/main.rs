//! Stories of the NFVO over HTTP: its own server, a real store, a simulated cloud.

#![expect(clippy::unwrap_used, reason = "a story that cannot go on ends there")]

mod env;
mod example;
mod fetching;
mod fire;
mod grants;
mod nsds;
mod packages;
mod sites;
