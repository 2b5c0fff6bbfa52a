//! Events of old shapes become events of the current one.
//!
//! In: an event of any source. Out: the event as the current event table has it, or nothing. Since enter
//! events are no longer delivered, their parameters are appended to the exit event of the same thread;
//! types that got parameters over time get those that are missing; superseded types become their
//! successors, step by step as `convert_table.rs` says.
//!
//! Invariants: an event of the current shape costs a table look-up and is handed on without copying;
//! enter events of system calls come out only where state needs them (`open`, `connect`, `execve` and
//! their like); nothing is lost without being counted.
//!
//! ```
//! use peregrine_compiler::schema::EventCode;
//! use peregrine_runtime::event::build::EventBuilder;
//! use peregrine_runtime::source::capture::{Converted, Converter, ConvertLimits};
//!
//! let mut converter = Converter::new(ConvertLimits::default());
//! let (fd, ok) = (7_i64.to_le_bytes(), 0_i64.to_le_bytes());
//! let (mut enter, mut exit) = (EventBuilder::default(), EventBuilder::default());
//! let enter = enter.build(1, 77, EventCode(4), &[&fd]).unwrap(); // > close fd=7
//! let exit = exit.build(2, 77, EventCode(5), &[&ok]).unwrap(); // < close res=0
//! assert!(matches!(converter.convert(enter), Converted::Dropped));
//! let Converted::Event(event) = converter.convert(exit) else { panic!() };
//! assert_eq!(event.param(1), Some(&fd[..]));
//! ```

use super::convert_table::{Action, MAX_PARAMS, Source, rule_for};
use super::enters::Enters;
use crate::event::build::{BuildError, encode, width_of};
use crate::event::view::{EventView, u16_at};
use crate::event::{Direction, EVENTS, EventFlags, info};
use peregrine_compiler::schema::{EventCode, Type};

/// Most steps for one event: the longest way in the table has 14.
const MAX_STEPS: usize = 50;

/// Bounds on what a converter keeps.
#[derive(Copy, Clone, PartialEq, Eq, Debug)]
pub struct ConvertLimits {
    /// Enter events that wait for their exit event, one for each thread.
    pub enter_events: usize,
    /// Bytes of these.
    pub enter_bytes: usize,
}

impl Default for ConvertLimits {
    fn default() -> Self {
        Self { enter_events: 32_768, enter_bytes: 32 << 20 }
    }
}

/// What became of the events of old shapes.
#[derive(Copy, Clone, PartialEq, Eq, Default, Debug)]
pub struct ConvertCounters {
    /// Brought to the current shape.
    pub converted: u64,
    /// Enter events stored for their exit events.
    pub stored: u64,
    /// Enter events dropped because no exit event needs them, and events of unused types.
    pub not_needed: u64,
    /// Stored enter events that went because there were too many.
    pub evicted: u64,
    /// Exit events whose enter event was missing: parameters are 0 or empty.
    pub without_enter: u64,
    /// Delivered with fewer parameters than the current type has, because the table has no row for them.
    pub incomplete: u64,
    /// Dropped: of an old type, with a number of parameters that the table has no row for.
    pub unconvertible: u64,
    /// Dropped: longer than 64 KiB when converted.
    pub too_long: u64,
}

/// An event after conversion.
#[derive(Copy, Clone, PartialEq, Eq, Debug)]
pub enum Converted<'a> {
    /// Of the current shape.
    Event(EventView<'a>),
    /// Stored for later, not needed, or not convertible; counted.
    Dropped,
}

/// Brings events to the current shape.
#[derive(Debug)]
pub struct Converter {
    enters: Enters,
    counters: ConvertCounters,
    /// The newest step's event, and the one before.
    made: Vec<u8>,
    before: Vec<u8>,
    enter_use: EnterUse,
}

/// Whether the event being converted had its enter event.
#[derive(Copy, Clone, PartialEq, Eq, Debug)]
enum EnterUse {
    NotNeeded,
    Missing,
    /// Steps after the one that used it find none, which is no loss.
    Used,
}

/// How an event of a type is treated, before its parameters are looked at.
#[derive(Copy, Clone, PartialEq, Eq)]
enum Treatment {
    Deliver,
    Drop,
    /// The table decides unless the event has this many parameters.
    Exit(u32),
    /// The table decides.
    Convert,
}

const fn treatment(code: usize) -> Treatment {
    #[expect(clippy::indexing_slicing, reason = "evaluated when compiled, for codes of the table only")]
    let event = &EVENTS[code];
    if event.is_unused() {
        return Treatment::Drop;
    }
    if !event.flags.contains(EventFlags::CONVERTER_MANAGED) {
        return if event.is_syscall_enter() { Treatment::Drop } else { Treatment::Deliver };
    }
    if matches!(event.direction(), Direction::Enter) || event.is_old() {
        return Treatment::Convert;
    }
    Treatment::Exit(event.params.len() as u32)
}

