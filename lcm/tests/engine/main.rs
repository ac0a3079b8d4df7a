//! Stories of the engine, with a program that keeps pebbles in a bowl.
#![expect(clippy::unwrap_used, reason = "a story that cannot go on stops here")]

mod bowl;

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use async_trait::async_trait;
use bowl::{Bowl, Fill};
use serde_json::{Value, json};
use tokio::sync::watch;
use tokio::task::JoinHandle;
use uuid::Uuid;
use windlass_lcm::proof::{Injection, Stage, every_property_holds};
use windlass_lcm::{
    Engine, JournalError, MemoryJournal, NewOperation, Operation, Request, Settings, Subject,
};
use windlass_model::{CancelMode, OperationId, OperationState, SystemClock};

struct World {
    bowl: Arc<Bowl>,
    journal: Arc<MemoryJournal>,
    subject: Subject,
}

impl World {
    fn new() -> Self {
        let subject = Subject { kind: "bowl".to_owned(), id: Uuid::new_v4() };
        let journal = Arc::new(MemoryJournal::default());
        journal.put_subject(subject.clone(), json!([]));
        Self { bowl: Arc::default(), journal, subject }
    }

    fn engine_with(&self, settings: Settings) -> Arc<Engine<Bowl>> {
        Arc::new(Engine::new(
            Arc::clone(&self.bowl),
            Arc::clone(&self.journal) as _,
            Arc::new(SystemClock),
            settings,
            vec![Arc::new(Fill)],
        ))
    }

    fn engine(&self) -> Arc<Engine<Bowl>> {
        self.engine_with(quick())
    }

    fn request(&self, params: Value) -> NewOperation {
        NewOperation {
            id: OperationId::new(),
            kind: "fill".to_owned(),
            subject: self.subject.clone(),
            generation: None,
            params,
            automatic: false,
        }
    }

    fn says(&self) -> Value {
        self.journal.subject(&self.subject).unwrap()
    }
}

fn quick() -> Settings {
    Settings {
        poll: Duration::from_millis(10),
        pause: Duration::from_millis(1),
        lease: Duration::from_millis(500),
        ..Settings::default()
    }
}

/// A running engine that stops with the test.
struct Running(watch::Sender<bool>, JoinHandle<()>);

impl Running {
    fn start(engine: &Arc<Engine<Bowl>>) -> Self {
        let (stop, stopped) = watch::channel(false);
        Self(stop, tokio::spawn(Arc::clone(engine).run(stopped)))
    }

    async fn stop(self) {
        self.0.send_replace(true);
        self.1.await.unwrap();
    }
}

async fn rest(engine: &Engine<Bowl>, id: OperationId) -> Operation {
    let settled = async {
        loop {
            let (operation, _) = engine.progress(id).await.unwrap();
            if !operation.state.is_active() {
                return operation;
            }
            tokio::time::sleep(Duration::from_millis(2)).await;
        }
    };
    tokio::time::timeout(Duration::from_secs(20), settled).await.expect("it comes to rest")
}

#[tokio::test]
async fn what_does_not_wait_for_another_runs_at_the_same_time_within_the_bound() {
    let world = World::new();
    let engine = world.engine_with(Settings { steps: 3, ..quick() });
    let running = Running::start(&engine);
    let names = ["a", "b", "c", "d", "e", "f"];
    let id = engine.submit(world.request(json!({ "names": names }))).await.unwrap().id;
    assert_eq!(rest(&engine, id).await.state, OperationState::Completed);
    assert_eq!(world.says(), json!(names));
    let most = world.bowl.most_busy.load(Ordering::SeqCst);
    assert!((2..=3).contains(&most), "{most} steps ran at once");
    running.stop().await;
}

#[tokio::test]
async fn a_second_operation_of_the_same_subject_is_refused_until_the_first_is_final() {
    let world = World::new();
    let engine = world.engine();
    world.bowl.fail("a", 1, false);
    let running = Running::start(&engine);
    let first = engine.submit(world.request(json!({ "names": ["a"] }))).await.unwrap();
    let second = || world.request(json!({ "names": ["b"] }));
    let refused = engine.submit(second()).await.unwrap_err();
    assert!(matches!(refused, JournalError::Busy { running } if running == first.id));
    assert_eq!(rest(&engine, first.id).await.state, OperationState::FailedTemp);
    assert!(engine.submit(second()).await.is_err(), "FAILED_TEMP is not final");
    engine.fail(first.id).await.unwrap();
    let id = engine.submit(second()).await.unwrap().id;
    assert_eq!(rest(&engine, id).await.state, OperationState::Completed);
    running.stop().await;
}

