//! Programs from text, as [`super::print`] writes it. For tests: slots have names and no values.
//!
//! Empty lines and lines that begin with `#` say nothing.

use super::test::{Matcher, Net, Pattern, Test};
use super::{Bucket, Node, NodeId, Pred, PredId, Program, RuleRoot, Slot, SlotId, SlotKind, WholeRule};
use crate::hir::Condition;
use crate::ops::glob::{Case, Glob};
use crate::ops::net;
use crate::ops::pmatch::PathPrefixes;
use crate::ops::regex::Regex;
use crate::schema::{EventCode, Scope};
use crate::syntax::ast::{NodeKind, Op};
use crate::syntax::{MAX_DEPTH, parse_condition};
use std::sync::Arc;

/// A text that is not a program.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
#[error("line {line}: {what}")]
pub struct ParseError {
    /// Line, from 1.
    pub line: usize,
    /// What was expected.
    pub what: String,
}

type Parsed<T> = Result<T, String>;

/// Reads a program.
///
/// # Errors
/// The first line that is none of a program.
pub fn parse(text: &str) -> Result<Program, ParseError> {
    let mut program = Program::default();
    for (at, line) in text.lines().enumerate() {
        if line.trim().is_empty() || line.starts_with('#') {
            continue;
        }
        let mut tokens = Tokens { rest: line };
        let result = line_of(&mut program, &mut tokens).and_then(|()| tokens.end());
        result.map_err(|what| ParseError { line: at + 1, what })?;
    }
    Ok(program)
}

fn line_of(program: &mut Program, tokens: &mut Tokens<'_>) -> Parsed<()> {
    match tokens.word()? {
        "slot" => {
            let id: u32 = tokens.id('s')?;
            tokens.expect("=")?;
            let name = tokens.text()?;
            let scope = scope(tokens.word()?)?;
            let cost = tokens.number()?;
            let name = String::from_utf8_lossy(&name).as_ref().into();
            let got = program.graph.push_slot(Slot { kind: SlotKind::Named, name, scope, cost });
            same(id, got.0)
        }
        "pred" => {
            let id: u32 = tokens.id('p')?;
            tokens.expect("=")?;
            let every = tokens.take("every");
            let slot = SlotId(tokens.id('s')?);
            if slot.index() >= program.graph.slots().len() {
                return Err(format!("no slot {slot}"));
            }
            let test = test(tokens)?;
            same(id, program.graph.add_pred(Pred { slot, every, test }).0)
        }
        "node" => {
            let id: u32 = tokens.id('n')?;
            tokens.expect("=")?;
            let node = node(program, tokens)?;
            same(id, program.graph.add(node).0)
        }
        "whole" => {
            let rule = tokens.number()?;
            tokens.expect("=")?;
            let root = Some(tokens.node(program)?);
            program.whole.push(WholeRule { rule, root, condition: Arc::new(Condition::default()) });
            Ok(())
        }
        "bucket" => {
            let mut bucket = Bucket::default();
            while !tokens.is_empty() {
                bucket.codes.push(EventCode(tokens.number()?));
            }
            program.buckets.push(bucket);
            Ok(())
        }
        "rule" => {
            let rule = tokens.number()?;
            tokens.expect("=")?;
            let root = tokens.node(program)?;
            let bucket = program.buckets.last_mut().ok_or("a rule outside of a bucket")?;
            bucket.rules.push(RuleRoot { rule, root });
            Ok(())
        }
        other => Err(format!("expected slot, pred, node, whole, bucket or rule, found `{other}`")),
    }
}

fn same(said: u32, is: u32) -> Parsed<()> {
    if said == is { Ok(()) } else { Err(format!("expected number {is}, found {said}")) }
}

fn scope(word: &str) -> Parsed<Scope> {
    let all = [Scope::Ruleset, Scope::Container, Scope::Process, Scope::Fd, Scope::Event];
    let found = all.into_iter().find(|s| super::print::scope_word(*s) == word);
    found.ok_or_else(|| format!("no scope `{word}`"))
}

