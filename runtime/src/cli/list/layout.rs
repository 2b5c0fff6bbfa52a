//! Text in columns and markdown tables.

use std::io::{self, Write};

/// Columns of the terminal.
#[derive(Copy, Clone, Debug)]
pub(super) struct Width(pub(super) usize);

impl Width {
    /// From `COLUMNS`, which shells set for those who ask (`export COLUMNS`); 80 without.
    pub(super) fn of_terminal() -> Self {
        let columns = std::env::var("COLUMNS").ok().and_then(|c| c.parse().ok());
        Self(columns.filter(|c| (40..=1000).contains(c)).unwrap_or(80))
    }
}

/// Rows of a name, short columns and a last column that is wrapped.
#[derive(Debug, Default)]
pub(super) struct Columns {
    rows: Vec<(Vec<String>, String)>,
}

/// Longest cell that widens its column; a longer one gets a line of its own.
const WIDEST_CELL: usize = 26;
const INDENT: usize = 2;
const GAP: usize = 2;

impl Columns {
    pub(super) fn push(&mut self, cells: &[&str], text: impl Into<String>) {
        self.rows.push((cells.iter().map(|c| (*c).to_owned()).collect(), text.into()));
    }

    pub(super) fn write(&self, width: Width, out: &mut dyn Write) -> io::Result<()> {
        let widths = self.widths();
        let text_at = INDENT + widths.iter().map(|w| w + GAP).sum::<usize>();
        for (cells, text) in &self.rows {
            let mut line = " ".repeat(INDENT);
            let mut target = INDENT;
            for (cell, cell_width) in cells.iter().zip(&widths) {
                pad(&mut line, target, out)?;
                line.push_str(cell);
                target += cell_width + GAP;
            }
            if !text.is_empty() {
                pad(&mut line, text_at, out)?;
            }
            write_wrapped(&mut line, text, text_at, width, out)?;
        }
        Ok(())
    }

    fn widths(&self) -> Vec<usize> {
        let mut widths = Vec::new();
        for (cells, _) in &self.rows {
            widths.resize(cells.len().max(widths.len()), 0);
            for (width, cell) in widths.iter_mut().zip(cells) {
                let len = cell.chars().count();
                if len <= WIDEST_CELL {
                    *width = (*width).max(len);
                }
            }
        }
        widths
    }
}

/// Fills `line` up to a column; a line that is too long for that is written, and a new one begun.
fn pad(line: &mut String, column: usize, out: &mut dyn Write) -> io::Result<()> {
    let len = line.chars().count();
    if len > INDENT && len + GAP > column {
        writeln!(out, "{}", line.trim_end())?;
        line.clear();
    }
    while line.chars().count() < column {
        line.push(' ');
    }
    Ok(())
}

/// Writes `line` and `text`, wrapped at blanks; further lines begin at column `indent`. Leaves `line` empty.
/// A no-break space does not end a line and is written as a blank.
fn write_wrapped(
    line: &mut String,
    text: &str,
    indent: usize,
    width: Width,
    out: &mut dyn Write,
) -> io::Result<()> {
    let mut at_start = true;
    for word in text.split(' ') {
        let len = line.chars().count() + usize::from(!at_start) + word.chars().count();
        if !at_start && len > width.0 {
            writeln!(out, "{}", line.trim_end())?;
            line.clear();
            line.push_str(&" ".repeat(indent));
            at_start = true;
        }
        if !at_start {
            line.push(' ');
        }
        line.extend(word.chars().map(|c| if c == '\u{a0}' { ' ' } else { c }));
        at_start = false;
    }
    writeln!(out, "{}", line.trim_end())?;
    line.clear();
    Ok(())
}

/// Writes a paragraph.
pub(super) fn write_paragraph(
    text: &str,
    indent: usize,
    width: Width,
    out: &mut dyn Write,
) -> io::Result<()> {
    let mut line = " ".repeat(indent);
    write_wrapped(&mut line, text, indent, width, out)
}

/// A markdown table with a heading above it.
#[derive(Debug)]
pub(super) struct Table<'a> {
    heading: &'a str,
    columns: &'a [&'a str],
    rows: Vec<Vec<String>>,
}

impl<'a> Table<'a> {
    pub(super) fn new(heading: &'a str, columns: &'a [&'a str]) -> Self {
        Self { heading, columns, rows: Vec::new() }
    }

    pub(super) fn push(&mut self, cells: Vec<String>) {
        self.rows.push(cells);
    }

    /// Writes the table; nothing if it has no rows.
    pub(super) fn write(&self, out: &mut dyn Write) -> io::Result<()> {
        if self.rows.is_empty() {
            return Ok(());
        }
        writeln!(out, "## {}\n", self.heading)?;
        writeln!(out, "| {} |", self.columns.join(" | "))?;
        writeln!(out, "|{}", " --- |".repeat(self.columns.len()))?;
        for row in &self.rows {
            writeln!(out, "| {} |", row.join(" | "))?;
        }
        writeln!(out)
    }
}

/// Text for a cell, with what markdown would read as its own escaped.
pub(super) fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '|' | '*' | '_' | '[' | ']' | '`' | '\\' => escaped.extend(['\\', c]),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            _ => escaped.push(c),
        }
    }
    escaped
}

/// Code for a cell.
pub(super) fn code(text: &str) -> String {
    format!("`{}`", text.replace('|', "\\|"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn columns(rows: &[(&[&str], &str)], width: usize) -> String {
        let mut columns = Columns::default();
        for (cells, text) in rows {
            columns.push(cells, *text);
        }
        let mut out = Vec::new();
        columns.write(Width(width), &mut out).unwrap();
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn aligned_and_wrapped() {
        let text = columns(&[(&["a", "INT"], "one two three four"), (&["bcd", "I"], "five")], 20);
        assert_eq!(text, "  a    INT  one two\n            three\n            four\n  bcd  I    five\n");
    }

    #[test]
    fn long_names_have_a_line_of_their_own() {
        let text = columns(&[(&["a", "INT"], "x"), (&["a_name_of_more_than_26_letters", "INT"], "y")], 40);
        assert_eq!(text, "  a  INT  x\n  a_name_of_more_than_26_letters\n     INT  y\n");
    }

    #[test]
    fn words_wider_than_the_terminal_are_not_cut() {
        assert_eq!(columns(&[(&["a"], "abcdefghijkl mn")], 10), "  a  abcdefghijkl\n     mn\n");
    }

    #[test]
    fn no_break_spaces_hold() {
        assert_eq!(columns(&[(&["a"], "one two\u{a0}three")], 14), "  a  one\n     two three\n");
    }

    #[test]
    fn markdown_cells_cannot_break_the_table() {
        assert_eq!(escape("a|b <c> x_y[1]"), "a\\|b &lt;c&gt; x\\_y\\[1\\]");
        assert_eq!(code("a|b"), "`a\\|b`");
    }
}
