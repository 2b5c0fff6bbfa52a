//! The merged tree to a [`Config`].

use super::keys::ROOT;
use super::node::{Kind, Node};
use super::section::{Reading, Section};
use super::{
    AppendOutput, BaseSyscalls, Capture, Config, ConfigErrors, DropAction, Drops, Engine, EngineKind,
    FileOutput, HttpOutput, JsonInclude, Libs, Log, Lookup, Metrics, Plugin, Probe, ProgramOutput,
    RuleMatching, Selection, Webserver,
};
use crate::event::EVENTS;
use crate::event::syscalls::SYSCALLS;
use peregrine_compiler::rulefile::Priority;
use std::collections::BTreeMap;
use std::net::{IpAddr, Ipv4Addr};
use std::time::Duration;

/// Reads every key; `warnings` gets what Falco accepts but ignores.
pub(super) fn read(root: &Node, env: Lookup<'_>, warnings: &mut Vec<String>) -> Result<Config, ConfigErrors> {
    let reading = Reading::new(env);
    let config = {
        let top = Section::new(&reading, Some(root), &ROOT, String::new());
        config(&top, &reading, warnings)
    };
    let errors = reading.into_errors();
    if errors.is_empty() { Ok(config) } else { Err(ConfigErrors(errors)) }
}

fn config(top: &Section<'_>, reading: &Reading<'_>, warnings: &mut Vec<String>) -> Config {
    Config {
        watch_config_files: top.bool("watch_config_files"),
        rules_files: rules_files(top, reading),
        rules: top.sections("rules").iter().filter_map(selection).collect(),
        engine: engine(&top.section("engine")),
        capture: capture(&top.section("capture")),
        load_plugins: top.node("load_plugins").map(|_| top.texts("load_plugins")),
        plugins: top.sections("plugins").iter().map(|s| plugin(s, reading)).collect(),
        plugins_hostinfo: top.bool("plugins_hostinfo"),
        time_format_iso_8601: top.bool("time_format_iso_8601"),
        buffer_format_base64: top.bool("buffer_format_base64"),
        priority: priority(top, "priority"),
        json_output: top.bool("json_output"),
        json_include: JsonInclude {
            output: top.bool("json_include_output_property"),
            message: top.bool("json_include_message_property"),
            output_fields: top.bool("json_include_output_fields_property"),
            tags: top.bool("json_include_tags_property"),
        },
        buffered_outputs: top.bool("buffered_outputs"),
        rule_matching: match top.choice("rule_matching").as_str() {
            "all" => RuleMatching::All,
            _ => RuleMatching::First,
        },
        outputs_queue_capacity: top.section("outputs_queue").int("capacity"),
        append_output: append_outputs(top, reading, warnings),
        static_fields: static_fields(top, reading),
        stdout_output: top.section("stdout_output").bool("enabled"),
        syslog_output: top.section("syslog_output").bool("enabled"),
        file_output: file_output(&top.section("file_output")),
        program_output: program_output(&top.section("program_output")),
        http_output: http_output(&top.section("http_output")),
        webserver: webserver(&top.section("webserver")),
        log: log(top),
        output_timeout: Duration::from_millis(top.int("output_timeout")),
        max_consecutive_timeouts: top.section("syscall_event_timeouts").int("max_consecutives"),
        drops: drops(&top.section("syscall_event_drops")),
        metrics: metrics(&top.section("metrics")),
        base_syscalls: base_syscalls(&top.section("base_syscalls")),
        libs: libs(&top.section("falco_libs")),
    }
}

/// What the logger needs, also when the rest cannot be read.
pub(super) fn log_of(root: &Node, env: Lookup<'_>) -> (Log, bool) {
    let reading = Reading::new(env);
    let top = Section::new(&reading, Some(root), &ROOT, String::new());
    (log(&top), top.bool("time_format_iso_8601"))
}

fn log(top: &Section<'_>) -> Log {
    // read so that its errors are seen; nothing here is logged apart
    let libs = top.section("libs_logger");
    let _ = (libs.bool("enabled"), libs.choice("severity"));
    Log { stderr: top.bool("log_stderr"), syslog: top.bool("log_syslog"), level: priority(top, "log_level") }
}

fn priority(section: &Section<'_>, key: &str) -> Priority {
    Priority::from_name(&section.choice(key)).unwrap_or(Priority::Debug)
}

