//! One alert, as a line of text and as a JSON object.

use super::text::{expand, shown, zero};
use crate::fields::extract::{EventContext, Extractors, FieldOptions, FieldValue, Found, iso_8601};
use peregrine_compiler::hir::template::Piece;
use peregrine_compiler::rulefile::{Priority, Rule};
use peregrine_compiler::schema::{Multi, PrintFormat, Schema, Type};
use serde_json::{Map, Number, Value as Json};

/// How alerts are written.
#[derive(Clone, Debug)]
#[expect(clippy::struct_excessive_bools, reason = "as the configuration has them")]
pub struct AlertOptions {
    /// Times in ISO 8601 and UTC instead of the time of day.
    pub time_iso_8601: bool,
    /// JSON has the whole line.
    pub json_output: bool,
    /// JSON has the text without time and priority.
    pub json_message: bool,
    /// JSON has the fields.
    pub json_fields: bool,
    /// JSON has the rule's tags.
    pub json_tags: bool,
    /// Name of this host.
    pub hostname: String,
}

impl Default for AlertOptions {
    fn default() -> Self {
        Self {
            time_iso_8601: false,
            json_output: true,
            json_message: false,
            json_fields: true,
            json_tags: true,
            hostname: String::new(),
        }
    }
}

/// A rule that matched an event.
#[derive(Clone, Debug)]
pub struct Alert {
    /// Name of the rule.
    pub rule: String,
    /// Its priority.
    pub priority: Priority,
    /// Its source.
    pub source: String,
    /// Its tags, sorted.
    pub tags: Vec<String>,
    /// Time of the event, nanoseconds since 1970.
    pub time_ns: u64,
    /// Ordinal of the event.
    pub event: u64,
    /// Time of the event as lines show it.
    pub time: String,
    /// The rule's output.
    pub message: String,
    /// The fields of the output and the further ones.
    pub fields: Map<String, Json>,
}

impl Alert {
    /// Makes the alert of `rule` for an event.
    pub fn new(
        schema: &Schema,
        extractors: &Extractors,
        context: &EventContext<'_>,
        rule: &Rule,
        options: &AlertOptions,
    ) -> Self {
        let mut message = Vec::new();
        expand(schema, extractors, context, &rule.template, &mut message);
        let time_ns = context.event.ts_ns;
        let time = if options.time_iso_8601 {
            iso_8601(time_ns, "+0000")
        } else {
            context.options.clock.time(time_ns)
        };
        Self {
            rule: rule.name.to_string(),
            priority: rule.priority,
            source: rule.source.clone(),
            tags: sorted(&rule.tags),
            time_ns,
            event: context.num,
            time,
            message: String::from_utf8_lossy(&message).into_owned(),
            fields: fields(schema, extractors, context, rule, options),
        }
    }

    /// Time, priority and message: the line of text outputs, and `output` in JSON.
    pub fn line(&self) -> String {
        format!("{}: {} {}", self.time, self.priority, self.message)
    }

    /// The line of text outputs: as [`Alert::line`], with the message escaped as in JSON.
    pub fn escaped_line(&self) -> String {
        let quoted = Json::from(self.message.as_str()).to_string();
        let message = quoted.strip_prefix('"').and_then(|q| q.strip_suffix('"')).unwrap_or(&quoted);
        format!("{}: {} {message}", self.time, self.priority)
    }

    /// The JSON object, in one line with its keys in alphabetical order.
    pub fn json(&self, options: &AlertOptions) -> String {
        let mut object = Map::new();
        let mut put = |key: &str, value: Json| object.insert(key.to_owned(), value);
        put("hostname", Json::from(options.hostname.as_str()));
        put("priority", Json::from(self.priority.to_string()));
        put("rule", Json::from(self.rule.as_str()));
        put("source", Json::from(self.source.as_str()));
        put("time", Json::from(iso_8601(self.time_ns, "Z")));
        if options.json_output {
            put("output", Json::from(self.line()));
        }
        if options.json_message {
            put("message", Json::from(self.message.as_str()));
        }
        if options.json_fields {
            put("output_fields", Json::Object(self.fields.clone()));
        }
        if options.json_tags {
            put("tags", Json::from(self.tags.clone()));
        }
        Json::Object(object).to_string()
    }
}

fn sorted(tags: &[String]) -> Vec<String> {
    let mut tags = tags.to_vec();
    tags.sort();
    tags.dedup();
    tags
}

fn fields(
    schema: &Schema,
    extractors: &Extractors,
    context: &EventContext<'_>,
    rule: &Rule,
    options: &AlertOptions,
) -> Map<String, Json> {
    let mut map = Map::new();
    let time_key = if options.time_iso_8601 { "evt.time.iso8601" } else { "evt.time" };
    map.insert(time_key.to_owned(), Json::from(context.event.ts_ns));
    for piece in &rule.template.pieces {
        if let Piece::Field { name, field, .. } = piece {
            map.insert(name.clone(), json_value(schema, extractors, context, field));
        }
    }
    for (key, extra) in &rule.extra_fields {
        let value = match extra.template.pieces.as_slice() {
            [Piece::Field { field, .. }] if extra.raw => json_value(schema, extractors, context, field),
            _ => {
                let mut text = Vec::new();
                expand(schema, extractors, context, &extra.template, &mut text);
                Json::from(String::from_utf8_lossy(&text).into_owned())
            }
        };
        map.insert(key.clone(), value);
    }
    map
}

/// The value of a field as JSON; numbers stay numbers where they are printed as such.
pub(crate) fn json_value(
    schema: &Schema,
    extractors: &Extractors,
    context: &EventContext<'_>,
    field: &peregrine_compiler::hir::field::FieldRef,
) -> Json {
    let def = schema.field(field.id);
    match extractors.find(context, field) {
        Found::Nothing => Json::Null,
        Found::One(value) => scalar(value, def.ty, def.print, context.options),
        Found::Typed(ty, print, value) => scalar(value, ty, print, context.options),
        Found::Zero(ty, print) => scalar(zero(ty), ty, print, context.options),
        Found::Many(values) if def.multi == Multi::No => {
            values.iter().map(|v| scalar(*v, def.ty, def.print, context.options)).collect()
        }
        Found::Many(_) => super::render(schema, extractors, context, field)
            .map_or(Json::Null, |t| Json::from(String::from_utf8_lossy(&t).into_owned())),
    }
}

/// Numbers stay numbers where they are printed as such.
fn scalar(value: FieldValue<'_>, ty: Type, print: PrintFormat, options: &FieldOptions) -> Json {
    let plain = matches!(print, PrintFormat::Dec | PrintFormat::Id | PrintFormat::Na);
    match value {
        FieldValue::Int(n) if plain => Json::from(n),
        FieldValue::Uint(n) if plain => Json::from(n),
        FieldValue::Bool(b) => Json::from(b),
        FieldValue::Double(d) => Number::from_f64(d).map_or(Json::Null, Json::Number),
        other => Json::from(String::from_utf8_lossy(&shown(other, ty, print, options)).into_owned()),
    }
}
