//! The configuration: `falco.yaml` with the files it includes, and overrides, as typed values.
//!
//! In: a main file, `-o` options in their order, the environment. Out: a [`Config`], or every error with
//! its file, line, column and key ([`ConfigErrors`]); beside it what is doubtful ([`Loaded`]). A key that
//! is absent or null has Falco's default in code, which is not always what its shipped file says.
//!
//! Order: main file, options about `config_files`, the files and directories listed there, all other
//! options. Files are merged by top-level key, never deeper. Variables `${VAR}` are replaced in scalars.
//!
//! ```
//! use peregrine_runtime::config;
//! let loaded = config::from_text("falco.yaml", "json_output: yes\n", &["priority=notice"], &|_| None).unwrap();
//! assert!(loaded.config.json_output);
//! assert_eq!(loaded.config.priority.as_str(), "Notice");
//! assert_eq!(loaded.config.webserver.listen_port, 8765);
//! ```

#![expect(clippy::struct_excessive_bools, reason = "each is a key of the configuration")]

mod env;
mod error;
mod keys;
mod load;
mod node;
mod option;
mod read;
mod schema;
mod section;

pub use env::Lookup;
pub use error::{ConfigError, ConfigErrors, Place};
pub use load::{Failed, FileNote, Loaded, from_text, load};
pub use schema::json_schema;

use peregrine_compiler::rulefile::Priority;
use std::collections::BTreeMap;
use std::net::IpAddr;
use std::path::PathBuf;
use std::time::Duration;

/// All settings.
#[derive(Clone, Debug)]
pub struct Config {
    /// Whether to reload when files change.
    pub watch_config_files: bool,
    /// Rule files and directories as written.
    pub rules_files: Vec<PathBuf>,
    /// Which rules are on, in order.
    pub rules: Vec<Selection>,
    /// Where events come from.
    pub engine: Engine,
    /// Recordings around alerts.
    pub capture: Capture,
    /// Names of plugins to load; none: all.
    pub load_plugins: Option<Vec<String>>,
    /// Plugins that can be loaded.
    pub plugins: Vec<Plugin>,
    /// Whether plugins see the host's processes.
    pub plugins_hostinfo: bool,
    /// Whether times are printed as ISO 8601.
    pub time_format_iso_8601: bool,
    /// Whether buffers are printed as base64.
    pub buffer_format_base64: bool,
    /// Least priority of rules.
    pub priority: Priority,
    /// Whether alerts are JSON.
    pub json_output: bool,
    /// Which properties JSON alerts have.
    pub json_include: JsonInclude,
    /// Whether stdout is not flushed after each alert.
    pub buffered_outputs: bool,
    /// Whether several rules can match one event.
    pub rule_matching: RuleMatching,
    /// Alerts that can wait for outputs; 0: no limit.
    pub outputs_queue_capacity: u64,
    /// What is appended to outputs.
    pub append_output: Vec<AppendOutput>,
    /// Constants for outputs.
    pub static_fields: BTreeMap<String, String>,
    /// Alerts on stdout.
    pub stdout_output: bool,
    /// Alerts to syslog.
    pub syslog_output: bool,
    /// Alerts to a file.
    pub file_output: FileOutput,
    /// Alerts to a program.
    pub program_output: ProgramOutput,
    /// Alerts by HTTP.
    pub http_output: HttpOutput,
    /// Health and metrics by HTTP.
    pub webserver: Webserver,
    /// What is logged where.
    pub log: Log,
    /// When a slow output is reported.
    pub output_timeout: Duration,
    /// Timeouts in a row that are reported.
    pub max_consecutive_timeouts: u32,
    /// What to do about lost events.
    pub drops: Drops,
    /// Periodic figures.
    pub metrics: Metrics,
    /// System calls to trace beside those of rules.
    pub base_syscalls: BaseSyscalls,
    /// Bounds of the state engine.
    pub libs: Libs,
}

