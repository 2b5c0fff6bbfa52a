//! The program whose operations are known: for each it prints the event that is expected.

use self::ring::{Cqe, Ring, SETUP_SQPOLL, Sqe};
use peregrine_probe::{FIXED_FD, UNKNOWN_FD};
use std::collections::BTreeSet;
use std::ffi::CString;
use std::io::{BufRead, Write};
use std::os::fd::AsRawFd;

pub(crate) mod ring;

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
        "sqpoll" => match Ring::new(8, SETUP_SQPOLL) {
            Ok(ring) => {
                names(&ring, 0, &mut out);
                sockets(&ring, 0, &mut out);
                data(&ring, 0, &mut out);
            }
            Err(error) => println!("SKIPPED {error}"),
        },
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

/// An address of IPv4 on this machine as the kernel has it.
fn loopback(port: u16) -> [u8; 16] {
    let port = port.to_be_bytes();
    [2, 0, port[0], port[1], 127, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0]
}

/// The port of a socket.
fn port_of(fd: i64) -> u16 {
    let (mut address, mut len) = ([0_u8; 16], 16_u32);
    // SAFETY: the address has the room that is said
    let n = unsafe { libc::getsockname(fd as i32, address.as_mut_ptr().cast(), &raw mut len) };
    assert_eq!(n, 0);
    u16::from_be_bytes([address[2], address[3]])
}

/// An address of IPv4 in an event.
fn told(port: u16) -> Vec<u8> {
    [&[127, 0, 0, 1][..], &port.to_le_bytes()].concat()
}

fn tuple(from: u16, to: u16) -> P {
    Bytes([&[2][..], &told(from), &told(to)].concat())
}

fn listener() -> std::net::TcpListener {
    std::net::TcpListener::bind("127.0.0.1:0").unwrap()
}

fn socket_entry(kind: i32) -> Sqe {
    Sqe { opcode: op::SOCKET, fd: libc::AF_INET, off: kind as u64, ..Sqe::default() }
}

fn connect_entry(fd: i64, address: &[u8]) -> Sqe {
    Sqe {
        opcode: op::CONNECT,
        fd: fd as i32,
        addr: address.as_ptr() as u64,
        off: address.len() as u64,
        ..Sqe::default()
    }
}

