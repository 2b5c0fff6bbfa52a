//! The 454 event types of the capture format, by code.
//!
//! Longer than other files because it is data: one row for each event type, kept in one place so that the
//! codes can be read off and compared with a capture. Even codes are enter (`>`), odd ones exit (`<`) events;
//! `NA` rows are numbers that exist only because every `>` has a `<`. A row is never removed or reordered:
//! captures store the code. Old versions stay because the converter needs their parameters.

use super::EventFlags;
use super::flags::{self, DynTable, FlagTable};
use super::{Category, EventInfo, Extra, Origin, ParamInfo};
use Category::{
    File, Internal, IoOther, IoRead, IoWrite, Ipc, Memory, Net, Other, Process, Scheduler, Signal, Sleep,
    System, Time, Unknown, User, Wait,
};
use Origin::{Iterator as Iter, Meta, Nothing, Plugin, Syscall, Tracepoint};
use PrintFormat::{Dec, Hex, Na, Oct};
use peregrine_compiler::schema::{EventCode, PrintFormat, Type as T};

const NONE: u16 = EventFlags::NONE.0;
const CREATES: u16 = EventFlags::CREATES_FD.0;
const DESTROYS: u16 = EventFlags::DESTROYS_FD.0;
const USES: u16 = EventFlags::USES_FD.0;
const READS: u16 = EventFlags::READS_FD.0;
const WRITES: u16 = EventFlags::WRITES_FD.0;
const STATE: u16 = EventFlags::MODIFIES_STATE.0;
const UNUSED: u16 = EventFlags::UNUSED.0;
const WAITS: u16 = EventFlags::WAITS.0;
const SKIP_RESET: u16 = EventFlags::SKIPS_PARSE_RESET.0;
const OLD: u16 = EventFlags::OLD_VERSION.0;
const LARGE: u16 = EventFlags::LARGE_PAYLOAD.0;
const CONVERTED: u16 = EventFlags::CONVERTER_MANAGED.0;

const fn e(
    code: u16,
    ident: &'static str,
    name: &'static str,
    category: Category,
    origin: Origin,
    flags: u16,
    params: &'static [ParamInfo],
) -> EventInfo {
    EventInfo { code: EventCode(code), ident, name, category, origin, flags: EventFlags(flags), params }
}

/// A parameter that its type and format describe.
const fn p(name: &'static str, ty: T, print: PrintFormat) -> ParamInfo {
    ParamInfo { name, ty, print, extra: Extra::None }
}

/// A parameter whose values have names.
const fn fl(name: &'static str, ty: T, print: PrintFormat, table: &'static FlagTable) -> ParamInfo {
    ParamInfo { name, ty, print, extra: Extra::Flags(table) }
}

/// A path relative to the directory in parameter `dirfd`.
const fn at(name: &'static str, ty: T, print: PrintFormat, dirfd: u8) -> ParamInfo {
    ParamInfo { name, ty, print, extra: Extra::DirFd(dirfd) }
}

/// A parameter whose type is chosen by its first byte.
const fn dy(name: &'static str, print: PrintFormat, table: &'static DynTable) -> ParamInfo {
    ParamInfo { name, ty: T::Dyn, print, extra: Extra::Dynamic(table) }
}

