//! `peregrine falco` as a program: flags, log, exit codes. Agreement with Falco is in `tests/conformance`.
#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests panic")]

use serde_json::Value;
use std::fs;
use std::os::unix::process::CommandExt;
use std::path::PathBuf;
use std::process::{Command, Output};

const CONFIG: &str = "config_files: []\nlog_syslog: false\nlog_stderr: true\nlog_level: debug\n\
                      stdout_output: {enabled: true}\nrules_files: [rules.yaml, missing.yaml]\n\
                      engine: {kind: replay, replay: {capture_file: x.scap}}\n";
const RULES: &str = "- list: shells\n  items: [sh, bash]\n- macro: shell\n  condition: proc.name in (shells)\n\
                     - rule: A shell\n  desc: A shell runs\n  condition: evt.type = execve and shell\n  \
                     output: shell %proc.name\n  priority: WARNING\n  tags: [a, b]\n\
                     - rule: A file\n  desc: A file is read\n  condition: evt.type = open and container.id != host\n  \
                     output: file %fd.name\n  priority: INFO\n  enabled: false\n  tags: [b]\n";

/// A directory of its own for each test, with a configuration and a rule file.
struct Dir(PathBuf);

struct Run {
    code: i32,
    out: String,
    err: String,
}

impl Dir {
    fn new(test: &str) -> Self {
        let dir = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("falco").join(test);
        let _ = fs::remove_dir_all(&dir);
        fs::create_dir_all(&dir).unwrap();
        fs::write(dir.join("falco.yaml"), CONFIG).unwrap();
        fs::write(dir.join("rules.yaml"), RULES).unwrap();
        Self(dir)
    }

    fn file(&self, name: &str, text: &str) {
        fs::create_dir_all(self.0.join(name).parent().unwrap()).unwrap();
        fs::write(self.0.join(name), text).unwrap();
    }

    /// With the configuration.
    fn run(&self, args: &[&str]) -> Run {
        self.bare(&[&["-c", "falco.yaml"], args].concat())
    }

    fn bare(&self, args: &[&str]) -> Run {
        let mut command = Command::new(env!("CARGO_BIN_EXE_peregrine"));
        ended(command.arg("falco").args(args).current_dir(&self.0).env("TEST_PRIORITY", "error"))
    }
}

fn ended(command: &mut Command) -> Run {
    let Output { status, stdout, stderr } = command.output().unwrap();
    let text = |bytes| String::from_utf8(bytes).unwrap();
    Run { code: status.code().unwrap(), out: text(stdout), err: text(stderr) }
}

impl Run {
    fn json(&self) -> Value {
        serde_json::from_str(&self.out).unwrap_or_else(|e| panic!("{e}: {} {}", self.out, self.err))
    }

    /// Messages of the log without their times.
    fn log(&self) -> Vec<&str> {
        self.err.lines().map(|l| l.split_once(": ").map_or(l, |(_, message)| message)).collect()
    }

    fn logged(&self, part: &str) -> bool {
        self.log().iter().any(|line| line.contains(part))
    }
}

#[test]
fn the_name_falco_takes_falcos_flags() {
    let run = ended(Command::new(env!("CARGO_BIN_EXE_peregrine")).arg0("/usr/bin/falco").arg("-i"));
    assert_eq!((run.code, run.err.as_str()), (0, ""));
    assert!(run.out.starts_with("Ignored syscall(s):\n- pread\n"));
    let run = ended(Command::new(env!("CARGO_BIN_EXE_peregrine")).arg("-i"));
    assert_eq!(run.code, 2);
}

