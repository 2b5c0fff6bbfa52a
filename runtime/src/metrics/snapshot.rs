//! The fields of a snapshot.

use super::usage::{Usage, tenths};
use crate::config::Metrics;
use crate::engine::Summary;
use crate::engine::drops::{BUFFER_GROUPS, LossCounters};
use crate::state::{FdTable, State};
use serde_json::{Map, Value as Json};
use std::time::{Duration, Instant};

/// What does not change in a run.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Facts {
    /// Of the program.
    pub version: String,
    /// Start of the program, nanoseconds since 1970.
    pub start_ns: u64,
    /// When the configuration was read.
    pub reload_ns: u64,
    /// Release of the kernel.
    pub kernel_release: String,
    /// Source of events that rules name.
    pub source: String,
    /// What delivers events, unless it is a capture.
    pub engine: Option<&'static str>,
    /// File names and digests of the loaded rules.
    pub rules_files: Vec<(String, String)>,
    /// File names and digests of the configuration.
    pub config_files: Vec<(String, String)>,
}

/// What is measured at a snapshot.
#[derive(Copy, Clone, Debug)]
pub struct Sample<'a> {
    /// Time of the clock, nanoseconds since 1970.
    pub now_ns: u64,
    /// Events and alerts so far.
    pub summary: &'a Summary,
    /// Threads, descriptors, the machine.
    pub state: &'a State,
    /// What the kernel counted, unless events come from a capture.
    pub kernel: Option<LossCounters>,
    /// What is used.
    pub usage: Option<Usage>,
    /// Alerts that did not get into the queue of outputs.
    pub queue_drops: u64,
}

/// Takes snapshots.
#[derive(Debug)]
pub struct Sampler {
    settings: Metrics,
    facts: Facts,
    begun: Instant,
    taken: u64,
    /// Intervals that are over.
    intervals: u128,
    last: Option<Last>,
}

/// Of the snapshot before.
#[derive(Copy, Clone, Debug)]
struct Last {
    now_ns: u64,
    events: u64,
    kernel: LossCounters,
}

impl Sampler {
    /// Begins the first interval.
    pub fn new(settings: Metrics, facts: Facts, now: Instant) -> Self {
        Self { settings, facts, begun: now, taken: 0, intervals: 0, last: None }
    }

    /// Whether the first snapshot is due, or an interval has ended since the last call. An interval of zero
    /// does not end.
    pub fn due(&mut self, now: Instant) -> bool {
        let interval = self.settings.interval.as_nanos();
        let over = now.saturating_duration_since(self.begun).as_nanos().checked_div(interval).unwrap_or(0);
        let due = self.taken == 0 || over > self.intervals;
        self.intervals = over;
        due
    }

    /// Whether a snapshot has what is used.
    pub fn wants_usage(&self) -> bool {
        self.settings.resource_utilization
    }

    /// Snapshots so far.
    pub fn taken(&self) -> u64 {
        self.taken
    }

    /// The fields of a snapshot.
    pub fn take(&mut self, sample: &Sample<'_>) -> Map<String, Json> {
        let seconds = self.last.map_or(0.0, |last| seconds_between(last.now_ns, sample.now_ns));
        let mut fields = Fields { map: Map::new(), with_empty: self.settings.include_empty_values };
        self.general(&mut fields, sample, seconds);
        if self.settings.rules_counters {
            Self::rules(&mut fields, sample.summary);
        }
        if let Some(usage) = sample.usage.filter(|_| self.settings.resource_utilization) {
            resources(&mut fields, &usage, self.settings.convert_memory_to_mb);
        }
        if self.settings.state_counters {
            state_counters(&mut fields, sample.state);
        }
        let kernel = sample.kernel.filter(|_| self.settings.kernel_event_counters);
        let before = self.last.map(|last| last.kernel).unwrap_or_default();
        let added = kernel.unwrap_or(before).since(&before);
        if let Some(kernel) = &kernel {
            kernel_counters(&mut fields, kernel, &before, seconds);
        }
        fields.put("scap.n_drops_perc", percent(added.drops, added.events));
        self.taken += 1;
        self.last = Some(Last {
            now_ns: sample.now_ns,
            events: sample.summary.offered,
            kernel: kernel.unwrap_or(before),
        });
        fields.map
    }

