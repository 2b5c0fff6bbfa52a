//! What a replay has seen, for people and programs.
//!
//! The JSON form is one object; `alerts` and `listed` are there if that was done, `written` with `--write`:
//!
//! ```text
//! { "events": n, "seconds": x, "events_per_second": n, "filtered": n | null, "stopped": bool,
//!   "alerts": { "total": n, "by_rule": [ {"rule": text, "priority": text, "count": n} ],
//!               "by_priority": [ {"priority": text, "count": n} ] },
//!   "listed": n, "losses": { name: n }, "written": {"events": n, "state_only": n}, "errors": [text] }
//! ```

use super::cut::Written;
use crate::engine::{Engine, RuleId};
use crate::source::capture::ConvertCounters;
use crate::state::Counters;
use peregrine_compiler::rulefile::{Priority, Rule};
use peregrine_probe::{Ledger, Loss};
use serde_json::{Map, Value as Json, json};
use std::cmp::Reverse;
use std::fmt::Write;
use std::time::Duration;

/// Numbers of a run over all of its captures.
#[derive(Debug, Default)]
pub(in crate::cli) struct Totals {
    /// Events, those that only change the state included.
    pub(in crate::cli) events: u64,
    /// Events that the filter let pass.
    pub(in crate::cli) accepted: u64,
    /// Alerts, or events listed.
    pub(in crate::cli) hits: u64,
    /// Alerts by rule.
    by_rule: Vec<u64>,
    /// Events that could not be read, or of unknown types.
    pub(in crate::cli) skipped: u64,
    /// Checks whose type came with the event and did not go with their operator.
    pub(in crate::cli) type_mismatches: u64,
    /// The same for events that the filter refused therefore.
    pub(in crate::cli) filter_mismatches: u64,
    /// Of the converter and the state, by name.
    losses: Vec<(&'static str, &'static str, u64)>,
    /// Time from the first file's begin to the last one's end.
    pub(in crate::cli) elapsed: Duration,
    /// The user ended it.
    pub(in crate::cli) stopped: bool,
    /// The cut.
    pub(in crate::cli) written: Option<Written>,
}

impl Totals {
    pub(in crate::cli) fn new(rules: usize) -> Self {
        Self { by_rule: vec![0; rules], ..Self::default() }
    }

    /// Counts an alert.
    pub(in crate::cli) fn count(&mut self, id: RuleId) {
        self.hits += 1;
        if let Some(count) = self.by_rule.get_mut(id.0 as usize) {
            *count += 1;
        }
    }

    /// Adds what an engine has counted over one capture.
    pub(in crate::cli) fn add(&mut self, engine: &Engine) {
        self.events += engine.events();
        let now = losses(engine.converted(), engine.state.counters());
        if self.losses.is_empty() {
            self.losses = now;
        } else {
            for (sum, one) in self.losses.iter_mut().zip(now) {
                sum.2 += one.2;
            }
        }
    }

    /// Adds what was lost in the kernel.
    pub(in crate::cli) fn add_kernel(&mut self, ledger: &Ledger) {
        let total = ledger.total();
        let of = |loss| total.of(loss);
        self.losses.extend([
            ("ring_full", "events lost: a ring was full", of(Loss::RingFull)),
            ("nested", "events lost: the processor was busy with another event", of(Loss::Nested)),
            (
                "table_full",
                "a table of the probe was full: a process or an argument is not known",
                of(Loss::TableFull),
            ),
            ("too_large", "events with empty parameters: larger than 64 KiB", of(Loss::TooLarge)),
            ("unreadable", "events with empty parameters: memory could not be read", of(Loss::Unreadable)),
        ]);
    }

