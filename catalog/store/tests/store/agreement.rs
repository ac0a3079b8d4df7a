//! Whatever is asked of them, in whatever order, both journals answer the same.

use proptest::prelude::*;
use serde_json::{Value, json};
use windlass_lcm::{
    Change, JournalError, Lease, MemoryJournal, Operation, Request, StepError, StepEventKind,
    Subject,
};
use windlass_model::{CancelMode, OperationEvent, OperationId};
use windlass_store::Store;

use crate::nouns::{about, at, line, plan, vnf};
use crate::worlds::{self, World};

const SUBJECTS: usize = 3;
const KINDS: [&str; 2] = ["vnf-instantiate", "vnf-heal"];
const WORKERS: [&str; 2] = ["one", "two"];

/// A call of the journal. Operations and leases are named by when they came up in the story.
#[derive(Debug, Clone)]
enum Call {
    Create { subject: usize, kind: usize, generation: Option<i64> },
    Claim { worker: usize, lease: i64, limit: usize },
    Renew { lease: usize, lease_until: i64 },
    Record { lease: usize, lines: usize },
    Transition { lease: usize, event: usize, document: Option<u8> },
    Request { operation: usize, rollback: bool },
    GiveUp { operation: usize, document: u8 },
    Cancel { operation: usize, forceful: bool },
}

fn call() -> impl Strategy<Value = Call> {
    prop_oneof![
        3 => (0..SUBJECTS, 0usize..2, prop::option::weighted(0.3, 1i64..4))
            .prop_map(|(subject, kind, generation)| Call::Create { subject, kind, generation }),
        4 => (0usize..2, 1i64..6, 1usize..3)
            .prop_map(|(worker, lease, limit)| Call::Claim { worker, lease, limit }),
        1 => (0usize..6, 0i64..6)
            .prop_map(|(lease, lease_until)| Call::Renew { lease, lease_until }),
        2 => (0usize..6, 0usize..3).prop_map(|(lease, lines)| Call::Record { lease, lines }),
        6 => (0usize..6, 0..EVENTS.len(), prop::option::of(any::<u8>()))
            .prop_map(|(lease, event, document)| Call::Transition { lease, event, document }),
        2 => (0usize..6, any::<bool>())
            .prop_map(|(operation, rollback)| Call::Request { operation, rollback }),
        1 => (0usize..6, any::<u8>())
            .prop_map(|(operation, document)| Call::GiveUp { operation, document }),
        1 => (0usize..6, any::<bool>())
            .prop_map(|(operation, forceful)| Call::Cancel { operation, forceful }),
    ]
}

const EVENTS: [OperationEvent; 6] = [
    OperationEvent::Planned,
    OperationEvent::Planned,
    OperationEvent::Done,
    OperationEvent::Failed,
    OperationEvent::Cancelled,
    OperationEvent::Undone,
];

/// Tells one story to one journal and writes down every answer.
struct Teller<W> {
    world: W,
    subjects: Vec<Subject>,
    documents: Vec<Value>,
    operations: Vec<OperationId>,
    leases: Vec<Lease>,
    answers: Vec<String>,
}

impl<W: World> Teller<W> {
    async fn tell(world: W, calls: &[Call], ids: &[OperationId]) -> Vec<String> {
        let (mut subjects, mut documents) = (Vec::new(), Vec::new());
        for number in 0..SUBJECTS {
            let mut vnf = vnf("web");
            vnf.id.0 = uuid::Uuid::from_u128(number as u128 + 1);
            documents.push(serde_json::to_value(&vnf).unwrap());
            subjects.push(world.add(&vnf).await);
        }
        let (operations, leases, answers) = (vec![], vec![], vec![]);
        let mut teller = Self { world, subjects, documents, operations, leases, answers };
        for (number, (call, &id)) in calls.iter().zip(ids).enumerate() {
            let answer = teller.ask(call, i64::try_from(number).unwrap(), id).await;
            teller.answers.push(answer);
        }
        teller.epilogue().await;
        teller.answers
    }

