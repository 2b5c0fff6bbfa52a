//! The `pmatch` operator: whether a path is, or lies under, one of a list of paths.
//!
//! Paths are compared by components; empty ones do not count, so that slashes at the start, at the
//! end and doubled make no difference. A component of a listed path with `*`, `?` or `[` is a glob
//! for one component of the value. A listed path without components (the empty text or `/`) matches every
//! value.
//!
//! Listed paths without globs become one trie, walked once; each path with globs is compared by itself,
//! component by component. Matching allocates nothing.
//!
//! ```
//! use peregrine_compiler::ops::pmatch::PathPrefixes;
//! let paths = PathPrefixes::new([&b"/etc/"[..], b"/opt/*/bin"]);
//! assert!(paths.matches(b"/etc/passwd"));
//! assert!(paths.matches(b"/opt/x/bin"));
//! assert!(!paths.matches(b"/etcetera"));
//! ```

use std::collections::HashMap;

use super::glob::{Case, Glob, has_wildcards};

/// A compiled list of paths.
#[derive(Clone, Debug)]
pub struct PathPrefixes {
    /// The trie of the paths without globs; the first node is its root.
    nodes: Vec<Node>,
    /// The other paths.
    patterns: Vec<Vec<Component>>,
}

#[derive(Copy, Clone, PartialEq, Eq, Debug)]
struct NodeId(u32);

const ROOT: NodeId = NodeId(0);

#[derive(Clone, Debug, Default)]
struct Node {
    /// A listed path ends here.
    end: bool,
    children: HashMap<Box<[u8]>, NodeId, foldhash::fast::FixedState>,
}

#[derive(Clone, Debug)]
enum Component {
    Literal(Box<[u8]>),
    Glob(Glob),
}

fn components(path: &[u8]) -> impl Iterator<Item = &[u8]> {
    path.split(|&b| b == b'/').filter(|component| !component.is_empty())
}

impl PathPrefixes {
    /// Compiles a list of paths; there are no invalid ones.
    pub fn new<I>(paths: I) -> Self
    where
        I: IntoIterator,
        I::Item: AsRef<[u8]>,
    {
        let mut this = Self { nodes: vec![Node::default()], patterns: Vec::new() };
        for path in paths {
            let path = path.as_ref();
            if has_wildcards(path) {
                this.patterns.push(components(path).map(Component::new).collect());
                continue;
            }
            let end = components(path).fold(ROOT, |node, component| this.child(node, component));
            if let Some(node) = this.nodes.get_mut(end.0 as usize) {
                node.end = true;
            }
        }
        this
    }

    fn node(&self, id: NodeId) -> Option<&Node> {
        self.nodes.get(id.0 as usize)
    }

    /// The node below `parent` for a component, made if there is none.
    fn child(&mut self, parent: NodeId, component: &[u8]) -> NodeId {
        let new = NodeId(self.nodes.len() as u32);
        let Some(node) = self.nodes.get_mut(parent.0 as usize) else { return parent };
        let child = *node.children.entry(component.into()).or_insert(new);
        if child == new {
            self.nodes.push(Node::default());
        }
        child
    }

    /// Whether the path equals a listed one or lies under one.
    pub fn matches(&self, path: &[u8]) -> bool {
        // COMPAT(falco): Falco tries several globs at one depth in hash order and moves on in the value
        // after each that matches, so that a later one can miss; here every listed path is tried
        // (every_listed_glob_is_tried).
        self.matches_literal(path) || self.patterns.iter().any(|pattern| matches_pattern(pattern, path))
    }

    fn matches_literal(&self, path: &[u8]) -> bool {
        let mut parts = components(path);
        let mut at = ROOT;
        while let Some(node) = self.node(at) {
            if node.end {
                return true;
            }
            match parts.next().and_then(|part| node.children.get(part)) {
                Some(&child) => at = child,
                None => return false,
            }
        }
        false
    }
}

fn matches_pattern(pattern: &[Component], path: &[u8]) -> bool {
    let mut parts = components(path);
    pattern.iter().all(|component| parts.next().is_some_and(|part| component.matches(part)))
}

impl Component {
    fn new(text: &[u8]) -> Self {
        if has_wildcards(text) {
            Self::Glob(Glob::new(text, Case::Sensitive))
        } else {
            Self::Literal(text.into())
        }
    }

    fn matches(&self, part: &[u8]) -> bool {
        match self {
            Self::Literal(text) => **text == *part,
            Self::Glob(glob) => glob.matches(part),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn check(paths: &[&str], value: &str, expect: bool) {
        assert_eq!(PathPrefixes::new(paths).matches(value.as_bytes()), expect, "{value} in {paths:?}");
    }

    #[test]
    fn whole_components() {
        let value = "/opt/dir/subdir/file.txt";
        for (path, expect) in [
            ("/opt/dir/subdir", true),
            ("/opt/dir/subdir/file.txt", true),
            ("/opt/dir/subdir/file.txt/x", false),
            ("opt", true),
            ("//opt///dir/", true),
            ("/opt/di", false),
            ("/op", false),
            ("dir", false),
            ("/", true),
            ("", true),
        ] {
            check(&[path], value, expect);
        }
    }

    #[test]
    fn components_with_globs() {
        let value = "/opt/dir/subdir/file.txt";
        for (path, expect) in [
            ("/opt/*", true),
            ("/opt/*/subdir", true),
            ("/opt/*/*/*.txt", true),
            ("/*/subdir", false), // a star stays in its component
            ("/opt/di?/subdir", true),
            ("/opt/dii?/subdir", false),
            ("/opt/di[!r]/subdir", false),
            ("/opt/di[r]", true),
        ] {
            check(&[path], value, expect);
        }
    }

    #[test]
    fn lists() {
        check(&[], "/etc", false);
        check(&["/var", "/etc/x"], "/etc/y", false);
        check(&["/etc/x", "/etc"], "/etc/y", true);
        check(&["/etc", "/etc/x"], "/etc/y", true);
        check(&["/etc"], "", false);
        check(&["/a/b/c"], "/a/b", false);
    }

    #[test]
    fn every_listed_glob_is_tried() {
        check(&["/opt/*/a", "/opt/d*/b", "/opt/dir/c"], "/opt/dir/b/x", true);
        check(&["/opt/*/a", "/opt/dir/c"], "/opt/dir/a", true);
        check(&["/opt/*/a", "/opt/*/b"], "/opt/dir/c", false);
    }

    #[test]
    fn backslashes_count_only_in_globs() {
        check(&[r"../\.../x"], r"../\.../x", true);
        check(&[r"/a\*/x"], "/a*/x", true);
    }

    proptest! {
        #[test]
        fn agrees_with_one_by_one(
            paths in prop::collection::vec("[a*/]{0,6}", 0..4), value in "[a/]{0,8}"
        ) {
            let under = |path: &String| {
                let path: Vec<&[u8]> = components(path.as_bytes()).collect();
                let value: Vec<&[u8]> = components(value.as_bytes()).collect();
                path.len() <= value.len()
                    && path.iter().zip(value).all(|(p, v)| Glob::new(p, Case::Sensitive).matches(v))
            };
            prop_assert_eq!(PathPrefixes::new(&paths).matches(value.as_bytes()), paths.iter().any(under));
        }
    }
}