/// By code.
static TREATMENTS: [Treatment; EVENTS.len()] = {
    let mut all = [Treatment::Drop; EVENTS.len()];
    let mut code = 0;
    while code < all.len() {
        #[expect(clippy::indexing_slicing, reason = "evaluated when compiled")]
        {
            all[code] = treatment(code);
        }
        code += 1;
    }
    all
};

/// What a step leads to.
enum Step {
    /// The result is in the buffer; go on with it.
    Made,
    Deliver,
    Drop,
}

impl Converter {
    /// A converter that has stored nothing.
    pub fn new(limits: ConvertLimits) -> Self {
        Self {
            enters: Enters::new(limits.enter_events, limits.enter_bytes),
            counters: ConvertCounters::default(),
            made: Vec::new(),
            before: Vec::new(),
            enter_use: EnterUse::NotNeeded,
        }
    }

    /// Whether an event is of the current shape: [`Converter::convert`] hands it on.
    #[inline]
    pub fn keeps(&self, event: &EventView<'_>) -> bool {
        is_current(event)
    }

    /// The event in the current shape. Types that are not known are handed on.
    #[inline]
    pub fn convert<'a>(&'a mut self, event: EventView<'a>) -> Converted<'a> {
        match TREATMENTS.get(usize::from(event.code.0)) {
            Some(Treatment::Deliver) | None => Converted::Event(event),
            Some(Treatment::Exit(nparams)) if event.len() == *nparams as usize => Converted::Event(event),
            Some(Treatment::Drop) => {
                self.counters.not_needed += 1;
                Converted::Dropped
            }
            Some(Treatment::Exit(_) | Treatment::Convert) => self.by_table(event),
        }
    }

    /// Counters since it was made.
    pub fn counters(&self) -> &ConvertCounters {
        &self.counters
    }

    /// Forgets stored enter events: another capture begins.
    pub fn begin_section(&mut self) {
        self.enters.clear_all();
    }

    #[inline(never)]
    fn by_table<'a>(&'a mut self, event: EventView<'a>) -> Converted<'a> {
        self.enter_use = EnterUse::NotNeeded;
        let mut step = self.step(&event);
        if let Step::Deliver = step {
            return Converted::Event(event);
        }
        for _ in 1..MAX_STEPS {
            let Step::Made = step else { break };
            std::mem::swap(&mut self.made, &mut self.before);
            let before = std::mem::take(&mut self.before);
            step = match own_event(&before) {
                Some(view) if is_current(&view) => Step::Deliver,
                Some(view) => self.step(&view),
                None => self.drop_event(|c| &mut c.unconvertible),
            };
            self.before = before;
        }
        self.counters.without_enter += u64::from(self.enter_use == EnterUse::Missing);
        match step {
            Step::Deliver => {
                self.counters.converted += 1;
                own_event(&self.before).map_or(Converted::Dropped, Converted::Event)
            }
            Step::Made => {
                self.counters.unconvertible += 1;
                Converted::Dropped
            }
            Step::Drop => Converted::Dropped,
        }
    }

    fn drop_event(&mut self, counter: impl Fn(&mut ConvertCounters) -> &mut u64) -> Step {
        *counter(&mut self.counters) += 1;
        Step::Drop
    }

    /// Does what the table says for the event; its result is in `made`.
    fn step(&mut self, event: &EventView<'_>) -> Step {
        let Some(rule) = rule_for(event.code, event.len()) else {
            return self.without_rule(event);
        };
        let (target, appended, sources) = match rule.action {
            Action::Pass => return Step::Deliver,
            Action::Store | Action::StoreAndPass => {
                self.counters.stored += 1;
                self.counters.evicted += self.enters.store(event.tid, event.bytes());
                return if matches!(rule.action, Action::Store) { Step::Drop } else { Step::Deliver };
            }
            Action::Add(sources) => (event.code, true, sources),
            Action::Change(target, sources) => (target, false, sources),
        };
        match self.make(event, target, appended, sources) {
            Ok(()) => Step::Made,
            Err(_) => self.drop_event(|c| &mut c.too_long),
        }
    }

    /// An event for which the table has no row. Of a current exit type with parameters missing or with
    /// more than we know it can still be used; of an old type it cannot.
    fn without_rule(&mut self, event: &EventView<'_>) -> Step {
        match TREATMENTS.get(usize::from(event.code.0)) {
            Some(Treatment::Exit(nparams)) => {
                self.counters.incomplete += u64::from(event.len() < *nparams as usize);
                Step::Deliver
            }
            _ => self.drop_event(|c| &mut c.unconvertible),
        }
    }

