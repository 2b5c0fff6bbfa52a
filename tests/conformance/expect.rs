//! What `suite-cases.jsonl` expects of a run.

use regex::Regex;
use serde_json::Value as Json;
use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

/// A finished run; its directory is removed with it.
pub(crate) struct Run {
    pub(crate) code: i32,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
    pub(crate) dir: tempfile::TempDir,
}

impl Run {
    /// Lines of stdout that are JSON objects.
    fn objects(&self) -> Vec<Json> {
        let lines = self.stdout.lines().filter_map(|l| serde_json::from_str::<Json>(l).ok());
        lines.filter(Json::is_object).collect()
    }

    fn json(&self) -> Result<Json, String> {
        serde_json::from_str(&self.stdout).map_err(|_| "stdout is not one JSON document".to_owned())
    }
}

fn regex(pattern: &str) -> Result<Regex, String> {
    Regex::new(pattern).map_err(|e| format!("{pattern}: {e}"))
}

fn text<'j>(value: &'j Json, key: &str) -> &'j str {
    value[key].as_str().unwrap_or("")
}

/// Where a run differs from what real Falco did.
pub(crate) fn observed(falco: &Json, run: &Run) -> Vec<String> {
    let mut wrong = Vec::new();
    let mut compare = |what: &str, found: Json| {
        if falco.get(what).is_some_and(|expected| *expected != found) {
            wrong.push(format!("{what}: Falco {}, we {found}", falco[what]));
        }
    };
    compare("rc", run.code.into());
    let alerts: Vec<Json> =
        run.objects().into_iter().filter(|a| !a["rule"].is_null() && !a["priority"].is_null()).collect();
    let counts = |key: &str| -> Json {
        let mut counts = BTreeMap::new();
        for alert in &alerts {
            *counts.entry(text(alert, key).to_owned()).or_insert(0) += 1;
        }
        counts
            .into_iter()
            .map(|(k, n): (String, i32)| (k, Json::from(n)))
            .collect::<serde_json::Map<_, _>>()
            .into()
    };
    compare("detections_by_rule", counts("rule"));
    compare("detections_by_priority", counts("priority"));
    let line = r"(?m)^(?:\d\d:\d\d:\d\d\.\d{9}|\d{4}-\d\d-\d\dT[\d:.]+\+0000): (?:Emergency|Alert|Critical|Error|Warning|Notice|Informational|Debug) ";
    compare("text_alerts", Regex::new(line).unwrap().find_iter(&run.stdout).count().into());
    let detected: Vec<Json> = run
        .stdout
        .lines()
        .filter_map(|l| l.strip_prefix("Events detected: ")?.parse::<u64>().ok())
        .map(Json::from)
        .collect();
    compare("events_detected", detected.first().cloned().unwrap_or_default());
    if !falco["errors"].is_null() {
        let results = run.json().map(|j| j["falco_load_results"].clone()).unwrap_or_default();
        let results = results.as_array().cloned().unwrap_or_default();
        compare("successful", results.iter().map(|r| r["successful"].clone()).collect());
        for kind in ["errors", "warnings"] {
            let (expected, found) = (expected_findings(&falco[kind]), findings(&results, kind));
            if expected != found {
                wrong.push(format!("{kind}: Falco {expected:?}, we {found:?}"));
            }
        }
    }
    wrong
}

/// File, code and items of findings, sorted. Their wording may differ.
fn findings(results: &[Json], kind: &str) -> Vec<String> {
    let mut found: Vec<String> = Vec::new();
    for result in results {
        for finding in result[kind].as_array().into_iter().flatten() {
            let locations = finding["context"]["locations"].as_array().cloned().unwrap_or_default();
            let items: Json = locations
                .iter()
                .map(|l| Json::from(vec![l["item_type"].clone(), l["item_name"].clone()]))
                .collect();
            found.push(format!("{} {} {items}", text(result, "name"), text(finding, "code")));
        }
    }
    found.sort();
    found
}

fn expected_findings(list: &Json) -> Vec<String> {
    let one = |f: &Json| format!("{} {} {}", text(f, "file"), text(f, "code"), f["items"]);
    let mut found: Vec<String> = list.as_array().into_iter().flatten().map(one).collect();
    found.sort();
    found
}

/// Checks one upstream expectation.
pub(crate) fn check(expect: &Json, run: &Run, data: &Path) -> Result<(), String> {
    let kind = text(expect, "kind");
    let right = match kind {
        "note" => true,
        "run_ok" => run.code == 0,
        "run_error" => run.code != 0,
        "exit_code" => expect["value"] == run.code,
        "detections" => detections(expect, run)?,
        "validation" | "validation_result_successful" => validation(expect, run)?,
        "stdout_contains" => run.stdout.contains(text(expect, "value")),
        "stderr_contains" => run.stderr.contains(text(expect, "value")),
        "stdout_regex" => regex(text(expect, "value"))?.is_match(&run.stdout),
        "stderr_regex" => regex(text(expect, "value"))?.is_match(&run.stderr),
        "stdout_not_regex" => !regex(text(expect, "value"))?.is_match(&run.stdout),
        "stderr_not_regex" => !regex(text(expect, "value"))?.is_match(&run.stderr),
        "stdout_contains_all" | "stdout_contains_all_lines" => contains_all(expect, run, data)?,
        "stdout_first_lines_json_equal" => first_lines(expect, run, data)?,
        "file_equals" => file_equals(expect, run, data)?,
        "stdout_is_json" => run.json().is_ok(),
        other if other.starts_with("stdout_json") => json(expect, run)?,
        other => return Err(format!("unknown kind of expectation `{other}`")),
    };
    if right { Ok(()) } else { Err(format!("not met: {expect}")) }
}

