/* SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause */
/* Values of parameters, by kind. The numbers of kinds are those of src/recipe.rs. */
#pragma once

#include "sockets.h"

enum kind {
	K_RET,		/* the result, 8 bytes */
	K_RET32,	/* the result, 4 bytes */
	K_INT,		/* an argument, `extra` bytes of it */
	K_FD,		/* an argument of 32 bits with a sign, as 8 bytes */
	K_TEXT,		/* a text */
	K_DATA_IN,	/* bytes that were read: as many as the result */
	K_DATA_OUT,	/* bytes to be written: as many as the result, or argument `extra` if it failed */
	K_IOV_DATA,	/* bytes of a vector; argument `extra` is its length */
	K_IOV_SIZE,	/* bytes that a vector has room for */
	K_EMPTY,	/* no bytes */
	K_ZERO,		/* `extra` bytes of 0 */
	K_SOCKADDR,	/* an address; argument `extra` is its length */
	K_TUPLE,	/* ends of the socket in an argument; extra: direction, plus 2 + argument of a peer << 4 */
	K_RET_TUPLE,	/* ends of the socket that is the result */
	K_TIMESPEC,	/* nanoseconds of a timespec */
	K_AT64,		/* 8 bytes at an argument + `extra` */
	K_AT32,		/* 4 bytes at an argument + `extra` */
	K_AT32S,	/* the same with a sign, as 8 bytes */
	K_VM,		/* memory of the process in KiB: 0 all, 1 resident, 2 swapped out */
	K_RET_DEV,	/* device of the file that is the result */
	K_RET_INO,	/* inode of the file that is the result */
	K_FLAGS_FACTS,	/* open flags with facts of the file that is the result */
	K_FACTS16,	/* these facts alone: 1 upper layer, 2 lower layer */
	K_PIPE_INO,	/* inode of the descriptor at an argument */
	K_CAP,		/* capabilities: 0 inheritable, 1 permitted, 2 effective */
	K_QUEUE_PCT,	/* share of a listening socket's queue in use */
	K_QUEUE_LEN,
	K_QUEUE_MAX,
	K_MSG_DATA,	/* bytes of a message; extra 1: as many as the result */
	K_MSG_SIZE,	/* bytes that a message has room for */
	K_MSG_TUPLE,	/* ends with the message's own address; extra: direction */
	K_MSG_CONTROL,	/* control bytes of a message */
	K_PTRACE,	/* address or data of ptrace */
	K_SOCKOPT,	/* value of a socket option; argument `extra` is its length */
	K_FDS,		/* descriptors to poll; extra 1: with what happened */
	K_SYSCALL,	/* number of the format: `extra` */
	K_NR,		/* number of the machine, 2 bytes */
	K_SIGSET,	/* 4 bytes at an argument */
	K_PEERS,	/* kernel addresses of a pair of sockets: extra 0 the first, 1 the second */
	K_PRCTL_TEXT,	/* a text if the option has one */
	K_PRCTL_INT,	/* else a number */
	K_RET_PATH,	/* path of the file that is the result */
	K_INT_ABSENT,	/* 8 bytes at an argument + `extra`, or -1 if it failed or there is none */
	K_FLAGS16,	/* flags of a descriptor in 2 bytes: close-on-exec, which does not fit, is bit 0 */
	K_SEMOP,	/* of an operation on semaphores, 2 bytes; extra: 3 times its number + number, operation, flags */
	K_QUOTA,	/* of quotactl; extra: see put_quota */
	K_KEYCTL,	/* an argument of keyctl with its type before it: 0 a number, 1 a text */
	K_OFFSET,	/* 8 bytes: an argument, and argument `extra` as their lower half */
	K_RET_SIZE,	/* the result if it is above 0, 4 bytes */
	K_TEXT_IF_DONE,	/* a text, if the call did not fail */
	K_FS_VALUE,	/* of fsconfig; extra: 0 bytes, 1 a text, if the command has one and did not fail */
	K_SEM_VALUE,	/* of semctl, if the command sets one */
	K_MAX,
};

