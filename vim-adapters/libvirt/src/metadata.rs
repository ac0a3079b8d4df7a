//! How a [`Tag`] is written where libvirt keeps it: as an element in the XML of domains and
//! networks, and as the name of an empty volume beside a volume, which has no metadata of its own.
//!
//! A name is the one thing that a directory of volumes sets atomically: the record is there in full
//! or not at all, and one listing shows every owner.

use windlass_model::{NsInstanceId, Owner, Tag, VnfInstanceId};

use crate::xml::Element;

/// The namespace of our element.
pub(crate) const NAMESPACE: &str = "urn:windlass:resource:1";

/// The longest name of a file on Linux, in bytes.
const NAME_MAX: usize = 255;

/// The element that carries a tag, to be put under `<metadata>`.
pub(crate) fn element(tag: &Tag) -> Element {
    let (kind, id) = owner_parts(tag.owner);
    Element::new("windlass:resource")
        .attr("xmlns:windlass", NAMESPACE)
        .attr("owner", kind)
        .attr("owner-id", id)
        .attr("operation", tag.operation)
        .attr("name", &tag.name)
}

/// The tag that an element carries.
pub(crate) fn tag_of(element: &Element) -> Option<Tag> {
    Some(Tag {
        owner: owner_of(element.get("owner")?, element.get("owner-id")?)?,
        operation: element.get("operation")?.parse().ok()?,
        name: element.get("name")?.to_owned(),
    })
}

/// What begins the name of the record that belongs to `id`.
pub(crate) fn record_prefix(id: impl std::fmt::Display) -> String {
    format!("{id}.tag.")
}

/// The name of the record that says whose `id` is. A tag's name that is too long is cut.
pub(crate) fn record_name(id: impl std::fmt::Display, tag: &Tag) -> String {
    let (kind, owner) = owner_parts(tag.owner);
    let mut record = format!("{}{kind}.{owner}.{}.", record_prefix(id), tag.operation);
    for part in tag.name.chars().map(encoded) {
        if record.len() + part.len() > NAME_MAX {
            break;
        }
        record.push_str(&part);
    }
    record
}

/// The id and the tag that a record's name tells; `None` for any other volume.
pub(crate) fn read_record(record: &str) -> Option<(String, Tag)> {
    let (id, tag) = record.split_once(".tag.")?;
    let mut parts = tag.splitn(4, '.');
    let owner = owner_of(parts.next()?, parts.next()?)?;
    let operation = parts.next()?.parse().ok()?;
    let name = decoded(parts.next()?)?;
    Some((id.to_owned(), Tag { owner, operation, name }))
}

fn owner_parts(owner: Owner) -> (&'static str, String) {
    match owner {
        Owner::Vnf(id) => ("vnf", id.to_string()),
        Owner::Ns(id) => ("ns", id.to_string()),
    }
}

fn owner_of(kind: &str, id: &str) -> Option<Owner> {
    match kind {
        "vnf" => id.parse::<VnfInstanceId>().ok().map(Owner::Vnf),
        "ns" => id.parse::<NsInstanceId>().ok().map(Owner::Ns),
        _ => None,
    }
}

fn encoded(c: char) -> String {
    if c.is_ascii_alphanumeric() || "-_.".contains(c) {
        return c.to_string();
    }
    c.to_string().bytes().map(|byte| format!("%{byte:02X}")).collect()
}

fn decoded(text: &str) -> Option<String> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        if byte == b'%' {
            let digits = [rest.next()?, rest.next()?];
            bytes.push(u8::from_str_radix(std::str::from_utf8(&digits).ok()?, 16).ok()?);
        } else {
            bytes.push(byte);
        }
    }
    String::from_utf8(bytes).ok()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use uuid::Uuid;
    use windlass_model::{OperationId, VolumeId};

    use super::*;

    fn tag(name: &str) -> Tag {
        Tag {
            owner: Owner::Vnf(VnfInstanceId(Uuid::from_u128(1))),
            operation: OperationId(Uuid::from_u128(2)),
            name: name.to_owned(),
        }
    }

    proptest! {
        #[test]
        fn a_tag_survives_both_ways_of_writing_it(name in "[ -~äß€]{0,15}") {
            let tag = tag(&name);
            let xml = element(&tag).to_string();
            prop_assert_eq!(tag_of(&Element::parse(&xml).unwrap()), Some(tag.clone()));
            let id = VolumeId(Uuid::from_u128(3));
            let record = record_name(id, &tag);
            prop_assert!(!record.contains('/') && record.starts_with(&record_prefix(id)));
            prop_assert_eq!(read_record(&record), Some((id.to_string(), tag)));
        }

        #[test]
        fn a_record_is_never_too_long_for_a_file(name in "\\PC{0,200}") {
            let record = record_name(VolumeId(Uuid::from_u128(3)), &tag(&name));
            prop_assert!(record.len() <= NAME_MAX);
            prop_assert!(name.starts_with(&read_record(&record).unwrap().1.name));
        }
    }

    #[test]
    fn other_volumes_are_not_records() {
        for name in ["image-00", "backup.qcow2", "x.tag.y", "x.tag.vnf.1.2.3"] {
            assert_eq!(read_record(name), None, "{name} was taken for a record");
        }
    }
}