#[test]
fn what_needs_no_configuration() {
    let dir = Dir::new("no-configuration");
    for (args, expect) in [
        (&["--page-size"][..], "Your system page size is: "),
        (&["--config-schema"], "\"Falco configuration\""),
        (&["--rule-schema"], "\"Falco rules\""),
        (&["--list-events"], "execve"),
        (&["--list-events", "--format", "markdown"], "| `execve` |"),
        (&["--help"], "--list-plugins"),
        (&["-h"], "-V, --validate"),
    ] {
        let run = dir.bare(args);
        assert_eq!((run.code, run.err.as_str()), (0, ""), "{args:?}");
        assert!(run.out.contains(expect), "{args:?}: {}", run.out);
    }
    serde_json::from_str::<Value>(&dir.bare(&["--config-schema"]).out).unwrap();
}

#[test]
fn versions() {
    let dir = Dir::new("versions");
    let run = dir.run(&["--version"]);
    for line in ["Falco version: 0.44.0", "Engine:        63 (0.63.0)", "Plugin API:    3.12.0", "Driver:"] {
        assert!(run.out.contains(line), "{}", run.out);
    }
    let json = dir.run(&["--version", "-o", "json_output=true"]).json();
    assert_eq!((&json["engine_version"], &json["engine_version_semver"]), (&"63".into(), &"0.63.0".into()));
}

#[test]
fn lists_of_fields() {
    let dir = Dir::new("fields");
    fs::write(dir.0.join("falco.yaml"), format!("{CONFIG}static_fields: {{team: blue}}\n")).unwrap();
    let names = dir.run(&["--list", "-N"]).out;
    let has = |name: &str| names.lines().any(|l| l == name);
    assert!(has("proc.name") && has("container.id") && has("static.team"));
    assert!(!has("evt.dir"), "deprecated");
    assert!(dir.run(&["--list=syscall", "--markdown"]).out.contains("| `proc.name` |"));
    let json = dir.run(&["--list", "--format", "json"]).json();
    assert_eq!(json["fields"].as_array().unwrap().len(), names.lines().count());
    let run = dir.run(&["--list=k8s_audit"]);
    assert_eq!(run.code, 1);
    assert!(run.err.contains("Value for --list must be a valid source type, found 'k8s_audit'"));
}

#[test]
fn wrong_usage() {
    let dir = Dir::new("usage");
    for (args, expect) in [
        (&["-e", "x.scap"][..], "the flag -e is gone: use -o engine.kind=replay"),
        (&["--nonsense"], "unexpected argument '--nonsense'"),
        (&["-c", "none.yaml"], "Error: cannot read `none.yaml`: No such file"),
        (&["-c", "falco.yaml", "-o", "a[=1"], "Error: -o a[=1: `[` is not closed"),
        (&["-c", "falco.yaml", "-r", "none.yaml"], "Error: cannot read rules `none.yaml`: No such file"),
        (&["-c", "falco.yaml", "--enable-source", "x"], "Attempted enabling unknown event source: x"),
        (
            &["-c", "falco.yaml", "--enable-source", "syscall", "--disable-source", "syscall"],
            "You can not mix --enable-source and --disable-source",
        ),
        (
            &["-c", "falco.yaml", "--disable-source", "syscall"],
            "At least one event source needs to be enabled",
        ),
        (&["-c", "falco.yaml", "-o", "rules_files=[]"], "You must specify at least one rules file/directory"),
        (&["-c", "falco.yaml", "-o", "stdout_output.enabled=false"], "no output is enabled"),
        (
            &["-c", "falco.yaml", "-o", "http_output={enabled: true, url: http://x}"],
            "http_output is not supported yet",
        ),
        (
            &["-c", "falco.yaml", "-o", "engine.kind=nodriver"],
            "engine.kind: `nodriver` is not available, only",
        ),
        (&["-c", "falco.yaml", "-o", "capture.enabled=true"], "recording is not available yet"),
        (
            &["-c", "falco.yaml", "-l", "no such rule"],
            "Runtime error: Rule \"no such rule\" is not loaded. Exiting.",
        ),
    ] {
        let run = dir.bare(args);
        assert_eq!((run.code, run.out.as_str()), (1, ""), "{args:?}");
        assert!(run.err.contains(expect), "{args:?}: {}", run.err);
    }
}

