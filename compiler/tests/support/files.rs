//! A generator of rule files: lists in lists, macros in macros, rules that use both.
//!
//! Most files load; what their conditions must look like after lists are substituted is told by
//! [`File::substituted`], which does it in the plainest way: list after list over the whole text.

use super::choices::Choices;
use super::conditions::{Style, styled};
use peregrine_compiler::schema::Schema;
use peregrine_compiler::syntax::print;
use std::fmt::Write;

const BLANKS: [char; 4] = [' ', '\t', '\n', '\r'];
const LIST_NAMES: &[&str] = &["a", "b", "shells", "open", "x-1", "bash", "/etc"];
/// Names with delimiters in them, which substitution treats apart.
const ODD_NAMES: &[&str] = &["a b", "x,y"];
const ITEMS: &[&str] =
    &["a", "b", "shells", "bash", "sh", "c d", "/etc", "open", "'q r'", "x-1", "close", "\"y z\"", "a b"];

/// A generated file.
#[derive(Debug, Default)]
pub struct File {
    /// Its text.
    pub yaml: String,
    /// Lists with their items, in order.
    pub lists: Vec<(String, Vec<String>)>,
    /// Rules with their conditions as written.
    pub rules: Vec<(String, String)>,
}

/// A file from choices.
pub fn file(choices: &mut Choices<'_>, schema: &Schema) -> File {
    let mut file = File::default();
    let mut names = LIST_NAMES.to_vec();
    if choices.chance(15) {
        names.extend(ODD_NAMES);
    }
    for _ in 0..choices.below(6) {
        let name = names.swap_remove(choices.below(names.len()));
        let items: Vec<String> = (0..choices.below(4)).map(|_| (*choices.pick(ITEMS)).to_owned()).collect();
        let shown: Vec<String> = items.iter().map(|i| quoted(i)).collect();
        let _ = writeln!(file.yaml, "- list: {name}\n  items: [{}]", shown.join(", "));
        file.lists.push((name.to_owned(), items));
    }
    let mut macros = Vec::new();
    for i in 0..choices.below(4) {
        let text = condition(choices, schema, &macros);
        let name = format!("m{i}");
        let _ = writeln!(file.yaml, "- macro: {name}\n  condition: {}", scalar(choices, &text));
        macros.push(name);
    }
    for i in 0..=choices.below(3) {
        let text = condition(choices, schema, &macros);
        let _ = writeln!(
            file.yaml,
            "- rule: rule {i}\n  desc: d\n  condition: {}\n  output: \"%proc.name\"\n  priority: INFO",
            scalar(choices, &text)
        );
        file.rules.push((format!("rule {i}"), text));
    }
    file
}

fn condition(choices: &mut Choices<'_>, schema: &Schema, macros: &[String]) -> String {
    let mut text = String::new();
    for i in 0..=choices.below(4) {
        if i > 0 {
            let joint = *choices.pick(&[" and ", " or ", " and not "]);
            text.push_str(joint);
        }
        match choices.below(5) {
            1 => {
                let name =
                    |c: &mut Choices<'_>| if c.chance(5) { *c.pick(ODD_NAMES) } else { *c.pick(LIST_NAMES) };
                let items: Vec<&str> = (0..=choices.below(4)).map(|_| name(choices)).collect();
                let by = *choices.pick(&[", ", ",", " , ", ",\n "]);
                let _ = write!(text, "proc.name in ({})", items.join(by));
            }
            2 => {
                let name = *choices.pick(LIST_NAMES);
                let _ = write!(
                    text,
                    "proc.name {}{name}",
                    choices.pick(&["=", "= ", "in ", "!= \"x \" or proc.name="])
                );
            }
            3 if !macros.is_empty() => text.push_str(choices.pick(macros).as_str()),
            _ => {
                let style = if choices.chance(3) { Style::Wild } else { Style::Typed };
                text.push_str(&print::canonical(&styled(choices, schema, style, 3)));
            }
        }
    }
    text
}

/// A text as a YAML scalar in one of several styles.
fn scalar(choices: &mut Choices<'_>, text: &str) -> String {
    let one_line = !text.contains(|c: char| c.is_control()) && !text.contains("  ");
    match choices.below(4) {
        1 if one_line => format!("'{}'", text.replace('\'', "''")),
        2 if one_line => format!(">-\n    {}", text.replace(" and ", "\n    and ")),
        3 if one_line && !text.contains([':', '#', '&', '*', '!', '%', '@', '`', '"', '\'']) => {
            text.to_owned()
        }
        _ => quoted(text),
    }
}

/// A text as a YAML scalar between double quotes, in printable ASCII.
pub fn quoted(text: &str) -> String {
    let mut out = String::from("\"");
    for c in text.chars() {
        match c {
            '"' | '\\' => out.extend(['\\', c]),
            ' '..='~' => out.push(c),
            c => {
                let _ = write!(out, "\\U{:08x}", c as u32);
            }
        }
    }
    out.push('"');
    out
}

impl File {
    /// A condition with all lists substituted one after the other, blanks collapsed.
    pub fn substituted(&self, condition: &str) -> String {
        let mut text = condition.to_owned();
        for (i, (name, items)) in self.lists.iter().enumerate() {
            let earlier = self.lists.get(..i).unwrap_or_default();
            let items: Vec<String> = items
                .iter()
                .flat_map(|item| match earlier.iter().find(|(n, _)| n == item) {
                    Some((_, inner)) => inner.clone(),
                    None => vec![item.clone()],
                })
                .map(|item| {
                    if item.contains(' ') && !item.starts_with(['"', '\'']) {
                        format!("\"{item}\"")
                    } else {
                        item
                    }
                })
                .collect();
            text = substitute(&text, name, &items.join(", "));
        }
        collapse(&text)
    }
}

/// Blanks as one space each, none at the ends.
pub fn collapse(text: &str) -> String {
    text.split(BLANKS).filter(|w| !w.is_empty()).collect::<Vec<_>>().join(" ")
}

fn substitute(text: &str, name: &str, by: &str) -> String {
    let delimiter = |c: char| BLANKS.contains(&c) || "(),=".contains(c);
    let (mut done, mut rest) = (String::new(), text.to_owned());
    let mut at = 0;
    while let Some(found) = rest[at..].find(name).map(|i| at + i) {
        let (before, after) = (&rest[..found], &rest[found + name.len()..]);
        let alone = (done.clone() + before).chars().next_back().is_none_or(delimiter)
            && after.chars().next().is_none_or(delimiter);
        if !alone {
            at = found + rest[found..].chars().next().map_or(1, char::len_utf8);
            continue;
        }
        let mut head = (done + before).trim_end_matches(BLANKS).to_owned();
        let mut tail = after.trim_start_matches(BLANKS);
        if by.is_empty() {
            if head.ends_with(',') {
                head.pop();
            } else {
                tail = tail.strip_prefix(',').unwrap_or(tail);
            }
        }
        rest = tail.to_owned();
        done = format!("{head} {by} ");
        at = 0;
    }
    done + &rest
}
