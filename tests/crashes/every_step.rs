//! Every step of every operation is hit by a kill at least once.

use std::collections::BTreeMap;

use crate::kills::{Toll, suffer};
use crate::ring::Task;
use crate::site::Database;
use crate::stage::Stage;

/// A step may end before the kill comes; then the next life, a slower one, aims at it again.
const LIVES: u64 = 8;

#[tokio::test]
async fn a_service_lives_its_life_though_the_server_dies_at_every_step() {
    die_at_every_step(Database::Files).await;
}

#[tokio::test]
async fn it_does_so_on_postgresql_as_well() {
    if let Some(database) = Database::postgres() {
        die_at_every_step(database).await;
    }
}

async fn die_at_every_step(database: Database) {
    let mut stage = Stage::new(database);
    let mut tolls: BTreeMap<usize, Toll> = BTreeMap::new();
    let mut missed = true;
    for life in 1..=LIVES {
        if !std::mem::take(&mut missed) {
            break;
        }
        stage.slow_down(life);
        for (index, task) in Task::ALL.into_iter().enumerate() {
            let known = tolls.entry(index).or_default();
            let toll = suffer(&mut stage, task, &known.hit).await;
            known.planned.extend(toll.planned);
            known.hit.extend(toll.hit);
            known.kills += toll.kills;
            missed |= known.hit.len() < known.planned.len();
        }
    }
    for (index, task) in Task::ALL.into_iter().enumerate() {
        let toll = &tolls[&index];
        println!("{task:?}: {} kills for {} steps", toll.kills, toll.planned.len());
        let unhurt: Vec<_> = toll.planned.difference(&toll.hit).collect();
        assert!(unhurt.is_empty(), "no kill hit these steps of {task:?}: {unhurt:?}");
    }
}
