//! Filetests of the passes of the decision IR: `tests/ir/PASS*.ir`.
//!
//! A file is a program in text form with `# pass: NAME` at its begin, `----`, and the program after the pass.
//! `# looks RULE: CODES` says which event types a rule looks at. `UPDATE=1 cargo test --test ir` writes the
//! second part anew; read it before it is committed.

#![allow(clippy::unwrap_used, clippy::panic, reason = "tests panic")]

use peregrine_compiler::ir::passes::{Pass, Types, run};
use peregrine_compiler::ir::{Program, parse, print, verify};
use peregrine_compiler::schema::EventCode;
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

const SEPARATOR: &str = "----\n";

/// Event types by rule, from the comments of a file.
fn looks(text: &str) -> BTreeMap<u32, BTreeSet<u16>> {
    let line = |line: &str| {
        let (rule, codes) = line.strip_prefix("# looks ")?.split_once(':')?;
        Some((rule.parse().ok()?, codes.split_whitespace().filter_map(|c| c.parse().ok()).collect()))
    };
    text.lines().filter_map(line).collect()
}

fn after(pass: Pass, text: &str) -> Program {
    let mut program = parse::parse(text).unwrap_or_else(|e| panic!("{e}\n{text}"));
    verify::verify(&program).unwrap_or_else(|e| panic!("{e}\n{text}"));
    if pass != Pass::Common {
        // passes run on shared graphs; what sharing alone changes is no change of the pass
        let none = Types::plain(0, &|_, _| false);
        run(Pass::Common, &mut program, &none);
    }
    let looks = looks(text);
    let looks_at = |rule: u32, code: EventCode| looks.get(&rule).is_some_and(|l| l.contains(&code.0));
    let types = Types::plain(455, &looks_at);
    run(pass, &mut program, &types);
    verify::verify(&program).unwrap_or_else(|e| panic!("after {}: {e}\n{text}", pass.name()));
    program
}

fn check(path: &Path) -> Pass {
    let whole = fs::read_to_string(path).unwrap();
    let (input, expect) = whole.split_once(SEPARATOR).unwrap_or((&whole, ""));
    let name = input.lines().find_map(|l| l.strip_prefix("# pass: ")).unwrap();
    let pass = Pass::from_name(name).unwrap_or_else(|| panic!("no pass {name}"));
    let off = parse::parse(input).unwrap();
    let printed = print::print(&off);
    assert_eq!(print::print(&parse::parse(&printed).unwrap()), printed, "{}", path.display());
    let on = print::print(&after(pass, input));
    assert_ne!(on, printed, "{}: the pass changes nothing", path.display());
    assert_eq!(print::print(&parse::parse(&on).unwrap()), on, "{}: the text form", path.display());
    if std::env::var_os("UPDATE").is_some() {
        fs::write(path, format!("{input}{SEPARATOR}{on}")).unwrap();
    } else {
        assert_eq!(on, expect, "{}", path.display());
    }
    pass
}

#[test]
fn each_pass_changes_what_its_files_say() {
    let directory = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/ir");
    let mut paths: Vec<_> = fs::read_dir(directory).unwrap().map(|e| e.unwrap().path()).collect();
    paths.sort();
    let passes: BTreeSet<Pass> = paths.iter().map(|path| check(path)).collect();
    assert_eq!(passes, Pass::ALL.iter().copied().collect(), "every pass has a file");
}

#[test]
fn broken_programs_are_refused() {
    for (text, expect) in [
        ("node n2 = and n3 n1", "line 1: no node n3"),
        ("pred p0 = s0 exists", "line 1: no slot s0"),
        ("slot s1 = \"a\" process 1", "line 1: expected number 0, found 1"),
        ("  rule 0 = n1", "line 1: a rule outside of a bucket"),
        ("slot s0 = \"a\" sometimes 1", "line 1: no scope `sometimes`"),
        ("bucket 3\nbucket 3\n  rule 1 = n0 n0", "line 3: expected the end of the line, found `n0`"),
    ] {
        assert_eq!(parse::parse(text).err().map(|e| e.to_string()).as_deref(), Some(expect), "{text}");
    }
    let twice = parse::parse("bucket 3\n  rule 1 = n0\n  rule 0 = n0").unwrap();
    assert_eq!(
        verify::verify(&twice).unwrap_err().to_string(),
        "bucket 0: its rules are not in order of definition"
    );
    let shared = parse::parse("bucket 3\n  rule 0 = n0\nbucket 3\n  rule 0 = n0").unwrap();
    assert_eq!(verify::verify(&shared).unwrap_err().to_string(), "bucket 1: event type 3 is in two buckets");
}
