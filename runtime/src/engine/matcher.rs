//! Rules by event type.

use super::tier::{Jit, Tier};
use crate::config::RuleMatching;
use crate::event::EventFlags;
use crate::fields::extract::{EventContext, Extractors, bits, constant};
use peregrine_compiler::hir::eval::eval;
use peregrine_compiler::interp::{Go, Interpreter, Scratch};
use peregrine_compiler::ir::passes::Pass;
use peregrine_compiler::ir::{self, Program, Rules, access, passes};
use peregrine_compiler::rulefile::Rule;
use peregrine_compiler::schema::{EventCode, Schema};
use peregrine_compiler::staged::{self, Staged, Staging, Subject};
use peregrine_compiler::syntax::print;
use std::collections::BTreeMap;
use std::sync::Arc;

/// A rule of a ruleset, in the order of their definition.
#[derive(Copy, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct RuleId(pub u32);

/// How rules are evaluated. All ways give the same rules.
#[derive(Copy, Clone, PartialEq, Eq, Debug)]
pub enum Way {
    /// The interpreter of the decision IR: nothing is kept between events.
    Interpreter,
    /// By states, nothing kept between events.
    Unstaged(Jit),
    /// By states, with what depends on processes and descriptors kept.
    Staged(Jit),
}

impl Way {
    /// Every way.
    pub const ALL: [Self; 6] = [
        Self::Interpreter,
        Self::Unstaged(Jit::Off),
        Self::Unstaged(Jit::Eager),
        Self::Staged(Jit::Off),
        Self::Staged(Jit::Eager),
        Self::Staged(Jit::Tiered),
    ];
}

impl Default for Way {
    fn default() -> Self {
        Self::Staged(Jit::default())
    }
}

/// The rules that can match, by event type.
#[derive(Debug)]
pub struct Matcher {
    program: Arc<Program>,
    by: By,
    matching: RuleMatching,
    /// Checks whose type came with the event and did not go with their operator.
    pub type_mismatches: u64,
    /// Why rules are interpreted although native code is wanted.
    pub without_code: Option<String>,
}

#[derive(Debug)]
enum By {
    Interpreter(Interpreter, Scratch),
    States(Box<Staged>, Tier),
}

/// Whether a rule is looked at: it is on and of this engine's source.
fn counts(rule: &Rule, on: bool) -> bool {
    on && rule.source == "syscall"
}

/// The decision IR of the rules of the source `syscall` that `enabled` says are on.
pub fn program(schema: &Schema, rules: &[Rule], enabled: &[bool]) -> Program {
    program_with(schema, rules, enabled, Pass::ALL)
}

/// The same after some passes only.
pub fn program_with(schema: &Schema, rules: &[Rule], enabled: &[bool], with: &[Pass]) -> Program {
    let conditions = (0..)
        .zip(rules)
        .zip(enabled)
        .filter(|((_, rule), on)| counts(rule, **on))
        .map(|((id, rule), _)| (id, Arc::new(rule.condition.clone())));
    let rule = |id: u32| rules.get(id as usize);
    let rules = Rules {
        schema,
        conditions: conditions.collect(),
        text: &|id, check| {
            rule(id).map_or(String::new(), |r| print::canonical_node(r.ast(), r.condition.node(check).ast))
        },
        looks_at: &|id, code| rule(id).is_some_and(|r| r.events.contains(code.0)),
        constant: &|code, field| constant(schema, code, field),
        bits: &|code, field, text| bits(schema, code, field, text),
    };
    let mut program = ir::build::build(&rules);
    let types = passes::Types::new(schema, &rules);
    for &pass in with {
        passes::run(pass, &mut program, &types);
    }
    program
}

/// Whether events of a type use descriptors as they are, so that it pays to keep what is known of them.
fn keeps_fd(code: EventCode) -> bool {
    crate::event::info(code).is_some_and(|i| i.flags.contains(EventFlags::USES_FD))
}

impl Matcher {
    /// For the rules of the source `syscall` that `enabled` says are on.
    pub fn new(schema: &Schema, rules: &[Rule], enabled: &[bool], matching: RuleMatching) -> Self {
        Self::evaluated(schema, rules, enabled, matching, Way::default())
    }

