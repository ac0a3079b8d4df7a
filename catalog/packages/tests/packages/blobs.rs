//! Blobs: the whole content under its digest, or nothing.

use std::collections::HashSet;
use std::io;
use std::path::Path;

use bytes::Bytes;
use chrono::{DateTime, TimeDelta, Utc};
use futures::stream;
use proptest::prelude::*;
use windlass_packages::{Blob, BlobError, Blobs};

use crate::csar::sha256;

const LIMIT: u64 = 64 << 20;

async fn put(blobs: &Blobs, content: &[u8]) -> Blob {
    let chunks = content.chunks(1000).map(|chunk| io::Result::Ok(Bytes::copy_from_slice(chunk)));
    blobs.put(stream::iter(chunks), LIMIT).await.unwrap()
}

async fn read(blobs: &Blobs, blob: &Blob) -> Vec<u8> {
    blobs.read(&blob.digest, None).await.unwrap().collect(LIMIT).await.unwrap()
}

/// Every file below a folder, but for the locks of those who use it.
fn files(folder: &Path) -> usize {
    let entries = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let entries = entries.filter(|path| !path.ends_with("lock"));
    entries.map(|path| if path.is_dir() { files(&path) } else { 1 }).sum()
}

#[tokio::test]
async fn content_comes_back_under_its_digest_and_is_stored_once() {
    let folder = tempfile::tempdir().unwrap();
    let blobs = Blobs::open(folder.path()).await.unwrap();
    // Larger than what gathers in memory, and no multiple of it.
    let content: Vec<u8> = (0..2_500_001u32).map(|i| i.to_le_bytes()[1]).collect();
    let first = put(&blobs, &content).await;
    let second = put(&blobs, &content).await;
    assert_eq!(first, second);
    assert_eq!(first.digest.hex(), sha256(&content));
    assert_eq!(first.size_bytes, content.len() as u64);
    assert_eq!(read(&blobs, &first).await, content);
    assert_eq!(files(folder.path()), 1);
    let empty = put(&blobs, b"").await;
    assert_eq!(read(&blobs, &empty).await, b"");
}

#[tokio::test]
async fn a_part_is_read_by_its_range() {
    let folder = tempfile::tempdir().unwrap();
    let blobs = Blobs::open(folder.path()).await.unwrap();
    let blob = put(&blobs, b"0123456789").await;
    for (range, part) in [(0..10, "0123456789"), (3..7, "3456"), (9..10, "9"), (10..10, "")] {
        let stream = blobs.read(&blob.digest, Some(range)).await.unwrap();
        assert_eq!(stream.size_bytes, part.len() as u64);
        assert_eq!(stream.collect(LIMIT).await.unwrap(), part.as_bytes());
    }
    #[expect(clippy::reversed_empty_ranges, reason = "this is what must be refused")]
    for range in [0..11, 11..11, 7..3] {
        let refused = blobs.read(&blob.digest, Some(range)).await;
        assert!(matches!(refused, Err(BlobError::BadRange { size_bytes: 10 })));
    }
}

#[tokio::test]
async fn an_upload_that_breaks_off_leaves_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let blobs = Blobs::open(folder.path()).await.unwrap();
    let away = io::Error::from(io::ErrorKind::ConnectionReset);
    let broken = stream::iter([Ok(Bytes::from(vec![7; 2 << 20])), Err(away)]);
    assert!(matches!(blobs.put(broken, LIMIT).await, Err(BlobError::Source(_))));
    let mut abandoned = blobs.writer(LIMIT).await.unwrap();
    abandoned.write(&[7; 2 << 20]).await.unwrap();
    drop(abandoned);
    assert_eq!(files(folder.path()), 0);
}

#[tokio::test]
async fn an_upload_that_is_too_large_leaves_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let blobs = Blobs::open(folder.path()).await.unwrap();
    for size in [11, 3 << 20] {
        let large = stream::iter([Ok::<_, io::Error>(Bytes::from(vec![7; size]))]);
        let refused = blobs.put(large, 10).await;
        assert!(matches!(refused, Err(BlobError::TooBig { limit_bytes: 10 })));
    }
    let fits = stream::iter([Ok::<_, io::Error>(Bytes::from(vec![7; 10]))]);
    blobs.put(fits, 10).await.unwrap();
    assert_eq!(files(folder.path()), 1);
}

#[tokio::test]
async fn what_a_crash_left_half_written_is_swept_out_at_the_next_start() {
    let folder = tempfile::tempdir().unwrap();
    let blobs = Blobs::open(folder.path()).await.unwrap();
    let blob = put(&blobs, b"complete").await;
    std::fs::write(folder.path().join("incoming/.tmpHalf"), b"half").unwrap();
    let blobs = Blobs::open(folder.path()).await.unwrap();
    assert_eq!(files(folder.path()), 1);
    assert_eq!(read(&blobs, &blob).await, b"complete");
}

