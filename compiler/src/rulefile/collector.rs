//! All items of all files, merged: later definitions replace earlier ones in place, appends and
//! overrides change them.
//!
//! Order matters as in Falco: `index` is where an item was first defined, `visibility` where it was
//! last changed; a macro sees the macros with a smaller index than its own visibility.

use super::context::{Ctx, Findings};
use super::items::{Entry, ExceptionInfo, ListInfo, MacroInfo, PluginVersion, RuleInfo, RuleUpdate, Version};
use crate::diagnostic::falco::{ItemType, LoadCode};
use crate::diagnostic::{Code, Diagnostic};
use crate::source::Span;
use crate::syntax::ast::{Modifier, Op, Transformer};
use std::collections::{HashMap, HashSet};
use std::sync::Arc;

/// Items in order of first definition, found by name.
#[derive(Debug)]
pub(crate) struct Indexed<T> {
    pub(crate) items: Vec<T>,
    by_name: HashMap<Arc<str>, usize, foldhash::fast::RandomState>,
}

impl<T> Default for Indexed<T> {
    fn default() -> Self {
        Self { items: Vec::new(), by_name: HashMap::default() }
    }
}

impl<T> Indexed<T> {
    pub(crate) fn get(&self, name: &str) -> Option<&T> {
        self.items.get(*self.by_name.get(name)?)
    }

    pub(crate) fn position(&self, name: &str) -> Option<usize> {
        self.by_name.get(name).copied()
    }

    fn get_mut(&mut self, name: &str) -> Option<&mut T> {
        self.items.get_mut(*self.by_name.get(name)?)
    }

    fn insert(&mut self, name: Arc<str>, item: T) {
        self.by_name.insert(name, self.items.len());
        self.items.push(item);
    }

    pub(crate) fn names(&self) -> impl Iterator<Item = &str> {
        self.by_name.keys().map(AsRef::as_ref)
    }
}

/// Decides whether a field, possibly inside transformers, exists in a source.
pub(crate) type FieldExists<'a> = &'a dyn Fn(&str, &str) -> bool;

#[derive(Debug, Default)]
pub(crate) struct Collector {
    pub(crate) lists: Indexed<ListInfo>,
    pub(crate) macros: Indexed<MacroInfo>,
    pub(crate) rules: Indexed<RuleInfo>,
    pub(crate) engine_version: Version,
    pub(crate) plugin_versions: Vec<Vec<PluginVersion>>,
    /// Names of macros and lists whose definition could not be read: using them is no further error.
    pub(crate) broken: HashSet<String>,
    next: u32,
}

impl Collector {
    fn tick(&mut self) -> u32 {
        self.next += 1;
        self.next - 1
    }

    pub(crate) fn define_list(&mut self, mut info: ListInfo) {
        let id = self.tick();
        info.place.visibility = id;
        info.place.index = id;
        match self.lists.get_mut(&info.name) {
            Some(prev) => {
                info.place.index = prev.place.index;
                *prev = info;
            }
            None => self.lists.insert(Arc::clone(&info.name), info),
        }
    }

    pub(crate) fn append_list(&mut self, info: ListInfo, ctx: &Ctx<'_>, findings: &mut Findings) {
        let id = self.next;
        let Some(prev) = self.lists.get_mut(&info.name) else {
            let message =
                "List uses 'append' or 'override.items: append' but no list by that name already exists";
            return undefined(findings, ctx, info.name_span, "list", &info.name, message, self.lists.names());
        };
        prev.items.extend(info.items);
        prev.place.visibility = id;
        self.tick();
    }

    pub(crate) fn define_macro(&mut self, mut info: MacroInfo) {
        let id = self.tick();
        info.place.visibility = id;
        info.place.index = id;
        match self.macros.get_mut(&info.name) {
            Some(prev) => {
                info.place.index = prev.place.index;
                *prev = info;
            }
            None => self.macros.insert(Arc::clone(&info.name), info),
        }
    }

