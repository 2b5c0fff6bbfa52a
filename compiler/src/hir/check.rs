//! From a tree without macros to a typed [`Condition`].
//!
//! Longer than other files by a little: checks, operands and constants are typed in one walk that collects
//! its findings in one place.

use super::field::{FieldArg, FieldError, FieldRef, resolve_field};
use super::types::{Family, allowed_on_list};
use super::{Check, Condition, Constant, HirId, HirKind, HirNode, Operand, OperandId, OperandKind, Right};
use crate::diagnostic::{Code, did_you_mean};
use crate::ops::glob::{Case, Glob};
use crate::ops::number::Number;
use crate::ops::pmatch::PathPrefixes;
use crate::ops::regex::Regex;
use crate::ops::{hex, net, number};
use crate::schema::{FieldDef, FieldFlags, Multi, Schema, Type};
use crate::syntax::ast::{Ast, Literal, Modifier, NodeId, NodeKind, Op, TextRange, Transformer};
use std::sync::Arc;

/// Largest compiled regular expression, in bytes.
pub const REGEX_SIZE_LIMIT: usize = 1 << 20;

/// A place where a condition does not fit the schema.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct CheckError {
    /// Registered code.
    pub code: Code,
    /// The node that it is about.
    pub node: NodeId,
    /// The exact place in that node's text.
    pub range: TextRange,
    /// What was expected and found.
    pub message: String,
    /// What to do.
    pub help: Vec<String>,
}

/// Something that works but is probably not meant.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct CheckWarning {
    /// Registered code of a warning.
    pub code: Code,
    /// The node that it is about.
    pub node: NodeId,
    /// The exact place in that node's text.
    pub range: TextRange,
    /// Falco's own wording, when Falco warns too.
    pub falco: Option<String>,
    /// What was found.
    pub message: String,
    /// What to do.
    pub help: Vec<String>,
}

/// What checking gives besides a condition.
#[derive(Debug, Default)]
pub struct CheckReport {
    /// All errors in order of the tree.
    pub errors: Vec<CheckError>,
    /// All warnings.
    pub warnings: Vec<CheckWarning>,
}

/// Whether to reproduce what is plainly wrong in Falco's evaluation (`docs/compat.md` lists it).
#[derive(Copy, Clone, PartialEq, Eq, Debug, Default)]
pub enum Quirks {
    /// Give the right answer.
    #[default]
    Off,
    /// Give Falco's answer.
    Falco,
}

/// Resolves and types a tree. The condition is `None` when there is any error.
pub fn check(schema: &Schema, ast: &Ast, quirks: Quirks) -> (Option<Condition>, CheckReport) {
    let mut checker =
        Checker { schema, ast, quirks, out: Condition::default(), report: CheckReport::default() };
    let root = ast.root().and_then(|root| checker.node(root).ok());
    checker.out.root = root;
    let ok = checker.report.errors.is_empty() && root.is_some();
    (ok.then_some(checker.out), checker.report)
}

/// An error was reported.
struct Reported;

type Checked<T> = Result<T, Reported>;

#[derive(Copy, Clone, PartialEq, Eq)]
enum Position {
    Left,
    Argument,
    Right,
}

struct Checker<'a> {
    schema: &'a Schema,
    ast: &'a Ast,
    quirks: Quirks,
    out: Condition,
    report: CheckReport,
}

