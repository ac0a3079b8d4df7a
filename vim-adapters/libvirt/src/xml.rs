//! One small XML tree, for what we tell libvirt and for what it answers.

use std::fmt;

use quick_xml::Reader;
use quick_xml::escape::escape;
use quick_xml::events::{BytesStart, Event};

/// An element with its attributes, children and text. Names carry no namespace prefix when read.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Element {
    name: String,
    attributes: Vec<(String, String)>,
    children: Vec<Element>,
    text: String,
}

impl Element {
    /// An empty element.
    pub(crate) fn new(name: &str) -> Self {
        Self { name: name.to_owned(), ..Self::default() }
    }

    /// The same with an attribute more.
    pub(crate) fn attr(mut self, name: &str, value: impl fmt::Display) -> Self {
        self.attributes.push((name.to_owned(), value.to_string()));
        self
    }

    /// The same with this text.
    pub(crate) fn text(mut self, text: impl fmt::Display) -> Self {
        self.text = text.to_string();
        self
    }

    /// The same with a child more.
    pub(crate) fn child(mut self, child: Element) -> Self {
        self.children.push(child);
        self
    }

    /// The same with more children.
    pub(crate) fn with(mut self, children: impl IntoIterator<Item = Element>) -> Self {
        self.children.extend(children);
        self
    }

    /// Reads a document; `None` when it is not XML.
    pub(crate) fn parse(document: &str) -> Option<Self> {
        let mut reader = Reader::from_str(document);
        let mut open = vec![Self::default()];
        loop {
            match reader.read_event().ok()? {
                Event::Start(start) => open.push(Self::read(&start)?),
                Event::Empty(start) => open.last_mut()?.children.push(Self::read(&start)?),
                Event::Text(text) => open.last_mut()?.text.push_str(text.xml10_content().trim()),
                Event::End(_) => {
                    let done = open.pop()?;
                    open.last_mut()?.children.push(done);
                }
                Event::Eof => break,
                Event::CData(_)
                | Event::Comment(_)
                | Event::Decl(_)
                | Event::PI(_)
                | Event::DocType(_)
                | Event::GeneralRef(_) => {}
            }
        }
        open.pop().filter(|_| open.is_empty())?.children.pop()
    }

    fn read(start: &BytesStart<'_>) -> Option<Self> {
        let mut element = Self::new(start.local_name().as_ref());
        for attribute in start.attributes() {
            let attribute = attribute.ok()?;
            let value = quick_xml::escape::unescape(&attribute.value).ok()?.into_owned();
            element.attributes.push((attribute.key.local_name().as_ref().to_owned(), value));
        }
        Some(element)
    }

    /// An attribute's value.
    pub(crate) fn get(&self, attribute: &str) -> Option<&str> {
        self.attributes.iter().find(|(name, _)| name == attribute).map(|(_, value)| value.as_str())
    }

    /// The first descendant along a path of names.
    pub(crate) fn at<'a>(&'a self, path: &[&str]) -> Option<&'a Element> {
        path.iter().try_fold(self, |element, name| element.all(name).next())
    }

    /// The children of one name.
    pub(crate) fn all(&self, name: &str) -> impl Iterator<Item = &Element> {
        self.children.iter().filter(move |child| child.name == name)
    }

    /// The text inside.
    pub(crate) fn content(&self) -> &str {
        &self.text
    }

    fn write(&self, f: &mut fmt::Formatter<'_>, depth: usize) -> fmt::Result {
        write!(f, "{:indent$}<{}", "", self.name, indent = depth * 2)?;
        for (name, value) in &self.attributes {
            write!(f, " {name}=\"{}\"", escape(value.as_str()))?;
        }
        if self.children.is_empty() && self.text.is_empty() {
            return writeln!(f, "/>");
        }
        if self.children.is_empty() {
            return writeln!(f, ">{}</{}>", escape(self.text.as_str()), self.name);
        }
        writeln!(f, ">")?;
        for child in &self.children {
            child.write(f, depth + 1)?;
        }
        writeln!(f, "{:indent$}</{}>", "", self.name, indent = depth * 2)
    }
}

impl fmt::Display for Element {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.write(f, 0)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_prefix_is_left_out_when_an_element_is_read() {
        let read = Element::parse("<a><w:tag xmlns:w='urn:x' w:owner='vnf'/></a>").unwrap();
        assert_eq!(read.at(&["tag"]).unwrap().get("owner"), Some("vnf"));
    }

    #[test]
    fn what_is_cut_short_is_not_xml() {
        assert_eq!(Element::parse("<a><b/>"), None);
    }

    proptest! {
        #[test]
        fn any_attribute_comes_back_as_it_was_written(value in "[ -~äß€]{0,40}") {
            let written = Element::new("a").attr("value", &value).child(Element::new("b"));
            let read = Element::parse(&written.to_string()).unwrap();
            prop_assert_eq!(read.get("value"), Some(value.as_str()));
        }
    }
}
