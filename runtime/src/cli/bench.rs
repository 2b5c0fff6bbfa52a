//! `peregrine bench`: what a ruleset costs on recorded events.
//!
//! ```text
//! peregrine bench --capture FILE -r rules.yaml             events/s, and nanoseconds an event by stage
//! peregrine bench --capture FILE -r rules.yaml --by-rule   what each rule costs alone, and each question
//! ```
//!
//! The capture is inflated first and replayed from memory, a stage more each time: decoding, then state, then
//! matching, then alerts. A stage's cost is the difference to the replay without it. Of several rounds, whose
//! stages take turns, the fastest counts: it is the least disturbed one.
//!
//! JSON is one object:
//!
//! ```text
//! { "capture": text, "events": n, "rules": n, "alerts": n, "load_ms": x, "ready_ms": x,
//!   "events_per_s": n, "ns_per_event": {"decode": x, "state": x, "match": x, "output": x, "total": x},
//!   "evaluation": { counters }, "unindexed": [{"rule": text, "cost": n}], "without_code": text or null,
//!   "by_rule": [{"rule": text, "ns_per_event": x, "matches": n}],
//!   "questions": [{"question": text, "scope": text, "asked": n, "held": n}] }
//! ```
//!
//! Exit codes: 0 done, 1 an error in rules or the capture, 2 wrong usage or a file that cannot be read.

use super::USAGE;
use super::jit::JitMode;
use super::load::{self, Unloadable};
use crate::alert::{Alert, AlertOptions};
use crate::config::RuleMatching;
use crate::engine::{Engine, Jit, Matcher, RuleId, Way};
use crate::fields;
use crate::fields::extract::{Extractors, FieldOptions};
use crate::source::capture::{Capture, ConvertLimits, Converted, Converter, Item};
use crate::state::Limits;
use flate2::read::MultiGzDecoder;
use peregrine_compiler::rulefile::Rule;
use peregrine_compiler::schema::Schema;
use serde_json::{Value as Json, json};
use std::fs;
use std::io::{self, Cursor, Read, Write};
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::{Duration, Instant};

/// Arguments of `peregrine bench`.
#[derive(clap::Args, Debug)]
pub(super) struct Args {
    /// Capture to replay (.scap, plain or gzip)
    #[arg(long, value_name = "FILE")]
    capture: PathBuf,
    /// Rule file, or directory with *.yaml and *.yml files; can be given again, later ones win
    #[arg(short, long, value_name = "FILE|DIR", required = true)]
    rules: Vec<PathBuf>,
    /// How often each stage is measured; the fastest round counts
    #[arg(long, value_name = "N", default_value_t = 5, value_parser = clap::value_parser!(u32).range(1..=1000))]
    rounds: u32,
    /// When rules become native code
    #[arg(long, value_enum, default_value_t)]
    jit: JitMode,
    /// Also what each rule costs alone, and how often each question is asked
    #[arg(long)]
    by_rule: bool,
    /// One JSON object
    #[arg(long)]
    json: bool,
}

/// How far an event goes.
#[derive(Copy, Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
enum Stage {
    Decode,
    State,
    Match,
    Output,
}

const STAGES: [Stage; 4] = [Stage::Decode, Stage::State, Stage::Match, Stage::Output];

/// What is measured.
struct Bench<'b> {
    schema: &'b Schema,
    rules: &'b [Rule],
    extractors: Extractors,
    capture: Arc<[u8]>,
}

/// One replay.
#[derive(Copy, Clone, Debug, Default)]
struct Pass {
    took: Duration,
    events: u64,
    alerts: u64,
}

impl Pass {
    fn ns_per_event(&self) -> f64 {
        self.took.as_secs_f64() * 1e9 / self.events.max(1) as f64
    }
}

impl Bench<'_> {
    fn matcher(&self, enabled: &[bool], jit: Jit) -> Matcher {
        Matcher::evaluated(self.schema, self.rules, enabled, RuleMatching::First, Way::Staged(jit))
    }

    fn pass(&self, stage: Stage, matcher: Option<&mut Matcher>) -> Result<Pass, String> {
        let start = Instant::now();
        let mut capture = Capture::new(Cursor::new(Arc::clone(&self.capture))).map_err(|e| e.to_string())?;
        let mut pass = Pass::default();
        if stage == Stage::Decode {
            let mut converter = Converter::new(ConvertLimits::default());
            while let Some(item) = capture.next_item().map_err(|e| e.to_string())? {
                match item {
                    Item::Section => converter.begin_section(),
                    Item::Event { event, .. } => {
                        pass.events += 1;
                        if let Converted::Event(event) = converter.convert(event) {
                            std::hint::black_box(event.code);
                        }
                    }
                    _ => {}
                }
            }
        } else {
            self.with_state(&mut capture, stage, matcher, &mut pass)?;
        }
        pass.took = start.elapsed();
        Ok(pass)
    }

    fn with_state(
        &self,
        capture: &mut Capture,
        stage: Stage,
        mut matcher: Option<&mut Matcher>,
        pass: &mut Pass,
    ) -> Result<(), String> {
        let mut engine = Engine::new(Limits::default(), FieldOptions::default());
        let options = AlertOptions::default();
        while let Some(item) = capture.next_item().map_err(|e| e.to_string())? {
            let Item::Event { cpu, state_only, event } = item else {
                engine.learn(item);
                continue;
            };
            pass.events += 1;
            let Some(context) = engine.take(event, cpu, state_only) else { continue };
            let Some(matcher) = matcher.as_deref_mut() else { continue };
            matcher.matches(&self.extractors, &context, |RuleId(id)| {
                pass.alerts += 1;
                if stage == Stage::Output
                    && let Some(rule) = self.rules.get(id as usize)
                {
                    let alert = Alert::new(self.schema, &self.extractors, &context, rule, &options);
                    std::hint::black_box(alert.json(&options));
                }
            });
        }
        Ok(())
    }
}

