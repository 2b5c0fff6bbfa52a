//! The run itself: outputs, pid file, events, summary.

use super::log::Logger;
use super::summary::{RuleCount, Stats};
use super::{App, Failure, Flow};
use crate::alert::AlertOptions;
use crate::config::{Config, EngineKind};
use crate::engine::{Engine, Matcher, Replay, Summary};
use crate::fields::extract::{Extractors, FieldOptions};
use crate::output::{Line, Outputs};
use crate::source::capture::Capture;
use crate::state::Limits;
use peregrine_compiler::rulefile::{Priority, Rule};
use peregrine_compiler::schema::Schema;
use std::fs;
use std::io::{self, Write};
use std::path::Path;
use std::time::{Duration, Instant};

/// Everything that the engine needs for a run.
#[derive(Debug)]
pub(crate) struct RunPlan<'a> {
    /// All settings.
    pub(crate) config: &'a Config,
    /// Fields and events, with static fields.
    pub(crate) schema: &'a Schema,
    /// All rules that were loaded, in order of definition.
    pub(crate) rules: &'a [Rule],
    /// For each rule whether it is on.
    pub(crate) enabled: &'a [bool],
    /// The capture to read.
    pub(crate) capture: &'a Path,
    /// Name of this machine for JSON alerts.
    pub(crate) hostname: String,
    /// When to stop.
    pub(crate) time_limit: Option<Duration>,
}

/// An alert from the engine, finished.
#[derive(Copy, Clone, Debug)]
pub(crate) struct Alert<'a> {
    /// Index of its rule in the plan; none for an internal alert, which is not counted.
    pub(crate) rule: Option<usize>,
    /// Name of the rule.
    pub(crate) name: &'a str,
    /// Its priority.
    pub(crate) priority: Priority,
    /// Text or JSON without a line break.
    pub(crate) text: &'a [u8],
}

/// What the engine has to say at the end beside alerts.
#[derive(Copy, Clone, PartialEq, Eq, Debug, Default)]
pub(crate) struct Ending {
    /// How often lost events were noticed.
    pub(crate) drop_occurrences: u64,
    /// How often something was done about it.
    pub(crate) drop_actions: u64,
}

/// Processes events until their end.
pub(super) fn run(
    app: &mut App,
    config: &Config,
    schema: &Schema,
    rules: &[Rule],
    enabled: &[bool],
    out: &mut dyn Write,
) -> Result<Flow, Failure> {
    if app.args.dry_run {
        for what in ["outputs initialization", "pidfile creation", "event processing"] {
            app.log.debug(&format!("Skipping {what} in dry-run"));
        }
        return Ok(Flow::Done);
    }
    let mut outputs =
        Outputs::new(config, app.log.ident()).map_err(|error| Failure::Fatal(error.to_string()))?;
    unsupported(app, config)?;
    write_pidfile(app)?;
    log_rules(app, rules, enabled);
    let plan = RunPlan {
        config,
        schema,
        rules,
        enabled,
        capture: &config.engine.capture_file,
        hostname: hostname(app),
        time_limit: app.args.seconds.map(Duration::from_secs),
    };
    let (stats, ended) = process(&plan, &mut outputs, &mut app.log, replay);
    let ending = ended?;
    let stats =
        Stats { drop_occurrences: ending.drop_occurrences, drop_actions: ending.drop_actions, ..stats };
    stats.write(out)?;
    out.flush()?;
    let _ = stats.write_drops(&mut io::stderr());
    Ok(Flow::Done)
}

/// Takes events to alerts, and alerts to a sink.
type Run = fn(&RunPlan<'_>, &mut dyn FnMut(Alert<'_>)) -> Result<Ending, Failure>;

/// Runs an engine, delivers its alerts and counts them.
fn process(
    plan: &RunPlan<'_>,
    outputs: &mut Outputs,
    log: &mut Logger,
    engine: Run,
) -> (Stats, Result<Ending, Failure>) {
    let count = |r: &Rule| RuleCount { name: r.name.to_string(), priority: r.priority, alerts: 0 };
    let mut stats = Stats { rules: plan.rules.iter().map(count).collect(), ..Stats::default() };
    let ended = engine(plan, &mut |alert| {
        if let Some(count) = alert.rule.and_then(|rule| stats.rules.get_mut(rule)) {
            count.alerts += 1;
        }
        let line = Line { text: alert.text, priority: alert.priority, rule: alert.name };
        outputs.write(&line, &mut |message| log.error(message));
    });
    outputs.flush(&mut |message| log.error(message));
    // programs see the end of their input before the summary is printed
    outputs.reopen(&mut |message| log.error(message));
    (stats, ended)
}

