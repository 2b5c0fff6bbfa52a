//! What kinds of events there are: types, parameters, flag names and system calls, as constant tables.
//!
//! In: an event code of the capture format or the probe. Out: name, category, properties and parameters of
//! that type ([`info`]), and the same as plain data for the compiler (`defs`, [`syscalls::by_code`]).
//!
//! Invariants: [`EVENTS`] is indexed by code and dense; even codes are enter (`>`) and odd ones exit (`<`)
//! events; a parameter with names refers to its table directly, so it cannot be missing.
//!
//! ```
//! use peregrine_compiler::schema::EventCode;
//! use peregrine_runtime::event::{self, Direction};
//!
//! let open = event::info(EventCode(3)).unwrap();
//! assert_eq!((open.name, open.direction()), ("open", Direction::Exit));
//! assert_eq!(open.params[2].name, "flags");
//! ```

pub mod build;
pub mod flags;
mod param;
pub mod socket;
pub mod syscalls;
mod table;
pub mod view;

pub(crate) use param::{signed, text as text_of, unsigned};
pub use table::EVENTS;

use flags::{DynTable, FlagTable};
use peregrine_compiler::schema::{EventCode, EventDef, ParamDef, PrintFormat, Type};
use std::borrow::Cow;

/// One event type.
#[derive(Debug)]
pub struct EventInfo {
    /// The number that captures store.
    pub code: EventCode,
    /// Identifier, e.g. `PPME_SYSCALL_OPEN_X`.
    pub ident: &'static str,
    /// Name for `evt.type`, e.g. `open`; `NA` for unused codes.
    pub name: &'static str,
    /// What the event is about.
    pub category: Category,
    /// What produces it.
    pub origin: Origin,
    /// Properties.
    pub flags: EventFlags,
    /// Parameters in order.
    pub params: &'static [ParamInfo],
}

/// One parameter of an event type.
#[derive(Debug)]
pub struct ParamInfo {
    /// Name, e.g. `flags`.
    pub name: &'static str,
    /// Type.
    pub ty: Type,
    /// How numbers are printed.
    pub print: PrintFormat,
    /// What is needed beyond the type to print it.
    pub extra: Extra,
}

