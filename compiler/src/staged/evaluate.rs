//! An event through its stages.

use super::choose::{self, Rate};
use super::classify::{self, Class, Classifier};
use super::rows::{FdCache, FdKey, Row, Rows};
use super::states::{Caching, PROCESS_SCOPES, StateId, States, Step};
use super::{Counters, Options, Question, Staged, Staging, Subject};
#[cfg(feature = "jit")]
use crate::codegen::Values;
use crate::found::{EventValues, FoundCache};
use crate::hir::eval::FieldSource;
use crate::interp::{Fields, Go, Strict, reference};
use crate::ir::print;
use crate::ir::ready::Ready;
use crate::ir::{Graph, PredId, Program, SlotId, SlotKind};
use crate::schema::{EventCode, Schema, Scope};
use std::sync::Arc;

const NO_BUCKET: u32 = u32::MAX;
/// New successors after which the bounds are looked at.
const GROWTH_CHECK: u32 = 256;
const FD_SCOPE: u8 = 1 << Scope::Fd as u8;

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
            found: FoundCache::default(),
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
        let class = self.class(slot, fields);
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
    #[cfg(not(feature = "jit"))]
    fn event_stage<'a>(&mut self, from: StateId, fields: &impl Fields<'a>) -> StateId {
        self.interpret(from, fields)
    }

    /// The state after all answers, by asking one after the other.
    pub(super) fn interpret<'a>(&mut self, from: StateId, fields: &impl Fields<'a>) -> StateId {
        let mut cache = std::mem::take(&mut self.found);
        let mut values = cache.event(self.program.graph.slots().len());
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
        drop(values);
        self.found = cache;
        at
    }

    fn holds<'a>(&self, id: PredId, fields: &impl Fields<'a>, values: &mut EventValues<'_, 'a>) -> bool {
        let graph = &self.program.graph;
        let slot = graph.pred(id).slot;
        let kind = &graph.slot(slot).kind;
        let SlotKind::Field(field) = kind else {
            return reference(&self.schema, kind, fields as &dyn FieldSource);
        };
        let found = values.get(slot, || fields.find(field));
        self.ready.get(id.index()).is_some_and(|ready| ready.holds(&found))
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
pub(super) fn class_of<'a>(
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
