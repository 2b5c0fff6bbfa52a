/* SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause */
/* What processes do through io_uring, as events of the system calls that do the same.
 *
 * Such an event has one parameter more than its type, of one byte: 1, plus 2 if the result is not known.
 *
 * A request is looked at when it is submitted: the kernel has copied names and addresses by then, and they are
 * copied once more, because they are gone when it completes. The event is written when it completes, by the
 * clock of that moment, as of the thread that submitted it (with SQPOLL: the process's first).
 *
 * A completion is told by one of:
 *   io_uring_complete with the request,
 *   io_uring_complete without it, for each result but the last of a request that has several: found by ring and
 *     user data,
 *   io_uring_cqe_overflow where the completion queue is full (6.12 and later tell nothing else then), with ring
 *     and user data too. Where several requests match, all of them are told, with an unknown result.
 * With IOSQE_CQE_SKIP_SUCCESS there is none. Such a request is told when it is submitted, with an unknown result;
 * so is one that there is no room to remember.
 *
 * An unknown result is 0, and UNKNOWN_FD for a call that gives a descriptor. Descriptors in a ring's own table
 * (fixed files) are FIXED_FD plus their index. */
#pragma once

#include "values.h"

#define FIXED_FD 0x40000000
#define UNKNOWN_FD 0x7fffffff
#define IORING_FILE_INDEX_ALLOC 0xffffffff
/* Flags of a submission queue's entry are the lowest flags of a request: interface of the kernel. */
#define IOSQE_FIXED_FILE 1
#define IOSQE_BUFFER_SELECT 32
#define IOSQE_CQE_SKIP_SUCCESS 64
#define IORING_RECV_MULTISHOT 2
#define IORING_CQE_F_MORE 2
#define IORING_SETUP_SQPOLL 2
#define O_LARGEFILE 0100000

struct io_cqe {
	u64 user_data;
	s32 fd;
} CORE;

struct io_rsrc_node {
	unsigned long file_ptr;
} CORE;

struct io_rsrc_data {
	unsigned int nr;
	struct io_rsrc_node **nodes;
} CORE;

struct io_file_table {
	struct io_rsrc_data data;
} CORE;

/* before 6.13 */
struct io_file_table___old {
	unsigned long *files;
} CORE;

struct io_ring_ctx {
	unsigned int flags, compat : 1;
	struct io_file_table file_table;
} CORE;

struct io_ring_ctx___old {
	struct io_file_table___old file_table;
	unsigned int nr_user_files;
} CORE;

struct io_kiocb {
	struct file *file;
	u8 opcode;
	u32 flags;
	struct io_cqe cqe;
	struct io_ring_ctx *ctx;
	void *async_data;
} CORE;

struct io_uring_cqe {
	u64 user_data;
	s32 res;
} CORE;

struct filename {
	const char *name;
} CORE;

struct open_how {
	u64 flags, mode, resolve;
} CORE;

/* A request's own part, by operation. */
struct io_open {
	int dfd;
	u32 file_slot;
	struct filename *filename;
	struct open_how how;
} CORE;

struct io_unlink {
	int dfd, flags;
	struct filename *filename;
} CORE;

struct io_rename {
	int old_dfd, new_dfd;
	struct filename *oldpath, *newpath;
	int flags;
} CORE;

struct io_link {
	int old_dfd, new_dfd;
	struct filename *oldpath, *newpath;
	int flags;
} CORE;

struct io_mkdir {
	int dfd;
	u16 mode;
	struct filename *filename;
} CORE;

struct io_socket {
	int domain, type, protocol, flags;
	u32 file_slot;
} CORE;

struct io_connect {
	void *addr;
	int addr_len;
} CORE;

struct io_bind {
	int addr_len;
} CORE;

struct io_listen {
	int backlog;
} CORE;

struct io_accept {
	int flags;
	u32 file_slot;
} CORE;

struct io_shutdown {
	int how;
} CORE;

struct io_close {
	int fd;
	u32 file_slot;
} CORE;

struct io_sr_msg {
	void *buf;
	int len;
	u16 flags;
} CORE;

/* addresses of send, in kernels that read them late */
struct io_sr_msg___old {
	void *addr;
	u16 addr_len;
} CORE;

struct msghdr {
	void *msg_name;
	int msg_namelen;
} CORE;

struct __kernel_sockaddr_storage {
	u16 ss_family;
} CORE;

struct iou_vec {
	void *iovec;
} CORE;

struct io_async_msghdr {
	struct iou_vec vec;
	struct msghdr msg;
	struct __kernel_sockaddr_storage addr;
} CORE;

/* in kernels that copy an address only if they must wait */
struct io_async_connect {
	struct __kernel_sockaddr_storage address;
} CORE;

struct kiocb {
	s64 ki_pos;
} CORE;

struct io_rw {
	struct kiocb kiocb;
	u64 addr;
	u32 len;
} CORE;

