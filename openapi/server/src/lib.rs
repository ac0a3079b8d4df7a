//! How the NFVO and the VNFM answer over HTTP: the parts of SOL013 that every API has.
//!
//! | module | what it gives |
//! |---|---|
//! | [`answer`] | 200, 201 and 202 with their headers; `If-Match` |
//! | [`list`] | filters, selectors and pages |
//! | [`prefer`] | how long a client would wait for news |
//! | [`problem`] | refusals as ProblemDetails; bounds of bodies |
//! | [`progress`] | the steps of an operation |
//! | [`request`] | the span, the metrics and the log line of every request |
//! | [`routes`] | the route table: versions and methods of each path |
//!
//! **Architecture invariant:** nothing here knows a resource; handlers live with their programs.

pub mod answer;
pub mod list;
pub mod prefer;
pub mod problem;
pub mod progress;
pub mod request;
pub mod routes;

pub use problem::{Problem, Result};
pub use routes::{Methods, Routes};