fn sockets(ring: &Ring, flags: u8, out: &mut Expected) {
    let run = |entry: Sqe| ring.run(Sqe { flags, ..entry });
    let kind = libc::SOCK_STREAM | libc::SOCK_CLOEXEC;
    let client = run(socket_entry(kind));
    assert!(client > 0);
    out.it("socket", 19, vec![I64(client), U32(2), U32(kind as u32), U32(0), U32(4096)]);
    let n = run(Sqe { fd: 99, ..socket_entry(libc::SOCK_STREAM) });
    out.it("socket of no family", 19, vec![I64(n), U32(99), U32(1), U32(0), U32(0)]);

    let server = listener();
    let port = server.local_addr().unwrap().port();
    let address = loopback(port);
    let n = run(connect_entry(client, &address));
    assert_eq!(n, 0);
    let from = port_of(client);
    let to = Bytes([&[2][..], &told(port)].concat());
    out.it("connect", 23, vec![I64(n), tuple(from, port), I64(client), to]);
    let n = run(connect_entry(1234, &address));
    let to = Bytes([&[2][..], &told(port)].concat());
    out.it("connect nothing", 23, vec![I64(n), Empty, I64(1234), to]);
    let accept = Sqe {
        opcode: op::ACCEPT,
        fd: server.as_raw_fd(),
        op_flags: libc::SOCK_CLOEXEC as u32,
        ..Sqe::default()
    };
    let accepted = run(accept);
    assert!(accepted > 0);
    let queue = || vec![U8(0), U32(0), Any, U32(4096)];
    out.it("accept", 389, [vec![I64(accepted), tuple(from, port)], queue()].into_iter().flatten().collect());
    let n = run(Sqe { fd: client as i32, ..accept });
    out.it("accept of a client", 389, [vec![I64(n), Empty], queue()].into_iter().flatten().collect());

    // a unix socket's path
    let path = "nobody\0";
    let unix = run(Sqe { fd: libc::AF_UNIX, ..socket_entry(libc::SOCK_STREAM) });
    out.it("socket unix", 19, vec![I64(unix), U32(1), U32(1), U32(0), U32(0)]);
    let n = run(connect_entry(unix, &[&[1, 0], path.as_bytes()].concat()));
    assert!(n < 0);
    out.it("connect unix", 23, vec![I64(n), Any, I64(unix), Bytes([&[1], path.as_bytes()].concat())]);

    let bound = run(socket_entry(libc::SOCK_STREAM));
    out.it("socket to bind", 19, vec![I64(bound), U32(2), U32(1), U32(0), U32(0)]);
    let anywhere = loopback(0);
    let bind = Sqe { opcode: op::BIND, ..connect_entry(bound, &anywhere) };
    let n = run(bind);
    // kernels before 6.11 do not know it
    if n != i64::from(-libc::EINVAL) {
        assert_eq!(n, 0);
        let to = || Bytes([&[2][..], &told(0)].concat());
        out.it("bind", 21, vec![I64(n), to(), I64(bound)]);
        let n = run(bind);
        out.it("bind again", 21, vec![I64(n), to(), I64(bound)]);
        let n = run(Sqe { opcode: op::LISTEN, fd: bound as i32, len: 7, ..Sqe::default() });
        assert_eq!(n, 0);
        out.it("listen", 25, vec![I64(n), I64(bound), U32(7)]);
    }

    packets(ring, flags, (client, accepted), (from, port), out);
    let shutdown = Sqe { opcode: op::SHUTDOWN, fd: client as i32, len: 2, ..Sqe::default() };
    let n = run(shutdown);
    out.it("shutdown", 37, vec![I64(n), I64(client), U8(2)]);
    let n = run(Sqe { fd: bound as i32, len: 9, ..shutdown });
    out.it("shutdown wrongly", 37, vec![I64(n), I64(bound), U8(9)]);
    for (name, fd) in [("close", client), ("close", accepted), ("close nothing", 1234)] {
        let n = run(Sqe { opcode: op::CLOSE, fd: fd as i32, ..Sqe::default() });
        assert_eq!(n, if name == "close" { 0 } else { BAD_FD });
        out.it(name, 5, vec![I64(n), I64(fd)]);
    }
}

/// The kernel's `struct user_msghdr`.
#[repr(C)]
struct Message {
    name: u64,
    name_len: u64,
    parts: u64,
    parts_len: u64,
    control: u64,
    control_len: u64,
    flags: u64,
}

