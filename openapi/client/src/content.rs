//! Bodies: files on their way up and down, and answers that are read whole.

use std::path::Path;
use std::time::Duration;

use bytes::Bytes;
use futures::{Stream, TryStreamExt};
use reqwest::header::{ACCEPT, CONTENT_LENGTH, CONTENT_TYPE};
use reqwest::{Body, Method, RequestBuilder, Response};
use tokio_util::io::ReaderStream;

use url::Url;
use windlass_api::api::Api;

use crate::position::Position;
use crate::{Client, Error, Result};

/// The longest answer that is read whole; files are streamed instead.
const MAX_ANSWER_BYTES: usize = 64 << 20;
/// How often in a row the rest of a file is asked for without any of it arriving.
const RESUMES: u32 = 5;
/// The pause before the rest is asked for; twice as long before each next time.
const FIRST_BACK_OFF: Duration = Duration::from_millis(100);

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

/// A file on its way from the server. When the connection breaks, the rest is asked for.
#[derive(Debug)]
pub struct Download {
    client: Client,
    api: Api,
    url: Url,
    response: Response,
    position: Position,
    /// Attempts in a row that brought nothing.
    failures: u32,
}

impl Download {
    /// The file that is at a URL.
    pub(crate) async fn open(client: &Client, api: Api, url: Url, accept: &str) -> Result<Self> {
        let response = client.send_get(api, url.clone(), accept).await?;
        let position = Position::beginning(&response);
        Ok(Self { client: client.clone(), api, url, response, position, failures: 0 })
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
        futures::stream::try_unfold(self, |mut download| async move {
            Ok(download.piece().await?.map(|piece| (piece, download)))
        })
    }

    async fn piece(&mut self) -> Result<Option<Bytes>> {
        loop {
            match self.response.chunk().await {
                Ok(Some(piece)) => {
                    self.failures = 0;
                    self.position.offset += piece.len() as u64;
                    return Ok(Some(piece));
                }
                Ok(None) => return Ok(None),
                Err(error) => self.resume(&error).await?,
            }
        }
    }

    /// Asks for the rest of what broke off; of a file that has changed there is none.
    async fn resume(&mut self, broken: &reqwest::Error) -> Result<()> {
        let mut cause = Error::unreachable(self.client.base_url(), broken);
        while self.position.can_resume() && self.failures < RESUMES {
            tokio::time::sleep(FIRST_BACK_OFF * 2u32.pow(self.failures)).await;
            self.failures += 1;
            let request = self.client.request(Method::GET, self.api, self.url.clone());
            let request = self.position.ask(request.header(ACCEPT, "*/*"));
            match self.client.send(request).await {
                Ok(response)
                    if self.position.offset == 0 || self.position.continues_in(&response) =>
                {
                    self.response = response;
                    return Ok(());
                }
                Ok(response) => {
                    let told = "the file changed while it was read";
                    return Err(Error::unexpected(response.status(), told));
                }
                Err(error @ Error::Unreachable { .. }) => cause = error,
                Err(error) => return Err(error),
            }
        }
        Err(cause)
    }

    /// The content, whole; for what is known to be small, such as a VNFD.
    pub async fn bytes(self) -> Result<Vec<u8>> {
        read(self.response, self.client.base_url()).await
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
