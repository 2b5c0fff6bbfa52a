//! Configuration and rules read again while events go by.
//!
//! Reading, checking and compiling happen on a thread; only the finished ruleset is handed to the event path.
//! What cannot be used changes nothing, and is told. Of the configuration, what selects and matches rules and
//! what is appended to outputs is taken over; outputs, logs and sources stay as they are until the next start.

use super::log::Logger;
use super::{App, Digests, Failure, load_config, rules};
use crate::engine::{Incoming, Ruleset, Way};
use std::sync::Arc;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::thread::{self, JoinHandle};
use std::time::SystemTime;

/// The number of rules, or why they cannot be used.
type Outcome = Result<usize, String>;

/// Reads again when asked.
pub(super) struct Reloader {
    make: Box<dyn Fn() -> App>,
    incoming: Incoming,
    outcomes: Receiver<Outcome>,
    tell: Sender<Outcome>,
    running: Vec<JoinHandle<()>>,
}

impl Drop for Reloader {
    fn drop(&mut self) {
        for thread in self.running.drain(..) {
            // it told what there was to tell
            let _ = thread.join();
        }
    }
}

impl Reloader {
    /// With the arguments of a run; finished rules go to `incoming`.
    pub(super) fn new(app: &App, incoming: Incoming) -> Self {
        let (args, cmdline, path) = (app.args.clone(), app.cmdline.clone(), app.config_path.clone());
        let (started, ident) = (app.started, app.log.ident());
        let make = move || App {
            args: args.clone(),
            cmdline: cmdline.clone(),
            config_path: path.clone(),
            log: Logger::new(ident),
            started,
            configured: SystemTime::now(),
            digests: Digests::default(),
        };
        let (tell, outcomes) = channel();
        Self { make: Box::new(make), incoming, outcomes, tell, running: Vec::new() }
    }

    /// Begins to read.
    pub(super) fn begin(&mut self) {
        self.running.retain(|thread| !thread.is_finished());
        let (app, incoming, tell) = ((self.make)(), self.incoming.clone(), self.tell.clone());
        let work = move || {
            let outcome = load(app).map(|ruleset| {
                let count = ruleset.rules.len();
                incoming.offer(ruleset);
                count
            });
            // nobody waits for it when the run is over
            let _ = tell.send(outcome);
        };
        match thread::Builder::new().name("peregrine-load".to_owned()).spawn(work) {
            Ok(thread) => self.running.push(thread),
            Err(error) => {
                let _ = self.tell.send(Err(format!("cannot start a thread to load rules: {error}")));
            }
        }
    }

    /// What became of it since the last time.
    pub(super) fn outcomes(&self) -> Vec<Outcome> {
        self.outcomes.try_iter().collect()
    }
}

fn load(mut app: App) -> Result<Ruleset, String> {
    let failed = |failure| match failure {
        Failure::Fatal(why) | Failure::Runtime(why) | Failure::Pidfile(why) => why,
        Failure::Output(error) => error.to_string(),
    };
    let config = load_config(&mut app).map_err(failed)?;
    let schema = rules::schema(&config);
    let loader = rules::load(&mut app, &config, &schema).map_err(failed)?;
    let enabled = rules::enabled(&mut app, &config, loader.rules().unwrap_or_default());
    let rules = loader.into_rules().unwrap_or_default();
    Ok(Ruleset::new(Arc::new(schema), Arc::new(rules), &enabled, config.rule_matching, Way::default()))
}