#[tokio::test]
async fn a_transient_error_is_tried_again_and_a_lasting_one_waits_for_the_operator() {
    let world = World::new();
    let engine = world.engine();
    let running = Running::start(&engine);
    world.bowl.fail("a", 2, true);
    world.bowl.fail("b", 1, false);
    let request = world.request(json!({ "names": ["a", "b"], "in_turn": true }));
    let id = engine.submit(request).await.unwrap().id;
    let failed = rest(&engine, id).await;
    assert_eq!(failed.state, OperationState::FailedTemp);
    assert_eq!(failed.error.unwrap().detail, "could not put b: a crack");
    assert_eq!(world.bowl.holds(), ["a"], "what was done stays until somebody decides");
    engine.request(id, Request::Retry).await.unwrap();
    assert_eq!(rest(&engine, id).await.state, OperationState::Completed);
    assert_eq!(world.bowl.holds(), ["a", "b"]);
    running.stop().await;
}

#[tokio::test]
async fn a_rollback_leaves_nothing_and_a_fail_leaves_what_was_done() {
    for (rollback, left) in [(true, json!([])), (false, json!(["a"]))] {
        let world = World::new();
        let engine = world.engine();
        let running = Running::start(&engine);
        world.bowl.fail("b", 1, false);
        let request = world.request(json!({ "names": ["a", "b"], "in_turn": true }));
        let id = engine.submit(request).await.unwrap().id;
        rest(&engine, id).await;
        let end = if rollback {
            engine.request(id, Request::Rollback).await.unwrap();
            rest(&engine, id).await.state
        } else {
            // The failed step may have had an effect: the subject shows it until it is looked at.
            engine.fail(id).await.unwrap().state
        };
        assert!(end.is_final());
        assert_eq!(json!(world.bowl.holds()), left);
        running.stop().await;
    }
}

#[tokio::test]
async fn a_refused_plan_touches_nothing() {
    let world = World::new();
    let engine = world.engine();
    let running = Running::start(&engine);
    let id = engine.submit(world.request(json!({ "refuse": true }))).await.unwrap().id;
    let refused = rest(&engine, id).await;
    assert_eq!(refused.state, OperationState::RolledBack);
    assert_eq!(refused.error.unwrap().status, 403);
    running.stop().await;
}

#[tokio::test]
async fn a_cancel_ends_an_operation_that_would_plan_for_ever() {
    let world = World::new();
    let engine = world.engine();
    let running = Running::start(&engine);
    let id = engine.submit(world.request(json!({ "dither": true }))).await.unwrap().id;
    engine.cancel(id, CancelMode::Graceful).await.unwrap();
    assert_eq!(rest(&engine, id).await.state, OperationState::RolledBack);
    running.stop().await;
}

#[tokio::test]
async fn a_forceful_cancel_ends_a_step_that_hangs_and_a_rollback_cleans_up() {
    let world = World::new();
    let engine = world.engine();
    let running = Running::start(&engine);
    world.bowl.stuck.lock().unwrap().insert("b".to_owned());
    let request = world.request(json!({ "names": ["a", "b"] }));
    let id = engine.submit(request).await.unwrap().id;
    world.bowl.begun.notified().await;
    engine.cancel(id, CancelMode::Forceful).await.unwrap();
    let cancelled = rest(&engine, id).await;
    assert_eq!(cancelled.state, OperationState::FailedTemp);
    assert_eq!(cancelled.cancel, None, "a cancel that took effect waits no more");
    engine.request(id, Request::Rollback).await.unwrap();
    assert_eq!(rest(&engine, id).await.state, OperationState::RolledBack);
    assert!(world.bowl.holds().is_empty());
    running.stop().await;
}

#[tokio::test]
async fn a_graceful_cancel_waits_for_what_runs_and_starts_nothing_more() {
    let world = World::new();
    let engine = world.engine();
    let running = Running::start(&engine);
    world.bowl.stuck.lock().unwrap().insert("a".to_owned());
    let request = world.request(json!({ "names": ["a", "b"], "in_turn": true }));
    let id = engine.submit(request).await.unwrap().id;
    world.bowl.begun.notified().await;
    engine.cancel(id, CancelMode::Graceful).await.unwrap();
    world.bowl.stuck.lock().unwrap().clear();
    world.bowl.let_go.notify_waiters();
    assert_eq!(rest(&engine, id).await.state, OperationState::FailedTemp);
    assert_eq!(world.bowl.holds(), ["a"]);
    running.stop().await;
}

#[tokio::test]
async fn a_graceful_cancel_is_patient_only_for_so_long() {
    let world = World::new();
    let limit = Duration::from_millis(50);
    let engine = world.engine_with(Settings { graceful_limit: limit, ..quick() });
    let running = Running::start(&engine);
    world.bowl.stuck.lock().unwrap().insert("a".to_owned());
    let id = engine.submit(world.request(json!({ "names": ["a"] }))).await.unwrap().id;
    world.bowl.begun.notified().await;
    engine.cancel(id, CancelMode::Graceful).await.unwrap();
    assert_eq!(rest(&engine, id).await.state, OperationState::FailedTemp);
    running.stop().await;
}

