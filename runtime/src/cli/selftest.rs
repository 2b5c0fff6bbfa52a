//! `peregrine selftest`: whether this machine is really watched.
//!
//! Does a dozen harmless things that the starter rules tell of, in a scratch directory and by child processes of
//! its own, and says for each whether it was seen, whether there was an alert, and how long that took. Only the
//! program's own children are recorded. Exit codes: 0 all were alerted, 1 one was missed, 2 this machine cannot be
//! watched.

use super::USAGE;
use crate::config::{BaseSyscalls, RuleMatching};
use crate::engine::{Engine, Matcher, RuleId, Way};
use crate::fields;
use crate::fields::extract::{Extractors, FieldOptions};
use crate::rules::{STARTER, STARTER_NAME};
use crate::source::live::{Live, interest};
use crate::state::Limits;
use peregrine_compiler::rulefile::{Loader, Options, Rule};
use peregrine_probe::{Filter, ProbeError};
use serde_json::json;
use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode, Stdio};
use std::time::{Duration, Instant};

/// How long an alert may take.
const PATIENCE: Duration = Duration::from_secs(3);

/// Arguments of `peregrine selftest`.
#[derive(clap::Args, Debug)]
pub(super) struct Args {
    /// One JSON object
    #[arg(long)]
    json: bool,
}

/// What is done, in a shell whose directory is the scratch directory, and the rule that tells of it.
const DEEDS: [(&str, &str); 13] = [
    ("Program started from shared memory", "cp /bin/true \"$SHM/selftest\"; \"$SHM/selftest\""),
    ("Start file of a shell written", "echo : > .bashrc"),
    ("Keys for logins written", "echo none > authorized_keys"),
    ("Program may run with its owner's rights", ": > tool; chmod u+s tool"),
    ("Log or history emptied", ": > .bash_history"),
    ("Log or history removed", ": > .zsh_history; rm .zsh_history"),
    ("Reverse shell on a command line", "sh -c ': /dev/tcp/192.0.2.1/9'"),
    ("Miner started", "cp /bin/true xmrig; ./xmrig"),
    ("Exploit pattern for sudo or pkexec", "cp /bin/true sudoedit; ./sudoedit -s '\\'"),
    ("Passwords read", "cat /etc/shadow > /dev/null"),
    ("Passwords linked", "ln -s /etc/shadow passwords"),
    ("Private key or cloud credentials read", ": > id_rsa; cat id_rsa"),
    ("Search for credentials", "grep -r id_rsa . > /dev/null || :"),
];

/// What became of a deed.
#[derive(Clone, Debug, Default)]
struct Outcome {
    events: u64,
    alert_after: Option<Duration>,
}

/// A directory that goes away.
struct Scratch(PathBuf);

