//! The choice of `--jit`.

use crate::engine::Jit;
use clap::ValueEnum;

/// When rules become native code.
#[derive(Copy, Clone, PartialEq, Eq, Debug, Default, ValueEnum)]
pub(super) enum JitMode {
    /// Never: they are interpreted
    Off,
    /// At once where events come
    Eager,
    /// What many events need, on a thread beside
    #[default]
    Tiered,
}

impl From<JitMode> for Jit {
    fn from(mode: JitMode) -> Self {
        match mode {
            JitMode::Off => Self::Off,
            JitMode::Eager => Self::Eager,
            JitMode::Tiered => Self::Tiered,
        }
    }
}
