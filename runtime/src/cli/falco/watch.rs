//! What happens beside rules during a run: signals, the time limit, lost events, snapshots of metrics.

use super::Failure;
use super::reload::Reloader;
use super::run::{Alert, Ending, Listener, RunPlan};
use super::signals::Signals;
use crate::alert::InternalAlert;
use crate::config::DropAction;
use crate::engine::drops::{DropMonitor, LossCounters, Reaction};
use crate::engine::{Tick, Ticker};
use crate::fields::extract::Clock;
use crate::metrics::{Sample, Sampler, Sources, Usage};
use peregrine_compiler::rulefile::Priority;
use serde_json::json;
use std::cell::RefCell;
use std::fs::{File, OpenOptions};
use std::io::Write;
use std::ops::ControlFlow;
use std::path::Path;
use std::time::{Instant, SystemTime, UNIX_EPOCH};

/// Nanoseconds since 1970.
pub(super) fn unix_ns(time: SystemTime) -> u64 {
    let since = time.duration_since(UNIX_EPOCH).unwrap_or_default();
    u64::try_from(since.as_nanos()).unwrap_or(u64::MAX)
}

/// Watches over a run.
pub(super) struct Watch<'h, 'l> {
    listener: &'h RefCell<&'l mut dyn Listener>,
    signals: Signals,
    drops: DropMonitor,
    /// Length of the run in event time.
    limit_ns: Option<u64>,
    /// Time of the first event.
    first_ns: Option<u64>,
    snapshots: Option<Snapshots>,
    reloader: Reloader,
    form: Form,
    failure: Option<Failure>,
}

/// How internal alerts are written.
struct Form {
    json: bool,
    hostname: String,
    clock: Clock,
}

impl<'h, 'l> Watch<'h, 'l> {
    /// At the beginning of a run.
    pub(super) fn new(
        plan: &RunPlan<'_>,
        signals: Signals,
        snapshots: Option<Snapshots>,
        reloader: Reloader,
        listener: &'h RefCell<&'l mut dyn Listener>,
    ) -> Self {
        let limit_ns = plan.time_limit.map(|limit| u64::try_from(limit.as_nanos()).unwrap_or(u64::MAX));
        let (json, hostname) = (plan.config.json_output, plan.hostname.clone());
        Self {
            listener,
            signals,
            drops: DropMonitor::new(&plan.config.drops),
            limit_ns,
            first_ns: None,
            snapshots,
            reloader,
            form: Form { json, hostname, clock: Clock::default() },
            failure: None,
        }
    }

    /// What there is to say at the end, and why the run ended if that is a failure.
    pub(super) fn finish(self) -> (Ending, Option<Failure>) {
        let ending =
            Ending { drop_occurrences: self.drops.occurrences(), drop_actions: self.drops.reactions() };
        (ending, self.failure)
    }

    /// Outputs are reopened before anything else, also before the end.
    fn obey_signals(&mut self, now_ns: u64) -> ControlFlow<()> {
        let mut listener = self.listener.borrow_mut();
        if self.signals.take_reopen() {
            listener.log(Priority::Informational, "SIGUSR1 received, reopening outputs...");
            listener.reopen();
        }
        if self.signals.take_reload() {
            listener.log(Priority::Informational, "SIGHUP received, restarting...");
            self.reloader.begin();
        }
        for outcome in self.reloader.outcomes() {
            match outcome {
                Ok(count) => {
                    let message = format!("{count} rules were loaded and take effect with the next event");
                    listener.log(Priority::Informational, &message);
                }
                Err(why) => {
                    listener.log(Priority::Error, &format!("{why}; the rules before stay in effect"));
                    self.form.send(&reload_failure(now_ns, &why), &mut **listener);
                }
            }
        }
        if let Some(signal) = self.signals.end() {
            listener.log(Priority::Informational, &format!("{signal} received, exiting..."));
            return ControlFlow::Break(());
        }
        ControlFlow::Continue(())
    }

    /// COMPAT(falco): `-M` is about the time of events, also in captures.
    fn last_ns(&mut self, now_ns: u64) -> u64 {
        let first_ns = *self.first_ns.get_or_insert(now_ns);
        self.limit_ns.map_or(u64::MAX, |limit| first_ns.saturating_add(limit).saturating_sub(1))
    }