    pub(crate) fn append_macro(&mut self, info: MacroInfo, ctx: &Ctx<'_>, findings: &mut Findings) {
        let id = self.next;
        let Some(prev) = self.macros.get_mut(&info.name) else {
            let message = "Macro uses 'append' or 'override.condition: append' but no macro by that name already exists";
            return undefined(
                findings,
                ctx,
                info.name_span,
                "macro",
                &info.name,
                message,
                self.macros.names(),
            );
        };
        prev.condition.extend(info.condition);
        prev.place.visibility = id;
        self.tick();
    }

    pub(crate) fn define_rule(
        &mut self,
        mut info: RuleInfo,
        known_source: bool,
        exists: FieldExists<'_>,
        ctx: &Ctx<'_>,
        findings: &mut Findings,
    ) {
        if let Some(prev) = self.rules.get(&info.name)
            && prev.source != info.source
        {
            let message = "Rule has been re-defined with a different source";
            let diagnostic = Diagnostic::new(
                Code::SourceChanged,
                info.name_span,
                format!(
                    "rule `{}` is defined again with source `{}`, but has source `{}`",
                    info.name, info.source, prev.source
                ),
            )
            .also(prev.name_span, "first defined here");
            return findings.falco(ctx, LoadCode::Validate, message, diagnostic);
        }
        if !known_source {
            info.unknown_source = true;
            let message = format!("Unknown source {}, skipping", info.source);
            let diagnostic = Diagnostic::new(
                Code::UnknownSource,
                info.name_span,
                format!("no event source `{}` is loaded: rule `{}` is left out", info.source, info.name),
            );
            findings.falco(ctx, LoadCode::UnknownSource, &message, diagnostic);
        }
        for exception in &mut info.exceptions {
            if !exception.fields.is_given() {
                let message = "Rule exception item must have fields property with a list of fields";
                return bad_exception(findings, ctx, exception, exception.span, message);
            }
            if !validate_exception(exception, &info.source, known_source, exists, ctx, findings) {
                return;
            }
        }
        let id = self.tick();
        info.place.visibility = id;
        info.place.index = id;
        match self.rules.get_mut(&info.name) {
            Some(prev) => {
                info.place.index = prev.place.index;
                *prev = info;
            }
            None => self.rules.insert(Arc::clone(&info.name), info),
        }
    }

    pub(crate) fn append_rule(
        &mut self,
        name: &str,
        name_span: Span,
        update: RuleUpdate,
        exists: FieldExists<'_>,
        ctx: &Ctx<'_>,
        findings: &mut Findings,
    ) {
        let id = self.next;
        let Some(prev) = self.rules.get_mut(name) else {
            let message =
                "Rule uses 'append' or 'override.<key>: append' but no rule by that name already exists";
            return undefined(findings, ctx, name_span, "rule", name, message, self.rules.names());
        };
        if update.is_empty() {
            let message = "Appended rule must have exceptions or condition property";
            let diagnostic =
                Diagnostic::new(Code::NothingToChange, name_span, "the append gives nothing to append")
                    .help("give `condition` or `exceptions`, or use `override`");
            return findings.falco(ctx, LoadCode::Validate, message, diagnostic);
        }
        prev.condition.extend(update.condition);
        prev.output.extend(update.output);
        prev.desc.extend(update.desc);
        prev.tags.extend(update.tags.into_iter().flatten());
        for mut exception in update.exceptions.into_iter().flatten() {
            if let Some(known) = prev.exceptions.iter_mut().find(|e| e.name == exception.name) {
                for (given, what) in
                    [(exception.fields.is_given(), "fields"), (exception.comps.is_given(), "comps")]
                {
                    if given {
                        let message =
                            format!("Can not append exception {what} to existing exception, only values");
                        return bad_exception(findings, ctx, &exception, exception.span, &message);
                    }
                }
                known.values.append(&mut exception.values);
                continue;
            }
            let missing = match (exception.fields.is_given(), exception.values.is_empty()) {
                (false, _) => "Rule exception must have fields property with a list of fields",
                (true, true) => "Rule exception must have values property with a list of values",
                (true, false) => {
                    if !validate_exception(
                        &mut exception,
                        &prev.source,
                        !prev.unknown_source,
                        exists,
                        ctx,
                        findings,
                    ) {
                        return;
                    }
                    prev.exceptions.push(exception);
                    continue;
                }
            };
            return bad_exception(findings, ctx, &exception, exception.span, missing);
        }
        prev.place.visibility = id;
        self.tick();
    }

