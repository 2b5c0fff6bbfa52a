//! Source texts and positions in them.
//!
//! In: names and bytes of rule files. Out: [`FileId`]s, [`Span`]s and line/column lookups.
//!
//! Invariants: a text is valid UTF-8 (invalid bytes were replaced by U+FFFD when it was added, and
//! the first such place is kept); a file is at most [`MAX_FILE_BYTES`] long, so that `u32` offsets
//! are enough; a [`Span`] always lies inside its file when made through this module's users.
//!
//! ```
//! use peregrine_compiler::source::SourceMap;
//! let mut map = SourceMap::new();
//! let id = map.add("rules.yaml", b"- rule: x\n  desc: y\n".to_vec()).unwrap();
//! assert_eq!(map.file(id).line_col(12), (2, 3));
//! ```

use std::fmt;
use std::sync::Arc;

/// Largest accepted source text, in bytes.
pub const MAX_FILE_BYTES: usize = 256 << 20;

/// A source text of a [`SourceMap`].
#[derive(Copy, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Debug)]
pub struct FileId(pub u32);

/// A byte range `start..end` of one source text.
#[derive(Copy, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Span {
    /// The text.
    pub file: FileId,
    /// First byte.
    pub start: u32,
    /// One past the last byte.
    pub end: u32,
}

impl Span {
    /// The range `start..end` of `file`.
    pub fn new(file: FileId, start: u32, end: u32) -> Self {
        Self { file, start, end }
    }

    /// The smallest span of one file that covers both; `self` when the files differ.
    #[must_use]
    pub fn to(self, other: Span) -> Self {
        if self.file == other.file {
            Self::new(self.file, self.start.min(other.start), self.end.max(other.end))
        } else {
            self
        }
    }
}

impl fmt::Debug for Span {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}..{}", self.file.0, self.start, self.end)
    }
}

/// One source text.
#[derive(Debug)]
pub struct SourceFile {
    name: String,
    text: Arc<str>,
    line_starts: Vec<u32>,
    invalid_utf8_at: Option<u32>,
}

impl SourceFile {
    /// The name that messages show.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The whole text.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// The text, shared.
    pub fn shared_text(&self) -> Arc<str> {
        Arc::clone(&self.text)
    }

    /// Offset of the first byte that was not UTF-8, if any was replaced.
    pub fn invalid_utf8_at(&self) -> Option<u32> {
        self.invalid_utf8_at
    }

    /// Line and column of a byte offset, both from 1, the column in characters.
    pub fn line_col(&self, offset: u32) -> (u32, u32) {
        let line = self.line_starts.partition_point(|&s| s <= offset).saturating_sub(1);
        let start = self.line_starts.get(line).copied().unwrap_or(0) as usize;
        let upto = self.text.get(start..offset as usize).map_or(0, |s| s.chars().count());
        (line as u32 + 1, upto as u32 + 1)
    }

    /// The text of a range; empty when the range is not on character limits.
    pub fn slice(&self, span: Span) -> &str {
        self.text.get(span.start as usize..span.end as usize).unwrap_or("")
    }
}

/// A source text that cannot be added.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TooLarge {
    /// The text's name.
    pub name: String,
    /// Its size in bytes.
    pub bytes: usize,
}

/// All texts of one compilation, in the order in which they were added.
#[derive(Debug, Default)]
pub struct SourceMap {
    files: Vec<SourceFile>,
}

impl SourceMap {
    /// An empty map.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a text. Bytes that are not UTF-8 become U+FFFD, as Falco's YAML reader does.
    ///
    /// # Errors
    /// [`TooLarge`] above [`MAX_FILE_BYTES`].
    pub fn add(&mut self, name: impl Into<String>, bytes: Vec<u8>) -> Result<FileId, TooLarge> {
        let name = name.into();
        if bytes.len() > MAX_FILE_BYTES {
            return Err(TooLarge { name, bytes: bytes.len() });
        }
        let (text, invalid_utf8_at) = match String::from_utf8(bytes) {
            Ok(text) => (text, None),
            Err(e) => {
                let at = e.utf8_error().valid_up_to() as u32;
                (String::from_utf8_lossy(e.as_bytes()).into_owned(), Some(at))
            }
        };
        let mut line_starts = vec![0];
        line_starts.extend(memchr::memchr_iter(b'\n', text.as_bytes()).map(|i| i as u32 + 1));
        let id = FileId(self.files.len() as u32);
        self.files.push(SourceFile { name, text: text.into(), line_starts, invalid_utf8_at });
        Ok(id)
    }

    /// The file of an id given by [`SourceMap::add`] of this map.
    ///
    /// # Panics
    /// If the id comes from another map.
    #[expect(clippy::indexing_slicing, reason = "ids come from `add` of the same map")]
    pub fn file(&self, id: FileId) -> &SourceFile {
        &self.files[id.0 as usize]
    }

    /// All files with their ids.
    pub fn iter(&self) -> impl Iterator<Item = (FileId, &SourceFile)> {
        self.files.iter().enumerate().map(|(i, f)| (FileId(i as u32), f))
    }

    /// The text under a span.
    pub fn slice(&self, span: Span) -> &str {
        self.file(span.file).slice(span)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn invalid_utf8_is_replaced_and_located() {
        let mut map = SourceMap::new();
        let id = map.add("f", b"ab\xffc".to_vec()).unwrap();
        assert_eq!(map.file(id).text(), "ab\u{fffd}c");
        assert_eq!(map.file(id).invalid_utf8_at(), Some(2));
    }

    #[test]
    fn columns_count_characters() {
        let mut map = SourceMap::new();
        let id = map.add("f", "äb\nc".as_bytes().to_vec()).unwrap();
        assert_eq!(map.file(id).line_col(2), (1, 2));
        assert_eq!(map.file(id).line_col(4), (2, 1));
    }
}
