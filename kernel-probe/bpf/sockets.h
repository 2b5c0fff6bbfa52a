/* SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause */
/* Addresses and ends of sockets. */
#pragma once

#include "files.h"

#define AF_UNIX 1
#define AF_INET 2
#define AF_INET6 10
#define UNIX_PATH_MAX 108

static __always_inline struct sock *sock_in(struct file *file)
{
	if (!file || (BPF_CORE_READ(file, f_inode, i_mode) & 0170000) != 0140000)
		return 0;
	struct socket *socket = BPF_CORE_READ(file, private_data);
	return BPF_CORE_READ(socket, sk);
}

static __always_inline struct sock *sock_of(s32 fd, struct file **file_out)
{
	struct file *file = file_of(fd);
	*file_out = file;
	return sock_in(file);
}

/* Bytes of an address: the user's own, or a copy of it in the kernel (the state tells which). */
static __always_inline long read_address(struct state *st, void *to, u32 len, u64 from)
{
	if (st->from_kernel)
		return bpf_probe_read_kernel(to, len, (void *)from);
	return bpf_probe_read_user(to, len, (void *)from);
}

static __always_inline long read_address_text(struct state *st, void *to, u32 len, u64 from)
{
	if (st->from_kernel)
		return bpf_probe_read_kernel_str(to, len, (void *)from);
	return bpf_probe_read_user_str(to, len, (void *)from);
}

/* An address that the user gave: family, then path or address and port. */
static __always_inline void put_sockaddr(struct scratch *s, struct state *st, u64 from, u32 len)
{
	u8 *to = room(s, st);
	u8 raw[28] = {};
	u16 family = 0;
	if (!from || len < 2 || read_address(st, &family, 2, from)) {
		put_empty(s, st);
		return;
	}
	to[0] = family;
	if (family == AF_INET && !read_address(st, raw, 8, from)) {
		*(u32 *)(to + 1) = *(u32 *)(raw + 4);
		*(u16 *)(to + 5) = (raw[2] << 8) | raw[3];
		done(s, st, 7);
	} else if (family == AF_INET6 && !read_address(st, raw, 28, from)) {
		__builtin_memcpy(to + 1, raw + 8, 16);
		*(u16 *)(to + 17) = (raw[2] << 8) | raw[3];
		done(s, st, 19);
	} else if (family == AF_UNIX) {
		u64 path = from + 2;
		u8 first = 0;
		long n = 0;
		read_address(st, &first, 1, path);
		/* an abstract name begins with a NUL, which is not told */
		if (first == 0 && len > 2)
			path++;
		n = read_address_text(st, to + 1, UNIX_PATH_MAX, path);
		if (n < 0)
			n = 0;
		done(s, st, 1 + (n & 127));
	} else {
		put_empty(s, st);
	}
}

static __always_inline int is_abstract(struct unix_sock *unix)
{
	struct unix_address *addr = BPF_CORE_READ(unix, addr);
	char path[2] = {};
	if (addr)
		bpf_probe_read_kernel(path, 2, (const char *)addr + bpf_core_field_offset(struct unix_address, name) + 2);
	return path[0] == 0 && path[1] != 0;
}

/* Path of a unix socket with its NUL; its length. */
static __always_inline u32 unix_path(u8 *to, struct unix_sock *unix)
{
	struct unix_address *addr = BPF_CORE_READ(unix, addr);
	long n;
	to[0] = 0;
	if (!addr)
		return 1;
	/* sun_family stands before the path */
	const char *path = (const char *)addr + bpf_core_field_offset(struct unix_address, name) + 2;
	u8 first = 0;
	bpf_probe_read_kernel(&first, 1, path);
	if (first == 0)
		path++;
	n = bpf_probe_read_kernel_str(to, UNIX_PATH_MAX, path);
	return n < 0 ? 1 : n & 127;
}

enum { OUTBOUND, INBOUND };

/* Both ends of a socket. `peer` is an address that the user gave, used where the socket has no peer. */
__noinline int put_ends(struct state *st, u64 socket, u32 direction, u64 peer)
{
	struct scratch *s = scratch();
	if (!s || !st)
		return 0;
	struct sock *sk = (void *)socket;
	if (!sk) {
		put_empty(s, st);
		return 0;
	}
	u8 *to = room(s, st);
	u16 family = BPF_CORE_READ(sk, __sk_common.skc_family);
	if (family == AF_INET) {
		struct inet_sock *inet = (void *)sk;
		u32 local = BPF_CORE_READ(inet, inet_saddr), remote = BPF_CORE_READ(sk, __sk_common.skc_daddr);
		u16 lport = __builtin_bswap16(BPF_CORE_READ(inet, inet_sport));
		u16 rport = __builtin_bswap16(BPF_CORE_READ(sk, __sk_common.skc_dport));
		if (rport == 0 && peer) {
			u8 raw[8] = {};
			if (!read_address(st, raw, 8, peer) && *(u16 *)raw == AF_INET) {
				remote = *(u32 *)(raw + 4);
				rport = (raw[2] << 8) | raw[3];
			}
		}
		to[0] = AF_INET;
		*(u32 *)(to + 1) = direction == OUTBOUND ? local : remote;
		*(u16 *)(to + 5) = direction == OUTBOUND ? lport : rport;
		*(u32 *)(to + 7) = direction == OUTBOUND ? remote : local;
		*(u16 *)(to + 11) = direction == OUTBOUND ? rport : lport;
		done(s, st, 13);
	} else if (family == AF_INET6) {
		struct inet_sock *inet = (void *)sk;
		struct in6_addr local = BPF_CORE_READ(sk, __sk_common.skc_v6_rcv_saddr);
		struct in6_addr remote = BPF_CORE_READ(sk, __sk_common.skc_v6_daddr);
		u16 lport = __builtin_bswap16(BPF_CORE_READ(inet, inet_sport));
		u16 rport = __builtin_bswap16(BPF_CORE_READ(sk, __sk_common.skc_dport));
		if (rport == 0 && peer) {
			u8 raw[28] = {};
			if (!read_address(st, raw, 28, peer) && *(u16 *)raw == AF_INET6) {
				__builtin_memcpy(&remote, raw + 8, 16);
				rport = (raw[2] << 8) | raw[3];
			}
		}
		to[0] = AF_INET6;
		__builtin_memcpy(to + 1, direction == OUTBOUND ? &local : &remote, 16);
		*(u16 *)(to + 17) = direction == OUTBOUND ? lport : rport;
		__builtin_memcpy(to + 19, direction == OUTBOUND ? &remote : &local, 16);
		*(u16 *)(to + 35) = direction == OUTBOUND ? rport : lport;
		done(s, st, 37);
	} else if (family == AF_UNIX) {
		struct unix_sock *own = (void *)sk;
		struct unix_sock *other = (void *)BPF_CORE_READ(own, peer);
		to[0] = AF_UNIX;
		/* where it goes is told first */
		*(u64 *)(to + 1) = (u64)(direction == OUTBOUND ? other : own);
		*(u64 *)(to + 9) = (u64)(direction == OUTBOUND ? own : other);
		/* the path is that of the side which listens */
		u32 len = unix_path(to + 17, direction == OUTBOUND ? other : own);
		done(s, st, 17 + (len & 127));
	} else {
		put_empty(s, st);
	}
	return 0;
}

/* Both ends of the socket behind a descriptor. */
__noinline int put_tuple(struct state *st, s32 fd, u32 direction, u64 peer)
{
	struct file *file;
	if (!st)
		return 0;
	return put_ends(st, (u64)sock_of(fd, &file), direction, peer);
}