/* An argument. Masked, because 6.1 does not follow a comparison through an addition. */
static __always_inline u64 arg(struct state *st, u32 n)
{
	return st->args[n & 7];
}

static __always_inline void put_bytes(struct scratch *s, struct state *st, u64 from, u64 size)
{
	u32 len = size > snaplen ? snaplen : size;
	if (len == 0 || !from) {
		put_empty(s, st);
		return;
	}
	len &= MAX_EVENT - 1;
	if (bpf_probe_read_user(room(s, st), len, (void *)from) < 0) {
		st->unreadable = 1;
		len = 0;
	}
	done(s, st, len);
}

struct iovec {
	u64 base, len;
};

/* The part of a vector with a number. */
static __always_inline int read_part(u32 compat, struct iovec *iov, u64 vec, u32 at)
{
	u32 halves[2];
	if (!compat)
		return bpf_probe_read_user(iov, sizeof(*iov), (void *)(vec + at * sizeof(*iov)));
	if (bpf_probe_read_user(halves, sizeof(halves), (void *)(vec + at * sizeof(halves))))
		return -1;
	iov->base = halves[0];
	iov->len = halves[1];
	return 0;
}

#define MAX_IOV 16

/* Appends bytes of part `i` of a vector at `at`, `left` at most; how many, -1 at the end. */
__noinline int put_part(struct state *st, u64 vec, u32 i, u32 at, u32 left)
{
	struct scratch *s = scratch();
	struct iovec iov;
	if (!s || !st)
		return -1;
	if (read_part(st->compat, &iov, vec, i))
		return -1;
	u32 len = iov.len > left ? left : iov.len;
	len &= MAX_EVENT - 1;
	if (len && bpf_probe_read_user(&s->data[at & (MAX_EVENT - 1)], len, (void *)iov.base)) {
		st->unreadable = 1;
		return -1;
	}
	return len;
}

/* Bytes of a vector one after another, `most` at most. */
__noinline int put_iov(struct state *st, u64 vec, u64 count, u64 most)
{
	struct scratch *s = scratch();
	if (!s || !st)
		return 0;
	u32 off = st->off & (MAX_EVENT - 1), start = off;
	u32 left = most > snaplen ? snaplen : most;
	for (int i = 0; i < MAX_IOV; i++) {
		if (i >= count || left == 0)
			break;
		int len = put_part(st, vec, i, off, left);
		if (len < 0 || len > left)
			break;
		off += len;
		left -= len;
	}
	done(s, st, (off - start) & (MAX_EVENT - 1));
	return 0;
}

__noinline u64 iov_size(u32 compat, u64 vec, u64 count)
{
	u64 sum = 0;
	for (int i = 0; i < MAX_IOV; i++) {
		struct iovec iov;
		if (i >= count || read_part(compat, &iov, vec, i))
			break;
		sum += iov.len;
	}
	return sum;
}

struct msghdr_user {
	u64 name;
	u32 namelen, pad;
	u64 iov, iovlen, control, controllen;
};

static __always_inline int read_message(struct state *st, struct msghdr_user *m, u64 from)
{
	u32 words[6];
	if (!st->compat)
		return bpf_probe_read_user(m, sizeof(*m), (void *)from);
	if (bpf_probe_read_user(words, sizeof(words), (void *)from))
		return -1;
	*m = (struct msghdr_user){ .name = words[0], .namelen = words[1], .iov = words[2], .iovlen = words[3],
				   .control = words[4], .controllen = words[5] };
	return 0;
}

#define FROM_RECEIVED 16

