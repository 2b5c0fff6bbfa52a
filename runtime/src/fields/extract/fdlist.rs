//! Fields of the descriptors that poll and ppoll wait for.

use super::{EventContext, Extract, Found, args};
use crate::event::socket::ip_text;
use crate::state::{Fd, Tuple};

type Ctx<'a> = EventContext<'a>;

#[rustfmt::skip]
pub(super) fn of_name(name: &str) -> Option<Extract> {
    Some(match name {
        "fdlist.nums" => |c, _| list(c, |number, _| Some(number.to_string().into())),
        "fdlist.names" => |c, _| list(c, |_, fd| Some(fd.map_or_else(|| b"<NA>".to_vec(), |fd| fd.name.to_vec()))),
        "fdlist.cips" => |c, _| list(c, |_, fd| ends(fd).map(|t| ip_text(t.source.ip).into())),
        "fdlist.sips" => |c, _| list(c, |_, fd| ends(fd).map(|t| ip_text(t.dest.ip).into())),
        "fdlist.cports" => |c, _| list(c, |_, fd| ends(fd).map(|t| t.source.port.to_string().into())),
        "fdlist.sports" => |c, _| list(c, |_, fd| ends(fd).map(|t| t.dest.port.to_string().into())),
        _ => return None,
    })
}

fn ends(fd: Option<&Fd>) -> Option<Tuple> {
    fd?.tuple
}

fn list<'a>(c: &Ctx<'a>, text: impl Fn(i64, Option<&Fd>) -> Option<Vec<u8>>) -> Found<'a> {
    let bytes = match c.event.code.0 {
        81 | 255 => c.event.param(1),
        _ => None,
    };
    let (Some(bytes), Some(thread)) = (bytes, c.thread()) else { return Found::Nothing };
    let table = c.state.threads.fds_of(thread);
    let texts: Vec<Vec<u8>> =
        args::fd_list(bytes).filter_map(|(n, _)| text(n, table.and_then(|t| t.get(n)))).collect();
    if texts.is_empty() { Found::Nothing } else { Found::made(texts.join(&b',')) }
}
