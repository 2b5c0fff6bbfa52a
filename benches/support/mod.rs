//! Rule files for benches: upstream's where they are at hand, and generated ones.
//!
//! Generated files imitate real rulesets: most rules begin with a macro for the event type, then compare
//! one to four fields, often with lists and further macros; a tenth have an exception. The same number of
//! rules always gives the same bytes.

mod copies;
pub mod engines;

pub use copies::upstream_copies;

use std::fmt::Write;
use std::path::{Path, PathBuf};

/// A rule file's name and bytes.
pub type Named = (String, Vec<u8>);

/// Upstream's rule files, in the order in which they are loaded.
const UPSTREAM: [&str; 3] = ["falco_rules.yaml", "falco-incubating_rules.yaml", "falco-sandbox_rules.yaml"];

/// Where upstream's rule files are looked for: below `PEREGRINE_CONFORMANCE`, by default beside the workspace.
pub fn upstream_dir() -> PathBuf {
    let root = std::env::var_os("PEREGRINE_CONFORMANCE")
        .map_or_else(|| Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/conformance"), PathBuf::from);
    root.join("rules")
}

/// The three upstream rule files; `None` when they are absent.
pub fn upstream() -> Option<Vec<Named>> {
    Some(upstream_copies(&upstream_dir(), 1)).filter(|files| !files.is_empty())
}

/// `SplitMix64`: small, and the same everywhere.
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    fn below(&mut self, n: usize) -> usize {
        (self.next() % n as u64) as usize
    }

    fn pick<'t>(&mut self, words: &[&'t str]) -> &'t str {
        words[self.below(words.len())]
    }
}

const MACROS: &str = "\
- macro: starts_program
  condition: (evt.type in (execve, execveat) and evt.rawres >= 0)

- macro: opens_to_write
  condition: (evt.type in (open, openat, openat2, creat) and evt.is_open_write = true and fd.typechar = 'f')

- macro: opens_to_read
  condition: (evt.type in (open, openat, openat2) and evt.is_open_read = true and fd.typechar = 'f')

- macro: connects_out
  condition: (evt.type in (connect, sendto, sendmsg) and fd.typechar in (4, 6) and not fd.sip in (127.0.0.1, 0.0.0.0))

- macro: in_container
  condition: (container.id != host)

";

const EVENTS: &[&str] =
    &["starts_program", "opens_to_write", "opens_to_read", "connects_out", "evt.type = unlinkat"];
const WORDS: &[&str] = &[
    "agent", "worker", "sync", "backup", "gate", "mail", "queue", "index", "proxy", "build", "cron", "ledger",
];

fn name(random: &mut Random) -> String {
    let n = random.below(400);
    format!("{}-{}{n}", random.pick(WORDS), random.pick(WORDS))
}

fn check(random: &mut Random, lists: usize, macros: usize) -> String {
    match random.below(12) {
        0 => format!("proc.name = {}", name(random)),
        1 | 2 => format!("proc.name in (names_{})", random.below(lists)),
        3 => format!("not proc.pname in ({}, {}, names_{})", name(random), name(random), random.below(lists)),
        4 => format!("fd.name startswith /srv/{}/", name(random)),
        5 => format!("fd.name pmatch (/etc/{}, /var/lib/{})", name(random), name(random)),
        6 => format!("proc.cmdline contains \"--{} {}\"", random.pick(WORDS), random.below(1000)),
        7 => format!("(proc.aname[2] = {} or proc.exepath endswith /{})", name(random), name(random)),
        8 => format!("not user.name = {}", random.pick(WORDS)),
        9 => format!("fd.sport in ({}, {})", 1 + random.below(65_000), 1 + random.below(65_000)),
        10 => "in_container".to_owned(),
        _ => format!("not known_{}", random.below(macros)),
    }
}

/// A rule file with this number of rules, a tenth as many lists and a fifth as many macros.
pub fn generated(rules: usize) -> Vec<u8> {
    let mut random = Random(rules as u64);
    let (lists, macros) = (1 + rules / 10, 1 + rules / 5);
    let mut out = String::from(MACROS);
    for i in 0..lists {
        let items: Vec<String> = (0..3 + random.below(12)).map(|_| name(&mut random)).collect();
        let _ = writeln!(out, "- list: names_{i}\n  items: [{}]\n", items.join(", "));
    }
    for i in 0..macros {
        let (a, b) = (name(&mut random), random.below(lists));
        let _ = writeln!(
            out,
            "- macro: known_{i}\n  condition: >\n    (proc.name = {a} and fd.name startswith /run/{a})\n    or proc.pname in (names_{b})\n"
        );
    }
    for i in 0..rules {
        let checks: Vec<String> = (0..=random.below(4)).map(|_| check(&mut random, lists, macros)).collect();
        let _ = write!(
            out,
            "- rule: Generated rule {i}\n  desc: >\n    A rule about {} that stands for a real one of common length.\n  condition: >\n    {}\n    and {}\n",
            random.pick(WORDS),
            random.pick(EVENTS),
            checks.join("\n    and ")
        );
        if random.below(10) == 0 {
            let _ = write!(
                out,
                "  exceptions:\n    - name: by_name\n      fields: [proc.name, fd.name]\n      comps: [=, startswith]\n      values:\n        - [{}, /opt]\n",
                name(&mut random)
            );
        }
        let _ = write!(
            out,
            "  output: Rule {i} (user=%user.name process=%proc.name file=%fd.name parent=%proc.pname command=%proc.cmdline)\n  priority: {}\n  tags: [generated, {}]\n\n",
            random.pick(&["NOTICE", "WARNING", "ERROR"]),
            random.pick(WORDS)
        );
    }
    out.into_bytes()
}