#[test]
fn the_log_has_times_and_a_level() {
    let dir = Dir::new("log");
    let run = dir.run(&["--dry-run"]);
    assert_eq!((run.code, run.out.as_str()), (0, ""), "{}", run.err);
    assert!(run.logged("CLI args: falco -c falco.yaml --dry-run"));
    assert!(run.logged("   falco.yaml | schema validation: ok"));
    assert!(run.logged("   rules.yaml | schema validation: ok"));
    assert!(run.logged("Skipping event processing in dry-run"));
    let run = dir.run(&["--dry-run", "-o", "log_level=warning"]);
    assert!(!run.logged("CLI args") && run.logged("LOAD_") == run.logged("rules.yaml: Ok, with warnings"));
    let run = dir.run(&["--dry-run", "-o", "log_stderr=false"]);
    assert_eq!(run.err, "");
    let run = dir.run(&["--dry-run", "-o", "time_format_iso_8601=true"]);
    let first = run.err.split(": ").next().unwrap();
    assert!(first.len() == 24 && first.ends_with("+0000"), "{first}");
}

#[test]
fn keys_that_do_not_belong_are_logged() {
    let dir = Dir::new("keys");
    fs::write(dir.0.join("falco.yaml"), format!("{CONFIG}rules_fils: []\n")).unwrap();
    let run = dir.run(&["--dry-run"]);
    assert!(
        run.logged("falco.yaml:8:13: rules_fils: unknown key; did you mean `rules_files`?"),
        "{}",
        run.err
    );
    // also when something else ends the program
    let run = dir.run(&["--dry-run", "-o", "priority=x"]);
    assert!(run.code == 1 && run.logged("did you mean `rules_files`?"));
}

#[test]
fn rule_files_of_directories_are_sorted_and_others_left_out() {
    let dir = Dir::new("directories");
    let rule = |name: &str| RULES.replace("A shell", name).replace("A file", &format!("{name} file"));
    for (name, text) in
        [("d/b.yaml", "b"), ("d/a.yml", "a"), ("d/c.txt", "c"), ("d/sub/d.yaml", "d"), ("e.txt", "e")]
    {
        dir.file(name, &rule(text));
    }
    let run = dir.run(&["--dry-run", "-r", "d", "-r", "e.txt", "-r", "rules.yaml"]);
    let loaded: Vec<&str> =
        run.log().into_iter().filter(|l| l.starts_with("   ") && l.ends_with(": ok")).collect();
    let expect = ["falco.yaml", "d/a.yml", "d/b.yaml", "rules.yaml"]
        .map(|f| format!("   {f} | schema validation: ok"));
    assert_eq!(loaded, expect, "{}", run.err);
    assert!(run.logged("e.txt is ignored"));
}

/// Names of enabled rules in the log of a run.
fn enabled(run: &Run) -> Vec<String> {
    let log = run.log();
    let at = log.iter().position(|l| *l == "Enabled rules:").unwrap_or_else(|| panic!("{}", run.err));
    log[at + 1..].iter().take_while(|l| l.starts_with("   ")).map(|l| l.trim().to_owned()).collect()
}

#[test]
fn selections_apply_in_order_and_then_the_priority() {
    let dir = Dir::new("selections");
    for (options, expect) in [
        (&[][..], &["A shell"][..]),
        (&["rules[].enable.rule=A*"], &["A shell", "A file"]),
        (&["rules[].enable.tag=b", "rules[].disable.rule=A shell"], &["A file"]),
        (&["rules[].disable.rule=*", "rules[].enable.tag=a"], &["A shell"]),
        (&["rules[].enable.tag=a", "rules[].disable.rule=*"], &[]),
        (&["rules[].disable.rule=A sh"], &["A shell"]),
        (&["rules[].enable.tag=b", "priority=warning"], &["A shell"]),
        (&["rules[].enable.tag=b", "priority=${TEST_PRIORITY}"], &[]),
    ] {
        let args: Vec<&str> = options.iter().flat_map(|o| ["-o", o]).collect();
        assert_eq!(enabled(&dir.run(&args)), expect, "{options:?}");
    }
}

