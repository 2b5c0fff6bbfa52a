//! The programs in the kernel: loaded, attached, told what to record, and gone when the probe is dropped.

use super::error::ProbeError;
use super::ledger::{Ledger, Losses};
use super::recipe::{Raw, Recipe, Run};
use super::rings::{Lane, Rings, clock_ns, now_ns};
use super::table::{PROC_EXIT, compat, recipes};
use super::uring::{self, Uring};
use aya::maps::{Array, ArrayOfMaps, HashMap, MapData, PerCpuArray, ProgramArray, RingBuf};
use aya::programs::BtfTracePoint;
use aya::{Btf, Ebpf, EbpfLoader};
use std::collections::BTreeSet;
use std::io;
use std::time::Duration;

static OBJECT: &[u8] = aya::include_bytes_aligned!("probe.bpf.o");

const SYSCALLS: usize = 512;
/// Event types that the ledger has room for.
const TYPES: u32 = 512;
const GENERIC: u16 = 1;

/// Whose events are recorded.
#[derive(Copy, Clone, PartialEq, Eq, Debug)]
pub enum Filter {
    /// Everybody's.
    All,
    /// Those of a process, and of all that it starts from then on.
    Tree(u32),
    /// Those of the processes in a control group, by its number in the second version's hierarchy.
    Cgroup(u64),
}

/// What is recorded.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Interest {
    /// Event types.
    pub codes: BTreeSet<u16>,
    /// System calls that have no event type of their own: number of the machine, number in the format.
    pub generic: Vec<(u32, u16)>,
}

/// How the probe runs.
#[derive(Clone, Debug)]
pub struct Options {
    /// Whose events.
    pub filter: Filter,
    /// Which ones.
    pub interest: Interest,
    /// Bytes of each processor's ring; a power of two and pages.
    pub ring_bytes: u32,
    /// Bytes of data that are recorded of reads and writes.
    pub snaplen: u32,
    /// A process that is not recorded: the one that reads the rings, or it would feed itself.
    pub own_pid: u32,
}

impl Options {
    /// The usual ones.
    pub fn new(filter: Filter, interest: Interest) -> Self {
        Self { filter, interest, ring_bytes: 8 << 20, snaplen: 80, own_pid: std::process::id() }
    }
}

/// A probe that runs. Dropping it takes the programs and maps out of the kernel; so does the process's end,
/// however it ends: nothing is pinned.
pub struct Probe {
    ebpf: Ebpf,
    rings: Rings<RingBuf<MapData>>,
    recipes: Vec<Recipe>,
    uring: Uring,
    /// Begin of the events' clock, nanoseconds since 1970.
    epoch_ns: u64,
    pause: Duration,
}

/// Programs, and where they are attached; those without a place are called by `sys_exit`.
const PROGRAMS: [(&str, &str); 4] = [
    ("process_fork", "sched_process_fork"),
    ("process_exec", "sched_process_exec"),
    ("process_exit", "sched_process_exit"),
    ("sys_exit", "sys_exit"),
];
const CALLED: [(&str, Run); 4] = [
    ("run_recipe", Run::Recipe),
    ("run_clone", Run::Clone),
    ("run_exec", Run::Exec),
    ("run_open", Run::Open),
];

const SHORTEST_PAUSE: Duration = Duration::from_micros(500);
const LONGEST_PAUSE: Duration = Duration::from_millis(16);

impl Probe {
    /// Loads the programs and begins to record.
    ///
    /// # Errors
    /// The kernel has no type information, does not allow it, or refuses a program.
    pub fn start(options: &Options) -> Result<Self, ProbeError> {
        let btf = Btf::from_sys_fs().map_err(|e| ProbeError::NoTypes(e.to_string()))?;
        let processors = processors()?;
        let epoch_ns = clock_ns(libc::CLOCK_REALTIME)?.saturating_sub(clock_ns(libc::CLOCK_BOOTTIME)?);
        let (mode, cgroup) = match options.filter {
            Filter::All => (0_u32, 0_u64),
            Filter::Tree(_) => (1, 0),
            Filter::Cgroup(id) => (2, id),
        };
        let mut ebpf = EbpfLoader::new()
            .btf(Some(&btf))
            .override_global("boot_epoch_ns", &epoch_ns, true)
            .override_global("filter", &mode, true)
            .override_global("own_tgid", &options.own_pid, true)
            .override_global("cgroup_id", &cgroup, true)
            .override_global("snaplen", &options.snaplen, true)
            .override_global("processors", &processors, true)
            .map_max_entries("rings", 2 * processors)
            .map_max_entries("scratches", processors)
            .load(OBJECT)
            .map_err(|e| not_loaded(&e))?;
        let lanes = make_rings(&mut ebpf, processors, options.ring_bytes)?;
        let recipes = recipes();
        let mut translations = vec![Vec::new(); TYPES as usize];
        for recipe in &recipes {
            if let Some(of_type) = translations.get_mut(usize::from(recipe.code)) {
                of_type.clone_from(&recipe.translations);
            }
        }
        let rings = Rings::new(lanes, translations);
        let mut probe =
            Self { ebpf, rings, recipes, uring: Uring::default(), epoch_ns, pause: SHORTEST_PAUSE };
        if let Filter::Tree(pid) = options.filter {
            probe.add_to_tree(pid)?;
        }
        let mut numbers: Array<_, u32> = Array::try_from(probe.map("compat")?)?;
        for theirs in 0..SYSCALLS as u32 {
            numbers.set(theirs, compat(theirs).unwrap_or(SYSCALLS as u32), 0)?;
        }
        probe.set_interest(&options.interest)?;
        probe.attach(&btf)?;
        Ok(probe)
    }