fn rules_files(top: &Section<'_>, reading: &Reading<'_>) -> Vec<std::path::PathBuf> {
    let mut texts = top.texts("rules_files");
    // COMPAT(falco): the name of older versions, about which the schema check warns
    if let (Some(old), None) = (top.node("rules_file"), top.node("rules_files")) {
        texts = reading.texts(old, "rules_file");
    }
    texts.into_iter().map(Into::into).collect()
}

fn selection(entry: &Section<'_>) -> Option<Selection> {
    let (key, enable) = match (entry.node("enable"), entry.node("disable")) {
        (Some(_), None) => ("enable", true),
        (None, Some(_)) => ("disable", false),
        _ => {
            entry.error("", "expected one of `enable` and `disable`");
            return None;
        }
    };
    let what = entry.section(key);
    let given = |name| what.node(name).map(|_| what.text(name)).filter(|t| !t.is_empty());
    let selection = Selection { enable, rule: given("rule"), tag: given("tag") };
    if selection.rule.is_none() && selection.tag.is_none() {
        entry.error(key, "expected a `rule` or a `tag`");
        return None;
    }
    Some(selection)
}

fn probe(section: &Section<'_>) -> Probe {
    Probe {
        buf_size_preset: section.int("buf_size_preset"),
        drop_failed_exit: section.bool("drop_failed_exit"),
    }
}

fn engine(section: &Section<'_>) -> Engine {
    let (kmod, modern) = (section.section("kmod"), section.section("modern_ebpf"));
    let kind = match section.choice("kind").as_str() {
        "modern_ebpf" => EngineKind::ModernEbpf,
        "replay" => EngineKind::Replay,
        "nodriver" => EngineKind::NoDriver,
        _ => EngineKind::Kmod,
    };
    let replay = section.section("replay");
    let capture_file = replay.path("capture_file");
    if kind == EngineKind::Replay && capture_file.as_os_str().is_empty() {
        section.error("replay", "engine.kind is replay, so capture_file must name a capture");
    }
    Engine {
        kind,
        kmod: probe(&kmod),
        modern_ebpf: probe(&modern),
        cpus_for_each_buffer: modern.int("cpus_for_each_buffer"),
        disable_iterators: modern.bool("disable_iterators"),
        capture_file,
    }
}

fn capture(section: &Section<'_>) -> Capture {
    Capture {
        enabled: section.bool("enabled"),
        path_prefix: section.path("path_prefix"),
        all_rules: section.choice("mode") == "all_rules",
        default_duration: Duration::from_millis(section.int("default_duration")),
        max_file_size_mb: section.int("max_file_size_mb"),
    }
}

fn plugin(section: &Section<'_>, reading: &Reading<'_>) -> Plugin {
    for key in ["name", "library_path"] {
        if section.node(key).is_none() {
            section.error(key, "this key is needed");
        }
    }
    let text_of = |text: &str| super::env::substitute(text, reading.env);
    let init_config = match section.node("init_config") {
        None => String::new(),
        Some(Node { kind: Kind::Scalar { text, .. }, .. }) => text_of(text),
        Some(node) => node.to_json(&text_of).to_string(),
    };
    Plugin {
        name: section.text("name"),
        library_path: section.path("library_path"),
        init_config,
        open_params: section.text("open_params"),
    }
}

fn append_outputs(top: &Section<'_>, reading: &Reading<'_>, warnings: &mut Vec<String>) -> Vec<AppendOutput> {
    // COMPAT(falco): a mapping is ignored; see `option::enter`
    if let Some(node) = top.node("append_output")
        && matches!(node.kind, Kind::Mapping(_))
    {
        warnings.push(format!("{}: append_output: a mapping is ignored; expected a list", node.place));
        return Vec::new();
    }
    top.sections("append_output").iter().map(|s| append_output(s, reading)).collect()
}

fn append_output(section: &Section<'_>, reading: &Reading<'_>) -> AppendOutput {
    let matching = section.section("match");
    let given = |key| matching.node(key).map(|_| matching.text(key)).filter(|t: &String| !t.is_empty());
    AppendOutput {
        source: given("source"),
        tags: matching.texts("tags"),
        rule: given("rule"),
        extra_output: section.text("extra_output"),
        extra_fields: extra_fields(section, reading),
        suggested_output: section.bool("suggested_output"),
    }
}