enum {
	IORING_OP_READV = 1,
	IORING_OP_WRITEV = 2,
	IORING_OP_READ_FIXED = 4,
	IORING_OP_WRITE_FIXED = 5,
	IORING_OP_SENDMSG = 9,
	IORING_OP_RECVMSG = 10,
	IORING_OP_ACCEPT = 13,
	IORING_OP_CONNECT = 16,
	IORING_OP_OPENAT = 18,
	IORING_OP_CLOSE = 19,
	IORING_OP_READ = 22,
	IORING_OP_WRITE = 23,
	IORING_OP_SEND = 26,
	IORING_OP_RECV = 27,
	IORING_OP_OPENAT2 = 28,
	IORING_OP_SHUTDOWN = 34,
	IORING_OP_RENAMEAT = 35,
	IORING_OP_UNLINKAT = 36,
	IORING_OP_MKDIRAT = 37,
	IORING_OP_SYMLINKAT = 38,
	IORING_OP_LINKAT = 39,
	IORING_OP_SOCKET = 45,
	IORING_OP_SEND_ZC = 47,
	IORING_OP_SENDMSG_ZC = 48,
	IORING_OP_READ_MULTISHOT = 49,
	IORING_OP_FIXED_FD_INSTALL = 54,
	IORING_OP_BIND = 56,
	IORING_OP_LISTEN = 57,
	IORING_OP_READV_FIXED = 60,
	IORING_OP_WRITEV_FIXED = 61,
	OPERATIONS = 64,
};

enum {
	CALL_read = 0,
	CALL_write = 1,
	CALL_close = 3,
	CALL_pread64 = 17,
	CALL_pwrite64 = 18,
	CALL_readv = 19,
	CALL_writev = 20,
	CALL_dup = 32,
	CALL_socket = 41,
	CALL_connect = 42,
	CALL_sendto = 44,
	CALL_recvfrom = 45,
	CALL_sendmsg = 46,
	CALL_recvmsg = 47,
	CALL_shutdown = 48,
	CALL_bind = 49,
	CALL_listen = 50,
	CALL_openat = 257,
	CALL_mkdirat = 258,
	CALL_unlinkat = 263,
	CALL_linkat = 265,
	CALL_symlinkat = 266,
	CALL_accept4 = 288,
	CALL_preadv = 295,
	CALL_pwritev = 296,
	CALL_renameat2 = 316,
	CALL_openat2 = 437,
};

/* The system call that does what an operation does, and the one that does it at a place in a file. */
struct call {
	u16 known, plain, placed;
};

static const struct call calls[OPERATIONS] = {
#define SAME(operation, call) [IORING_OP_##operation] = { 1, CALL_##call, CALL_##call }
#define EITHER(operation, plain, placed) [IORING_OP_##operation] = { 1, CALL_##plain, CALL_##placed }
	EITHER(READV, readv, preadv),
	EITHER(WRITEV, writev, pwritev),
	EITHER(READ_FIXED, read, pread64),
	EITHER(WRITE_FIXED, write, pwrite64),
	SAME(SENDMSG, sendmsg),
	SAME(RECVMSG, recvmsg),
	SAME(ACCEPT, accept4),
	SAME(CONNECT, connect),
	SAME(OPENAT, openat),
	SAME(CLOSE, close),
	EITHER(READ, read, pread64),
	EITHER(WRITE, write, pwrite64),
	SAME(SEND, sendto),
	SAME(RECV, recvfrom),
	SAME(OPENAT2, openat2),
	SAME(SHUTDOWN, shutdown),
	SAME(RENAMEAT, renameat2),
	SAME(UNLINKAT, unlinkat),
	SAME(MKDIRAT, mkdirat),
	SAME(SYMLINKAT, symlinkat),
	SAME(LINKAT, linkat),
	SAME(SOCKET, socket),
	SAME(SEND_ZC, sendto),
	SAME(SENDMSG_ZC, sendmsg),
	EITHER(READ_MULTISHOT, read, pread64),
	SAME(FIXED_FD_INSTALL, dup),
	SAME(BIND, bind),
	SAME(LISTEN, listen),
	EITHER(READV_FIXED, readv, preadv),
	EITHER(WRITEV_FIXED, writev, pwritev),
#undef SAME
#undef EITHER
};

/* How an operation is remembered. */
enum {
	/* `first`, and `second` if it is not 0, are names in the kernel */
	HAS_NAMES = 1,
	/* `first` is an address of `address_len` bytes */
	HAS_ADDRESS = 2,
	/* it is the user's */
	ADDRESS_OF_USER = 4,
	/* the request is being submitted: `first` and `second` can be followed */
	IS_LIVE = 8,
	/* names are in `long_texts` */
	IS_LONG = 16,
	/* it may have several results */
	IS_REPEATING = 32,
	/* the kernel chooses the buffer */
	BUFFER_CHOSEN = 64,
};

/* A request. Arguments are in the order in which its event has them. */
struct operation {
	u64 ring, user_data;
	u64 args[4];
	u64 first, second;
	u32 tid, tgid;
	/* where the result goes in the ring's own table, plus 1; 0 for a descriptor */
	u32 slot;
	s32 fd;
	u16 call, address_len;
	u8 opcode, how;
	u8 pad[2];
};

#define SHORT_TEXT 256

struct short_texts {
	u8 first[SHORT_TEXT], second[SHORT_TEXT];
};

struct long_texts {
	u8 first[MAX_TEXT], second[MAX_TEXT];
};

/* Requests that have not completed, by their address in the kernel. */
struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 16384);
	__type(key, u64);
	__type(value, struct operation);
} pending SEC(".maps");

/* Their names and addresses: those that are short, and all others. */
struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 4096);
	__type(key, u64);
	__type(value, struct short_texts);
} short_texts SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 128);
	__type(key, u64);
	__type(value, struct long_texts);
} long_texts SEC(".maps");

struct origin {
	u64 ring, user_data;
};