    fn react_to_losses(&mut self, now_ns: u64, losses: LossCounters) -> ControlFlow<()> {
        let Some(report) = self.drops.check(now_ns, || losses) else {
            return ControlFlow::Continue(());
        };
        let mut listener = self.listener.borrow_mut();
        if report.simulated {
            listener.log(Priority::Informational, "Simulating syscall event drop");
        }
        match report.reaction {
            Reaction::BelowThreshold => {}
            Reaction::Depleted => listener
                .log(Priority::Debug, "Syscall event drop but token bucket depleted, skipping actions"),
            Reaction::Actions(actions) => {
                for action in actions {
                    match action {
                        DropAction::Log => listener.log(Priority::Error, &report.message()),
                        DropAction::Alert => self.form.send(&report.alert(false), &mut **listener),
                        DropAction::Exit => {
                            listener.log(Priority::Critical, &report.message());
                            listener.log(Priority::Critical, "Exiting.");
                            let why = "system calls were dropped, and syscall_event_drops.actions has `exit`";
                            self.failure = Some(Failure::Fatal(why.to_owned()));
                            return ControlFlow::Break(());
                        }
                    }
                }
            }
        }
        ControlFlow::Continue(())
    }
}

/// What is told when a new configuration or new rules cannot be used.
fn reload_failure(time_ns: u64, why: &str) -> InternalAlert {
    let mut fields = serde_json::Map::new();
    fields.insert("reason".to_owned(), json!(why));
    InternalAlert {
        rule: "Falco internal: hot restart failure",
        priority: Priority::Critical,
        message: "Hot restart failed, the rules before stay in effect".to_owned(),
        time_ns,
        fields,
    }
}

impl Ticker for Watch<'_, '_> {
    fn tick(&mut self, tick: &Tick<'_>) -> ControlFlow<(), u64> {
        self.obey_signals(tick.now_ns)?;
        if let Some(snapshots) = &mut self.snapshots {
            let mut listener = self.listener.borrow_mut();
            snapshots.take_if_due(tick, &self.form, &mut **listener);
        }
        let last_ns = self.last_ns(tick.now_ns);
        if tick.now_ns > last_ns {
            return ControlFlow::Break(());
        }
        self.react_to_losses(tick.now_ns, tick.losses)?;
        ControlFlow::Continue(self.drops.due_ns().min(last_ns))
    }

    fn repaired(&mut self, lost: u64) {
        let message = format!("{lost} events were lost: processes and descriptors were read anew from /proc");
        self.listener.borrow_mut().log(Priority::Notice, &message);
    }
}

impl Form {
    fn send(&self, alert: &InternalAlert, listener: &mut dyn Listener) {
        let text = if self.json { alert.json(&self.hostname) } else { alert.line(&self.clock) };
        let (name, priority) = (alert.rule, alert.priority);
        listener.alert(Alert { rule: None, name, priority, text: text.as_bytes() });
    }
}

/// Snapshots of metrics, as alerts and in a file.
pub(super) struct Snapshots {
    sampler: Sampler,
    sources: Sources,
    file: Option<File>,
    alerts: bool,
}

impl Snapshots {
    /// Nothing if they would go nowhere.
    pub(super) fn new(plan: &RunPlan<'_>) -> Result<Option<Self>, Failure> {
        let settings = &plan.config.metrics;
        let path: &Path = &settings.output_file;
        let to_file = !path.as_os_str().is_empty();
        if !settings.enabled || !(settings.output_rule || to_file) {
            return Ok(None);
        }
        let open = || OpenOptions::new().append(true).create(true).open(path);
        let file = to_file.then(open).transpose().map_err(|e| {
            Failure::Fatal(format!("metrics.output_file: cannot open `{}`: {e}", path.display()))
        })?;
        Ok(Some(Self {
            sampler: Sampler::new(settings.clone(), plan.facts.clone(), Instant::now()),
            sources: Sources::of_environment(|name| std::env::var(name).ok()),
            file,
            alerts: settings.output_rule,
        }))
    }

    fn take_if_due(&mut self, tick: &Tick<'_>, form: &Form, listener: &mut dyn Listener) {
        if !self.sampler.due(Instant::now()) {
            return;
        }
        let now_ns = unix_ns(SystemTime::now());
        let sample = Sample {
            now_ns,
            summary: tick.summary,
            state: tick.state,
            kernel: None,
            usage: self.sampler.wants_usage().then(|| Usage::read(&self.sources)),
            queue_drops: 0,
        };
        let fields = self.sampler.take(&sample);
        if let Some(file) = &mut self.file {
            let line = json!({"sample": self.sampler.taken(), "output_fields": fields});
            if let Err(error) = file.write_all(format!("{line}\n").as_bytes()) {
                listener.log(Priority::Error, &format!("metrics.output_file: {error}"));
            }
        }
        if self.alerts {
            let alert = InternalAlert {
                rule: "Falco internal: metrics snapshot",
                priority: Priority::Informational,
                message: "Falco metrics snapshot".to_owned(),
                time_ns: now_ns,
                fields,
            };
            form.send(&alert, listener);
        }
    }
}