fn node(program: &Program, tokens: &mut Tokens<'_>) -> Parsed<Node> {
    let children = |tokens: &mut Tokens<'_>| -> Parsed<Box<[NodeId]>> {
        let mut all = Vec::new();
        while !tokens.is_empty() {
            all.push(tokens.node(program)?);
        }
        Ok(all.into())
    };
    if tokens.rest.trim_start().starts_with('p') {
        let pred = PredId(tokens.id('p')?);
        return if pred.index() < program.graph.preds().len() {
            Ok(Node::Pred(pred))
        } else {
            Err(format!("no predicate {pred}"))
        };
    }
    match tokens.word()? {
        "not" => Ok(Node::Not(tokens.node(program)?)),
        "and" => Ok(Node::And(children(tokens)?)),
        "or" => Ok(Node::Or(children(tokens)?)),
        other => Err(format!("expected a predicate, not, and, or; found `{other}`")),
    }
}

fn test(tokens: &mut Tokens<'_>) -> Parsed<Test> {
    let word = tokens.word()?;
    match word {
        "exists" => return Ok(Test::Exists),
        "reference" => return Ok(Test::Reference),
        "pattern" => {
            let text = String::from_utf8_lossy(&tokens.text()?).into_owned();
            let matcher = matcher(&text).ok_or_else(|| format!("`{text}` is no pattern"))?;
            return Ok(Test::Pattern(Pattern { text: text.into(), matcher }));
        }
        "any" => {
            tokens.expect("[")?;
            let mut all = vec![test(tokens)?];
            while tokens.take(";") {
                all.push(test(tokens)?);
            }
            tokens.expect("]")?;
            return Ok(Test::Any(all.into()));
        }
        _ => {}
    }
    if word == "bits" {
        return Ok(Test::Bits(tokens.number()?));
    }
    let op = Op::from_word(word).ok_or_else(|| format!("no operator `{word}`"))?;
    if tokens.take("(") {
        let mut all: Vec<Box<[u8]>> = Vec::new();
        while !tokens.take(")") {
            all.push(tokens.text()?.into());
        }
        return Ok(Test::Texts(op, all.into()));
    }
    if tokens.rest.trim_start().starts_with('"') {
        return Ok(Test::Text(op, tokens.text()?.into()));
    }
    match (tokens.word()?, op) {
        ("int", Op::In) => Ok(Test::Ints(tokens.numbers()?.into())),
        ("uint", Op::In) => Ok(Test::Uints(tokens.numbers()?.into())),
        ("int", _) => Ok(Test::Int(op, tokens.number()?)),
        ("uint", _) => Ok(Test::Uint(op, tokens.number()?)),
        ("bool", _) => Ok(Test::Bool(op, tokens.number()?)),
        ("double", _) => {
            let word = tokens.word()?;
            let bits = word.strip_prefix("0x").and_then(|hex| u64::from_str_radix(hex, 16).ok());
            bits.map(|bits| Test::Double(op, bits)).ok_or_else(|| format!("no bits `{word}`"))
        }
        ("ip", _) => Ok(Test::Ip(op, tokens.number()?)),
        ("net", _) => {
            let word = tokens.word()?;
            let net = net::parse_net(word.as_bytes()).ok_or_else(|| format!("no network `{word}`"))?;
            Ok(Test::Net(op, Net(net)))
        }
        (other, _) => Err(format!("expected a constant, found `{other}`")),
    }
}

