//! A generator of conditions as trees.
//!
//! In: choices and a schema. Out: an [`Ast`] that some text parses to. Most of them fit the schema
//! (fields with the operators and literals of their types); [`Style::Wild`] ones are only grammatical.

use super::choices::Choices;
use super::pools;
use peregrine_compiler::hir::types::{Family, allowed_on_list};
use peregrine_compiler::schema::{ArgKind, ArgSpec, FieldDef, FieldFlags, Multi, Schema, Type};
use peregrine_compiler::syntax::ast::{
    Ast, Form, Literal, Modifier, NodeId, NodeKind, Op, TextRange, Transformer,
};

/// Deepest tree; the limits of the parser are tested with texts.
const MAX_DEPTH: u32 = 8;
/// Checks of one condition.
const MAX_CHECKS: u32 = 40;

/// How far a generated tree may be from a meaningful one.
#[derive(Copy, Clone, PartialEq, Eq, Debug)]
pub enum Style {
    /// Fields with operators and literals of their types.
    Typed,
    /// Anything that the grammar allows.
    Wild,
}

/// A tree from choices; about one of eight is wild.
pub fn condition(choices: &mut Choices<'_>, schema: &Schema) -> Ast {
    let style = if choices.chance(12) { Style::Wild } else { Style::Typed };
    styled(choices, schema, style, MAX_DEPTH)
}

/// A tree of a style and depth.
pub fn styled(choices: &mut Choices<'_>, schema: &Schema, style: Style, depth: u32) -> Ast {
    let mut generator = Generator { choices, schema, style, ast: Ast::new(), checks: 0 };
    let root = generator.expression(depth);
    generator.ast.set_root(root);
    generator.ast
}

/// The same tree with `not` before it.
pub fn negated(ast: &Ast) -> Ast {
    wrapped(ast, NodeKind::Not)
}

/// `c and c`, or `c or c`.
pub fn doubled(ast: &Ast, any: bool) -> Ast {
    wrapped(ast, |root| if any { NodeKind::Or(vec![root, root]) } else { NodeKind::And(vec![root, root]) })
}

fn wrapped(ast: &Ast, kind: impl FnOnce(NodeId) -> NodeKind) -> Ast {
    let mut out = ast.clone();
    if let Some(root) = out.root() {
        let root = out.add(kind(root), TextRange::default());
        out.set_root(root);
    }
    out
}

struct Generator<'c, 'b, 's> {
    choices: &'c mut Choices<'b>,
    schema: &'s Schema,
    style: Style,
    ast: Ast,
    checks: u32,
}

/// A generated operand and its type.
struct Operand {
    node: NodeId,
    ty: Type,
    list: bool,
    /// Fields that take no field on the right.
    constants_only: bool,
    /// The field's name without argument; empty for transformers.
    field: String,
}

