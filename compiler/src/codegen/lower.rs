//! From a unit to Cranelift IR.
//!
//! Each block of the unit becomes a few blocks here. A slot's value is found by a helper when it is first asked
//! for; where every way to a block has found it already, that is not even checked. Texts are compared by their
//! length and then by overlapping words; sets by a switch on the length and one on the first word. Everything
//! else, and values that are not one text or number, is asked of a helper, off the straight path.

use super::abi::{
    FRAME_STAMP, FRAME_VALUES, NOTHING, NUMBER, TEXT, VALUE_A, VALUE_B, VALUE_SIZE, VALUE_STAMP, VALUE_TAG,
};
use super::helpers;
use super::unit::{Block as Question, Target, Unit};
use crate::ir::test::Test;
use crate::ir::{Pred, SlotId};
use crate::syntax::ast::Op;
use cranelift_codegen::ir::condcodes::IntCC;
use cranelift_codegen::ir::{
    AbiParam, Block, Function, InstBuilder, MemFlagsData, SigRef, Signature, Type, UserFuncName, Value, types,
};
use cranelift_codegen::isa::TargetFrontendConfig;
use cranelift_frontend::{FunctionBuilder, FunctionBuilderContext, Switch};

/// Texts of a set that are compared inline; larger sets are hashed by the helper.
const INLINE_SET: usize = 64;
/// Prefixes or suffixes that are compared inline; more are a walk through a trie.
const INLINE_AFFIXES: usize = 6;
/// Bytes that are compared inline.
const INLINE_BYTES: usize = 64;
/// Numbers of a set that are compared inline.
const INLINE_NUMBERS: usize = 16;

/// Writes the function of a unit. An empty unit gives a function that returns 0.
pub(super) fn lower(
    unit: &Unit,
    config: TargetFrontendConfig,
    function: &mut Function,
    builders: &mut FunctionBuilderContext,
) {
    let mut signature = Signature::new(config.default_call_conv);
    signature.params.push(AbiParam::new(types::I64));
    signature.returns.push(AbiParam::new(types::I32));
    function.signature = signature;
    function.name = UserFuncName::user(0, 0);
    let mut builder = FunctionBuilder::new(function, builders);
    let entry = builder.create_block();
    builder.append_block_params_for_function_params(entry);
    builder.switch_to_block(entry);
    let frame = builder.block_params(entry).first().copied();
    let Some(frame) = frame else { return };
    let flags = MemFlagsData::new().with_notrap();
    let stamp = builder.ins().load(types::I32, flags, frame, FRAME_STAMP);
    let values = builder.ins().load(types::I64, flags, frame, FRAME_VALUES);
    let mut helper = Signature::new(config.default_call_conv);
    helper.params.extend([AbiParam::new(types::I64), AbiParam::new(types::I32)]);
    helper.returns.push(AbiParam::new(types::I32));
    let helper = builder.import_signature(helper);
    let blocks: Vec<Block> = unit.blocks.iter().map(|_| builder.create_block()).collect();
    if let Some(&first) = blocks.first() {
        builder.ins().jump(first, &[]);
    } else {
        let zero = builder.ins().iconst(types::I32, 0);
        builder.ins().return_(&[zero]);
    }
    let mut lowering =
        Lowering { builder, frame, stamp, values, helper, flags, blocks: &blocks, exits: Vec::new() };
    for ((question, &block), found) in unit.blocks.iter().zip(&blocks).zip(unit.found_before()) {
        lowering.builder.switch_to_block(block);
        lowering.question(question, &found);
    }
    lowering.finish_exits();
    lowering.builder.seal_all_blocks();
    lowering.builder.finalize(config);
}

struct Lowering<'l> {
    builder: FunctionBuilder<'l>,
    frame: Value,
    stamp: Value,
    values: Value,
    helper: SigRef,
    flags: MemFlagsData,
    blocks: &'l [Block],
    /// Blocks that return a state.
    exits: Vec<(u32, Block)>,
}

/// Where the answer to a question leads.
#[derive(Copy, Clone)]
struct Ways {
    yes: Block,
    no: Block,
}

