//! Rule files of a run: which, with which options, and which rules are on in the end.

use super::{App, Failure, plugins};
use crate::config::{Config, Selection};
use crate::fields;
use peregrine_compiler::hir::check::Quirks;
use peregrine_compiler::rulefile::report::{self, Detail};
use peregrine_compiler::rulefile::{ExtraOutput, FileReport, Loader, Options, Rule};
use peregrine_compiler::schema::{FieldFlags, Schema};
use std::ffi::OsStr;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

/// The schema with the configuration's static fields.
pub(super) fn schema(config: &Config) -> Schema {
    let keys: Vec<&String> = config.static_fields.keys().collect();
    fields::syscall_schema_with(&keys)
}

/// How rules are loaded, with what the configuration and `-p` append to outputs.
pub(super) fn options<'s>(app: &App, config: &Config, schema: &'s Schema) -> Options<'s> {
    let mut options = Options::new(vec![schema]);
    options.quirks = if app.args.falco_quirks { Quirks::Falco } else { Quirks::Off };
    if let Some(format) = app.args.print.as_deref().filter(|p| !is_preset(p)) {
        options.extra_output.push(ExtraOutput { format: format.to_owned(), ..ExtraOutput::default() });
    }
    for append in &config.append_output {
        let applies = ExtraOutput {
            source: append.source.clone(),
            tags: append.tags.clone(),
            rule: append.rule.clone(),
            ..ExtraOutput::default()
        };
        if !append.extra_output.is_empty() {
            let format = append.extra_output.clone();
            options.extra_output.push(ExtraOutput { format, ..applies.clone() });
        }
        if append.suggested_output && append.source.as_deref().is_none_or(|s| s == schema.source()) {
            let formats = suggested(config, schema).into_iter();
            options.extra_output.extend(formats.map(|format| ExtraOutput { format, ..applies.clone() }));
        }
        for (key, format) in &append.extra_fields {
            let (format, raw) = match format {
                Some(format) => (format.clone(), false),
                None => (format!("%{key}"), true),
            };
            options.extra_fields.push(ExtraOutput { format, key: Some(key.clone()), raw, ..applies.clone() });
        }
    }
    options
}

/// Formats that `-p` took for presets; the container plugin has made them needless.
pub(super) fn is_preset(format: &str) -> bool {
    matches!(format, "c" | "container" | "k" | "kubernetes" | "m" | "mesos")
}

/// `name=%name` for each field that the source suggests.
fn suggested(config: &Config, schema: &Schema) -> Vec<String> {
    let container = plugins::container_is_loaded(config);
    let fields = schema.fields().iter().filter(|f| f.flags.contains(FieldFlags::FORMAT_SUGGESTED));
    let there = fields.filter(|f| container || f.class == "static");
    there.map(|f| format!("{}=%{}", f.name.replace('.', "_"), f.name)).collect()
}

/// A rule file and what is in it.
pub(super) struct RuleFile {
    pub(super) name: String,
    pub(super) content: io::Result<Vec<u8>>,
}

impl RuleFile {
    pub(super) fn read(path: &Path) -> Self {
        Self { name: path.display().to_string(), content: fs::read(path) }
    }

    pub(super) fn load(self, loader: &mut Loader<'_>) -> FileReport {
        match self.content {
            Ok(bytes) => loader.load(&self.name, bytes),
            Err(error) => Loader::unreadable(&self.name, &error.to_string()),
        }
    }
}

/// The files that `-r`, or else the configuration, name; directories are replaced by their rule files.
pub(super) fn files(app: &mut App, config: &Config) -> Result<Vec<PathBuf>, Failure> {
    let given = &app.args.rules;
    let mut named = given.clone();
    if named.is_empty() {
        // COMPAT(falco): what the configuration names need not exist
        named = config.rules_files.iter().filter(|path| path.exists()).cloned().collect();
    }
    if named.is_empty() {
        let message =
            "You must specify at least one rules file/directory via -r or a rules_files entry in falco.yaml";
        return Err(Failure::Fatal(message.to_owned()));
    }
    app.log.debug("Configured rules filenames:");
    let mut files = Vec::new();
    for path in &named {
        app.log.debug(&format!("   {}", path.display()));
        let unreadable =
            |e: &io::Error| Failure::Fatal(format!("cannot read rules `{}`: {e}", path.display()));
        let meta = fs::metadata(path).map_err(|e| unreadable(&e))?;
        if !meta.is_dir() {
            if is_rule_file(path) {
                files.push(path.clone());
            } else {
                // COMPAT(falco): it says nothing
                app.log.warn(&format!("{} is ignored: it ends with neither .yaml nor .yml", path.display()));
            }
            continue;
        }
        let entries = fs::read_dir(path).and_then(Iterator::collect::<io::Result<Vec<_>>>);
        let entries = entries.map_err(|e| unreadable(&e))?;
        let mut inside: Vec<PathBuf> =
            entries.into_iter().map(|e| e.path()).filter(|p| p.is_file() && is_rule_file(p)).collect();
        inside.sort();
        files.extend(inside);
    }
    Ok(files)
}