impl Config {
    /// The names of plugins to load, in order.
    ///
    /// # Errors
    /// A name in `load_plugins` that no entry of `plugins` has.
    pub fn plugins_to_load(&self) -> Result<Vec<&Plugin>, String> {
        let Some(names) = &self.load_plugins else { return Ok(self.plugins.iter().collect()) };
        names
            .iter()
            .map(|name| {
                self.plugins.iter().find(|p| p.name == *name).ok_or_else(|| {
                    format!("cannot load plugin '{name}': plugins has no entry with this name")
                })
            })
            .collect()
    }
}

/// One entry of `rules`.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Selection {
    /// Whether the rules become enabled.
    pub enable: bool,
    /// A rule's name; `*` stands for any text.
    pub rule: Option<String>,
    /// A tag.
    pub tag: Option<String>,
}

/// Kinds of event sources.
#[derive(Copy, Clone, PartialEq, Eq, Debug)]
#[allow(missing_docs, reason = "the names are the documentation")]
pub enum EngineKind {
    Kmod,
    ModernEbpf,
    Replay,
    NoDriver,
}

impl EngineKind {
    /// As in the configuration.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Kmod => "kmod",
            Self::ModernEbpf => "modern_ebpf",
            Self::Replay => "replay",
            Self::NoDriver => "nodriver",
        }
    }
}

/// Where events come from.
#[derive(Clone, Debug)]
pub struct Engine {
    /// Which source.
    pub kind: EngineKind,
    /// Settings of the kernel module.
    pub kmod: Probe,
    /// Settings of the eBPF probe.
    pub modern_ebpf: Probe,
    /// CPUs that share a buffer of the eBPF probe; 0: one buffer.
    pub cpus_for_each_buffer: u16,
    /// Whether the first state is read from /proc.
    pub disable_iterators: bool,
    /// The capture to read.
    pub capture_file: PathBuf,
}

/// Settings that both probes have.
#[derive(Copy, Clone, Debug)]
pub struct Probe {
    /// Buffers have 1 MB times two to the power of this less one; 1 to 10.
    pub buf_size_preset: u8,
    /// Whether failed system calls are dropped.
    pub drop_failed_exit: bool,
}

/// Recordings around alerts.
#[derive(Clone, Debug)]
pub struct Capture {
    /// Whether alerts are recorded.
    pub enabled: bool,
    /// Beginning of file names.
    pub path_prefix: PathBuf,
    /// All rules, not only those that ask for it.
    pub all_rules: bool,
    /// How long.
    pub default_duration: Duration,
    /// Largest file in MB; 0: no limit.
    pub max_file_size_mb: u32,
}

/// A plugin that can be loaded.
#[derive(Clone, Debug)]
pub struct Plugin {
    /// Its name.
    pub name: String,
    /// The library as written.
    pub library_path: PathBuf,
    /// Its settings as text; JSON if they were a mapping.
    pub init_config: String,
    /// What it opens.
    pub open_params: String,
}

/// Which properties JSON alerts have.
#[derive(Copy, Clone, Debug)]
pub struct JsonInclude {
    /// `output`.
    pub output: bool,
    /// `message`.
    pub message: bool,
    /// `output_fields`.
    pub output_fields: bool,
    /// `tags`.
    pub tags: bool,
}

/// Whether several rules can match one event.
#[derive(Copy, Clone, PartialEq, Eq, Debug)]
pub enum RuleMatching {
    /// The first that matches ends the search.
    First,
    /// All are tried.
    All,
}

/// What is appended to the output of some rules.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct AppendOutput {
    /// Only rules of this source.
    pub source: Option<String>,
    /// Only rules with all of these tags.
    pub tags: Vec<String>,
    /// Only this rule.
    pub rule: Option<String>,
    /// Text behind the output.
    pub extra_output: String,
    /// Fields for `output_fields`: key, and a format if it is not the key itself.
    pub extra_fields: Vec<(String, Option<String>)>,
    /// Whether the fields that the source suggests are added.
    pub suggested_output: bool,
}

