//! Known system calls of which programs make fewer.

use super::P::{self, Any, Bytes, Empty, I64, Text, U8, U16, U32, U64};
use super::{CWD, at, c, call, line};
use std::ffi::CString;

/// Collects expected events.
struct Calls {
    out: Vec<String>,
    own: i64,
    file: i64,
    data: &'static [u8],
    /// Room for results, written to before so that it is there.
    room: Box<[u8; 256]>,
}

pub(super) fn calls() -> Vec<String> {
    let dir = std::env::temp_dir().join(format!("peregrine-more-{}", std::process::id()));
    std::fs::create_dir_all(&dir).unwrap();
    std::env::set_current_dir(&dir).unwrap();
    let name = c("file");
    let file = call(libc::SYS_open, &[at(&name), (libc::O_RDWR | libc::O_CREAT) as u64, 0o600]);
    let room = Box::new(std::hint::black_box([0; 256]));
    let own = i64::from(std::process::id());
    let mut calls = Calls { out: Vec::new(), own, file, data: b"hello", room };
    calls.files();
    calls.descriptors();
    calls.input_output();
    calls.sockets();
    calls.messages();
    calls.processes();
    calls.memory();
    calls.semaphores_quotas_and_keys();
    let _ = std::fs::remove_dir_all(&dir);
    calls.out
}

fn text(text: &str) -> (CString, P) {
    (c(text), Text(text.to_owned().leak()))
}

impl Calls {
    fn it(&mut self, name: &str, code: u16, params: impl AsRef<[P]>) {
        self.out.push(line(name, code, params.as_ref()));
    }

    fn room(&mut self) -> u64 {
        self.room.as_mut_ptr() as u64
    }

    fn data(&self) -> P {
        Bytes(self.data.to_vec())
    }

    fn files(&mut self) {
        let (file, room) = (self.file as u64, self.room());
        let (name, shown) = text("file");
        let n = call(libc::SYS_lstat, &[at(&name), room]);
        self.it("lstat", 69, vec![I64(n), shown.clone()]);
        let n = call(libc::SYS_fstat, &[file, room]);
        self.it("fstat", 71, vec![I64(n), I64(self.file)]);
        let n = call(libc::SYS_getcwd, &[room, 256]);
        let cwd = String::from_utf8_lossy(&self.room[..n as usize - 1]).into_owned();
        self.it("getcwd", 93, vec![I64(n), Text(cwd.leak())]);
        let dot = c(".");
        let dir = call(libc::SYS_open, &[at(&dot), libc::O_DIRECTORY as u64, 0]);
        let n = call(libc::SYS_fchdir, &[dir as u64]);
        self.it("fchdir", 97, vec![I64(n), I64(dir)]);
        let n = call(libc::SYS_getdents, &[dir as u64, room, 256]);
        self.it("getdents", 237, vec![I64(n), I64(dir)]);
        let n = call(libc::SYS_getdents64, &[dir as u64, room, 256]);
        self.it("getdents64", 239, vec![I64(n), I64(dir)]);
        let n = call(libc::SYS_lchown, &[at(&name), 3, 4]);
        self.it("lchown", 381, vec![I64(n), shown.clone(), U32(3), U32(4)]);
        let (pipe, shown_pipe) = text("pipe");
        let n = call(libc::SYS_mknodat, &[CWD, at(&pipe), u64::from(libc::S_IFIFO | 0o644), 0]);
        self.it("mknodat", 417, vec![I64(n), I64(-100), shown_pipe, U32(libc::S_IFIFO | 0o644), U32(0)]);
        let (missing, shown_missing) = text("missing");
        let n = call(libc::SYS_chroot, &[at(&missing)]);
        self.it("chroot", 267, vec![I64(n), shown_missing.clone()]);
        let n = call(libc::SYS_ioctl, &[file, 0x5401, room]);
        self.it("ioctl", 171, vec![I64(n), I64(self.file), U64(0x5401), U64(room)]);
        // a handle of a type that no file system has
        let handle = Box::leak(Box::new([8_u32, 0x7f, 0, 0]));
        let n = call(libc::SYS_open_by_handle_at, &[CWD, handle.as_ptr() as u64, libc::O_RDWR as u64]);
        self.it("open_by_handle_at", 337, vec![I64(n), I64(-100), U32(3), Empty, U32(0), U64(0)]);
        let n = call(libc::SYS_getcwd, &[room, 1]);
        self.it("getcwd that fails", 93, vec![I64(n), Empty]);
        let (key, shown_key) = text("source");
        let n = call(libc::SYS_fsconfig, &[u64::MAX, 1, at(&key), at(&name), 0]);
        self.it("fsconfig", 373, vec![I64(n), I64(-1), U32(1), shown_key, Empty, Empty, U32(0)]);
        let n = call(libc::SYS_execveat, &[CWD, at(&missing), 0, 0, 0]);
        let exec = |i| if i == 0 { I64(n) } else { Any };
        self.it("execveat that fails", 331, (0..30).map(exec).collect::<Vec<_>>());
        let image: &[u8] = b"no module";
        let n = call(libc::SYS_init_module, &[image.as_ptr() as u64, 9, at(&name)]);
        self.it("init_module", 411, vec![I64(n), Bytes(image.to_vec()), U64(9), shown]);
    }

