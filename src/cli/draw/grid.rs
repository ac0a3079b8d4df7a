//! Tables without lines.

use std::fmt;

use comfy_table::{Attribute, Color, ContentArrangement, Table, presets};

use super::{Mood, Style};

/// What stands in one cell, and so how it is drawn.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Cell {
    /// As it is.
    Text(String),
    /// An id, which is shortened.
    Id(String),
    /// A state, which has a colour.
    State(String),
}

impl Cell {
    /// Text, or nothing.
    pub fn maybe(text: Option<impl Into<String>>) -> Self {
        Self::Text(text.map(Into::into).unwrap_or_default())
    }

    /// An id.
    pub fn id(id: impl Into<String>) -> Self {
        Self::Id(id.into())
    }

    /// An id, or nothing.
    pub fn maybe_id(id: Option<impl Into<String>>) -> Self {
        Self::Id(id.map(Into::into).unwrap_or_default())
    }

    /// A state.
    pub fn state(state: impl fmt::Display) -> Self {
        Self::State(state.to_string())
    }
}

impl<T: fmt::Display> From<T> for Cell {
    fn from(text: T) -> Self {
        Self::Text(text.to_string())
    }
}

/// A table without lines.
#[derive(Debug)]
pub struct Grid {
    style: Style,
    table: Table,
}

impl Grid {
    /// A table with a row of headings.
    pub fn new(style: &Style, headings: &[&str]) -> Self {
        let mut grid = Self { style: *style, table: bare(style) };
        let heading = |text: &&str| {
            let cell = comfy_table::Cell::new(text.to_uppercase());
            if style.color { cell.add_attribute(Attribute::Dim) } else { cell }
        };
        grid.table.set_header(headings.iter().map(heading).collect::<Vec<_>>());
        flush_left(&mut grid.table);
        grid
    }

    /// Adds a row.
    pub fn row<const N: usize>(&mut self, cells: [Cell; N]) -> &mut Self {
        let cells: Vec<_> = cells.into_iter().map(|cell| self.drawn(cell)).collect();
        self.table.add_row(cells);
        flush_left(&mut self.table);
        self
    }

    /// Whether there is nothing to show.
    pub fn is_empty(&self) -> bool {
        self.table.is_empty()
    }

    fn drawn(&self, cell: Cell) -> comfy_table::Cell {
        match cell {
            Cell::Text(text) => comfy_table::Cell::new(text),
            Cell::Id(id) => comfy_table::Cell::new(self.style.id(&id)),
            Cell::State(state) if self.style.color => {
                let cell = comfy_table::Cell::new(&state);
                match Mood::of(&state) {
                    Mood::Good => cell.fg(Color::Green),
                    Mood::Busy => cell.fg(Color::Yellow),
                    Mood::Bad => cell.fg(Color::Red),
                    Mood::Quiet => cell.add_attribute(Attribute::Dim),
                }
            }
            Cell::State(state) => comfy_table::Cell::new(state),
        }
    }
}

impl fmt::Display for Grid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.table.trim_fmt())
    }
}

fn bare(style: &Style) -> Table {
    let mut table = Table::new();
    table.load_style(presets::NOTHING);
    if style.color {
        // Only a terminal has colours, and only a terminal has a width to fit into.
        table.set_content_arrangement(ContentArrangement::Dynamic).enforce_styling();
    } else {
        table.force_no_tty();
    }
    table
}

/// The first column starts where the line does; columns stand two spaces apart.
fn flush_left(table: &mut Table) {
    for column in table.column_iter_mut() {
        column.set_padding((0, 2));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hosts(style: Style) -> String {
        let mut grid = Grid::new(&style, &["id", "name", "state"]);
        grid.row([
            Cell::id("0193a1b2-c3d4-7abc-8def-0123456789ab"),
            "left".into(),
            Cell::state("REACHABLE"),
        ]);
        grid.row([
            Cell::id("0193a1b2-c3d4-7abc-8def-01234567cdef"),
            "right".into(),
            Cell::state("UNREACHABLE"),
        ]);
        grid.to_string()
    }

    #[test]
    fn a_table_is_quiet_and_aligned() {
        insta::assert_snapshot!(hosts(Style::default()), @r"
        ID        NAME   STATE
        456789ab  left   REACHABLE
        4567cdef  right  UNREACHABLE
        ");
    }

    #[test]
    fn wide_tables_show_whole_ids() {
        assert!(
            hosts(Style { wide: true, color: false })
                .contains("0193a1b2-c3d4-7abc-8def-0123456789ab")
        );
    }

    #[test]
    fn states_have_colours_where_colours_are_wanted() {
        let drawn = hosts(Style { wide: false, color: true });
        assert!(drawn.contains("\u{1b}[38;5;9mUNREACHABLE"), "{drawn:?}");
    }
}