    /// Puts an event of type `target` into `made`: the parameters it has, if they are kept, and those that
    /// `sources` tell.
    fn make(
        &mut self,
        event: &EventView<'_>,
        target: EventCode,
        keeps_params: bool,
        sources: &[Source],
    ) -> Result<(), BuildError> {
        const ZEROS: [u8; 8] = [0; 8];
        let wants_enter = sources.iter().any(|s| matches!(s, Source::Enter(_) | Source::EnterOrEmpty(_)));
        let enter = if wants_enter { enter_of(&self.enters, event) } else { None };
        if wants_enter && self.enter_use != EnterUse::Used {
            self.enter_use = if enter.is_some() { EnterUse::Used } else { EnterUse::Missing };
        }
        let json = if sources.contains(&Source::ContainerJson) { container_json(event) } else { Vec::new() };
        let mut params = [&[][..]; MAX_PARAMS];
        let mut count = 0;
        if keeps_params {
            for (place, param) in params.iter_mut().zip(event.params()) {
                *place = param;
                count += 1;
            }
        }
        for source in sources {
            let default = || ZEROS.get(..default_width(target, count)).unwrap_or_default();
            let entered = |i: u8| enter.and_then(|e| e.param(usize::from(i)));
            let param = match *source {
                Source::Old(i) => event.param(usize::from(i)).unwrap_or_default(),
                Source::Enter(i) => entered(i).unwrap_or_else(default),
                Source::EnterOrEmpty(i) => entered(i).unwrap_or_default(),
                Source::Default => default(),
                Source::Empty => &[],
                Source::ContainerJson => &json,
            };
            if let Some(place) = params.get_mut(count) {
                *place = param;
                count += 1;
            }
        }
        let params = params.get(..count).unwrap_or_default();
        let result = encode(&mut self.made, event.ts_ns, event.tid, target, params);
        if enter.is_some() {
            self.enters.clear(event.tid);
        }
        result
    }
}

/// Whether an event has the shape of today.
#[inline]
fn is_current(event: &EventView<'_>) -> bool {
    match TREATMENTS.get(usize::from(event.code.0)) {
        Some(Treatment::Deliver) | None => true,
        Some(Treatment::Exit(nparams)) => event.len() == *nparams as usize,
        Some(Treatment::Drop | Treatment::Convert) => false,
    }
}

/// The stored enter event of the thread, if it is the one of this exit event.
///
/// COMPAT(falco): another system call's enter event is an error there and ends the capture. It is what
/// remains when events were lost, so here it counts as missing.
fn enter_of<'a>(enters: &'a Enters, exit: &EventView<'_>) -> Option<EventView<'a>> {
    let enter = own_event(enters.of(exit.tid)?)?;
    (enter.code.0.checked_add(1) == Some(exit.code.0)).then_some(enter)
}

/// An event that was stored or encoded here.
fn own_event(bytes: &[u8]) -> Option<EventView<'_>> {
    EventView::parse(bytes, width_of(EventCode(u16_at(bytes, 20)))).ok()
}

/// Bytes of a parameter that is 0.
fn default_width(code: EventCode, index: usize) -> usize {
    info(code).and_then(|i| i.params.get(index)).map_or(0, |p| fixed_width(p.ty))
}

/// Bytes of a value of this type; 0 where they vary.
fn fixed_width(ty: Type) -> usize {
    use Type as T;
    match ty {
        T::Int8 | T::Uint8 | T::Flags8 | T::EnumFlags8 | T::SigType | T::L4Proto | T::SockFamily => 1,
        T::Int16 | T::Uint16 | T::Flags16 | T::EnumFlags16 | T::SyscallId | T::Port => 2,
        T::Int32
        | T::Uint32
        | T::Flags32
        | T::EnumFlags32
        | T::Mode
        | T::Bool
        | T::Uid
        | T::Gid
        | T::Fd32
        | T::Pid32
        | T::SigSet
        | T::Ipv4Addr => 4,
        T::Int64 | T::Uint64 | T::Fd | T::Pid | T::Errno | T::RelTime | T::AbsTime | T::Double => 8,
        _ => 0,
    }
}

/// An old container event's id, type, name and image as the JSON text of its successor; nothing when a
/// parameter is missing.
fn container_json(event: &EventView<'_>) -> Vec<u8> {
    let text = |i| {
        let bytes = event.param(i).and_then(|p| p.strip_suffix(b"\0"));
        bytes.map(|b| String::from_utf8_lossy(b).into_owned())
    };
    let kind = event.param(1).and_then(|p| p.first_chunk()).map(|&b| u32::from_le_bytes(b));
    let (Some(id), Some(kind), Some(name), Some(image)) = (text(0), kind, text(2), text(3)) else {
        return Vec::new();
    };
    let container = serde_json::json!({ "id": id, "image": image, "name": name, "type": kind });
    let mut json = serde_json::json!({ "container": container }).to_string().into_bytes();
    json.push(0);
    json
}
