//! `suite-golden/`: what `falco -V` said of rule files, as JSON.

use crate::{Outcome, Tally};
use peregrine_compiler::rulefile::{FileReport, Loader, Options, report};
use peregrine_runtime::fields::syscall_schema;
use serde_json::Value as Json;
use std::path::Path;

pub(crate) fn run_validate(path: &Path) -> Vec<(String, Tally)> {
    let schema = syscall_schema();
    let data = path.with_file_name("suite-data").join("rules");
    let mut tally = Tally::default();
    let mut files: Vec<_> = std::fs::read_dir(path)
        .unwrap_or_else(|e| panic!("{}: {e}", path.display()))
        .filter_map(|e| Some(e.ok()?.path()))
        .collect();
    files.sort();
    for file in files {
        let text = std::fs::read_to_string(&file).unwrap_or_else(|e| panic!("{}: {e}", file.display()));
        let Ok(golden) = serde_json::from_str::<Json>(&text) else { continue };
        let args: Vec<&str> =
            golden["args"].as_array().into_iter().flatten().filter_map(Json::as_str).collect();
        if !args.contains(&"-V") {
            continue;
        }
        let Some(expected) =
            golden["stdout"].as_str().and_then(|s| serde_json::from_str::<Json>(s.lines().next()?).ok())
        else {
            continue;
        };
        let mut loader = Loader::new(Options::new(vec![&schema]));
        let reports: Vec<FileReport> = args
            .windows(2)
            .filter(|w| w[0] == "-V")
            .map(|w| match std::fs::read(data.join(w[1])) {
                Ok(bytes) => loader.load(w[1], bytes),
                Err(e) => Loader::unreadable(w[1], &e.to_string()),
            })
            .collect();
        let warnings: Vec<Vec<String>> =
            reports.iter().map(|r| r.file.map_or_else(Vec::new, |f| loader.schema_warnings(f))).collect();
        let ours = report::json(&reports, &warnings, loader.sources());
        tally.add(compare(&golden["name"], &expected, &ours));
    }
    vec![("suite -V".to_owned(), tally)]
}

fn compare(name: &Json, expected: &Json, ours: &Json) -> Outcome {
    let (theirs, ours) = (shape(expected), shape(ours));
    if theirs == ours {
        Outcome::Agreed
    } else {
        Outcome::Failed(format!("{name}: Falco {theirs:?}, we {ours:?}"))
    }
}

/// Per file: name, verdict, what the schema check says, and the findings with the items that they name.
fn shape(results: &Json) -> Vec<(String, bool, String, Vec<String>)> {
    let finding = |f: &Json| -> String {
        let items: Vec<String> = f["context"]["locations"]
            .as_array()
            .into_iter()
            .flatten()
            .map(|l| {
                format!(
                    "{} {:?}",
                    l["item_type"].as_str().unwrap_or(""),
                    l["item_name"].as_str().unwrap_or("")
                )
            })
            .collect();
        format!("{} in {}", f["code"].as_str().unwrap_or(""), items.join(", "))
    };
    let file = |r: &Json| {
        let both = [&r["errors"], &r["warnings"]];
        let findings = both.iter().flat_map(|l| l.as_array().into_iter().flatten()).map(finding).collect();
        let schema = format!("{} {}", r["schema_valid"], r["schema_warnings"]);
        (r["name"].as_str().unwrap_or("").to_owned(), r["successful"] == true, schema, findings)
    };
    results["falco_load_results"].as_array().into_iter().flatten().map(file).collect()
}
