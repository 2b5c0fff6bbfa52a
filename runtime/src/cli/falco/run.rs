//! The run itself: outputs, pid file, events, summary.

use super::log::Logger;
use super::reload::Reloader;
use super::signals::Signals;
use super::summary::{RuleCount, Stats};
use super::watch::{Snapshots, Watch, unix_ns};
use super::{App, Failure, Flow, version};
use crate::alert::AlertOptions;
use crate::config::{Config, EngineKind};
use crate::engine::{Engine, Incoming, Raised, Replay, RuleId, Ruleset, Summary, Way};
use crate::fields::extract::FieldOptions;
use crate::metrics::Facts;
use crate::output::{Line, Outputs};
use crate::source::capture::Capture;
use crate::source::live::{Live, interest};
use crate::state::Limits;
use peregrine_compiler::rulefile::{Priority, Rule};
use peregrine_compiler::schema::Schema;
use peregrine_probe::{Filter, Options};
use std::cell::RefCell;
use std::fs;
use std::io::{self, Write};
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

/// Everything that the engine needs for a run.
#[derive(Debug)]
pub(crate) struct RunPlan<'a> {
    /// All settings.
    pub(crate) config: &'a Config,
    /// Fields and events, with static fields.
    pub(crate) schema: Arc<Schema>,
    /// All rules that were loaded, in order of definition.
    pub(crate) rules: Arc<Vec<Rule>>,
    /// For each rule whether it is on.
    pub(crate) enabled: &'a [bool],
    /// What metrics tell about the run.
    pub(crate) facts: Facts,
    /// Name of this machine for JSON alerts.
    pub(crate) hostname: String,
    /// How long to go on, in the time of events.
    pub(crate) time_limit: Option<Duration>,
}

/// An alert from the engine, finished.
#[derive(Copy, Clone, Debug)]
pub(crate) struct Alert<'a> {
    /// Place of its rule among all that there were; none for an internal alert, which is not counted.
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

/// What an engine tells while it runs.
pub(crate) trait Listener {
    /// An alert to deliver.
    fn alert(&mut self, alert: Alert<'_>);
    /// A line for the log.
    fn log(&mut self, priority: Priority, message: &str);
    /// Outputs are to be reopened.
    fn reopen(&mut self);
}

/// Delivers alerts and counts them.
struct Delivery<'a> {
    stats: Stats,
    outputs: &'a mut Outputs,
    log: &'a mut Logger,
}

impl Listener for Delivery<'_> {
    fn alert(&mut self, alert: Alert<'_>) {
        if let Some(place) = alert.rule {
            let rules = &mut self.stats.rules;
            if place == rules.len() {
                // a rule that came later
                let name = alert.name.to_owned();
                rules.push(RuleCount { name, priority: alert.priority, alerts: 0 });
            }
            if let Some(count) = rules.get_mut(place) {
                count.alerts += 1;
            }
        }
        let line = Line { text: alert.text, priority: alert.priority, rule: alert.name };
        self.outputs.write(&line, &mut |message| self.log.error(message));
    }

    fn log(&mut self, priority: Priority, message: &str) {
        self.log.log(priority, message);
    }

    fn reopen(&mut self) {
        self.outputs.reopen(&mut |message| self.log.error(message));
    }
}

/// Processes events until their end.
pub(super) fn run(
    app: &mut App,
    config: &Config,
    schema: Schema,
    rules: Vec<Rule>,
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
    unsupported(config)?;
    write_pidfile(app)?;
    log_rules(app, &rules, enabled);
    let plan = RunPlan {
        config,
        facts: facts(app, config),
        schema: Arc::new(schema),
        rules: Arc::new(rules),
        enabled,
        hostname: hostname(app),
        time_limit: app.args.seconds.filter(|s| *s > 0).map(Duration::from_secs),
    };
    let snapshots = Snapshots::new(&plan)?;
    if snapshots.is_some() {
        app.log.info(&format!("Setting metrics interval to {} (ms)", config.metrics.interval.as_millis()));
    }
    let source = source(&plan)?;
    let signals =
        Signals::install().map_err(|e| Failure::Fatal(format!("cannot install signal handlers: {e}")))?;
    let incoming = Incoming::default();
    let reloader = Reloader::new(app, incoming.clone());
    app.log.info(&match &source {
        Source::Capture(_) => {
            format!("Replaying events from the capture file: {}", config.engine.capture_file.display())
        }
        Source::Machine(_) => "Opening 'syscall' source with modern BPF probe.".to_owned(),
    });
    if let Source::Machine(live) = &source {
        live.notices().iter().for_each(|notice| app.log.warn(notice));
    }
    if config.engine.kind == EngineKind::Kmod {
        app.log.warn("engine.kind: there is no kernel module, the eBPF probe is used");
    }
    let (stats, ended) = process(&plan, &mut outputs, &mut app.log, |plan, listener| {
        let listener = RefCell::new(listener);
        let mut watch = Watch::new(plan, signals, snapshots, reloader, &listener);
        let read = events(plan, source, incoming, &mut watch, &listener);
        let (ending, failure) = watch.finish();
        // what was read up to an error counts
        (ending, failure.map_or(read, Err))
    });
    let written = stats.write(out).and_then(|()| out.flush());
    let _ = stats.write_drops(&mut io::stderr());
    ended?;
    written?;
    Ok(Flow::Done)
}

