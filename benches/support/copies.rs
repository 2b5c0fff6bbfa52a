//! Large rulesets that look like real ones: upstream's rule files, several times over.
//!
//! In: the directory with upstream's three files. Out: the same files, each with so many copies of all
//! of its items. Copy 0 is the file as it is; copy `i` has its own lists and macros (`NAME_ci`), its rules
//! are named `NAME #i`, and the names, paths and texts that its lists and conditions look for end in `_ci`,
//! so that no event of a real capture matches twice. Numbers, addresses and event types stay as they are,
//! and so do constants of fields that say what kind of thing something is (`fd.type`), because rulesets of
//! that size share those. Text, comments and layout are those of upstream. The same input always gives the
//! same bytes.

use super::{Named, UPSTREAM};
use std::collections::HashSet;
use std::path::Path;

/// Fields whose constants name something, and are different in every copy.
const NAMING: &[&str] = &[
    "proc.name",
    "proc.pname",
    "proc.aname",
    "proc.cmdline",
    "proc.pcmdline",
    "proc.exe",
    "proc.exepath",
    "proc.args",
    "proc.cwd",
    "fd.name",
    "fd.filename",
    "fd.directory",
    "container.image.repository",
    "user.name",
    "k8s.ns.name",
    "fs.path.name",
];

/// Upstream's files with every item `copies` times; empty when they are absent.
pub fn upstream_copies(dir: &Path, copies: usize) -> Vec<Named> {
    let read = |name: &&str| Some(((*name).to_owned(), std::fs::read_to_string(dir.join(name)).ok()?));
    let Some(files) = UPSTREAM.iter().map(read).collect::<Option<Vec<_>>>() else { return Vec::new() };
    let names =
        |kind: &str| files.iter().flat_map(|(_, text)| defined(text, kind)).collect::<HashSet<&str>>();
    let (lists, macros) = (names("list: "), names("macro: "));
    let copied = |(name, text): &(String, String)| {
        let mut out = text.clone();
        for copy in 1..copies {
            Copier { lists: &lists, macros: &macros, copy, out: &mut out }.file(text);
        }
        (name.clone(), out.into_bytes())
    };
    files.iter().map(copied).collect()
}

/// Names of a file's items of one kind.
fn defined<'t>(text: &'t str, kind: &str) -> impl Iterator<Item = &'t str> {
    let body = |l: &'t str| l.strip_prefix("- ").or_else(|| l.strip_prefix("  "));
    text.lines().filter_map(move |l| body(l)?.strip_prefix(kind)).map(str::trim)
}

/// Length of the quoted text at the beginning, with its quotes.
fn quoted(text: &str, quote: char) -> usize {
    let mut rest = text.char_indices().skip(1).peekable();
    while let Some((i, c)) = rest.next() {
        // escaped: by a backslash, or `''` in YAML's single quotes
        let doubled = quote == '\'' && rest.peek().is_some_and(|&(_, next)| next == '\'');
        if c == '\\' || c == quote && doubled {
            rest.next();
        } else if c == quote {
            return i + 1;
        }
    }
    text.len()
}

struct Copier<'a> {
    lists: &'a HashSet<&'a str>,
    macros: &'a HashSet<&'a str>,
    copy: usize,
    out: &'a mut String,
}

/// Where a condition's text is being read.
#[derive(Default)]
struct Place<'t> {
    field: &'t str,
    /// After `in`, `pmatch` or `intersects`, and inside its list.
    list: bool,
    /// After any other operator.
    value: bool,
}

