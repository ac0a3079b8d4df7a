//! The one HTTP client of Windlass: the command line, the NFVO towards its VNFMs, the VNFM towards its NFVO.
//!
//! A method per endpoint, named noun then verb, taking and returning the types of `windlass-api`. What takes long
//! returns the id of the operation occurrence to follow. The methods of an API are in the file of its name.
//!
//! The client goes where it is told and nowhere else: it follows no redirect, sends its token in clear only to the same
//! machine, and reads the next page of a list only from the server that sent the first. It repeats a request only if
//! that is a GET that found no server.
//!
//! The program installs the cryptography: `rustls::crypto::ring::default_provider().install_default()`.

mod callback;
mod client;
mod content;
mod error;
pub mod fetch;
mod grant;
mod guard;
mod list;
mod nsd;
mod nslcm;
mod position;
mod subscription;
mod trace;
mod transport;
mod vnffm;
mod vnflcm;
mod vnfpkgm;
mod windlass;

pub use callback::{AccessToken, Authorization, CallbackError, Callbacks, Reach};
pub use client::{Client, Token, is_loopback};
pub use content::{Download, Upload};
pub use error::Error;
pub use guard::without_query;
pub use http;
pub use list::{ListOptions, Select};
pub use transport::{Lost, Transport};
pub use vnfpkgm::PackageKey;

/// What every method returns.
pub type Result<T> = std::result::Result<T, Error>;
