//! From text to [`Ast`].

use super::ast::{Ast, NodeId, TextRange};
use super::grammar::ConditionParser;
use super::lexer::Lexer;
use crate::diagnostic::Code;
use std::cell::OnceCell;

/// Falco's nesting limit for conditions in rule files.
pub const MAX_DEPTH: u32 = 1000;

/// A place where a condition is not as it should be. Places are ranges of the parsed text; the rule
/// file stage turns them into places in files.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct SyntaxError {
    /// Registered code.
    pub code: Code,
    /// Where.
    pub range: TextRange,
    /// What was expected and found.
    pub message: String,
    /// Further places.
    pub also: Vec<(TextRange, String)>,
    /// What to do.
    pub help: Vec<String>,
}

impl SyntaxError {
    pub(crate) fn new(code: Code, range: TextRange, message: impl Into<String>) -> Self {
        Self { code, range, message: message.into(), also: Vec::new(), help: Vec::new() }
    }

    #[must_use]
    pub(crate) fn also(mut self, range: TextRange, text: impl Into<String>) -> Self {
        self.also.push((range, text.into()));
        self
    }

    #[must_use]
    pub(crate) fn help(mut self, text: impl Into<String>) -> Self {
        self.help.push(text.into());
        self
    }
}

/// The result of parsing: a tree always, complete where there was no error.
#[derive(Clone, Debug)]
pub struct Parsed {
    /// The tree, with [`super::ast::NodeKind::Error`] in place of checks that could not be read.
    pub ast: Ast,
    /// All errors, in order of their places.
    pub errors: Vec<SyntaxError>,
}

thread_local! {
    /// Building the parser costs more than a condition does.
    static PARSER: OnceCell<ConditionParser> = const { OnceCell::new() };
}

/// Parses a condition whose lists are already substituted.
///
/// ```
/// use peregrine_compiler::syntax::{parse_condition, MAX_DEPTH, print};
/// let parsed = parse_condition("evt.type=open and not proc.name in (cat,dog)", MAX_DEPTH);
/// assert!(parsed.errors.is_empty());
/// assert_eq!(print::falco(&parsed.ast), b"(evt.type = open and not proc.name in (cat, dog))");
/// ```
pub fn parse_condition(text: &str, max_depth: u32) -> Parsed {
    let mut ast = Ast::new();
    let mut lexer = Lexer::new(text, max_depth);
    if text.bytes().all(|c| matches!(c, b' ' | b'\t' | 8 | b'\r' | b'\n')) {
        let range = TextRange::new(0, text.len() as u32);
        return Parsed {
            ast,
            errors: vec![SyntaxError::new(Code::EmptyCondition, range, "the condition is empty")],
        };
    }
    let root =
        PARSER.with(|p| p.get_or_init(ConditionParser::new).parse(&mut ast, lexer.by_ref().map(Ok::<_, ()>)));
    let mut errors = lexer.into_errors();
    match root {
        Ok(root) => ast.set_root(root),
        // INVARIANT: the adaptor sends only streams that fit; this keeps a slip of it from being silent.
        Err(_) if errors.is_empty() => {
            let range = TextRange::new(0, text.len() as u32);
            errors.push(SyntaxError::new(Code::UnexpectedToken, range, "the condition cannot be read"));
        }
        Err(_) => {}
    }
    Parsed { ast, errors }
}

/// Used by the grammar: the first element and the others as one vector.
pub(crate) fn chain(first: NodeId, rest: Vec<NodeId>) -> Vec<NodeId> {
    let mut all = Vec::with_capacity(rest.len() + 1);
    all.push(first);
    all.extend(rest);
    all
}