/// The pattern of a check's canonical text.
fn matcher(text: &str) -> Option<Matcher> {
    let parsed = parse_condition(text, MAX_DEPTH);
    let NodeKind::Check { op, right, .. } = &parsed.ast.node(parsed.ast.root()?).kind else { return None };
    let items: Vec<&[u8]> = match &parsed.ast.node((*right)?).kind {
        NodeKind::Value(literal) => vec![&literal.bytes],
        NodeKind::List(all) => all.iter().map(|literal| &*literal.bytes).collect(),
        _ => return None,
    };
    let first = *items.first()?;
    Some(match op {
        Op::Glob => Matcher::Glob(Arc::new(Glob::new(first, Case::Sensitive))),
        Op::IGlob => Matcher::Glob(Arc::new(Glob::new(first, Case::Insensitive))),
        Op::Regex => Matcher::Regex(Arc::new(Regex::new(first, crate::hir::check::REGEX_SIZE_LIMIT).ok()?)),
        Op::PMatch => Matcher::Paths(Arc::new(PathPrefixes::new(items))),
        _ => return None,
    })
}

struct Tokens<'t> {
    rest: &'t str,
}

impl<'t> Tokens<'t> {
    fn is_empty(&self) -> bool {
        self.rest.trim().is_empty()
    }

    fn end(&self) -> Parsed<()> {
        if self.is_empty() {
            Ok(())
        } else {
            Err(format!("expected the end of the line, found `{}`", self.rest.trim()))
        }
    }

    /// Up to a blank; brackets and semicolons are words of their own.
    fn word(&mut self) -> Parsed<&'t str> {
        let rest = self.rest.trim_start();
        let single = |c: char| "()[];".contains(c);
        let len = match rest.chars().next() {
            None => return Err("expected a word, found the end of the line".to_owned()),
            Some(c) if single(c) => 1,
            Some(_) => rest.find(|c: char| c.is_whitespace() || single(c)).unwrap_or(rest.len()),
        };
        let (word, rest) = rest.split_at(len);
        self.rest = rest;
        Ok(word)
    }

    fn take(&mut self, word: &str) -> bool {
        let before = self.rest;
        if self.word() == Ok(word) {
            return true;
        }
        self.rest = before;
        false
    }

    fn expect(&mut self, word: &str) -> Parsed<()> {
        let found = self.word()?;
        if found == word { Ok(()) } else { Err(format!("expected `{word}`, found `{found}`")) }
    }

    fn number<T: std::str::FromStr>(&mut self) -> Parsed<T> {
        let word = self.word()?;
        word.parse().map_err(|_| format!("expected a value, found `{word}`"))
    }

    fn numbers<T: std::str::FromStr>(&mut self) -> Parsed<Vec<T>> {
        self.expect("(")?;
        let mut all = Vec::new();
        while !self.take(")") {
            all.push(self.number()?);
        }
        Ok(all)
    }

    fn id(&mut self, letter: char) -> Parsed<u32> {
        let word = self.word()?;
        let id = word.strip_prefix(letter).and_then(|n| n.parse().ok());
        id.ok_or_else(|| format!("expected {letter} with a number, found `{word}`"))
    }

    fn node(&mut self, program: &Program) -> Parsed<NodeId> {
        let node = NodeId(self.id('n')?);
        if node.index() < program.graph.nodes().len() { Ok(node) } else { Err(format!("no node {node}")) }
    }

    /// A text between double quotes.
    fn text(&mut self) -> Parsed<Vec<u8>> {
        let rest = self.rest.trim_start().strip_prefix('"').ok_or("expected a text in double quotes")?;
        let mut end = None;
        let mut escaped = false;
        for (at, c) in rest.char_indices() {
            match c {
                _ if escaped => escaped = false,
                '\\' => escaped = true,
                '"' => {
                    end = Some(at);
                    break;
                }
                _ => {}
            }
        }
        let (inner, after) = rest.split_at(end.ok_or("a text does not end")?);
        self.rest = after.get(1..).unwrap_or("");
        // as the language reads it
        let parsed = parse_condition(&format!("a.b = \"{inner}\""), MAX_DEPTH);
        let literal = parsed.ast.root().and_then(|root| match &parsed.ast.node(root).kind {
            NodeKind::Check { right: Some(right), .. } => match &parsed.ast.node(*right).kind {
                NodeKind::Value(literal) => Some(literal.bytes.to_vec()),
                _ => None,
            },
            _ => None,
        });
        literal.ok_or_else(|| format!("`{inner}` is no text"))
    }
}