    /// What is always there.
    fn general(&self, fields: &mut Fields, sample: &Sample<'_>, seconds: f64) {
        let facts = &self.facts;
        let machine = &sample.state.machine;
        fields.put("evt.time", sample.now_ns);
        fields.put("evt.hostname", machine.hostname.as_str());
        fields.put("evt.source", facts.source.as_str());
        fields.put("falco.version", facts.version.as_str());
        fields.put("falco.start_ts", facts.start_ns);
        fields.put("falco.reload_ts", facts.reload_ns);
        let duration = Duration::from_nanos(sample.now_ns.saturating_sub(facts.start_ns));
        fields.put("falco.duration_sec", duration.as_secs());
        fields.put("falco.kernel_release", facts.kernel_release.as_str());
        fields.put("falco.host_boot_ts", machine.boot_ns);
        fields.put("falco.host_num_cpus", machine.cpus);
        fields.put("falco.outputs_queue_num_drops", sample.queue_drops);
        for (kind, files) in [("rules", &facts.rules_files), ("config", &facts.config_files)] {
            for (file, digest) in files {
                fields.put(&format!("falco.sha256_{kind}_file.{}", metric_name(file)), digest.as_str());
            }
        }
        for (interface, protocol, addresses) in sample.state.interfaces.by_name() {
            let key = format!("falco.host_netinfo.interfaces.{interface}.protocols.{protocol}.addresses");
            fields.put(&key, addresses);
        }
        if let Some(engine) = facts.engine {
            fields.put("scap.engine_name", engine);
        }
        let before = self.last.map_or(0, |last| last.events);
        let events = sample.summary.offered;
        if before > 0 && seconds > 0.0 {
            fields.put("falco.evts_rate_sec", rate(events - before.min(events), seconds));
        }
        fields.put("falco.num_evts", events);
        fields.put("falco.num_evts_prev", before);
    }

    fn rules(fields: &mut Fields, summary: &Summary) {
        fields.put("falco.rules.matches_total", summary.by_rule.iter().sum::<u64>());
        for (rule, count) in summary.rules.iter().zip(&summary.by_rule) {
            fields.count(&format!("falco.rules.{}", metric_name(rule)), *count);
        }
    }
}

fn resources(fields: &mut Fields, usage: &Usage, in_mb: bool) {
    fields.share("falco.cpu_usage_perc", usage.cpu_percent);
    for (name, unit, amount) in [
        ("memory_rss", "kb", usage.rss_kb),
        ("memory_vsz", "kb", usage.vsz_kb),
        ("memory_pss", "kb", usage.pss_kb),
        ("container_memory_used", "bytes", usage.cgroup_bytes),
        ("host_memory_used", "kb", usage.host_memory_kb),
    ] {
        if in_mb {
            fields.share(&format!("falco.{name}_mb"), megabytes(amount, unit == "bytes"));
        } else {
            fields.count(&format!("falco.{name}_{unit}"), amount);
        }
    }
    fields.share("falco.host_cpu_usage_perc", usage.host_cpu_percent);
    fields.count("falco.host_procs_running", usage.host_procs_running);
    fields.count("falco.host_open_fds", usage.host_open_fds);
}

fn state_counters(fields: &mut Fields, state: &State) {
    let threads = &state.threads;
    // COMPAT(falco): descriptors that threads share count for each of them
    let fds: usize = threads.iter().filter_map(|t| threads.fds_of(t)).map(FdTable::len).sum();
    fields.count("falco.n_threads", threads.len() as u64);
    fields.count("falco.n_fds", fds as u64);
    fields.count("falco.n_drops_full_threadtable", state.counters().threads_refused);
}

fn kernel_counters(fields: &mut Fields, now: &LossCounters, before: &LossCounters, seconds: f64) {
    let added = now.since(before);
    let per_second = |n| if seconds > 0.0 { rate(n, seconds) } else { 0.0 };
    fields.put("scap.n_evts", now.events);
    fields.put("scap.n_evts_prev", before.events);
    fields.put("scap.evts_rate_sec", per_second(added.events));
    fields.put("scap.n_drops", now.drops);
    fields.put("scap.n_drops_prev", before.drops);
    fields.put("scap.evts_drop_rate_sec", per_second(added.drops));
    fields.count("scap.n_drops_buffer_total", now.buffer);
    for (group, n) in BUFFER_GROUPS.iter().zip(now.buffer_by_group) {
        fields.count(&format!("scap.n_drops_buffer_{group}_exit"), n);
    }
    fields.count("scap.n_drops_scratch_map", now.scratch_map);
    fields.count("scap.n_drops_page_faults", now.page_faults);
    fields.count("scap.n_drops_bug", now.bug);
}