/// Reads the capture of a plan and gives each alert to `sink`, in order.
fn replay(plan: &RunPlan<'_>, sink: &mut dyn FnMut(Alert<'_>)) -> Result<Ending, Failure> {
    let config = plan.config;
    let path = plan.capture.display();
    let file = fs::File::open(plan.capture)
        .map_err(|e| Failure::Runtime(format!("cannot open the capture `{path}`: {e}")))?;
    let failed = |e: &dyn std::fmt::Display| Failure::Runtime(format!("{path}: {e}"));
    let mut capture = Capture::new(file).map_err(|e| failed(&e))?;
    let alerts = AlertOptions {
        time_iso_8601: config.time_format_iso_8601,
        json_output: config.json_include.output,
        json_message: config.json_include.message,
        json_fields: config.json_include.output_fields,
        json_tags: config.json_include.tags,
        hostname: plan.hostname.clone(),
    };
    let fields = FieldOptions {
        statics: config.static_fields.clone(),
        iso_8601: config.time_format_iso_8601,
        ..FieldOptions::default()
    };
    let limits = Limits { threads: config.libs.thread_table_size as usize, ..Limits::default() };
    let mut replay = Replay {
        engine: Engine::new(limits, fields),
        matcher: Matcher::new(plan.schema, plan.rules, plan.enabled, config.rule_matching),
        schema: plan.schema,
        rules: plan.rules,
        extractors: Extractors::new(plan.schema),
        alerts,
        deadline: plan.time_limit.map(|limit| Instant::now() + limit),
    };
    let options = replay.alerts.clone();
    replay
        .run(&mut capture, &mut Summary::default(), &mut |id, alert| {
            let text = if config.json_output { alert.json(&options) } else { alert.escaped_line() };
            sink(Alert {
                rule: Some(id.0 as usize),
                name: &alert.rule,
                priority: alert.priority,
                text: text.as_bytes(),
            });
        })
        .map_err(|e| failed(&e))?;
    Ok(Ending::default())
}

/// Refuses what is asked for and is not there, where its absence would matter; says the rest.
fn unsupported(app: &mut App, config: &Config) -> Result<(), Failure> {
    let kind = config.engine.kind;
    if kind != EngineKind::Replay {
        let message = format!("engine.kind: `{}` is not available yet, only `replay`", kind.as_str());
        return Err(Failure::Fatal(message));
    }
    if config.capture.enabled {
        return Err(Failure::Fatal("capture.enabled: recording is not available yet".to_owned()));
    }
    if config.metrics.enabled {
        app.log.warn("metrics.enabled: metrics are not available yet");
    }
    Ok(())
}

fn write_pidfile(app: &App) -> Result<(), Failure> {
    let Some(path) = &app.args.pidfile else { return Ok(()) };
    fs::write(path, format!("{}\n", std::process::id()))
        .map_err(|e| Failure::Pidfile(format!("cannot write the pid file `{}`: {e}", path.display())))
}

fn log_rules(app: &mut App, rules: &[Rule], enabled: &[bool]) {
    app.log.debug("Enabled rules:");
    let mut count = 0;
    for (rule, _) in rules.iter().zip(enabled).filter(|(_, on)| **on) {
        app.log.debug(&format!("   {}", rule.name));
        count += 1;
    }
    app.log.debug(&format!("({count}) enabled rules in total"));
}

/// The name of this machine, or what the environment says.
fn hostname(app: &mut App) -> String {
    if let Ok(name) = std::env::var("FALCO_HOSTNAME")
        && !name.is_empty()
    {
        app.log.debug(&format!("Hostname value has been overridden via environment variable to: {name}"));
        return name;
    }
    fs::read_to_string("/proc/sys/kernel/hostname").map_or(String::new(), |name| name.trim_end().to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{config, fields};
    use peregrine_compiler::rulefile::{Loader, Options};

    #[test]
    fn alerts_are_delivered_and_counted_even_if_the_engine_fails() {
        let dir = tempfile::tempdir().unwrap();
        let file = dir.path().join("alerts");
        let text = format!("file_output: {{enabled: true, filename: '{}'}}", file.display());
        let config = config::from_text("c", &text, &[] as &[&str], &|_| None).unwrap().config;
        let schema = fields::syscall_schema();
        let mut loader = Loader::new(Options::new(vec![&schema]));
        let rule = "{desc: d, condition: evt.type = open, output: o, priority: ERROR}";
        let rules = ["a", "b"].map(|name| format!("- {{rule: {name}, {}", rule.trim_start_matches('{')));
        assert!(loader.load("r", rules.join("\n").into_bytes()).successful());
        let rules = loader.into_rules().unwrap();
        let plan = RunPlan {
            config: &config,
            schema: &schema,
            rules: &rules,
            enabled: &[true, true],
            capture: Path::new("x"),
            hostname: String::new(),
            time_limit: None,
        };
        let engine: Run = |_, sink| {
            for (rule, text) in [(Some(1), "one"), (None, "internal"), (Some(1), "two"), (Some(9), "none")] {
                sink(Alert { rule, name: "n", priority: Priority::Error, text: text.as_bytes() });
            }
            Err(Failure::Fatal("cut".to_owned()))
        };
        let mut outputs = Outputs::new(&config, "falco").unwrap();
        let (stats, ended) = process(&plan, &mut outputs, &mut Logger::new("falco"), engine);
        assert!(matches!(ended, Err(Failure::Fatal(why)) if why == "cut"));
        assert_eq!(fs::read_to_string(file).unwrap(), "one\ninternal\ntwo\nnone\n");
        assert_eq!(
            stats.rules.iter().map(|r| (r.name.as_str(), r.alerts)).collect::<Vec<_>>(),
            [("a", 0), ("b", 2)]
        );
    }
}