fn extra_fields(section: &Section<'_>, reading: &Reading<'_>) -> Vec<(String, Option<String>)> {
    let Some(node) = section.node("extra_fields") else { return Vec::new() };
    let path = section.path_of("extra_fields");
    let Kind::Sequence(items) = &node.kind else {
        section.error("extra_fields", format!("expected a list, found {}", node.describe()));
        return Vec::new();
    };
    let mut fields = Vec::new();
    for (i, item) in items.iter().enumerate() {
        let path = format!("{path}[{i}]");
        if let Kind::Mapping(entries) = &item.kind {
            for (key, value) in entries {
                let format = reading.text(value, &format!("{path}.{key}"));
                fields.extend(format.map(|format| (key.clone(), Some(format))));
            }
        } else {
            fields.extend(reading.text(item, &path).map(|name| (name, None)));
        }
    }
    fields
}

fn static_fields(top: &Section<'_>, reading: &Reading<'_>) -> BTreeMap<String, String> {
    let Some(node) = top.node("static_fields") else { return BTreeMap::new() };
    if !matches!(node.kind, Kind::Mapping(_)) {
        top.error("static_fields", format!("expected a mapping, found {}", node.describe()));
    }
    let value = |(key, value): &(String, Node)| {
        let text = reading.text(value, &format!("static_fields.{key}")).unwrap_or_default();
        (key.clone(), text)
    };
    node.entries().iter().map(value).collect()
}

fn file_output(section: &Section<'_>) -> FileOutput {
    let output = FileOutput {
        enabled: section.bool("enabled"),
        keep_alive: section.bool("keep_alive"),
        filename: section.path("filename"),
    };
    if output.enabled && output.filename.as_os_str().is_empty() {
        section.error("filename", "file_output is enabled, but filename is not set");
    }
    output
}

fn program_output(section: &Section<'_>) -> ProgramOutput {
    let output = ProgramOutput {
        enabled: section.bool("enabled"),
        keep_alive: section.bool("keep_alive"),
        program: section.text("program"),
    };
    if output.enabled && output.program.is_empty() {
        section.error("program", "program_output is enabled, but program is not set");
    }
    output
}

fn http_output(section: &Section<'_>) -> HttpOutput {
    let output = HttpOutput {
        enabled: section.bool("enabled"),
        url: section.text("url"),
        user_agent: section.text("user_agent"),
        insecure: section.bool("insecure"),
        ca_cert: section.path("ca_cert"),
        ca_bundle: section.path("ca_bundle"),
        ca_path: section.path("ca_path"),
        mtls: section.bool("mtls"),
        client_cert: section.path("client_cert"),
        client_key: section.path("client_key"),
        echo: section.bool("echo"),
        compress_uploads: section.bool("compress_uploads"),
        keep_alive: section.bool("keep_alive"),
        max_consecutive_timeouts: section.int("max_consecutive_timeouts"),
    };
    if output.enabled && output.url.is_empty() {
        section.error("url", "http_output is enabled, but url is not set");
    }
    output
}

fn webserver(section: &Section<'_>) -> Webserver {
    let address = section.text("listen_address");
    let listen_address = address.parse().unwrap_or_else(|_| {
        section.error("listen_address", format!("expected an IP address, found `{address}`"));
        IpAddr::V4(Ipv4Addr::UNSPECIFIED)
    });
    let endpoint = section.text("k8s_healthz_endpoint");
    if !endpoint.starts_with('/') {
        section.error(
            "k8s_healthz_endpoint",
            format!("expected a path that begins with `/`, found `{endpoint}`"),
        );
    }
    Webserver {
        enabled: section.bool("enabled"),
        threadiness: section.int("threadiness"),
        listen_port: section.int("listen_port"),
        listen_address,
        k8s_healthz_endpoint: endpoint,
        prometheus_metrics_enabled: section.bool("prometheus_metrics_enabled"),
        ssl_enabled: section.bool("ssl_enabled"),
        ssl_certificate: section.path("ssl_certificate"),
    }
}

fn drops(section: &Section<'_>) -> Drops {
    let threshold = section.float("threshold");
    if !(0.0..=1.0).contains(&threshold) {
        let message = "syscall event drops threshold must be a double in the range [0, 1]";
        section.error("threshold", format!("{message}, found {threshold}"));
    }
    let mut actions = Vec::new();
    let mut ignore = false;
    for name in section.texts("actions") {
        let action = match name.as_str() {
            "ignore" => {
                ignore = true;
                continue;
            }
            "log" => DropAction::Log,
            "alert" => DropAction::Alert,
            "exit" => DropAction::Exit,
            other => {
                section.error("actions", format!("expected ignore, log, alert or exit, found `{other}`"));
                continue;
            }
        };
        if ignore && action != DropAction::Exit {
            section.error("actions", format!("`{name}` makes no sense behind `ignore`"));
        }
        if !actions.contains(&action) {
            actions.push(action);
        }
    }
    Drops {
        threshold,
        actions,
        rate: section.float("rate"),
        max_burst: section.float("max_burst"),
        simulate: section.bool("simulate_drops"),
    }
}

