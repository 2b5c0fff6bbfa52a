//! What to do about lost events: `syscall_event_drops` of the configuration.
//!
//! In: the time of an event and the source's counters. Out: a [`Report`] when events were lost in the second
//! before, with the actions that are due. Nothing is done here: whoever asks logs, alerts or ends the run.
//!
//! Once in a second of event time the counters are compared with those of the last time. If the share of lost
//! events is above the threshold it is an occurrence, and actions are due as far as a token bucket allows:
//! it begins full with `max_burst` tokens, gains `rate` a second, and each reaction costs one.
//!
//! ```
//! use peregrine_runtime::config::from_text;
//! use peregrine_runtime::engine::drops::{DropMonitor, LossCounters};
//! let text = "syscall_event_drops: {actions: [alert]}";
//! let config = from_text("c", text, &[] as &[&str], &|_| None).unwrap().config;
//! let mut monitor = DropMonitor::new(&config.drops);
//! let second = 1_000_000_000;
//! assert!(monitor.check(5 * second, LossCounters::default).is_none(), "the first event begins the second");
//! let counters = || LossCounters { events: 100, drops: 20, ..LossCounters::default() };
//! let report = monitor.check(7 * second, counters).unwrap();
//! assert_eq!(report.losses.drops, 20);
//! ```

use crate::alert::InternalAlert;
use crate::config::{DropAction, Drops};
use peregrine_compiler::rulefile::Priority;
use serde_json::{Map, Value as Json};

const SECOND_NS: u64 = 1_000_000_000;
/// The internal rule's name.
const RULE: &str = "Falco internal: syscall event drop";

/// Groups of system calls whose events are counted apart when a buffer is full.
pub const BUFFER_GROUPS: [&str; 8] =
    ["clone_fork", "execve", "connect", "open", "dir_file", "other_interest", "close", "proc"];

/// Events and losses since a source was opened.
#[derive(Copy, Clone, PartialEq, Eq, Debug, Default)]
pub struct LossCounters {
    /// Events, lost ones included.
    pub events: u64,
    /// Lost for any reason.
    pub drops: u64,
    /// Lost because a buffer was full.
    pub buffer: u64,
    /// Those by [`BUFFER_GROUPS`].
    pub buffer_by_group: [u64; BUFFER_GROUPS.len()],
    /// Lost because the event did not fit its scratch area.
    pub scratch_map: u64,
    /// Lost because memory of a process could not be read.
    pub page_faults: u64,
    /// Lost because of a defect.
    pub bug: u64,
}

impl LossCounters {
    /// What was added since `earlier`.
    #[must_use]
    pub fn since(&self, earlier: &Self) -> Self {
        let mut groups = self.buffer_by_group;
        for (group, before) in groups.iter_mut().zip(earlier.buffer_by_group) {
            *group = group.saturating_sub(before);
        }
        Self {
            events: self.events.saturating_sub(earlier.events),
            drops: self.drops.saturating_sub(earlier.drops),
            buffer: self.buffer.saturating_sub(earlier.buffer),
            buffer_by_group: groups,
            scratch_map: self.scratch_map.saturating_sub(earlier.scratch_map),
            page_faults: self.page_faults.saturating_sub(earlier.page_faults),
            bug: self.bug.saturating_sub(earlier.bug),
        }
    }
}

/// Tokens that come with time.
#[derive(Clone, Debug)]
struct TokenBucket {
    rate: f64,
    max: f64,
    tokens: f64,
    seen_ns: Option<u64>,
}

impl TokenBucket {
    /// Full at first.
    fn new(rate: f64, max: f64) -> Self {
        Self { rate, max, tokens: max, seen_ns: None }
    }

