//! Bytes on their way out.

use std::fmt;
use std::io::{self, Read};
use std::pin::Pin;
use std::task::{Context, Poll};

use bytes::Bytes;
use futures::Stream;
use tokio::sync::mpsc;

/// How much is handed on at once.
pub const CHUNK_BYTES: usize = 256 << 10;
/// How many chunks a reader is ahead of whom it reads for.
const AHEAD: usize = 4;

/// Content, or a part of it, in chunks.
pub struct ByteStream {
    /// How many bytes will come.
    pub size_bytes: u64,
    chunks: Pin<Box<dyn Stream<Item = io::Result<Bytes>> + Send>>,
}

impl fmt::Debug for ByteStream {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ByteStream").field("size_bytes", &self.size_bytes).finish_non_exhaustive()
    }
}

impl Stream for ByteStream {
    type Item = io::Result<Bytes>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        self.chunks.as_mut().poll_next(cx)
    }
}

impl ByteStream {
    pub(crate) fn new(
        size_bytes: u64,
        chunks: impl Stream<Item = io::Result<Bytes>> + Send + 'static,
    ) -> Self {
        Self { size_bytes, chunks: Box::pin(chunks) }
    }

    /// All of it, in memory.
    ///
    /// # Errors
    /// When reading fails, or when there are more than `limit_bytes`.
    pub async fn collect(mut self, limit_bytes: u64) -> io::Result<Vec<u8>> {
        use futures::TryStreamExt as _;
        if self.size_bytes > limit_bytes {
            return Err(io::ErrorKind::FileTooLarge.into());
        }
        let mut all = Vec::new();
        while let Some(chunk) = self.try_next().await? {
            all.extend_from_slice(&chunk);
        }
        Ok(all)
    }
}

/// Sends what a blocking reader gives, until it ends or nobody listens any more.
pub fn send_all(mut reader: impl Read, to: &mpsc::Sender<io::Result<Bytes>>) {
    loop {
        let mut chunk = vec![0; CHUNK_BYTES];
        let chunk = match reader.read(&mut chunk) {
            Ok(0) => return,
            Ok(count) => {
                chunk.truncate(count);
                Ok(Bytes::from(chunk))
            }
            Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
            Err(error) => Err(error),
        };
        let failed = chunk.is_err();
        if to.blocking_send(chunk).is_err() || failed {
            return;
        }
    }
}

/// Passes over the beginning of what a blocking reader gives. False when nobody listens any more,
/// or when reading failed, which is told.
pub fn skip(mut reader: impl Read, bytes: u64, to: &mpsc::Sender<io::Result<Bytes>>) -> bool {
    let mut left = bytes;
    while left > 0 && !to.is_closed() {
        let step = left.min(CHUNK_BYTES as u64);
        let error = match io::copy(&mut reader.by_ref().take(step), &mut io::sink()) {
            Ok(count) if count == step => {
                left -= step;
                continue;
            }
            Ok(_) => io::ErrorKind::UnexpectedEof.into(),
            Err(error) => error,
        };
        drop(to.blocking_send(Err(error)));
        return false;
    }
    left == 0
}

/// A way from a blocking reader to a stream.
pub fn channel() -> (mpsc::Sender<io::Result<Bytes>>, impl Stream<Item = io::Result<Bytes>> + Send)
{
    let (sender, receiver) = mpsc::channel(AHEAD);
    let chunks = futures::stream::unfold(receiver, |mut receiver| async move {
        receiver.recv().await.map(|chunk| (chunk, receiver))
    });
    (sender, chunks)
}
