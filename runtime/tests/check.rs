//! `peregrine check` as a program: what it prints, what it silences, how it ends.
#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests panic")]

use serde_json::Value;
use std::fs;
use std::path::PathBuf;
use std::process::{Command, Output};

/// A directory of its own for each test, with the given files.
struct Dir(PathBuf);

impl Dir {
    fn new(test: &str, files: &[(&str, &str)]) -> Self {
        let dir = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("check").join(test);
        let _ = fs::remove_dir_all(&dir);
        fs::create_dir_all(&dir).unwrap();
        for (name, text) in files {
            fs::create_dir_all(dir.join(name).parent().unwrap()).unwrap();
            fs::write(dir.join(name), text).unwrap();
        }
        Self(dir)
    }

    fn check(&self, args: &[&str]) -> Run {
        let program = env!("CARGO_BIN_EXE_peregrine");
        let output = Command::new(program).arg("check").args(args).current_dir(&self.0).output().unwrap();
        Run(output)
    }
}

struct Run(Output);

impl Run {
    fn code(&self) -> i32 {
        self.0.status.code().unwrap()
    }

    fn out(&self) -> String {
        String::from_utf8(self.0.stdout.clone()).unwrap()
    }

    fn err(&self) -> String {
        String::from_utf8(self.0.stderr.clone()).unwrap()
    }

    fn json(&self) -> Value {
        serde_json::from_str(&self.out()).unwrap()
    }

    /// Names of the diagnostics, from JSON.
    fn names(&self) -> Vec<String> {
        let json = self.json();
        json["diagnostics"]
            .as_array()
            .unwrap()
            .iter()
            .map(|d| d["name"].as_str().unwrap().to_owned())
            .collect()
    }
}

const RULE: &str =
    "- rule: r\n  condition: evt.type = open and m\n  desc: d\n  output: x\n  priority: INFO\n";
const MACRO: &str = "- macro: m\n  condition: proc.name in (cat, cat)\n";

