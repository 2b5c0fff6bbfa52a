//! Small sequences of events, and the values of fields after each of them.
//!
//! Each `state/*.case` is a list of lines:
//!
//! ```text
//! limit threads=3 fds=2 users=1      # bounds; first, if at all
//! thread 100 ptid=1 comm=sh          # a thread that is there before the first event
//! fd 100 3 file /etc/passwd          # a descriptor of it: its kind and name, or its ends
//! interface 10.0.0.1
//! user 1000 alice
//! 100 openat fd=3 dirfd=-100 name=a  # an event of thread 100; `>openat` is its enter event
//!     fd.name /a                     # the value of a field after the event; `-`: none; `""`: the empty text
//!     counter fds_refused 1
//! wait 3                             # seconds
//! ```
//!
//! Parameters have the names of the event table. Those that are not given are 0 or a null pointer; `tid`,
//! `pid`, `vtid` and `vpid` are the event's thread. Flags are numbers or names; `\s` is a blank, `\0` a NUL.
#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests panic")]

use peregrine_compiler::hir::field::resolve_field;
use peregrine_compiler::schema::{Schema, Type};
use peregrine_runtime::alert::render;
use peregrine_runtime::engine::Engine;
use peregrine_runtime::event::build::EventBuilder;
use peregrine_runtime::event::{Direction, EVENTS, EventInfo, Extra, ParamInfo};
use peregrine_runtime::fields::extract::{Clock, Extractors, FieldOptions};
use peregrine_runtime::fields::syscall_schema;
use peregrine_runtime::source::capture::{FdDetail, FdEntry, Interface, Process, UserOrGroup};
use peregrine_runtime::state::Limits;
use std::collections::HashMap;
use std::fs;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::path::Path;

const START_NS: u64 = 1_600_000_000_000_000_000;
const STEP_NS: u64 = 1_000_000;
const SECOND_NS: u64 = 1_000_000_000;
/// As the capture format numbers it.
const TCP: u8 = 2;

/// `key=value` words.
fn pairs<'t>(words: impl Iterator<Item = &'t str>) -> HashMap<&'t str, &'t str> {
    words.map(|w| w.split_once('=').unwrap_or_else(|| panic!("`{w}` is no key=value"))).collect()
}

fn unescaped(text: &str) -> Vec<u8> {
    text.replace("\\s", " ").replace("\\0", "\0").into_bytes()
}

fn terminated(text: &str) -> Vec<u8> {
    [unescaped(text), vec![0]].concat()
}

/// Position of both ends in a text such as `10.0.0.1:1->[::1]:2`.
fn ends(text: &str) -> [SocketAddr; 2] {
    let (source, dest) = text.split_once("->").unwrap_or_else(|| panic!("`{text}` are no ends"));
    [source.parse().unwrap(), dest.parse().unwrap()]
}

fn socket_bytes(addresses: &[SocketAddr]) -> Vec<u8> {
    let mut bytes = vec![if addresses[0].is_ipv4() { 2 } else { 10 }];
    for address in addresses {
        match address.ip() {
            IpAddr::V4(ip) => bytes.extend(ip.octets()),
            IpAddr::V6(ip) => bytes.extend(ip.octets()),
        }
        bytes.extend(address.port().to_le_bytes());
    }
    bytes
}

fn number(param: &ParamInfo, text: &str) -> i128 {
    if let Ok(number) = text.parse() {
        return number;
    }
    let Extra::Flags(table) = param.extra else { panic!("`{text}` is no number for {}", param.name) };
    let flag = |name: &str| table.entries.iter().find(|(n, _)| *n == name).map(|(_, v)| i128::from(*v));
    text.split('|').map(|n| flag(n).unwrap_or_else(|| panic!("no flag {n}"))).fold(0, |a, b| a | b)
}

/// A parameter's bytes.
fn encoded(param: &ParamInfo, text: Option<&str>) -> Vec<u8> {
    let numeric = |bytes: usize| number(param, text.unwrap_or("0")).to_le_bytes()[..bytes].to_vec();
    match param.ty {
        Type::CharBuf | Type::FsPath | Type::FsRelPath => text.map(terminated).unwrap_or_default(),
        Type::ByteBuf => text.map(unescaped).unwrap_or_default(),
        Type::SockAddr => text.map_or_else(Vec::new, |t| match t.strip_prefix("unix:") {
            Some(path) => [vec![1], terminated(path)].concat(),
            None => socket_bytes(&[t.parse().unwrap()]),
        }),
        Type::SockTuple => text.map_or_else(Vec::new, |t| match t.strip_prefix("unix:") {
            Some(path) => [vec![1], vec![0; 16], terminated(path)].concat(),
            None => socket_bytes(&ends(t)),
        }),
        Type::Int8 | Type::Uint8 | Type::Flags8 | Type::EnumFlags8 | Type::SigType => numeric(1),
        Type::Int16 | Type::Uint16 | Type::Flags16 | Type::EnumFlags16 | Type::Port => numeric(2),
        Type::Int32
        | Type::Uint32
        | Type::Flags32
        | Type::EnumFlags32
        | Type::Uid
        | Type::Gid
        | Type::Mode
        | Type::Bool => numeric(4),
        _ => numeric(8),
    }
}