__noinline int put_message(struct state *st, u32 kind, u64 msg, u32 extra)
{
	struct scratch *s = scratch();
	struct msghdr_user m;
	if (!s || !st)
		return 0;
	/* of what was not received nothing is told */
	if (extra & FROM_RECEIVED && st->ret < 0) {
		put_empty(s, st);
		return 0;
	}
	extra &= ~FROM_RECEIVED;
	if (read_message(st, &m, msg)) {
		st->unreadable = 1;
		if (kind == K_MSG_SIZE)
			put_u32(s, st, 0);
		else
			put_empty(s, st);
		return 0;
	}
	switch (kind) {
	case K_MSG_SIZE:
		put_u32(s, st, iov_size(st->compat, m.iov, m.iovlen));
		break;
	case K_MSG_DATA:
		if (extra)
			put_iov(st, m.iov, m.iovlen, st->ret > 0 ? st->ret : 0);
		else
			put_iov(st, m.iov, m.iovlen, st->ret > 0 ? st->ret : iov_size(st->compat, m.iov, m.iovlen));
		break;
	case K_MSG_TUPLE:
		put_tuple(st, (s32)arg(st, 0), extra, m.name);
		break;
	default:
		put_bytes(s, st, m.control, m.controllen);
	}
	return 0;
}

#define EVENT_RECVMMSG 55

/* The event of one of several messages. Behind each message in memory is how many bytes of it there were. */
__noinline int put_one_of_messages(struct state *st, u32 i)
{
	struct scratch *s = scratch();
	if (!s || !st)
		return 0;
	u32 is_received = st->type == EVENT_RECVMMSG, bytes = 0;
	u64 message = arg(st, 1) + (u64)i * (st->compat ? 32 : 64);
	if (st->ret > 0) {
		bpf_probe_read_user(&bytes, 4, (void *)(message + (st->compat ? 28 : 56)));
		st->ret = bytes;
	}
	if (!begin(s, st, 5 + is_received, bpf_get_current_task_btf()))
		return 0;
	put_u64(s, st, st->ret);
	put_u64(s, st, (s32)arg(st, 0));
	if (is_received)
		put_u32(s, st, st->ret > 0 ? st->ret : 0);
	else
		put_message(st, K_MSG_SIZE, message, 0);
	u32 how = is_received ? FROM_RECEIVED | 1 : 0;
	put_message(st, K_MSG_DATA, message, how);
	put_message(st, K_MSG_TUPLE, message, how);
	if (is_received)
		put_message(st, K_MSG_CONTROL, message, FROM_RECEIVED);
	finish(s, st);
	/* whatever this one had, the next is looked at */
	st->ret = 1;
	return 0;
}

static __always_inline u64 pages_kb(u64 pages)
{
	return pages << 2;
}

static __always_inline u64 rss_of(struct mm_struct *mm, int which)
{
	s64 n = 0;
	struct mm_struct___old *old = (void *)mm;
	void *counts = (void *)mm + bpf_core_field_offset(struct mm_struct, rss_stat);
	if (bpf_core_field_exists(old->rss_stat.count))
		bpf_core_read(&n, 8, &old->rss_stat.count[which]);
	else
		bpf_probe_read_kernel(&n, 8, counts + which * bpf_core_type_size(struct percpu_counter) +
						     bpf_core_field_offset(struct percpu_counter, count));
	return n < 0 ? 0 : n;
}

/* MM_FILEPAGES 0, MM_ANONPAGES 1, MM_SWAPENTS 2, MM_SHMEMPAGES 3 */
static __always_inline u32 vm_of(struct mm_struct *mm, int what)
{
	if (!mm)
		return 0;
	switch (what) {
	case 0:
		return pages_kb(BPF_CORE_READ(mm, total_vm));
	case 1:
		return pages_kb(rss_of(mm, 0) + rss_of(mm, 1) + rss_of(mm, 3));
	default:
		return pages_kb(rss_of(mm, 2));
	}
}

static __always_inline u32 facts_of(s32 fd)
{
	struct file *file = file_of(fd);
	if (!file)
		return 0;
	u32 facts = layer_of(BPF_CORE_READ(file, f_inode), BPF_CORE_READ(file, f_path.dentry));
	return facts | (BPF_CORE_READ(file, f_mode) & FMODE_CREATED ? FACT_CREATED : 0);
}

