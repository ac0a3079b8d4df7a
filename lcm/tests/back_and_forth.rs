//! Stories of rollbacks that do not get through, and of programs that stumble.
#![expect(clippy::unwrap_used, reason = "a story that cannot go on stops here")]

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use async_trait::async_trait;
use serde_json::{Value, json};
use tokio::sync::watch;
use uuid::Uuid;
use windlass_lcm::{
    Engine, MemoryJournal, NewOperation, Operation, Plan, Procedure, Progress, Request, Settings,
    Step, StepCall, StepError, Subject, step,
};
use windlass_model::{OperationId, OperationState, SystemClock};

/// A program that tells what it does, and fails once at what it is told to fail at.
#[derive(Debug, Default)]
struct Diary {
    told: Mutex<Vec<String>>,
    fails: Mutex<BTreeSet<String>>,
}

impl Diary {
    fn fail(&self, what: &str) {
        self.fails.lock().unwrap().insert(what.to_owned());
    }

    fn tell(&self, what: String, transient: bool) -> Result<Value, StepError> {
        let fails = self.fails.lock().unwrap().remove(&what);
        self.told.lock().unwrap().push(what);
        let error = StepError { status: 503, detail: "not now".to_owned(), transient };
        if fails { Err(error) } else { Ok(Value::Null) }
    }

    fn read(&self) -> Vec<String> {
        std::mem::take(&mut *self.told.lock().unwrap())
    }
}

const STEPS: &[Step<Diary>] = &[step!(make, undo = take), step!(see, no_undo = "it only watches")];

async fn make(diary: Arc<Diary>, call: StepCall) -> Result<Value, StepError> {
    diary.tell(call.node.id, false)
}

async fn take(diary: Arc<Diary>, call: StepCall) -> Result<Value, StepError> {
    diary.tell(format!("undo {}", call.node.id), false)
}

async fn see(diary: Arc<Diary>, call: StepCall) -> Result<Value, StepError> {
    diary.tell(call.node.id, false)
}

/// Makes a and looks at it, and only then makes b and c, one after the other.
struct Build;

#[async_trait]
impl Procedure<Diary> for Build {
    fn kind(&self) -> &'static str {
        "build"
    }

    fn steps(&self) -> &'static [Step<Diary>] {
        STEPS
    }

    async fn plan(&self, diary: &Arc<Diary>, _: &Operation) -> Result<Plan, StepError> {
        diary.tell("plan".to_owned(), true)?;
        assert!(!diary.fails.lock().unwrap().remove("panic"), "a bug in the planning");
        let mut plan = Plan::default();
        let a = plan.add("make", "a", "make a", json!({}), &[]);
        let seen = plan.add("see", "a", "see a", json!({}), &[a]);
        let b = plan.add("make", "b", "make b", json!({}), &[seen]);
        plan.add("make", "c", "make c", json!({}), &[b]);
        Ok(plan)
    }

    fn reflect(&self, operation: &Operation, _: &Progress) -> Result<Value, StepError> {
        Ok(operation.before.clone())
    }

    async fn conclude(
        &self,
        diary: &Arc<Diary>,
        _: &Operation,
        state: OperationState,
        _: &Value,
    ) -> Result<(), StepError> {
        diary.tell(format!("tell of {state}"), true).map(drop)
    }
}

struct Story {
    diary: Arc<Diary>,
    engine: Arc<Engine<Diary>>,
    id: OperationId,
    _stop: watch::Sender<bool>,
}

impl Story {
    async fn begin(fails: &[&str]) -> Self {
        let (diary, journal) = (Arc::new(Diary::default()), Arc::new(MemoryJournal::default()));
        fails.iter().for_each(|what| diary.fail(what));
        let subject = Subject { kind: "house".to_owned(), id: Uuid::new_v4() };
        journal.put_subject(subject.clone(), json!({}));
        let (poll, pause) = (Duration::from_millis(10), Duration::from_millis(1));
        let settings = Settings { poll, pause, ..Settings::default() };
        let procedures: Vec<Arc<dyn Procedure<Diary>>> = vec![Arc::new(Build)];
        let clock = Arc::new(SystemClock);
        let engine = Engine::new(Arc::clone(&diary), journal, clock, settings, procedures);
        let engine = Arc::new(engine);
        let (stop, stopped) = watch::channel(false);
        tokio::spawn(Arc::clone(&engine).run(stopped));
        let (id, kind) = (OperationId::new(), "build".to_owned());
        let (generation, params, automatic) = (None, json!({}), false);
        let new = NewOperation { id, kind, subject, generation, params, automatic };
        engine.submit(new).await.unwrap();
        Self { diary, engine, id, _stop: stop }
    }

    async fn ask(&self, request: Request) {
        self.engine.request(self.id, request).await.unwrap();
    }

    async fn end(&self) -> OperationState {
        let settled = async {
            loop {
                let state = self.engine.progress(self.id).await.unwrap().0.state;
                if !state.is_active() {
                    return state;
                }
                tokio::time::sleep(Duration::from_millis(2)).await;
            }
        };
        tokio::time::timeout(Duration::from_secs(20), settled).await.expect("it comes to rest")
    }
}

#[tokio::test]
async fn undos_keep_their_order_across_a_step_that_needs_no_undo() {
    let story = Story::begin(&["make/c"]).await;
    assert_eq!(story.end().await, OperationState::FailedTemp);
    assert_eq!(story.diary.read(), ["plan", "make/a", "see/a", "make/b", "make/c"]);
    story.diary.fail("undo make/b");
    story.ask(Request::Rollback).await;
    assert_eq!(story.end().await, OperationState::FailedTemp);
    assert_eq!(story.diary.read(), ["undo make/c", "undo make/b"], "a is still needed by b");
}

#[tokio::test]
async fn what_was_seen_before_half_a_rollback_is_looked_at_again() {
    let story = Story::begin(&["make/c"]).await;
    assert_eq!(story.end().await, OperationState::FailedTemp);
    story.diary.fail("undo make/a");
    story.ask(Request::Rollback).await;
    assert_eq!(story.end().await, OperationState::FailedTemp);
    story.diary.read();
    story.ask(Request::Retry).await;
    assert_eq!(story.end().await, OperationState::Completed);
    let told = ["make/a", "see/a", "make/b", "make/c", "tell of COMPLETED"];
    assert_eq!(story.diary.read(), told);
}

#[tokio::test]
async fn who_does_not_answer_for_a_moment_is_asked_again() {
    let story = Story::begin(&["plan", "tell of COMPLETED"]).await;
    assert_eq!(story.end().await, OperationState::Completed);
    let told = story.diary.read();
    assert_eq!(told.iter().filter(|what| *what == "plan").count(), 2);
    assert_eq!(told.iter().filter(|what| *what == "tell of COMPLETED").count(), 2);
}

#[tokio::test]
async fn a_planning_that_breaks_off_refuses_the_operation() {
    let story = Story::begin(&["panic"]).await;
    assert_eq!(story.end().await, OperationState::RolledBack);
    let refused = story.engine.progress(story.id).await.unwrap().0;
    assert_eq!(refused.error.unwrap().status, 500);
}