/// Why there is nothing to measure.
enum Refusal {
    Failed(String),
    Usage(String),
}

impl From<Unloadable> for Refusal {
    fn from(why: Unloadable) -> Self {
        match why {
            Unloadable::Rules(text) => Self::Failed(text),
            Unloadable::File(text) => Self::Usage(text),
        }
    }
}

pub(super) fn run(args: &Args, out: &mut dyn Write) -> io::Result<ExitCode> {
    match measure(args) {
        Ok(report) if args.json => writeln!(out, "{report:#}").map(|()| ExitCode::SUCCESS),
        Ok(report) => text(&report, out).map(|()| ExitCode::SUCCESS),
        Err(Refusal::Failed(why)) => {
            let _ = writeln!(io::stderr(), "{}", why.trim_end());
            Ok(ExitCode::FAILURE)
        }
        Err(Refusal::Usage(why)) => {
            let _ = writeln!(io::stderr(), "{}", why.trim_end());
            Ok(ExitCode::from(USAGE))
        }
    }
}

fn measure(args: &Args) -> Result<Json, Refusal> {
    let schema = fields::syscall_schema();
    let start = Instant::now();
    let rules = load::rules(&args.rules, &schema)?;
    let load = start.elapsed();
    let capture = inflated(args)?;
    let bench = Bench { schema: &schema, rules: &rules, extractors: Extractors::new(&schema), capture };
    let enabled: Vec<bool> = rules.iter().map(|r| r.enabled).collect();
    let jit = args.jit.into();
    let start = Instant::now();
    let ready_matcher = bench.matcher(&enabled, jit);
    let ready = start.elapsed();
    let failed = |why: String| Refusal::Failed(format!("{}: {why}", args.capture.display()));
    let mut best: [Pass; STAGES.len()] = Default::default();
    let mut counters = None;
    for _ in 0..args.rounds {
        for (slot, stage) in best.iter_mut().zip(STAGES) {
            let mut matcher = (stage >= Stage::Match).then(|| bench.matcher(&enabled, jit));
            let pass = bench.pass(stage, matcher.as_mut()).map_err(failed)?;
            if slot.events == 0 || pass.took < slot.took {
                *slot = pass;
            }
            counters = matcher.and_then(|m| m.counters()).or(counters);
        }
    }
    let [decode, state, matching, output] = best.map(|p| p.ns_per_event());
    let on = enabled.iter().filter(|on| **on).count();
    let mut report = json!({
        "capture": args.capture.display().to_string(),
        "events": best[0].events,
        "rules": on,
        "alerts": best[3].alerts,
        "load_ms": load.as_secs_f64() * 1e3,
        "ready_ms": (load + ready).as_secs_f64() * 1e3,
        "events_per_s": (1e9 / output.max(1e-3)).round(),
        "ns_per_event": {
            "decode": decode,
            "state": state - decode,
            "match": matching - state,
            "output": output - matching,
            "total": output,
        },
        "unindexed": unindexed(&rules, &ready_matcher),
        "without_code": ready_matcher.without_code,
    });
    if let (Some(object), Some(c)) = (report.as_object_mut(), counters) {
        object.insert("evaluation".to_owned(), evaluation(&c));
    }
    if args.by_rule
        && let Some(object) = report.as_object_mut()
    {
        let by_rule = by_rule(&bench, &enabled, best[1], jit, args.rounds.min(3)).map_err(failed)?;
        object.insert("by_rule".to_owned(), by_rule);
        object.insert("questions".to_owned(), questions(&bench, &enabled).map_err(failed)?);
    }
    Ok(report)
}

fn evaluation(c: &peregrine_compiler::staged::Counters) -> Json {
    json!({
        "by_process": c.by_process,
        "by_fd": c.by_fd,
        "by_event": c.by_event,
        "process_misses": c.process_misses,
        "fd_hits": c.fd_hits,
        "fd_misses": c.fd_misses,
        "states": c.states,
        "overflows": c.overflows,
        "functions": c.functions,
        "code_bytes": c.code_bytes,
        "refused": c.refused,
        "exits": c.exits,
    })
}

/// Rules that no look-up of a literal finds, with what they are expected to cost, the dearest first.
fn unindexed(rules: &[Rule], matcher: &Matcher) -> Json {
    let row = |(RuleId(id), cost): (RuleId, u64)| {
        rules.get(id as usize).map(|r| json!({ "rule": &*r.name, "cost": cost }))
    };
    matcher.unindexed().into_iter().filter_map(row).collect()
}

