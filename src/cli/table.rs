//! Aligned columns for people. Widths are terminal cells, and nothing is ever cut off.

use unicode_width::UnicodeWidthStr;

use crate::cli::visible::visible;

/// Spaces between two columns.
const GAP: usize = 2;

/// How a column's cells stand.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Align {
    Left,
    Right,
}

/// Rows under a header.
#[derive(Debug)]
pub struct Table {
    columns: Vec<(&'static str, Align)>,
    rows: Vec<Row>,
}

#[derive(Debug)]
struct Row {
    cells: Vec<String>,
    below: Vec<String>,
}

impl Table {
    pub fn new(columns: &[(&'static str, Align)]) -> Self {
        Self {
            columns: columns.to_vec(),
            rows: Vec::new(),
        }
    }

    /// Adds a row; hidden characters in its cells become visible.
    pub fn row<S: AsRef<str>>(&mut self, cells: impl IntoIterator<Item = S>) -> &mut Self {
        let cells = cells.into_iter();
        self.rows.push(Row {
            cells: cells
                .map(|cell| visible(cell.as_ref()).into_owned())
                .collect(),
            below: Vec::new(),
        });
        self
    }

    /// Adds a line below the last row, for what fits no column.
    pub fn below(&mut self, text: &str) -> &mut Self {
        if let Some(row) = self.rows.last_mut() {
            row.below.push(visible(text).into_owned());
        }
        self
    }

    /// The lines, header first, without trailing spaces.
    pub fn lines(&self) -> Vec<String> {
        let header: Vec<&str> = self.columns.iter().map(|(title, _)| *title).collect();
        let mut lines = vec![self.aligned(&header)];
        for row in &self.rows {
            let cells: Vec<&str> = row.cells.iter().map(String::as_str).collect();
            lines.push(self.aligned(&cells));
            lines.extend(row.below.iter().map(|text| format!("    {text}")));
        }
        lines
    }

    fn aligned(&self, cells: &[&str]) -> String {
        let mut line = String::new();
        for (index, ((_, align), cell)) in self.columns.iter().zip(cells).enumerate() {
            let space = " ".repeat(self.width(index).saturating_sub(cell.width()));
            match align {
                Align::Left => line.extend([*cell, &space]),
                Align::Right => line.extend([&space, *cell]),
            }
            line.push_str(&" ".repeat(GAP));
        }
        line.truncate(line.trim_end().len());
        line
    }

    fn width(&self, index: usize) -> usize {
        let title = self
            .columns
            .get(index)
            .map_or(0, |(title, _)| title.width());
        let cells = self.rows.iter().filter_map(|row| row.cells.get(index));
        cells.map(|cell| cell.width()).fold(title, usize::max)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_line_up_whatever_the_script() {
        let mut table = Table::new(&[("VENDOR", Align::Left), ("AMOUNT", Align::Right)]);
        table
            .row(["株式会社", "5.00 USD"])
            .row(["Côte", "12345.00 USD"]);
        table.below("over_limit");
        let lines = table.lines();
        assert_eq!(
            lines,
            [
                "VENDOR          AMOUNT",
                "株式会社      5.00 USD",
                "Côte      12345.00 USD",
                "    over_limit",
            ]
        );
    }

    #[test]
    fn a_cell_cannot_move_the_cursor() {
        let mut table = Table::new(&[("X", Align::Left)]);
        table.row(["\u{1b}[1A\u{202e}"]).below("a\nb");
        assert_eq!(
            table.lines().get(1..),
            Some(
                &[
                    "<U+001B>[1A<U+202E>".to_owned(),
                    "    a<U+000A>b".to_owned()
                ][..]
            )
        );
    }
}
