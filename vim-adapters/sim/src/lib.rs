//! A cloud in memory or in a folder, behind the same trait as a real one.
//!
//! ```text
//!  SimVim ──▶ begin: history ─▶ script (how long) ─▶ faults (hang, fail) ──▶ World
//!    ▲                                                                         │
//!    └──────────────── end: an answer may get lost ◀───────────────────────────┘
//!  hooks: crash, delete_behind, host_down ... ─────────────────────────────▶ World
//! ```
//! It behaves like a site: hosts run full, images are hashed, networks take VLANs, machines boot,
//! write to their consoles, answer pings along real routes, and crash. What a site cannot do on
//! request, this one can: take a scripted time ([`Script`]), fail the n-th call of a kind
//! ([`Faults`]), and tell every call that it got ([`SimCloud::history`]).
//!
//! A cloud in memory goes with its process. One in a folder ([`SimCloud::kept_in`]) outlives it, and
//! may be used by several processes at once; machines that run stay running, and have booted by the
//! time that another process sees them. What is scripted and planned here stays here, and so does
//! the history; a folder's `script.json` speaks to every process that opens it.
//!
//! **Architecture invariant:** all time is tokio's, so that a paused clock moves everything here;
//! the one lock is never held over an await.

mod call;
mod capacity;
mod chaos;
mod cloud;
mod diary;
mod fact;
mod faults;
mod gate;
mod guest;
mod history;
mod hooks;
mod image;
mod journal;
mod machine;
mod machines;
mod networks;
mod power;
mod routing;
mod script;
mod settings;
mod vim;
mod vlans;
mod world;

pub use call::Call;
pub use chaos::Chances;
pub use cloud::SimCloud;
pub use faults::{Faults, When, no_room, refused, unreachable};
pub use gate::Gate;
pub use history::{Entry, Subject};
pub use machine::READY_LINE;
pub use script::{Habit, Script};
pub use vim::SimVim;