fn packets(ring: &Ring, flags: u8, ends: (i64, i64), ports: (u16, u16), out: &mut Expected) {
    let run = |entry: Sqe| ring.run(Sqe { flags, ..entry });
    let (client, accepted) = ends;
    let ends = || tuple(ports.0, ports.1);
    let hello = b"hello".to_vec();
    let moves = |opcode: u8, fd: i64, at: &[u8]| Sqe {
        opcode,
        fd: fd as i32,
        addr: at.as_ptr() as u64,
        len: at.len() as u32,
        ..Sqe::default()
    };
    let n = run(moves(op::SEND, client, &hello));
    assert_eq!(n, 5);
    out.it("send", 31, vec![I64(5), Bytes(hello.clone()), I64(client), U32(5), ends()]);
    let n = run(moves(op::SEND, 1234, &hello));
    out.it("send nowhere", 31, vec![I64(n), Bytes(hello.clone()), I64(1234), U32(5), Empty]);
    let room = [0_u8; 16];
    let n = run(moves(op::RECV, accepted, &room));
    assert_eq!(n, 5);
    out.it("recv", 35, vec![I64(5), Bytes(hello.clone()), ends(), I64(accepted), U32(16)]);
    let n = run(Sqe { op_flags: libc::MSG_DONTWAIT as u32, ..moves(op::RECV, accepted, &room) });
    assert!(n < 0);
    out.it("recv nothing", 35, vec![I64(n), Empty, Empty, I64(accepted), U32(16)]);

    let parts = [hello.as_ptr() as u64, 2, hello.as_ptr() as u64 + 2, 3];
    let mut message = Message {
        name: 0,
        name_len: 0,
        parts: parts.as_ptr() as u64,
        parts_len: 2,
        control: 0,
        control_len: 0,
        flags: 0,
    };
    let sends = |opcode: u8, fd: i64, message: &Message| Sqe {
        opcode,
        fd: fd as i32,
        addr: std::ptr::from_ref(message) as u64,
        len: 1,
        ..Sqe::default()
    };
    let n = run(sends(op::SENDMSG, client, &message));
    assert_eq!(n, 5);
    out.it("sendmsg", 49, vec![I64(5), Bytes(hello.clone()), I64(client), U32(5), ends()]);
    let into = [room.as_ptr() as u64, 3, room.as_ptr() as u64 + 3, 13];
    message.parts = into.as_ptr() as u64;
    let n = run(sends(op::RECVMSG, accepted, &message));
    assert_eq!(n, 5);
    out.it("recvmsg", 53, vec![I64(5), U32(5), Bytes(hello.clone()), ends(), Empty, I64(accepted)]);

    // datagrams have their addresses with them
    let receiver = std::net::UdpSocket::bind("127.0.0.1:0").unwrap();
    let sender = std::net::UdpSocket::bind("127.0.0.1:0").unwrap();
    let port = |socket: &std::net::UdpSocket| socket.local_addr().unwrap().port();
    let (to, fd) = (loopback(port(&receiver)), i64::from(sender.as_raw_fd()));
    let ends = || tuple(port(&sender), port(&receiver));
    let n = run(Sqe { off: to.as_ptr() as u64, file_index: 16, ..moves(op::SEND, fd, &hello) });
    assert_eq!(n, 5);
    out.it("send to", 31, vec![I64(5), Bytes(hello.clone()), I64(fd), U32(5), ends()]);
    (message.name, message.name_len, message.parts) = (to.as_ptr() as u64, 16, parts.as_ptr() as u64);
    let n = run(sends(op::SENDMSG, fd, &message));
    assert_eq!(n, 5);
    out.it("sendmsg to", 49, vec![I64(5), Bytes(hello.clone()), I64(fd), U32(5), ends()]);
    let name = std::hint::black_box([7_u8; 16]);
    let fd = i64::from(receiver.as_raw_fd());
    (message.name, message.parts) = (name.as_ptr() as u64, into.as_ptr() as u64);
    let n = run(sends(op::RECVMSG, fd, &message));
    assert_eq!(n, 5);
    out.it("recvmsg from", 53, vec![I64(5), U32(5), Bytes(hello), ends(), Empty, I64(fd)]);
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

/// One request that accepts several connections.
fn several_results(out: &mut Expected) {
    let ring = Ring::new(8, 0).unwrap();
    let server = listener();
    let address = server.local_addr().unwrap();
    let accept =
        Sqe { opcode: op::ACCEPT, ioprio: 1, fd: server.as_raw_fd(), user_data: 77, ..Sqe::default() };
    ring.submit(&[accept]);
    let mut clients = Vec::new();
    for _ in 0..3 {
        let client = std::net::TcpStream::connect(address).unwrap();
        let cqe = ring.wait();
        assert!(cqe.res > 0 && cqe.flags & 2 != 0, "{cqe:?}");
        let ends = tuple(client.local_addr().unwrap().port(), address.port());
        out.it("accept", 389, vec![I64(cqe.res.into()), ends, U8(0), U32(0), Any, U32(0)]);
        clients.push(client);
    }
    ring.submit(&[Sqe { opcode: op::ASYNC_CANCEL, addr: 77, user_data: 1, ..Sqe::default() }]);
    let ends: Vec<Cqe> = (0..2).map(|_| ring.wait()).collect();
    let last = ends.iter().find(|cqe| cqe.user_data == 77).unwrap();
    assert_eq!(i64::from(last.res), CANCELED);
    out.it("accept ends", 389, vec![I64(CANCELED), Empty, U8(0), U32(0), Any, U32(0)]);
}

/// Two requests that accept several connections and cannot be told from each other, one of which ends.
fn twins(out: &mut Expected) {
    let ring = Ring::new(8, 0).unwrap();
    let servers = [listener(), listener()];
    for server in &servers {
        let accept = Sqe { opcode: op::ACCEPT, ioprio: 1, fd: server.as_raw_fd(), ..Sqe::default() };
        ring.submit(&[accept]);
    }
    let mut clients = Vec::new();
    let mut accepted = |server: &std::net::TcpListener, out: &mut Expected| {
        let address = server.local_addr().unwrap();
        let client = std::net::TcpStream::connect(address).unwrap();
        let ends = tuple(client.local_addr().unwrap().port(), address.port());
        clients.push(client);
        let cqe = ring.wait();
        out.it("accept of one", 389, vec![I64(cqe.res.into()), ends, U8(0), U32(0), Any, U32(0)]);
    };
    let ended = |server: &std::net::TcpListener, out: &mut Expected| {
        // SAFETY: the descriptor is open
        unsafe { libc::shutdown(server.as_raw_fd(), libc::SHUT_RDWR) };
        let end = ring.wait();
        assert!(end.res < 0);
        out.it("accept of one ends", 389, vec![I64(end.res.into()), Empty, U8(0), U32(0), Any, U32(0)]);
    };
    accepted(&servers[0], out);
    accepted(&servers[1], out);
    ended(&servers[1], out);
    accepted(&servers[0], out);
    accepted(&servers[0], out);
    ended(&servers[0], out);
}

/// One request that receives several times, into buffers that the kernel chooses.
fn several_packets(out: &mut Expected) {
    let ring = Ring::new(8, 0).unwrap();
    let (mut sender, receiver) = std::os::unix::net::UnixStream::pair().unwrap();
    let fd = receiver.as_raw_fd();
    let room = std::hint::black_box([0_u8; 64]);
    let provide = Sqe {
        opcode: op::PROVIDE_BUFFERS,
        fd: 4,
        addr: room.as_ptr() as u64,
        len: 16,
        buf_index: 1,
        ..Sqe::default()
    };
    assert_eq!(ring.run(provide), 0);
    let receive = Sqe {
        opcode: op::RECV,
        flags: BUFFER_SELECT,
        ioprio: 2,
        fd,
        buf_index: 1,
        user_data: 5,
        ..Sqe::default()
    };
    ring.submit(&[receive]);
    for text in ["one", "two", "three"] {
        sender.write_all(text.as_bytes()).unwrap();
        let cqe = ring.wait();
        assert_eq!(cqe.res as usize, text.len(), "{cqe:?}");
        out.it("recv again", 35, vec![I64(cqe.res.into()), Empty, Any, I64(fd.into()), Any]);
    }
    drop(sender);
    assert_eq!(ring.wait().res, 0);
    out.it("recv ends", 35, vec![I64(0), Empty, Any, I64(fd.into()), Any]);
}

/// More completions than their queue has room for.
fn full_queue(out: &mut Expected) {
    let ring = Ring::new(2, 0).unwrap();
    let names: Vec<CString> = (0..12).map(|i| c(&format!("missing{i}"))).collect();
    for (i, name) in (0..).zip(&names) {
        ring.submit(&[Sqe { user_data: i, ..open(name, 0, 0) }]);
    }
    // a look-up that cannot be done at once is left to a worker, so they do not always end in order
    let ends: Vec<Cqe> = names.iter().map(|_| ring.wait()).collect();
    assert_eq!(ends.iter().map(|cqe| cqe.user_data).collect::<BTreeSet<_>>().len(), names.len());
    for cqe in ends {
        assert_eq!(cqe.res, -libc::ENOENT);
        let name = Text(names[cqe.user_data as usize].to_str().unwrap().to_owned());
        let params = vec![I64(i64::from(cqe.res)), I64(-100), name, U32(1), U32(0), U32(0), U64(0)];
        out.it("openat missing", 307, params);
    }
}

/// The same, of requests that cannot be told from each other: a read waits while a seventh open finds no room.
fn full_queue_of_alikes() {
    let ring = Ring::new(2, 0).unwrap();
    let mut pipe = [0_i32; 2];
    // SAFETY: the call writes two numbers
    assert_eq!(unsafe { libc::pipe(pipe.as_mut_ptr()) }, 0);
    let (missing, room) = (c("missing"), [0_u8; 1]);
    let read = Sqe {
        opcode: op::READ,
        fd: pipe[0],
        off: u64::MAX,
        addr: room.as_ptr() as u64,
        len: 1,
        ..Sqe::default()
    };
    ring.submit(&[read]);
    for _ in 0..6 {
        ring.submit(&[open(&missing, 0, 0)]);
    }
    // SAFETY: one byte of a text
    assert_eq!(unsafe { libc::write(pipe[1], c"x".as_ptr().cast(), 1) }, 1);
    for _ in 0..7 {
        ring.wait();
    }
}

/// Operations of which the kernel tells no success.
fn silent(out: &mut Expected) {
    let ring = Ring::new(8, 0).unwrap();
    std::fs::write("a", "hello").unwrap();
    let (a, gone) = (c("a"), c("missing"));
    let unknown = |mut params: Vec<P>| {
        params.push(U8(1));
        params
    };
    let own = std::process::id() as i32;
    let unlink = Sqe { opcode: op::UNLINKAT, fd: CWD, addr: at(&a), ..Sqe::default() };
    ring.submit(&[
        Sqe { flags: SKIP_SUCCESS | LINK, ..open(&a, libc::O_RDWR, 0) },
        Sqe { flags: SKIP_SUCCESS | LINK, ..unlink },
        Sqe { addr: at(&gone), ..unlink },
    ]);
    assert_eq!(ring.wait().res, -libc::ENOENT);
    let params = vec![I64(UNKNOWN_FD), I64(-100), Text("a".into()), U32(3), U32(0), U32(0), U64(0)];
    out.line("openat in silence", own, 307, &unknown(params));
    out.line("unlinkat in silence", own, 303, &unknown(vec![I64(0), I64(-100), Text("a".into()), U32(0)]));
    let missing = vec![I64((-libc::ENOENT).into()), I64(-100), Text("missing".into()), U32(0)];
    out.it("unlinkat missing", 303, missing);
    assert!(!std::path::Path::new("a").exists());
}

/// How many are under way at once in `many`.
pub(crate) const MANY: u32 = 6000;

/// More requests under way than names have room for: they wait behind a read that does not end.
fn many(out: &mut Expected) {
    let ring = Ring::new(MANY.next_power_of_two(), 0).unwrap();
    let mut pipe = [0_i32; 2];
    // SAFETY: the call writes two numbers
    assert_eq!(unsafe { libc::pipe(pipe.as_mut_ptr()) }, 0);
    let (missing, room) = (c("missing"), [0_u8; 1]);
    let first = Sqe {
        opcode: op::READ,
        flags: LINK,
        fd: pipe[0],
        off: u64::MAX,
        addr: room.as_ptr() as u64,
        len: 1,
        ..Sqe::default()
    };
    let mut chain = vec![first];
    chain.extend((1..MANY).map(|_| Sqe { flags: LINK, ..open(&missing, 0, 0) }));
    ring.submit(&chain);
    // SAFETY: one byte of a text
    assert_eq!(unsafe { libc::write(pipe[1], c"x".as_ptr().cast(), 1) }, 1);
    (0..MANY).for_each(|_| {
        ring.wait();
    });
    out.0 = format!("{MANY}\n");
}

/// A thread of its own, and requests that are cancelled because the one before failed.
fn threads_and_links(out: &mut Expected) {
    let missing = c("missing");
    let ring = Ring::new(8, 0).unwrap();
    let missing_one =
        |n: i64| vec![I64(n), I64(-100), Text("missing".into()), U32(1), U32(0), U32(0), U64(0)];
    std::thread::scope(|scope| {
        let run = || {
            let ring = Ring::new(8, 0).unwrap();
            for flags in [0, ASYNC] {
                let n = ring.run(Sqe { flags, ..open(&missing, 0, 0) });
                out.it("openat of a thread", 307, missing_one(n));
            }
        };
        scope.spawn(run).join().unwrap();
    });
    ring.submit(&[Sqe { flags: LINK, ..open(&missing, 0, 0) }, open(&missing, 0, 0)]);
    let results = [ring.wait().res, ring.wait().res];
    assert_eq!(results, [-libc::ENOENT, -libc::ECANCELED]);
    for n in results {
        out.it("openat in a chain", 307, missing_one(n.into()));
    }
}