impl Copier<'_> {
    fn file(&mut self, text: &str) {
        let mut key = "";
        let mut place = Place::default();
        for line in text.split_inclusive('\n') {
            let body = line.strip_prefix("- ").or_else(|| line.strip_prefix("  ")).unwrap_or("");
            let starts = body.split_once(':').filter(|(k, _)| {
                k.starts_with(|c: char| c.is_ascii_lowercase())
                    && k.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_' || b == b'-')
            });
            let comment = line.trim_start().starts_with('#');
            let mut rest = line;
            if let Some((k, value)) = starts.filter(|_| !comment) {
                key = k;
                place = Place::default();
                rest = value;
                self.out.push_str(line.strip_suffix(value).unwrap_or(""));
            }
            match key {
                _ if comment => self.out.push_str(rest),
                "list" | "macro" => self.name(rest, |name, i| format!("{name}_c{i}")),
                "rule" => self.name(rest, |name, i| format!("\"{name} #{i}\"")),
                "items" => self.items(rest),
                "condition" if !matches!(rest.trim(), ">" | ">-" | "|") => self.condition(rest, &mut place),
                _ => self.out.push_str(rest),
            }
        }
    }

    /// The rest of a line that is a name.
    fn name(&mut self, rest: &str, make: impl Fn(&str, usize) -> String) {
        let name = rest.trim();
        if name.is_empty() {
            return self.out.push_str(rest);
        }
        self.out.push_str(&rest.replacen(name, &make(name, self.copy), 1));
    }

    /// A line of items in brackets.
    fn items(&mut self, line: &str) {
        let mut rest = line;
        while let Some(c) = rest.chars().next() {
            let len = match c {
                '#' => rest.len(),
                '"' | '\'' => quoted(rest, c),
                _ if is_word(c) => rest.find(|c| !is_word(c)).unwrap_or(rest.len()),
                _ => c.len_utf8(),
            };
            let (token, tail) = rest.split_at(len);
            if is_word(c) || matches!(c, '"' | '\'') {
                self.value(token);
            } else {
                self.out.push_str(token);
            }
            rest = tail;
        }
    }

    /// A part of a condition.
    fn condition<'t>(&mut self, part: &'t str, place: &mut Place<'t>) {
        let mut rest = part;
        while let Some(c) = rest.chars().next() {
            let len = match c {
                '"' | '\'' => quoted(rest, c),
                '=' | '<' | '>' | '!' => {
                    rest.find(|c| !matches!(c, '=' | '<' | '>' | '!')).unwrap_or(rest.len())
                }
                _ if is_word(c) => {
                    rest.find(|c| !is_word(c) || matches!(c, '=' | '<' | '>' | '!')).unwrap_or(rest.len())
                }
                _ => c.len_utf8(),
            };
            let (token, tail) = rest.split_at(len);
            rest = tail;
            let word = is_word(c) || matches!(c, '"' | '\'');
            match token {
                ")" => place.list = false,
                "=" | "==" | "!=" | "contains" | "icontains" | "startswith" | "endswith"
                    if !place.value && !place.list =>
                {
                    place.value = true;
                }
                "in" | "pmatch" | "intersects" if !place.value && !place.list => place.list = true,
                _ if word && (place.value || place.list) => {
                    place.value = false;
                    let field = place.field.split('[').next().unwrap_or("");
                    if place.list && self.lists.contains(token) || NAMING.contains(&field) {
                        self.value(token);
                        continue;
                    }
                }
                _ if token.contains('.') => place.field = token,
                _ if self.macros.contains(token) => {
                    self.value(token);
                    continue;
                }
                _ => {}
            }
            self.out.push_str(token);
        }
    }

    /// A value, in quotes or not, or a name.
    fn value(&mut self, token: &str) {
        let mut inner = token;
        // a text in the condition's quotes can stand in YAML's
        for _ in 0..2 {
            let unquoted = |q: char| inner.strip_prefix(q).and_then(|t| t.strip_suffix(q));
            inner = unquoted('"').or_else(|| unquoted('\'')).unwrap_or(inner);
        }
        let end = usize::midpoint(token.len(), inner.len());
        self.out.push_str(&token[..end]);
        let number = inner.starts_with(|c: char| c.is_ascii_digit() || c == '-') || inner.contains("::");
        if self.lists.contains(inner) || !number && !is_event(inner) && !inner.is_empty() {
            self.out.push_str("_c");
            self.out.push_str(&self.copy.to_string());
        }
        self.out.push_str(&token[end..]);
    }
}

fn is_word(c: char) -> bool {
    !c.is_whitespace() && !"()[],'\"#".contains(c)
}

/// Event types in upstream's lists.
fn is_event(word: &str) -> bool {
    matches!(
        word,
        "open"
            | "openat"
            | "openat2"
            | "execve"
            | "execveat"
            | "connect"
            | "accept"
            | "accept4"
            | "sendto"
            | "sendmsg"
    )
}
