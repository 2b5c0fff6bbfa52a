//! The program whose operations are known: for each it prints the event that is expected.

use self::results::{
    full_queue, full_queue_of_alikes, many, several_packets, several_results, silent, threads_and_links,
    twins,
};
use self::ring::{Ring, SETUP_SQPOLL, Sqe};
use self::sockets::{connect_entry, listener, loopback, socket_entry, sockets, told, tuple};

pub(crate) use self::results::MANY;
use peregrine_probe::FIXED_FD;
use std::ffi::CString;
use std::io::{BufRead, Write};
use std::os::fd::AsRawFd;

mod results;
pub(crate) mod ring;
mod sockets;

const ASYNC: u8 = 1 << 4;
const LINK: u8 = 1 << 2;
const FIXED_FILE: u8 = 1;
const BUFFER_SELECT: u8 = 1 << 5;
const SKIP_SUCCESS: u8 = 1 << 6;
const CANCELED: i64 = -125;
const BAD_FD: i64 = -9;

mod op {
    pub(super) const READV: u8 = 1;
    pub(super) const WRITEV: u8 = 2;
    pub(super) const SENDMSG: u8 = 9;
    pub(super) const RECVMSG: u8 = 10;
    pub(super) const ACCEPT: u8 = 13;
    pub(super) const CONNECT: u8 = 16;
    pub(super) const OPENAT: u8 = 18;
    pub(super) const CLOSE: u8 = 19;
    pub(super) const READ: u8 = 22;
    pub(super) const WRITE: u8 = 23;
    pub(super) const SEND: u8 = 26;
    pub(super) const RECV: u8 = 27;
    pub(super) const OPENAT2: u8 = 28;
    pub(super) const SHUTDOWN: u8 = 34;
    pub(super) const RENAMEAT: u8 = 35;
    pub(super) const UNLINKAT: u8 = 36;
    pub(super) const MKDIRAT: u8 = 37;
    pub(super) const SYMLINKAT: u8 = 38;
    pub(super) const LINKAT: u8 = 39;
    pub(super) const SOCKET: u8 = 45;
    pub(super) const PROVIDE_BUFFERS: u8 = 31;
    pub(super) const ASYNC_CANCEL: u8 = 14;
    pub(super) const FIXED_FD_INSTALL: u8 = 54;
    pub(super) const BIND: u8 = 56;
    pub(super) const LISTEN: u8 = 57;
}

/// What a parameter is expected to be.
pub(crate) enum P {
    I64(i64),
    U64(u64),
    U32(u32),
    U8(u8),
    Text(String),
    Bytes(Vec<u8>),
    Empty,
    /// Not compared, but not zero.
    Some,
    /// Not compared.
    Any,
}
use P::{Any, Bytes, Empty, I64, Text, U8, U32, U64};

impl P {
    fn hex(&self) -> String {
        let hex = |bytes: &[u8]| bytes.iter().map(|b| format!("{b:02x}")).collect::<Vec<_>>().concat();
        match self {
            I64(n) => hex(&n.to_le_bytes()),
            U64(n) => hex(&n.to_le_bytes()),
            U32(n) => hex(&n.to_le_bytes()),
            U8(n) => hex(&[*n]),
            Text(t) => hex(&[t.as_bytes(), b"\0"].concat()),
            Bytes(b) => hex(b),
            Empty => String::new(),
            P::Some => "+".to_owned(),
            Any => "*".to_owned(),
        }
    }
}

/// Events that are expected, as lines.
#[derive(Default)]
struct Expected(String);

impl Expected {
    /// An event of this thread, whose result is known.
    fn it(&mut self, name: &str, code: u16, mut params: Vec<P>) {
        params.push(U8(0));
        // SAFETY: no arguments
        let tid = unsafe { libc::gettid() };
        self.line(name, tid, code, &params);
    }

    fn line(&mut self, name: &str, tid: i32, code: u16, params: &[P]) {
        let params: Vec<String> = params.iter().map(P::hex).collect();
        self.0 += &[&name.replace(' ', "_"), &tid.to_string(), &code.to_string(), &params.join(" ")]
            .map(String::as_str)
            .join(" ");
        self.0.push('\n');
    }
}

