//! From a field's name and argument, as written, to a field of the schema.

use crate::diagnostic::{Code, did_you_mean};
use crate::schema::{ArgKind, ArgSpec, FieldDef, FieldId, Schema};

/// A side of a call with two paths.
#[derive(Copy, Clone, PartialEq, Eq, Hash, Debug)]
pub enum Side {
    /// The call's only or first path.
    Default,
    /// `.src`
    Source,
    /// `.dst`
    Destination,
}

/// A resolved argument.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub enum FieldArg {
    /// The field has none.
    None,
    /// `proc.aname[2]`, `evt.arg[0]`
    Index(i64),
    /// `proc.env[PATH]`
    Key(Box<[u8]>),
    /// `evt.arg.flags`, `evt.rawarg.flags`: a parameter that some event type has.
    Param(Box<str>),
    /// `evt.type.is.open`
    Event(Box<str>),
    /// `evt.abspath.src`
    Side(Side),
    /// `thread.cgroup.cpuset`
    Subsystem(Box<str>),
    /// `evt.around[T]`, epoch nanoseconds.
    Time(u64),
}

/// A field with its argument.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct FieldRef {
    /// The field.
    pub id: FieldId,
    /// Its argument.
    pub arg: FieldArg,
}

/// Why a field cannot be resolved.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct FieldError {
    /// Registered code.
    pub code: Code,
    /// What was expected and found.
    pub message: String,
    /// What to do.
    pub help: Option<String>,
}

impl FieldError {
    fn new(code: Code, message: String) -> Self {
        Self { code, message, help: None }
    }
}

/// Resolves `name` or `name[arg]`, where `name` has all dots, e.g. `evt.arg.flags`.
///
/// # Errors
/// Unknown field or parameter, missing, forbidden or malformed argument.
pub fn resolve_field(schema: &Schema, name: &str, arg: Option<&[u8]>) -> Result<FieldRef, FieldError> {
    if let Some(id) = schema.field_by_name(name) {
        let arg = bracket_arg(schema.field(id), arg)?;
        return Ok(FieldRef { id, arg });
    }
    let mut base = name;
    while let Some((shorter, _)) = base.rsplit_once('.') {
        base = shorter;
        let Some(id) = schema.field_by_name(base) else { continue };
        let Some(kind) = dotted_kind(schema.field(id)) else { continue };
        if arg.is_some() {
            return Err(FieldError::new(
                Code::UnexpectedArgument,
                format!("`{name}` takes no argument in brackets"),
            ));
        }
        let suffix = name.get(base.len() + 1..).unwrap_or("");
        return Ok(FieldRef { id, arg: dotted_arg(schema, base, kind, suffix)? });
    }
    let mut error = FieldError::new(Code::UnknownField, format!("unknown field `{name}`"));
    error.help = did_you_mean(name, schema.fields().iter().map(|f| &f.name))
        .map(|near| format!("did you mean `{near}`?"));
    Err(error)
}

/// The longest beginning of `text` that is a field with its argument, and its length; for outputs.
///
/// # Errors
/// As [`resolve_field`], for the longest name that could be meant.
pub fn resolve_prefix(schema: &Schema, text: &str) -> Result<(FieldRef, usize), FieldError> {
    let run = text.find(|c: char| !c.is_ascii_alphanumeric() && c != '_' && c != '.').unwrap_or(text.len());
    let mut first_error = None;
    for len in (1..=run).rev() {
        let Some(name) = text.get(..len) else { continue };
        let base_or_dotted = schema.field_by_name(name).is_some()
            || name.rsplit_once('.').is_some_and(|(base, suffix)| {
                !suffix.is_empty()
                    && schema.field_by_name(base).is_some_and(|id| dotted_kind(schema.field(id)).is_some())
            });
        if !base_or_dotted {
            continue;
        }
        let bracket =
            text.get(len..).and_then(|rest| rest.strip_prefix('[')).and_then(|rest| rest.split_once(']'));
        let (arg, end) = match bracket {
            Some((arg, _)) if takes_bracket(schema, name) => (Some(arg), len + arg.len() + 2),
            _ => (None, len),
        };
        match resolve_field(schema, name, arg.map(|a| unquoted(a).as_bytes())) {
            Ok(field) => return Ok((field, end)),
            Err(e) => first_error = first_error.or(Some(e)),
        }
    }
    Err(first_error.unwrap_or_else(|| {
        let name = text.get(..run).unwrap_or("");
        let mut error = FieldError::new(Code::UnknownField, format!("unknown field `{name}`"));
        error.help = did_you_mean(name, schema.fields().iter().map(|f| &f.name))
            .map(|near| format!("did you mean `{near}`?"));
        error
    }))
}

fn unquoted(arg: &str) -> &str {
    let inner = |q: char| arg.strip_prefix(q).and_then(|a| a.strip_suffix(q));
    inner('"').or_else(|| inner('\'')).unwrap_or(arg)
}

