//! The one thread that writes.
//!
//! Writes queue up here and share transactions: while one batch is made durable, the next one
//! gathers, so many writers pay for one fsync together. Each write has a savepoint of its own and
//! is answered only after the batch is durable. No write ever meets another one's lock, nor, on a
//! PostgreSQL server, a batch of another process.

use std::any::Any;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::time::{Duration, Instant};

use diesel::Connection as _;
use metrics::{gauge, histogram};
use tokio::sync::{mpsc, oneshot};
use tracing::{error, info};

use crate::connection::{self, Connection, outcome_is_unknown};
use crate::error::StoreError;
use crate::location::Location;

/// How many writes may wait before writers are held back.
const QUEUE: usize = 1024;
/// How many writes share a transaction at most.
const BATCH: usize = 128;
/// How long a write waits before each attempt to reach a server that is away. Whoever still asks
/// then is told; the next write tries again.
const PAUSES_MS: [u64; 8] = [0, 100, 200, 400, 800, 1500, 2500, 2500];

/// What became of a batch.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Fate {
    Durable,
    /// Nothing of it happened.
    Lost(String),
    /// All of it happened, or nothing.
    Unknown(String),
}

impl Fate {
    fn of<T>(&self, value: T) -> Result<T, StoreError> {
        match self {
            Self::Durable => Ok(value),
            Self::Lost(why) => Err(StoreError::NotDurable(why.clone())),
            Self::Unknown(why) => Err(StoreError::Unknown(why.clone())),
        }
    }
}

/// Told once what became of the batch, it answers who waits for the write.
type Answer = Box<dyn FnOnce(&Fate) + Send>;
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
    /// Starts the thread, which writes over `connection` as long as that works.
    pub fn start(location: Location, connection: Connection) -> Result<Self, StoreError> {
        let (sender, queue) = mpsc::channel(QUEUE);
        let thread = Thread { location, connection: Some(connection), queue };
        std::thread::Builder::new()
            .name("store-writer".to_owned())
            .spawn(move || thread.serve())
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
            Ok(connection) => in_savepoint(connection, write),
            Err(why) => Err(StoreError::NotDurable(why.to_owned())),
        };
        let outcome = if result.is_ok() { Outcome::Written } else { Outcome::Refused };
        let finish: Answer = Box::new(move |fate| {
            // Whoever asked may have gone; the write stands all the same.
            let _gone = answer.send(result.and_then(|value| fate.of(value)));
        });
        (outcome, finish)
    });
    (job, answered)
}

/// A write that panics is taken back like one that is refused: the others go on.
fn in_savepoint<T>(
    connection: &mut Connection,
    write: impl FnOnce(&mut Connection) -> Result<T, StoreError>,
) -> Result<T, StoreError> {
    catch_unwind(AssertUnwindSafe(|| connection.transaction(write))).unwrap_or_else(|panic| {
        let what = words(&*panic);
        error!(what, "a write panicked: {what}");
        connection.rollback_savepoints()?;
        Err(StoreError::Defect(what.to_owned()))
    })
}

fn words(panic: &(dyn Any + Send)) -> &str {
    let text = panic.downcast_ref::<&str>().copied();
    text.or_else(|| panic.downcast_ref::<String>().map(String::as_str)).unwrap_or("a panic")
}

/// What the thread has.
struct Thread {
    location: Location,
    /// `None` after a failure: what that left of the connection is unknown.
    connection: Option<Connection>,
    queue: mpsc::Receiver<Write>,
}

impl Thread {
    fn serve(mut self) {
        while let Some(first) = self.queue.blocking_recv() {
            self.serve_batch(first);
        }
    }

    /// A connection may have gone while nobody wrote; what could not even begin on it may safely
    /// begin again on a new one.
    fn serve_batch(&mut self, first: Write) {
        let mut next = Some(first);
        if let Some(mut connection) = self.connection.take()
            && connection.begin_alone().is_ok()
        {
            self.keep_if_whole(connection, &mut next);
            return;
        }
        let begun = self.reconnect().and_then(|mut connection| {
            connection.begin_alone()?;
            Ok(connection)
        });
        match begun {
            Ok(connection) => self.keep_if_whole(connection, &mut next),
            Err(problem) => self.refuse(next, &problem),
        }
    }

    fn keep_if_whole(&mut self, mut connection: Connection, next: &mut Option<Write>) {
        if run_batch(&mut connection, next, &mut self.queue) {
            self.connection = Some(connection);
        }
    }

    /// A server that starts again is waited for.
    fn reconnect(&self) -> Result<Connection, StoreError> {
        let mut connected = connection::writer(&self.location);
        if let Location::Postgres(_) = self.location {
            for pause_ms in PAUSES_MS {
                if connected.is_ok() {
                    break;
                }
                std::thread::sleep(Duration::from_millis(pause_ms));
                connected = connection::writer(&self.location);
            }
        }
        if connected.is_ok() {
            info!(database = %self.location, "connected to the database again");
        }
        connected
    }