fn metrics(section: &Section<'_>) -> Metrics {
    let enabled = section.bool("enabled");
    let text = section.text("interval");
    let interval = parse_duration(&text);
    if interval.is_none() {
        section.error("interval", format!("expected a time such as `1h` or `500ms`, found `{text}`"));
    } else if enabled && !text.is_empty() && interval < Some(Duration::from_millis(100)) {
        section.error("interval", format!("expected at least 100ms, found `{text}`"));
    }
    Metrics {
        enabled,
        interval: interval.unwrap_or_default(),
        output_rule: section.bool("output_rule"),
        output_file: section.path("output_file"),
        rules_counters: section.bool("rules_counters_enabled"),
        resource_utilization: section.bool("resource_utilization_enabled"),
        state_counters: section.bool("state_counters_enabled"),
        kernel_event_counters: section.bool("kernel_event_counters_enabled"),
        kernel_event_counters_per_cpu: section.bool("kernel_event_counters_per_cpu_enabled"),
        kernel_iter_event_counters: section.bool("kernel_iter_event_counters_enabled"),
        libbpf_stats: section.bool("libbpf_stats_enabled"),
        plugins_metrics: section.bool("plugins_metrics_enabled"),
        jemalloc_stats: section.bool("jemalloc_stats_enabled"),
        convert_memory_to_mb: section.bool("convert_memory_to_mb"),
        include_empty_values: section.bool("include_empty_values"),
    }
}

/// Units of a time, in the order in which they must stand, with their length in milliseconds.
const UNITS: [(&str, u64); 7] = [
    ("y", 31_536_000_000),
    ("w", 604_800_000),
    ("d", 86_400_000),
    ("h", 3_600_000),
    ("m", 60_000),
    ("s", 1000),
    ("ms", 1),
];

/// A time as Prometheus writes it, `1h30m`: larger units first, each at most once. Nothing is zero.
fn parse_duration(text: &str) -> Option<Duration> {
    let (mut rest, mut next, mut total) = (text, 0, 0_u64);
    while !rest.is_empty() {
        let (digits, tail) = rest.split_at(rest.find(|c: char| !c.is_ascii_digit())?);
        let (unit, tail) = tail.split_at(tail.find(|c: char| !c.is_ascii_alphabetic()).unwrap_or(tail.len()));
        let at = UNITS.iter().position(|(name, _)| *name == unit).filter(|at| *at >= next)?;
        let (_, length) = UNITS.get(at)?;
        total = total.checked_add(digits.parse::<u64>().ok()?.checked_mul(*length)?)?;
        next = at + 1;
        rest = tail;
    }
    Some(Duration::from_millis(total))
}

fn base_syscalls(section: &Section<'_>) -> BaseSyscalls {
    let custom_set = section.texts("custom_set");
    for entry in &custom_set {
        let name = entry.strip_prefix('!').unwrap_or(entry);
        let known = SYSCALLS.iter().any(|(sc, _)| *sc == name) || EVENTS.iter().any(|e| e.name == name);
        if !known {
            section.error("custom_set", format!("there is no system call `{name}`"));
        }
    }
    BaseSyscalls { custom_set, repair: section.bool("repair"), all: section.bool("all") }
}

fn libs(section: &Section<'_>) -> Libs {
    let seconds = |key| Duration::from_secs(section.int(key));
    Libs {
        thread_table_size: section.int("thread_table_size"),
        purge_interval: seconds("thread_table_auto_purging_interval_s"),
        purge_timeout: seconds("thread_table_auto_purging_thread_timeout_s"),
        snaplen: section.int("snaplen"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_of_prometheus() {
        for (text, expect) in [
            ("", Some(0)),
            ("100ms", Some(100)),
            ("5s", Some(5000)),
            ("1h30m", Some(5_400_000)),
            ("1d2ms", Some(86_400_002)),
            ("0s", Some(0)),
            ("5", None),
            ("s", None),
            ("1m1h", None),
            ("1s1s", None),
            ("1 h", None),
            ("-1s", None),
            ("1.5h", None),
            ("1fortnight", None),
            ("99999999999999999999s", None),
            ("999999999999999y", None),
        ] {
            assert_eq!(parse_duration(text), expect.map(Duration::from_millis), "{text}");
        }
    }
}