#[tokio::test]
async fn another_worker_takes_over_when_the_lease_ends_and_the_first_may_write_no_more() {
    let world = World::new();
    let worker = |name: &str| Settings { worker: name.to_owned(), ..quick() };
    world.bowl.stuck.lock().unwrap().insert("a".to_owned());
    let first = world.engine_with(worker("first"));
    let running = Running::start(&first);
    let id = first.submit(world.request(json!({ "names": ["a"] }))).await.unwrap().id;
    world.bowl.begun.notified().await;
    // The first worker dies without a word, as on kill -9: nobody renews its lease.
    running.1.abort();
    let second = world.engine_with(worker("second"));
    let running = Running::start(&second);
    world.bowl.begun.notified().await;
    world.bowl.stuck.lock().unwrap().clear();
    world.bowl.let_go.notify_waiters();
    assert_eq!(rest(&second, id).await.state, OperationState::Completed);
    let (_, progress) = second.progress(id).await.unwrap();
    assert_eq!(progress.of("put/a").unwrap().attempts, 2);
    running.stop().await;
}

#[tokio::test]
async fn who_waits_for_an_operation_is_told_when_it_comes_to_rest_or_that_it_takes_longer() {
    let world = World::new();
    let engine = world.engine();
    let running = Running::start(&engine);
    world.bowl.stuck.lock().unwrap().insert("a".to_owned());
    let id = engine.submit(world.request(json!({ "names": ["a"] }))).await.unwrap().id;
    world.bowl.begun.notified().await;
    engine.rested(id, Duration::from_millis(5)).await.unwrap();
    assert!(engine.progress(id).await.unwrap().0.state.is_active(), "the time was over");

    let forever = Duration::from_hours(1);
    let waiting = engine.rested(id, forever);
    let letting_go = async {
        world.bowl.stuck.lock().unwrap().clear();
        world.bowl.let_go.notify_waiters();
    };
    let (told, ()) = tokio::join!(waiting, letting_go);
    told.unwrap();
    assert_eq!(engine.progress(id).await.unwrap().0.state, OperationState::Completed);
    engine.rested(id, forever).await.unwrap();
    let nobody = engine.rested(OperationId::new(), forever).await;
    assert!(matches!(nobody, Err(JournalError::NoOperation(_))));
    running.stop().await;
}

#[tokio::test]
async fn whatever_is_in_flight_is_claimed_and_planned_in_turn() {
    let world = World::new();
    let engine = world.engine_with(Settings { plans: 1, ..quick() });
    let mut ids = Vec::new();
    for _ in 0..300 {
        let subject = Subject { kind: "bowl".to_owned(), id: Uuid::new_v4() };
        world.journal.put_subject(subject.clone(), json!([]));
        let request = NewOperation { subject, ..world.request(json!({ "names": ["a"] })) };
        ids.push(engine.submit(request).await.unwrap().id);
    }
    world.bowl.stuck.lock().unwrap().insert("a".to_owned());
    let running = Running::start(&engine);
    let all_begin = async {
        while world.bowl.most_busy.load(Ordering::SeqCst) < ids.len() {
            world.bowl.begun.notified().await;
        }
    };
    tokio::time::timeout(Duration::from_secs(20), all_begin).await.expect("all are worked on");
    world.bowl.stuck.lock().unwrap().clear();
    world.bowl.let_go.notify_waiters();
    for id in ids {
        assert_eq!(rest(&engine, id).await.state, OperationState::Completed);
    }
    running.stop().await;
}

/// The table of this file under proof: the proofs themselves must hold and bite.
struct Proof(World, Value);

#[async_trait]
impl Stage for Proof {
    type Program = Bowl;

    fn engine(&self, injection: Option<Arc<Injection>>) -> Arc<Engine<Bowl>> {
        let graceful_limit = Duration::from_secs(2);
        self.0.engine_with(Settings { injection, graceful_limit, ..quick() })
    }

    async fn ask(&self, engine: &Engine<Bowl>) -> OperationId {
        engine.submit(self.0.request(self.1.clone())).await.unwrap().id
    }

    async fn inspect(&self, state: OperationState) {
        let wanted =
            if state == OperationState::Completed { self.1["names"].clone() } else { json!([]) };
        assert_eq!(json!(self.0.bowl.holds()), wanted);
        assert_eq!(self.0.says(), wanted);
    }
}

async fn proof() -> Proof {
    Proof(World::new(), json!({ "names": ["a", "b"], "in_turn": true }))
}

#[tokio::test(start_paused = true)]
async fn the_proofs_hold_for_a_good_table() {
    every_property_holds(proof).await;
}
