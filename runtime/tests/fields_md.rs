//! `docs/fields.md` says which fields have values: it is made from the tables and the functions behind them.
//!
//! `UPDATE_DOCS=1 cargo test -p peregrine-runtime --test fields_md` rewrites the file.

use peregrine_compiler::schema::{ArgSpec, FieldDef};
use peregrine_runtime::fields::extract::coverage;
use peregrine_runtime::fields::{k8smeta_fields, syscall_fields};
use std::fmt::Write as _;
use std::fs;
use std::path::Path;

fn page() -> String {
    let mut fields = syscall_fields();
    fields.extend(k8smeta_fields());
    let done = fields.iter().filter(|f| coverage(&f.name).is_ok()).count();
    let mut text = String::from(
        "# Fields\n\n\
         Which fields of Falco's syscall source have values, and why others have none. A field without a value can\n\
         be used in rules all the same: it is `<NA>` in outputs and no comparison with it is true.\n\
         `peregrine list fields` describes each field. This page is generated:\n\
         `UPDATE_DOCS=1 cargo test -p peregrine-runtime --test fields_md`.\n\n",
    );
    let _ = writeln!(text, "{done} of {} fields have values.\n", fields.len());
    let mut class = "";
    for field in &fields {
        if field.class != class {
            class = &field.class;
            let of_class = || fields.iter().filter(|f| f.class == field.class);
            let (all, done) = (of_class().count(), of_class().filter(|f| coverage(&f.name).is_ok()).count());
            let _ =
                write!(text, "## {class}\n\n{done} of {all}.\n\n| field | type | values |\n|---|---|---|\n");
        }
        row(field, &mut text);
        let last_of_class = fields.iter().rfind(|f| f.class == field.class);
        if last_of_class.is_some_and(|f| f.name == field.name) {
            text.push('\n');
        }
    }
    text.truncate(text.trim_end().len());
    text.push('\n');
    text
}

fn row(field: &FieldDef, text: &mut String) {
    let arg = match field.arg {
        ArgSpec::None => "",
        ArgSpec::Optional(_) => "`, `[…]",
        ArgSpec::Required(_) => "[…]",
    };
    let list = if field.list { "list of " } else { "" };
    let values = coverage(&field.name).err().unwrap_or("yes");
    let _ = writeln!(text, "| `{}{arg}` | {list}{} | {values} |", field.name, field.ty.name());
}

#[test]
fn fields_md_is_current() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/fields.md");
    let text = page();
    if std::env::var_os("UPDATE_DOCS").is_some() {
        fs::write(&path, &text).unwrap();
    }
    let current = fs::read_to_string(&path).unwrap_or_default();
    let differs = text.lines().zip(current.lines()).zip(1..).find(|((a, b), _)| a != b);
    assert!(
        text == current,
        "docs/fields.md is not current (first difference: {differs:?}); run this test with UPDATE_DOCS=1"
    );
}

#[test]
fn fields_are_grouped_by_class() {
    let mut fields = syscall_fields();
    fields.extend(k8smeta_fields());
    let mut classes: Vec<_> = fields.iter().map(|f| f.class.clone()).collect();
    classes.dedup();
    let mut unique = classes.clone();
    unique.sort();
    unique.dedup();
    assert_eq!(classes.len(), unique.len(), "{classes:?}");
}
