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
#[cfg(feature = "jit")]
mod native;
mod rows;
mod states;

#[cfg(feature = "jit")]
use crate::codegen::{Call, Values};
use crate::hir::eval::FieldSource;
use crate::interp::{Fields, Go, Strict, reference};
use crate::ir::print;
use crate::ir::ready::Ready;
use crate::ir::{Graph, PredId, Program, SlotId, SlotKind};
use crate::schema::{EventCode, Schema, Scope};
use crate::value::Found;
use choose::Rate;
use classify::{Class, Classifier};
#[cfg(feature = "jit")]
use native::Native;
#[cfg(feature = "jit")]
pub use native::{Compiled, Job};
use rows::{FdCache, FdKey, Row, Rows};
#[cfg(feature = "jit")]
use states::State;
use states::{Caching, PROCESS_SCOPES, StateId, States, Step};
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

const NO_BUCKET: u32 = u32::MAX;
/// New successors after which the bounds are looked at.
const GROWTH_CHECK: u32 = 256;

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
    scratch: Scratch,
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

/// Values found for the current event.
#[derive(Debug, Default)]
struct Scratch {
    stamp: u32,
    /// Place of each slot's value: its stamp and position.
    places: Vec<(u32, u32)>,
    /// Room for values; empty between events.
    values: Vec<Found<'static>>,
}

/// An empty vector with the room of another one.
fn emptied<'b>(mut values: Vec<Found<'_>>) -> Vec<Found<'b>> {
    values.clear();
    // nothing is left to convert; the library keeps the allocation, since both types have one layout
    values.into_iter().map(|_| Found::Nothing).collect()
}

impl Staged {
    /// For a program of a schema. `keeps_fd` says of an event type whether its events use descriptors as they
    /// are, so that answers about them are worth keeping.
    pub fn new(
        schema: Arc<Schema>,
        program: Arc<Program>,
        options: Options,
        keeps_fd: &dyn Fn(EventCode) -> bool,
    ) -> Self {
        let graph = &program.graph;
        let by_event = program.by_event(schema.events().len());
        let mut process_slots = 0;
        let row_slot = graph.slots().iter().map(|slot| {
            let kept = options.staging == Staging::On && slot.scope <= Scope::Process;
            kept.then(|| {
                process_slots += 1;
                process_slots - 1
            })
        });
        let row_slot: Vec<Option<u32>> = row_slot.collect();
        let mut staged = Self {
            by_event: by_event.into_iter().map(|at| at.unwrap_or(NO_BUCKET)).collect(),
            ready: Ready::all(graph),
            classifiers: classify::all(graph),
            rates: vec![Rate::default(); graph.preds().len()],
            states: States::new(&program, options.first_only),
            roots: Vec::new(),
            rows: Rows::new(program.buckets.len(), process_slots as usize),
            row_slot,
            fds: FdCache::new(),
            generation: 0,
            growth: 0,
            scratch: Scratch::default(),
            counters: Counters::default(),
            #[cfg(feature = "jit")]
            values: Values::new(graph.slots().len()),
            #[cfg(feature = "jit")]
            jobs: Vec::new(),
            #[cfg(feature = "jit")]
            epoch: 0,
            schema,
            options,
            program,
        };
        staged.scratch.places = vec![(0, 0); staged.program.graph.slots().len()];
        staged.plant(keeps_fd);
        staged
    }

    /// Makes the first state of each bucket.
    fn plant(&mut self, keeps_fd: &dyn Fn(EventCode) -> bool) {
        self.roots = self
            .program
            .buckets
            .iter()
            .map(|bucket| {
                let caching = match self.options.staging {
                    Staging::Off => Caching::Nothing,
                    Staging::On if bucket.codes.iter().all(|c| keeps_fd(*c)) => Caching::ProcessAndFd,
                    Staging::On => Caching::Process,
                };
                self.states.root(caching, &bucket.rules)
            })
            .collect();
    }

    /// What was done so far.
    pub fn counters(&self) -> Counters {
        Counters { states: self.states.made(), ..self.counters }
    }

    /// How often each question was asked of events, and each slot classified; native code does not count.
    pub fn questions(&self) -> Vec<Question> {
        let graph = &self.program.graph;
        let preds = graph.preds().iter().zip(&self.rates).map(|(pred, rate)| Question {
            text: print::readable(graph, pred),
            scope: print::scope_word(graph.slot(pred.slot).scope),
            asked: u64::from(rate.asked),
            held: u64::from(rate.held),
        });
        let slots = graph.slots().iter().zip(&self.classifiers).map(|(slot, of)| Question {
            text: format!("look-up of {}", slot.name),
            scope: print::scope_word(slot.scope),
            asked: of.asked(),
            held: of.found(),
        });
        preds.chain(slots).collect()
    }

