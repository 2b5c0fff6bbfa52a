//! Facts that are kept with their stamps are facts as long as the stamps are equal (`state/facts.rs`).
//!
//! Sequences of events, generated and recorded, go through the engine. After each event the values of all fields
//! that may be kept are found for some threads and descriptors, and held against those that were found when the
//! stamps were the same. Small scenarios tell whose stamps an event changes, so that nothing is forgotten in vain.
#![expect(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, reason = "tests panic")]

#[expect(dead_code, reason = "other tests use the rest")]
#[path = "support/captures.rs"]
mod captures;
#[expect(dead_code, reason = "other tests use the rest")]
#[path = "support/sequences.rs"]
mod sequences;

use bumpalo::Bump;
use captures::{conformance, for_each};
use peregrine_compiler::hir::field::{FieldRef, resolve_field};
use peregrine_compiler::schema::{ArgKind, ArgSpec, EventCode, FieldDef, Schema, Scope};
use peregrine_runtime::engine::Engine;
use peregrine_runtime::event::build::EventBuilder;
use peregrine_runtime::event::view::EventView;
use peregrine_runtime::event::{EVENTS, info};
use peregrine_runtime::fields::extract::{EventContext, Extractors, FieldOptions};
use peregrine_runtime::fields::syscall_schema;
use peregrine_runtime::source::capture::{FdDetail, FdEntry, Item, Process};
use peregrine_runtime::state::{Current, FdTable, Limits, Thread, ThreadId};
use sequences::{Random, Sequence, TIDS, described};
use std::collections::HashMap;
use std::fs::File;
use std::hash::{DefaultHasher, Hash, Hasher};

/// Fields that look up the leader of a session or group: its facts are not those of the process.
const OF_LEADERS: [&str; 9] = [
    "proc.sname",
    "proc.sid.exe",
    "proc.sid.exepath",
    "proc.vpgid.name",
    "proc.vpgid.exe",
    "proc.vpgid.exepath",
    "proc.pgid.name",
    "proc.pgid.exe",
    "proc.pgid.exepath",
];

/// An event that is about a descriptor: `read`.
const READ: EventCode = EventCode(7);

/// Arguments to ask with.
fn arguments(kind: ArgKind) -> &'static [&'static [u8]] {
    match kind {
        ArgKind::Index | ArgKind::IndexOrKey => &[b"0", b"1", b"2", b"7"],
        ArgKind::Key => &[b"A", b"HOME"],
        ArgKind::Subsystem => &[b"cpu", b"memory"],
        _ => &[],
    }
}

/// Ways to ask for a field.
fn refs(schema: &Schema, def: &FieldDef) -> Vec<FieldRef> {
    let (bare, kinds) = match &def.arg {
        ArgSpec::None => (true, &[][..]),
        ArgSpec::Optional(kind) => (true, std::slice::from_ref(kind)),
        ArgSpec::Required(kind) => (false, std::slice::from_ref(kind)),
    };
    let bare = bare.then_some(None).into_iter();
    let all = bare.chain(kinds.iter().flat_map(|k| arguments(*k)).map(|a| Some(*a)));
    all.filter_map(|arg| resolve_field(schema, &def.name, arg).ok()).collect()
}

/// The fields of some scopes.
fn fields(schema: &Schema, scopes: &[Scope]) -> Vec<FieldRef> {
    let kept = schema.fields().iter().filter(|f| scopes.contains(&f.scope));
    kept.filter(|f| !OF_LEADERS.contains(&&*f.name)).flat_map(|f| refs(schema, f)).collect()
}

/// Values by field.
type Values = Vec<u64>;

/// Compares values with equal stamps.
struct Checker {
    schema: Schema,
    extractors: Extractors,
    of_process: Vec<FieldRef>,
    of_fd: Vec<FieldRef>,
    /// By place of the thread: generation, version.
    threads: HashMap<ThreadId, (u64, u64, Values)>,
    /// By version.
    fds: HashMap<u64, (u64, Values)>,
    compared: u64,
    failures: Vec<String>,
}