/// All event types; the index is the code.
#[rustfmt::skip]
pub static EVENTS: [EventInfo; 454] = [
    e(0, "PPME_GENERIC_E", "syscall", Other, Syscall, OLD | CONVERTED, &[
        p("ID", T::SyscallId, Dec), p("nativeID", T::Uint16, Dec),
    ]),
    e(1, "PPME_GENERIC_X", "syscall", Other, Syscall, CONVERTED, &[
        p("ID", T::SyscallId, Dec), p("nativeID", T::Uint16, Dec),
    ]),
    e(2, "PPME_SYSCALL_OPEN_E", "open", File, Syscall, CREATES | STATE | CONVERTED, &[
        p("name", T::FsPath, Na), fl("flags", T::Flags32, Hex, &flags::FILE_FLAGS), p("mode", T::Uint32, Oct),
    ]),
    e(3, "PPME_SYSCALL_OPEN_X", "open", File, Syscall, CREATES | STATE | CONVERTED, &[
        p("fd", T::Fd, Dec), p("name", T::FsPath, Na), fl("flags", T::Flags32, Hex, &flags::FILE_FLAGS),
        p("mode", T::Uint32, Oct), p("dev", T::Uint32, Hex), p("ino", T::Uint64, Dec),
    ]),
    e(4, "PPME_SYSCALL_CLOSE_E", "close", IoOther, Syscall, DESTROYS | USES | STATE | OLD | CONVERTED, &[
        p("fd", T::Fd, Dec),
    ]),
    e(5, "PPME_SYSCALL_CLOSE_X", "close", IoOther, Syscall, DESTROYS | USES | STATE | CONVERTED, &[
        p("res", T::Errno, Dec), p("fd", T::Fd, Dec),
    ]),
    e(6, "PPME_SYSCALL_READ_E", "read", IoRead, Syscall, USES | READS | OLD | CONVERTED, &[
        p("fd", T::Fd, Dec), p("size", T::Uint32, Dec),
    ]),
    e(7, "PPME_SYSCALL_READ_X", "read", IoRead, Syscall, USES | READS | CONVERTED, &[
        p("res", T::Errno, Dec), p("data", T::ByteBuf, Na), p("fd", T::Fd, Dec), p("size", T::Uint32, Dec),
    ]),
    e(8, "PPME_SYSCALL_WRITE_E", "write", IoWrite, Syscall, USES | WRITES | OLD | CONVERTED, &[
        p("fd", T::Fd, Dec), p("size", T::Uint32, Dec),
    ]),
    e(9, "PPME_SYSCALL_WRITE_X", "write", IoWrite, Syscall, USES | WRITES | CONVERTED, &[
        p("res", T::Errno, Dec), p("data", T::ByteBuf, Na), p("fd", T::Fd, Dec), p("size", T::Uint32, Dec),
    ]),
    e(10, "PPME_SYSCALL_BRK_1_E", "brk", Memory, Syscall, OLD | CONVERTED, &[p("size", T::Uint32, Dec)]),
    e(11, "PPME_SYSCALL_BRK_1_X", "brk", Memory, Syscall, OLD | CONVERTED, &[p("res", T::Uint64, Hex)]),
    e(12, "PPME_SYSCALL_EXECVE_8_E", "execve", Process, Syscall, STATE | OLD | CONVERTED, &[]),
    e(13, "PPME_SYSCALL_EXECVE_8_X", "execve", Process, Syscall, STATE | OLD | CONVERTED, &[
        p("res", T::Errno, Dec), p("exe", T::CharBuf, Na), p("args", T::ByteBuf, Na), p("tid", T::Pid, Dec),
        p("pid", T::Pid, Dec), p("ptid", T::Pid, Dec), p("cwd", T::CharBuf, Na), p("fdlimit", T::Uint64, Dec),
    ]),
    e(14, "PPME_SYSCALL_CLONE_11_E", "clone", Process, Syscall, STATE | OLD, &[]),
    e(15, "PPME_SYSCALL_CLONE_11_X", "clone", Process, Syscall, STATE | OLD | CONVERTED, &[
        p("res", T::Pid, Dec), p("exe", T::CharBuf, Na), p("args", T::ByteBuf, Na), p("tid", T::Pid, Dec),
        p("pid", T::Pid, Dec), p("ptid", T::Pid, Dec), p("cwd", T::CharBuf, Na), p("fdlimit", T::Int64, Dec),
        fl("flags", T::Flags32, Hex, &flags::CLONE_FLAGS), p("uid", T::Uint32, Dec), p("gid", T::Uint32, Dec),
    ]),
    e(16, "PPME_PROCEXIT_E", "procexit", Process, Tracepoint, STATE | OLD | CONVERTED, &[]),
    e(17, "PPME_PROCEXIT_X", "NA", Unknown, Nothing, UNUSED, &[]),
    e(18, "PPME_SOCKET_SOCKET_E", "socket", Net, Syscall, CREATES | STATE | OLD | CONVERTED, &[
        fl("domain", T::EnumFlags32, Dec, &flags::SOCKET_FAMILIES), p("type", T::Uint32, Dec),
        p("proto", T::Uint32, Dec),
    ]),
    e(19, "PPME_SOCKET_SOCKET_X", "socket", Net, Syscall, CREATES | STATE | CONVERTED, &[
        p("fd", T::Fd, Dec), fl("domain", T::EnumFlags32, Dec, &flags::SOCKET_FAMILIES),
        p("type", T::Uint32, Dec), p("proto", T::Uint32, Dec),
        fl("flags", T::Flags32, Hex, &flags::FILE_FLAGS),
    ]),
    e(20, "PPME_SOCKET_BIND_E", "bind", Net, Syscall, USES | STATE | OLD | CONVERTED, &[p("fd", T::Fd, Dec)]),
    e(21, "PPME_SOCKET_BIND_X", "bind", Net, Syscall, USES | STATE | CONVERTED, &[
        p("res", T::Errno, Dec), p("addr", T::SockAddr, Na), p("fd", T::Fd, Dec),
    ]),
    e(22, "PPME_SOCKET_CONNECT_E", "connect", Net, Syscall, USES | STATE | CONVERTED, &[
        p("fd", T::Fd, Dec), p("addr", T::SockAddr, Na),
    ]),
    e(23, "PPME_SOCKET_CONNECT_X", "connect", Net, Syscall, USES | STATE | CONVERTED, &[
        p("res", T::Errno, Dec), p("tuple", T::SockTuple, Na), p("fd", T::Fd, Dec),
        p("addr", T::SockAddr, Na),
    ]),
    e(24, "PPME_SOCKET_LISTEN_E", "listen", Net, Syscall, USES | OLD | CONVERTED, &[
        p("fd", T::Fd, Dec), p("backlog", T::Int32, Dec),
    ]),
    e(25, "PPME_SOCKET_LISTEN_X", "listen", Net, Syscall, USES | CONVERTED, &[
        p("res", T::Errno, Dec), p("fd", T::Fd, Dec), p("backlog", T::Int32, Dec),
    ]),
    e(26, "PPME_SOCKET_ACCEPT_E", "accept", Net, Syscall, CREATES | STATE | OLD, &[]),
    e(27, "PPME_SOCKET_ACCEPT_X", "accept", Net, Syscall, CREATES | STATE | OLD | CONVERTED, &[
        p("fd", T::Fd, Dec), p("tuple", T::SockTuple, Na), p("queuepct", T::Uint8, Dec),
    ]),
    e(28, "PPME_SOCKET_SEND_E", "send", IoWrite, Syscall, USES | WRITES | OLD | CONVERTED, &[
        p("fd", T::Fd, Dec), p("size", T::Uint32, Dec),
    ]),
    e(29, "PPME_SOCKET_SEND_X", "send", IoWrite, Syscall, USES | WRITES | CONVERTED, &[
        p("res", T::Errno, Dec), p("data", T::ByteBuf, Na), p("fd", T::Fd, Dec), p("size", T::Uint32, Dec),
        p("tuple", T::SockTuple, Na),
    ]),
    e(30, "PPME_SOCKET_SENDTO_E", "sendto", IoWrite, Syscall, USES | WRITES | STATE | OLD | CONVERTED, &[
        p("fd", T::Fd, Dec), p("size", T::Uint32, Dec), p("tuple", T::SockTuple, Na),
    ]),
    e(31, "PPME_SOCKET_SENDTO_X", "sendto", IoWrite, Syscall, USES | WRITES | STATE | CONVERTED, &[
        p("res", T::Errno, Dec), p("data", T::ByteBuf, Na), p("fd", T::Fd, Dec), p("size", T::Uint32, Dec),
        p("tuple", T::SockTuple, Na),
    ]),
    e(32, "PPME_SOCKET_RECV_E", "recv", IoRead, Syscall, USES | READS | OLD | CONVERTED, &[
        p("fd", T::Fd, Dec), p("size", T::Uint32, Dec),
    ]),
    e(33, "PPME_SOCKET_RECV_X", "recv", IoRead, Syscall, USES | READS | CONVERTED, &[
        p("res", T::Errno, Dec), p("data", T::ByteBuf, Na), p("fd", T::Fd, Dec), p("size", T::Uint32, Dec),
        p("tuple", T::SockTuple, Na),
    ]),
    e(34, "PPME_SOCKET_RECVFROM_E", "recvfrom", IoRead, Syscall, USES | READS | STATE | OLD | CONVERTED, &[
        p("fd", T::Fd, Dec), p("size", T::Uint32, Dec),
    ]),
    e(35, "PPME_SOCKET_RECVFROM_X", "recvfrom", IoRead, Syscall, USES | READS | STATE | CONVERTED, &[
        p("res", T::Errno, Dec), p("data", T::ByteBuf, Na), p("tuple", T::SockTuple, Na), p("fd", T::Fd, Dec),
        p("size", T::Uint32, Dec),
    ]),
    e(36, "PPME_SOCKET_SHUTDOWN_E", "shutdown", Net, Syscall, USES | STATE | OLD | CONVERTED, &[
        p("fd", T::Fd, Dec), fl("how", T::EnumFlags8, Hex, &flags::SHUTDOWN_HOW),
    ]),
    e(37, "PPME_SOCKET_SHUTDOWN_X", "shutdown", Net, Syscall, USES | STATE | CONVERTED, &[
        p("res", T::Errno, Dec), p("fd", T::Fd, Dec), fl("how", T::EnumFlags8, Hex, &flags::SHUTDOWN_HOW),
    ]),
    e(38, "PPME_SOCKET_GETSOCKNAME_E", "getsockname", Net, Syscall, OLD, &[]),
    e(39, "PPME_SOCKET_GETSOCKNAME_X", "getsockname", Net, Syscall, NONE, &[]),
    e(40, "PPME_SOCKET_GETPEERNAME_E", "getpeername", Net, Syscall, OLD, &[]),
    e(41, "PPME_SOCKET_GETPEERNAME_X", "getpeername", Net, Syscall, NONE, &[]),
    e(42, "PPME_SOCKET_SOCKETPAIR_E", "socketpair", Ipc, Syscall, CREATES | STATE | OLD | CONVERTED, &[
        fl("domain", T::EnumFlags32, Dec, &flags::SOCKET_FAMILIES), p("type", T::Uint32, Dec),
        p("proto", T::Uint32, Dec),
    ]),
    e(43, "PPME_SOCKET_SOCKETPAIR_X", "socketpair", Ipc, Syscall, CREATES | STATE | CONVERTED, &[
        p("res", T::Errno, Dec), p("fd1", T::Fd, Dec), p("fd2", T::Fd, Dec), p("source", T::Uint64, Hex),
        p("peer", T::Uint64, Hex), fl("domain", T::EnumFlags32, Dec, &flags::SOCKET_FAMILIES),
        p("type", T::Uint32, Dec), p("proto", T::Uint32, Dec),
    ]),
    e(44, "PPME_SOCKET_SETSOCKOPT_E", "setsockopt", Net, Syscall, OLD, &[]),
    e(45, "PPME_SOCKET_SETSOCKOPT_X", "setsockopt", Net, Syscall, USES, &[
        p("res", T::Errno, Dec), p("fd", T::Fd, Dec), fl("level", T::EnumFlags8, Dec, &flags::SOCKOPT_LEVELS),
        fl("optname", T::EnumFlags8, Dec, &flags::SOCKOPT_OPTIONS),
        dy("val", Dec, &flags::SOCKOPT_DYNAMIC_PARAM), p("optlen", T::Uint32, Dec),
    ]),
    e(46, "PPME_SOCKET_GETSOCKOPT_E", "getsockopt", Net, Syscall, STATE | OLD, &[]),
    e(47, "PPME_SOCKET_GETSOCKOPT_X", "getsockopt", Net, Syscall, USES | STATE, &[
        p("res", T::Errno, Dec), p("fd", T::Fd, Dec), fl("level", T::EnumFlags8, Dec, &flags::SOCKOPT_LEVELS),
        fl("optname", T::EnumFlags8, Dec, &flags::SOCKOPT_OPTIONS),
        dy("val", Dec, &flags::SOCKOPT_DYNAMIC_PARAM), p("optlen", T::Uint32, Dec),
    ]),
    e(48, "PPME_SOCKET_SENDMSG_E", "sendmsg", IoWrite, Syscall, USES | WRITES | STATE | OLD | CONVERTED, &[
        p("fd", T::Fd, Dec), p("size", T::Uint32, Dec), p("tuple", T::SockTuple, Na),
    ]),
    e(49, "PPME_SOCKET_SENDMSG_X", "sendmsg", IoWrite, Syscall, USES | WRITES | STATE | CONVERTED, &[
        p("res", T::Errno, Dec), p("data", T::ByteBuf, Na), p("fd", T::Fd, Dec), p("size", T::Uint32, Dec),
        p("tuple", T::SockTuple, Na),
    ]),
    e(50, "PPME_SOCKET_SENDMMSG_E", "sendmmsg", IoWrite, Syscall, OLD, &[]),
    e(51, "PPME_SOCKET_SENDMMSG_X", "sendmmsg", IoWrite, Syscall, USES | WRITES | STATE | CONVERTED, &[
        p("res", T::Errno, Dec), p("fd", T::Fd, Dec), p("size", T::Uint32, Dec), p("data", T::ByteBuf, Na),
        p("tuple", T::SockTuple, Na),
    ]),
    e(52, "PPME_SOCKET_RECVMSG_E", "recvmsg", IoRead, Syscall, USES | READS | STATE | OLD | CONVERTED, &[
        p("fd", T::Fd, Dec),
    ]),
    e(53, "PPME_SOCKET_RECVMSG_X", "recvmsg", IoRead, Syscall, USES | READS | STATE | CONVERTED, &[
        p("res", T::Errno, Dec), p("size", T::Uint32, Dec), p("data", T::ByteBuf, Na),
        p("tuple", T::SockTuple, Na), p("msgcontrol", T::ByteBuf, Na), p("fd", T::Fd, Dec),
    ]),
    e(54, "PPME_SOCKET_RECVMMSG_E", "recvmmsg", IoRead, Syscall, OLD, &[]),
    e(55, "PPME_SOCKET_RECVMMSG_X", "recvmmsg", IoRead, Syscall, USES | READS | STATE | CONVERTED, &[
        p("res", T::Errno, Dec), p("fd", T::Fd, Dec), p("size", T::Uint32, Dec), p("data", T::ByteBuf, Na),
        p("tuple", T::SockTuple, Na), p("msgcontrol", T::ByteBuf, Na),
    ]),
    e(56, "PPME_SOCKET_ACCEPT4_E", "accept", Net, Syscall, CREATES | STATE | OLD | CONVERTED, &[
        p("flags", T::Int32, Hex),
    ]),
    e(57, "PPME_SOCKET_ACCEPT4_X", "accept", Net, Syscall, CREATES | STATE | OLD | CONVERTED, &[
        p("fd", T::Fd, Dec), p("tuple", T::SockTuple, Na), p("queuepct", T::Uint8, Dec),
    ]),
    e(58, "PPME_SYSCALL_CREAT_E", "creat", File, Syscall, CREATES | STATE | CONVERTED, &[
        p("name", T::FsPath, Na), p("mode", T::Uint32, Oct),
    ]),
    e(59, "PPME_SYSCALL_CREAT_X", "creat", File, Syscall, CREATES | STATE | CONVERTED, &[
        p("fd", T::Fd, Dec), p("name", T::FsPath, Na), p("mode", T::Uint32, Oct), p("dev", T::Uint32, Hex),
        p("ino", T::Uint64, Dec), fl("creat_flags", T::Flags16, Hex, &flags::CREAT_FLAGS),
    ]),
    e(60, "PPME_SYSCALL_PIPE_E", "pipe", Ipc, Syscall, CREATES | STATE | OLD, &[]),
    e(61, "PPME_SYSCALL_PIPE_X", "pipe", Ipc, Syscall, CREATES | STATE, &[
        p("res", T::Errno, Dec), p("fd1", T::Fd, Dec), p("fd2", T::Fd, Dec), p("ino", T::Uint64, Dec),
    ]),
    e(62, "PPME_SYSCALL_EVENTFD_E", "eventfd", Ipc, Syscall, CREATES | STATE | OLD | CONVERTED, &[
        p("initval", T::Uint64, Dec), p("flags", T::Uint32, Hex),
    ]),
    e(63, "PPME_SYSCALL_EVENTFD_X", "eventfd", Ipc, Syscall, CREATES | STATE | CONVERTED, &[
        p("res", T::Fd, Dec), p("initval", T::Uint64, Dec), p("flags", T::Uint32, Hex),
    ]),
    e(64, "PPME_SYSCALL_FUTEX_E", "futex", Ipc, Syscall, OLD | CONVERTED, &[
        p("addr", T::Uint64, Hex), fl("op", T::Flags16, Hex, &flags::FUTEX_OPERATIONS),
        p("val", T::Uint64, Dec),
    ]),
    e(65, "PPME_SYSCALL_FUTEX_X", "futex", Ipc, Syscall, CONVERTED, &[
        p("res", T::Errno, Dec), p("addr", T::Uint64, Hex),
        fl("op", T::Flags16, Hex, &flags::FUTEX_OPERATIONS), p("val", T::Uint64, Dec),
    ]),
    e(66, "PPME_SYSCALL_STAT_E", "stat", File, Syscall, OLD, &[]),
    e(67, "PPME_SYSCALL_STAT_X", "stat", File, Syscall, NONE, &[
        p("res", T::Errno, Dec), p("path", T::FsPath, Na),
    ]),
    e(68, "PPME_SYSCALL_LSTAT_E", "lstat", File, Syscall, OLD, &[]),
    e(69, "PPME_SYSCALL_LSTAT_X", "lstat", File, Syscall, NONE, &[
        p("res", T::Errno, Dec), p("path", T::FsPath, Na),
    ]),
    e(70, "PPME_SYSCALL_FSTAT_E", "fstat", File, Syscall, USES | OLD | CONVERTED, &[p("fd", T::Fd, Na)]),
    e(71, "PPME_SYSCALL_FSTAT_X", "fstat", File, Syscall, USES | CONVERTED, &[
        p("res", T::Errno, Dec), p("fd", T::Fd, Na),
    ]),
    e(72, "PPME_SYSCALL_STAT64_E", "stat64", File, Syscall, OLD, &[]),
    e(73, "PPME_SYSCALL_STAT64_X", "stat64", File, Syscall, NONE, &[
        p("res", T::Errno, Dec), p("path", T::FsPath, Na),
    ]),
    e(74, "PPME_SYSCALL_LSTAT64_E", "lstat64", File, Syscall, OLD, &[]),
    e(75, "PPME_SYSCALL_LSTAT64_X", "lstat64", File, Syscall, NONE, &[
        p("res", T::Errno, Dec), p("path", T::FsPath, Na),
    ]),
    e(76, "PPME_SYSCALL_FSTAT64_E", "fstat64", File, Syscall, USES | OLD, &[p("fd", T::Fd, Na)]),
    e(77, "PPME_SYSCALL_FSTAT64_X", "fstat64", File, Syscall, NONE, &[p("res", T::Errno, Dec)]),
    e(78, "PPME_SYSCALL_EPOLLWAIT_E", "epoll_wait", Wait, Syscall, WAITS | OLD | CONVERTED, &[
        p("maxevents", T::Errno, Dec),
    ]),
    e(79, "PPME_SYSCALL_EPOLLWAIT_X", "epoll_wait", Wait, Syscall, WAITS | CONVERTED, &[
        p("res", T::Errno, Dec), p("maxevents", T::Errno, Dec),
    ]),
    e(80, "PPME_SYSCALL_POLL_E", "poll", Wait, Syscall, WAITS | OLD | CONVERTED, &[
        p("fds", T::FdList, Dec), p("timeout", T::Int64, Dec),
    ]),
    e(81, "PPME_SYSCALL_POLL_X", "poll", Wait, Syscall, WAITS | CONVERTED, &[
        p("res", T::Errno, Dec), p("fds", T::FdList, Dec), p("timeout", T::Int64, Dec),
    ]),
    e(82, "PPME_SYSCALL_SELECT_E", "select", Wait, Syscall, WAITS | OLD, &[]),
    e(83, "PPME_SYSCALL_SELECT_X", "select", Wait, Syscall, WAITS, &[p("res", T::Errno, Dec)]),
    e(84, "PPME_SYSCALL_NEWSELECT_E", "select", Wait, Syscall, WAITS | OLD, &[]),
    e(85, "PPME_SYSCALL_NEWSELECT_X", "select", Wait, Syscall, WAITS | OLD | CONVERTED, &[
        p("res", T::Errno, Dec),
    ]),
    e(86, "PPME_SYSCALL_LSEEK_E", "lseek", File, Syscall, USES | OLD | CONVERTED, &[
        p("fd", T::Fd, Dec), p("offset", T::Uint64, Dec),
        fl("whence", T::EnumFlags8, Dec, &flags::LSEEK_WHENCE),
    ]),
    e(87, "PPME_SYSCALL_LSEEK_X", "lseek", File, Syscall, USES | CONVERTED, &[
        p("res", T::Errno, Dec), p("fd", T::Fd, Dec), p("offset", T::Uint64, Dec),
        fl("whence", T::EnumFlags8, Dec, &flags::LSEEK_WHENCE),
    ]),
    e(88, "PPME_SYSCALL_LLSEEK_E", "llseek", File, Syscall, USES | OLD | CONVERTED, &[
        p("fd", T::Fd, Dec), p("offset", T::Uint64, Dec),
        fl("whence", T::EnumFlags8, Dec, &flags::LSEEK_WHENCE),
    ]),
    e(89, "PPME_SYSCALL_LLSEEK_X", "llseek", File, Syscall, USES | CONVERTED, &[
        p("res", T::Errno, Dec), p("fd", T::Fd, Dec), p("offset", T::Uint64, Dec),
        fl("whence", T::EnumFlags8, Dec, &flags::LSEEK_WHENCE),
    ]),
    e(90, "PPME_SYSCALL_IOCTL_2_E", "ioctl", IoOther, Syscall, USES | OLD | CONVERTED, &[
        p("fd", T::Fd, Dec), p("request", T::Uint64, Hex),
    ]),
    e(91, "PPME_SYSCALL_IOCTL_2_X", "ioctl", IoOther, Syscall, USES | OLD | CONVERTED, &[
        p("res", T::Errno, Dec),
    ]),
    e(92, "PPME_SYSCALL_GETCWD_E", "getcwd", File, Syscall, OLD, &[]),
    e(93, "PPME_SYSCALL_GETCWD_X", "getcwd", File, Syscall, NONE, &[
        p("res", T::Errno, Dec), p("path", T::CharBuf, Na),
    ]),
    e(94, "PPME_SYSCALL_CHDIR_E", "chdir", File, Syscall, STATE | OLD, &[]),
    e(95, "PPME_SYSCALL_CHDIR_X", "chdir", File, Syscall, STATE, &[
        p("res", T::Errno, Dec), p("path", T::CharBuf, Na),
    ]),
    e(96, "PPME_SYSCALL_FCHDIR_E", "fchdir", File, Syscall, USES | STATE | OLD | CONVERTED, &[
        p("fd", T::Fd, Na),
    ]),
    e(97, "PPME_SYSCALL_FCHDIR_X", "fchdir", File, Syscall, USES | STATE | CONVERTED, &[
        p("res", T::Errno, Dec), p("fd", T::Fd, Na),
    ]),
    e(98, "PPME_SYSCALL_MKDIR_E", "mkdir", File, Syscall, OLD | CONVERTED, &[
        p("path", T::FsPath, Na), p("mode", T::Uint32, Hex),
    ]),
    e(99, "PPME_SYSCALL_MKDIR_X", "mkdir", File, Syscall, OLD | CONVERTED, &[p("res", T::Errno, Dec)]),
    e(100, "PPME_SYSCALL_RMDIR_E", "rmdir", File, Syscall, OLD | CONVERTED, &[p("path", T::FsPath, Na)]),
    e(101, "PPME_SYSCALL_RMDIR_X", "rmdir", File, Syscall, OLD | CONVERTED, &[p("res", T::Errno, Dec)]),
    e(102, "PPME_SYSCALL_OPENAT_E", "openat", File, Syscall, CREATES | STATE | OLD | CONVERTED, &[
        p("dirfd", T::Fd, Dec), p("name", T::CharBuf, Na), fl("flags", T::Flags32, Hex, &flags::FILE_FLAGS),
        p("mode", T::Uint32, Oct),
    ]),
    e(103, "PPME_SYSCALL_OPENAT_X", "openat", File, Syscall, CREATES | STATE | OLD | CONVERTED, &[
        p("fd", T::Fd, Dec),
    ]),
    e(104, "PPME_SYSCALL_LINK_E", "link", File, Syscall, OLD | CONVERTED, &[
        p("oldpath", T::FsPath, Na), p("newpath", T::FsPath, Na),
    ]),
    e(105, "PPME_SYSCALL_LINK_X", "link", File, Syscall, OLD | CONVERTED, &[p("res", T::Errno, Dec)]),
    e(106, "PPME_SYSCALL_LINKAT_E", "linkat", File, Syscall, OLD | CONVERTED, &[
        p("olddir", T::Fd, Dec), p("oldpath", T::CharBuf, Na), p("newdir", T::Fd, Dec),
        p("newpath", T::CharBuf, Na),
    ]),
    e(107, "PPME_SYSCALL_LINKAT_X", "linkat", File, Syscall, OLD | CONVERTED, &[p("res", T::Errno, Dec)]),
    e(108, "PPME_SYSCALL_UNLINK_E", "unlink", File, Syscall, OLD | CONVERTED, &[p("path", T::FsPath, Na)]),
    e(109, "PPME_SYSCALL_UNLINK_X", "unlink", File, Syscall, OLD | CONVERTED, &[p("res", T::Errno, Dec)]),
    e(110, "PPME_SYSCALL_UNLINKAT_E", "unlinkat", File, Syscall, OLD | CONVERTED, &[
        p("dirfd", T::Fd, Dec), p("name", T::CharBuf, Na),
    ]),
    e(111, "PPME_SYSCALL_UNLINKAT_X", "unlinkat", File, Syscall, OLD | CONVERTED, &[p("res", T::Errno, Dec)]),
    e(112, "PPME_SYSCALL_PREAD_E", "pread", IoRead, Syscall, USES | READS | OLD | CONVERTED, &[
        p("fd", T::Fd, Dec), p("size", T::Uint32, Dec), p("pos", T::Uint64, Dec),
    ]),
    e(113, "PPME_SYSCALL_PREAD_X", "pread", IoRead, Syscall, USES | READS | CONVERTED, &[
        p("res", T::Errno, Dec), p("data", T::ByteBuf, Na), p("fd", T::Fd, Dec), p("size", T::Uint32, Dec),
        p("pos", T::Uint64, Dec),
    ]),
    e(114, "PPME_SYSCALL_PWRITE_E", "pwrite", IoWrite, Syscall, USES | WRITES | OLD | CONVERTED, &[
        p("fd", T::Fd, Dec), p("size", T::Uint32, Dec), p("pos", T::Uint64, Dec),
    ]),
    e(115, "PPME_SYSCALL_PWRITE_X", "pwrite", IoWrite, Syscall, USES | WRITES | CONVERTED, &[
        p("res", T::Errno, Dec), p("data", T::ByteBuf, Na), p("fd", T::Fd, Dec), p("size", T::Uint32, Dec),
        p("pos", T::Uint64, Dec),
    ]),
    e(116, "PPME_SYSCALL_READV_E", "readv", IoRead, Syscall, USES | READS | OLD | CONVERTED, &[
        p("fd", T::Fd, Dec),
    ]),
    e(117, "PPME_SYSCALL_READV_X", "readv", IoRead, Syscall, USES | READS | CONVERTED, &[
        p("res", T::Errno, Dec), p("size", T::Uint32, Dec), p("data", T::ByteBuf, Na), p("fd", T::Fd, Dec),
    ]),
    e(118, "PPME_SYSCALL_WRITEV_E", "writev", IoWrite, Syscall, USES | WRITES | OLD | CONVERTED, &[
        p("fd", T::Fd, Dec), p("size", T::Uint32, Dec),
    ]),
    e(119, "PPME_SYSCALL_WRITEV_X", "writev", IoWrite, Syscall, USES | WRITES | CONVERTED, &[
        p("res", T::Errno, Dec), p("data", T::ByteBuf, Na), p("fd", T::Fd, Dec), p("size", T::Uint32, Dec),
    ]),
    e(120, "PPME_SYSCALL_PREADV_E", "preadv", IoRead, Syscall, USES | READS | OLD | CONVERTED, &[
        p("fd", T::Fd, Dec), p("pos", T::Uint64, Dec),
    ]),
    e(121, "PPME_SYSCALL_PREADV_X", "preadv", IoRead, Syscall, USES | READS | CONVERTED, &[
        p("res", T::Errno, Dec), p("size", T::Uint32, Dec), p("data", T::ByteBuf, Na), p("fd", T::Fd, Dec),
        p("pos", T::Uint64, Dec),
    ]),
    e(122, "PPME_SYSCALL_PWRITEV_E", "pwritev", IoWrite, Syscall, USES | WRITES | OLD | CONVERTED, &[
        p("fd", T::Fd, Dec), p("size", T::Uint32, Dec), p("pos", T::Uint64, Dec),
    ]),
    e(123, "PPME_SYSCALL_PWRITEV_X", "pwritev", IoWrite, Syscall, USES | WRITES | CONVERTED, &[
        p("res", T::Errno, Dec), p("data", T::ByteBuf, Na), p("fd", T::Fd, Dec), p("size", T::Uint32, Dec),
        p("pos", T::Uint64, Dec),
    ]),
    e(124, "PPME_SYSCALL_DUP_E", "dup", IoOther, Syscall, CREATES | USES | STATE | OLD | CONVERTED, &[
        p("fd", T::Fd, Dec),
    ]),
    e(125, "PPME_SYSCALL_DUP_X", "dup", IoOther, Syscall, CREATES | USES | STATE | OLD | CONVERTED, &[
        p("res", T::Fd, Dec),
    ]),
    e(126, "PPME_SYSCALL_SIGNALFD_E", "signalfd", Signal, Syscall, CREATES | STATE | OLD | CONVERTED, &[
        p("fd", T::Fd, Dec), p("mask", T::Uint32, Hex), p("flags", T::Uint8, Hex),
    ]),
    e(127, "PPME_SYSCALL_SIGNALFD_X", "signalfd", Signal, Syscall, CREATES | STATE | CONVERTED, &[
        p("res", T::Fd, Dec), p("fd", T::Fd, Dec), p("mask", T::Uint32, Hex), p("flags", T::Uint8, Hex),
    ]),
    e(128, "PPME_SYSCALL_KILL_E", "kill", Signal, Syscall, OLD | CONVERTED, &[
        p("pid", T::Pid, Dec), p("sig", T::SigType, Dec),
    ]),
    e(129, "PPME_SYSCALL_KILL_X", "kill", Signal, Syscall, CONVERTED, &[
        p("res", T::Errno, Dec), p("pid", T::Pid, Dec), p("sig", T::SigType, Dec),
    ]),
    e(130, "PPME_SYSCALL_TKILL_E", "tkill", Signal, Syscall, OLD | CONVERTED, &[
        p("tid", T::Pid, Dec), p("sig", T::SigType, Dec),
    ]),
    e(131, "PPME_SYSCALL_TKILL_X", "tkill", Signal, Syscall, CONVERTED, &[
        p("res", T::Errno, Dec), p("tid", T::Pid, Dec), p("sig", T::SigType, Dec),
    ]),
    e(132, "PPME_SYSCALL_TGKILL_E", "tgkill", Signal, Syscall, OLD | CONVERTED, &[
        p("pid", T::Pid, Dec), p("tid", T::Pid, Dec), p("sig", T::SigType, Dec),
    ]),
    e(133, "PPME_SYSCALL_TGKILL_X", "tgkill", Signal, Syscall, CONVERTED, &[
        p("res", T::Errno, Dec), p("pid", T::Pid, Dec), p("tid", T::Pid, Dec), p("sig", T::SigType, Dec),
    ]),
    e(134, "PPME_SYSCALL_NANOSLEEP_E", "nanosleep", Sleep, Syscall, WAITS | OLD | CONVERTED, &[
        p("interval", T::RelTime, Dec),
    ]),
    e(135, "PPME_SYSCALL_NANOSLEEP_X", "nanosleep", Sleep, Syscall, WAITS | CONVERTED, &[
        p("res", T::Errno, Dec), p("interval", T::RelTime, Dec),
    ]),
    e(136, "PPME_SYSCALL_TIMERFD_CREATE_E", "timerfd_create", Time, Syscall,
        CREATES | STATE | OLD | CONVERTED, &[
        p("clockid", T::Uint8, Dec), p("flags", T::Uint8, Hex),
    ]),
    e(137, "PPME_SYSCALL_TIMERFD_CREATE_X", "timerfd_create", Time, Syscall, CREATES | STATE | CONVERTED, &[
        p("res", T::Fd, Dec), p("clockid", T::Uint8, Dec), p("flags", T::Uint8, Hex),
    ]),
    e(138, "PPME_SYSCALL_INOTIFY_INIT_E", "inotify_init", Ipc, Syscall, CREATES | STATE | OLD | CONVERTED, &[
        p("flags", T::Uint8, Hex),
    ]),
    e(139, "PPME_SYSCALL_INOTIFY_INIT_X", "inotify_init", Ipc, Syscall, CREATES | STATE | CONVERTED, &[
        p("res", T::Fd, Dec), p("flags", T::Uint8, Hex),
    ]),
    e(140, "PPME_SYSCALL_GETRLIMIT_E", "getrlimit", Process, Syscall, OLD | CONVERTED, &[
        fl("resource", T::EnumFlags8, Dec, &flags::RLIMIT_RESOURCES),
    ]),
    e(141, "PPME_SYSCALL_GETRLIMIT_X", "getrlimit", Process, Syscall, CONVERTED, &[
        p("res", T::Errno, Dec), p("cur", T::Int64, Dec), p("max", T::Int64, Dec),
        fl("resource", T::EnumFlags8, Dec, &flags::RLIMIT_RESOURCES),
    ]),
    e(142, "PPME_SYSCALL_SETRLIMIT_E", "setrlimit", Process, Syscall, OLD | CONVERTED, &[
        fl("resource", T::EnumFlags8, Dec, &flags::RLIMIT_RESOURCES),
    ]),
    e(143, "PPME_SYSCALL_SETRLIMIT_X", "setrlimit", Process, Syscall, CONVERTED, &[
        p("res", T::Errno, Dec), p("cur", T::Int64, Dec), p("max", T::Int64, Dec),
        fl("resource", T::EnumFlags8, Dec, &flags::RLIMIT_RESOURCES),
    ]),
    e(144, "PPME_SYSCALL_PRLIMIT_E", "prlimit", Process, Syscall, OLD | CONVERTED, &[
        p("pid", T::Pid, Dec), fl("resource", T::EnumFlags8, Dec, &flags::RLIMIT_RESOURCES),
    ]),
    e(145, "PPME_SYSCALL_PRLIMIT_X", "prlimit", Process, Syscall, CONVERTED, &[
        p("res", T::Errno, Dec), p("newcur", T::Int64, Dec), p("newmax", T::Int64, Dec),
        p("oldcur", T::Int64, Dec), p("oldmax", T::Int64, Dec), p("pid", T::Int64, Dec),
        fl("resource", T::EnumFlags8, Dec, &flags::RLIMIT_RESOURCES),
    ]),
    e(146, "PPME_SCHEDSWITCH_1_E", "switch", Scheduler, Tracepoint, SKIP_RESET | OLD | CONVERTED, &[
        p("next", T::Pid, Dec),
    ]),
    e(147, "PPME_SCHEDSWITCH_1_X", "NA", Unknown, Nothing, UNUSED, &[]),
    e(148, "PPME_DROP_E", "drop", Internal, Meta, SKIP_RESET, &[p("ratio", T::Uint32, Dec)]),
    e(149, "PPME_DROP_X", "drop", Internal, Meta, SKIP_RESET, &[p("ratio", T::Uint32, Dec)]),
    e(150, "PPME_SYSCALL_FCNTL_E", "fcntl", IoOther, Syscall, USES | STATE | OLD | CONVERTED, &[
        p("fd", T::Fd, Dec), fl("cmd", T::EnumFlags8, Dec, &flags::FCNTL_COMMANDS),
    ]),
    e(151, "PPME_SYSCALL_FCNTL_X", "fcntl", IoOther, Syscall, USES | STATE | CONVERTED, &[
        p("res", T::Fd, Dec), p("fd", T::Fd, Dec), fl("cmd", T::EnumFlags8, Dec, &flags::FCNTL_COMMANDS),
        p("arg", T::Uint64, Hex),
    ]),
    e(152, "PPME_SCHEDSWITCH_6_E", "switch", Scheduler, Tracepoint, NONE, &[
        p("next", T::Pid, Dec), p("pgft_maj", T::Uint64, Dec), p("pgft_min", T::Uint64, Dec),
        p("vm_size", T::Uint32, Dec), p("vm_rss", T::Uint32, Dec), p("vm_swap", T::Uint32, Dec),
    ]),
    e(153, "PPME_SCHEDSWITCH_6_X", "NA", Unknown, Nothing, UNUSED, &[]),
    e(154, "PPME_SYSCALL_EXECVE_13_E", "execve", Process, Syscall, STATE | OLD | CONVERTED, &[]),
    e(155, "PPME_SYSCALL_EXECVE_13_X", "execve", Process, Syscall, STATE | OLD | CONVERTED, &[
        p("res", T::Errno, Dec), p("exe", T::CharBuf, Na), p("args", T::ByteBuf, Na), p("tid", T::Pid, Dec),
        p("pid", T::Pid, Dec), p("ptid", T::Pid, Dec), p("cwd", T::CharBuf, Na), p("fdlimit", T::Uint64, Dec),
        p("pgft_maj", T::Uint64, Dec), p("pgft_min", T::Uint64, Dec), p("vm_size", T::Uint32, Dec),
        p("vm_rss", T::Uint32, Dec), p("vm_swap", T::Uint32, Dec),
    ]),
    e(156, "PPME_SYSCALL_CLONE_16_E", "clone", Process, Syscall, STATE | OLD, &[]),
    e(157, "PPME_SYSCALL_CLONE_16_X", "clone", Process, Syscall, STATE | OLD | CONVERTED, &[
        p("res", T::Pid, Dec), p("exe", T::CharBuf, Na), p("args", T::ByteBuf, Na), p("tid", T::Pid, Dec),
        p("pid", T::Pid, Dec), p("ptid", T::Pid, Dec), p("cwd", T::CharBuf, Na), p("fdlimit", T::Int64, Dec),
        p("pgft_maj", T::Uint64, Dec), p("pgft_min", T::Uint64, Dec), p("vm_size", T::Uint32, Dec),
        p("vm_rss", T::Uint32, Dec), p("vm_swap", T::Uint32, Dec),
        fl("flags", T::Flags32, Hex, &flags::CLONE_FLAGS), p("uid", T::Uint32, Dec), p("gid", T::Uint32, Dec),
    ]),
    e(158, "PPME_SYSCALL_BRK_4_E", "brk", Memory, Syscall, OLD | CONVERTED, &[p("addr", T::Uint64, Hex)]),
    e(159, "PPME_SYSCALL_BRK_4_X", "brk", Memory, Syscall, CONVERTED, &[
        p("res", T::Uint64, Hex), p("vm_size", T::Uint32, Dec), p("vm_rss", T::Uint32, Dec),
        p("vm_swap", T::Uint32, Dec), p("addr", T::Uint64, Hex),
    ]),
    e(160, "PPME_SYSCALL_MMAP_E", "mmap", Memory, Syscall, USES | OLD | CONVERTED, &[
        p("addr", T::Uint64, Hex), p("length", T::Uint64, Dec),
        fl("prot", T::Flags32, Hex, &flags::PROT_FLAGS), fl("flags", T::Flags32, Hex, &flags::MMAP_FLAGS),
        p("fd", T::Fd, Dec), p("offset", T::Uint64, Dec),
    ]),
    e(161, "PPME_SYSCALL_MMAP_X", "mmap", Memory, Syscall, USES | CONVERTED, &[
        p("res", T::Errno, Hex), p("vm_size", T::Uint32, Dec), p("vm_rss", T::Uint32, Dec),
        p("vm_swap", T::Uint32, Dec), p("addr", T::Uint64, Hex), p("length", T::Uint64, Dec),
        fl("prot", T::Flags32, Hex, &flags::PROT_FLAGS), fl("flags", T::Flags32, Hex, &flags::MMAP_FLAGS),
        p("fd", T::Fd, Dec), p("offset", T::Uint64, Dec),
    ]),
    e(162, "PPME_SYSCALL_MMAP2_E", "mmap2", Memory, Syscall, USES | OLD | CONVERTED, &[
        p("addr", T::Uint64, Hex), p("length", T::Uint64, Dec),
        fl("prot", T::Flags32, Hex, &flags::PROT_FLAGS), fl("flags", T::Flags32, Hex, &flags::MMAP_FLAGS),
        p("fd", T::Fd, Dec), p("pgoffset", T::Uint64, Dec),
    ]),
    e(163, "PPME_SYSCALL_MMAP2_X", "mmap2", Memory, Syscall, USES | CONVERTED, &[
        p("res", T::Errno, Hex), p("vm_size", T::Uint32, Dec), p("vm_rss", T::Uint32, Dec),
        p("vm_swap", T::Uint32, Dec), p("addr", T::Uint64, Hex), p("length", T::Uint64, Dec),
        fl("prot", T::Flags32, Hex, &flags::PROT_FLAGS), fl("flags", T::Flags32, Hex, &flags::MMAP_FLAGS),
        p("fd", T::Fd, Dec), p("pgoffset", T::Uint64, Dec),
    ]),
    e(164, "PPME_SYSCALL_MUNMAP_E", "munmap", Memory, Syscall, OLD | CONVERTED, &[
        p("addr", T::Uint64, Hex), p("length", T::Uint64, Dec),
    ]),
    e(165, "PPME_SYSCALL_MUNMAP_X", "munmap", Memory, Syscall, CONVERTED, &[
        p("res", T::Errno, Dec), p("vm_size", T::Uint32, Dec), p("vm_rss", T::Uint32, Dec),
        p("vm_swap", T::Uint32, Dec), p("addr", T::Uint64, Hex), p("length", T::Uint64, Dec),
    ]),
    e(166, "PPME_SYSCALL_SPLICE_E", "splice", IoOther, Syscall, USES | OLD | CONVERTED, &[
        p("fd_in", T::Fd, Dec), p("fd_out", T::Fd, Dec), p("size", T::Uint64, Dec),
        fl("flags", T::Flags32, Hex, &flags::SPLICE_FLAGS),
    ]),
    e(167, "PPME_SYSCALL_SPLICE_X", "splice", IoOther, Syscall, USES | CONVERTED, &[
        p("res", T::Errno, Dec), p("fd_in", T::Fd, Dec), p("fd_out", T::Fd, Dec), p("size", T::Uint64, Dec),
        fl("flags", T::Flags32, Hex, &flags::SPLICE_FLAGS),
    ]),
    e(168, "PPME_SYSCALL_PTRACE_E", "ptrace", Process, Syscall, OLD | CONVERTED, &[
        fl("request", T::EnumFlags16, Dec, &flags::PTRACE_REQUESTS), p("pid", T::Pid, Dec),
    ]),
    e(169, "PPME_SYSCALL_PTRACE_X", "ptrace", Process, Syscall, CONVERTED, &[
        p("res", T::Errno, Dec), dy("addr", Hex, &flags::PTRACE_DYNAMIC_PARAM),
        dy("data", Hex, &flags::PTRACE_DYNAMIC_PARAM),
        fl("request", T::EnumFlags16, Dec, &flags::PTRACE_REQUESTS), p("pid", T::Pid, Dec),
    ]),
    e(170, "PPME_SYSCALL_IOCTL_3_E", "ioctl", IoOther, Syscall, USES | OLD | CONVERTED, &[
        p("fd", T::Fd, Dec), p("request", T::Uint64, Hex), p("argument", T::Uint64, Hex),
    ]),
    e(171, "PPME_SYSCALL_IOCTL_3_X", "ioctl", IoOther, Syscall, USES | CONVERTED, &[
        p("res", T::Errno, Dec), p("fd", T::Fd, Dec), p("request", T::Uint64, Hex),
        p("argument", T::Uint64, Hex),
    ]),
    e(172, "PPME_SYSCALL_EXECVE_14_E", "execve", Process, Syscall, STATE | OLD | CONVERTED, &[]),
    e(173, "PPME_SYSCALL_EXECVE_14_X", "execve", Process, Syscall, STATE | OLD | CONVERTED, &[
        p("res", T::Errno, Dec), p("exe", T::CharBuf, Na), p("args", T::ByteBuf, Na), p("tid", T::Pid, Dec),
        p("pid", T::Pid, Dec), p("ptid", T::Pid, Dec), p("cwd", T::CharBuf, Na), p("fdlimit", T::Uint64, Dec),
        p("pgft_maj", T::Uint64, Dec), p("pgft_min", T::Uint64, Dec), p("vm_size", T::Uint32, Dec),
        p("vm_rss", T::Uint32, Dec), p("vm_swap", T::Uint32, Dec), p("env", T::ByteBuf, Na),
    ]),
    e(174, "PPME_SYSCALL_RENAME_E", "rename", File, Syscall, OLD, &[]),
    e(175, "PPME_SYSCALL_RENAME_X", "rename", File, Syscall, NONE, &[
        p("res", T::Errno, Dec), p("oldpath", T::FsPath, Na), p("newpath", T::FsPath, Na),
    ]),
    e(176, "PPME_SYSCALL_RENAMEAT_E", "renameat", File, Syscall, OLD, &[]),
    e(177, "PPME_SYSCALL_RENAMEAT_X", "renameat", File, Syscall, NONE, &[
        p("res", T::Errno, Dec), p("olddirfd", T::Fd, Dec), at("oldpath", T::FsRelPath, Na, 1),
        p("newdirfd", T::Fd, Dec), at("newpath", T::FsRelPath, Na, 3),
    ]),
    e(178, "PPME_SYSCALL_SYMLINK_E", "symlink", File, Syscall, OLD, &[]),
    e(179, "PPME_SYSCALL_SYMLINK_X", "symlink", File, Syscall, NONE, &[
        p("res", T::Errno, Dec), p("target", T::CharBuf, Na), p("linkpath", T::FsPath, Na),
    ]),
    e(180, "PPME_SYSCALL_SYMLINKAT_E", "symlinkat", File, Syscall, OLD, &[]),
    e(181, "PPME_SYSCALL_SYMLINKAT_X", "symlinkat", File, Syscall, USES, &[
        p("res", T::Errno, Dec), p("target", T::CharBuf, Na), p("linkdirfd", T::Fd, Dec),
        at("linkpath", T::FsRelPath, Na, 2),
    ]),
    e(182, "PPME_SYSCALL_FORK_E", "fork", Process, Syscall, STATE | OLD, &[]),
    e(183, "PPME_SYSCALL_FORK_X", "fork", Process, Syscall, STATE | OLD | CONVERTED, &[
        p("res", T::Pid, Dec), p("exe", T::CharBuf, Na), p("args", T::ByteBuf, Na), p("tid", T::Pid, Dec),
        p("pid", T::Pid, Dec), p("ptid", T::Pid, Dec), p("cwd", T::CharBuf, Na), p("fdlimit", T::Int64, Dec),
        p("pgft_maj", T::Uint64, Dec), p("pgft_min", T::Uint64, Dec), p("vm_size", T::Uint32, Dec),
        p("vm_rss", T::Uint32, Dec), p("vm_swap", T::Uint32, Dec),
        fl("flags", T::Flags32, Hex, &flags::CLONE_FLAGS), p("uid", T::Uint32, Dec), p("gid", T::Uint32, Dec),
    ]),
    e(184, "PPME_SYSCALL_VFORK_E", "vfork", Process, Syscall, STATE | OLD, &[]),
    e(185, "PPME_SYSCALL_VFORK_X", "vfork", Process, Syscall, STATE | OLD | CONVERTED, &[
        p("res", T::Pid, Dec), p("exe", T::CharBuf, Na), p("args", T::ByteBuf, Na), p("tid", T::Pid, Dec),
        p("pid", T::Pid, Dec), p("ptid", T::Pid, Dec), p("cwd", T::CharBuf, Na), p("fdlimit", T::Int64, Dec),
        p("pgft_maj", T::Uint64, Dec), p("pgft_min", T::Uint64, Dec), p("vm_size", T::Uint32, Dec),
        p("vm_rss", T::Uint32, Dec), p("vm_swap", T::Uint32, Dec),
        fl("flags", T::Flags32, Hex, &flags::CLONE_FLAGS), p("uid", T::Uint32, Dec), p("gid", T::Uint32, Dec),
    ]),
    e(186, "PPME_PROCEXIT_1_E", "procexit", Process, Tracepoint, STATE, &[
        p("status", T::Errno, Dec), p("ret", T::Errno, Dec), p("sig", T::SigType, Dec),
        p("core", T::Uint8, Dec), p("reaper_tid", T::Pid, Dec),
    ]),
    e(187, "PPME_PROCEXIT_1_X", "NA", Unknown, Nothing, UNUSED, &[]),
    e(188, "PPME_SYSCALL_SENDFILE_E", "sendfile", IoWrite, Syscall, USES | OLD | CONVERTED, &[
        p("out_fd", T::Fd, Dec), p("in_fd", T::Fd, Dec), p("offset", T::Uint64, Dec),
        p("size", T::Uint64, Dec),
    ]),
    e(189, "PPME_SYSCALL_SENDFILE_X", "sendfile", IoWrite, Syscall, USES | CONVERTED, &[
        p("res", T::Errno, Dec), p("offset", T::Uint64, Dec), p("out_fd", T::Fd, Dec), p("in_fd", T::Fd, Dec),
        p("size", T::Uint64, Dec),
    ]),
    e(190, "PPME_SYSCALL_QUOTACTL_E", "quotactl", User, Syscall, OLD | CONVERTED, &[
        fl("cmd", T::Flags16, Dec, &flags::QUOTACTL_CMDS), fl("type", T::Flags8, Dec, &flags::QUOTACTL_TYPES),
        p("id", T::Uint32, Dec), fl("quota_fmt", T::Flags8, Dec, &flags::QUOTACTL_QUOTA_FMTS),
    ]),
    e(191, "PPME_SYSCALL_QUOTACTL_X", "quotactl", User, Syscall, CONVERTED, &[
        p("res", T::Errno, Dec), p("special", T::CharBuf, Na), p("quotafilepath", T::CharBuf, Na),
        p("dqb_bhardlimit", T::Uint64, Dec), p("dqb_bsoftlimit", T::Uint64, Dec),
        p("dqb_curspace", T::Uint64, Dec), p("dqb_ihardlimit", T::Uint64, Dec),
        p("dqb_isoftlimit", T::Uint64, Dec), p("dqb_btime", T::RelTime, Dec), p("dqb_itime", T::RelTime, Dec),
        p("dqi_bgrace", T::RelTime, Dec), p("dqi_igrace", T::RelTime, Dec),
        fl("dqi_flags", T::Flags8, Dec, &flags::QUOTACTL_DQI_FLAGS),
        fl("quota_fmt_out", T::Flags8, Dec, &flags::QUOTACTL_QUOTA_FMTS),
        fl("cmd", T::Flags16, Dec, &flags::QUOTACTL_CMDS), fl("type", T::Flags8, Dec, &flags::QUOTACTL_TYPES),
        p("id", T::Uint32, Dec), fl("quota_fmt", T::Flags8, Dec, &flags::QUOTACTL_QUOTA_FMTS),
    ]),
    e(192, "PPME_SYSCALL_SETRESUID_E", "setresuid", User, Syscall, STATE | OLD | CONVERTED, &[
        p("ruid", T::Uid, Dec), p("euid", T::Uid, Dec), p("suid", T::Uid, Dec),
    ]),
    e(193, "PPME_SYSCALL_SETRESUID_X", "setresuid", User, Syscall, STATE | CONVERTED, &[
        p("res", T::Errno, Dec), p("ruid", T::Uid, Dec), p("euid", T::Uid, Dec), p("suid", T::Uid, Dec),
    ]),
    e(194, "PPME_SYSCALL_SETRESGID_E", "setresgid", User, Syscall, STATE | OLD | CONVERTED, &[
        p("rgid", T::Gid, Dec), p("egid", T::Gid, Dec), p("sgid", T::Gid, Dec),
    ]),
    e(195, "PPME_SYSCALL_SETRESGID_X", "setresgid", User, Syscall, STATE | CONVERTED, &[
        p("res", T::Errno, Dec), p("rgid", T::Gid, Dec), p("egid", T::Gid, Dec), p("sgid", T::Gid, Dec),
    ]),
    e(196, "PPME_SCAPEVENT_E", "scapevent", Internal, Meta, SKIP_RESET, &[
        p("event_type", T::Uint32, Dec), p("event_data", T::Uint64, Dec),
    ]),
    e(197, "PPME_SCAPEVENT_X", "NA", Unknown, Nothing, UNUSED, &[]),
    e(198, "PPME_SYSCALL_SETUID_E", "setuid", User, Syscall, STATE | OLD | CONVERTED, &[
        p("uid", T::Uid, Dec),
    ]),
    e(199, "PPME_SYSCALL_SETUID_X", "setuid", User, Syscall, STATE | CONVERTED, &[
        p("res", T::Errno, Dec), p("uid", T::Uid, Dec),
    ]),
    e(200, "PPME_SYSCALL_SETGID_E", "setgid", User, Syscall, STATE | OLD | CONVERTED, &[
        p("gid", T::Gid, Dec),
    ]),
    e(201, "PPME_SYSCALL_SETGID_X", "setgid", User, Syscall, STATE | CONVERTED, &[
        p("res", T::Errno, Dec), p("gid", T::Gid, Dec),
    ]),
    e(202, "PPME_SYSCALL_GETUID_E", "getuid", User, Syscall, OLD, &[]),
    e(203, "PPME_SYSCALL_GETUID_X", "getuid", User, Syscall, NONE, &[p("uid", T::Uid, Dec)]),
    e(204, "PPME_SYSCALL_GETEUID_E", "geteuid", User, Syscall, OLD, &[]),
    e(205, "PPME_SYSCALL_GETEUID_X", "geteuid", User, Syscall, NONE, &[p("euid", T::Uid, Dec)]),
    e(206, "PPME_SYSCALL_GETGID_E", "getgid", User, Syscall, OLD, &[]),
    e(207, "PPME_SYSCALL_GETGID_X", "getgid", User, Syscall, NONE, &[p("gid", T::Gid, Dec)]),
    e(208, "PPME_SYSCALL_GETEGID_E", "getegid", User, Syscall, OLD, &[]),
    e(209, "PPME_SYSCALL_GETEGID_X", "getegid", User, Syscall, NONE, &[p("egid", T::Gid, Dec)]),
    e(210, "PPME_SYSCALL_GETRESUID_E", "getresuid", User, Syscall, OLD, &[]),
    e(211, "PPME_SYSCALL_GETRESUID_X", "getresuid", User, Syscall, NONE, &[
        p("res", T::Errno, Dec), p("ruid", T::Uid, Dec), p("euid", T::Uid, Dec), p("suid", T::Uid, Dec),
    ]),
    e(212, "PPME_SYSCALL_GETRESGID_E", "getresgid", User, Syscall, OLD, &[]),
    e(213, "PPME_SYSCALL_GETRESGID_X", "getresgid", User, Syscall, NONE, &[
        p("res", T::Errno, Dec), p("rgid", T::Gid, Dec), p("egid", T::Gid, Dec), p("sgid", T::Gid, Dec),
    ]),
    e(214, "PPME_SYSCALL_EXECVE_15_E", "execve", Process, Syscall, STATE | OLD | CONVERTED, &[]),
    e(215, "PPME_SYSCALL_EXECVE_15_X", "execve", Process, Syscall, STATE | OLD | CONVERTED, &[
        p("res", T::Errno, Dec), p("exe", T::CharBuf, Na), p("args", T::ByteBuf, Na), p("tid", T::Pid, Dec),
        p("pid", T::Pid, Dec), p("ptid", T::Pid, Dec), p("cwd", T::CharBuf, Na), p("fdlimit", T::Uint64, Dec),
        p("pgft_maj", T::Uint64, Dec), p("pgft_min", T::Uint64, Dec), p("vm_size", T::Uint32, Dec),
        p("vm_rss", T::Uint32, Dec), p("vm_swap", T::Uint32, Dec), p("comm", T::CharBuf, Na),
        p("env", T::ByteBuf, Na),
    ]),
    e(216, "PPME_SYSCALL_CLONE_17_E", "clone", Process, Syscall, STATE | OLD, &[]),
    e(217, "PPME_SYSCALL_CLONE_17_X", "clone", Process, Syscall, STATE | OLD | CONVERTED, &[
        p("res", T::Pid, Dec), p("exe", T::CharBuf, Na), p("args", T::ByteBuf, Na), p("tid", T::Pid, Dec),
        p("pid", T::Pid, Dec), p("ptid", T::Pid, Dec), p("cwd", T::CharBuf, Na), p("fdlimit", T::Int64, Dec),
        p("pgft_maj", T::Uint64, Dec), p("pgft_min", T::Uint64, Dec), p("vm_size", T::Uint32, Dec),
        p("vm_rss", T::Uint32, Dec), p("vm_swap", T::Uint32, Dec), p("comm", T::CharBuf, Na),
        fl("flags", T::Flags32, Hex, &flags::CLONE_FLAGS), p("uid", T::Uint32, Dec), p("gid", T::Uint32, Dec),
    ]),
    e(218, "PPME_SYSCALL_FORK_17_E", "fork", Process, Syscall, STATE | OLD, &[]),
    e(219, "PPME_SYSCALL_FORK_17_X", "fork", Process, Syscall, STATE | OLD | CONVERTED, &[
        p("res", T::Pid, Dec), p("exe", T::CharBuf, Na), p("args", T::ByteBuf, Na), p("tid", T::Pid, Dec),
        p("pid", T::Pid, Dec), p("ptid", T::Pid, Dec), p("cwd", T::CharBuf, Na), p("fdlimit", T::Int64, Dec),
        p("pgft_maj", T::Uint64, Dec), p("pgft_min", T::Uint64, Dec), p("vm_size", T::Uint32, Dec),
        p("vm_rss", T::Uint32, Dec), p("vm_swap", T::Uint32, Dec), p("comm", T::CharBuf, Na),
        fl("flags", T::Flags32, Hex, &flags::CLONE_FLAGS), p("uid", T::Uint32, Dec), p("gid", T::Uint32, Dec),
    ]),
    e(220, "PPME_SYSCALL_VFORK_17_E", "vfork", Process, Syscall, STATE | OLD, &[]),
    e(221, "PPME_SYSCALL_VFORK_17_X", "vfork", Process, Syscall, STATE | OLD | CONVERTED, &[
        p("res", T::Pid, Dec), p("exe", T::CharBuf, Na), p("args", T::ByteBuf, Na), p("tid", T::Pid, Dec),
        p("pid", T::Pid, Dec), p("ptid", T::Pid, Dec), p("cwd", T::CharBuf, Na), p("fdlimit", T::Int64, Dec),
        p("pgft_maj", T::Uint64, Dec), p("pgft_min", T::Uint64, Dec), p("vm_size", T::Uint32, Dec),
        p("vm_rss", T::Uint32, Dec), p("vm_swap", T::Uint32, Dec), p("comm", T::CharBuf, Na),
        fl("flags", T::Flags32, Hex, &flags::CLONE_FLAGS), p("uid", T::Uint32, Dec), p("gid", T::Uint32, Dec),
    ]),
    e(222, "PPME_SYSCALL_CLONE_20_E", "clone", Process, Syscall, STATE | OLD, &[]),
    e(223, "PPME_SYSCALL_CLONE_20_X", "clone", Process, Syscall, STATE | CONVERTED, &[
        p("res", T::Pid, Dec), p("exe", T::CharBuf, Na), p("args", T::ByteBuf, Na), p("tid", T::Pid, Dec),
        p("pid", T::Pid, Dec), p("ptid", T::Pid, Dec), p("cwd", T::CharBuf, Na), p("fdlimit", T::Int64, Dec),
        p("pgft_maj", T::Uint64, Dec), p("pgft_min", T::Uint64, Dec), p("vm_size", T::Uint32, Dec),
        p("vm_rss", T::Uint32, Dec), p("vm_swap", T::Uint32, Dec), p("comm", T::CharBuf, Na),
        p("cgroups", T::ByteBuf, Na), fl("flags", T::Flags32, Hex, &flags::CLONE_FLAGS),
        p("uid", T::Uint32, Dec), p("gid", T::Uint32, Dec), p("vtid", T::Pid, Dec), p("vpid", T::Pid, Dec),
        p("pidns_init_start_ts", T::Uint64, Dec),
    ]),
    e(224, "PPME_SYSCALL_FORK_20_E", "fork", Process, Syscall, STATE | OLD, &[]),
    e(225, "PPME_SYSCALL_FORK_20_X", "fork", Process, Syscall, STATE | CONVERTED, &[
        p("res", T::Pid, Dec), p("exe", T::CharBuf, Na), p("args", T::ByteBuf, Na), p("tid", T::Pid, Dec),
        p("pid", T::Pid, Dec), p("ptid", T::Pid, Dec), p("cwd", T::CharBuf, Na), p("fdlimit", T::Int64, Dec),
        p("pgft_maj", T::Uint64, Dec), p("pgft_min", T::Uint64, Dec), p("vm_size", T::Uint32, Dec),
        p("vm_rss", T::Uint32, Dec), p("vm_swap", T::Uint32, Dec), p("comm", T::CharBuf, Na),
        p("cgroups", T::ByteBuf, Na), fl("flags", T::Flags32, Hex, &flags::CLONE_FLAGS),
        p("uid", T::Uint32, Dec), p("gid", T::Uint32, Dec), p("vtid", T::Pid, Dec), p("vpid", T::Pid, Dec),
        p("pidns_init_start_ts", T::Uint64, Dec),
    ]),
    e(226, "PPME_SYSCALL_VFORK_20_E", "vfork", Process, Syscall, STATE | OLD, &[]),
    e(227, "PPME_SYSCALL_VFORK_20_X", "vfork", Process, Syscall, STATE | CONVERTED, &[
        p("res", T::Pid, Dec), p("exe", T::CharBuf, Na), p("args", T::ByteBuf, Na), p("tid", T::Pid, Dec),
        p("pid", T::Pid, Dec), p("ptid", T::Pid, Dec), p("cwd", T::CharBuf, Na), p("fdlimit", T::Int64, Dec),
        p("pgft_maj", T::Uint64, Dec), p("pgft_min", T::Uint64, Dec), p("vm_size", T::Uint32, Dec),
        p("vm_rss", T::Uint32, Dec), p("vm_swap", T::Uint32, Dec), p("comm", T::CharBuf, Na),
        p("cgroups", T::ByteBuf, Na), fl("flags", T::Flags32, Hex, &flags::CLONE_FLAGS),
        p("uid", T::Uint32, Dec), p("gid", T::Uint32, Dec), p("vtid", T::Pid, Dec), p("vpid", T::Pid, Dec),
        p("pidns_init_start_ts", T::Uint64, Dec),
    ]),
    e(228, "PPME_CONTAINER_E", "container", Internal, Meta, STATE | SKIP_RESET | OLD | CONVERTED, &[
        p("id", T::CharBuf, Na), p("type", T::Uint32, Dec), p("name", T::CharBuf, Na),
        p("image", T::CharBuf, Na),
    ]),
    e(229, "PPME_CONTAINER_X", "NA", Unknown, Nothing, UNUSED, &[]),
    e(230, "PPME_SYSCALL_EXECVE_16_E", "execve", Process, Syscall, STATE | OLD | CONVERTED, &[]),
    e(231, "PPME_SYSCALL_EXECVE_16_X", "execve", Process, Syscall, STATE | OLD | CONVERTED, &[
        p("res", T::Errno, Dec), p("exe", T::CharBuf, Na), p("args", T::ByteBuf, Na), p("tid", T::Pid, Dec),
        p("pid", T::Pid, Dec), p("ptid", T::Pid, Dec), p("cwd", T::CharBuf, Na), p("fdlimit", T::Uint64, Dec),
        p("pgft_maj", T::Uint64, Dec), p("pgft_min", T::Uint64, Dec), p("vm_size", T::Uint32, Dec),
        p("vm_rss", T::Uint32, Dec), p("vm_swap", T::Uint32, Dec), p("comm", T::CharBuf, Na),
        p("cgroups", T::ByteBuf, Na), p("env", T::ByteBuf, Na),
    ]),
    e(232, "PPME_SIGNALDELIVER_E", "signaldeliver", Signal, Tracepoint, NONE, &[
        p("spid", T::Pid, Dec), p("dpid", T::Pid, Dec), p("sig", T::SigType, Dec),
    ]),
    e(233, "PPME_SIGNALDELIVER_X", "NA", Unknown, Nothing, UNUSED, &[]),
    e(234, "PPME_PROCINFO_E", "procinfo", Internal, Meta, SKIP_RESET, &[
        p("cpu_usr", T::Uint64, Dec), p("cpu_sys", T::Uint64, Dec),
    ]),
    e(235, "PPME_PROCINFO_X", "NA", Unknown, Nothing, UNUSED, &[]),
    e(236, "PPME_SYSCALL_GETDENTS_E", "getdents", File, Syscall, USES | OLD | CONVERTED, &[
        p("fd", T::Fd, Na),
    ]),
    e(237, "PPME_SYSCALL_GETDENTS_X", "getdents", File, Syscall, USES | CONVERTED, &[
        p("res", T::Errno, Dec), p("fd", T::Fd, Na),
    ]),
    e(238, "PPME_SYSCALL_GETDENTS64_E", "getdents64", File, Syscall, USES | OLD | CONVERTED, &[
        p("fd", T::Fd, Na),
    ]),
    e(239, "PPME_SYSCALL_GETDENTS64_X", "getdents64", File, Syscall, USES | CONVERTED, &[
        p("res", T::Errno, Dec), p("fd", T::Fd, Na),
    ]),
    e(240, "PPME_SYSCALL_SETNS_E", "setns", Process, Syscall, USES | OLD | CONVERTED, &[
        p("fd", T::Fd, Na), fl("nstype", T::Flags32, Hex, &flags::CLONE_FLAGS),
    ]),
    e(241, "PPME_SYSCALL_SETNS_X", "setns", Process, Syscall, USES | CONVERTED, &[
        p("res", T::Errno, Dec), p("fd", T::Fd, Na), fl("nstype", T::Flags32, Hex, &flags::CLONE_FLAGS),
    ]),
    e(242, "PPME_SYSCALL_FLOCK_E", "flock", File, Syscall, USES | OLD | CONVERTED, &[
        p("fd", T::Fd, Na), fl("operation", T::Flags32, Hex, &flags::FLOCK_FLAGS),
    ]),
    e(243, "PPME_SYSCALL_FLOCK_X", "flock", File, Syscall, USES | CONVERTED, &[
        p("res", T::Errno, Dec), p("fd", T::Fd, Na), fl("operation", T::Flags32, Hex, &flags::FLOCK_FLAGS),
    ]),
    e(244, "PPME_CPU_HOTPLUG_E", "cpu_hotplug", System, Meta, STATE | SKIP_RESET, &[
        p("cpu", T::Uint32, Dec), p("action", T::Uint32, Dec),
    ]),
    e(245, "PPME_CPU_HOTPLUG_X", "NA", Unknown, Nothing, UNUSED, &[]),
    e(246, "PPME_SOCKET_ACCEPT_5_E", "accept", Net, Syscall, CREATES | STATE | OLD, &[]),
    e(247, "PPME_SOCKET_ACCEPT_5_X", "accept", Net, Syscall, CREATES | STATE, &[
        p("fd", T::Fd, Dec), p("tuple", T::SockTuple, Na), p("queuepct", T::Uint8, Dec),
        p("queuelen", T::Uint32, Dec), p("queuemax", T::Uint32, Dec),
    ]),
    e(248, "PPME_SOCKET_ACCEPT4_5_E", "accept", Net, Syscall, CREATES | STATE | OLD | CONVERTED, &[
        p("flags", T::Int32, Hex),
    ]),
    e(249, "PPME_SOCKET_ACCEPT4_5_X", "accept", Net, Syscall, CREATES | STATE | OLD | CONVERTED, &[
        p("fd", T::Fd, Dec), p("tuple", T::SockTuple, Na), p("queuepct", T::Uint8, Dec),
        p("queuelen", T::Uint32, Dec), p("queuemax", T::Uint32, Dec),
    ]),
    e(250, "PPME_SYSCALL_SEMOP_E", "semop", Process, Syscall, OLD | CONVERTED, &[p("semid", T::Int32, Dec)]),
    e(251, "PPME_SYSCALL_SEMOP_X", "semop", Process, Syscall, CONVERTED, &[
        p("res", T::Errno, Dec), p("nsops", T::Uint32, Dec), p("sem_num_0", T::Uint16, Dec),
        p("sem_op_0", T::Int16, Dec), fl("sem_flg_0", T::Flags16, Hex, &flags::SEMOP_FLAGS),
        p("sem_num_1", T::Uint16, Dec), p("sem_op_1", T::Int16, Dec),
        fl("sem_flg_1", T::Flags16, Hex, &flags::SEMOP_FLAGS), p("semid", T::Int32, Dec),
    ]),
    e(252, "PPME_SYSCALL_SEMCTL_E", "semctl", Process, Syscall, OLD | CONVERTED, &[
        p("semid", T::Int32, Dec), p("semnum", T::Int32, Dec),
        fl("cmd", T::Flags16, Hex, &flags::SEMCTL_COMMANDS), p("val", T::Int32, Dec),
    ]),
    e(253, "PPME_SYSCALL_SEMCTL_X", "semctl", Process, Syscall, CONVERTED, &[
        p("res", T::Errno, Dec), p("semid", T::Int32, Dec), p("semnum", T::Int32, Dec),
        fl("cmd", T::Flags16, Hex, &flags::SEMCTL_COMMANDS), p("val", T::Int32, Dec),
    ]),
    e(254, "PPME_SYSCALL_PPOLL_E", "ppoll", Wait, Syscall, WAITS | OLD | CONVERTED, &[
        p("fds", T::FdList, Dec), p("timeout", T::RelTime, Dec), p("sigmask", T::SigSet, Dec),
    ]),
    e(255, "PPME_SYSCALL_PPOLL_X", "ppoll", Wait, Syscall, WAITS | CONVERTED, &[
        p("res", T::Errno, Dec), p("fds", T::FdList, Dec), p("timeout", T::RelTime, Dec),
        p("sigmask", T::SigSet, Dec),
    ]),
    e(256, "PPME_SYSCALL_MOUNT_E", "mount", File, Syscall, STATE | OLD | CONVERTED, &[
        fl("flags", T::Flags32, Hex, &flags::MOUNT_FLAGS),
    ]),
    e(257, "PPME_SYSCALL_MOUNT_X", "mount", File, Syscall, STATE | CONVERTED, &[
        p("res", T::Errno, Dec), p("dev", T::CharBuf, Na), p("dir", T::FsPath, Na), p("type", T::CharBuf, Na),
        fl("flags", T::Flags32, Hex, &flags::MOUNT_FLAGS),
    ]),
    e(258, "PPME_SYSCALL_UMOUNT_E", "umount", File, Syscall, STATE | OLD, &[
        fl("flags", T::Flags32, Hex, &flags::UMOUNT_FLAGS),
    ]),
    e(259, "PPME_SYSCALL_UMOUNT_X", "umount", File, Syscall, STATE | OLD | CONVERTED, &[
        p("res", T::Errno, Dec), p("name", T::FsPath, Na),
    ]),
    e(260, "PPME_K8S_E", "k8s", Internal, Meta, STATE | SKIP_RESET | OLD, &[p("json", T::CharBuf, Na)]),
    e(261, "PPME_K8S_X", "NA", Unknown, Nothing, UNUSED, &[]),
    e(262, "PPME_SYSCALL_SEMGET_E", "semget", Process, Syscall, OLD | CONVERTED, &[
        p("key", T::Int32, Hex), p("nsems", T::Int32, Dec),
        fl("semflg", T::Flags32, Hex, &flags::SEMGET_FLAGS),
    ]),
    e(263, "PPME_SYSCALL_SEMGET_X", "semget", Process, Syscall, CONVERTED, &[
        p("res", T::Errno, Dec), p("key", T::Int32, Hex), p("nsems", T::Int32, Dec),
        fl("semflg", T::Flags32, Hex, &flags::SEMGET_FLAGS),
    ]),
    e(264, "PPME_SYSCALL_ACCESS_E", "access", File, Syscall, OLD | CONVERTED, &[
        fl("mode", T::Flags32, Hex, &flags::ACCESS_FLAGS),
    ]),
    e(265, "PPME_SYSCALL_ACCESS_X", "access", File, Syscall, CONVERTED, &[
        p("res", T::Errno, Dec), p("name", T::FsPath, Na), fl("mode", T::Flags32, Hex, &flags::ACCESS_FLAGS),
    ]),
    e(266, "PPME_SYSCALL_CHROOT_E", "chroot", Process, Syscall, STATE | OLD, &[]),
    e(267, "PPME_SYSCALL_CHROOT_X", "chroot", Process, Syscall, STATE, &[
        p("res", T::Errno, Dec), p("path", T::FsPath, Na),
    ]),
    e(268, "PPME_TRACER_E", "tracer", Other, Meta, OLD, &[
        p("id", T::Int64, Dec), p("tags", T::CharBufArray, Na), p("args", T::CharBufPairArray, Na),
    ]),
    e(269, "PPME_TRACER_X", "NA", Unknown, Nothing, UNUSED, &[
        p("id", T::Int64, Dec), p("tags", T::CharBufArray, Na), p("args", T::CharBufPairArray, Na),
    ]),
    e(270, "PPME_MESOS_E", "mesos", Internal, Meta, STATE | SKIP_RESET | OLD, &[p("json", T::CharBuf, Na)]),
    e(271, "PPME_MESOS_X", "NA", Unknown, Nothing, UNUSED, &[]),
    e(272, "PPME_CONTAINER_JSON_E", "container", Process, Meta, STATE | OLD | CONVERTED, &[
        p("json", T::CharBuf, Na),
    ]),
    e(273, "PPME_CONTAINER_JSON_X", "NA", Unknown, Nothing, UNUSED, &[]),
    e(274, "PPME_SYSCALL_SETSID_E", "setsid", Process, Syscall, STATE | OLD, &[]),
    e(275, "PPME_SYSCALL_SETSID_X", "setsid", Process, Syscall, STATE, &[p("res", T::Pid, Dec)]),
    e(276, "PPME_SYSCALL_MKDIR_2_E", "mkdir", File, Syscall, OLD | CONVERTED, &[p("mode", T::Uint32, Hex)]),
    e(277, "PPME_SYSCALL_MKDIR_2_X", "mkdir", File, Syscall, CONVERTED, &[
        p("res", T::Errno, Dec), p("path", T::FsPath, Na), p("mode", T::Uint32, Hex),
    ]),
    e(278, "PPME_SYSCALL_RMDIR_2_E", "rmdir", File, Syscall, OLD, &[]),
    e(279, "PPME_SYSCALL_RMDIR_2_X", "rmdir", File, Syscall, NONE, &[
        p("res", T::Errno, Dec), p("path", T::FsPath, Na),
    ]),
    e(280, "PPME_NOTIFICATION_E", "notification", Other, Meta, SKIP_RESET, &[
        p("id", T::CharBuf, Dec), p("desc", T::CharBuf, Na),
    ]),
    e(281, "PPME_NOTIFICATION_X", "NA", Unknown, Nothing, UNUSED, &[]),
    e(282, "PPME_SYSCALL_EXECVE_17_E", "execve", Process, Syscall, STATE | OLD | CONVERTED, &[]),
    e(283, "PPME_SYSCALL_EXECVE_17_X", "execve", Process, Syscall, STATE | OLD | CONVERTED, &[
        p("res", T::Errno, Dec), p("exe", T::CharBuf, Na), p("args", T::ByteBuf, Na), p("tid", T::Pid, Dec),
        p("pid", T::Pid, Dec), p("ptid", T::Pid, Dec), p("cwd", T::CharBuf, Na), p("fdlimit", T::Uint64, Dec),
        p("pgft_maj", T::Uint64, Dec), p("pgft_min", T::Uint64, Dec), p("vm_size", T::Uint32, Dec),
        p("vm_rss", T::Uint32, Dec), p("vm_swap", T::Uint32, Dec), p("comm", T::CharBuf, Na),
        p("cgroups", T::ByteBuf, Na), p("env", T::ByteBuf, Na), p("tty", T::Int32, Dec),
    ]),
    e(284, "PPME_SYSCALL_UNSHARE_E", "unshare", Process, Syscall, OLD | CONVERTED, &[
        fl("flags", T::Flags32, Hex, &flags::CLONE_FLAGS),
    ]),
    e(285, "PPME_SYSCALL_UNSHARE_X", "unshare", Process, Syscall, CONVERTED, &[
        p("res", T::Errno, Dec), fl("flags", T::Flags32, Hex, &flags::CLONE_FLAGS),
    ]),
    e(286, "PPME_INFRASTRUCTURE_EVENT_E", "infra", Internal, Meta, SKIP_RESET, &[
        p("source", T::CharBuf, Dec), p("name", T::CharBuf, Na), p("description", T::CharBuf, Na),
        p("scope", T::CharBuf, Na),
    ]),
    e(287, "PPME_INFRASTRUCTURE_EVENT_X", "NA", Unknown, Nothing, UNUSED, &[]),
    e(288, "PPME_SYSCALL_EXECVE_18_E", "execve", Process, Syscall, STATE | OLD | CONVERTED, &[
        p("filename", T::FsPath, Na),
    ]),
    e(289, "PPME_SYSCALL_EXECVE_18_X", "execve", Process, Syscall, STATE | OLD | CONVERTED, &[
        p("res", T::Errno, Dec), p("exe", T::CharBuf, Na), p("args", T::ByteBuf, Na), p("tid", T::Pid, Dec),
        p("pid", T::Pid, Dec), p("ptid", T::Pid, Dec), p("cwd", T::CharBuf, Na), p("fdlimit", T::Uint64, Dec),
        p("pgft_maj", T::Uint64, Dec), p("pgft_min", T::Uint64, Dec), p("vm_size", T::Uint32, Dec),
        p("vm_rss", T::Uint32, Dec), p("vm_swap", T::Uint32, Dec), p("comm", T::CharBuf, Na),
        p("cgroups", T::ByteBuf, Na), p("env", T::ByteBuf, Na), p("tty", T::Int32, Dec),
    ]),
    e(290, "PPME_PAGE_FAULT_E", "page_fault", Other, Tracepoint, SKIP_RESET, &[
        p("addr", T::Uint64, Hex), p("ip", T::Uint64, Hex), fl("error", T::Flags32, Hex, &flags::PF_FLAGS),
    ]),
    e(291, "PPME_PAGE_FAULT_X", "NA", Unknown, Nothing, UNUSED, &[]),
    e(292, "PPME_SYSCALL_EXECVE_19_E", "execve", Process, Syscall, STATE | OLD | CONVERTED, &[
        p("filename", T::FsPath, Na),
    ]),
    e(293, "PPME_SYSCALL_EXECVE_19_X", "execve", Process, Syscall, STATE | CONVERTED, &[
        p("res", T::Errno, Dec), p("exe", T::CharBuf, Na), p("args", T::ByteBuf, Na), p("tid", T::Pid, Dec),
        p("pid", T::Pid, Dec), p("ptid", T::Pid, Dec), p("cwd", T::CharBuf, Na), p("fdlimit", T::Uint64, Dec),
        p("pgft_maj", T::Uint64, Dec), p("pgft_min", T::Uint64, Dec), p("vm_size", T::Uint32, Dec),
        p("vm_rss", T::Uint32, Dec), p("vm_swap", T::Uint32, Dec), p("comm", T::CharBuf, Na),
        p("cgroups", T::ByteBuf, Na), p("env", T::ByteBuf, Na), p("tty", T::Uint32, Dec),
        p("vpgid", T::Pid, Dec), p("loginuid", T::Uid, Dec),
        fl("flags", T::Flags32, Hex, &flags::EXECVE_FLAGS), p("cap_inheritable", T::Uint64, Hex),
        p("cap_permitted", T::Uint64, Hex), p("cap_effective", T::Uint64, Hex), p("exe_ino", T::Uint64, Dec),
        p("exe_ino_ctime", T::AbsTime, Dec), p("exe_ino_mtime", T::AbsTime, Dec), p("uid", T::Uid, Dec),
        p("trusted_exepath", T::FsPath, Na), p("pgid", T::Pid, Na), p("gid", T::Gid, Dec),
        p("filename", T::FsPath, Na),
    ]),
    e(294, "PPME_SYSCALL_SETPGID_E", "setpgid", Process, Syscall, OLD | CONVERTED, &[
        p("pid", T::Pid, Dec), p("pgid", T::Pid, Dec),
    ]),
    e(295, "PPME_SYSCALL_SETPGID_X", "setpgid", Process, Syscall, CONVERTED, &[
        p("res", T::Errno, Dec), p("pid", T::Pid, Dec), p("pgid", T::Pid, Dec),
    ]),
    e(296, "PPME_SYSCALL_BPF_E", "bpf", Other, Syscall, CREATES | OLD | CONVERTED, &[
        p("cmd", T::Int64, Dec),
    ]),
    e(297, "PPME_SYSCALL_BPF_X", "bpf", Other, Syscall, CREATES | OLD | CONVERTED, &[
        dy("res_or_fd", Dec, &flags::BPF_DYNAMIC_PARAM),
    ]),
    e(298, "PPME_SYSCALL_SECCOMP_E", "seccomp", Other, Syscall, OLD | CONVERTED, &[
        p("op", T::Uint64, Dec), p("flags", T::Uint64, Hex),
    ]),
    e(299, "PPME_SYSCALL_SECCOMP_X", "seccomp", Other, Syscall, CONVERTED, &[
        p("res", T::Errno, Dec), p("op", T::Uint64, Dec), p("flags", T::Uint64, Hex),
    ]),
    e(300, "PPME_SYSCALL_UNLINK_2_E", "unlink", File, Syscall, OLD, &[]),
    e(301, "PPME_SYSCALL_UNLINK_2_X", "unlink", File, Syscall, NONE, &[
        p("res", T::Errno, Dec), p("path", T::FsPath, Na),
    ]),
    e(302, "PPME_SYSCALL_UNLINKAT_2_E", "unlinkat", File, Syscall, OLD, &[]),
    e(303, "PPME_SYSCALL_UNLINKAT_2_X", "unlinkat", File, Syscall, USES, &[
        p("res", T::Errno, Dec), p("dirfd", T::Fd, Dec), at("name", T::FsRelPath, Na, 1),
        fl("flags", T::Flags32, Hex, &flags::UNLINKAT_FLAGS),
    ]),
    e(304, "PPME_SYSCALL_MKDIRAT_E", "mkdirat", File, Syscall, OLD, &[]),
    e(305, "PPME_SYSCALL_MKDIRAT_X", "mkdirat", File, Syscall, USES, &[
        p("res", T::Errno, Dec), p("dirfd", T::Fd, Dec), at("path", T::FsRelPath, Na, 1),
        p("mode", T::Uint32, Hex),
    ]),
    e(306, "PPME_SYSCALL_OPENAT_2_E", "openat", File, Syscall, CREATES | STATE | CONVERTED, &[
        p("dirfd", T::Fd, Dec), at("name", T::FsRelPath, Na, 0),
        fl("flags", T::Flags32, Hex, &flags::FILE_FLAGS), p("mode", T::Uint32, Oct),
    ]),
    e(307, "PPME_SYSCALL_OPENAT_2_X", "openat", File, Syscall, CREATES | STATE | CONVERTED, &[
        p("fd", T::Fd, Dec), p("dirfd", T::Fd, Dec), at("name", T::FsRelPath, Na, 1),
        fl("flags", T::Flags32, Hex, &flags::FILE_FLAGS), p("mode", T::Uint32, Oct), p("dev", T::Uint32, Hex),
        p("ino", T::Uint64, Dec),
    ]),
    e(308, "PPME_SYSCALL_LINK_2_E", "link", File, Syscall, OLD, &[]),
    e(309, "PPME_SYSCALL_LINK_2_X", "link", File, Syscall, NONE, &[
        p("res", T::Errno, Dec), p("oldpath", T::FsPath, Na), p("newpath", T::FsPath, Na),
    ]),
    e(310, "PPME_SYSCALL_LINKAT_2_E", "linkat", File, Syscall, OLD, &[]),
    e(311, "PPME_SYSCALL_LINKAT_2_X", "linkat", File, Syscall, NONE, &[
        p("res", T::Errno, Dec), p("olddir", T::Fd, Dec), at("oldpath", T::FsRelPath, Na, 1),
        p("newdir", T::Fd, Dec), at("newpath", T::FsRelPath, Na, 3),
        fl("flags", T::Flags32, Hex, &flags::LINKAT_FLAGS),
    ]),
    e(312, "PPME_SYSCALL_FCHMODAT_E", "fchmodat", File, Syscall, OLD, &[]),
    e(313, "PPME_SYSCALL_FCHMODAT_X", "fchmodat", File, Syscall, USES, &[
        p("res", T::Errno, Dec), p("dirfd", T::Fd, Dec), at("filename", T::FsRelPath, Na, 1),
        fl("mode", T::Mode, Oct, &flags::CHMOD_MODE),
    ]),
    e(314, "PPME_SYSCALL_CHMOD_E", "chmod", File, Syscall, OLD, &[]),
    e(315, "PPME_SYSCALL_CHMOD_X", "chmod", File, Syscall, NONE, &[
        p("res", T::Errno, Dec), p("filename", T::FsPath, Na), fl("mode", T::Mode, Oct, &flags::CHMOD_MODE),
    ]),
    e(316, "PPME_SYSCALL_FCHMOD_E", "fchmod", File, Syscall, OLD, &[]),
    e(317, "PPME_SYSCALL_FCHMOD_X", "fchmod", File, Syscall, USES, &[
        p("res", T::Errno, Dec), p("fd", T::Fd, Dec), fl("mode", T::Mode, Oct, &flags::CHMOD_MODE),
    ]),
    e(318, "PPME_SYSCALL_RENAMEAT2_E", "renameat2", File, Syscall, OLD, &[]),
    e(319, "PPME_SYSCALL_RENAMEAT2_X", "renameat2", File, Syscall, NONE, &[
        p("res", T::Errno, Dec), p("olddirfd", T::Fd, Dec), at("oldpath", T::FsRelPath, Na, 1),
        p("newdirfd", T::Fd, Dec), at("newpath", T::FsRelPath, Na, 3),
        fl("flags", T::Flags32, Hex, &flags::RENAMEAT2_FLAGS),
    ]),
    e(320, "PPME_SYSCALL_USERFAULTFD_E", "userfaultfd", File, Syscall, CREATES | STATE | OLD, &[]),
    e(321, "PPME_SYSCALL_USERFAULTFD_X", "userfaultfd", File, Syscall, CREATES | STATE, &[
        p("res", T::Errno, Dec), fl("flags", T::Flags32, Hex, &flags::FILE_FLAGS),
    ]),
    e(322, "PPME_PLUGINEVENT_E", "pluginevent", Other, Plugin, LARGE, &[
        p("plugin_id", T::Uint32, Dec), p("event_data", T::ByteBuf, Na),
    ]),
    e(323, "PPME_PLUGINEVENT_X", "NA", Unknown, Nothing, UNUSED, &[]),
    e(324, "PPME_CONTAINER_JSON_2_E", "container", Process, Meta, STATE | LARGE, &[
        p("json", T::CharBuf, Na),
    ]),
    e(325, "PPME_CONTAINER_JSON_2_X", "NA", Unknown, Nothing, UNUSED, &[]),
    e(326, "PPME_SYSCALL_OPENAT2_E", "openat2", File, Syscall, CREATES | STATE | CONVERTED, &[
        p("dirfd", T::Fd, Dec), at("name", T::FsRelPath, Na, 0),
        fl("flags", T::Flags32, Hex, &flags::FILE_FLAGS), p("mode", T::Uint32, Oct),
        fl("resolve", T::Flags32, Hex, &flags::OPENAT2_FLAGS),
    ]),
    e(327, "PPME_SYSCALL_OPENAT2_X", "openat2", File, Syscall, CREATES | STATE | CONVERTED, &[
        p("fd", T::Fd, Dec), p("dirfd", T::Fd, Dec), at("name", T::FsRelPath, Na, 1),
        fl("flags", T::Flags32, Hex, &flags::FILE_FLAGS), p("mode", T::Uint32, Oct),
        fl("resolve", T::Flags32, Hex, &flags::OPENAT2_FLAGS), p("dev", T::Uint32, Hex),
        p("ino", T::Uint64, Dec),
    ]),
    e(328, "PPME_SYSCALL_MPROTECT_E", "mprotect", Memory, Syscall, OLD | CONVERTED, &[
        p("addr", T::Uint64, Hex), p("length", T::Uint64, Dec),
        fl("prot", T::Flags32, Hex, &flags::PROT_FLAGS),
    ]),
    e(329, "PPME_SYSCALL_MPROTECT_X", "mprotect", Memory, Syscall, CONVERTED, &[
        p("res", T::Errno, Dec), p("addr", T::Uint64, Hex), p("length", T::Uint64, Dec),
        fl("prot", T::Flags32, Hex, &flags::PROT_FLAGS),
    ]),
    e(330, "PPME_SYSCALL_EXECVEAT_E", "execveat", Process, Syscall, STATE | OLD | CONVERTED, &[
        p("dirfd", T::Fd, Dec), at("pathname", T::FsRelPath, Na, 0),
        fl("flags", T::Flags32, Hex, &flags::EXECVEAT_FLAGS),
    ]),
    e(331, "PPME_SYSCALL_EXECVEAT_X", "execveat", Process, Syscall, STATE | CONVERTED, &[
        p("res", T::Errno, Dec), p("exe", T::CharBuf, Na), p("args", T::ByteBuf, Na), p("tid", T::Pid, Dec),
        p("pid", T::Pid, Dec), p("ptid", T::Pid, Dec), p("cwd", T::CharBuf, Na), p("fdlimit", T::Uint64, Dec),
        p("pgft_maj", T::Uint64, Dec), p("pgft_min", T::Uint64, Dec), p("vm_size", T::Uint32, Dec),
        p("vm_rss", T::Uint32, Dec), p("vm_swap", T::Uint32, Dec), p("comm", T::CharBuf, Na),
        p("cgroups", T::ByteBuf, Na), p("env", T::ByteBuf, Na), p("tty", T::Uint32, Dec),
        p("vpgid", T::Pid, Dec), p("loginuid", T::Uid, Dec),
        fl("flags", T::Flags32, Hex, &flags::EXECVE_FLAGS), p("cap_inheritable", T::Uint64, Hex),
        p("cap_permitted", T::Uint64, Hex), p("cap_effective", T::Uint64, Hex), p("exe_ino", T::Uint64, Dec),
        p("exe_ino_ctime", T::AbsTime, Dec), p("exe_ino_mtime", T::AbsTime, Dec), p("uid", T::Uid, Dec),
        p("trusted_exepath", T::FsPath, Na), p("pgid", T::Pid, Na), p("gid", T::Gid, Dec),
    ]),
    e(332, "PPME_SYSCALL_COPY_FILE_RANGE_E", "copy_file_range", File, Syscall,
        USES | READS | WRITES | OLD | CONVERTED, &[
        p("fdin", T::Fd, Dec), p("offin", T::Uint64, Dec), p("len", T::Uint64, Dec),
    ]),
    e(333, "PPME_SYSCALL_COPY_FILE_RANGE_X", "copy_file_range", File, Syscall,
        USES | READS | WRITES | CONVERTED, &[
        p("res", T::Errno, Dec), p("fdout", T::Fd, Dec), p("offout", T::Uint64, Dec), p("fdin", T::Fd, Dec),
        p("offin", T::Uint64, Dec), p("len", T::Uint64, Dec),
    ]),
    e(334, "PPME_SYSCALL_CLONE3_E", "clone3", Process, Syscall, STATE | OLD, &[]),
    e(335, "PPME_SYSCALL_CLONE3_X", "clone3", Process, Syscall, STATE | CONVERTED, &[
        p("res", T::Pid, Dec), p("exe", T::CharBuf, Na), p("args", T::ByteBuf, Na), p("tid", T::Pid, Dec),
        p("pid", T::Pid, Dec), p("ptid", T::Pid, Dec), p("cwd", T::CharBuf, Na), p("fdlimit", T::Int64, Dec),
        p("pgft_maj", T::Uint64, Dec), p("pgft_min", T::Uint64, Dec), p("vm_size", T::Uint32, Dec),
        p("vm_rss", T::Uint32, Dec), p("vm_swap", T::Uint32, Dec), p("comm", T::CharBuf, Na),
        p("cgroups", T::ByteBuf, Na), fl("flags", T::Flags32, Hex, &flags::CLONE_FLAGS),
        p("uid", T::Uint32, Dec), p("gid", T::Uint32, Dec), p("vtid", T::Pid, Dec), p("vpid", T::Pid, Dec),
        p("pidns_init_start_ts", T::Uint64, Dec),
    ]),
    e(336, "PPME_SYSCALL_OPEN_BY_HANDLE_AT_E", "open_by_handle_at", File, Syscall, CREATES | STATE | OLD, &[
    ]),
    e(337, "PPME_SYSCALL_OPEN_BY_HANDLE_AT_X", "open_by_handle_at", File, Syscall, CREATES | STATE, &[
        p("fd", T::Fd, Dec), p("mountfd", T::Fd, Dec), fl("flags", T::Flags32, Hex, &flags::FILE_FLAGS),
        p("path", T::FsPath, Na), p("dev", T::Uint32, Hex), p("ino", T::Uint64, Dec),
    ]),
    e(338, "PPME_SYSCALL_IO_URING_SETUP_E", "io_uring_setup", IoOther, Syscall, CREATES | STATE | OLD, &[]),
    e(339, "PPME_SYSCALL_IO_URING_SETUP_X", "io_uring_setup", IoOther, Syscall, CREATES | STATE, &[
        p("res", T::Errno, Dec), p("entries", T::Uint32, Dec), p("sq_entries", T::Uint32, Dec),
        p("cq_entries", T::Uint32, Dec), fl("flags", T::Flags32, Hex, &flags::IO_URING_SETUP_FLAGS),
        p("sq_thread_cpu", T::Uint32, Dec), p("sq_thread_idle", T::Uint32, Dec),
        fl("features", T::Flags32, Hex, &flags::IO_URING_SETUP_FEATS),
    ]),
    e(340, "PPME_SYSCALL_IO_URING_ENTER_E", "io_uring_enter", IoOther, Syscall, OLD, &[]),
    e(341, "PPME_SYSCALL_IO_URING_ENTER_X", "io_uring_enter", IoOther, Syscall, USES, &[
        p("res", T::Errno, Dec), p("fd", T::Fd, Dec), p("to_submit", T::Uint32, Dec),
        p("min_complete", T::Uint32, Dec), fl("flags", T::Flags32, Hex, &flags::IO_URING_ENTER_FLAGS),
        p("sig", T::SigSet, Dec),
    ]),
    e(342, "PPME_SYSCALL_IO_URING_REGISTER_E", "io_uring_register", IoOther, Syscall, OLD, &[]),
    e(343, "PPME_SYSCALL_IO_URING_REGISTER_X", "io_uring_register", IoOther, Syscall, USES, &[
        p("res", T::Errno, Dec), p("fd", T::Fd, Dec),
        fl("opcode", T::EnumFlags16, Dec, &flags::IO_URING_REGISTER_OPCODES), p("arg", T::Uint64, Hex),
        p("nr_args", T::Uint32, Dec),
    ]),
    e(344, "PPME_SYSCALL_MLOCK_E", "mlock", Memory, Syscall, OLD, &[]),
    e(345, "PPME_SYSCALL_MLOCK_X", "mlock", Memory, Syscall, NONE, &[
        p("res", T::Errno, Dec), p("addr", T::Uint64, Hex), p("len", T::Uint64, Dec),
    ]),
    e(346, "PPME_SYSCALL_MUNLOCK_E", "munlock", Memory, Syscall, OLD, &[]),
    e(347, "PPME_SYSCALL_MUNLOCK_X", "munlock", Memory, Syscall, NONE, &[
        p("res", T::Errno, Dec), p("addr", T::Uint64, Hex), p("len", T::Uint64, Dec),
    ]),
    e(348, "PPME_SYSCALL_MLOCKALL_E", "mlockall", Memory, Syscall, OLD, &[]),
    e(349, "PPME_SYSCALL_MLOCKALL_X", "mlockall", Memory, Syscall, NONE, &[
        p("res", T::Errno, Dec), fl("flags", T::Flags32, Hex, &flags::MLOCKALL_FLAGS),
    ]),
    e(350, "PPME_SYSCALL_MUNLOCKALL_E", "munlockall", Memory, Syscall, OLD, &[]),
    e(351, "PPME_SYSCALL_MUNLOCKALL_X", "munlockall", Memory, Syscall, NONE, &[p("res", T::Errno, Dec)]),
    e(352, "PPME_SYSCALL_CAPSET_E", "capset", Process, Syscall, STATE | OLD, &[]),
    e(353, "PPME_SYSCALL_CAPSET_X", "capset", Process, Syscall, STATE, &[
        p("res", T::Errno, Dec), p("cap_inheritable", T::Uint64, Hex), p("cap_permitted", T::Uint64, Hex),
        p("cap_effective", T::Uint64, Hex),
    ]),
    e(354, "PPME_USER_ADDED_E", "useradded", Process, Meta, STATE, &[
        p("uid", T::Uint32, Dec), p("gid", T::Uint32, Dec), p("name", T::CharBuf, Na),
        p("home", T::CharBuf, Na), p("shell", T::CharBuf, Na), p("container_id", T::CharBuf, Na),
    ]),
    e(355, "PPME_USER_ADDED_X", "NA", Unknown, Nothing, UNUSED, &[]),
    e(356, "PPME_USER_DELETED_E", "userdeleted", Process, Meta, STATE, &[
        p("uid", T::Uint32, Dec), p("gid", T::Uint32, Dec), p("name", T::CharBuf, Na),
        p("home", T::CharBuf, Na), p("shell", T::CharBuf, Na), p("container_id", T::CharBuf, Na),
    ]),
    e(357, "PPME_USER_DELETED_X", "NA", Unknown, Nothing, UNUSED, &[]),
    e(358, "PPME_GROUP_ADDED_E", "groupadded", Process, Meta, STATE, &[
        p("gid", T::Uint32, Dec), p("name", T::CharBuf, Na), p("container_id", T::CharBuf, Na),
    ]),
    e(359, "PPME_GROUP_ADDED_X", "NA", Unknown, Nothing, UNUSED, &[]),
    e(360, "PPME_GROUP_DELETED_E", "groupdeleted", Process, Meta, STATE, &[
        p("gid", T::Uint32, Dec), p("name", T::CharBuf, Na), p("container_id", T::CharBuf, Na),
    ]),
    e(361, "PPME_GROUP_DELETED_X", "NA", Unknown, Nothing, UNUSED, &[]),
    e(362, "PPME_SYSCALL_DUP2_E", "dup2", IoOther, Syscall, CREATES | USES | STATE | OLD, &[
        p("fd", T::Fd, Dec),
    ]),
    e(363, "PPME_SYSCALL_DUP2_X", "dup2", IoOther, Syscall, CREATES | USES | STATE, &[
        p("res", T::Fd, Dec), p("oldfd", T::Fd, Dec), p("newfd", T::Fd, Dec),
    ]),
    e(364, "PPME_SYSCALL_DUP3_E", "dup3", IoOther, Syscall, CREATES | USES | STATE | OLD, &[
        p("fd", T::Fd, Dec),
    ]),
    e(365, "PPME_SYSCALL_DUP3_X", "dup3", IoOther, Syscall, CREATES | USES | STATE, &[
        p("res", T::Fd, Dec), p("oldfd", T::Fd, Dec), p("newfd", T::Fd, Dec),
        fl("flags", T::Flags32, Hex, &flags::FILE_FLAGS),
    ]),
    e(366, "PPME_SYSCALL_DUP_1_E", "dup", IoOther, Syscall, CREATES | USES | STATE | OLD, &[
        p("fd", T::Fd, Dec),
    ]),
    e(367, "PPME_SYSCALL_DUP_1_X", "dup", IoOther, Syscall, CREATES | USES | STATE, &[
        p("res", T::Fd, Dec), p("oldfd", T::Fd, Dec),
    ]),
    e(368, "PPME_SYSCALL_BPF_2_E", "bpf", Other, Syscall, CREATES | OLD, &[p("cmd", T::Int64, Dec)]),
    e(369, "PPME_SYSCALL_BPF_2_X", "bpf", Other, Syscall, CREATES, &[
        p("fd", T::Fd, Dec), fl("cmd", T::EnumFlags32, Dec, &flags::BPF_COMMANDS),
    ]),
    e(370, "PPME_SYSCALL_MLOCK2_E", "mlock2", Memory, Syscall, OLD, &[]),
    e(371, "PPME_SYSCALL_MLOCK2_X", "mlock2", Memory, Syscall, NONE, &[
        p("res", T::Errno, Dec), p("addr", T::Uint64, Hex), p("len", T::Uint64, Dec),
        fl("flags", T::Flags32, Hex, &flags::MLOCK2_FLAGS),
    ]),
    e(372, "PPME_SYSCALL_FSCONFIG_E", "fsconfig", System, Syscall, OLD, &[]),
    e(373, "PPME_SYSCALL_FSCONFIG_X", "fsconfig", System, Syscall, USES, &[
        p("res", T::Errno, Dec), p("fd", T::Fd, Dec), fl("cmd", T::EnumFlags32, Dec, &flags::FSCONFIG_CMDS),
        p("key", T::CharBuf, Na), p("value_bytebuf", T::ByteBuf, Na), p("value_charbuf", T::CharBuf, Na),
        p("aux", T::Int32, Dec),
    ]),
    e(374, "PPME_SYSCALL_EPOLL_CREATE_E", "epoll_create", Wait, Syscall, CREATES | STATE | OLD | CONVERTED, &[
        p("size", T::Int32, Dec),
    ]),
    e(375, "PPME_SYSCALL_EPOLL_CREATE_X", "epoll_create", Wait, Syscall, CREATES | STATE | CONVERTED, &[
        p("res", T::Errno, Dec), p("size", T::Int32, Dec),
    ]),
    e(376, "PPME_SYSCALL_EPOLL_CREATE1_E", "epoll_create1", Wait, Syscall,
        CREATES | STATE | OLD | CONVERTED, &[
        fl("flags", T::Flags32, Hex, &flags::EPOLL_CREATE1_FLAGS),
    ]),
    e(377, "PPME_SYSCALL_EPOLL_CREATE1_X", "epoll_create1", Wait, Syscall, CREATES | STATE | CONVERTED, &[
        p("res", T::Errno, Dec), fl("flags", T::Flags32, Hex, &flags::EPOLL_CREATE1_FLAGS),
    ]),
    e(378, "PPME_SYSCALL_CHOWN_E", "chown", File, Syscall, OLD, &[]),
    e(379, "PPME_SYSCALL_CHOWN_X", "chown", File, Syscall, NONE, &[
        p("res", T::Errno, Dec), p("path", T::FsPath, Na), p("uid", T::Uint32, Dec), p("gid", T::Uint32, Dec),
    ]),
    e(380, "PPME_SYSCALL_LCHOWN_E", "lchown", File, Syscall, OLD, &[]),
    e(381, "PPME_SYSCALL_LCHOWN_X", "lchown", File, Syscall, NONE, &[
        p("res", T::Errno, Dec), p("path", T::FsPath, Na), p("uid", T::Uint32, Dec), p("gid", T::Uint32, Dec),
    ]),
    e(382, "PPME_SYSCALL_FCHOWN_E", "fchown", File, Syscall, OLD, &[]),
    e(383, "PPME_SYSCALL_FCHOWN_X", "fchown", File, Syscall, USES, &[
        p("res", T::Errno, Dec), p("fd", T::Fd, Dec), p("uid", T::Uint32, Dec), p("gid", T::Uint32, Dec),
    ]),
    e(384, "PPME_SYSCALL_FCHOWNAT_E", "fchownat", File, Syscall, OLD, &[]),
    e(385, "PPME_SYSCALL_FCHOWNAT_X", "fchownat", File, Syscall, USES, &[
        p("res", T::Errno, Dec), p("dirfd", T::Fd, Dec), at("pathname", T::FsRelPath, Na, 1),
        p("uid", T::Uint32, Dec), p("gid", T::Uint32, Dec),
        fl("flags", T::Flags32, Hex, &flags::FCHOWNAT_FLAGS),
    ]),
    e(386, "PPME_SYSCALL_UMOUNT_1_E", "umount", File, Syscall, STATE | OLD, &[]),
    e(387, "PPME_SYSCALL_UMOUNT_1_X", "umount", File, Syscall, STATE, &[
        p("res", T::Errno, Dec), p("name", T::FsPath, Na),
    ]),
    e(388, "PPME_SOCKET_ACCEPT4_6_E", "accept4", Net, Syscall, CREATES | STATE | OLD | CONVERTED, &[
        p("flags", T::Int32, Hex),
    ]),
    e(389, "PPME_SOCKET_ACCEPT4_6_X", "accept4", Net, Syscall, CREATES | STATE | CONVERTED, &[
        p("fd", T::Fd, Dec), p("tuple", T::SockTuple, Na), p("queuepct", T::Uint8, Dec),
        p("queuelen", T::Uint32, Dec), p("queuemax", T::Uint32, Dec), p("flags", T::Int32, Hex),
    ]),
    e(390, "PPME_SYSCALL_UMOUNT2_E", "umount2", File, Syscall, STATE | OLD | CONVERTED, &[
        fl("flags", T::Flags32, Hex, &flags::UMOUNT_FLAGS),
    ]),
    e(391, "PPME_SYSCALL_UMOUNT2_X", "umount2", File, Syscall, STATE | CONVERTED, &[
        p("res", T::Errno, Dec), p("name", T::FsPath, Na), fl("flags", T::Flags32, Hex, &flags::UMOUNT_FLAGS),
    ]),
    e(392, "PPME_SYSCALL_PIPE2_E", "pipe2", Ipc, Syscall, CREATES | STATE | OLD, &[]),
    e(393, "PPME_SYSCALL_PIPE2_X", "pipe2", Ipc, Syscall, CREATES | STATE, &[
        p("res", T::Errno, Dec), p("fd1", T::Fd, Dec), p("fd2", T::Fd, Dec), p("ino", T::Uint64, Dec),
        fl("flags", T::Flags32, Hex, &flags::FILE_FLAGS),
    ]),
    e(394, "PPME_SYSCALL_INOTIFY_INIT1_E", "inotify_init1", Ipc, Syscall, CREATES | STATE | OLD, &[]),
    e(395, "PPME_SYSCALL_INOTIFY_INIT1_X", "inotify_init1", Ipc, Syscall, CREATES | STATE, &[
        p("res", T::Fd, Dec), fl("flags", T::Flags16, Hex, &flags::FILE_FLAGS),
    ]),
    e(396, "PPME_SYSCALL_EVENTFD2_E", "eventfd2", Ipc, Syscall, CREATES | STATE | OLD | CONVERTED, &[
        p("initval", T::Uint64, Dec),
    ]),
    e(397, "PPME_SYSCALL_EVENTFD2_X", "eventfd2", Ipc, Syscall, CREATES | STATE | CONVERTED, &[
        p("res", T::Fd, Dec), fl("flags", T::Flags16, Hex, &flags::FILE_FLAGS), p("initval", T::Uint64, Dec),
    ]),
    e(398, "PPME_SYSCALL_SIGNALFD4_E", "signalfd4", Signal, Syscall, CREATES | STATE | OLD | CONVERTED, &[
        p("fd", T::Fd, Dec), p("mask", T::Uint32, Hex),
    ]),
    e(399, "PPME_SYSCALL_SIGNALFD4_X", "signalfd4", Signal, Syscall, CREATES | STATE | CONVERTED, &[
        p("res", T::Fd, Dec), fl("flags", T::Flags16, Hex, &flags::FILE_FLAGS), p("fd", T::Fd, Dec),
        p("mask", T::Uint32, Hex),
    ]),
    e(400, "PPME_SYSCALL_PRCTL_E", "prctl", Process, Syscall, STATE | OLD, &[]),
    e(401, "PPME_SYSCALL_PRCTL_X", "prctl", Process, Syscall, STATE, &[
        p("res", T::Errno, Dec), fl("option", T::EnumFlags32, Dec, &flags::PRCTL_OPTIONS),
        p("arg2_str", T::CharBuf, Na), p("arg2_int", T::Int64, Dec),
    ]),
    e(402, "PPME_ASYNCEVENT_E", "asyncevent", Other, Meta, LARGE, &[
        p("plugin_id", T::Uint32, Dec), p("name", T::CharBuf, Na), p("data", T::ByteBuf, Na),
    ]),
    e(403, "PPME_ASYNCEVENT_X", "NA", Unknown, Nothing, UNUSED, &[]),
    e(404, "PPME_SYSCALL_MEMFD_CREATE_E", "memfd_create", Memory, Syscall, CREATES | STATE | OLD, &[]),
    e(405, "PPME_SYSCALL_MEMFD_CREATE_X", "memfd_create", Memory, Syscall, CREATES | STATE, &[
        p("fd", T::Fd, Dec), p("name", T::CharBuf, Na),
        fl("flags", T::Flags32, Hex, &flags::MEMFD_CREATE_FLAGS),
    ]),
    e(406, "PPME_SYSCALL_PIDFD_GETFD_E", "pidfd_getfd", Process, Syscall, CREATES | STATE | OLD, &[]),
    e(407, "PPME_SYSCALL_PIDFD_GETFD_X", "pidfd_getfd", Process, Syscall, CREATES | STATE, &[
        p("fd", T::Fd, Dec), p("pid_fd", T::Fd, Dec), p("target_fd", T::Fd, Dec), p("flags", T::Uint32, Hex),
    ]),
    e(408, "PPME_SYSCALL_PIDFD_OPEN_E", "pidfd_open", Process, Syscall, CREATES | STATE | OLD, &[]),
    e(409, "PPME_SYSCALL_PIDFD_OPEN_X", "pidfd_open", Process, Syscall, CREATES | STATE, &[
        p("fd", T::Fd, Dec), p("pid", T::Pid, Dec), fl("flags", T::Flags32, Hex, &flags::PIDFD_OPEN_FLAGS),
    ]),
    e(410, "PPME_SYSCALL_INIT_MODULE_E", "init_module", Other, Syscall, OLD, &[]),
    e(411, "PPME_SYSCALL_INIT_MODULE_X", "init_module", Other, Syscall, NONE, &[
        p("res", T::Errno, Dec), p("img", T::ByteBuf, Na), p("length", T::Uint64, Dec),
        p("uargs", T::CharBuf, Na),
    ]),
    e(412, "PPME_SYSCALL_FINIT_MODULE_E", "finit_module", Other, Syscall, OLD, &[]),
    e(413, "PPME_SYSCALL_FINIT_MODULE_X", "finit_module", Other, Syscall, USES | READS, &[
        p("res", T::Errno, Dec), p("fd", T::Fd, Dec), p("uargs", T::CharBuf, Na),
        fl("flags", T::Flags32, Hex, &flags::FINIT_MODULE_FLAGS),
    ]),
    e(414, "PPME_SYSCALL_MKNOD_E", "mknod", Other, Syscall, OLD, &[]),
    e(415, "PPME_SYSCALL_MKNOD_X", "mknod", Other, Syscall, NONE, &[
        p("res", T::Errno, Dec), p("path", T::FsPath, Na), fl("mode", T::Mode, Oct, &flags::MKNOD_MODE),
        p("dev", T::Uint32, Dec),
    ]),
    e(416, "PPME_SYSCALL_MKNODAT_E", "mknodat", Other, Syscall, OLD, &[]),
    e(417, "PPME_SYSCALL_MKNODAT_X", "mknodat", Other, Syscall, USES, &[
        p("res", T::Errno, Dec), p("dirfd", T::Fd, Dec), at("path", T::FsRelPath, Na, 1),
        fl("mode", T::Mode, Oct, &flags::MKNOD_MODE), p("dev", T::Uint32, Dec),
    ]),
    e(418, "PPME_SYSCALL_NEWFSTATAT_E", "newfstatat", File, Syscall, OLD, &[]),
    e(419, "PPME_SYSCALL_NEWFSTATAT_X", "newfstatat", File, Syscall, USES, &[
        p("res", T::Errno, Dec), p("dirfd", T::Fd, Dec), at("path", T::FsRelPath, Na, 1),
        fl("flags", T::Flags32, Hex, &flags::NEWFSTATAT_FLAGS),
    ]),
    e(420, "PPME_SYSCALL_PROCESS_VM_READV_E", "process_vm_readv", Ipc, Syscall, OLD, &[]),
    e(421, "PPME_SYSCALL_PROCESS_VM_READV_X", "process_vm_readv", Ipc, Syscall, NONE, &[
        p("res", T::Int64, Dec), p("pid", T::Pid, Dec), p("data", T::ByteBuf, Na),
    ]),
    e(422, "PPME_SYSCALL_PROCESS_VM_WRITEV_E", "process_vm_writev", Ipc, Syscall, OLD, &[]),
    e(423, "PPME_SYSCALL_PROCESS_VM_WRITEV_X", "process_vm_writev", Ipc, Syscall, NONE, &[
        p("res", T::Int64, Dec), p("pid", T::Pid, Dec), p("data", T::ByteBuf, Na),
    ]),
    e(424, "PPME_SYSCALL_DELETE_MODULE_E", "delete_module", Other, Syscall, OLD, &[]),
    e(425, "PPME_SYSCALL_DELETE_MODULE_X", "delete_module", Other, Syscall, NONE, &[
        p("res", T::Errno, Dec), p("name", T::CharBuf, Na),
        fl("flags", T::Flags32, Hex, &flags::DELETE_MODULE_FLAGS),
    ]),
    e(426, "PPME_SYSCALL_SETREUID_E", "setreuid", User, Syscall, STATE | OLD, &[]),
    e(427, "PPME_SYSCALL_SETREUID_X", "setreuid", User, Syscall, STATE, &[
        p("res", T::Errno, Dec), p("ruid", T::Uid, Dec), p("euid", T::Uid, Dec),
    ]),
    e(428, "PPME_SYSCALL_SETREGID_E", "setregid", User, Syscall, OLD, &[]),
    e(429, "PPME_SYSCALL_SETREGID_X", "setregid", User, Syscall, STATE, &[
        p("res", T::Errno, Dec), p("rgid", T::Uid, Dec), p("egid", T::Uid, Dec),
    ]),
    e(430, "PPME_ITER_TASK_E", "task", Process, Iter, STATE, &[
        p("ppid", T::Pid32, Dec), p("pgid", T::Pid32, Dec), p("vpgid", T::Pid32, Dec),
        p("sid", T::Pid32, Dec), p("comm", T::CharBuf, Na), p("argv", T::CharBufArray, Na),
        p("exepath", T::FsPath, Na), fl("flags", T::Flags32, Hex, &flags::EXECVE_FLAGS),
        p("env", T::CharBufArray, Na), p("cwd", T::CharBuf, Na), p("fdlimit", T::Uint64, Dec),
        p("euid", T::Uid, Dec), p("egid", T::Gid, Dec), p("cap_permitted", T::Uint64, Hex),
        p("cap_effective", T::Uint64, Hex), p("cap_inheritable", T::Uint64, Hex),
        p("exe_ino_num", T::Uint64, Dec), p("exe_ino_ctime", T::AbsTime, Dec),
        p("exe_ino_mtime", T::AbsTime, Dec), p("vm_size", T::Uint32, Dec), p("vm_rss", T::Uint32, Dec),
        p("vm_swap", T::Uint32, Dec), p("pgft_maj", T::Uint64, Dec), p("pgft_min", T::Uint64, Dec),
        p("vtgid", T::Pid32, Dec), p("vpid", T::Pid32, Dec), p("pidns_init_start_ts", T::Uint64, Dec),
        p("cgroups", T::CharBufArray, Na), p("root", T::FsPath, Na), p("start_time", T::AbsTime, Dec),
        p("tty", T::Uint32, Dec), p("loginuid", T::Uid, Dec),
    ]),
    e(431, "PPME_ITER_TASK_X", "NA", Unknown, Nothing, UNUSED, &[]),
    e(432, "PPME_ITER_TASK_FILE_PIPE_E", "task_file_pipe", File, Iter, STATE, &[
        p("fd", T::Fd32, Dec), p("path", T::FsPath, Na), p("ino_num", T::Uint64, Dec),
    ]),
    e(433, "PPME_ITER_TASK_FILE_PIPE_X", "NA", Unknown, Nothing, UNUSED, &[]),
    e(434, "PPME_ITER_TASK_FILE_MEMFD_E", "task_file_memfd", File, Iter, STATE, &[
        p("fd", T::Fd32, Dec), p("path", T::FsPath, Na), p("ino_num", T::Uint64, Dec),
    ]),
    e(435, "PPME_ITER_TASK_FILE_MEMFD_X", "NA", Unknown, Nothing, UNUSED, &[]),
    e(436, "PPME_ITER_TASK_FILE_REGULAR_E", "task_file_regular", File, Iter, STATE, &[
        p("fd", T::Fd32, Dec), p("path", T::FsPath, Na), fl("flags", T::Flags32, Hex, &flags::FILE_FLAGS),
        p("mnt_id", T::Uint32, Dec), p("ino_num", T::Uint64, Dec),
    ]),
    e(437, "PPME_ITER_TASK_FILE_REGULAR_X", "NA", Unknown, Nothing, UNUSED, &[]),
    e(438, "PPME_ITER_TASK_FILE_DIRECTORY_E", "task_file_directory", File, Iter, STATE, &[
        p("fd", T::Fd32, Dec), p("path", T::FsPath, Na), p("ino_num", T::Uint64, Dec),
    ]),
    e(439, "PPME_ITER_TASK_FILE_DIRECTORY_X", "NA", Unknown, Nothing, UNUSED, &[]),
    e(440, "PPME_ITER_TASK_FILE_SOCKET_INET_E", "task_file_socket_inet", File, Iter, STATE, &[
        p("fd", T::Fd32, Dec), p("sk_type", T::Uint16, Dec), p("sk_proto", T::Uint16, Dec),
        p("local_ip", T::Ipv4Addr, Hex), p("local_port", T::Port, Hex), p("remote_ip", T::Ipv4Addr, Hex),
        p("remote_port", T::Port, Hex), p("ino_num", T::Uint64, Dec),
    ]),
    e(441, "PPME_ITER_TASK_FILE_SOCKET_INET_X", "NA", Unknown, Nothing, UNUSED, &[]),
    e(442, "PPME_ITER_TASK_FILE_SOCKET_INET6_E", "task_file_socket_inet6", File, Iter, STATE, &[
        p("fd", T::Fd32, Dec), p("sk_type", T::Uint16, Dec), p("sk_proto", T::Uint16, Dec),
        p("local_ip", T::Ipv6Addr, Hex), p("local_port", T::Port, Hex), p("remote_ip", T::Ipv6Addr, Hex),
        p("remote_port", T::Port, Hex), p("ino_num", T::Uint64, Dec),
    ]),
    e(443, "PPME_ITER_TASK_FILE_SOCKET_INET6_X", "NA", Unknown, Nothing, UNUSED, &[]),
    e(444, "PPME_ITER_TASK_FILE_SOCKET_UNIX_E", "task_file_socket_unix", File, Iter, STATE, &[
        p("fd", T::Fd32, Dec), p("sk_type", T::Uint16, Dec), p("sk_proto", T::Uint16, Dec),
        p("sk_pointer", T::Uint64, Na), p("sun_path", T::FsPath, Na), p("ino_num", T::Uint64, Dec),
    ]),
    e(445, "PPME_ITER_TASK_FILE_SOCKET_UNIX_X", "NA", Unknown, Nothing, UNUSED, &[]),
    e(446, "PPME_ITER_TASK_FILE_SOCKET_NETLINK_E", "task_file_socket_netlink", File, Iter, STATE, &[
        p("fd", T::Fd32, Dec), p("sk_type", T::Uint16, Dec), p("sk_proto", T::Uint16, Dec),
        p("ino_num", T::Uint64, Dec),
    ]),
    e(447, "PPME_ITER_TASK_FILE_SOCKET_NETLINK_X", "NA", Unknown, Nothing, UNUSED, &[]),
    e(448, "PPME_ITER_TASK_FILE_ANON_INODE_E", "task_file_anon_inode", File, Iter, STATE, &[
        p("fd", T::Fd32, Dec), fl("fd_type", T::Flags8, Dec, &flags::ANON_INODE_FD_TYPES),
        p("path", T::FsPath, Na), p("ino_num", T::Uint64, Dec),
    ]),
    e(449, "PPME_ITER_TASK_FILE_ANON_INODE_X", "NA", Unknown, Nothing, UNUSED, &[]),
    e(450, "PPME_SYSCALL_CLOSE_RANGE_E", "NA", Unknown, Nothing, UNUSED, &[]),
    e(451, "PPME_SYSCALL_CLOSE_RANGE_X", "close_range", IoOther, Syscall, STATE, &[
        p("res", T::Errno, Dec), p("first", T::Uint32, Dec), p("last", T::Uint32, Dec),
        fl("flags", T::Flags32, Hex, &flags::CLOSE_RANGE_FLAGS),
    ]),
    e(452, "PPME_SYSCALL_KEYCTL_E", "NA", Unknown, Nothing, UNUSED, &[]),
    e(453, "PPME_SYSCALL_KEYCTL_X", "keyctl", Other, Syscall, NONE, &[
        p("res", T::Errno, Dec), fl("operation", T::EnumFlags32, Dec, &flags::KEYCTL_OPERATIONS),
        dy("arg2", Dec, &flags::KEYCTL_DYNAMIC_PARAM), dy("arg3", Dec, &flags::KEYCTL_DYNAMIC_PARAM),
        dy("arg4", Dec, &flags::KEYCTL_DYNAMIC_PARAM), dy("arg5", Dec, &flags::KEYCTL_DYNAMIC_PARAM),
    ]),
];