impl Lowering<'_> {
    fn target(&mut self, target: Target) -> Block {
        match target {
            Target::Block(at) => match self.blocks.get(at as usize) {
                Some(&block) => block,
                None => self.exit(0),
            },
            Target::Exit(state) => self.exit(state),
        }
    }

    fn exit(&mut self, state: u32) -> Block {
        if let Some((_, block)) = self.exits.iter().find(|(s, _)| *s == state) {
            return *block;
        }
        let block = self.builder.create_block();
        self.exits.push((state, block));
        block
    }

    fn finish_exits(&mut self) {
        for (state, block) in std::mem::take(&mut self.exits) {
            self.builder.switch_to_block(block);
            let state = self.i32(state);
            self.builder.ins().return_(&[state]);
        }
    }

    /// A 32-bit constant; the builder wants it as it is, without sign extension.
    fn i32(&mut self, n: u32) -> Value {
        self.builder.ins().iconst(types::I32, i64::from(n))
    }

    fn i64(&mut self, n: u64) -> Value {
        self.builder.ins().iconst(types::I64, n.cast_signed())
    }

    fn call(&mut self, helper: usize, arg: u32) -> Value {
        let address = self.i64(helper as u64);
        let arg = self.i32(arg);
        let call = self.builder.ins().call_indirect(self.helper, address, &[self.frame, arg]);
        match self.builder.inst_results(call).first() {
            Some(&result) => result,
            None => self.i32(0),
        }
    }

    fn question(&mut self, question: &Question, found: &[SlotId]) {
        match question {
            Question::Pred { id, pred, next } => {
                // INVARIANT: the value is found even if both answers lead to the same block: what comes
                // after counts on it, see `Unit::found_before`
                let [no, yes] = next.map(|t| self.target(t));
                self.pred(id.0, pred, found.contains(&pred.slot), Ways { yes, no });
            }
            Question::Class { slot, arms, other } => {
                let class = self.call(helpers::classify as *const () as usize, slot.0);
                let mut switch = Switch::new();
                for (class, target) in arms {
                    let block = self.target(*target);
                    switch.set_entry(u128::from(*class), block);
                }
                let other = self.exit(*other);
                switch.emit(&mut self.builder, class, other);
            }
        }
    }

    /// Offset of a part of a slot's value.
    fn at(slot: SlotId, part: i32) -> i32 {
        (slot.index() * VALUE_SIZE) as i32 + part
    }

    fn load(&mut self, ty: Type, slot: SlotId, part: i32) -> Value {
        self.builder.ins().load(ty, self.flags, self.values, Self::at(slot, part))
    }

    /// Goes on where the slot's value has been found.
    fn find(&mut self, slot: SlotId) {
        let (missing, there) = (self.builder.create_block(), self.builder.create_block());
        self.builder.set_cold_block(missing);
        let stamp = self.load(types::I32, slot, VALUE_STAMP);
        let fresh = self.builder.ins().icmp(IntCC::Equal, stamp, self.stamp);
        self.builder.ins().brif(fresh, there, &[], missing, &[]);
        self.builder.switch_to_block(missing);
        self.call(helpers::find as *const () as usize, slot.0);
        self.builder.ins().jump(there, &[]);
        self.builder.switch_to_block(there);
    }

    fn branch(&mut self, condition: Value, ways: Ways) {
        self.builder.ins().brif(condition, ways.yes, &[], ways.no, &[]);
    }

    /// Asks the helper.
    fn ask(&mut self, id: u32, ways: Ways) {
        let answer = self.call(helpers::ask as *const () as usize, id);
        self.branch(answer, ways);
    }

    fn pred(&mut self, id: u32, pred: &Pred, found: bool, ways: Ways) {
        let (slot, test) = (pred.slot, &pred.test);
        let wanted = match test {
            Test::Text(op, t) if t.len() <= INLINE_BYTES && is_inline(*op) => TEXT,
            Test::Texts(Op::Eq, all) if all.len() <= INLINE_SET && are_short(all) => TEXT,
            Test::Texts(Op::StartsWith | Op::EndsWith, all)
                if all.len() <= INLINE_AFFIXES && are_short(all) =>
            {
                TEXT
            }
            Test::Int(..) | Test::Uint(..) | Test::Bits(_) | Test::Bool(..) => NUMBER,
            Test::Ints(all) if all.len() <= INLINE_NUMBERS => NUMBER,
            Test::Uints(all) if all.len() <= INLINE_NUMBERS => NUMBER,
            Test::Exists => NOTHING,
            _ => return self.ask(id, ways),
        };
        if !found {
            self.find(slot);
        }
        let tag = self.load(types::I32, slot, VALUE_TAG);
        if wanted == NOTHING {
            return self.branch(tag, ways);
        }
        let (plain, other) = (self.builder.create_block(), self.builder.create_block());
        let is_plain = self.builder.ins().icmp_imm_u(IntCC::Equal, tag, i64::from(wanted));
        self.builder.ins().brif(is_plain, plain, &[], other, &[]);
        self.builder.switch_to_block(other);
        let many = self.builder.create_block();
        self.builder.set_cold_block(many);
        self.builder.ins().brif(tag, many, &[], ways.no, &[]);
        self.builder.switch_to_block(many);
        self.ask(id, ways);
        self.builder.switch_to_block(plain);
        let a = self.load(types::I64, slot, VALUE_A);
        if wanted == NUMBER {
            return self.number(test, a, ways);
        }
        let len = self.load(types::I64, slot, VALUE_B);
        self.text(test, a, len, ways);
    }

    fn number(&mut self, test: &Test, a: Value, ways: Ways) {
        let (op, n, signed) = match test {
            Test::Int(op, n) => (*op, n.cast_unsigned(), true),
            Test::Uint(op, n) => (*op, *n, false),
            Test::Bool(op, b) => (*op, u64::from(*b), false),
            Test::Ints(all) => {
                let all: Vec<u64> = all.iter().map(|n| n.cast_unsigned()).collect();
                return self.numbers(&all, a, ways);
            }
            Test::Uints(all) => return self.numbers(all, a, ways),
            Test::Bits(bits) => {
                let bits = self.i64(*bits);
                let set = self.builder.ins().band(a, bits);
                return self.branch(set, ways);
            }
            _ => (Op::Eq, 0, false),
        };
        let code = match (op, signed) {
            (Op::Ne, _) => IntCC::NotEqual,
            (Op::Lt, true) => IntCC::SignedLessThan,
            (Op::Le, true) => IntCC::SignedLessThanOrEqual,
            (Op::Gt, true) => IntCC::SignedGreaterThan,
            (Op::Ge, true) => IntCC::SignedGreaterThanOrEqual,
            (Op::Lt, false) => IntCC::UnsignedLessThan,
            (Op::Le, false) => IntCC::UnsignedLessThanOrEqual,
            (Op::Gt, false) => IntCC::UnsignedGreaterThan,
            (Op::Ge, false) => IntCC::UnsignedGreaterThanOrEqual,
            _ => IntCC::Equal,
        };
        let n = self.i64(n);
        let holds = self.builder.ins().icmp(code, a, n);
        self.branch(holds, ways);
    }

    fn numbers(&mut self, all: &[u64], a: Value, ways: Ways) {
        let mut switch = Switch::new();
        for n in all {
            switch.set_entry(u128::from(*n), ways.yes);
        }
        switch.emit(&mut self.builder, a, ways.no);
    }

    fn text(&mut self, test: &Test, bytes: Value, len: Value, ways: Ways) {
        match test {
            Test::Text(Op::StartsWith, t) => self.affix(Op::StartsWith, t, bytes, len, ways),
            Test::Text(Op::EndsWith, t) => self.affix(Op::EndsWith, t, bytes, len, ways),
            Test::Text(Op::Ne, t) => self.equal(t, bytes, len, Ways { yes: ways.no, no: ways.yes }),
            Test::Text(_, t) => self.equal(t, bytes, len, ways),
            Test::Texts(Op::Eq, all) => self.set(all, bytes, len, ways),
            Test::Texts(op, all) => {
                for t in all.iter() {
                    let next = self.builder.create_block();
                    self.affix(*op, t, bytes, len, Ways { yes: ways.yes, no: next });
                    self.builder.switch_to_block(next);
                }
                self.builder.ins().jump(ways.no, &[]);
            }
            _ => {
                self.builder.ins().jump(ways.no, &[]);
            }
        }
    }

    fn equal(&mut self, text: &[u8], bytes: Value, len: Value, ways: Ways) {
        let same = self.builder.create_block();
        let wanted = self.i64(text.len() as u64);
        let fits = self.builder.ins().icmp(IntCC::Equal, len, wanted);
        self.builder.ins().brif(fits, same, &[], ways.no, &[]);
        self.builder.switch_to_block(same);
        self.compare(text, bytes, 0, ways);
    }

    fn affix(&mut self, op: Op, text: &[u8], bytes: Value, len: Value, ways: Ways) {
        let long = self.builder.create_block();
        let wanted = self.i64(text.len() as u64);
        let fits = self.builder.ins().icmp(IntCC::UnsignedGreaterThanOrEqual, len, wanted);
        self.builder.ins().brif(fits, long, &[], ways.no, &[]);
        self.builder.switch_to_block(long);
        let start = if op == Op::EndsWith {
            let skip = self.builder.ins().isub(len, wanted);
            self.builder.ins().iadd(bytes, skip)
        } else {
            bytes
        };
        self.compare(text, start, 0, ways);
    }

    /// Compares bytes from `from` on by words that may overlap. Their number is known to be enough.
    fn compare(&mut self, text: &[u8], bytes: Value, from: usize, ways: Ways) {
        let words = words(text, from);
        for (at, width) in words {
            let next = self.builder.create_block();
            let ty = width_type(width);
            let word = self.builder.ins().load(ty, self.flags, bytes, at as i32);
            let constant = number_of(text, at, width);
            let constant = self.builder.ins().iconst(ty, constant.cast_signed());
            let same = self.builder.ins().icmp(IntCC::Equal, word, constant);
            self.builder.ins().brif(same, next, &[], ways.no, &[]);
            self.builder.switch_to_block(next);
        }
        self.builder.ins().jump(ways.yes, &[]);
    }

    /// A set: by length, then by the first word, then by what is left.
    fn set(&mut self, all: &[Box<[u8]>], bytes: Value, len: Value, ways: Ways) {
        let mut by_len: Vec<(usize, Vec<&[u8]>)> = Vec::new();
        for text in all {
            match by_len.iter_mut().find(|(n, _)| *n == text.len()) {
                Some((_, same)) => same.push(text),
                None => by_len.push((text.len(), vec![text])),
            }
        }
        let mut switch = Switch::new();
        let mut groups = Vec::with_capacity(by_len.len());
        for (n, texts) in by_len {
            let block = self.builder.create_block();
            switch.set_entry(n as u128, block);
            groups.push((block, texts));
        }
        switch.emit(&mut self.builder, len, ways.no);
        for (block, texts) in groups {
            self.builder.switch_to_block(block);
            self.same_length(&texts, bytes, ways);
        }
    }

    fn same_length(&mut self, texts: &[&[u8]], bytes: Value, ways: Ways) {
        if let [only] = texts {
            return self.compare(only, bytes, 0, ways);
        }
        let len = texts.first().map_or(0, |t| t.len());
        let width = [8, 4, 2, 1].into_iter().find(|w| *w <= len);
        // two different texts have at least one byte
        let Some(width) = width else {
            self.builder.ins().jump(ways.yes, &[]);
            return;
        };
        let word = self.builder.ins().load(width_type(width), self.flags, bytes, 0);
        let mut groups: Vec<(u64, Block, Vec<&[u8]>)> = Vec::new();
        for text in texts {
            let key = number_of(text, 0, width);
            match groups.iter_mut().find(|(k, ..)| *k == key) {
                Some((.., same)) => same.push(text),
                None => groups.push((key, self.builder.create_block(), vec![text])),
            }
        }
        let mut switch = Switch::new();
        for (key, block, _) in &groups {
            switch.set_entry(u128::from(*key), *block);
        }
        switch.emit(&mut self.builder, word, ways.no);
        for (_, block, same) in groups {
            self.builder.switch_to_block(block);
            for text in same {
                let next = self.builder.create_block();
                self.compare(text, bytes, width, Ways { yes: ways.yes, no: next });
                self.builder.switch_to_block(next);
            }
            self.builder.ins().jump(ways.no, &[]);
        }
    }
}

