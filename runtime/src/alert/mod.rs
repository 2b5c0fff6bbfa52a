//! Alerts: a rule that matched an event, as text and as JSON.

mod record;
mod text;

pub use record::{Alert, AlertOptions};
pub use text::{render, render_value};
