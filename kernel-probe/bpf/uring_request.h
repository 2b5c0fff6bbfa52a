/* SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause */
/* Requests of io_uring: what they ask for, and how they are remembered until they complete. */
#pragma once

#include "uring_kernel.h"
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
	/* whose parameters are found alike; 0 for none that is recorded */
	u16 group;
	u16 plain, placed;
};

enum { NAMES = 1, SOCKETS, PACKETS, DATA };

static const struct call calls[OPERATIONS] = {
#define SAME(operation, group, call) [IORING_OP_##operation] = { group, CALL_##call, CALL_##call }
#define EITHER(operation, plain, placed) [IORING_OP_##operation] = { DATA, CALL_##plain, CALL_##placed }
	EITHER(READV, readv, preadv),
	EITHER(WRITEV, writev, pwritev),
	EITHER(READ_FIXED, read, pread64),
	EITHER(WRITE_FIXED, write, pwrite64),
	SAME(SENDMSG, PACKETS, sendmsg),
	SAME(RECVMSG, PACKETS, recvmsg),
	SAME(ACCEPT, SOCKETS, accept4),
	SAME(CONNECT, SOCKETS, connect),
	SAME(OPENAT, NAMES, openat),
	SAME(CLOSE, SOCKETS, close),
	EITHER(READ, read, pread64),
	EITHER(WRITE, write, pwrite64),
	SAME(SEND, PACKETS, sendto),
	SAME(RECV, PACKETS, recvfrom),
	SAME(OPENAT2, NAMES, openat2),
	SAME(SHUTDOWN, SOCKETS, shutdown),
	SAME(RENAMEAT, NAMES, renameat2),
	SAME(UNLINKAT, NAMES, unlinkat),
	SAME(MKDIRAT, NAMES, mkdirat),
	SAME(SYMLINKAT, NAMES, symlinkat),
	SAME(LINKAT, NAMES, linkat),
	SAME(SOCKET, SOCKETS, socket),
	SAME(SEND_ZC, PACKETS, sendto),
	SAME(SENDMSG_ZC, PACKETS, sendmsg),
	EITHER(READ_MULTISHOT, read, pread64),
	SAME(FIXED_FD_INSTALL, SOCKETS, dup),
	SAME(BIND, SOCKETS, bind),
	SAME(LISTEN, SOCKETS, listen),
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
		op->args[2] = iov_size(0, message.iov, message.iovlen);
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
			op->args[3] = is_compat(op->ring) ? 0 : iov_size(0, op->args[0], op->args[1]);
		if (op->opcode == IORING_OP_READ_MULTISHOT)
			op->how |= IS_REPEATING;
	}
	}
	return 0;
}

static __always_inline void describe(struct operation *op, u64 request)
{
	switch (calls[op->opcode & (OPERATIONS - 1)].group) {
	case NAMES:
		describe_names(op, request);
		break;
	case SOCKETS:
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
static __always_inline int remember(struct operation *op, u64 request)
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
