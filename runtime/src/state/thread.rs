//! One thread as the engine knows it.

use super::fd::FdTable;
use super::text::Text;
use std::sync::LazyLock;

/// Flags of a thread: those of its creation, in the numbers of the capture format, and the engine's own.
#[derive(Copy, Clone, PartialEq, Eq, Debug, Default)]
pub struct ThreadFlags(pub u32);

impl ThreadFlags {
    /// It shares its descriptors with its process.
    pub const CLONE_FILES: u32 = 1;
    /// It is the child of its creator's parent.
    pub const CLONE_PARENT: u32 = 1 << 8;
    /// It is a further thread of its creator's process.
    pub const CLONE_THREAD: u32 = 1 << 13;
    /// It was seen before its creator returned.
    pub const INVERTED: u32 = 1 << 16;
    /// It has ended.
    pub const CLOSED: u32 = 1 << 18;
    /// It is the first of a new pid namespace.
    pub const CLONE_NEWPID: u32 = 1 << 6;
    /// It lives in another pid namespace than its creator.
    pub const CHILD_IN_PIDNS: u32 = 1 << 29;

    /// Whether any of `bits` is set.
    pub fn has(self, bits: u32) -> bool {
        self.0 & bits != 0
    }
}

/// Numbers that stand for "not known".
pub(crate) const NO_ID: u32 = u32::MAX;

/// Everything about a thread. Times are nanoseconds since 1970, 0 when unknown.
#[derive(Clone, Debug)]
#[expect(clippy::struct_excessive_bools, reason = "as Falco's fields have them")]
pub struct Thread {
    /// Thread.
    pub tid: i64,
    /// Process.
    pub pid: i64,
    /// Parent; 0 when there is none, negative when unknown.
    pub ptid: i64,
    /// Thread in its own pid namespace.
    pub vtid: i64,
    /// Process in its own pid namespace.
    pub vpid: i64,
    /// Session.
    pub sid: i64,
    /// Process group.
    pub pgid: i64,
    /// Process group in its own pid namespace.
    pub vpgid: i64,
    /// Who gets its children when it ends; 0 or less when the kernel did not say.
    pub reaper: i64,
    /// Flags.
    pub flags: ThreadFlags,
    /// Name of at most 15 bytes.
    pub comm: Text,
    /// First argument.
    pub exe: Text,
    /// Path of the executable.
    pub exepath: Text,
    /// Arguments behind the first, each with a NUL at its end.
    pub args: Text,
    /// Name and arguments joined by blanks: `proc.cmdline`, which rules ask for at every event.
    pub cmdline: Text,
    /// Environment, each with a NUL at its end.
    pub env: Text,
    /// `subsystem=path`, each with a NUL at its end.
    pub cgroups: Text,
    /// Working directory with a slash at its end.
    pub cwd: Text,
    /// Root directory.
    pub root: Text,
    /// Short id of the container; empty outside of one.
    pub container: Text,
    /// User.
    pub uid: u32,
    /// Group.
    pub gid: u32,
    /// Audit login user; all ones when unset.
    pub loginuid: u32,
    /// Controlling terminal; 0 none.
    pub tty: u32,
    /// Capabilities: inheritable, permitted, effective; bits as the format numbers them.
    pub caps: [u64; 3],
    /// Inode of the executable, and when it and its content changed.
    pub exe_ino: [u64; 3],
    /// The executable can be written by its user.
    pub exe_writable: bool,
    /// The executable lies in an overlay's upper layer.
    pub exe_upper_layer: bool,
    /// The executable lies in an overlay's lower layer.
    pub exe_lower_layer: bool,
    /// The executable is a memory file.
    pub exe_from_memfd: bool,
    /// Limit on descriptors.
    pub fdlimit: i64,
    /// Memory in KiB: virtual, resident, swapped out.
    pub memory_kb: [u32; 3],
    /// Page faults: with I/O, without.
    pub faults: [u64; 2],
    /// When it was created.
    pub clone_ns: u64,
    /// When it executed its program.
    pub exec_ns: u64,
    /// Start of its pid namespace.
    pub pidns_init_start_ns: u64,
    /// Descriptors; empty for threads that share them.
    pub fds: FdTable,
    /// Threads whose parent this is.
    pub children: Vec<i64>,
    /// What an enter event left for its exit.
    pub pending: Option<Box<Pending>>,
    pub(super) version: u64,
}

/// What an enter event said.
#[derive(Clone, Debug)]
pub struct Pending {
    /// Code of the enter event.
    pub code: u16,
    /// Its parameters that matter: descriptor, flags, path.
    pub fd: i64,
    /// Flags.
    pub flags: u32,
    /// Path or raw address.
    pub bytes: Vec<u8>,
}

impl Pending {
    /// Whether an exit event of this code belongs to it. The two forms of exec end in either one's event.
    pub(super) fn is_ended_by(&self, code: u16) -> bool {
        let is_exec = matches!(self.code, 292 | 330) && matches!(code, 293 | 331);
        is_exec || code == self.code + 1
    }
}

impl Thread {
    /// A thread of which only its number is known.
    pub fn unknown(tid: i64) -> Self {
        static NA: LazyLock<Text> = LazyLock::new(|| Text::from(&b"<NA>"[..]));
        static SLASH: LazyLock<Text> = LazyLock::new(|| Text::from(&b"/"[..]));
        let (none, na) = (Text::default(), Text::clone(&NA));
        Self {
            tid,
            pid: -1,
            ptid: -1,
            vtid: -1,
            vpid: -1,
            sid: -1,
            pgid: -1,
            vpgid: -1,
            reaper: -1,
            flags: ThreadFlags::default(),
            comm: Text::clone(&na),
            exe: Text::clone(&na),
            exepath: none.clone(),
            args: none.clone(),
            cmdline: Text::clone(&na),
            env: none.clone(),
            cgroups: none.clone(),
            cwd: none.clone(),
            root: Text::clone(&SLASH),
            container: none,
            uid: NO_ID,
            gid: NO_ID,
            loginuid: NO_ID,
            tty: 0,
            caps: [0; 3],
            exe_ino: [0; 3],
            exe_writable: false,
            exe_upper_layer: false,
            exe_lower_layer: false,
            exe_from_memfd: false,
            fdlimit: 0,
            memory_kb: [0; 3],
            faults: [0; 2],
            clone_ns: 0,
            exec_ns: 0,
            pidns_init_start_ns: 0,
            fds: FdTable::default(),
            children: Vec::new(),
            pending: None,
            version: 0,
        }
    }

    /// Stamp of the facts about it; see [`State::facts_generation`](super::State::facts_generation). Never 0 in
    /// a table.
    pub fn version(&self) -> u64 {
        self.version
    }

    /// Brings `cmdline` up to date with the name and the arguments.
    pub(crate) fn set_cmdline(&mut self) {
        let mut text = self.comm.to_vec();
        for arg in super::text::items(&self.args) {
            text.push(b' ');
            text.extend_from_slice(arg);
        }
        super::text::set(&mut self.cmdline, &text);
    }

    /// Whether it is the first thread of its process.
    pub fn is_main(&self) -> bool {
        self.tid == self.pid
    }

    /// Whether its ids are not known.
    pub fn is_invalid(&self) -> bool {
        self.tid < 0 || self.pid < 0 || self.ptid < 0
    }

    /// Whether it has ended.
    pub fn is_dead(&self) -> bool {
        self.flags.has(ThreadFlags::CLOSED)
    }
}
