//! HTTP: one table of routes, one file per family of resources, one place for errors.

mod audit;
mod content;
mod entries;
mod error;
mod grants;
mod hosts;
mod ns_descriptors;
mod ns_instances;
mod ns_lcm_op_occs;
mod onboarded_vnf_packages;
mod vims;
mod vnf_allocations;
mod vnf_packages;

use std::sync::Arc;

use actix_web::{HttpRequest, HttpResponse, web};
use bytes::Bytes;
use futures::{Stream, TryStreamExt};
use windlass_api::api::Api;
use windlass_server::{Problem, Routes};
use windlass_store::{NsdRecord, VnfPackageRecord};

use crate::nfvo::Nfvo;

/// The NFVO's paths, for a listener that it has alone or shares with a VNFM.
pub fn configure(nfvo: Arc<Nfvo>) -> impl FnOnce(&mut web::ServiceConfig) {
    move |cfg| {
        cfg.app_data(web::Data::from(nfvo));
        vnfpkgm(&mut Routes::of(Api::VnfPkgm, cfg));
        nsd(&mut Routes::of(Api::Nsd, cfg));
        nslcm(&mut Routes::of(Api::NsLcm, cfg));
        grant(&mut Routes::of(Api::Grant, cfg));
        windlass(&mut Routes::of(Api::Windlass, cfg));
        cfg.default_service(web::to(nowhere));
    }
}

fn vnfpkgm(routes: &mut Routes<'_>) {
    use {VnfPackageRecord as Package, onboarded_vnf_packages as onboarded};
    routes
        .at("/api_versions", |at| at.get(async || versions(Api::VnfPkgm)))
        .at("/vnf_packages", |at| at.get(entries::list::<Package>).post(entries::create::<Package>))
        .at("/vnf_packages/{id}", |at| {
            at.get(entries::read::<Package>)
                .patch(entries::modify::<Package>)
                .delete(entries::delete::<Package>)
        })
        .at("/vnf_packages/{id}/package_content", |at| {
            at.get(entries::content::<Package>).put(entries::upload::<Package>)
        })
        .at("/vnf_packages/{id}/package_content/upload_from_uri", |at| {
            at.post(vnf_packages::upload_from_uri)
        })
        .at("/vnf_packages/{id}/vnfd", |at| at.get(entries::descriptor::<Package>))
        .at("/vnf_packages/{id}/manifest", |at| at.get(entries::manifest::<Package>))
        .at("/vnf_packages/{id}/artifacts/{path:.+}", |at| at.get(entries::artifact::<Package>))
        .at("/onboarded_vnf_packages", |at| at.get(onboarded::list))
        .at("/onboarded_vnf_packages/{vnfd}", |at| at.get(onboarded::read))
        .at("/onboarded_vnf_packages/{vnfd}/package_content", |at| at.get(onboarded::content))
        .at("/onboarded_vnf_packages/{vnfd}/vnfd", |at| at.get(onboarded::vnfd))
        .at("/onboarded_vnf_packages/{vnfd}/manifest", |at| at.get(onboarded::manifest))
        .at("/onboarded_vnf_packages/{vnfd}/artifacts/{path:.+}", |at| at.get(onboarded::artifact));
}

fn nsd(routes: &mut Routes<'_>) {
    use NsdRecord as Nsd;
    routes
        .at("/api_versions", |at| at.get(async || versions(Api::Nsd)))
        .at("/ns_descriptors", |at| at.get(entries::list::<Nsd>).post(entries::create::<Nsd>))
        .at("/ns_descriptors/{id}", |at| {
            at.get(entries::read::<Nsd>)
                .patch(entries::modify::<Nsd>)
                .delete(entries::delete::<Nsd>)
        })
        .at("/ns_descriptors/{id}/nsd_content", |at| {
            at.get(entries::content::<Nsd>).put(entries::upload::<Nsd>)
        })
        .at("/ns_descriptors/{id}/nsd", |at| at.get(entries::descriptor::<Nsd>))
        .at("/ns_descriptors/{id}/manifest", |at| at.get(entries::manifest::<Nsd>))
        .at("/ns_descriptors/{id}/artifacts/{path:.+}", |at| at.get(entries::artifact::<Nsd>));
}

fn nslcm(routes: &mut Routes<'_>) {
    use {ns_instances as instances, ns_lcm_op_occs as operations};
    routes
        .at("/api_versions", |at| at.get(async || versions(Api::NsLcm)))
        .at("/ns_instances", |at| at.get(instances::list).post(instances::create))
        .at("/ns_instances/{id}", |at| at.get(instances::read).delete(instances::delete))
        .at("/ns_instances/{id}/instantiate", |at| at.post(instances::instantiate))
        .at("/ns_instances/{id}/terminate", |at| at.post(instances::terminate))
        .at("/ns_instances/{id}/scale", |at| at.post(instances::scale))
        .at("/ns_instances/{id}/heal", |at| at.post(instances::heal))
        .at("/ns_lcm_op_occs", |at| at.get(operations::list))
        .at("/ns_lcm_op_occs/{id}", |at| at.get(operations::read))
        .at("/ns_lcm_op_occs/{id}/retry", |at| at.post(operations::retry))
        .at("/ns_lcm_op_occs/{id}/continue", |at| at.post(operations::retry))
        .at("/ns_lcm_op_occs/{id}/rollback", |at| at.post(operations::rollback))
        .at("/ns_lcm_op_occs/{id}/fail", |at| at.post(operations::fail))
        .at("/ns_lcm_op_occs/{id}/cancel", |at| at.post(operations::cancel));
}

fn grant(routes: &mut Routes<'_>) {
    routes
        .at("/api_versions", |at| at.get(async || versions(Api::Grant)))
        .at("/grants", |at| at.post(grants::create))
        .at("/grants/{id}", |at| at.get(grants::read));
}

fn windlass(routes: &mut Routes<'_>) {
    routes
        .at("/vnf_allocations/{vnf}", |at| at.put(vnf_allocations::replace))
        .at("/vims", |at| at.get(vims::list).post(vims::register))
        .at("/vims/{id}", |at| at.get(vims::read).delete(vims::remove))
        .at("/vims/{id}/probe", |at| at.post(vims::probe))
        .at("/vims/{id}/hosts", |at| at.get(hosts::of_vim).post(hosts::register))
        .at("/hosts", |at| at.get(hosts::list))
        .at("/hosts/{id}", |at| at.get(hosts::read).patch(hosts::modify).delete(hosts::remove))
        .at("/hosts/{id}/probe", |at| at.post(hosts::probe))
        .at("/ns_lcm_op_occs/{id}/steps", |at| at.get(ns_lcm_op_occs::steps))
        .at("/audit", |at| at.get(audit::read));
}

fn versions(api: Api) -> HttpResponse {
    HttpResponse::Ok().json(api.information())
}

async fn nowhere(request: HttpRequest) -> Answer {
    Err(Problem::new(404, format!("there is nothing at {}", request.path())))
}

/// What a handler answers.
type Answer = windlass_server::Result<HttpResponse>;

/// 204.
fn nothing() -> HttpResponse {
    HttpResponse::NoContent().finish()
}

/// The body of an upload, chunk by chunk, with errors that may cross threads.
fn chunks(
    body: web::Payload,
) -> impl Stream<Item = Result<Bytes, Box<dyn std::error::Error + Send + Sync>>> {
    body.map_err(|error| error.to_string().into())
}