/* A request that is being looked at, and an event that is written: the stack has no room for them. */
struct draft {
	struct operation op;
	struct state state;
};

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, 1);
	__type(key, u32);
	__type(value, struct draft);
} drafts SEC(".maps");

/* The latest request of those that may have several results, 0 if it has ended, and how many there are. */
struct repeated {
	u64 request, count;
};

/* Such requests, by what their results have. */
struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 4096);
	__type(key, struct origin);
	__type(value, struct repeated);
} repeating SEC(".maps");

/* An address as a plain number, which functions take as an argument. */
static __always_inline u64 number_from(void *pointer)
{
	u64 number = 0;
	bpf_probe_read_kernel(&number, sizeof(number), &pointer);
	return number;
}

/* Where the address of a send is, for send and for sendmsg with the user's `message`. */
static __always_inline void find_peer(struct operation *op, u64 request, struct msghdr_user *message)
{
	struct io_async_connect *late = 0;
	if (!bpf_core_field_exists(late->address)) {
		struct io_async_msghdr *copy = BPF_CORE_READ((struct io_kiocb *)request, async_data);
		op->first = (u64)BPF_CORE_READ(copy, msg.msg_name);
		op->address_len = BPF_CORE_READ(copy, msg.msg_namelen);
		op->how |= HAS_ADDRESS;
	} else if (message) {
		op->first = message->name;
		op->address_len = message->namelen;
		op->how |= HAS_ADDRESS | ADDRESS_OF_USER;
	} else {
		struct io_sr_msg___old *old = (void *)request;
		op->first = (u64)BPF_CORE_READ(old, addr);
		op->address_len = BPF_CORE_READ(old, addr_len);
		op->how |= HAS_ADDRESS | ADDRESS_OF_USER;
	}
	if (!op->first)
		op->how &= ~HAS_ADDRESS;
}

static __always_inline int has_known_family(u64 address)
{
	u16 family = 0;
	bpf_probe_read_kernel(&family, 2, (void *)address);
	return family == AF_UNIX || family == AF_INET || family == AF_INET6;
}

/* The kernel's copy of the address of a connect or bind. It is alone (kernels with the change "use sockaddr
 * directly" of June 2026, which stable series have too) or inside an io_async_msghdr, and nothing says which.
 * A message begins with an aligned pointer, which is no family; to 6.13 with an old iovec, which can look like
 * one: then the user's own address, if it is known, decides. */
static __always_inline u64 copied_address(u64 request, u64 of_user)
{
	struct io_async_msghdr *message = 0;
	u64 alone = (u64)BPF_CORE_READ((struct io_kiocb *)request, async_data), in_kernel = 0, users = 1;
	u64 inside = alone + bpf_core_field_offset(struct io_async_msghdr, addr);
	if (!has_known_family(alone))
		return inside;
	if (bpf_core_field_exists(message->vec) || !has_known_family(inside))
		return alone;
	bpf_probe_read_kernel(&in_kernel, 8, (void *)alone);
	bpf_probe_read_user(&users, 8, (void *)of_user);
	return in_kernel == users ? alone : inside;
}

/* What a request that opens, names or makes something is asked to do. */
__noinline int describe_names(struct operation *op, u64 request)
{
	if (!op)
		return 0;
	switch (op->opcode) {
	case IORING_OP_OPENAT:
	case IORING_OP_OPENAT2: {
		struct io_open *open = (void *)request;
		op->args[0] = (s64)BPF_CORE_READ(open, dfd);
		/* the kernel has added O_LARGEFILE, which the system calls do not tell */
		op->args[1] = BPF_CORE_READ(open, how.flags) & ~O_LARGEFILE;
		op->args[2] = BPF_CORE_READ(open, how.mode);
		op->args[3] = BPF_CORE_READ(open, how.resolve);
		op->slot = BPF_CORE_READ(open, file_slot);
		op->first = (u64)BPF_CORE_READ(open, filename, name);
		break;
	}
	case IORING_OP_UNLINKAT: {
		struct io_unlink *unlink = (void *)request;
		op->args[0] = (s64)BPF_CORE_READ(unlink, dfd);
		op->args[1] = BPF_CORE_READ(unlink, flags);
		op->first = (u64)BPF_CORE_READ(unlink, filename, name);
		break;
	}
	case IORING_OP_MKDIRAT: {
		struct io_mkdir *mkdir = (void *)request;
		op->args[0] = (s64)BPF_CORE_READ(mkdir, dfd);
		op->args[1] = BPF_CORE_READ(mkdir, mode);
		op->first = (u64)BPF_CORE_READ(mkdir, filename, name);
		break;
	}
	case IORING_OP_RENAMEAT: {
		struct io_rename *rename = (void *)request;
		op->args[0] = (s64)BPF_CORE_READ(rename, old_dfd);
		op->args[1] = (s64)BPF_CORE_READ(rename, new_dfd);
		op->args[2] = BPF_CORE_READ(rename, flags);
		op->first = (u64)BPF_CORE_READ(rename, oldpath, name);
		op->second = (u64)BPF_CORE_READ(rename, newpath, name);
		break;
	}
	default: {
		struct io_link *link = (void *)request;
		if (op->opcode == IORING_OP_LINKAT) {
			op->args[0] = (s64)BPF_CORE_READ(link, old_dfd);
			op->args[2] = BPF_CORE_READ(link, flags);
		}
		op->args[1] = (s64)BPF_CORE_READ(link, new_dfd);
		op->first = (u64)BPF_CORE_READ(link, oldpath, name);
		op->second = (u64)BPF_CORE_READ(link, newpath, name);
	}
	}
	op->how |= HAS_NAMES;
	return 0;
}

