//! What lists are narrowed by in the store: the attributes that it keeps beside the documents.

use windlass_api::filter::{Filter, Required};
use windlass_store::{Narrowing, OperationKey, VnfKey, Wanted};

/// Attributes of `VnfInstance` by which lists are narrowed.
const VNFS: [(&[&str], VnfKey); 6] = [
    (&["vnfdId"], VnfKey::Vnfd),
    (&["vnfInstanceName"], VnfKey::Name),
    (&["vnfProvider"], VnfKey::Provider),
    (&["vnfProductName"], VnfKey::Product),
    (&["instantiationState"], VnfKey::State),
    (&["metadata", "nsInstanceId"], VnfKey::Service),
];

/// Attributes of `VnfLcmOpOcc` by which lists are narrowed. The states are the engine's own.
const OPERATIONS: [(&[&str], OperationKey); 2] =
    [(&["vnfInstanceId"], OperationKey::Subject), (&["operationState"], OperationKey::State)];

/// What a filter asks of VNF instances.
pub fn vnfs(filter: &Filter) -> Vec<Narrowing<VnfKey>> {
    narrowings(filter, &VNFS)
}

/// What a filter asks of VNF operations.
pub fn operations(filter: &Filter) -> Vec<Narrowing<OperationKey>> {
    narrowings(filter, &OPERATIONS)
}

fn narrowings<K: Copy>(filter: &Filter, keys: &[(&[&str], K)]) -> Vec<Narrowing<K>> {
    let of_key = |(path, key): &(&[&str], K)| {
        let required: Vec<_> = filter.required(path).map(wanted).collect();
        let key = *key;
        required.into_iter().map(move |wanted| Narrowing { key, wanted })
    };
    keys.iter().flat_map(of_key).collect()
}

fn wanted(required: Required<'_>) -> Wanted {
    match required {
        Required::OneOf(texts) => Wanted::OneOf(texts.to_vec()),
        Required::NoneOf(texts) => Wanted::NoneOf(texts.to_vec()),
    }
}
