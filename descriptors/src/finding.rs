//! Findings: what is wrong in a descriptor, where, and what would be right.

use std::fmt;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::vnfd::image::spelled;

/// More findings than this help nobody; reading stops collecting.
const MAX_FINDINGS: usize = 500;

/// A message repeats names of the descriptor, which can be as long as the descriptor itself.
const MAX_MESSAGE_BYTES: usize = 1_000;

/// Something that is wrong, or doubtful, in a package.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Finding {
    /// Whether the descriptor can be used all the same.
    pub severity: Severity,
    /// The kind of finding.
    pub code: Code,
    /// The file, as the package names it.
    pub file: String,
    /// The line, from 1; 0 when the finding is about the whole file.
    pub line: u32,
    /// The column, from 1, in characters; 0 when the finding is about the whole file.
    pub column: u32,
    /// What is wrong.
    pub message: String,
    /// What would be right.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub help: Option<String>,
    /// The place in the file, for drawing.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub span: Option<ByteSpan>,
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.file)?;
        if self.line > 0 {
            write!(f, ":{}:{}", self.line, self.column)?;
        }
        write!(f, ": {}[{}]: {}", self.severity, self.code, self.message)?;
        match &self.help {
            Some(help) => write!(f, " ({help})"),
            None => Ok(()),
        }
    }
}

/// A stretch of a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct ByteSpan {
    /// Where it starts.
    pub offset: usize,
    /// How long it is.
    pub length: usize,
}

/// Whether a descriptor can be used all the same.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Severity {
    /// The descriptor cannot be used.
    Error,
    /// The descriptor can be used, but probably says something else than was meant.
    Warning,
}

impl fmt::Display for Severity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Error => "error",
            Self::Warning => "warning",
        })
    }
}

spelled! {
    /// The kind of a finding.
    Code {
        /// The package has no descriptor to start reading from, or several.
        NoEntry = "no-entry",
        /// TOSCA.meta does not follow its format.
        BadMeta = "bad-meta",
        /// The manifest does not follow its format.
        BadManifest = "bad-manifest",
        /// A file that is named is not there.
        MissingFile = "missing-file",
        /// A file is not what its digest says.
        DigestMismatch = "digest-mismatch",
        /// A digest is computed in a way that is not accepted.
        UnknownDigest = "unknown-digest",
        /// A file of the package has no digest in a manifest that has others.
        NoDigest = "no-digest",
        /// A signature does not fit what it signs.
        BadSignature = "bad-signature",
        /// Nobody vouches for who signed.
        UntrustedSigner = "untrusted-signer",
        /// A text is not UTF-8.
        NotUtf8 = "not-utf8",
        /// A text is larger, deeper or more tangled than a descriptor may be.
        TooBig = "too-big",
        /// A text is not YAML.
        BadYaml = "bad-yaml",
        /// A key stands twice in one map.
        DuplicateKey = "duplicate-key",
        /// A part of the document has the wrong shape.
        BadStructure = "bad-structure",
        /// The TOSCA version is missing or not one that is known.
        UnknownVersion = "unknown-version",
        /// An import names a file that is not there.
        MissingImport = "missing-import",
        /// Imports form a circle.
        ImportCycle = "import-cycle",
        /// A type is not defined.
        UnknownType = "unknown-type",
        /// Types derive from each other in a circle.
        TypeCycle = "type-cycle",
        /// A property is not part of its type.
        UnknownProperty = "unknown-property",
        /// A required property is missing.
        MissingProperty = "missing-property",
        /// A value is of the wrong type.
        WrongType = "wrong-type",
        /// A size, time or frequency has no unit that is known.
        BadUnit = "bad-unit",
        /// A value is none of those allowed.
        BadValue = "bad-value",
        /// An address or network is not written as one.
        BadAddress = "bad-address",
        /// An input is not declared.
        UnknownInput = "unknown-input",
        /// A requirement names a node template that does not exist.
        UnknownNode = "unknown-node",
        /// A requirement or target is of the wrong type.
        WrongNode = "wrong-node",
        /// A requirement is not part of its node's type.
        UnknownRequirement = "unknown-requirement",
        /// A policy or group names something that does not exist.
        UnknownTarget = "unknown-target",
        /// A scaling aspect does not exist.
        UnknownAspect = "unknown-aspect",
        /// An instantiation or scale level does not exist.
        UnknownLevel = "unknown-level",
        /// A scaling delta does not exist.
        UnknownDelta = "unknown-delta",
        /// Scaling leads to more or fewer VNFCs than the VDU's profile allows.
        CountOutOfProfile = "count-out-of-profile",
        /// Two parts of the descriptor say different things.
        Contradiction = "contradiction",
        /// A part of the descriptor has no effect.
        NoEffect = "no-effect",
        /// The descriptor describes no VNF, or no network service.
        NoFunction = "no-function",
        /// Constituents wait for each other in a circle.
        DependencyCycle = "dependency-cycle",
    }
}

/// The texts that findings point into.
#[derive(Debug, Clone, Default)]
pub struct Sources(Vec<(String, Arc<str>)>);

impl Sources {
    /// The text of a file, as it was read.
    #[must_use]
    pub fn text(&self, file: &str) -> Option<&Arc<str>> {
        self.0.iter().find(|(name, _)| name == file).map(|(_, text)| text)
    }
}

