//! The configuration: texts, files and options to values or errors.
#![expect(clippy::unwrap_used, reason = "tests panic")]

use peregrine_runtime::config::{self, Config, DropAction, EngineKind, Loaded, RuleMatching};
use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

fn env(name: &str) -> Option<String> {
    match name {
        "PORT" => Some("9000".to_owned()),
        "YES" => Some("true".to_owned()),
        "NAME" => Some("web".to_owned()),
        _ => None,
    }
}

fn load(text: &str, options: &[&str]) -> Result<Loaded, String> {
    config::from_text("f.yaml", text, options, &env).map_err(|e| e.to_string())
}

fn value<T>(text: &str, options: &[&str], of: impl Fn(&Config) -> T) -> T {
    of(&load(text, options).unwrap_or_else(|e| panic!("{text}: {e}")).config)
}

#[test]
fn absent_keys_have_the_defaults_of_falcos_code() {
    for text in ["", "# nothing\n", "---\n", "webserver:\nmetrics: ~\n"] {
        let c = load(text, &[]).unwrap().config;
        assert_eq!(c.engine.kind, EngineKind::Kmod);
        assert_eq!((c.engine.kmod.buf_size_preset, c.engine.cpus_for_each_buffer), (4, 2));
        assert!(c.watch_config_files && c.log.syslog && !c.log.stderr);
        assert!(!c.stdout_output && !c.syslog_output && !c.file_output.enabled && !c.json_output);
        assert_eq!((c.log.level.as_str(), c.priority.as_str()), ("Informational", "Debug"));
        assert!(c.json_include.output && c.json_include.tags && c.json_include.output_fields);
        assert!(!c.json_include.message && !c.time_format_iso_8601);
        assert_eq!(c.rule_matching, RuleMatching::First);
        assert!(c.drops.actions.is_empty());
        assert!((c.drops.threshold - 0.1).abs() < 1e-9 && (c.drops.rate - 0.03333).abs() < 1e-9);
        assert_eq!((c.webserver.listen_port, c.webserver.threadiness), (8765, 0));
        assert_eq!(c.webserver.listen_address.to_string(), "0.0.0.0");
        assert_eq!(c.http_output.max_consecutive_timeouts, 5);
        assert!(c.load_plugins.is_none() && c.plugins.is_empty() && c.plugins_hostinfo);
        assert!(!c.metrics.enabled && c.metrics.kernel_event_counters_per_cpu && c.metrics.jemalloc_stats);
        assert_eq!(c.metrics.interval, Duration::ZERO);
        assert_eq!((c.libs.thread_table_size, c.libs.snaplen), (262_144, 0));
        assert_eq!(c.libs.purge_interval, Duration::from_mins(5));
        assert_eq!(c.output_timeout, Duration::from_secs(2));
        assert_eq!(c.capture.path_prefix, PathBuf::from("/tmp/falco"));
        assert_eq!(c.capture.default_duration, Duration::from_secs(5));
        assert_eq!(c.max_consecutive_timeouts, 1000);
    }
}

#[test]
fn scalars_are_read_as_falco_reads_them() {
    for (text, expect) in [("yes", true), ("On", true), ("\"true\"", true), ("n", false), ("OFF", false)] {
        assert_eq!(value(&format!("json_output: {text}"), &[], |c| c.json_output), expect, "{text}");
    }
    for (text, expect) in [("8080", 8080), ("0x1F90", 8080), ("\"80\"", 80), ("010", 8)] {
        let text = format!("webserver: {{listen_port: {text}}}");
        assert_eq!(value(&text, &[], |c| c.webserver.listen_port), expect, "{text}");
    }
    for (text, expect) in [("WARNING", "Warning"), ("info", "Informational"), ("Emergency", "Emergency")] {
        assert_eq!(value(&format!("priority: {text}"), &[], |c| c.priority.as_str()), expect);
    }
    let drops = "syscall_event_drops: {threshold: .5, actions: [log, alert, log], max_burst: 10}";
    assert_eq!(value(drops, &[], |c| c.drops.actions.clone()), [DropAction::Log, DropAction::Alert]);
    assert!(value(drops, &[], |c| (c.drops.threshold - 0.5).abs() < 1e-9));
    assert!(value("syscall_event_drops: {actions: [ignore]}", &[], |c| c.drops.actions.is_empty()));
    assert_eq!(value("metrics: {interval: 1h30m}", &[], |c| c.metrics.interval.as_secs()), 5400);
    assert_eq!(value("load_plugins: json", &[], |c| c.load_plugins.clone()), Some(vec!["json".to_owned()]));
    assert_eq!(value("load_plugins: []", &[], |c| c.load_plugins.clone()), Some(vec![]));
}

