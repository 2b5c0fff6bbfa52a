//! The adaptor between the logos lexers and the parser.
//!
//! In: the text of a condition. Out: tokens that always form a condition, and every error with its
//! place. It knows from the previous tokens what can come next, reads one whole check at a time, and
//! replaces a check that it cannot read by one `Error` token before it goes on at the next `and`, `or`
//! or closing parenthesis. Nesting is counted as Falco's recursive descent does, so that the same
//! limit refuses the same conditions.
//!
//! Longer than other files because the adaptor is one machine: reading a check, reporting what was expected
//! and going on after it share the same state, and apart they would pass all of it to each other.

use super::ast::{Form, Literal, Modifier, Op, TextRange, Transformer};
use super::parse::SyntaxError;
use super::token::{CheckToken, NumberToken, OperatorToken, Spanned, Token, ValueToken, spanned};
use crate::diagnostic::{Code, did_you_mean};
use crate::ops::escape::unescape;
use logos::Logos;
use std::collections::VecDeque;

/// Errors reported for one condition; the rest is noise.
const MAX_ERRORS: usize = 8;

/// Guards that Falco's parser holds below the start of a nested expression: `or`, `and`, `not`, check.
const DEPTH_OF_CHECK: u32 = 4;
/// The same below a value: field or condition, value, transformer.
const DEPTH_OF_VALUE: u32 = 7;

#[derive(Copy, Clone, PartialEq, Eq, Debug)]
enum State {
    /// A check, `not` or an opening parenthesis comes next.
    Check,
    /// `and`, `or`, a closing parenthesis or the end comes next.
    Connective,
    /// Nothing comes any more.
    End,
}

/// An open parenthesis of the condition itself.
struct Group {
    open: TextRange,
    /// Falco's depth outside.
    depth: u32,
    /// Opened by `or(`: Falco does not accept `and` after its end.
    after_or: bool,
}

/// A part of a check that failed: where, and how the text goes on is decided by `resync`.
struct Failed;

type Lexed<T> = Result<T, Failed>;

pub(crate) struct Lexer<'t> {
    text: &'t str,
    pos: usize,
    state: State,
    depth: u32,
    max_depth: u32,
    groups: Vec<Group>,
    closed_after_or: bool,
    queue: VecDeque<Spanned>,
    errors: Vec<SyntaxError>,
}

impl<'t> Lexer<'t> {
    pub(crate) fn new(text: &'t str, max_depth: u32) -> Self {
        Self {
            text,
            pos: 0,
            state: State::Check,
            depth: 0,
            max_depth,
            groups: Vec::new(),
            closed_after_or: false,
            queue: VecDeque::new(),
            errors: Vec::new(),
        }
    }

    pub(crate) fn into_errors(self) -> Vec<SyntaxError> {
        self.errors
    }

