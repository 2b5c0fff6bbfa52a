//! What watching costs the programs that are watched, as ratios in one run:
//!
//! ```text
//! cargo build --release && cargo run --release --example live_overhead -- target/release/peregrine [-r RULES]...
//! ```
//!
//! Needs root. Only this program's children are recorded. Each workload runs without anything attached and with
//! `peregrine run`, in turns; a figure is the median over rounds of the best slice of each. `open` opens and closes
//! a file, `paced` does so 25 times a millisecond (what matters is the column `cpu`), `getppid` is a call that no
//! rule looks at, `exec` starts a program and waits, `cc` compiles a file.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    reason = "a failure ends the program"
)]

use serde_json::Value as Json;
use std::fs::{self, File};
use std::hint::black_box;
use std::io::{BufRead, BufReader, Read};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStderr, Command, Stdio};
use std::time::{Duration, Instant};

const ROUNDS: usize = 5;
const SECONDS: f64 = 0.8;
/// Name, how often in a slice, processes at once.
const WORKLOADS: [(&str, u32, usize); 6] = [
    ("open", 200, 1),
    ("open", 200, 2),
    ("paced", 100, 1),
    ("getppid", 2000, 1),
    ("exec", 4, 1),
    ("cc", 1, 1),
];

/// Best slice and mean, nanoseconds for one; and how many in all.
#[derive(Copy, Clone, Default, Debug)]
struct Time {
    best: f64,
    mean: f64,
    count: u64,
}

fn once(workload: &str) {
    match workload {
        "open" => drop(black_box(File::open("/etc/hostname").unwrap())),
        "paced" => {
            let begin = Instant::now();
            (0..25).for_each(|_| once("open"));
            std::thread::sleep(Duration::from_millis(1).saturating_sub(begin.elapsed()));
        }
        "getppid" => drop(black_box(std::os::unix::process::parent_id())),
        "exec" => assert!(Command::new("/bin/true").status().unwrap().success()),
        _ => {
            let done = Command::new("cc").args(["-O1", "-c", "-o", "/dev/null", "-x", "c", SOURCE]).status();
            assert!(done.unwrap().success());
        }
    }
}

const SOURCE: &str = "/tmp/peregrine-live-overhead.c";

fn run(workload: &str, slice: u32) -> Time {
    let (start, mut time) = (Instant::now(), Time { best: f64::MAX, ..Time::default() });
    while start.elapsed().as_secs_f64() < SECONDS {
        let begin = Instant::now();
        (0..slice).for_each(|_| once(workload));
        time.best = time.best.min(begin.elapsed().as_secs_f64() * 1e9 / f64::from(slice));
        time.count += u64::from(slice);
    }
    time.mean = start.elapsed().as_secs_f64() * 1e9 / time.count as f64;
    time
}

/// In as many processes as are asked for; the mean of all.
fn in_processes(workload: &str, slice: u32, processes: usize) -> Time {
    if processes == 1 {
        return run(workload, slice);
    }
    let own = std::env::current_exe().unwrap();
    let start = |_| Command::new(&own).args(["--child", workload]).stdout(Stdio::piped()).spawn().unwrap();
    let children: Vec<Child> = (0..processes).map(start).collect();
    let times: Vec<Vec<f64>> = children
        .into_iter()
        .map(|child| {
            let output = child.wait_with_output().unwrap();
            let text = String::from_utf8(output.stdout).unwrap();
            text.split_whitespace().map(|n| n.parse().unwrap()).collect()
        })
        .collect();
    let mean = |i: usize| times.iter().map(|t| t[i]).sum::<f64>() / times.len() as f64;
    Time { best: mean(0), mean: mean(1), count: times.iter().map(|t| t[2]).sum::<f64>() as u64 }
}

/// User and system time of a process.
fn processor_seconds(pid: u32) -> f64 {
    const TICKS_A_SECOND: f64 = 100.0;
    let stat = fs::read_to_string(format!("/proc/{pid}/stat")).unwrap();
    let fields: Vec<&str> = stat.rsplit_once(") ").unwrap().1.split_whitespace().collect();
    [11, 12].iter().map(|&i| fields[i].parse::<f64>().unwrap()).sum::<f64>() / TICKS_A_SECOND
}

/// A control group of this process, so that the kernel tells its processes apart as cheaply as on a node where all
/// are recorded; without one they are told apart by a table of processes.
struct Group(Option<PathBuf>);