/* What a request about a socket or a descriptor is asked to do. */
__noinline int describe_socket(struct operation *op, u64 request)
{
	struct io_async_connect *late = 0;
	if (!op)
		return 0;
	switch (op->opcode) {
	case IORING_OP_CONNECT: {
		struct io_connect *connect = (void *)request;
		op->address_len = BPF_CORE_READ(connect, addr_len);
		op->first = (u64)BPF_CORE_READ(connect, addr);
		op->how |= HAS_ADDRESS | ADDRESS_OF_USER;
		if (!bpf_core_field_exists(late->address)) {
			op->first = copied_address(request, op->first);
			op->how &= ~ADDRESS_OF_USER;
		}
		break;
	}
	case IORING_OP_BIND: {
		struct io_bind *bind = (void *)request;
		if (!bpf_core_field_exists(bind->addr_len))
			break;
		op->address_len = BPF_CORE_READ(bind, addr_len);
		op->first = copied_address(request, 0);
		op->how |= HAS_ADDRESS;
		break;
	}
	case IORING_OP_LISTEN: {
		struct io_listen *listen = (void *)request;
		if (bpf_core_field_exists(listen->backlog))
			op->args[0] = BPF_CORE_READ(listen, backlog);
		break;
	}
	case IORING_OP_ACCEPT: {
		struct io_accept *accept = (void *)request;
		op->args[0] = BPF_CORE_READ(accept, flags);
		op->slot = BPF_CORE_READ(accept, file_slot);
		op->how |= IS_REPEATING;
		break;
	}
	case IORING_OP_SOCKET: {
		struct io_socket *socket = (void *)request;
		op->args[0] = BPF_CORE_READ(socket, domain);
		op->args[1] = BPF_CORE_READ(socket, type) | BPF_CORE_READ(socket, flags);
		op->args[2] = BPF_CORE_READ(socket, protocol);
		op->slot = BPF_CORE_READ(socket, file_slot);
		break;
	}
	case IORING_OP_SHUTDOWN:
		op->args[0] = BPF_CORE_READ((struct io_shutdown *)request, how);
		break;
	case IORING_OP_CLOSE: {
		struct io_close *close = (void *)request;
		u32 slot = BPF_CORE_READ(close, file_slot);
		op->fd = slot ? FIXED_FD | (slot - 1) : BPF_CORE_READ(close, fd);
	}
	}
	return 0;
}

/* Messages and vectors of 32-bit programs are others. */
static __always_inline int is_compat(u64 ring)
{
	struct io_ring_ctx *ctx = (void *)ring;
	return BPF_CORE_READ_BITFIELD_PROBED(ctx, compat);
}

/* What a request that moves data is asked to do: args are a buffer or vector, its length, a place, and the
 * user's message or the bytes that a vector has. */
__noinline int describe_data(struct operation *op, u64 request)
{
	if (!op)
		return 0;
	struct io_sr_msg *io = (void *)request;
	switch (op->call) {
	case CALL_sendmsg:
	case CALL_recvmsg: {
		struct msghdr_user message = {};
		op->args[3] = (u64)BPF_CORE_READ(io, buf);
		if (!is_compat(op->ring))
			bpf_probe_read_user(&message, sizeof(message), (void *)op->args[3]);
		op->args[0] = message.iov;
		op->args[1] = message.iovlen;
		op->args[2] = iov_size(message.iov, message.iovlen);
		if (op->call == CALL_sendmsg) {
			find_peer(op, request, &message);
		} else {
			/* written by the kernel, so read when it completes */
			op->first = message.name;
			if (BPF_CORE_READ(io, flags) & IORING_RECV_MULTISHOT)
				op->how |= IS_REPEATING;
		}
		break;
	}
	case CALL_sendto:
	case CALL_recvfrom:
		op->args[0] = (u64)BPF_CORE_READ(io, buf);
		op->args[1] = (u32)BPF_CORE_READ(io, len);
		if (op->call == CALL_sendto)
			find_peer(op, request, 0);
		else if (BPF_CORE_READ(io, flags) & IORING_RECV_MULTISHOT)
			op->how |= IS_REPEATING;
		break;
	default: {
		struct io_rw *rw = (void *)request;
		op->args[0] = BPF_CORE_READ(rw, addr);
		op->args[1] = BPF_CORE_READ(rw, len);
		op->args[2] = BPF_CORE_READ(rw, kiocb.ki_pos);
		if (op->call == CALL_readv || op->call == CALL_writev || op->call == CALL_preadv ||
		    op->call == CALL_pwritev)
			op->args[3] = is_compat(op->ring) ? 0 : iov_size(op->args[0], op->args[1]);
		if (op->opcode == IORING_OP_READ_MULTISHOT)
			op->how |= IS_REPEATING;
	}
	}
	return 0;
}

static __always_inline void describe(struct operation *op, u64 request)
{
	switch (op->call) {
	case CALL_openat:
	case CALL_openat2:
	case CALL_unlinkat:
	case CALL_mkdirat:
	case CALL_renameat2:
	case CALL_linkat:
	case CALL_symlinkat:
		describe_names(op, request);
		break;
	case CALL_connect:
	case CALL_bind:
	case CALL_listen:
	case CALL_accept4:
	case CALL_socket:
	case CALL_shutdown:
	case CALL_close:
	case CALL_dup:
		describe_socket(op, request);
		break;
	default:
		describe_data(op, request);
	}
}

