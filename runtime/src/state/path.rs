//! Paths as the state keeps them: absolute and without `.`, `..` and doubled slashes.

/// Longest path that is kept, its NUL included.
const MAX_PATH: usize = 1024;
/// What stands for longer ones.
const TOO_LONG: &[u8] = b"/DIR_TOO_LONG/FILENAME_TOO_LONG";

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
