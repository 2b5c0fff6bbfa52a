//! Events as lines of a format, or as JSON objects with its fields.

use super::filter::Argument;
use super::print::push_visible;
use crate::alert::{expand, json_value};
use crate::fields::extract::{EventContext, Extractors};
use peregrine_compiler::diagnostic::Diagnostic;
use peregrine_compiler::hir::template::{Piece, Template, parse_template};
use peregrine_compiler::schema::Schema;
use serde_json::{Map, Value as Json};

/// How events are listed unless a format is given.
pub(in crate::cli) const DEFAULT: &str =
    "%evt.num %evt.time %evt.cpu %proc.name (%thread.tid) %evt.type %evt.args";

/// A format.
#[derive(Debug)]
pub(in crate::cli) struct Listing {
    /// One piece each.
    pieces: Vec<Template>,
}

impl Listing {
    /// Reads a format; an error is what to show to the user.
    pub(in crate::cli) fn new(schema: &Schema, format: &str) -> Result<Self, String> {
        let argument = Argument::new("--fields", format)?;
        match parse_template(schema, format) {
            Ok(template) => {
                let single = |piece| Template { pieces: vec![piece] };
                Ok(Self { pieces: template.pieces.into_iter().map(single).collect() })
            }
            Err(errors) => {
                let shown = errors.into_iter().map(|e| {
                    let mut diagnostic = Diagnostic::new(e.code, argument.span(e.range), e.message);
                    diagnostic.help.extend(e.help);
                    diagnostic
                });
                Err(argument.show(&shown.collect::<Vec<_>>()))
            }
        }
    }

    /// A line, without its end. Control characters of values are made visible, those of the format stay.
    pub(in crate::cli) fn line(
        &self,
        schema: &Schema,
        extractors: &Extractors,
        context: &EventContext<'_>,
    ) -> String {
        let mut line = String::new();
        let mut value = Vec::new();
        for piece in &self.pieces {
            if let [Piece::Text(text)] = piece.pieces.as_slice() {
                line.push_str(text);
                continue;
            }
            value.clear();
            expand(schema, extractors, context, piece, &mut value);
            push_visible(&mut line, &String::from_utf8_lossy(&value));
        }
        line
    }

    /// An object with the fields by their names.
    pub(in crate::cli) fn json(
        &self,
        schema: &Schema,
        extractors: &Extractors,
        context: &EventContext<'_>,
    ) -> Json {
        let mut object = Map::new();
        for template in &self.pieces {
            match template.pieces.as_slice() {
                [Piece::Field { name, field, .. }] => {
                    object.insert(name.clone(), json_value(schema, extractors, context, field));
                }
                [Piece::Call { text, .. }] => {
                    let mut value = Vec::new();
                    expand(schema, extractors, context, template, &mut value);
                    object.insert(text.clone(), Json::from(String::from_utf8_lossy(&value).into_owned()));
                }
                _ => {}
            }
        }
        Json::Object(object)
    }
}
