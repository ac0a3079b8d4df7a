//! Stories about the store, and the contract of the journal on both journals that there are.

#![expect(clippy::unwrap_used, reason = "a story that cannot go on says where")]

mod agreement;
mod alarms;
mod catalog;
mod cut;
mod durability;
mod inline;
mod instances;
mod journal;
mod lists;
mod nouns;
mod operations;
mod placement;
mod postgres;
mod subscriptions;
mod tokens;
mod worlds;
