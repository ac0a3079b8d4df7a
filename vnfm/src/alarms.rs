//! What the VNFM does when it is asked about alarms.

use windlass_model::AlarmId;
use windlass_model::alarm::Alarm;
use windlass_store::Stored;

use crate::Vnfm;
use crate::error::VnfmError;

/// Members that a list reads from the store at once.
const CHUNK: usize = 1000;

impl Vnfm {
    pub(crate) async fn alarm(&self, id: AlarmId) -> Result<Stored<Alarm>, VnfmError> {
        Ok(self.store.alarms().get(id).await?)
    }

    pub(crate) async fn alarm_list(&self) -> Result<Vec<Alarm>, VnfmError> {
        let mut alarms: Vec<Alarm> = Vec::new();
        loop {
            let after = alarms.last().map(|alarm| alarm.id);
            let chunk = self.store.alarms().list(after, CHUNK).await?;
            let last = chunk.len() < CHUNK;
            alarms.extend(chunk.into_iter().map(|stored| stored.document));
            if last {
                return Ok(alarms);
            }
        }
    }

    /// Takes note of an alarm, or takes that back; what is so already is a conflict (SOL003
    /// clause 7.4.3.3.4).
    pub(crate) async fn alarm_acknowledge(
        &self,
        stored: Stored<Alarm>,
        acknowledged: bool,
    ) -> Result<Stored<Alarm>, VnfmError> {
        let Stored { mut document, generation } = stored;
        if document.acknowledged_at.is_some() == acknowledged {
            let is = if acknowledged { "acknowledged already" } else { "not acknowledged" };
            return Err(VnfmError::Conflict(format!("alarm {} is {is}", document.id)));
        }
        let now = self.program.clock.now();
        document.acknowledged_at = acknowledged.then_some(now);
        document.changed_at = Some(now);
        Ok(self.store.alarms().update(document, generation).await?)
    }
}
