//! Sequences of events that change the state in every way, made up.
//!
//! Few threads, descriptors and texts, so that events meet; parameters that make sense now and then. The same
//! numbers give the same sequence. Shared by tests and fuzz targets.

use peregrine_compiler::schema::Type;
use peregrine_runtime::event::build::EventBuilder;
use peregrine_runtime::event::view::EventView;
use peregrine_runtime::event::{EVENTS, EventInfo, ParamInfo};
use peregrine_runtime::source::capture::{FdDetail, FdEntry, Interface, Item, Machine, Process, UserOrGroup};
use std::net::Ipv4Addr;

/// Numbers that look random and are always the same.
pub(crate) struct Random {
    state: u64,
    /// Numbers of threads.
    tids: &'static [i64],
    /// Used first, from the end.
    bytes: Vec<u8>,
}

impl Random {
    /// Always the same numbers for a seed.
    pub(crate) fn new(seed: u64, tids: &'static [i64]) -> Self {
        Self { state: seed.wrapping_mul(0x9e37_79b9_7f4a_7c15).max(1), tids, bytes: Vec::new() }
    }

    /// Numbers that are made of bytes, as far as they last: then small changes of the bytes change little.
    pub(crate) fn of_bytes(bytes: &[u8], tids: &'static [i64]) -> Self {
        Self { bytes: bytes.iter().rev().copied().collect(), ..Self::new(1, tids) }
    }

    pub(crate) fn below(&mut self, n: usize) -> usize {
        if let Some(byte) = self.bytes.pop() {
            let high = if n > 256 { self.bytes.pop().unwrap_or(0) } else { 0 };
            return (usize::from(high) << 8 | usize::from(byte)) % n.max(1);
        }
        self.state ^= self.state << 13;
        self.state ^= self.state >> 7;
        self.state ^= self.state << 17;
        ((self.state >> 11) % n as u64) as usize
    }

    pub(crate) fn tid(&mut self) -> i64 {
        self.of(self.tids)
    }

    pub(crate) fn of<T: Copy>(&mut self, all: &[T]) -> T {
        all[self.below(all.len())]
    }
}

/// Few numbers, so that threads meet. The last two are those of threads that are not known: what refers to them is
/// stamped anew with everything else, so most runs do without.
pub(crate) const TIDS: [i64; 10] = [1, 2, 3, 10, 11, 12, 13, 20, 0, -1];
pub(crate) const TEXTS: [&str; 8] = ["sh", "bash", "/bin/a", "b", "..", "/", "x/y", "<NA>"];
pub(crate) const FDS: [i64; 6] = [0, 1, 2, 3, 4, -1];

fn cgroups(random: &mut Random) -> Vec<u8> {
    let id = "3ad7b26ded6d8e7b23da7d48fe889434573036c27ae5a74837233de441c3601e";
    match random.below(4) {
        0 => format!("cpu=/docker/{id}\0").into_bytes(),
        1 => b"cpu=/\0memory=/x\0".to_vec(),
        _ => Vec::new(),
    }
}

/// A parameter that makes sense now and then.
pub(crate) fn parameter(random: &mut Random, event: &EventInfo, param: &ParamInfo) -> Vec<u8> {
    let number = match (param.name, param.ty) {
        ("cgroups", _) => return cgroups(random),
        ("args" | "env", _) => {
            return random.of(&[&b""[..], b"a\0b\0", b"A=1\0HOME=/root\0", b"A=2\0"]).to_vec();
        }
        ("res", _) if matches!(event.name, "clone" | "clone3" | "fork" | "vfork") => random.tid(),
        ("res", _) => random.of(&[0, 0, 0, 3, -1]),
        ("flags", _) if event.name.starts_with("clone") || event.name.ends_with("fork") => {
            random.of(&[0, 0, 1, 1 | 1 << 13, 1 << 8, 1 << 13, 1 << 6])
        }
        ("tid" | "pid" | "ptid" | "vtid" | "vpid" | "reaper_tid", _) | (_, Type::Pid) => random.tid(),
        (_, Type::Fd) => random.of(&FDS),
        (_, Type::CharBuf | Type::FsPath | Type::FsRelPath) => {
            return [random.of(&TEXTS).as_bytes(), b"\0"].concat();
        }
        (_, Type::ByteBuf) => return random.of(&["", "a"]).into(),
        (_, Type::SockAddr) => {
            return random.of(&[&b"\x02\x0a\0\0\x01\x50\0"[..], b"\x01/run/s\0", b""]).to_vec();
        }
        (_, Type::SockTuple) => {
            let there = random.of(&[1, 2]);
            return match random.below(3) {
                0 => vec![2, 10, 0, 0, 1, 80, 0, 10, 0, 0, there, 0, 4],
                1 => [&[1][..], &[0; 15], &[there], b"/run/s\0"].concat(),
                _ => vec![2, 0, 0, 0, 0, 0, 0, 10, 0, 0, there, 0, 4],
            };
        }
        (_, Type::Uid | Type::Gid) => random.of(&[0, 1000, i64::from(u32::MAX)]),
        _ => random.of(&[0, 1, 2, 7, 36, 1 << 10, 1 << 12, 1 << 20, -1]),
    };
    let width = match param.ty {
        Type::Int8 | Type::Uint8 | Type::Flags8 | Type::EnumFlags8 | Type::SigType => 1,
        Type::Int16 | Type::Uint16 | Type::Flags16 | Type::EnumFlags16 | Type::Port => 2,
        Type::Int64 | Type::Uint64 | Type::Fd | Type::Pid | Type::Errno | Type::AbsTime | Type::RelTime => 8,
        _ => 4,
    };
    number.to_le_bytes()[..width].to_vec()
}

