//! Fields of containers that the thread itself tells.

use super::{EventContext, Extract, Found};

#[rustfmt::skip]
pub(super) fn of_name(name: &str) -> Option<Extract> {
    Some(match name {
        "container.id" => |c, _| id(c),
        "container.name" => |c, _| host_only(c, b"host"),
        "container.type" => |c, _| host_only(c, b"host"),
        "container.image" | "container.image.id" | "container.image.repository" | "container.image.tag"
        | "container.image.digest" => |c, _| host_only(c, b""),
        "container.start_ts" => |c, _| start(c),
        "container.duration" => |c, _| duration(c),
        _ => return None,
    })
}

fn id<'a>(c: &EventContext<'a>) -> Found<'a> {
    let Some(thread) = c.thread() else { return Found::Nothing };
    Found::text(Some(if thread.container.is_empty() { b"host" } else { &thread.container }))
}

/// What is known without metadata: that it is the host.
fn host_only<'a>(c: &EventContext<'a>, text: &'static [u8]) -> Found<'a> {
    match c.thread() {
        Some(thread) if thread.container.is_empty() => Found::text(Some(text)),
        _ => Found::Nothing,
    }
}

fn start<'a>(c: &EventContext<'a>) -> Found<'a> {
    let thread = c.thread().filter(|t| !t.container.is_empty());
    Found::uint(thread.map(|t| t.pidns_init_start_ns).filter(|&ns| ns != 0))
}

fn duration<'a>(c: &EventContext<'a>) -> Found<'a> {
    let thread = c.thread().filter(|t| !t.container.is_empty());
    let start = thread.map(|t| t.pidns_init_start_ns).filter(|&ns| ns != 0);
    Found::uint(start.and_then(|ns| c.event.ts_ns.checked_sub(ns)))
}