/* Keeps names or the address beside the request; whether there was room. */
__noinline int keep_texts(struct operation *op, u64 request)
{
	struct scratch *s = scratch();
	if (!s || !op || s->busy)
		return 0;
	long failed;
	s->busy = 1;
	if (op->how & HAS_ADDRESS) {
		u32 len = op->address_len > 128 ? 128 : op->address_len;
		if (op->how & ADDRESS_OF_USER)
			bpf_probe_read_user(s->data, len, (void *)op->first);
		else
			bpf_probe_read_kernel(s->data, len, (void *)op->first);
		failed = bpf_map_update_elem(&short_texts, &request, s->data, BPF_ANY);
	} else {
		long first = bpf_probe_read_kernel_str(s->data, MAX_TEXT, (void *)op->first), second = 0;
		s->data[MAX_TEXT] = 0;
		if (op->second)
			second = bpf_probe_read_kernel_str(s->data + MAX_TEXT, MAX_TEXT, (void *)op->second);
		if (first <= SHORT_TEXT && second <= SHORT_TEXT) {
			bpf_probe_read_kernel(s->data + SHORT_TEXT, SHORT_TEXT, s->data + MAX_TEXT);
			failed = bpf_map_update_elem(&short_texts, &request, s->data, BPF_ANY);
		} else {
			op->how |= IS_LONG;
			failed = bpf_map_update_elem(&long_texts, &request, s->data, BPF_ANY);
		}
	}
	s->busy = 0;
	return failed == 0;
}

static __always_inline void forget_texts(u8 how, u64 request)
{
	if (how & IS_LONG)
		bpf_map_delete_elem(&long_texts, &request);
	else if (how & (HAS_NAMES | HAS_ADDRESS))
		bpf_map_delete_elem(&short_texts, &request);
}

static __always_inline void forget(struct operation *op, u64 request)
{
	struct origin origin = { op->ring, op->user_data };
	u8 how = op->how;
	bpf_map_delete_elem(&pending, &request);
	forget_texts(how, request);
	if (!(how & IS_REPEATING))
		return;
	struct repeated *same = bpf_map_lookup_elem(&repeating, &origin);
	if (!same)
		return;
	if (same->request == request)
		same->request = 0;
	if (__sync_fetch_and_add(&same->count, -1) <= 1)
		bpf_map_delete_elem(&repeating, &origin);
}

static __always_inline int keep_origin(struct operation *op, u64 request)
{
	struct origin origin = { op->ring, op->user_data };
	struct repeated first = { request, 1 };
	struct repeated *same = bpf_map_lookup_elem(&repeating, &origin);
	if (!same)
		return bpf_map_update_elem(&repeating, &origin, &first, BPF_ANY) == 0;
	same->request = request;
	__sync_fetch_and_add(&same->count, 1);
	return 1;
}

/* Keeps a request until it completes; whether there was room. */
static __always_inline int keep(struct operation *op, u64 request)
{
	if ((op->how & (HAS_NAMES | HAS_ADDRESS)) && !keep_texts(op, request))
		return 0;
	if (bpf_map_update_elem(&pending, &request, op, BPF_ANY) == 0) {
		if (!(op->how & IS_REPEATING) || keep_origin(op, request))
			return 1;
		bpf_map_delete_elem(&pending, &request);
	}
	forget_texts(op->how, request);
	return 0;
}

/* The file at an index of a ring's own table. */
static __always_inline struct file *file_in_slot(u64 ring, u32 slot)
{
	struct io_ring_ctx *ctx = (void *)ring;
	struct io_ring_ctx___old *before = (void *)ring;
	u64 file = 0;
	if (bpf_core_field_exists(ctx->file_table.data)) {
		struct io_rsrc_node **nodes = BPF_CORE_READ(ctx, file_table.data.nodes), *node = 0;
		if (slot >= BPF_CORE_READ(ctx, file_table.data.nr))
			return 0;
		bpf_probe_read_kernel(&node, 8, (void *)((u64)nodes + 8 * (u64)slot));
		file = BPF_CORE_READ(node, file_ptr);
	} else {
		u64 files = (u64)BPF_CORE_READ(before, file_table.files);
		if (slot >= BPF_CORE_READ(before, nr_user_files))
			return 0;
		bpf_probe_read_kernel(&file, 8, (void *)(files + 8 * (u64)slot));
	}
	/* the lowest bits are flags */
	return (void *)(file & ~7ULL);
}

/* Whether memory and descriptors of the submitter are those of the current task. */
static __always_inline int is_at_home(struct operation *op)
{
	struct task_struct *task = bpf_get_current_task_btf();
	return task->tgid == op->tgid;
}

/* A descriptor that is the result. */
static __always_inline s64 descriptor(struct operation *op, s64 ret, u32 known)
{
	if (!known)
		return UNKNOWN_FD;
	if (ret < 0 || !op->slot)
		return ret;
	return FIXED_FD | (op->slot == IORING_FILE_INDEX_ALLOC ? ret : op->slot - 1);
}

/* The file that is the result. */
static __always_inline struct file *file_of_result(struct operation *op, s64 ret, u32 known)
{
	if (!known || ret < 0)
		return 0;
	if (op->slot)
		return file_in_slot(op->ring, op->slot == IORING_FILE_INDEX_ALLOC ? ret : op->slot - 1);
	return is_at_home(op) ? file_of(ret) : 0;
}