/* Values that are made of the file behind a descriptor. */
__noinline int put_file_fact(struct state *st, u32 kind, s32 fd, u32 flags)
{
	struct scratch *s = scratch();
	if (!s || !st)
		return 0;
	struct file *file = file_of(fd);
	struct inode *inode = file ? BPF_CORE_READ(file, f_inode) : 0;
	switch (kind) {
	case K_RET_DEV:
		put_u32(s, st, inode ? dev_of(inode) : 0);
		break;
	case K_RET_INO:
	case K_PIPE_INO:
		put_u64(s, st, inode ? BPF_CORE_READ(inode, i_ino) : 0);
		break;
	case K_FLAGS_FACTS:
		put_u32(s, st, flags | facts_of(fd));
		break;
	case K_FACTS16: {
		u32 facts = facts_of(fd);
		*(u16 *)room(s, st) = (facts & FACT_UPPER ? 1 : 0) | (facts & FACT_LOWER ? 2 : 0);
		done(s, st, 2);
		break;
	}
	case K_RET_PATH:
		if (file)
			put_path(st, (u64)BPF_CORE_READ(file, f_path.mnt), (u64)BPF_CORE_READ(file, f_path.dentry));
		else
			put_empty(s, st);
		break;
	default:
		put_empty(s, st);
	}
	return 0;
}

/* Values that are made of the socket behind a descriptor. */
__noinline int put_socket_fact(struct state *st, u32 kind, s32 fd)
{
	struct scratch *s = scratch();
	if (!s || !st)
		return 0;
	struct file *file;
	struct sock *sk = sock_of(fd, &file);
	/* nothing of a queue out of which nothing was taken */
	u32 len = sk && st->ret >= 0 ? BPF_CORE_READ(sk, sk_ack_backlog) : 0;
	u32 max = sk && st->ret >= 0 ? BPF_CORE_READ(sk, sk_max_ack_backlog) : 0;
	switch (kind) {
	case K_QUEUE_PCT:
		put_u8(s, st, max ? (u64)len * 100 / max : 0);
		break;
	case K_QUEUE_LEN:
		put_u32(s, st, len);
		break;
	case K_QUEUE_MAX:
		put_u32(s, st, max);
		break;
	default: /* K_PEERS: a unix socket's own address */
		put_u64(s, st, (u64)sk);
	}
	return 0;
}

struct pollfd_user {
	s32 fd;
	s16 events, revents;
};

#define MAX_POLL 16

/* One descriptor to poll at `at`; 0 if it cannot be read. */
__noinline int put_poll(u64 from, u32 at, u32 with_results)
{
	struct scratch *s = scratch();
	struct pollfd_user one;
	if (!s || bpf_probe_read_user(&one, sizeof(one), (void *)from))
		return 0;
	at &= MAX_EVENT - 1;
	*(s64 *)&s->data[at] = one.fd;
	*(s16 *)&s->data[at + 8] = with_results ? one.revents : one.events;
	return 1;
}

__noinline int put_fds(struct state *st, u64 from, u64 count, u32 with_results)
{
	struct scratch *s = scratch();
	if (!s || !st)
		return 0;
	u32 off = st->off & (MAX_EVENT - 1);
	u32 n = 0;
	for (int i = 0; i < MAX_POLL; i++) {
		if (i >= count)
			break;
		if (!put_poll(from + i * sizeof(struct pollfd_user), off + 2 + n * 10, with_results))
			break;
		n++;
	}
	*(u16 *)&s->data[off] = n;
	done(s, st, 2 + n * 10);
	return 0;
}

enum { FSCONFIG_SET_STRING = 1, FSCONFIG_SET_BINARY, FSCONFIG_SET_PATH, FSCONFIG_SET_PATH_EMPTY };

#define SETVAL 16
#define SOL_SOCKET 1
#define SO_ERROR 4
#define SO_RCVTIMEO 20
#define SO_SNDTIMEO 21
#define SO_COOKIE 57

