//! Histories: both programs, their databases and a cloud in one thread, with requests and faults as
//! the dice fall. A failing history prints its seed, and `SEED=n` runs exactly it again, aloud;
//! `HISTORIES=n` runs more of them.

#![expect(clippy::unwrap_used, reason = "a history that cannot go on stops here")]

#[expect(dead_code, reason = "the proofs need more of it")]
#[path = "../sim/mod.rs"]
mod sim;

mod acts;
mod history;
mod invariants;
mod operator;

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::time::Instant;

use history::History;

/// How many histories run when nobody says otherwise, in four parts side by side.
const HISTORIES: u64 = 100;
const PARTS: u64 = 4;

fn history(seed: u64) -> u64 {
    sim::simulate(seed, History::run)
}

fn number(name: &str) -> Option<u64> {
    std::env::var(name).ok()?.parse().ok()
}

/// Every fourth history, from this one on.
fn part(first: u64) {
    let seeds: Vec<u64> = match number("SEED") {
        Some(seed) => std::iter::once(seed).filter(|seed| seed % PARTS == first).collect(),
        None => (first..number("HISTORIES").unwrap_or(HISTORIES)).step_by(4).collect(),
    };
    let (count, begun) = (seeds.len(), Instant::now());
    let is_bad = |seed: &u64| {
        let bad = catch_unwind(AssertUnwindSafe(|| history(*seed))).is_err();
        if bad {
            eprintln!("the history of SEED={seed} does not end well");
        }
        bad
    };
    let failed: Vec<u64> = seeds.into_iter().filter(is_bad).collect();
    let per_minute = count as f64 / begun.elapsed().as_secs_f64() * 60.0;
    println!("{count} histories, {per_minute:.0} per minute");
    assert!(failed.is_empty(), "these do not end well: {failed:?}");
}

#[test]
fn every_history_of_the_first_part_ends_well() {
    part(0);
}

#[test]
fn every_history_of_the_second_part_ends_well() {
    part(1);
}

#[test]
fn every_history_of_the_third_part_ends_well() {
    part(2);
}

#[test]
fn every_history_of_the_fourth_part_ends_well() {
    part(3);
}

#[test]
fn the_same_seed_is_the_same_history() {
    for seed in [1, 7] {
        assert_eq!(history(seed), history(seed), "seed {seed}");
    }
}
