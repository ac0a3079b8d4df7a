//! Reading packages: what comes out of good ones, and what is said of broken ones.

#![expect(clippy::unwrap_used, reason = "a story that cannot go on says where")]

mod common;
mod examples;
mod hostile;
mod lint;
mod package;
mod properties;
mod shapes;
