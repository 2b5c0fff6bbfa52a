//! Paths as the state keeps them: absolute and without `.`, `..` and doubled slashes.

use bumpalo::Bump;

/// Longest path that is kept, its NUL included.
const MAX_PATH: usize = 1024;
/// What stands for longer ones.
const TOO_LONG: &[u8] = b"/DIR_TOO_LONG/FILENAME_TOO_LONG";

/// Whether a path stays as it is, which most do: nothing need be copied then. Names that begin with a dot count
/// as those that may not.
pub(crate) fn is_resolved(path: &[u8]) -> bool {
    path.first() == Some(&b'/') && path.len() < MAX_PATH && is_plain(path)
}

/// `path` seen from the directory `dir`, normalised. A relative path in an unknown directory keeps what is
/// known; paths that are too long are replaced by a text that says so.
pub(crate) fn resolve(dir: &[u8], path: &[u8]) -> Vec<u8> {
    if is_too_long(dir, path) {
        return TOO_LONG.to_vec();
    }
    let mut room = vec![0; dir.len() + path.len() + 1];
    let len = resolve_into(&mut room, dir, path);
    room.truncate(len);
    room
}

/// As [`resolve`], in an arena; an absolute path that has nothing to resolve as it is.
pub(crate) fn resolve_in<'a>(arena: &'a Bump, dir: &[u8], path: &'a [u8]) -> &'a [u8] {
    if is_too_long(dir, path) {
        return TOO_LONG;
    }
    if path.first() == Some(&b'/') && is_plain(path) {
        return path;
    }
    let room = arena.alloc_slice_fill_copy(dir.len() + path.len() + 1, 0);
    let len = resolve_into(room, dir, path);
    room.get(..len).unwrap_or_default()
}

fn is_too_long(dir: &[u8], path: &[u8]) -> bool {
    dir.len() + path.len() + 1 > MAX_PATH
}

/// Whether no component behind a slash is empty or begins with a dot. Nearly all paths are so; to look at all
/// bytes at once is faster than to look for slashes.
pub(crate) fn is_plain(path: &[u8]) -> bool {
    let next = path.get(1..).unwrap_or_default();
    let is = |byte: u8, wanted: u8| u8::from(byte == wanted);
    let odd = path.iter().zip(next).fold(0, |odd, (&a, &b)| odd | is(a, b'/') & (is(b, b'/') | is(b, b'.')));
    odd == 0 && !path.ends_with(b"/")
}

/// Writes the path and tells its length, which is that of both and a slash at most.
fn resolve_into(room: &mut [u8], dir: &[u8], path: &[u8]) -> usize {
    let mut out = Output { room, len: 0 };
    if path.first() == Some(&b'/') {
        out.push_all(path);
    } else if dir.first() == Some(&b'/') {
        out.push_all(dir);
        out.push_all(path);
    } else {
        // an unknown directory is empty or a text such as "<UNKNOWN>": there is nothing to normalise
        out.push(dir);
        out.push(path);
        return out.len;
    }
    if out.len == 0 {
        out.push(b"/");
    }
    out.len
}

/// A path that is being written.
struct Output<'o> {
    room: &'o mut [u8],
    len: usize,
}

impl Output<'_> {
    fn push(&mut self, bytes: &[u8]) {
        if let Some(room) = self.room.get_mut(self.len..self.len + bytes.len()) {
            room.copy_from_slice(bytes);
            self.len += bytes.len();
        }
    }

    /// Appends the components of `path`.
    fn push_all(&mut self, path: &[u8]) {
        let plain = path.strip_suffix(b"/").unwrap_or(path);
        if plain.first() != Some(&b'.') && is_plain(plain) {
            if !plain.is_empty() && plain.first() != Some(&b'/') {
                self.push(b"/");
            }
            self.push(plain);
            return;
        }
        for part in path.split(|&b| b == b'/') {
            match part {
                b"" | b"." => {}
                b".." => {
                    let written = self.room.get(..self.len).unwrap_or_default();
                    self.len = memchr::memrchr(b'/', written).unwrap_or(0);
                }
                part => {
                    self.push(b"/");
                    self.push(part);
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_from_directories() {
        let arena = Bump::new();
        let long = [b'x'; MAX_PATH];
        for (dir, path, expect) in [
            (&b"/a/"[..], &b"b"[..], &b"/a/b"[..]),
            (b"/a", b"b", b"/a/b"),
            (b"/", b"b", b"/b"),
            (b"/a", b"", b"/a"),
            (b"/a", b"..", b"/"),
            (b"/a/b/c", b"../../d/./e/", b"/a/d/e"),
            (b"/a", b"../../..", b"/"),
            (b"/a", b"//b//c/../d", b"/b/d"),
            (b"/a", b".b/.c", b"/a/.b/.c"),
            (b"/a", b".", b"/a"),
            (b"/a/", b"b/", b"/a/b"),
            (b"/a", b"/", b"/"),
            (b"/a", b"//", b"/"),
            (b"//a", b"b", b"/a/b"),
            (b"", b"/", b"/"),
            (b"", b"b/../c", b"b/../c"),
            (b"<UNKNOWN>", b"b", b"<UNKNOWN>b"),
            (b"<UNKNOWN>", b"/b/.", b"/b"),
            (b"", b"", b""),
            (b"/", &long, TOO_LONG),
            (b"", long.get(2..).unwrap_or_default(), long.get(2..).unwrap_or_default()),
        ] {
            assert_eq!(resolve(dir, path), expect, "{dir:?} {path:?}");
            assert_eq!(resolve_in(&arena, dir, path), expect, "{dir:?} {path:?}");
        }
    }

    #[test]
    fn resolved_paths_stay_as_they_are() {
        let long = [b"/".as_slice(), &[b'x'; MAX_PATH - 2]].concat();
        let stay = [&b"/a"[..], b"/a/b.c", b"/a b/..c"[..3].as_ref(), &long];
        for path in stay {
            assert!(is_resolved(path), "{path:?}");
            assert!(resolve(b"", path) == path);
        }
        let too_long = [long.as_slice(), b"x"].concat();
        for path in [&b""[..], b"/", b"a", b"a/b", b"/a/", b"//a", b"/a//b", b"/./a", b"/a/..", &too_long] {
            assert!(!is_resolved(path), "{path:?}");
        }
    }
}