fn is_inline(op: Op) -> bool {
    matches!(op, Op::Eq | Op::Ne | Op::StartsWith | Op::EndsWith)
}

fn are_short(all: &[Box<[u8]>]) -> bool {
    all.iter().all(|t| t.len() <= INLINE_BYTES)
}

fn width_type(width: usize) -> Type {
    match width {
        8 => types::I64,
        4 => types::I32,
        2 => types::I16,
        _ => types::I8,
    }
}

/// Places and widths of the words that cover a text from `from` on.
fn words(text: &[u8], from: usize) -> Vec<(usize, usize)> {
    let mut out = Vec::new();
    let mut at = from;
    while at < text.len() {
        let left = text.len() - at;
        let width = [8, 4, 2, 1].into_iter().find(|w| *w <= left).unwrap_or(1);
        // a wider word that overlaps what was compared instead of several narrow ones
        let wider = [8, 4, 2].into_iter().rev().find(|w| *w >= left && *w <= text.len());
        match wider {
            Some(wide) if width < left => {
                out.push((text.len() - wide, wide));
                break;
            }
            _ => {
                out.push((at, width));
                at += width;
            }
        }
    }
    out
}

/// Bytes of a text as a number in this machine's order, zero-extended.
fn number_of(text: &[u8], at: usize, width: usize) -> u64 {
    let mut word = [0_u8; 8];
    let bytes = text.get(at..at + width).unwrap_or_default();
    if cfg!(target_endian = "little") {
        word.iter_mut().zip(bytes).for_each(|(w, b)| *w = *b);
    } else {
        word.iter_mut().skip(8 - bytes.len()).zip(bytes).for_each(|(w, b)| *w = *b);
    }
    u64::from_ne_bytes(word)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_cover_a_text() {
        for len in 0..=40_usize {
            let text: Vec<u8> = (0..len as u8).collect();
            for from in 0..=len {
                let mut covered = vec![false; len];
                for (at, width) in words(&text, from) {
                    assert!(at + width <= len, "{len} from {from}: {at}+{width}");
                    covered[at..at + width].fill(true);
                }
                assert!(covered[from..].iter().all(|c| *c), "{len} from {from}");
            }
        }
        assert_eq!(words(b"0123456789a", 0), [(0, 8), (7, 4)]);
        assert_eq!(words(b"abc", 0), [(0, 2), (2, 1)]);
    }
}