impl Scratch {
    fn new(parent: &Path) -> io::Result<Self> {
        let path = parent.join(format!("peregrine-selftest-{}", std::process::id()));
        fs::create_dir_all(&path)?;
        Ok(Self(path))
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

/// Does what is to be seen and tells what was.
pub(super) fn run(args: &Args, out: &mut dyn Write) -> io::Result<ExitCode> {
    match test(args, out) {
        Ok(code) => Ok(code),
        Err(Broken::Output(error)) => Err(error),
        Err(error) => {
            let _ = writeln!(io::stderr(), "peregrine: {error}");
            Ok(ExitCode::from(USAGE))
        }
    }
}

#[derive(Debug, thiserror::Error)]
enum Broken {
    #[error(transparent)]
    Probe(#[from] ProbeError),
    #[error("the starter rules cannot be loaded")]
    Rules,
    #[error("a scratch directory or a command cannot be made: {0}")]
    Scratch(io::Error),
    #[error(transparent)]
    Output(io::Error),
}

fn starter(schema: &peregrine_compiler::schema::Schema) -> Option<Vec<Rule>> {
    let mut loader = Loader::new(Options::new(vec![schema]));
    loader.load(STARTER_NAME, STARTER.into()).successful().then_some(())?;
    loader.into_rules()
}

fn test(args: &Args, out: &mut dyn Write) -> Result<ExitCode, Broken> {
    let schema = fields::syscall_schema();
    let rules = starter(&schema).ok_or(Broken::Rules)?;
    let enabled: Vec<bool> = rules.iter().map(|r| r.enabled).collect();
    let mut matcher = Matcher::evaluated(&schema, &rules, &enabled, RuleMatching::All, Way::default());
    let extractors = Extractors::new(&schema);
    let interest = interest::of_rules(&rules, &enabled, &BaseSyscalls::default());
    let mut options = peregrine_probe::Options::new(Filter::Tree(std::process::id()), interest);
    options.ring_bytes = 1 << 20;
    let mut live = Live::start(&options)?;
    let mut engine = Engine::new(Limits::default(), FieldOptions::default());
    live.introduce(&mut engine, |_| {});
    let scratch = Scratch::new(&std::env::temp_dir()).map_err(Broken::Scratch)?;
    let memory = Scratch::new(Path::new("/dev/shm")).map_err(Broken::Scratch)?;
    let mut outcomes = Vec::new();
    for (rule, deed) in DEEDS {
        let wanted = rules.iter().position(|r| &*r.name == rule).ok_or(Broken::Rules)?;
        let mut child = Command::new("/bin/sh")
            .args(["-c", deed])
            .current_dir(&scratch.0)
            .env("SHM", &memory.0)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .map_err(Broken::Scratch)?;
        let (start, mut outcome) = (Instant::now(), Outcome::default());
        while outcome.alert_after.is_none() && start.elapsed() < PATIENCE {
            let mut alerted_ns = None;
            let count = live.drain(|captured| {
                outcome.events += 1;
                let Some(context) = engine.take(captured.event, captured.cpu, captured.state_only) else {
                    return;
                };
                matcher.matches(&extractors, &context, |RuleId(id)| {
                    if id as usize == wanted {
                        alerted_ns.get_or_insert(captured.event.ts_ns);
                    }
                });
            })?;
            if let Some(event_ns) = alerted_ns {
                outcome.alert_after = Some(Duration::from_nanos(live.now_ns()?.saturating_sub(event_ns)));
            }
            if count == 0 {
                std::thread::sleep(live.pause());
            }
        }
        let _ = child.wait();
        outcomes.push((rule, outcome));
    }
    report(args, &outcomes, &live, out)
}

fn report(
    args: &Args,
    outcomes: &[(&str, Outcome)],
    live: &Live,
    out: &mut dyn Write,
) -> Result<ExitCode, Broken> {
    let lost = live.ledger()?.total().missing();
    let missed = outcomes.iter().filter(|(_, o)| o.alert_after.is_none()).count();
    let ms = |o: &Outcome| o.alert_after.map(|after| after.as_secs_f64() * 1e3);
    let written = if args.json {
        let row = |(rule, o): &(&str, Outcome)| json!({"rule": rule, "seen": o.events > 0, "alerted": o.alert_after.is_some(), "latency_ms": ms(o)});
        let rows: Vec<_> = outcomes.iter().map(row).collect();
        writeln!(out, "{}", json!({"tests": rows, "missed": missed, "lost_events": lost}))
    } else {
        let yes = |is: bool| if is { "yes" } else { "NO" };
        let mut lines = vec![format!("{:<44} {:<5} {:<8} latency", "what was done", "seen", "alerted")];
        for (rule, o) in outcomes {
            let latency = ms(o).map_or(String::new(), |ms| format!("{ms:.1} ms"));
            let (seen, alerted) = (yes(o.events > 0), yes(o.alert_after.is_some()));
            lines.push(format!("{rule:<44} {seen:<5} {alerted:<8} {latency}"));
        }
        let all = outcomes.len();
        lines.push(format!("{} of {all} alerted, {lost} events lost", all - missed));
        writeln!(out, "{}", lines.join("\n"))
    };
    written.map_err(Broken::Output)?;
    Ok(if missed == 0 && lost == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}
