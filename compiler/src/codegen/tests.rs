//! Small units against the meaning of their predicates, and what code relies on.

use super::unit::{Block, Target, Unit};
use super::{Call, Compiler, Values};
use crate::hir::eval::{Extracted, FieldSource};
use crate::hir::field::{FieldArg, FieldRef};
use crate::interp::Fields;
use crate::ir::ready::Ready;
use crate::ir::test::{Test, any};
use crate::ir::{Pred, PredId, Slot, SlotId, SlotKind};
use crate::schema::{FieldId, Schema, Scope};
use crate::syntax::ast::Op;
use crate::value::{FieldValue, Found};

const NO: u32 = 7;
const YES: u32 = 8;

/// One event: a value for each slot.
struct Event<'a>(Vec<Found<'a>>);

impl FieldSource for Event<'_> {
    fn extract(&self, _: &FieldRef) -> Option<Extracted> {
        None
    }
}

impl<'a> Fields<'a> for Event<'a> {
    fn find(&self, field: &FieldRef) -> Found<'a> {
        self.0.get(field.id.0 as usize).copied().unwrap_or(Found::Nothing)
    }
}

fn pred(slot: u32, every: bool, test: Test) -> Pred {
    Pred { slot: SlotId(slot), every, test }
}

/// A unit of predicates in a row, each with the blocks or states that follow.
fn unit(preds: &[Pred], next: &[[Target; 2]]) -> Unit {
    let block = |(at, (pred, next)): (usize, (&Pred, &[Target; 2]))| Block::Pred {
        id: PredId(at as u32),
        pred: pred.clone(),
        next: *next,
    };
    Unit { blocks: preds.iter().zip(next).enumerate().map(block).collect() }
}

/// The states that events end in, one after the other with the same room for values.
fn run(preds: &[Pred], next: &[[Target; 2]], events: &[Event<'_>]) -> Vec<u32> {
    let code = Compiler::new().unwrap().compile(&unit(preds, next)).unwrap();
    let slots: Vec<Slot> = (0..2)
        .map(|id| Slot {
            kind: SlotKind::Field(FieldRef { id: FieldId(id), arg: FieldArg::None }),
            name: format!("s{id}").into(),
            scope: Scope::Event,
            cost: 1,
        })
        .collect();
    let schema = Schema::new("s", vec![], vec![], vec![]);
    let ready: Vec<Ready> = preds.iter().map(Ready::new).collect();
    let mut values = Values::new(slots.len());
    let mut one = |event: &Event<'_>| {
        let call = Call {
            fields: event,
            schema: &schema,
            slots: &slots,
            slot_of: &|p| preds[p.index()].slot,
            ready: &ready,
            classify: &mut |_| 0,
        };
        call.run(&code, &mut values).unwrap()
    };
    events.iter().map(&mut one).collect()
}

fn text(t: &str) -> FieldValue<'_> {
    FieldValue::Text(t.as_bytes())
}

fn texts(op: Op, all: &[&str]) -> Test {
    any(all.iter().map(|t| Test::Text(op, t.as_bytes().into())).collect())
}

