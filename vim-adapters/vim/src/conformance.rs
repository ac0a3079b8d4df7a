//! The suite that every adapter passes.
//!
//! An adapter describes one site of its own as a [`Rig`] and runs every [`Case`] on it:
//!
//! ```
//! # async fn passes(rig: windlass_vim::conformance::Rig) {
//! use windlass_vim::conformance::{report, run_all};
//! let outcomes = run_all(&rig).await;
//! assert!(outcomes.iter().all(|(_, outcome)| outcome.is_ok()), "{}", report(&outcomes));
//! # }
//! ```
//! A case makes what it needs, checks its story, and removes what it made, also when the story
//! breaks; it fails when anything with its tag is left. Only cached images stay from case to case,
//! until [`run_all`] removes them at the end.

mod guests;
mod images;
mod interruptions;
mod intrusions;
mod machines;
mod networks;
mod rig;
mod scene;
mod volumes;

use std::error::Error as _;
use std::fmt::Write as _;

use futures::future::BoxFuture;

pub use rig::{Ability, BootKind, Guest, Image, Images, Intruder, Rig};
use scene::Scene;

/// One story that holds on every infrastructure.
#[derive(Debug)]
pub struct Case {
    /// The story in one sentence.
    pub name: &'static str,
    /// What the rig must be able to do, lest the case be skipped.
    pub needs: &'static [Ability],
    story: for<'a> fn(&'a Scene<'a>) -> BoxFuture<'a, Result<(), Failure>>,
}

/// How a case ended well.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// The story holds.
    Holds,
    /// The rig says that it cannot do what the story needs.
    Skipped(Ability),
}

/// An expectation that was broken.
#[derive(Debug, thiserror::Error)]
#[error("{broken}")]
pub struct Failure {
    broken: String,
    #[source]
    cause: Option<crate::Error>,
}