#[test]
fn rules_are_described() {
    let dir = Dir::new("described");
    let run = dir.run(&["-L", "-o", "log_stderr=false"]);
    let dashes = |text: &str| format!("{text:<51}");
    let expect = format!(
        "{}Description\n{}-----------\n{}A shell runs \n\n{}A file is read \n\n",
        dashes("Rule"),
        dashes("----"),
        dashes("A shell"),
        dashes("A file")
    );
    assert_eq!(run.out, expect);
    let json = dir.run(&["-L", "-o", "json_output=true"]).json();
    assert_eq!(json["rules"][0]["info"]["name"], "A shell");
    assert_eq!(json["rules"][0]["details"]["macros"], serde_json::json!(["shell"]));
    assert_eq!(json["rules"][0]["details"]["plugins"], serde_json::json!([]));
    assert_eq!(json["rules"][1]["details"]["plugins"], serde_json::json!(["container"]));
    assert_eq!(json["rules"][1]["info"]["enabled"], false);
    assert_eq!(json["macros"][0]["details"]["lists"], serde_json::json!(["shells"]));
    assert_eq!(json["macros"][0]["details"]["condition_fields"], serde_json::json!(["proc.name"]));
    assert_eq!(json["lists"][0]["info"]["items"], serde_json::json!(["sh", "bash"]));
    let json = dir.run(&["-l", "A file", "-o", "json_output=true"]).json();
    assert_eq!(json["rules"].as_array().unwrap().len(), 1);
    assert!(json.get("macros").is_none());
}

#[test]
fn outputs_get_what_the_configuration_appends() {
    let dir = Dir::new("appended");
    let compiled = |args: &[&str]| -> Vec<String> {
        let args = [&["-L", "-o", "json_output=true"], args].concat();
        let json = dir.run(&args).json();
        let rules = json["rules"].as_array().unwrap().clone();
        rules.iter().map(|r| r["details"]["output_compiled"].as_str().unwrap().to_owned()).collect()
    };
    let extra = "append_output=[{match: {rule: A file}, extra_output: 'pid=%proc.pid'}]";
    assert_eq!(compiled(&["-o", extra]), ["shell %proc.name", "file %fd.name pid=%proc.pid"]);
    assert_eq!(compiled(&["-p", "x=%evt.num"]), ["shell %proc.name x=%evt.num", "file %fd.name x=%evt.num"]);
    assert_eq!(compiled(&["-pk"]), ["shell %proc.name", "file %fd.name"]);
    let suggested = "append_output=[{match: {tags: [a]}, suggested_output: true}]";
    assert_eq!(compiled(&["-o", suggested]), ["shell %proc.name", "file %fd.name"]);
    let container = "plugins=[{name: container, library_path: libcontainer.so}]";
    let expect = "shell %proc.name container_id=%container.id container_name=%container.name \
                  container_image_repository=%container.image.repository container_image_tag=%container.image.tag \
                  k8s_pod_name=%k8s.pod.name k8s_ns_name=%k8s.ns.name";
    assert_eq!(compiled(&["-o", suggested, "-o", container]), [expect, "file %fd.name"]);
}

#[test]
fn plugins_are_refused_except_the_container_plugin() {
    let dir = Dir::new("plugins");
    let container =
        "plugins[]={name: container, library_path: libcontainer.so, init_config: {label_max_len: 100}}";
    let json = "plugins[]={name: json, library_path: libjson.so}";
    let run = dir.run(&["-o", container, "--list-plugins"]);
    assert!(run.code == 0 && run.out.starts_with("1 Plugins Loaded:\n\nName: container\n"), "{}", run.out);
    assert!(dir.run(&["-o", container, "--plugin-info", "container"]).out.contains("Name: container"));
    assert_eq!(dir.run(&["-o", container, "--plugin-info", "json"]).code, 1);
    assert!(dir.run(&["--list-plugins"]).out.starts_with("0 Plugins Loaded"));
    let run = dir.run(&["-o", container, "-o", json, "--dry-run"]);
    assert_eq!(run.code, 1);
    assert!(run.logged("cannot load plugin 'json' (libjson.so): plugins are not supported yet. Exiting."));
    assert_eq!(dir.run(&["-o", json, "-o", "load_plugins=[]", "--dry-run"]).code, 0);
    let run = dir.run(&["-o", "load_plugins=[none]", "--dry-run"]);
    assert!(run.code == 1 && run.logged("cannot load plugin 'none': plugins has no entry with this name"));
}

