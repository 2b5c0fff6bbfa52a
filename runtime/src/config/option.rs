//! Overrides of single values: `-o key=value`.
//!
//! A key is a path: names with dots between them, `[2]` for an item of a list, `[]` for a new item at
//! its end; a backslash takes the meaning from `.`, `[`, `]` and itself.

use super::error::{ConfigError, Place};
use super::node::{Kind, Node};

/// One step into a tree.
#[derive(Clone, PartialEq, Eq, Debug)]
enum Step {
    Key(String),
    Index(usize),
    Append,
}

/// An override, not yet applied.
#[derive(Clone, Debug)]
pub(super) struct Override {
    path: Vec<Step>,
    key: String,
    value: Node,
}

impl Override {
    /// Reads `key=value`.
    pub(super) fn parse(text: &str) -> Result<Self, ConfigError> {
        let place = Place { source: format!("-o {text}").into(), position: None };
        let Some((key, value)) = text.split_once('=') else {
            return Err(ConfigError::at(&place, "", "expected key=value"));
        };
        let (key, value) = (key.trim(), value.trim());
        let path = parse_path(key).map_err(|message| ConfigError::at(&place, "", message))?;
        Ok(Self { path, key: key.to_owned(), value: Node::of_option(value, &place)? })
    }

    /// Whether this changes a top-level key.
    pub(super) fn is_about(&self, key: &str) -> bool {
        matches!(self.path.first(), Some(Step::Key(k)) if k == key)
    }

    /// Puts the value into a tree.
    pub(super) fn apply(self, root: &mut Node) -> Result<(), ConfigError> {
        let place = self.value.place.clone();
        let mut node = root;
        for step in self.path {
            node =
                enter(node, step, &place).map_err(|message| ConfigError::at(&place, &self.key, message))?;
        }
        *node = self.value;
        Ok(())
    }
}

fn parse_path(text: &str) -> Result<Vec<Step>, String> {
    let mut steps = Vec::new();
    let mut chars = text.chars().peekable();
    loop {
        let mut name = String::new();
        while let Some(&c) = chars.peek() {
            match c {
                '.' | '[' => break,
                ']' => return Err("`]` without `[`".to_owned()),
                '\\' => {
                    chars.next();
                    name.push(chars.next().ok_or("a backslash at the end of the key")?);
                }
                other => {
                    chars.next();
                    name.push(other);
                }
            }
        }
        if name.is_empty() {
            return Err("a name in the key is empty".to_owned());
        }
        steps.push(Step::Key(name));
        while chars.next_if_eq(&'[').is_some() {
            let mut index = String::new();
            loop {
                match chars.next() {
                    Some(']') => break,
                    Some(c) => index.push(c),
                    None => return Err("`[` is not closed".to_owned()),
                }
            }
            steps.push(match index.as_str() {
                "" => Step::Append,
                digits => Step::Index(digits.parse().map_err(|_| format!("`{digits}` is no index"))?),
            });
        }
        match chars.next() {
            None => return Ok(steps),
            Some('.') => {}
            Some(other) => return Err(format!("`{other}` after `]`; expected `.`, `[` or `=`")),
        }
    }
}

