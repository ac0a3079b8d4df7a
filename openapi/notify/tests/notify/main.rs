//! Stories about subscribers, told to real listeners over real HTTP.

#![expect(clippy::unwrap_used, reason = "a story that cannot go on says where")]

mod asking;
mod authentication;
mod delivery;
mod property;
mod receiver;
mod site;