/// What an engine leaves behind.
type Ended = (Ending, Result<(), Failure>);

/// Runs an engine, delivers its alerts and counts them.
fn process(
    plan: &RunPlan<'_>,
    outputs: &mut Outputs,
    log: &mut Logger,
    engine: impl FnOnce(&RunPlan<'_>, &mut dyn Listener) -> Ended,
) -> (Stats, Result<(), Failure>) {
    let count = |r: &Rule| RuleCount { name: r.name.to_string(), priority: r.priority, alerts: 0 };
    let stats = Stats { rules: plan.rules.iter().map(count).collect(), ..Stats::default() };
    let mut delivery = Delivery { stats, outputs, log };
    let (ending, ended) = engine(plan, &mut delivery);
    let Delivery { stats, outputs, log } = delivery;
    outputs.flush(&mut |message| log.error(message));
    // programs see the end of their input before the summary is printed
    outputs.reopen(&mut |message| log.error(message));
    let Ending { drop_occurrences, drop_actions } = ending;
    (Stats { drop_occurrences, drop_actions, ..stats }, ended)
}

fn open(path: &Path) -> Result<Capture, Failure> {
    let failed = |e: &dyn std::fmt::Display| {
        Failure::Fatal(format!("cannot open the capture `{}`: {e}", path.display()))
    };
    Capture::new(fs::File::open(path).map_err(|e| failed(&e))?).map_err(|e| failed(&e))
}

/// Where events come from.
enum Source {
    Capture(Capture),
    Machine(Box<Live>),
}

/// Whose events are recorded: everybody's, or for tests those of a process and of what it starts.
fn whose() -> Result<Filter, Failure> {
    let Ok(pid) = std::env::var("PEREGRINE_ONLY_TREE") else { return Ok(Filter::All) };
    let pid =
        pid.parse().map_err(|_| Failure::Fatal(format!("PEREGRINE_ONLY_TREE: `{pid}` is not a process")))?;
    Ok(Filter::Tree(pid))
}

fn source(plan: &RunPlan<'_>) -> Result<Source, Failure> {
    let config = plan.config;
    if config.engine.kind == EngineKind::Replay {
        return open(&config.engine.capture_file).map(Source::Capture);
    }
    let interest = interest::of_rules(&plan.rules, plan.enabled, &config.base_syscalls);
    let engine = &config.engine;
    let probe = if engine.kind == EngineKind::Kmod { engine.kmod } else { engine.modern_ebpf };
    let mut options = Options::new(whose()?, interest);
    options.ring_bytes = (1 << 20) << (u32::from(probe.buf_size_preset).clamp(1, 10) - 1);
    options.drop_failed = probe.drop_failed_exit;
    options.iterators = !engine.disable_iterators;
    if config.libs.snaplen > 0 {
        options.snaplen = u32::from(config.libs.snaplen);
    }
    let live = Live::start(&options).map_err(|e| Failure::Fatal(e.to_string()))?;
    Ok(Source::Machine(Box::new(live)))
}

/// Takes events and tells each alert, in order.
fn events(
    plan: &RunPlan<'_>,
    source: Source,
    incoming: Incoming,
    watch: &mut Watch<'_, '_>,
    listener: &RefCell<&mut dyn Listener>,
) -> Result<(), Failure> {
    let config = plan.config;
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
        base64: config.buffer_format_base64,
        ..FieldOptions::default()
    };
    let limits = Limits { threads: config.libs.thread_table_size as usize, ..Limits::default() };
    let (schema, rules) = (Arc::clone(&plan.schema), Arc::clone(&plan.rules));
    let ruleset = Ruleset::new(schema, rules, plan.enabled, config.rule_matching, Way::default());
    if let Some(why) = &ruleset.matcher.without_code {
        let message = format!("Rules are interpreted: {why}");
        listener.borrow_mut().log(Priority::Warning, &message);
    }
    for (RuleId(id), price) in ruleset.matcher.unindexed() {
        if let Some(rule) = ruleset.rules.get(id as usize) {
            let message = format!(
                "Rule '{}' has no literal to be looked up by: it is evaluated for every event of its types, at a cost of up to {price} loads",
                rule.name
            );
            listener.borrow_mut().log(Priority::Debug, &message);
        }
    }
    let mut replay =
        Replay { engine: Engine::new(limits, fields), ruleset: Box::new(ruleset), incoming, alerts };
    let options = replay.alerts.clone();
    let mut tell = |raised: Raised<'_>| {
        let alert = &raised.alert;
        let text = if config.json_output { alert.json(&options) } else { alert.escaped_line() };
        listener.borrow_mut().alert(Alert {
            rule: Some(raised.place),
            name: &alert.rule,
            priority: alert.priority,
            text: text.as_bytes(),
        });
    };
    let summary = &mut Summary::default();
    match source {
        Source::Capture(mut capture) => replay
            .run(&mut capture, summary, watch, &mut tell)
            .map_err(|e| Failure::Fatal(format!("{}: {e}", config.engine.capture_file.display()))),
        Source::Machine(mut live) => replay
            .follow(&mut live, &config.base_syscalls, summary, watch, &mut tell)
            .map_err(|e| Failure::Fatal(e.to_string())),
    }
}

