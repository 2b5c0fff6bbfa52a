//! The program whose system calls are known.

mod compat;
mod more;
mod race;

use std::ffi::CString;
use std::io::{BufRead, Write};

/// Prints `ready`, waits for a line and does what it is for.
pub(crate) fn run() {
    let part = std::env::var(super::PROGRAM).unwrap();
    println!("ready");
    std::io::stdin().lock().read_line(&mut String::new()).unwrap();
    if part == "many" {
        let many = 100_000_u64;
        for _ in 0..many {
            call(libc::SYS_geteuid, &[]);
        }
        println!("{many}");
        return;
    }
    if part == "race" {
        return race::run();
    }
    let lines = match part.as_str() {
        "compat" => compat::calls(),
        "more" => more::calls(),
        _ => calls(),
    };
    let _ = std::io::stdout().lock().write_all(lines.concat().as_bytes());
}

/// A system call; the result, or the error's number below zero.
fn call(number: libc::c_long, args: &[u64]) -> i64 {
    let arg = |i: usize| args.get(i).copied().unwrap_or(0);
    // SAFETY: the calls below are given pointers to values that live until the call has returned
    let result = unsafe { libc::syscall(number, arg(0), arg(1), arg(2), arg(3), arg(4), arg(5)) };
    if result == -1 {
        -i64::from(std::io::Error::last_os_error().raw_os_error().unwrap_or(0))
    } else {
        result
    }
}

