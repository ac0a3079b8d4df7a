//! Another vendor's VNFM: it speaks SOL003 and keeps its VNFs in memory.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard};

use actix_web::{App, HttpRequest, HttpResponse, HttpServer, web};
use windlass_api::api::Api;
use windlass_api::common::ScaleInfo;
use windlass_api::selector::{VNF_INSTANCE, VNF_LCM_OP_OCC};
use windlass_api::vnflcm::{
    CreateVnfRequest, InstantiatedVnfInfo, InstantiationState, LcmOperationState as State,
    LcmOperationType as Kind, ScaleType, ScaleVnfRequest, VnfInstance, VnfLcmOpOcc,
    VnfOperationalState,
};
use windlass_model::{Clock, OperationId, SystemClock, VnfInstanceId};
use windlass_server::{Problem, Result, Routes, answer, list};

/// The VNFM. Clones are the same one.
#[derive(Clone, Default)]
pub struct OtherVnfm(Arc<Mutex<Inner>>);

#[derive(Default)]
struct Inner {
    vnfs: BTreeMap<String, VnfInstance>,
    operations: BTreeMap<String, VnfLcmOpOcc>,
    /// An instantiation of a VNF with this in its name never ends by itself.
    endless: Option<String>,
}

impl OtherVnfm {
    /// Starts to serve; returns where.
    pub fn serve(&self) -> String {
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let base = format!("http://{}", listener.local_addr().unwrap());
        let vnfm = self.clone();
        let server =
            HttpServer::new(move || App::new().configure(|cfg| configure(vnfm.clone(), cfg)));
        let server = server.workers(1).disable_signals().listen(listener).unwrap().run();
        tokio::spawn(server);
        base
    }

    pub fn never_end(&self, name: &str) {
        self.lock().endless = Some(name.to_owned());
    }

    pub fn vnfs(&self) -> Vec<VnfInstance> {
        self.lock().vnfs.values().cloned().collect()
    }

    pub fn operations(&self) -> Vec<VnfLcmOpOcc> {
        self.lock().operations.values().cloned().collect()
    }

    fn lock(&self) -> MutexGuard<'_, Inner> {
        self.0.lock().unwrap()
    }
}

impl Inner {
    fn begin(&mut self, id: &str, kind: Kind) -> Result<HttpResponse> {
        let vnf = self.vnfs.get(id).ok_or_else(|| Problem::new(404, "no such VNF"))?;
        let instantiated = vnf.instantiation_state == InstantiationState::Instantiated;
        let busy = self
            .operations
            .values()
            .any(|one| one.vnf_instance_id == id && !one.operation_state.is_final());
        if busy || instantiated == (kind == Kind::Instantiate) {
            return Err(Problem::new(409, "not now"));
        }
        let name = vnf.vnf_instance_name.clone().unwrap_or_default();
        let endless = self.endless.as_ref().is_some_and(|part| name.contains(part));
        let operation = operation(id, kind);
        let location = format!("{}/vnf_lcm_op_occs/{}", Api::VnfLcm.root(), operation.id);
        let key = operation.id.clone();
        self.operations.insert(key.clone(), operation);
        if !(endless && kind == Kind::Instantiate) {
            self.finish(&key, kind);
        }
        Ok(answer::accepted(&location))
    }

    fn finish(&mut self, operation: &str, kind: Kind) {
        let operation = self.operations.get_mut(operation).unwrap();
        operation.operation_state = State::Completed;
        let vnf = self.vnfs.get_mut(&operation.vnf_instance_id).unwrap();
        if kind == Kind::Instantiate {
            vnf.instantiation_state = InstantiationState::Instantiated;
            vnf.instantiated_vnf_info = Some(info());
        } else if kind == Kind::Terminate {
            vnf.instantiation_state = InstantiationState::NotInstantiated;
            vnf.instantiated_vnf_info = None;
        }
    }

    fn scale(&mut self, id: &str, request: &ScaleVnfRequest) -> Result<HttpResponse> {
        let accepted = self.begin(id, Kind::Scale)?;
        let info = self.vnfs.get_mut(id).unwrap().instantiated_vnf_info.as_mut().unwrap();
        let level = &mut info.scale_status[0].scale_level;
        let steps = request.number_of_steps.unwrap_or(1);
        match request.scale_type {
            ScaleType::ScaleOut => *level += steps,
            ScaleType::ScaleIn => *level -= steps,
        }
        Ok(accepted)
    }
}

fn operation(vnf: &str, operation: Kind) -> VnfLcmOpOcc {
    let now = SystemClock.now();
    VnfLcmOpOcc {
        id: OperationId::new().to_string(),
        operation_state: State::Processing,
        state_entered_time: now,
        start_time: now,
        vnf_instance_id: vnf.to_owned(),
        grant_id: None,
        operation,
        is_automatic_invocation: false,
        operation_params: None,
        is_cancel_pending: false,
        cancel_mode: None,
        error: None,
        resource_changes: None,
        changed_info: None,
        changed_ext_connectivity: Vec::new(),
        warnings: Vec::new(),
        links: None,
    }
}

