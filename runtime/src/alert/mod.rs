//! Alerts: a rule that matched an event, as text and as JSON.

mod record;
mod text;

pub(crate) use record::json_value;
pub use record::{Alert, AlertOptions};
pub(crate) use text::expand;
pub use text::{render, render_value};
