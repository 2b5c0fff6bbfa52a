//! Rule files to a ruleset.
//!
//! In: names and bytes of rule files, in order. Out: per file a [`FileReport`] with every finding, and
//! a ruleset of typed [`Rule`]s. Each file is read (`reader`) into one collection of items
//! (`collector`), then everything so far is compiled (`compile`): lists are substituted as text,
//! macros on the tree, conditions and outputs are typed. That is how Falco does it, so that a file that
//! uses what only a later file defines is refused by both.
//!
//! Invariants: findings are in the order in which Falco makes them, so that its report is a prefix of
//! ours that ends with the first error; a ruleset exists only when the last load had no error.
//!
//! ```
//! use peregrine_compiler::{rulefile::{Loader, Options}, schema::Schema};
//! let schema = Schema::new("syscall", vec![], vec![], vec![]);
//! let mut loader = Loader::new(Options::new(vec![&schema]));
//! let report = loader.load("rules.yaml", b"- macro: m\n  condition: (a and".to_vec());
//! assert_eq!(report.diagnostics[0].code.info().id, "E0202");
//! ```

mod allow;
mod collector;
mod compile;
mod context;
mod describe;
mod exceptions;
mod expand;
#[cfg(test)]
mod expand_tests;
mod findings;
mod items;
mod lint;
mod output;
mod reader;
pub mod report;
mod resolve;
mod text;

pub use allow::Allowed;
pub use describe::{ListDescription, MacroDescription, RuleDescription};
pub use findings::condition_warns;
pub use items::{ENGINE_VERSION, PluginVersion, Priority, Version, metric_name};

use crate::diagnostic::falco::LoadCode;
use crate::diagnostic::{Code, Diagnostic};
use crate::hir::Condition;
use crate::hir::check::Quirks;
use crate::hir::events::CodeSet;
use crate::hir::field::resolve_field;
use crate::hir::template::Template;
use crate::schema::Schema;
use crate::source::{FileId, SourceMap, Span};
use crate::syntax::ast::Ast;
use crate::syntax::{MAX_DEPTH, parse_condition};
use crate::yaml::{self, Yaml, YamlErrorKind};
use collector::Collector;
use compile::{Compiled, Compiler};
use context::{Ctx, Findings};
use reader::{Known, Reader};
use std::collections::BTreeMap;
use std::sync::Arc;
use text::{Assembled, Files};

/// Text that the configuration appends to the outputs of some rules.
#[derive(Clone, Debug, Default)]
pub struct ExtraOutput {
    /// Only rules of this source.
    pub source: Option<String>,
    /// Only rules with all of these tags.
    pub tags: Vec<String>,
    /// Only this rule.
    pub rule: Option<String>,
    /// What to append; for fields, the field's format.
    pub format: String,
    /// For fields: the key.
    pub key: Option<String>,
    /// For fields: whether the value keeps its type instead of being printed.
    pub raw: bool,
}

/// How to load.
#[derive(Clone, Debug)]
pub struct Options<'a> {
    /// One schema per event source.
    pub schemas: Vec<&'a Schema>,
    /// Whether to evaluate as wrongly as Falco where it is wrong.
    pub quirks: Quirks,
    /// Appended to outputs.
    pub extra_output: Vec<ExtraOutput>,
    /// Added to the fields of alerts.
    pub extra_fields: Vec<ExtraOutput>,
    /// Bounds on the YAML.
    pub yaml: yaml::Limits,
}

impl<'a> Options<'a> {
    /// Defaults for some event sources.
    pub fn new(schemas: Vec<&'a Schema>) -> Self {
        Self {
            schemas,
            quirks: Quirks::Off,
            extra_output: Vec::new(),
            extra_fields: Vec::new(),
            yaml: yaml::Limits::default(),
        }
    }

    fn schema(&self, source: &str) -> Option<&'a Schema> {
        self.schemas.iter().copied().find(|s| s.source() == source)
    }
}

/// A field that the configuration adds to alerts.
#[derive(Clone, Debug)]
pub struct ExtraField {
    /// As given.
    pub format: String,
    /// Parsed.
    pub template: Template,
    /// Whether the value keeps its type.
    pub raw: bool,
}

