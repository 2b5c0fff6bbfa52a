//! Fields of the descriptors that poll and ppoll wait for.

use super::made::TextWriter;
use super::{EventContext, Extract, Found, args};
use crate::state::{Fd, Tuple};

type Ctx<'a> = EventContext<'a>;

#[rustfmt::skip]
pub(super) fn of_name(name: &str) -> Option<Extract> {
    Some(match name {
        "fdlist.nums" => |c, _| list(c, |number, _| Some(number), TextWriter::signed),
        "fdlist.names" => |c, _| list(c, |_, fd| Some(fd.map_or(&b"<NA>"[..], |fd| &fd.name)), TextWriter::put),
        "fdlist.cips" => |c, _| list(c, |_, fd| ends(fd), |out, t| out.format(format_args!("{}", t.source.ip))),
        "fdlist.sips" => |c, _| list(c, |_, fd| ends(fd), |out, t| out.format(format_args!("{}", t.dest.ip))),
        "fdlist.cports" => |c, _| list(c, |_, fd| ends(fd), |out, t| out.unsigned(t.source.port.into())),
        "fdlist.sports" => |c, _| list(c, |_, fd| ends(fd), |out, t| out.unsigned(t.dest.port.into())),
        _ => return None,
    })
}

fn ends(fd: Option<&Fd>) -> Option<Tuple> {
    fd?.tuple
}

/// What `of` has of each descriptor, written by `put`, with commas between.
fn list<'a, T>(
    c: &Ctx<'a>,
    of: impl Fn(i64, Option<&'a Fd>) -> Option<T>,
    put: impl Fn(&mut TextWriter<'a>, T),
) -> Found<'a> {
    const USUAL: usize = 128;
    let bytes = match c.event.code.0 {
        81 | 255 => c.event.param(1),
        _ => None,
    };
    let (Some(bytes), Some(thread)) = (bytes, c.thread()) else { return Found::Nothing };
    let table = c.state.threads.fds_of(thread);
    let items = args::fd_list(bytes).filter_map(|(n, _)| of(n, table.and_then(|t| t.get(n))));
    let mut out = None;
    for item in items {
        let text = match &mut out {
            None => out.insert(TextWriter::new(c.arena, USUAL)),
            Some(text) => {
                text.byte(b',');
                text
            }
        };
        put(text, item);
    }
    Found::text(out.map(TextWriter::done))
}
