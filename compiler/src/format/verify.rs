//! That a formatted text means the same as the text before.

use super::condition::Conditions;
use crate::source::FileId;
use crate::yaml::{self, NodeId, NodeKind, Scalar, ScalarStyle, Yaml};

/// Compares documents and comments. The error says what differs.
pub(super) fn same_meaning(before: (&str, &Yaml), after: (&str, &Yaml)) -> Result<(), String> {
    let comparison = Comparison { before: before.1, after: after.1, conditions: Conditions::read(before.1) };
    comparison.documents()?;
    if comments(before.0) == comments(after.0) { Ok(()) } else { Err("a comment would change".into()) }
}

/// All comments in any order, as they may move with their keys.
fn comments(text: &str) -> Vec<&str> {
    let mut comments: Vec<&str> = yaml::comments(FileId(0), text)
        .iter()
        .filter_map(|span| text.get(span.start as usize..span.end as usize))
        .map(str::trim_end)
        .collect();
    comments.sort_unstable();
    comments
}

fn require(same: bool, what: &str) -> Result<(), String> {
    if same { Ok(()) } else { Err(format!("{what} would change")) }
}

struct Comparison<'a> {
    before: &'a Yaml,
    after: &'a Yaml,
    conditions: Conditions,
}

impl Comparison<'_> {
    fn documents(&self) -> Result<(), String> {
        let (before, after) = (self.before.documents(), self.after.documents());
        if before.len() != after.len() {
            return Err(format!("{} documents would become {}", before.len(), after.len()));
        }
        for (&x, &y) in before.iter().zip(after) {
            let (items, others) = (self.before.items(x), self.after.items(y));
            if items.is_empty() {
                require(self.same(x, y), "a document")?;
            } else if items.len() != others.len() {
                return Err(format!("{} items would become {}", items.len(), others.len()));
            }
            for (number, (&x, &y)) in items.iter().zip(others).enumerate() {
                require(self.same_item(x, y), &format!("item {number}"))?;
            }
        }
        Ok(())
    }

    /// The keys of an item may be in any order, those of the same name in the same one.
    fn same_item(&self, x: NodeId, y: NodeId) -> bool {
        let entries = |yaml: &Yaml, id| {
            let mut entries = yaml.entries(id).to_vec();
            entries.sort_by_key(|&(key, _)| yaml.as_str(key).map(str::to_owned));
            entries
        };
        let (p, q) = (entries(self.before, x), entries(self.after, y));
        match self.before.node(x).kind {
            NodeKind::Mapping(_) => {
                let pairs = p.iter().zip(&q);
                p.len() == q.len()
                    && matches!(self.after.node(y).kind, NodeKind::Mapping(_))
                    && pairs.clone().all(|(&(k, v), &(l, w))| self.same(k, l) && self.same(v, w))
            }
            _ => self.same(x, y),
        }
    }

    fn same(&self, x: NodeId, y: NodeId) -> bool {
        match (&self.before.node(x).kind, &self.after.node(y).kind) {
            (NodeKind::Null, NodeKind::Null) => true,
            (NodeKind::Scalar(p), NodeKind::Scalar(q)) => p == q || self.same_condition(x, p, q),
            (NodeKind::Sequence(p), NodeKind::Sequence(q)) => {
                p.len() == q.len() && p.iter().zip(q).all(|(&x, &y)| self.same(x, y))
            }
            (NodeKind::Mapping(p), NodeKind::Mapping(q)) => {
                let mut pairs = p.iter().zip(q);
                p.len() == q.len() && pairs.all(|(&(k, v), &(l, w))| self.same(k, l) && self.same(v, w))
            }
            _ => false,
        }
    }

    /// Conditions may become folded, and differ in blanks between tokens.
    fn same_condition(&self, x: NodeId, p: &Scalar, q: &Scalar) -> bool {
        let style = p.style == q.style || (p.style, q.style) == (ScalarStyle::Plain, ScalarStyle::Folded);
        let blank = |c: char| c.is_ascii_whitespace() || matches!(c, '\x08' | '\x0b');
        let bare = |text: &str| text.replace(blank, "");
        style
            && bare(&p.value) == bare(&q.value)
            && self.conditions.get(x).is_some_and(|condition| condition.same_as(&q.value))
    }
}