    fn rest(&self) -> &'t str {
        self.text.get(self.pos..).unwrap_or("")
    }

    fn peek(&self) -> Option<u8> {
        self.text.as_bytes().get(self.pos).copied()
    }

    /// Reads with one of the logos lexers at the current place; on success moves behind the token.
    fn lex<T: Logos<'t, Source = str>>(&mut self) -> Option<(T, TextRange)>
    where
        T::Extras: Default,
    {
        let mut lexer = T::lexer(self.rest());
        let token = lexer.next()?.ok()?;
        let range = range_of(self.pos + lexer.span().start, self.pos + lexer.span().end);
        self.pos = range.end as usize;
        Some((token, range))
    }

    fn skip_blanks(&mut self) -> bool {
        let start = self.pos;
        while self.peek().is_some_and(is_blank) {
            self.pos += 1;
        }
        self.pos > start
    }

    /// The word, quoted text or sign at a place, for messages.
    fn word_at(&self, pos: usize) -> TextRange {
        let rest = self.text.get(pos..).unwrap_or("");
        let len = rest
            .char_indices()
            .find(|&(i, c)| c.is_ascii_whitespace() || "()\"',=".contains(c) && i > 0)
            .map_or(rest.len(), |(i, _)| i);
        let len = match rest.chars().next() {
            Some(c) if "()\"',=".contains(c) => c.len_utf8(),
            _ => len,
        };
        range_of(pos, pos + len)
    }

    fn found(&self, range: TextRange) -> String {
        match self.text.get(range.start as usize..range.end as usize) {
            Some("") | None => "the end of the condition".to_owned(),
            Some(word) => format!("`{}`", word.chars().take(60).collect::<String>()),
        }
    }

    fn error(&mut self, error: SyntaxError) -> Failed {
        if self.errors.len() < MAX_ERRORS {
            self.errors.push(error);
        }
        Failed
    }

    /// Reports that something else was expected at the current place.
    fn expected(&mut self, code: Code, what: &str) -> Failed {
        self.skip_blanks();
        let at = self.word_at(self.pos);
        let error = SyntaxError::new(code, at, format!("expected {what}, found {}", self.found(at)));
        self.error(error)
    }

    fn check_depth(&mut self, below: u32) -> Lexed<()> {
        if self.depth.saturating_add(below) < self.max_depth {
            return Ok(());
        }
        let at = self.word_at(self.pos);
        let limit = self.max_depth;
        self.state = State::End;
        Err(self.error(
            SyntaxError::new(
                Code::NestingLimit,
                at,
                format!("the condition is nested deeper than the limit of {limit}"),
            )
            .help("split the condition into macros"),
        ))
    }

    /// Reads the next check or connective into the queue.
    fn fill(&mut self) {
        match self.state {
            State::Check => self.fill_check(),
            State::Connective => self.fill_connective(),
            State::End => {}
        }
    }

    fn fill_check(&mut self) {
        let start = self.pos;
        let mark = self.queue.len();
        if self.check().is_err() {
            let open = self.queue.range(mark..).map(|(_, token, _)| token.nesting()).sum::<i32>();
            self.queue.truncate(mark);
            self.resync(usize::try_from(open).unwrap_or(0));
            let range = range_of(start, self.pos.max(start));
            self.queue.push_back(spanned(Token::Error, range));
            if self.state != State::End {
                self.state = State::Connective;
            }
        }
        if self.state == State::End {
            self.close_groups();
        }
    }

    /// `not`s, then an opening parenthesis or a whole check.
    fn check(&mut self) -> Lexed<()> {
        loop {
            let Some((token, range)) = self.lex::<CheckToken>() else {
                self.check_depth(DEPTH_OF_CHECK)?;
                let failed = self.expected(Code::ExpectedCheck, "a check, a macro or `(`");
                return Err(failed);
            };
            match token {
                CheckToken::Not => self.queue.push_back(spanned(Token::Not, range)),
                CheckToken::NotParen => {
                    self.queue.push_back(spanned(Token::Not, range));
                    return self.open_group(TextRange::new(range.end - 1, range.end), 4, false);
                }
                CheckToken::LParen => return self.open_group(range, 5, false),
                CheckToken::Field => {
                    let field = self.field(range)?;
                    self.queue.push_back(field);
                    return self.after_left(range);
                }
                CheckToken::Transformer(name) => {
                    self.transformer(name, range)?;
                    return self.after_left(range);
                }
                CheckToken::Ident if self.peek() == Some(b'(') => return Err(self.unknown_transformer(range)),
                CheckToken::Ident => {
                    self.check_depth(DEPTH_OF_CHECK)?;
                    let name = self.text.get(range.start as usize..range.end as usize).unwrap_or("");
                    self.queue.push_back(spanned(Token::Macro(name.into()), range));
                    self.state = State::Connective;
                    return Ok(());
                }
            }
        }
    }

    /// A name directly before a parenthesis is no macro, and no transformer either.
    fn unknown_transformer(&mut self, name: TextRange) -> Failed {
        let word = self.text.get(name.start as usize..name.end as usize).unwrap_or("");
        let message = format!("unknown transformer `{word}`");
        let mut error = SyntaxError::new(Code::UnknownTransformer, name, message);
        let known = Transformer::ALL.iter().map(|t| t.as_str());
        error = match did_you_mean(word, known) {
            _ if word == "val" => error.help("`val()` stands on the right side of a comparison"),
            Some(near) => error.help(format!("did you mean `{near}`?")),
            None => error.help("`peregrine list transformers` shows all of them; macros take no arguments"),
        };
        self.error(error)
    }

    fn open_group(&mut self, open: TextRange, guards: u32, after_or: bool) -> Lexed<()> {
        self.queue.push_back(spanned(Token::LParen, open));
        self.groups.push(Group { open, depth: self.depth, after_or });
        self.depth += guards;
        let depth_ok = self.check_depth(DEPTH_OF_CHECK);
        if depth_ok.is_err() {
            // the parenthesis is dropped with the failed check
            self.depth -= guards;
            self.groups.pop();
        } else {
            self.state = State::Check;
        }
        depth_ok
    }

    /// A field's argument, which follows its name without a blank.
    fn field(&mut self, name: TextRange) -> Lexed<Spanned> {
        let text = self.text.get(name.start as usize..name.end as usize).unwrap_or("");
        let arg = if self.peek() == Some(b'[') { Some(self.bracket()?) } else { None };
        Ok((name.start, Token::Field(text.into(), arg), self.pos as u32))
    }

    /// `[text]` at the current place.
    fn bracket(&mut self) -> Lexed<Literal> {
        let open = range_of(self.pos, self.pos + 1);
        self.pos += 1;
        let literal = if matches!(self.peek(), Some(b'\'' | b'"')) {
            self.quoted()?
        } else {
            let start = self.pos;
            while self.peek().is_some_and(|c| !b"[]\"' \t\n\r\x0B\x0C\0".contains(&c)) {
                self.pos += 1;
            }
            if self.pos == start {
                let at = range_of(open.start as usize, (self.pos + 1).min(self.text.len()));
                return Err(self.error(
                    SyntaxError::new(Code::BadFieldArgument, at, "expected an argument in the brackets")
                        .help("quote an argument that has blanks, quotes or brackets: [\"A B\"]"),
                ));
            }
            let bytes = self.text.as_bytes().get(start..self.pos).unwrap_or_default().into();
            Literal { bytes, form: Form::Bare, range: range_of(start, self.pos) }
        };
        if self.peek() == Some(b']') {
            self.pos += 1;
            return Ok(literal);
        }
        self.skip_blanks();
        let at = self.word_at(self.pos);
        let message = format!("expected `]` directly after the argument, found {}", self.found(at));
        Err(self.error(
            SyntaxError::new(Code::BadFieldArgument, at, message)
                .also(open, "opened here")
                .help("quote an argument that has blanks, quotes or brackets: [\"A B\"]"),
        ))
    }

    /// A quoted text at the current place. As in Falco, a quote after a backslash never closes.
    fn quoted(&mut self) -> Lexed<Literal> {
        let bytes = self.text.as_bytes();
        let start = self.pos;
        let quote = bytes.get(start).copied().unwrap_or(b'"');
        let tail = bytes.get(start + 1..).unwrap_or_default();
        let close = memchr::memchr2_iter(quote, 0, tail)
            .find(|&i| tail.get(i) != Some(&quote) || i == 0 || tail.get(i - 1) != Some(&b'\\'))
            .filter(|&i| tail.get(i) == Some(&quote));
        let Some(close) = close else {
            let at = range_of(start, start + 1);
            let mut error = SyntaxError::new(Code::UnterminatedString, at, "the quoted text is never closed");
            if tail.windows(2).any(|w| w == [b'\\', quote]) {
                error =
                    error.help("a quote after a backslash does not close: write the last backslash as \\x5c");
            }
            return Err(self.error(error));
        };
        let end = start + 1 + close + 1;
        let range = range_of(start, end);
        match unescape(bytes.get(start..end).unwrap_or_default()) {
            Ok(value) => {
                self.pos = end;
                Ok(Literal { bytes: value.into(), form: Form::Quoted, range })
            }
            Err(e) => {
                self.pos = end;
                // an escape is measured in bytes and can end inside a character
                let escape_end = self.text.ceil_char_boundary(start + e.offset + e.len.max(1));
                let at = range_of(start + e.offset, escape_end.min(end));
                let what = e.to_string();
                Err(self
                    .error(SyntaxError::new(Code::BadEscape, at, what).help(
                        "known escapes are \\b \\f \\n \\r \\t \\\\ \\/ \\xHH and the enclosing quote",
                    )))
            }
        }
    }

    /// Arguments of a transformer whose `name(` was just read, up to its `)` and selector.
    fn transformer(&mut self, name: Transformer, open: TextRange) -> Lexed<()> {
        self.queue.push_back(spanned(Token::TransformerOpen(name), open));
        let mut frames: Vec<(Option<Transformer>, TextRange)> = vec![(Some(name), open)];
        let mut just_opened_list = false;
        let mut need_argument = true;
        while let Some(&(frame, frame_open)) = frames.last() {
            self.check_depth(DEPTH_OF_VALUE + frames.len() as u32)?;
            self.skip_blanks();
            if need_argument && !(just_opened_list && self.peek() == Some(b')')) {
                need_argument = false;
                just_opened_list = false;
                if let Some(opened) = self.argument(frame)? {
                    just_opened_list = opened.0.is_none();
                    need_argument = true;
                    frames.push(opened);
                }
                continue;
            }
            match self.peek() {
                Some(b',') if frame != Some(Transformer::Val) => {
                    self.queue.push_back(spanned(Token::Comma, range_of(self.pos, self.pos + 1)));
                    self.pos += 1;
                    need_argument = true;
                }
                Some(b')') => {
                    let start = self.pos;
                    self.pos += 1;
                    let token = if frame.is_some() {
                        let selector = if self.peek() == Some(b'[') { Some(self.bracket()?) } else { None };
                        Token::TransformerClose(selector)
                    } else {
                        Token::ArgListClose
                    };
                    self.queue.push_back(spanned(token, range_of(start, self.pos)));
                    frames.pop();
                    need_argument = false;
                    just_opened_list = false;
                }
                _ => {
                    let at = self.word_at(self.pos);
                    let message =
                        format!("expected `,` or `)` among the arguments, found {}", self.found(at));
                    return Err(self.error(
                        SyntaxError::new(Code::BadTransformerArgument, at, message)
                            .also(frame_open, "opened here"),
                    ));
                }
            }
        }
        Ok(())
    }

    /// One argument; a transformer or list that it opens is given back.
    fn argument(&mut self, frame: Option<Transformer>) -> Lexed<Option<(Option<Transformer>, TextRange)>> {
        let in_val = frame == Some(Transformer::Val);
        if !in_val {
            if matches!(self.peek(), Some(b'\'' | b'"')) {
                let literal = self.quoted()?;
                self.queue.push_back(spanned(Token::Value(literal.clone()), literal.range));
                return Ok(None);
            }
            if let Some((NumberToken::Number, range)) = self.lex::<NumberToken>() {
                self.push_value(range, Form::Number);
                return Ok(None);
            }
        }
        let before = self.pos;
        match self.lex::<CheckToken>() {
            Some((CheckToken::Field, range)) => {
                let field = self.field(range)?;
                self.queue.push_back(field);
                Ok(None)
            }
            Some((CheckToken::Transformer(name), range)) if !in_val => {
                self.queue.push_back(spanned(Token::TransformerOpen(name), range));
                Ok(Some((Some(name), range)))
            }
            Some((CheckToken::LParen, range)) if !in_val => {
                self.queue.push_back(spanned(Token::ArgListOpen, range));
                Ok(Some((None, range)))
            }
            _ => {
                self.pos = before;
                let what = if in_val {
                    "a field in `val()`"
                } else {
                    "a field, a transformer, a quoted text or a number"
                };
                Err(self.expected(Code::BadTransformerArgument, what))
            }
        }
    }

    /// Operator and right side, after the left side that starts at `left`.
    fn after_left(&mut self, left: TextRange) -> Lexed<()> {
        self.check_depth(DEPTH_OF_CHECK + 1)?;
        let left = range_of(left.start as usize, self.pos);
        let before = self.pos;
        let Some((OperatorToken::Op(op), range)) = self.lex::<OperatorToken>() else {
            self.pos = before;
            return Err(self.no_operator(left));
        };
        if op == Op::Exists {
            self.queue.push_back(spanned(Token::Exists, range));
            self.state = State::Connective;
            return Ok(());
        }
        self.queue.push_back(spanned(Token::Compare(op), range));
        self.check_depth(DEPTH_OF_VALUE)?;
        if op.takes_number() {
            self.number(op)?;
        } else if op.takes_list() {
            self.list(op.as_str(), Some(op))?;
        } else {
            self.string(op)?;
        }
        self.state = State::Connective;
        Ok(())
    }

    fn no_operator(&mut self, left: TextRange) -> Failed {
        self.skip_blanks();
        let at = self.word_at(self.pos);
        let word = self.text.get(at.start as usize..at.end as usize).unwrap_or("");
        let field = self.text.get(left.start as usize..left.end as usize).unwrap_or("");
        let mut error = SyntaxError::new(
            Code::ExpectedOperator,
            at,
            format!("expected an operator after `{field}`, found {}", self.found(at)),
        );
        let lower = word.to_ascii_lowercase();
        let near = Op::ALL.iter().map(|op| op.as_str()).collect::<Vec<_>>();
        if near.contains(&word) || word.is_empty() {
            error = error
                .help(format!("write `{field} exists` to test for a value, `{field} = true` for a boolean"));
        } else if near.contains(&lower.as_str()) {
            error = error.help(format!("operators are lower case: `{lower}`"));
        } else if let Some(op) =
            Op::ALL.iter().find(|op| word.starts_with(op.as_str()) && op.as_str().len() > 2)
        {
            error = error.help(format!("a blank stands after `{}`", op.as_str()));
        } else if let Some(near) = did_you_mean(word, near) {
            error = error.help(format!("did you mean `{near}`?"));
        }
        self.error(error)
    }

    fn push_value(&mut self, range: TextRange, form: Form) {
        let bytes = self.text.as_bytes().get(range.start as usize..range.end as usize).unwrap_or_default();
        self.queue.push_back(spanned(Token::Value(Literal { bytes: bytes.into(), form, range }), range));
    }

    /// A transformer call as right side, if one starts here.
    fn right_transformer(&mut self) -> Lexed<bool> {
        let before = self.pos;
        if let Some((ValueToken::Transformer(name), range)) = self.lex::<ValueToken>() {
            return self.transformer(name, range).map(|()| true);
        }
        self.pos = before;
        Ok(false)
    }

    fn number(&mut self, op: Op) -> Lexed<()> {
        self.skip_blanks();
        if self.right_transformer()? {
            return Ok(());
        }
        if let Some((NumberToken::Number, range)) = self.lex::<NumberToken>() {
            self.push_value(range, Form::Number);
            return Ok(());
        }
        Err(self.expected(Code::ExpectedNumber, &format!("a number or `val(field)` after `{}`", op.as_str())))
    }

    fn string(&mut self, op: Op) -> Lexed<()> {
        // the operator's words include one blank; after the signs a modifier needs one of its own
        let blank = self.skip_blanks() || !matches!(op, Op::Eq | Op::EqEq | Op::Ne);
        if matches!(self.peek(), Some(b'\'' | b'"')) {
            let literal = self.quoted()?;
            self.queue.push_back(spanned(Token::Value(literal.clone()), literal.range));
            return Ok(());
        }
        let before = self.pos;
        match self.lex::<ValueToken>() {
            Some((ValueToken::Transformer(name), range)) => self.transformer(name, range),
            Some((ValueToken::Bare, range)) => {
                let word = self.text.get(range.start as usize..range.end as usize).unwrap_or("");
                match Modifier::from_word(word) {
                    Some(modifier) if blank && self.list_follows() => {
                        self.queue.push_back(spanned(Token::Modifier(modifier), range));
                        self.list(modifier.as_str(), None)
                    }
                    _ => {
                        self.push_value(range, Form::Bare);
                        Ok(())
                    }
                }
            }
            None => {
                self.pos = before;
                let list = self.peek() == Some(b'(');
                let failed = self.expected(Code::ExpectedValue, &format!("a value after `{}`", op.as_str()));
                if list && let Some(error) = self.errors.last_mut() {
                    error.help.push(format!(
                        "to compare with a list write `in (...)` or `{} anyof (...)`; a text with parentheses needs quotes",
                        op.as_str()
                    ));
                }
                Err(failed)
            }
        }
    }

    /// After a modifier's word: whether a list or a list's name follows, and not `and` or `or`.
    fn list_follows(&self) -> bool {
        let rest = self.rest().as_bytes();
        let blanks = rest.iter().take_while(|&&c| is_blank(c)).count();
        let after = rest.get(blanks..).unwrap_or_default();
        let word = after.iter().take_while(|c| c.is_ascii_alphanumeric() || **c == b'_').count();
        let word = after.get(..word).unwrap_or_default();
        blanks > 0
            && (after.first() == Some(&b'(')
                || word.first().is_some_and(u8::is_ascii_alphabetic) && word != b"and" && word != b"or")
    }

    /// A list in parentheses, a list's name, or (after an operator) a transformer.
    fn list(&mut self, after: &str, op: Option<Op>) -> Lexed<()> {
        self.skip_blanks();
        if self.peek() == Some(b'(') {
            return self.list_items();
        }
        if op.is_some() && self.right_transformer()? {
            return Ok(());
        }
        let before = self.pos;
        if let Some((CheckToken::Ident | CheckToken::Field, range)) = self.lex::<CheckToken>() {
            // a name ends at its first character that is no letter, digit or `_`, as in Falco
            let word = self.text.get(range.start as usize..range.end as usize).unwrap_or("");
            let len = word.find('.').unwrap_or(word.len());
            self.pos = range.start as usize + len;
            self.push_value(range_of(range.start as usize, self.pos), Form::Bare);
            return Ok(());
        }
        self.pos = before;
        if let Some((CheckToken::Not | CheckToken::NotParen, range)) = self.lex::<CheckToken>() {
            self.pos = range.start as usize + 3;
            self.push_value(range_of(range.start as usize, self.pos), Form::Bare);
            return Ok(());
        }
        self.pos = before;
        Err(self
            .expected(Code::ExpectedList, &format!("a list in parentheses or a list's name after `{after}`")))
    }

    fn list_items(&mut self) -> Lexed<()> {
        let open = range_of(self.pos, self.pos + 1);
        self.queue.push_back(spanned(Token::ListOpen, open));
        self.pos += 1;
        self.skip_blanks();
        let mut first = true;
        loop {
            self.skip_blanks();
            if first && self.peek() == Some(b')') {
                break;
            }
            first = false;
            if matches!(self.peek(), Some(b'\'' | b'"')) {
                let literal = self.quoted()?;
                self.queue.push_back(spanned(Token::Value(literal.clone()), literal.range));
            } else {
                let before = self.pos;
                if let Some((ValueToken::Bare, range)) = self.lex::<ValueToken>() {
                    self.push_value(range, Form::Bare);
                } else {
                    self.pos = before;
                    return Err(self.expected(Code::ExpectedValue, "a value in the list"));
                }
            }
            self.skip_blanks();
            match self.peek() {
                Some(b',') => {
                    self.queue.push_back(spanned(Token::Comma, range_of(self.pos, self.pos + 1)));
                    self.pos += 1;
                }
                Some(b')') => break,
                _ => {
                    let at = self.word_at(self.pos);
                    let (code, what) = if at.start == at.end {
                        (Code::UnclosedParen, "the list is never closed".to_owned())
                    } else {
                        (
                            Code::ExpectedValue,
                            format!("expected `,` or `)` in the list, found {}", self.found(at)),
                        )
                    };
                    return Err(
                        self.error(SyntaxError::new(code, at, what).also(open, "the list begins here"))
                    );
                }
            }
        }
        self.queue.push_back(spanned(Token::ListClose, range_of(self.pos, self.pos + 1)));
        self.pos += 1;
        Ok(())
    }

    /// After a check: `and`, `or`, `)` or the end.
    fn fill_connective(&mut self) {
        let after_or = std::mem::take(&mut self.closed_after_or);
        self.skip_blanks();
        let start = self.pos;
        let rest = self.rest();
        if rest.is_empty() {
            self.state = State::End;
            self.close_groups();
            return;
        }
        if rest.starts_with(')') {
            self.pos += 1;
            self.close_paren(range_of(start, start + 1));
            return;
        }
        let (token, len, guards) = if rest.starts_with("or") {
            (Token::Or, 2, 2)
        } else if rest.starts_with("and") {
            (Token::And, 3, 3)
        } else {
            self.unexpected_after_check();
            return;
        };
        let range = range_of(start, start + len);
        if token == Token::And && after_or {
            self.error(
                SyntaxError::new(Code::UnexpectedToken, range, "`and` cannot follow an `or(...)`")
                    .help("put a blank between `or` and its parenthesis"),
            );
        }
        self.pos += len;
        let is_or = token == Token::Or;
        self.queue.push_back(spanned(token, range));
        self.state = State::Check;
        match self.peek() {
            Some(c) if is_blank(c) => {}
            Some(b'(') => {
                let open = range_of(self.pos, self.pos + 1);
                self.pos += 1;
                if self.open_group(open, guards, is_or).is_err() {
                    self.queue.pop_back();
                    self.queue.push_back(spanned(Token::Error, open));
                    self.close_groups();
                }
            }
            _ => {
                let keyword = if is_or { "or" } else { "and" };
                let (code, at, what) = match self.peek() {
                    None => (Code::ExpectedCheck, range_of(self.pos, self.pos), "a check"),
                    Some(_) => (Code::MissingBlank, self.word_at(start), "a blank or `(`"),
                };
                let message = format!("expected {what} after `{keyword}`, found {}", self.found(at));
                self.error(SyntaxError::new(code, at, message));
                self.resync(0);
                self.queue.push_back(spanned(Token::Error, range_of(start + len, self.pos.max(start + len))));
                self.state = State::Connective;
            }
        }
    }

    fn close_paren(&mut self, range: TextRange) {
        if let Some(group) = self.groups.pop() {
            self.depth = group.depth;
            self.closed_after_or = group.after_or;
            self.queue.push_back(spanned(Token::RParen, range));
        } else {
            self.error(
                SyntaxError::new(Code::UnexpectedToken, range, "this parenthesis was never opened")
                    .help("a value with parentheses needs quotes"),
            );
        }
    }

    fn unexpected_after_check(&mut self) {
        let at = self.word_at(self.pos);
        let word = self.text.get(at.start as usize..at.end as usize).unwrap_or("");
        let mut error = SyntaxError::new(
            Code::UnexpectedToken,
            at,
            format!("expected `and`, `or` or the end of the condition, found {}", self.found(at)),
        );
        let lower = word.to_ascii_lowercase();
        if lower != word && ["and", "or", "not"].contains(&lower.as_str()) {
            error = error.help(format!("keywords are lower case: `{lower}`"));
        } else if word == "not" {
            error = error.help("write `and not` or `or not`");
        } else {
            error = error.help("a value with blanks, parentheses, quotes, `,` or `=` needs quotes");
        }
        self.error(error);
        self.pos = at.end as usize;
        self.resync(0);
        self.state = State::Connective;
    }

    /// Skips to the next `and`, `or` or closing parenthesis at this level, or to the end; `open`
    /// parentheses of the check that failed are still to be closed.
    fn resync(&mut self, mut open: usize) {
        let bytes = self.text.as_bytes();
        let mut i = self.pos;
        while let Some(&c) = bytes.get(i) {
            let word_starts = i == 0 || bytes.get(i - 1).is_some_and(|&p| is_blank(p) || p == b')');
            let rest = bytes.get(i..).unwrap_or_default();
            let keyword = |word: &[u8]| {
                rest.starts_with(word) && rest.get(word.len()).is_none_or(|&n| is_blank(n) || n == b'(')
            };
            match c {
                b'(' => open += 1,
                b')' if open == 0 => break,
                b')' => open -= 1,
                b'\'' | b'"' => {
                    if let Some(close) = memchr::memchr(c, rest.get(1..).unwrap_or_default()) {
                        i += close + 1;
                    }
                }
                _ if open == 0 && word_starts && (keyword(b"and") || keyword(b"or")) => break,
                _ => {}
            }
            i += 1;
        }
        self.pos = i;
    }

    /// Closes what is still open at the end, with an error for the innermost group.
    fn close_groups(&mut self) {
        let end = range_of(self.text.len(), self.text.len());
        if let Some(group) = self.groups.last() {
            let open = group.open;
            if self.errors.is_empty() {
                self.error(SyntaxError::new(Code::UnclosedParen, open, "this parenthesis is never closed"));
            }
        }
        for _ in self.groups.drain(..) {
            self.queue.push_back(spanned(Token::RParen, end));
        }
    }
}

fn range_of(start: usize, end: usize) -> TextRange {
    TextRange::new(start as u32, end as u32)
}

fn is_blank(c: u8) -> bool {
    matches!(c, b' ' | b'\t' | 8 | b'\r' | b'\n')
}

impl Iterator for Lexer<'_> {
    type Item = Spanned;

    fn next(&mut self) -> Option<Spanned> {
        while self.queue.is_empty() && self.state != State::End {
            self.fill();
        }
        self.queue.pop_front()
    }
}