/* The socket that the request is about. Its file is looked up late, so before that the descriptor tells. */
static __always_inline struct sock *sock_of_request(struct operation *op, u64 request)
{
	struct file *file = BPF_CORE_READ((struct io_kiocb *)request, file);
	if (!file && op->fd < FIXED_FD && is_at_home(op))
		file = file_of(op->fd);
	return sock_in(file);
}

static __always_inline void put_name(struct scratch *s, struct state *st, struct operation *op, u64 request,
				     u32 second)
{
	if (op->how & IS_LIVE) {
		put_kernel_text(s, st, (void *)(second ? op->second : op->first));
	} else if (op->how & IS_LONG) {
		struct long_texts *texts = bpf_map_lookup_elem(&long_texts, &request);
		put_kernel_text(s, st, texts ? (second ? texts->second : texts->first) : 0);
	} else {
		struct short_texts *texts = bpf_map_lookup_elem(&short_texts, &request);
		put_kernel_text(s, st, texts ? (second ? texts->second : texts->first) : 0);
	}
}

/* Parameters of calls with names. */
__noinline int put_named(struct state *st, struct operation *op, u64 request, u32 known)
{
	struct scratch *s = scratch();
	if (!s || !st || !op)
		return 0;
	u32 opens = op->call == CALL_openat || op->call == CALL_openat2;
	put_u64(s, st, opens ? descriptor(op, st->ret, known) : st->ret);
	if (op->call != CALL_symlinkat)
		put_u64(s, st, op->args[0]);
	put_name(s, st, op, request, 0);
	if (opens) {
		struct file *file = file_of_result(op, st->ret, known);
		struct inode *inode = file ? BPF_CORE_READ(file, f_inode) : 0;
		u32 facts = 0;
		if (file && op->call == CALL_openat) {
			facts = layer_of(inode, 0);
			facts |= BPF_CORE_READ(file, f_mode) & FMODE_CREATED ? FACT_CREATED : 0;
		}
		put_u32(s, st, op->args[1] | facts);
		put_u32(s, st, op->args[2]);
		if (op->call == CALL_openat2)
			put_u32(s, st, op->args[3]);
		put_u32(s, st, inode ? dev_of(inode) : 0);
		put_u64(s, st, inode ? BPF_CORE_READ(inode, i_ino) : 0);
		return 0;
	}
	if (op->call == CALL_unlinkat || op->call == CALL_mkdirat) {
		put_u32(s, st, op->args[1]);
		return 0;
	}
	put_u64(s, st, op->args[1]);
	put_name(s, st, op, request, 1);
	if (op->call != CALL_symlinkat)
		put_u32(s, st, op->args[2]);
	return 0;
}

/* Where the address of a request can be read now; 0 if it has none. */
static __always_inline u64 address_of(struct state *st, struct operation *op, u64 request)
{
	if (!(op->how & HAS_ADDRESS))
		return 0;
	if (op->how & IS_LIVE) {
		st->from_kernel = !(op->how & ADDRESS_OF_USER);
		return op->first;
	}
	struct short_texts *texts = bpf_map_lookup_elem(&short_texts, &request);
	st->from_kernel = 1;
	return texts ? number_from(texts) : 0;
}

/* The address of a request. */
__noinline int put_address(struct state *st, u64 address, u32 len)
{
	struct scratch *s = scratch();
	if (s && st)
		put_sockaddr(s, st, address, len);
	return 0;
}

/* Parameters of calls about sockets that move no data, and about descriptors. */
__noinline int put_socket(struct state *st, struct operation *op, u64 request, u32 known)
{
	struct scratch *s = scratch();
	if (!s || !st || !op)
		return 0;
	u32 makes = op->call == CALL_accept4 || op->call == CALL_socket || op->call == CALL_dup;
	put_u64(s, st, makes ? descriptor(op, st->ret, known) : st->ret);
	switch (op->call) {
	case CALL_connect: {
		u64 address = address_of(st, op, request);
		put_ends(st, (u64)sock_of_request(op, request), OUTBOUND, address);
		put_u64(s, st, op->fd);
		put_address(st, address, op->address_len);
		break;
	}
	case CALL_bind:
		put_address(st, address_of(st, op, request), op->address_len);
		put_u64(s, st, op->fd);
		break;
	case CALL_accept4: {
		struct sock *sk = sock_of_request(op, request);
		u32 len = sk ? BPF_CORE_READ(sk, sk_ack_backlog) : 0;
		u32 max = sk ? BPF_CORE_READ(sk, sk_max_ack_backlog) : 0;
		put_ends(st, (u64)sock_in(file_of_result(op, st->ret, known)), INBOUND, 0);
		put_u8(s, st, max ? (u64)len * 100 / max : 0);
		put_u32(s, st, len);
		put_u32(s, st, max);
		put_u32(s, st, op->args[0]);
		break;
	}
	case CALL_socket:
		put_u32(s, st, op->args[0]);
		put_u32(s, st, op->args[1]);
		put_u32(s, st, op->args[2]);
		put_u32(s, st, op->args[1]);
		break;
	default:
		put_u64(s, st, op->fd);
		if (op->call == CALL_listen)
			put_u32(s, st, op->args[0]);
		else if (op->call == CALL_shutdown)
			put_u8(s, st, op->args[0]);
	}
	return 0;
}

