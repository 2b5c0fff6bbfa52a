//! Lists into conditions, as text.
//!
//! Falco goes through all lists in the order of their definition and replaces every place where the
//! name stands alone between blanks, `(`, `)`, `,`, `=` or ends. So a list's items can themselves be
//! replaced by lists defined later, never by earlier ones. That is done here in one pass over the
//! words, with the number of the list from which on names count; the result is the same.
//! An empty list takes a neighbouring comma with it.

use super::text::{Assembled, ListUse, Origin, Text};
use crate::syntax::ast::TextRange;
use std::collections::HashMap;
use std::sync::Arc;

/// Largest text that substitution may make of one condition, in bytes.
pub(crate) const MAX_EXPANDED_BYTES: usize = 32 << 20;
/// Most pieces of it: items of lists and what stands between them.
pub(crate) const MAX_PIECES: usize = 1_200_000;
/// Deepest chain of lists in lists.
const MAX_LIST_DEPTH: usize = 256;

const BLANKS: [char; 4] = [' ', '\t', '\n', '\r'];

/// A list whose items are ready for substitution.
#[derive(Debug)]
pub(crate) struct CompiledList {
    pub(crate) name: Arc<str>,
    pub(crate) items: Vec<Text>,
}

/// All lists, in the order of their definition.
#[derive(Debug, Default)]
pub(crate) struct Lists {
    pub(crate) all: Vec<CompiledList>,
    by_name: HashMap<Arc<str>, usize, foldhash::fast::FixedState>,
    longest: usize,
    /// Some name has a delimiter in it, so that looking at words does not find it.
    odd_names: bool,
}

impl Lists {
    pub(crate) fn push(&mut self, list: CompiledList) {
        self.longest = self.longest.max(list.name.len());
        self.odd_names |= list.name.contains(is_delimiter);
        self.by_name.insert(Arc::clone(&list.name), self.all.len());
        self.all.push(list);
    }

    pub(crate) fn index_of(&self, name: &str) -> Option<usize> {
        if name.len() > self.longest { None } else { self.by_name.get(name).copied() }
    }
}

/// The text became too long, or lists are nested too deeply.
#[derive(Debug)]
pub(crate) struct TooLarge;

/// What a substitution did besides making a text.
#[derive(Debug, Default)]
pub(crate) struct Uses {
    /// Lists that were substituted.
    pub(crate) lists: Vec<usize>,
    /// Names of lists that stood inside a quoted text.
    pub(crate) in_quotes: Vec<Arc<ListUse>>,
}

/// Substitutes lists in a text.
pub(crate) fn expand(input: &Assembled, lists: &Lists, uses: &mut Uses) -> Result<Assembled, TooLarge> {
    if lists.odd_names {
        return list_by_list(input, lists, uses);
    }
    let before = (uses.lists.len(), uses.in_quotes.len());
    let mut expander = Expander {
        lists,
        uses,
        out: Assembled::default(),
        skip_comma: false,
        empty: None,
        several_empty: false,
        quote: None,
        escaped: false,
    };
    let mut start = 0_u32;
    // one chunk per piece would split words at piece limits; pieces are joined by glue blanks, so that
    // words never cross them except inside exceptions' quotes, where the glue is the quote itself
    for end in input.limits().skip(1) {
        if let (Some(origin), Some(text)) =
            (input.origin_at(start), input.as_str().get(start as usize..end as usize))
        {
            expander.chunk(text, &origin, 0, 0, input.as_str(), start as usize)?;
        }
        start = end;
    }
    if expander.several_empty {
        uses.lists.truncate(before.0);
        uses.in_quotes.truncate(before.1);
        return list_by_list(input, lists, uses);
    }
    Ok(expander.out)
}

