//! Container id from the cgroup paths of a thread.

use super::text::{Text, items};

/// Characters of a full id.
const FULL: usize = 64;
/// Characters of the id that fields show.
const SHORT: usize = 12;

/// The short id of the container that a thread with these cgroups is in; empty for the host.
///
/// A path belongs to a container when one of its components has 64 hexadecimal digits (docker, podman,
/// containerd, CRI-O; with or without a prefix such as `docker-` and a suffix such as `.scope`), or has one of
/// the forms of runtimes whose ids are names (LXC, libvirt, BOSH).
pub(crate) fn id_of(cgroups: &[u8]) -> Text {
    for item in items(cgroups) {
        let Some(at) = memchr::memchr(b'=', item) else { continue };
        let path = item.get(at + 1..).unwrap_or_default();
        if let Some(id) = of_path(path) {
            return Text::from(id);
        }
    }
    Text::default()
}

fn of_path(path: &[u8]) -> Option<&[u8]> {
    let last = path.rsplit(|&b| b == b'/').next()?;
    if let Some(id) = hex_id(last) {
        return Some(id);
    }
    if let Some(rest) = find(path, b"/lxc/").or_else(|| find(path, b"/lxc.payload/")) {
        return rest.split(|&b| b == b'/').next().filter(|id| !id.is_empty());
    }
    if let Some(rest) = find(path, b"/lxc.payload.") {
        return rest.split(|&b| b == b'/').next().filter(|id| !id.is_empty());
    }
    if let Some(end) = path.strip_suffix(b".libvirt-lxc") {
        return end.rsplit(|&b| b == b'/').next().filter(|id| !id.is_empty());
    }
    containerd(path)
}

/// containerd without Kubernetes: `/namespace/id`, where the id is a name.
fn containerd(path: &[u8]) -> Option<&[u8]> {
    let mut parts = path.strip_prefix(b"/")?.split(|&b| b == b'/');
    let (namespace, id) = (parts.next()?, parts.next()?);
    let unit = [&b".service"[..], b".slice", b".scope"].iter().any(|suffix| id.ends_with(suffix));
    (parts.next().is_none() && !namespace.is_empty() && !id.is_empty() && !unit).then(|| short(id))
}

fn short(id: &[u8]) -> &[u8] {
    id.get(..SHORT).unwrap_or(id)
}

/// The id in a component such as `docker-<id>.scope`.
fn hex_id(component: &[u8]) -> Option<&[u8]> {
    let name = component.strip_suffix(b".scope").unwrap_or(component);
    let start = name.len().checked_sub(FULL)?;
    let (prefix, id) = name.split_at_checked(start)?;
    let ends = prefix.last().is_none_or(|b| matches!(b, b'-' | b':' | b'_'));
    (ends && id.iter().all(u8::is_ascii_hexdigit)).then(|| short(id))
}

fn find<'a>(path: &'a [u8], infix: &[u8]) -> Option<&'a [u8]> {
    let at = memchr::memmem::find(path, infix)?;
    path.get(at + infix.len()..)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_by_path() {
        let id = "3ad7b26ded6d8e7b23da7d48fe889434573036c27ae5a74837233de441c3601e";
        let cases = [
            (format!("cpu=/docker/{id}\0"), "3ad7b26ded6d"),
            (format!("cpuset=/\0cpu=/system.slice/docker-{id}.scope\0"), "3ad7b26ded6d"),
            (format!("cpu=/kubepods.slice/kubepods-pod1.slice/cri-containerd-{id}.scope\0"), "3ad7b26ded6d"),
            (format!("cpu=/machine.slice/libpod-{id}.scope\0"), "3ad7b26ded6d"),
            ("cpu=/lxc/web/ns\0".into(), "web"),
            ("cpu=/lxc.payload.web\0".into(), "web"),
            ("cpu=/default/redis-server-long-name\0".into(), "redis-server"),
            ("cpu=/user.slice/user-0.slice/session-1.scope\0".into(), ""),
            ("cpu=/system.slice/ssh.service\0".into(), ""),
            ("cpu=/\0".into(), ""),
            (String::new(), ""),
        ];
        for (cgroups, expected) in cases {
            assert_eq!(&*id_of(cgroups.as_bytes()), expected.as_bytes(), "{cgroups:?}");
        }
    }
}
