//! A trie over bytes: which of many texts a value begins with, in one walk.
//!
//! ```
//! use peregrine_compiler::ir::trie::Trie;
//! let trie = Trie::new([(&b"/etc/"[..], 0), (b"/etc/ssh/", 1)]);
//! let mut found = Vec::new();
//! trie.walk(b"/etc/ssh/config".iter().copied(), |value| found.push(value));
//! assert_eq!(found, [0, 1]);
//! ```

/// Texts with a number each.
#[derive(Clone, Debug, Default)]
pub struct Trie {
    nodes: Vec<TrieNode>,
}

#[derive(Clone, Debug, Default)]
struct TrieNode {
    /// Numbers of the texts that end here.
    values: Vec<u32>,
    /// Bytes that go on from here, sorted, and where to.
    bytes: Vec<u8>,
    next: Vec<u32>,
}

impl Trie {
    /// A trie of texts.
    pub fn new<'t>(texts: impl IntoIterator<Item = (&'t [u8], u32)>) -> Self {
        let mut trie = Self { nodes: vec![TrieNode::default()] };
        texts.into_iter().for_each(|(text, value)| trie.insert(text.iter().copied(), value));
        trie
    }

    /// Adds a text.
    pub fn insert(&mut self, text: impl Iterator<Item = u8>, value: u32) {
        if self.nodes.is_empty() {
            self.nodes.push(TrieNode::default());
        }
        let at = text.fold(0, |at, byte| self.child(at, byte));
        if let Some(node) = self.nodes.get_mut(at as usize) {
            node.values.push(value);
        }
    }

    fn child(&mut self, at: u32, byte: u8) -> u32 {
        let new = self.nodes.len() as u32;
        let Some(node) = self.nodes.get_mut(at as usize) else { return 0 };
        match node.bytes.binary_search(&byte) {
            Ok(i) => node.next.get(i).copied().unwrap_or(0),
            Err(i) => {
                node.bytes.insert(i, byte);
                node.next.insert(i, new);
                self.nodes.push(TrieNode::default());
                new
            }
        }
    }

    /// Whether there is no text.
    pub fn is_empty(&self) -> bool {
        self.nodes.len() < 2 && self.nodes.iter().all(|n| n.values.is_empty())
    }

    /// Calls `found` with the number of each text that the bytes begin with.
    pub fn walk(&self, bytes: impl Iterator<Item = u8>, mut found: impl FnMut(u32)) {
        let Some(mut node) = self.nodes.first() else { return };
        node.values.iter().for_each(|&v| found(v));
        for byte in bytes {
            let Some(i) = node.bytes.iter().position(|&b| b == byte) else { return };
            let Some(next) = node.next.get(i).and_then(|&n| self.nodes.get(n as usize)) else { return };
            node = next;
            node.values.iter().for_each(|&v| found(v));
        }
    }

    /// Whether the bytes begin with any of the texts.
    pub fn has_prefix_of(&self, bytes: impl Iterator<Item = u8>) -> bool {
        let Some(mut node) = self.nodes.first() else { return false };
        for byte in bytes {
            if !node.values.is_empty() {
                return true;
            }
            let Some(i) = node.bytes.iter().position(|&b| b == byte) else { return false };
            let Some(next) = node.next.get(i).and_then(|&n| self.nodes.get(n as usize)) else { return false };
            node = next;
        }
        !node.values.is_empty()
    }
}