/* A socket option's value with its type before it: 0 bytes, 1 error, 2 number of 32, 3 of 64 bits, 4 time. */
__noinline int put_sockopt(struct state *st, u64 from, u32 len)
{
	struct scratch *s = scratch();
	if (!s || !st)
		return 0;
	u8 *to = room(s, st);
	u64 value = 0;
	if (len == 4 && !bpf_probe_read_user(&value, 4, (void *)from)) {
		if (arg(st, 1) == SOL_SOCKET && arg(st, 2) == SO_ERROR) {
			to[0] = 1;
			*(s64 *)(to + 1) = -(s64)(s32)value;
			done(s, st, 9);
		} else if (arg(st, 1) == SOL_SOCKET) {
			to[0] = 2;
			*(u32 *)(to + 1) = value;
			done(s, st, 5);
		} else {
			to[0] = 0;
			*(u32 *)(to + 1) = value;
			done(s, st, 5);
		}
		return 0;
	}
	if (arg(st, 1) == SOL_SOCKET && len == 16 &&
	    (arg(st, 2) == SO_RCVTIMEO || arg(st, 2) == SO_SNDTIMEO)) {
		u64 time[2] = {};
		bpf_probe_read_user(time, sizeof(time), (void *)from);
		to[0] = 4;
		*(u64 *)(to + 1) = time[0] * 1000000000ULL + time[1] * 1000;
		done(s, st, 9);
		return 0;
	}
	if (arg(st, 1) == SOL_SOCKET && arg(st, 2) == SO_COOKIE && len == 8) {
		bpf_probe_read_user(&value, 8, (void *)from);
		to[0] = 3;
		*(u64 *)(to + 1) = value;
		done(s, st, 9);
		return 0;
	}
	u32 n = len > snaplen ? snaplen : len;
	n &= MAX_EVENT - 1;
	to[0] = 0;
	if (n && bpf_probe_read_user(to + 1, n, (void *)from))
		n = 0;
	done(s, st, 1 + n);
	return 0;
}

#define PTRACE_PEEKTEXT 1
#define PTRACE_PEEKUSR 3
#define PTRACE_CONT 7
#define PTRACE_KILL 8
#define PTRACE_SINGLESTEP 9
#define PTRACE_DETACH 17
#define PTRACE_SYSCALL 24

/* An address or data of ptrace with its type before it: 0 address, 1 signal. */
static __always_inline void put_ptrace(struct scratch *s, struct state *st, u64 value, u32 which)
{
	u8 *to = room(s, st);
	u64 request = arg(st, 0);
	if (which && (request == PTRACE_CONT || request == PTRACE_SINGLESTEP || request == PTRACE_DETACH ||
		      request == PTRACE_SYSCALL)) {
		to[0] = 1;
		to[1] = value;
		done(s, st, 2);
		return;
	}
	if (which && st->ret >= 0 && request >= PTRACE_PEEKTEXT && request <= PTRACE_PEEKUSR)
		bpf_probe_read_user(&value, 8, (void *)value);
	to[0] = 0;
	*(u64 *)(to + 1) = value;
	done(s, st, 9);
}

#define PR_SET_NAME 15
#define PR_GET_NAME 16
#define PR_GET_CHILD_SUBREAPER 37
#define PR_SET_CHILD_SUBREAPER 36

