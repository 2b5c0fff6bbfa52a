//! What every system call becomes.
//!
//! Parameters are in the order of the event types; a test of the runtime compares their number and widths with
//! the schema. Calls without a line of their own are generic events, with their number alone.

use super::recipe::{Kind, Op, Recipe, Run};
use super::translate::Translation as T;
use libc as nr;

/// The event of a process that ends, which no system call makes.
pub const PROC_EXIT: u16 = 186;

const fn op(kind: Kind, arg: u8, extra: u16) -> Op {
    Op { kind, arg, extra }
}

const RET: Op = op(Kind::Ret, 0, 0);
const RET32: Op = op(Kind::Ret32, 0, 0);
const DEV: Op = op(Kind::RetDev, 0, 0);
const INO: Op = op(Kind::RetIno, 0, 0);
const INBOUND: u16 = 1;
const READ: u16 = 256;
const POINTER: u16 = 256;
const RECEIVED: u16 = 16;

const fn fd(arg: u8) -> Op {
    op(Kind::Fd, arg, 0)
}

const fn text(arg: u8) -> Op {
    op(Kind::Text, arg, 0)
}

/// `bytes` of an argument.
const fn int(arg: u8, bytes: u16) -> Op {
    op(Kind::Int, arg, bytes)
}

const fn flags16(arg: u8) -> Op {
    op(Kind::Flags16, arg, 0)
}

const fn at32(arg: u8, offset: u16) -> Op {
    op(Kind::At32, arg, offset)
}

const fn at32_signed(arg: u8, offset: u16) -> Op {
    op(Kind::At32Signed, arg, offset)
}

const fn at64(arg: u8, offset: u16) -> Op {
    op(Kind::At64, arg, offset)
}

const fn or_absent(arg: u8, offset: u16) -> Op {
    op(Kind::IntOrAbsent, arg, offset)
}

const fn zero(bytes: u16) -> Op {
    op(Kind::Zero, 0, bytes)
}

const fn vm(what: u16) -> Op {
    op(Kind::Vm, 0, what)
}

/// Ends of the socket in argument 0; the user's own address is in argument `peer`.
const fn tuple(direction: u16, peer: Option<u16>) -> Op {
    match peer {
        Some(arg) => op(Kind::Tuple, 0, direction | 2 | arg << 4),
        None => op(Kind::Tuple, 0, direction),
    }
}

/// The same, but nothing if the call failed.
const fn if_done(tuple: Op) -> Op {
    const NONE_IF_FAILED: u16 = 256;
    op(tuple.kind, tuple.arg, tuple.extra | NONE_IF_FAILED)
}

/// Collects recipes.
#[derive(Default)]
struct Table(Vec<Recipe>);

impl Table {
    fn add(&mut self, nr: libc::c_long, code: u16, ops: &[Op]) -> &mut Recipe {
        let nr = u32::try_from(nr).unwrap_or(u32::MAX);
        let (ops, translations) = (ops.to_vec(), Vec::new());
        self.0.push_mut(Recipe { nr, code, run: Run::Recipe, changes_state: false, ops, translations })
    }
}

impl Recipe {
    fn flags(&mut self, index: u8, translation: T) -> &mut Self {
        self.translations.push((index, translation));
        self
    }

    /// The event changes what is known of processes, in a way that others depend on.
    fn state(&mut self) -> &mut Self {
        self.changes_state = true;
        self
    }

    fn by(&mut self, run: Run) {
        self.run = run;
        self.changes_state = true;
    }
}