/// Prints `ready`, waits for a line and does what it is for.
pub(crate) fn run(part: &str) {
    println!("ready");
    std::io::stdin().lock().read_line(&mut String::new()).unwrap();
    let dir = std::env::temp_dir().join(format!("peregrine-uring-{}", std::process::id()));
    std::fs::create_dir_all(&dir).unwrap();
    std::env::set_current_dir(&dir).unwrap();
    let mut out = Expected::default();
    match part {
        "inline" | "async" => {
            let ring = Ring::new(8, 0).unwrap();
            let flags = if part == "async" { ASYNC } else { 0 };
            names(&ring, flags, &mut out);
            sockets(&ring, flags, &mut out);
            data(&ring, flags, &mut out);
        }
        "sqpoll" => {
            let ring = Ring::new(8, SETUP_SQPOLL).unwrap();
            names(&ring, 0, &mut out);
            sockets(&ring, 0, &mut out);
            data(&ring, 0, &mut out);
        }
        "slots" => slots(&mut out),
        "several" => {
            several_results(&mut out);
            twins(&mut out);
            several_packets(&mut out);
        }
        "full" => full_queue(&mut out),
        "alike" => full_queue_of_alikes(),
        "silent" => silent(&mut out),
        "many" => many(&mut out),
        _ => threads_and_links(&mut out),
    }
    std::fs::remove_dir_all(&dir).unwrap();
    std::io::stdout().lock().write_all(out.0.as_bytes()).unwrap();
}

const CWD: i32 = libc::AT_FDCWD;

fn c(text: &str) -> CString {
    CString::new(text).unwrap()
}

fn at(text: &CString) -> u64 {
    text.as_ptr() as u64
}

fn open(path: &CString, flags: i32, mode: u32) -> Sqe {
    Sqe { opcode: op::OPENAT, fd: CWD, addr: at(path), len: mode, op_flags: flags as u32, ..Sqe::default() }
}