/// The newest type with this name; `>name` is the enter event.
fn event_type(name: &str) -> &'static EventInfo {
    let (name, enter) = name.strip_prefix('>').map_or((name, false), |n| (n, true));
    let fits = |e: &&EventInfo| {
        let syscall_enter = e.is_syscall_enter() && e.direction() == Direction::Enter;
        e.name == name && syscall_enter == enter && (enter || !e.is_old())
    };
    EVENTS.iter().rfind(fits).unwrap_or_else(|| panic!("no event {name}"))
}

struct Case<'s> {
    schema: &'s Schema,
    extractors: &'s Extractors,
    engine: Engine,
    time_ns: u64,
    failures: Vec<String>,
}

impl<'s> Case<'s> {
    fn new(schema: &'s Schema, extractors: &'s Extractors, limits: Limits) -> Self {
        let options = FieldOptions { clock: Clock::utc(), ..FieldOptions::default() };
        let mut engine = Engine::new(limits, options);
        engine.state.begin();
        Self { schema, extractors, engine, time_ns: START_NS, failures: Vec::new() }
    }

    fn thread(&mut self, tid: i64, given: &HashMap<&str, &str>) {
        let int = |key: &str, default: i64| given.get(key).map_or(default, |v| v.parse().unwrap());
        let text = |key: &str, default: &str| unescaped(given.get(key).unwrap_or(&default));
        let pid = int("pid", tid);
        let process = Process {
            tid,
            pid,
            ptid: int("ptid", 0),
            vtid: int("vtid", tid),
            vpid: int("vpid", pid),
            sid: int("sid", pid),
            pgid: int("pgid", pid),
            vpgid: int("vpgid", pid),
            comm: text("comm", "sh"),
            exe: text("exe", "/bin/sh"),
            exepath: text("exepath", "/bin/sh"),
            cwd: text("cwd", "/"),
            root: text("root", "/"),
            flags: u32::try_from(int("flags", 0)).unwrap(),
            uid: u32::try_from(int("uid", 0)).unwrap(),
            loginuid: u32::MAX,
            fdlimit: 1024,
            ..Process::default()
        };
        self.engine.state.add_process(&process);
    }

    fn descriptor(&mut self, words: &[&str]) {
        let [tid, fd, kind, rest @ ..] = words else { panic!("fd TID NUMBER KIND ...") };
        let first = rest.first().copied().unwrap_or_default();
        let v4 = |a: SocketAddr| match a {
            SocketAddr::V4(a) => (*a.ip(), a.port()),
            SocketAddr::V6(_) => panic!("{a}"),
        };
        let v6 = |a: SocketAddr| match a {
            SocketAddr::V6(a) => (*a.ip(), a.port()),
            SocketAddr::V4(_) => panic!("{a}"),
        };
        let (kind, detail) = match *kind {
            "file" => (16, FdDetail::File(0, unescaped(first), 0)),
            "dir" => (2, FdDetail::Named(unescaped(first))),
            "v4" => (3, FdDetail::Ipv4(ends(first).map(v4), TCP)),
            "v6" => (4, FdDetail::Ipv6(ends(first).map(v6), TCP)),
            "v4-listens" => (5, FdDetail::Ipv4Server(v4(first.parse().unwrap()), TCP)),
            other => panic!("no kind of descriptor {other}"),
        };
        let entry = FdEntry { fd: fd.parse().unwrap(), ino: 0, kind, detail };
        self.engine.state.add_fds(tid.parse().unwrap(), &[entry]);
    }

