//! Stories of the NFVO over HTTP: its own server, a real store, a simulated cloud.

mod env;
mod example;
mod grants;
mod nsds;
mod packages;
mod sites;
