//! System calls and processes of this machine, by eBPF.
//!
//! In: which system calls matter and whose ([`Options`]). Out: events in the layout of the capture format
//! ([`Probe::drain`]), in order of time, and for every one that was lost or is incomplete a count with the
//! reason ([`Probe::ledger`]).
//!
//! The programs (`bpf/`) run where a system call ends and where a process executes a program or exits. What they
//! do for a system call is data: a [`Recipe`] names the parameters of its event one by one. They copy values as
//! the kernel has them; numbers of flags become those of the format here (`translate`), off the path of the
//! traced program.
//!
//! What is done through `io_uring` becomes the events of the calls that do the same, marked ([`Mark`]); where the kernel
//! has no places to watch it, [`Probe::without_uring`] says so.
//!
//! INVARIANT: events of one thread come out in the order in which they happened. Only events up to a time that
//! was taken before any ring was read are handed on, and a thread's earlier event is in its ring before the
//! later one begins. Events of different threads are in order, too, as long as an event is in its ring within 0.3 ms
//! after its time stamp; that much is held back.

mod error;
mod ledger;
mod loader;
mod recipe;
mod rings;
mod start;
mod table;
mod translate;
mod uring;

pub use error::ProbeError;
pub use ledger::{Ledger, Loss, Losses};
pub use loader::{Filter, Interest, Options, Probe};
pub use recipe::{Kind, Op, Recipe, Run};
pub use rings::{Mark, not_preferred, prefer_this_thread};
pub use start::{OpenFile, Socket, Task};
pub use table::{PROC_EXIT, recipes};
pub use translate::{Translation, open_flags};
pub use uring::{FIXED_FD, UNKNOWN_FD};