#[test]
fn code_says_what_tests_say() {
    let lengths: Vec<String> = (0..20).map(|n| "abcdefghijklmnopqrst"[..n].to_owned()).collect();
    let lengths: Vec<&str> = lengths.iter().map(String::as_str).collect();
    let many: Vec<String> = (0..60).map(|n| format!("{}{n}", &"xyzxyzxyz"[..n % 9])).collect();
    let many: Vec<&str> = many.iter().map(String::as_str).collect();
    let mut tests = vec![
        Test::Exists,
        texts(Op::Eq, &lengths),
        texts(Op::Eq, &many),
        texts(
            Op::Eq,
            &["a", "b", "ab", "ba", "abc", "abd", "abcdefgh", "abcdefgi", "abcdefghx", "abcdefghy"],
        ),
        texts(Op::StartsWith, &["ab", "x"]),
        texts(Op::EndsWith, &["st", "z0"]),
        texts(Op::Contains, &["cd", "zz"]),
        texts(Op::IContains, &["CD".to_lowercase().as_str(), "zx"]),
    ];
    for op in [Op::Eq, Op::Ne, Op::Lt, Op::StartsWith, Op::EndsWith, Op::Contains] {
        tests.extend(lengths.iter().map(|t| Test::Text(op, t.as_bytes().into())));
    }
    for op in [Op::Eq, Op::Ne, Op::Lt, Op::Le, Op::Gt, Op::Ge] {
        tests.extend([-1, 0, 5].map(|n| Test::Int(op, n)));
        tests.extend([0, 5, u64::MAX].map(|n| Test::Uint(op, n)));
        tests.push(Test::Bool(op, true));
    }
    tests.push(Test::Ints([-1, 5].into()));
    tests.push(Test::Uints([5, u64::MAX].into()));
    tests.extend([1, 2, 6, 1 << 63].map(Test::Bits));
    let listed = [text("ab"), text("zz")];
    let mut values: Vec<Found<'_>> = lengths.iter().chain(&many).map(|t| Found::One(text(t))).collect();
    values.extend(["abcdefgi", "abcdefghijklmnopqrsX", "XbcdefghijklmnoPqrst"].map(|t| Found::One(text(t))));
    values.extend([-1, 0, 4, 5].map(|n| Found::One(FieldValue::Int(n))));
    values.extend([0, 4, 5, u64::MAX].map(|n| Found::One(FieldValue::Uint(n))));
    values.extend([true, false].map(|b| Found::One(FieldValue::Bool(b))));
    values.extend([Found::Nothing, Found::Many(&[]), Found::Many(&listed), Found::One(FieldValue::Opaque)]);
    let mut held = 0;
    for test in tests {
        for every in [false, true] {
            let pred = pred(0, every, test.clone());
            let ready = Ready::new(&pred);
            // a value has the type that the test is for, or is none of one value
            let fits = |v: &&Found<'_>| match (v, &test) {
                (Found::One(FieldValue::Int(_)), t) => {
                    matches!(t, Test::Int(..) | Test::Ints(_) | Test::Exists)
                }
                (Found::One(FieldValue::Uint(_)), t) => {
                    matches!(t, Test::Uint(..) | Test::Uints(_) | Test::Bits(_) | Test::Exists)
                }
                (Found::One(FieldValue::Bool(_)), t) => matches!(t, Test::Bool(..) | Test::Exists),
                (Found::One(FieldValue::Text(_)), t) => {
                    matches!(t, Test::Text(..) | Test::Texts(..) | Test::Exists)
                }
                _ => true,
            };
            let of: Vec<&Found<'_>> = values.iter().filter(fits).collect();
            let events: Vec<Event<'_>> = of.iter().map(|v| Event(vec![**v])).collect();
            let ends = run(std::slice::from_ref(&pred), &[[Target::Exit(NO), Target::Exit(YES)]], &events);
            for (value, end) in of.iter().zip(ends) {
                let expect = ready.holds(value);
                held += usize::from(expect);
                assert_eq!(end == YES, expect, "{pred:?} of {value:?}");
            }
        }
    }
    assert!(held > 500, "{held}");
}

/// The second block counts on the first one to have found the value, also where both answers of that lead on to
/// it; else it would read what the event before left.
#[test]
fn a_value_is_found_even_if_the_answer_does_not_matter() {
    let preds = [pred(0, false, texts(Op::Eq, &["a"])), pred(0, false, texts(Op::Eq, &["b"]))];
    let next = [[Target::Block(1); 2], [Target::Exit(NO), Target::Exit(YES)]];
    let events = ["b", "x", "b", "a"].map(|t| Event(vec![Found::One(text(t))]));
    assert_eq!(run(&preds, &next, &events), [YES, NO, YES, NO]);
}

#[test]
fn values_found_on_every_way_are_known() {
    let preds = [
        pred(0, false, Test::Exists),
        pred(1, false, Test::Exists),
        pred(0, false, Test::Exists),
        pred(1, false, Test::Exists),
    ];
    // the last block is reached with slot 1 found and without
    let next = [
        [Target::Block(1), Target::Block(2)],
        [Target::Block(3), Target::Exit(NO)],
        [Target::Exit(NO), Target::Block(3)],
        [Target::Exit(NO), Target::Exit(YES)],
    ];
    let unit = unit(&preds, &next);
    let before: Vec<Vec<u32>> = unit.found_before().iter().map(|b| b.iter().map(|s| s.0).collect()).collect();
    assert_eq!(before, [vec![], vec![0], vec![0], vec![0]]);
    let some = Found::One(FieldValue::Bool(true));
    let events =
        [Event(vec![some, some]), Event(vec![some, Found::Nothing]), Event(vec![Found::Nothing, some])];
    assert_eq!(run(&preds, &next, &events), [YES, NO, NO]);
}

#[test]
fn code_of_another_program_is_not_run() {
    let preds = [pred(1, false, Test::Exists)];
    let code = Compiler::new().unwrap().compile(&unit(&preds, &[[Target::Exit(NO); 2]])).unwrap();
    let schema = Schema::new("s", vec![], vec![], vec![]);
    let call = Call {
        fields: &Event(vec![]),
        schema: &schema,
        slots: &[],
        slot_of: &|_| SlotId(1),
        ready: &[],
        classify: &mut |_| 0,
    };
    assert_eq!(call.run(&code, &mut Values::new(1)), None);
}