    /// Name, meaning and number of everything that was lost or incomplete.
    fn all_losses(&self) -> Vec<(&'static str, &'static str, u64)> {
        let mut all = vec![
            ("skipped", "events skipped: malformed or of unknown types", self.skipped),
            (
                "type_mismatches",
                "checks against a value of another type: taken for false",
                self.type_mismatches,
            ),
        ];
        all.extend(&self.losses);
        if let Some(written) = &self.written {
            all.push(("cut_texts", "texts cut short in the written capture", written.cut_texts));
        }
        all.retain(|(_, _, n)| *n > 0);
        all
    }
}

fn losses(converted: &ConvertCounters, state: Counters) -> Vec<(&'static str, &'static str, u64)> {
    vec![
        ("unconvertible", "events dropped: of an old type that cannot be converted", converted.unconvertible),
        ("too_long", "events dropped: longer than 64 KiB when converted", converted.too_long),
        ("incomplete", "events with fewer parameters than their type has", converted.incomplete),
        (
            "without_enter",
            "exit events without their enter event: values are missing",
            converted.without_enter,
        ),
        ("enters_evicted", "enter events forgotten: too many at once", converted.evicted),
        ("threads_refused", "threads refused: the table was full", state.threads_refused),
        ("threads_unknown", "threads of which only the number is known", state.threads_unknown),
        ("fds_refused", "descriptors refused: a table was full", state.fds_refused),
        ("fds_unknown", "changes to descriptors that are not known", state.fds_unknown),
        ("users_refused", "users and groups refused: the table was full", state.users_refused),
    ]
}

/// What was done with events.
#[derive(Copy, Clone, PartialEq, Eq, Debug)]
pub(in crate::cli) enum Kind {
    Alerts,
    List,
    Cut,
}

/// A summary to be shown.
pub(in crate::cli) struct Summary<'a> {
    pub(in crate::cli) kind: Kind,
    pub(in crate::cli) totals: &'a Totals,
    pub(in crate::cli) rules: &'a [Rule],
    pub(in crate::cli) errors: &'a [String],
    /// Whether there was a filter.
    pub(in crate::cli) filtered: bool,
}

