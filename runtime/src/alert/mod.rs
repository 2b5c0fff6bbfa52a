//! Alerts: a rule that matched an event, as text and as JSON.

mod internal;
mod record;
mod text;

pub use internal::InternalAlert;
pub(crate) use record::json_value;
pub use record::{Alert, AlertOptions};
pub(crate) use text::expand;
pub use text::{render, render_value};
