//! NS descriptors (SOL005 clause 5.4), as [`entries`](super::entries) want them.

use serde_json::{Map, Value};
use windlass_api::api::Api;
use windlass_api::nsd::{CreateNsdInfoRequest, NsdInfo, NsdInfoModifications, NsdOperationalState};
use windlass_api::selector::{Listed, NSD_INFO};
use windlass_model::package::{OperationalState, UsageState};
use windlass_store::NsdRecord;

use super::entries::Resource;
use crate::catalog::Changes;
use crate::view;

impl Resource for NsdRecord {
    const API: Api = Api::Nsd;
    const COLLECTION: &'static str = "ns_descriptors";
    const LISTED: Listed = NSD_INFO;
    type Info = NsdInfo;
    type CreateRequest = CreateNsdInfoRequest;
    type Modifications = NsdInfoModifications;

    fn info(&self, usage: UsageState) -> NsdInfo {
        view::ns_descriptor(self, usage)
    }

    fn user_defined_data(request: CreateNsdInfoRequest) -> Map<String, Value> {
        request.user_defined_data
    }

    fn changes(modifications: &NsdInfoModifications) -> Changes {
        Changes {
            operational: modifications.nsd_operational_state.map(|state| match state {
                NsdOperationalState::Enabled => OperationalState::Enabled,
                NsdOperationalState::Disabled => OperationalState::Disabled,
            }),
            user_defined_data: modifications.user_defined_data.clone(),
        }
    }
}
