//! Shared texts of the state.

use std::sync::Arc;

/// Bytes that several threads, descriptors or snapshots share.
pub type Text = Arc<[u8]>;

/// Puts `new` into `slot`, unless it has these bytes already: most events repeat what is known.
pub(crate) fn set(slot: &mut Text, new: &[u8]) {
    if **slot != *new {
        *slot = Text::from(new);
    }
}

/// The texts of a sequence in which each ends with a NUL.
pub(crate) fn items(bytes: &[u8]) -> impl Iterator<Item = &[u8]> + Clone {
    let bytes = bytes.strip_suffix(&[0]).unwrap_or(bytes);
    let none = bytes.is_empty();
    bytes.split(|&b| b == 0).filter(move |_| !none)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn items_end_with_nul() {
        let all = |b: &'static [u8]| items(b).collect::<Vec<_>>();
        assert_eq!(all(b"a\0b\0"), [&b"a"[..], b"b"]);
        assert_eq!(all(b"a\0\0"), [&b"a"[..], b""]);
        assert_eq!(all(b"a"), [b"a"]);
        assert!(all(b"").is_empty());
    }
}
