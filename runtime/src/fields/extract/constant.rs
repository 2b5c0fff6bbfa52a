//! What is constant of fields for all events of a type.
//!
//! INVARIANT: never says more than extraction does: a test compares both over the recorded captures' events.

use crate::event::{self, EventFlags, EventInfo, Extra, Origin};
use memchr::memmem;
use peregrine_compiler::hir::eval::Value;
use peregrine_compiler::hir::field::{FieldArg, FieldRef};
use peregrine_compiler::ir::{Bits, Known as Constant};
use peregrine_compiler::schema::{EventCode, Schema, Type};

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

/// The bits of a parameter that `text` names: the text is in the parameter's names exactly when one of them is
/// set. `None` where that cannot be said.
pub fn bits(schema: &Schema, code: EventCode, field: &FieldRef, text: &[u8]) -> Option<Bits> {
    let FieldArg::Param(name) = &field.arg else { return None };
    if &*schema.field(field.id).name != "evt.arg" {
        return None;
    }
    let (index, info) = (0..).zip(event::info(code)?.params).find(|(_, p)| p.name == &**name)?;
    let Extra::Flags(table) = info.extra else { return None };
    if !matches!(info.ty, Type::Flags8 | Type::Flags16 | Type::Flags32) || is_of_more_than_one(text) {
        return None;
    }
    let mut mask = 0;
    let mut before = 0;
    for &(name, flag) in table.entries {
        if memmem::find(name.as_bytes(), text).is_some() {
            // a name stands for one bit, and no name before it takes that away
            if !flag.is_power_of_two() || before & flag != 0 {
                return None;
            }
            mask |= u64::from(flag);
        }
        before |= flag;
    }
    let id = schema.field_by_name("evt.rawarg").filter(|_| mask != 0)?;
    Some(Bits { field: FieldRef { id, arg: FieldArg::Index(index) }, mask })
}

/// Whether a text can be elsewhere than in one name: across names, in the number that stands for no names, or in
/// what stands for no value.
fn is_of_more_than_one(text: &[u8]) -> bool {
    text.contains(&b'|') || text.iter().all(u8::is_ascii_digit) || memmem::find(b"<NA>", text).is_some()
}

#[cfg(test)]
mod tests {
    use super::super::args::flag_names;
    use super::*;
    use crate::event::EVENTS;
    use crate::fields::syscall_schema;

    /// Text of a value that is not missing, as `evt.arg` has it.
    fn text_of(info: &crate::event::ParamInfo, value: u64) -> String {
        let names: Vec<&str> = flag_names(info, value).collect();
        if names.is_empty() { value.to_string() } else { names.join("|") }
    }

    fn values(info: &crate::event::ParamInfo, entries: &[(&str, u32)]) -> Vec<u64> {
        let width = match info.ty {
            Type::Flags8 => u64::from(u8::MAX),
            Type::Flags16 => u64::from(u16::MAX),
            _ => u64::from(u32::MAX),
        };
        let flags = entries.iter().map(|&(_, flag)| u64::from(flag));
        let pairs = flags.clone().flat_map(|a| flags.clone().map(move |b| a | b));
        let unset = flags.clone().map(|flag| width & !flag);
        let bits = (0..u64::from(width.count_ones())).map(|bit| 1 << bit);
        flags.clone().chain(pairs).chain(unset).chain(bits).chain([0, width]).map(|v| v & width).collect()
    }

    #[test]
    fn bits_say_what_names_say() {
        let schema = syscall_schema();
        let id = schema.field_by_name("evt.arg").unwrap();
        let (mut said, mut unsaid) = (0, 0);
        for (code, event) in (0..).map(EventCode).zip(&EVENTS) {
            for info in event.params {
                let Extra::Flags(table) = info.extra else { continue };
                let field = FieldRef { id, arg: FieldArg::Param(info.name.into()) };
                let names = table.entries.iter().map(|(name, _)| *name);
                let parts = names.clone().flat_map(|n| n.split('_').chain([&n[..n.len() / 2], &n[1..]]));
                let texts: Vec<&str> = names.clone().chain(parts).chain(["", "|", "1", "x", "NA"]).collect();
                for text in texts {
                    let Some(bits) = bits(&schema, code, &field, text.as_bytes()) else {
                        unsaid += 1;
                        continue;
                    };
                    said += 1;
                    for value in values(info, table.entries) {
                        let names = text_of(info, value);
                        let what = format!("{} {} {text:?} in {names:?}", event.name, info.name);
                        assert_eq!(value & bits.mask != 0, names.contains(text), "{what}");
                    }
                }
            }
        }
        assert!(said > 500 && unsaid > 500, "{said} {unsaid}");
    }
}