impl Checker {
    fn new() -> Self {
        let schema = syscall_schema();
        let of_process = fields(&schema, &[Scope::Process, Scope::Container]);
        let of_fd = fields(&schema, &[Scope::Fd]);
        assert!(of_process.len() > 100 && of_fd.len() > 30, "{} {}", of_process.len(), of_fd.len());
        Self {
            extractors: Extractors::new(&schema),
            schema,
            of_process,
            of_fd,
            threads: HashMap::new(),
            fds: HashMap::new(),
            compared: 0,
            failures: Vec::new(),
        }
    }

    fn values(&self, context: &EventContext<'_>, of: &[FieldRef]) -> Values {
        let hash = |field: &FieldRef| {
            let mut hasher = DefaultHasher::new();
            format!("{:?}", self.extractors.find(context, field)).hash(&mut hasher);
            hasher.finish()
        };
        of.iter().map(hash).collect()
    }

    /// Notes fields whose values differ.
    fn compare(&mut self, of: &[FieldRef], before: &Values, now: &Values, what: &str) {
        self.compared += 1;
        for ((field, _), _) in of.iter().zip(before).zip(now).filter(|((_, a), b)| a != b) {
            let name = &self.schema.fields()[field.id.0 as usize].name;
            self.failures.push(format!("{what}: {name} {:?}", field.arg));
        }
    }

    /// The facts about a thread and its descriptors.
    fn thread(&mut self, engine: &Engine, tid: i64, what: &str) {
        let state = &engine.state;
        let Some(id) = state.threads.find(tid) else { return };
        let thread = state.threads.at(id).unwrap();
        let mut builder = EventBuilder::default();
        let event = builder.build(1, tid, READ, &[&[0; 8], &[], &[0; 8], &[0; 4]]).unwrap();
        let current = Current { thread: Some(id), fd: -1, name_changed: false };
        let options = FieldOptions::default();
        let arena = Bump::new();
        let context = EventContext {
            event,
            info: info(READ).unwrap(),
            num: 1,
            cpu: 0,
            first_ns: 0,
            previous_ns: 0,
            current,
            state,
            options: &options,
            arena: &arena,
        };
        let stamp = (state.facts_generation(), thread.version());
        assert_ne!(stamp.1, 0);
        let of = std::mem::take(&mut self.of_process);
        let now = self.values(&context, &of);
        if let Some((generation, version, before)) = self.threads.remove(&id)
            && (generation, version) == stamp
        {
            self.compare(&of, &before, &now, &format!("{what}, thread {tid}"));
        }
        self.threads.insert(id, (stamp.0, stamp.1, now));
        self.of_process = of;
        let of = std::mem::take(&mut self.of_fd);
        let numbers: Vec<i64> =
            state.threads.fds_of(thread).into_iter().flat_map(FdTable::iter).map(|(n, _)| n).collect();
        for fd in numbers {
            let context = EventContext { current: Current { fd, ..current }, ..context };
            let Some(version) = state.fd_version(&context.current) else { continue };
            assert_ne!(version, 0);
            let now = self.values(&context, &of);
            if let Some((_, before)) = self.fds.remove(&version).filter(|(g, _)| *g == stamp.0) {
                self.compare(&of, &before, &now, &format!("{what}, descriptor {fd} of {tid}"));
            }
            self.fds.insert(version, (stamp.0, now));
        }
        self.of_fd = of;
    }

    fn finish(&self, name: &str) {
        eprintln!("{name}: {} comparisons", self.compared);
        assert!(self.compared > 100, "{name}: too few comparisons");
        let shown: Vec<&str> = self.failures.iter().take(20).map(String::as_str).collect();
        let count = self.failures.len();
        assert!(count == 0, "{name}: {count} facts changed under equal stamps\n{}", shown.join("\n"));
    }
}