impl Summary<'_> {
    fn per_second(&self) -> u64 {
        per_second(self.totals.events, self.totals.elapsed)
    }

    /// Rules with alerts, the most frequent first.
    fn by_rule(&self) -> Vec<(&Rule, u64)> {
        let mut all: Vec<_> =
            self.rules.iter().zip(self.totals.by_rule.iter().copied()).filter(|(_, n)| *n > 0).collect();
        all.sort_by_key(|(rule, n)| (Reverse(*n), rule.priority));
        all
    }

    /// Priorities with alerts, the most frequent first.
    fn by_priority(&self) -> Vec<(Priority, u64)> {
        let count = |p| self.by_rule().iter().filter(|(rule, _)| rule.priority == p).map(|(_, n)| n).sum();
        let mut all: Vec<(Priority, u64)> =
            Priority::ALL.into_iter().map(|p| (p, count(p))).filter(|(_, n)| *n > 0).collect();
        all.sort_by_key(|(p, n)| (Reverse(*n), *p));
        all
    }

    /// Some lines.
    pub(in crate::cli) fn text(&self) -> String {
        let totals = self.totals;
        let mut text = String::new();
        let mut line = |l: String| {
            let _ = writeln!(text, "{l}"); // a String takes everything
        };
        let seconds = totals.elapsed.as_secs_f64();
        let rate = grouped(self.per_second());
        line(format!("{} events in {seconds:.3} s ({rate} events/s)", grouped(totals.events)));
        if totals.stopped {
            line("stopped before the end".to_owned());
        }
        if self.filtered {
            line(format!("{} events for which the filter is true", grouped(totals.accepted)));
        }
        match self.kind {
            Kind::Alerts => line(format!("{} alerts", grouped(totals.hits))),
            Kind::List => line(format!("{} events listed", grouped(totals.hits))),
            Kind::Cut => {}
        }
        for (rule, n) in self.by_rule() {
            line(format!("{n:>9}  {:<13}  {}", rule.priority.as_str(), rule.name));
        }
        let priorities = self.by_priority();
        if priorities.len() > 1 {
            let each = priorities.iter().map(|(p, n)| format!("{n} {p}"));
            line(format!("by priority: {}", each.collect::<Vec<_>>().join(", ")));
        }
        if let Some(written) = &totals.written {
            let (events, others) = (grouped(written.events), grouped(written.state_only));
            line(format!("{events} events written, and {others} that only change the state"));
        }
        let losses = totals.all_losses();
        if !losses.is_empty() {
            line("losses:".to_owned());
        }
        for (_, meaning, n) in losses {
            line(format!("{n:>9}  {meaning}"));
        }
        text
    }

    /// One object.
    pub(in crate::cli) fn json(&self) -> Json {
        let totals = self.totals;
        let losses = totals.all_losses();
        let losses: Map<String, Json> =
            losses.iter().map(|(name, _, n)| ((*name).to_owned(), Json::from(*n))).collect();
        let mut object = json!({
            "events": totals.events,
            "seconds": totals.elapsed.as_secs_f64(),
            "events_per_second": self.per_second(),
            "filtered": self.filtered.then_some(totals.accepted),
            "stopped": totals.stopped,
            "losses": losses,
            "errors": self.errors,
        });
        let mut put = |key: &str, value: Json| {
            if let Some(map) = object.as_object_mut() {
                map.insert(key.to_owned(), value);
            }
        };
        if self.kind == Kind::List {
            put("listed", Json::from(totals.hits));
        }
        if self.kind == Kind::Alerts {
            let by_rule = self.by_rule().into_iter().map(
                |(rule, n)| json!({"rule": &*rule.name, "priority": rule.priority.as_str(), "count": n}),
            );
            let by_rule: Vec<Json> = by_rule.collect();
            let by_priority = self.by_priority().into_iter();
            let by_priority: Vec<Json> =
                by_priority.map(|(p, n)| json!({"priority": p.as_str(), "count": n})).collect();
            let total = totals.hits;
            put("alerts", json!({"total": total, "by_rule": by_rule, "by_priority": by_priority}));
        }
        if let Some(w) = &totals.written {
            put("written", json!({"events": w.events, "state_only": w.state_only}));
        }
        object
    }
}

/// How many a second; 0 when there was no time.
pub(in crate::cli) fn per_second(events: u64, elapsed: Duration) -> u64 {
    let rate = (u128::from(events) * 1_000_000_000).checked_div(elapsed.as_nanos());
    rate.map_or(0, |r| u64::try_from(r).unwrap_or(u64::MAX))
}

/// `1234567` as `1,234,567`.
pub(in crate::cli) fn grouped(n: u64) -> String {
    let digits = n.to_string();
    let mut out = String::new();
    for (i, c) in digits.chars().enumerate() {
        if i > 0 && (digits.len() - i).is_multiple_of(3) {
            out.push(',');
        }
        out.push(c);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn digits_in_groups() {
        for (n, text) in [(0, "0"), (999, "999"), (1000, "1,000"), (1_234_567, "1,234,567")] {
            assert_eq!(grouped(n), text);
        }
    }

    #[test]
    fn losses_of_zero_are_left_out_and_others_are_not() {
        let totals = Totals {
            skipped: 3,
            losses: losses(
                &ConvertCounters { too_long: 2, not_needed: 9, ..ConvertCounters::default() },
                Counters { fds_refused: 1, ..Counters::default() },
            ),
            ..Totals::default()
        };
        let summary = Summary { kind: Kind::List, totals: &totals, rules: &[], errors: &[], filtered: false };
        let json = summary.json();
        assert_eq!(json["losses"], json!({"skipped": 3, "too_long": 2, "fds_refused": 1}));
        assert_eq!(summary.text().lines().filter(|l| l.starts_with("        ")).count(), 3);
    }
}
