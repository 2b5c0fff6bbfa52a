//! Known system calls as a 32-bit program makes them.

use super::P::{self, Any, Bytes, I64, Text, U8, U32, U64};
use super::line;
use std::arch::asm;

/// A system call with 32-bit numbers; the result, or the error's number below zero.
fn call(number: u32, args: &[u32]) -> i64 {
    let arg = |i: usize| u64::from(args.get(i).copied().unwrap_or(0));
    let mut result = u64::from(number);
    // SAFETY: the calls below are given pointers to values in `Low` that live until the call has returned; `rbx`, which
    // the compiler keeps for itself, is put back
    unsafe {
        asm!(
            "xchg rbx, {first}",
            "int 0x80",
            "xchg rbx, {first}",
            first = inout(reg) arg(0) => _,
            inlateout("rax") result,
            in("rcx") arg(1),
            in("rdx") arg(2),
            in("rsi") arg(3),
            in("rdi") arg(4),
            out("r8") _, out("r9") _, out("r10") _, out("r11") _,
        );
    }
    i64::from(result as i32)
}

/// Memory below 4 GiB.
struct Low {
    at: usize,
}

impl Low {
    fn new() -> Self {
        // SAFETY: a new mapping of a page, which nothing else uses
        let at = unsafe { libc::mmap(std::ptr::null_mut(), 4096, 3, 0x22 | libc::MAP_32BIT, -1, 0) } as usize;
        assert!(at < 1 << 31, "a mapping below 2 GiB");
        Self { at }
    }

    /// Copies bytes into it; where they are.
    fn put(&mut self, bytes: &[u8]) -> u32 {
        // SAFETY: the calls below put less than a page in all
        unsafe { std::ptr::copy_nonoverlapping(bytes.as_ptr(), self.at as *mut u8, bytes.len()) };
        let at = self.at as u32;
        self.at += bytes.len().next_multiple_of(8);
        at
    }

    fn text(&mut self, text: &str) -> u32 {
        self.put(format!("{text}\0").as_bytes())
    }

    fn words(&mut self, words: &[u32]) -> u32 {
        self.put(&words.iter().flat_map(|w| w.to_le_bytes()).collect::<Vec<u8>>())
    }
}

const SOCKETCALL: u32 = 102;

pub(super) fn calls() -> Vec<String> {
    let mut out = Vec::new();
    let mut it = |name: &str, code: u16, params: Vec<P>| out.push(line(name, code, &params));
    let mut low = Low::new();
    let dir = std::env::temp_dir().join(format!("peregrine-compat-{}", std::process::id()));
    std::fs::create_dir_all(&dir).unwrap();
    std::env::set_current_dir(&dir).unwrap();
    let cwd = libc::AT_FDCWD.cast_unsigned();

    let path = low.text("file");
    let fd = call(5, &[path, (libc::O_RDWR | libc::O_CREAT) as u32, 0o640]);
    assert!(fd >= 0, "no 32-bit system calls: {fd}");
    it("open", 3, vec![I64(fd), Text("file"), U32(3 | 4 | 16384), U32(0o640), Any, Any]);
    let again = call(295, &[cwd, path, libc::O_RDONLY as u32, 0]);
    it("openat", 307, vec![I64(again), I64(-100), Text("file"), U32(1), U32(0), Any, Any]);
    let data = low.put(b"hello");
    let n = call(4, &[fd as u32, data, 5]);
    it("write", 9, vec![I64(n), Bytes(b"hello".to_vec()), I64(fd), U32(5)]);
    let parts = low.words(&[data, 2, data + 2, 3]);
    let n = call(146, &[fd as u32, parts, 2]);
    it("writev", 119, vec![I64(n), Bytes(b"hello".to_vec()), I64(fd), U32(5)]);
    let n = call(140, &[fd as u32, 1, 2, low.words(&[0, 0]), 0]);
    it("llseek", 89, vec![I64(n), I64(fd), U64(1 << 32 | 2), U8(0)]);
    // the sixth argument is in a register that is not set here
    let page = call(192, &[0, 4096, 1, 0x22, u32::MAX]);
    let wide = page as u32;
    let map = [Any, Any, Any, U64(0), U64(4096), U32(1), U32(2 | 8), I64(-1), Any];
    it("mmap2", 163, [vec![I64(i64::from(wide))], map.into()].concat());
    let nowhere = low.text("nowhere");
    let n = call(22, &[nowhere]);
    it("umount", 387, vec![I64(n), Text("nowhere")]);
    let n = call(199, &[]);
    it("getuid32", 203, vec![U32(n as u32)]);
    let dir_name = low.text("d");
    let n = call(39, &[dir_name, 0o700]);
    it("mkdir", 277, vec![I64(n), Text("d"), U32(0o700)]);
    let (program, arguments) = (low.text("missing"), [low.text("zero"), low.text("one"), low.text("two"), 0]);
    let arguments = low.words(&arguments);
    let n = call(11, &[program, arguments, 0]);
    let exec = |i| match i {
        0 => I64(n),
        1 => Text("zero"),
        2 => Text("one\0two"),
        30 => Text("missing"),
        _ => Any,
    };
    it("execve that fails", 293, (0..31).map(exec).collect());

    // sockets, through the one call that old programs have for them
    let socket = |low: &mut Low, operation: u32, args: &[u32]| {
        let args = low.words(args);
        call(SOCKETCALL, &[operation, args])
    };
    let server = socket(&mut low, 1, &[2, 1, 0]);
    it("socket", 19, vec![I64(server), U32(2), U32(1), U32(0), U32(0)]);
    let address = low.put(&[2, 0, 0, 0, 127, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0]);
    let n = socket(&mut low, 2, &[server as u32, address, 16]);
    it("bind", 21, vec![I64(n), Bytes(vec![2, 127, 0, 0, 1, 0, 0]), I64(server)]);
    let n = socket(&mut low, 4, &[server as u32, 7]);
    it("listen", 25, vec![I64(n), I64(server), U32(7)]);
    let len = low.words(&[16]);
    socket(&mut low, 6, &[server as u32, address, len]);
    // SAFETY: 16 bytes that were put there
    let port = unsafe { std::ptr::read_unaligned((address as usize + 2) as *const [u8; 2]) };
    let client = socket(&mut low, 1, &[2, 1, 0]);
    let n = socket(&mut low, 3, &[client as u32, address, 16]);
    let to = [&[2, 127, 0, 0, 1][..], &[port[1], port[0]]].concat();
    it("connect", 23, vec![I64(n), Any, I64(client), Bytes(to)]);
    let n = socket(&mut low, 9, &[client as u32, data, 5, 0]);
    it("send", 29, vec![I64(n), Bytes(b"hello".to_vec()), I64(client), U32(5), Any]);
    let accepted = socket(&mut low, 5, &[server as u32, 0, 0]);
    it("accept", 247, vec![I64(accepted), Any, U8(0), U32(0), U32(7)]);
    let room = low.put(&[0; 8]);
    let n = socket(&mut low, 10, &[accepted as u32, room, 5, 0]);
    it("recv", 33, vec![I64(n), Bytes(b"hello".to_vec()), I64(accepted), U32(5), Any]);
    let message = low.words(&[0, 0, parts, 2, 0, 0, 0]);
    let n = socket(&mut low, 16, &[client as u32, message, 0]);
    it("sendmsg", 49, vec![I64(n), Bytes(b"hello".to_vec()), I64(client), U32(5), Any]);
    let _ = std::fs::remove_dir_all(&dir);
    out
}
