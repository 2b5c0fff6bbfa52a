//! The text of `docs/errors.md`, made from the registry so that it cannot be out of date.

use std::fmt::Write as _;

use super::{Code, CodeInfo, Severity};

/// Titles of the ranges, by the two digits after the letter; a range is listed if it has codes.
const RANGES: &[(&str, &str)] = &[
    ("01", "YAML and item structure"),
    ("02", "Condition and output syntax"),
    ("03", "Names"),
    ("04", "Types"),
    ("05", "Limits"),
    ("06", "Versions and configuration"),
    ("07", "Lints"),
];

/// Markdown for every code of [`Code::ALL`]: a table of contents by range, then for each code its
/// name, severity, explanation and example.
///
/// `render_example` gives what is printed for the example of a code, without colours; where it gives
/// nothing, no output is shown. For codes without an example there is the reason in its place.
pub fn errors_md(render_example: impl Fn(&CodeInfo) -> String) -> String {
    let mut out = String::from(concat!(
        "# Errors and warnings\n\n",
        "<!-- Generated from compiler/src/diagnostic/codes.rs. Do not edit. -->\n\n",
        "Every finding has a code. An error makes an item unusable. A warning can be silenced by its name, with ",
        "`peregrine check --allow NAME` or by a comment `# peregrine: allow(NAME, ...)` behind or directly above ",
        "the item, key or list entry that it concerns.\n",
    ));
    for (digits, title) in RANGES {
        let infos = infos_of(digits);
        if infos.is_empty() {
            continue;
        }
        line(&mut out, &format!("\n## {title}\n"));
        for info in infos {
            let anchor = format!("{}-{}", info.id.to_lowercase(), info.name);
            line(&mut out, &format!("- [{} {}](#{anchor})", info.id, info.name));
        }
    }
    for (digits, _) in RANGES {
        for info in infos_of(digits) {
            code_section(&mut out, info, &render_example);
        }
    }
    out
}

fn infos_of(digits: &str) -> Vec<&'static CodeInfo> {
    let in_range = |info: &&CodeInfo| info.id.get(1..3) == Some(digits);
    Code::ALL.iter().map(|code| code.info()).filter(in_range).collect()
}

fn code_section(out: &mut String, info: &CodeInfo, render_example: impl Fn(&CodeInfo) -> String) {
    let severity = match info.severity {
        Severity::Error => "Error",
        Severity::Warning => "Warning",
    };
    line(out, &format!("\n### {} {}\n\n{severity}. {}", info.id, info.name, escape(info.explanation)));
    if info.example.is_empty() {
        line(out, &format!("\nNo example: {}", escape(&lower_first(info.no_example))));
    } else {
        block(out, "yaml", info.example);
    }
    let rendered = render_example(info);
    if !rendered.trim().is_empty() {
        block(out, "text", &rendered);
    }
}

fn lower_first(text: &str) -> String {
    let mut chars = text.chars();
    chars.next().map_or_else(String::new, |c| c.to_lowercase().chain(chars).collect())
}

/// A fenced block; the fence is longer than any run of backticks inside.
fn block(out: &mut String, language: &str, content: &str) {
    let longest = content.split(|c| c != '`').map(str::len).max().unwrap_or(0);
    let fence = "`".repeat(longest.max(2) + 1);
    line(out, &format!("\n{fence}{language}\n{}\n{fence}", content.trim_end()));
}

/// Explanations are plain text with backticks for code: what else Markdown would take is escaped.
fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut in_code = false;
    for c in text.chars() {
        in_code ^= c == '`';
        if !in_code && matches!(c, '<' | '>' | '*' | '_' | '[' | ']' | '\\') {
            out.push('\\');
        }
        out.push(c);
    }
    out
}

fn line(out: &mut String, text: &str) {
    // Writing to a String cannot fail.
    let _ = writeln!(out, "{text}");
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_code_is_listed_and_described_once() {
        let text = errors_md(|info| format!("error[{}]: message", info.id));
        for code in Code::ALL {
            let info = code.info();
            let heading = format!("\n### {} {}\n", info.id, info.name);
            assert_eq!(text.matches(&heading).count(), 1, "{heading}");
            let link = format!("](#{}-{})\n", info.id.to_lowercase(), info.name);
            assert_eq!(text.matches(&link).count(), 1, "{link}");
            assert!(text.contains(&format!("\n```text\nerror[{}]: message\n```\n", info.id)), "{heading}");
            assert_ne!(info.example.is_empty(), info.no_example.is_empty(), "{heading}");
        }
    }

    #[test]
    fn shape_of_a_code() {
        let text =
            errors_md(|info| if info.id == "E0101" { "error[E0101]: x\n".into() } else { String::new() });
        let start = text.find("### E0101").unwrap();
        let end = text.find("### E0103").unwrap();
        insta::assert_snapshot!(format!("{}\n(...)\n\n{}", &text[..600], &text[start..end]));
    }

    #[test]
    fn fences_and_markup() {
        let mut out = String::new();
        block(&mut out, "text", "a ``` b\n");
        assert_eq!(out, "\n````text\na ``` b\n````\n");
        assert_eq!(escape("text <NA>, `a_<b>`, \\x and [x]"), "text \\<NA\\>, `a_<b>`, \\\\x and \\[x\\]");
    }
}