/// Alerts to a file.
#[derive(Clone, Debug)]
#[allow(missing_docs, reason = "the names are the documentation")]
pub struct FileOutput {
    pub enabled: bool,
    pub keep_alive: bool,
    pub filename: PathBuf,
}

/// Alerts to a program.
#[derive(Clone, Debug)]
#[allow(missing_docs, reason = "the names are the documentation")]
pub struct ProgramOutput {
    pub enabled: bool,
    pub keep_alive: bool,
    pub program: String,
}

/// Alerts by HTTP.
#[derive(Clone, Debug)]
#[allow(missing_docs, reason = "the names are those of the configuration")]
pub struct HttpOutput {
    pub enabled: bool,
    pub url: String,
    pub user_agent: String,
    pub insecure: bool,
    pub ca_cert: PathBuf,
    pub ca_bundle: PathBuf,
    pub ca_path: PathBuf,
    pub mtls: bool,
    pub client_cert: PathBuf,
    pub client_key: PathBuf,
    pub echo: bool,
    pub compress_uploads: bool,
    pub keep_alive: bool,
    pub max_consecutive_timeouts: u8,
}

/// Health and metrics by HTTP.
#[derive(Clone, Debug)]
#[allow(missing_docs, reason = "the names are those of the configuration")]
pub struct Webserver {
    pub enabled: bool,
    pub threadiness: u16,
    pub listen_port: u16,
    pub listen_address: IpAddr,
    pub k8s_healthz_endpoint: String,
    pub prometheus_metrics_enabled: bool,
    pub ssl_enabled: bool,
    pub ssl_certificate: PathBuf,
}

/// What is logged where.
#[derive(Copy, Clone, PartialEq, Eq, Debug)]
pub struct Log {
    /// To stderr.
    pub stderr: bool,
    /// To syslog.
    pub syslog: bool,
    /// Least severe messages.
    pub level: Priority,
}

/// Something to do about lost events.
#[derive(Copy, Clone, PartialEq, Eq, Debug)]
#[allow(missing_docs, reason = "the names are the documentation")]
pub enum DropAction {
    Log,
    Alert,
    Exit,
}

/// What to do about lost events.
#[derive(Clone, Debug)]
pub struct Drops {
    /// Share of lost events above which to act, 0 to 1.
    pub threshold: f64,
    /// Each at most once; none: ignore.
    pub actions: Vec<DropAction>,
    /// Actions per second.
    pub rate: f64,
    /// Actions that can follow each other at once.
    pub max_burst: f64,
    /// Whether losses are made up.
    pub simulate: bool,
}

/// Periodic figures.
#[derive(Clone, Debug)]
#[allow(missing_docs, reason = "the names are those of the configuration")]
pub struct Metrics {
    pub enabled: bool,
    /// Zero if not set.
    pub interval: Duration,
    pub output_rule: bool,
    pub output_file: PathBuf,
    pub rules_counters: bool,
    pub resource_utilization: bool,
    pub state_counters: bool,
    pub kernel_event_counters: bool,
    pub kernel_event_counters_per_cpu: bool,
    pub kernel_iter_event_counters: bool,
    pub libbpf_stats: bool,
    pub plugins_metrics: bool,
    pub jemalloc_stats: bool,
    pub convert_memory_to_mb: bool,
    pub include_empty_values: bool,
}

/// System calls to trace beside those of rules.
#[derive(Clone, Debug, Default)]
pub struct BaseSyscalls {
    /// Names; `!name` removes one.
    pub custom_set: Vec<String>,
    /// The least set that keeps state correct.
    pub repair: bool,
    /// High-volume system calls, too.
    pub all: bool,
}

/// Bounds of the state engine.
#[derive(Clone, Debug)]
pub struct Libs {
    /// Threads that are remembered.
    pub thread_table_size: u32,
    /// Time between two purges.
    pub purge_interval: Duration,
    /// Time without events after which a thread is looked at.
    pub purge_timeout: Duration,
    /// Bytes kept of a buffer; 0 for 80.
    pub snaplen: u16,
}
