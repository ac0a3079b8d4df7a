//! What Windlass says and hears over HTTP: the ETSI SOL messages, and how lists of them are asked for.
//!
//! A module per API, a file per family of resources. The structs follow release 3.7.1 of SOL003 and SOL005 attribute by
//! attribute: absent attributes are left out, unknown ones are accepted and dropped. Nothing here decides anything and
//! nothing here does I/O; the rows of the store become these messages in the `http` folders of the programs.
//!
//! | module | API | defined by |
//! |---|---|---|
//! | [`vnflcm`] | VNF lifecycle management | SOL003 clause 5 |
//! | [`vnffm`] | VNF fault management | SOL003 clause 7 |
//! | [`grant`] | Lifecycle operation granting | SOL003 clause 9 |
//! | [`vnfpkgm`] | VNF packages | SOL005 clause 9, SOL003 clause 10 |
//! | [`nsd`] | Network service descriptors | SOL005 clause 5 |
//! | [`nslcm`] | Network service lifecycle management | SOL005 clause 6 |
//! | [`windlass`] | VIMs, hosts, steps, audit, guests | Windlass itself |
//! | [`list`], [`filter`], [`selector`], [`paging`], [`merge_patch`] | Lists and patches | SOL013 clause 5 |

mod wire;

pub mod api;
pub mod common;
pub mod filter;
pub mod grant;
pub mod list;
pub mod merge_patch;
pub mod nsd;
pub mod nslcm;
pub mod paging;
pub mod selector;
pub mod vnffm;
pub mod vnflcm;
pub mod vnfpkgm;
pub mod windlass;

pub use wire::UnknownValue;
