//! VNF fault management (SOL003 clause 7.4).

use windlass_api::api::Api;
use windlass_api::vnffm::{AckState, Alarm, AlarmModifications};

use crate::{Client, ListOptions, Result};

const API: Api = Api::VnfFm;
const ALARMS: &str = "alarms";

impl Client {
    /// The alarms of all VNFs, those included that are over.
    pub async fn alarm_list(&self, options: &ListOptions) -> Result<Vec<Alarm>> {
        self.list(API, &[ALARMS], options).await
    }

    /// One alarm.
    pub async fn alarm_read(&self, id: &str) -> Result<Alarm> {
        self.get(API, &[ALARMS, id]).await
    }

    /// Says that somebody takes care of an alarm, or that nobody does any more.
    pub async fn alarm_acknowledge(&self, id: &str, state: AckState) -> Result<()> {
        let change = AlarmModifications { ack_state: state };
        self.patch(API, &[ALARMS, id], &change).await.map(drop)
    }
}
