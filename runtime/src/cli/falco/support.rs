//! `--support`: what a report of a problem should contain.

use super::{App, Failure, Flow, rules, version};
use crate::config::Config;
use peregrine_compiler::rulefile::ENGINE_VERSION;
use serde_json::{Value, json};
use std::fs;
use std::io::Write;

pub(super) fn run(app: &mut App, config: &Config, out: &mut dyn Write) -> Result<Flow, Failure> {
    let kernel = |name: &str| {
        let text = fs::read_to_string(format!("/proc/sys/kernel/{name}"));
        text.map_or(String::new(), |t| t.trim_end().to_owned())
    };
    let mut files: Vec<Value> = Vec::new();
    for path in rules::files(app, config)? {
        let bytes = fs::read(&path)
            .map_err(|e| Failure::Fatal(format!("cannot read rules `{}`: {e}", path.display())))?;
        files.push(json!({
            "name": path.display().to_string(),
            "content": String::from_utf8_lossy(&bytes),
        }));
    }
    let support = json!({
        "version": version::FALCO_VERSION,
        "engine_info": { "engine_version": ENGINE_VERSION.to_string() },
        "system_info": {
            "sysname": kernel("ostype"),
            "nodename": kernel("hostname"),
            "release": kernel("osrelease"),
            "version": kernel("version"),
            "machine": std::env::consts::ARCH,
        },
        "cmdline": app.cmdline,
        "config": fs::read_to_string(&app.config_path).unwrap_or_default(),
        "rules_files": files,
    });
    writeln!(out, "{support}")?;
    Ok(Flow::Done)
}