#[test]
fn values_with_equal_stamps_are_equal() {
    let mut checker = Checker::new();
    for seed in 1..=10_u64 {
        let usual = seed % 4 != 0;
        let tids = if usual { &TIDS[..8] } else { &TIDS };
        let mut random = Random::new(seed, tids);
        // small tables are full at times
        let limits = Limits { threads: random.of(&[4, 8, 100]), fds: random.of(&[3, 100]), users: 2 };
        let mut engine = Engine::new(limits, FieldOptions::default());
        engine.learn(Item::Section);
        // in most runs the stream has one snapshot, at its beginning
        for _ in 0..random.below(30) {
            engine.learn(described(&mut random));
        }
        checker.threads.clear();
        checker.fds.clear();
        let mut sequence = Sequence::new();
        for step in 0..1_000 {
            if !usual && random.below(200) == 0 {
                engine.learn(described(&mut random));
            }
            let event = sequence.next(&mut random);
            let (tid, info) = (event.tid, info(event.code).unwrap());
            engine.take(event, 0, false);
            let what = format!("seed {seed} step {step}: {tid} {}", info.ident);
            if step % 64 == 0 {
                for &tid in &TIDS {
                    checker.thread(&engine, tid, &what);
                }
            } else {
                let other = random.tid();
                checker.thread(&engine, tid, &what);
                checker.thread(&engine, other, &what);
            }
        }
    }
    checker.finish("generated");
}

