//! Signals of a run.
//!
//! SIGINT and SIGTERM end it with its summary, and a second one at once; SIGUSR1 reopens the outputs; SIGHUP
//! reads configuration and rules again. Handlers only raise flags.

use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM, SIGUSR1};
use signal_hook::flag::{register, register_conditional_shutdown, register_usize};
use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

/// What was asked for by signals.
#[derive(Clone, Debug, Default)]
pub(super) struct Signals {
    ending: Arc<AtomicBool>,
    /// The signal that asked for the end; 0 none.
    end: Arc<AtomicUsize>,
    reopen: Arc<AtomicBool>,
    reload: Arc<AtomicBool>,
}

impl Signals {
    /// Takes the place of the signals' default actions.
    pub(super) fn install() -> io::Result<Self> {
        let signals = Self::default();
        for signal in [SIGINT, SIGTERM] {
            // in this order: the first signal finds the flag down and raises it
            register_conditional_shutdown(signal, 1, Arc::clone(&signals.ending))?;
            register(signal, Arc::clone(&signals.ending))?;
            register_usize(signal, Arc::clone(&signals.end), signal.unsigned_abs() as usize)?;
        }
        register(SIGUSR1, Arc::clone(&signals.reopen))?;
        register(SIGHUP, Arc::clone(&signals.reload))?;
        Ok(signals)
    }

    /// Name of the signal that asked to end the run.
    pub(super) fn end(&self) -> Option<&'static str> {
        match self.end.load(Ordering::Relaxed) {
            0 => None,
            signal if signal == SIGINT.unsigned_abs() as usize => Some("SIGINT"),
            _ => Some("SIGTERM"),
        }
    }

    /// Whether outputs are to be reopened; asks only once for a signal.
    pub(super) fn take_reopen(&self) -> bool {
        self.reopen.swap(false, Ordering::Relaxed)
    }

    /// Whether configuration and rules are to be read again; asks only once for a signal.
    pub(super) fn take_reload(&self) -> bool {
        self.reload.swap(false, Ordering::Relaxed)
    }
}
