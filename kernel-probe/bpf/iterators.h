/* SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause */
/* What is there before the first event: a record for each thread, one for each open file of a process. Texts that
 * lie in a process's memory are left to /proc. Records are read by src/start.rs. */
#pragma once

#include "process.h"

struct task_record {
	u64 tid, tgid, parent, session, group, own_tid, own_tgid, own_group;
	u64 uid, gid, loginuid, tty, fdlimit, major_faults, minor_faults;
	u64 vm[3], caps[3];
	u64 exe_flags, exe_ino, exe_ctime, exe_mtime, ns_start;
	/* the process that reads this */
	u64 reader;
	char comm[16];
};

struct file_record {
	u32 len, pid, fd, mode;
	u64 ino;
	u32 dev, flags, family, type, protocol, pad;
	/* a unix socket's own address in the kernel, and its peer's */
	u64 ends[2];
	u8 addresses[2][16];
	u16 ports[2];
	u32 path_len;
};

struct iterator_room {
	struct task_record task;
	struct file_record file;
	char path[MAX_TEXT];
};

/* Iterators can be interrupted by others' events, so they have room of their own; one runs at a time. */
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__type(key, u32);
	__type(value, struct iterator_room);
} iterator_rooms SEC(".maps");

static __always_inline struct iterator_room *iterator_room(void)
{
	u32 zero = 0;
	return bpf_map_lookup_elem(&iterator_rooms, &zero);
}

static __always_inline s64 first_number(struct pid *pid)
{
	s32 nr = 0;
	bpf_probe_read_kernel(&nr, 4, (void *)pid + bpf_core_field_offset(struct pid, numbers) +
					  bpf_core_field_offset(struct upid, nr));
	return nr;
}

SEC("iter/task")
int tasks(struct bpf_iter__task *ctx)
{
	struct task_struct *task = ctx->task;
	struct iterator_room *space = iterator_room();
	if (!task || !space)
		return 0;
	struct task_record *r = &space->task;
	const struct cred *cred = task->cred;
	struct mm_struct *mm = task->mm;
	__builtin_memset(r, 0, sizeof(*r));
	r->tid = task->pid;
	r->tgid = task->tgid;
	r->parent = BPF_CORE_READ(task, real_parent, tgid);
	r->session = first_number(BPF_CORE_READ(task, signal, pids[3]));
	r->group = first_number(BPF_CORE_READ(task, signal, pids[2]));
	r->own_tid = own_number(BPF_CORE_READ(task, thread_pid));
	r->own_tgid = own_number(BPF_CORE_READ(task, group_leader, thread_pid));
	r->own_group = own_number(BPF_CORE_READ(task, signal, pids[2]));
	r->uid = BPF_CORE_READ(cred, euid.val);
	r->gid = BPF_CORE_READ(cred, egid.val);
	r->loginuid = BPF_CORE_READ(task, loginuid.val);
	r->tty = tty_of(task);
	r->fdlimit = BPF_CORE_READ(task, signal, rlim[7].rlim_cur);
	r->major_faults = task->maj_flt;
	r->minor_faults = task->min_flt;
	bpf_core_read(&r->caps[0], 8, &cred->cap_inheritable);
	bpf_core_read(&r->caps[1], 8, &cred->cap_permitted);
	bpf_core_read(&r->caps[2], 8, &cred->cap_effective);
	if (mm) {
		struct file *exe = BPF_CORE_READ(mm, exe_file);
		r->vm[0] = vm_of(mm, 0);
		r->vm[1] = vm_of(mm, 1);
		r->vm[2] = vm_of(mm, 2);
		if (exe) {
			struct inode *inode = BPF_CORE_READ(exe, f_inode);
			r->exe_flags = exe_flags(exe, inode, cred);
			r->exe_ino = BPF_CORE_READ(inode, i_ino);
			r->exe_ctime = ctime_of(inode);
			r->exe_mtime = mtime_of(inode);
		}
	}
	struct pid_namespace *ns = namespace_of(BPF_CORE_READ(task, thread_pid));
	r->ns_start = BPF_CORE_READ(ns, child_reaper, start_boottime);
	r->reader = bpf_get_current_pid_tgid() >> 32;
	bpf_probe_read_kernel_str(r->comm, sizeof(r->comm), task->comm);
	bpf_seq_write(ctx->meta->seq, r, sizeof(*r));
	return 0;
}

static __always_inline void socket_record(struct file_record *r, struct sock *sk)
{
	struct inet_sock *inet = (void *)sk;
	r->family = BPF_CORE_READ(sk, __sk_common.skc_family);
	r->type = BPF_CORE_READ(sk, sk_type);
	r->protocol = BPF_CORE_READ(sk, sk_protocol);
	if (r->family == AF_INET) {
		*(u32 *)r->addresses[0] = BPF_CORE_READ(sk, __sk_common.skc_rcv_saddr);
		*(u32 *)r->addresses[1] = BPF_CORE_READ(sk, __sk_common.skc_daddr);
	} else if (r->family == AF_INET6) {
		struct in6_addr address = BPF_CORE_READ(sk, __sk_common.skc_v6_rcv_saddr);
		__builtin_memcpy(r->addresses[0], &address, 16);
		address = BPF_CORE_READ(sk, __sk_common.skc_v6_daddr);
		__builtin_memcpy(r->addresses[1], &address, 16);
	} else {
		return;
	}
	r->ports[0] = __builtin_bswap16(BPF_CORE_READ(inet, inet_sport));
	r->ports[1] = __builtin_bswap16(BPF_CORE_READ(sk, __sk_common.skc_dport));
}

SEC("iter/task_file")
int files(struct bpf_iter__task_file *ctx)
{
	struct task_struct *task = ctx->task;
	struct file *file = ctx->file;
	struct iterator_room *space = iterator_room();
	if (!task || !file || !space)
		return 0;
	/* threads share the files of their process nearly always, and are told with it */
	if (task->pid != task->tgid)
		return 0;
	struct file_record *r = &space->file;
	struct inode *inode = BPF_CORE_READ(file, f_inode);
	long len = 0;
	__builtin_memset(r, 0, sizeof(*r));
	r->pid = task->tgid;
	r->fd = ctx->fd;
	r->mode = BPF_CORE_READ(inode, i_mode);
	r->ino = BPF_CORE_READ(inode, i_ino);
	r->dev = dev_of(inode);
	r->flags = BPF_CORE_READ(file, f_flags) | layer_of(inode, 0);
	if ((r->mode & 0170000) == 0140000) {
		struct socket *socket = BPF_CORE_READ(file, private_data);
		struct sock *sk = BPF_CORE_READ(socket, sk);
		if (sk)
			socket_record(r, sk);
		if (sk && r->family == AF_UNIX) {
			struct unix_sock *own = (void *)sk;
			r->ends[0] = (u64)sk;
			r->ends[1] = (u64)BPF_CORE_READ(own, peer);
			/* an abstract name has a mark, as in /proc */
			space->path[0] = '@';
			len = is_abstract(own) ? unix_path((u8 *)space->path + 1, own) + 1 :
						 unix_path((u8 *)space->path, own);
		}
	} else {
		len = bpf_d_path(&file->f_path, space->path, MAX_TEXT);
	}
	/* without the NUL */
	len = len > 0 ? len - 1 : 0;
	r->path_len = len & (MAX_TEXT - 1);
	r->len = sizeof(*r) + r->path_len;
	bpf_seq_write(ctx->meta->seq, r, sizeof(*r));
	bpf_seq_write(ctx->meta->seq, space->path, r->path_len & (MAX_TEXT - 1));
	return 0;
}