    fn descriptors(&mut self) {
        let mut ends = [0_i32; 2];
        let n = call(libc::SYS_pipe, &[ends.as_mut_ptr() as u64]);
        self.it("pipe", 61, vec![I64(n), I64(ends[0].into()), I64(ends[1].into()), Any]);
        let n = call(libc::SYS_eventfd, &[7]);
        self.it("eventfd", 63, vec![I64(n), U64(7), U32(0)]);
        let signals = Box::leak(Box::new([1_u64 << 9]));
        let mask = signals.as_ptr() as u64;
        let n = call(libc::SYS_signalfd, &[u64::MAX, mask, 8]);
        self.it("signalfd", 127, vec![I64(n), I64(-1), U32(0), U8(0)]);
        let n = call(libc::SYS_signalfd4, &[u64::MAX, mask, 8, libc::O_NONBLOCK as u64]);
        self.it("signalfd4", 399, vec![I64(n), U16(64), I64(-1), U32(0)]);
        let n = call(libc::SYS_inotify_init, &[]);
        self.it("inotify_init", 139, vec![I64(n), U8(0)]);
        let epoll = call(libc::SYS_epoll_create, &[5]);
        self.it("epoll_create", 375, vec![I64(epoll), U32(5)]);
        let room = self.room();
        let n = call(libc::SYS_epoll_wait, &[epoll as u64, room, 3, 0]);
        self.it("epoll_wait", 79, vec![I64(n), I64(3)]);
        let n = call(libc::SYS_userfaultfd, &[libc::O_CLOEXEC as u64 | 1]);
        self.it("userfaultfd", 321, vec![I64(n), U32(4096)]);
        let pidfd = call(libc::SYS_pidfd_open, &[self.own as u64, 0]);
        let n = call(libc::SYS_pidfd_getfd, &[pidfd as u64, self.file as u64, 0]);
        self.it("pidfd_getfd", 407, vec![I64(n), I64(pidfd), I64(self.file), U32(0)]);

        // what is set up by the kernel is told: entries are a power of two, the completion queue has twice as many
        let params = Box::leak(Box::new([0_u32; 30]));
        let ring = call(libc::SYS_io_uring_setup, &[3, params.as_mut_ptr() as u64]);
        let shown = [params[0], params[1], params[2], params[3], params[4], params[5] & 0x7ff];
        let mut expected = vec![I64(ring), U32(3)];
        expected.extend(shown.map(U32));
        self.it("io_uring_setup", 339, expected);
        let n = call(libc::SYS_io_uring_enter, &[ring as u64, 0, 0, 1 | 16, 0, 8]);
        self.it("io_uring_enter", 341, vec![I64(n), I64(ring), U32(0), U32(0), U32(1), U32(0)]);
        let n = call(libc::SYS_io_uring_register, &[ring as u64, 4, 0x1230, 2]);
        self.it("io_uring_register", 343, vec![I64(n), I64(ring), U16(4), U64(0x1230), U32(2)]);
    }

