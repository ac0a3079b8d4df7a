//! The one thread that writes.
//!
//! Writes queue up here and share transactions: while one batch is made durable, the next one
//! gathers, so many writers pay for one fsync together. Each write has a savepoint of its own and
//! is answered only after the batch is durable. No write ever meets another one's lock.

use std::path::PathBuf;
use std::time::Instant;

use diesel::Connection as _;
use metrics::{gauge, histogram};
use tokio::sync::{mpsc, oneshot};
use tracing::error;

use crate::connection::{self, Connection};
use crate::error::StoreError;

/// How many writes may wait before writers are held back.
const QUEUE: usize = 1024;
/// How many writes share a transaction at most.
const BATCH: usize = 128;

/// Told once whether the batch is durable, it answers who waits for the write.
type Answer = Box<dyn FnOnce(Result<(), &str>) + Send>;
/// Does a write in its savepoint; or, without a transaction, is told why there is none.
type Write = Box<dyn FnOnce(Result<&mut Connection, &str>) -> (Outcome, Answer) + Send>;

#[derive(Clone, Copy, PartialEq, Eq)]
enum Outcome {
    Written,
    Refused,
}

/// Hands writes to the thread. The thread ends with the last of these.
#[derive(Clone)]
pub struct Writer(mpsc::Sender<Write>);

impl Writer {
    /// Starts the thread.
    pub fn start(path: PathBuf) -> Result<Self, StoreError> {
        let mut connection = connection::writer(&path)?;
        let (sender, mut queue) = mpsc::channel(QUEUE);
        let serve = move || {
            while let Some(first) = queue.blocking_recv() {
                if run_batch(&mut connection, first, &mut queue) {
                    continue;
                }
                // What the failure left of the connection is unknown. Without a new one the
                // thread ends, and every later write is told that the store has stopped.
                match connection::writer(&path) {
                    Ok(fresh) => connection = fresh,
                    Err(problem) => return error!(%problem, "the store stops: {problem}"),
                }
            }
        };
        std::thread::Builder::new()
            .name("store-writer".to_owned())
            .spawn(serve)
            .map_err(|error| StoreError::NotDurable(error.to_string()))?;
        Ok(Self(sender))
    }

    /// Does `write` in a transaction; what it returned is durable when this returns.
    pub async fn run<T: Send + 'static>(
        &self,
        write: impl FnOnce(&mut Connection) -> Result<T, StoreError> + Send + 'static,
    ) -> Result<T, StoreError> {
        let (job, answered) = job(write);
        let waiting = Waiting::begin();
        let job: Write = Box::new(move |connection| {
            drop(waiting);
            job(connection)
        });
        self.0.send(job).await.map_err(|_closed| StoreError::Stopped)?;
        answered.await.map_err(|_closed| StoreError::Stopped)?
    }
}

/// A write that is not in a transaction yet; it is counted as long as this lives.
struct Waiting;

impl Waiting {
    fn begin() -> Self {
        gauge!("windlass_store_queue_length").increment(1);
        Self
    }
}

impl Drop for Waiting {
    fn drop(&mut self) {
        gauge!("windlass_store_queue_length").decrement(1);
    }
}

/// A write for the queue, and where its result will come.
fn job<T: Send + 'static>(
    write: impl FnOnce(&mut Connection) -> Result<T, StoreError> + Send + 'static,
) -> (Write, oneshot::Receiver<Result<T, StoreError>>) {
    let (answer, answered) = oneshot::channel();
    let job: Write = Box::new(move |connection| {
        let result = match connection {
            Ok(connection) => connection.transaction(write),
            Err(why) => Err(StoreError::NotDurable(why.to_owned())),
        };
        let outcome = if result.is_ok() { Outcome::Written } else { Outcome::Refused };
        let finish: Answer = Box::new(move |durable| {
            let result = result.and_then(|value| match durable {
                Ok(()) => Ok(value),
                Err(why) => Err(StoreError::NotDurable(why.to_owned())),
            });
            // Whoever asked may have gone; the write stands all the same.
            let _gone = answer.send(result);
        });
        (outcome, finish)
    });
    (job, answered)
}