fn names(ring: &Ring, flags: u8, out: &mut Expected) {
    let run = |entry: Sqe| ring.run(Sqe { flags, ..entry });
    // a name that is longer than those of `short_texts`
    let long = c(&format!("{}a", "./".repeat(1000)));
    let (a, b, d, missing) = (c("a"), c("b"), c("d"), c("missing"));
    let path = |text: &CString| Text(text.to_str().unwrap().to_owned());
    let n = run(open(&a, libc::O_RDWR | libc::O_CREAT, 0o640));
    assert!(n > 0);
    out.it(
        "openat",
        307,
        vec![I64(n), I64(-100), path(&a), U32(3 | 4 | 16384), U32(0o640), P::Some, P::Some],
    );
    let n = run(open(&long, libc::O_RDONLY | libc::O_CLOEXEC, 0));
    assert!(n > 0);
    out.it("openat long", 307, vec![I64(n), I64(-100), path(&long), U32(1 | 4096), U32(0), Any, P::Some]);
    let n = run(open(&missing, 0, 0));
    out.it("openat missing", 307, vec![I64(n), I64(-100), path(&missing), U32(1), U32(0), U32(0), U64(0)]);
    let how = [libc::O_RDONLY as u64, 0, 8];
    let open2 = |path: &CString| Sqe {
        opcode: op::OPENAT2,
        fd: CWD,
        addr: at(path),
        len: 24,
        off: how.as_ptr() as u64,
        ..Sqe::default()
    };
    let n = run(open2(&a));
    assert!(n > 0);
    out.it("openat2", 327, vec![I64(n), I64(-100), path(&a), U32(1), U32(0), U32(1), P::Some, P::Some]);
    let n = run(open2(&missing));
    let none = vec![I64(n), I64(-100), path(&missing), U32(1), U32(0), U32(1), U32(0), U64(0)];
    out.it("openat2 missing", 327, none);

    let mkdir = Sqe { opcode: op::MKDIRAT, fd: CWD, addr: at(&d), len: 0o750, ..Sqe::default() };
    for name in ["mkdirat", "mkdirat again"] {
        let n = run(mkdir);
        assert_eq!(n == 0, name == "mkdirat");
        out.it(name, 305, vec![I64(n), I64(-100), path(&d), U32(0o750)]);
    }
    let two = |opcode: u8, from: &CString, to: &CString, op_flags: u32| Sqe {
        opcode,
        fd: CWD,
        addr: at(from),
        len: CWD as u32,
        off: at(to),
        op_flags,
        ..Sqe::default()
    };
    let ends = |n: i64, from: &CString, to: &CString, flags: u32| {
        vec![I64(n), I64(-100), path(from), I64(-100), path(to), U32(flags)]
    };
    for name in ["linkat", "linkat again"] {
        let n = run(two(op::LINKAT, &a, &b, 0));
        assert_eq!(n == 0, name == "linkat");
        out.it(name, 311, ends(n, &a, &b, 0));
    }
    let symlink = Sqe { opcode: op::SYMLINKAT, fd: CWD, addr: at(&long), off: at(&d), ..Sqe::default() };
    let n = run(symlink);
    out.it("symlinkat", 181, vec![I64(n), path(&long), I64(-100), path(&d)]);
    let (from, to) = (c("b"), c("e"));
    let n = run(two(op::RENAMEAT, &from, &to, 1));
    assert_eq!(n, 0);
    out.it("renameat", 319, ends(n, &from, &to, 1));
    let n = run(two(op::RENAMEAT, &missing, &long, 0));
    out.it("renameat missing", 319, ends(n, &missing, &long, 0));
    for (name, path_of, at_flags) in [("unlinkat", &to, 0), ("unlinkat a directory", &d, 0x200)] {
        let unlink =
            Sqe { opcode: op::UNLINKAT, fd: CWD, addr: at(path_of), op_flags: at_flags, ..Sqe::default() };
        for _ in 0..2 {
            let n = run(unlink);
            out.it(name, 303, vec![I64(n), I64(-100), path(path_of), U32(at_flags)]);
        }
    }
}

fn data(ring: &Ring, flags: u8, out: &mut Expected) {
    let run = |entry: Sqe| ring.run(Sqe { flags, ..entry });
    let file =
        std::fs::File::options().create(true).truncate(true).read(true).write(true).open("data").unwrap();
    let fd = i64::from(file.as_raw_fd());
    let (hello, room) = (b"hello".to_vec(), [0_u8; 16]);
    let parts = [hello.as_ptr() as u64, 2, hello.as_ptr() as u64 + 2, 3];
    let into = [room.as_ptr() as u64, 3, room.as_ptr() as u64 + 3, 13];
    let moves = |opcode: u8, place: i64, at: u64, len: usize| Sqe {
        opcode,
        fd: fd as i32,
        off: place as u64,
        addr: at,
        len: len as u32,
        ..Sqe::default()
    };
    let (bytes, buffer) = (hello.as_ptr() as u64, room.as_ptr() as u64);
    let hello = || Bytes(hello.clone());
    assert_eq!(run(moves(op::WRITE, -1, bytes, 5)), 5);
    out.it("write", 9, vec![I64(5), hello(), I64(fd), U32(5)]);
    assert_eq!(run(moves(op::WRITE, 5, bytes, 5)), 5);
    out.it("write at", 115, vec![I64(5), hello(), I64(fd), U32(5), U64(5)]);
    assert_eq!(run(moves(op::WRITEV, 10, parts.as_ptr() as u64, 2)), 5);
    out.it("writev at", 123, vec![I64(5), hello(), I64(fd), U32(5), U64(10)]);
    assert_eq!(run(moves(op::WRITEV, -1, parts.as_ptr() as u64, 2)), 5);
    out.it("writev", 119, vec![I64(5), hello(), I64(fd), U32(5)]);
    assert_eq!(run(moves(op::READ, 10, buffer, 16)), 5);
    out.it("read at", 113, vec![I64(5), hello(), I64(fd), U32(16), U64(10)]);
    assert_eq!(run(moves(op::READV, 10, into.as_ptr() as u64, 2)), 5);
    out.it("readv at", 121, vec![I64(5), U32(5), hello(), I64(fd), U64(10)]);
    assert_eq!(run(moves(op::READ, -1, buffer, 3)), 3);
    out.it("read", 7, vec![I64(3), Bytes(b"hel".to_vec()), I64(fd), U32(3)]);
    assert_eq!(run(moves(op::READV, -1, into.as_ptr() as u64, 2)), 2);
    out.it("readv", 117, vec![I64(2), U32(2), Bytes(b"lo".to_vec()), I64(fd)]);
    assert_eq!(run(Sqe { fd: 1234, ..moves(op::WRITE, -1, bytes, 5) }), BAD_FD);
    out.it("write nowhere", 9, vec![I64(BAD_FD), hello(), I64(1234), U32(5)]);
    assert_eq!(run(Sqe { fd: 1234, ..moves(op::READ, -1, buffer, 5) }), BAD_FD);
    out.it("read nowhere", 7, vec![I64(BAD_FD), Empty, I64(1234), U32(5)]);
}