/// A place in one of the [`Sources`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Place {
    pub file: u32,
    pub line: u32,
    pub column: u32,
    pub offset: usize,
    pub length: usize,
}

/// Collects findings while a package is read.
#[derive(Debug, Default)]
pub(crate) struct Log {
    pub sources: Sources,
    findings: Vec<Finding>,
}

impl Log {
    /// Adds a text, so that places can point into it.
    pub fn add_source(&mut self, name: &str, text: &str) -> (u32, Arc<str>) {
        let text: Arc<str> = Arc::from(text);
        self.sources.0.push((name.to_owned(), Arc::clone(&text)));
        (u32::try_from(self.sources.0.len() - 1).unwrap_or(u32::MAX), text)
    }

    /// The file that a place is in.
    pub fn file_of(&self, place: Place) -> &str {
        let index = usize::try_from(place.file).unwrap_or(usize::MAX);
        self.sources.0.get(index).map_or("", |(name, _)| name)
    }

    /// Notes an error; returns it, to add help to.
    pub fn error(&mut self, code: Code, place: Place, message: impl Into<String>) -> Help<'_> {
        self.at(Severity::Error, code, place, message.into())
    }

    /// Notes a warning; returns it, to add help to.
    pub fn warning(&mut self, code: Code, place: Place, message: impl Into<String>) -> Help<'_> {
        self.at(Severity::Warning, code, place, message.into())
    }

    /// Notes something about a whole file.
    pub fn about_file(
        &mut self,
        severity: Severity,
        code: Code,
        file: &str,
        message: impl Into<String>,
    ) -> Help<'_> {
        let file = file.to_owned();
        let message = message.into();
        self.push(Finding {
            severity,
            code,
            file,
            line: 0,
            column: 0,
            message,
            help: None,
            span: None,
        })
    }

    /// Notes that a file is no text from a place on.
    pub fn not_utf8(&mut self, file: &str, offset: usize, line: u32, column: u32) {
        let message = format!("the file is not UTF-8: byte {offset} begins no character");
        self.push(Finding {
            severity: Severity::Error,
            code: Code::NotUtf8,
            file: file.to_owned(),
            line,
            column,
            message,
            help: None,
            span: None,
        })
        .help("save the file as UTF-8");
    }

    /// Whether further findings would be passed over.
    pub fn is_full(&self) -> bool {
        self.findings.len() >= MAX_FINDINGS && self.has_errors()
    }

    /// How long all texts together are.
    pub fn source_bytes(&self) -> usize {
        self.sources.0.iter().map(|(_, text)| text.len()).sum()
    }

    /// Whether anything so far forbids the use of what is read.
    pub fn has_errors(&self) -> bool {
        self.findings.iter().any(|finding| finding.severity == Severity::Error)
    }

    /// The findings in the order of the files, each once, and the texts that they point into.
    pub fn finish(mut self) -> (Vec<Finding>, Sources) {
        let key = |f: &Finding| (f.file.clone(), f.line, f.column, f.severity, f.message.clone());
        self.findings.sort_by_cached_key(key);
        self.findings.dedup();
        (self.findings, self.sources)
    }

    fn at(&mut self, severity: Severity, code: Code, place: Place, message: String) -> Help<'_> {
        let file = self.file_of(place).to_owned();
        // A map or list is pointed at by its first line: drawing all of it would hide the message.
        let text = self.sources.text(&file).and_then(|text| text.get(place.offset..));
        let line =
            text.and_then(|text| text.lines().next()).map_or(0, |line| line.trim_end().len());
        let span = Some(ByteSpan { offset: place.offset, length: place.length.min(line) });
        let (line, column) = (place.line, place.column);
        self.push(Finding { severity, code, file, line, column, message, help: None, span })
    }

    fn push(&mut self, mut finding: Finding) -> Help<'_> {
        shorten(&mut finding.message);
        // An error must not drown in five hundred warnings: it takes the place of the last one.
        if self.findings.len() >= MAX_FINDINGS {
            if finding.severity == Severity::Warning || self.has_errors() {
                return Help(None);
            }
            self.findings.pop();
        }
        self.findings.push(finding);
        Help(self.findings.last_mut())
    }
}

/// Lets the one who notes a finding say what would be right.
pub(crate) struct Help<'a>(Option<&'a mut Finding>);

impl Help<'_> {
    /// Says what would be right.
    pub fn help(self, help: impl Into<String>) {
        self.maybe(Some(help));
    }

    /// Says what would be right, if that is known.
    pub fn maybe(self, help: Option<impl Into<String>>) {
        if let (Some(finding), Some(help)) = (self.0, help) {
            let mut help = help.into();
            shorten(&mut help);
            finding.help = Some(help);
        }
    }

    /// Says which name may have been meant. It is looked for only when somebody will read it: a
    /// descriptor can have a hundred thousand wrong names, and as many right ones.
    pub fn near(self, look: impl FnOnce() -> Option<String>) {
        if self.0.is_some() {
            self.maybe(look());
        }
    }
}

fn shorten(text: &mut String) {
    if text.len() > MAX_MESSAGE_BYTES {
        text.truncate(text.floor_char_boundary(MAX_MESSAGE_BYTES));
        text.push('…');
    }
}
