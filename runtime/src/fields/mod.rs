//! The fields of Falco's syscall source, as tables, one file for each class; and the schema made of them.
//!
//! In: nothing but the keys of the configuration's `static_fields`. Out: a [`Schema`] for the compiler.
//! What a field's value is and where it comes from is not here.
//!
//! Invariants: names are unique; [`Scope`] is never earlier than the truth (a value that may change with the
//! event is not called a process fact), costs are relative to one load and matter for order only.
//!
//! ```
//! let schema = peregrine_runtime::fields::syscall_schema();
//! let name = schema.field(schema.field_by_name("proc.name").unwrap());
//! assert_eq!((name.ty.name(), &*name.class), ("CHARBUF", "process"));
//! ```

mod container;
mod evt;
pub mod extract;
mod fd;
mod fdlist;
mod fs;
mod group;
mod k8s;
mod k8smeta;
mod proc;
mod user;
mod util;

use crate::event;
use peregrine_compiler::schema::{ArgSpec, FieldDef, FieldFlags, Multi, PrintFormat, Schema, Scope, Type};
use std::borrow::Cow;

/// One row of a field table.
#[derive(Copy, Clone, Debug)]
struct Spec {
    name: &'static str,
    ty: Type,
    list: bool,
    arg: ArgSpec,
    flags: FieldFlags,
    print: PrintFormat,
    multi: Multi,
    scope: Scope,
    cost: u16,
    class: &'static str,
    doc: &'static str,
}

impl Spec {
    /// A scalar without argument that costs a load. Numbers are printed in decimal.
    const fn new(class: &'static str, scope: Scope, name: &'static str, ty: Type, doc: &'static str) -> Self {
        Self {
            name,
            ty,
            list: false,
            arg: ArgSpec::None,
            flags: FieldFlags::NONE,
            print: match ty {
                Type::CharBuf
                | Type::ByteBuf
                | Type::Bool
                | Type::Double
                | Type::IpAddr
                | Type::IpNet
                | Type::Dyn => PrintFormat::Na,
                _ => PrintFormat::Dec,
            },
            multi: Multi::No,
            scope,
            cost: 1,
            class,
            doc,
        }
    }

    const fn list(self) -> Self {
        Self { list: true, ..self }
    }

    const fn arg(self, arg: ArgSpec) -> Self {
        Self { arg, ..self }
    }

    const fn flag(self, flag: FieldFlags) -> Self {
        Self { flags: self.flags.with(flag), ..self }
    }

    /// Neither inside a transformer nor on the right side of a comparison.
    const fn left_only(self) -> Self {
        self.flag(FieldFlags::NO_TRANSFORMER).flag(FieldFlags::NO_RHS)
    }

    const fn print(self, print: PrintFormat) -> Self {
        Self { print, ..self }
    }

    const fn multi(self, multi: Multi) -> Self {
        Self { multi, ..self }
    }

    const fn scope(self, scope: Scope) -> Self {
        Self { scope, ..self }
    }

    const fn cost(self, cost: u16) -> Self {
        Self { cost, ..self }
    }

    fn def(&self) -> FieldDef {
        FieldDef {
            name: Cow::Borrowed(self.name),
            ty: self.ty,
            list: self.list,
            arg: self.arg,
            flags: self.flags,
            print: self.print,
            multi: self.multi,
            scope: self.scope,
            cost: self.cost,
            class: Cow::Borrowed(self.class),
            doc: Cow::Borrowed(self.doc),
        }
    }
}

/// The classes of the syscall source, in lookup order.
const CLASSES: [&[Spec]; 10] = [
    evt::FIELDS,
    proc::FIELDS,
    user::FIELDS,
    group::FIELDS,
    fd::FIELDS,
    fs::FIELDS,
    util::FIELDS,
    fdlist::FIELDS,
    container::FIELDS,
    k8s::FIELDS,
];

/// All fields of the syscall source except static ones, in lookup order.
pub fn syscall_fields() -> Vec<FieldDef> {
    CLASSES.iter().copied().flatten().map(Spec::def).collect()
}

/// Fields with data of the Kubernetes API; not part of [`syscall_schema`].
pub fn k8smeta_fields() -> Vec<FieldDef> {
    k8smeta::FIELDS.iter().map(Spec::def).collect()
}

/// The field `static.<key>` for a key of the configuration's `static_fields`.
pub fn static_field(key: &str) -> FieldDef {
    FieldDef {
        name: Cow::Owned(format!("static.{key}")),
        ty: Type::CharBuf,
        list: false,
        arg: ArgSpec::None,
        flags: FieldFlags::FORMAT_SUGGESTED,
        print: PrintFormat::Na,
        multi: Multi::No,
        scope: Scope::Ruleset,
        cost: 1,
        class: Cow::Borrowed("static"),
        doc: Cow::Owned(format!("Value of {key} in static_fields of the configuration.")),
    }
}

/// The schema of the syscall source, without static fields.
pub fn syscall_schema() -> Schema {
    syscall_schema_with(&[] as &[&str])
}

/// The schema of the syscall source, with a static field for each key.
pub fn syscall_schema_with(static_keys: &[impl AsRef<str>]) -> Schema {
    let mut fields = syscall_fields();
    fields.extend(static_keys.iter().map(|key| static_field(key.as_ref())));
    Schema::new("syscall", fields, event::defs(), event::syscalls::defs())
}

#[cfg(test)]
mod tests {
    use super::*;
    use peregrine_compiler::schema::ArgKind;
    use std::collections::HashSet;

    fn all() -> Vec<FieldDef> {
        let mut fields = syscall_fields();
        fields.extend(k8smeta_fields());
        fields
    }