impl Checker<'_> {
    fn error<T>(&mut self, code: Code, node: NodeId, message: impl Into<String>) -> Checked<T> {
        self.error_at(code, node, self.ast.node(node).range, message, None)
    }

    fn error_at<T>(
        &mut self,
        code: Code,
        node: NodeId,
        range: TextRange,
        message: impl Into<String>,
        help: impl IntoIterator<Item = String>,
    ) -> Checked<T> {
        let help = help.into_iter().collect();
        self.report.errors.push(CheckError { code, node, range, message: message.into(), help });
        Err(Reported)
    }

    fn push(&mut self, kind: HirKind, ast: NodeId) -> HirId {
        let id = HirId(self.out.nodes.len() as u32);
        self.out.nodes.push(HirNode { kind, ast });
        id
    }

    fn push_operand(&mut self, kind: OperandKind, ty: Type, list: bool) -> OperandId {
        let id = OperandId(self.out.operands.len() as u32);
        self.out.operands.push(Operand { kind, ty, list });
        id
    }

    fn node(&mut self, id: NodeId) -> Checked<HirId> {
        let kind = match &self.ast.node(id).kind {
            NodeKind::And(children) => HirKind::And(self.children(children)?),
            NodeKind::Or(children) => HirKind::Or(self.children(children)?),
            &NodeKind::Not(child) => HirKind::Not(self.node(child)?),
            NodeKind::Check { left, op, right, .. } => {
                HirKind::Check(self.comparison(id, *left, *op, *right)?)
            }
            NodeKind::Macro(name) => {
                let message = format!("unknown macro `{name}`");
                return self.error(Code::UnknownMacro, id, message);
            }
            // reported by the parser
            _ => return Err(Reported),
        };
        Ok(self.push(kind, id))
    }

    /// All children are checked, also after an error in one.
    fn children(&mut self, children: &[NodeId]) -> Checked<Vec<HirId>> {
        let all: Vec<_> = children.iter().map(|&c| self.node(c)).collect();
        all.into_iter().collect()
    }

    fn comparison(&mut self, id: NodeId, left: NodeId, op: Op, right: Option<NodeId>) -> Checked<Check> {
        let modifier = match &self.ast.node(id).kind {
            NodeKind::Check { modifier, .. } => *modifier,
            _ => None,
        };
        let left_id = self.operand(left, Position::Left)?;
        let list = self.out.operand(left_id).list;
        let family = self.family(left_id);
        let allowed = if list { allowed_on_list(op) } else { family.allows(op) };
        if !allowed {
            let what = if list { "a list" } else { family.name() };
            let name = self.describe(left);
            let help = format!("operators for it are {}", family.operators(list).join(", "));
            let range = self.ast.node(id).range;
            let message = format!("`{}` does not work on `{name}`, which is {what}", op.as_str());
            return self.error_at(Code::OperatorType, id, range, message, Some(help));
        }
        if let Some(def) = self.field_def(left_id)
            && def.name == "evt.around"
            && !matches!(op, Op::Eq | Op::EqEq)
        {
            return self.error(Code::OperatorType, id, "`evt.around` works with `=` only");
        }
        let Some(right) = right else {
            return Ok(Check { left: left_id, op, modifier, right: Right::None });
        };
        let right = match &self.ast.node(right).kind {
            NodeKind::Field { .. } | NodeKind::Transformer { .. } => {
                self.right_operand(id, left_id, op, right)?
            }
            NodeKind::Value(literal) => {
                let literal = literal.clone();
                self.constants(
                    left_id,
                    (op, modifier),
                    right,
                    &[literal],
                    op.takes_list() || modifier.is_some(),
                )?
            }
            NodeKind::List(items) => {
                let items = items.clone();
                self.constants(left_id, (op, modifier), right, &items, true)?
            }
            _ => return Err(Reported),
        };
        Ok(Check { left: left_id, op, modifier, right })
    }

    /// The family whose operators and literals are taken. A parameter's type comes with the event;
    /// until then, as in Falco, that of the first event type with such a parameter counts.
    fn family(&self, operand: OperandId) -> Family {
        let operand = self.out.operand(operand);
        match &operand.kind {
            OperandKind::Field(FieldRef { arg: FieldArg::Param(name), .. }) if operand.ty == Type::Dyn => {
                self.schema.param_type(name).map_or(Family::Dyn, Family::of)
            }
            _ => Family::of(operand.ty),
        }
    }

    fn field_def(&self, operand: OperandId) -> Option<&FieldDef> {
        match &self.out.operand(operand).kind {
            OperandKind::Field(field) => Some(self.schema.field(field.id)),
            _ => None,
        }
    }

    /// An operand as written, shortened.
    fn describe(&self, node: NodeId) -> String {
        let text = crate::syntax::print::canonical_node(self.ast, node);
        if text.chars().count() > 60 {
            format!("{}...", text.chars().take(57).collect::<String>())
        } else {
            text
        }
    }

    fn operand(&mut self, node: NodeId, position: Position) -> Checked<OperandId> {
        match &self.ast.node(node).kind {
            NodeKind::Field { name, arg } => {
                let resolved = resolve_field(self.schema, name, arg.as_ref().map(|a| &*a.bytes));
                match resolved {
                    Ok(field) => self.field(node, field, position),
                    Err(FieldError { code, message, help }) => {
                        let range = self.ast.node(node).range;
                        self.error_at(code, node, range, message, help)
                    }
                }
            }
            NodeKind::Transformer { name, selector, args } => {
                let (name, selector, args) = (*name, selector.clone(), args.clone());
                self.call(node, name, selector.as_ref(), &args, position)
            }
            NodeKind::Value(literal) => {
                let bytes = literal.bytes.clone();
                Ok(self.push_operand(OperandKind::Literal(bytes), Type::CharBuf, false))
            }
            NodeKind::ArgList(items) => {
                let items = items.clone();
                let items: Vec<_> = items.iter().map(|&i| self.operand(i, Position::Argument)).collect();
                let items: Vec<OperandId> = items.into_iter().collect::<Checked<_>>()?;
                Ok(self.push_operand(OperandKind::List(items), Type::CharBuf, true))
            }
            _ => Err(Reported),
        }
    }

    fn field(&mut self, node: NodeId, field: FieldRef, position: Position) -> Checked<OperandId> {
        let def = self.schema.field(field.id);
        let name = &def.name;
        if def.flags.contains(FieldFlags::PRINT_ONLY) {
            let message = format!("`{name}` can be printed, not compared");
            return self.error(Code::NotAllowedHere, node, message);
        }
        if position == Position::Argument && def.flags.contains(FieldFlags::NO_TRANSFORMER) {
            let message = format!("`{name}` cannot be used in a transformer");
            return self.error(Code::NotAllowedHere, node, message);
        }
        if position == Position::Right && def.flags.contains(FieldFlags::NO_RHS) {
            let message = format!("`{name}` cannot stand on the right side of a comparison");
            return self.error(Code::NotAllowedHere, node, message);
        }
        // one fd's type is no list
        let list = def.list && field.arg == FieldArg::None;
        let ty = def.ty;
        Ok(self.push_operand(OperandKind::Field(field), ty, list))
    }

    fn call(
        &mut self,
        node: NodeId,
        name: Transformer,
        selector: Option<&Literal>,
        args: &[NodeId],
        position: Position,
    ) -> Checked<OperandId> {
        if name == Transformer::Val {
            // `val(field)` is the field itself, on the right side
            let &[arg] = args else { return Err(Reported) };
            return self.operand(arg, position);
        }
        let letter = match selector {
            None => None,
            Some(literal) if name != Transformer::GetOpt => {
                let message = format!("`{}` takes no argument in brackets", name.as_str());
                return self.error_at(Code::UnexpectedArgument, node, literal.range, message, None);
            }
            Some(literal) => {
                if let [letter] = *literal.bytes {
                    Some(letter)
                } else {
                    let message = "`getopt(...)[c]` takes one option letter";
                    return self.error_at(Code::BadArgument, node, literal.range, message, None);
                }
            }
        };
        // inside a transformer on the right side, right-side restrictions count too
        let inner = if position == Position::Right { Position::Right } else { Position::Argument };
        let ids: Vec<_> = args
            .iter()
            .map(|&a| {
                let id = self.operand(a, Position::Argument)?;
                if inner == Position::Right
                    && self.field_def(id).is_some_and(|d| d.flags.contains(FieldFlags::NO_RHS))
                {
                    return self.error(
                        Code::NotAllowedHere,
                        a,
                        "this field cannot stand on the right side of a comparison",
                    );
                }
                Ok(id)
            })
            .collect();
        let ids: Vec<OperandId> = ids.into_iter().collect::<Checked<_>>()?;
        let (ty, list) = self.call_type(node, name, letter, args, &ids)?;
        Ok(self.push_operand(OperandKind::Call { name, selector: letter, args: ids }, ty, list))
    }

    /// Checks a call's arguments and gives the type of its value.
    fn call_type(
        &mut self,
        node: NodeId,
        name: Transformer,
        letter: Option<u8>,
        args: &[NodeId],
        ids: &[OperandId],
    ) -> Checked<(Type, bool)> {
        let shape: Vec<(Type, bool)> =
            ids.iter().map(|&i| (self.out.operand(i).ty, self.out.operand(i).list)).collect();
        let family = |i: usize| shape.get(i).map_or(Family::Opaque, |&(ty, _)| Family::of(ty));
        let is_list = |i: usize| shape.get(i).is_some_and(|&(_, list)| list);
        let wrong = |checker: &mut Self, i: usize, message: String| {
            let at = args.get(i).copied().unwrap_or(node);
            checker.error(Code::TransformerType, at, message)
        };
        let call = name.as_str();
        match name {
            Transformer::ToLower
            | Transformer::ToUpper
            | Transformer::Basename
            | Transformer::B64
            | Transformer::Len => {
                if shape.len() != 1 {
                    return wrong(self, 1, format!("`{call}` takes one argument"));
                }
                let (ty, list) = shape.first().copied().unwrap_or((Type::None, false));
                let fits = match name {
                    Transformer::Len => list || matches!(family(0), Family::Text | Family::Buffer),
                    Transformer::B64 => matches!(family(0), Family::Text | Family::Buffer),
                    _ => family(0) == Family::Text,
                };
                if !fits {
                    let what = family(0).name();
                    return wrong(self, 0, format!("`{call}` does not work on {what}"));
                }
                Ok(if name == Transformer::Len { (Type::Uint64, false) } else { (ty, list) })
            }
            Transformer::Join => {
                if shape.len() != 2 {
                    return wrong(self, 2, "`join` takes two arguments: a separator and a list".to_owned());
                }
                if is_list(0) || family(0) != Family::Text {
                    return wrong(
                        self,
                        0,
                        "the first argument of `join` is a separator text, not a list".to_owned(),
                    );
                }
                if !is_list(1) {
                    return wrong(
                        self,
                        1,
                        "the second argument of `join` is a list: `join(\",\", (a, b))`".to_owned(),
                    );
                }
                Ok((Type::CharBuf, false))
            }
            Transformer::Concat => {
                if shape.len() < 2 {
                    return wrong(self, 0, "`concat` takes two arguments or more".to_owned());
                }
                for i in 0..shape.len() {
                    if is_list(i) || family(i) != Family::Text {
                        return wrong(self, i, "the arguments of `concat` are texts".to_owned());
                    }
                }
                Ok((Type::CharBuf, false))
            }
            Transformer::GetOpt => {
                if shape.len() != 2 {
                    return wrong(
                        self,
                        2,
                        "`getopt` takes two arguments: a list and an option string".to_owned(),
                    );
                }
                if !is_list(0) {
                    return wrong(self, 0, "the first argument of `getopt` is a list".to_owned());
                }
                if is_list(1) || family(1) != Family::Text {
                    return wrong(self, 1, "the second argument of `getopt` is one option string".to_owned());
                }
                Ok((Type::CharBuf, letter.is_none()))
            }
            Transformer::Val => Err(Reported),
        }
    }

    fn right_operand(&mut self, id: NodeId, left: OperandId, op: Op, right: NodeId) -> Checked<Right> {
        if matches!(op, Op::PMatch | Op::Regex | Op::Glob | Op::IGlob) {
            let message = format!("`{}` takes no field on its right side", op.as_str());
            return self.error(Code::NotAllowedHere, right, message);
        }
        if let Some(def) = self.field_def(left)
            && def.flags.contains(FieldFlags::NO_RHS)
        {
            let message = format!("`{}` cannot be compared with a field", def.name);
            return self.error(Code::NotAllowedHere, id, message);
        }
        let right_id = self.operand(right, Position::Right)?;
        let (l, r) = (self.out.operand(left), self.out.operand(right_id));
        if l.ty != r.ty || l.list != r.list {
            let describe = |o: &Operand| {
                if o.list { format!("a list of {}", o.ty.name()) } else { o.ty.name().to_owned() }
            };
            let message = format!("the left side is {}, the right side {}", describe(l), describe(r));
            return self.error(Code::RhsType, id, message);
        }
        Ok(Right::Operand(right_id))
    }

    fn constants(
        &mut self,
        left: OperandId,
        (op, modifier): (Op, Option<Modifier>),
        node: NodeId,
        items: &[Literal],
        many: bool,
    ) -> Checked<Right> {
        let all: Vec<_> = items.iter().map(|item| self.constant(left, op, node, item)).collect();
        let mut all: Vec<Constant> = all.into_iter().collect::<Checked<_>>()?;
        if op == Op::PMatch {
            return Ok(Right::Paths(PathPrefixes::new(items.iter().map(|i| &*i.bytes))));
        }
        if many && self.quirks == Quirks::Falco {
            self.apply_quirks(left, op, modifier, &mut all);
        }
        Ok(match (many, all.len()) {
            (false, 1) => all.pop().map_or(Right::None, Right::One),
            _ => Right::Many(all),
        })
    }

    /// COMPAT(falco): fields that bypass the generic comparison lose constants of lists
    /// (`quirk_*` tests): what Falco never looks at is removed here, so that evaluators need no quirks.
    fn apply_quirks(&self, left: OperandId, op: Op, modifier: Option<Modifier>, all: &mut Vec<Constant>) {
        let OperandKind::Field(field) = &self.out.operand(left).kind else { return };
        let def = self.schema.field(field.id);
        let bypasses = def.multi != Multi::No && field.arg == FieldArg::None;
        match (&*def.name, op, modifier) {
            // `fd.ip in (...)` and `proc.apid in (...)` never match
            ("fd.ip" | "proc.apid", Op::In | Op::Intersects, None) if bypasses => all.clear(),
            // `fd.net in (...)` looks at the first network only
            ("fd.net", Op::In | Op::Intersects, None) => all.truncate(1),
            // modifiers look at the first item only
            (_, _, Some(_)) if bypasses => all.truncate(1),
            // and one of them never matches here
            ("fd.cnet" | "fd.snet", _, Some(Modifier::AnyOf)) => all.clear(),
            _ => {}
        }
    }

    fn constant(&mut self, left: OperandId, op: Op, node: NodeId, literal: &Literal) -> Checked<Constant> {
        let Operand { ty, .. } = *self.out.operand(left);
        let range = literal.range;
        let bytes = &*literal.bytes;
        let shown = String::from_utf8_lossy(bytes).chars().take(60).collect::<String>();
        match Family::of(ty) {
            Family::Text => self.text_constant(left, op, node, literal),
            Family::Buffer if matches!(op, Op::BContains | Op::BStartsWith) => {
                if let Some(value) = hex::parse(bytes) {
                    Ok(Constant::Bytes(value.into()))
                } else {
                    let message =
                        format!("`{}` takes pairs of hexadecimal digits, found `{shown}`", op.as_str());
                    self.error_at(Code::BadLiteral, node, range, message, None)
                }
            }
            Family::Buffer => Ok(Constant::Bytes(bytes.into())),
            Family::Ip => match net::parse_ip(bytes) {
                Some(ip) => Ok(Constant::Ip(ip)),
                None => {
                    self.error_at(Code::BadLiteral, node, range, format!("`{shown}` is not an address"), None)
                }
            },
            Family::Net => {
                if let Some(net) = net::parse_net(bytes) {
                    Ok(Constant::Net(net))
                } else {
                    let help = net::parse_ip(bytes).map(|ip| {
                        format!("write `{shown}/{}` for one address", if ip.is_ipv4() { 32 } else { 128 })
                    });
                    self.error_at(Code::BadLiteral, node, range, format!("`{shown}` is not a network"), help)
                }
            }
            Family::Dyn => self.untyped(left, op, node, literal),
            Family::Opaque => Err(Reported),
            Family::Int | Family::Uint | Family::Bool | Family::Double => {
                match number::parse_literal(bytes, ty) {
                    Ok(Number::I64(n)) => Ok(Constant::Int(n)),
                    Ok(Number::U64(n)) if ty == Type::Bool => Ok(Constant::Bool(n != 0)),
                    Ok(Number::U64(n)) => Ok(Constant::Uint(n)),
                    Ok(Number::F64(n)) => Ok(Constant::Double(n)),
                    Err(e) => self.error_at(Code::BadLiteral, node, range, format!("`{shown}` is {e}"), None),
                }
            }
        }
    }

    /// A literal that is typed with the event, but checked as text if that is what it will be.
    fn untyped(&mut self, left: OperandId, op: Op, node: NodeId, literal: &Literal) -> Checked<Constant> {
        if self.family(left) == Family::Text {
            self.text_constant(left, op, node, literal)?;
        }
        Ok(Constant::Untyped(literal.bytes.clone()))
    }

    fn text_constant(
        &mut self,
        left: OperandId,
        op: Op,
        node: NodeId,
        literal: &Literal,
    ) -> Checked<Constant> {
        let bytes = &*literal.bytes;
        if bytes.contains(&0) {
            return self.error_at(
                Code::NulByte,
                node,
                literal.range,
                "a text cannot contain a NUL byte",
                None,
            );
        }
        if self.field_def(left).is_some_and(|d| d.name == "evt.type") {
            let name = String::from_utf8_lossy(bytes);
            if !self.schema.is_event_name(&name) {
                let help = did_you_mean(&name, self.schema.event_names())
                    .map(|near| format!("did you mean `{near}`?"));
                let message = format!("unknown event type `{name}`");
                return self.error_at(Code::UnknownEventType, node, literal.range, message, help);
            }
        }
        self.field_as_text(node, literal);
        Ok(match op {
            Op::Glob => Constant::Glob(Arc::new(Glob::new(bytes, Case::Sensitive))),
            Op::IGlob => Constant::Glob(Arc::new(Glob::new(bytes, Case::Insensitive))),
            Op::Regex => {
                let regex = match Regex::new(bytes, REGEX_SIZE_LIMIT) {
                    Ok(regex) => regex,
                    Err(e) => {
                        let message = format!("the regular expression cannot be compiled: {}", e.message);
                        return self.error_at(Code::BadRegex, node, literal.range, message, None);
                    }
                };
                self.simple_regex(node, literal);
                Constant::Regex(Arc::new(regex))
            }
            Op::IContains => Constant::Text(bytes.to_ascii_lowercase().into()),
            _ => Constant::Text(bytes.into()),
        })
    }

    fn simple_regex(&mut self, node: NodeId, literal: &Literal) {
        if crate::ops::regex::is_simple(&literal.bytes) {
            let shown = String::from_utf8_lossy(&literal.bytes);
            let falco = format!(
                "regex check with '{shown}' may be optimized with simpler operators such as '=', 'contains', 'startswith', 'endswith'"
            );
            self.report.warnings.push(CheckWarning {
                code: Code::SimpleRegex,
                node,
                range: literal.range,
                falco: Some(falco),
                message: format!("`{shown}` needs no regular expression"),
                help: vec![
                    "use `=`, `contains`, `startswith` or `endswith`, which are much cheaper".to_owned(),
                ],
            });
        }
    }

    /// Warns about a constant that looks like a field or a transformer.
    fn field_as_text(&mut self, node: NodeId, literal: &Literal) {
        let Ok(text) = std::str::from_utf8(&literal.bytes) else { return };
        let trimmed = text.trim();
        let transformer = Transformer::ALL.iter().any(|t| {
            trimmed
                .strip_prefix(t.as_str())
                .is_some_and(|r| r.trim_start().starts_with('(') && trimmed.ends_with(')'))
        });
        let field = !transformer && self.is_field(trimmed);
        if !transformer && !field {
            return;
        }
        let what = if transformer { "field transformer" } else { "field" };
        let help = if transformer {
            "write it without quotes and blanks to have it computed".to_owned()
        } else {
            format!("write `val({trimmed})` to compare with the field's value")
        };
        self.report.warnings.push(CheckWarning {
            code: Code::FieldAsText,
            node,
            range: literal.range,
            falco: Some(format!("'{text}' may be a valid {what} misused as a const string value")),
            message: format!("`{text}` is compared as a text, but looks like a {what}"),
            help: vec![help],
        });
    }

    fn is_field(&self, text: &str) -> bool {
        if !text.contains('.') || text.contains(['/', ' ']) {
            return false;
        }
        let (name, arg) = match text.split_once('[') {
            Some((name, rest)) => (name, rest.strip_suffix(']')),
            None => (text, None),
        };
        // most texts with a dot are file names: do not look for near names of those
        let mut bases =
            std::iter::successors(Some(name), |base| base.rsplit_once('.').map(|(shorter, _)| shorter));
        bases.any(|base| self.schema.field_by_name(base).is_some())
            && resolve_field(self.schema, name, arg.map(str::as_bytes)).is_ok()
    }
}