/// Events of a capture that change the stamps of their own thread, and all events.
fn share(engine: &mut Engine, name: &str, each: &mut dyn FnMut(&Engine, &EventView<'_>, u64)) -> (u64, u64) {
    let Some(folder) = conformance("captures") else { return (0, 0) };
    let path = folder.join(format!("{name}.scap"));
    let file = File::open(&path).unwrap_or_else(|e| panic!("{}: {e}", path.display()));
    let mut versions: HashMap<i64, (u64, u64)> = HashMap::new();
    let (mut changed, mut all) = (0, 0);
    let error = for_each(file, |item| match item {
        Item::Event { cpu, state_only, event } => {
            engine.take(event, cpu, state_only);
            all += 1;
            let tid = event.tid;
            let version = engine.state.threads.get(tid).map_or(0, Thread::version);
            let stamp = (engine.state.facts_generation(), version);
            changed += u64::from(versions.insert(tid, stamp) != Some(stamp));
            each(engine, &event, all);
        }
        other => engine.learn(other),
    });
    assert!(error.is_none(), "{name}: {error:?}");
    (changed, all)
}

#[test]
fn values_in_captures_with_equal_stamps_are_equal() {
    for name in ["attack", "mix-fset", "build-fset", "shell-fset"] {
        let mut checker = Checker::new();
        let mut engine = Engine::new(Limits::default(), FieldOptions::default());
        let mut random = Random::new(1, &TIDS);
        let (_, all) = share(&mut engine, name, &mut |engine, event, number| {
            // threads with many descriptors cost; neighbours in time are alike
            if number % 101 == 0 {
                checker.thread(engine, event.tid, &format!("{name} {number}"));
            }
            if number % 1_999 == 0 {
                let tids: Vec<i64> = engine.state.threads.iter().map(|t| t.tid).collect();
                let tid = random.of(&tids);
                checker.thread(engine, tid, &format!("{name} {number}"));
            }
        });
        if all > 0 {
            checker.finish(name);
        }
    }
}

#[test]
fn few_events_of_captures_change_stamps() {
    // thousandths of the events; the generation changes with the snapshot, and with users that become known
    for (name, most) in [("mix", 50), ("shell", 30), ("db-fset", 10), ("web-fset", 10)] {
        let mut engine = Engine::new(Limits::default(), FieldOptions::default());
        let mut generations = 0;
        let mut last = 0;
        let (changed, all) = share(&mut engine, name, &mut |engine, event, _| {
            let generation = engine.state.facts_generation();
            let of_all = info(event.code).is_some_and(|i| i.ident.ends_with("_ADDED_E"));
            generations += u64::from(generation != last && !of_all);
            last = generation;
        });
        eprintln!(
            "{name}: {changed} of {all} events change their thread's stamps; {generations} generations"
        );
        assert!(all == 0 || (1000 * changed / all <= most && generations <= 1), "{name}: {changed} of {all}");
    }
}

/// A machine with a shell, its child, and a process with two threads.
struct Scenario {
    engine: Engine,
    builder: EventBuilder,
    now_ns: u64,
}

const INIT: i64 = 1;
const SHELL: i64 = 10;
const CHILD: i64 = 11;
const GRANDCHILD: i64 = 12;
const MAIN: i64 = 20;
const SECOND: i64 = 21;
const ALL: [i64; 6] = [INIT, SHELL, CHILD, GRANDCHILD, MAIN, SECOND];

impl Scenario {
    fn new() -> Self {
        let mut engine = Engine::new(Limits::default(), FieldOptions::default());
        engine.learn(Item::Section);
        let process = |tid: i64, pid: i64, ptid: i64| Process {
            tid,
            pid,
            ptid,
            vtid: tid,
            vpid: pid,
            flags: if tid == pid { 0 } else { 1 | 1 << 13 },
            comm: b"sh".into(),
            cwd: b"/".into(),
            ..Process::default()
        };
        engine.learn(Item::Processes(vec![
            process(INIT, INIT, 0),
            process(SHELL, SHELL, INIT),
            process(CHILD, CHILD, SHELL),
            process(GRANDCHILD, GRANDCHILD, CHILD),
            process(MAIN, MAIN, INIT),
            process(SECOND, MAIN, INIT),
        ]));
        let file = |fd| FdEntry { fd, ino: 0, kind: 16, detail: FdDetail::File(0, b"/f".into(), 0) };
        engine.learn(Item::Fds(SHELL, vec![file(0), file(1)]));
        let mut scenario = Self { engine, builder: EventBuilder::default(), now_ns: 1_000_000_000 };
        scenario.event(SHELL, "read", &[]);
        scenario
    }

    fn event(&mut self, tid: i64, name: &str, given: &[(&str, &[u8])]) {
        let info = EVENTS.iter().rfind(|e| e.name == name && !e.is_old() && !e.is_syscall_enter()).unwrap();
        let params: Vec<&[u8]> = info
            .params
            .iter()
            .map(|p| given.iter().find(|(n, _)| *n == p.name).map_or(&[0; 8][..], |(_, bytes)| bytes))
            .collect();
        self.now_ns += 1;
        self.engine.take(self.builder.build(self.now_ns, tid, info.code, &params).unwrap(), 0, false);
    }

    /// An event that changes nothing, so that what the one before ended goes.
    fn settle(&mut self) {
        self.event(INIT, "nanosleep", &[]);
    }

    fn stamps(&self) -> (u64, Vec<Option<u64>>) {
        let version = |tid: &i64| self.engine.state.threads.get(*tid).map(Thread::version);
        (self.engine.state.facts_generation(), ALL.iter().map(version).collect())
    }

    fn fd_version(&self, tid: i64, fd: i64) -> Option<u64> {
        let current = Current { thread: self.engine.state.threads.find(tid), fd, name_changed: false };
        self.engine.state.fd_version(&current)
    }
}

/// Those of [`ALL`] whose stamps `events` change, or that they remove; `INIT` alone if it is everybody's.
fn changed(events: impl FnOnce(&mut Scenario)) -> Vec<i64> {
    let mut scenario = Scenario::new();
    let before = scenario.stamps();
    events(&mut scenario);
    let after = scenario.stamps();
    if before.0 != after.0 {
        return ALL.to_vec();
    }
    let pairs = before.1.iter().zip(&after.1).zip(ALL);
    pairs.filter(|((a, b), _)| a != b).map(|(_, tid)| tid).collect()
}

const fn bytes(number: i64) -> [u8; 8] {
    number.to_le_bytes()
}

#[test]
fn stamps_change_for_those_concerned() {
    let exec = |s: &mut Scenario, tid: i64| {
        let (pid, ptid) = (if tid == SECOND { MAIN } else { tid }, INIT);
        s.event(
            tid,
            "execve",
            &[("pid", &bytes(pid)), ("ptid", &bytes(ptid)), ("comm", b"cat\0"), ("args", b"")],
        );
    };
    let clone = |s: &mut Scenario, tid: i64, child: i64, flags: i64| {
        let (pid, child) = (bytes(tid), bytes(child));
        s.event(tid, "clone", &[("res", &child), ("pid", &pid), ("flags", &bytes(flags)), ("args", b"")]);
        s.settle();
    };
    // a leaf's own; then those behind it
    assert_eq!(changed(|s| exec(s, GRANDCHILD)), [GRANDCHILD]);
    assert_eq!(changed(|s| exec(s, SHELL)), [SHELL, CHILD, GRANDCHILD]);
    assert_eq!(changed(|s| exec(s, MAIN)), [MAIN, SECOND]);
    // new threads and processes
    assert!(changed(|s| clone(s, SHELL, 30, 0)).is_empty());
    assert!(changed(|s| clone(s, MAIN, 30, 1 | 1 << 13)).is_empty());
    // ends: of a leaf, of a parent, of a thread
    let exit = |s: &mut Scenario, tid: i64| {
        s.event(tid, "procexit", &[("reaper_tid", &bytes(0))]);
        s.settle();
    };
    assert_eq!(changed(|s| exit(s, GRANDCHILD)), [GRANDCHILD]);
    assert_eq!(changed(|s| exit(s, CHILD)), [CHILD, GRANDCHILD]);
    assert_eq!(changed(|s| exit(s, SECOND)), [SECOND]);
    assert!(changed(|s| exit(s, MAIN)).is_empty()); // stays until the other thread ends
    // ids, directories
    assert_eq!(changed(|s| s.event(CHILD, "setuid", &[("uid", &bytes(5)[..4])])), [CHILD, GRANDCHILD]);
    assert!(changed(|s| s.event(CHILD, "setuid", &[("uid", &bytes(0)[..4])])).is_empty());
    assert_eq!(changed(|s| s.event(SECOND, "chdir", &[("path", b"/tmp\0")])), [MAIN, SECOND]);
    assert!(changed(|s| s.event(SECOND, "getcwd", &[("path", b"/\0")])).is_empty());
    assert_eq!(changed(|s| s.event(SECOND, "setsid", &[("res", &bytes(9))])), [SECOND]);
    // what only shows in fields of the scope of events
    assert!(changed(|s| s.event(SHELL, "mmap", &[])).is_empty());
    assert!(changed(|s| s.event(SHELL, "setrlimit", &[("resource", &[7])])).is_empty());
    assert!(changed(|s| s.event(SHELL, "read", &[("fd", &bytes(1))])).is_empty());
    // what concerns all
    assert_eq!(changed(|s| s.event(SHELL, "useradded", &[("name", b"x\0")])), ALL);
    assert_eq!(changed(|s| s.engine.learn(Item::Users(Vec::new()))), ALL);
}

#[test]
fn stamps_of_descriptors_change_when_they_do() {
    let mut s = Scenario::new();
    let versions = |s: &Scenario| [0, 1, 5].map(|fd| s.fd_version(SHELL, fd));
    let at_first = versions(&s);
    assert!(at_first[0].is_some() && at_first[2].is_none());
    let fd1 = bytes(1);
    s.event(SHELL, "read", &[("fd", &fd1)]);
    s.event(SHELL, "write", &[("fd", &fd1)]);
    s.event(SHELL, "sendto", &[("fd", &fd1), ("tuple", b"")]);
    assert_eq!(versions(&s), at_first);
    s.event(SHELL, "openat", &[("fd", &bytes(5)), ("name", b"/x\0")]);
    let opened = versions(&s);
    assert_eq!(opened[..2], at_first[..2]);
    assert!(opened[2].is_some());
    // the same file again in the same place
    s.event(SHELL, "close", &[("fd", &bytes(5))]);
    s.event(SHELL, "openat", &[("fd", &bytes(5)), ("name", b"/x\0")]);
    assert_ne!(versions(&s)[2], opened[2]);
    let before = versions(&s);
    let close_on_exec = [("fd", &fd1[..]), ("cmd", &[3][..]), ("arg", &bytes(1)[..])];
    s.event(SHELL, "fcntl", &close_on_exec.map(|(n, v)| (n, if n == "cmd" { &[3_u8][..] } else { v })));
    assert_ne!(versions(&s)[1], before[1]);
    let before = versions(&s);
    s.event(SHELL, "fcntl", &close_on_exec);
    assert_eq!(versions(&s), before);
    // a child has copies, with the same facts until they change
    let (pid, child) = (bytes(SHELL), bytes(30));
    s.event(SHELL, "clone", &[("res", &child), ("pid", &pid), ("args", b"")]);
    assert_eq!([0, 1, 5].map(|fd| s.fd_version(30, fd)), before);
    s.event(30, "dup2", &[("res", &bytes(1)), ("oldfd", &bytes(5)), ("newfd", &bytes(1))]);
    assert_ne!(s.fd_version(30, 1), before[1]);
    assert_eq!(versions(&s), before);
}
