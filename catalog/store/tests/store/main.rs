//! Stories about the store, and the contract of the journal on both journals that there are.

#![expect(clippy::unwrap_used, reason = "a story that cannot go on says where")]

mod agreement;
mod alarms;
mod catalog;
mod durability;
mod inline;
mod instances;
mod journal;
mod nouns;
mod operations;
mod placement;
<<<<<<< HEAD
mod subscriptions;
=======
mod postgres;
>>>>>>> c62e3c3 (store: one schema and one set of queries for SQLite and PostgreSQL, whose processes write one after the other)
mod tokens;
mod worlds;