    pub(crate) fn replace_in_rule(
        &mut self,
        name: &str,
        name_span: Span,
        update: RuleUpdate,
        exists: FieldExists<'_>,
        ctx: &Ctx<'_>,
        findings: &mut Findings,
    ) {
        let id = self.next;
        let Some(prev) = self.rules.get_mut(name) else {
            let message = "An 'override.<key>: replace' to a rule was requested but no rule by that name already exists";
            return undefined(findings, ctx, name_span, "rule", name, message, self.rules.names());
        };
        if update.is_empty() {
            let message = "The rule must have at least one field that can be replaced";
            let diagnostic =
                Diagnostic::new(Code::NothingToChange, name_span, "the override gives nothing to replace");
            return findings.falco(ctx, LoadCode::Validate, message, diagnostic);
        }
        if let Some(mut exceptions) = update.exceptions {
            // Falco stores them unchecked and fails later, if at all; the operators that are the default must be there
            for exception in &mut exceptions {
                if !validate_exception(exception, &prev.source, !prev.unknown_source, exists, ctx, findings) {
                    return;
                }
            }
            prev.exceptions = exceptions;
        }
        if let Some(condition) = update.condition {
            prev.condition = vec![condition];
        }
        if let Some(output) = update.output {
            prev.output = vec![output];
        }
        if let Some(desc) = update.desc {
            prev.desc = vec![desc];
        }
        prev.tags = update.tags.unwrap_or_else(|| std::mem::take(&mut prev.tags));
        prev.priority = update.priority.unwrap_or(prev.priority);
        prev.enabled = update.enabled.unwrap_or(prev.enabled);
        prev.warn_evttypes = update.warn_evttypes.unwrap_or(prev.warn_evttypes);
        prev.skip_if_unknown_filter = update.skip_if_unknown_filter.unwrap_or(prev.skip_if_unknown_filter);
        prev.capture = update.capture.unwrap_or(prev.capture);
        prev.capture_duration_ms = update.capture_duration_ms.unwrap_or(prev.capture_duration_ms);
        prev.place.visibility = id;
        self.tick();
    }

    pub(crate) fn enable_rule(
        &mut self,
        name: &str,
        name_span: Span,
        enabled: bool,
        ctx: &Ctx<'_>,
        findings: &mut Findings,
    ) {
        if let Some(prev) = self.rules.get_mut(name) {
            prev.enabled = enabled;
        } else {
            let message = "Rule has 'enabled' key but no rule by that name already exists";
            undefined(findings, ctx, name_span, "rule", name, message, self.rules.names());
        }
    }
}

fn undefined<'n>(
    findings: &mut Findings,
    ctx: &Ctx<'_>,
    span: Span,
    kind: &str,
    name: &str,
    message: &str,
    names: impl Iterator<Item = &'n str>,
) {
    let diagnostic =
        Diagnostic::new(Code::UndefinedItem, span, format!("no {kind} `{name}` is defined above"))
            .suggest(name, names);
    findings.falco(ctx, LoadCode::Validate, message, diagnostic);
}

pub(crate) fn bad_exception(
    findings: &mut Findings,
    ctx: &Ctx<'_>,
    ex: &ExceptionInfo,
    span: Span,
    message: &str,
) {
    let own = ctx.child(ItemType::Exception, &ex.name, ex.span);
    let mut text = format!("exception `{}`: {message}", ex.name);
    if let Some(first) = message.get(..1) {
        text = format!(
            "exception `{}`: {}{}",
            ex.name,
            first.to_ascii_lowercase(),
            message.get(1..).unwrap_or("")
        );
    }
    findings.falco(&own, LoadCode::Validate, message, Diagnostic::new(Code::BadException, span, text));
}

