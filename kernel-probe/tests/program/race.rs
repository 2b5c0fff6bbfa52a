//! Calls whose memory another thread changes before they end.

use super::call;
use std::fs;
use std::io::Write;
use std::os::unix::net::UnixStream;
use std::thread;
use std::time::Duration;

/// Text with a NUL in memory that two threads use.
fn shared(text: &str) -> (&'static [u8], u64) {
    let mut bytes = text.as_bytes().to_vec();
    bytes.push(0);
    let bytes: &'static [u8] = bytes.leak();
    (bytes, bytes.as_ptr() as u64)
}

/// Changes memory in place.
fn change(at: u64, text: &str) {
    // SAFETY: `at` is memory of `shared`, which holds at least as many bytes and is never freed; the thread that
    // gave it to the kernel does not look at it
    unsafe { std::ptr::copy_nonoverlapping(text.as_ptr(), at as *mut u8, text.len()) };
}

const BLOCKED: Duration = Duration::from_millis(100);

/// Opens a pipe that nobody has opened yet, in several ways, and connects to a socket whose queue is full. While
/// each waits the path or the address becomes another one. Then opens a long path that nobody changes.
pub(super) fn run() {
    let dir = std::env::temp_dir().join(format!("peregrine-race-{}", std::process::id()));
    fs::create_dir_all(&dir).unwrap();
    std::env::set_current_dir(&dir).unwrap();
    let cwd = u64::from(libc::AT_FDCWD.cast_unsigned());
    let (_, pipe) = shared("pipe");
    // SAFETY: the path is a text with a NUL
    assert_eq!(unsafe { libc::mkfifo(pipe as *const libc::c_char, 0o600) }, 0);
    let how = Box::leak(Box::new([libc::O_RDONLY as u64, 0, 0])).as_ptr() as u64;
    for (number, path_at, args) in [
        (libc::SYS_open, 0, [0, 0, 0, 0]),
        (libc::SYS_openat, 1, [cwd, 0, 0, 0]),
        (libc::SYS_openat2, 1, [cwd, 0, how, 24]),
    ] {
        let (_, path) = shared("pipe");
        let mut args = args;
        args[path_at] = path;
        let opener = thread::spawn(move || call(number, &args));
        thread::sleep(BLOCKED);
        change(path, "safe");
        let _other_end = fs::OpenOptions::new().write(true).open("pipe").unwrap();
        assert!(opener.join().unwrap() >= 0);
    }

    // a queue of one that is full
    let server = call(libc::SYS_socket, &[1, 1, 0]).cast_unsigned();
    let address = |name: &str| {
        let mut bytes = vec![1, 0];
        bytes.extend_from_slice(name.as_bytes());
        bytes.push(0);
        bytes.leak()
    };
    let place = address("one");
    let (at, len) = (place.as_ptr() as u64, place.len() as u64);
    assert_eq!(call(libc::SYS_bind, &[server, at, len]), 0);
    assert_eq!(call(libc::SYS_listen, &[server, 0]), 0);
    let first = UnixStream::connect("one").unwrap();
    let (given, client) = (address("one"), call(libc::SYS_socket, &[1, 1, 0]).cast_unsigned());
    let given = given.as_ptr() as u64;
    let second = thread::spawn(move || call(libc::SYS_connect, &[client, given, len]));
    thread::sleep(BLOCKED);
    change(given + 2, "two");
    assert!(call(libc::SYS_accept, &[server, 0, 0]) >= 0);
    assert_eq!(second.join().unwrap(), 0);
    drop(first);

    let (_, long) = shared(&format!("{}pipe", "./".repeat(200)));
    assert!(call(libc::SYS_openat, &[cwd, long, libc::O_RDWR as u64, 0]) >= 0);
    println!("{}", dir.display());
    std::io::stdout().flush().unwrap();
    fs::remove_dir_all(&dir).unwrap();
}