    /// Tells all who wait, so that none of them waits for the same in vain once more.
    fn refuse(&mut self, first: Option<Write>, problem: &StoreError) {
        let problem = problem.to_string();
        error!(problem, "no write is possible now: {problem}");
        let fate = Fate::Lost(problem.clone());
        let mut next = first;
        while let Some(write) = next.take() {
            write(Err(&problem)).1(&fate);
            next = self.queue.try_recv().ok();
        }
    }
}

/// Runs `next` and what has queued up behind it in the transaction that has begun; false when it
/// failed.
///
/// A refusal ends the batch: on a full disk SQLite may have taken the whole transaction back, and
/// whatever ran on in it would be neither in the batch nor out of it. The commit then fails, and
/// every writer of the batch is told.
fn run_batch(
    connection: &mut Connection,
    next: &mut Option<Write>,
    queue: &mut mpsc::Receiver<Write>,
) -> bool {
    let begun = Instant::now();
    let mut answers = Vec::new();
    while let Some(write) = next.take() {
        let (outcome, answer) = write(Ok(connection));
        answers.push(answer);
        if outcome == Outcome::Written && answers.len() < BATCH {
            *next = queue.try_recv().ok();
        }
    }
    let fate = match connection.commit() {
        Ok(()) => Fate::Durable,
        Err(error) if outcome_is_unknown(&error) => Fate::Unknown(error.to_string()),
        Err(error) => Fate::Lost(error.to_string()),
    };
    if let Fate::Lost(problem) | Fate::Unknown(problem) = &fate {
        error!(writes = answers.len(), problem, "a batch of writes failed: {problem}");
    }
    histogram!("windlass_store_write_duration_seconds").record(begun.elapsed());
    histogram!("windlass_store_write_batch_size").record(batch_size(answers.len()));
    for answer in answers {
        answer(&fate);
    }
    fate == Fate::Durable
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

    fn made(location: &Location) -> Connection {
        let mut connection = connection::writer(location).unwrap();
        crate::migrations::run(&mut connection, location).unwrap();
        connection
    }

    fn batch(connection: &mut Connection, first: Write, queue: &mut mpsc::Receiver<Write>) -> bool {
        connection.begin_alone().unwrap();
        run_batch(connection, &mut Some(first), queue)
    }

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
        let connection = made(&path.clone().into());
        std::fs::remove_file(&path).unwrap();
        std::fs::create_dir(&path).unwrap();
        let (_sender, queue) = mpsc::channel(QUEUE);
        let mut thread = Thread { location: path.into(), connection: None, queue };
        drop(connection);
        let (write, told) = job(|connection| add(connection, "first"));
        thread.serve_batch(write);
        let told = told.blocking_recv().unwrap();
        assert!(matches!(told, Err(StoreError::NotDurable(_))), "{told:?}");
    }

    #[test]
    fn when_a_batch_is_lost_every_writer_of_it_is_told() {
        let folder = tempfile::tempdir().unwrap();
        let location = Location::from(folder.path().join("windlass.db"));
        let mut connection = made(&location);
        let (sender, mut queue) = mpsc::channel(QUEUE);
        let (first, told_first) = job(|connection| add(connection, "first"));
        let (second, told_second) = job(lose_everything);
        let (third, mut told_third) = job(|connection| add(connection, "third"));
        sender.try_send(second).ok().unwrap();
        sender.try_send(third).ok().unwrap();

        assert!(!batch(&mut connection, first, &mut queue));
        let told = told_first.blocking_recv().unwrap();
        assert!(matches!(told, Err(StoreError::NotDurable(_))), "{told:?}");
        assert!(told_second.blocking_recv().unwrap().is_err());
        assert!(told_third.try_recv().is_err(), "it waits for the next batch");

        let mut connection = connection::writer(&location).unwrap();
        let third = queue.try_recv().unwrap();
        assert!(batch(&mut connection, third, &mut queue));
        told_third.blocking_recv().unwrap().unwrap();
        assert_eq!(names(&mut connection).unwrap(), ["third"]);
    }

    #[test]
    fn a_write_that_panics_takes_no_other_with_it() {
        let folder = tempfile::tempdir().unwrap();
        let mut connection = made(&folder.path().join("windlass.db").into());
        let (sender, mut queue) = mpsc::channel(QUEUE);
        let (first, told_first) = job(|connection| add(connection, "first"));
        let (second, told_second) = job(|connection| -> Result<(), StoreError> {
            add(connection, "taken back")?;
            connection.transaction(|connection| {
                add(connection, "taken back too")?;
                panic!("a number was too big");
            })
        });
        sender.try_send(second).ok().unwrap();
        assert!(batch(&mut connection, first, &mut queue));
        told_first.blocking_recv().unwrap().unwrap();
        let told = told_second.blocking_recv().unwrap().unwrap_err().to_string();
        assert!(told.contains("a number was too big"), "{told}");
        assert_eq!(names(&mut connection).unwrap(), ["first"]);
        let (third, told_third) = job(|connection| add(connection, "third"));
        assert!(batch(&mut connection, third, &mut queue));
        told_third.blocking_recv().unwrap().unwrap();
    }
}
