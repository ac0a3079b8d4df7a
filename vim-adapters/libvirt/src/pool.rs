//! The storage pool that everything of ours on a host's disk lives in.
//!
//! | volume | what it is |
//! |---|---|
//! | `image-<sha256>.<upload>` | an image of the cache, see [`crate::image`] |
//! | `<volume id>` | a volume |
//! | `<machine id>-seed`, `<machine id>-console.log` | what belongs to a machine |
//! | `<id>.tag.<owner>...` | an empty record that says whose `<id>` is, see [`crate::metadata`] |

use virt::connect::Connect;
use virt::error::{Error, ErrorNumber};
use virt::storage_pool::StoragePool;
use virt::storage_vol::StorageVol;
use virt::stream::Stream;
use windlass_model::Tag;

use crate::fault::{Fault, Outcome};
use crate::metadata;
use crate::xml::Element;

/// An operator who wants the pool elsewhere defines one of this name there before the first use.
const NAME: &str = "windlass";
const TARGET: &str = "/var/lib/libvirt/windlass";

/// Libvirt's remote protocol carries at most 256 KiB in one message of a stream.
const CHUNK: usize = 256 * 1024;

/// The pool on one host.
#[derive(Debug)]
pub(crate) struct Pool<'a> {
    connect: &'a Connect,
    pool: StoragePool,
}

impl<'a> Pool<'a> {
    /// Opens the pool; makes and starts it when it is missing.
    pub(crate) fn open(connect: &'a Connect) -> Result<Self, Error> {
        let pool = match StoragePool::lookup_by_name(connect, NAME) {
            Ok(pool) => pool,
            Err(error) if error.code() == ErrorNumber::NoStoragePool => define(connect)?,
            Err(error) => return Err(error),
        };
        if !pool.is_active()? {
            pool.build(0)?;
            if let Err(error) = pool.create(0) {
                // Somebody else may have started it meanwhile.
                if !pool.is_active()? {
                    return Err(error);
                }
            }
        }
        Ok(Self { connect, pool })
    }

    /// The names of all volumes.
    pub(crate) fn names(&self) -> Result<Vec<String>, Error> {
        self.pool.list_all_volumes(0)?.iter().map(StorageVol::get_name).collect()
    }

    /// All volumes.
    pub(crate) fn volumes(&self) -> Result<Vec<StorageVol>, Error> {
        self.pool.list_all_volumes(0)
    }

