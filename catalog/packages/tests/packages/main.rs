//! Stories about blobs and onboarding, with packages that are made on the spot.

#![expect(clippy::unwrap_used, reason = "a story that cannot go on says where")]

mod blobs;
mod csar;
mod onboarding;