    fn input_output(&mut self) {
        let (file, data) = (self.file as u64, self.data.as_ptr() as u64);
        let parts = Box::leak(Box::new([data, 2, data + 2, 3]));
        let parts = parts.as_ptr() as u64;
        let n = call(libc::SYS_pwritev, &[file, parts, 2, 0, 0]);
        self.it("pwritev", 123, vec![I64(n), self.data(), I64(self.file), U32(5), U64(0)]);
        let room = self.room();
        let places = Box::leak(Box::new([room, 1, room + 1, 8]));
        let places = places.as_ptr() as u64;
        let n = call(libc::SYS_preadv, &[file, places, 2, 1, 0]);
        self.it("preadv", 121, vec![I64(n), U32(4), Bytes(b"ello".to_vec()), I64(self.file), U64(1)]);
        let n = call(libc::SYS_readv, &[file, places, 2]);
        self.it("readv", 117, vec![I64(n), U32(5), self.data(), I64(self.file)]);
        let n = call(libc::SYS_readv, &[9999, places, 2]);
        self.it("readv nowhere", 117, vec![I64(n), U32(0), Empty, I64(9999)]);
        let copy = c("copy");
        let out = call(libc::SYS_open, &[at(&copy), (libc::O_RDWR | libc::O_CREAT) as u64, 0o600]);
        let offset = Box::leak(Box::new([1_u64, 2]));
        let (at_one, at_two) = (offset.as_ptr() as u64, &raw const offset[1] as u64);
        let n = call(libc::SYS_sendfile, &[out as u64, file, at_one, 2]);
        // the kernel has moved the offset on
        self.it("sendfile", 189, vec![I64(n), U64(3), I64(out), I64(self.file), U64(2)]);
        let n = call(libc::SYS_copy_file_range, &[file, at_two, out as u64, 0, 1, 0]);
        let copied = vec![I64(n), I64(out), U64(0), I64(self.file), U64(2 + n.max(0) as u64), U64(1)];
        self.it("copy_file_range", 333, copied);
        let mut ends = [0_i32; 2];
        call(libc::SYS_pipe, &[ends.as_mut_ptr() as u64]);
        let [from, to] = ends.map(i64::from);
        call(libc::SYS_lseek, &[file, 0, 0]);
        let n = call(libc::SYS_splice, &[file, 0, to as u64, 0, 4, 1]);
        assert_eq!(n, 4);
        self.it("splice", 167, vec![I64(n), I64(self.file), I64(to), U64(4), U32(1)]);

        // a pipe with bytes in it, a descriptor that is none, a pipe's other end
        let poll = Box::leak(Box::new([(from as u32, 1_u32), (9999, 1), (to as u32, 4)]));
        let list = |events: [u16; 3]| {
            let one = |(fd, events): (i64, u16)| [&fd.to_le_bytes()[..], &events.to_le_bytes()].concat();
            let all: Vec<u8> = [from, 9999, to].into_iter().zip(events).flat_map(one).collect();
            Bytes([&[3, 0][..], &all].concat())
        };
        let polled = poll.as_ptr() as u64;
        let n = call(libc::SYS_poll, &[polled, 3, 5]);
        self.it("poll", 81, vec![I64(n), list([1, 64, 4]), I64(5)]);
        let time = Box::leak(Box::new([1_u64, 500]));
        let n = call(libc::SYS_ppoll, &[polled, 3, time.as_ptr() as u64, 0, 8]);
        // what is left of the time
        let left = time[0] * 1_000_000_000 + time[1];
        self.it("ppoll", 255, vec![I64(n), list([1, 64, 4]), U64(left), U32(0)]);
        let n = call(libc::SYS_select, &[0, 0, 0, 0, Box::leak(Box::new([0_u64, 1])).as_ptr() as u64]);
        self.it("select", 83, vec![I64(n)]);
    }