    /// An event and what is expected after it.
    fn event(&mut self, line: &str, expected: &[&str]) {
        let mut words = line.split_whitespace();
        let tid: i64 = words.next().unwrap().parse().unwrap_or_else(|_| panic!("{line}"));
        let info = event_type(words.next().unwrap());
        let given = pairs(words);
        for name in given.keys() {
            assert!(info.params.iter().any(|p| p.name == *name), "{line}: no parameter {name}");
        }
        let own = tid.to_string();
        let params: Vec<Vec<u8>> = info
            .params
            .iter()
            .map(|p| {
                let default = matches!(p.name, "tid" | "pid" | "vtid" | "vpid").then_some(&*own);
                encoded(p, given.get(p.name).copied().or(default))
            })
            .collect();
        let params: Vec<&[u8]> = params.iter().map(Vec::as_slice).collect();
        self.time_ns += STEP_NS;
        let mut builder = EventBuilder::default();
        let event = builder.build(self.time_ns, tid, info.code, &params).unwrap();
        let context = self.engine.take(event, 0, false);
        for expectation in expected {
            let (name, value) = expectation.split_once(' ').unwrap_or((expectation, ""));
            if name == "counter" {
                let context = context.as_ref().unwrap();
                let counters = format!("{:?}", context.state.counters()).replace([',', '}'], " ");
                let shown = value.replace(' ', ": ") + " ";
                if !counters.contains(&shown) {
                    self.failures.push(format!("{line}: {value} expected, {counters}"));
                }
                continue;
            }
            let context = context.as_ref().unwrap_or_else(|| panic!("{line}: rules do not see it"));
            let (base, arg) = match name.split_once('[') {
                Some((base, arg)) => (base, Some(arg.trim_end_matches(']').as_bytes())),
                None => (name, None),
            };
            let field = resolve_field(self.schema, base, arg).unwrap_or_else(|e| panic!("{name}: {e:?}"));
            let found = render(self.schema, self.extractors, context, &field);
            let value = value.trim();
            let wanted = match value {
                "-" => None,
                "\"\"" => Some(Vec::new()),
                text => Some(unescaped(text)),
            };
            if found != wanted {
                let shown = found.map_or("-".to_owned(), |f| String::from_utf8_lossy(&f).into_owned());
                self.failures.push(format!("{line}: {name}: `{value}` expected, `{shown}` found"));
            }
        }
    }
}

fn limits(words: &HashMap<&str, &str>) -> Limits {
    let mut limits = Limits::default();
    for (key, value) in words {
        let value = value.parse().unwrap();
        match *key {
            "threads" => limits.threads = value,
            "fds" => limits.fds = value,
            "users" => limits.users = value,
            other => panic!("no limit {other}"),
        }
    }
    limits
}

/// What differs.
fn check(schema: &Schema, extractors: &Extractors, text: &str) -> Vec<String> {
    let lines: Vec<&str> = text
        .lines()
        .map(|l| l.split_once(" #").map_or(l, |(before, _)| before).trim_end())
        .filter(|l| !l.is_empty() && !l.starts_with('#'))
        .collect();
    let mut case = Case::new(schema, extractors, Limits::default());
    let mut at = 0;
    while let Some(line) = lines.get(at) {
        at += 1;
        let words: Vec<&str> = line.split_whitespace().collect();
        match words[0] {
            "limit" => case = Case::new(schema, extractors, limits(&pairs(words[1..].iter().copied()))),
            "thread" => case.thread(words[1].parse().unwrap(), &pairs(words[2..].iter().copied())),
            "fd" => case.descriptor(&words[1..]),
            "interface" => {
                let ip: Ipv4Addr = words[1].parse().unwrap();
                let all = [Interface::V4(b"eth0".to_vec(), ip, Ipv4Addr::new(255, 255, 255, 0))];
                case.engine.state.add_interfaces(&all);
            }
            "user" => {
                let uid = words[1].parse().unwrap();
                let texts = [words[2], "/home", "/bin/sh"].map(|t| t.as_bytes().to_vec());
                case.engine.state.add_users(&[UserOrGroup::User(uid, uid, texts)]);
            }
            "wait" => case.time_ns += words[1].parse::<u64>().unwrap() * SECOND_NS,
            _ => {
                let count = lines[at..].iter().take_while(|l| l.starts_with(' ')).count();
                let expected: Vec<&str> = lines[at..at + count].iter().map(|l| l.trim_start()).collect();
                case.event(line, &expected);
                at += count;
            }
        }
    }
    case.failures
}

#[test]
fn cases() {
    let schema = syscall_schema();
    let extractors = Extractors::new(&schema);
    let dir = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/state");
    let mut files: Vec<_> = fs::read_dir(dir).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.sort();
    let mut failures = Vec::new();
    for path in &files {
        let name = path.file_stem().unwrap().to_string_lossy().into_owned();
        let found = check(&schema, &extractors, &fs::read_to_string(path).unwrap());
        failures.extend(found.into_iter().map(|f| format!("{name}: {f}")));
    }
    assert!(files.len() > 20, "{files:?}");
    assert!(failures.is_empty(), "{} differences\n{}", failures.len(), failures.join("\n"));
}

#[test]
fn a_wrong_expectation_is_noticed() {
    let schema = syscall_schema();
    let extractors = Extractors::new(&schema);
    let text = "thread 7 comm=sh\n7 chdir path=/tmp\n    proc.cwd /var/\n    counter fds_refused 1\n";
    assert_eq!(check(&schema, &extractors, text).len(), 2);
}
