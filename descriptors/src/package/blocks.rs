//! The notation that TOSCA.meta and manifests share: blocks of `Key: value` lines with empty lines between.

/// A line that says something.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Line {
    pub key: String,
    pub value: String,
    /// From 1.
    pub number: u32,
    /// Spaces before the key.
    pub indent: usize,
}

/// A line that is not `Key: value`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct BadLine {
    pub text: String,
    pub number: u32,
}

/// Blocks of lines, and the lines that fit nowhere.
#[derive(Debug, Default)]
pub(super) struct Blocks {
    pub blocks: Vec<Vec<Line>>,
    pub bad: Vec<BadLine>,
}

pub(super) fn parse(text: &str) -> Blocks {
    let mut found = Blocks::default();
    let mut block: Vec<Line> = Vec::new();
    for (number, line) in (1..).zip(text.lines()) {
        let trimmed = line.trim();
        if trimmed.is_empty() {
            found.blocks.push(std::mem::take(&mut block));
        } else if trimmed.starts_with('#') {
        } else if let Some((key, value)) = trimmed.split_once(':') {
            block.push(Line {
                key: key.trim().to_owned(),
                value: value.trim().to_owned(),
                number,
                indent: line.len() - line.trim_start().len(),
            });
        } else if let Some(last) = block.last_mut().filter(|_| line.starts_with(' ')) {
            // A long value goes on in lines that start with a space.
            last.value.push_str(trimmed);
        } else {
            found.bad.push(BadLine { text: trimmed.to_owned(), number });
        }
    }
    found.blocks.push(block);
    found.blocks.retain(|block| !block.is_empty());
    found
}

/// The value of a key in a block. Case does not count.
pub(super) fn value<'a>(block: &'a [Line], key: &str) -> Option<&'a Line> {
    block.iter().find(|line| line.key.eq_ignore_ascii_case(key))
}
