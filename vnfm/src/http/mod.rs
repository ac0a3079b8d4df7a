//! SOL003 `vnflcm` and `vnffm`, and what Windlass adds. A handler parses, calls, answers.

mod alarms;
mod guests;
mod instances;
mod notifications;
mod operations;
mod tasks;
mod view;

use std::sync::Arc;

use actix_web::web;
use windlass_api::api::Api;
use windlass_server::{Problem, Routes};

pub use notifications::VnfNotifications;

use crate::Vnfm;
use crate::error::VnfmError;

/// Mounts the VNFM's paths.
pub fn configure(vnfm: Arc<Vnfm>) -> impl FnOnce(&mut web::ServiceConfig) {
    move |cfg| {
        cfg.app_data(web::Data::from(vnfm));
        let mut lcm = Routes::of(Api::VnfLcm, cfg);
        lcm.at("/api_versions", |m| m.get(instances::api_versions))
            .at("/vnf_instances", |m| m.get(instances::list).post(instances::create))
            .at("/vnf_instances/{id}", |m| {
                m.get(instances::read).patch(instances::modify).delete(instances::delete)
            })
            .at("/vnf_instances/{id}/instantiate", |m| m.post(tasks::instantiate))
            .at("/vnf_instances/{id}/scale", |m| m.post(tasks::scale))
            .at("/vnf_instances/{id}/scale_to_level", |m| m.post(tasks::scale_to_level))
            .at("/vnf_instances/{id}/operate", |m| m.post(tasks::operate))
            .at("/vnf_instances/{id}/heal", |m| m.post(tasks::heal))
            .at("/vnf_instances/{id}/terminate", |m| m.post(tasks::terminate))
            .at("/vnf_lcm_op_occs", |m| m.get(operations::list))
            .at("/vnf_lcm_op_occs/{id}", |m| m.get(operations::read))
            .at("/vnf_lcm_op_occs/{id}/retry", |m| m.post(operations::retry))
            .at("/vnf_lcm_op_occs/{id}/rollback", |m| m.post(operations::rollback))
            .at("/vnf_lcm_op_occs/{id}/fail", |m| m.post(operations::fail))
            .at("/vnf_lcm_op_occs/{id}/cancel", |m| m.post(operations::cancel));
        let mut faults = Routes::of(Api::VnfFm, cfg);
        faults
            .at("/api_versions", |m| m.get(alarms::api_versions))
            .at("/alarms", |m| m.get(alarms::list))
            .at("/alarms/{id}", |m| m.get(alarms::read).patch(alarms::modify));
        let mut own = Routes::of(Api::Windlass, cfg);
        own.at("/vnf_lcm_op_occs/{id}/steps", |m| m.get(operations::steps))
            .at("/vnf_instances/{id}/vnfcs/{vnfc}/console", |m| m.get(guests::console))
            .at("/vnf_instances/{id}/vnfcs/{vnfc}/stats", |m| m.get(guests::stats))
            .at("/vnf_instances/{id}/vnfcs/{vnfc}/exec", |m| m.post(guests::exec));
    }
}

type Program = web::Data<Vnfm>;

/// An id in a path that is no UUID names nothing.
fn id<T: std::str::FromStr>(what: &'static str, text: &str) -> Result<T, VnfmError> {
    text.parse().map_err(|_not_an_id| VnfmError::NotFound { what, id: text.to_owned() })
}

impl From<VnfmError> for Problem {
    fn from(error: VnfmError) -> Self {
        let mut detail = error.to_string();
        let mut cause = std::error::Error::source(&error);
        while let Some(source) = cause {
            let text = source.to_string();
            if !detail.ends_with(&text) {
                detail = format!("{detail}: {text}");
            }
            cause = source.source();
        }
        Self::new(error.status(), detail)
    }
}
