//! What processes that share a folder of blobs must agree on.

use std::fs::{self, File, TryLockError};
use std::io;
use std::path::Path;
use std::sync::{Mutex, MutexGuard, PoisonError};

use tempfile::TempDir;

/// The file below the root that is locked while blobs come and go.
const NAMES: &str = "lock";
/// The folder below the root for what is on its way in, with a folder for each process.
const INCOMING: &str = "incoming";
/// The file in a process's folder that it keeps locked.
const ALIVE: &str = "lock";

/// A process's share of a folder of blobs. What it has on its way in goes with it.
#[derive(Debug)]
pub(super) struct Shared {
    incoming: TempDir,
    _alive: File,
    /// Locked while a blob comes or goes, so that a sweep never removes one that has just come: for
    /// the threads of this process the mutex, for other processes the file.
    names: Mutex<File>,
}

/// The right to give names to blobs, and to take them away.
#[derive(Debug)]
pub(super) struct Names<'a>(MutexGuard<'a, File>);

impl Drop for Names<'_> {
    fn drop(&mut self) {
        // Closing the file would free it as well; there is nobody to tell.
        let _ = self.0.unlock();
    }
}

impl Shared {
    /// Joins those who share the folder, and clears away what is left of those who are gone.
    pub fn join(root: &Path) -> io::Result<Self> {
        let names =
            File::options().create(true).truncate(false).write(true).open(root.join(NAMES))?;
        // Nobody may take a folder for abandoned between its making and its locking.
        names.lock()?;
        let all = root.join(INCOMING);
        fs::create_dir_all(&all)?;
        for entry in fs::read_dir(&all)? {
            clear(&entry?.path())?;
        }
        let incoming = TempDir::with_prefix_in("process-", &all)?;
        let alive = File::create(incoming.path().join(ALIVE))?;
        alive.lock()?;
        names.unlock()?;
        Ok(Self { incoming, _alive: alive, names: Mutex::new(names) })
    }

    /// Where this process puts what is on its way in.
    pub fn incoming(&self) -> &Path {
        self.incoming.path()
    }

    /// Waits until nobody else gives or takes names.
    pub fn lock_names(&self) -> io::Result<Names<'_>> {
        let names = self.names.lock().unwrap_or_else(PoisonError::into_inner);
        names.lock()?;
        Ok(Names(names))
    }
}

/// Removes what a process left that is gone, unless that process, leaving just now, is faster.
fn clear(path: &Path) -> io::Result<()> {
    match remove_abandoned(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        cleared => cleared,
    }
}

fn remove_abandoned(path: &Path) -> io::Result<()> {
    if !path.is_dir() {
        return fs::remove_file(path);
    }
    match File::open(path.join(ALIVE)).map(|alive| alive.try_lock()) {
        Ok(Err(TryLockError::WouldBlock)) => Ok(()),
        Ok(Err(TryLockError::Error(error))) => Err(error),
        Ok(Ok(())) => fs::remove_dir_all(path),
        Err(error) if error.kind() == io::ErrorKind::NotFound => fs::remove_dir_all(path),
        Err(error) => Err(error),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_leaves_is_in_nobodys_way_who_joins() {
        let root = tempfile::tempdir().unwrap();
        clear(&root.path().join("gone")).unwrap();
        std::thread::scope(|scope| {
            for _process in 0..4 {
                scope.spawn(|| {
                    for _time in 0..50 {
                        Shared::join(root.path()).unwrap();
                    }
                });
            }
        });
    }

    #[test]
    fn what_the_dead_leave_is_cleared_and_the_living_keep_theirs() {
        let root = tempfile::tempdir().unwrap();
        let alive = Shared::join(root.path()).unwrap();
        let dead = root.path().join(INCOMING).join("process-dead");
        fs::create_dir(&dead).unwrap();
        File::create(dead.join(ALIVE)).unwrap();
        let _joined = Shared::join(root.path()).unwrap();
        assert!(!dead.exists() && alive.incoming().exists());
    }
}