/// Runs `first` and what has queued up behind it in one transaction; false when that failed.
///
/// A refusal ends the batch: on a full disk SQLite may have taken the whole transaction back, and
/// whatever ran on in it would be neither in the batch nor out of it. The commit then fails, and
/// every writer of the batch is told.
fn run_batch(connection: &mut Connection, first: Write, queue: &mut mpsc::Receiver<Write>) -> bool {
    let begun = Instant::now();
    let mut answers = Vec::new();
    let mut next = Some(first);
    let committed =
        connection.immediate_transaction::<(), diesel::result::Error, _>(|connection| {
            while let Some(write) = next.take() {
                let (outcome, answer) = write(Ok(connection));
                answers.push(answer);
                if outcome == Outcome::Written && answers.len() < BATCH {
                    next = queue.try_recv().ok();
                }
            }
            Ok(())
        });
    let problem = committed.err().map(|error| error.to_string());
    if let Some(problem) = &problem {
        // The first write is still there when the transaction could not even begin.
        answers.extend(next.take().map(|write| write(Err(problem)).1));
        error!(writes = answers.len(), problem, "a batch of writes failed: {problem}");
    }
    histogram!("windlass_store_write_duration_seconds").record(begun.elapsed());
    histogram!("windlass_store_write_batch_size").record(batch_size(answers.len()));
    for answer in answers {
        answer(problem.as_deref().map_or(Ok(()), Err));
    }
    problem.is_none()
}

/// A batch is small, whatever the type says.
fn batch_size(writes: usize) -> f64 {
    f64::from(u32::try_from(writes).unwrap_or(u32::MAX))
}

#[cfg(test)]
mod tests {
    use diesel::connection::SimpleConnection;
    use diesel::prelude::*;

    use super::*;
    use crate::connection::Connection;
    use crate::schema::token;

    fn add(connection: &mut Connection, name: &str) -> Result<(), StoreError> {
        let row = (token::name.eq(name), token::hash.eq(name), token::created_at.eq(0));
        diesel::insert_into(token::table).values(row).execute(connection)?;
        Ok(())
    }

    fn names(connection: &mut Connection) -> Result<Vec<String>, StoreError> {
        Ok(token::table.order(token::name).select(token::name).load(connection)?)
    }

    /// What SQLite does by itself when the disk is full: the whole transaction is gone.
    fn lose_everything(connection: &mut Connection) -> Result<(), StoreError> {
        add(connection, "lost")?;
        connection.batch_execute("ROLLBACK")?;
        Err(StoreError::Stale { what: "disk" })
    }

    #[test]
    fn a_write_that_could_not_begin_is_told_why() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("windlass.db");
        let mut connection = connection::writer(&path).unwrap();
        connection.batch_execute("PRAGMA busy_timeout = 1").unwrap();
        let mut other = connection::writer(&path).unwrap();
        other.batch_execute("BEGIN IMMEDIATE").unwrap();
        let (_sender, mut queue) = mpsc::channel(QUEUE);
        let (write, told) = job(|connection| add(connection, "first"));
        assert!(!run_batch(&mut connection, write, &mut queue));
        let told = told.blocking_recv().unwrap();
        assert!(matches!(told, Err(StoreError::NotDurable(_))), "{told:?}");
    }

    #[test]
    fn when_a_batch_is_lost_every_writer_of_it_is_told() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("windlass.db");
        let mut connection = connection::writer(&path).unwrap();
        let (sender, mut queue) = mpsc::channel(QUEUE);
        let (first, told_first) = job(|connection| add(connection, "first"));
        let (second, told_second) = job(lose_everything);
        let (third, mut told_third) = job(|connection| add(connection, "third"));
        sender.try_send(second).ok().unwrap();
        sender.try_send(third).ok().unwrap();

        assert!(!run_batch(&mut connection, first, &mut queue));
        let told = told_first.blocking_recv().unwrap();
        assert!(matches!(told, Err(StoreError::NotDurable(_))), "{told:?}");
        assert!(told_second.blocking_recv().unwrap().is_err());
        assert!(told_third.try_recv().is_err(), "it waits for the next batch");

        let mut connection = connection::writer(&path).unwrap();
        let third = queue.try_recv().unwrap();
        assert!(run_batch(&mut connection, third, &mut queue));
        told_third.blocking_recv().unwrap().unwrap();
        assert_eq!(names(&mut connection).unwrap(), ["third"]);
    }
}
