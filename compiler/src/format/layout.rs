//! Conditions as lines.
//!
//! In: a condition's text and tree. Out: its tokens ([`tokens`]), on one line ([`flat`]) or on several
//! ([`lines`]). Values, fields and macros are taken from the tree's places, so that nothing inside
//! them is taken for a parenthesis, a comma or a word; the rest is told apart by its first character.
//!
//! ```text
//! open_read
//! and not (
//!   proc.name in (a, b)
//!   or fd.name startswith "/x y"
//! )
//! ```

use super::condition::Condition;
use crate::syntax::ast::{Literal, NodeKind, TextRange};

/// A token, or several that are never parted.
#[derive(Copy, Clone, PartialEq, Eq, Debug)]
pub(super) struct Token<'t> {
    text: &'t str,
    kind: Kind,
    /// There are blanks before it.
    spaced: bool,
}

#[derive(Copy, Clone, PartialEq, Eq, Debug)]
enum Kind {
    /// A value, field, macro, operator or transformer.
    Word,
    /// `and` or `or`.
    Connective,
    Not,
    /// Opens a part of the condition.
    Open,
    /// Opens a list or arguments.
    OpenList,
    Close,
    Comma,
}

/// Splits a condition into tokens.
pub(super) fn tokens<'t>(text: &'t str, condition: &Condition) -> Vec<Token<'t>> {
    let atoms = atoms(condition);
    let mut atoms = atoms.iter().peekable();
    let mut tokens: Vec<Token<'t>> = Vec::new();
    let mut lists = 0_usize;
    let mut spaced = false;
    let mut at = 0;
    while let Some(rest) = text.get(at..).filter(|rest| !rest.is_empty()) {
        if rest.starts_with(is_blank) {
            spaced = true;
            at += 1;
            continue;
        }
        while atoms.next_if(|atom| (atom.start as usize) < at).is_some() {}
        let next = atoms.peek().map_or(text.len(), |atom| atom.start as usize);
        let (len, kind) = if next == at {
            let end = atoms.next().map_or(at, |atom| atom.end as usize);
            (end - at, Kind::Word)
        } else {
            gap_token(rest.get(..next - at).unwrap_or(rest), tokens.last().map(|t| t.kind), &mut lists)
        };
        let len = len.max(rest.chars().next().map_or(1, char::len_utf8));
        tokens.push(Token { text: rest.get(..len).unwrap_or(rest), kind, spaced });
        spaced = false;
        at += len;
    }
    tokens
}

/// The token at the start of what stands between values.
fn gap_token(rest: &str, before: Option<Kind>, lists: &mut usize) -> (usize, Kind) {
    let operand = matches!(before, None | Some(Kind::Open | Kind::Connective | Kind::Not));
    match rest.as_bytes().first() {
        Some(b'(') if operand && *lists == 0 => return (1, Kind::Open),
        Some(b'(') => {
            *lists += 1;
            return (1, Kind::OpenList);
        }
        Some(b')') => {
            *lists = lists.saturating_sub(1);
            return (1, Kind::Close);
        }
        Some(b',') => return (1, Kind::Comma),
        _ => {}
    }
    let len = rest.find(|c: char| is_blank(c) || "(),".contains(c)).unwrap_or(rest.len());
    let kind = match rest.get(..len) {
        Some("and" | "or") => Kind::Connective,
        Some("not") => Kind::Not,
        _ => Kind::Word,
    };
    (len, kind)
}

/// Places of fields, values and macros, in order.
fn atoms(condition: &Condition) -> Vec<TextRange> {
    let mut atoms = Vec::new();
    let literal = |l: &Literal| l.range;
    for node in condition.ast.nodes() {
        match &node.kind {
            NodeKind::Field { .. } | NodeKind::Macro(_) => atoms.push(node.range),
            NodeKind::Value(value) => atoms.push(value.range),
            NodeKind::List(values) => atoms.extend(values.iter().map(literal)),
            NodeKind::Transformer { selector, .. } => atoms.extend(selector.iter().map(literal)),
            _ => {}
        }
    }
    let prefix = condition.prefix.len() as u32;
    atoms.retain(|atom| atom.start >= prefix && atom.end > atom.start);
    for atom in &mut atoms {
        *atom = TextRange::new(atom.start - prefix, atom.end - prefix);
    }
    atoms.sort_by_key(|atom| (atom.start, atom.end));
    atoms
}

/// All that Falco takes for a blank somewhere.
fn is_blank(c: char) -> bool {
    matches!(c, ' ' | '\t' | '\n' | '\r' | '\x08' | '\x0b' | '\x0c')
}

