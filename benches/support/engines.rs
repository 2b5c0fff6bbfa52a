//! Evaluators side by side: those of the product, and the plain ones that native code has to beat.
//!
//! * `reference`: the reference evaluator on every rule, nothing cached;
//! * `per-rule`: the interpreter of the decision IR without any pass but buckets, so nothing is shared between
//!   rules, with each field found at most once for an event;
//! * `closures`: the same programs as trees of boxed closures, with the same cache of fields;
//! * `interpreter`: the interpreter of the optimised IR;
//! * `unstaged`, `unstaged-jit`, `staged`, `staged-jit`, `tiered`: by states.

use peregrine_compiler::interp::{Fields, Go, Interpreter, Scratch};
use peregrine_compiler::ir::passes::Pass;
use peregrine_compiler::ir::ready::Ready;
use peregrine_compiler::ir::{Node, NodeId, Program, SlotKind};
use peregrine_compiler::rulefile::Rule;
use peregrine_compiler::schema::Schema;
use peregrine_compiler::value::Found;
use peregrine_runtime::config::RuleMatching;
use peregrine_runtime::engine::{Jit, Matcher, Way, program, program_with, reference_matches};
use peregrine_runtime::fields::extract::{EventContext, Extractors};
use std::sync::Arc;

/// Names of all evaluators, the slowest first.
pub const NAMES: [&str; 9] = [
    "reference",
    "per-rule",
    "closures",
    "interpreter",
    "unstaged",
    "unstaged-jit",
    "staged",
    "staged-jit",
    "tiered",
];

/// An evaluator of a ruleset.
pub enum Engine {
    /// No rules at all: what a replay costs without matching.
    None,
    Reference(Arc<Schema>, Vec<bool>),
    Interpreter(Box<Interpreter>, Box<Scratch>),
    Closures(Box<Closures>),
    Matcher(Box<Matcher>),
}

impl Engine {
    /// The evaluator of a name.
    pub fn new(name: &str, schema: &Schema, rules: &[Rule]) -> Option<Self> {
        let enabled: Vec<bool> = rules.iter().map(|r| r.enabled).collect();
        let shared = || Arc::new(schema.clone());
        let interpreter = |program| {
            let interpreter = Interpreter::new(shared(), Arc::new(program));
            Self::Interpreter(Box::new(interpreter), Box::default())
        };
        let by = |way| {
            let matcher = Matcher::evaluated(schema, rules, &enabled, RuleMatching::First, way);
            Self::Matcher(Box::new(matcher))
        };
        Some(match name {
            "none" => Self::None,
            "reference" => Self::Reference(shared(), enabled),
            "per-rule" => interpreter(program_with(schema, rules, &enabled, &[Pass::Buckets])),
            "closures" => {
                let program = program_with(schema, rules, &enabled, &[Pass::Buckets]);
                Self::Closures(Box::new(Closures::new(schema, &program)))
            }
            "interpreter" => interpreter(program(schema, rules, &enabled)),
            "unstaged" => by(Way::Unstaged(Jit::Off)),
            "unstaged-jit" => by(Way::Unstaged(Jit::Eager)),
            "staged" => by(Way::Staged(Jit::Off)),
            "staged-jit" => by(Way::Staged(Jit::Eager)),
            "tiered" => by(Way::Staged(Jit::Tiered)),
            _ => return None,
        })
    }

    /// Number of rules that match an event; at most one.
    pub fn matches(&mut self, extractors: &Extractors, context: &EventContext<'_>, rules: &[Rule]) -> u64 {
        let code = context.event.code;
        let mut count = 0;
        match self {
            Self::None => {}
            Self::Reference(schema, enabled) => {
                let first = RuleMatching::First;
                let hits = reference_matches(schema, extractors, rules, enabled, first, context);
                count = hits.len() as u64;
            }
            Self::Interpreter(interpreter, scratch) => {
                interpreter.matches(scratch, code, &extractors.source(context), |_| {
                    count += 1;
                    Go::Stop
                });
            }
            Self::Closures(closures) => {
                count = u64::from(closures.first(code.0, &extractors.source(context)).is_some());
            }
            Self::Matcher(matcher) => matcher.matches(extractors, context, |_| count += 1),
        }
        count
    }
}

