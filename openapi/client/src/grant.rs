//! Lifecycle operation granting (SOL003 clause 9.4).

use std::time::Duration;

use reqwest::{Method, StatusCode};
use windlass_api::api::Api;
use windlass_api::grant::{Grant, GrantRequest};

use crate::client::operation_id;
use crate::{Client, Error, Result};

const API: Api = Api::Grant;
const GRANTS: &str = "grants";

/// How often a grant that takes its time is asked for.
const POLLS: u32 = 120;
const POLL_INTERVAL: Duration = Duration::from_secs(1);

impl Client {
    /// Asks the NFVO to allow an operation, and waits for its decision.
    ///
    /// The NFVO may answer at once or later; a refusal is a `Problem` with status 403.
    pub async fn grant_request(&self, request: &GrantRequest) -> Result<Grant> {
        let sent = self.request(Method::POST, API, self.url(API, &[GRANTS])?).json(request);
        let response = self.send(sent).await?;
        if response.status() != StatusCode::ACCEPTED {
            return self.json(response).await;
        }
        let id = operation_id(&response)?;
        for _ in 0..POLLS {
            if let Some(grant) = self.grant_read(&id).await? {
                return Ok(grant);
            }
            tokio::time::sleep(POLL_INTERVAL).await;
        }
        let reason = format!("grant {id} is not decided after {POLLS} questions");
        Err(Error::Unexpected { status: StatusCode::ACCEPTED.as_u16(), body: reason })
    }

    /// A grant, or `None` while the NFVO has not decided.
    pub async fn grant_read(&self, id: &str) -> Result<Option<Grant>> {
        let url = self.url(API, &[GRANTS, id])?;
        let response = self.send_get(API, url, "application/json").await?;
        if response.status() == StatusCode::ACCEPTED {
            return Ok(None);
        }
        self.json(response).await.map(Some)
    }
}