fn compared(expect: &Json, count: usize) -> bool {
    let value = expect["value"].as_u64().unwrap_or(0) as usize;
    if expect["op"] == ">" { count > value } else { count == value }
}

/// Whether a text is the given one, or matches `{"regex": ..}`.
fn matches(expected: &Json, found: &str) -> Result<bool, String> {
    match expected["regex"].as_str() {
        Some(pattern) => Ok(regex(pattern)?.is_match(found)),
        None => Ok(expected == found),
    }
}

fn detections(expect: &Json, run: &Run) -> Result<bool, String> {
    let mut count = 0;
    for alert in run.objects() {
        let rule = expect.get("rule").map_or(Ok(true), |rule| matches(rule, text(&alert, "rule")))?;
        let priority = text(&alert, "priority").to_lowercase();
        let wanted = text(expect, "priority_contains_ci").to_lowercase();
        count += usize::from(rule && priority.contains(&wanted));
    }
    Ok(compared(expect, count))
}

fn validation(expect: &Json, run: &Run) -> Result<bool, String> {
    let json = run.json()?;
    let results = json["falco_load_results"].as_array().cloned().unwrap_or_default();
    if expect["kind"] == "validation_result_successful" {
        let index = expect["index"].as_u64().unwrap_or(0) as usize;
        return Ok(results.get(index).is_some_and(|r| r["successful"] == true));
    }
    let mut count = 0;
    for finding in results.iter().flat_map(|r| r[text(expect, "in")].as_array().into_iter().flatten()) {
        let locations = finding["context"]["locations"].as_array().cloned().unwrap_or_default();
        let has =
            |key: &str| expect.get(key).is_none_or(|wanted| locations.iter().any(|l| l[key] == *wanted));
        let code = expect
            .get("code")
            .is_none_or(|c| text(finding, "code").eq_ignore_ascii_case(c.as_str().unwrap_or("")));
        let message = expect.get("message").map_or(Ok(true), |m| matches(m, text(finding, "message")))?;
        count += usize::from(code && message && has("item_name") && has("item_type"));
    }
    Ok(compared(expect, count))
}

fn values(expect: &Json, data: &Path) -> Result<String, String> {
    let path = data.join(text(expect, "values_file"));
    fs::read_to_string(&path).map_err(|e| format!("{}: {e}", path.display()))
}

fn contains_all(expect: &Json, run: &Run, data: &Path) -> Result<bool, String> {
    if let Some(list) = expect["values"].as_array() {
        return Ok(list.iter().filter_map(Json::as_str).all(|v| run.stdout.contains(v)));
    }
    let values = values(expect, data)?;
    Ok(match expect["split"].as_str() {
        Some(separator) => values.split(separator).all(|v| run.stdout.contains(v)),
        None => values.lines().all(|v| run.stdout.contains(v)),
    })
}

fn first_lines(expect: &Json, run: &Run, data: &Path) -> Result<bool, String> {
    let values = values(expect, data)?;
    let parsed = |line: &str| serde_json::from_str::<Json>(line).ok();
    let mut found = run.stdout.lines();
    Ok(values
        .lines()
        .filter(|l| !l.is_empty())
        .all(|expected| found.next().and_then(parsed).is_some_and(|found| Some(found) == parsed(expected))))
}

fn file_equals(expect: &Json, run: &Run, data: &Path) -> Result<bool, String> {
    let path = text(expect, "file").replace("{WORKDIR}", &run.dir.path().display().to_string());
    Ok(fs::read_to_string(path).unwrap_or_default() == values(expect, data)?)
}

fn json(expect: &Json, run: &Run) -> Result<bool, String> {
    let json = run.json()?;
    let at = |key: &str| -> Json {
        let path = text(expect, key).replace('[', "/").replace(']', "").replace('.', "/");
        json.pointer(&format!("/{path}")).cloned().unwrap_or_default()
    };
    let length = |value: &Json| value.as_array().map_or(0, Vec::len);
    let value = at("path");
    Ok(match text(expect, "kind") {
        "stdout_json_has_key" => json.get(text(expect, "value")).is_some(),
        "stdout_json_len" => expect["value"] == length(&value),
        "stdout_json_equal" => value == expect["value"],
        "stdout_json_equal_paths" => value == at("other"),
        "stdout_json_contains" => value.as_array().is_some_and(|list| list.contains(&expect["value"])),
        "stdout_json_empty" => length(&value) == 0,
        "stdout_json_not_empty" => length(&value) > 0,
        other => return Err(format!("unknown kind of expectation `{other}`")),
    })
}