#[tokio::test]
async fn processes_that_share_a_folder_leave_each_other_in_peace() {
    let folder = tempfile::tempdir().unwrap();
    let one = Blobs::open(folder.path()).await.unwrap();
    let mut arriving = one.writer(LIMIT).await.unwrap();
    arriving.write(&[7; 2 << 20]).await.unwrap();
    let other = Blobs::open(folder.path()).await.unwrap();
    let blob = arriving.finish().await.unwrap();
    assert_eq!(read(&other, &blob).await, [7; 2 << 20]);
    let gone = folder.path().join("incoming/process-gone");
    std::fs::create_dir(&gone).unwrap();
    std::fs::write(gone.join("half"), b"half").unwrap();
    let _later = Blobs::open(folder.path()).await.unwrap();
    assert!(!gone.exists(), "what a process left that is gone is cleared away");
    assert_eq!(files(folder.path()), 1);
}

#[tokio::test]
async fn zeros_take_no_room() {
    use std::os::unix::fs::MetadataExt;
    let folder = tempfile::tempdir().unwrap();
    let blobs = Blobs::open(folder.path()).await.unwrap();
    let mut content = vec![0; 8 << 20];
    content[3 << 20] = 1;
    content.extend([0; 777]);
    let blob = put(&blobs, &content).await;
    assert_eq!(blob.digest.hex(), sha256(&content));
    assert_eq!(read(&blobs, &blob).await, content);
    let metadata = std::fs::metadata(blobs.path(&blob.digest)).unwrap();
    assert!(metadata.blocks() * 512 < 1 << 20, "{} blocks", metadata.blocks());
}

#[tokio::test]
async fn the_same_content_many_times_at_once_is_one_blob() {
    let folder = tempfile::tempdir().unwrap();
    let blobs = Blobs::open(folder.path()).await.unwrap();
    let content: Vec<u8> = (0..3_000_000u32).map(|i| i.to_le_bytes()[1]).collect();
    let all = futures::future::join_all((0..16).map(|_| put(&blobs, &content))).await;
    assert!(all.iter().all(|blob| *blob == all[0]));
    assert_eq!(files(folder.path()), 1);
}

#[tokio::test]
async fn what_is_being_read_can_be_read_to_its_end_although_it_is_swept() {
    let folder = tempfile::tempdir().unwrap();
    let blobs = Blobs::open(folder.path()).await.unwrap();
    let content = vec![5; 3 << 20];
    let blob = put(&blobs, &content).await;
    let stream = blobs.read(&blob.digest, None).await.unwrap();
    let metadata = std::fs::metadata(blobs.path(&blob.digest)).unwrap();
    let later = DateTime::<Utc>::from(metadata.modified().unwrap()) + TimeDelta::seconds(1);
    assert_eq!(blobs.retain(HashSet::new(), later).await.unwrap().blobs, 1);
    assert_eq!(files(folder.path()), 0);
    assert_eq!(stream.collect(LIMIT).await.unwrap(), content);
}

#[tokio::test]
async fn a_sweep_spares_what_is_used_and_what_is_new() {
    let folder = tempfile::tempdir().unwrap();
    let blobs = Blobs::open(folder.path()).await.unwrap();
    let (used, unused) = (put(&blobs, b"used").await, put(&blobs, b"unused").await);
    let keep: HashSet<_> = [used.digest.clone()].into();
    let modified = std::fs::metadata(blobs.path(&unused.digest)).unwrap().modified().unwrap();
    let stored_at = DateTime::<Utc>::from(modified);

    let swept = blobs.retain(keep.clone(), stored_at - TimeDelta::seconds(1)).await.unwrap();
    assert_eq!(swept.blobs, 0, "it may belong to an upload that has just ended");
    let swept = blobs.retain(keep, stored_at + TimeDelta::seconds(1)).await.unwrap();
    assert_eq!((swept.blobs, swept.bytes), (1, 6));
    assert_eq!(read(&blobs, &used).await, b"used");
    let gone = blobs.read(&unused.digest, None).await;
    assert!(matches!(gone, Err(BlobError::NoSuchBlob(digest)) if digest == unused.digest));
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 32, ..ProptestConfig::default() })]
    #[test]
    fn however_it_is_cut_the_content_is_the_same(
        content in prop::collection::vec(any::<u8>(), 0..5000),
        cuts in prop::collection::vec(1usize..2000, 1..8),
    ) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async {
            let folder = tempfile::tempdir().unwrap();
            let blobs = Blobs::open(folder.path()).await.unwrap();
            let mut writer = blobs.writer(LIMIT).await.unwrap();
            let mut rest = content.as_slice();
            for cut in cuts {
                let (chunk, behind) = rest.split_at(cut.min(rest.len()));
                writer.write(chunk).await.unwrap();
                rest = behind;
            }
            writer.write(rest).await.unwrap();
            let blob = writer.finish().await.unwrap();
            assert_eq!(blob.digest.hex(), sha256(&content));
            assert_eq!(read(&blobs, &blob).await, content);
        });
    }
}
