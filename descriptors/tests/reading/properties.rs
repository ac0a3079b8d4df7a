//! What holds for every input: reading never panics, and counting never lies.

use std::collections::BTreeMap;
use std::io::Cursor;

use crate::common::minimal_vnfd;
use proptest::prelude::*;
use windlass_descriptors::vnfd::{Flavour, ScaleStep, ScalingAspect, ScalingError, Vdu, VduKind};
use windlass_descriptors::{
    Finding, Package, Sources, Style, Texts, read_nsd_texts, read_vnfd_texts, render,
};

const WEB: &str = include_str!("../../examples/edge-web/web/Definitions/web.vnfd.yaml");
const NSD: &str = include_str!("../../examples/edge-web/nsd/Definitions/edge-web.nsd.yaml");

fn texts(text: impl Into<Vec<u8>>) -> Texts {
    [("a.yaml", text)].into_iter().collect()
}

/// Every finding is in the drawing.
fn is_drawn(findings: &[Finding], sources: &Sources, style: Style) {
    let drawn = render(findings, sources, style);
    for finding in findings {
        assert!(drawn.contains(finding.code.as_str()), "{finding} is not drawn");
    }
}

/// A text with a stretch replaced by something else.
fn spoilt(text: &str, at: usize, length: usize, with: &str) -> String {
    let mut chars: Vec<char> = text.chars().collect();
    let at = at % chars.len();
    let end = (at + length).min(chars.len());
    chars.splice(at..end, with.chars());
    chars.into_iter().collect()
}

fn vdu(initial: u32) -> Vdu {
    Vdu {
        id: "server".into(),
        name: String::new(),
        description: String::new(),
        min_instances: 0,
        max_instances: u32::MAX,
        initial_instances: Some(initial),
        kind: VduKind::Compute(Box::default()),
        storages: Vec::new(),
        nfvi_constraints: BTreeMap::new(),
        monitoring_parameters: BTreeMap::new(),
        configurable_properties: Default::default(),
        requested_capabilities: BTreeMap::new(),
        logical_nodes: BTreeMap::new(),
        metadata: BTreeMap::new(),
    }
}

fn flavour(initial: u32, deltas: &[u32], max: u32) -> Flavour {
    let step = |delta: &u32| ScaleStep {
        vdus: BTreeMap::from([("server".into(), *delta)]),
        ..ScaleStep::default()
    };
    let aspect = ScalingAspect {
        id: "servers".into(),
        name: String::new(),
        description: String::new(),
        max_scale_level: max,
        steps: deltas.iter().map(step).collect(),
    };
    Flavour {
        vdus: BTreeMap::from([("server".into(), vdu(initial))]),
        scaling_aspects: BTreeMap::from([("servers".into(), aspect)]),
        ..Flavour::default()
    }
}

proptest! {
    #[test]
    fn any_bytes_are_read_without_panic(bytes in proptest::collection::vec(any::<u8>(), 0..300)) {
        prop_assert_eq!(read_vnfd_texts(texts(bytes.clone())).value, None);
        let _ = Package::open(Cursor::new(bytes));
    }

    #[test]
    fn any_yaml_like_text_is_read_and_drawn(text in "[a-z&*:{}\\[\\]\\-\n \"'|>!%~<]{0,200}") {
        let reading = read_vnfd_texts(texts(minimal_vnfd() + &text));
        is_drawn(&reading.findings, &reading.sources, Style::Plain);
    }

    #[test]
    fn a_spoilt_descriptor_is_read_and_drawn(
        at in any::<usize>(), length in 0usize..60, with in "[a-z:\\[{}\\] \n*&é]{0,8}",
    ) {
        let reading = read_vnfd_texts(texts(spoilt(WEB, at, length, &with)));
        is_drawn(&reading.findings, &reading.sources, Style::Terminal);
        let reading = read_nsd_texts(texts(spoilt(NSD, at, length, &with)));
        is_drawn(&reading.findings, &reading.sources, Style::Plain);
    }

    #[test]
    fn a_level_has_the_sum_of_its_steps(
        initial in 0u32..1000,
        deltas in proptest::collection::vec(0u32..1000, 1..6),
        level in 0u32..12,
    ) {
        let counts = flavour(initial, &deltas, 12).counts_at(&BTreeMap::from([("servers".into(), level)]));
        let last = *deltas.last().unwrap();
        let steps = deltas.iter().copied().chain(std::iter::repeat(last));
        let expected = initial + steps.take(level as usize).sum::<u32>();
        prop_assert_eq!(counts.unwrap()["server"], expected);
    }

    #[test]
    fn counting_is_total(initial in any::<u32>(), delta in any::<u32>(), level in any::<u32>(), max in any::<u32>()) {
        let counts = flavour(initial, &[delta], max).counts_at(&BTreeMap::from([("servers".into(), level)]));
        match counts {
            Ok(counts) => prop_assert!(level <= max && counts["server"] >= initial),
            Err(error) => {
                let beyond = ScalingError::BeyondMax { aspect: "servers".into(), level, max };
                prop_assert!(level > max && error == beyond);
            }
        }
    }
}