#[test]
fn variables_are_replaced_before_values_are_read() {
    assert_eq!(value("webserver: {listen_port: '${PORT}'}", &[], |c| c.webserver.listen_port), 9000);
    assert!(value("json_output: ${YES}", &[], |c| c.json_output));
    let fields = "static_fields: {a: 'x-${NAME}', b: '$${NAME}', c: '${UNSET}', d: 7}";
    assert_eq!(
        value(fields, &[], |c| c.static_fields.clone().into_iter().collect::<Vec<_>>()),
        [("a", "x-web"), ("b", "${NAME}"), ("c", ""), ("d", "7")].map(|(k, v)| (k.to_owned(), v.to_owned()))
    );
    assert_eq!(value("", &["webserver.listen_port=${PORT}"], |c| c.webserver.listen_port), 9000);
}

#[test]
fn rules_plugins_and_appended_outputs() {
    let text = "rules: [{disable: {rule: '*'}}, {enable: {tag: network}}]";
    let of = |c: &Config| {
        let one = |s: &config::Selection| format!("{} {:?} {:?}", s.enable, s.rule, s.tag);
        c.rules.iter().map(one).collect::<Vec<_>>()
    };
    let expect = ["false Some(\"*\") None", "true None Some(\"network\")"];
    assert_eq!(value(text, &[], of), expect);
    assert_eq!(value("", &["rules[].disable.rule=*", "rules[].enable.tag=network"], of), expect);

    let plugins = "plugins:\n- {name: a, library_path: liba.so, init_config: {x: [1, true, 'y', '2'], z: '${NAME}'}}\n\
                   - {name: b, library_path: b.so, init_config: '{\"q\": 1}', open_params: p}\n- {name: c, library_path: c}\n";
    assert_eq!(
        value(plugins, &[], |c| c.plugins.iter().map(|p| p.init_config.clone()).collect::<Vec<_>>()),
        [r#"{"x":[1,true,"y","2"],"z":"web"}"#, r#"{"q": 1}"#, ""]
    );
    let names = |c: &Config| {
        c.plugins_to_load().map(|list| list.iter().map(|p| p.name.clone()).collect::<Vec<_>>().join(" "))
    };
    assert_eq!(value(plugins, &[], names), Ok("a b c".to_owned()));
    assert_eq!(value(plugins, &["load_plugins=[c, a]"], names), Ok("c a".to_owned()));
    assert_eq!(value(plugins, &["load_plugins=[]"], names), Ok(String::new()));
    let error = value(plugins, &["load_plugins[0]=d"], names).unwrap_err();
    assert!(error.contains("cannot load plugin 'd'"), "{error}");

    let text = "append_output:\n- suggested_output: true\n- match: {source: syscall, tags: [a, b], rule: r}\n  \
                extra_output: x\n  extra_fields: [evt.type, {k: 'v %evt.num'}]\n";
    let appended = value(text, &[], |c| c.append_output.clone());
    assert!(appended.first().unwrap().suggested_output && appended.len() == 2);
    let second = appended.last().unwrap();
    assert_eq!((second.source.as_deref(), second.rule.as_deref()), (Some("syscall"), Some("r")));
    assert_eq!(second.tags, ["a", "b"]);
    let expect = [("evt.type".to_owned(), None), ("k".to_owned(), Some("v %evt.num".to_owned()))];
    assert_eq!(second.extra_fields, expect);
}

#[test]
fn quirk_a_name_in_a_list_switches_appended_outputs_off() {
    let loaded = load("append_output: [{suggested_output: true}]", &["append_output.suggested_output=true"]);
    let loaded = loaded.unwrap();
    assert!(loaded.config.append_output.is_empty());
    assert_eq!(loaded.warnings, ["f.yaml:1:16: append_output: a mapping is ignored; expected a list"]);
}

#[test]
fn the_old_name_of_rules_files_is_read() {
    let files = |text| value(text, &[], |c| c.rules_files.clone());
    assert_eq!(files("rules_file: a.yaml"), [PathBuf::from("a.yaml")]);
    assert_eq!(files("rules_file: a.yaml\nrules_files: [b.yaml]"), [PathBuf::from("b.yaml")]);
}

#[test]
fn options_win_over_the_file_in_their_order() {
    let text = "json_output: false\npriority: error\nfile_output: {enabled: false, filename: f}\n";
    let options = ["priority=debug", "json_output=yes", "file_output.enabled=true", "priority=notice"];
    let c = load(text, &options).unwrap().config;
    assert!(c.json_output && c.file_output.enabled);
    assert_eq!((c.priority.as_str(), c.file_output.filename), ("Notice", PathBuf::from("f")));
    assert_eq!(value("", &["engine={kind: nodriver}"], |c| c.engine.kind), EngineKind::NoDriver);
}

#[test]
fn errors_name_place_and_key() {
    for (text, options, expect) in [
        ("a: [", &[][..], "f.yaml:1:4: this `[` is never closed"),
        ("[a]", &[], "f.yaml:1:1: a configuration is a mapping, found a list"),
        ("text", &[], "f.yaml:1:1: a configuration is a mapping, found `text`"),
        ("priority: info\npriority: info", &[], "f.yaml:2:1: priority: this key stands here a second time"),
        ("[1]: x", &[], "f.yaml:1:1: a key must be a text"),
        ("json_output: maybe", &[], "f.yaml:1:14: json_output: expected true or false, found `maybe`"),
        ("json_output: [a]", &[], "f.yaml:1:14: json_output: expected a text, found a list"),
        ("webserver: on", &[], "f.yaml:1:12: webserver: expected a mapping, found `on`"),
        (
            "webserver:\n  listen_port: 65536",
            &[],
            "f.yaml:2:16: webserver.listen_port: expected a whole number from 0 to 65535, found `65536`",
        ),
        (
            "webserver: {listen_address: localhost}",
            &[],
            "f.yaml:1:29: webserver.listen_address: expected an IP address, found `localhost`",
        ),
        (
            "webserver: {k8s_healthz_endpoint: x}",
            &[],
            "f.yaml:1:35: webserver.k8s_healthz_endpoint: expected a path that begins with `/`, found `x`",
        ),
        (
            "engine: {modern_ebpf: {buf_size_preset: 11}}",
            &[],
            "f.yaml:1:41: engine.modern_ebpf.buf_size_preset: expected a whole number from 1 to 10, found `11`",
        ),
        (
            "",
            &["engine.kind=replays"],
            "-o engine.kind=replays: engine.kind: expected one of kmod, modern_ebpf, replay, nodriver, found \
             `replays`; did you mean `replay`?",
        ),
        (
            "",
            &["engine.kind=replay"],
            "-o engine.kind=replay: engine.replay: engine.kind is replay, so capture_file must name a capture",
        ),
        ("rule_matching: any", &[], "f.yaml:1:16: rule_matching: expected one of first, all, found `any`"),
        (
            "outputs_queue: {capacity: -1}",
            &[],
            "f.yaml:1:27: outputs_queue.capacity: expected a whole number, found `-1`",
        ),
        (
            "syscall_event_drops:\n  threshold: 1.1",
            &[],
            "f.yaml:2:14: syscall_event_drops.threshold: syscall event drops threshold must be a double in the \
             range [0, 1], found 1.1",
        ),
        (
            "syscall_event_drops: {rate: fast}",
            &[],
            "f.yaml:1:29: syscall_event_drops.rate: expected a number, found `fast`",
        ),
        (
            "syscall_event_drops: {actions: [panic]}",
            &[],
            "f.yaml:1:32: syscall_event_drops.actions: expected ignore, log, alert or exit, found `panic`",
        ),
        (
            "syscall_event_drops: {actions: [ignore, log]}",
            &[],
            "f.yaml:1:32: syscall_event_drops.actions: `log` makes no sense behind `ignore`",
        ),
        (
            "metrics: {enabled: true, interval: 50ms}",
            &[],
            "f.yaml:1:36: metrics.interval: expected at least 100ms, found `50ms`",
        ),
        (
            "metrics: {interval: 5}",
            &[],
            "f.yaml:1:21: metrics.interval: expected a time such as `1h` or `500ms`, found `5`",
        ),
        (
            "base_syscalls: {custom_set: [open, '!nosuch']}",
            &[],
            "f.yaml:1:29: base_syscalls.custom_set: there is no system call `nosuch`",
        ),
        ("rules: [{disable: {}}]", &[], "f.yaml:1:19: rules[0].disable: expected a `rule` or a `tag`"),
        ("rules: [{}]", &[], "f.yaml:1:9: rules[0]: expected one of `enable` and `disable`"),
        ("rules: x", &[], "f.yaml:1:8: rules: expected a list, found `x`"),
        ("plugins: [{name: x}]", &[], "f.yaml:1:11: plugins[0].library_path: this key is needed"),
        (
            "file_output: {enabled: true}",
            &[],
            "f.yaml:1:14: file_output.filename: file_output is enabled, but filename is not set",
        ),
        (
            "http_output: {enabled: true}",
            &[],
            "f.yaml:1:14: http_output.url: http_output is enabled, but url is not set",
        ),
        ("rules_files: {a: b}", &[], "f.yaml:1:14: rules_files: expected a list of texts, found a mapping"),
        ("rules_files: [[a]]", &[], "f.yaml:1:15: rules_files[0]: expected a text, found a list"),
        ("static_fields: [a]", &[], "f.yaml:1:16: static_fields: expected a mapping, found a list"),
        ("", &["x"], "-o x: expected key=value"),
    ] {
        assert_eq!(load(text, options).err().as_deref(), Some(expect), "{text} {options:?}");
    }
}

#[test]
fn all_errors_are_reported() {
    let error = load("json_output: x\nwebserver: {listen_port: y}\npriority: z\n", &[]).unwrap_err();
    assert_eq!(error.lines().count(), 3, "{error}");
}

#[test]
fn keys_that_do_not_belong_are_warned_about() {
    for (text, expect) in [
        ("rules_fils: []", "f.yaml:1:13: rules_fils: unknown key; did you mean `rules_files`?"),
        ("zzz: 1", "f.yaml:1:6: zzz: unknown key"),
        ("webserver: {port: 1}", "f.yaml:1:19: webserver.port: unknown key"),
        (
            "plugins: [{name: a, library_path: b, open_param: c}]",
            "f.yaml:1:50: plugins[0].open_param: unknown key; did you mean `open_params`?",
        ),
        (
            "engine: {ebpf: {}}",
            "f.yaml:1:16: engine.ebpf: this key is of an older version: the legacy eBPF engine is gone; use engine.kind: modern_ebpf",
        ),
        (
            "grpc: {enabled: true}",
            "f.yaml:1:7: grpc: this key is of an older version: the gRPC server is gone; use http_output",
        ),
        ("program_output: {enabled: false}", "f.yaml:1:17: program_output: the key `program` is missing"),
    ] {
        let loaded = load(text, &[]).unwrap();
        let warnings: Vec<&String> = loaded.files.iter().flat_map(|f| &f.warnings).collect();
        assert_eq!(warnings, [expect], "{text}");
    }
    let note = |text| load(text, &[]).unwrap().files.first().unwrap().schema.clone();
    assert_eq!(note("json_output: true"), None);
    assert_eq!(
        note("program_output: {}").as_deref(),
        Some("failed for <root>[program_output]: Missing required property 'program'.")
    );
}

/// A directory with files, for each test one.
fn dir(test: &str, files: &[(&str, &str)]) -> PathBuf {
    let dir = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("config").join(test);
    let _ = fs::remove_dir_all(&dir);
    for (name, text) in files {
        let path = dir.join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text.replace("DIR", dir.to_str().unwrap())).unwrap();
    }
    dir
}

