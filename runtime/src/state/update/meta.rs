//! Users and groups that the engine itself tells of.

use super::super::text::Text;
use super::super::{State, User};
use crate::event::view::EventView;

fn text(event: &EventView<'_>, param: usize) -> Text {
    Text::from(event.text(param).unwrap_or_default())
}

pub(super) fn user_added(state: &mut State, event: &EventView<'_>) {
    if state.users.len() >= state.limits.users {
        state.counters.users_refused += 1;
        return;
    }
    let (Some(uid), Some(gid)) = (event.uint32(0), event.uint32(1)) else { return };
    let user = User { gid, name: text(event, 2), home: text(event, 3), shell: text(event, 4) };
    state.users.add_user(text(event, 5), uid, user);
}

pub(super) fn user_deleted(state: &mut State, event: &EventView<'_>) {
    if let Some(uid) = event.uint32(0) {
        state.users.remove_user(text(event, 5), uid);
    }
}

pub(super) fn group_added(state: &mut State, event: &EventView<'_>) {
    if state.users.len() >= state.limits.users {
        state.counters.users_refused += 1;
        return;
    }
    if let Some(gid) = event.uint32(0) {
        state.users.add_group(text(event, 2), gid, text(event, 1));
    }
}

pub(super) fn group_deleted(state: &mut State, event: &EventView<'_>) {
    if let Some(gid) = event.uint32(0) {
        state.users.remove_group(text(event, 2), gid);
    }
}