    async fn ask(&mut self, call: &Call, now: i64, id: OperationId) -> String {
        let lease = |number: &usize| self.leases.get(*number).cloned();
        let operation = |number: &usize| self.operations.get(*number).copied();
        let journal = self.world.journal();
        match call {
            Call::Create { subject, kind, generation } => {
                let mut new = about(&self.subjects[*subject], KINDS[*kind]);
                (new.id, new.generation) = (id, *generation);
                let created = journal.create(new, at(now)).await;
                self.operations.push(id);
                said(created)
            }
            Call::Claim { worker, lease, limit } => {
                let (worker, until) = (WORKERS[*worker], at(now + lease));
                let claimed = journal.claim(worker, &KINDS, &[], at(now), until, *limit).await;
                self.leases.extend(claimed.iter().flatten().map(|(lease, _)| lease.clone()));
                said(claimed)
            }
            Call::Renew { lease: number, lease_until } => match lease(number) {
                Some(lease) => said(journal.renew(&lease, at(now + lease_until)).await),
                None => String::new(),
            },
            Call::Record { lease: number, lines } => match lease(number) {
                Some(lease) => {
                    let line = line(&format!("node-{now}"), now, StepEventKind::Started);
                    said(journal.record(&lease, vec![line; *lines]).await)
                }
                None => String::new(),
            },
            Call::Transition { lease: number, event, document } => match lease(number) {
                Some(lease) => {
                    let event = EVENTS[*event];
                    let change = self.change(&lease, event, *document).await;
                    said(journal.transition(&lease, event, change, at(now)).await)
                }
                None => String::new(),
            },
            Call::Request { operation: number, rollback } => match operation(number) {
                Some(id) => {
                    let request = if *rollback { Request::Rollback } else { Request::Retry };
                    said(journal.request(id, request, at(now)).await)
                }
                None => String::new(),
            },
            Call::GiveUp { operation: number, document } => match operation(number) {
                Some(id) => {
                    let document = self.document_of(id, *document).await;
                    said(journal.give_up(id, document, at(now)).await)
                }
                None => String::new(),
            },
            Call::Cancel { operation: number, forceful } => match operation(number) {
                Some(id) => {
                    let mode = if *forceful { CancelMode::Forceful } else { CancelMode::Graceful };
                    said(journal.cancel(id, mode, at(now)).await)
                }
                None => String::new(),
            },
        }
    }

    async fn change(&self, lease: &Lease, event: OperationEvent, document: Option<u8>) -> Change {
        let mut change = Change::default();
        if event == OperationEvent::Planned {
            change.plan = Some(plan());
        }
        if event == OperationEvent::Failed {
            change.error = Some(StepError::lasting(500, "no"));
        }
        if let Some(document) = document {
            change.subject = Some(self.document_of(lease.operation, document).await);
        }
        change
    }

    /// The document of the operation's subject with another name.
    async fn document_of(&self, id: OperationId, name: u8) -> Value {
        let known = self.world.journal().operation(id).await.unwrap();
        let subject = known.map(|operation: Operation| operation.subject);
        let number = self.subjects.iter().position(|s| Some(s) == subject.as_ref());
        let mut document = self.documents[number.unwrap_or(0)].clone();
        document["name"] = json!(format!("web-{name}"));
        document
    }

    /// What is left when the story is over.
    async fn epilogue(&mut self) {
        for id in self.operations.clone() {
            let journal = self.world.journal();
            self.answers.push(said(journal.operation(id).await));
            self.answers.push(said(journal.log(id).await));
        }
        for subject in &self.subjects {
            self.answers.push(self.world.document(subject).await.to_string());
        }
    }
}

fn said<T: std::fmt::Debug>(answer: Result<T, JournalError>) -> String {
    match answer {
        Err(JournalError::Storage(error)) => panic!("the storage failed: {error:?}"),
        answer => format!("{answer:?}"),
    }
}

/// Tells the story to the journal in memory and to a store, and compares what they say.
async fn compare(store: Store, calls: &[Call]) -> Result<(), TestCaseError> {
    let ids: Vec<OperationId> = calls.iter().map(|_| OperationId::new()).collect();
    let memory = Teller::tell(MemoryJournal::default(), calls, &ids).await;
    let store = Teller::tell(store, calls, &ids).await;
    prop_assert_eq!(memory, store);
    Ok(())
}

fn calls() -> impl Strategy<Value = Vec<Call>> {
    prop::collection::vec(call(), 1..40)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 96, ..ProptestConfig::default() })]
    #[test]
    fn both_journals_tell_the_same_story(calls in calls()) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async {
            compare(Store::in_memory().await.unwrap(), &calls).await
        })?;
    }
}

#[test]
fn the_journal_on_postgresql_tells_the_same_story() {
    let Some(server) = windlass_test_postgres::Server::start() else { return };
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let config = ProptestConfig { cases: 24, ..ProptestConfig::default() };
    let told = proptest::test_runner::TestRunner::new(config).run(&calls(), |calls| {
        runtime.block_on(async { compare(worlds::on(&server).await, &calls).await })
    });
    told.unwrap();
}
