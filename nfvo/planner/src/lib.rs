//! Where things run, which addresses they get, and in which order they start: decided, not done.
//!
//! Every function here is pure. It takes a snapshot and returns a plan that leaves nothing to
//! choose, so the same snapshot gives the same plan on every replica and after every crash.
//!
//! Architecture invariant: no clock, no randomness, no socket, no database.

pub mod addresses;
pub mod order;
pub mod placement;