fn is_rule_file(path: &Path) -> bool {
    matches!(path.extension().and_then(OsStr::to_str), Some("yaml" | "yml"))
}

/// Loads all rule files, or fails with Falco's report about the first that has an error.
pub(super) fn load<'s>(app: &mut App, config: &Config, schema: &'s Schema) -> Result<Loader<'s>, Failure> {
    let files = files(app, config)?;
    let mut loader = Loader::new(options(app, config, schema));
    app.log.info("Loading rules from:");
    for path in files {
        let file = RuleFile::read(&path);
        if config.metrics.enabled
            && let Ok(content) = &file.content
        {
            app.digests.rules.extend(super::digest(&path, content));
        }
        let report = file.load(&mut loader);
        let warnings = report.file.map_or_else(Vec::new, |f| loader.schema_warnings(f));
        let verdict = warnings.first().map_or("ok", String::as_str);
        let line = format!("   {} | schema validation: {verdict}", path.display());
        if warnings.is_empty() {
            app.log.info(&line);
        } else {
            app.log.warn(&line);
        }
        let text = report::text(&report, &warnings, loader.sources(), Detail::Full);
        if !report.successful() {
            return Err(Failure::Fatal(text));
        }
        if text.lines().count() > 1 {
            app.log.warn(&format!("{text}\n"));
        }
    }
    loader.check_plugins(&plugins::provided()).map_err(Failure::Fatal)?;
    Ok(loader)
}

/// For each rule whether it is on, after the configuration's selections and its least priority.
pub(super) fn enabled(app: &mut App, config: &Config, rules: &[Rule]) -> Vec<bool> {
    let mut enabled: Vec<bool> = rules.iter().map(|r| r.enabled).collect();
    for selection in &config.rules {
        let verb = if selection.enable { "Enabling" } else { "Disabling" };
        if let Some(pattern) = &selection.rule {
            app.log.info(&format!("{verb} rules with name: {pattern}"));
        }
        if let Some(tag) = &selection.tag {
            app.log.info(&format!("{verb} rules with tag: {tag}"));
        }
        let mut count = 0;
        for (_, on) in rules.iter().zip(&mut enabled).filter(|(rule, _)| is_selected(selection, rule)) {
            *on = selection.enable;
            count += 1;
        }
        if count == 0 {
            app.log.warn("no rule is selected by this");
        }
    }
    for (rule, on) in rules.iter().zip(&mut enabled) {
        *on &= rule.priority <= config.priority;
    }
    enabled
}

fn is_selected(selection: &Selection, rule: &Rule) -> bool {
    selection.rule.as_ref().is_some_and(|pattern| matches_name(pattern, &rule.name))
        || selection.tag.as_ref().is_some_and(|tag| rule.tags.contains(tag))
}

/// Whether a rule has the name; `*` stands for any text, everything else for itself.
fn matches_name(pattern: &str, name: &str) -> bool {
    let mut parts = pattern.split('*');
    let first = parts.next().unwrap_or("");
    let Some(mut rest) = name.strip_prefix(first) else { return false };
    let mut parts: Vec<&str> = parts.collect();
    let Some(last) = parts.pop() else { return rest.is_empty() };
    for part in parts {
        match rest.find(part) {
            Some(at) => rest = rest.get(at + part.len()..).unwrap_or(""),
            None => return false,
        }
    }
    rest.ends_with(last)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_with_any_text() {
        for (pattern, name, expect) in [
            ("open_from_cat", "open_from_cat", true),
            ("open_from", "open_from_cat", false),
            ("*", "anything", true),
            ("*", "", true),
            ("open*", "open_from_cat", true),
            ("*cat", "open_from_cat", true),
            ("*from*", "open_from_cat", true),
            ("open*cat*x", "open_from_cat", false),
            ("o*_*_c*", "open_from_cat", true),
            ("a*a", "a", false),
            ("a**a", "aa", true),
            ("[ab]?", "[ab]?", true),
            ("a?", "ab", false),
            ("", "", true),
            ("", "a", false),
        ] {
            assert_eq!(matches_name(pattern, name), expect, "{pattern} {name}");
        }
    }
}
