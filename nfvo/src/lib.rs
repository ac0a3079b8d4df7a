//! The NFVO: packages and descriptors, network services, grants, and where things run.
//!
//! ```text
//!  SOL005, SOL003 grants ─▶ http/ ─▶ catalog/     packages and NSDs, from upload to deletion
//!                             │  ├──▶ grants/      placement (windlass-planner), reservations
//!                             │  ├──▶ sites/       VIMs and hosts, probes, audit
//!                             │  └──▶ operations/  NS instantiate, terminate, scale, heal
//!                             │           │
//!                             ▼           ▼
//!                           view/      vnfm/ ─▶ the VNFM, over HTTP (SOL003)
//! ```
//!
//! **Architecture invariant:** no VNFM is linked here. Whoever speaks SOL003 at the other end of
//! [`NfvoParts::vnfm`] will do.

mod catalog;
mod error;
mod grants;
mod http;
mod narrowed;
mod nfvo;
mod notifications;
mod operations;
mod services;
mod sites;
mod view;
mod vnfm;

pub use error::{Error, Result};
pub use http::configure;
pub use nfvo::{Nfvo, NfvoParts, Settings};
pub use notifications::publishers;