/// A rule, ready to be evaluated.
#[derive(Debug)]
pub struct Rule {
    /// Name.
    pub name: Arc<str>,
    /// Where the name stands.
    pub name_span: Span,
    /// Event source.
    pub source: String,
    /// Severity of its alerts.
    pub priority: Priority,
    /// Description.
    pub desc: String,
    /// Tags, sorted.
    pub tags: Vec<String>,
    /// Whether the rule file enables it.
    pub enabled: bool,
    /// Whether an alert starts a capture.
    pub capture: bool,
    /// How long; 0 for the configuration's default.
    pub capture_duration_ms: u32,
    /// Output text with what the configuration appends.
    pub output: String,
    /// The same, parsed.
    pub template: Template,
    /// Further fields of its alerts, by key.
    pub extra_fields: BTreeMap<String, ExtraField>,
    /// Typed condition.
    pub condition: Condition,
    /// Event types ([`crate::schema::EventCode`]) that the condition can be true for.
    pub events: CodeSet,
    /// The same as system calls ([`crate::schema::ScCode`]).
    pub syscalls: CodeSet,
    tree: resolve::Resolved,
    text: Assembled,
}

impl Rule {
    /// The condition as a tree without macros and lists.
    pub fn ast(&self) -> &Ast {
        &self.tree.ast
    }

    /// The condition's text with its exceptions and lists, before macros are replaced.
    pub fn condition_text(&self) -> &str {
        self.text.as_str()
    }
}

/// All findings about one file, and about all items so far after it was added.
#[derive(Debug)]
pub struct FileReport {
    /// The file's name.
    pub name: String,
    /// Its text, unless it could not be taken.
    pub file: Option<FileId>,
    /// Findings in Falco's order.
    pub diagnostics: Vec<Diagnostic>,
}

impl FileReport {
    /// Whether there is no error.
    pub fn successful(&self) -> bool {
        !self.diagnostics.iter().any(Diagnostic::is_error)
    }
}

/// Loads rule files one after another.
pub struct Loader<'a> {
    options: Options<'a>,
    sources: SourceMap,
    yamls: Vec<Option<Yaml>>,
    collector: Collector,
    compiled: Option<Compiled>,
}

impl<'a> Loader<'a> {
    /// A loader without any file.
    pub fn new(options: Options<'a>) -> Self {
        Self {
            options,
            sources: SourceMap::new(),
            yamls: Vec::new(),
            collector: Collector::default(),
            compiled: None,
        }
    }

    /// The texts of all files, for rendering findings.
    pub fn sources(&self) -> &SourceMap {
        &self.sources
    }

    /// Reports a file that could not be read.
    pub fn unreadable(name: &str, why: &str) -> FileReport {
        let mut diagnostic = Diagnostic::without_span(Code::FileRead, format!("cannot read `{name}`: {why}"));
        diagnostic.falco = Some(crate::diagnostic::falco::Finding {
            code: LoadCode::FileRead,
            message: why.to_owned(),
            context: Vec::new(),
        });
        FileReport { name: name.to_owned(), file: None, diagnostics: vec![diagnostic] }
    }

    /// Adds a file and compiles all items so far.
    pub fn load(&mut self, name: &str, bytes: Vec<u8>) -> FileReport {
        let mut findings = Findings::default();
        let file = match self.sources.add(name, bytes) {
            Ok(file) => file,
            Err(e) => {
                let message = format!("`{name}` has {} bytes, more than can be read", e.bytes);
                findings.push(Diagnostic::without_span(Code::SizeLimit, message));
                return FileReport { name: name.to_owned(), file: None, diagnostics: findings.finish() };
            }
        };
        let before = findings.error_count();
        self.read(file, &mut findings);
        let compiler = Compiler {
            options: &self.options,
            collector: &self.collector,
            files: Files { sources: &self.sources, yamls: &self.yamls },
            findings: &mut findings,
            out: Compiled::default(),
        };
        let result = compiler.run();
        self.compiled = (findings.error_count() == before).then_some(result);
        FileReport { name: name.to_owned(), file: Some(file), diagnostics: findings.finish() }
    }

