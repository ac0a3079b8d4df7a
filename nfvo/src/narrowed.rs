//! What lists are narrowed by in the store: the attributes that it keeps beside the documents.

use windlass_api::filter::{Filter, Required};
use windlass_model::OperationState;
use windlass_store::{Narrowing, NsKey, OperationKey, Wanted};

/// Attributes of `NsInstance` by which lists are narrowed.
const SERVICES: [(&[&str], NsKey); 3] = [
    (&["nsInstanceName"], NsKey::Name),
    (&["nsdInfoId"], NsKey::NsdInfo),
    (&["nsState"], NsKey::State),
];

/// What a filter asks of services.
pub(crate) fn services(filter: &Filter) -> Vec<Narrowing<NsKey>> {
    let of_key = |(path, key): &(&[&str], NsKey)| {
        let required: Vec<_> = filter.required(path).map(wanted).collect();
        let key = *key;
        required.into_iter().map(move |wanted| Narrowing { key, wanted })
    };
    SERVICES.iter().flat_map(of_key).collect()
}

/// What a filter asks of services' operations.
pub(crate) fn operations(filter: &Filter) -> Vec<Narrowing<OperationKey>> {
    let subject = filter.required(&["nsInstanceId"]).map(wanted);
    let subject = subject.map(|wanted| Narrowing { key: OperationKey::Subject, wanted });
    let state =
        filter.required(&["operationState"]).map(|required| with_starting(wanted(required)));
    let state = state.map(|wanted| Narrowing { key: OperationKey::State, wanted });
    subject.chain(state).collect()
}

/// What SOL005 calls PROCESSING may be STARTING to the engine.
fn with_starting(wanted: Wanted) -> Wanted {
    match wanted {
        Wanted::OneOf(mut states) => {
            if states.iter().any(|state| state == OperationState::Processing.name()) {
                states.push(OperationState::Starting.name().to_owned());
            }
            Wanted::OneOf(states)
        }
        Wanted::NoneOf(states) => Wanted::NoneOf(states),
    }
}

fn wanted(required: Required<'_>) -> Wanted {
    match required {
        Required::OneOf(texts) => Wanted::OneOf(texts.to_vec()),
        Required::NoneOf(texts) => Wanted::NoneOf(texts.to_vec()),
    }
}
