//! A part of a capture, written as a capture.
//!
//! What describes the machine is written whole. Of the events those stay that rules are to see, and those that
//! change the state of processes that matter to them ([`needed`]), marked as changing the state only. Events
//! are written as they are after conversion, because their enter events may stay behind. So a replay of the
//! part has the same state at each event that stayed, and rules give the same alerts for it. What differs:
//! `evt.num` counts the part's events, and times are relative to them.
//!
//! Which processes matter is known at the end only, so there is a draft, in a temporary file without a name.

mod needed;

use crate::engine::Engine;
use crate::event::view::EventView;
use crate::fields::extract::EventContext;
use crate::source::capture::{Capture, CaptureError, Compression, Item, WriteError, Writer};
use crate::state::changes_state;
use needed::{Mark, Needed};
use std::fs::{self, File};
use std::io::{self, Seek};
use std::path::{Path, PathBuf};
use tempfile::NamedTempFile;

/// A capture being written.
pub(in crate::cli) struct Cut {
    path: PathBuf,
    target: Target,
    draft: Writer<File>,
    /// Of the draft's events.
    marks: Vec<Mark>,
    needed: Needed,
    /// Nothing was written since a section began.
    fresh: bool,
    failed: Option<WriteError>,
}

/// What was written.
#[derive(Copy, Clone, PartialEq, Eq, Debug, Default)]
pub(in crate::cli) struct Written {
    /// Events that rules see in a replay of the part.
    pub(super) events: u64,
    /// Events that only change the state.
    pub(super) state_only: u64,
    /// Texts that were longer than readers accept.
    pub(super) cut_texts: u64,
}

/// A new file that takes its name when it is complete, so that a file can be cut to itself; or what is there
/// under the name and is not a file.
enum Target {
    New(NamedTempFile),
    Device(File),
}

impl io::Write for Target {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        match self {
            Self::New(file) => file.write(bytes),
            Self::Device(file) => file.write(bytes),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        match self {
            Self::New(file) => file.flush(),
            Self::Device(file) => file.flush(),
        }
    }
}

/// Why a cut is not there at the end.
#[derive(Debug, thiserror::Error)]
pub(super) enum CutError {
    #[error("{path}: {source}", path = path.display())]
    Write { path: PathBuf, source: WriteError },
    #[error("{path}: {source}", path = path.display())]
    Name { path: PathBuf, source: io::Error },
    #[error("{path}: the draft cannot be read: {source}", path = path.display())]
    Draft { path: PathBuf, source: CaptureError },
}

impl Cut {
    /// Begins a cut that is to get this name.
    pub(super) fn create(path: &Path) -> io::Result<Self> {
        let target = match fs::metadata(path) {
            Ok(meta) if meta.is_dir() => return Err(io::Error::from(io::ErrorKind::IsADirectory)),
            Ok(meta) if !meta.is_file() => Target::Device(File::options().write(true).open(path)?),
            _ => {
                let directory = path.parent().filter(|d| !d.as_os_str().is_empty());
                Target::New(NamedTempFile::new_in(directory.unwrap_or(Path::new(".")))?)
            }
        };
        let draft = Writer::new(tempfile::tempfile()?, Compression::Plain).map_err(io::Error::other)?;
        let (marks, needed) = (Vec::new(), Needed::default());
        Ok(Self { path: path.to_owned(), target, draft, marks, needed, fresh: true, failed: None })
    }

    /// Another file begins.
    pub(super) fn begin(&mut self) {
        if !std::mem::replace(&mut self.fresh, true) {
            let result = self.draft.section();
            self.note(result);
        }
    }

    /// Takes what is not an event.
    pub(super) fn describe(&mut self, item: &Item<'_>) {
        match item {
            Item::Section => self.begin(),
            Item::Event { .. } | Item::Skipped(_) => {}
            _ => {
                self.fresh = false;
                let result = describe(&mut self.draft, item);
                self.note(result);
            }
        }
    }

    /// Takes an event that rules may see, if `shown`, and that may change the state.
    pub(super) fn event(&mut self, context: &EventContext<'_>, new_thread: bool, shown: bool) {
        let event = &context.event;
        if !shown && !new_thread && !changes_state(event) {
            return;
        }
        let mut mark = self.needed.note(context, self.marks.len());
        if shown {
            self.needed.want(context, self.marks.len());
            mark = Mark::Shown;
        }
        self.write(context.cpu, event, mark);
    }

    /// Takes an event that did not come out of the engine.
    pub(super) fn unseen(&mut self, engine: &Engine, cpu: u16, event: &EventView<'_>) {
        if changes_state(event) {
            let thread = engine.state.threads.get(event.tid);
            let mark = thread.filter(|t| t.pid > 0).map_or(Mark::Always, |t| Mark::Of(t.pid));
            self.write(cpu, event, mark);
        }
    }

    fn write(&mut self, cpu: u16, event: &EventView<'_>, mark: Mark) {
        self.fresh = false;
        self.marks.push(mark);
        let result = self.draft.event(cpu, mark != Mark::Shown, event);
        self.note(result);
    }

    /// Keeps the first error for the end.
    fn note(&mut self, result: Result<(), WriteError>) {
        if let Err(error) = result {
            self.failed.get_or_insert(error);
        }
    }

    /// Writes what is needed and gives the file its name.
    pub(super) fn finish(self) -> Result<Written, CutError> {
        let Self { path, target, draft, marks, needed, failed, .. } = self;
        let mut written = Written { cut_texts: draft.cut_texts(), ..Written::default() };
        let write = |source| CutError::Write { path: path.clone(), source };
        let name = |source| CutError::Name { path: path.clone(), source };
        let unread = |source| CutError::Draft { path: path.clone(), source };
        if let Some(error) = failed {
            return Err(write(error));
        }
        let mut draft = draft.finish().map_err(write)?;
        draft.rewind().map_err(name)?;
        let mut draft = Capture::new(draft).map_err(unread)?;
        let mut writer = Writer::new(target, Compression::Gzip(9)).map_err(write)?;
        let needed = needed.resolve();
        let mut marks = marks.iter().enumerate();
        let mut begun = false;
        while let Some(item) = draft.next_item().map_err(unread)? {
            match item {
                Item::Section if !std::mem::replace(&mut begun, true) => {} // the writer began it
                Item::Section => writer.section().map_err(write)?,
                Item::Event { cpu, event, .. } => match marks.next() {
                    Some((place, Mark::Of(process)))
                        if needed.get(process).is_none_or(|&last| last < place) => {}
                    mark => {
                        let shown = matches!(mark, Some((_, Mark::Shown)));
                        writer.event(cpu, !shown, &event).map_err(write)?;
                        *(if shown { &mut written.events } else { &mut written.state_only }) += 1;
                    }
                },
                other => describe(&mut writer, &other).map_err(write)?,
            }
        }
        match writer.finish().map_err(write)? {
            Target::Device(_) => Ok(written),
            Target::New(file) => file.persist(&path).map(|_| written).map_err(|e| name(e.error)),
        }
    }
}

/// Writes what is not an event and begins no section.
fn describe<W: io::Write>(writer: &mut Writer<W>, item: &Item<'_>) -> Result<(), WriteError> {
    match item {
        Item::Machine(machine) => writer.machine(machine),
        Item::Processes(processes) => writer.processes(processes),
        Item::Fds(tid, fds) => writer.fds(*tid, fds),
        Item::Interfaces(interfaces) => writer.interfaces(interfaces),
        Item::Users(users) => writer.users(users),
        Item::Section | Item::Event { .. } | Item::Skipped(_) => Ok(()),
    }
}
