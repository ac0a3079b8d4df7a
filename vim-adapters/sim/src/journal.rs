//! A cloud in a folder: its journal, which all processes that use the cloud read and write.
//!
//! ```text
//!  FOLDER/lock      held for the length of a visit
//!  FOLDER/journal   a line per visit that changed something: the facts that it established
//!  FOLDER/script.json   how the cloud behaves (see `settings`)
//! ```
//! The file is the truth: a visit begins with reading what others wrote since the last one, and
//! ends with one write. A process that is killed in the middle of that leaves a line without its
//! end, which the next visitor cuts off. The file is not forced to the disk: a killed process loses
//! nothing, a power cut may.

use std::fs::{File, OpenOptions, create_dir_all, rename};
use std::io::{self, Write as _};
use std::os::unix::fs::{FileExt as _, MetadataExt as _};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::fact::{Fact, Origin};
use crate::settings::Settings;
use crate::world::World;

/// A journal that is shorter is never rewritten.
const LONG_BYTES: u64 = 1 << 20;
/// A longer one is when it has grown to so many times what its world needs.
const GROWTH: u64 = 4;

/// The journal of a kept cloud.
#[derive(Debug)]
pub(crate) struct Journal {
    folder: PathBuf,
    lock: Option<Arc<File>>,
    pages: Option<Pages>,
}

/// The journal's file, as far as it was read.
#[derive(Debug)]
struct Pages {
    file: File,
    /// What stands before this is in the world.
    read_bytes: u64,
    /// How long the file was when it held its world and nothing else.
    dense_bytes: u64,
}

/// The cloud is ours until this is dropped.
#[derive(Debug)]
pub(crate) struct Visit(Arc<File>);

impl Drop for Visit {
    fn drop(&mut self) {
        // A lock that cannot be given back goes with the process.
        let _unlocked = self.0.unlock();
    }
}

impl Journal {
    /// The journal in a folder, which is made at the first visit.
    pub(crate) fn new(folder: &Path) -> Self {
        Self { folder: folder.to_owned(), lock: None, pages: None }
    }

    /// Where the cloud is kept.
    pub(crate) fn folder(&self) -> &Path {
        &self.folder
    }

    /// Waits for the other processes, and brings the world up to what they did.
    pub(crate) fn enter(&mut self, world: &mut World) -> io::Result<Visit> {
        let lock = match &self.lock {
            Some(lock) => Arc::clone(lock),
            None => self.open(world)?,
        };
        lock.lock()?;
        let visit = Visit(lock);
        let pages = match self.pages.take() {
            Some(pages) if !pages.are_torn_out()? => self.pages.insert(pages),
            _ => {
                world.forget();
                let pages = Pages::open(&self.folder)?;
                self.pages.insert(pages)
            }
        };
        pages.read(world)?;
        world.adopt_known();
        Ok(visit)
    }

    /// Writes down what the visit changed.
    pub(crate) fn leave(&mut self, world: &mut World, visit: Visit) -> io::Result<()> {
        if let (Some(line), Some(pages)) = (world.diary.take(), &mut self.pages) {
            pages.append(&line)?;
            if pages.read_bytes > LONG_BYTES.max(pages.dense_bytes * GROWTH) {
                self.pages = Some(Pages::rewrite(&self.folder, world)?);
            }
        }
        drop(visit);
        Ok(())
    }

    /// Forgets what was read: the next visit begins with the file's first line.
    pub(crate) fn doubt(&mut self) {
        self.pages = None;
    }

    fn open(&mut self, world: &mut World) -> io::Result<Arc<File>> {
        create_dir_all(&self.folder)?;
        Settings::read(&self.folder)?.apply(world);
        let lock = OpenOptions::new().create(true).append(true).open(self.folder.join("lock"))?;
        Ok(Arc::clone(self.lock.insert(Arc::new(lock))))
    }
}

impl Pages {
    fn open(folder: &Path) -> io::Result<Self> {
        let mut options = OpenOptions::new();
        let file = options.read(true).write(true).create(true).truncate(false);
        let file = file.open(folder.join("journal"))?;
        Ok(Self { file, read_bytes: 0, dense_bytes: 0 })
    }

    /// True when somebody rewrote the journal: the file that is open here is not it any more.
    fn are_torn_out(&self) -> io::Result<bool> {
        let about = self.file.metadata()?;
        Ok(about.nlink() == 0 || about.len() < self.read_bytes)
    }

    /// Learns what was written since, and cuts off a line without an end.
    fn read(&mut self, world: &mut World) -> io::Result<()> {
        let length = self.file.metadata()?.len();
        if length == self.read_bytes {
            return Ok(());
        }
        let anew = self.read_bytes == 0;
        let size = usize::try_from(length - self.read_bytes).map_err(io::Error::other)?;
        let mut unread = vec![0; size];
        self.file.read_exact_at(&mut unread, self.read_bytes)?;
        for line in unread.split_inclusive(|byte| *byte == b'\n') {
            if !line.ends_with(b"\n") {
                self.file.set_len(self.read_bytes)?;
                break;
            }
            for fact in serde_json::from_slice::<Vec<Fact>>(line)? {
                if anew {
                    // What was so before anybody listened is no news.
                    let _old_news = world.settle(fact, Origin::Elsewhere);
                } else {
                    world.learn(fact, Origin::Elsewhere);
                }
            }
            self.read_bytes += line.len() as u64;
        }
        if anew {
            self.dense_bytes = self.read_bytes;
        }
        Ok(())
    }

    fn append(&mut self, line: &[u8]) -> io::Result<()> {
        self.file.write_all_at(line, self.read_bytes)?;
        self.read_bytes += line.len() as u64;
        Ok(())
    }

    /// A new journal that says what the world is, and not how it came to be.
    fn rewrite(folder: &Path, world: &World) -> io::Result<Self> {
        let draft = folder.join("journal.new");
        let mut options = OpenOptions::new();
        let file = options.read(true).write(true).create(true).truncate(true).open(&draft)?;
        let mut writer = io::BufWriter::new(file);
        for fact in world.facts() {
            serde_json::to_writer(&mut writer, &[fact])?;
            writer.write_all(b"\n")?;
        }
        let file = writer.into_inner().map_err(io::IntoInnerError::into_error)?;
        rename(draft, folder.join("journal"))?;
        let bytes = file.metadata()?.len();
        Ok(Self { file, read_bytes: bytes, dense_bytes: bytes })
    }
}
