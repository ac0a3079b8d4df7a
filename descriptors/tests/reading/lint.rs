//! Broken descriptors, each with the drawing of what is wrong in it.
//!
//! A case is a file or folder in `broken/`; its drawing is the snapshot of the same name.

use std::path::{Path, PathBuf};

use windlass_descriptors::{
    Code, Finding, Severity, Style, Texts, read_nsd_texts, read_vnfd_texts, render,
};

fn files_of(path: &Path) -> Vec<PathBuf> {
    if path.is_file() {
        return vec![path.to_owned()];
    }
    let mut files: Vec<PathBuf> =
        std::fs::read_dir(path).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.sort();
    files
}

fn drawing(case: &Path) -> String {
    let texts: Texts = files_of(case)
        .iter()
        .map(|file| {
            let name = file.file_name().unwrap().to_string_lossy().into_owned();
            (name, std::fs::read(file).unwrap())
        })
        .chain((case.is_dir()).then(|| {
            let meta = "Entry-Definitions: vnfd.yaml\n";
            ("TOSCA-Metadata/TOSCA.meta".to_owned(), meta.as_bytes().to_vec())
        }))
        .collect();
    let is_nsd = case.file_stem().is_some_and(|name| name == "nsd");
    let (findings, sources) = if is_nsd {
        let reading = read_nsd_texts(texts);
        (reading.findings, reading.sources)
    } else {
        let reading = read_vnfd_texts(texts);
        (reading.findings, reading.sources)
    };
    assert!(!findings.is_empty(), "{} is not broken", case.display());
    render(&findings, &sources, Style::Plain)
}

#[test]
fn every_broken_descriptor_is_drawn_as_it_was() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/broken");
    let cases = files_of(&folder);
    assert!(cases.len() > 15, "the corpus is gone");
    for case in cases {
        let name = case.file_stem().unwrap().to_string_lossy().into_owned();
        insta::assert_snapshot!(name, drawing(&case));
    }
}

#[test]
fn an_alias_bomb_is_refused_before_it_goes_off() {
    let mut bomb =
        "tosca_definitions_version: tosca_simple_yaml_1_3\na0: &a0 [ x, x, x, x ]\n".to_owned();
    for level in 1..30 {
        let below = level - 1;
        bomb += &format!("a{level}: &a{level} [ *a{below}, *a{below}, *a{below}, *a{below} ]\n");
    }
    let findings = read_vnfd_texts([("vnfd.yaml", bomb)].into_iter().collect()).findings;
    assert!(findings.iter().any(|finding| finding.code == Code::TooBig), "{findings:?}");
}

#[test]
fn a_tower_of_brackets_is_refused() {
    let tower = "a: ".to_owned() + &"[".repeat(5_000);
    let findings = read_vnfd_texts([("vnfd.yaml", tower)].into_iter().collect()).findings;
    assert!(findings.iter().any(|finding| finding.severity == Severity::Error));
}

#[test]
fn what_is_not_utf8_says_where() {
    let reading = read_vnfd_texts([("vnfd.yaml", b"a: \xff".to_vec())].into_iter().collect());
    assert_eq!(reading.value, None);
    let finding = &reading.findings[0];
    assert_eq!((finding.code, finding.file.as_str()), (Code::NotUtf8, "vnfd.yaml"));
    assert!(finding.message.contains("byte 3"), "{}", finding.message);
}

#[test]
fn findings_travel_as_json() {
    let text = "tosca_definitions_version: tosca_1_3\ntopology_template: {}\n";
    let findings = read_vnfd_texts([("vnfd.yaml", text)].into_iter().collect()).findings;
    let json = serde_json::to_string(&findings).unwrap();
    assert!(json.contains(r#""code":"no-function""#), "{json}");
    let back: Vec<Finding> = serde_json::from_str(&json).unwrap();
    assert_eq!(back, findings);
}