/// Falco's own procedure: list after list. For lists whose names have delimiters in them, and for texts with
/// several empty lists, where it depends on their order which comma goes with which.
fn list_by_list(input: &Assembled, lists: &Lists, uses: &mut Uses) -> Result<Assembled, TooLarge> {
    let mut out = input.clone();
    for (index, list) in lists.all.iter().enumerate().filter(|(_, l)| !l.name.is_empty()) {
        let mut from = 0;
        while let Some(at) = out.as_str().get(from..).and_then(|t| t.find(&*list.name)).map(|i| from + i) {
            let text = out.as_str();
            let (mut start, mut end) = (at, at + list.name.len());
            let (before, after) = (text.get(..start).unwrap_or(""), text.get(end..).unwrap_or(""));
            let alone = before.chars().next_back().is_none_or(is_delimiter)
                && after.chars().next().is_none_or(is_delimiter);
            if !alone {
                from = at + text.get(at..).and_then(|t| t.chars().next()).map_or(1, char::len_utf8);
                continue;
            }
            start = before.trim_end_matches(BLANKS).len();
            end += after.len() - after.trim_start_matches(BLANKS).len();
            if list.items.is_empty() {
                if before.trim_end_matches(BLANKS).ends_with(',') {
                    start -= 1;
                } else if after.trim_start_matches(BLANKS).starts_with(',') {
                    end += 1;
                }
            }
            uses.lists.push(index);
            let by = replacement(&out, at, list);
            out.splice(start, end, &by);
            from = start + by.len();
            if out.len() > MAX_EXPANDED_BYTES || out.pieces() > MAX_PIECES {
                return Err(TooLarge);
            }
        }
    }
    Ok(out)
}

/// The items of a list between blanks, in place of its name at `at`.
fn replacement(text: &Assembled, at: usize, list: &CompiledList) -> Assembled {
    let mut by = Assembled::default();
    let Some(Origin::Scalar { text, offset } | Origin::Item { text, offset, .. }) = text.origin_at(at as u32)
    else {
        return by;
    };
    let range = TextRange::new(offset, offset + list.name.len() as u32);
    by.push_glue(" ", text.span);
    let used = Arc::new(ListUse { name: Arc::clone(&list.name), text: text.clone(), range });
    for (i, item) in list.items.iter().enumerate() {
        if i > 0 {
            by.extend(", ");
        }
        let quotes = needs_quotes(&item.value);
        if quotes {
            by.push_glue("\"", item.span);
        }
        by.push(&item.value, Origin::Item { text: item.clone(), offset: 0, list: Arc::clone(&used) });
        if quotes {
            by.push_glue("\"", item.span);
        }
    }
    by.push_glue(" ", text.span);
    by
}

struct Expander<'a> {
    lists: &'a Lists,
    uses: &'a mut Uses,
    out: Assembled,
    /// The last list was empty and had no comma before it: the next one goes.
    skip_comma: bool,
    /// An empty list that was substituted.
    empty: Option<usize>,
    /// Another one was, too.
    several_empty: bool,
    /// The quote that is open, for a lint only.
    quote: Option<char>,
    escaped: bool,
}