/// Something that a snapshot may hold, also in the middle of a capture.
pub(crate) fn described(random: &mut Random) -> Item<'static> {
    match random.below(6) {
        0 => Item::Section,
        1 => Item::Machine(Machine::default()),
        2 => {
            let process = || {
                let (tid, pid, ptid) = (random.tid(), random.tid(), random.tid());
                Process {
                    tid,
                    pid,
                    ptid,
                    comm: random.of(&TEXTS).into(),
                    cwd: b"/w".into(),
                    ..Process::default()
                }
            };
            Item::Processes(std::iter::repeat_with(process).take(4).collect())
        }
        3 => {
            let detail = FdDetail::File(0, random.of(&TEXTS).into(), 0);
            Item::Fds(random.tid(), vec![FdEntry { fd: random.of(&[0, 1, 2]), ino: 0, kind: 16, detail }])
        }
        4 => {
            let ip = Ipv4Addr::new(10, 0, 0, random.of(&[1, 2]));
            Item::Interfaces(vec![Interface::V4(b"eth0".to_vec(), ip, Ipv4Addr::new(255, 255, 255, 0))])
        }
        _ => {
            let texts = [random.of(&TEXTS), "/h", "/s"].map(|t| t.as_bytes().to_vec());
            Item::Users(vec![UserOrGroup::User(random.of(&[0, 1000]), 0, texts)])
        }
    }
}

/// Event types that change something, the more so the more it touches threads.
pub(crate) fn event_types() -> Vec<&'static EventInfo> {
    let weight = |e: &EventInfo| match e.name {
        "clone" | "clone3" | "fork" | "vfork" | "execve" | "execveat" | "procexit" => 8,
        "chdir" | "getcwd" | "setuid" | "setsid" | "capset" | "openat" | "connect" | "dup" | "prctl" => 3,
        "read" | "write" => 2,
        _ => 1,
    };
    let all = EVENTS.iter().filter(|e| !e.is_old() && !e.is_unused() && e.name != "NA");
    all.flat_map(|e| std::iter::repeat_n(e, weight(e))).collect()
}

/// A sequence under way.
pub(crate) struct Sequence {
    types: Vec<&'static EventInfo>,
    builder: EventBuilder,
    now_ns: u64,
}

impl Sequence {
    pub(crate) fn new() -> Self {
        Self { types: event_types(), builder: EventBuilder::default(), now_ns: 1_000_000_000 }
    }

    /// The next event.
    pub(crate) fn next(&mut self, random: &mut Random) -> EventView<'_> {
        let info = random.of(&self.types);
        let tid = random.tid();
        let mut params: Vec<Vec<u8>> = info.params.iter().map(|p| parameter(random, info, p)).collect();
        params.truncate(params.len() - usize::from(random.below(40) == 0).min(params.len()));
        let params: Vec<&[u8]> = params.iter().map(Vec::as_slice).collect();
        self.now_ns += random.of(&[1_000_u64, 1_000_000, 3_000_000_000]);
        self.builder.build(self.now_ns, tid, info.code, &params).unwrap()
    }
}