/* Bytes that were moved, or were to be: of a buffer. Which one the kernel chose is not to be found everywhere. */
static __always_inline void put_buffer(struct scratch *s, struct state *st, struct operation *op, u32 writes)
{
	s64 size = st->ret > 0 ? st->ret : writes ? op->args[1] : 0;
	put_bytes(s, st, is_at_home(op) && !(op->how & BUFFER_CHOSEN) ? op->args[0] : 0, size);
}

/* The same of a vector of `all` bytes. */
static __always_inline void put_vector(struct scratch *s, struct state *st, struct operation *op, u64 all)
{
	if (is_at_home(op) && !(op->how & BUFFER_CHOSEN) && !is_compat(op->ring))
		put_iov(st, op->args[0], op->args[1], st->ret > 0 ? st->ret : all);
	else
		put_empty(s, st);
}

/* Control bytes that came with a message. The kernel has written to the user's message how many they are. */
static __always_inline void put_control(struct scratch *s, struct state *st, struct operation *op)
{
	struct msghdr_user message = {};
	if (is_at_home(op) && !is_compat(op->ring))
		bpf_probe_read_user(&message, sizeof(message), (void *)op->args[3]);
	put_bytes(s, st, message.control, message.controllen);
}

/* Parameters of calls that move data through a socket. */
__noinline int put_packet(struct state *st, struct operation *op, u64 request)
{
	struct scratch *s = scratch();
	if (!s || !st || !op)
		return 0;
	u64 sk = (u64)sock_of_request(op, request);
	put_u64(s, st, st->ret);
	switch (op->call) {
	case CALL_sendto:
		put_buffer(s, st, op, 1);
		put_u64(s, st, op->fd);
		put_u32(s, st, op->args[1]);
		put_ends(st, sk, OUTBOUND, address_of(st, op, request));
		break;
	case CALL_sendmsg:
		put_vector(s, st, op, op->args[2]);
		put_u64(s, st, op->fd);
		put_u32(s, st, op->args[2]);
		put_ends(st, sk, OUTBOUND, address_of(st, op, request));
		break;
	case CALL_recvfrom:
		put_buffer(s, st, op, 0);
		put_ends(st, sk, INBOUND, 0);
		put_u64(s, st, op->fd);
		put_u32(s, st, op->args[1]);
		break;
	default: /* recvmsg */
		put_u32(s, st, op->args[2]);
		put_vector(s, st, op, 0);
		put_ends(st, sk, INBOUND, is_at_home(op) ? op->first : 0);
		put_control(s, st, op);
		put_u64(s, st, op->fd);
	}
	return 0;
}

/* Parameters of calls that read or write. */
__noinline int put_moved(struct state *st, struct operation *op)
{
	struct scratch *s = scratch();
	if (!s || !st || !op)
		return 0;
	u16 call = op->call;
	put_u64(s, st, st->ret);
	switch (call) {
	case CALL_read:
	case CALL_write:
	case CALL_pread64:
	case CALL_pwrite64:
		put_buffer(s, st, op, call == CALL_write || call == CALL_pwrite64);
		put_u64(s, st, op->fd);
		put_u32(s, st, op->args[1]);
		break;
	case CALL_readv:
	case CALL_preadv:
		put_u32(s, st, op->args[3]);
		put_vector(s, st, op, 0);
		put_u64(s, st, op->fd);
		break;
	default:
		put_vector(s, st, op, op->args[3]);
		put_u64(s, st, op->fd);
		put_u32(s, st, op->args[3]);
	}
	if (call == CALL_pread64 || call == CALL_pwrite64 || call == CALL_preadv || call == CALL_pwritev)
		put_u64(s, st, op->args[2]);
	return 0;
}

#define BY_URING 1
#define RESULT_UNKNOWN 2

/* Writes the event. `crowded` says that there was no room to wait for the result. */
__noinline int tell(struct operation *op, u64 request, s32 ret, u32 known, u32 crowded)
{
	struct task_struct *task = bpf_get_current_task_btf();
	struct scratch *s = scratch();
	u32 zero = 0;
	struct draft *draft = bpf_map_lookup_elem(&drafts, &zero);
	if (!s || !op || !draft)
		return 0;
	u32 nr = op->call;
	struct recipe *recipe = bpf_map_lookup_elem(&recipes, &nr);
	if (!recipe)
		return 0;
	struct state *st = &draft->state;
	if (s->busy) {
		/* the state may be of the event that is being written */
		struct ledger *l = ledger(recipe->type);
		if (l)
			l->nested++;
		return 0;
	}
	__builtin_memset(st, 0, sizeof(*st));
	st->type = recipe->type;
	if (recipe->count > MAX_OPS || !begin(s, st, recipe->count + 1, task))
		return 0;
	st->lane = recipe->lane;
	st->ret = known ? ret : 0;
	*(u64 *)&s->data[8] = op->tid;
	switch (op->call) {
	case CALL_openat:
	case CALL_openat2:
	case CALL_unlinkat:
	case CALL_mkdirat:
	case CALL_renameat2:
	case CALL_linkat:
	case CALL_symlinkat:
		put_named(st, op, request, known);
		break;
	case CALL_connect:
	case CALL_bind:
	case CALL_listen:
	case CALL_accept4:
	case CALL_socket:
	case CALL_shutdown:
	case CALL_close:
	case CALL_dup:
		put_socket(st, op, request, known);
		break;
	case CALL_sendto:
	case CALL_sendmsg:
	case CALL_recvfrom:
	case CALL_recvmsg:
		put_packet(st, op, request);
		break;
	default:
		put_moved(st, op);
	}
	put_u8(s, st, BY_URING | (known ? 0 : RESULT_UNKNOWN));
	if (crowded) {
		struct ledger *l = ledger(st->type);
		if (l)
			l->crowded++;
	}
	finish(s, st);
	return 0;
}