impl Expander<'_> {
    /// Copies `text` with its names replaced by lists from number `from` on. `whole[at..]` is where the
    /// text stands in its surroundings, which decide whether a word at its limits stands alone.
    fn chunk(
        &mut self,
        text: &str,
        origin: &Origin,
        from: usize,
        depth: usize,
        whole: &str,
        at: usize,
    ) -> Result<(), TooLarge> {
        if depth > MAX_LIST_DEPTH || self.out.len() > MAX_EXPANDED_BYTES || self.out.pieces() > MAX_PIECES {
            return Err(TooLarge);
        }
        let mut copied = 0;
        let mut word_start = 0;
        let before = whole.get(..at).and_then(|s| s.chars().next_back());
        let after = whole.get(at + text.len()..).and_then(|s| s.chars().next());
        let mut i = 0;
        while i <= text.len() {
            let c = text.get(i..).and_then(|s| s.chars().next());
            if c.is_some_and(|c| !is_delimiter(c)) {
                i += c.map_or(1, char::len_utf8);
                continue;
            }
            let alone = (word_start > 0 || before.is_none_or(is_delimiter))
                && (i < text.len() || after.is_none_or(is_delimiter));
            let word = text.get(word_start..i).unwrap_or("");
            let list = if alone && !word.is_empty() { self.lists.index_of(word) } else { None };
            if let Some(list) = list.filter(|&l| l >= from) {
                self.copy(text.get(copied..word_start).unwrap_or(""), origin, copied);
                let name_origin = moved(origin, word_start);
                self.substitute(list, &name_origin, word.len(), depth)?;
                let rest = text.get(i..).unwrap_or("");
                i += rest.len() - rest.trim_start_matches(BLANKS).len();
                copied = i;
                word_start = i;
                if i >= text.len() {
                    break;
                }
                continue;
            }
            i += c.map_or(1, char::len_utf8);
            word_start = i;
        }
        self.copy(text.get(copied..).unwrap_or(""), origin, copied);
        Ok(())
    }

    fn copy(&mut self, mut text: &str, origin: &Origin, mut from: usize) {
        if self.skip_comma {
            let blanks = text.len() - text.trim_start_matches(BLANKS).len();
            if let Some(after) = text.get(blanks..).filter(|s| !s.is_empty()) {
                self.skip_comma = false;
                if after.starts_with(',') {
                    self.out.push(text.get(..blanks).unwrap_or(""), moved(origin, from));
                    from += blanks + 1;
                    text = after.get(1..).unwrap_or("");
                }
            }
        }
        for c in text.chars() {
            match (self.quote, c) {
                (Some(q), c) if c == q && !self.escaped => self.quote = None,
                (None, '\'' | '"') => self.quote = Some(c),
                _ => {}
            }
            self.escaped = c == '\\';
        }
        self.out.push(text, moved(origin, from));
    }

    fn substitute(
        &mut self,
        list: usize,
        name: &Origin,
        name_len: usize,
        depth: usize,
    ) -> Result<(), TooLarge> {
        let Some(compiled) = self.lists.all.get(list) else { return Ok(()) };
        let (Origin::Scalar { text, offset } | Origin::Item { text, offset, .. }) = name else {
            return Ok(());
        };
        let used = Arc::new(ListUse {
            name: Arc::clone(&compiled.name),
            text: text.clone(),
            range: TextRange::new(*offset, offset + name_len as u32),
        });
        self.uses.lists.push(list);
        if self.quote.is_some() {
            self.uses.in_quotes.push(Arc::clone(&used));
        }
        self.out.trim_end(&BLANKS);
        if compiled.items.is_empty() {
            self.several_empty |= *self.empty.get_or_insert(list) != list;
            if !self.out.pop_comma() {
                self.skip_comma = true;
            }
            self.out.push_glue(" ", text.span);
            return Ok(());
        }
        if self.out.len() > 0 {
            self.out.push_glue(" ", text.span);
        }
        let quote = self.quote;
        for (i, item) in compiled.items.iter().enumerate() {
            if i > 0 {
                // the comma before an item goes when the item before was an empty list
                self.out.extend(if std::mem::take(&mut self.skip_comma) { " " } else { ", " });
            }
            self.item(item, &used, list, depth)?;
        }
        // an item with a lone quote does not make the following texts quoted
        self.quote = quote;
        self.out.push_glue(" ", text.span);
        Ok(())
    }

    fn item(&mut self, item: &Text, used: &Arc<ListUse>, index: usize, depth: usize) -> Result<(), TooLarge> {
        let origin = Origin::Item { text: item.clone(), offset: 0, list: Arc::clone(used) };
        if !needs_quotes(&item.value) {
            return self.chunk(&item.value, &origin, index + 1, depth + 1, &item.value, 0);
        }
        // the quotes are the loader's; a word beside them does not stand alone
        let quoted = format!("\"{}\"", item.value);
        self.copy("\"", &Origin::Glue(item.span), 0);
        self.chunk(&item.value, &origin, index + 1, depth + 1, &quoted, 1)?;
        self.copy("\"", &Origin::Glue(item.span), 0);
        Ok(())
    }
}

/// Falco quotes an item that has a blank and does not begin with a quote.
pub(crate) fn needs_quotes(item: &str) -> bool {
    item.contains(' ') && !item.starts_with(['"', '\''])
}

fn is_delimiter(c: char) -> bool {
    BLANKS.contains(&c) || matches!(c, '(' | ')' | ',' | '=')
}

fn moved(origin: &Origin, by: usize) -> Origin {
    let by = by as u32;
    match origin {
        Origin::Scalar { text, offset } => Origin::Scalar { text: text.clone(), offset: offset + by },
        Origin::Item { text, offset, list } => {
            Origin::Item { text: text.clone(), offset: offset + by, list: Arc::clone(list) }
        }
        Origin::Glue(span) => Origin::Glue(*span),
    }
}
