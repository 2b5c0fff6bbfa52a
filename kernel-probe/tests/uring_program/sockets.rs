//! Sockets, and what is sent and received.

use super::P::{Any, Bytes, Empty, I64, U8, U32};
use super::{BAD_FD, Expected, P, Ring, Sqe, op};
use std::os::fd::AsRawFd;

/// An address of IPv4 on this machine as the kernel has it.
pub(super) fn loopback(port: u16) -> [u8; 16] {
    let port = port.to_be_bytes();
    [2, 0, port[0], port[1], 127, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0]
}

/// The port of a socket.
pub(super) fn port_of(fd: i64) -> u16 {
    let (mut address, mut len) = ([0_u8; 16], 16_u32);
    // SAFETY: the address has the room that is said
    let n = unsafe { libc::getsockname(fd as i32, address.as_mut_ptr().cast(), &raw mut len) };
    assert_eq!(n, 0);
    u16::from_be_bytes([address[2], address[3]])
}

/// An address of IPv4 in an event.
pub(super) fn told(port: u16) -> Vec<u8> {
    [&[127, 0, 0, 1][..], &port.to_le_bytes()].concat()
}

pub(super) fn tuple(from: u16, to: u16) -> P {
    Bytes([&[2][..], &told(from), &told(to)].concat())
}

pub(super) fn listener() -> std::net::TcpListener {
    std::net::TcpListener::bind("127.0.0.1:0").unwrap()
}

pub(super) fn socket_entry(kind: i32) -> Sqe {
    Sqe { opcode: op::SOCKET, fd: libc::AF_INET, off: kind as u64, ..Sqe::default() }
}

pub(super) fn connect_entry(fd: i64, address: &[u8]) -> Sqe {
    Sqe {
        opcode: op::CONNECT,
        fd: fd as i32,
        addr: address.as_ptr() as u64,
        off: address.len() as u64,
        ..Sqe::default()
    }
}

pub(super) fn sockets(ring: &Ring, flags: u8, out: &mut Expected) {
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

pub(super) fn packets(ring: &Ring, flags: u8, ends: (i64, i64), ports: (u16, u16), out: &mut Expected) {
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
