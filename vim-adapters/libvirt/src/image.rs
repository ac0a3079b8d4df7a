//! The image cache of a host.
//!
//! An image is uploaded to `image-<sha256>.<upload>` with a fresh upload id, checked while it goes
//! through, and only then marked by the empty volume `image-<sha256>.<upload>.ready`: libvirt
//! cannot rename a volume, but it makes an empty one atomically. What has no mark is what is left
//! of an upload that died, and the next upload removes it. The upload id keeps two processes that
//! upload the same image from marking each other's half-written file.

use bytes::Bytes;
use futures::StreamExt;
use sha2::{Digest, Sha256};
use tokio::sync::mpsc;
use uuid::Uuid;
use virt::connect::Connect;
use virt::domain::Domain;
use virt::storage_vol::StorageVol;
use windlass_model::ImageDigest;
use windlass_vim::{Error, ImageFormat, ImageSource, ImageSpec, Result};

use crate::fault::{Fault, Outcome};
use crate::link::Link;
use crate::pool::{self, Pool, Upload};
use crate::qcow2;
use crate::xml::Element;

const READY: &str = ".ready";
/// Pieces of an image that may wait between its source and the host.
const PIECES_WAITING: usize = 8;

type Piece = std::io::Result<Bytes>;

/// Makes sure that the host's cache holds an image.
pub(crate) async fn ensure(link: &Link, image: &ImageSpec, source: &dyn ImageSource) -> Result<()> {
    let lock = link.lock(&image.digest).await;
    let digest = image.digest.clone();
    let cached = link
        .call("look for an image", move |session| {
            Ok(find(&Pool::open(session.connect())?, &digest)?.is_some())
        })
        .await?;
    if cached {
        return Ok(());
    }
    let mut content = source.open().await.map_err(Error::ImageSource)?;
    let (sender, receiver) = mpsc::channel::<Piece>(PIECES_WAITING);
    let read = async move {
        while let Some(piece) = content.next().await {
            if sender.send(piece).await.is_err() {
                break;
            }
        }
    };
    let image = image.clone();
    let write = link.call("store an image", move |session| {
        // The lock stays with the work, also when the caller goes away.
        let _lock = lock;
        store(session.connect(), &image, receiver)
    });
    tokio::join!(read, write).1
}

/// Removes an image that nothing builds on; true when it went.
pub(crate) async fn remove(link: &Link, image: &ImageDigest) -> Result<bool> {
    let image = image.clone();
    link.call_alone(image.clone(), "remove an image", move |session| {
        let pool = Pool::open(session.connect())?;
        let Some(volume) = find(&pool, &image)? else { return Ok(false) };
        if is_used(session.connect(), &pool, &volume.get_path()?)? {
            return Ok(false);
        }
        discard(&pool, &image)?;
        Ok(true)
    })
    .await
}

/// The cached image of a digest.
pub(crate) fn find(pool: &Pool<'_>, image: &ImageDigest) -> Outcome<Option<StorageVol>> {
    let prefix = prefix(image);
    for name in pool.names()? {
        if let Some(content) = name.strip_suffix(READY).filter(|name| name.starts_with(&prefix))
            && let Some(volume) = pool.find(content)?
        {
            return Ok(Some(volume));
        }
    }
    Ok(None)
}

/// The path of a cached image on its host.
pub(crate) fn path(pool: &Pool<'_>, image: &ImageDigest) -> Outcome<String> {
    let missing = || Fault::Missing(format!("the image {image}"));
    Ok(find(pool, image)?.ok_or_else(missing)?.get_path()?)
}

/// The size that a disk on this image has at least, in bytes.
pub(crate) fn virtual_size(
    pool: &Pool<'_>,
    volume: &StorageVol,
    format: ImageFormat,
) -> Outcome<u64> {
    match format {
        ImageFormat::Raw | ImageFormat::Iso => Ok(volume.get_info()?.capacity),
        ImageFormat::Qcow2 => {
            let header = pool.read(volume, 0, qcow2::HEADER_BYTES)?;
            qcow2::virtual_size(&header).map_err(|reason| Fault::Refused(reason.to_string()))
        }
    }
}

fn prefix(image: &ImageDigest) -> String {
    format!("image-{}.", image.hex())
}

fn store(connect: &Connect, image: &ImageSpec, content: mpsc::Receiver<Piece>) -> Outcome<()> {
    let pool = Pool::open(connect)?;
    discard(&pool, &image.digest)?;
    let name = format!("{}{}", prefix(&image.digest), Uuid::now_v7());
    let volume = pool.ensure(&name, &pool::raw(&name, image.size_bytes))?;
    let stored = write(&pool, &volume, image, content);
    if let Err(fault) = stored {
        let _ = pool.remove(&name);
        return Err(fault);
    }
    // Another process may have taken this upload for a dead one.
    if pool.find(&name)?.is_none() {
        return Err(Fault::Refused("another process stores the same image".to_owned()));
    }
    let mark = format!("{name}{READY}");
    pool.ensure(&mark, &pool::raw(&mark, 0))?;
    Ok(())
}

fn write(
    pool: &Pool<'_>,
    volume: &StorageVol,
    image: &ImageSpec,
    content: mpsc::Receiver<Piece>,
) -> Outcome<()> {
    let upload = pool.upload(volume, image.size_bytes)?;
    match pump(&upload, image, content) {
        Ok(()) => upload.finish()?,
        Err(fault) => {
            upload.abort();
            return Err(fault);
        }
    }
    // An image that names other files would let its author read them in the guest.
    virtual_size(pool, volume, image.format).map(drop)
}

fn pump(upload: &Upload, image: &ImageSpec, mut content: mpsc::Receiver<Piece>) -> Outcome<()> {
    let mut hash = Sha256::new();
    let mut received: u64 = 0;
    while let Some(piece) = content.blocking_recv() {
        let piece = piece.map_err(|error| Fault::Vim(Error::ImageSource(error)))?;
        hash.update(&piece);
        received += piece.len() as u64;
        if received <= image.size_bytes {
            upload.send(&piece)?;
        }
    }
    let found: String = hash.finalize().iter().map(|byte| format!("{byte:02x}")).collect();
    if found == image.digest.hex() && received == image.size_bytes {
        return Ok(());
    }
    let expected = image.digest.to_string();
    Err(Fault::Vim(Error::ImageCorrupt { expected, found }))
}

/// Removes every trace of an image, marks first, so that nothing half removed is found.
fn discard(pool: &Pool<'_>, image: &ImageDigest) -> Outcome<()> {
    let prefix = prefix(image);
    let names = pool.names()?;
    let (marks, contents): (Vec<_>, Vec<_>) =
        names.iter().filter(|name| name.starts_with(&prefix)).partition(|n| n.ends_with(READY));
    for name in marks.into_iter().chain(contents) {
        pool.remove(name)?;
    }
    Ok(())
}

fn is_used(connect: &Connect, pool: &Pool<'_>, path: &str) -> Outcome<bool> {
    for volume in pool.volumes()? {
        let description = Element::parse(&volume.get_xml_desc(0)?).unwrap_or_default();
        let backing = description.at(&["backingStore", "path"]).map(Element::content);
        if backing == Some(path) {
            return Ok(true);
        }
    }
    let descriptions = connect.list_all_domains(0)?;
    let uses = |domain: &Domain| domain.get_xml_desc(0).is_ok_and(|xml| xml.contains(path));
    Ok(descriptions.iter().any(uses))
}