#[test]
fn validation() {
    let dir = Dir::new("validation");
    dir.file(
        "bad.yaml",
        "- rule: x\n  desc: d\n  condition: nosuch.field = 1\n  output: o\n  priority: INFO\n",
    );
    dir.file("warn.yaml", "- macro: unused\n  condition: evt.type = open\n");
    let run = dir.run(&["-V", "rules.yaml", "-V", "warn.yaml"]);
    assert_eq!((run.code, run.out.as_str()), (0, "rules.yaml: Ok\nwarn.yaml: Ok, with warnings\n"));
    assert!(run.err.contains("1 Warnings:") && run.err.contains("LOAD_UNUSED_MACRO"), "{}", run.err);
    let run = dir.run(&["-V", "warn.yaml", "-V", "bad.yaml", "-V", "none.yaml", "-o", "json_output=true"]);
    assert_eq!(run.code, 1);
    let json = run.json();
    let results = json["falco_load_results"].as_array().unwrap();
    assert_eq!(results.iter().map(|r| r["successful"] == true).collect::<Vec<_>>(), [true, false, false]);
    assert_eq!(results[1]["errors"][0]["message"], "filter_check called with nonexistent field nosuch.field");
    assert_eq!(results[2]["errors"][0]["code"], "LOAD_ERR_FILE_READ");
    assert!(run.err.contains("Error: warn.yaml: Ok, with warnings\nbad.yaml: Invalid\n1 Errors:\n"));
}

#[test]
fn engine_and_plugin_requirements() {
    let dir = Dir::new("requirements");
    dir.file("engine.yaml", "- required_engine_version: 0.64.0\n");
    dir.file("plugin.yaml", "- required_plugin_versions: [{name: container, version: 0.4.0}]\n");
    dir.file("other.yaml", "- required_plugin_versions: [{name: json, version: 0.4.0}]\n");
    let run = dir.run(&["--dry-run", "-r", "engine.yaml"]);
    assert!(
        run.code == 1
            && run.err.contains("Rules require engine version 0.64.0, but engine version is 0.63.0")
    );
    assert_eq!(dir.run(&["--dry-run", "-r", "plugin.yaml"]).code, 0);
    let run = dir.run(&["--dry-run", "-r", "other.yaml"]);
    assert!(run.code == 1 && run.err.contains("must load one of: json (>= 0.4.0)"), "{}", run.err);
}

#[test]
fn support() {
    let dir = Dir::new("support");
    let json = dir.run(&["--support"]).json();
    assert_eq!(json["config"], CONFIG);
    assert_eq!(json["cmdline"], "falco -c falco.yaml --support");
    assert_eq!(json["rules_files"][0]["name"], "rules.yaml");
    assert_eq!(json["rules_files"][0]["content"], RULES);
    assert_eq!(json["system_info"]["sysname"], "Linux");
}

#[test]
fn the_pid_file() {
    let dir = Dir::new("pidfile");
    dir.run(&["-P", "falco.pid"]);
    assert!(fs::read_to_string(dir.0.join("falco.pid")).unwrap().trim().parse::<u32>().unwrap() > 1);
    let run = dir.run(&["-P", "none/falco.pid"]);
    assert!(run.code == 255 && run.logged("cannot write the pid file `none/falco.pid`"));
}
