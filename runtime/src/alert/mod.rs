//! Alerts: a rule that matched an event, as text and as JSON.

mod internal;
mod record;
mod text;

pub use internal::InternalAlert;
pub use record::{Alert, AlertOptions};
pub use text::{render, render_value};
