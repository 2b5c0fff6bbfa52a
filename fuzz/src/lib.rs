//! Fuzz targets for the real schema; generator and oracles are those of the compiler's own tests.
#![forbid(unsafe_code)]

#[path = "../../compiler/tests/support/mod.rs"]
#[allow(dead_code, reason = "the tests' small schema is not needed here")]
pub mod support;

pub mod captures;
#[path = "../../runtime/tests/support/rulesets.rs"]
mod rulesets;
#[path = "../../runtime/tests/support/sequences.rs"]
#[allow(dead_code, reason = "the runtime's tests use the rest")]
mod sequences;
mod watched;
#[path = "../../runtime/tests/support/ways.rs"]
#[allow(dead_code, reason = "the runtime's tests use the rest")]
mod ways;

use peregrine_compiler::schema::Schema;
use std::sync::LazyLock;

/// The schema of the syscall source.
pub static SCHEMA: LazyLock<Schema> = LazyLock::new(peregrine_runtime::fields::syscall_schema);

/// Bytes as rules and events: all ways to evaluate rules agree. Gives how many rules there were, how many events
/// rules saw, and how many of those some rule matched.
pub fn rules_and_events(bytes: &[u8]) -> [usize; 3] {
    let mut random = sequences::Random::of_bytes(bytes, &sequences::TIDS[..8]);
    let events = (bytes.len() / 16).clamp(8, 200);
    let stats = ways::compare(&SCHEMA, &mut random, events);
    [stats.rules, stats.events, stats.matches]
}

#[cfg(test)]
mod tests {
    use super::SCHEMA;
    use super::captures::{self, CaptureStats};
    use super::support::{oracle, stats::Stats};
    use std::path::Path;

    /// All inputs of a target's seeds.
    fn seeds(target: &str) -> Vec<Vec<u8>> {
        let dir = Path::new(env!("CARGO_MANIFEST_DIR")).join("seeds").join(target);
        let entries = std::fs::read_dir(dir).unwrap();
        entries.map(|entry| std::fs::read(entry.unwrap().path()).unwrap()).collect()
    }

    #[test]
    fn stats_of_generated_trees() {
        let mut total = Stats::default();
        let mut state = 0x9e37_79b9_7f4a_7c15_u64;
        for _ in 0..5_000 {
            let bytes: Vec<u8> = (0..400)
                .map(|_| {
                    // xorshift: any spread of bytes will do
                    state ^= state << 13;
                    state ^= state >> 7;
                    state ^= state << 17;
                    state.to_le_bytes()[3]
                })
                .collect();
            total.add(&oracle::condition_tree(&SCHEMA, &bytes));
        }
        println!("condition_tree: {total}");
        assert!(total.typed_percent() >= 60, "{total}");
    }

    #[test]
    fn stats_of_seeds() {
        let mut files = Stats::default();
        seeds("rulefile_bytes").iter().for_each(|s| files.add(&oracle::rulefile_bytes(&SCHEMA, s)));
        println!("rulefile_bytes: {files}");
        let mut texts = Stats::default();
        for seed in seeds("condition_text") {
            texts.add(&oracle::condition_text(&SCHEMA, &String::from_utf8_lossy(&seed)));
        }
        println!("condition_text: {texts}");
        assert!(files.typed_percent() >= 40 && texts.typed_percent() >= 40, "{files}\n{texts}");
    }

    #[test]
    fn stats_of_rules_and_events() {
        let mut total = [0; 3];
        for seed in seeds("rules_and_events") {
            let stats = super::rules_and_events(&seed);
            total.iter_mut().zip(stats).for_each(|(sum, n)| *sum += n);
        }
        println!("rules_and_events: rules, events, events with matches: {total:?}");
        assert!(total[0] > 3 && total[1] > 30 && total[2] > 3, "{total:?}");
    }

    /// Seeds are written by `PEREGRINE_UPDATE_SEEDS=1 cargo test`, and must be what is generated.
    #[test]
    fn stats_of_capture_seeds() {
        type Oracle = fn(&[u8]) -> CaptureStats;
        let targets: [(&str, Oracle); 2] =
            [("capture_bytes", captures::capture_bytes), ("event_bytes", captures::event_bytes)];
        for (target, oracle) in targets {
            let dir = Path::new(env!("CARGO_MANIFEST_DIR")).join("seeds").join(target);
            let mut total = CaptureStats::default();
            for (name, seed) in captures::seeds(target) {
                let path = dir.join(name);
                if std::env::var_os("PEREGRINE_UPDATE_SEEDS").is_some() {
                    std::fs::create_dir_all(&dir).unwrap();
                    std::fs::write(&path, &seed).unwrap();
                }
                // another version of the compressor may give other bytes
                let same = path.to_string_lossy().contains("gzip") || std::fs::read(&path).unwrap() == seed;
                assert!(same, "{} is not what is generated", path.display());
                assert!(seed.len() < 4096, "longer inputs are cut");
                total.add(oracle(&seed));
                // every single byte made wrong
                for at in 0..seed.len() {
                    let mut wrong = seed.clone();
                    wrong[at] ^= 0x55;
                    oracle(&wrong);
                    oracle(&seed[..at]);
                }
            }
            println!("{target}: {total:?}");
            assert!(total.events >= 6 && total.delivered >= 4, "{total:?}");
        }
    }
}