    fn sockets(&mut self) {
        // both ends of IPv6 and unix sockets
        let six = |port: [u8; 2]| {
            let mut address = [0_u8; 28];
            (address[0], address[2], address[3], address[23]) = (10, port[0], port[1], 1);
            address
        };
        let server = call(libc::SYS_socket, &[10, 1, 0]).cast_unsigned();
        let mut address = six([0, 0]);
        let n = call(libc::SYS_bind, &[server, address.as_ptr() as u64, 28]);
        let ip = [&[0; 15][..], &[1]].concat();
        let end = |family: u8, port: [u8; 2]| [&[family][..], &ip, &port].concat();
        self.it("bind, version 6", 21, vec![I64(n), Bytes(end(10, [0, 0])), I64(server.cast_signed())]);
        call(libc::SYS_listen, &[server, 3]);
        let mut len = 28_u32;
        call(libc::SYS_getsockname, &[server, address.as_mut_ptr() as u64, &raw mut len as u64]);
        let port = [address[3], address[2]];
        let client = call(libc::SYS_socket, &[10, 1, 0]).cast_unsigned();
        let n = call(libc::SYS_connect, &[client, address.as_ptr() as u64, 28]);
        let mut local = [0_u8; 28];
        call(libc::SYS_getsockname, &[client, local.as_mut_ptr() as u64, &raw mut len as u64]);
        let own = [local[3], local[2]];
        let tuple = Bytes([&end(10, own)[..], &ip, &port].concat());
        let to = Bytes(end(10, port));
        let connected = vec![I64(n), tuple.clone(), I64(client.cast_signed()), to];
        self.it("connect, version 6", 23, connected);
        let n = call(libc::SYS_accept, &[server, 0, 0]);
        self.it("accept, version 6", 247, vec![I64(n), tuple.clone(), U8(0), U32(0), U32(3)]);
        call(libc::SYS_getpeername, &[client, local.as_mut_ptr() as u64, &raw mut len as u64]);
        self.it("getpeername", 41, vec![]);
        let value = Box::leak(Box::new([0_u32, 4]));
        let (value, size) = (value.as_ptr() as u64, &raw const value[1] as u64);
        // SO_TYPE 3 and SO_ERROR 4
        let n = call(libc::SYS_getsockopt, &[client, 1, 3, value, size]);
        let typed = Bytes(vec![2, 1, 0, 0, 0]);
        self.it("getsockopt", 47, vec![I64(n), I64(client.cast_signed()), U8(1), U8(3), typed, U32(4)]);
        let n = call(libc::SYS_getsockopt, &[client, 1, 4, value, size]);
        let error = Bytes([&[1][..], &0_i64.to_le_bytes()].concat());
        self.it(
            "getsockopt of an error",
            47,
            vec![I64(n), I64(client.cast_signed()), U8(1), U8(4), error, U32(4)],
        );

        // datagrams to an address that is given
        let socket = || call(libc::SYS_socket, &[2, 2, 0]).cast_unsigned();
        let (receiver, sender) = (socket(), socket());
        let mut address: [u8; 16] = [2, 0, 0, 0, 127, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0];
        call(libc::SYS_bind, &[receiver, address.as_ptr() as u64, 16]);
        let mut len = 16_u32;
        call(libc::SYS_getsockname, &[receiver, address.as_mut_ptr() as u64, &raw mut len as u64]);
        let there = [127, 0, 0, 1, address[3], address[2]];
        let data = self.data.as_ptr() as u64;
        let n = call(libc::SYS_sendto, &[sender, data, 5, 0, address.as_ptr() as u64, 16]);
        let mut local = [0_u8; 16];
        call(libc::SYS_getsockname, &[sender, local.as_mut_ptr() as u64, &raw mut len as u64]);
        let tuple = [&[2, 0, 0, 0, 0, local[3], local[2]][..], &there].concat();
        let (out, size) = (self.data(), U32(5));
        let sent = vec![I64(n), out.clone(), I64(sender.cast_signed()), size, Bytes(tuple)];
        self.it("sendto an address", 31, sent);
        let room = self.room();
        let from = Box::leak(Box::new([0_u8; 16])).as_mut_ptr() as u64;
        let n = call(libc::SYS_recvfrom, &[receiver, room, 64, 0, from, &raw mut len as u64]);
        let tuple = [&[2, 127, 0, 0, 1, local[3], local[2]][..], &there].concat();
        let received = vec![I64(n), out, Bytes(tuple), I64(receiver.cast_signed()), U32(64)];
        self.it("recvfrom an address", 35, received);

        let address = Box::leak(Box::new(*b"\x01\0socket\0"));
        let server = call(libc::SYS_socket, &[1, 1, 0]).cast_unsigned();
        let n = call(libc::SYS_bind, &[server, address.as_ptr() as u64, 9]);
        let shown = Bytes(b"\x01socket\0".to_vec());
        self.it("bind, unix", 21, vec![I64(n), shown.clone(), I64(server.cast_signed())]);
        let abstract_name = Box::leak(Box::new(*b"\x01\0\0hidden\0"));
        let hidden = call(libc::SYS_socket, &[1, 1, 0]).cast_unsigned();
        let n = call(libc::SYS_bind, &[hidden, abstract_name.as_ptr() as u64, 10]);
        // the NUL that marks it is not told
        let without = Bytes(b"\x01hidden\0".to_vec());
        self.it("bind, abstract", 21, vec![I64(n), without, I64(hidden.cast_signed())]);
        let n = call(libc::SYS_connect, &[hidden, address.as_ptr() as u64, 9]);
        self.it("connect, nobody listens", 23, vec![I64(n), Empty, I64(hidden.cast_signed()), shown]);
        let n = call(libc::SYS_accept, &[hidden, 0, 0]);
        self.it("accept that fails", 247, vec![I64(n), Empty, U8(0), U32(0), U32(0)]);
        let n = call(libc::SYS_recvfrom, &[client, room, 8, libc::MSG_DONTWAIT as u64, 0, 0]);
        self.it("recvfrom that fails", 35, vec![I64(n), Empty, Empty, I64(client.cast_signed()), U32(8)]);
        let time = Box::leak(Box::new([2_u64, 5])).as_ptr() as u64;
        let n = call(libc::SYS_setsockopt, &[client, 1, 20, time, 16]);
        let wait = Bytes([&[4][..], &2_000_005_000_u64.to_le_bytes()].concat());
        self.it(
            "setsockopt of a time",
            45,
            vec![I64(n), I64(client.cast_signed()), U8(1), U8(20), wait, U32(16)],
        );
        let ends = Box::leak(Box::new([0_i32; 2]));
        call(libc::SYS_socketpair, &[1, 1, 0, ends.as_mut_ptr() as u64]);
        let [one, other] = ends.map(|fd| fd as u64);
        // addresses in the kernel: known to be there only
        let data = self.data.as_ptr() as u64;
        let n = call(libc::SYS_sendto, &[one, data, 5, 0, 0, 0]);
        self.it("sendto, unix", 31, vec![I64(n), self.data(), I64(one.cast_signed()), U32(5), Any]);
        let n = call(libc::SYS_recvfrom, &[other, room, 8, 0, 0, 0]);
        self.it("recvfrom, unix", 35, vec![I64(n), self.data(), Any, I64(other.cast_signed()), U32(8)]);
    }

