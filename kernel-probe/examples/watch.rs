//! Prints the events of a command: `cargo run -p peregrine-probe --example watch -- COMMAND...`

use peregrine_probe::{Filter, Interest, Options, PROC_EXIT, Probe, recipes};
use std::process::Command;

fn main() {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let codes = recipes().iter().map(|r| r.code).chain([PROC_EXIT]).collect();
    let interest = Interest { codes, generic: vec![(39, 7)] };
    let mut options = Options::new(Filter::Tree(std::process::id()), interest);
    options.own_pid = 0;
    let mut probe = match Probe::start(&options) {
        Ok(probe) => probe,
        Err(e) => {
            eprintln!("{e}");
            std::process::exit(1);
        }
    };
    let status = words.split_first().map(|(first, rest)| Command::new(first).args(rest).status());
    println!("{status:?}");
    let mut count = std::collections::BTreeMap::new();
    let n = probe.drain(|_, event| {
        let code = u16::from_le_bytes([event[20], event[21]]);
        *count.entry(code).or_insert(0) += 1;
    });
    println!("{n:?} {count:?}\n{:?}", probe.ledger().unwrap().total());
}
