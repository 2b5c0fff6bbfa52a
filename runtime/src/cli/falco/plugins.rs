//! Plugins: the container plugin, which is built in, and the refusal of all others.

use super::{Failure, Flow};
use crate::config::{Config, Plugin};
use peregrine_compiler::rulefile::PluginVersion;
use std::io::{self, Write};

/// The name under which rules and configurations know the built-in plugin.
pub(super) const CONTAINER: &str = "container";
/// The version of Falco's plugin whose fields we have.
const CONTAINER_VERSION: &str = "0.7.1";

/// Checks that all plugins of a configuration are there. `report` gets a line for each that is loaded.
pub(super) fn load(config: &Config, mut report: impl FnMut(&str)) -> Result<(), Failure> {
    for plugin in config.plugins_to_load().map_err(Failure::Runtime)? {
        if plugin.name != CONTAINER {
            return Err(Failure::Runtime(unsupported(plugin)));
        }
        report(&format!("Loaded plugin '{CONTAINER}@{CONTAINER_VERSION}', which is built in"));
    }
    Ok(())
}

fn unsupported(plugin: &Plugin) -> String {
    let path = plugin.library_path.display();
    format!("cannot load plugin '{}' ({path}): plugins are not supported yet", plugin.name)
}

/// Whether the configuration asks for the container plugin.
pub(super) fn container_is_loaded(config: &Config) -> bool {
    config.plugins_to_load().is_ok_and(|plugins| plugins.iter().any(|p| p.name == CONTAINER))
}

/// What rule files can require.
pub(super) fn provided() -> Vec<PluginVersion> {
    vec![PluginVersion { name: CONTAINER.to_owned(), version: CONTAINER_VERSION.to_owned() }]
}

fn describe(out: &mut dyn Write) -> io::Result<()> {
    writeln!(out, "Name: {CONTAINER}")?;
    writeln!(out, "Description: Metadata of containers (built in)")?;
    writeln!(out, "Contact: the authors of Peregrine")?;
    writeln!(out, "Version: {CONTAINER_VERSION}")?;
    writeln!(out, "Capabilities:\n  - Field Extraction\n  - Event Parsing\n  - Async Events\n")
}

/// `--list-plugins`.
pub(super) fn list(config: &Config, out: &mut dyn Write) -> Result<Flow, Failure> {
    load(config, |_| {})?;
    let count = usize::from(container_is_loaded(config));
    writeln!(out, "{count} Plugins Loaded:\n")?;
    if count > 0 {
        describe(out)?;
    }
    Ok(Flow::Done)
}

/// `--plugin-info`.
pub(super) fn info(config: &Config, name: &str, out: &mut dyn Write) -> Result<Flow, Failure> {
    load(config, |_| {})?;
    if name != CONTAINER || !container_is_loaded(config) {
        return Err(Failure::Runtime(format!("can't find plugin and/or capability: {name}")));
    }
    describe(out)?;
    writeln!(out, "No init config schema available: settings are not used yet")?;
    Ok(Flow::Done)
}