    fn messages(&mut self) {
        let mut ends = [0_i32; 2];
        call(libc::SYS_socketpair, &[1, 2, 0, ends.as_mut_ptr() as u64]);
        let [one, other] = ends.map(i64::from);
        let (data, room) = (self.data.as_ptr() as u64, self.room());
        let parts = Box::leak(Box::new([data, 2, data + 2, 3])).as_ptr() as u64;
        let message = Box::leak(Box::new([0_u64, 0, parts, 2, 0, 0, 0, 0]));
        let n = call(libc::SYS_sendmsg, &[one as u64, message.as_ptr() as u64, 0]);
        self.it("sendmsg", 49, vec![I64(n), self.data(), I64(one), U32(5), Any]);
        let places = Box::leak(Box::new([room, 4, room + 4, 60])).as_ptr() as u64;
        let received = Box::leak(Box::new([0_u64, 0, places, 2, 0, 0, 0, 0]));
        let n = call(libc::SYS_recvmsg, &[other as u64, received.as_ptr() as u64, 0]);
        self.it("recvmsg", 53, vec![I64(n), U32(5), self.data(), Any, Empty, I64(other)]);
        let mut two = [[0_u64; 8]; 2];
        for m in &mut two {
            (m[2], m[3]) = (parts, 2);
        }
        let two = Box::leak(Box::new(two)).as_ptr() as u64;
        let n = call(libc::SYS_sendmmsg, &[one as u64, two, 2, 0]);
        assert_eq!(n, 2);
        for _ in 0..2 {
            self.it("sendmmsg", 51, vec![I64(5), I64(one), U32(5), self.data(), Any]);
        }
        let mut two = [[0_u64; 8]; 2];
        for m in &mut two {
            (m[2], m[3]) = (places, 2);
        }
        let two = Box::leak(Box::new(two)).as_ptr() as u64;
        let n = call(libc::SYS_recvmmsg, &[other as u64, two, 2, 0, 0]);
        assert_eq!(n, 2);
        for _ in 0..2 {
            self.it("recvmmsg", 55, vec![I64(5), I64(other), U32(5), self.data(), Any, Empty]);
        }
        let n = call(libc::SYS_sendmmsg, &[9999, two, 2, 0]);
        self.it("sendmmsg nowhere", 51, vec![I64(n), I64(9999), U32(64), Any, Empty]);
    }

