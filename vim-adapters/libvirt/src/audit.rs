//! What of ours is on a host.

use std::collections::BTreeMap;

use virt::connect::Connect;
use windlass_model::{HostId, Tag};
use windlass_vim::{Owned, OwnedKind};

use crate::fault::Outcome;
use crate::pool::Pool;
use crate::{machine, metadata, network};

/// Everything on a host that carries our tag, cached images left out.
pub(crate) fn owned(connect: &Connect, host: HostId) -> Outcome<Vec<Owned>> {
    let mut owned = machines(connect, host)?;
    for found in network::list(connect)? {
        let (kind, id) = (OwnedKind::Network, found.id.to_string());
        let tag = found.ours.map(|ours| ours.tag);
        owned.extend(tag.map(|tag| Owned { host, kind, id, name: found.name, tag }));
    }
    owned.extend(volumes(host, &Pool::open(connect)?.names()?));
    Ok(owned)
}

fn machines(connect: &Connect, host: HostId) -> Outcome<Vec<Owned>> {
    let mut owned = Vec::new();
    for domain in connect.list_all_domains(0)? {
        // One that goes away while we look is not there.
        if let (Ok(Some(tag)), Ok(id), Ok(name)) =
            (machine::tag(&domain), domain.get_uuid_string(), domain.get_name())
        {
            owned.push(Owned { host, kind: OwnedKind::Vm, id, name, tag });
        }
    }
    Ok(owned)
}

/// Volumes by their records. A record alone is told too: it is what a crash left, and removing
/// the volume of its id removes it.
fn volumes(host: HostId, names: &[String]) -> Vec<Owned> {
    let records: BTreeMap<String, (String, Tag)> = names
        .iter()
        .filter_map(|name| metadata::read_record(name).map(|(id, tag)| (id, (name.clone(), tag))))
        .collect();
    let mut owned = Vec::new();
    for (id, (record, tag)) in records {
        let belongings = format!("{id}-");
        let mut things: Vec<_> =
            names.iter().filter(|name| **name == id || name.starts_with(&belongings)).collect();
        if things.is_empty() {
            things.push(&record);
        }
        let owner = |name: &String| Owned {
            host,
            kind: OwnedKind::Volume,
            id: id.clone(),
            name: name.clone(),
            tag: tag.clone(),
        };
        owned.extend(things.into_iter().map(owner));
    }
    owned
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;
    use windlass_model::{OperationId, Owner, VnfInstanceId};

    use super::*;

    #[test]
    fn every_volume_with_a_record_has_an_owner_even_when_only_the_record_is_left() {
        let tag = Tag {
            owner: Owner::Vnf(VnfInstanceId(Uuid::from_u128(1))),
            operation: OperationId(Uuid::from_u128(2)),
            name: "web-0".to_owned(),
        };
        let record = |id: &str| metadata::record_name(id, &tag);
        let names = ["a", "b-seed", "b-console.log", "stranger", "image-00.1", "image-00.1.ready"];
        let mut names: Vec<String> = names.map(str::to_owned).to_vec();
        names.extend([record("a"), record("b"), record("c")]);
        let owned = volumes(HostId(Uuid::nil()), &names);
        let told: Vec<_> = owned.iter().map(|o| (o.id.as_str(), o.name.clone())).collect();
        let expected = [("a", "a"), ("b", "b-seed"), ("b", "b-console.log"), ("c", &record("c"))]
            .map(|(id, name)| (id, name.to_owned()));
        assert_eq!(told, expected);
        assert!(owned.iter().all(|o| o.tag == tag));
    }
}