    fn read(&mut self, file: FileId, findings: &mut Findings) {
        let source = self.sources.file(file);
        let start = Span::new(file, 0, 0);
        let root = Ctx::root(start);
        if let Some(at) = source.invalid_utf8_at() {
            let message = "the file has bytes that are not UTF-8; each is read as U+FFFD";
            findings.push(Diagnostic::new(Code::InvalidUtf8, Span::new(file, at, at + 3), message));
        }
        let yaml = match yaml::parse(file, source.text(), &self.options.yaml) {
            Ok(yaml) => yaml,
            Err(e) => {
                let code = match e.kind {
                    YamlErrorKind::TooDeep | YamlErrorKind::TooLarge => Code::YamlLimit,
                    _ => Code::YamlSyntax,
                };
                findings.falco(
                    &root,
                    LoadCode::YamlParse,
                    &e.message,
                    Diagnostic::new(code, e.span, e.message.clone()),
                );
                self.yamls.push(None);
                return;
            }
        };
        let schemas = &self.options;
        let field = |source: &str, text: &str| schemas.schema(source).is_some_and(|s| field_exists(s, text));
        let known = Known { source: &|source| schemas.schema(source).is_some(), field: &field };
        Reader { file, yaml: &yaml, known, collector: &mut self.collector, findings }.read();
        self.yamls.push(Some(yaml));
    }

    /// What Falco's schema check says of a file: empty when it is valid.
    pub fn schema_warnings(&self, file: FileId) -> Vec<String> {
        let yaml = self.yamls.get(file.0 as usize).and_then(Option::as_ref);
        yaml.map_or_else(Vec::new, |yaml| {
            crate::itemschema::validate(yaml).iter().map(ToString::to_string).collect()
        })
    }

    /// The rules in order of their first definition; `None` while there is an error.
    pub fn rules(&self) -> Option<&[Rule]> {
        self.compiled.as_ref().map(|c| c.rules.as_slice())
    }

    /// Gives up the loader for its rules.
    pub fn into_rules(self) -> Option<Vec<Rule>> {
        self.compiled.map(|c| c.rules)
    }

    /// Numbers of rules, macros and lists defined so far.
    pub fn counts(&self) -> (usize, usize, usize) {
        (
            self.collector.rules.items.len(),
            self.collector.macros.items.len(),
            self.collector.lists.items.len(),
        )
    }

    /// The largest engine version that a file requires.
    pub fn required_engine_version(&self) -> Version {
        self.collector.engine_version
    }

    /// Plugin requirements: of each group, one plugin must be loaded.
    pub fn required_plugin_versions(&self) -> &[Vec<PluginVersion>] {
        &self.collector.plugin_versions
    }

    /// Whether loaded plugins meet the requirements.
    ///
    /// # Errors
    /// Falco's message about the first requirement that is not met.
    pub fn check_plugins(&self, loaded: &[PluginVersion]) -> Result<(), String> {
        for group in &self.collector.plugin_versions {
            let mut met = false;
            for required in group {
                let Some(plugin) = loaded.iter().find(|p| p.name == required.name) else { continue };
                let fits = Version::parse(&plugin.version)
                    .zip(Version::parse(&required.version))
                    .is_some_and(|(have, want)| have.satisfies(want));
                if !fits {
                    return Err(format!(
                        "Plugin '{}' version '{}' is not compatible with required plugin version '{}'",
                        plugin.name, plugin.version, required.version
                    ));
                }
                met = true;
            }
            if !met {
                let names: Vec<String> =
                    group.iter().map(|p| format!("{} (>= {})", p.name, p.version)).collect();
                return Err(format!(
                    "Plugin requirement not satisfied, must load one of: {}",
                    names.join(", ")
                ));
            }
        }
        Ok(())
    }
}

/// Whether an exception's field, possibly inside transformers, exists.
fn field_exists(schema: &Schema, text: &str) -> bool {
    if !text.contains('(') {
        let (name, arg) = match text.split_once('[') {
            Some((name, rest)) => (name, rest.strip_suffix(']')),
            None => (text, None),
        };
        return resolve_field(schema, name, arg.map(str::as_bytes)).is_ok();
    }
    let parsed = parse_condition(&format!("{text} exists"), MAX_DEPTH);
    parsed.errors.is_empty() && crate::hir::check::check(schema, &parsed.ast, Quirks::Off).0.is_some()
}