/// What metrics tell about the run; digests of files only if they are wanted.
fn facts(app: &App, config: &Config) -> Facts {
    if !config.metrics.enabled {
        return Facts::default();
    }
    let release = fs::read_to_string("/proc/sys/kernel/osrelease").unwrap_or_default();
    Facts {
        version: version::FALCO_VERSION.to_owned(),
        start_ns: unix_ns(app.started),
        reload_ns: unix_ns(app.configured),
        kernel_release: release.trim_end().to_owned(),
        source: super::SYSCALL_SOURCE.to_owned(),
        engine: None,
        rules_files: app.digests.rules.clone(),
        config_files: app.digests.config.clone(),
    }
}

/// Refuses what is asked for and is not there.
fn unsupported(config: &Config) -> Result<(), Failure> {
    let kind = config.engine.kind;
    if kind == EngineKind::NoDriver {
        let message =
            format!("engine.kind: `{}` is not available, only `modern_ebpf` and `replay`", kind.as_str());
        return Err(Failure::Fatal(message));
    }
    if config.capture.enabled {
        return Err(Failure::Fatal("capture.enabled: recording is not available yet".to_owned()));
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
            schema: Arc::new(schema.clone()),
            rules: Arc::new(rules),
            enabled: &[true, true],
            facts: Facts::default(),
            hostname: String::new(),
            time_limit: None,
        };
        let mut outputs = Outputs::new(&config, "falco").unwrap();
        let (stats, ended) = process(&plan, &mut outputs, &mut Logger::new("falco"), |_, listener| {
            for (rule, text) in
                [(Some(1), "one"), (None, "internal"), (Some(1), "two"), (Some(9), "none"), (Some(2), "new")]
            {
                listener.alert(Alert { rule, name: "n", priority: Priority::Error, text: text.as_bytes() });
            }
            let ending = Ending { drop_occurrences: 3, drop_actions: 2 };
            (ending, Err(Failure::Fatal("cut".to_owned())))
        });
        assert!(matches!(ended, Err(Failure::Fatal(why)) if why == "cut"));
        assert_eq!((stats.drop_occurrences, stats.drop_actions), (3, 2));
        assert_eq!(fs::read_to_string(file).unwrap(), "one\ninternal\ntwo\nnone\nnew\n");
        assert_eq!(
            stats.rules.iter().map(|r| (r.name.as_str(), r.alerts)).collect::<Vec<_>>(),
            [("a", 0), ("b", 2), ("n", 1)]
        );
    }
}
