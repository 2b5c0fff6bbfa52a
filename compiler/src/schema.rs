//! What a rule can talk about: fields, event types and system calls, as plain data.
//!
//! The compiler is given a [`Schema`] and never asks where a field's value comes from. The content
//! for Falco's syscall source is in the runtime crate (`fields/`, `event/`); tests and plugins make
//! their own.
//!
//! Invariants: field names are unique; [`FieldId`], [`EventCode`] and [`ScCode`] index their tables;
//! event codes are dense from 0.

use std::borrow::Cow;
use std::collections::{BTreeSet, HashMap};

/// A field of a [`Schema`].
#[derive(Copy, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Debug)]
pub struct FieldId(pub u32);

/// An event type of a [`Schema`]: the number that captures store.
#[derive(Copy, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Debug)]
pub struct EventCode(pub u16);

/// A system call in Falco's own numbering, which is the same on every architecture.
#[derive(Copy, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Debug)]
pub struct ScCode(pub u16);

macro_rules! types {
    ($($(#[$doc:meta])* $variant:ident = $id:literal $name:literal),* $(,)?) => {
        /// Type of a field or event parameter; names and numbers are those of the capture format (PT_*).
        #[derive(Copy, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Debug)]
        #[allow(missing_docs, reason = "the names are the documentation; see the capture format")]
        #[repr(u8)]
        pub enum Type { $($(#[$doc])* $variant = $id),* }

        impl Type {
            /// All types, by number.
            pub const ALL: &'static [Type] = &[$(Type::$variant),*];

            /// Name without the `PT_` prefix.
            pub fn name(self) -> &'static str {
                match self { $(Type::$variant => $name),* }
            }
        }
    };
}

types! {
    None = 0 "NONE", Int8 = 1 "INT8", Int16 = 2 "INT16", Int32 = 3 "INT32", Int64 = 4 "INT64",
    Uint8 = 5 "UINT8", Uint16 = 6 "UINT16", Uint32 = 7 "UINT32", Uint64 = 8 "UINT64",
    CharBuf = 9 "CHARBUF", ByteBuf = 10 "BYTEBUF", Errno = 11 "ERRNO", SockAddr = 12 "SOCKADDR",
    SockTuple = 13 "SOCKTUPLE", Fd = 14 "FD", Pid = 15 "PID", FdList = 16 "FDLIST", FsPath = 17 "FSPATH",
    SyscallId = 18 "SYSCALLID", SigType = 19 "SIGTYPE", RelTime = 20 "RELTIME", AbsTime = 21 "ABSTIME",
    Port = 22 "PORT", L4Proto = 23 "L4PROTO", SockFamily = 24 "SOCKFAMILY", Bool = 25 "BOOL",
    Ipv4Addr = 26 "IPV4ADDR", Dyn = 27 "DYN", Flags8 = 28 "FLAGS8", Flags16 = 29 "FLAGS16",
    Flags32 = 30 "FLAGS32", Uid = 31 "UID", Gid = 32 "GID", Double = 33 "DOUBLE", SigSet = 34 "SIGSET",
    CharBufArray = 35 "CHARBUFARRAY", CharBufPairArray = 36 "CHARBUF_PAIR_ARRAY", Ipv4Net = 37 "IPV4NET",
    Ipv6Addr = 38 "IPV6ADDR", Ipv6Net = 39 "IPV6NET", IpAddr = 40 "IPADDR", IpNet = 41 "IPNET",
    Mode = 42 "MODE", FsRelPath = 43 "FSRELPATH", EnumFlags8 = 44 "ENUMFLAGS8",
    EnumFlags16 = 45 "ENUMFLAGS16", EnumFlags32 = 46 "ENUMFLAGS32", Fd32 = 47 "FD32", Pid32 = 48 "PID32",
}

impl Type {
    /// The type with this name (without `PT_`).
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|t| t.name() == name)
    }
}

/// How a number is printed (PF_*).
#[derive(Copy, Clone, PartialEq, Eq, Hash, Debug)]
#[allow(missing_docs, reason = "names of the capture format")]
pub enum PrintFormat {
    Na,
    Dec,
    Hex,
    PaddedDec10,
    Id,
    Dir,
    Oct,
}

/// Whether a field takes an argument in brackets (or after a further dot), and of what kind.
#[derive(Copy, Clone, PartialEq, Eq, Hash, Debug)]
pub enum ArgSpec {
    /// `proc.name[1]` is an error.
    None,
    /// `proc.aname` and `proc.aname[2]` are both fine.
    Optional(ArgKind),
    /// `evt.arg` alone is an error.
    Required(ArgKind),
}

/// What an argument can be.
#[derive(Copy, Clone, PartialEq, Eq, Hash, Debug)]
pub enum ArgKind {
    /// A decimal number, negative ones allowed: `[2]`.
    Index,
    /// Any text: `[PATH]`.
    Key,
    /// A number or a text: `proc.aenv[2]`, `proc.aenv[HOME]`.
    IndexOrKey,
    /// An event parameter, by index in brackets or by name after a dot: `evt.arg[0]`, `evt.arg.flags`.
    Param,
    /// An event parameter by name after a dot only: `evt.rawarg.flags`.
    ParamName,
    /// An event type's name after a dot: `evt.type.is.open`.
    EventName,
    /// Nothing, `.src` or `.dst`: `evt.abspath`, `evt.abspath.src`.
    PathSide,
    /// A cgroup subsystem after a dot: `thread.cgroup.cpuset`.
    Subsystem,
    /// A time in epoch nanoseconds: `evt.around[1590000000000000000]`.
    Time,
}

/// A set of `EPF_*` properties of a field.
#[derive(Copy, Clone, PartialEq, Eq, Hash, Debug, Default)]
pub struct FieldFlags(pub u16);

impl FieldFlags {
    /// No property.
    pub const NONE: Self = Self(0);
    /// Usable in conditions only, not in outputs.
    pub const FILTER_ONLY: Self = Self(1);
    /// Usable in outputs only.
    pub const PRINT_ONLY: Self = Self(2);
    /// Internal to table views: hidden from lists.
    pub const TABLE_ONLY: Self = Self(4);
    /// Deprecated: hidden from lists, a warning on use.
    pub const DEPRECATED: Self = Self(8);
    /// Not allowed inside a transformer.
    pub const NO_TRANSFORMER: Self = Self(16);
    /// Not allowed on the right side of a comparison.
    pub const NO_RHS: Self = Self(32);
    /// Added to outputs when `append_output.suggested_output` is on.
    pub const FORMAT_SUGGESTED: Self = Self(64);
    /// The extracted value lives only until the next extraction.
    pub const NO_PTR_STABILITY: Self = Self(128);

    /// Whether all properties of `other` are set.
    pub fn contains(self, other: Self) -> bool {
        self.0 & other.0 == other.0
    }

    /// Union.
    #[must_use]
    pub const fn with(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }
}

/// When a field's value can change; the later in this order, the more often.
#[derive(Copy, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Debug)]
pub enum Scope {
    /// With the ruleset or the configuration.
    Ruleset,
    /// With the container's metadata.
    Container,
    /// With the process: exec, ids, working directory, ancestors.
    Process,
    /// With the file descriptor.
    Fd,
    /// With every event.
    Event,
}

/// How a comparison combines the several values that a field can have for one event.
#[derive(Copy, Clone, PartialEq, Eq, Hash, Debug)]
pub enum Multi {
    /// One value, or a list value that takes list operators only.
    No,
    /// Ancestors without an index: true if any one satisfies the operator, `!=` included.
    AnyAncestor,
    /// The two ends of a connection (`fd.ip`, `fd.port`, `fd.net`, `fd.proto`): `=` either, `!=` both.
    EitherEnd,
}

/// One field.
#[derive(Clone, Debug)]
pub struct FieldDef {
    /// Full name, e.g. `proc.name`.
    pub name: Cow<'static, str>,
    /// Type of one value; [`Type::Dyn`] when it follows the event parameter.
    pub ty: Type,
    /// Whether the value is a list.
    pub list: bool,
    /// Argument.
    pub arg: ArgSpec,
    /// Properties.
    pub flags: FieldFlags,
    /// How numbers are printed.
    pub print: PrintFormat,
    /// Values and their combination when used without argument.
    pub multi: Multi,
    /// When the value changes.
    pub scope: Scope,
    /// Relative cost of an extraction; 1 is a load from the thread or event.
    pub cost: u16,
    /// Class shown in lists: `evt`, `process`, `fd`, ...
    pub class: Cow<'static, str>,
    /// One sentence for people.
    pub doc: Cow<'static, str>,
}

/// One parameter of an event type.
#[derive(Clone, Debug)]
pub struct ParamDef {
    /// Name, e.g. `flags`.
    pub name: Cow<'static, str>,
    /// Type.
    pub ty: Type,
    /// How it is printed.
    pub print: PrintFormat,
    /// Name of the flag table or, for relative paths, number of the directory fd parameter; else empty.
    pub info: Cow<'static, str>,
}

/// One event type.
#[derive(Clone, Debug)]
pub struct EventDef {
    /// The code.
    pub code: EventCode,
    /// Identifier, e.g. `PPME_SYSCALL_OPEN_X`.
    pub ident: Cow<'static, str>,
    /// Name for `evt.type`, e.g. `open`.
    pub name: Cow<'static, str>,
    /// Whether it is the enter side of a system call; those are never delivered to rules. Tracepoint and
    /// meta events such as `procexit` and `pluginevent` are `>` too, but not this.
    pub enter: bool,
    /// `EC_*` category names joined by `|`.
    pub category: Cow<'static, str>,
    /// `EF_*` flag names joined by `|`.
    pub flags: Cow<'static, str>,
    /// Superseded by a newer event type.
    pub old_version: bool,
    /// Parameters in order.
    pub params: Vec<ParamDef>,
}

/// One system call (or event class) in Falco's numbering.
#[derive(Clone, Debug)]
pub struct ScDef {
    /// The code.
    pub code: ScCode,
    /// Name, e.g. `openat`.
    pub name: Cow<'static, str>,
    /// Event types that it produces, without the generic ones.
    pub events: Vec<EventCode>,
}

impl ScDef {
    /// A code that stands for no system call: the unknown one, and a number that was never given.
    fn is_placeholder(&self) -> bool {
        self.name == "unknown" || self.name.starts_with("na_")
    }
}

/// An event type's identifier without direction and version: `PPME_SOCKET_ACCEPT4_5_X` and
/// `PPME_SOCKET_ACCEPT4_6_E` have the stem `PPME_SOCKET_ACCEPT4`.
fn stem(ident: &str) -> &str {
    let ident = ident.strip_suffix("_E").or_else(|| ident.strip_suffix("_X")).unwrap_or(ident);
    match ident.rsplit_once('_') {
        Some((stem, version)) if version.bytes().all(|b| b.is_ascii_digit()) => stem,
        _ => ident,
    }
}

/// Everything that a rule of one source can talk about.
#[derive(Clone, Debug)]
pub struct Schema {
    source: Cow<'static, str>,
    fields: Vec<FieldDef>,
    events: Vec<EventDef>,
    syscalls: Vec<ScDef>,
    field_by_name: HashMap<Cow<'static, str>, FieldId, foldhash::fast::FixedState>,
    events_by_name: HashMap<Cow<'static, str>, Vec<EventCode>, foldhash::fast::FixedState>,
    sc_by_name: HashMap<Cow<'static, str>, ScCode, foldhash::fast::FixedState>,
    /// See [`Schema::syscalls_of_name`].
    syscalls_of_name: HashMap<Cow<'static, str>, BTreeSet<ScCode>, foldhash::fast::FixedState>,
    /// First parameter of each name.
    params: HashMap<Cow<'static, str>, (EventCode, u16), foldhash::fast::FixedState>,
}

impl Schema {
    /// A schema from its tables. Later fields of the same name are dropped (first class wins).
    pub fn new(
        source: impl Into<Cow<'static, str>>,
        fields: Vec<FieldDef>,
        events: Vec<EventDef>,
        syscalls: Vec<ScDef>,
    ) -> Self {
        let mut schema = Self {
            source: source.into(),
            fields: Vec::with_capacity(fields.len()),
            events,
            syscalls,
            field_by_name: HashMap::default(),
            events_by_name: HashMap::default(),
            sc_by_name: HashMap::default(),
            syscalls_of_name: HashMap::default(),
            params: HashMap::default(),
        };
        for def in fields {
            if !schema.field_by_name.contains_key(&def.name) {
                schema.field_by_name.insert(def.name.clone(), FieldId(schema.fields.len() as u32));
                schema.fields.push(def);
            }
        }
        for event in &schema.events {
            schema.events_by_name.entry(event.name.clone()).or_default().push(event.code);
            for (i, param) in event.params.iter().enumerate() {
                schema.params.entry(param.name.clone()).or_insert((event.code, i as u16));
            }
        }
        for sc in &schema.syscalls {
            schema.sc_by_name.entry(sc.name.clone()).or_insert(sc.code);
        }
        schema.index_syscalls();
        schema
    }

    /// Fills `syscalls_of_name`: done once, because rules ask for every name that they compare.
    fn index_syscalls(&mut self) {
        let mut by_stem: HashMap<&str, Vec<ScCode>, foldhash::fast::FixedState> = HashMap::default();
        for sc in &self.syscalls {
            match sc.events.first().and_then(|&code| self.events.get(usize::from(code.0))) {
                Some(event) => by_stem.entry(stem(&event.ident)).or_default().push(sc.code),
                None => {
                    self.syscalls_of_name.entry(sc.name.clone()).or_default().insert(sc.code);
                }
            }
        }
        for event in &self.events {
            if let Some(codes) = by_stem.get(stem(&event.ident)) {
                self.syscalls_of_name.entry(event.name.clone()).or_default().extend(codes);
            }
        }
    }

    /// Name of the event source, e.g. `syscall`.
    pub fn source(&self) -> &str {
        &self.source
    }

    /// All fields.
    pub fn fields(&self) -> &[FieldDef] {
        &self.fields
    }

    /// The field of an id of this schema.
    ///
    /// # Panics
    /// If the id comes from another schema.
    #[expect(clippy::indexing_slicing, reason = "ids come from this schema")]
    pub fn field(&self, id: FieldId) -> &FieldDef {
        &self.fields[id.0 as usize]
    }

    /// The field with exactly this name, without argument.
    pub fn field_by_name(&self, name: &str) -> Option<FieldId> {
        self.field_by_name.get(name).copied()
    }

    /// All event types, by code.
    pub fn events(&self) -> &[EventDef] {
        &self.events
    }

    /// The event type of a code.
    pub fn event(&self, code: EventCode) -> Option<&EventDef> {
        self.events.get(code.0 as usize)
    }

    /// All event types with a name, enter and exit, old and new; empty when there is none.
    pub fn events_by_name(&self, name: &str) -> &[EventCode] {
        self.events_by_name.get(name).map_or(&[], Vec::as_slice)
    }

    /// All system calls, by code.
    pub fn syscalls(&self) -> &[ScDef] {
        &self.syscalls
    }

    /// The system call with this name.
    pub fn syscall_by_name(&self, name: &str) -> Option<ScCode> {
        self.sc_by_name.get(name).copied()
    }

    /// Whether some event type has a parameter of this name.
    pub fn has_param(&self, name: &str) -> bool {
        self.params.contains_key(name)
    }

    /// Type of the first parameter of this name, by event code.
    pub fn param_type(&self, name: &str) -> Option<Type> {
        let &(event, index) = self.params.get(name)?;
        self.event(event)?.params.get(usize::from(index)).map(|p| p.ty)
    }

    /// All parameter names, in no order.
    pub fn param_names(&self) -> impl Iterator<Item = &str> {
        self.params.keys().map(AsRef::as_ref)
    }

    /// Whether `evt.type` can have this value: the name of an event type or of any system call.
    pub fn is_event_name(&self, name: &str) -> bool {
        self.events_by_name.contains_key(name) || self.sc_by_name.contains_key(name)
    }

    /// All values of `evt.type`, in no order, some twice.
    pub fn event_names(&self) -> impl Iterator<Item = &str> {
        self.events_by_name.keys().chain(self.sc_by_name.keys()).map(AsRef::as_ref)
    }

    /// The event types that `evt.type = name` means: those of that name, or the generic ones for a
    /// system call without an event type of its own.
    pub fn events_of_name(&self, name: &str) -> impl Iterator<Item = EventCode> {
        let own = self.events_by_name(name);
        let generic: &[EventCode] =
            if own.is_empty() && self.sc_by_name.contains_key(name) { &Self::GENERIC } else { &[] };
        own.iter().chain(generic).copied()
    }

    /// Enter and exit event of system calls without event types of their own.
    const GENERIC: [EventCode; 2] = [EventCode(0), EventCode(1)];

    /// The system calls that `evt.type = name` means: the one of that name without event types of its
    /// own, and those that produce an event of that name or did in an older version of it (old events
    /// of `accept4` are named `accept`).
    pub fn syscalls_of_name(&self, name: &str) -> impl Iterator<Item = ScCode> {
        self.syscalls_of_name.get(name).into_iter().flatten().copied()
    }

    /// All system calls without event types of their own, which come as generic events.
    pub fn generic_syscalls(&self) -> impl Iterator<Item = &ScDef> {
        self.syscalls.iter().filter(|sc| sc.events.is_empty() && !sc.is_placeholder())
    }

    /// Whether an event type is one of the generic ones.
    pub fn is_generic(&self, code: EventCode) -> bool {
        Self::GENERIC.contains(&code)
    }

    /// All system calls that rules can select.
    pub fn selectable_syscalls(&self) -> impl Iterator<Item = ScCode> {
        self.syscalls.iter().filter(|sc| !sc.is_placeholder()).map(|sc| sc.code)
    }
}