    fn field(name: &str) -> FieldDef {
        all().into_iter().find(|f| f.name == name).unwrap_or_else(|| panic!("no field {name}"))
    }

    #[test]
    fn counts() {
        let count = |class: &str| all().iter().filter(|f| f.class == class).count();
        // one of them ours: evt.is_io_uring
        assert_eq!(count("evt"), 77);
        assert_eq!(count("process"), 90);
        assert_eq!(count("fd"), 46);
        assert_eq!(count("container"), 32);
        assert_eq!(count("k8s"), 29);
        assert_eq!(count("k8smeta"), 25);
        assert_eq!(all().len(), 320);
        assert_eq!(syscall_schema().fields().len(), 295);
    }

    #[test]
    fn names_are_unique_and_well_formed() {
        let fields = all();
        let names: HashSet<_> = fields.iter().map(|f| f.name.as_ref()).collect();
        assert_eq!(names.len(), fields.len());
        for name in names {
            assert!(name.contains('.') && !name.ends_with('.'), "{name}");
            assert!(name.bytes().all(|b| matches!(b, b'a'..=b'z' | b'0'..=b'9' | b'.' | b'_')), "{name}");
        }
    }

    #[test]
    fn docs_are_sentences() {
        for f in all() {
            let start = f.doc.chars().next().unwrap();
            assert!(
                start.is_uppercase() || f.doc.starts_with("argv") || start == '1',
                "{}: {}",
                f.name,
                f.doc
            );
            assert!(f.doc.ends_with(['.', ')']) && !f.doc.contains("  "), "{}: {}", f.name, f.doc);
            assert!(f.cost > 0, "{}", f.name);
        }
    }

    #[test]
    fn arguments_by_kind() {
        let mut found: Vec<_> = all()
            .iter()
            .filter(|f| f.arg != ArgSpec::None)
            .map(|f| format!("{} {:?}", f.name, f.arg))
            .filter(|line| !line.starts_with("k8s") && !line.starts_with("container."))
            .collect();
        found.sort();
        insta::assert_snapshot!(found.join("\n"));
        for f in all() {
            if f.name.ends_with(".label") {
                assert_eq!(f.arg, ArgSpec::Required(ArgKind::Key), "{}", f.name);
            } else if f.name.starts_with("container.mount") && f.name != "container.mounts" {
                assert_eq!(f.arg, ArgSpec::Required(ArgKind::IndexOrKey), "{}", f.name);
            }
        }
    }

    #[test]
    fn several_values_for_one_event() {
        let of = |multi: Multi| -> Vec<String> {
            all().iter().filter(|f| f.multi == multi).map(|f| f.name.to_string()).collect()
        };
        assert_eq!(
            of(Multi::AnyAncestor),
            ["proc.aexe", "proc.aexepath", "proc.aname", "proc.acmdline", "proc.aenv", "proc.apid"]
        );
        assert_eq!(of(Multi::EitherEnd), ["fd.ip", "fd.port", "fd.proto", "fd.net"]);
        for f in all().iter().filter(|f| f.multi != Multi::No) {
            assert!(f.flags.contains(FieldFlags::NO_RHS.with(FieldFlags::NO_TRANSFORMER)), "{}", f.name);
            assert!(!f.list, "{}", f.name);
        }
    }

    #[test]
    fn scopes() {
        for f in all() {
            let prefix = f.name.split('.').next().unwrap();
            let latest = match prefix {
                "container" | "k8s" | "k8smeta" => Scope::Container,
                "proc" | "thread" | "user" | "group" => Scope::Process,
                "fd" => Scope::Fd,
                _ => Scope::Event,
            };
            let special = ["container.start_ts", "container.duration"].contains(&f.name.as_ref());
            let legacy = f.name.starts_with("proc.is_container_");
            assert!(legacy || f.scope >= latest, "{} {:?}", f.name, f.scope);
            assert!(f.scope == latest || f.scope == Scope::Event || special || legacy, "{}", f.name);
        }
        for name in ["thread.exectime", "proc.duration", "proc.vmsize", "fd.num", "fd.sip.name", "util.cnt"] {
            assert_eq!(field(name).scope, Scope::Event, "{name}");
        }
    }

    #[test]
    fn print_formats_fit_the_types() {
        assert_eq!(field("evt.num").print, PrintFormat::Id);
        assert_eq!(field("evt.reltime.ns").print, PrintFormat::PaddedDec10);
        assert_eq!(field("fd.dev").print, PrintFormat::Hex);
        assert_eq!(field("evt.dir").print, PrintFormat::Dir);
        for f in all().iter().filter(|f| f.class == "container" || f.class.starts_with("k8s")) {
            assert_eq!(f.print, PrintFormat::Na, "{}", f.name);
        }
    }

    #[test]
    fn static_fields_are_added() {
        let schema = syscall_schema_with(&["team".to_owned()]);
        let team = schema.field(schema.field_by_name("static.team").unwrap());
        assert_eq!((team.scope, &*team.class), (Scope::Ruleset, "static"));
        assert!(syscall_schema().field_by_name("static.team").is_none());
    }

    #[test]
    fn schema_finds_events_and_system_calls() {
        let schema = syscall_schema();
        let open = schema.events_by_name("open");
        assert_eq!(open.iter().map(|c| c.0).collect::<Vec<_>>(), [2, 3]);
        let delivered: Vec<_> = schema
            .events_by_name("procexit")
            .iter()
            .filter(|c| schema.event(**c).is_some_and(|e| !e.enter && !e.old_version))
            .collect();
        assert_eq!(delivered.len(), 1);
        let gettid = schema.syscall_by_name("gettid").unwrap();
        assert!(schema.syscalls()[usize::from(gettid.0)].events.is_empty());
    }
}