impl Generator<'_, '_, '_> {
    fn add(&mut self, kind: NodeKind) -> NodeId {
        self.ast.add(kind, TextRange::default())
    }

    fn expression(&mut self, depth: u32) -> NodeId {
        let choice = if depth == 0 || self.checks >= MAX_CHECKS { 0 } else { self.choices.below(8) };
        match choice {
            5 => {
                let children = self.children(depth);
                self.add(NodeKind::And(children))
            }
            6 => {
                let children = self.children(depth);
                self.add(NodeKind::Or(children))
            }
            7 => {
                let child = self.expression(depth - 1);
                self.add(NodeKind::Not(child))
            }
            _ => self.check(),
        }
    }

    fn children(&mut self, depth: u32) -> Vec<NodeId> {
        (0..2 + self.choices.below(3)).map(|_| self.expression(depth - 1)).collect()
    }

    fn check(&mut self) -> NodeId {
        self.checks += 1;
        if self.style == Style::Wild && self.choices.chance(10) {
            let name = self.name();
            return self.add(NodeKind::Macro(name.into()));
        }
        let left = if self.choices.chance(15) {
            self.transformer(3)
        } else {
            self.field(None, FieldFlags::PRINT_ONLY)
        };
        let op = self.operator(&left);
        let (modifier, right) = self.right(op, &left);
        self.add(NodeKind::Check { left: left.node, op, modifier, right })
    }

    fn operator(&mut self, left: &Operand) -> Op {
        let allowed: Vec<Op> = match self.style {
            Style::Wild => Op::ALL.to_vec(),
            Style::Typed if left.field == "evt.around" => vec![Op::Eq, Op::EqEq],
            Style::Typed => {
                let family = Family::of(left.ty);
                let fits = |op: &Op| if left.list { allowed_on_list(*op) } else { family.allows(*op) };
                Op::ALL.iter().copied().filter(fits).collect()
            }
        };
        *self.choices.pick(&allowed)
    }

    /// Modifier and right side.
    fn right(&mut self, op: Op, left: &Operand) -> (Option<Modifier>, Option<NodeId>) {
        if op == Op::Exists {
            return (None, None);
        }
        if op.takes_list() {
            return (None, Some(self.list(op, left)));
        }
        if op.takes_string() && self.choices.chance(20) {
            let modifier = *self.choices.pick(Modifier::ALL);
            return (Some(modifier), Some(self.list(op, left)));
        }
        let operand_fits = !left.constants_only && !matches!(op, Op::Regex | Op::Glob | Op::IGlob);
        if self.choices.chance(15) && (operand_fits || self.style == Style::Wild) {
            return (None, Some(self.right_operand(left)));
        }
        let literal = if op.takes_number() {
            let text = self.choices.pick(&["0", "1", "3", "80", "+3", "127", "2"]);
            Literal { bytes: text.as_bytes().into(), form: Form::Number, range: TextRange::default() }
        } else {
            self.literal(op, left)
        };
        (None, Some(self.add(NodeKind::Value(literal))))
    }

    fn list(&mut self, op: Op, left: &Operand) -> NodeId {
        if self.style == Style::Wild && self.choices.chance(10) {
            let name = self.name();
            return self.add(NodeKind::Value(bare(name.as_bytes())));
        }
        let items = (0..self.choices.below(4)).map(|_| self.literal(op, left)).collect();
        self.add(NodeKind::List(items))
    }

    fn literal(&mut self, op: Op, left: &Operand) -> Literal {
        if self.style == Style::Wild && self.choices.chance(30) {
            return bare(&pools::text(self.choices));
        }
        if left.field == "evt.type" && self.style == Style::Typed {
            let event = self.choices.below(self.schema.events().len());
            let name = self.schema.events().get(event).map_or("open", |e| &e.name);
            return bare(name.as_bytes());
        }
        let choices = &mut *self.choices;
        let mut bytes = match op {
            Op::Glob | Op::IGlob => choices.pick(pools::GLOBS).as_bytes().to_vec(),
            Op::Regex => choices.pick(pools::REGEXES).as_bytes().to_vec(),
            Op::BContains | Op::BStartsWith => choices.pick(pools::HEX).as_bytes().to_vec(),
            _ => pools::literal(choices, left.ty),
        };
        if self.style == Style::Typed && Family::of(left.ty) == Family::Text {
            bytes.retain(|&b| b != 0); // refused in texts
        }
        bare(&bytes)
    }

    /// `val(field)` or a transformer.
    fn right_operand(&mut self, left: &Operand) -> NodeId {
        if Family::of(left.ty) == Family::Text && !left.list && self.choices.chance(40) {
            return self.transformer(2).node;
        }
        let wanted = (self.style == Style::Typed).then_some((left.ty, left.list));
        let field = self.field(wanted, FieldFlags::PRINT_ONLY.with(FieldFlags::NO_RHS));
        self.add(NodeKind::Transformer { name: Transformer::Val, selector: None, args: vec![field.node] })
    }

    fn name(&mut self) -> String {
        (*self.choices.pick(&["m", "spawned_process", "is_shell_2", "andy", "list_name"])).to_owned()
    }

    /// A field of a type, or of any; none of its flags is one of `without`.
    fn field(&mut self, wanted: Option<(Type, bool)>, without: FieldFlags) -> Operand {
        if self.style == Style::Wild && self.choices.chance(10) {
            return self.unknown_field();
        }
        let fits = |f: &&FieldDef| {
            wanted.is_none_or(|(ty, list)| f.ty == ty && f.list == list)
                && f.flags.0 & without.0 == 0
                && !(f.list && f.arg != ArgSpec::None)
        };
        let all: Vec<&FieldDef> = self.schema.fields().iter().filter(fits).collect();
        if all.is_empty() {
            return self.unknown_field();
        }
        let def = *self.choices.pick(&all);
        let (name, arg) = self.argument(def);
        let constants_only = def.flags.contains(FieldFlags::NO_RHS) || def.multi != Multi::No;
        let (ty, list, field) = (def.ty, def.list, def.name.to_string());
        let node = self.add(NodeKind::Field { name: name.into(), arg });
        Operand { node, ty, list, constants_only, field }
    }

    fn unknown_field(&mut self) -> Operand {
        let name = *self.choices.pick(&["no.such", "proc.namex", "a.b_c.d9", "evt.arg"]);
        let arg = self.choices.chance(50).then(|| bare(&pools::text(self.choices)));
        let node = self.add(NodeKind::Field { name: name.into(), arg });
        Operand { node, ty: Type::CharBuf, list: false, constants_only: false, field: name.to_owned() }
    }

    /// A field's name with what follows its dot, and the argument in brackets.
    fn argument(&mut self, def: &FieldDef) -> (String, Option<Literal>) {
        let name = def.name.to_string();
        let kind = match def.arg {
            ArgSpec::None => return (name, None),
            ArgSpec::Optional(_) if self.choices.chance(50) => return (name, None),
            ArgSpec::Optional(kind) | ArgSpec::Required(kind) => kind,
        };
        let choices = &mut *self.choices;
        let number = |c: &mut Choices<'_>| bare(c.pick(&["0", "1", "2", "-1", "99"]).as_bytes());
        match kind {
            ArgKind::Key => (name, Some(bare(&pools::text(choices)))),
            ArgKind::IndexOrKey if choices.chance(50) => (name, Some(bare(b"PATH"))),
            ArgKind::Index | ArgKind::IndexOrKey => (name, Some(number(choices))),
            ArgKind::Param if choices.chance(30) => (name, Some(number(choices))),
            ArgKind::Param | ArgKind::ParamName => {
                let params: Vec<&str> =
                    self.schema.events().iter().flat_map(|e| e.params.iter().map(|p| &*p.name)).collect();
                if params.is_empty() {
                    return (name, Some(bare(b"0")));
                }
                (format!("{name}.{}", choices.pick(&params)), None)
            }
            ArgKind::EventName => {
                let events = self.schema.events();
                (
                    format!(
                        "{name}.{}",
                        events.get(choices.below(events.len())).map_or("open", |e| &*e.name)
                    ),
                    None,
                )
            }
            ArgKind::PathSide => (format!("{name}.{}", choices.pick(&["src", "dst"])), None),
            ArgKind::Subsystem => (format!("{name}.{}", choices.pick(&["cpuset", "memory"])), None),
            ArgKind::Time => (name, Some(bare(b"1500000000000000000"))),
        }
    }

    fn transformer(&mut self, depth: u32) -> Operand {
        let name = *self.choices.pick(&Transformer::ALL[1..]); // without `val`
        if self.style == Style::Wild {
            let args = (0..=self.choices.below(3)).map(|_| self.any_argument(depth)).collect();
            let selector = self.choices.chance(20).then(|| bare(&pools::text(self.choices)));
            return self.call(name, selector, args, (Type::CharBuf, false));
        }
        let text = |g: &mut Self| g.text_argument(depth);
        match name {
            Transformer::Join => {
                let separator = self.quoted();
                let list = self.text_list(depth);
                self.call(name, None, vec![separator, list], (Type::CharBuf, false))
            }
            Transformer::Concat => {
                let args = (0..2 + self.choices.below(2)).map(|_| text(self)).collect();
                self.call(name, None, args, (Type::CharBuf, false))
            }
            Transformer::GetOpt => {
                let list = self.text_list(depth);
                let options = self.choices.pick(&["a", "p:v", "", "ab:c"]).as_bytes().into();
                let literal = Literal { bytes: options, form: Form::Quoted, range: TextRange::default() };
                let options = self.add(NodeKind::Value(literal));
                let selector =
                    self.choices.chance(50).then(|| bare(self.choices.pick(&["p", "v", "a"]).as_bytes()));
                let list_value = selector.is_none();
                self.call(name, selector, vec![list, options], (Type::CharBuf, list_value))
            }
            Transformer::Len => {
                let arg = if self.choices.chance(40) { self.text_list(depth) } else { text(self) };
                self.call(name, None, vec![arg], (Type::Uint64, false))
            }
            _ => {
                let arg = self.field(Some((Type::CharBuf, false)), no_argument());
                let (ty, list) = (arg.ty, arg.list);
                self.call(name, None, vec![arg.node], (ty, list))
            }
        }
    }

    fn call(
        &mut self,
        name: Transformer,
        selector: Option<Literal>,
        args: Vec<NodeId>,
        of: (Type, bool),
    ) -> Operand {
        let node = self.add(NodeKind::Transformer { name, selector, args });
        Operand { node, ty: of.0, list: of.1, constants_only: false, field: String::new() }
    }

    fn quoted(&mut self) -> NodeId {
        let bytes = pools::text(self.choices).into();
        self.add(NodeKind::Value(Literal { bytes, form: Form::Quoted, range: TextRange::default() }))
    }

    fn text_argument(&mut self, depth: u32) -> NodeId {
        match self.choices.below(4) {
            1 => self.quoted(),
            2 if depth > 0 => {
                let name =
                    *self.choices.pick(&[Transformer::ToLower, Transformer::Basename, Transformer::B64]);
                let arg = self.text_argument(depth - 1);
                self.call(name, None, vec![arg], (Type::CharBuf, false)).node
            }
            _ => self.field(Some((Type::CharBuf, false)), no_argument()).node,
        }
    }

    fn text_list(&mut self, depth: u32) -> NodeId {
        let items = (0..self.choices.below(4)).map(|_| self.text_argument(depth.saturating_sub(1))).collect();
        self.add(NodeKind::ArgList(items))
    }

    /// Whatever the grammar takes among a transformer's arguments.
    fn any_argument(&mut self, depth: u32) -> NodeId {
        match self.choices.below(5) {
            1 => self.quoted(),
            2 => {
                let bytes = self.choices.pick(&["1", "-2.5", "0x1F", "1e+3"]).as_bytes().into();
                self.add(NodeKind::Value(Literal { bytes, form: Form::Number, range: TextRange::default() }))
            }
            3 if depth > 0 => self.transformer(depth - 1).node,
            4 if depth > 0 => {
                let items = (0..self.choices.below(3)).map(|_| self.any_argument(depth - 1)).collect();
                self.add(NodeKind::ArgList(items))
            }
            _ => self.field(None, FieldFlags::NONE).node,
        }
    }
}

/// Flags of fields that cannot stand in transformers (on any side).
fn no_argument() -> FieldFlags {
    FieldFlags::PRINT_ONLY.with(FieldFlags::NO_TRANSFORMER).with(FieldFlags::NO_RHS)
}

fn bare(bytes: &[u8]) -> Literal {
    Literal { bytes: bytes.into(), form: Form::Bare, range: TextRange::default() }
}