    /// Takes a token if there is one.
    #[expect(clippy::cast_precision_loss, reason = "seconds since the last claim, not a date")]
    fn claim(&mut self, now_ns: u64) -> bool {
        let seen_ns = self.seen_ns.replace(now_ns).unwrap_or(now_ns);
        let gained = self.rate * (now_ns.saturating_sub(seen_ns) as f64 / SECOND_NS as f64);
        self.tokens = (self.tokens + gained).min(self.max);
        if self.tokens < 1.0 {
            return false;
        }
        self.tokens -= 1.0;
        true
    }
}

/// What is due when events were lost.
#[derive(Copy, Clone, PartialEq, Eq, Debug)]
pub enum Reaction<'a> {
    /// Too few were lost.
    BelowThreshold,
    /// There is no token left.
    Depleted,
    /// These actions; none is to ignore the loss.
    Actions(&'a [DropAction]),
}

/// Losses of the last second.
#[derive(Copy, Clone, PartialEq, Eq, Debug)]
pub struct Report<'a> {
    /// Time of the event that ended the second.
    pub time_ns: u64,
    /// What was lost, simulated losses included.
    pub losses: LossCounters,
    /// Whether a loss was made up.
    pub simulated: bool,
    /// What is due.
    pub reaction: Reaction<'a>,
}

impl Report<'_> {
    /// For the log.
    pub fn message(&self) -> String {
        format!("{RULE}. {} system calls dropped in last second.", self.losses.drops)
    }

    /// The alert; `ebpf` if the source is an eBPF probe.
    pub fn alert(&self, ebpf: bool) -> InternalAlert {
        let losses = &self.losses;
        let mut fields = Map::new();
        // COMPAT(falco): numbers as texts
        let mut put = |key: &str, n: u64| fields.insert(key.to_owned(), Json::from(n.to_string()));
        put("ebpf_enabled", u64::from(ebpf));
        put("n_evts", losses.events);
        put("n_drops", losses.drops);
        put("n_drops_buffer_total", losses.buffer);
        for (group, n) in BUFFER_GROUPS.iter().zip(losses.buffer_by_group) {
            put(&format!("n_drops_buffer_{group}_exit"), n);
        }
        put("n_drops_scratch_map", losses.scratch_map);
        put("n_drops_page_faults", losses.page_faults);
        put("n_drops_bug", losses.bug);
        InternalAlert {
            rule: RULE,
            priority: Priority::Debug,
            message: self.message(),
            time_ns: self.time_ns,
            fields,
        }
    }
}

/// Watches a source's losses.
#[derive(Clone, Debug)]
pub struct DropMonitor {
    threshold: f64,
    /// The end of the run last, whatever the order of the configuration: it must not swallow the others.
    actions: Vec<DropAction>,
    simulate: bool,
    bucket: TokenBucket,
    /// Not before the first event.
    due_ns: Option<u64>,
    last: LossCounters,
    occurrences: u64,
    reactions: u64,
}

impl DropMonitor {
    /// At the beginning of a run.
    pub fn new(settings: &Drops) -> Self {
        let mut actions = settings.actions.clone();
        actions.sort_by_key(|action| *action == DropAction::Exit);
        Self {
            // what is made up is meant to have an effect
            threshold: if settings.simulate { 0.0 } else { settings.threshold },
            actions,
            simulate: settings.simulate,
            bucket: TokenBucket::new(settings.rate, settings.max_burst),
            due_ns: None,
            last: LossCounters::default(),
            occurrences: 0,
            reactions: 0,
        }
    }

    /// Nothing happens before an event that is later than this.
    pub fn due_ns(&self) -> u64 {
        self.due_ns.unwrap_or(0)
    }

    /// How often events were lost.
    pub fn occurrences(&self) -> u64 {
        self.occurrences
    }

    /// How often something was due.
    pub fn reactions(&self) -> u64 {
        self.reactions
    }