/// Descriptors in the ring's own table.
fn slots(out: &mut Expected) {
    let ring = Ring::new(8, 0).unwrap();
    ring.register_slots(4);
    std::fs::write("a", "hello").unwrap();
    let (a, room) = (c("a"), [0_u8; 16]);
    let n = ring.run(Sqe { file_index: 3, ..open(&a, 0, 0) });
    assert_eq!(n, 0);
    let slot = FIXED_FD + 2;
    out.it(
        "open into a slot",
        307,
        vec![I64(slot), I64(-100), Text("a".into()), U32(1), U32(0), P::Some, P::Some],
    );
    let read = Sqe {
        opcode: op::READ,
        flags: FIXED_FILE,
        fd: 2,
        addr: room.as_ptr() as u64,
        len: 16,
        ..Sqe::default()
    };
    assert_eq!(ring.run(read), 5);
    out.it("read of a slot", 113, vec![I64(5), Bytes(b"hello".to_vec()), I64(slot), U32(16), U64(0)]);
    let n = ring.run(Sqe { opcode: op::FIXED_FD_INSTALL, flags: FIXED_FILE, fd: 2, ..Sqe::default() });
    // kernels before 6.8 do not know it
    if n != i64::from(-libc::EINVAL) {
        assert!(n > 0);
        out.it("descriptor of a slot", 367, vec![I64(n), I64(slot)]);
    }
    let n = ring.run(Sqe { opcode: op::CLOSE, file_index: 3, ..Sqe::default() });
    assert_eq!(n, 0);
    out.it("close of a slot", 5, vec![I64(0), I64(slot)]);
    // the kernel chooses one
    let n = ring.run(Sqe { file_index: u32::MAX, ..open(&a, 0, 0) });
    assert!(n >= 0);
    let made = vec![I64(FIXED_FD + n), I64(-100), Text("a".into()), U32(1), U32(0), P::Some, P::Some];
    out.it("open into any slot", 307, made);
    let kind = libc::SOCK_STREAM;
    let n = ring.run(Sqe { file_index: 4, ..socket_entry(kind) });
    assert_eq!(n, 0);
    out.it("socket into a slot", 19, vec![I64(FIXED_FD + 3), U32(2), U32(1), U32(0), U32(0)]);
    let server = listener();
    let port = server.local_addr().unwrap().port();
    let n = ring.run(Sqe { flags: FIXED_FILE, ..connect_entry(3, &loopback(port)) });
    assert_eq!(n, 0);
    let (_, peer) = server.accept().unwrap();
    let to = Bytes([&[2][..], &told(port)].concat());
    out.it("connect of a slot", 23, vec![I64(0), tuple(peer.port(), port), I64(FIXED_FD + 3), to]);
}
