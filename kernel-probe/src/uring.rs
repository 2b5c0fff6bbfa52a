//! What processes do through `io_uring`, which makes no system call of its own.
//!
//! Operations that do what a system call does become events of that call's type, recorded where the type is.
//! Such an event is marked ([`Mark`](super::Mark)), also where the kernel told no result.
//!
//! | operation | event of | |
//! |---|---|---|
//! | OPENAT, OPENAT2 | `openat`, `openat2` | flags as the kernel keeps them: those that `openat` ignores are gone |
//! | UNLINKAT, RENAMEAT, MKDIRAT, SYMLINKAT, LINKAT | `unlinkat`, `renameat2`, `mkdirat`, `symlinkat`, `linkat` | |
//! | SOCKET, CONNECT, ACCEPT, SHUTDOWN, CLOSE | the call of that name; ACCEPT is `accept4` | |
//! | BIND, LISTEN | `bind`, `listen` | kernels from 6.11 on have them |
//! | `FIXED_FD_INSTALL` | `dup` | kernels from 6.8 on have it |
//! | SEND, SENDMSG and those without copies | `sendto`, `sendmsg` | |
//! | RECV, RECVMSG | `recvfrom`, `recvmsg` | no data where the kernel chooses the buffer |
//! | READ, WRITE, READV, WRITEV and those with registered buffers | `read`, `write`, `readv`, `writev`; with an offset `pread64` and so on | |
//!
//! Other operations are not seen, and none that the kernel refuses before it is begun: a name that cannot be read,
//! say. Requests of 32-bit programs have empty messages and vectors.
//!
//! The event is of the thread that submitted the request, at the time at which it completed. With
//! `IORING_SETUP_SQPOLL` it is of the process's first thread. A descriptor in the ring's own table is
//! [`FIXED_FD`] plus its index. With `IOSQE_CQE_SKIP_SUCCESS` the kernel tells no success, so the event is written
//! at the submission, with result 0 or [`UNKNOWN_FD`], and a failure is not told; so it is with a request which there
//! is no room to remember (16384 at once, of them 4096 with names or addresses, of them 128 with names above 255
//! bytes; counted as [`crate::Loss::TableFull`]). If a request finds the completion queue full while others with the
//! same user data are under way, all of them are told at once, with an unknown result.
//!
//! Places in the kernel: `io_uring_submit_req`, which 6.1 calls `io_uring_submit_sqe`; `io_uring_complete`, whose
//! arguments changed after 6.12; and `io_uring_cqe_overflow`. They are looked for in the kernel's types, and
//! attached only while one of the calls is recorded. Where they are missing (kernels without `io_uring`), nothing is
//! loaded: [`crate::Probe::without_uring`].

use super::error::ProbeError;
use super::loader::{missing, refused};
use aya::maps::HashMap;
use aya::programs::BtfTracePoint;
use aya::programs::tp_btf::BtfTracePointLinkId;
use aya::{Btf, Ebpf, Pod};
use aya_obj::btf::BtfKind;
use libc as nr;

/// Number of the first descriptor in a ring's own table, in events.
pub const FIXED_FD: i64 = 0x4000_0000;
/// Descriptor that was opened, by a number that is not known.
pub const UNKNOWN_FD: i64 = 0x7fff_ffff;

/// System calls that operations do the same as; `calls` of `bpf/uring_request.h`.
#[rustfmt::skip]
const CALLS: [libc::c_long; 27] = [
    nr::SYS_read, nr::SYS_write, nr::SYS_close, nr::SYS_pread64, nr::SYS_pwrite64, nr::SYS_readv, nr::SYS_writev,
    nr::SYS_socket, nr::SYS_connect, nr::SYS_sendto, nr::SYS_recvfrom, nr::SYS_sendmsg, nr::SYS_recvmsg,
    nr::SYS_shutdown, nr::SYS_bind, nr::SYS_listen, nr::SYS_openat, nr::SYS_mkdirat, nr::SYS_unlinkat,
    nr::SYS_linkat, nr::SYS_symlinkat, nr::SYS_accept4, nr::SYS_preadv, nr::SYS_pwritev, nr::SYS_renameat2,
    nr::SYS_openat2, nr::SYS_dup,
];

/// Whether an operation does what a system call does.
pub(crate) fn does(call: u32) -> bool {
    CALLS.contains(&libc::c_long::from(call))
}