fn info() -> InstantiatedVnfInfo {
    InstantiatedVnfInfo {
        flavour_id: "default".to_owned(),
        vnf_state: VnfOperationalState::Started,
        scale_status: vec![ScaleInfo { aspect_id: "size".to_owned(), ..ScaleInfo::default() }],
        max_scale_levels: Vec::new(),
        ext_cp_info: Vec::new(),
        ext_virtual_link_info: Vec::new(),
        ext_managed_virtual_link_info: Vec::new(),
        monitoring_parameters: Vec::new(),
        localization_language: None,
        vnfc_resource_info: Vec::new(),
        vnf_virtual_link_resource_info: Vec::new(),
        virtual_storage_resource_info: Vec::new(),
        vnfc_info: Vec::new(),
    }
}

type Vnfm = web::Data<OtherVnfm>;
type Id = web::Path<String>;

fn configure(vnfm: OtherVnfm, cfg: &mut web::ServiceConfig) {
    cfg.app_data(web::Data::new(vnfm));
    Routes::of(Api::VnfLcm, cfg)
        .at("/vnf_instances", |at| at.get(list_vnfs).post(create))
        .at("/vnf_instances/{id}", |at| at.get(read).delete(delete))
        .at("/vnf_instances/{id}/instantiate", |at| {
            at.post(async |vnfm: Vnfm, id: Id| vnfm.lock().begin(&id, Kind::Instantiate))
        })
        .at("/vnf_instances/{id}/terminate", |at| {
            at.post(async |vnfm: Vnfm, id: Id| vnfm.lock().begin(&id, Kind::Terminate))
        })
        .at("/vnf_instances/{id}/heal", |at| {
            at.post(async |vnfm: Vnfm, id: Id| vnfm.lock().begin(&id, Kind::Heal))
        })
        .at("/vnf_instances/{id}/scale", |at| {
            at.post(async |vnfm: Vnfm, id: Id, body: web::Json<ScaleVnfRequest>| {
                vnfm.lock().scale(&id, &body)
            })
        })
        .at("/vnf_lcm_op_occs", |at| at.get(list_operations))
        .at("/vnf_lcm_op_occs/{id}", |at| at.get(read_operation))
        .at("/vnf_lcm_op_occs/{id}/cancel", |at| {
            at.post(async |vnfm: Vnfm, id: Id| go(&vnfm, &id, State::Processing, State::FailedTemp))
        })
        .at("/vnf_lcm_op_occs/{id}/rollback", |at| {
            at.post(async |vnfm: Vnfm, id: Id| go(&vnfm, &id, State::FailedTemp, State::RolledBack))
        });
}

fn go(vnfm: &OtherVnfm, id: &str, from: State, to: State) -> Result<HttpResponse> {
    let mut inner = vnfm.lock();
    let operation = inner.operations.get_mut(id).filter(|one| one.operation_state == from);
    operation.ok_or_else(|| Problem::new(409, "not now"))?.operation_state = to;
    Ok(HttpResponse::Accepted().finish())
}

async fn create(vnfm: Vnfm, body: web::Json<CreateVnfRequest>) -> HttpResponse {
    let id = VnfInstanceId::new().to_string();
    let request = body.into_inner();
    let vnf = VnfInstance {
        id: id.clone(),
        vnf_instance_name: request.vnf_instance_name,
        vnf_instance_description: None,
        vnfd_id: request.vnfd_id,
        vnf_provider: "another vendor".to_owned(),
        vnf_product_name: String::new(),
        vnf_software_version: String::new(),
        vnfd_version: String::new(),
        vnf_pkg_id: None,
        vnf_configurable_properties: Default::default(),
        vim_id: None,
        vim_connection_info: BTreeMap::new(),
        instantiation_state: InstantiationState::NotInstantiated,
        instantiated_vnf_info: None,
        metadata: request.metadata,
        extensions: Default::default(),
        links: None,
    };
    vnfm.lock().vnfs.insert(id, vnf.clone());
    HttpResponse::Created().json(vnf)
}

async fn list_vnfs(vnfm: Vnfm, request: HttpRequest) -> Result<HttpResponse> {
    let members = vnfm.vnfs().into_iter().map(|vnf| (vnf.id.clone(), vnf)).collect();
    list::answer(&request, VNF_INSTANCE, members)
}

async fn read(vnfm: Vnfm, id: Id) -> Result<HttpResponse> {
    let vnf = vnfm.lock().vnfs.get(&*id).cloned();
    Ok(HttpResponse::Ok().json(vnf.ok_or_else(|| Problem::new(404, "no such VNF"))?))
}

async fn delete(vnfm: Vnfm, id: Id) -> Result<HttpResponse> {
    let mut inner = vnfm.lock();
    let vnf = inner.vnfs.get(&*id).ok_or_else(|| Problem::new(404, "no such VNF"))?;
    if vnf.instantiation_state == InstantiationState::Instantiated {
        return Err(Problem::new(409, "not now"));
    }
    inner.vnfs.remove(&*id);
    Ok(HttpResponse::NoContent().finish())
}

async fn list_operations(vnfm: Vnfm, request: HttpRequest) -> Result<HttpResponse> {
    let members = vnfm.operations().into_iter().map(|one| (one.id.clone(), one)).collect();
    list::answer(&request, VNF_LCM_OP_OCC, members)
}

async fn read_operation(vnfm: Vnfm, id: Id) -> Result<HttpResponse> {
    let operation = vnfm.lock().operations.get(&*id).cloned();
    Ok(HttpResponse::Ok().json(operation.ok_or_else(|| Problem::new(404, "no such operation"))?))
}
