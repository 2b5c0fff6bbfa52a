//! Proofs against the reference evaluator: what is said to be constant or shadowed is so for every event of a
//! small world.

use crate::diagnostic::{Code, render};
use crate::hir::eval::{Extracted, FieldSource, Value, eval};
use crate::hir::field::FieldRef;
use crate::rulefile::{Loader, Options, Rule};
use crate::schema::{
    ArgSpec, EventCode, EventDef, FieldDef, FieldFlags, Multi, PrintFormat, Schema, Scope, Type,
};
use std::borrow::Cow;

const EVENTS: [&str; 6] = ["syscall", "syscall", "open", "open", "close", "close"];

fn schema() -> Schema {
    let fields =
        [("evt.type", Type::CharBuf), ("t.x", Type::CharBuf), ("t.n", Type::Uint8), ("t.b", Type::Bool)];
    let fields = fields.map(|(name, ty)| FieldDef {
        name: name.into(),
        ty,
        list: false,
        arg: ArgSpec::None,
        flags: FieldFlags::NONE,
        print: PrintFormat::Na,
        multi: Multi::No,
        scope: Scope::Event,
        cost: 1,
        class: "t".into(),
        doc: "".into(),
    });
    let events = EVENTS.iter().enumerate().map(|(code, name)| EventDef {
        code: EventCode(code as u16),
        ident: Cow::Borrowed(name),
        name: Cow::Borrowed(name),
        enter: code % 2 == 0,
        category: "".into(),
        flags: "".into(),
        old_version: false,
        params: Vec::new(),
    });
    Schema::new("syscall", fields.into(), events.collect(), Vec::new())
}

/// Values of the four fields.
struct World<'a>(&'a Schema, [Option<Value>; 4]);

impl FieldSource for World<'_> {
    fn extract(&self, field: &FieldRef) -> Option<Extracted> {
        let value = self.1.get(field.id.0 as usize)?.clone()?;
        Some(Extracted { ty: self.0.field(field.id).ty, values: vec![value] })
    }
}

fn worlds(schema: &Schema) -> Vec<World<'_>> {
    let text = |t: &str| Some(Value::Text(t.into()));
    let mut worlds = Vec::new();
    for event in ["open", "close", "other"] {
        for x in [None, text("a"), text("b"), text("ab"), text("c")] {
            for n in [None, Some(0), Some(1), Some(2), Some(3), Some(255)] {
                for b in [None, Some(true), Some(false)] {
                    let values = [text(event), x.clone(), n.map(Value::Uint), b.map(Value::Bool)];
                    worlds.push(World(schema, values));
                }
            }
        }
    }
    worlds
}

struct Random(u64);

impl Random {
    fn below(&mut self, n: u64) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % n
    }

    fn pick<'t>(&mut self, texts: &[&'t str]) -> &'t str {
        texts[self.below(texts.len() as u64) as usize]
    }

    fn check(&mut self) -> String {
        match self.below(4) {
            0 => format!(
                "evt.type {}",
                self.pick(&["= open", "= close", "!= open", "in (open, close)", "exists"])
            ),
            1 => {
                let checks = [
                    "= a",
                    "!= a",
                    "= b",
                    "in (a, b)",
                    "in (b, ab)",
                    "startswith a",
                    "endswith b",
                    "contains a",
                    "exists",
                    "!= ab",
                    "glob a*",
                    "pmatch (a, c)",
                    "= anyof (a, b)",
                    "startswith oneof (a, ab)",
                    "in ()",
                ];
                format!("t.x {}", self.pick(&checks))
            }
            2 => format!(
                "t.n {}",
                self.pick(&["= 1", "< 2", ">= 1", "> 1", "!= 0", "in (0, 2)", "<= 255", "< 0"])
            ),
            _ => format!("t.b {}", self.pick(&["= true", "= false", "!= true", "exists"])),
        }
    }

    fn condition(&mut self, depth: u32) -> String {
        match if depth == 0 { 0 } else { self.below(5) } {
            0 | 1 => self.check(),
            2 => format!("not ({})", self.condition(depth - 1)),
            n => {
                let word = if n == 3 { " and " } else { " or " };
                let parts: Vec<String> =
                    (0..2 + self.below(2)).map(|_| format!("({})", self.condition(depth - 1))).collect();
                parts.join(word)
            }
        }
    }
}

fn rule(name: &str, condition: &str) -> String {
    format!("- rule: {name}\n  desc: d\n  condition: {condition}\n  output: x\n  priority: INFO\n")
}

#[test]
fn constants_and_shadows_are_true() {
    let schema = schema();
    let worlds = worlds(&schema);
    let truths = |rule: &Rule| -> Vec<bool> {
        worlds.iter().map(|w| eval(&schema, &rule.condition, w).unwrap()).collect()
    };
    let mut random = Random(7);
    // said, and true of all worlds
    let (mut constant, mut shadowed) = ((0, 0), (0, 0));
    for _ in 0..3000 {
        let conditions = [random.condition(3), random.condition(2)];
        let text = rule("first", &conditions[0]) + &rule("second", &conditions[1]);
        let mut loader = Loader::new(Options::new(vec![&schema]));
        let report = loader.load("r", text.into());
        assert!(
            report.successful(),
            "{}",
            render::text(&report.diagnostics, loader.sources(), &render::TextOptions::default())
        );
        let rules = loader.rules().unwrap();
        let (first, second) = (truths(&rules[0]), truths(&rules[1]));
        let found = loader.lint();
        let whole = |name: &str, code: Code| {
            found
                .iter()
                .any(|d| d.code == code && d.message.starts_with(&format!("the condition of rule `{name}`")))
        };
        for (name, truths) in [("first", &first), ("second", &second)] {
            for (code, value) in [(Code::AlwaysTrue, true), (Code::AlwaysFalse, false)] {
                let is_true = truths.iter().all(|&t| t == value);
                let said = whole(name, code);
                assert!(!said || is_true, "{conditions:?}: {name} is not always {value}");
                constant.0 += u32::from(said);
                constant.1 += u32::from(is_true);
            }
        }
        let implied = second.iter().zip(&first).all(|(&second, &first)| !second || first);
        let said = found.iter().any(|d| d.code == Code::ShadowedRule);
        assert!(!said || implied, "{conditions:?}: the second does not imply the first");
        shadowed.0 += u32::from(said);
        shadowed.1 += u32::from(implied && second.contains(&true));
    }
    println!("constant: {constant:?}, shadowed: {shadowed:?} (said, true)");
    assert!(constant.0 * 10 > constant.1 * 7, "{constant:?}");
    assert!(shadowed.0 * 10 > shadowed.1 * 7, "{shadowed:?}");
}
