//! The `basename` transformer.

use memchr::memrchr;

/// The text after the last `/`; all of it when there is none, nothing when it ends with one.
///
/// ```
/// use peregrine_compiler::ops::path::basename;
/// assert_eq!(basename(b"/usr/bin/cat"), b"cat");
/// assert_eq!(basename(b"/usr/bin/"), b"");
/// ```
pub fn basename(path: &[u8]) -> &[u8] {
    match memrchr(b'/', path) {
        Some(slash) => path.get(slash + 1..).unwrap_or_default(),
        None => path,
    }
}

#[cfg(test)]
mod tests {
    use super::basename;

    #[test]
    fn text_after_the_last_slash() {
        for (path, expect) in [
            (&b"/tmp/file_to_run"[..], &b"file_to_run"[..]),
            (b"file", b"file"),
            (b"", b""),
            (b"/", b""),
            (b"/etc/", b""),
            (b"a/\xff", b"\xff"),
        ] {
            assert_eq!(basename(path), expect, "{path:?}");
        }
    }
}
