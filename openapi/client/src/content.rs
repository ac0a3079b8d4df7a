//! Bodies: files on their way up and down, and answers that are read whole.

use std::path::Path;

use bytes::Bytes;
use futures::{Stream, StreamExt, TryStreamExt};
use reqwest::header::{CONTENT_LENGTH, CONTENT_TYPE};
use reqwest::{Body, RequestBuilder, Response};
use tokio_util::io::ReaderStream;

use crate::{Error, Result};

/// The longest answer that is read whole; files are streamed instead.
const MAX_ANSWER_BYTES: usize = 64 << 20;

/// A package or archive on its way to the server, never whole in memory.
#[derive(Debug)]
pub struct Upload {
    body: Body,
    length: Option<u64>,
}

impl Upload {
    /// A file.
    pub async fn file(path: &Path) -> std::io::Result<Self> {
        let file = tokio::fs::File::open(path).await?;
        let length = file.metadata().await?.len();
        Ok(Self::stream(ReaderStream::new(file), Some(length)))
    }

    /// Whatever a stream gives; wrap the stream to draw a progress bar.
    pub fn stream<S, E>(stream: S, length: Option<u64>) -> Self
    where
        S: Stream<Item = std::result::Result<Bytes, E>> + Send + 'static,
        E: Into<Box<dyn std::error::Error + Send + Sync>> + 'static,
    {
        Self { body: Body::wrap_stream(stream.map_err(Into::into)), length }
    }

    pub(crate) fn attach(self, request: RequestBuilder) -> RequestBuilder {
        let request = match self.length {
            Some(length) => request.header(CONTENT_LENGTH, length),
            None => request,
        };
        request.header(CONTENT_TYPE, "application/zip").body(self.body)
    }
}

impl From<Bytes> for Upload {
    fn from(content: Bytes) -> Self {
        Self { length: None, body: content.into() }
    }
}

/// A file on its way from the server.
#[derive(Debug)]
pub struct Download {
    response: Response,
    server: String,
}

impl Download {
    pub(crate) fn new(response: Response, server: &str) -> Self {
        Self { response, server: server.to_owned() }
    }

    /// The media type, as the server knows it.
    pub fn media_type(&self) -> Option<&str> {
        self.response.headers().get(CONTENT_TYPE).and_then(|media_type| media_type.to_str().ok())
    }

    /// The length in bytes, if the server knows it.
    pub fn length(&self) -> Option<u64> {
        self.response.content_length()
    }

    /// The content, piece by piece as it arrives.
    pub fn stream(self) -> impl Stream<Item = Result<Bytes>> + Send + 'static {
        let Self { response, server } = self;
        response
            .bytes_stream()
            .map(move |piece| piece.map_err(|error| Error::unreachable(&server, &error)))
    }

    /// The content, whole; for what is known to be small, such as a VNFD.
    pub async fn bytes(self) -> Result<Vec<u8>> {
        read(self.response, &self.server).await
    }
}

/// The body of an answer, unless it is too long.
pub(crate) async fn read(mut response: Response, server: &str) -> Result<Vec<u8>> {
    let mut body = Vec::new();
    loop {
        let piece = response.chunk().await;
        match piece.map_err(|error| Error::unreachable(server, &error))? {
            None => return Ok(body),
            Some(piece) if body.len() + piece.len() > MAX_ANSWER_BYTES => {
                let reason = format!("it is longer than {} MiB", MAX_ANSWER_BYTES >> 20);
                return Err(Error::unexpected(response.status(), reason));
            }
            Some(piece) => body.extend_from_slice(&piece),
        }
    }
}