/* 6.1 calls it io_uring_submit_sqe and passes more behind the request. */
SEC("tp_btf/io_uring_submit_req")
int uring_submit(u64 *ctx)
{
	struct io_kiocb *req = (void *)ctx[0];
	struct task_struct *task = bpf_get_current_task_btf();
	u64 request = number_from(req);
	u8 opcode = req->opcode;
	if (opcode >= OPERATIONS || !calls[opcode].known)
		return 0;
	u16 call = calls[opcode].plain;
	if (call != calls[opcode].placed && BPF_CORE_READ((struct io_rw *)request, kiocb.ki_pos) != -1)
		call = calls[opcode].placed;
	call &= SYSCALLS - 1;
	if (!(interest.bits[call >> 3] & (1 << (call & 7))) || !wanted(task))
		return 0;
	u32 flags = BPF_CORE_READ(req, flags), zero = 0;
	struct draft *draft = bpf_map_lookup_elem(&drafts, &zero);
	if (!draft)
		return 0;
	struct operation *op = &draft->op;
	__builtin_memset(op, 0, sizeof(*op));
	op->ring = (u64)BPF_CORE_READ(req, ctx);
	op->user_data = BPF_CORE_READ(req, cqe.user_data);
	op->tgid = task->tgid;
	/* the kernel's own thread belongs to the process, too */
	op->tid = BPF_CORE_READ(req, ctx, flags) & IORING_SETUP_SQPOLL ? task->tgid : task->pid;
	op->fd = BPF_CORE_READ(req, cqe.fd) | (flags & IOSQE_FIXED_FILE ? FIXED_FD : 0);
	op->call = call;
	op->opcode = opcode;
	op->how = flags & IOSQE_BUFFER_SELECT ? BUFFER_CHOSEN : 0;
	describe(op, request);
	if (flags & IOSQE_CQE_SKIP_SUCCESS) {
		op->how |= IS_LIVE;
		tell(op, request, 0, 0, 0);
	} else if (!keep(op, request)) {
		op->how |= IS_LIVE;
		tell(op, request, 0, 0, 1);
	}
	return 0;
}

/* Requests of a ring with the same user data. */
struct search {
	u64 ring, user_data, found, count;
};

static long count_match(void *map, u64 *request, struct operation *op, struct search *search)
{
	if (op->ring == search->ring && op->user_data == search->user_data) {
		search->found = *request;
		/* 1 or several: the verifier follows every number that it can take */
		search->count = search->count ? 2 : 1;
	}
	return 0;
}

static long tell_match(void *map, u64 *request, struct operation *op, struct search *search)
{
	if (op->ring == search->ring && op->user_data == search->user_data) {
		tell(op, *request, 0, 0, 0);
		/* one that may have more results could hide them otherwise */
		if (!(op->how & IS_REPEATING))
			forget(op, *request);
	}
	return 0;
}

/* The request that a result without one is of; of several one that has not ended. */
static __always_inline u64 request_of(u64 ring, u64 user_data)
{
	struct origin origin = { ring, user_data };
	struct repeated *same = bpf_map_lookup_elem(&repeating, &origin);
	if (!same)
		return 0;
	if (!same->request) {
		struct search search = { .ring = ring, .user_data = user_data };
		bpf_for_each_map_elem(&pending, count_match, &search, 0);
		same->request = search.found;
	}
	return same->request;
}

/* A request has a result, and others will follow or not. */
static __always_inline int has_result(u64 ring, u64 request, u64 user_data, s32 ret, u32 is_last)
{
	struct operation *op = bpf_map_lookup_elem(&pending, &request);
	if (!op)
		return 0;
	/* INVARIANT: memory of a request that ended unseen is another request's now if these differ */
	if (op->ring == ring && op->user_data == user_data &&
	    op->opcode == BPF_CORE_READ((struct io_kiocb *)request, opcode)) {
		tell(op, request, ret, 1, 0);
		if (!is_last)
			return 0;
	}
	forget(op, request);
	return 0;
}

static __always_inline int completed(u64 ring, u64 request, u64 user_data, s32 ret)
{
	return has_result(ring, request ? request : request_of(ring, user_data), user_data, ret, request != 0);
}

SEC("tp_btf/io_uring_complete")
int uring_complete(u64 *ctx)
{
	struct io_uring_cqe *cqe = (void *)ctx[2];
	return completed(number_from((void *)ctx[0]), ctx[1], cqe->user_data, cqe->res);
}

/* As kernels to 6.12 pass it: the entry's values one by one. */
SEC("tp_btf/io_uring_complete")
int uring_complete_values(u64 *ctx)
{
	return completed(ctx[0], ctx[1], ctx[2], ctx[3]);
}

SEC("tp_btf/io_uring_cqe_overflow")
int uring_overflow(u64 *ctx)
{
	struct search search = { .ring = ctx[0], .user_data = ctx[1] };
	bpf_for_each_map_elem(&pending, count_match, &search, 0);
	if (search.count == 1)
		has_result(ctx[0], search.found, ctx[1], ctx[2], !((u32)ctx[3] & IORING_CQE_F_MORE));
	else if (search.count > 1)
		bpf_for_each_map_elem(&pending, tell_match, &search, 0);
	return 0;
}
