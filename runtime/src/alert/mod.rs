//! Alerts: a rule that matched an event, as text and as JSON.

mod text;
mod record;

pub use record::{Alert, AlertOptions};
pub use text::{render, render_value};