    fn processes(&mut self) {
        let none = -1_i64 as u64;
        let n = call(libc::SYS_tkill, &[self.own as u64, 0]);
        self.it("tkill", 131, vec![I64(n), I64(self.own), U8(0)]);
        let time = Box::leak(Box::new([0_u64, 1000]));
        let n = call(libc::SYS_nanosleep, &[time.as_ptr() as u64, 0]);
        self.it("nanosleep", 135, vec![I64(n), U64(1000)]);
        let limits = Box::leak(Box::new([0_u64; 2]));
        let n = call(libc::SYS_getrlimit, &[7, limits.as_mut_ptr() as u64]);
        let [soft, hard] = limits.map(u64::cast_signed);
        self.it("getrlimit", 141, vec![I64(n), I64(soft), I64(hard), U8(7)]);
        let set = Box::leak(Box::new([soft as u64 - 1, hard as u64])).as_ptr() as u64;
        let before = Box::leak(Box::new([0_u64; 2])).as_mut_ptr() as u64;
        let n = call(libc::SYS_prlimit64, &[0, 7, set, before]);
        let both = vec![I64(n), I64(soft - 1), I64(hard), I64(soft), I64(hard), I64(0), U8(7)];
        self.it("prlimit64", 145, both);
        let n = call(libc::SYS_prlimit64, &[0, 7, set, 0]);
        let new_only = vec![I64(n), I64(soft - 1), I64(hard), I64(0), I64(0), I64(0), U8(7)];
        self.it("prlimit64 without the old ones", 145, new_only);
        let n = call(libc::SYS_prctl, &[23, 32]);
        self.it("prctl with a number", 401, vec![I64(n), U32(23), Empty, I64(32)]);
        let n = call(libc::SYS_geteuid, &[]);
        self.it("geteuid", 205, vec![U32(n as u32)]);
        let n = call(libc::SYS_getgid, &[]);
        self.it("getgid", 207, vec![U32(n as u32)]);
        let n = call(libc::SYS_getegid, &[]);
        self.it("getegid", 209, vec![U32(n as u32)]);
        let ids = Box::leak(Box::new([7_u32; 6]));
        let place = |i: u64| ids.as_ptr() as u64 + 4 * i;
        let n = call(libc::SYS_getresuid, &[place(0), place(1), place(2)]);
        let groups = call(libc::SYS_getresgid, &[place(3), place(4), place(5)]);
        let [real, effective, saved, real_group, effective_group, saved_group] = ids.map(U32);
        self.it("getresuid", 211, vec![I64(n), real, effective, saved]);
        self.it("getresgid", 213, vec![I64(groups), real_group, effective_group, saved_group]);
        let n = call(libc::SYS_setresgid, &[none, 0, none]);
        self.it("setresgid", 195, vec![I64(n), U32(u32::MAX), U32(0), U32(u32::MAX)]);
        let n = call(libc::SYS_setregid, &[none, 0]);
        self.it("setregid", 429, vec![I64(n), U32(u32::MAX), U32(0)]);
        // an operation that does not exist
        let n = call(libc::SYS_seccomp, &[99, 3, 0]);
        self.it("seccomp", 299, vec![I64(n), U64(99), U64(3)]);
        let header = Box::leak(Box::new([0x2008_0522_u32, 0]));
        let caps = Box::leak(Box::new([0_u32; 6]));
        let (header, at) = (header.as_ptr() as u64, caps.as_mut_ptr() as u64);
        call(libc::SYS_capget, &[header, at]);
        let wide = |low: usize| U64(u64::from(caps[low + 3]) << 32 | u64::from(caps[low]));
        let (effective, permitted, inheritable) = (wide(0), wide(1), wide(2));
        let n = call(libc::SYS_capset, &[header, at]);
        self.it("capset", 353, vec![I64(n), inheritable, permitted, effective]);
        let (data, room) = (self.data.as_ptr() as u64, self.room());
        let local = Box::leak(Box::new([room, 5])).as_ptr() as u64;
        let remote = Box::leak(Box::new([data, 5])).as_ptr() as u64;
        let n = call(libc::SYS_process_vm_readv, &[self.own as u64, local, 1, remote, 1, 0]);
        self.it("process_vm_readv", 421, vec![I64(n), I64(self.own), self.data()]);
        let n = call(libc::SYS_process_vm_writev, &[self.own as u64, remote, 1, local, 1, 0]);
        self.it("process_vm_writev", 423, vec![I64(n), I64(self.own), self.data()]);
        let word = Box::leak(Box::new(5_u32));
        let word = &raw const *word as u64;
        let n = call(libc::SYS_futex, &[word, 1 | 128, 3, 0, 0, 0]);
        self.it("futex", 65, vec![I64(n), U64(word), U16(129), U64(3)]);
    }

