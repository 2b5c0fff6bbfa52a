//! The formatter on files: cases by hand, and rule files of others where they are at hand.

#![expect(clippy::unwrap_used, reason = "tests panic")]

use peregrine_compiler::format::{FormatError, Options, format};
use std::fs;
use std::path::{Path, PathBuf};

fn files(folder: &Path, ending: &str) -> Vec<PathBuf> {
    let Ok(entries) = fs::read_dir(folder) else { return Vec::new() };
    let mut files: Vec<PathBuf> = entries.map(|e| e.unwrap().path()).collect();
    files.retain(|f| f.to_string_lossy().ends_with(ending));
    files.sort();
    files
}

/// Formats a text; the result is formatted.
fn check(name: &str, text: &str) -> Result<String, FormatError> {
    let result = format(name, text, &Options::default())?;
    let again =
        format(name, &result, &Options::default()).unwrap_or_else(|e| panic!("{name}, second time: {e}"));
    assert_eq!(again, result, "{name} changes when formatted twice");
    Ok(result)
}

#[test]
fn cases() {
    let cases = files(&Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/format"), ".in.yaml");
    assert!(cases.len() > 20);
    for case in cases {
        let input = fs::read_to_string(&case).unwrap();
        let output = PathBuf::from(case.to_string_lossy().replace(".in.yaml", ".out.yaml"));
        let result =
            check(&case.to_string_lossy(), &input).unwrap_or_else(|e| panic!("{}: {e}", case.display()));
        if std::env::var_os("PEREGRINE_BLESS").is_some() {
            fs::write(&output, &result).unwrap();
        }
        let expect = fs::read_to_string(&output).unwrap_or_default();
        assert!(result == expect, "{}:\n{result}\n--- expected\n{expect}", case.display());
        // What is formatted is also a case of its own: nothing to do.
        assert_eq!(check("out", &expect).unwrap(), expect);
    }
}

/// Each folder of rule files below `PEREGRINE_CONFORMANCE`.
#[test]
fn rule_files_of_others() {
    let root = std::env::var_os("PEREGRINE_CONFORMANCE").map_or_else(
        || Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared/conformance"),
        PathBuf::from,
    );
    let mut formatted = 0;
    let mut invalid = 0;
    for file in ["rules", "suite-data/rules"].iter().flat_map(|folder| files(&root.join(folder), ".yaml")) {
        let name = file.to_string_lossy().into_owned();
        let Ok(text) = String::from_utf8(fs::read(&file).unwrap()) else { continue };
        match check(&name, &text) {
            Ok(result) => {
                formatted += 1;
                if let Some(folder) = std::env::var_os("PEREGRINE_FORMAT_OUT") {
                    fs::write(Path::new(&folder).join(file.file_name().unwrap()), result).unwrap();
                }
            }
            Err(FormatError::Invalid(e)) => {
                invalid += 1;
                eprintln!("{}", FormatError::Invalid(e));
            }
            Err(e) => panic!("{e}"),
        }
    }
    if formatted + invalid == 0 {
        eprintln!("skipped: no rule files at {}", root.display());
    }
    eprintln!("{formatted} formatted, {invalid} invalid");
}
