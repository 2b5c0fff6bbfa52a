//! Values of fields for one event.
//!
//! In: an event with the state after it ([`EventContext`]). Out: [`Found`] values that borrow from both where
//! they can, and else from the event's arena: nothing here allocates on the heap. [`Extractors`] has one function for each field of a schema, so that finding it costs an index.
//!
//! A field without a value is [`Found::Nothing`]: the thread or descriptor is not known, the event type has
//! no such parameter, or the container's metadata has not arrived.

mod args;
mod constant;
mod container;
mod errno;
mod event;
mod fd;
mod fdlist;
mod made;
mod path;
mod process;
mod time;
mod user;

pub(crate) use args::{buffer_text, bytes_text};
pub use constant::{bits, constant};
pub use errno::name as errno_name;
pub use time::Clock;
pub(crate) use time::iso_8601;

use crate::event::EventInfo;
use crate::event::view::EventView;
use crate::state::{Current, Fd, State, Thread};
use bumpalo::Bump;
use peregrine_compiler::hir::eval::{Extracted, FieldSource};
use peregrine_compiler::hir::field::{FieldArg, FieldRef};
use peregrine_compiler::interp::Fields;
use peregrine_compiler::schema::{Schema, Type};
pub use peregrine_compiler::value::{FieldValue, Found};
use std::collections::BTreeMap;

/// What fields need beyond the event and the state.
#[derive(Clone, Debug, Default)]
pub struct FieldOptions {
    /// Name of this host, when events are its own.
    pub hostname: String,
    /// Values of `static.*`.
    pub statics: BTreeMap<String, String>,
    /// How `evt.time` and `evt.datetime` show times.
    pub clock: Clock,
    /// `evt.outputtime` is of ISO 8601.
    pub iso_8601: bool,
    /// Byte buffers are shown in base64, not as text with dots.
    pub base64: bool,
}

/// An event and all that is known with it.
#[derive(Copy, Clone, Debug)]
pub struct EventContext<'a> {
    /// The event.
    pub event: EventView<'a>,
    /// Its type.
    pub info: &'static EventInfo,
    /// Ordinal, from 1.
    pub num: u64,
    /// Processor.
    pub cpu: u16,
    /// Time of the first event.
    pub first_ns: u64,
    /// Time of the event before this one; its own for the first.
    pub previous_ns: u64,
    /// What it is about.
    pub current: Current,
    /// State after the event.
    pub state: &'a State,
    /// Configuration.
    pub options: &'a FieldOptions,
    /// For values that are made.
    pub arena: &'a Bump,
}

impl<'a> EventContext<'a> {
    /// The event's thread.
    pub fn thread(&self) -> Option<&'a Thread> {
        self.state.thread(&self.current)
    }

    /// The event's descriptor.
    pub fn fd(&self) -> Option<&'a Fd> {
        self.state.fd(&self.current)
    }

    /// The return value: the parameter `res` or `fd` that comes first, or the only one that there is.
    pub fn result(&self) -> Option<i64> {
        let first = self.info.params.first()?;
        match first.ty {
            Type::Uid | Type::Gid if self.info.params.len() == 1 => self.event.uint(0).map(u64::cast_signed),
            Type::Errno | Type::Fd | Type::Pid | Type::Int64 | Type::Uint64
                if matches!(first.name, "res" | "fd") =>
            {
                self.event.int(0)
            }
            _ => None,
        }
    }
}

/// Finds a field's values.
pub type Extract = for<'a> fn(&EventContext<'a>, &FieldArg) -> Found<'a>;

fn nothing<'a>(_: &EventContext<'a>, _: &FieldArg) -> Found<'a> {
    Found::Nothing
}

/// One [`Extract`] for each field of a schema.
#[derive(Clone, Debug)]
pub struct Extractors {
    by_field: Vec<Extract>,
    /// Keys of `static.*` fields, by field.
    statics: BTreeMap<u32, String>,
    types: Vec<Type>,
}

impl Extractors {
    /// For the fields of `schema`.
    pub fn new(schema: &Schema) -> Self {
        let fields = schema.fields();
        let statics = fields
            .iter()
            .enumerate()
            .filter_map(|(i, f)| Some((i as u32, f.name.strip_prefix("static.")?.to_owned())));
        Self {
            by_field: fields.iter().map(|f| of_name(&f.name).unwrap_or(nothing)).collect(),
            statics: statics.collect(),
            types: fields.iter().map(|f| f.ty).collect(),
        }
    }

    /// The values of a field.
    pub fn find<'a>(&self, context: &EventContext<'a>, field: &FieldRef) -> Found<'a> {
        if !self.statics.is_empty()
            && let Some(key) = self.statics.get(&field.id.0)
        {
            return Found::text(context.options.statics.get(key).map(String::as_bytes));
        }
        match self.by_field.get(field.id.0 as usize) {
            Some(extract) => extract(context, &field.arg),
            None => Found::Nothing,
        }
    }

    /// Declared type of a field.
    pub fn field_type(&self, field: &FieldRef) -> Type {
        self.types.get(field.id.0 as usize).copied().unwrap_or(Type::CharBuf)
    }

    /// A source of values for the reference evaluator.
    pub fn source<'s, 'a>(&'s self, context: &'s EventContext<'a>) -> ContextSource<'s, 'a> {
        ContextSource { extractors: self, context }
    }
}

/// An event as the reference evaluator sees it.
#[derive(Debug)]
pub struct ContextSource<'s, 'a> {
    extractors: &'s Extractors,
    context: &'s EventContext<'a>,
}

impl FieldSource for ContextSource<'_, '_> {
    fn extract(&self, field: &FieldRef) -> Option<Extracted> {
        let ty = self.extractors.field_type(field);
        Some(match self.extractors.find(self.context, field) {
            Found::Nothing | Found::Zero(..) => return None,
            Found::One(value) => Extracted { ty, values: vec![value.into_owned()] },
            Found::Typed(ty, _, value) => Extracted { ty, values: vec![value.into_owned()] },
            Found::Many(values) => {
                Extracted { ty, values: values.iter().copied().map(FieldValue::into_owned).collect() }
            }
        })
    }
}

impl<'a> Fields<'a> for ContextSource<'_, 'a> {
    fn find(&self, field: &FieldRef) -> Found<'a> {
        self.extractors.find(self.context, field)
    }
}

/// Whether a field has a value at all in this version, and if not, why.
pub fn coverage(name: &str) -> Result<(), &'static str> {
    if of_name(name).is_some() {
        return Ok(());
    }
    Err(missing(name))
}

fn missing(name: &str) -> &'static str {
    if name.starts_with("k8smeta.") {
        return "needs the Kubernetes API";
    }
    if name.starts_with("container.") || name.starts_with("k8s.") {
        return "needs metadata of the container runtime";
    }
    "never has a value"
}

fn of_name(name: &str) -> Option<Extract> {
    if name.starts_with("static.") {
        return Some(nothing); // found by its key
    }
    event::of_name(name)
        .or_else(|| process::of_name(name))
        .or_else(|| user::of_name(name))
        .or_else(|| fd::of_name(name))
        .or_else(|| path::of_name(name))
        .or_else(|| fdlist::of_name(name))
        .or_else(|| container::of_name(name))
}