/// Whether a blank stands between two tokens of one line. None is ever added: `or(x)` reads in another
/// way than `or (x)`.
fn blank_between(before: Token<'_>, token: Token<'_>) -> bool {
    token.spaced
        && !matches!(before.kind, Kind::Open | Kind::OpenList)
        && !matches!(token.kind, Kind::Close | Kind::Comma)
}

/// Tokens on one line.
pub(super) fn flat(tokens: &[Token<'_>]) -> String {
    let mut out = String::new();
    let mut before: Option<Token<'_>> = None;
    for &token in tokens {
        if before.is_some_and(|before| blank_between(before, token)) {
            out.push(' ');
        }
        out.push_str(token.text);
        before = Some(token);
    }
    out
}

/// When a condition is broken.
#[derive(Copy, Clone, PartialEq, Eq, Debug)]
pub(super) enum Break {
    /// When it is too long for a line.
    WhenLong,
    /// At the connectives outside parentheses, in any case.
    Always,
}

/// Tokens on lines that begin at column `indent`, of `width` columns where possible.
pub(super) fn lines(tokens: &[Token<'_>], indent: usize, width: usize, breaks: Break) -> Vec<String> {
    let mut lines = Lines { width, out: Vec::new() };
    match breaks {
        Break::WhenLong => lines.operand_or_parts(tokens, indent),
        Break::Always => lines.expression(tokens, indent),
    }
    lines.out
}

struct Lines {
    width: usize,
    out: Vec<String>,
}

impl Lines {
    fn push(&mut self, indent: usize, text: &str) {
        self.out.push(format!("{:indent$}{text}", ""));
    }

    fn fits(&self, indent: usize, text: &str) -> bool {
        indent + text.chars().count() <= self.width
    }

    fn operand_or_parts(&mut self, tokens: &[Token<'_>], indent: usize) {
        let text = flat(tokens);
        if self.fits(indent, &text) { self.push(indent, &text) } else { self.expression(tokens, indent) }
    }

    /// A line for each operand, with its connective before it.
    fn expression(&mut self, tokens: &[Token<'_>], indent: usize) {
        let mut depth = 0_usize;
        let mut start = 0;
        for (i, token) in tokens.iter().enumerate() {
            match token.kind {
                Kind::Open | Kind::OpenList => depth += 1,
                Kind::Close => depth = depth.saturating_sub(1),
                Kind::Connective if depth == 0 && i > start => {
                    self.operand(tokens.get(start..i).unwrap_or_default(), indent);
                    start = i;
                }
                _ => {}
            }
        }
        self.operand(tokens.get(start..).unwrap_or_default(), indent);
    }

    fn operand(&mut self, tokens: &[Token<'_>], indent: usize) {
        let text = flat(tokens);
        if self.fits(indent, &text) {
            self.push(indent, &text);
        } else if let Some((head, inner)) = group(tokens) {
            self.push(indent, &flat(head));
            self.expression(inner, indent + 2);
            self.push(indent, ")");
        } else {
            self.fill(tokens, indent);
        }
    }

    /// As much on a line as fits, broken behind commas only.
    fn fill(&mut self, tokens: &[Token<'_>], indent: usize) {
        let mut line = String::new();
        let mut at = indent;
        for part in tokens.split_inclusive(|token| token.kind == Kind::Comma) {
            let text = flat(part);
            let blank = if part.first().is_some_and(|token| token.spaced) { " " } else { "" };
            if line.is_empty() {
                line = text;
            } else if self.fits(at, &format!("{line}{blank}{text}")) {
                line = format!("{line}{blank}{text}");
            } else {
                self.push(at, &line);
                line = text;
                at = indent + 2;
            }
        }
        self.push(at, &line);
    }
}

/// Splits `and not ( inner )` into what stands up to the parenthesis, and what is inside.
fn group<'a, 't>(tokens: &'a [Token<'t>]) -> Option<(&'a [Token<'t>], &'a [Token<'t>])> {
    let open = tokens.iter().position(|token| token.kind == Kind::Open)?;
    let head = tokens.get(..open)?;
    if !head.iter().all(|token| matches!(token.kind, Kind::Connective | Kind::Not)) {
        return None;
    }
    // The operand ends with the parenthesis that closes this one: nothing can follow it but a
    // connective, which would begin another operand.
    let (last, inner) = tokens.get(open + 1..)?.split_last()?;
    (last.kind == Kind::Close).then_some((tokens.get(..=open)?, inner))
}
