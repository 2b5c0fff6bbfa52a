//! `-V`: checks rule files and says what Falco says, as text or one JSON object.

use super::rules::{self, RuleFile};
use super::{App, Failure, Flow, describe, plugins};
use crate::config::Config;
use peregrine_compiler::rulefile::Loader;
use peregrine_compiler::rulefile::report::{self, Detail};
use std::io::Write;

pub(super) fn run(app: &mut App, config: &Config, out: &mut dyn Write) -> Result<Flow, Failure> {
    app.log.info("Validating rules file(s):");
    for path in &app.args.validate {
        app.log.info(&format!("   {}", path.display()));
    }
    let schema = rules::schema(config);
    let mut loader = Loader::new(rules::options(app, config, &schema));
    let (mut reports, mut warnings) = (Vec::new(), Vec::new());
    for path in &app.args.validate {
        let report = RuleFile::read(path).load(&mut loader);
        warnings.push(report.file.map_or_else(Vec::new, |f| loader.schema_warnings(f)));
        reports.push(report);
        loader.check_plugins(&plugins::provided()).map_err(Failure::Fatal)?;
    }
    let mut summary = Vec::new();
    for (report, warnings) in reports.iter().zip(&warnings) {
        let full = report::text(report, warnings, loader.sources(), Detail::Full);
        if report.successful() && full.lines().count() > 1 {
            summary.push(report::text(report, warnings, loader.sources(), Detail::Brief));
            app.log.warn(&format!("{full}\n"));
        } else {
            summary.push(full);
        }
    }
    let summary = summary.join("\n");
    let successful = reports.iter().all(peregrine_compiler::rulefile::FileReport::successful);
    if config.json_output {
        let mut results = report::json(&reports, &warnings, loader.sources());
        if successful
            && let (Some(described), Some(results)) =
                (describe::json_if_asked(app, &loader)?, results.as_object_mut())
        {
            results.insert("falco_describe_results".to_owned(), described);
        }
        writeln!(out, "{results}")?;
    } else if successful {
        writeln!(out, "{summary}")?;
        if describe::is_asked(app) {
            describe::text(app, &loader, out)?;
        }
    }
    if successful { Ok(Flow::Done) } else { Err(Failure::Fatal(summary)) }
}