/* The kinds that read the user's memory or the arguments only. */
__noinline int put_plain(struct state *st, u32 kind, u32 n, u32 extra)
{
	struct scratch *s = scratch();
	if (!s || !st)
		return 0;
	u64 value = arg(st, n), read = 0;
	switch (kind) {
	case K_RET:
		put_u64(s, st, st->ret);
		break;
	case K_RET32:
		put_u32(s, st, st->ret);
		break;
	case K_INT:
		*(u64 *)room(s, st) = value;
		done(s, st, extra & 15);
		break;
	case K_FLAGS16:
		*(u16 *)room(s, st) = (value & 0xfffe) | ((value >> 19) & 1);
		done(s, st, 2);
		break;
	case K_FD:
		put_u64(s, st, (s64)(s32)value);
		break;
	case K_TEXT:
		put_user_text(s, st, value);
		break;
	case K_DATA_IN:
		put_bytes(s, st, value, st->ret > 0 ? st->ret : 0);
		break;
	case K_DATA_OUT:
		put_bytes(s, st, value, st->ret > 0 ? st->ret : arg(st, extra));
		break;
	case K_ZERO:
		*(u64 *)room(s, st) = 0;
		done(s, st, extra & 15);
		break;
	case K_SOCKADDR: {
		u32 len = arg(st, extra);
		st->text = st->off;
		put_sockaddr(s, st, value, len);
		st->text_len = st->off - st->text;
		break;
	}
	case K_TIMESPEC: {
		u64 time[2] = {};
		if (value)
			bpf_probe_read_user(time, sizeof(time), (void *)value);
		put_u64(s, st, time[0] * 1000000000ULL + time[1]);
		break;
	}
	case K_AT64:
		if (value)
			bpf_probe_read_user(&read, 8, (void *)(value + extra));
		put_u64(s, st, read);
		break;
	case K_INT_ABSENT:
		read = st->ret < 0 ? -1 : 0;
		if (value && st->ret >= 0)
			bpf_probe_read_user(&read, 8, (void *)(value + extra));
		put_u64(s, st, read);
		break;
	case K_AT32:
	case K_SIGSET:
		if (value)
			bpf_probe_read_user(&read, 4, (void *)(value + extra));
		put_u32(s, st, read);
		break;
	case K_AT32S: {
		s32 narrow = -1;
		if (value && st->ret >= 0)
			bpf_probe_read_user(&narrow, 4, (void *)(value + extra));
		put_u64(s, st, narrow);
		break;
	}
	case K_TEXT_IF_DONE:
		if (st->ret >= 0)
			put_user_text(s, st, value);
		else
			put_empty(s, st);
		break;
	case K_FS_VALUE: {
		u32 command = arg(st, 1);
		if (st->ret >= 0 && extra && (command == FSCONFIG_SET_STRING || command == FSCONFIG_SET_PATH ||
					      command == FSCONFIG_SET_PATH_EMPTY))
			put_user_text(s, st, value);
		else if (st->ret >= 0 && !extra && command == FSCONFIG_SET_BINARY)
			put_bytes(s, st, value, arg(st, 4));
		else
			put_empty(s, st);
		break;
	}
	case K_SEM_VALUE:
		put_u32(s, st, (u32)arg(st, 2) == SETVAL ? value : 0);
		break;
	case K_RET_SIZE:
		put_u32(s, st, st->ret > 0 ? st->ret : 0);
		break;
	case K_OFFSET:
		put_u64(s, st, value << 32 | (u32)arg(st, extra));
		break;
	case K_SEMOP: {
		u16 field = 0;
		if (extra / 3 < arg(st, 2))
			bpf_probe_read_user(&field, 2, (void *)(value + 2 * extra));
		*(u16 *)room(s, st) = field;
		done(s, st, 2);
		break;
	}
	case K_SYSCALL:
		*(u16 *)room(s, st) = extra;
		done(s, st, 2);
		break;
	case K_NR:
		*(u16 *)room(s, st) = st->nr;
		done(s, st, 2);
		break;
	case K_PTRACE:
		put_ptrace(s, st, value, extra);
		break;
	case K_PRCTL_TEXT:
		if (arg(st, 0) == PR_SET_NAME || arg(st, 0) == PR_GET_NAME)
			put_user_text(s, st, value);
		else
			put_empty(s, st);
		break;
	case K_PRCTL_INT:
		if (arg(st, 0) == PR_GET_CHILD_SUBREAPER) {
			bpf_probe_read_user(&read, 4, (void *)value);
			value = read;
		} else if (arg(st, 0) == PR_SET_NAME || arg(st, 0) == PR_GET_NAME) {
			value = 0;
		}
		put_u64(s, st, value);
		break;
	default:
		put_empty(s, st);
	}
	return 0;
}