    /// The same, evaluated in a way.
    pub fn evaluated(
        schema: &Schema,
        rules: &[Rule],
        enabled: &[bool],
        matching: RuleMatching,
        way: Way,
    ) -> Self {
        let program = Arc::new(program(schema, rules, enabled));
        let schema = Arc::new(schema.clone());
        let first_only = matching == RuleMatching::First;
        let (staging, jit) = match way {
            Way::Interpreter => {
                let by = Interpreter::new(schema, Arc::clone(&program));
                let by = By::Interpreter(by, Scratch::default());
                return Self { program, by, matching, type_mismatches: 0, without_code: None };
            }
            Way::Unstaged(jit) => (Staging::Off, jit),
            Way::Staged(jit) => (Staging::On, jit),
        };
        let (tier, without_code) = Tier::new(jit);
        let native_after = jit.after().filter(|_| tier.is_on());
        let options = staged::Options { staging, first_only, native_after, ..staged::Options::default() };
        let staged = Staged::new(schema, Arc::clone(&program), options, &keeps_fd);
        let by = By::States(Box::new(staged), tier);
        Self { program, by, matching, type_mismatches: 0, without_code }
    }

    /// Number of rules that look at an event type.
    pub fn rules_for(&self, code: EventCode) -> usize {
        match &self.by {
            By::Interpreter(interpreter, _) => interpreter.rules_for(code),
            By::States(staged, _) => staged.rules_for(code),
        }
    }

    /// Rules that no look-up of a literal finds, with what evaluating them costs at most, in loads; the dearest
    /// first.
    pub fn unindexed(&self) -> Vec<(RuleId, u64)> {
        let Program { graph, buckets, .. } = &*self.program;
        let mut found: BTreeMap<RuleId, u64> = BTreeMap::new();
        for rule in buckets.iter().flat_map(|b| &b.rules) {
            if access::required(graph, rule.root).is_none() {
                let price = found.entry(RuleId(rule.rule)).or_default();
                *price = (*price).max(access::price(graph, rule.root));
            }
        }
        let mut all: Vec<(RuleId, u64)> = found.into_iter().collect();
        all.sort_by_key(|&(rule, price)| (std::cmp::Reverse(price), rule));
        all
    }

    /// What evaluation by states did; `None` for the interpreter.
    pub fn counters(&self) -> Option<staged::Counters> {
        match &self.by {
            By::Interpreter(..) => None,
            By::States(staged, _) => Some(staged.counters()),
        }
    }

    /// How often each question was asked; empty for the interpreter.
    pub fn questions(&self) -> Vec<staged::Question> {
        match &self.by {
            By::Interpreter(..) => Vec::new(),
            By::States(staged, _) => staged.questions(),
        }
    }

    /// Calls `hit` for each rule that matches.
    pub fn matches(
        &mut self,
        extractors: &Extractors,
        context: &EventContext<'_>,
        mut hit: impl FnMut(RuleId),
    ) {
        let go = match self.matching {
            RuleMatching::First => Go::Stop,
            RuleMatching::All => Go::On,
        };
        let source = extractors.source(context);
        let hit = |id| {
            hit(RuleId(id));
            go
        };
        let code = context.event.code;
        self.type_mismatches += match &mut self.by {
            By::Interpreter(interpreter, scratch) => interpreter.matches(scratch, code, &source, hit),
            By::States(staged, tier) => {
                let mismatches = staged.matches(&Belongs(context), code, &source, hit);
                tier.between_events(staged);
                mismatches
            }
        };
    }
}

/// What an event's fields belong to.
struct Belongs<'c, 'a>(&'c EventContext<'a>);

impl Subject for Belongs<'_, '_> {
    #[inline]
    fn thread(&self) -> Option<(u32, u64)> {
        let place = self.0.current.thread?;
        Some((place.number(), self.0.thread()?.version()))
    }

    #[inline]
    fn fd(&self) -> Option<u64> {
        self.0.state.fd_version(&self.0.current)
    }

    #[inline]
    fn generation(&self) -> u64 {
        self.0.state.facts_generation()
    }
}

/// The rules that match an event, by the reference evaluator: what [`Matcher`] must find.
pub fn reference_matches(
    schema: &Schema,
    extractors: &Extractors,
    rules: &[Rule],
    enabled: &[bool],
    matching: RuleMatching,
    context: &EventContext<'_>,
) -> Vec<RuleId> {
    let mut hits = Vec::new();
    for ((id, rule), on) in (0..).zip(rules).zip(enabled) {
        let looks = counts(rule, *on) && rule.events.contains(context.event.code.0);
        if looks && eval(schema, &rule.condition, &extractors.source(context)) == Ok(true) {
            hits.push(RuleId(id));
            if matching == RuleMatching::First {
                break;
            }
        }
    }
    hits
}