/// What each rule costs as the only one.
fn by_rule(bench: &Bench<'_>, enabled: &[bool], state: Pass, jit: Jit, rounds: u32) -> Result<Json, String> {
    let mut rows = Vec::new();
    for (at, rule) in bench.rules.iter().enumerate().filter(|(at, _)| enabled.get(*at) == Some(&true)) {
        let alone: Vec<bool> = (0..enabled.len()).map(|i| i == at).collect();
        let mut best: Option<Pass> = None;
        for _ in 0..rounds {
            let pass = bench.pass(Stage::Match, Some(&mut bench.matcher(&alone, jit)))?;
            if best.is_none_or(|b| pass.took < b.took) {
                best = Some(pass);
            }
        }
        let best = best.unwrap_or_default();
        rows.push((best.ns_per_event() - state.ns_per_event(), best.alerts, &rule.name));
    }
    rows.sort_by(|a, b| b.0.total_cmp(&a.0));
    let row = |(ns, matches, rule): (f64, u64, &Arc<str>)| json!({ "rule": &**rule, "ns_per_event": ns, "matches": matches });
    Ok(rows.into_iter().map(row).collect())
}

/// How often each question is asked of events; without native code, which does not count.
fn questions(bench: &Bench<'_>, enabled: &[bool]) -> Result<Json, String> {
    let mut matcher = bench.matcher(enabled, Jit::Off);
    bench.pass(Stage::Match, Some(&mut matcher))?;
    let mut asked = matcher.questions();
    asked.sort_by_key(|q| std::cmp::Reverse(q.asked));
    let row = |q: peregrine_compiler::staged::Question| json!({ "question": q.text, "scope": q.scope, "asked": q.asked, "held": q.held });
    Ok(asked.into_iter().filter(|q| q.asked > 0).map(row).collect())
}

/// The capture's bytes, inflated.
fn inflated(args: &Args) -> Result<Arc<[u8]>, Refusal> {
    let path = args.capture.display();
    let bytes = fs::read(&args.capture)
        .map_err(|e| Refusal::Usage(format!("peregrine: cannot read the capture `{path}`: {e}")))?;
    if !bytes.starts_with(&[0x1f, 0x8b]) {
        return Ok(bytes.into());
    }
    let mut plain = Vec::new();
    match MultiGzDecoder::new(&*bytes).read_to_end(&mut plain) {
        Ok(_) => Ok(plain.into()),
        Err(e) => Err(Refusal::Failed(format!("peregrine: cannot inflate the capture `{path}`: {e}"))),
    }
}

fn text(report: &Json, out: &mut dyn Write) -> io::Result<()> {
    let number = |path: &str| report.pointer(path).and_then(Json::as_f64).unwrap_or(0.0);
    writeln!(
        out,
        "{} events, {} rules, {} alerts; rules read in {:.1} ms, ready in {:.1} ms",
        number("/events"),
        number("/rules"),
        number("/alerts"),
        number("/load_ms"),
        number("/ready_ms")
    )?;
    writeln!(out, "{:.2} million events/s from memory", number("/events_per_s") / 1e6)?;
    for part in ["decode", "state", "match", "output", "total"] {
        writeln!(out, "  {part:<8} {:>8.1} ns/event", number(&format!("/ns_per_event/{part}")))?;
    }
    if let Some(counters) = report["evaluation"].as_object() {
        let shown: Vec<String> =
            counters.iter().map(|(name, n)| format!("{} {n}", name.replace('_', " "))).collect();
        writeln!(out, "evaluation: {}", shown.join(", "))?;
    }
    if let Some(why) = report["without_code"].as_str() {
        writeln!(out, "rules are interpreted: {why}")?;
    }
    let rows = |key: &str| report[key].as_array().map_or(&[][..], Vec::as_slice).iter();
    if rows("unindexed").len() > 0 {
        writeln!(out, "rules without a literal to look up, with their expected cost in loads:")?;
        for row in rows("unindexed") {
            writeln!(out, "  {:>8} {}", row["cost"], row["rule"].as_str().unwrap_or(""))?;
        }
    }
    if rows("by_rule").len() > 0 {
        writeln!(out, "{:>10} {:>9}  rule, alone", "ns/event", "matches")?;
        for row in rows("by_rule") {
            let ns = row["ns_per_event"].as_f64().unwrap_or(0.0);
            writeln!(out, "{ns:>10.2} {:>9}  {}", row["matches"], row["rule"].as_str().unwrap_or(""))?;
        }
    }
    if rows("questions").len() > 0 {
        writeln!(out, "{:>10} {:>10} {:>9}  question", "asked", "held", "scope")?;
        for row in rows("questions") {
            let scope = row["scope"].as_str().unwrap_or("");
            let question = row["question"].as_str().unwrap_or("");
            writeln!(out, "{:>10} {:>10} {scope:>9}  {question}", row["asked"], row["held"])?;
        }
    }
    Ok(())
}