fn load_file(path: &Path, options: &[&str]) -> Result<Loaded, String> {
    config::load(path, options, &env).map_err(|e| e.errors.to_string())
}

#[test]
fn included_files_are_merged_by_top_level_key() {
    let main = "rules_files: [m]\npriority: error\nwebserver: {listen_port: 1, threadiness: 3}\n";
    let other = "rules_files: [o]\npriority: notice\nwebserver: {listen_port: 2}\njson_output: true\n";
    for (strategy, expect) in [
        ("append", "[\"m\", \"o\"] Notice 2 0 true"),
        ("override", "[\"o\"] Notice 2 0 true"),
        ("add-only", "[\"m\"] Error 1 3 true"),
        ("unknown-is-an-error", "expected one of append, override, add-only"),
    ] {
        let main = format!("config_files: [{{path: DIR/o.yaml, strategy: {strategy}}}]\n{main}");
        let dir = dir(&format!("merge-{strategy}"), &[("f.yaml", &main), ("o.yaml", other)]);
        let found = load_file(&dir.join("f.yaml"), &[]).map(|l| {
            let c = l.config;
            let (port, threads) = (c.webserver.listen_port, c.webserver.threadiness);
            format!("{:?} {} {port} {threads} {}", c.rules_files, c.priority, c.json_output)
        });
        match found {
            Ok(found) => assert_eq!(found, expect),
            Err(error) => assert!(error.contains(expect), "{error}"),
        }
    }
}