    /// Looks at the counters if a second of event time has passed.
    pub fn check(&mut self, now_ns: u64, counters: impl FnOnce() -> LossCounters) -> Option<Report<'_>> {
        let due_ns = *self.due_ns.get_or_insert(now_ns.saturating_add(SECOND_NS));
        if now_ns <= due_ns {
            return None;
        }
        self.due_ns = Some(now_ns.saturating_add(SECOND_NS));
        let counters = counters();
        let mut losses = counters.since(&self.last);
        self.last = counters;
        losses.drops += u64::from(self.simulate);
        if losses.drops == 0 {
            return None;
        }
        let simulated = self.simulate;
        let reaction = self.react(now_ns, &losses);
        Some(Report { time_ns: now_ns, losses, simulated, reaction })
    }

    #[expect(clippy::cast_precision_loss, reason = "a share")]
    fn react(&mut self, now_ns: u64, losses: &LossCounters) -> Reaction<'_> {
        // without events, which can only be made up, the share is infinite
        if losses.drops as f64 / losses.events as f64 <= self.threshold {
            return Reaction::BelowThreshold;
        }
        self.occurrences += 1;
        if !self.bucket.claim(now_ns) {
            return Reaction::Depleted;
        }
        self.reactions += 1;
        Reaction::Actions(&self.actions)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn settings(text: &str) -> Drops {
        let text = format!("syscall_event_drops: {text}");
        crate::config::from_text("c", &text, &[] as &[&str], &|_| None).unwrap().config.drops
    }

    /// Feeds `time in ms: events/drops since the start`; says what happens at each.
    fn check(configured: &str, input: &[(u64, u64, u64)], expect: &[&str], counted: (u64, u64)) {
        let mut monitor = DropMonitor::new(&settings(configured));
        let found: Vec<String> = input
            .iter()
            .map(|&(ms, events, drops)| {
                let counters = || LossCounters { events, drops, ..LossCounters::default() };
                let due = monitor.due_ns() < ms * 1_000_000;
                let report = monitor.check(ms * 1_000_000, counters);
                assert!(due || report.is_none(), "nothing before it is due: {ms} ms");
                report.map_or("-".to_owned(), |r| format!("{} {:?}", r.losses.drops, r.reaction))
            })
            .collect();
        assert_eq!(found, expect, "{configured}");
        assert_eq!((monitor.occurrences(), monitor.reactions()), counted, "{configured}");
    }

    #[test]
    fn once_a_second_of_event_time() {
        let alert = "1 Actions([Alert])";
        check(
            "{actions: [alert], max_burst: 9, simulate_drops: true}",
            // the first event only begins; the next second begins with the event that ends one
            &[
                (500, 0, 0),
                (1500, 0, 0),
                (1501, 0, 0),
                (1502, 0, 0),
                (2501, 0, 0),
                (9000, 0, 0),
                (9001, 0, 0),
            ],
            &["-", "-", alert, "-", "-", alert, "-"],
            (2, 2),
        );
    }

    #[test]
    fn the_share_of_lost_events_decides() {
        let configured = "{threshold: 0.1, actions: [log], max_burst: 9}";
        check(
            configured,
            &[(0, 0, 0), (2000, 100, 10), (4000, 200, 21), (6000, 300, 21), (8000, 310, 31)],
            &["-", "10 BelowThreshold", "11 Actions([Log])", "-", "10 Actions([Log])"],
            (2, 2),
        );
        check(
            &configured.replace("0.1", "1"),
            &[(0, 0, 0), (2000, 9, 9)],
            &["-", "9 BelowThreshold"],
            (0, 0),
        );
        check(
            &configured.replace("0.1", "0"),
            &[(0, 0, 0), (2000, 900, 1)],
            &["-", "1 Actions([Log])"],
            (1, 1),
        );
        // when losses are made up the threshold does not count
        check(
            "{threshold: 1, actions: [log], simulate_drops: true}",
            &[(0, 0, 0), (2000, 1000, 0)],
            &["-", "1 Actions([Log])"],
            (1, 1),
        );
    }

    #[test]
    fn the_bucket_has_a_burst_and_a_rate() {
        let (acts, empty) = ("1 Actions([Alert])", "1 Depleted");
        let seconds: Vec<(u64, u64, u64)> = (0..9).map(|n| (n * 2000, 0, 0)).collect();
        let configured = |rate, burst| {
            format!("{{rate: {rate}, max_burst: {burst}, actions: [alert], simulate_drops: true}}")
        };
        for (rate, burst, expect) in [
            ("0", "3", ["-", acts, acts, acts, empty, empty, empty, empty, empty]),
            ("0.25", "1", ["-", acts, empty, acts, empty, acts, empty, acts, empty]),
            ("0.25", "2.5", ["-", acts, acts, acts, acts, empty, acts, empty, acts]),
            ("9", "1", ["-", acts, acts, acts, acts, acts, acts, acts, acts]),
            ("9", "0", ["-", empty, empty, empty, empty, empty, empty, empty, empty]),
        ] {
            let reactions = expect.iter().filter(|e| **e == acts).count() as u64;
            check(&configured(rate, burst), &seconds, &expect, (8, reactions));
        }
    }

    #[test]
    fn to_ignore_is_a_reaction_and_the_end_comes_last() {
        let once = [(0, 0, 0), (2000, 0, 0)];
        check("{actions: [ignore], simulate_drops: true}", &once, &["-", "1 Actions([])"], (1, 1));
        check(
            "{actions: [exit, log, alert], simulate_drops: true}",
            &once,
            &["-", "1 Actions([Log, Alert, Exit])"],
            (1, 1),
        );
    }

    #[test]
    fn time_may_go_back_and_reach_its_end() {
        check(
            "{actions: [log], max_burst: 9, simulate_drops: true}",
            &[(9000, 0, 0), (1, 0, 0), (10_001, 0, 0), (10_000, 0, 0), (u64::MAX / 1_000_000, 0, 0)],
            &["-", "-", "1 Actions([Log])", "-", "1 Actions([Log])"],
            (2, 2),
        );
    }

    #[test]
    fn every_counter_is_told() {
        let counters = LossCounters {
            events: 50,
            drops: 40,
            buffer: 30,
            buffer_by_group: [1, 2, 3, 4, 5, 6, 7, 8],
            scratch_map: 9,
            page_faults: 10,
            bug: 11,
        };
        let mut monitor = DropMonitor::new(&settings("{actions: [alert]}"));
        monitor.check(0, || counters);
        let twice = LossCounters { drops: 80, bug: 12, ..counters };
        let alert = monitor.check(2 * SECOND_NS, || twice).unwrap().alert(true);
        assert_eq!((alert.time_ns, alert.priority), (2 * SECOND_NS, Priority::Debug));
        assert_eq!(
            alert.message,
            "Falco internal: syscall event drop. 80 system calls dropped in last second."
        );
        assert_eq!(
            Json::Object(alert.fields),
            serde_json::json!({
                "ebpf_enabled": "1", "n_evts": "50", "n_drops": "80", "n_drops_buffer_total": "30",
                "n_drops_buffer_clone_fork_exit": "1", "n_drops_buffer_execve_exit": "2",
                "n_drops_buffer_connect_exit": "3", "n_drops_buffer_open_exit": "4",
                "n_drops_buffer_dir_file_exit": "5", "n_drops_buffer_other_interest_exit": "6",
                "n_drops_buffer_close_exit": "7", "n_drops_buffer_proc_exit": "8",
                "n_drops_scratch_map": "9", "n_drops_page_faults": "10", "n_drops_bug": "12",
            })
        );
        // the next second starts from there
        let more = LossCounters { events: 51, drops: 81, ..twice };
        let report = monitor.check(4 * SECOND_NS, || more).unwrap();
        let expect = LossCounters { events: 1, drops: 1, ..LossCounters::default() };
        assert_eq!((report.losses, report.reaction), (expect, Reaction::Depleted));
    }
}