/* The kernel's commands of quotactl that have values. */
#define Q_GETFMT 0x800004
#define Q_GETINFO 0x800005
#define Q_SETINFO 0x800006
#define Q_GETQUOTA 0x800007
#define Q_SETQUOTA 0x800008
#define Q_QUOTAON 0x800002

/* What quotactl is told or tells; 0 if the command has no such thing, or it is marked as not valid.
 * what: 0 to 6 limits and times of struct if_dqblk, 7 and 8 times of struct if_dqinfo, 9 its flags, 10 the format that
 * is asked for, 11 command, 12 type, 13 user or group, 14 format that is given, 15 path of the file of quotas. */
__noinline int put_quota(struct state *st, u32 what)
{
	struct scratch *s = scratch();
	u64 value = 0;
	u32 valid = 0;
	if (!s || !st)
		return 0;
	u32 cmd = (u32)arg(st, 0) >> 8;
	u64 at = arg(st, 3);
	if (what <= 6) {
		/* fields and the bits that say they are valid */
		u32 offset = what >= 5 ? 8 * what + 8 : 8 * what;
		u32 bit = what <= 1 ? 1 : what == 2 ? 2 : what <= 4 ? 4 : what == 5 ? 16 : 32;
		if ((cmd == Q_GETQUOTA || cmd == Q_SETQUOTA) &&
		    !bpf_probe_read_user(&valid, 4, (void *)(at + 64)) && (valid & bit))
			bpf_probe_read_user(&value, 8, (void *)(at + offset));
		put_u64(s, st, value);
	} else if (what <= 8) {
		if ((cmd == Q_GETINFO || cmd == Q_SETINFO) &&
		    !bpf_probe_read_user(&valid, 4, (void *)(at + 20)) && (valid & (what == 7 ? 1 : 2)))
			bpf_probe_read_user(&value, 8, (void *)(at + 8 * (what - 7)));
		put_u64(s, st, value);
	} else if (what == 9) {
		if ((cmd == Q_GETINFO || cmd == Q_SETINFO) &&
		    !bpf_probe_read_user(&valid, 4, (void *)(at + 20)) && (valid & 4))
			bpf_probe_read_user(&value, 4, (void *)(at + 16));
		put_u8(s, st, value);
	} else if (what == 10) {
		if (cmd == Q_GETFMT)
			bpf_probe_read_user(&value, 4, (void *)at);
		put_u8(s, st, value);
	} else if (what == 11) {
		*(u16 *)room(s, st) = cmd;
		done(s, st, 2);
	} else if (what == 12) {
		put_u8(s, st, arg(st, 0));
	} else if (what == 13) {
		put_u32(s, st, arg(st, 2));
	} else if (what == 14) {
		put_u8(s, st, cmd == Q_QUOTAON ? arg(st, 2) : 0);
	} else if (cmd == Q_QUOTAON) {
		put_user_text(s, st, at);
	} else {
		put_empty(s, st);
	}
	return 0;
}

#define KEYCTL_JOIN_SESSION_KEYRING 1
#define KEYCTL_SEARCH 10

__noinline int put_keyctl(struct state *st, u32 at)
{
	struct scratch *s = scratch();
	if (!s || !st)
		return 0;
	u64 value = arg(st, at);
	u32 operation = arg(st, 0);
	u8 *to = room(s, st);
	if (value && ((operation == KEYCTL_JOIN_SESSION_KEYRING && at == 1) ||
		      (operation == KEYCTL_SEARCH && (at == 2 || at == 3)))) {
		long len = bpf_probe_read_user_str(to + 1, MAX_TEXT, (void *)value);
		if (len > 0) {
			to[0] = 1;
			done(s, st, 1 + (len & (2 * MAX_TEXT - 1)));
			return 0;
		}
		st->unreadable = 1;
	}
	to[0] = 0;
	*(u64 *)(to + 1) = value;
	done(s, st, 9);
	return 0;
}

