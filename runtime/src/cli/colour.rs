//! Whether what is printed has colours.

use std::io::{self, IsTerminal};

/// Whether messages on stderr may have colours.
pub(super) fn on_stderr() -> bool {
    io::stderr().is_terminal() && !unwanted()
}

/// Whether lines on stdout may have colours.
pub(super) fn on_stdout() -> bool {
    io::stdout().is_terminal() && !unwanted()
}

/// Whether the user wants no colours anywhere; <https://no-color.org>.
fn unwanted() -> bool {
    std::env::var_os("NO_COLOR").is_some_and(|v| !v.is_empty())
}
