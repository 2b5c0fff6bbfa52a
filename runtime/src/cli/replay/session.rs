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
use crate::source::capture::{Capture, CaptureError, Captured, Item};
use crate::state::{Limits, State};
use peregrine_compiler::rulefile::Rule;
use peregrine_compiler::schema::Schema;
use std::io;

/// What is done with events.
pub(super) enum Task {
    /// They are given to rules.
    Alerts(Box<Matcher>),
    /// They are listed.
    List(Listing),
    /// They are only written to another capture.
    Cut,
}

impl Task {
    pub(super) fn kind(&self) -> Kind {
        match self {
            Self::Alerts(_) => Kind::Alerts,
            Self::List(_) => Kind::List,
            Self::Cut => Kind::Cut,
        }
    }
}

/// What lasts for all captures of a run.
pub(super) struct Session<'a> {
    pub(super) schema: &'a Schema,
    pub(super) extractors: Extractors,
    pub(super) rules: &'a [Rule],
    pub(super) filter: Option<Filter>,
    pub(super) task: Task,
    pub(super) cut: Option<Cut>,
    pub(super) printer: Printer<'a>,
    pub(super) stop: Stop,
    pub(super) totals: Totals,
}

impl Session<'_> {
    /// Replays a capture; gives why it cannot be read to its end, if so. Errors are those of stdout.
    pub(super) fn replay(
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
