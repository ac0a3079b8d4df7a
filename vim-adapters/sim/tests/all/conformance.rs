//! The simulator keeps the promises that every adapter keeps.

use std::sync::Arc;
use std::time::Duration;

use tempfile::TempDir;
use windlass_vim::conformance::{self, Rig};
use windlass_vim_sim::{Call, SimCloud};

use crate::forgetful::Forgetful;
use crate::rig::rig;

#[tokio::test(start_paused = true)]
async fn a_cloud_where_everything_is_instant_passes() {
    passes(&rig(&SimCloud::new())).await;
}

#[tokio::test(start_paused = true)]
async fn a_cloud_where_everything_takes_its_time_passes() {
    let cloud = SimCloud::new();
    for call in [Call::EnsureImage, Call::EnsureNetwork, Call::EnsureVolume, Call::EnsureVm] {
        cloud.script().takes(call, Duration::from_millis(15));
    }
    for call in [Call::StartVm, Call::StopVm, Call::DeleteVm, Call::DeleteVolume] {
        cloud.script().takes(call, Duration::from_millis(25));
    }
    cloud.script().boot_time(Duration::from_secs(40)).shutdown_time(Duration::from_secs(3));
    passes(&rig(&cloud)).await;
}

#[tokio::test(start_paused = true)]
async fn a_cloud_in_a_folder_passes() {
    let folder = TempDir::new().unwrap();
    passes(&rig(&SimCloud::kept_in(folder.path()))).await;
}

#[tokio::test(start_paused = true)]
async fn a_cloud_that_is_opened_anew_for_every_call_passes() {
    let folder = TempDir::new().unwrap();
    let lasting = rig(&SimCloud::kept_in(folder.path()));
    let forgetful =
        Forgetful { folder: folder.path().to_owned(), witness: Arc::clone(&lasting.vim) };
    passes(&Rig { vim: Arc::new(forgetful), ..lasting }).await;
}

async fn passes(rig: &Rig) {
    let outcomes = conformance::run_all(rig).await;
    let held =
        |outcome: &conformance::Outcome| matches!(outcome.1, Ok(conformance::Verdict::Holds));
    assert!(outcomes.iter().all(held), "{}", conformance::report(&outcomes));
}
