//! Stories about the store, and the contract of the journal on both journals that there are.

#![expect(clippy::unwrap_used, reason = "a story that cannot go on says where")]

mod agreement;
mod catalog;
mod durability;
mod inline;
mod instances;
mod journal;
mod nouns;
mod operations;
mod placement;
mod tokens;
mod worlds;