    fn memory(&mut self) {
        let n = call(libc::SYS_brk, &[0]);
        self.it("brk", 159, vec![I64(n), Any, Any, Any, U64(0)]);
        let page = call(libc::SYS_mmap, &[0, 4096, 3, 0x22, u64::MAX, 0]) as u64;
        let n = call(libc::SYS_mlock, &[page, 4096]);
        self.it("mlock", 345, vec![I64(n), U64(page), U64(4096)]);
        let n = call(libc::SYS_mlock2, &[page, 4096, 1]);
        self.it("mlock2", 371, vec![I64(n), U64(page), U64(4096), U32(1)]);
        let n = call(libc::SYS_munlock, &[page, 4096]);
        self.it("munlock", 347, vec![I64(n), U64(page), U64(4096)]);
        // flags that are not allowed together with none
        let n = call(libc::SYS_mlockall, &[4]);
        self.it("mlockall", 349, vec![I64(n), U32(4)]);
        let n = call(libc::SYS_munlockall, &[]);
        self.it("munlockall", 351, vec![I64(n)]);
    }

    fn semaphores_quotas_and_keys(&mut self) {
        let set = call(libc::SYS_semget, &[0, 2, 0o600 | 0x200]);
        self.it("semget", 263, vec![I64(set), U32(0), U32(2), U32(8192)]);
        let operations = Box::leak(Box::new([0_u16, 2, 0x800, 1, 0, 0x1000])).as_ptr() as u64;
        let n = call(libc::SYS_semop, &[set as u64, operations, 1]);
        let first = [U16(0), U16(2), U16(1)];
        let one = [vec![I64(n), U32(1)], first.to_vec(), vec![U16(0); 3], vec![U32(set as u32)]];
        self.it("semop", 251, one.concat());
        let n = call(libc::SYS_semop, &[set as u64, operations, 2]);
        let second = [U16(1), U16(0), U16(2)];
        let two = [vec![I64(n), U32(2)], first.to_vec(), second.to_vec(), vec![U32(set as u32)]];
        self.it("semop of two", 251, two.concat());
        // GETVAL 12 and IPC_RMID 0
        let n = call(libc::SYS_semctl, &[set as u64, 0, 12, 0]);
        self.it("semctl", 253, vec![I64(n), U32(set as u32), U32(0), U16(512), U32(0)]);
        let n = call(libc::SYS_semctl, &[set as u64, 0, 0, 0]);
        self.it("semctl that removes", 253, vec![I64(n), U32(set as u32), U32(0), U16(4), U32(0)]);

        let (device, shown) = text("/dev/no-such-device");
        let block = Box::leak(Box::new([11_u64, 12, 13, 14, 15, 16, 17, 18, 63])).as_ptr() as u64;
        let zero = |n: usize| vec![U64(0); n];
        // Q_SETQUOTA of a group
        let n = call(libc::SYS_quotactl, &[0x8000_0801, at(&device), 77, block]);
        let limits = [11, 12, 13, 14, 15, 17, 18].map(U64).to_vec();
        let rest = vec![U8(1), U8(1), U16(64), U8(2), U32(77), U8(1)];
        let set = [vec![I64(n), shown.clone(), Empty], limits, zero(2), rest].concat();
        self.it("quotactl that sets a quota", 191, set);
        // Q_QUOTAON for users, in the newest format
        let (file, shown_file) = text("quotas");
        let n = call(libc::SYS_quotactl, &[0x8000_0200, at(&device), 4, at(&file)]);
        let rest = vec![U8(1), U8(1), U16(1), U8(1), U32(4), U8(8)];
        let on = [vec![I64(n), shown, shown_file], zero(9), rest].concat();
        self.it("quotactl that turns quotas on", 191, on);

        // KEYCTL_REVOKE of a key that is none, KEYCTL_SEARCH for one
        let number = |n: u64| Bytes([&[0][..], &n.to_le_bytes()].concat());
        let n = call(libc::SYS_keyctl, &[3, 0x7fff_fff0]);
        let none = [number(0x7fff_fff0), Any, Any, Any];
        self.it("keyctl", 453, [vec![I64(n), U32(3)], none.to_vec()].concat());
        let (kind, name) = (c("user"), c("no such key"));
        let n = call(libc::SYS_keyctl, &[10, -3_i64 as u64, at(&kind), at(&name), 0]);
        let shown = |text: &[u8]| Bytes([&[1][..], text].concat());
        let search = vec![number(-3_i64 as u64), shown(b"user\0"), shown(b"no such key\0"), number(0)];
        self.it("keyctl that searches", 453, [vec![I64(n), U32(10)], search].concat());
    }
}