/// The child that a step leads to, made if it is not there.
fn enter<'n>(node: &'n mut Node, step: Step, place: &Place) -> Result<&'n mut Node, String> {
    let found = node.describe();
    let new = Node::null(place.clone());
    if node.is_null() {
        node.kind = match step {
            Step::Key(_) => Kind::Mapping(Vec::new()),
            Step::Index(_) | Step::Append => Kind::Sequence(Vec::new()),
        };
    }
    // COMPAT(falco): a name in a list makes a mapping of it, with the items under their numbers. Falco's
    // own tests rely on it: `append_output.suggested_output=false` switches the whole list off.
    if let (Step::Key(_), Kind::Sequence(items)) = (&step, &mut node.kind) {
        let items = std::mem::take(items);
        node.kind = Kind::Mapping(items.into_iter().enumerate().map(|(i, n)| (i.to_string(), n)).collect());
    }
    match (step, &mut node.kind) {
        (Step::Key(name), Kind::Mapping(entries)) => {
            let at = entries.iter().position(|(k, _)| *k == name).unwrap_or_else(|| {
                entries.push((name, new));
                entries.len() - 1
            });
            entries.get_mut(at).map(|(_, n)| n).ok_or(found)
        }
        (Step::Index(index), Kind::Sequence(items)) => {
            let count = items.len();
            if index == count {
                items.push(new);
            }
            items.get_mut(index).ok_or(format!("there is no item {index}: the list has {count}"))
        }
        (Step::Append, Kind::Sequence(items)) => {
            items.push(new);
            items.last_mut().ok_or(found)
        }
        (Step::Key(name), _) => Err(format!("`{name}` cannot be set in {found}")),
        (Step::Index(_) | Step::Append, _) => Err(format!("{found} is no list")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn keys(path: &str) -> Result<String, String> {
        let steps = parse_path(path)?;
        Ok(steps
            .iter()
            .map(|s| match s {
                Step::Key(k) => format!("<{k}>"),
                Step::Index(i) => format!("[{i}]"),
                Step::Append => "[+]".to_owned(),
            })
            .collect())
    }

    #[test]
    fn paths() {
        for (text, expect) in [
            ("a", "<a>"),
            ("a.b.c", "<a><b><c>"),
            ("a[0]", "<a>[0]"),
            ("a[].b[12].c", "<a>[+]<b>[12]<c>"),
            ("a[1][2]", "<a>[1][2]"),
            (r"a\.b.c", "<a.b><c>"),
            (r"a\[0\]", "<a[0]>"),
            (r"a\\b", r"<a\b>"),
            ("a b", "<a b>"),
        ] {
            assert_eq!(keys(text).as_deref(), Ok(expect), "{text}");
        }
        for (text, expect) in [
            ("", "a name in the key is empty"),
            ("a..b", "a name in the key is empty"),
            ("a.", "a name in the key is empty"),
            (".a", "a name in the key is empty"),
            ("[0]", "a name in the key is empty"),
            ("a[0", "`[` is not closed"),
            ("a]", "`]` without `[`"),
            ("a[x]", "`x` is no index"),
            ("a[-1]", "`-1` is no index"),
            ("a[0]b", "`b` after `]`; expected `.`, `[` or `=`"),
            ("a\\", "a backslash at the end of the key"),
        ] {
            assert_eq!(keys(text), Err(expect.to_owned()), "{text}");
        }
    }

    fn applied(text: &str, options: &[&str]) -> Result<String, String> {
        let mut root = Node::parse("f", text.as_bytes().to_vec()).map_err(|e| e.to_string())?;
        for option in options {
            Override::parse(option).and_then(|o| o.apply(&mut root)).map_err(|e| e.to_string())?;
        }
        Ok(root.to_json(&str::to_owned).to_string())
    }

    #[test]
    fn values_are_put_into_the_tree() {
        for (text, options, expect) in [
            ("", &["a=1"][..], r#"{"a":1}"#),
            ("a: 1", &["a=2", "a=3"], r#"{"a":3}"#),
            ("a: {b: 1}", &["a.c=x"], r#"{"a":{"b":1,"c":"x"}}"#),
            ("a: 1", &["a={b: [1, two]}"], r#"{"a":{"b":[1,"two"]}}"#),
            ("a: [1, 2]", &["a[0]=x", "a[]=y", "a[3]=z"], r#"{"a":["x",2,"y","z"]}"#),
            ("", &["a[].b.c=x", "a[].b.d=y"], r#"{"a":[{"b":{"c":"x"}},{"b":{"d":"y"}}]}"#),
            ("", &["a[0]=x"], r#"{"a":["x"]}"#),
            ("", &["a = x = y "], r#"{"a":"x = y"}"#),
            ("a: [{s: true}]", &["a.s=false"], r#"{"a":{"0":{"s":true},"s":false}}"#),
            ("a: {b: 1}", &["a=[]"], r#"{"a":[]}"#),
            ("", &["a="], r#"{"a":""}"#),
        ] {
            assert_eq!(applied(text, options).as_deref(), Ok(expect), "{text} {options:?}");
        }
    }

    #[test]
    fn what_cannot_be_put_says_why() {
        for (text, option, expect) in [
            ("", "a", "-o a: expected key=value"),
            ("a: x", "a.b=1", "-o a.b=1: a.b: `b` cannot be set in `x`"),
            ("a: x", "a[]=1", "-o a[]=1: a[]: `x` is no list"),
            ("a: {b: 1}", "a[0]=1", "-o a[0]=1: a[0]: a mapping is no list"),
            ("a: [1]", "a[2]=1", "-o a[2]=1: a[2]: there is no item 2: the list has 1"),
            ("", "a={b", "-o a={b: this `{` is never closed"),
        ] {
            assert_eq!(applied(text, &[option]), Err(expect.to_owned()), "{option}");
        }
    }
}
