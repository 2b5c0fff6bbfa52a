//! What is constant of fields for all events of a type.
//!
//! INVARIANT: never says more than extraction does: a test compares both over the recorded captures' events.

use crate::event::{self, EventFlags, EventInfo, Origin};
use peregrine_compiler::hir::eval::Value;
use peregrine_compiler::hir::field::{FieldArg, FieldRef};
use peregrine_compiler::ir::Known as Constant;
use peregrine_compiler::schema::{EventCode, Schema};

/// Types whose name comes with the event: generic and asynchronous ones.
const NAMED_BY_EVENT: [u16; 3] = [0, 1, 402];
/// Types that open a file and have flags.
const OPENS: [u16; 4] = [3, 307, 327, 337];

/// What is constant of a field for events of a type.
pub fn constant(schema: &Schema, code: EventCode, field: &FieldRef) -> Constant {
    let Some(info) = event::info(code) else { return Constant::Varies };
    let name = &*schema.field(field.id).name;
    let varies = NAMED_BY_EVENT.contains(&code.0);
    match name {
        "evt.type" if !varies => text(info.name),
        "syscall.type" if info.origin != Origin::Syscall => Constant::Absent,
        "syscall.type" if !varies => text(info.name),
        "evt.dir" => text(info.direction().symbol()),
        "evt.is_open_read" | "evt.is_open_write" | "evt.is_open_create" if !OPENS.contains(&code.0) => {
            Constant::Is(Value::Bool(false))
        }
        "evt.is_open_exec" if !OPENS.contains(&code.0) && code.0 != 59 => Constant::Is(Value::Bool(false)),
        "evt.is_io_read" => Constant::Is(Value::Bool(info.flags.contains(EventFlags::READS_FD))),
        "evt.is_io_write" => Constant::Is(Value::Bool(info.flags.contains(EventFlags::WRITES_FD))),
        "evt.arg" | "evt.rawarg" => parameter(info, &field.arg),
        name if name.starts_with("fd.") && !about_fd(info) => Constant::Absent,
        name if name.starts_with("fs.path.") => path(code, name),
        _ => Constant::Varies,
    }
}

fn text(text: &str) -> Constant {
    Constant::Is(Value::Text(text.as_bytes().to_vec()))
}

fn parameter(info: &EventInfo, arg: &FieldArg) -> Constant {
    let there = match arg {
        FieldArg::Index(index) => usize::try_from(*index).is_ok_and(|i| i < info.params.len()),
        FieldArg::Param(name) => info.params.iter().any(|p| p.name == &**name),
        _ => true,
    };
    if there { Constant::Varies } else { Constant::Absent }
}

fn about_fd(info: &EventInfo) -> bool {
    const ANY: u16 = EventFlags::CREATES_FD.0 | EventFlags::USES_FD.0 | EventFlags::DESTROYS_FD.0;
    info.flags.0 & ANY != 0
}

fn path(code: EventCode, name: &str) -> Constant {
    if super::path::has(code.0, name) { Constant::Varies } else { Constant::Absent }
}