#define NONE_IF_FAILED 256
#define EINPROGRESS 115

/* One parameter. */
static __always_inline void put(struct state *st, struct op op)
{
	struct scratch *s;
	struct task_struct *task;
	u32 extra = op.extra;
	switch (op.kind) {
	case K_IOV_DATA:
		/* reads give what was read, writes what was to be written */
		if (extra & 256)
			put_iov(st, arg(st, op.arg), arg(st, extra & 7), st->ret > 0 ? st->ret : 0);
		else
			put_iov(st, arg(st, op.arg), arg(st, extra & 7), st->ret > 0 ? st->ret : snaplen);
		break;
	case K_IOV_SIZE:
		s = scratch();
		if (s)
			put_u32(s, st, iov_size(st->compat, arg(st, op.arg), arg(st, extra & 7)));
		break;
	case K_TUPLE:
		/* of what failed nothing is told, but for a connection that is under way */
		if ((extra & NONE_IF_FAILED) && st->ret < 0 && st->ret != -EINPROGRESS) {
			s = scratch();
			if (s)
				put_empty(s, st);
			break;
		}
		put_tuple(st, (s32)arg(st, op.arg), extra & 1, extra & 2 ? arg(st, (extra >> 4) & 7) : 0);
		break;
	case K_RET_TUPLE:
		put_tuple(st, st->ret, extra & 1, 0);
		break;
	case K_RET_DEV:
	case K_RET_INO:
	case K_FACTS16:
	case K_RET_PATH:
		put_file_fact(st, op.kind, st->ret, 0);
		break;
	case K_FLAGS_FACTS:
		put_file_fact(st, op.kind, st->ret, arg(st, op.arg));
		break;
	case K_PIPE_INO: {
		s32 fd = -1;
		bpf_probe_read_user(&fd, 4, (void *)arg(st, op.arg));
		put_file_fact(st, op.kind, fd, 0);
		break;
	}
	case K_QUEUE_PCT:
	case K_QUEUE_LEN:
	case K_QUEUE_MAX:
		put_socket_fact(st, op.kind, (s32)arg(st, op.arg));
		break;
	case K_PEERS: {
		s32 fd = -1;
		bpf_probe_read_user(&fd, 4, (void *)(arg(st, op.arg) + 4 * (extra & 1)));
		put_socket_fact(st, op.kind, fd);
		break;
	}
	case K_MSG_DATA:
	case K_MSG_SIZE:
	case K_MSG_TUPLE:
	case K_MSG_CONTROL:
		put_message(st, op.kind, arg(st, op.arg), extra);
		break;
	case K_SOCKOPT: {
		u32 len = arg(st, extra & 7);
		/* getsockopt has it behind a pointer */
		if (extra & 256)
			bpf_probe_read_user(&len, 4, (void *)arg(st, extra & 7));
		put_sockopt(st, arg(st, op.arg), len);
		break;
	}
	case K_QUOTA:
		put_quota(st, extra);
		break;
	case K_KEYCTL:
		put_keyctl(st, op.arg);
		break;
	case K_FDS:
		put_fds(st, arg(st, op.arg), arg(st, op.arg + 1), extra);
		break;
	case K_VM:
		task = bpf_get_current_task_btf();
		s = scratch();
		if (s)
			put_u32(s, st, vm_of(task->mm, extra));
		break;
	case K_CAP: {
		u64 caps = 0;
		task = bpf_get_current_task_btf();
		s = scratch();
		const struct cred *cred = task->cred;
		if (extra == 0)
			bpf_core_read(&caps, 8, &cred->cap_inheritable);
		else if (extra == 1)
			bpf_core_read(&caps, 8, &cred->cap_permitted);
		else
			bpf_core_read(&caps, 8, &cred->cap_effective);
		if (s)
			put_u64(s, st, caps);
		break;
	}
	default:
		put_plain(st, op.kind, op.arg, extra);
	}
}
