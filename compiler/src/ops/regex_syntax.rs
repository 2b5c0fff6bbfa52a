//! Translator from RE2's POSIX syntax to that of the `regex` crate.
//!
//! In: a pattern. Out: a pattern of the same language, anchored at both ends, or the first mistake.
//! What the two syntaxes have in common is not passed through but parsed and written anew, so that
//! nothing of the crate's own syntax (`\d`, `(?i)`, `*?`, `[a&&b]`) can slip in.
//!
//! ```text
//! ^a+?[^[:digit:]]{2}   ->   \A(?:(?m:^)a*[\x{0}-\x{2f}\x{3a}-..]{2})\z
//! ```
//!
//! One pass without recursion; open groups are on a stack.

use std::fmt::Write as _;

use super::regex::RegexError;
use super::regex_class::{Class, MAX_RUNE};

/// Largest repetition count, also for the product of nested counts.
const MAX_REPEAT: u32 = 1000;

/// Deepest nesting of groups and of repetitions of repetitions; RE2 has no limit. The `regex` crate
/// compiles by recursion over the tree.
const MAX_DEPTH: usize = 200;

/// The same limit for the `regex` crate's parser, which counts up to four levels for one of ours
/// (group, alternation, sequence, repetition).
pub(super) const CRATE_MAX_DEPTH: u32 = 1000;

/// Translates a pattern; the result matches whole texts only.
pub(super) fn translate(pattern: &str) -> Result<String, RegexError> {
    let mut translator = Translator {
        pattern,
        at: 0,
        out: String::with_capacity(pattern.len() + 16),
        groups: Vec::new(),
        inside: Size::default(),
        last: None,
        no_class_close: false,
    };
    translator.out.push_str(r"\A(?:");
    while let Some(c) = translator.next() {
        translator.step(c)?;
    }
    if let Some(group) = translator.groups.last() {
        return Err(mistake("missing `)` for this `(`", group.offset));
    }
    translator.out.push_str(r")\z");
    Ok(translator.out)
}

fn mistake(message: impl Into<String>, offset: usize) -> RegexError {
    RegexError { message: message.into(), offset: Some(offset) }
}

/// What is limited about a piece of a pattern.
#[derive(Copy, Clone)]
struct Size {
    /// Largest product of nested counts.
    product: u32,
    /// Deepest nesting.
    depth: usize,
}

impl Default for Size {
    fn default() -> Self {
        Self { product: 1, depth: 0 }
    }
}

impl Size {
    fn max(self, other: Self) -> Self {
        Self { product: self.product.max(other.product), depth: self.depth.max(other.depth) }
    }
}

/// An open group.
struct Group {
    /// Offset of its parenthesis in the pattern.
    offset: usize,
    /// Where its output starts.
    start: usize,
    /// What [`Translator::inside`] was outside of it.
    outside: Size,
}

/// What a repetition operator would apply to.
#[derive(Copy, Clone)]
struct Atom {
    /// Where its output starts.
    start: usize,
    size: Size,
    /// Whether it already has a repetition.
    repeated: Repeated,
}

#[derive(Copy, Clone, PartialEq, Eq)]
enum Repeated {
    No,
    /// By `*`, `+` or `?`, the last byte of its output.
    Simply(char),
    Counted,
}

struct Translator<'p> {
    pattern: &'p str,
    at: usize,
    out: String,
    groups: Vec<Group>,
    /// Of the innermost open group so far.
    inside: Size,
    last: Option<Atom>,
    /// No `:]` follows any more; keeps the search for it linear.
    no_class_close: bool,
}

