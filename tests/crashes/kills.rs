//! An operation that is killed again and again, until it is done all the same.

use std::collections::BTreeSet;
use std::time::Duration;

use tokio::time::{Instant, sleep};

use crate::look::{Target, Watch};
use crate::ring::Task;
use crate::site::CALL_MS;
use crate::stage::Stage;

/// How long an operation may take after the last kill.
const LIMIT: Duration = Duration::from_secs(60);
/// The pause between two looks at the steps.
const BLINK: Duration = Duration::from_millis(2);
/// Every so many kills, the next server is killed while it comes up.
const TWICE: u32 = 3;

/// What the kills did to an operation.
#[derive(Debug, Default)]
pub struct Toll {
    /// Its steps.
    pub planned: BTreeSet<Target>,
    /// Those that ran at a kill, and were begun again.
    pub hit: BTreeSet<Target>,
    /// How often the server died.
    pub kills: u32,
}

/// Asks for something, kills the server whenever a step runs that is not spared, and sees to it
/// that the operation completes. At the first time, with nothing to spare, it is killed right at the
/// answer as well; later it is not, because the first steps then run while the next server comes up,
/// unseen.
pub async fn suffer(stage: &mut Stage, task: Task, spared: &BTreeSet<Target>) -> Toll {
    let mut watch = Watch::begin(&stage.client).await;
    let operation = task.ask(stage).await;
    let mut toll = Toll::default();
    let first = spared.is_empty();
    if first {
        stage.kill();
        toll.kills += 1;
    }
    let mut aimed = spared.clone();
    let mut last_kill = Instant::now();
    let end = loop {
        let look = watch.look(&stage.client, &operation).await.unwrap();
        if look.is_settled() {
            break watch.look_back(&stage.client, &operation).await.unwrap();
        }
        assert!(
            last_kill.elapsed() < LIMIT,
            "{task:?} did not end within {LIMIT:?} after the last kill: {look:#?}\n{}",
            stage.log()
        );
        let running = look.running();
        if running.is_subset(&aimed) {
            sleep(BLINK).await;
            continue;
        }
        aimed.extend(running);
        if first {
            // Before, amid and after what the step does.
            sleep(stage.chance.below_ms(CALL_MS)).await;
        }
        toll.kills += 1;
        if toll.kills % TWICE == 0 {
            stage.kill_twice().await;
            toll.kills += 1;
        } else {
            stage.kill();
        }
        last_kill = Instant::now();
    };
    assert!(
        end.is_completed(),
        "{task:?} was killed and did not complete: {end:#?}\n{}",
        stage.log()
    );
    task.check(stage).await;
    Toll { planned: end.planned(), hit: end.hit(), ..toll }
}
