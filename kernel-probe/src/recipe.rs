//! How a system call becomes an event.

use crate::translate::Translation;

/// How a parameter is found. The numbers are those of `bpf/values.h`.
#[derive(Copy, Clone, PartialEq, Eq, Debug)]
#[repr(u8)]
pub enum Kind {
    /// The result, 8 bytes.
    Ret,
    /// The result, 4 bytes.
    Ret32,
    /// An argument, `extra` bytes of it.
    Int,
    /// An argument of 32 bits with a sign, as 8 bytes.
    Fd,
    /// A text.
    Text,
    /// Bytes that were read: as many as the result.
    DataIn,
    /// Bytes to be written: as many as the result, or argument `extra` if it failed.
    DataOut,
    /// Bytes of a vector; argument `extra` is its length, 256 for one that was read.
    IovData,
    /// Bytes that a vector has room for.
    IovSize,
    /// No bytes.
    Empty,
    /// `extra` bytes of 0.
    Zero,
    /// An address; argument `extra` is its length.
    SockAddr,
    /// Ends of the socket in an argument.
    Tuple,
    /// Ends of the socket that is the result.
    RetTuple,
    /// Nanoseconds of a timespec.
    TimeSpec,
    /// 8 bytes at an argument + `extra`.
    At64,
    /// 4 bytes at an argument + `extra`.
    At32,
    /// The same with a sign, as 8 bytes; -1 if it failed.
    At32Signed,
    /// Memory of the process in KiB: 0 all, 1 resident, 2 swapped out.
    Vm,
    /// Device of the file that is the result.
    RetDev,
    /// Inode of the file that is the result.
    RetIno,
    /// Open flags with facts of the file that is the result.
    FlagsFacts,
    /// These facts alone.
    Facts16,
    /// Inode of the descriptor at an argument.
    PipeIno,
    /// Capabilities: 0 inheritable, 1 permitted, 2 effective.
    Cap,
    /// Share of a listening socket's queue in use.
    QueuePercent,
    /// Its length.
    QueueLen,
    /// Its size.
    QueueMax,
    /// Bytes of a message; `extra` 1: as many as the result.
    MsgData,
    /// Bytes that a message has room for.
    MsgSize,
    /// Ends with the message's own address.
    MsgTuple,
    /// Control bytes of a message.
    MsgControl,
    /// Address (0) or data (1) of ptrace.
    Ptrace,
    /// Value of a socket option; argument `extra` is its length, 256 behind a pointer.
    SockOpt,
    /// Descriptors to poll; `extra` 1: with what happened.
    Fds,
    /// `extra`: a system call's number in the format.
    Syscall,
    /// The machine's number of the system call.
    Nr,
    /// 4 bytes of a set of signals.
    SigSet,
    /// Kernel address of a pair's first (0) or second (1) socket.
    Peers,
    /// A text if prctl's option has one.
    PrctlText,
    /// Else a number.
    PrctlInt,
    /// Path of the file that is the result.
    RetPath,
    /// 8 bytes at an argument + `extra`, or -1 if it failed or there is none.
    IntOrAbsent,
    /// Flags of a descriptor in 2 bytes; close-on-exec, which does not fit, is bit 0.
    Flags16,
    /// Of an operation on semaphores; `extra`: 3 times its place + 0 number, 1 operation, 2 flags.
    SemOp,
    /// Of `quotactl`; `extra`: `put_quota` of `bpf/values.h`.
    Quota,
    /// An argument of `keyctl` with its type.
    KeyCtl,
    /// An offset whose upper half is in an argument, the lower one in argument `extra`.
    Offset,
    /// The result if it is above 0, 4 bytes.
    RetSize,
    /// A text, if the call did not fail.
    TextIfDone,
    /// The value of `fsconfig`: `extra` 0 bytes, 1 a text, if the command has one and did not fail.
    FsValue,
    /// The value of `semctl`, if the command sets one.
    SemValue,
}

/// A parameter.
#[derive(Copy, Clone, PartialEq, Eq, Debug)]
#[repr(C)]
pub struct Op {
    /// How it is found.
    pub kind: Kind,
    /// Argument.
    pub arg: u8,
    /// See [`Kind`].
    pub extra: u16,
}

/// Who makes the event.
#[derive(Copy, Clone, PartialEq, Eq, Debug)]
#[repr(u8)]
pub enum Run {
    /// The parameters one by one.
    Recipe,
    /// The program for new processes.
    Clone,
    /// The program for executed ones.
    Exec,
    /// The program for opened files.
    Open,
    /// The first program itself, for closed descriptors.
    Close,
    /// The program for several messages, an event each.
    Messages,
}

/// How a system call becomes an event.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Recipe {
    /// Number of the system call.
    pub nr: u32,
    /// Event type.
    pub code: u16,
    /// Who makes it.
    pub run: Run,
    /// It changes the state: it goes into a ring of its own, so that other events cannot crowd it out.
    pub changes_state: bool,
    /// Its parameters.
    pub ops: Vec<Op>,
    /// What user space does to them.
    pub translations: Vec<(u8, Translation)>,
}

/// Longest recipe; `MAX_OPS` of `bpf/event.h`.
pub(crate) const MAX_OPS: usize = 20;

/// A recipe as the programs read it.
#[derive(Copy, Clone)]
#[repr(C)]
pub(crate) struct Raw {
    code: u16,
    count: u8,
    program: u8,
    lane: u8,
    pad: [u8; 3],
    ops: [Op; MAX_OPS],
}

const _: () = assert!(size_of::<Raw>() == 8 + 4 * MAX_OPS && size_of::<Op>() == 4);

// SAFETY: plain numbers without padding, see the assertion on its size
unsafe impl aya::Pod for Raw {}

impl Raw {
    /// One that records nothing.
    pub(crate) fn none() -> Self {
        let op = Op { kind: Kind::Empty, arg: 0, extra: 0 };
        Self { code: 0, count: 0, program: 0, lane: 0, pad: [0; 3], ops: [op; MAX_OPS] }
    }

    pub(crate) fn of(recipe: &Recipe) -> Self {
        let mut raw = Self::none();
        (raw.code, raw.count) = (recipe.code, recipe.ops.len() as u8);
        (raw.program, raw.lane) = (recipe.run as u8, u8::from(recipe.changes_state));
        raw.ops.iter_mut().zip(&recipe.ops).for_each(|(to, op)| *to = *op);
        raw
    }
}
