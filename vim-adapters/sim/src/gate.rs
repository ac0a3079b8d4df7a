//! Where a hanging call waits.

use std::sync::Arc;

use tokio::sync::watch;

/// Holds calls until it is released. Dropping it releases nothing: the calls hang on.
#[derive(Debug, Clone)]
pub struct Gate(Arc<Doors>);

#[derive(Debug)]
struct Doors {
    open: watch::Sender<bool>,
    waiting: watch::Sender<u32>,
}

impl Gate {
    pub(crate) fn new() -> Self {
        Self(Arc::new(Doors { open: watch::Sender::new(false), waiting: watch::Sender::new(0) }))
    }

    /// Waits until a call hangs here.
    pub async fn reached(&self) {
        // The sender lives in `self`, so waiting cannot fail.
        let _ = self.0.waiting.subscribe().wait_for(|waiting| *waiting > 0).await;
    }

    /// Lets every call go on, those that hang and those that come.
    pub fn release(&self) {
        self.0.open.send_replace(true);
    }

    pub(crate) async fn pass(&self) {
        let _place = Place::take(&self.0.waiting);
        let _ = self.0.open.subscribe().wait_for(|open| *open).await;
    }
}

/// A place in the queue; left also by a caller that vanishes.
struct Place<'a>(&'a watch::Sender<u32>);

impl<'a> Place<'a> {
    fn take(waiting: &'a watch::Sender<u32>) -> Self {
        waiting.send_modify(|waiting| *waiting += 1);
        Self(waiting)
    }
}

impl Drop for Place<'_> {
    fn drop(&mut self) {
        self.0.send_modify(|waiting| *waiting -= 1);
    }
}
