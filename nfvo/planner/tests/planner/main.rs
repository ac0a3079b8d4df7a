//! What the planner promises, through its public face only.

#![expect(clippy::unwrap_used, reason = "in a test that is how a surprise is told")]

mod addresses;
mod order;
mod placement;
mod properties;
mod scene;
