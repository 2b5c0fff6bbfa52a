//! Paths that file system calls work on.

use super::{EventContext, Extract, Found};
use crate::state::{UNKNOWN_DIR, is_plain_path, resolve_path_in};
use peregrine_compiler::hir::field::{FieldArg, Side};

type Ctx<'a> = EventContext<'a>;

#[rustfmt::skip]
pub(super) fn of_name(name: &str) -> Option<Extract> {
    Some(match name {
        "fs.path.name" => |c, _| found(c, Which::Name, Form::Resolved),
        "fs.path.nameraw" => |c, _| found(c, Which::Name, Form::Raw),
        "fs.path.source" => |c, _| found(c, Which::Source, Form::Resolved),
        "fs.path.sourceraw" => |c, _| found(c, Which::Source, Form::Raw),
        "fs.path.target" => |c, _| found(c, Which::Target, Form::Resolved),
        "fs.path.targetraw" => |c, _| found(c, Which::Target, Form::Raw),
        _ => return None,
    })
}

#[derive(Copy, Clone, PartialEq, Eq)]
enum Which {
    Name,
    Source,
    Target,
}

#[derive(Copy, Clone, PartialEq, Eq)]
enum Form {
    Raw,
    Resolved,
}

/// Where an event has a path.
#[derive(Copy, Clone)]
enum Place {
    /// Relative to the working directory.
    Cwd(usize),
    /// Relative to the directory of a descriptor in another parameter.
    At(usize, usize),
    /// The file of a descriptor.
    Fd(usize),
    /// Relative to a directory that is not known.
    Unknown(usize),
}

/// Where the event has the path that is asked for.
fn place(code: u16, which: Which) -> Option<Place> {
    use Place::{At, Cwd, Fd, Unknown};
    Some(match (code, which) {
        (3 | 191 | 277 | 279 | 301 | 315 | 379 | 381 | 387 | 391, Which::Name) => Cwd(1),
        (303 | 305 | 307 | 313 | 327 | 385, Which::Name) => At(1, 2),
        (317 | 383, Which::Name) => Fd(1),
        (337, Which::Name) => Cwd(3),
        (175, Which::Source) | (257 | 309, Which::Target) => Cwd(1),
        (175, Which::Target) | (179 | 309, Which::Source) => Cwd(2),
        // COMPAT(falco): renameat is resolved against the working directory
        (177, Which::Source) => Cwd(2),
        (177, Which::Target) => Cwd(4),
        (319, Which::Source) => At(1, 2),
        (319, Which::Target) => At(3, 4),
        (311, Which::Source) => Cwd(4),
        (311, Which::Target) => Cwd(2),
        (179, Which::Target) => Cwd(1),
        (181, Which::Source) => At(2, 3),
        (181, Which::Target) => Unknown(1),
        (257, Which::Source) => Cwd(1),
        _ => return None,
    })
}

/// COMPAT(falco): the one error for which a file that could not be opened has no path.
const EPERM: i64 = -1;

fn mount_place(which: Which) -> Option<Place> {
    match which {
        Which::Source => Some(Place::Cwd(1)),
        Which::Target => Some(Place::Cwd(2)),
        Which::Name => None,
    }
}

/// Whether events of a type can have a path field at all.
pub(super) fn has(code: u16, name: &str) -> bool {
    let which = match name {
        "fs.path.name" | "fs.path.nameraw" => Which::Name,
        "fs.path.source" | "fs.path.sourceraw" => Which::Source,
        _ => Which::Target,
    };
    place_of(code, which).is_some()
}

fn place_of(code: u16, which: Which) -> Option<Place> {
    if code == 257 { mount_place(which) } else { place(code, which) }
}

fn found<'a>(c: &Ctx<'a>, which: Which, form: Form) -> Found<'a> {
    let code = c.event.code.0;
    let Some(place) = place_of(code, which) else { return Found::Nothing };
    let opens = matches!(code, 3 | 307 | 327 | 337);
    let failed = c.event.int(0).is_none_or(|result| result < 0);
    if failed && !(opens && c.event.int(0) != Some(EPERM)) {
        return Found::Nothing;
    }
    let (param, base) = match place {
        Place::Fd(param) => {
            let fd = c.event.int(param).and_then(|n| c.state.threads.fds_of(c.thread()?)?.get(n));
            let Some(fd) = fd else { return Found::Nothing };
            return Found::text(Some(if form == Form::Raw { &fd.name_raw } else { &fd.name }));
        }
        Place::Cwd(param) => (param, None),
        Place::At(dirfd, param) => (param, Some(c.event.int(dirfd).unwrap_or(-1))),
        Place::Unknown(param) => (param, Some(-1)),
    };
    let Some(path) = c.event.text(param) else { return Found::Nothing };
    if form == Form::Raw || path.first() == Some(&b'/') && is_plain_path(path) {
        return Found::text(Some(path));
    }
    if opens && failed {
        // COMPAT(falco): a relative path that could not be opened is not resolved
        let known = path.first() == Some(&b'/');
        return Found::text(Some(if known { resolve_path_in(c.arena, b"", path) } else { UNKNOWN_DIR }));
    }
    if opens {
        return Found::text(Some(absolute(c, base, path)));
    }
    match base {
        // COMPAT(falco): the working directory is not looked up for calls with a directory
        Some(dirfd) if dirfd < 0 => Found::text(Some(resolve_path_in(c.arena, UNKNOWN_DIR, path))),
        base => Found::text(Some(absolute(c, base, path))),
    }
}

fn absolute<'a>(c: &Ctx<'a>, dirfd: Option<i64>, path: &'a [u8]) -> &'a [u8] {
    let base = match dirfd {
        None => c.state.cwd(&c.current),
        Some(dirfd) => c.state.base_dir(&c.current, dirfd, path),
    };
    resolve_path_in(c.arena, base, path)
}

/// Directory and path of an event that opens a file.
fn opened_at(c: &Ctx<'_>) -> Option<(Option<i64>, usize)> {
    Some(match c.event.code.0 {
        3 | 59 => (None, 1),
        307 | 327 => (Some(c.event.int(1).unwrap_or(-1)), 2),
        337 => (None, 3),
        _ => return None,
    })
}

/// The absolute path of an event that opens a file, as far as its parameters tell.
pub(super) fn opened<'a>(c: &Ctx<'a>) -> Option<&'a [u8]> {
    let (dirfd, param) = opened_at(c)?;
    Some(absolute(c, dirfd, c.event.text(param).unwrap_or_default()))
}

/// The path of an event that opens a file as the caller gave it.
pub(super) fn opened_raw<'a>(c: &Ctx<'a>) -> Option<&'a [u8]> {
    Some(c.event.text(opened_at(c)?.1).unwrap_or_default())
}

/// `evt.abspath`
pub(super) fn abspath<'a>(c: &Ctx<'a>, arg: &FieldArg) -> Found<'a> {
    let side = if let FieldArg::Side(side) = arg { *side } else { Side::Default };
    let at = |dirfd: usize, param: usize| (c.event.int(dirfd), param);
    let (dirfd, param) = match (c.event.code.0, side) {
        (177 | 311 | 319, Side::Default | Side::Source) => at(1, 2),
        (177 | 311 | 319, Side::Destination) => at(3, 4),
        (181, Side::Default) => at(2, 3),
        (303 | 305 | 307 | 313 | 327 | 385 | 417 | 419, Side::Default) => at(1, 2),
        (337, Side::Default) => (None, 3),
        _ => return Found::Nothing,
    };
    let Some(path) = c.event.text(param) else { return Found::Nothing };
    Found::text(Some(absolute(c, dirfd, path)))
}
