//! Staged evaluation: each answer is found once, as early as what it depends on is known.
//!
//! In: a [`Program`] and, for each event, its fields and what they belong to ([`Subject`]). Out: the rules that
//! match, in order of definition.
//!
//! ```text
//! event type -> bucket -> [row of the thread]  state after all answers about the process   kept until it changes
//!                      -> [cache of the fd]    state after all answers about the descriptor kept until it changes
//!                      -> questions about the event, each at most once, until no rule is open
//! ```
//!
//! A *state* is the set of rules that can still match with what is left of their conditions; an answer leads to
//! another state, with rules gone and conditions shorter. States and their successors are made when an event
//! first needs them and are shared by all events after it, so what remains of an event for which nothing is new
//! is a walk through known states: for one whose process has no live rule, a look-up and a comparison.
//!
//! Questions are single predicates, or the *class* of a slot's values, which answers all predicates
//! of that slot at once.
//!
//! INVARIANT: the result is that of [`crate::interp`] on the same program, provided that under unchanged
//! versions the fields of scope ruleset, container, process (by the thread's) and fd (by its own) do not change.
//! Nothing is allocated for an event that meets known states only.

mod choose;
mod classify;
mod evaluate;
mod memory;
#[cfg(feature = "jit")]
mod native;
mod rows;
mod states;

#[cfg(feature = "jit")]
use crate::codegen::Values;
use crate::found::FoundCache;
use crate::ir::Program;
use crate::ir::ready::Ready;
use crate::schema::Schema;
use choose::Rate;
use classify::Classifier;
#[cfg(feature = "jit")]
pub use native::{Compiled, Job};
use rows::{FdCache, Rows};
use states::{StateId, States};
use std::sync::Arc;

/// What an event's fields belong to.
pub trait Subject {
    /// The thread: its place, and its version, which is never 0 and never used again.
    fn thread(&self) -> Option<(u32, u64)>;
    /// Version of the descriptor, which is never 0 and never used again; `None` if it is not known.
    fn fd(&self) -> Option<u64>;
    /// What all threads and descriptors depend on.
    fn generation(&self) -> u64;
}

/// Whether answers are kept between events.
#[derive(Copy, Clone, PartialEq, Eq, Debug, Default)]
pub enum Staging {
    /// Each event is decided by itself.
    Off,
    /// What depends on the process or the descriptor is kept.
    #[default]
    On,
}

/// How to evaluate.
#[derive(Copy, Clone, PartialEq, Eq, Debug, Default)]
pub struct Options {
    /// Whether answers are kept.
    pub staging: Staging,
    /// Only the first rule that matches is asked for.
    pub first_only: bool,
    /// Events after which a state is to be native code; `None` for never.
    pub native_after: Option<u32>,
    /// Bounds.
    pub limits: Limits,
}

/// Bounds of what is kept. What exceeds one makes everything kept be forgotten, and made again as needed.
#[derive(Copy, Clone, PartialEq, Eq, Debug)]
pub struct Limits {
    /// States.
    pub states: usize,
    /// Nodes of shortened conditions.
    pub nodes: usize,
    /// Classes of one slot.
    pub classes: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self { states: 1 << 17, nodes: 1 << 20, classes: 1 << 14 }
    }
}

/// How often something was asked.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Question {
    /// The predicate, or the slot that was looked up.
    pub text: String,
    /// When its answer changes.
    pub scope: &'static str,
    /// Times that it was asked.
    pub asked: u64,
    /// Times that it held; for look-ups, that anything did.
    pub held: u64,
}

/// What was done.
#[derive(Copy, Clone, PartialEq, Eq, Debug, Default)]
pub struct Counters {
    /// States made.
    pub states: u64,
    /// Times that everything kept was forgotten because of a bound.
    pub overflows: u64,
    /// Answers about a process that were not kept yet.
    pub process_misses: u64,
    /// Answers about a descriptor that were kept.
    pub fd_hits: u64,
    /// Answers about a descriptor that were not.
    pub fd_misses: u64,
    /// Events decided by the process.
    pub by_process: u64,
    /// Events decided by the descriptor.
    pub by_fd: u64,
    /// Events decided by themselves.
    pub by_event: u64,
    /// Functions of native code made.
    pub functions: u64,
    /// Bytes of native code made.
    pub code_bytes: u64,
    /// Functions that could not be made.
    pub refused: u64,
    /// Times that native code gave a state back to the interpreter.
    pub exits: u64,
}

/// Evaluates a program in stages.
#[derive(Debug)]
pub struct Staged {
    schema: Arc<Schema>,
    program: Arc<Program>,
    options: Options,
    by_event: Vec<u32>,
    ready: Vec<Ready>,
    classifiers: Vec<Classifier>,
    rates: Vec<Rate>,
    states: States,
    /// Where each bucket begins.
    roots: Vec<StateId>,
    rows: Rows,
    /// Place in a row of each slot that is asked about processes.
    row_slot: Vec<Option<u32>>,
    fds: FdCache,
    generation: u64,
    /// Successors made since the bounds were looked at.
    growth: u32,
    found: FoundCache,
    counters: Counters,
    #[cfg(feature = "jit")]
    values: Values,
    /// States to be compiled.
    #[cfg(feature = "jit")]
    jobs: Vec<Job>,
    /// Times that everything was forgotten.
    #[cfg(feature = "jit")]
    epoch: u64,
}