#[test]
fn directories_are_read_in_order_of_names_and_missing_files_skipped() {
    let main = "config_files: [DIR/d, DIR/missing.yaml, '${UNSET}DIR/e.yaml']\npriority: error\n";
    let files = [
        ("f.yaml", main),
        ("d/20-b.conf", "priority: notice\nrules_files: [b]"),
        ("d/10-a.yaml", "priority: debug\nrules_files: [a]"),
        ("d/sub/c.yaml", "priority: alert"),
        ("e.yaml", "rules_files: [e]"),
    ];
    let dir = dir("directories", &files);
    let loaded = load_file(&dir.join("f.yaml"), &[]).unwrap();
    assert_eq!(loaded.config.priority.as_str(), "Notice");
    assert_eq!(loaded.config.rules_files, ["a", "b", "e"].map(PathBuf::from));
    let read: Vec<_> = loaded.files.iter().map(|f| f.path.strip_prefix(&dir).unwrap().to_owned()).collect();
    assert_eq!(read, ["f.yaml", "d/10-a.yaml", "d/20-b.conf", "e.yaml"].map(PathBuf::from));
}

#[test]
fn options_about_includes_come_before_the_includes_and_others_after() {
    let files = [
        ("f.yaml", "config_files: []\npriority: error\n"),
        ("o.yaml", "priority: notice\njson_output: true"),
    ];
    let dir = dir("early", &files);
    let include = format!("config_files[]={}", dir.join("o.yaml").display());
    let c = load_file(&dir.join("f.yaml"), &["priority=debug", &include]).unwrap().config;
    assert!(c.json_output);
    assert_eq!(c.priority.as_str(), "Debug");
}

