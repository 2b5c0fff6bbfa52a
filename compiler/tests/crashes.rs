//! Inputs that once broke a promise. The file name says what was wrong; `.yaml` is a rule file,
//! `.cond` a condition, `.tree` choices of the generator.
#![forbid(unsafe_code)]

#[allow(
    dead_code,
    unreachable_pub,
    clippy::cast_precision_loss,
    clippy::expect_used,
    clippy::indexing_slicing,
    reason = "shared by tests and fuzz targets; each uses a part, and panics are failures"
)]
mod support;

use std::panic::catch_unwind;
use std::path::Path;
use support::{oracle, schema};

#[test]
fn crashes_stay_fixed() {
    let mut ran = 0;
    let mut failed = Vec::new();
    let dir = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/crashes");
    for entry in std::fs::read_dir(dir).unwrap() {
        let path = entry.unwrap().path();
        let bytes = std::fs::read(&path).unwrap();
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        let result = catch_unwind(|| match path.extension().and_then(|e| e.to_str()) {
            Some("yaml") => oracle::rulefile_bytes(&schema::small(), &bytes),
            Some("cond") => oracle::condition_text(&schema::small(), &String::from_utf8_lossy(&bytes)),
            Some("tree") => oracle::condition_tree(&schema::small(), &bytes),
            _ => panic!("unknown kind of input"),
        });
        ran += 1;
        if result.is_err() {
            failed.push(name);
        }
    }
    println!("{ran} inputs");
    assert!(failed.is_empty(), "{failed:?}");
}
