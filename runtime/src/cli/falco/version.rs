//! Versions, as text and JSON.

use peregrine_compiler::rulefile::ENGINE_VERSION;
use serde_json::{Value, json};
use std::env::consts::ARCH;
use std::fmt::Write as _;

/// The version of Falco whose rules, configuration and output are meant, and our own.
pub(super) const FALCO_VERSION: &str = concat!("0.44.0+peregrine.", env!("CARGO_PKG_VERSION"));
/// The plugin interface that we know of.
const PLUGIN_API: &str = "3.12.0";
/// Version of the event table.
const EVENT_SCHEMA: &str = "4.5.1";
/// What takes the place of the libraries and the driver.
const OWN: &str = concat!("peregrine-", env!("CARGO_PKG_VERSION"));

/// The versions as JSON.
pub(super) fn json() -> Value {
    json!({
        "falco_version": FALCO_VERSION,
        "libs_version": OWN,
        "plugin_api_version": PLUGIN_API,
        "driver_api_version": OWN,
        "driver_schema_version": EVENT_SCHEMA,
        "default_driver_version": OWN,
        "engine_version": ENGINE_VERSION.minor.to_string(),
        "engine_version_semver": ENGINE_VERSION.to_string(),
    })
}

/// The versions for people.
pub(super) fn text() -> String {
    let mut out = String::new();
    let minor = ENGINE_VERSION.minor;
    let _ = writeln!(out, "Falco version: {FALCO_VERSION} ({ARCH})");
    let _ = writeln!(out, "Libs version:  {OWN}");
    let _ = writeln!(out, "Plugin API:    {PLUGIN_API}");
    let _ = writeln!(out, "Engine:        {minor} ({ENGINE_VERSION})");
    let _ = writeln!(out, "Driver:");
    let _ = writeln!(out, "  API version:    {OWN}");
    let _ = writeln!(out, "  Schema version: {EVENT_SCHEMA}");
    let _ = writeln!(out, "  Default driver: {OWN}");
    out
}