#[test]
fn includes_that_go_wrong() {
    for (name, files, expect) in [
        ("itself", &[("f.yaml", "config_files: [DIR/f.yaml]")][..], "includes itself"),
        ("itself-in-directory", &[("f.yaml", "config_files: [DIR]")], "includes itself"),
        (
            "nested",
            &[("f.yaml", "config_files: [DIR/o.yaml]"), ("o.yaml", "config_files: [x]")],
            "o.yaml:1:15: config_files: an included file cannot include further files",
        ),
        (
            "no-path",
            &[("f.yaml", "config_files: [{strategy: append}]")],
            "config_files[0].path: this key is needed",
        ),
        (
            "error-inside",
            &[("f.yaml", "config_files: [DIR/o.yaml]"), ("o.yaml", "\njson_output: x")],
            "o.yaml:2:14: json_output: expected true or false",
        ),
        ("missing", &[], "f.yaml`: No such file"),
    ] {
        let dir = dir(&format!("wrong-{name}"), files);
        let error = load_file(&dir.join("f.yaml"), &[]).unwrap_err();
        assert!(error.contains(expect), "{name}: {error}");
    }
    let dir = dir("wrong-bytes", &[("f.yaml", "")]);
    fs::write(dir.join("f.yaml"), b"priority: \xff").unwrap();
    let error = load_file(&dir.join("f.yaml"), &[]).unwrap_err();
    assert!(error.ends_with("f.yaml:1:11: there are bytes that are not UTF-8"), "{error}");
}

#[test]
fn the_schema_describes_every_key() {
    let schema = config::json_schema();
    let text = schema.to_string();
    for key in ["rules_files", "max_consecutive_timeouts", "thread_table_auto_purging_interval_s", "strategy"]
    {
        assert!(text.contains(&format!("\"{key}\":{{")), "{key}");
    }
    assert_eq!(schema.pointer("/properties/webserver/properties/listen_port/default").unwrap(), 8765);
    assert_eq!(schema.pointer("/properties/plugins/items/required/0").unwrap(), "name");
    assert_eq!(schema.pointer("/additionalProperties").unwrap(), false);
}