/// What user space does to parameters of enter events, by type.
pub(crate) fn enter_translations() -> [(u16, &'static [(u8, T)]); 3] {
    [(2, &[(1, T::Open)]), (306, &[(2, T::Open)]), (326, &[(2, T::OpenPlain), (4, T::Resolve)])]
}

/// What every system call becomes that has an event type of its own.
pub fn recipes() -> Vec<Recipe> {
    let mut t = Table::default();
    files(&mut t);
    file_system(&mut t);
    descriptors(&mut t);
    input_output(&mut t);
    network(&mut t);
    processes(&mut t);
    identities(&mut t);
    memory(&mut t);
    rest(&mut t);
    of_32_bit_programs(&mut t);
    t.0
}

/// Numbers that we give to system calls that only 32-bit programs have; behind all of the machine's.
const COMPAT_SEND: libc::c_long = 500;
const COMPAT_RECV: libc::c_long = 501;
const COMPAT_MMAP2: libc::c_long = 502;
const COMPAT_LLSEEK: libc::c_long = 503;
const COMPAT_UMOUNT: libc::c_long = 504;

fn of_32_bit_programs(t: &mut Table) {
    let out = op(Kind::DataOut, 1, 2);
    t.add(COMPAT_SEND, 29, &[RET, out, fd(0), int(2, 4), tuple(0, None)]);
    t.add(COMPAT_RECV, 33, &[RET, op(Kind::DataIn, 1, 0), fd(0), int(2, 4), if_done(tuple(INBOUND, None))]);
    let all = [vm(0), vm(1), vm(2)];
    let map = [RET, all[0], all[1], all[2], int(0, 8), int(1, 8), int(2, 4), int(3, 4), fd(4), int(5, 8)];
    t.add(COMPAT_MMAP2, 163, &map).flags(6, T::Protection).flags(7, T::Map);
    t.add(COMPAT_LLSEEK, 89, &[RET, fd(0), op(Kind::Offset, 1, 2), int(4, 1)]);
    t.add(COMPAT_UMOUNT, 387, &[RET, text(0)]);
}

fn files(t: &mut Table) {
    let facts = |arg| op(Kind::FlagsFacts, arg, 0);
    t.add(nr::SYS_open, 3, &[RET, text(0), facts(1), int(2, 4), DEV, INO]).flags(2, T::Open).run = Run::Open;
    t.add(nr::SYS_openat, 307, &[RET, fd(0), text(1), facts(2), int(3, 4), DEV, INO]).flags(3, T::Open).run =
        Run::Open;
    let how = [RET, fd(0), text(1), at32(2, 0), at32(2, 8), at32(2, 16), DEV, INO];
    t.add(nr::SYS_openat2, 327, &how).flags(3, T::OpenPlain).flags(5, T::Resolve);
    t.add(nr::SYS_creat, 59, &[RET, text(0), int(1, 4), DEV, INO, op(Kind::Facts16, 0, 0)]);
    let path = op(Kind::RetPath, 0, 0);
    t.add(nr::SYS_open_by_handle_at, 337, &[RET, fd(0), facts(2), path, DEV, INO]).flags(2, T::Open);
    t.add(nr::SYS_close, 5, &[RET, fd(0)]).run = Run::Close;
    t.add(nr::SYS_close_range, 451, &[RET, int(0, 4), int(1, 4), int(2, 4)]).state();
    t.add(nr::SYS_stat, 67, &[RET, text(0)]);
    t.add(nr::SYS_lstat, 69, &[RET, text(0)]);
    t.add(nr::SYS_fstat, 71, &[RET, fd(0)]);
    t.add(nr::SYS_newfstatat, 419, &[RET, fd(0), text(1), int(3, 4)]).flags(3, T::Known(0x1900));
    t.add(nr::SYS_access, 265, &[RET, text(0), int(1, 4)]).flags(2, T::Known(7));
    t.add(nr::SYS_lseek, 87, &[RET, fd(0), int(1, 8), int(2, 1)]);
    t.add(nr::SYS_getdents, 237, &[RET, fd(0)]);
    t.add(nr::SYS_getdents64, 239, &[RET, fd(0)]);
    t.add(nr::SYS_flock, 243, &[RET, fd(0), int(1, 4)]).flags(2, T::Known(15));
    t.add(nr::SYS_ioctl, 171, &[RET, fd(0), int(1, 8), int(2, 8)]);
    let copy = [RET, fd(2), at64(3, 0), fd(0), at64(1, 0), int(4, 8)];
    t.add(nr::SYS_copy_file_range, 333, &copy);
}

fn file_system(t: &mut Table) {
    t.add(nr::SYS_getcwd, 93, &[RET, op(Kind::TextIfDone, 0, 0)]);
    t.add(nr::SYS_chdir, 95, &[RET, text(0)]).state();
    t.add(nr::SYS_fchdir, 97, &[RET, fd(0)]).state();
    t.add(nr::SYS_chroot, 267, &[RET, text(0)]).state();
    t.add(nr::SYS_rename, 175, &[RET, text(0), text(1)]);
    t.add(nr::SYS_renameat, 177, &[RET, fd(0), text(1), fd(2), text(3)]);
    t.add(nr::SYS_renameat2, 319, &[RET, fd(0), text(1), fd(2), text(3), int(4, 4)]).flags(5, T::Known(7));
    t.add(nr::SYS_link, 309, &[RET, text(0), text(1)]);
    t.add(nr::SYS_linkat, 311, &[RET, fd(0), text(1), fd(2), text(3), int(4, 4)]).flags(5, T::Known(0x1400));
    t.add(nr::SYS_symlink, 179, &[RET, text(0), text(1)]);
    t.add(nr::SYS_symlinkat, 181, &[RET, text(0), fd(1), text(2)]);
    t.add(nr::SYS_unlink, 301, &[RET, text(0)]);
    t.add(nr::SYS_unlinkat, 303, &[RET, fd(0), text(1), int(2, 4)]).flags(3, T::Known(0x200));
    t.add(nr::SYS_mkdir, 277, &[RET, text(0), int(1, 4)]);
    t.add(nr::SYS_mkdirat, 305, &[RET, fd(0), text(1), int(2, 4)]);
    t.add(nr::SYS_rmdir, 279, &[RET, text(0)]);
    t.add(nr::SYS_chmod, 315, &[RET, text(0), int(1, 4)]);
    t.add(nr::SYS_fchmod, 317, &[RET, fd(0), int(1, 4)]);
    t.add(nr::SYS_fchmodat, 313, &[RET, fd(0), text(1), int(2, 4)]);
    t.add(nr::SYS_chown, 379, &[RET, text(0), int(1, 4), int(2, 4)]);
    t.add(nr::SYS_lchown, 381, &[RET, text(0), int(1, 4), int(2, 4)]);
    t.add(nr::SYS_fchown, 383, &[RET, fd(0), int(1, 4), int(2, 4)]);
    t.add(nr::SYS_fchownat, 385, &[RET, fd(0), text(1), int(2, 4), int(3, 4), int(4, 4)])
        .flags(5, T::NoFollow);
    t.add(nr::SYS_mknod, 415, &[RET, text(0), int(1, 4), int(2, 4)]);
    t.add(nr::SYS_mknodat, 417, &[RET, fd(0), text(1), int(2, 4), int(3, 4)]);
    t.add(nr::SYS_mount, 257, &[RET, text(0), text(1), text(2), int(3, 4)]).flags(4, T::Mount);
    t.add(nr::SYS_umount2, 391, &[RET, text(0), int(1, 4)]).flags(2, T::Known(15));
    let fs_value = |extra| op(Kind::FsValue, 3, extra);
    t.add(nr::SYS_fsconfig, 373, &[RET, fd(0), int(1, 4), text(2), fs_value(0), fs_value(1), int(4, 4)]);
}

fn descriptors(t: &mut Table) {
    t.add(nr::SYS_dup, 367, &[RET, fd(0)]);
    t.add(nr::SYS_dup2, 363, &[RET, fd(0), fd(1)]);
    t.add(nr::SYS_dup3, 365, &[RET, fd(0), fd(1), int(2, 4)]).flags(3, T::Descriptor);
    t.add(nr::SYS_fcntl, 151, &[RET, fd(0), int(1, 1), int(2, 8)]).flags(2, T::Fcntl);
    let pipe = [RET, at32_signed(0, 0), at32_signed(0, 4), op(Kind::PipeIno, 0, 0)];
    t.add(nr::SYS_pipe, 61, &pipe);
    t.add(nr::SYS_pipe2, 393, &[pipe[0], pipe[1], pipe[2], pipe[3], int(1, 4)]).flags(4, T::Descriptor);
    t.add(nr::SYS_eventfd, 63, &[RET, int(0, 8), zero(4)]);
    t.add(nr::SYS_eventfd2, 397, &[RET, flags16(1), int(0, 8)]).flags(1, T::Descriptor16);
    t.add(nr::SYS_signalfd, 127, &[RET, fd(0), zero(4), zero(1)]);
    t.add(nr::SYS_signalfd4, 399, &[RET, flags16(3), fd(0), zero(4)]).flags(1, T::Descriptor16);
    t.add(nr::SYS_timerfd_create, 137, &[RET, zero(1), zero(1)]);
    t.add(nr::SYS_inotify_init, 139, &[RET, zero(1)]);
    t.add(nr::SYS_inotify_init1, 395, &[RET, flags16(0)]).flags(1, T::Descriptor16);
    t.add(nr::SYS_epoll_create, 375, &[RET, int(0, 4)]);
    t.add(nr::SYS_epoll_create1, 377, &[RET, int(0, 4)]).flags(1, T::Epoll);
    t.add(nr::SYS_userfaultfd, 321, &[RET, int(0, 4)]).flags(1, T::Descriptor);
    t.add(nr::SYS_memfd_create, 405, &[RET, text(0), int(1, 4)]).flags(2, T::Known(7));
    t.add(nr::SYS_pidfd_open, 409, &[RET, fd(0), int(1, 4)]).flags(2, T::Pidfd);
    t.add(nr::SYS_pidfd_getfd, 407, &[RET, fd(0), fd(1), int(2, 4)]);
    t.add(nr::SYS_bpf, 369, &[RET, int(0, 4)]);
    let setup = [RET, int(0, 4), at32(1, 0), at32(1, 4), at32(1, 8), at32(1, 12), at32(1, 16), at32(1, 20)];
    t.add(nr::SYS_io_uring_setup, 339, &setup).flags(4, T::UringSetup).flags(7, T::Known(0x7ff));
    let enter = [RET, fd(0), int(1, 4), int(2, 4), int(3, 4), op(Kind::SigSet, 4, 0)];
    t.add(nr::SYS_io_uring_enter, 341, &enter).flags(4, T::Known(15));
    t.add(nr::SYS_io_uring_register, 343, &[RET, fd(0), int(1, 2), int(2, 8), int(3, 4)]);
}

fn input_output(t: &mut Table) {
    let (data_in, data_out) = (op(Kind::DataIn, 1, 0), op(Kind::DataOut, 1, 2));
    let (vec_in, vec_out) = (op(Kind::IovData, 1, READ | 2), op(Kind::IovData, 1, 2));
    let (vec_size, size) = (op(Kind::IovSize, 1, 2), op(Kind::RetSize, 0, 0));
    t.add(nr::SYS_read, 7, &[RET, data_in, fd(0), int(2, 4)]);
    t.add(nr::SYS_write, 9, &[RET, data_out, fd(0), int(2, 4)]);
    t.add(nr::SYS_pread64, 113, &[RET, data_in, fd(0), int(2, 4), int(3, 8)]);
    t.add(nr::SYS_pwrite64, 115, &[RET, data_out, fd(0), int(2, 4), int(3, 8)]);
    t.add(nr::SYS_readv, 117, &[RET, size, vec_in, fd(0)]);
    t.add(nr::SYS_writev, 119, &[RET, vec_out, fd(0), vec_size]);
    t.add(nr::SYS_preadv, 121, &[RET, size, vec_in, fd(0), int(3, 8)]);
    t.add(nr::SYS_pwritev, 123, &[RET, vec_out, fd(0), vec_size, int(3, 8)]);
    t.add(nr::SYS_sendfile, 189, &[RET, at64(2, 0), fd(0), fd(1), int(3, 8)]);
    t.add(nr::SYS_splice, 167, &[RET, fd(0), fd(2), int(4, 8), int(5, 4)]).flags(4, T::Known(15));
    let fds = op(Kind::Fds, 0, 1);
    t.add(nr::SYS_poll, 81, &[RET, fds, int(2, 8)]).flags(1, T::Poll);
    t.add(nr::SYS_ppoll, 255, &[RET, fds, op(Kind::TimeSpec, 2, 0), op(Kind::SigSet, 3, 0)])
        .flags(1, T::Poll);
    t.add(nr::SYS_select, 83, &[RET]);
    t.add(nr::SYS_epoll_wait, 79, &[RET, fd(2)]);
}

fn network(t: &mut Table) {
    let address = op(Kind::SockAddr, 1, 2);
    t.add(nr::SYS_socket, 19, &[RET, int(0, 4), int(1, 4), int(2, 4), int(1, 4)]).flags(4, T::Socket);
    t.add(nr::SYS_bind, 21, &[RET, address, fd(0)]);
    t.add(nr::SYS_connect, 23, &[RET, if_done(tuple(0, Some(1))), fd(0), address]);
    t.add(nr::SYS_listen, 25, &[RET, fd(0), int(1, 4)]);
    let (percent, len, max) =
        (op(Kind::QueuePercent, 0, 0), op(Kind::QueueLen, 0, 0), op(Kind::QueueMax, 0, 0));
    let ends = op(Kind::RetTuple, 0, INBOUND);
    t.add(nr::SYS_accept, 247, &[RET, ends, percent, len, max]);
    t.add(nr::SYS_accept4, 389, &[RET, ends, percent, len, max, int(3, 4)]).flags(5, T::Socket);
    let out = op(Kind::DataOut, 1, 2);
    t.add(nr::SYS_sendto, 31, &[RET, out, fd(0), int(2, 4), tuple(0, Some(4))]);
    let read = op(Kind::DataIn, 1, 0);
    t.add(nr::SYS_recvfrom, 35, &[RET, read, if_done(tuple(INBOUND, Some(4))), fd(0), int(2, 4)]);
    let got = op(Kind::RetSize, 0, 0);
    let (size, control) = (op(Kind::MsgSize, 1, 0), op(Kind::MsgControl, 1, RECEIVED));
    let (sent, received) = (op(Kind::MsgData, 1, 0), op(Kind::MsgData, 1, RECEIVED | 1));
    let (to, from) = (op(Kind::MsgTuple, 1, 0), op(Kind::MsgTuple, 1, RECEIVED | INBOUND));
    t.add(nr::SYS_sendmsg, 49, &[RET, sent, fd(0), size, to]);
    t.add(nr::SYS_sendmmsg, 51, &[RET, fd(0), size, sent, to]).run = Run::Messages;
    t.add(nr::SYS_recvmsg, 53, &[RET, got, received, from, control, fd(0)]);
    t.add(nr::SYS_recvmmsg, 55, &[RET, fd(0), got, received, from, control]).run = Run::Messages;
    t.add(nr::SYS_shutdown, 37, &[RET, fd(0), int(1, 1)]);
    t.add(nr::SYS_getsockname, 39, &[]);
    t.add(nr::SYS_getpeername, 41, &[]);
    let peers = [op(Kind::Peers, 3, 0), op(Kind::Peers, 3, 1)];
    let pair =
        [RET, at32_signed(3, 0), at32_signed(3, 4), peers[0], peers[1], int(0, 4), int(1, 4), int(2, 4)];
    t.add(nr::SYS_socketpair, 43, &pair);
    let set = [RET, fd(0), int(1, 1), int(2, 1), op(Kind::SockOpt, 3, 4), int(4, 4)];
    t.add(nr::SYS_setsockopt, 45, &set).flags(2, T::SockLevel).flags(3, T::SockOption);
    let get = [RET, fd(0), int(1, 1), int(2, 1), op(Kind::SockOpt, 3, POINTER | 4), at32(4, 0)];
    t.add(nr::SYS_getsockopt, 47, &get).flags(2, T::SockLevel).flags(3, T::SockOption);
}

fn processes(t: &mut Table) {
    for (nr, code) in [(nr::SYS_clone, 223), (nr::SYS_fork, 225), (nr::SYS_vfork, 227), (nr::SYS_clone3, 335)]
    {
        t.add(nr, code, &[]).flags(15, T::Clone).by(Run::Clone);
    }
    t.add(nr::SYS_execve, 293, &[]).by(Run::Exec);
    t.add(nr::SYS_execveat, 331, &[]).by(Run::Exec);
    t.add(nr::SYS_kill, 129, &[RET, fd(0), int(1, 1)]);
    t.add(nr::SYS_tkill, 131, &[RET, fd(0), int(1, 1)]);
    t.add(nr::SYS_tgkill, 133, &[RET, fd(0), fd(1), int(2, 1)]);
    let ptrace = [RET, op(Kind::Ptrace, 2, 0), op(Kind::Ptrace, 3, 1), int(0, 2), fd(1)];
    t.add(nr::SYS_ptrace, 169, &ptrace).flags(3, T::Ptrace);
    let local = op(Kind::IovData, 1, READ | 2);
    t.add(nr::SYS_process_vm_readv, 421, &[RET, fd(0), local]);
    t.add(nr::SYS_process_vm_writev, 423, &[RET, fd(0), local]);
    t.add(nr::SYS_prctl, 401, &[RET, int(0, 4), op(Kind::PrctlText, 1, 0), op(Kind::PrctlInt, 1, 0)]).state();
    t.add(nr::SYS_setsid, 275, &[RET]).state();
    t.add(nr::SYS_setpgid, 295, &[RET, fd(0), fd(1)]);
    t.add(nr::SYS_unshare, 285, &[RET, int(0, 4)]).flags(1, T::Namespaces).state();
    t.add(nr::SYS_setns, 241, &[RET, fd(0), int(1, 4)]).flags(2, T::Namespaces).state();
    t.add(nr::SYS_seccomp, 299, &[RET, int(0, 8), int(1, 8)]);
    let limits = [or_absent(1, 0), or_absent(1, 8)];
    t.add(nr::SYS_getrlimit, 141, &[RET, limits[0], limits[1], int(0, 1)]).flags(3, T::Rlimit);
    t.add(nr::SYS_setrlimit, 143, &[RET, at64(1, 0), at64(1, 8), int(0, 1)]).flags(3, T::Rlimit);
    let both = [RET, at64(2, 0), at64(2, 8), or_absent(3, 0), or_absent(3, 8), fd(0), int(1, 1)];
    t.add(nr::SYS_prlimit64, 145, &both).flags(6, T::Rlimit);
}

fn identities(t: &mut Table) {
    t.add(nr::SYS_setuid, 199, &[RET, int(0, 4)]).state();
    t.add(nr::SYS_setgid, 201, &[RET, int(0, 4)]).state();
    t.add(nr::SYS_setreuid, 427, &[RET, int(0, 4), int(1, 4)]).state();
    t.add(nr::SYS_setregid, 429, &[RET, int(0, 4), int(1, 4)]).state();
    t.add(nr::SYS_setresuid, 193, &[RET, int(0, 4), int(1, 4), int(2, 4)]).state();
    t.add(nr::SYS_setresgid, 195, &[RET, int(0, 4), int(1, 4), int(2, 4)]).state();
    t.add(nr::SYS_getuid, 203, &[RET32]);
    t.add(nr::SYS_geteuid, 205, &[RET32]);
    t.add(nr::SYS_getgid, 207, &[RET32]);
    t.add(nr::SYS_getegid, 209, &[RET32]);
    t.add(nr::SYS_getresuid, 211, &[RET, at32(0, 0), at32(1, 0), at32(2, 0)]);
    t.add(nr::SYS_getresgid, 213, &[RET, at32(0, 0), at32(1, 0), at32(2, 0)]);
    let caps = [op(Kind::Cap, 0, 0), op(Kind::Cap, 0, 1), op(Kind::Cap, 0, 2)];
    t.add(nr::SYS_capset, 353, &[RET, caps[0], caps[1], caps[2]]).state();
}

fn memory(t: &mut Table) {
    let all = [vm(0), vm(1), vm(2)];
    t.add(nr::SYS_brk, 159, &[RET, all[0], all[1], all[2], int(0, 8)]);
    let map = [RET, all[0], all[1], all[2], int(0, 8), int(1, 8), int(2, 4), int(3, 4), fd(4), int(5, 8)];
    t.add(nr::SYS_mmap, 161, &map).flags(6, T::Protection).flags(7, T::Map);
    t.add(nr::SYS_munmap, 165, &[RET, all[0], all[1], all[2], int(0, 8), int(1, 8)]);
    t.add(nr::SYS_mprotect, 329, &[RET, int(0, 8), int(1, 8), int(2, 4)]).flags(3, T::Protection);
    t.add(nr::SYS_mlock, 345, &[RET, int(0, 8), int(1, 8)]);
    t.add(nr::SYS_munlock, 347, &[RET, int(0, 8), int(1, 8)]);
    t.add(nr::SYS_mlock2, 371, &[RET, int(0, 8), int(1, 8), int(2, 4)]).flags(3, T::Known(1));
    t.add(nr::SYS_mlockall, 349, &[RET, int(0, 4)]).flags(1, T::Known(7));
    t.add(nr::SYS_munlockall, 351, &[RET]);
}

fn rest(t: &mut Table) {
    t.add(nr::SYS_futex, 65, &[RET, int(0, 8), int(1, 2), int(2, 8)]).flags(2, T::Futex);
    t.add(nr::SYS_nanosleep, 135, &[RET, op(Kind::TimeSpec, 0, 0)]);
    t.add(nr::SYS_semctl, 253, &[RET, int(0, 4), int(1, 4), int(2, 2), op(Kind::SemValue, 3, 0)])
        .flags(3, T::SemCtl);
    t.add(nr::SYS_semget, 263, &[RET, int(0, 4), int(1, 4), int(2, 4)]).flags(3, T::SemGet);
    let sem = |extra| op(Kind::SemOp, 1, extra);
    let semop = [RET, int(2, 4), sem(0), sem(1), sem(2), sem(3), sem(4), sem(5), int(0, 4)];
    t.add(nr::SYS_semop, 251, &semop).flags(4, T::SemOp).flags(7, T::SemOp);
    let quota = |extra| op(Kind::Quota, 0, extra);
    let quotas = [
        &[RET, text(1), quota(15)][..],
        &[0, 1, 2, 3, 4, 5, 6, 7, 8].map(quota),
        &[9, 10, 11, 12, 13, 14].map(quota),
    ];
    t.add(nr::SYS_quotactl, 191, &quotas.concat())
        .flags(12, T::QuotaFlags)
        .flags(13, T::QuotaFormat)
        .flags(14, T::QuotaCommand)
        .flags(15, T::QuotaType)
        .flags(17, T::QuotaFormat);
    let key = |arg| op(Kind::KeyCtl, arg, 0);
    t.add(nr::SYS_keyctl, 453, &[RET, int(0, 4), key(1), key(2), key(3), key(4)]);
    let image = op(Kind::DataOut, 0, 1);
    t.add(nr::SYS_init_module, 411, &[RET, image, int(1, 8), text(2)]);
    t.add(nr::SYS_finit_module, 413, &[RET, fd(0), text(1), int(2, 4)]).flags(3, T::Known(7));
    t.add(nr::SYS_delete_module, 425, &[RET, text(0), int(1, 4)]).flags(2, T::DeleteModule);
}

/// Numbers of 32-bit programs' system calls and of ours, for those that rules and the state need. From 424 on
/// both are the same.
#[rustfmt::skip]
const COMPAT: &[(u32, libc::c_long)] = &[
    (2, nr::SYS_fork), (3, nr::SYS_read), (4, nr::SYS_write), (5, nr::SYS_open), (6, nr::SYS_close),
    (8, nr::SYS_creat), (9, nr::SYS_link), (10, nr::SYS_unlink), (11, nr::SYS_execve), (12, nr::SYS_chdir),
    (14, nr::SYS_mknod), (15, nr::SYS_chmod), (19, nr::SYS_lseek), (21, nr::SYS_mount), (22, COMPAT_UMOUNT),
    (23, nr::SYS_setuid), (26, nr::SYS_ptrace), (33, nr::SYS_access), (37, nr::SYS_kill),
    (38, nr::SYS_rename), (39, nr::SYS_mkdir), (40, nr::SYS_rmdir), (41, nr::SYS_dup), (42, nr::SYS_pipe),
    (45, nr::SYS_brk), (46, nr::SYS_setgid), (52, nr::SYS_umount2), (54, nr::SYS_ioctl),
    (57, nr::SYS_setpgid), (61, nr::SYS_chroot), (63, nr::SYS_dup2), (66, nr::SYS_setsid),
    (83, nr::SYS_symlink), (91, nr::SYS_munmap), (94, nr::SYS_fchmod), (106, nr::SYS_stat),
    (107, nr::SYS_lstat), (108, nr::SYS_fstat), (120, nr::SYS_clone), (125, nr::SYS_mprotect),
    (128, nr::SYS_init_module), (129, nr::SYS_delete_module), (131, nr::SYS_quotactl),
    (133, nr::SYS_fchdir), (140, COMPAT_LLSEEK), (141, nr::SYS_getdents), (142, nr::SYS_select), (143, nr::SYS_flock),
    (145, nr::SYS_readv), (146, nr::SYS_writev), (150, nr::SYS_mlock), (151, nr::SYS_munlock),
    (152, nr::SYS_mlockall), (153, nr::SYS_munlockall), (168, nr::SYS_poll), (172, nr::SYS_prctl),
    (180, nr::SYS_pread64), (181, nr::SYS_pwrite64), (183, nr::SYS_getcwd), (185, nr::SYS_capset),
    (190, nr::SYS_vfork), (192, COMPAT_MMAP2), (198, nr::SYS_lchown), (199, nr::SYS_getuid), (200, nr::SYS_getgid),
    (201, nr::SYS_geteuid), (202, nr::SYS_getegid), (203, nr::SYS_setreuid), (204, nr::SYS_setregid),
    (207, nr::SYS_fchown), (208, nr::SYS_setresuid), (209, nr::SYS_getresuid), (210, nr::SYS_setresgid),
    (211, nr::SYS_getresgid), (212, nr::SYS_chown), (213, nr::SYS_setuid), (214, nr::SYS_setgid),
    (220, nr::SYS_getdents64), (221, nr::SYS_fcntl), (238, nr::SYS_tkill), (239, nr::SYS_sendfile),
    (240, nr::SYS_futex), (254, nr::SYS_epoll_create), (256, nr::SYS_epoll_wait), (270, nr::SYS_tgkill),
    (288, nr::SYS_keyctl), (291, nr::SYS_inotify_init), (295, nr::SYS_openat), (296, nr::SYS_mkdirat),
    (297, nr::SYS_mknodat), (298, nr::SYS_fchownat), (301, nr::SYS_unlinkat), (302, nr::SYS_renameat),
    (303, nr::SYS_linkat), (304, nr::SYS_symlinkat), (306, nr::SYS_fchmodat), (310, nr::SYS_unshare),
    (313, nr::SYS_splice), (321, nr::SYS_signalfd), (322, nr::SYS_timerfd_create), (323, nr::SYS_eventfd),
    (327, nr::SYS_signalfd4), (328, nr::SYS_eventfd2), (329, nr::SYS_epoll_create1), (330, nr::SYS_dup3),
    (331, nr::SYS_pipe2), (332, nr::SYS_inotify_init1), (333, nr::SYS_preadv), (334, nr::SYS_pwritev),
    (337, nr::SYS_recvmmsg), (340, nr::SYS_prlimit64), (342, nr::SYS_open_by_handle_at),
    (345, nr::SYS_sendmmsg), (346, nr::SYS_setns), (347, nr::SYS_process_vm_readv),
    (348, nr::SYS_process_vm_writev), (350, nr::SYS_finit_module), (353, nr::SYS_renameat2),
    (354, nr::SYS_seccomp), (356, nr::SYS_memfd_create), (357, nr::SYS_bpf), (358, nr::SYS_execveat),
    (359, nr::SYS_socket), (360, nr::SYS_socketpair), (361, nr::SYS_bind), (362, nr::SYS_connect),
    (363, nr::SYS_listen), (364, nr::SYS_accept4), (365, nr::SYS_getsockopt), (366, nr::SYS_setsockopt),
    (367, nr::SYS_getsockname), (368, nr::SYS_getpeername), (369, nr::SYS_sendto), (370, nr::SYS_sendmsg),
    (371, nr::SYS_recvfrom), (372, nr::SYS_recvmsg), (373, nr::SYS_shutdown), (374, nr::SYS_userfaultfd),
    (376, nr::SYS_mlock2), (377, nr::SYS_copy_file_range),
];

/// What the operations of 32-bit programs' socketcall are, by their numbers from 1 on.
const SOCKET_CALLS: [libc::c_long; 20] = [
    nr::SYS_socket,
    nr::SYS_bind,
    nr::SYS_connect,
    nr::SYS_listen,
    nr::SYS_accept,
    nr::SYS_getsockname,
    nr::SYS_getpeername,
    nr::SYS_socketpair,
    COMPAT_SEND,
    COMPAT_RECV,
    nr::SYS_sendto,
    nr::SYS_recvfrom,
    nr::SYS_shutdown,
    nr::SYS_setsockopt,
    nr::SYS_getsockopt,
    nr::SYS_sendmsg,
    nr::SYS_recvmsg,
    nr::SYS_accept4,
    nr::SYS_recvmmsg,
    nr::SYS_sendmmsg,
];

/// Our number of a 32-bit program's system call.
pub(crate) fn compat(number: u32) -> Option<u32> {
    const SAME_FROM: u32 = 424;
    // `SOCKETCALLS` of bpf/event.h, and the operation
    if let Some(operation) = number.checked_sub(480) {
        let call = SOCKET_CALLS.get((operation as usize).checked_sub(1)?)?;
        return u32::try_from(*call).ok();
    }
    let known =
        COMPAT.iter().find(|(theirs, _)| *theirs == number).and_then(|(_, ours)| u32::try_from(*ours).ok());
    known.or(Some(number).filter(|&n| n >= SAME_FROM))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::recipe::MAX_OPS;
    use std::collections::BTreeSet;

    #[test]
    fn calls_and_types_occur_once_and_fit() {
        let all = recipes();
        assert_eq!(all.iter().map(|r| r.nr).collect::<BTreeSet<_>>().len(), all.len());
        assert_eq!(all.iter().map(|r| r.code).collect::<BTreeSet<_>>().len(), all.len());
        assert!(all.iter().all(|r| r.ops.len() <= MAX_OPS && r.nr < 512));
    }
}