/// The programs that look at requests.
#[derive(Default)]
pub(crate) struct Uring {
    loaded: Vec<&'static str>,
    links: Vec<(&'static str, BtfTracePointLinkId)>,
    is_wanted: bool,
}

impl Uring {
    /// Loads what this kernel has places for; tells why not.
    pub(crate) fn load(&mut self, ebpf: &mut Ebpf, btf: &Btf) -> Option<String> {
        match self.find(ebpf, btf) {
            Ok(true) => None,
            Ok(false) => Some("the kernel has no places to watch it".to_owned()),
            Err(why) => {
                self.loaded.clear();
                Some(why.to_string())
            }
        }
    }

    fn find(&mut self, ebpf: &mut Ebpf, btf: &Btf) -> Result<bool, ProbeError> {
        let has =
            |place: &str| btf.id_by_type_name_kind(&format!("btf_trace_{place}"), BtfKind::Typedef).is_ok();
        let submit = ["io_uring_submit_req", "io_uring_submit_sqe"].into_iter().find(|place| has(place));
        let (Some(submit), true) = (submit, has("io_uring_complete")) else { return Ok(false) };
        load(ebpf, btf, "uring_submit", submit)?;
        // the verifier knows the arguments of a place, so of the two programs it takes the one that fits
        let mut complete = "uring_complete";
        if load(ebpf, btf, complete, "io_uring_complete").is_err() {
            complete = "uring_complete_values";
            load(ebpf, btf, complete, "io_uring_complete")?;
        }
        self.loaded = vec![complete, "uring_submit"];
        if has("io_uring_cqe_overflow") {
            load(ebpf, btf, "uring_overflow", "io_uring_cqe_overflow")?;
            self.loaded.insert(0, "uring_overflow");
        }
        Ok(true)
    }

    /// Attaches the programs while they have something to do, and else detaches them.
    pub(crate) fn watch(&mut self, ebpf: &mut Ebpf, is_wanted: bool) -> Result<(), ProbeError> {
        self.is_wanted = is_wanted;
        self.settle(ebpf)
    }

    /// The same once they are loaded.
    pub(crate) fn settle(&mut self, ebpf: &mut Ebpf) -> Result<(), ProbeError> {
        if self.is_wanted && self.links.is_empty() {
            if !self.loaded.is_empty() {
                forget_all(ebpf)?;
            }
            for &name in &self.loaded {
                let link = program(ebpf, name)?.attach().map_err(|e| refused(name, &e))?;
                self.links.push((name, link));
            }
        } else if !self.is_wanted {
            for (name, link) in self.links.drain(..) {
                program(ebpf, name)?.detach(link).map_err(|e| refused(name, &e))?;
            }
        }
        Ok(())
    }
}

fn program<'e>(ebpf: &'e mut Ebpf, name: &str) -> Result<&'e mut BtfTracePoint, ProbeError> {
    let program = ebpf.program_mut(name).ok_or_else(|| missing(name))?;
    program.try_into().map_err(|e| refused(name, &e))
}

fn load(ebpf: &mut Ebpf, btf: &Btf, name: &'static str, place: &str) -> Result<(), ProbeError> {
    program(ebpf, name)?.load(place, btf).map_err(|e| refused(name, &e))
}

/// Forgets requests whose completion was not seen, because the programs were detached by then.
fn forget_all(ebpf: &mut Ebpf) -> Result<(), ProbeError> {
    clear::<u64, [u8; 88]>(ebpf, "pending")?;
    clear::<u64, [u8; 512]>(ebpf, "short_texts")?;
    clear::<u64, [u8; 8192]>(ebpf, "long_texts")?;
    clear::<[u64; 2], [u64; 2]>(ebpf, "repeating")
}

fn clear<K: Pod, V: Pod>(ebpf: &mut Ebpf, name: &str) -> Result<(), ProbeError> {
    let mut map: HashMap<_, K, V> = HashMap::try_from(ebpf.map_mut(name).ok_or_else(|| missing(name))?)?;
    let keys: Vec<K> = map.keys().collect::<Result<_, _>>()?;
    for key in keys {
        // one may end meanwhile
        let _ = map.remove(&key);
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_call_has_a_recipe_with_room() {
        let recipes = crate::recipes();
        for call in CALLS {
            let recipe = recipes.iter().find(|r| libc::c_long::from(r.nr) == call);
            assert!(recipe.is_some(), "{call}");
        }
    }
}