/// A case's name and how it ended.
pub type Outcome = (&'static str, Result<Verdict, Failure>);

macro_rules! case {
    ($name:literal, [$($need:ident),*], $story:path) => {
        Case { name: $name, needs: &[$(Ability::$need),*], story: |scene| Box::pin($story(scene)) }
    };
}

/// Every story, cheap ones first.
pub const CASES: &[Case] = &[
    case!("a probe reports every host", [], machines::a_probe_reports_every_host),
    case!("an unknown host is named", [], machines::an_unknown_host_is_named),
    case!("deleting nothing succeeds", [], machines::deleting_nothing_succeeds),
    case!("an image is kept and read once", [], images::an_image_is_kept_and_read_once),
    case!("a corrupt image leaves nothing", [], images::a_corrupt_image_leaves_nothing),
    case!("a broken download leaves nothing", [], images::a_broken_download_leaves_nothing),
    case!("an image in use stays", [], images::an_image_in_use_stays),
    case!("a network spans hosts and is found", [], networks::a_network_spans_hosts),
    case!("networks made at once are distinct", [], networks::networks_made_at_once_are_distinct),
    case!("a volume made twice is one volume", [], volumes::a_volume_made_twice_is_one),
    case!("what is missing is named", [], machines::what_is_missing_is_named),
    case!("a machine made twice is one machine", [], machines::a_machine_made_twice_is_one),
    case!("what is made is listed with its tag", [], machines::what_is_made_is_listed),
    case!("calls dropped in the middle are repaired", [], interruptions::calls_are_repaired),
    case!("many machines are asked for at once", [], machines::many_are_asked_for_at_once),
    case!("a machine goes through its life", [], machines::a_machine_goes_through_its_life),
    case!("a guest that can shuts itself down", [Shutdown], machines::a_guest_shuts_down),
    case!("a machine boots from its disk", [DiskBoot], machines::a_machine_boots_from_disk),
    case!("a machine boots a kernel", [KernelBoot], machines::a_machine_boots_a_kernel),
    case!("events tell a machine's life", [], machines::events_tell_a_life),
    case!("the console holds the boot line", [], guests::the_console_holds_the_boot_line),
    case!("a guest that is never ready is told", [], guests::never_ready_is_told),
    case!("statistics count", [], guests::statistics_count),
    case!("a command gives status and output", [Exec], guests::a_command_gives_its_output),
    case!("machines on one network talk", [Exec, Ping], guests::machines_on_one_network_talk),
    case!("networks are apart", [Exec, Ping, Isolation], guests::networks_are_apart),
    case!("a killed machine is noticed", [Intrusion], intrusions::a_killed_machine_is_noticed),
    case!("what others stop or remove is noticed", [Intrusion], intrusions::others_are_noticed),
    case!("a foreign name is left alone", [Intrusion], intrusions::a_foreign_name_is_left_alone),
    case!("a foreign id is left alone", [Intrusion], intrusions::a_foreign_id_is_left_alone),
];

impl Case {
    /// Runs the story on a rig and removes what it made.
    pub fn run<'a>(&'a self, rig: &'a Rig) -> BoxFuture<'a, Result<Verdict, Failure>> {
        Box::pin(async move {
            if let Some(lacking) = self.needs.iter().find(|need| !rig.can(**need)) {
                return Ok(Verdict::Skipped(*lacking));
            }
            let scene = Scene::new(rig);
            let told = match tokio::time::timeout(rig.case_limit(), (self.story)(&scene)).await {
                Ok(told) => told,
                Err(_elapsed) => Err(Failure::new(format!("no end after {:?}", rig.case_limit()))),
            };
            let cleaned = scene.clean().await;
            told.and(cleaned).map(|()| Verdict::Holds)
        })
    }
}

/// Runs all cases one after the other, then removes the cached images.
pub async fn run_all(rig: &Rig) -> Vec<Outcome> {
    let mut outcomes = Vec::new();
    for case in CASES {
        outcomes.push((case.name, case.run(rig).await));
    }
    let emptied = images::remove_all(rig).await.map(|()| Verdict::Holds);
    outcomes.push(("the image caches empty themselves", emptied));
    outcomes
}

/// The outcomes as lines for people, with the causes of failures.
#[must_use]
pub fn report(outcomes: &[Outcome]) -> String {
    let mut lines = String::new();
    for (name, outcome) in outcomes {
        let told = match outcome {
            Ok(Verdict::Holds) => format!("ok       {name}"),
            Ok(Verdict::Skipped(need)) => format!("skipped  {name}: the rig lacks {need:?}"),
            Err(failure) => match failure.source() {
                None => format!("BROKEN   {name}: {failure}"),
                Some(cause) => format!("BROKEN   {name}: {failure}: {cause}"),
            },
        };
        // Writing to a string cannot fail.
        let _ = writeln!(lines, "{told}");
    }
    lines
}

impl Failure {
    fn new(broken: impl Into<String>) -> Self {
        Self { broken: broken.into(), cause: None }
    }
}

/// Turns what a VIM answered into an expectation.
trait Expect<T> {
    /// The value; or a failure that says that `what` was expected.
    fn expecting(self, what: &str) -> Result<T, Failure>;
}

impl<T> Expect<T> for crate::Result<T> {
    fn expecting(self, what: &str) -> Result<T, Failure> {
        self.map_err(|cause| Failure {
            broken: format!("it was expected that {what}"),
            cause: Some(cause),
        })
    }
}

/// Holds when `fact` is true; `what` says what it should have meant.
fn that(fact: bool, what: impl Into<String>) -> Result<(), Failure> {
    if fact { Ok(()) } else { Err(Failure::new(format!("it was expected that {}", what.into()))) }
}

/// Holds when the call was refused in the way that `right` tells.
fn refused<T>(
    answer: crate::Result<T>,
    right: impl Fn(&crate::Error) -> bool,
    what: &str,
) -> Result<(), Failure> {
    match answer {
        Err(error) if right(&error) => Ok(()),
        Err(other) => Err(Failure {
            broken: format!("it was expected that {what}, for another reason than was given"),
            cause: Some(other),
        }),
        Ok(_) => Err(Failure::new(format!("it was expected that {what}, but the call succeeded"))),
    }
}