/// Fields, with or without those that are zero.
struct Fields {
    map: Map<String, Json>,
    with_empty: bool,
}

impl Fields {
    fn put(&mut self, key: &str, value: impl Into<Json>) {
        self.map.insert(key.to_owned(), value.into());
    }

    fn count(&mut self, key: &str, value: u64) {
        if value != 0 || self.with_empty {
            self.put(key, value);
        }
    }

    fn share(&mut self, key: &str, value: f64) {
        if value != 0.0 || self.with_empty {
            self.put(key, value);
        }
    }
}

/// A name as part of a metric's: letters, digits and colons stay, everything between becomes one underscore.
pub fn metric_name(name: &str) -> String {
    let mut out = String::with_capacity(name.len());
    for c in name.chars() {
        if c.is_ascii_alphanumeric() || c == ':' {
            out.push(c);
        } else if !out.ends_with('_') {
            out.push('_');
        }
    }
    if out.ends_with('_') {
        out.pop();
    }
    out
}

#[expect(clippy::cast_precision_loss, reason = "rounded to one decimal")]
fn megabytes(amount: u64, bytes: bool) -> f64 {
    tenths(amount as f64 / if bytes { 1_048_576.0 } else { 1024.0 })
}

#[expect(clippy::cast_precision_loss, reason = "rounded to one decimal")]
fn rate(count: u64, seconds: f64) -> f64 {
    tenths(count as f64 / seconds)
}

#[expect(clippy::cast_precision_loss, reason = "a share")]
fn percent(part: u64, whole: u64) -> f64 {
    if whole == 0 { 0.0 } else { 100.0 * part as f64 / whole as f64 }
}

