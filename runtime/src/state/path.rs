//! Paths as the state keeps them: absolute and without `.`, `..` and doubled slashes.

/// Longest path that is kept, its NUL included.
const MAX_PATH: usize = 1024;
/// What stands for longer ones.
const TOO_LONG: &[u8] = b"/DIR_TOO_LONG/FILENAME_TOO_LONG";

/// Whether a path stays as it is, which most do: nothing need be copied then. Names that begin with a dot count
/// as those that may not.
pub(crate) fn is_resolved(path: &[u8]) -> bool {
    let after_slash = path.array_windows().map(|[a, b]| *a == b'/' && matches!(b, b'/' | b'.'));
    let odd = after_slash.fold(false, |odd, this| odd | this);
    path.first() == Some(&b'/') && path.last() != Some(&b'/') && path.len() < MAX_PATH && !odd
}

/// `path` seen from the directory `dir`, normalised. A relative path in an unknown directory keeps what is
/// known; paths that are too long are replaced by a text that says so.
pub(crate) fn resolve(dir: &[u8], path: &[u8]) -> Vec<u8> {
    if dir.len() + path.len() + 1 > MAX_PATH {
        return TOO_LONG.to_vec();
    }
    let mut out = Vec::with_capacity(dir.len() + path.len() + 1);
    resolve_into(&mut out, dir, path);
    out
}

fn resolve_into(out: &mut Vec<u8>, dir: &[u8], path: &[u8]) {
    if path.first() == Some(&b'/') {
        push_all(out, path);
    } else {
        if dir.first() != Some(&b'/') {
            // an unknown directory is empty or a text such as "<UNKNOWN>": there is nothing to normalise
            out.extend_from_slice(dir);
            out.extend_from_slice(path);
            return;
        }
        push_all(out, dir);
        push_all(out, path);
    }
    if out.is_empty() && (dir.first() == Some(&b'/') || path.first() == Some(&b'/')) {
        out.push(b'/');
    }
}

/// Appends the components of `path`.
fn push_all(out: &mut Vec<u8>, path: &[u8]) {
    for part in path.split(|&b| b == b'/') {
        match part {
            b"" | b"." => {}
            b".." => match memchr::memrchr(b'/', out) {
                Some(at) => out.truncate(at),
                None => out.clear(),
            },
            part => {
                out.push(b'/');
                out.extend_from_slice(part);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

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
