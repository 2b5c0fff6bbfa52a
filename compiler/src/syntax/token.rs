//! Tokens, one logos lexer per place in a condition.
//!
//! Falco's lexing is positional: what `in`, `and` or `1.5` means depends on where it stands. Each enum
//! here knows what can stand at one kind of place; [`super::lexer`] chooses between them. Blanks are
//! skipped where Falco skips them. A place where nothing fits gives a logos error, which the adaptor
//! turns into a diagnostic: it never reaches the parser as an error.

use super::ast::{Literal, Modifier, Op, TextRange, Transformer};
use logos::Logos;

/// Where a check is expected.
#[derive(Logos, Copy, Clone, PartialEq, Eq, Debug)]
#[logos(skip r"[ \t\x08\r\n]+")]
pub(crate) enum CheckToken {
    #[regex(r"not[ \t\n\r\x0B\x0C]+")]
    Not,
    #[token("not(")]
    NotParen,
    #[token("(")]
    LParen,
    #[regex(r"[a-zA-Z][a-zA-Z0-9_]*(\.[a-zA-Z][a-zA-Z0-9_]*)+")]
    Field,
    #[token("tolower(", |_| Transformer::ToLower)]
    #[token("toupper(", |_| Transformer::ToUpper)]
    #[token("b64(", |_| Transformer::B64)]
    #[token("basename(", |_| Transformer::Basename)]
    #[token("len(", |_| Transformer::Len)]
    #[token("join(", |_| Transformer::Join)]
    #[token("concat(", |_| Transformer::Concat)]
    #[token("getopt(", |_| Transformer::GetOpt)]
    Transformer(Transformer),
    #[regex(r"[a-zA-Z][a-zA-Z0-9_]*")]
    Ident,
}

/// After the left side of a check. Word operators take the blank after them along.
#[derive(Logos, Copy, Clone, PartialEq, Eq, Debug)]
#[logos(skip r"[ \t\x08\r\n]+")]
pub(crate) enum OperatorToken {
    #[token("exists", |_| Op::Exists)]
    #[token("<=", |_| Op::Le)]
    #[token("<", |_| Op::Lt)]
    #[token(">=", |_| Op::Ge)]
    #[token(">", |_| Op::Gt)]
    #[token("==", |_| Op::EqEq)]
    #[token("=", |_| Op::Eq)]
    #[token("!=", |_| Op::Ne)]
    #[regex(r"glob[ \t\x08\r\n]", |_| Op::Glob)]
    #[regex(r"iglob[ \t\x08\r\n]", |_| Op::IGlob)]
    #[regex(r"contains[ \t\x08\r\n]", |_| Op::Contains)]
    #[regex(r"icontains[ \t\x08\r\n]", |_| Op::IContains)]
    #[regex(r"bcontains[ \t\x08\r\n]", |_| Op::BContains)]
    #[regex(r"startswith[ \t\x08\r\n]", |_| Op::StartsWith)]
    #[regex(r"bstartswith[ \t\x08\r\n]", |_| Op::BStartsWith)]
    #[regex(r"endswith[ \t\x08\r\n]", |_| Op::EndsWith)]
    #[regex(r"regex[ \t\x08\r\n]", |_| Op::Regex)]
    #[token("intersects", |_| Op::Intersects)]
    #[token("in", |_| Op::In)]
    #[token("pmatch", |_| Op::PMatch)]
    Op(Op),
}

/// Where one string value is expected; quoted texts are scanned by the adaptor.
#[derive(Logos, Copy, Clone, PartialEq, Eq, Debug)]
pub(crate) enum ValueToken {
    #[token("val(", |_| Transformer::Val)]
    #[token("tolower(", |_| Transformer::ToLower)]
    #[token("toupper(", |_| Transformer::ToUpper)]
    #[token("b64(", |_| Transformer::B64)]
    #[token("basename(", |_| Transformer::Basename)]
    #[token("len(", |_| Transformer::Len)]
    #[token("join(", |_| Transformer::Join)]
    #[token("concat(", |_| Transformer::Concat)]
    #[token("getopt(", |_| Transformer::GetOpt)]
    Transformer(Transformer),
    #[regex(r#"[^()"'= ,\t\n\r\x0B\x0C\x00]+"#)]
    Bare,
}

/// Where a number is expected, and among a transformer's arguments.
#[derive(Logos, Copy, Clone, PartialEq, Eq, Debug)]
pub(crate) enum NumberToken {
    #[regex(r"[+\-]?[0-9]+\.?[0-9]*([eE][+\-][0-9]+)?")]
    #[regex(r"0[xX][0-9a-fA-F]+")]
    Number,
}

/// What the parser sees.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) enum Token {
    And,
    Or,
    Not,
    LParen,
    RParen,
    Macro(Box<str>),
    Field(Box<str>, Option<Literal>),
    Exists,
    Compare(Op),
    Modifier(Modifier),
    TransformerOpen(Transformer),
    TransformerClose(Option<Literal>),
    ListOpen,
    ListClose,
    ArgListOpen,
    ArgListClose,
    Comma,
    Value(Literal),
    /// A check that could not be read; a diagnostic was made.
    Error,
}

impl Token {
    /// How many parentheses the token opens (1), closes (-1) or neither.
    pub(crate) fn nesting(&self) -> i32 {
        match self {
            Self::LParen | Self::TransformerOpen(_) | Self::ListOpen | Self::ArgListOpen => 1,
            Self::RParen | Self::TransformerClose(_) | Self::ListClose | Self::ArgListClose => -1,
            _ => 0,
        }
    }
}

/// A token with its range, in the form that lalrpop takes.
pub(crate) type Spanned = (u32, Token, u32);

pub(crate) fn spanned(token: Token, range: TextRange) -> Spanned {
    (range.start, token, range.end)
}