    /// The program.
    pub fn program(&self) -> &Program {
        &self.program
    }

    /// Number of rules that look at an event type.
    pub fn rules_for(&self, code: EventCode) -> usize {
        let bucket =
            self.by_event.get(usize::from(code.0)).and_then(|&at| self.program.buckets.get(at as usize));
        bucket.map_or(0, |b| b.rules.len() + b.strict.len())
    }

    /// Calls `hit` with each rule that matches, in order of definition, until it says to stop. Gives the number
    /// of rules with a check whose type does not go with the event's, which do not match.
    #[inline]
    pub fn matches<'a>(
        &mut self,
        subject: &impl Subject,
        code: EventCode,
        fields: &impl Fields<'a>,
        hit: impl FnMut(u32) -> Go,
    ) -> u64 {
        match self.by_event.get(usize::from(code.0)) {
            Some(&bucket) if bucket != NO_BUCKET => self.bucket(bucket, subject, code, fields, hit),
            _ => 0,
        }
    }

    fn bucket<'a>(
        &mut self,
        bucket: u32,
        subject: &impl Subject,
        code: EventCode,
        fields: &impl Fields<'a>,
        hit: impl FnMut(u32) -> Go,
    ) -> u64 {
        if self.growth >= GROWTH_CHECK {
            self.bound();
        }
        let generation = subject.generation();
        if generation != self.generation {
            self.generation = generation;
            self.rows.forget();
            self.fds.forget();
        }
        let row = self.rows.of(subject.thread());
        let mut at = match self.rows.state(row, bucket) {
            Some(known) => known,
            None => self.process_stage(row, bucket, fields),
        };
        if self.states.dead(at) {
            self.counters.by_process += 1;
        } else {
            at = self.fd_stage(at, subject, code, fields);
            if self.states.dead(at) {
                self.counters.by_fd += 1;
            } else {
                self.counters.by_event += 1;
                at = self.event_stage(at, fields);
            }
        }
        self.report(at, bucket, fields, hit)
    }

    /// Tells the rules that match in a last state, and those of the bucket that can fail.
    #[inline]
    fn report<'a>(
        &self,
        at: StateId,
        bucket: u32,
        fields: &impl Fields<'a>,
        mut hit: impl FnMut(u32) -> Go,
    ) -> u64 {
        let matched = self.states.get(at).map_or(&[][..], |s| &s.matched);
        let strict = self.program.buckets.get(bucket as usize).map_or(&[][..], |b| &b.strict);
        if matched.is_empty() && strict.is_empty() {
            return 0;
        }
        let mut strict = Strict::new(&self.schema, strict);
        for &rule in matched {
            if strict.before(rule, fields, &mut hit) == Go::Stop || hit(rule) == Go::Stop {
                return strict.mismatches;
            }
        }
        strict.before(u32::MAX, fields, &mut hit);
        strict.mismatches
    }

    /// The state after all answers about the process, which is kept.
    #[cold]
    fn process_stage<'a>(&mut self, row: Row, bucket: u32, fields: &impl Fields<'a>) -> StateId {
        self.counters.process_misses += 1;
        let mut at = self.roots.get(bucket as usize).copied().unwrap_or(StateId::UNKNOWN);
        if self.options.staging == Staging::On {
            while let Some(slot) = self.asks(at, PROCESS_SCOPES) {
                let class = self.process_class(row, slot, fields);
                at = self.after_class(at, slot, class);
            }
        }
        self.rows.set_state(row, bucket, at);
        at
    }

    /// The slot that a state asks about, if something of these scopes is left.
    fn asks(&mut self, at: StateId, scopes: u8) -> Option<SlotId> {
        let state = self.states.get(at).filter(|s| s.scopes & scopes != 0)?;
        if let Step::Class(slot, _) = state.step {
            return Some(slot);
        }
        self.choose(at);
        match self.states.get(at)?.step {
            Step::Class(slot, _) => Some(slot),
            _ => None,
        }
    }

    fn choose(&mut self, at: StateId) {
        let Some(state) = self.states.get(at).filter(|s| matches!(s.step, Step::Unknown)) else { return };
        let step = choose::step(&self.states.graph, state, &self.rates);
        if let Some(state) = self.states.get_mut(at) {
            state.step = step;
        }
    }

    /// The class of a slot's values for the process; kept.
    fn process_class<'a>(&mut self, row: Row, slot: SlotId, fields: &impl Fields<'a>) -> Class {
        let place = self.row_slot.get(slot.index()).copied().flatten();
        if let Some(known) = place.and_then(|p| self.rows.class(row, p as usize)) {
            return known;
        }
        let kind = &self.program.graph.slot(slot).kind;
        let class = match (self.classifiers.get_mut(slot.index()), kind) {
            (Some(of), SlotKind::Field(field)) => {
                of.remembered(&self.program.graph, &fields.find(field), &self.ready)
            }
            _ => self.class(slot, fields),
        };
        if let Some(place) = place {
            self.rows.set_class(row, place as usize, class);
        }
        class
    }

    /// The class of a slot's values for the event.
    fn class<'a>(&mut self, slot: SlotId, fields: &impl Fields<'a>) -> Class {
        class_of(&mut self.classifiers, &self.schema, &self.program.graph, &self.ready, slot, fields)
    }

    fn after_class(&mut self, at: StateId, slot: SlotId, class: Class) -> StateId {
        if let Some(known) = self.states.next_class(at, class) {
            return known;
        }
        self.growth += 1;
        match self.classifiers.get(slot.index()) {
            Some(classifier) => self.states.after_class(at, slot, class, classifier),
            None => at,
        }
    }

    /// The state after all answers about the descriptor, which is kept.
    #[inline]
    fn fd_stage<'a>(
        &mut self,
        from: StateId,
        subject: &impl Subject,
        code: EventCode,
        fields: &impl Fields<'a>,
    ) -> StateId {
        let Some(state) = self.states.get(from) else { return from };
        let asks = state.caching == Caching::ProcessAndFd && state.scopes & FD_SCOPE != 0;
        let Some(fd) = (if asks { subject.fd() } else { None }) else { return from };
        let key = FdKey { fd, from: from.0, code: u32::from(code.0) };
        if let Some(known) = self.fds.get(&key) {
            self.counters.fd_hits += 1;
            return known;
        }
        self.fd_miss(key, from, fields)
    }

    #[cold]
    fn fd_miss<'a>(&mut self, key: FdKey, from: StateId, fields: &impl Fields<'a>) -> StateId {
        self.counters.fd_misses += 1;
        let mut at = from;
        while let Some(slot) = self.asks(at, FD_SCOPE) {
            let class = self.class(slot, fields);
            at = self.after_class(at, slot, class);
        }
        self.fds.set(key, at);
        at
    }

    /// The state after all answers.
    #[cfg(feature = "jit")]
    fn event_stage<'a>(&mut self, from: StateId, fields: &impl Fields<'a>) -> StateId {
        let mut at = from;
        loop {
            let Some(state) = self.states.get(at) else { return at };
            if matches!(state.step, Step::Done) {
                return at;
            }
            let Native::Code(code) = &state.code else {
                self.ask_for_code(at);
                return self.interpret(at, fields);
            };
            let Self { schema, program, ready, classifiers, values, .. } = self;
            let graph = &program.graph;
            let call = Call {
                fields,
                schema,
                slots: graph.slots(),
                slot_of: &|pred| graph.pred(pred).slot,
                ready,
                classify: &mut |slot| class_of(classifiers, schema, graph, ready, slot, fields).0,
            };
            let Some(to) = call.run(code, values) else { return self.interpret(at, fields) };
            let to = StateId(to);
            if matches!(self.states.get(to), Some(State { step: Step::Done, .. })) {
                return to;
            }
            self.counters.exits += 1;
            if to == at {
                return self.interpret(at, fields);
            }
            at = to;
        }
    }

    /// The state after all answers.
    #[cfg(not(feature = "jit"))]
    fn event_stage<'a>(&mut self, from: StateId, fields: &impl Fields<'a>) -> StateId {
        self.interpret(from, fields)
    }

    /// Asks for native code of a state that events go on from, if there have been enough of them.
    #[cfg(feature = "jit")]
    fn ask_for_code(&mut self, at: StateId) {
        let (Some(after), Some(state)) = (self.options.native_after, self.states.get_mut(at)) else { return };
        if state.visits < after || !matches!(state.code, Native::Not) {
            return;
        }
        state.code = Native::Asked;
        let job = Job::new(&self.states, self.epoch, at);
        self.jobs.push(job);
    }

    /// States that are to be compiled. Each job is given out once.
    #[cfg(feature = "jit")]
    pub fn take_jobs(&mut self) -> Vec<Job> {
        std::mem::take(&mut self.jobs)
    }

    /// Whether there are states to be compiled.
    #[cfg(feature = "jit")]
    pub fn has_jobs(&self) -> bool {
        !self.jobs.is_empty()
    }

    /// Puts compiled code in its place. Call it between events.
    #[cfg(feature = "jit")]
    pub fn install(&mut self, compiled: Compiled) {
        let Ok(code) = compiled.code else {
            self.counters.refused += 1;
            return;
        };
        self.counters.functions += 1;
        self.counters.code_bytes += code.bytes() as u64;
        if compiled.epoch == self.epoch
            && let Some(state) = self.states.get_mut(compiled.state)
        {
            state.code = Native::Code(Box::new(code));
        }
    }

    /// The state after all answers, by asking one after the other.
    fn interpret<'a>(&mut self, from: StateId, fields: &impl Fields<'a>) -> StateId {
        self.next_event();
        let mut values = emptied(std::mem::take(&mut self.scratch.values));
        let mut at = from;
        while let Some(state) = self.states.get_mut(at) {
            state.visits = state.visits.saturating_add(1);
            match &state.step {
                Step::Done => break,
                Step::Unknown => self.choose(at),
                Step::Pred(pred, next) => {
                    let (pred, next) = (*pred, *next);
                    let holds = self.holds(pred, fields, &mut values);
                    if let Some(rate) = self.rates.get_mut(pred.index()) {
                        rate.asked = rate.asked.saturating_add(1);
                        rate.held = rate.held.saturating_add(u32::from(holds));
                    }
                    let known = if holds { next[1] } else { next[0] };
                    at = if let Some(known) = known.known() {
                        known
                    } else {
                        self.growth += 1;
                        self.states.after_pred(at, pred, holds)
                    };
                }
                Step::Class(slot, _) => {
                    let slot = *slot;
                    let class = self.class(slot, fields);
                    at = self.after_class(at, slot, class);
                }
            }
        }
        self.scratch.values = emptied(values);
        at
    }

    fn next_event(&mut self) {
        if self.scratch.stamp == u32::MAX {
            self.scratch.places.fill((0, 0));
            self.scratch.stamp = 0;
        }
        self.scratch.stamp += 1;
    }

    fn holds<'a>(&mut self, id: PredId, fields: &impl Fields<'a>, values: &mut Vec<Found<'a>>) -> bool {
        let graph = &self.program.graph;
        let slot = graph.pred(id).slot;
        let Some(ready) = self.ready.get(id.index()) else { return false };
        let Some(place) = self.scratch.places.get_mut(slot.index()) else { return false };
        if place.0 == self.scratch.stamp
            && let Some(found) = values.get(place.1 as usize)
        {
            return ready.holds(found);
        }
        let kind = &graph.slot(slot).kind;
        let SlotKind::Field(field) = kind else {
            return reference(&self.schema, kind, fields as &dyn FieldSource);
        };
        let found = fields.find(field);
        *place = (self.scratch.stamp, values.len() as u32);
        let holds = ready.holds(&found);
        values.push(found);
        holds
    }

    /// Forgets everything if there is too much of it.
    fn bound(&mut self) {
        self.growth = 0;
        let limits = &self.options.limits;
        let too_many = self.states.len() > limits.states
            || self.states.made_nodes() > limits.nodes
            || self.classifiers.iter().any(|c| c.len() > limits.classes);
        if too_many {
            self.counters.overflows += 1;
            self.forget();
        }
    }

    /// Forgets what was kept; it is made again as events need it.
    pub fn forget(&mut self) {
        #[cfg(feature = "jit")]
        {
            self.epoch += 1;
            self.jobs.clear();
        }
        self.rows.forget();
        self.fds.forget();
        self.classifiers.iter_mut().for_each(Classifier::forget);
        self.states.forget();
        let roots = std::mem::take(&mut self.roots);
        debug_assert_eq!(roots.len(), self.program.buckets.len(), "a root for each bucket");
        self.roots = self.states.replant();
    }
}

/// The class of a slot's values for the event.
fn class_of<'a>(
    classifiers: &mut [Classifier],
    schema: &Schema,
    graph: &Graph,
    ready: &[Ready],
    slot: SlotId,
    fields: &impl Fields<'a>,
) -> Class {
    let Some(classifier) = classifiers.get_mut(slot.index()) else { return Class(0) };
    match &graph.slot(slot).kind {
        SlotKind::Field(field) => classifier.class(graph, &fields.find(field), ready),
        kind => classifier.class_of(reference(schema, kind, fields as &dyn FieldSource)),
    }
}

const FD_SCOPE: u8 = 1 << Scope::Fd as u8;
