//! Conditions as text.
//!
//! [`falco`] prints as Falco does (`condition_compiled` of `falco -L`); that text does not always parse
//! back. [`canonical`] is ours: parsing it gives the same tree.

use super::ast::{Ast, Form, Literal, NodeId, NodeKind};
use crate::ops::escape::{falco_escape, quote, quote_always};

/// The tree in Falco's own printed form.
pub fn falco(ast: &Ast) -> Vec<u8> {
    print(ast, Style::Falco)
}

/// The tree in a form that parses back to the same tree.
pub fn canonical(ast: &Ast) -> String {
    String::from_utf8_lossy(&print(ast, Style::Canonical)).into_owned()
}

/// One node in Falco's printed form.
pub fn falco_node(ast: &Ast, node: NodeId) -> Vec<u8> {
    let mut printer = Printer { ast, style: Style::Falco, out: Vec::new() };
    printer.node(node);
    printer.out
}

/// One node in canonical form.
pub fn canonical_node(ast: &Ast, node: NodeId) -> String {
    let mut printer = Printer { ast, style: Style::Canonical, out: Vec::new() };
    printer.node(node);
    String::from_utf8_lossy(&printer.out).into_owned()
}

#[derive(Copy, Clone, PartialEq, Eq)]
enum Style {
    Falco,
    Canonical,
}

fn print(ast: &Ast, style: Style) -> Vec<u8> {
    let mut printer = Printer { ast, style, out: Vec::new() };
    if let Some(root) = ast.root() {
        printer.node(root);
    }
    printer.out
}

struct Printer<'a> {
    ast: &'a Ast,
    style: Style,
    out: Vec<u8>,
}

impl Printer<'_> {
    fn text(&mut self, text: &str) {
        self.out.extend_from_slice(text.as_bytes());
    }

    fn literal(&mut self, literal: &Literal) {
        match self.style {
            Style::Falco => self.out.extend(falco_escape(&literal.bytes)),
            Style::Canonical => self.out.extend(quote(&literal.bytes)),
        }
    }

    fn bracket(&mut self, arg: Option<&Literal>) {
        let Some(arg) = arg else { return };
        self.text("[");
        match self.style {
            Style::Falco if arg.bytes.is_empty() => self.text("\"\""),
            Style::Canonical if arg.bytes.iter().any(|b| b"[]".contains(b)) => {
                self.out.extend(quote_always(&arg.bytes));
            }
            _ => self.literal(arg),
        }
        self.text("]");
    }

    fn joined(&mut self, children: &[NodeId], by: &str) {
        for (i, &child) in children.iter().enumerate() {
            if i > 0 {
                self.text(by);
            }
            self.node(child);
        }
    }

    fn node(&mut self, id: NodeId) {
        match &self.ast.node(id).kind {
            NodeKind::And(children) => {
                self.text("(");
                self.joined(children, " and ");
                self.text(")");
            }
            NodeKind::Or(children) => {
                self.text("(");
                self.joined(children, " or ");
                self.text(")");
            }
            &NodeKind::Not(child) => {
                self.text("not ");
                // `not not x` would read as no negation at all
                let nested =
                    self.style == Style::Canonical && matches!(self.ast.node(child).kind, NodeKind::Not(_));
                if nested {
                    self.text("(");
                }
                self.node(child);
                if nested {
                    self.text(")");
                }
            }
            NodeKind::Macro(name) => self.text(name),
            NodeKind::Check { left, op, modifier, right } => {
                self.node(*left);
                self.text(" ");
                self.text(op.as_str());
                if let Some(modifier) = modifier {
                    self.text(" ");
                    self.text(modifier.as_str());
                }
                if let Some(right) = *right {
                    self.text(" ");
                    match &self.ast.node(right).kind {
                        // the name of a list stands without quotes, whatever it looks like
                        NodeKind::Value(name)
                            if self.style == Style::Canonical && (op.takes_list() || modifier.is_some()) =>
                        {
                            self.out.extend_from_slice(&name.bytes);
                        }
                        _ => self.node(right),
                    }
                }
            }
            NodeKind::Field { name, arg } => {
                self.text(name);
                self.bracket(arg.as_ref());
            }
            NodeKind::Transformer { name, selector, args } => {
                self.text(name.as_str());
                self.text("(");
                self.arguments(args);
                self.text(")");
                self.bracket(selector.as_ref());
            }
            NodeKind::ArgList(items) => {
                self.text("(");
                self.arguments(items);
                self.text(")");
            }
            NodeKind::Value(literal) => self.literal(literal),
            NodeKind::List(items) => {
                self.text("(");
                for (i, item) in items.iter().enumerate() {
                    if i > 0 {
                        self.text(", ");
                    }
                    self.literal(item);
                }
                self.text(")");
            }
            NodeKind::Error => self.text("<error>"),
        }
    }

    /// Arguments of a transformer: texts always stand in quotes there.
    fn arguments(&mut self, args: &[NodeId]) {
        for (i, &arg) in args.iter().enumerate() {
            if i > 0 {
                self.text(",");
            }
            match &self.ast.node(arg).kind {
                NodeKind::Value(l) if self.style == Style::Canonical && l.form != Form::Number => {
                    self.out.extend(quote_always(&l.bytes));
                }
                _ => self.node(arg),
            }
        }
    }
}
