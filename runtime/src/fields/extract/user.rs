//! Fields of users and groups.
//!
//! The superuser has a name without any record; another id without one has `<NA>`.

use super::{EventContext, Extract, FieldValue, Found};
use crate::state::User;

type Ctx<'a> = EventContext<'a>;

const NA: &[u8] = b"<NA>";

#[rustfmt::skip]
pub(super) fn of_name(name: &str) -> Option<Extract> {
    Some(match name {
        "user.uid" => |c, _| Found::uint(c.thread().map(|t| u64::from(t.uid))),
        "user.name" => |c, _| text(c, |u| &u.name, b"root"),
        "user.homedir" => |c, _| text(c, |u| &u.home, b"/root"),
        "user.shell" => |c, _| text(c, |u| &u.shell, NA),
        "user.loginuid" => |c, _| Found::int(c.thread().map(|t| i64::from(t.loginuid.cast_signed()))),
        "user.loginname" => |c, _| login_name(c),
        "group.gid" => |c, _| Found::uint(c.thread().map(|t| u64::from(t.gid))),
        "group.name" => |c, _| group_name(c),
        _ => return None,
    })
}

fn text<'a>(c: &Ctx<'a>, part: impl Fn(&'a User) -> &'a [u8], of_root: &'static [u8]) -> Found<'a> {
    let Some(thread) = c.thread() else { return Found::Nothing };
    let known = c.state.users.user(&thread.container, thread.uid).map(part);
    let absent = if thread.uid == 0 { of_root } else { NA };
    Found::One(FieldValue::text(known.unwrap_or(absent)))
}

fn login_name<'a>(c: &Ctx<'a>) -> Found<'a> {
    let Some(thread) = c.thread() else { return Found::Nothing };
    let known = c.state.users.user(&thread.container, thread.loginuid).map(|u| &*u.name);
    let absent: &[u8] = if thread.loginuid == 0 { b"root" } else { NA };
    Found::One(FieldValue::text(known.unwrap_or(absent)))
}

fn group_name<'a>(c: &Ctx<'a>) -> Found<'a> {
    let Some(thread) = c.thread() else { return Found::Nothing };
    let known = c.state.users.group(&thread.container, thread.gid).map(|name| &**name);
    let absent: &[u8] = if thread.gid == 0 { b"root" } else { NA };
    Found::One(FieldValue::text(known.unwrap_or(absent)))
}