/// What closures see of an event.
struct View<'v, 'a> {
    fields: &'v dyn Fields<'a>,
    slots: &'v [SlotKind],
    /// Values found so far.
    found: Vec<Option<Found<'a>>>,
}

type Closure = Box<dyn for<'v, 'a> Fn(&mut View<'v, 'a>) -> bool>;

/// Rules of each event type as closures.
pub struct Closures {
    by_event: Vec<Vec<(u32, Closure)>>,
    slots: Vec<SlotKind>,
}

impl Closures {
    fn new(schema: &Schema, program: &Program) -> Self {
        let graph = &program.graph;
        let mut by_event: Vec<Vec<(u32, Closure)>> = Vec::new();
        by_event.resize_with(schema.events().len(), Vec::new);
        for bucket in &program.buckets {
            for code in &bucket.codes {
                let of = bucket.rules.iter().map(|r| (r.rule, closure(program, r.root)));
                by_event[usize::from(code.0)] = of.collect();
            }
        }
        Self { by_event, slots: graph.slots().iter().map(|s| s.kind.clone()).collect() }
    }

    fn first(&self, code: u16, fields: &dyn Fields<'_>) -> Option<u32> {
        let rules = self.by_event.get(usize::from(code)).filter(|rules| !rules.is_empty())?;
        let mut view = View { fields, slots: &self.slots, found: vec![None; self.slots.len()] };
        rules.iter().find(|(_, holds)| holds(&mut view)).map(|(rule, _)| *rule)
    }
}

fn closure(program: &Program, id: NodeId) -> Closure {
    let all =
        |children: &[NodeId]| -> Vec<Closure> { children.iter().map(|&c| closure(program, c)).collect() };
    match program.graph.node(id) {
        Node::True => Box::new(|_| true),
        Node::False => Box::new(|_| false),
        Node::Not(child) => {
            let child = closure(program, *child);
            Box::new(move |view| !child(view))
        }
        Node::And(children) => {
            let children = all(children);
            Box::new(move |view| children.iter().all(|c| c(view)))
        }
        Node::Or(children) => {
            let children = all(children);
            Box::new(move |view| children.iter().any(|c| c(view)))
        }
        Node::Pred(pred) => {
            let pred = program.graph.pred(*pred);
            let (ready, slot) = (Ready::new(pred), pred.slot.index());
            Box::new(move |view| {
                if let Some(found) = &view.found[slot] {
                    return ready.holds(found);
                }
                // the rules that are measured have no other checks; see the bench
                let SlotKind::Field(field) = &view.slots[slot] else { return false };
                let found = view.fields.find(field);
                view.found[slot] = Some(found);
                ready.holds(&found)
            })
        }
    }
}

/// Rules from files that have no errors.
pub fn rules(schema: &Schema, files: Vec<super::Named>) -> Vec<Rule> {
    use peregrine_compiler::rulefile::{Loader, Options};
    let mut loader = Loader::new(Options::new(vec![schema]));
    for (name, bytes) in files {
        let report = loader.load(&name, bytes);
        assert!(report.successful(), "{name} has errors");
    }
    loader.into_rules().unwrap_or_default()
}

/// A capture of the conformance data, inflated; `None` when it is absent.
pub fn capture(name: &str) -> Option<Arc<[u8]>> {
    use std::io::Read;
    let path = super::upstream_dir().parent()?.join("captures").join(format!("{name}.scap"));
    let bytes = std::fs::read(path).ok()?;
    let mut plain = Vec::new();
    match flate2::read::MultiGzDecoder::new(&*bytes).read_to_end(&mut plain) {
        Ok(_) => Some(plain.into()),
        Err(_) => Some(bytes.into()),
    }
}
