//! A program that keeps pebbles in a bowl.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use async_trait::async_trait;
use serde_json::{Value, json};
use tokio::sync::Notify;
use windlass_lcm::{Node, Operation, Plan, Procedure, Progress, Step, StepCall, StepError, step};

/// The world that the steps act on.
#[derive(Debug, Default)]
pub struct Bowl {
    pub pebbles: Mutex<BTreeSet<String>>,
    /// Steps that run now, and the most that ever ran at once.
    busy: AtomicUsize,
    pub most_busy: AtomicUsize,
    /// Names whose step waits until it is let go.
    pub stuck: Mutex<BTreeSet<String>>,
    pub let_go: Notify,
    pub begun: Notify,
    /// Names whose step fails, this many times.
    failures: Mutex<BTreeMap<String, (usize, bool)>>,
}

impl Bowl {
    pub fn holds(&self) -> Vec<String> {
        self.pebbles.lock().unwrap().iter().cloned().collect()
    }

    pub fn fail(&self, name: &str, times: usize, transient: bool) {
        self.failures.lock().unwrap().insert(name.to_owned(), (times, transient));
    }

    fn next_failure(&self, name: &str) -> Option<StepError> {
        let mut failures = self.failures.lock().unwrap();
        let (left, transient) = failures.get_mut(name)?;
        *left = left.checked_sub(1)?;
        Some(StepError { status: 500, detail: "a crack".to_owned(), transient: *transient })
    }
}

const STEPS: &[Step<Bowl>] = &[step!(put, undo = take), step!(look, no_undo = "it only watches")];

async fn put(bowl: Arc<Bowl>, call: StepCall) -> Result<Value, StepError> {
    let name: String = call.input()?;
    let now = bowl.busy.fetch_add(1, Ordering::SeqCst) + 1;
    bowl.most_busy.fetch_max(now, Ordering::SeqCst);
    bowl.begun.notify_one();
    tokio::time::sleep(Duration::from_millis(2)).await;
    while bowl.stuck.lock().unwrap().contains(&name) {
        bowl.let_go.notified().await;
    }
    bowl.busy.fetch_sub(1, Ordering::SeqCst);
    if let Some(error) = bowl.next_failure(&name) {
        return Err(error);
    }
    bowl.pebbles.lock().unwrap().insert(name);
    Ok(Value::Null)
}

async fn take(bowl: Arc<Bowl>, call: StepCall) -> Result<Value, StepError> {
    let name: String = call.input()?;
    bowl.pebbles.lock().unwrap().remove(&name);
    Ok(Value::Null)
}

async fn look(bowl: Arc<Bowl>, call: StepCall) -> Result<Value, StepError> {
    let name: String = call.input()?;
    let there = bowl.pebbles.lock().unwrap().contains(&name);
    if there { Ok(json!(true)) } else { Err(StepError::lasting(500, format!("no {name}"))) }
}

/// Puts the pebbles that the request names, each before the next unless it is `all at once`.
pub struct Fill;

#[async_trait]
impl Procedure<Bowl> for Fill {
    fn kind(&self) -> &'static str {
        "fill"
    }

    fn steps(&self) -> &'static [Step<Bowl>] {
        STEPS
    }

    async fn plan(&self, _bowl: &Arc<Bowl>, operation: &Operation) -> Result<Plan, StepError> {
        if operation.params["refuse"] == json!(true) {
            return Err(StepError::lasting(403, "no room for pebbles"));
        }
        if operation.params["dither"] == json!(true) {
            std::future::pending::<()>().await;
        }
        let names: Vec<String> = serde_json::from_value(operation.params["names"].clone()).unwrap();
        let in_turn = operation.params["in_turn"] == json!(true);
        let mut plan = Plan::default();
        let mut last = vec![];
        for name in &names {
            let put = plan.add("put", name, format!("put {name}"), json!(name), &last);
            let seen = plan.add("look", name, format!("look at {name}"), json!(name), &[put]);
            if in_turn {
                last = vec![seen];
            }
        }
        Ok(plan)
    }

    fn reflect(&self, operation: &Operation, progress: &Progress) -> Result<Value, StepError> {
        let nodes = operation.plan.iter().flat_map(|plan| &plan.nodes);
        let put = |node: &&Node| node.step == "put" && progress.may_have_effect(&node.id);
        Ok(nodes.filter(put).map(|node| node.input.clone()).collect())
    }
}
