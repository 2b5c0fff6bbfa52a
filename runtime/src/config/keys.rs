//! Every key of the configuration: shape, Falco's default in code, and a description.
//!
//! The one table behind typed reading, the check for unknown keys and the JSON Schema.

use Shape::{Bool, Choice, Float, Int, Object as In, Objects, Path, Text, Texts};

/// What stands as value of a key, with the default of an absent key.
#[derive(Copy, Clone, Debug)]
pub(super) enum Shape {
    /// A boolean.
    Bool(bool),
    /// A whole number between `min` and `max`.
    Int { default: u64, min: u64, max: u64 },
    /// A number.
    Float(f64),
    /// A text.
    Text(&'static str),
    /// A text that names a file.
    Path(&'static str),
    /// One of some words.
    Choice(&'static str, &'static [&'static str]),
    /// A list of texts.
    Texts,
    /// A list of texts, or of objects with these keys.
    TextsOrObjects(&'static Object),
    /// An object with a closed set of keys.
    Object(&'static Object),
    /// A list of such objects.
    Objects(&'static Object),
    /// An object with any keys and texts as values.
    TextMap,
    /// Anything.
    Any,
}

/// A key.
#[derive(Debug)]
pub(super) struct Key {
    pub(super) name: &'static str,
    pub(super) shape: Shape,
    pub(super) doc: &'static str,
}

/// An object with a closed set of keys.
#[derive(Debug)]
pub(super) struct Object {
    pub(super) keys: &'static [Key],
    pub(super) required: &'static [&'static str],
}

impl Object {
    pub(super) fn key(&self, name: &str) -> Option<&'static Key> {
        self.keys.iter().find(|k| k.name == name)
    }
}

const fn key(name: &'static str, shape: Shape, doc: &'static str) -> Key {
    Key { name, shape, doc }
}

const fn object(keys: &'static [Key]) -> Object {
    Object { keys, required: &[] }
}

const fn int(default: u64, max: u64) -> Shape {
    Int { default, min: 0, max }
}

const U32: u64 = u32::MAX as u64;
const PRESET: Shape = Int { default: 4, min: 1, max: 10 };
const ENABLED: &str = "Whether this is on.";

/// Names of priorities; the reader takes any case.
pub(super) const PRIORITIES: &[&str] =
    &["emergency", "alert", "critical", "error", "warning", "notice", "informational", "info", "debug"];
const SEVERITIES: &[&str] = &["fatal", "critical", "error", "warning", "notice", "info", "debug", "trace"];

/// The top level.
#[rustfmt::skip]
pub(super) static ROOT: Object = object(&[
    key("append_output", Objects(&APPEND_OUTPUT), "Text and fields that are added to the output of some rules."),
    key("base_syscalls", In(&BASE_SYSCALLS), "System calls to trace beside those that rules need."),
    key("buffer_format_base64", Bool(false), "Print buffers as base64."),
    key("buffered_outputs", Bool(false), "Do not flush stdout after each alert."),
    key("capture", In(&CAPTURE), "Recording of events around alerts."),
    key("config_files", Shape::TextsOrObjects(&CONFIG_FILE), "Further files and directories, merged by top-level key."),
    key("engine", In(&ENGINE), "Where events come from."),
    key("falco_libs", In(&FALCO_LIBS), "Bounds of the state engine."),
    key("file_output", In(&FILE_OUTPUT), "Alerts appended to a file."),
    key("http_output", In(&HTTP_OUTPUT), "Alerts sent by HTTP POST."),
    key("json_include_message_property", Bool(false), "Put `message` into JSON alerts: the output without time and priority."),
    key("json_include_output_fields_property", Bool(true), "Put `output_fields` into JSON alerts."),
    key("json_include_output_property", Bool(true), "Put `output` into JSON alerts."),
    key("json_include_tags_property", Bool(true), "Put `tags` into JSON alerts."),
    key("json_output", Bool(false), "Print alerts and reports as JSON."),
    key("libs_logger", In(&LIBS_LOGGER), "Accepted for Falco's sake; nothing here is logged apart."),
    key("load_plugins", Texts, "Plugins to load; all if absent."),
    key("log_level", Choice("info", PRIORITIES), "Least severe log messages to print."),
    key("log_stderr", Bool(false), "Log to stderr."),
    key("log_syslog", Bool(true), "Log to syslog."),
    key("metrics", In(&METRICS), "Periodic figures about the engine."),
    key("output_timeout", int(2000, U32), "Milliseconds after which a slow output is reported."),
    key("outputs_queue", In(&OUTPUTS_QUEUE), "The queue between engine and outputs."),
    key("plugins", Objects(&PLUGIN), "Plugins that can be loaded."),
    key("plugins_hostinfo", Bool(true), "Let plugins see processes of the host."),
    key("priority", Choice("debug", PRIORITIES), "Rules of lesser priority are not loaded."),
    key("program_output", In(&PROGRAM_OUTPUT), "Alerts written to the standard input of a program."),
    key("rule_matching", Choice("first", &["first", "all"]), "Whether one event can bring alerts of several rules."),
    key("rules", Objects(&SELECTION), "Which rules are enabled or disabled, applied in order."),
    key("rules_files", Texts, "Rule files and directories of them, in the order in which they are loaded."),
    key("static_fields", Shape::TextMap, "Constants for outputs, as `static.<key>`."),
    key("stdout_output", In(&STDOUT_OUTPUT), "Alerts on stdout."),
    key("syscall_event_drops", In(&SYSCALL_EVENT_DROPS), "What to do about lost events."),
    key("syscall_event_timeouts", In(&SYSCALL_EVENT_TIMEOUTS), "When the absence of events is reported."),
    key("syslog_output", In(&SYSLOG_OUTPUT), "Alerts to syslog."),
    key("time_format_iso_8601", Bool(false), "Print times as ISO 8601 in UTC."),
    key("watch_config_files", Bool(true), "Reload when configuration or rules change."),
    key("webserver", In(&WEBSERVER), "Health, versions and metrics by HTTP."),
]);

/// Keys of older files, and what is used instead.
#[rustfmt::skip]
pub(super) const GONE: &[(&str, &str)] = &[
    ("grpc", "the gRPC server is gone; use http_output"),
    ("grpc_output", "the gRPC output is gone; use http_output"),
    ("engine.gvisor", "the gVisor engine is gone"),
    ("engine.ebpf", "the legacy eBPF engine is gone; use engine.kind: modern_ebpf"),
    ("modern_bpf", "use engine.modern_ebpf"),
    ("syscall_buf_size_preset", "use engine.<kind>.buf_size_preset"),
    ("syscall_drop_failed_exit", "use engine.<kind>.drop_failed_exit"),
    ("rules_file", "it is still read, but use rules_files"),
    ("webserver.k8s_audit_endpoint", "use the k8saudit plugin"),
    ("metadata_download", "the Kubernetes client of old is gone"),
    ("dockerd_unix_socket", "set the sockets in the container plugin's init_config"),
];

#[rustfmt::skip]
static CONFIG_FILE: Object = Object { required: &["path"], keys: &[
    key("path", Path(""), "File or directory."),
    key("strategy", Choice("append", &["append", "override", "add-only"]), "What happens to keys that are there already."),
]};

#[rustfmt::skip]
static APPEND_OUTPUT: Object = object(&[
    key("extra_fields", Shape::Any, "Fields for output_fields: names, or `key: format`."),
    key("extra_output", Text(""), "Text behind the output."),
    key("match", In(&MATCH), "Which rules; all if absent."),
    key("suggested_output", Bool(false), "Add the fields that the event source suggests."),
]);

static MATCH: Object = object(&[
    key("rule", Text(""), "Only this rule."),
    key("source", Text(""), "Only rules of this event source."),
    key("tags", Texts, "Only rules with all of these tags."),
]);

#[rustfmt::skip]
static BASE_SYSCALLS: Object = object(&[
    key("all", Bool(false), "Trace high-volume system calls, too."),
    key("custom_set", Texts, "Names of system calls; `!name` removes one."),
    key("repair", Bool(false), "Trace the least set that keeps state correct."),
]);

#[rustfmt::skip]
static CAPTURE: Object = object(&[
    key("default_duration", int(5000, U32), "Milliseconds to record after an alert."),
    key("enabled", Bool(false), ENABLED),
    key("max_file_size_mb", int(0, U32), "Largest file in MB; 0 for no limit."),
    key("mode", Choice("rules", &["rules", "all_rules"]), "Which rules start a recording."),
    key("path_prefix", Path("/tmp/falco"), "Beginning of the files' names."),
]);

static ENGINE: Object = object(&[
    key("kind", Choice("kmod", &["kmod", "modern_ebpf", "replay", "nodriver"]), "Source of events."),
    key("kmod", In(&KMOD), "Settings of the kernel module."),
    key("modern_ebpf", In(&MODERN_EBPF), "Settings of the eBPF probe."),
    key("replay", In(&REPLAY), "Settings of the replay of a capture."),
]);

static KMOD: Object = object(&[
    key("buf_size_preset", PRESET, "Size of a buffer, 1 (1 MB) to 10 (512 MB)."),
    key("drop_failed_exit", Bool(false), "Drop system calls that failed."),
]);

static MODERN_EBPF: Object = object(&[
    key("buf_size_preset", PRESET, "Size of a buffer, 1 (1 MB) to 10 (512 MB)."),
    key("cpus_for_each_buffer", int(2, 65535), "CPUs that share a buffer; 0 for one buffer."),
    key("disable_iterators", Bool(false), "Read the first state from /proc."),
    key("drop_failed_exit", Bool(false), "Drop system calls that failed."),
]);

static REPLAY: Object = object(&[key("capture_file", Path(""), "The capture (.scap) to read.")]);

#[rustfmt::skip]
static FALCO_LIBS: Object = object(&[
    key("snaplen", int(0, 65535), "Bytes kept of a buffer; 0 for 80."),
    key("thread_table_auto_purging_interval_s", int(300, U32), "Seconds between two purges."),
    key("thread_table_auto_purging_thread_timeout_s", int(300, U32), "Seconds without events after which a thread is looked at."),
    key("thread_table_size", int(262_144, U32), "Threads that are remembered."),
]);

static STDOUT_OUTPUT: Object = object(&[key("enabled", Bool(false), ENABLED)]);
static SYSLOG_OUTPUT: Object = object(&[key("enabled", Bool(false), ENABLED)]);

static FILE_OUTPUT: Object = object(&[
    key("enabled", Bool(false), ENABLED),
    key("filename", Path(""), "The file."),
    key("keep_alive", Bool(false), "Keep the file open between alerts."),
]);

static PROGRAM_OUTPUT: Object = Object {
    required: &["program"],
    keys: &[
        key("enabled", Bool(false), ENABLED),
        key("keep_alive", Bool(false), "One process for all alerts."),
        key("program", Text(""), "Command line for the shell."),
    ],
};

#[rustfmt::skip]
static HTTP_OUTPUT: Object = object(&[
    key("ca_bundle", Path(""), "File with certificates of authorities."),
    key("ca_cert", Path(""), "File with the certificate of the server's authority."),
    key("ca_path", Path(""), "Directory with certificates of authorities."),
    key("client_cert", Path("/etc/ssl/certs/client.crt"), "The client's certificate."),
    key("client_key", Path("/etc/ssl/certs/client.key"), "The client's key."),
    key("compress_uploads", Bool(false), "Compress bodies."),
    key("echo", Bool(false), "Print answers on stdout."),
    key("enabled", Bool(false), ENABLED),
    key("insecure", Bool(false), "Do not check the server's certificate."),
    key("keep_alive", Bool(false), "Keep the connection open."),
    key("max_consecutive_timeouts", int(5, 255), "Timeouts after which an alert is given up."),
    key("mtls", Bool(false), "Present the client's certificate."),
    key("url", Text(""), "Where to."),
    key("user_agent", Text("falcosecurity/falco"), "User agent."),
]);

static LIBS_LOGGER: Object = object(&[
    key("enabled", Bool(true), ENABLED),
    key("severity", Choice("info", SEVERITIES), "Least severe messages."),
]);

#[rustfmt::skip]
static METRICS: Object = object(&[
    key("convert_memory_to_mb", Bool(true), "Memory in MB instead of KB and bytes."),
    key("enabled", Bool(false), ENABLED),
    key("include_empty_values", Bool(false), "Figures that are 0, too."),
    key("interval", Text(""), "Time between two snapshots, such as `15m`; at least 100 ms."),
    key("jemalloc_stats_enabled", Bool(true), "Figures of the allocator."),
    key("kernel_event_counters_enabled", Bool(true), "Figures of the probe."),
    key("kernel_event_counters_per_cpu_enabled", Bool(true), "The same for each CPU."),
    key("kernel_iter_event_counters_enabled", Bool(true), "Figures of the walk over tasks at start."),
    key("libbpf_stats_enabled", Bool(true), "Run times of eBPF programs."),
    key("output_file", Path(""), "File for snapshots as JSON lines."),
    key("output_rule", Bool(false), "Snapshots as internal alerts."),
    key("plugins_metrics_enabled", Bool(true), "Figures of plugins."),
    key("resource_utilization_enabled", Bool(true), "CPU and memory of this process and the host."),
    key("rules_counters_enabled", Bool(true), "Alerts by rule."),
    key("state_counters_enabled", Bool(true), "Figures of the state engine."),
]);

static OUTPUTS_QUEUE: Object =
    object(&[key("capacity", int(0, u64::MAX), "Alerts that can wait; 0 for no limit.")]);

#[rustfmt::skip]
static PLUGIN: Object = Object { required: &["name", "library_path"], keys: &[
    key("init_config", Shape::Any, "Settings: an object, or a text."),
    key("library_path", Path(""), "The library."),
    key("name", Text(""), "Its name for load_plugins."),
    key("open_params", Text(""), "What the plugin opens."),
]};

static SELECTION: Object = object(&[
    key("disable", In(&SELECTOR), "Rules to disable."),
    key("enable", In(&SELECTOR), "Rules to enable."),
]);

static SELECTOR: Object = object(&[
    key("rule", Text(""), "A rule's name; `*` stands for any text."),
    key("tag", Text(""), "A tag."),
]);

#[rustfmt::skip]
static SYSCALL_EVENT_DROPS: Object = object(&[
    key("actions", Texts, "What to do: ignore, log, alert, exit."),
    key("max_burst", Float(1.0), "Actions that can follow each other at once."),
    key("rate", Float(0.03333), "Actions per second."),
    key("simulate_drops", Bool(false), "Pretend losses, for tests."),
    key("threshold", Float(0.1), "Share of lost events above which to act."),
]);

static SYSCALL_EVENT_TIMEOUTS: Object =
    object(&[key("max_consecutives", int(1000, U32), "Timeouts in a row that are reported.")]);

#[rustfmt::skip]
static WEBSERVER: Object = object(&[
    key("enabled", Bool(false), ENABLED),
    key("k8s_healthz_endpoint", Text("/healthz"), "Path of the health check."),
    key("listen_address", Text("0.0.0.0"), "Address to listen on."),
    key("listen_port", int(8765, 65535), "Port to listen on."),
    key("prometheus_metrics_enabled", Bool(false), "Serve /metrics."),
    key("ssl_certificate", Path("/etc/falco/falco.pem"), "Certificate and key."),
    key("ssl_enabled", Bool(false), "Serve HTTPS."),
    key("threadiness", int(0, 65535), "Threads; 0 for the number of CPUs."),
]);