    fn attach(&mut self, btf: &Btf) -> Result<(), ProbeError> {
        for (name, _) in CALLED {
            self.program(name)?.load("sys_exit", btf).map_err(|e| refused(name, &e))?;
        }
        for (name, run) in CALLED {
            let fd = self.program(name)?.fd().map_err(|e| refused(name, &e))?;
            let fd = fd.try_clone().map_err(|e| ProbeError::Setup(e.to_string()))?;
            ProgramArray::try_from(self.map("programs")?)?.set(run as u32, &fd, 0)?;
        }
        for (name, place) in PROGRAMS {
            let program = self.program(name)?;
            program.load(place, btf).map_err(|e| refused(name, &e))?;
            program.attach().map_err(|e| refused(name, &e))?;
        }
        self.uring.load(&mut self.ebpf, btf)?;
        self.uring.settle(&mut self.ebpf)
    }

    /// Whether this kernel tells what is done through `io_uring`; which of it: `docs/events.md`.
    pub fn sees_uring(&self) -> bool {
        self.uring.is_loaded()
    }

    fn program(&mut self, name: &str) -> Result<&mut BtfTracePoint, ProbeError> {
        let program = self.ebpf.program_mut(name).ok_or_else(|| missing(name))?;
        program.try_into().map_err(|e| refused(name, &e))
    }

    fn map(&mut self, name: &str) -> Result<&mut aya::maps::Map, ProbeError> {
        self.ebpf.map_mut(name).ok_or_else(|| missing(name))
    }

    /// Changes what is recorded, while it goes on.
    ///
    /// # Errors
    /// The kernel refuses the change.
    pub fn set_interest(&mut self, interest: &Interest) -> Result<(), ProbeError> {
        let mut bits = Bits::default();
        let generic = interest.generic.iter().map(|&(nr, number)| Recipe::generic(nr, number));
        let named = self.recipes.iter().filter(|r| interest.codes.contains(&r.code)).cloned();
        let wanted: Vec<Recipe> = named.chain(generic).collect();
        let mut recipes: Array<_, Raw> = Array::try_from(self.map("recipes")?)?;
        for recipe in &wanted {
            recipes.set(recipe.nr, Raw::of(recipe), 0)?;
            bits.record(recipe.nr);
        }
        bits.other(0, [293, 331].iter().any(|code| interest.codes.contains(code)));
        bits.other(1, interest.codes.contains(&PROC_EXIT));
        Array::<_, Bits>::try_from(self.map(".bss")?)?.set(0, bits, 0)?;
        self.uring.watch(&mut self.ebpf, wanted.iter().any(|r| uring::does(r.nr)))
    }

    /// With [`Filter::Tree`]: records another process, and all that it starts from then on.
    ///
    /// # Errors
    /// The kernel refuses the change.
    pub fn add_to_tree(&mut self, pid: u32) -> Result<(), ProbeError> {
        let mut tree: HashMap<_, u32, u32> = HashMap::try_from(self.map("tree")?)?;
        Ok(tree.insert(pid, 1, 0)?)
    }

    /// Hands on what has happened so far, in order of time, with its processor; tells how many events.
    ///
    /// # Errors
    /// The clock cannot be read.
    pub fn drain(&mut self, take: impl FnMut(u16, &[u8])) -> Result<usize, ProbeError> {
        let until = now_ns(self.epoch_ns)?;
        let count = self.rings.drain(until, take);
        self.pause = if count > 0 { SHORTEST_PAUSE } else { (2 * self.pause).min(LONGEST_PAUSE) };
        Ok(count)
    }

    /// How long to wait before the next [`Probe::drain`]: rings wake nobody, because that costs the programs that
    /// are recorded more than everything else. It doubles as long as nothing happens, up to 16 ms.
    pub fn pause(&self) -> Duration {
        self.pause
    }

    /// Nanoseconds since 1970 by the clock of the events.
    ///
    /// # Errors
    /// The clock cannot be read.
    pub fn now_ns(&self) -> Result<u64, ProbeError> {
        now_ns(self.epoch_ns)
    }