impl Translator<'_> {
    fn rest(&self) -> &str {
        self.pattern.get(self.at..).unwrap_or_default()
    }

    fn peek(&self) -> Option<char> {
        self.rest().chars().next()
    }

    fn next(&mut self) -> Option<char> {
        let c = self.peek()?;
        self.at += c.len_utf8();
        Some(c)
    }

    fn next_if(&mut self, wanted: char) -> bool {
        let found = self.peek() == Some(wanted);
        if found {
            self.at += wanted.len_utf8();
        }
        found
    }

    /// Handles the construct that starts with `c`, which has been consumed.
    fn step(&mut self, c: char) -> Result<(), RegexError> {
        let offset = self.at - c.len_utf8();
        match c {
            '(' => self.open_group(offset)?,
            ')' => self.close_group(offset)?,
            '|' => {
                self.out.push('|');
                self.last = None;
            }
            '^' => self.atom("(?m:^)"),
            '$' => self.atom("(?m:$)"),
            '.' => self.atom(r"[^\n]"),
            '[' => self.class(offset)?,
            '*' | '+' | '?' => self.repeat_simply(c, offset)?,
            '{' => match self.counts() {
                Some((low, high)) => self.repeat_counted(low, high, offset)?,
                None => self.literal(u32::from('{')),
            },
            '\\' => {
                let rune = self.escape(offset)?;
                self.literal(rune);
            }
            _ => self.literal(u32::from(c)),
        }
        Ok(())
    }

    fn atom(&mut self, text: &str) {
        self.last = Some(Atom { start: self.out.len(), size: Size::default(), repeated: Repeated::No });
        self.out.push_str(text);
    }

    fn literal(&mut self, rune: u32) {
        match char::from_u32(rune) {
            Some(c) if c.is_ascii_alphanumeric() || !c.is_ascii() => self.atom(c.encode_utf8(&mut [0; 4])),
            Some(_) => self.atom(&format!("\\x{{{rune:x}}}")),
            // A surrogate: RE2 takes it, no text has it.
            None => self.atom(r"[^\x{0}-\x{10ffff}]"),
        }
    }

    fn open_group(&mut self, offset: usize) -> Result<(), RegexError> {
        if self.groups.len() >= MAX_DEPTH {
            return Err(mistake("groups are nested too deeply", offset));
        }
        self.groups.push(Group { offset, start: self.out.len(), outside: self.inside });
        self.out.push_str("(?:");
        self.inside = Size::default();
        self.last = None;
        Ok(())
    }

    fn close_group(&mut self, offset: usize) -> Result<(), RegexError> {
        let group = self.groups.pop().ok_or_else(|| mistake("`)` without `(`", offset))?;
        self.out.push(')');
        let size = Size { depth: self.inside.depth + 1, ..self.inside };
        self.inside = group.outside.max(size);
        self.last = Some(Atom { start: group.start, size, repeated: Repeated::No });
        Ok(())
    }

    /// The atom before a repetition operator, in a form that can be repeated.
    fn operand(&mut self, offset: usize) -> Result<Atom, RegexError> {
        let mut atom = self.last.ok_or_else(|| mistake("nothing to repeat before this", offset))?;
        if atom.repeated != Repeated::No {
            atom.size.depth += 1;
            if atom.size.depth > MAX_DEPTH {
                return Err(mistake("repetitions are nested too deeply", offset));
            }
            self.inside = self.inside.max(atom.size);
            self.out.insert_str(atom.start, "(?:");
            self.out.push(')');
        }
        Ok(atom)
    }

    /// `*`, `+` or `?`. Stacked ones are allowed in POSIX syntax, and `a+?` is `(a+)?` there.
    fn repeat_simply(&mut self, operator: char, offset: usize) -> Result<(), RegexError> {
        if let Some(Atom { repeated: Repeated::Simply(before), .. }) = self.last {
            let both = if before == operator { operator } else { '*' };
            self.out.pop();
            self.out.push(both);
            self.last = self.last.map(|atom| Atom { repeated: Repeated::Simply(both), ..atom });
            return Ok(());
        }
        let atom = self.operand(offset)?;
        self.out.push(operator);
        self.last = Some(Atom { repeated: Repeated::Simply(operator), ..atom });
        Ok(())
    }

    /// The counts after a `{`, consumed with the `}`; `None`, with nothing consumed, if these are none.
    fn counts(&mut self) -> Option<(u32, Option<u32>)> {
        let start = self.at;
        let counts = self.counts_or_garbage();
        if counts.is_none() {
            self.at = start;
        }
        counts
    }

    fn counts_or_garbage(&mut self) -> Option<(u32, Option<u32>)> {
        let low = self.integer()?;
        let high = match (self.next_if(','), self.peek()) {
            (false, _) => Some(low),
            (true, Some('}')) => None,
            (true, _) => Some(self.integer()?),
        };
        self.next_if('}').then_some((low, high))
    }

    /// A number without leading zeros and of at most nine digits; a longer one is no count.
    fn integer(&mut self) -> Option<u32> {
        let digits = self.rest().bytes().take_while(u8::is_ascii_digit).count();
        let text = self.rest().get(..digits)?;
        if digits == 0 || digits > 9 || (digits > 1 && text.starts_with('0')) {
            return None;
        }
        let number = text.parse().ok()?;
        self.at += digits;
        Some(number)
    }

    fn repeat_counted(&mut self, low: u32, high: Option<u32>, offset: usize) -> Result<(), RegexError> {
        let most = high.unwrap_or(low);
        if low > MAX_REPEAT || most > MAX_REPEAT {
            return Err(mistake(format!("repetition count is over {MAX_REPEAT}"), offset));
        }
        if most < low {
            return Err(mistake("repetition counts are in the wrong order", offset));
        }
        let atom = self.operand(offset)?;
        let product = atom.size.product.saturating_mul(most.max(1));
        if product > MAX_REPEAT && (low >= 2 || most >= 2) {
            return Err(mistake(format!("nested repetitions multiply to over {MAX_REPEAT}"), offset));
        }
        let size = Size { product, ..atom.size };
        self.inside = self.inside.max(size);
        let high = high.map(|high| high.to_string()).unwrap_or_default();
        let _ = write!(self.out, "{{{low},{high}}}"); // cannot fail
        self.last = Some(Atom { size, repeated: Repeated::Counted, ..atom });
        Ok(())
    }

    /// A bracket expression whose `[` has been consumed.
    fn class(&mut self, offset: usize) -> Result<(), RegexError> {
        let mut class = Class::default();
        let negated = self.next_if('^');
        let mut first = true;
        loop {
            let start = self.at;
            let c = self.peek().ok_or_else(|| mistake("missing `]` for this `[`", offset))?;
            if c == ']' && !first {
                self.at += 1;
                break;
            }
            if c == '-' && !first && self.rest() != "-" && !self.rest().starts_with("-]") {
                return Err(mistake(
                    "`-` inside brackets must come first or last, or between two characters",
                    start,
                ));
            }
            first = false;
            if let Some(name) = self.class_name() {
                if !class.add_named(name.as_bytes()) {
                    return Err(mistake(format!("unknown character class `{name}`"), start));
                }
                continue;
            }
            let low = self.class_rune(offset)?;
            let is_range =
                self.rest().starts_with('-') && self.rest().len() >= 2 && !self.rest().starts_with("-]");
            let high = if is_range {
                self.at += 1;
                self.class_rune(offset)?
            } else {
                low
            };
            if high < low {
                let range = self.pattern.get(start..self.at).unwrap_or_default();
                return Err(mistake(format!("range `{range}` is in the wrong order"), start));
            }
            class.add(low, high);
        }
        if negated {
            class.negate();
        }
        self.atom("");
        class.write(&mut self.out);
        Ok(())
    }

    /// `[:name:]`, if that comes next; consumed. The end is looked for in the whole rest, as RE2 does.
    fn class_name(&mut self) -> Option<String> {
        if self.no_class_close || !self.rest().starts_with("[:") {
            return None;
        }
        let Some(len) = self.rest().get(2..).and_then(|rest| rest.find(":]")) else {
            self.no_class_close = true;
            return None;
        };
        let name = self.rest().get(..len + 4)?.to_owned();
        self.at += name.len();
        Some(name)
    }

    /// One character of a bracket expression, plain or escaped.
    fn class_rune(&mut self, open: usize) -> Result<u32, RegexError> {
        let offset = self.at;
        match self.next() {
            Some('\\') => self.escape(offset),
            Some(c) => Ok(u32::from(c)),
            None => Err(mistake("missing `]` for this `[`", open)),
        }
    }

    /// The character of an escape at `offset` whose backslash has been consumed.
    fn escape(&mut self, offset: usize) -> Result<u32, RegexError> {
        let Some(c) = self.next() else {
            return Err(mistake("backslash at the end", offset));
        };
        let rune = match c {
            '1'..='7' if !matches!(self.peek(), Some('0'..='7')) => None, // a back-reference
            '0'..='7' => Some(self.octal(c)),
            'x' => self.hex(),
            'n' => Some(0x0a),
            'r' => Some(0x0d),
            't' => Some(0x09),
            'a' => Some(0x07),
            'f' => Some(0x0c),
            'v' => Some(0x0b),
            _ => (c.is_ascii() && !c.is_ascii_alphanumeric()).then_some(u32::from(c)),
        };
        rune.ok_or_else(|| {
            let text = self.pattern.get(offset..self.at).unwrap_or_default();
            mistake(format!("`{text}` is not an escape of POSIX syntax"), offset)
        })
    }

    /// Up to two more octal digits.
    fn octal(&mut self, first: char) -> u32 {
        let mut code = first.to_digit(8).unwrap_or_default();
        for _ in 0..2 {
            let Some(digit) = self.peek().and_then(|c| c.to_digit(8)) else { break };
            self.at += 1;
            code = code * 8 + digit;
        }
        code
    }

    /// `HH` or `{H...}` after `\x`.
    fn hex(&mut self) -> Option<u32> {
        if !self.next_if('{') {
            let high = self.next()?.to_digit(16)?;
            return Some(high * 16 + self.next()?.to_digit(16)?);
        }
        let mut code = self.next()?.to_digit(16)?;
        loop {
            match self.next()? {
                '}' => return Some(code),
                c => code = code * 16 + c.to_digit(16)?,
            }
            if code > MAX_RUNE {
                return None;
            }
        }
    }
}