fn takes_bracket(schema: &Schema, name: &str) -> bool {
    schema.field_by_name(name).is_some_and(|id| match schema.field(id).arg {
        ArgSpec::None => false,
        ArgSpec::Optional(kind) | ArgSpec::Required(kind) => {
            !matches!(kind, ArgKind::ParamName | ArgKind::EventName | ArgKind::PathSide | ArgKind::Subsystem)
        }
    })
}

fn dotted_kind(field: &FieldDef) -> Option<ArgKind> {
    match field.arg {
        ArgSpec::Optional(kind) | ArgSpec::Required(kind) => matches!(
            kind,
            ArgKind::Param | ArgKind::ParamName | ArgKind::EventName | ArgKind::PathSide | ArgKind::Subsystem
        )
        .then_some(kind),
        ArgSpec::None => None,
    }
}

fn bracket_arg(field: &FieldDef, arg: Option<&[u8]>) -> Result<FieldArg, FieldError> {
    let name = &field.name;
    let kind = match (field.arg, arg) {
        (ArgSpec::None | ArgSpec::Optional(_), None) => {
            return Ok(match field.arg {
                ArgSpec::Optional(ArgKind::PathSide) => FieldArg::Side(Side::Default),
                _ => FieldArg::None,
            });
        }
        (ArgSpec::Required(ArgKind::PathSide), None) => return Ok(FieldArg::Side(Side::Default)),
        (ArgSpec::None, Some(_)) => {
            return Err(FieldError::new(Code::UnexpectedArgument, format!("`{name}` takes no argument")));
        }
        (ArgSpec::Required(kind), None) => {
            let mut error = FieldError::new(Code::MissingArgument, format!("`{name}` needs an argument"));
            error.help = Some(format!("for example `{name}{}`", example(kind)));
            return Err(error);
        }
        (ArgSpec::Optional(kind) | ArgSpec::Required(kind), Some(_)) => kind,
    };
    let arg = arg.unwrap_or_default();
    let bad = |what: &str| {
        let shown = String::from_utf8_lossy(arg);
        let mut error = FieldError::new(Code::BadArgument, format!("`{name}` takes {what}, found `{shown}`"));
        error.help = Some(format!("for example `{name}{}`", example(kind)));
        error
    };
    let index = std::str::from_utf8(arg).ok().and_then(|s| s.parse::<i64>().ok());
    match kind {
        ArgKind::Index => index.map(FieldArg::Index).ok_or_else(|| bad("a number")),
        ArgKind::Param => {
            index.map(FieldArg::Index).ok_or_else(|| bad("a number in brackets, or a name after a dot"))
        }
        ArgKind::Key => Ok(FieldArg::Key(arg.into())),
        ArgKind::IndexOrKey => Ok(index.map_or_else(|| FieldArg::Key(arg.into()), FieldArg::Index)),
        ArgKind::Time => std::str::from_utf8(arg)
            .ok()
            .and_then(|s| s.parse().ok())
            .map(FieldArg::Time)
            .ok_or_else(|| bad("a time in nanoseconds since 1970")),
        ArgKind::ParamName | ArgKind::EventName | ArgKind::PathSide | ArgKind::Subsystem => {
            Err(bad("its argument after a dot"))
        }
    }
}

fn example(kind: ArgKind) -> &'static str {
    match kind {
        ArgKind::Index => "[1]",
        ArgKind::Key | ArgKind::IndexOrKey => "[name]",
        ArgKind::Param | ArgKind::ParamName => ".flags",
        ArgKind::EventName => ".open",
        ArgKind::PathSide => ".src",
        ArgKind::Subsystem => ".cpuset",
        ArgKind::Time => "[1500000000000000000]",
    }
}

fn dotted_arg(schema: &Schema, base: &str, kind: ArgKind, suffix: &str) -> Result<FieldArg, FieldError> {
    match kind {
        ArgKind::Param | ArgKind::ParamName => {
            if schema.has_param(suffix) {
                return Ok(FieldArg::Param(suffix.into()));
            }
            let mut error = FieldError::new(
                Code::UnknownParameter,
                format!("no event type has a parameter `{suffix}` for `{base}`"),
            );
            error.help = did_you_mean(suffix, schema.param_names())
                .map(|near| format!("did you mean `{base}.{near}`?"));
            Err(error)
        }
        ArgKind::EventName => {
            if schema.is_event_name(suffix) {
                return Ok(FieldArg::Event(suffix.into()));
            }
            let mut error = FieldError::new(Code::UnknownEventType, format!("unknown event type `{suffix}`"));
            error.help = did_you_mean(suffix, schema.event_names())
                .map(|near| format!("did you mean `{base}.{near}`?"));
            Err(error)
        }
        ArgKind::PathSide => match suffix {
            "src" => Ok(FieldArg::Side(Side::Source)),
            "dst" => Ok(FieldArg::Side(Side::Destination)),
            _ => Err(FieldError::new(
                Code::BadArgument,
                format!("`{base}` takes `.src` or `.dst`, found `.{suffix}`"),
            )),
        },
        _ => Ok(FieldArg::Subsystem(suffix.into())),
    }
}
