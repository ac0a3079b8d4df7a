//! A store without threads, and its faults.

use std::future::Future;
use std::pin::pin;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll, Waker};

use windlass_model::SystemClock;
use windlass_store::{Store, StoreError, WriteFault};

use crate::nouns::vnf;

/// What a future says when it is polled for the first time, outside any runtime.
fn at_once<T>(future: impl Future<Output = T>) -> T {
    match pin!(future).poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(value) => value,
        Poll::Pending => panic!("it waits for somebody else"),
    }
}

fn lost() -> StoreError {
    StoreError::NotDurable("the disk is full".to_owned())
}

#[test]
fn an_inline_store_answers_at_once_and_without_a_runtime() {
    let store = Store::inline(Arc::new(SystemClock), None).unwrap();
    let web = vnf("web");
    at_once(store.vnf_instances().create(web.clone())).unwrap();
    let again = at_once(store.vnf_instances().create(web.clone()));
    assert!(matches!(again, Err(StoreError::Taken { .. })), "{again:?}");
    let stored = at_once(store.vnf_instances().get(web.id)).unwrap();
    assert_eq!((stored.document, stored.generation), (web, 1));
}

#[test]
fn a_refused_write_leaves_nothing_and_a_lost_answer_leaves_the_write() {
    let next = Arc::new(Mutex::new(None));
    let asked = Arc::new(AtomicUsize::new(0));
    let faults = {
        let (next, asked) = (Arc::clone(&next), Arc::clone(&asked));
        Arc::new(move || {
            asked.fetch_add(1, Ordering::Relaxed);
            next.lock().unwrap().take()
        })
    };
    let store = Store::inline(Arc::new(SystemClock), Some(faults)).unwrap();
    let (refused, unheard) = (vnf("refused"), vnf("unheard"));

    *next.lock().unwrap() = Some(WriteFault::Refused(lost()));
    let told = at_once(store.vnf_instances().create(refused.clone()));
    assert!(matches!(told, Err(StoreError::NotDurable(_))), "{told:?}");
    let there = at_once(store.vnf_instances().get(refused.id));
    assert!(matches!(there, Err(StoreError::NotFound { .. })), "{there:?}");

    *next.lock().unwrap() = Some(WriteFault::AnswerLost(lost()));
    let told = at_once(store.vnf_instances().create(unheard.clone()));
    assert!(matches!(told, Err(StoreError::NotDurable(_))), "{told:?}");
    at_once(store.vnf_instances().get(unheard.id)).unwrap();
    assert_eq!(asked.load(Ordering::Relaxed), 2, "only writes meet faults");
}