/// Whether a text is a comparison operator, with or without a modifier.
fn is_operator(word: &str) -> bool {
    if Op::from_word(word).is_some() {
        return true;
    }
    word.split_once(' ').is_some_and(|(op, modifier)| {
        Op::from_word(op).is_some_and(Op::takes_string) && Modifier::from_word(modifier).is_some()
    })
}

/// Fills in the default operators and checks shapes, operators and fields.
fn validate_exception(
    ex: &mut ExceptionInfo,
    source: &str,
    known_source: bool,
    exists: FieldExists<'_>,
    ctx: &Ctx<'_>,
    findings: &mut Findings,
) -> bool {
    let problem = match (&ex.fields, &ex.comps) {
        (Entry::Many(fields, _), Entry::None) if !fields.is_empty() => None,
        (Entry::Many(fields, span), Entry::Many(comps, comps_span)) if fields.len() != comps.len() => Some((
            comps_span.to(*span),
            "Fields and comps lists must have equal length".to_owned(),
            Code::BadException,
        )),
        (Entry::Many(_, span), Entry::One(_)) => {
            Some((*span, "Fields and comps lists must have equal length".to_owned(), Code::BadException))
        }
        (Entry::Many(..), Entry::Many(comps, _)) => comps.iter().find_map(|c| match c {
            Entry::One(op) if is_operator(&op.value) => None,
            Entry::One(op) => Some((
                op.span,
                format!("'{}' is not a supported comparison operator", op.value),
                Code::UnknownOperator,
            )),
            _ => {
                Some((ex.span, "'' is not a supported comparison operator".to_owned(), Code::UnknownOperator))
            }
        }),
        (Entry::One(_), Entry::Many(_, span)) => {
            Some((*span, "Fields and comps must both be strings".to_owned(), Code::BadException))
        }
        (Entry::One(_), Entry::One(op)) => {
            let scalar = matches!(&*op.value, "in" | "pmatch" | "intersects")
                || op.value.contains(' ') && is_operator(&op.value);
            (!scalar).then(|| {
                (
                    op.span,
                    "When fields is a single value, comps must be one of (in, pmatch, intersects)".to_owned(),
                    Code::BadException,
                )
            })
        }
        _ => None,
    };
    if let Some((span, message, code)) = problem {
        let own = ctx.child(ItemType::Exception, &ex.name, ex.span);
        let mut diagnostic =
            Diagnostic::new(code, span, format!("exception `{}`: {}", ex.name, lower(&message)));
        if code == Code::UnknownOperator {
            let found = message.trim_start_matches('\'').split('\'').next().unwrap_or("").to_owned();
            diagnostic = diagnostic.suggest(&found, Op::ALL.iter().map(|op| op.as_str()));
        }
        findings.falco(&own, LoadCode::Validate, &message, diagnostic);
        return false;
    }
    if known_source {
        let fields: Vec<&Entry> = match &ex.fields {
            Entry::Many(fields, _) => fields.iter().collect(),
            one => vec![one],
        };
        for field in fields {
            let Entry::One(text) = field else { continue };
            if !exists(source, &text.value) {
                let message = format!("'{}' is not a supported filter field", text.value);
                let own = ctx.child(ItemType::Exception, &ex.name, ex.span);
                let call = text.value.split_once('(').map(|(name, _)| name.trim());
                let diagnostic =
                    if let Some(name) = call.filter(|name| Transformer::from_word(name).is_none()) {
                        let message = format!("exception `{}`: unknown transformer `{name}`", ex.name);
                        Diagnostic::new(Code::UnknownTransformer, text.span, message)
                            .suggest(name, Transformer::ALL.iter().map(|t| t.as_str()))
                    } else {
                        let message = format!("exception `{}`: unknown field `{}`", ex.name, text.value);
                        Diagnostic::new(Code::UnknownField, text.span, message)
                    };
                findings.falco(&own, LoadCode::Validate, &message, diagnostic);
                return false;
            }
        }
    }
    true
}

fn lower(message: &str) -> String {
    let mut chars = message.chars();
    chars.next().map_or_else(String::new, |c| c.to_lowercase().chain(chars).collect())
}