/// What a parameter is expected to be.
#[derive(Clone)]
enum P {
    I64(i64),
    U64(u64),
    U32(u32),
    U16(u16),
    U8(u8),
    Text(&'static str),
    Bytes(Vec<u8>),
    Empty,
    /// Not compared.
    Any,
}

impl P {
    fn hex(&self) -> String {
        let hex = |bytes: &[u8]| bytes.iter().map(|b| format!("{b:02x}")).collect::<Vec<_>>().concat();
        match self {
            P::I64(n) => hex(&n.to_le_bytes()),
            P::U64(n) => hex(&n.to_le_bytes()),
            P::U32(n) => hex(&n.to_le_bytes()),
            P::U16(n) => hex(&n.to_le_bytes()),
            P::U8(n) => hex(&[*n]),
            P::Text(t) => hex(&[t.as_bytes(), b"\0"].concat()),
            P::Bytes(b) => hex(b),
            P::Empty => ".".to_owned(),
            P::Any => "*".to_owned(),
        }
    }
}

fn line(name: &str, code: u16, params: &[P]) -> String {
    let params: Vec<String> = params.iter().map(P::hex).collect();
    format!("{} {code} {}\n", name.replace(' ', "_"), params.join(" "))
}

fn c(text: &str) -> CString {
    CString::new(text).unwrap()
}

fn at(text: &CString) -> u64 {
    text.as_ptr() as u64
}

const CWD: u64 = -100_i64 as u64;

#[expect(clippy::many_single_char_names, reason = "names of files and results in a table")]
fn calls() -> Vec<String> {
    use P::{Any, Bytes, Empty, I64, Text, U8, U16, U32, U64};
    let dir = std::env::temp_dir().join(format!("peregrine-probe-{}", std::process::id()));
    std::fs::create_dir_all(&dir).unwrap();
    std::env::set_current_dir(&dir).unwrap();
    let mut out = Vec::new();
    let (a, b, d, missing) = (c("a"), c("b"), c("d"), c("missing"));
    // memory that was never written to is not there yet, and the probe cannot read it
    let empty = std::hint::black_box([0_u8; 8]);
    let mut it = |name: &str, code: u16, params: Vec<P>| out.push(line(name, code, &params));

    // files
    let made = call(libc::SYS_open, &[at(&a), (libc::O_RDWR | libc::O_CREAT) as u64, 0o640]);
    it("open", 3, vec![I64(made), Text("a"), U32(3 | 4 | 16384), U32(0o640), Any, Any]);
    let fd = call(libc::SYS_openat, &[CWD, at(&a), (libc::O_RDONLY | libc::O_CLOEXEC) as u64, 0o777]);
    it("openat", 307, vec![I64(fd), I64(-100), Text("a"), U32(1 | 4096), U32(0), Any, Any]);
    let none = call(libc::SYS_openat, &[CWD, at(&missing), 0, 0]);
    it("openat missing", 307, vec![I64(none), I64(-100), Text("missing"), U32(1), U32(0), U32(0), U64(0)]);
    let unreadable = call(libc::SYS_openat, &[CWD, 8, 0, 0]);
    it("openat unreadable", 307, vec![I64(unreadable), I64(-100), Empty, U32(1), U32(0), U32(0), U64(0)]);
    let how: [u64; 3] = [libc::O_RDONLY as u64, 0, 8];
    let beneath = call(libc::SYS_openat2, &[CWD, at(&a), how.as_ptr() as u64, 24]);
    it("openat2", 327, vec![I64(beneath), I64(-100), Text("a"), U32(1), U32(0), U32(1), Any, Any]);
    let created = call(libc::SYS_creat, &[at(&b), 0o600]);
    it("creat", 59, vec![I64(created), Text("b"), U32(0o600), Any, Any, U16(0)]);
    let data = b"hello";
    let n = call(libc::SYS_write, &[made as u64, data.as_ptr() as u64, 5]);
    it("write", 9, vec![I64(n), Bytes(data.to_vec()), I64(made), U32(5)]);
    let mut room = [0_u8; 16];
    let n = call(libc::SYS_read, &[fd as u64, room.as_mut_ptr() as u64, 16]);
    it("read", 7, vec![I64(n), Bytes(data.to_vec()), I64(fd), U32(16)]);
    let n = call(libc::SYS_pread64, &[fd as u64, room.as_mut_ptr() as u64, 3, 1]);
    it("pread64", 113, vec![I64(n), Bytes(b"ell".to_vec()), I64(fd), U32(3), U64(1)]);
    let n = call(libc::SYS_pwrite64, &[made as u64, data.as_ptr() as u64, 2, 7]);
    it("pwrite64", 115, vec![I64(n), Bytes(b"he".to_vec()), I64(made), U32(2), U64(7)]);
    let parts: [u64; 4] = [data.as_ptr() as u64, 2, data.as_ptr() as u64 + 2, 3];
    let n = call(libc::SYS_writev, &[made as u64, parts.as_ptr() as u64, 2]);
    it("writev", 119, vec![I64(n), Bytes(data.to_vec()), I64(made), U32(5)]);
    let n = call(libc::SYS_write, &[99, data.as_ptr() as u64, 5]);
    it("write nowhere", 9, vec![I64(n), Bytes(data.to_vec()), I64(99), U32(5)]);
    let n = call(libc::SYS_lseek, &[fd as u64, 2, 1]);
    it("lseek", 87, vec![I64(n), I64(fd), U64(2), U8(1)]);
    let n = call(libc::SYS_dup, &[fd as u64]);
    it("dup", 367, vec![I64(n), I64(fd)]);
    let n = call(libc::SYS_dup2, &[fd as u64, 50]);
    it("dup2", 363, vec![I64(n), I64(fd), I64(50)]);
    let n = call(libc::SYS_dup3, &[fd as u64, 51, libc::O_CLOEXEC as u64]);
    it("dup3", 365, vec![I64(n), I64(fd), I64(51), U32(4096)]);
    let n = call(libc::SYS_fcntl, &[fd as u64, libc::F_SETFD as u64, 1]);
    it("fcntl", 151, vec![I64(n), I64(fd), U8(3), U64(1)]);
    let n = call(libc::SYS_flock, &[fd as u64, 2]);
    it("flock", 243, vec![I64(n), I64(fd), U32(2)]);
    let n = call(libc::SYS_fchmod, &[fd as u64, 0o4755]);
    it("fchmod", 317, vec![I64(n), I64(fd), U32(0o4755)]);
    let n = call(libc::SYS_fchown, &[fd as u64, 0, 0]);
    it("fchown", 383, vec![I64(n), I64(fd), U32(0), U32(0)]);
    for copy in [50_u64, 51] {
        let n = call(libc::SYS_close, &[copy]);
        it("close", 5, vec![I64(n), I64(copy.cast_signed())]);
    }
    let n = call(libc::SYS_close, &[1234]);
    it("close nothing", 5, vec![I64(n), I64(1234)]);
    let n = call(libc::SYS_close_range, &[900, 901, 0]);
    it("close_range", 451, vec![I64(n), U32(900), U32(901), U32(0)]);

    // the file system
    let n = call(libc::SYS_mkdir, &[at(&d), 0o750]);
    it("mkdir", 277, vec![I64(n), Text("d"), U32(0o750)]);
    let e = c("e");
    let n = call(libc::SYS_mkdirat, &[CWD, at(&e), 0o700]);
    it("mkdirat", 305, vec![I64(n), I64(-100), Text("e"), U32(0o700)]);
    let n = call(libc::SYS_rmdir, &[at(&e)]);
    it("rmdir", 279, vec![I64(n), Text("e")]);
    let n = call(libc::SYS_chmod, &[at(&a), 0o644]);
    it("chmod", 315, vec![I64(n), Text("a"), U32(0o644)]);
    let n = call(libc::SYS_fchmodat, &[CWD, at(&a), 0o600]);
    it("fchmodat", 313, vec![I64(n), I64(-100), Text("a"), U32(0o600)]);
    let n = call(libc::SYS_chown, &[at(&a), 1, 2]);
    it("chown", 379, vec![I64(n), Text("a"), U32(1), U32(2)]);
    let n = call(libc::SYS_fchownat, &[CWD, at(&a), 0, 0, 0x100]);
    it("fchownat", 385, vec![I64(n), I64(-100), Text("a"), U32(0), U32(0), U32(1024)]);
    let (l, m, s, t) = (c("l"), c("m"), c("s"), c("t"));
    let n = call(libc::SYS_link, &[at(&a), at(&l)]);
    it("link", 309, vec![I64(n), Text("a"), Text("l")]);
    let n = call(libc::SYS_linkat, &[CWD, at(&a), CWD, at(&m), 0]);
    it("linkat", 311, vec![I64(n), I64(-100), Text("a"), I64(-100), Text("m"), U32(0)]);
    let n = call(libc::SYS_symlink, &[at(&a), at(&s)]);
    it("symlink", 179, vec![I64(n), Text("a"), Text("s")]);
    let n = call(libc::SYS_symlinkat, &[at(&a), CWD, at(&t)]);
    it("symlinkat", 181, vec![I64(n), Text("a"), I64(-100), Text("t")]);
    let (x, y, z) = (c("x"), c("y"), c("z"));
    let n = call(libc::SYS_rename, &[at(&l), at(&x)]);
    it("rename", 175, vec![I64(n), Text("l"), Text("x")]);
    let n = call(libc::SYS_renameat, &[CWD, at(&x), CWD, at(&y)]);
    it("renameat", 177, vec![I64(n), I64(-100), Text("x"), I64(-100), Text("y")]);
    let n = call(libc::SYS_renameat2, &[CWD, at(&y), CWD, at(&z), 1]);
    it("renameat2", 319, vec![I64(n), I64(-100), Text("y"), I64(-100), Text("z"), U32(1)]);
    let n = call(libc::SYS_unlink, &[at(&z)]);
    it("unlink", 301, vec![I64(n), Text("z")]);
    let n = call(libc::SYS_unlinkat, &[CWD, at(&d), 0x200]);
    it("unlinkat", 303, vec![I64(n), I64(-100), Text("d"), U32(512)]);
    let n = call(libc::SYS_mknod, &[at(&x), u64::from(libc::S_IFIFO | 0o600), 0]);
    it("mknod", 415, vec![I64(n), Text("x"), U32(libc::S_IFIFO | 0o600), U32(0)]);
    let n = call(libc::SYS_access, &[at(&a), 4]);
    it("access", 265, vec![I64(n), Text("a"), U32(4)]);
    let mut stat = [0_u8; 256];
    let n = call(libc::SYS_stat, &[at(&a), stat.as_mut_ptr() as u64]);
    it("stat", 67, vec![I64(n), Text("a")]);
    let n = call(libc::SYS_newfstatat, &[fd as u64, empty.as_ptr() as u64, stat.as_mut_ptr() as u64, 0x1000]);
    it("newfstatat", 419, vec![I64(n), I64(fd), Text(""), U32(0x1000)]);
    let up = c("..");
    let n = call(libc::SYS_chdir, &[at(&up)]);
    it("chdir", 95, vec![I64(n), Text("..")]);
    let (nothing, place) = (c("none"), c("missing"));
    let n = call(libc::SYS_mount, &[at(&nothing), at(&place), at(&nothing), 1, 0]);
    it("mount", 257, vec![I64(n), Text("none"), Text("missing"), Text("none"), U32(1)]);
    let n = call(libc::SYS_umount2, &[at(&place), 2]);
    it("umount2", 391, vec![I64(n), Text("missing"), U32(2)]);

    // descriptors that are no files
    let mut ends = [0_i32; 2];
    let n = call(libc::SYS_pipe2, &[ends.as_mut_ptr() as u64, libc::O_CLOEXEC as u64]);
    it("pipe2", 393, vec![I64(n), I64(ends[0].into()), I64(ends[1].into()), Any, U32(4096)]);
    let n = call(libc::SYS_eventfd2, &[5, libc::O_NONBLOCK as u64]);
    it("eventfd2", 397, vec![I64(n), U16(64), U64(5)]);
    let n = call(libc::SYS_epoll_create1, &[libc::O_CLOEXEC as u64]);
    it("epoll_create1", 377, vec![I64(n), U32(1)]);
    let n = call(libc::SYS_timerfd_create, &[1, 0]);
    it("timerfd_create", 137, vec![I64(n), U8(0), U8(0)]);
    let n = call(libc::SYS_inotify_init1, &[libc::O_CLOEXEC as u64]);
    it("inotify_init1", 395, vec![I64(n), U16(4096)]);
    let name = c("memory");
    let n = call(libc::SYS_memfd_create, &[at(&name), 1]);
    it("memfd_create", 405, vec![I64(n), Text("memory"), U32(1)]);
    let own = i64::from(std::process::id());
    let n = call(libc::SYS_pidfd_open, &[own as u64, 0]);
    it("pidfd_open", 409, vec![I64(n), I64(own), U32(0)]);

    // sockets
    let server = call(libc::SYS_socket, &[2, 1 | libc::SOCK_CLOEXEC as u64, 0]);
    it("socket", 19, vec![I64(server), U32(2), U32(1 | libc::SOCK_CLOEXEC as u32), U32(0), U32(4096)]);
    let mut address: [u8; 16] = [2, 0, 0, 0, 127, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0];
    let n = call(libc::SYS_bind, &[server as u64, address.as_ptr() as u64, 16]);
    it("bind", 21, vec![I64(n), Bytes(vec![2, 127, 0, 0, 1, 0, 0]), I64(server)]);
    let n = call(libc::SYS_listen, &[server as u64, 7]);
    it("listen", 25, vec![I64(n), I64(server), U32(7)]);
    let mut len = 16_u32;
    call(libc::SYS_getsockname, &[server as u64, address.as_mut_ptr() as u64, &raw mut len as u64]);
    it("getsockname", 39, vec![]);
    let port = [address[3], address[2]];
    let client = call(libc::SYS_socket, &[2, 1, 0]);
    let n = call(libc::SYS_connect, &[client as u64, address.as_ptr() as u64, 16]);
    let mut local = [0_u8; 16];
    call(libc::SYS_getsockname, &[client as u64, local.as_mut_ptr() as u64, &raw mut len as u64]);
    let from = [local[3], local[2]];
    let tuple = [&[2, 127, 0, 0, 1][..], &from, &[127, 0, 0, 1], &port].concat();
    let to = [&[2, 127, 0, 0, 1][..], &port].concat();
    it("connect", 23, vec![I64(n), Bytes(tuple.clone()), I64(client), Bytes(to)]);
    let accepted = call(libc::SYS_accept4, &[server as u64, 0, 0, libc::SOCK_CLOEXEC as u64]);
    it("accept4", 389, vec![I64(accepted), Bytes(tuple.clone()), U8(0), U32(0), U32(7), U32(4096)]);
    let n = call(libc::SYS_sendto, &[client as u64, data.as_ptr() as u64, 5, 0, 0, 0]);
    it("sendto", 31, vec![I64(n), Bytes(data.to_vec()), I64(client), U32(5), Bytes(tuple.clone())]);
    let n = call(libc::SYS_recvfrom, &[accepted as u64, room.as_mut_ptr() as u64, 16, 0, 0, 0]);
    it("recvfrom", 35, vec![I64(n), Bytes(data.to_vec()), Bytes(tuple), I64(accepted), U32(16)]);
    let one = 1_u32;
    let n = call(libc::SYS_setsockopt, &[client as u64, 1, 9, &raw const one as u64, 4]);
    it("setsockopt", 45, vec![I64(n), I64(client), U8(1), U8(9), Bytes(vec![2, 1, 0, 0, 0]), U32(4)]);
    let n = call(libc::SYS_shutdown, &[client as u64, 2]);
    it("shutdown", 37, vec![I64(n), I64(client), U8(2)]);
    let n = call(libc::SYS_socketpair, &[1, 1, 0, ends.as_mut_ptr() as u64]);
    let pair = [I64(ends[0].into()), I64(ends[1].into())];
    let [first, second] = pair;
    it("socketpair", 43, vec![I64(n), first, second, Any, Any, U32(1), U32(1), U32(0)]);

    // processes, users, memory
    let n = call(libc::SYS_kill, &[own as u64, 0]);
    it("kill", 129, vec![I64(n), I64(own), U8(0)]);
    let n = call(libc::SYS_tgkill, &[own as u64, own as u64, 0]);
    it("tgkill", 133, vec![I64(n), I64(own), I64(own), U8(0)]);
    let n = call(libc::SYS_ptrace, &[u64::from(libc::PTRACE_ATTACH), 999_999, 0, 0]);
    it("ptrace", 169, vec![I64(n), Bytes(vec![0; 9]), Bytes(vec![0; 9]), U16(11), I64(999_999)]);
    let title = c("title");
    let n = call(libc::SYS_prctl, &[15, at(&title)]);
    it("prctl", 401, vec![I64(n), U32(15), Text("title"), I64(0)]);
    let n = call(libc::SYS_setpgid, &[0, 0]);
    it("setpgid", 295, vec![I64(n), I64(0), I64(0)]);
    let n = call(libc::SYS_setsid, &[]);
    it("setsid", 275, vec![I64(n)]);
    let n = call(libc::SYS_unshare, &[0]);
    it("unshare", 285, vec![I64(n), U32(0)]);
    let n = call(libc::SYS_setns, &[fd as u64, 0x2000_0000]);
    it("setns", 241, vec![I64(n), I64(fd), U32(64)]);
    let n = call(libc::SYS_setuid, &[0]);
    it("setuid", 199, vec![I64(n), U32(0)]);
    let n = call(libc::SYS_setgid, &[0]);
    it("setgid", 201, vec![I64(n), U32(0)]);
    let n = call(libc::SYS_setresuid, &[0, u64::from(u32::MAX), 0]);
    it("setresuid", 193, vec![I64(n), U32(0), U32(u32::MAX), U32(0)]);
    let n = call(libc::SYS_setreuid, &[0, 0]);
    it("setreuid", 427, vec![I64(n), U32(0), U32(0)]);
    let n = call(libc::SYS_getuid, &[]);
    it("getuid", 203, vec![U32(n as u32)]);
    let limits = [64_u64, 64];
    let n = call(libc::SYS_setrlimit, &[6, limits.as_ptr() as u64]);
    it("setrlimit", 143, vec![I64(n), I64(64), I64(64), U8(6)]);
    let page = call(libc::SYS_mmap, &[0, 4096, 3, 0x22, u64::MAX, 0]);
    it("mmap", 161, vec![I64(page), Any, Any, Any, U64(0), U64(4096), U32(3), U32(2 | 8), I64(-1), U64(0)]);
    let n = call(libc::SYS_mprotect, &[page as u64, 4096, 1]);
    it("mprotect", 329, vec![I64(n), U64(page as u64), U64(4096), U32(1)]);
    let n = call(libc::SYS_munmap, &[page as u64, 4096]);
    it("munmap", 165, vec![I64(n), Any, Any, Any, U64(page as u64), U64(4096)]);
    let n = call(libc::SYS_bpf, &[5, 0, 0]);
    it("bpf", 369, vec![I64(n), U32(5)]);
    let n = call(libc::SYS_finit_module, &[fd as u64, empty.as_ptr() as u64, 2]);
    it("finit_module", 413, vec![I64(n), I64(fd), Text(""), U32(2)]);
    let module = c("no_such_module");
    let n = call(libc::SYS_delete_module, &[at(&module), libc::O_NONBLOCK as u64]);
    it("delete_module", 425, vec![I64(n), Text("no_such_module"), U32(2)]);
    let n = call(libc::SYS_execve, &[at(&missing), 0, 0]);
    let exec: Vec<P> = (0..31)
        .map(|i| {
            if i == 0 {
                I64(n)
            } else if i == 30 {
                Text("missing")
            } else {
                Any
            }
        })
        .collect();
    it("execve that fails", 293, exec);
    let _ = std::fs::remove_dir_all(&dir);
    out
}
