//! One thing with everything about it: fields, then tables.

use std::fmt::Write;

use super::{Cell, Grid, Style};

/// One thing with everything about it.
#[derive(Debug)]
pub struct Page {
    style: Style,
    fields: Vec<(&'static str, String)>,
    sections: Vec<(&'static str, String)>,
}

impl Page {
    /// An empty page.
    pub fn new(style: &Style) -> Self {
        Self { style: *style, fields: Vec::new(), sections: Vec::new() }
    }

    /// Adds a field; one that is empty is left out. Ids are whole here, to be copied.
    pub fn field(mut self, name: &'static str, value: impl Into<Cell>) -> Self {
        let text = match value.into() {
            Cell::Text(text) | Cell::Id(text) => text,
            Cell::State(state) => self.style.state(&state),
        };
        if !text.is_empty() {
            self.fields.push((name, text));
        }
        self
    }

    /// Adds a state.
    pub fn state(self, name: &'static str, state: impl std::fmt::Display) -> Self {
        let state = self.style.state(&state.to_string());
        self.field(name, state)
    }

    /// Adds a field, if there is one.
    pub fn maybe(self, name: &'static str, value: Option<impl Into<String>>) -> Self {
        self.field(name, value.map(Into::into).unwrap_or_default())
    }

    /// Adds a table; one without rows is left out.
    pub fn table(self, title: &'static str, grid: &Grid) -> Self {
        let text = if grid.is_empty() { String::new() } else { grid.to_string() };
        self.text(title, &text)
    }

    /// Adds text of several lines; none is left out.
    pub fn text(mut self, title: &'static str, text: &str) -> Self {
        if !text.is_empty() {
            self.sections.push((title, text.to_owned()));
        }
        self
    }

    /// The page as text.
    pub fn draw(&self) -> String {
        let width = self.fields.iter().map(|(name, _)| name.len()).max().unwrap_or_default();
        let mut text = String::new();
        for (name, value) in &self.fields {
            let name = self.style.faint(&format!("{name:width$}"));
            // Writing to a String cannot fail.
            let _ = writeln!(text, "{name}  {value}");
        }
        for (title, section) in &self.sections {
            let _ = writeln!(text, "\n{}", self.style.strong(title));
            for line in section.lines() {
                let _ = writeln!(text, "{}", format!("  {line}").trim_end());
            }
        }
        text
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_shows_what_there_is_and_no_empty_headings() {
        let style = Style::default();
        let mut components = Grid::new(&style, &["id", "vdu"]);
        components.row(["web-0".into(), "web".into()]);
        let page = Page::new(&style)
            .field("id", "vnf-1")
            .maybe("description", None::<String>)
            .state("state", "INSTANTIATED")
            .table("Components", &components)
            .table("Networks", &Grid::new(&style, &["id"]));
        insta::assert_snapshot!(page.draw(), @r"
        id     vnf-1
        state  INSTANTIATED

        Components
          ID     VDU
          web-0  web
        ");
    }
}
