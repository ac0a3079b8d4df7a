//! What Windlass remembers: instances, packages, sites, operations and their logs.
//!
//! ```text
//!  reads  ──▶ a few connections, each read one snapshot
//!  writes ──▶ queue ──▶ one thread ──▶ BEGIN IMMEDIATE  savepoint, savepoint, …  COMMIT (one fsync)
//! ```
//!
//! | table | what a row is |
//! |---|---|
//! | `vnf_instance`, `ns_instance` | an instance, from its identifier on |
//! | `vnf_package`, `nsd` | a package or descriptor of the catalog |
//! | `vim` | a site with its hosts |
//! | `operation`, `step_event` | an operation occurrence and its log |
//! | `vnf_grant`, `allocation`, `allocation_version` | what was granted, and who takes what room |
//! | `alarm`, `duty` | what is wrong with VNFs, and which process watches them |
//! | `event`, `event_counter` | what happened, until every subscriber knows |
//! | `subscription` | who is told what, and how far |
//! | `token` | a bearer token, as a hash |
//!
//! Nouns are kept as JSON documents; only what a query looks for has a column of its own. Every
//! document has a generation that each write raises, and every write of one names the generation
//! that it was judged on.
//!
//! A [`Snapshot`] writes one moment of a database down; as a [`Replacement`] either kind of database
//! takes that in, also from an older Windlass.
//!
//! **Architecture invariant:** nothing outside this crate knows diesel, a row or a column. Types of
//! columns are those that SQLite and PostgreSQL share.

mod alarms;
mod allocations;
mod collection;
mod connection;
mod documents;
mod dump;
mod duties;
mod error;
mod events;
mod grants;
mod inline;
mod instances;
mod journal;
mod lists;
mod location;
mod migrations;
mod operations;
mod packages;
mod records;
mod schema;
mod store;
mod subscriptions;
mod time;
mod tokens;
mod vims;
mod writer;

pub use alarms::{Alarms, Verdict};
pub use allocations::{Allocation, Allocations, Changed, Reservation, Room, Settled};
pub use collection::{Collection, Document, Stored};
pub use dump::{DumpError, Replacement, Schema, Snapshot};
pub use duties::Duties;
pub use error::{StoreError, is_away};
pub use events::{
    CatalogChange, Event, Events, Happened, NsdEvent, NsdFacts, OperationMoved, PackageEvent,
    PackageFacts, Topic,
};
pub use grants::{GrantRecord, Grants};
pub use inline::{WriteFault, WriteFaults};
pub use instances::{NsInstances, Subject, VnfInstances};
pub use lists::{Narrowing, NsKey, OperationKey, VnfKey, Wanted};
pub use location::{Location, PostgresUrl};
pub use operations::{Occurrence, Operations, Unfinished};
pub use packages::{Nsds, VnfPackages};
pub use records::{
    Arrival, ArtifactRecord, Checksum, Content, NsdRecord, Onboarding, SoftwareImageRecord,
    VnfPackageRecord,
};
pub use store::Store;
pub use subscriptions::{
    Failure, NewSubscription, Subscribed, Subscription, SubscriptionLease, Subscriptions,
};
pub use tokens::{TokenHash, Tokens};
pub use vims::Vims;
