//! The steps that VNF operations are made of. Each may run twice and be undone twice.

use std::sync::Arc;
use std::time::Duration;

use serde_json::{Value, json};
use windlass_lcm::{Step, StepCall, StepError, step};

use crate::Program;
use crate::error::step_error;
use crate::plan::Notes;
use crate::plan::nodes::{ImageInput, MachineInput, NetworkInput, VolumeInput};

/// The steps of every operation that makes or removes components.
pub const STEPS: &[Step<Program>] = &[
    step!(ensure_network, undo = discard_network),
    step!(extend_network, no_undo = "the network is its service's, which removes it everywhere"),
    step!(ensure_image, no_undo = "a cached image is shared, and no VNF owns it"),
    step!(ensure_volume, undo = discard_volume),
    step!(define_vm, undo = discard_vm),
    step!(start_vm, undo = cut_power),
    step!(await_ready, no_undo = "it only watches"),
    step!(stop_vm, undo = start_again),
    step!(delete_vm, no_return = "a removed machine cannot be brought back"),
    step!(delete_volume, no_return = "a removed volume cannot be brought back"),
    step!(delete_network, no_return = "a removed network cannot be brought back"),
];

type Done = Result<Value, StepError>;
type Vim = Arc<dyn windlass_vim::Vim>;

fn at(program: &Program, call: &StepCall, vim: windlass_model::VimId) -> Result<Vim, StepError> {
    program.vim(&*call.notes::<Notes>()?, vim)
}

fn done(result: windlass_vim::Result<()>) -> Done {
    result.map(|()| Value::Null).map_err(|error| step_error(&error))
}

fn missing(what: &str) -> StepError {
    StepError::lasting(500, format!("the plan does not say how the {what} is made"))
}

async fn ensure_network(program: Arc<Program>, call: StepCall) -> Done {
    let input: NetworkInput = call.input()?;
    let spec = input.spec.ok_or_else(|| missing("network"))?;
    let vim = at(&program, &call, input.vim)?;
    let network = vim.ensure_network(&input.hosts, &spec).await;
    network.map(|network| json!({ "vlan": network.vlan })).map_err(|error| step_error(&error))
}

async fn extend_network(program: Arc<Program>, call: StepCall) -> Done {
    ensure_network(program, call).await
}

/// Takes a network back, unless the VNF had it before the operation.
async fn discard_network(program: Arc<Program>, call: StepCall) -> Done {
    let input: NetworkInput = call.input()?;
    let had_it = call.operation.before["instantiated"]["networks"]
        .as_array()
        .is_some_and(|had| had.iter().any(|n| n["network"] == json!(input.network)));
    if had_it {
        return Ok(Value::Null);
    }
    done(at(&program, &call, input.vim)?.delete_network(input.network).await)
}

async fn delete_network(program: Arc<Program>, call: StepCall) -> Done {
    let input: NetworkInput = call.input()?;
    done(at(&program, &call, input.vim)?.delete_network(input.network).await)
}

async fn ensure_image(program: Arc<Program>, call: StepCall) -> Done {
    let input: ImageInput = call.input()?;
    let source = program.nfvo.image(&input.vnfd_id, input.path.as_deref());
    done(at(&program, &call, input.vim)?.ensure_image(input.host, &input.image, &source).await)
}

async fn ensure_volume(program: Arc<Program>, call: StepCall) -> Done {
    let input: VolumeInput = call.input()?;
    let spec = input.spec.ok_or_else(|| missing("volume"))?;
    let vim = at(&program, &call, input.vim)?;
    done(vim.ensure_volume(input.host, &spec).await.map(drop))
}

async fn discard_volume(program: Arc<Program>, call: StepCall) -> Done {
    delete_volume(program, call).await
}

async fn delete_volume(program: Arc<Program>, call: StepCall) -> Done {
    let input: VolumeInput = call.input()?;
    done(at(&program, &call, input.vim)?.delete_volume(input.host, input.volume).await)
}

async fn define_vm(program: Arc<Program>, call: StepCall) -> Done {
    let input: MachineInput = call.input()?;
    let spec = input.spec.ok_or_else(|| missing("machine"))?;
    let vim = at(&program, &call, input.vim)?;
    let vm = vim.ensure_vm(input.host, &spec).await;
    vm.map(|vm| json!({ "name": vm.name })).map_err(|error| step_error(&error))
}

async fn discard_vm(program: Arc<Program>, call: StepCall) -> Done {
    delete_vm(program, call).await
}

async fn delete_vm(program: Arc<Program>, call: StepCall) -> Done {
    let input: MachineInput = call.input()?;
    done(at(&program, &call, input.vim)?.delete_vm(input.host, input.vm).await)
}

async fn start_vm(program: Arc<Program>, call: StepCall) -> Done {
    let input: MachineInput = call.input()?;
    done(at(&program, &call, input.vim)?.start_vm(input.host, input.vm).await)
}

/// Stops at once what was started; a machine that is gone needs no stop.
async fn cut_power(program: Arc<Program>, call: StepCall) -> Done {
    let input: MachineInput = call.input()?;
    stop(&at(&program, &call, input.vim)?, &input, Duration::ZERO).await
}

async fn stop_vm(program: Arc<Program>, call: StepCall) -> Done {
    let input: MachineInput = call.input()?;
    let grace = Duration::from_secs(input.grace_s);
    stop(&at(&program, &call, input.vim)?, &input, grace).await
}

async fn stop(vim: &Vim, input: &MachineInput, grace: Duration) -> Done {
    match vim.stop_vm(input.host, input.vm, grace).await {
        Err(windlass_vim::Error::Missing { .. }) => Ok(Value::Null),
        result => done(result),
    }
}

/// Starts what was stopped, unless it is gone meanwhile or the whole VNF was STOPPED before.
async fn start_again(program: Arc<Program>, call: StepCall) -> Done {
    let input: MachineInput = call.input()?;
    if call.operation.before["instantiated"]["started"] == json!(false) {
        return Ok(Value::Null);
    }
    match at(&program, &call, input.vim)?.start_vm(input.host, input.vm).await {
        Err(windlass_vim::Error::Missing { .. }) => Ok(Value::Null),
        result => done(result),
    }
}

async fn await_ready(program: Arc<Program>, call: StepCall) -> Done {
    let input: MachineInput = call.input()?;
    let (readiness, limit_s) = input.ready.clone().unwrap_or_default();
    let limit = Duration::from_secs(limit_s);
    let vim = at(&program, &call, input.vim)?;
    done(vim.await_ready(input.host, input.vm, &readiness, limit).await)
}
