/* SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause */
/* The parts of io_uring's structures that the probe reads, like kernel.h. */
#pragma once

#include "kernel.h"

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