    /// What became of all events.
    ///
    /// # Errors
    /// The counts cannot be read.
    pub fn ledger(&self) -> Result<Ledger, ProbeError> {
        let map = self.ebpf.map("ledgers").ok_or_else(|| missing("ledgers"))?;
        let counts: PerCpuArray<_, Counts> = PerCpuArray::try_from(map)?;
        let mut ledger = Ledger::default();
        for code in 0..TYPES {
            for (cpu, counts) in (0..).zip(counts.get(&code, 0)?.iter()) {
                let [sent, lost @ ..] = counts.0;
                let losses = Losses { sent, lost };
                if losses != Losses::default() {
                    ledger.by_type.insert((code as u16, cpu), losses);
                }
            }
        }
        Ok(ledger)
    }
}

impl Recipe {
    /// A system call without an event type of its own.
    fn generic(nr: u32, number: u16) -> Self {
        use super::recipe::{Kind, Op};
        let ops =
            vec![Op { kind: Kind::Syscall, arg: 0, extra: number }, Op { kind: Kind::Nr, arg: 0, extra: 0 }];
        let translations = Vec::new();
        Self { nr, code: GENERIC, run: Run::Recipe, changes_state: false, ops, translations }
    }
}

/// What is recorded: a bit for each system call, then others. `interest` of `bpf/event.h`.
#[derive(Copy, Clone)]
#[repr(C)]
struct Bits {
    calls: [u8; SYSCALLS / 8],
    others: [u8; 8],
}

// SAFETY: plain bytes
unsafe impl aya::Pod for Bits {}

impl Default for Bits {
    fn default() -> Self {
        Self { calls: [0; SYSCALLS / 8], others: [0; 8] }
    }
}

impl Bits {
    fn record(&mut self, nr: u32) {
        if let Some(byte) = self.calls.get_mut(nr as usize / 8) {
            *byte |= 1 << (nr % 8);
        }
    }

    fn other(&mut self, bit: u8, on: bool) {
        self.others[0] |= u8::from(on) << bit;
    }
}

/// `struct ledger` of `bpf/event.h`.
#[derive(Copy, Clone)]
#[repr(C)]
struct Counts([u64; 6]);

// SAFETY: plain numbers
unsafe impl aya::Pod for Counts {}

fn processors() -> Result<u32, ProbeError> {
    let count = aya::util::nr_cpus().map_err(|(what, source)| {
        ProbeError::Setup(format!("the number of processors cannot be read from {what}: {source}"))
    })?;
    Ok(count as u32)
}

/// Makes the rings of events and of events that change the state, one of each for every processor.
fn make_rings(
    ebpf: &mut Ebpf,
    processors: u32,
    bytes: u32,
) -> Result<Vec<Lane<RingBuf<MapData>>>, ProbeError> {
    const RINGBUF: u32 = 27;
    let map = ebpf.map_mut("rings").ok_or_else(|| missing("rings"))?;
    let mut all: ArrayOfMaps<_, RingBuf<MapData>> = ArrayOfMaps::try_from(map)?;
    let mut lanes = Vec::new();
    for (at, cpu) in (0..).zip((0..processors).chain(0..processors)) {
        let of_state = at >= processors;
        // state-bearing events are rare
        let size = if of_state { (bytes / 2).max(1 << 16) } else { bytes };
        let object = aya_obj::Map::new_from_params(RINGBUF, 0, 0, size, 0);
        let data = MapData::create(object, "ring", None)?;
        let ring: RingBuf<MapData> = RingBuf::try_from(aya::maps::Map::RingBuf(data))?;
        all.set(at, &ring, 0)?;
        lanes.push(Lane::new(cpu as u16, ring));
    }
    Ok(lanes)
}

pub(crate) fn missing(name: &str) -> ProbeError {
    ProbeError::Setup(format!("the object has no `{name}`"))
}

fn is_denied(error: &(dyn std::error::Error + 'static)) -> bool {
    let mut source = Some(error);
    while let Some(error) = source {
        if let Some(io) = error.downcast_ref::<io::Error>() {
            return io.raw_os_error() == Some(libc::EPERM) || io.raw_os_error() == Some(libc::EACCES);
        }
        source = error.source();
    }
    false
}

fn not_loaded(error: &aya::EbpfError) -> ProbeError {
    if is_denied(error) {
        return ProbeError::NotAllowed(error.to_string());
    }
    ProbeError::Setup(words(error))
}

pub(crate) fn refused(program: &str, error: &aya::programs::ProgramError) -> ProbeError {
    use aya::programs::ProgramError::LoadError;
    // a verdict of the verifier is told with EACCES too, but has words
    let verdict =
        matches!(error, LoadError { verifier_log, .. } if !verifier_log.to_string().trim().is_empty());
    if !verdict && is_denied(error) {
        return ProbeError::NotAllowed(error.to_string());
    }
    ProbeError::Refused { program: program.to_owned(), reason: words(error) }
}

/// An error with all that is behind it.
fn words(error: &(dyn std::error::Error + 'static)) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(error) = source {
        text.push_str(": ");
        text.push_str(&error.to_string());
        source = error.source();
    }
    text
}