#[test]
fn text_with_a_summary() {
    let dir = Dir::new("text", &[("a.yaml", MACRO), ("b.yaml", RULE)]);
    let run = dir.check(&["a.yaml", "b.yaml"]);
    assert_eq!(run.code(), 0);
    insta::assert_snapshot!(run.out(), @r"
    warning[W0718 duplicate-item]: `cat` stands twice in this list
     --> a.yaml:2:33
      |
    2 |   condition: proc.name in (cat, cat)
      |                            ---  ^^^
      |                            |
      |                            first here
      |
      = help: remove one of the two

    1 rule, 1 macro, 0 lists: 0 errors, 1 warning
    ");
}

#[test]
fn nothing_to_say_is_one_line() {
    let dir = Dir::new("nothing", &[("a.yaml", "- required_engine_version: 0.1.0\n")]);
    let run = dir.check(&["a.yaml"]);
    assert_eq!((run.code(), run.out()), (0, "0 rules, 0 macros, 0 lists: 0 errors, 0 warnings\n".to_owned()));
}

#[test]
fn json_is_one_object() {
    let dir = Dir::new("json", &[("a.yaml", "- list: l\n  items: [a, a]\n"), ("b.yaml", RULE)]);
    let run = dir.check(&["--format", "json", "a.yaml", "b.yaml"]);
    assert_eq!(run.code(), 1);
    let json = run.json();
    assert_eq!(json["files"][0], serde_json::json!({"name": "a.yaml", "successful": true}));
    assert_eq!(json["files"][1], serde_json::json!({"name": "b.yaml", "successful": false}));
    assert_eq!(
        json["summary"],
        serde_json::json!({"rules": 1, "macros": 0, "lists": 1, "errors": 1, "warnings": 1})
    );
    assert_eq!(run.names(), ["duplicate-item", "unknown-macro"]);
    assert_eq!(json["diagnostics"][1]["labels"][0]["file"], "b.yaml");
}

#[test]
fn what_later_files_use_is_not_unused() {
    let dir = Dir::new("later", &[("a.yaml", &MACRO.replace("cat, cat", "cat")), ("b.yaml", RULE)]);
    assert_eq!(dir.check(&["--format", "json", "a.yaml"]).names(), ["unused-macro"]);
    assert!(dir.check(&["--format", "json", "a.yaml", "b.yaml"]).names().is_empty());
}

#[test]
fn an_error_is_reported_once_and_charged_to_its_file() {
    let broken = "- rule: b\n  condition: evt.type = opne\n  desc: d\n  output: x\n  priority: INFO\n";
    let dir = Dir::new("once", &[("a.yaml", broken), ("b.yaml", "- list: l\n  items: [a]\n")]);
    let run = dir.check(&["--format", "json", "a.yaml", "b.yaml"]);
    assert_eq!(run.names(), ["unknown-event-type"]);
    assert_eq!(run.json()["files"][0]["successful"], false);
    assert_eq!(run.json()["files"][1]["successful"], true);
}

#[test]
fn warnings_are_allowed_and_denied_by_name() {
    let dir = Dir::new("names", &[("a.yaml", MACRO)]);
    let names = |args: &[&str]| {
        let run = dir.check(&[&["--format", "json", "a.yaml"], args].concat());
        (run.code(), run.names().join(" "))
    };
    assert_eq!(names(&[]), (0, "unused-macro duplicate-item".to_owned()));
    assert_eq!(names(&["--allow", "unused-macro"]), (0, "duplicate-item".to_owned()));
    assert_eq!(names(&["--no-lints"]), (0, "unused-macro".to_owned()));
    assert_eq!(names(&["--deny", "always-true"]), (0, "unused-macro duplicate-item".to_owned()));
    assert_eq!(names(&["--deny", "warnings"]), (1, "unused-macro duplicate-item".to_owned()));
    let allowed = ["--deny", "unused-macro", "--allow", "unused-macro"];
    assert_eq!(names(&allowed), (0, "duplicate-item".to_owned()));
    let run = dir.check(&["a.yaml", "--deny", "unused-macro"]);
    assert!(run.out().starts_with("error[W0703]: macro `m`"), "{}", run.out());
}

#[test]
fn comments_silence_warnings_at_their_place() {
    for (text, left) in [
        ("# peregrine: allow(unused-macro)\n- macro: m\n  condition: fd.num in (1, 1)\n", "duplicate-item"),
        ("# peregrine: allow(unused-macro, duplicate-item)\n- macro: m\n  condition: fd.num in (1, 1)\n", ""),
        ("- macro: m # peregrine: allow(unused-macro)\n  condition: fd.num in (1, 1)\n", "duplicate-item"),
        ("- macro: m\n  # peregrine: allow(duplicate-item)\n  condition: fd.num in (1, 1)\n", "unused-macro"),
        ("- macro: m\n  condition: fd.num in (1, 1) # peregrine: allow(duplicate-item)\n", "unused-macro"),
        ("# peregrine: allow(unused-macro)\n# and why\n- macro: m\n  condition: fd.num = 1\n", ""),
        ("- list: l\n  items:\n    - a\n    # peregrine: allow(duplicate-item)\n    - a\n", "unused-list"),
        ("- list: l\n  items: [a,\n    a] # peregrine: allow(duplicate-item)\n", "unused-list"),
        ("# peregrine: allow(unused-list)\n\n- list: l\n  items: [a]\n", "unknown-lint unused-list"),
        ("# peregrine: allow(unused-lsit)\n- list: l\n  items: [a]\n", "unknown-lint unused-list"),
        ("# peregrine: deny(unused-list)\n- list: l\n  items: [a]\n", "unknown-lint unused-list"),
        (
            "# peregrine: allow(unused-list)\n- list: l\n  items: [a]\n- list: k\n  items: [a]\n",
            "unused-list",
        ),
        ("# a peregrine: allow(unused-list)\n- list: l\n  items: [a]\n", "unused-list"),
        ("# peregrine: allow(missing-key)\n- macro: m\n", "unknown-lint missing-key"),
    ] {
        let dir = Dir::new("comments", &[("a.yaml", text)]);
        let run = dir.check(&["--format", "json", "a.yaml", "--deny", "unused-macro"]);
        assert_eq!(run.names().join(" "), left, "{text}\n{}", run.out());
    }
}

#[test]
fn a_name_that_does_not_exist_is_wrong_usage() {
    let dir = Dir::new("usage", &[("a.yaml", MACRO)]);
    for (args, says) in [
        (["--allow", "unused-marco"], "did you mean `unused-macro`?"),
        (["--deny", "warning"], "did you mean `warnings`?"),
        (["--allow", "missing-key"], "the name of an error"),
        (["--allow", "all"], "no warning has this name"),
    ] {
        let run = dir.check(&[&["a.yaml"], args.as_slice()].concat());
        assert_eq!(run.code(), 2);
        assert!(run.err().contains(says), "{}", run.err());
    }
    assert_eq!(dir.check(&[]).code(), 2);
}

#[test]
fn files_of_a_directory_are_loaded_in_order() {
    let files = [
        ("d/20.yaml", RULE),
        ("d/10.yml", MACRO),
        ("d/05.txt", "{"),
        ("d/sub/x.yaml", "{"),
        ("z.yaml", RULE),
    ];
    let dir = Dir::new("directory", &files);
    let run = dir.check(&["--format", "json", "d"]);
    assert_eq!(run.code(), 0, "{}", run.out());
    let json = run.json();
    let names: Vec<&str> =
        json["files"].as_array().unwrap().iter().map(|f| f["name"].as_str().unwrap()).collect();
    assert_eq!(names, ["d/10.yml", "d/20.yaml"]);
}

#[test]
fn what_cannot_be_read_is_reported_with_the_rest() {
    let dir = Dir::new("unreadable", &[("a.yaml", MACRO), ("empty/x.txt", "")]);
    let run = dir.check(&["--format", "json", "nowhere.yaml", "a.yaml", "empty"]);
    assert_eq!(run.code(), 2);
    assert_eq!(run.names(), ["file-read", "duplicate-item", "file-read"]);
    let message = run.json()["diagnostics"][0]["message"].as_str().unwrap().to_owned();
    assert!(message.starts_with("cannot read `nowhere.yaml`: No such file"), "{message}");
}

#[test]
fn colours_are_a_choice() {
    let dir = Dir::new("colour", &[("a.yaml", MACRO)]);
    assert!(!dir.check(&["a.yaml"]).out().contains('\x1b'));
    assert!(dir.check(&["a.yaml", "--color", "always"]).out().contains('\x1b'));
    assert!(!dir.check(&["a.yaml", "--color", "never"]).out().contains('\x1b'));
}

#[test]
fn quirks_are_a_choice() {
    let text = "- rule: r\n  condition: evt.type = open and fd.ip in (10.0.0.1)\n  desc: d\n  output: x\n  priority: INFO\n";
    let dir = Dir::new("quirks", &[("a.yaml", text)]);
    assert_eq!(dir.check(&["a.yaml"]).code(), 0);
    assert_eq!(dir.check(&["a.yaml", "--falco-quirks"]).code(), 0);
}