    /// The volume of a name.
    pub(crate) fn find(&self, name: &str) -> Result<Option<StorageVol>, Error> {
        match StorageVol::lookup_by_name(&self.pool, name) {
            Ok(volume) => Ok(Some(volume)),
            Err(error) if error.code() == ErrorNumber::NoStorageVolume => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// Makes a volume, unless there is one of that name already.
    pub(crate) fn ensure(&self, name: &str, volume: &Element) -> Result<StorageVol, Error> {
        match StorageVol::create_xml(&self.pool, &volume.to_string(), 0) {
            Ok(volume) => Ok(volume),
            Err(error) => self.find(name)?.ok_or(error),
        }
    }

    /// Removes a volume; true when it was there.
    pub(crate) fn remove(&self, name: &str) -> Result<bool, Error> {
        let Some(volume) = self.find(name)? else { return Ok(false) };
        match volume.delete(0) {
            Ok(()) => Ok(true),
            Err(error) if error.code() == ErrorNumber::NoStorageVolume => Ok(false),
            Err(error) => Err(error),
        }
    }

    /// Writes down whose `id` is, before anything of that id is made.
    pub(crate) fn record(&self, id: &str, tag: &Tag) -> Result<(), Error> {
        if !self.has_record(id)? {
            let name = metadata::record_name(id, tag);
            self.ensure(&name, &raw(&name, 0))?;
        }
        Ok(())
    }

    /// True when it is written down whose `id` is.
    pub(crate) fn has_record(&self, id: &str) -> Result<bool, Error> {
        let record = metadata::record_prefix(id);
        Ok(self.names()?.iter().any(|name| name.starts_with(&record)))
    }

    /// Looks for files that libvirt has not made itself, such as rotated console logs. This is
    /// refused while something is uploaded: then they are seen the next time.
    pub(crate) fn refresh(&self) {
        let _ = self.pool.refresh(0);
    }

    /// Removes everything that belongs to `id`, its record last.
    pub(crate) fn remove_all(&self, id: &str) -> Outcome<()> {
        let (record, belongings) = (metadata::record_prefix(id), format!("{id}-"));
        let names = self.names()?;
        let records: Vec<_> = names.iter().filter(|name| name.starts_with(&record)).collect();
        let things: Vec<_> =
            names.iter().filter(|name| *name == id || name.starts_with(&belongings)).collect();
        if records.is_empty() && !things.is_empty() {
            return Err(Fault::NotOurs(format!("the volume {}", things[0])));
        }
        for name in things.into_iter().chain(records) {
            self.remove(name)?;
        }
        Ok(())
    }

    /// Opens a volume for writing `length` bytes from its start.
    pub(crate) fn upload(&self, volume: &StorageVol, length: u64) -> Result<Upload, Error> {
        let stream = Stream::new(self.connect, 0)?;
        volume.upload(&stream, 0, length, 0)?;
        Ok(Upload { stream })
    }

    /// Writes a volume from its start.
    pub(crate) fn write(&self, volume: &StorageVol, content: &[u8]) -> Result<(), Error> {
        let upload = self.upload(volume, content.len() as u64)?;
        match upload.send(content) {
            Ok(()) => upload.finish(),
            Err(error) => {
                upload.abort();
                Err(error)
            }
        }
    }

    /// Reads at most `length` bytes of a volume.
    pub(crate) fn read(
        &self,
        volume: &StorageVol,
        offset: u64,
        length: u64,
    ) -> Result<Vec<u8>, Error> {
        if length == 0 {
            return Ok(Vec::new());
        }
        let stream = Stream::new(self.connect, 0)?;
        volume.download(&stream, offset, length, 0)?;
        let mut content = Vec::new();
        let mut chunk = vec![0; CHUNK];
        loop {
            match stream.recv(&mut chunk) {
                Ok(0) => break,
                Ok(received) => content.extend_from_slice(&chunk[..received]),
                Err(error) => {
                    let _ = stream.abort();
                    return Err(error);
                }
            }
        }
        stream.finish()?;
        Ok(content)
    }

    /// Size of the file system below the pool, in bytes.
    pub(crate) fn capacity_bytes(&self) -> Result<u64, Error> {
        Ok(self.pool.get_info()?.capacity)
    }
}

/// Bytes on their way into a volume. They are there once [`Upload::finish`] has said so.
pub(crate) struct Upload {
    stream: Stream,
}

impl Upload {
    /// Sends bytes on.
    pub(crate) fn send(&self, content: &[u8]) -> Result<(), Error> {
        for chunk in content.chunks(CHUNK) {
            let mut rest = chunk;
            while !rest.is_empty() {
                let sent = self.stream.send(rest)?;
                rest = &rest[sent..];
            }
        }
        Ok(())
    }

    /// Ends the upload well.
    pub(crate) fn finish(self) -> Result<(), Error> {
        self.stream.finish()
    }

    /// Ends the upload early; what was sent is worth nothing.
    pub(crate) fn abort(self) {
        let _ = self.stream.abort();
    }
}

/// A raw volume of a size in bytes, which takes its room at once: libvirtd (seen with 11.3) never
/// answers anybody again when the disk runs full while something is uploaded.
pub(crate) fn raw(name: &str, size_bytes: u64) -> Element {
    volume(name, size_bytes, size_bytes, "raw")
}

/// A volume of a format, that takes room only as it is written.
pub(crate) fn described(name: &str, size_bytes: u64, format: &str) -> Element {
    volume(name, size_bytes, 0, format)
}

fn volume(name: &str, size_bytes: u64, taken_bytes: u64, format: &str) -> Element {
    Element::new("volume")
        .child(Element::new("name").text(name))
        .child(Element::new("capacity").attr("unit", "bytes").text(size_bytes))
        .child(Element::new("allocation").attr("unit", "bytes").text(taken_bytes))
        .child(Element::new("target").child(Element::new("format").attr("type", format)))
}

fn define(connect: &Connect) -> Result<StoragePool, Error> {
    let target = Element::new("target").child(Element::new("path").text(TARGET));
    let xml = Element::new("pool")
        .attr("type", "dir")
        .child(Element::new("name").text(NAME))
        .child(target)
        .to_string();
    let pool = match StoragePool::define_xml(connect, &xml, 0) {
        Ok(pool) => pool,
        // Two calls may find it missing at once.
        Err(error) => StoragePool::lookup_by_name(connect, NAME).map_err(|_gone| error)?,
    };
    pool.set_autostart(true)?;
    Ok(pool)
}
