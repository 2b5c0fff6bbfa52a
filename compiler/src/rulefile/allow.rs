//! Comments that silence warnings: `# peregrine: allow(unused-macro, always-true)`.
//!
//! In: the comments and nodes of all files. Out: the places in which named warnings are not reported. A
//! comment behind something concerns what begins on its line; one that stands alone, what begins on the
//! line below it (further comments may stand between). What begins there is an item with all its keys,
//! a key with its value, or an entry of a sequence; the largest counts. A warning is silenced by the
//! place that it is about, not by its other labels.
//!
//! ```
//! use peregrine_compiler::{rulefile::{Loader, Options}, schema::Schema};
//! let schema = Schema::new("syscall", vec![], vec![], vec![]);
//! let mut loader = Loader::new(Options::new(vec![&schema]));
//! let text = "# peregrine: allow(unused-list)\n- list: shells\n  items: [sh]\n";
//! let report = loader.load("rules.yaml", text.into());
//! assert_eq!(report.diagnostics[0].code.info().name, "unused-list");
//! assert!(loader.allowed().silences(&report.diagnostics[0]));
//! ```

use super::Loader;
use crate::diagnostic::{Code, Diagnostic, Severity};
use crate::source::{SourceFile, Span};
use crate::yaml::{self, NodeKind, Yaml};
use std::collections::HashMap;

/// Which warnings are silenced where.
#[derive(Debug, Default)]
pub struct Allowed {
    places: Vec<(Span, Code)>,
    problems: Vec<Diagnostic>,
}

impl Allowed {
    /// Whether a finding is a warning that a comment silences.
    pub fn silences(&self, diagnostic: &Diagnostic) -> bool {
        let Some(at) = diagnostic.span().filter(|_| diagnostic.severity == Severity::Warning) else {
            return false;
        };
        self.places.iter().any(|(place, code)| {
            *code == diagnostic.code
                && place.file == at.file
                && place.start <= at.start
                && at.end <= place.end
        })
    }

    /// Comments that cannot be understood: warnings with [`Code::UnknownLint`].
    pub fn problems(&self) -> &[Diagnostic] {
        &self.problems
    }
}

impl Loader<'_> {
    /// What the comments of all files silence. A file that is not YAML silences nothing.
    pub fn allowed(&self) -> Allowed {
        let mut allowed = Allowed::default();
        for yaml in self.yamls.iter().flatten() {
            let Some(&document) = yaml.documents().first() else { continue };
            let id = yaml.node(document).span.file;
            let file = self.sources.file(id);
            if !file.text().contains("peregrine:") {
                continue;
            }
            let comments = yaml::comments(id, file.text());
            let places = places_by_line(yaml, file);
            for comment in &comments {
                read_comment(*comment, file, &comments, &places, &mut allowed);
            }
        }
        allowed
    }
}

/// The largest item, entry or key that begins on each line.
fn places_by_line(yaml: &Yaml, file: &SourceFile) -> HashMap<u32, Span> {
    let mut places: HashMap<u32, Span> = HashMap::new();
    let mut add = |span: Span| {
        let line = file.line_col(span.start).0;
        places.entry(line).and_modify(|place| *place = place.to(span)).or_insert(span);
    };
    for node in (0..yaml.len()).map(|i| yaml.node(yaml::NodeId(i as u32))) {
        match &node.kind {
            // the whole document begins on the line of its first item, which is meant
            NodeKind::Sequence(items) => items.iter().for_each(|&item| add(yaml.node(item).span)),
            NodeKind::Mapping(entries) => {
                for &(key, value) in entries {
                    let (key, value) = (yaml.node(key).span, yaml.node(value).span);
                    // an alias points back to where its value is written
                    add(if value.start >= key.start { key.to(value) } else { key });
                }
            }
            NodeKind::Null | NodeKind::Scalar(_) => {}
        }
    }
    places
}

fn read_comment(
    comment: Span,
    file: &SourceFile,
    comments: &[Span],
    places: &HashMap<u32, Span>,
    out: &mut Allowed,
) {
    let text = file.slice(comment);
    let body = text.trim_start_matches('#');
    let Some(rest) = body.trim_start().strip_prefix("peregrine:") else { return };
    let names = rest.trim().strip_prefix("allow(").and_then(|r| r.split_once(')')).map(|(names, _)| names);
    let Some(names) = names else {
        let diagnostic = Diagnostic::new(Code::UnknownLint, comment, "this comment cannot be understood");
        out.problems.push(diagnostic.help("write `# peregrine: allow(name, name)` with names of warnings"));
        return;
    };
    let Some(place) = place_of(comment, file, comments, places) else {
        let diagnostic =
            Diagnostic::new(Code::UnknownLint, comment, "no item or key begins on the line below");
        out.problems.push(diagnostic.help("put the comment directly above what it concerns, or behind it"));
        return;
    };
    let mut at = comment.start + text.find('(').map_or(0, |at| at as u32 + 1);
    for written in names.split(',') {
        let name = written.trim();
        let start = at + (written.len() - written.trim_start().len()) as u32;
        let span = Span::new(comment.file, start, start + name.len() as u32);
        at += written.len() as u32 + 1;
        match Code::from_name(name) {
            Some(code) if code.info().severity == Severity::Warning => out.places.push((place, code)),
            Some(_) => {
                let message = format!("`{name}` is an error, which cannot be silenced");
                out.problems.push(Diagnostic::new(Code::UnknownLint, span, message));
            }
            None => {
                let diagnostic =
                    Diagnostic::new(Code::UnknownLint, span, format!("no warning is named `{name}`"));
                out.problems.push(diagnostic.suggest(name, Code::warning_names()));
            }
        }
    }
}

/// What a comment concerns.
fn place_of(
    comment: Span,
    file: &SourceFile,
    comments: &[Span],
    places: &HashMap<u32, Span>,
) -> Option<Span> {
    let line_of = |span: &Span| file.line_col(span.start).0;
    let alone = |span: &Span| {
        let start = file.text().get(..span.start as usize)?.rfind('\n').map_or(0, |at| at + 1);
        file.text().get(start..span.start as usize).map(|before| before.trim().is_empty())
    };
    let mut line = line_of(&comment);
    if alone(&comment) == Some(false) {
        // nothing may begin here, as behind the last line of a text: then the line itself
        return Some(places.get(&line).copied().unwrap_or_else(|| whole_line(comment, file)));
    }
    line += 1;
    for next in comments.iter().skip_while(|c| c.start <= comment.start) {
        if line_of(next) != line || alone(next) != Some(true) {
            break;
        }
        line += 1;
    }
    places.get(&line).copied()
}

fn whole_line(at: Span, file: &SourceFile) -> Span {
    let start = file.text().get(..at.start as usize).and_then(|t| t.rfind('\n')).map_or(0, |at| at + 1);
    Span::new(at.file, start as u32, at.end)
}
