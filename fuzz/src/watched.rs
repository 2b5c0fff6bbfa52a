//! An engine under watch: its tables stay within their bounds, and every field can be printed.

use crate::SCHEMA;
use peregrine_compiler::hir::field::{FieldRef, resolve_field};
use peregrine_compiler::ir::Known as Constant;
use peregrine_compiler::schema::{ArgKind, ArgSpec, FieldDef};
use peregrine_runtime::alert::render;
use peregrine_runtime::engine::Engine;
use peregrine_runtime::event::EVENTS;
use peregrine_runtime::fields::extract::{Extractors, FieldOptions, constant};
use peregrine_runtime::source::capture::Item;
use peregrine_runtime::state::Limits;
use std::sync::LazyLock;

const LIMITS: Limits = Limits { threads: 6, fds: 5, users: 4 };

/// Fields printed for an event; which ones goes around.
const PRINTED: usize = 60;

static EXTRACTORS: LazyLock<Extractors> = LazyLock::new(|| Extractors::new(&SCHEMA));

/// Every field, with an argument where it takes one.
static FIELDS: LazyLock<Vec<FieldRef>> = LazyLock::new(|| {
    let mut fields: Vec<FieldRef> = SCHEMA.fields().iter().flat_map(uses).collect();
    let params = EVENTS.iter().flat_map(|e| e.params);
    let names: std::collections::BTreeSet<&str> = params.map(|p| p.name).collect();
    for name in names {
        for field in ["evt.arg", "evt.rawarg"] {
            fields.extend(resolve_field(&SCHEMA, &format!("{field}.{name}"), None).ok());
        }
    }
    fields
});

fn uses(def: &FieldDef) -> Vec<FieldRef> {
    let args: &[Option<&[u8]>] = match def.arg {
        ArgSpec::None => &[None],
        ArgSpec::Optional(ArgKind::Index) => &[None, Some(b"0"), Some(b"1"), Some(b"40")],
        ArgSpec::Optional(_) => &[None, Some(b"1"), Some(b"PATH")],
        ArgSpec::Required(_) => &[Some(b"0"), Some(b"1"), Some(b"PATH")],
    };
    args.iter().filter_map(|arg| resolve_field(&SCHEMA, &def.name, *arg).ok()).collect()
}

pub(crate) struct Watched {
    engine: Engine,
    next: usize,
}

impl Watched {
    pub(crate) fn new() -> Self {
        Self { engine: Engine::new(LIMITS, FieldOptions::default()), next: 0 }
    }

    pub(crate) fn take(&mut self, item: Item<'_>) {
        let Item::Event { cpu, state_only, event } = item else {
            self.engine.learn(item);
            return;
        };
        if let Some(context) = self.engine.take(event, cpu, state_only) {
            for _ in 0..PRINTED {
                self.next = (self.next + 1) % FIELDS.len();
                let Some(field) = FIELDS.get(self.next) else { continue };
                let text = render(&SCHEMA, &EXTRACTORS, &context, field);
                // what is said to be constant for a type is so for every event of it
                if constant(&SCHEMA, context.event.code, field) == Constant::Absent {
                    assert_eq!(text, None, "{} of {}", SCHEMA.field(field.id).name, context.info.ident);
                }
            }
        }
        let state = &self.engine.state;
        assert!(state.threads.len() <= LIMITS.threads, "{}", state.threads.len());
        assert!(state.users.len() <= LIMITS.users);
        for thread in state.threads.iter() {
            assert!(thread.fds.len() <= LIMITS.fds, "{}", thread.fds.len());
        }
    }
}