impl Group {
    fn new() -> Self {
        let mounts = fs::read_to_string("/proc/mounts").unwrap();
        let mount = mounts.lines().map(|l| l.split(' ').collect::<Vec<_>>()).find(|w| w[2] == "cgroup2");
        let dir = mount.map(|w| Path::new(w[1]).join(format!("peregrine-bench-{}", std::process::id())));
        let joined = dir.filter(|dir| {
            fs::create_dir(dir).is_ok()
                && fs::write(dir.join("cgroup.procs"), std::process::id().to_string()).is_ok()
        });
        Self(joined)
    }
}

impl Drop for Group {
    fn drop(&mut self) {
        if let Some(dir) = &self.0 {
            let _ = fs::write(dir.with_file_name("cgroup.procs"), std::process::id().to_string());
            let _ = fs::remove_dir(dir);
        }
    }
}

/// `peregrine run`, watching this process's children and this process.
struct Watcher {
    child: Child,
    error: BufReader<ChildStderr>,
    /// What it had taken when it was ready.
    begin: f64,
}

impl Watcher {
    fn start(program: &str, rules: &[String], group: &Group) -> Self {
        let pid = std::process::id().to_string();
        let mut command = Command::new(program);
        command.args(["run", "--summary", "--json"]).args(rules);
        match &group.0 {
            Some(dir) => command.arg("--cgroup").arg(dir),
            None => command.args(["--pid", &pid]),
        };
        let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        let mut error = BufReader::new(child.stderr.take().unwrap());
        let watches = (&mut error).lines().map_while(Result::ok).any(|l| l.starts_with("watching"));
        assert!(watches, "peregrine run did not come up");
        let begin = processor_seconds(child.id());
        Self { child, error, begin }
    }

    /// Events, lost ones, and the share of a processor that it took.
    fn stop(mut self, seconds: f64) -> (u64, u64, f64) {
        let took = processor_seconds(self.child.id()) - self.begin;
        Command::new("kill").args(["-s", "TERM", &self.child.id().to_string()]).status().unwrap();
        let mut text = String::new();
        self.child.stdout.as_mut().unwrap().read_to_string(&mut text).unwrap();
        let _ = (self.child.wait(), self.error.read_to_string(&mut String::new()));
        let summary: Json = serde_json::from_str(&text).unwrap();
        let lost =
            ["ring_full", "nested"].map(|why| summary["losses"][why].as_u64().unwrap_or(0)).iter().sum();
        (summary["events"].as_u64().unwrap(), lost, took / seconds)
    }
}

fn median(mut all: Vec<f64>) -> f64 {
    all.sort_by(f64::total_cmp);
    all[all.len() / 2]
}

fn main() {
    let args: Vec<String> = std::env::args().skip(1).collect();
    if let [flag, workload] = args.as_slice()
        && flag == "--child"
    {
        let time = run(workload, 200);
        println!("{} {} {}", time.best, time.mean, time.count);
        return;
    }
    let Some((program, rules)) = args.split_first() else {
        eprintln!("usage: live_overhead PEREGRINE [-r RULES]...");
        return;
    };
    let group = Group::new();
    let body = (0..300).map(|i| format!("int f{i}(int x) {{ return x * {i} + (x >> {}); }}\n", i % 7));
    fs::write(SOURCE, body.collect::<String>()).unwrap();
    println!(
        "workload   processes   off ns (mean)      on ns (mean)   ratio (mean)   events/s      lost   cpu"
    );
    for (workload, slice, processes) in WORKLOADS {
        let (mut off, mut on) = (Vec::new(), Vec::new());
        let (mut events, mut lost, mut share, mut seconds) = (0, 0, Vec::new(), 0.0);
        for _ in 0..ROUNDS {
            off.push(in_processes(workload, slice, processes));
            let watcher = Watcher::start(program, rules, &group);
            let start = Instant::now();
            on.push(in_processes(workload, slice, processes));
            let took = start.elapsed();
            std::thread::sleep(Duration::from_millis(50));
            let (some, missing, cpu) = watcher.stop(took.as_secs_f64());
            (events, lost, seconds) = (events + some, lost + missing, seconds + took.as_secs_f64());
            share.push(cpu);
        }
        let of = |all: &[Time], get: fn(&Time) -> f64| median(all.iter().map(get).collect());
        let ratio =
            |get: fn(&Time) -> f64| median(off.iter().zip(&on).map(|(off, on)| get(off) / get(on)).collect());
        println!(
            "{workload:<10} {processes:>9} {:>8.0} ({:>7.0}) {:>8.0} ({:>7.0})  {:.2} ({:.2}) {:>12.0} {lost:>9} {:>5.2}",
            of(&off, |t| t.best),
            of(&off, |t| t.mean),
            of(&on, |t| t.best),
            of(&on, |t| t.mean),
            ratio(|t| t.best),
            ratio(|t| t.mean),
            events as f64 / seconds,
            median(share),
        );
    }
    let _ = fs::remove_file(SOURCE);
}
