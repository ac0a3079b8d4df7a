//! Content that is fetched from somebody's server, beside the request that asks for it.

use std::sync::Arc;

use windlass_client::fetch::{Fetch, FetchError, Piece, Source};
use windlass_packages::{Blob, BlobError, BlobWriter};

use super::arrival::Arrival;
use super::entry::Entry;
use super::problem::Refusal;
use super::upload::settle;
use crate::error::{Error, Result};
use crate::nfvo::Core;

/// Starts to fetch the content of an entry. The credentials stay in this process's memory: after a
/// restart the entry is in ERROR, and says that it must be asked for again.
pub(crate) async fn fetch<T: Entry>(core: &Arc<Core>, id: T::Id, source: Source) -> Result<()> {
    let fetch = Fetch::new(source, core.settings.fetch.clone())
        .map_err(|error| Error::Unprocessable(error.to_string()))?;
    let arrival = Arrival::<T>::begin(core, id).await?;
    tokio::spawn(run(arrival, fetch));
    Ok(())
}

async fn run<T: Entry>(arrival: Arrival<T>, mut fetch: Fetch) {
    let limit = arrival.core.settings.fetch_limit;
    let fetched = tokio::time::timeout(limit, receive(&arrival.core, &mut fetch)).await;
    let refusal = match fetched {
        Ok(Ok(blob)) => {
            if let Err(error) = settle(arrival, blob).await {
                tracing::warn!(%error, "content was fetched and not taken");
            }
            return;
        }
        Ok(Err(refusal)) => refusal,
        Err(_elapsed) => Refusal::not_fetched(format!("it took longer than {} s", limit.as_secs())),
    };
    tracing::warn!(id = %arrival.id, problem = %refusal.0, "could not fetch a {}", T::NOUN);
    arrival.fail(&refusal).await;
}

/// Writes what arrives into a blob; into a new one when it begins anew.
async fn receive(core: &Core, fetch: &mut Fetch) -> Result<Blob, Refusal> {
    let limit_bytes = core.settings.package_limit_bytes;
    let mut writer: Option<BlobWriter> = None;
    while let Some(piece) = fetch.next().await? {
        match (piece, &mut writer) {
            (Piece::Beginning { length }, _) => {
                if length.is_some_and(|length| length > limit_bytes) {
                    return Err(Refusal::of_blob(&BlobError::TooBig { limit_bytes }));
                }
                writer = Some(core.packages.blobs().writer(limit_bytes).await?);
            }
            (Piece::Bytes(bytes), Some(writer)) => writer.write(&bytes).await?,
            (Piece::Bytes(_), None) => {}
        }
    }
    let writer = writer.ok_or_else(|| Refusal::not_fetched("nothing came"))?;
    Ok(writer.finish().await?)
}

impl From<FetchError> for Refusal {
    fn from(error: FetchError) -> Self {
        Self::not_fetched(error.to_string())
    }
}

impl From<BlobError> for Refusal {
    fn from(error: BlobError) -> Self {
        Self::of_blob(&error)
    }
}
