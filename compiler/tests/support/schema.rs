//! A small schema with every kind of field, for tests that must not know the real one.

use peregrine_compiler::schema::{
    ArgKind, ArgSpec, EventCode, EventDef, FieldDef, FieldFlags, Multi, ParamDef, PrintFormat, ScCode, ScDef,
    Schema, Scope, Type,
};

fn field(name: &'static str, ty: Type) -> FieldDef {
    FieldDef {
        name: name.into(),
        ty,
        list: false,
        arg: ArgSpec::None,
        flags: FieldFlags::NONE,
        print: PrintFormat::Na,
        multi: Multi::No,
        scope: Scope::Event,
        cost: 1,
        class: name.split('.').next().unwrap_or(name).into(),
        doc: "A test field.".into(),
    }
}

fn fields() -> Vec<FieldDef> {
    let left_only = FieldFlags::NO_RHS.with(FieldFlags::NO_TRANSFORMER);
    vec![
        field("proc.name", Type::CharBuf),
        field("proc.exepath", Type::FsPath),
        field("proc.pid", Type::Int64),
        field("proc.vmsize", Type::Uint64),
        field("proc.tty", Type::Int32),
        field("proc.is_exe_upper_layer", Type::Bool),
        field("proc.load", Type::Double),
        FieldDef { list: true, ..field("proc.caps", Type::CharBuf) },
        FieldDef { arg: ArgSpec::Required(ArgKind::Key), ..field("proc.env", Type::CharBuf) },
        FieldDef {
            arg: ArgSpec::Optional(ArgKind::Index),
            multi: Multi::AnyAncestor,
            flags: left_only,
            ..field("proc.aname", Type::CharBuf)
        },
        FieldDef {
            arg: ArgSpec::Optional(ArgKind::Index),
            multi: Multi::AnyAncestor,
            flags: left_only,
            ..field("proc.apid", Type::Int64)
        },
        FieldDef { multi: Multi::EitherEnd, flags: left_only, ..field("fd.ip", Type::IpAddr) },
        FieldDef { multi: Multi::EitherEnd, flags: left_only, ..field("fd.port", Type::Port) },
        FieldDef { multi: Multi::EitherEnd, flags: left_only, ..field("fd.net", Type::IpNet) },
        field("fd.sip", Type::IpAddr),
        FieldDef { flags: left_only, ..field("fd.snet", Type::IpNet) },
        field("fd.name", Type::CharBuf),
        FieldDef { list: true, arg: ArgSpec::Optional(ArgKind::Index), ..field("fd.types", Type::CharBuf) },
        field("evt.num", Type::Uint64),
        field("evt.type", Type::CharBuf),
        field("evt.buffer", Type::ByteBuf),
        FieldDef { arg: ArgSpec::Required(ArgKind::Param), ..field("evt.arg", Type::CharBuf) },
        FieldDef { arg: ArgSpec::Required(ArgKind::ParamName), ..field("evt.rawarg", Type::Dyn) },
        FieldDef { arg: ArgSpec::Required(ArgKind::EventName), ..field("evt.type.is", Type::Uint32) },
        FieldDef { arg: ArgSpec::Optional(ArgKind::PathSide), ..field("evt.abspath", Type::CharBuf) },
        FieldDef { arg: ArgSpec::Required(ArgKind::Time), ..field("evt.around", Type::Uint64) },
        FieldDef { flags: FieldFlags::PRINT_ONLY, ..field("evt.args", Type::CharBuf) },
        FieldDef { arg: ArgSpec::Required(ArgKind::Subsystem), ..field("thread.cgroup", Type::CharBuf) },
        FieldDef { arg: ArgSpec::Required(ArgKind::IndexOrKey), ..field("container.mount", Type::CharBuf) },
    ]
}

fn event(code: u16, name: &'static str, params: &[(&'static str, Type)]) -> EventDef {
    let param = |&(name, ty): &(&'static str, Type)| ParamDef {
        name: name.into(),
        ty,
        print: PrintFormat::Na,
        info: "".into(),
    };
    EventDef {
        code: EventCode(code),
        ident: name.to_uppercase().into(),
        name: name.into(),
        enter: code.is_multiple_of(2),
        category: "".into(),
        flags: "".into(),
        old_version: false,
        params: params.iter().map(param).collect(),
    }
}

/// The schema.
pub fn small() -> Schema {
    let events = vec![
        event(0, "syscall", &[("ID", Type::SyscallId)]),
        event(1, "syscall", &[("ID", Type::SyscallId)]),
        event(2, "open", &[]),
        event(3, "open", &[("fd", Type::Fd), ("name", Type::FsPath), ("flags", Type::Flags32)]),
        event(4, "execve", &[]),
        event(5, "execve", &[("res", Type::Errno), ("exe", Type::CharBuf), ("args", Type::ByteBuf)]),
        event(6, "close", &[("fd", Type::Fd)]),
        event(7, "close", &[("res", Type::Errno)]),
    ];
    let syscall = |code, name: &'static str, events: &[u16]| ScDef {
        code: ScCode(code),
        name: name.into(),
        events: events.iter().map(|&e| EventCode(e)).collect(),
    };
    let syscalls = vec![
        syscall(0, "unknown", &[]),
        syscall(1, "open", &[2, 3]),
        syscall(2, "execve", &[4, 5]),
        syscall(3, "close", &[6, 7]),
        syscall(4, "gettid", &[]),
    ];
    Schema::new("syscall", fields(), events, syscalls)
}
