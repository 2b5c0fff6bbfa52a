//! A run over one or more captures: what becomes of each event.

use super::cut::Cut;
use super::filter::Filter;
use super::input::{Opened, Stop};
use super::listing::Listing;
use super::print::Printer;
use super::progress::Progress;
use super::summary::{Kind, Totals};
use crate::alert::Alert;
use crate::engine::{Engine, Matcher};
use crate::event::view::EventView;
use crate::fields::extract::{EventContext, Extractors, FieldOptions};
use crate::source::capture::{Capture, CaptureError, Captured, Item, WriteError, Writer};
use crate::source::live::Live;
use crate::state::{Limits, State};
use peregrine_compiler::rulefile::Rule;
use peregrine_compiler::schema::Schema;
use peregrine_probe::ProbeError;
use std::fs::File;
use std::io::{self, Write};
use std::time::{Duration, Instant};

/// What is done with events.
pub(in crate::cli) enum Task {
    /// They are given to rules.
    Alerts(Box<Matcher>),
    /// They are listed.
    List(Listing),
    /// They are only written to another capture.
    Cut,
}

impl Task {
    pub(in crate::cli) fn kind(&self) -> Kind {
        match self {
            Self::Alerts(_) => Kind::Alerts,
            Self::List(_) => Kind::List,
            Self::Cut => Kind::Cut,
        }
    }
}

/// What a machine is followed for.
pub(in crate::cli) trait Watched {
    /// What is there already is known: from now on everything is seen.
    fn begin(&mut self) -> io::Result<()>;
    /// Whether there is nothing more to see.
    fn has_ended(&mut self) -> bool;
}

/// How often the probe is asked what it lost.
const LOOK_FOR_LOSSES: Duration = Duration::from_secs(1);

