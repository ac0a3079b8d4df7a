//! Decides what an operation does, before anything is touched. Pure: everything that must be known
//! comes in as an argument, and ids follow from the operation's id.
//!
//! ```text
//!  request ─▶ Sizing (who comes, who goes) ─▶ grant request ─▶ Granted (where)
//!                                                └─▶ Build ─▶ plan nodes + the VNF as it will be
//! ```

pub mod build;
pub mod component;
pub mod error;
pub mod grant;
pub mod links;
pub mod naming;
pub mod nodes;
pub mod notes;
pub mod sizing;

pub use error::PlanError;
pub use notes::Notes;