#[expect(clippy::cast_precision_loss, reason = "a difference, not a date")]
fn seconds_between(earlier_ns: u64, later_ns: u64) -> f64 {
    later_ns.saturating_sub(earlier_ns) as f64 / 1e9
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::state::Limits;
    use serde_json::json;

    const SECOND_NS: u64 = 1_000_000_000;

    fn settings(text: &str) -> Metrics {
        let text = format!("metrics: {{enabled: true, {text}}}");
        crate::config::from_text("c", &text, &[] as &[&str], &|_| None).unwrap().config.metrics
    }

    fn sampler(text: &str) -> Sampler {
        let facts = Facts {
            version: "1".to_owned(),
            start_ns: 5 * SECOND_NS,
            rules_files: vec![("my rules.yaml".to_owned(), "ab".to_owned())],
            engine: Some("modern_bpf"),
            source: "syscall".to_owned(),
            ..Facts::default()
        };
        Sampler::new(settings(text), facts, Instant::now())
    }

    fn take(sampler: &mut Sampler, seconds: u64, events: u64, kernel: Option<(u64, u64)>) -> Json {
        let summary = Summary {
            offered: events,
            rules: ["A shell".into(), "B".into()].into(),
            by_rule: vec![events / 2, 0],
            ..Summary::default()
        };
        let counters = |(events, drops)| LossCounters { events, drops, ..LossCounters::default() };
        let usage = Usage { rss_kb: 1536, cgroup_bytes: 3 << 20, cpu_percent: 1.5, ..Usage::default() };
        let sample = Sample {
            now_ns: seconds * SECOND_NS,
            summary: &summary,
            state: &State::new(Limits::default()),
            kernel: kernel.map(counters),
            usage: Some(usage),
            queue_drops: 0,
        };
        Json::Object(sampler.take(&sample))
    }

    #[track_caller]
    fn has(fields: &Json, expect: &Json) {
        for (key, value) in expect.as_object().unwrap() {
            // null: the field is not there
            assert_eq!(fields.get(key).unwrap_or(&Json::Null), value, "{key} in {fields}");
        }
    }

    #[test]
    fn a_snapshot_at_once_and_at_the_end_of_each_interval() {
        let times_ms = [0, 1, 199, 200, 201, 750, 799, 800];
        // without an interval the first is the only one
        for (configured, expect) in
            [("interval: 200ms", &[0, 200, 750, 800][..]), ("output_rule: true", &[0])]
        {
            let mut sampler = sampler(configured);
            for ms in times_ms {
                let due = expect.contains(&ms);
                let now = sampler.begun + Duration::from_millis(ms);
                assert_eq!(sampler.due(now), due, "{configured} {ms}");
                if due {
                    take(&mut sampler, 9, 0, None);
                }
            }
        }
    }

    #[test]
    fn what_changed_since_the_snapshot_before() {
        let mut sampler = sampler("kernel_event_counters_enabled: true");
        let first = take(&mut sampler, 10, 100, Some((1000, 0)));
        has(
            &first,
            &json!({
                "evt.time": 10 * SECOND_NS, "evt.source": "syscall", "falco.duration_sec": 5, "scap.engine_name": "modern_bpf",
                "falco.num_evts": 100, "falco.num_evts_prev": 0, "falco.evts_rate_sec": null,
                "falco.sha256_rules_file.my_rules_yaml": "ab",
                "falco.rules.matches_total": 50, "falco.rules.A_shell": 50, "falco.rules.B": null,
                "scap.n_evts": 1000, "scap.n_evts_prev": 0, "scap.evts_rate_sec": 0.0,
                "scap.n_drops": 0, "scap.n_drops_prev": 0, "scap.evts_drop_rate_sec": 0.0, "scap.n_drops_perc": 0.0,
            }),
        );
        let second = take(&mut sampler, 14, 130, Some((1400, 100)));
        has(
            &second,
            &json!({
                "falco.duration_sec": 9, "falco.num_evts": 130, "falco.num_evts_prev": 100, "falco.evts_rate_sec": 7.5,
                "scap.n_evts": 1400, "scap.n_evts_prev": 1000, "scap.evts_rate_sec": 100.0,
                "scap.n_drops": 100, "scap.n_drops_prev": 0, "scap.evts_drop_rate_sec": 25.0, "scap.n_drops_perc": 25.0,
            }),
        );
        assert_eq!(sampler.taken(), 2);
        // a clock that was set back
        has(
            &take(&mut sampler, 1, 131, Some((1400, 100))),
            &json!({"falco.duration_sec": 0, "falco.evts_rate_sec": null}),
        );
    }

    #[test]
    fn options_choose_fields() {
        let all = "include_empty_values: true, convert_memory_to_mb: true";
        for (text, expect) in [
            (
                "interval: 1s",
                json!({"falco.memory_rss_mb": 1.5, "falco.container_memory_used_mb": 3.0,
                "falco.cpu_usage_perc": 1.5, "falco.memory_pss_mb": null, "falco.n_threads": null,
                "falco.host_procs_running": null, "scap.n_evts": null, "scap.n_drops_perc": 0.0}),
            ),
            (
                all,
                json!({"falco.memory_pss_mb": 0.0, "falco.n_threads": 0, "falco.n_fds": 0, "falco.rules.B": 0,
                "falco.n_drops_full_threadtable": 0, "falco.host_open_fds": 0, "falco.host_cpu_usage_perc": 0.0}),
            ),
            (
                "convert_memory_to_mb: false",
                json!({"falco.memory_rss_kb": 1536,
                "falco.container_memory_used_bytes": 3 << 20, "falco.memory_rss_mb": null}),
            ),
            (
                &format!("{all}, resource_utilization_enabled: false"),
                json!({"falco.cpu_usage_perc": null,
                "falco.memory_rss_mb": null, "falco.n_threads": 0}),
            ),
            (
                &format!("{all}, state_counters_enabled: false"),
                json!({"falco.n_threads": null, "falco.rules.B": 0}),
            ),
            (
                &format!("{all}, rules_counters_enabled: false"),
                json!({"falco.rules.B": null,
                "falco.rules.matches_total": null, "falco.n_threads": 0}),
            ),
        ] {
            has(&take(&mut sampler(text), 10, 0, None), &expect);
        }
        let mut sampler = sampler(&format!("{all}, kernel_event_counters_enabled: false"));
        has(
            &take(&mut sampler, 10, 0, Some((5, 5))),
            &json!({"scap.n_evts": null, "scap.n_drops_perc": 0.0}),
        );
    }

    #[test]
    fn names_of_metrics() {
        for (name, expect) in [
            ("A shell", "A_shell"),
            ("Testing rule   2 (CVE-2023-1234)", "Testing_rule_2_CVE_2023_1234"),
            ("rule:_a__b", "rule:_a_b"),
            ("falco_rules.yaml", "falco_rules_yaml"),
            ("(x)", "_x"),
            ("ä", ""),
            ("", ""),
        ] {
            assert_eq!(metric_name(name), expect);
        }
    }
}
