//! Requests with several results, with none, and more than there is room for.

use super::P::{self, Any, Empty, I64, Text, U8, U32, U64};
use super::ring::Cqe;
use super::sockets::{listener, tuple};
use super::{ASYNC, BUFFER_SELECT, CANCELED, CWD, Expected, LINK, Ring, SKIP_SUCCESS, Sqe, at, c, op, open};
use peregrine_probe::UNKNOWN_FD;
use std::collections::BTreeSet;
use std::ffi::CString;
use std::io::Write;
use std::os::fd::AsRawFd;

/// One request that accepts several connections.
pub(super) fn several_results(out: &mut Expected) {
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
pub(super) fn twins(out: &mut Expected) {
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
pub(super) fn several_packets(out: &mut Expected) {
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
pub(super) fn full_queue(out: &mut Expected) {
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
pub(super) fn full_queue_of_alikes() {
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
pub(super) fn silent(out: &mut Expected) {
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
pub(super) fn many(out: &mut Expected) {
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
pub(super) fn threads_and_links(out: &mut Expected) {
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