/// What is needed beyond the type to print or resolve a parameter.
#[derive(Copy, Clone, Debug)]
pub enum Extra {
    /// Nothing.
    None,
    /// Names of values.
    Flags(&'static FlagTable),
    /// For relative paths: index of the parameter with the directory's file descriptor.
    DirFd(u8),
    /// Types to choose from by the value's first byte.
    Dynamic(&'static DynTable),
}

/// Side of a system call. Tracepoint and meta events are `>` and have no other side.
#[derive(Copy, Clone, PartialEq, Eq, Debug)]
pub enum Direction {
    /// `>`
    Enter,
    /// `<`
    Exit,
}

impl Direction {
    /// The character that `evt.dir` has.
    pub const fn symbol(self) -> &'static str {
        match self {
            Self::Enter => ">",
            Self::Exit => "<",
        }
    }
}

macro_rules! named {
    ($(#[$doc:meta])* $name:ident { $($(#[$vdoc:meta])* $variant:ident = $ident:literal),* $(,)? }) => {
        $(#[$doc])*
        #[derive(Copy, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
        pub enum $name { $($(#[$vdoc])* $variant),* }

        impl $name {
            /// All, in order.
            pub const ALL: &'static [Self] = &[$(Self::$variant),*];

            /// Identifier of the capture format's specification.
            pub const fn ident(self) -> &'static str {
                match self { $(Self::$variant => $ident),* }
            }
        }
    };
}

named! {
    /// What an event is about.
    Category {
        /// Files and directories.
        File = "EC_FILE",
        /// Reading from any file descriptor.
        IoRead = "EC_IO_READ",
        /// Writing to any file descriptor.
        IoWrite = "EC_IO_WRITE",
        /// Other work on any file descriptor.
        IoOther = "EC_IO_OTHER",
        /// Sockets.
        Net = "EC_NET",
        /// Pipes, semaphores, event descriptors.
        Ipc = "EC_IPC",
        /// Processes and threads.
        Process = "EC_PROCESS",
        /// Memory mappings.
        Memory = "EC_MEMORY",
        /// Signals.
        Signal = "EC_SIGNAL",
        /// Users, groups and capabilities.
        User = "EC_USER",
        /// Timers.
        Time = "EC_TIME",
        /// Sleeping.
        Sleep = "EC_SLEEP",
        /// Waiting for descriptors.
        Wait = "EC_WAIT",
        /// The machine itself.
        System = "EC_SYSTEM",
        /// Context switches.
        Scheduler = "EC_SCHEDULER",
        /// Anything else.
        Other = "EC_OTHER",
        /// The engine's own events.
        Internal = "EC_INTERNAL",
        /// Unused codes.
        Unknown = "EC_UNKNOWN",
    }
}

named! {
    /// What produces an event.
    Origin {
        /// A system call.
        Syscall = "EC_SYSCALL",
        /// A kernel tracepoint.
        Tracepoint = "EC_TRACEPOINT",
        /// A plugin.
        Plugin = "EC_PLUGIN",
        /// The engine: state that is stored in captures, notifications.
        Meta = "EC_METAEVENT",
        /// A walk over the kernel's tasks at start.
        Iterator = "EC_ITER",
        /// Nothing: an unused code.
        Nothing = "",
    }
}

/// A set of `EF_*` properties of an event type.
#[derive(Copy, Clone, PartialEq, Eq, Debug, Default)]
pub struct EventFlags(pub u16);

impl EventFlags {
    /// No property.
    pub const NONE: Self = Self(0);
    /// A file descriptor is opened.
    pub const CREATES_FD: Self = Self(1);
    /// A file descriptor is closed.
    pub const DESTROYS_FD: Self = Self(1 << 1);
    /// Works on a file descriptor.
    pub const USES_FD: Self = Self(1 << 2);
    /// Reads from a file descriptor.
    pub const READS_FD: Self = Self(1 << 3);
    /// Writes to a file descriptor.
    pub const WRITES_FD: Self = Self(1 << 4);
    /// Changes the engine's state.
    pub const MODIFIES_STATE: Self = Self(1 << 5);
    /// The code has no meaning.
    pub const UNUSED: Self = Self(1 << 6);
    /// The caller waits.
    pub const WAITS: Self = Self(1 << 7);
    /// Not about the thread that it is recorded for.
    pub const SKIPS_PARSE_RESET: Self = Self(1 << 8);
    /// Superseded by another type; only in old captures.
    pub const OLD_VERSION: Self = Self(1 << 9);
    /// Parameter lengths are 32 bits wide.
    pub const LARGE_PAYLOAD: Self = Self(1 << 10);
    /// Converted to the current shape when read.
    pub const CONVERTER_MANAGED: Self = Self(1 << 11);

    const NAMES: [(Self, &'static str); 12] = [
        (Self::CREATES_FD, "EF_CREATES_FD"),
        (Self::DESTROYS_FD, "EF_DESTROYS_FD"),
        (Self::USES_FD, "EF_USES_FD"),
        (Self::READS_FD, "EF_READS_FROM_FD"),
        (Self::WRITES_FD, "EF_WRITES_TO_FD"),
        (Self::MODIFIES_STATE, "EF_MODIFIES_STATE"),
        (Self::UNUSED, "EF_UNUSED"),
        (Self::WAITS, "EF_WAITS"),
        (Self::SKIPS_PARSE_RESET, "EF_SKIPPARSERESET"),
        (Self::OLD_VERSION, "EF_OLD_VERSION"),
        (Self::LARGE_PAYLOAD, "EF_LARGE_PAYLOAD"),
        (Self::CONVERTER_MANAGED, "EF_CONVERTER_MANAGED"),
    ];

    /// Whether all properties of `other` are set.
    pub const fn contains(self, other: Self) -> bool {
        self.0 & other.0 == other.0
    }

    /// Identifiers of the properties that are set.
    pub fn idents(self) -> impl Iterator<Item = &'static str> {
        Self::NAMES.into_iter().filter(move |(flag, _)| self.contains(*flag)).map(|(_, name)| name)
    }
}

impl EventInfo {
    /// Side of the system call.
    pub const fn direction(&self) -> Direction {
        if self.code.0.is_multiple_of(2) { Direction::Enter } else { Direction::Exit }
    }

    /// Whether this is the enter side of something that has an exit side: never delivered to rules.
    ///
    /// `procexit`, `asyncevent`, `pluginevent` and the other tracepoint and meta events are `>` too, but
    /// they are all there is of them, and rules see them.
    pub const fn is_syscall_enter(&self) -> bool {
        matches!(self.direction(), Direction::Enter)
            && matches!(self.origin, Origin::Syscall | Origin::Nothing)
    }

    /// Whether the type occurs only in captures of older versions.
    pub const fn is_old(&self) -> bool {
        self.flags.contains(EventFlags::OLD_VERSION)
    }

    /// Whether the code has no meaning.
    pub const fn is_unused(&self) -> bool {
        self.flags.contains(EventFlags::UNUSED)
    }

    /// Position and description of the parameter with this name.
    pub fn param(&self, name: &str) -> Option<(usize, &'static ParamInfo)> {
        self.params.iter().enumerate().find(|(_, p)| p.name == name)
    }

    /// The category as the specification writes it, e.g. `EC_FILE|EC_SYSCALL`.
    pub fn category_idents(&self) -> String {
        match self.origin {
            Origin::Nothing => self.category.ident().to_owned(),
            origin => format!("{}|{}", self.category.ident(), origin.ident()),
        }
    }

    fn def(&self) -> EventDef {
        EventDef {
            code: self.code,
            ident: Cow::Borrowed(self.ident),
            name: Cow::Borrowed(self.name),
            enter: self.is_syscall_enter(),
            category: Cow::Owned(self.category_idents()),
            flags: Cow::Owned(self.flags.idents().collect::<Vec<_>>().join("|")),
            old_version: self.is_old(),
            params: self.params.iter().map(ParamInfo::def).collect(),
        }
    }
}

impl ParamInfo {
    fn def(&self) -> ParamDef {
        let info = match self.extra {
            Extra::None => Cow::Borrowed(""),
            Extra::Flags(table) => Cow::Borrowed(table.name),
            Extra::DirFd(param) => Cow::Owned(param.to_string()),
            Extra::Dynamic(table) => Cow::Borrowed(table.name),
        };
        ParamDef { name: Cow::Borrowed(self.name), ty: self.ty, print: self.print, info }
    }
}

/// The event type of a code; none for codes of later versions.
pub fn info(code: EventCode) -> Option<&'static EventInfo> {
    EVENTS.get(usize::from(code.0))
}

/// All event types as the compiler wants them.
pub(crate) fn defs() -> Vec<EventDef> {
    EVENTS.iter().map(EventInfo::def).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashSet;

    #[test]
    fn codes_are_dense() {
        assert_eq!(EVENTS.len(), 454);
        for (at, event) in EVENTS.iter().enumerate() {
            assert_eq!(usize::from(event.code.0), at, "{}", event.ident);
        }
        let idents: HashSet<_> = EVENTS.iter().map(|e| e.ident).collect();
        assert_eq!(idents.len(), EVENTS.len());
    }

    #[test]
    fn identifiers_tell_the_direction() {
        for event in &EVENTS {
            let suffix = if event.direction() == Direction::Enter { "_E" } else { "_X" };
            assert!(event.ident.ends_with(suffix), "{}", event.ident);
        }
    }

    #[test]
    fn unused_codes_have_no_name() {
        for event in &EVENTS {
            assert_eq!(event.is_unused(), event.name == "NA", "{}", event.ident);
            assert_eq!(event.is_unused(), event.origin == Origin::Nothing, "{}", event.ident);
            let tracer = event.ident == "PPME_TRACER_X"; // kept its parameters
            assert!(!event.is_unused() || tracer || event.params.is_empty(), "{}", event.ident);
        }
    }

    #[test]
    fn each_name_has_a_delivered_current_type() {
        let seen: HashSet<_> =
            EVENTS.iter().filter(|e| !e.is_old() && !e.is_syscall_enter()).map(|e| e.name).collect();
        let gone: HashSet<_> = EVENTS.iter().map(|e| e.name).filter(|n| !seen.contains(n)).collect();
        assert_eq!(gone, HashSet::from(["k8s", "mesos", "tracer"]));
        assert!(seen.contains("procexit") && seen.contains("asyncevent") && seen.contains("pluginevent"));
    }

    #[test]
    fn parameters_are_sound() {
        for event in &EVENTS {
            for param in event.params {
                let at = format!("{} {}", event.ident, param.name);
                assert!(!param.name.is_empty(), "{at}");
                match param.extra {
                    Extra::DirFd(n) => {
                        assert_eq!(param.ty, Type::FsRelPath, "{at}");
                        assert_eq!(event.params[usize::from(n)].ty, Type::Fd, "{at}");
                    }
                    Extra::Dynamic(table) => {
                        assert_eq!(param.ty, Type::Dyn, "{at}");
                        assert!(!table.variants.is_empty(), "{at}");
                    }
                    Extra::Flags(table) => assert!(flags::by_name(table.name).is_some(), "{at}"),
                    Extra::None => assert_ne!(param.ty, Type::Dyn, "{at}"),
                }
            }
        }
    }

    #[test]
    fn flag_tables_are_unique_and_filled() {
        let names: HashSet<_> = flags::TABLES.iter().map(|t| t.name).collect();
        assert_eq!(names.len(), flags::TABLES.len());
        for table in flags::TABLES {
            assert!(!table.entries.is_empty(), "{}", table.name);
            assert!(table.entries.iter().all(|(name, _)| !name.is_empty()), "{}", table.name);
        }
        assert_eq!(flags::TABLES.iter().map(|t| t.entries.len()).sum::<usize>(), 606);
        assert!(flags::FILE_FLAGS.entries.contains(&("O_F_CREATED", 0x4000)));
    }

    #[test]
    fn system_calls_produce_events_of_their_own() {
        use peregrine_compiler::schema::ScCode;
        assert_eq!(syscalls::SYSCALLS.len(), 454);
        let names: HashSet<_> = syscalls::SYSCALLS.iter().map(|s| s.0).collect();
        assert_eq!(names.len(), syscalls::SYSCALLS.len());
        for (name, events) in &syscalls::SYSCALLS {
            for &code in *events {
                let event = info(EventCode(code)).unwrap();
                assert!(!matches!(event.origin, Origin::Meta | Origin::Plugin | Origin::Iterator), "{name}");
                assert!(!event.name.is_empty() && event.name != "syscall", "{name}");
            }
        }
        let openat = syscalls::from_x86_64(257).unwrap();
        assert_eq!(syscalls::by_code(openat).unwrap(), &("openat", &[306, 307][..]));
        assert_eq!(syscalls::to_x86_64(openat), Some(257));
        assert_eq!(syscalls::from_x86_64(u64::MAX), None);
        assert_eq!(syscalls::to_x86_64(ScCode(0)), None);
    }

    #[test]
    fn every_delivered_system_call_event_has_a_system_call() {
        let produced: HashSet<u16> = syscalls::SYSCALLS.iter().flat_map(|s| s.1).copied().collect();
        for event in EVENTS.iter().filter(|e| !e.is_old() && !e.is_unused()) {
            let kernel = matches!(event.origin, Origin::Syscall | Origin::Tracepoint);
            assert_eq!(
                kernel && event.name != "syscall",
                produced.contains(&event.code.0),
                "{}",
                event.ident
            );
        }
    }
}