/// Why following a machine ended before its time.
#[derive(Debug, thiserror::Error)]
pub(in crate::cli) enum Broken {
    /// The probe.
    #[error(transparent)]
    Probe(#[from] ProbeError),
    /// Results cannot be written.
    #[error(transparent)]
    Output(#[from] io::Error),
    /// The capture cannot be written.
    #[error(transparent)]
    Record(#[from] WriteError),
}

/// A capture that is written while events go by, if one is.
#[derive(Default)]
pub(in crate::cli) struct Recording(pub(in crate::cli) Option<Writer<File>>);

impl Recording {
    fn item(&mut self, item: &Item<'_>) -> Result<(), WriteError> {
        let Some(writer) = &mut self.0 else { return Ok(()) };
        match item {
            Item::Machine(machine) => writer.machine(machine),
            Item::Interfaces(all) => writer.interfaces(all),
            Item::Users(all) => writer.users(all),
            Item::Processes(all) => writer.processes(all),
            Item::Fds(tid, fds) => writer.fds(*tid, fds),
            // the writer has begun with a section
            Item::Section | Item::Event { .. } | Item::Skipped(_) => Ok(()),
        }
    }

    fn event(&mut self, captured: &Captured<'_>) -> Result<(), WriteError> {
        match &mut self.0 {
            Some(writer) => writer.event(captured.cpu, captured.state_only, &captured.event),
            None => Ok(()),
        }
    }

    /// Ends the capture.
    pub(in crate::cli) fn finish(self) -> Result<(), WriteError> {
        self.0.map_or(Ok(()), |writer| writer.finish().map(drop))
    }
}

/// What lasts for all captures of a run.
pub(in crate::cli) struct Session<'a> {
    pub(in crate::cli) schema: &'a Schema,
    pub(in crate::cli) extractors: Extractors,
    pub(in crate::cli) rules: &'a [Rule],
    pub(in crate::cli) filter: Option<Filter>,
    pub(in crate::cli) task: Task,
    pub(in crate::cli) cut: Option<Cut>,
    pub(in crate::cli) printer: Printer<'a>,
    pub(in crate::cli) stop: Stop,
    pub(in crate::cli) totals: Totals,
}

impl Session<'_> {
    /// Replays a capture; gives why it cannot be read to its end, if so. Errors are those of stdout.
    pub(in crate::cli) fn replay(
        &mut self,
        opened: Opened,
        mut progress: Progress,
    ) -> io::Result<Option<CaptureError>> {
        let is_pipe = opened.len.is_none();
        let mut engine = Engine::new(Limits::default(), FieldOptions::default());
        let mut capture = match Capture::new(opened.reader) {
            Ok(capture) => capture,
            Err(error) => return Ok(Some(error)),
        };
        if let Some(cut) = &mut self.cut {
            cut.begin();
        }
        let hits_before = self.totals.hits;
        let error = loop {
            if self.stop.is_set() {
                break None;
            }
            let hits = self.totals.hits;
            if let Some(captured) = capture.next_event() {
                self.event(&mut engine, &captured, &progress)?;
            } else {
                match capture.next_item() {
                    Ok(None) => break None,
                    Err(error) => break Some(error),
                    Ok(Some(Item::Event { event, cpu, state_only })) => {
                        self.event(&mut engine, &Captured { cpu, state_only, event }, &progress)?;
                    }
                    Ok(Some(Item::Skipped(_))) => self.totals.skipped += 1,
                    Ok(Some(item)) => self.describe(&mut engine, item),
                }
            }
            if is_pipe && self.totals.hits > hits {
                self.printer.flush()?;
            }
            progress.tick(engine.events(), self.totals.hits - hits_before);
        };
        self.totals.add(&engine);
        let of_rules = match &self.task {
            Task::Alerts(matcher) => matcher.type_mismatches,
            Task::List(_) | Task::Cut => 0,
        };
        self.totals.type_mismatches = self.totals.filter_mismatches + of_rules;
        // a stop ends a pipe in the middle of a block, which is no fault of the capture
        Ok(error.filter(|_| !self.stop.is_set()))
    }

    /// Follows this machine until `watched` has ended, while nothing happens, or the user says so; `record` gets
    /// every event.
    pub(in crate::cli) fn follow(
        &mut self,
        live: &mut Live,
        record: &mut Recording,
        watched: &mut dyn Watched,
    ) -> Result<(), Broken> {
        let mut engine = Engine::new(Limits::default(), FieldOptions::default());
        let mut failed = None;
        live.introduce(&mut engine, |item| {
            if let Item::Machine(machine) = item {
                self.printer.options.hostname.clone_from(&machine.hostname);
            }
            failed = record.item(item).err().or(failed.take());
        });
        watched.begin()?;
        Live::prefer_this_thread();
        let progress = Progress::none();
        let (mut quiet, mut due) = (false, Instant::now());
        while !self.stop.is_set() && failed.is_none() {
            let (hits, mut printed) = (self.totals.hits, Ok(()));
            let count = live.drain(|captured| {
                if printed.is_ok() {
                    failed = record.event(captured).err().or(failed.take());
                    printed = self.event(&mut engine, captured, &progress);
                }
            })?;
            printed?;
            if due.elapsed() >= LOOK_FOR_LOSSES {
                due = Instant::now();
                if let Some(lost) = live.repair(&mut engine)? {
                    let _ = writeln!(
                        io::stderr(),
                        "peregrine: {lost} events were lost: processes and descriptors were read anew from /proc"
                    );
                }
            }
            if self.totals.hits > hits {
                self.printer.flush()?;
            }
            if count == 0 {
                // what happened right before the end is in the rings by the next time
                if quiet {
                    break;
                }
                quiet = watched.has_ended();
                std::thread::sleep(live.pause());
            } else {
                quiet = false;
            }
        }
        self.totals.add(&engine);
        self.totals.skipped += live.skipped();
        self.totals.add_kernel(&live.ledger()?);
        if let Task::Alerts(matcher) = &self.task {
            self.totals.type_mismatches = self.totals.filter_mismatches + matcher.type_mismatches;
        }
        failed.map_or(Ok(()), |error| Err(Broken::Record(error)))
    }

    /// Takes a block that is not an event.
    fn describe(&mut self, engine: &mut Engine, item: Item<'_>) {
        if let Some(cut) = &mut self.cut {
            cut.describe(&item);
        }
        if let Item::Machine(machine) = &item {
            self.printer.options.hostname.clone_from(&machine.hostname);
        }
        engine.learn(item);
    }

    fn event(&mut self, engine: &mut Engine, raw: &Captured<'_>, progress: &Progress) -> io::Result<()> {
        let known_before = engine.state.counters().threads_unknown;
        let all = self.cut.is_some() || self.filter.is_some();
        let task = &self.task;
        let wants = |event: &EventView<'_>, _: &State| match task {
            Task::Alerts(matcher) => all || matcher.rules_for(event.code) > 0,
            Task::List(_) | Task::Cut => true,
        };
        // events for the state only are kept from rules below: a cut needs them as they are after conversion
        let Some(context) = engine.take_if(&raw.event, raw.cpu, false, wants) else {
            if let Some(cut) = &mut self.cut {
                cut.unseen(engine, raw.cpu, &raw.event);
            }
            return Ok(());
        };
        let accepted = !raw.state_only && self.accepts(&context);
        let hit = accepted && self.process(&context, progress)?;
        if let Some(cut) = &mut self.cut {
            let shown = if self.filter.is_some() { accepted } else { hit };
            let new_thread = context.state.counters().threads_unknown > known_before;
            cut.event(&context, new_thread, shown);
        }
        Ok(())
    }

    /// Whether the filter lets an event pass.
    fn accepts(&mut self, context: &EventContext<'_>) -> bool {
        let Some(filter) = &self.filter else { return true };
        let accepted = filter.accepts(self.schema, &self.extractors, context);
        self.totals.filter_mismatches += u64::from(accepted.is_none());
        let accepted = accepted == Some(true);
        self.totals.accepted += u64::from(accepted);
        accepted
    }

    /// Does what is to be done with an event; whether it was listed or had an alert.
    fn process(&mut self, context: &EventContext<'_>, progress: &Progress) -> io::Result<bool> {
        let Self { schema, extractors, rules, task, printer, totals, .. } = self;
        match task {
            Task::Cut => Ok(true),
            Task::List(listing) => {
                totals.hits += 1;
                if printer.is_silent() {
                    return Ok(true);
                }
                let line = if printer.json() {
                    listing.json(schema, extractors, context).to_string()
                } else {
                    listing.line(schema, extractors, context)
                };
                printer.line(&line, progress).map(|()| true)
            }
            Task::Alerts(matcher) => {
                let mut result = Ok(());
                let before = totals.hits;
                matcher.matches(extractors, context, |id| {
                    let Some(rule) = rules.get(id.0 as usize) else { return };
                    totals.count(id);
                    if !printer.is_silent() && result.is_ok() {
                        let alert = Alert::new(schema, extractors, context, rule, &printer.options);
                        result = printer.alert(&alert, progress);
                    }
                });
                result.map(|()| totals.hits > before)
            }
        }
    }
}
