/* SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause */
/* What is told of a process when it begins and when it executes a program. */
#pragma once

#include "values.h"

enum { PID_VIRTUAL, TGID_VIRTUAL, PGID_VIRTUAL, PGID_GLOBAL, PID_NS_START };

/* A number in a process's own namespace. `pid` is read as a number, not followed as a pointer: 6.1 does not
 * let one be moved by a product that it cannot bound. */
static __always_inline s64 own_number(struct pid *pid)
{
	u32 level = BPF_CORE_READ(pid, level);
	s32 nr = 0;
	bpf_probe_read_kernel(&nr, 4, (void *)pid + bpf_core_field_offset(struct pid, numbers) +
					  (level & 31) * bpf_core_type_size(struct upid) +
					  bpf_core_field_offset(struct upid, nr));
	return nr;
}

/* A process's own namespace. */
static __always_inline struct pid_namespace *namespace_of(struct pid *pid)
{
	u32 level = BPF_CORE_READ(pid, level);
	struct pid_namespace *ns = 0;
	bpf_probe_read_kernel(&ns, 8, (void *)pid + bpf_core_field_offset(struct pid, numbers) +
					  (level & 31) * bpf_core_type_size(struct upid) +
					  bpf_core_field_offset(struct upid, ns));
	return ns;
}

__noinline u64 number_of(u32 what)
{
	struct task_struct *task = bpf_get_current_task_btf();
	switch (what) {
	case PID_VIRTUAL:
		return own_number(BPF_CORE_READ(task, thread_pid));
	case TGID_VIRTUAL:
		return own_number(BPF_CORE_READ(task, group_leader, thread_pid));
	case PGID_VIRTUAL:
		return own_number(BPF_CORE_READ(task, signal, pids[2]));
	case PGID_GLOBAL: {
		struct pid *pid = BPF_CORE_READ(task, signal, pids[2]);
		s32 nr = 0;
		bpf_probe_read_kernel(&nr, 4, (void *)pid + bpf_core_field_offset(struct pid, numbers) +
						  bpf_core_field_offset(struct upid, nr));
		return (s64)nr;
	}
	default: {
		struct pid_namespace *ns = namespace_of(BPF_CORE_READ(task, thread_pid));
		return BPF_CORE_READ(ns, child_reaper, start_boottime);
	}
	}
}

/* Whether children of the current process live in another namespace of processes. */
static __always_inline int children_elsewhere(void)
{
	struct task_struct *task = bpf_get_current_task_btf();
	return BPF_CORE_READ(task, nsproxy, pid_ns_for_children, level) != BPF_CORE_READ(task, thread_pid, level);
}

static __always_inline struct kernfs_node *parent_of(struct kernfs_node *node)
{
	if (bpf_core_field_exists(node->__parent))
		return BPF_CORE_READ(node, __parent);
	struct kernfs_node___old *old = (void *)node;
	return BPF_CORE_READ(old, parent);
}

#define MAX_CGROUP_PARTS 16

__noinline int cgroup_step(struct walk *w)
{
	if (!w)
		return 0;
	struct kernfs_node *node = (void *)w->dentry, *parent = parent_of(node);
	if (!parent) {
		w->stop = 1;
		return 0;
	}
	prepend(w, (u64)BPF_CORE_READ(node, name));
	w->dentry = (u64)parent;
	return 0;
}

/* The path of a group at `at`; its length with the NUL. */
__noinline int put_cgroup(struct state *st, u32 at, u32 subsystem)
{
	struct scratch *s = scratch();
	struct task_struct *task = bpf_get_current_task_btf();
	if (!s || !st)
		return 0;
	struct css_set *set = BPF_CORE_READ(task, cgroups);
	struct cgroup_subsys_state *css = 0;
	bpf_probe_read_kernel(&css, 8, (void *)set + bpf_core_field_offset(struct css_set, subsys) + 8 * (subsystem & 15));
	struct walk w = { .dentry = (u64)BPF_CORE_READ(css, cgroup, kn) };
	walk_begin(s, st, &w);
	/* what was written of other groups lies in front of it */
	w.base += MAX_TEXT;
	s->data[(w.base + w.at) & (2 * MAX_EVENT - 1)] = 0;
	for (int i = 0; i < MAX_CGROUP_PARTS; i++) {
		cgroup_step(&w);
		if (w.stop)
			break;
	}
	return walk_end(s, &w, &s->data[at & (MAX_EVENT - 1)]);
}

#define PREFIX(text)                                                                     \
	do {                                                                             \
		__builtin_memcpy(&s->data[(start + len) & (MAX_EVENT - 1)], text "=", sizeof(text)); \
		len += sizeof(text);                                                     \
	} while (0)

#define CGROUP(name, id)                                                                 \
	do {                                                                             \
		if (bpf_core_enum_value_exists(enum cgroup_subsys_id, id)) {             \
			PREFIX(name);                                                    \
			len += put_cgroup(st, start + len,                               \
					  bpf_core_enum_value(enum cgroup_subsys_id, id)) & 4095; \
		}                                                                        \
	} while (0)

/* `subsystem=path` of the subsystems that container runtimes use, each with a NUL at its end. */
__noinline int put_cgroups(struct state *st)
{
	struct scratch *s = scratch();
	if (!s || !st)
		return 0;
	u32 start = st->off & (MAX_EVENT - 1), len = 0;
	CGROUP("cpuset", cpuset_cgrp_id);
	CGROUP("cpu", cpu_cgrp_id);
	CGROUP("cpuacct", cpuacct_cgrp_id);
	CGROUP("io", io_cgrp_id);
	CGROUP("memory", memory_cgrp_id);
	done(s, st, len & (MAX_EVENT - 1));
	return 0;
}

/* Bytes of the user's from `from` to `to`, `MAX_TEXT` at most, as a parameter that ends with a NUL. */
static __always_inline void put_area(struct scratch *s, struct state *st, u64 from, u64 to)
{
	u64 size = to - from;
	u8 *start = room(s, st);
	if (to <= from) {
		put_empty(s, st);
		return;
	}
	u32 len = size > MAX_TEXT ? MAX_TEXT : size;
	len &= 2 * MAX_TEXT - 1;
	if (bpf_probe_read_user(start, len, (void *)from)) {
		st->unreadable = 1;
		put_empty(s, st);
		return;
	}
	if (len > 0)
		s->data[(st->off + len - 1) & (MAX_EVENT - 1)] = 0;
	done(s, st, len);
}

/* The first argument, and the others: as the process's memory has them. */
__noinline int put_args(struct state *st)
{
	struct scratch *s = scratch();
	struct task_struct *task = bpf_get_current_task_btf();
	if (!s || !st)
		return 0;
	struct mm_struct *mm = task->mm;
	if (!mm) {
		put_empty(s, st);
		put_empty(s, st);
		return 0;
	}
	u64 start = BPF_CORE_READ(mm, arg_start), end = BPF_CORE_READ(mm, arg_end);
	long len = bpf_probe_read_user_str(room(s, st), MAX_TEXT, (void *)start);
	if (len < 0) {
		st->unreadable = 1;
		len = 0;
	}
	len &= 2 * MAX_TEXT - 1;
	done(s, st, len);
	put_area(s, st, start + len, end);
	return 0;
}

#define MAX_POINTERS 64

/* Appends the text that a pointer of the user's points to, at `at`; its length, 0 at the end. */
__noinline int put_pointer(struct state *st, u64 pointer, u32 at)
{
	struct scratch *s = scratch();
	u64 text = 0;
	if (!s || !st)
		return 0;
	if (bpf_probe_read_user(&text, st->compat ? 4 : 8, (void *)pointer) || !text)
		return 0;
	long len = bpf_probe_read_user_str(&s->data[at & (MAX_EVENT - 1)], MAX_TEXT, (void *)text);
	if (len < 0) {
		st->unreadable = 1;
		return 0;
	}
	if (len == 0) {
		/* an empty text, see put_user_text */
		s->data[at & (MAX_EVENT - 1)] = 0;
		len = 1;
	}
	return len & (2 * MAX_TEXT - 1);
}

/* Texts that an array of pointers names, one behind the other, as one parameter; from the `first` on. */
__noinline int put_pointers(struct state *st, u64 array, u32 first)
{
	struct scratch *s = scratch();
	if (!s || !st)
		return 0;
	u32 off = st->off & (MAX_EVENT - 1), start = off;
	for (u32 i = 0; i < MAX_POINTERS; i++) {
		u32 len = put_pointer(st, array + (st->compat ? 4 : 8) * (u64)(i + first), off);
		if (!len)
			break;
		off += len;
		if (off - start >= MAX_TEXT)
			break;
	}
	u32 len = off - start;
	if (len > MAX_TEXT) {
		len = MAX_TEXT;
		s->data[(start + MAX_TEXT - 1) & (MAX_EVENT - 1)] = 0;
	}
	done(s, st, len);
	return 0;
}

/* What clone and exec events tell alike: from `tid` to `comm`. */
__noinline int put_numbers(struct state *st)
{
	struct scratch *s = scratch();
	struct task_struct *task = bpf_get_current_task_btf();
	if (!s || !st)
		return 0;
	struct mm_struct *mm = task->mm;
	put_u64(s, st, task->pid);
	put_u64(s, st, task->tgid);
	put_u64(s, st, task->real_parent->pid);
	put_empty(s, st); /* cwd: the state knows it */
	put_u64(s, st, BPF_CORE_READ(task, signal, rlim[7].rlim_cur));
	put_u64(s, st, task->maj_flt);
	put_u64(s, st, task->min_flt);
	put_u32(s, st, vm_of(mm, 0));
	put_u32(s, st, vm_of(mm, 1));
	put_u32(s, st, vm_of(mm, 2));
	put_kernel_text(s, st, task->comm);
	return 0;
}

#define CSIGNAL 0xff
#define CHILD_ELSEWHERE 1

#define NR_clone 56
#define NR_clone3 435

/* clone, fork, vfork, clone3, of the parent and of the child. */
static __always_inline void put_clone(struct scratch *s, struct state *st)
{
	struct task_struct *task = bpf_get_current_task_btf();
	u64 flags = 0;
	put_u64(s, st, st->ret);
	put_args(st);
	put_numbers(st);
	put_cgroups(st);
	if (st->nr == NR_clone)
		flags = st->args[0];
	else if (st->nr == NR_clone3)
		bpf_probe_read_user(&flags, 8, (void *)st->args[0]);
	/* the low byte is a signal, which is not told: a fact takes its place */
	flags &= 0xffffffff & ~CSIGNAL;
	if (children_elsewhere())
		flags |= CHILD_ELSEWHERE;
	put_u32(s, st, flags);
	put_u32(s, st, task->cred->euid.val);
	put_u32(s, st, task->cred->egid.val);
	put_u64(s, st, number_of(PID_VIRTUAL));
	put_u64(s, st, number_of(TGID_VIRTUAL));
	put_u64(s, st, st->ret == 0 ? number_of(PID_NS_START) : 0);
}

static __always_inline u32 tty_of(struct task_struct *task)
{
	struct tty_struct *tty = BPF_CORE_READ(task, signal, tty);
	if (!tty)
		return 0;
	u32 major = BPF_CORE_READ(tty, driver, major);
	u32 minor = BPF_CORE_READ(tty, driver, minor_start) + BPF_CORE_READ(tty, index);
	return (minor & 0xff) | (major << 8) | ((minor & ~0xffU) << 12);
}

#define EXE_WRITABLE 1
#define EXE_UPPER 2
#define EXE_MEMFD 4
#define EXE_LOWER 8
#define S_IMMUTABLE 8
#define SB_RDONLY 1
#define CAP_DAC_OVERRIDE 1

/* Whether the current process may write to a file, by its mode. */
static __always_inline int may_write(struct inode *inode, const struct cred *cred)
{
	u64 caps = 0;
	if ((BPF_CORE_READ(inode, i_flags) & S_IMMUTABLE) || (BPF_CORE_READ(inode, i_sb, s_flags) & SB_RDONLY))
		return 0;
	bpf_core_read(&caps, 8, &cred->cap_effective);
	if (caps & (1ULL << CAP_DAC_OVERRIDE))
		return 1;
	u16 mode = BPF_CORE_READ(inode, i_mode);
	if (BPF_CORE_READ(inode, i_uid.val) == cred->fsuid.val)
		return (mode & 0200) != 0;
	if (BPF_CORE_READ(inode, i_gid.val) == cred->fsgid.val)
		return (mode & 0020) != 0;
	return (mode & 0002) != 0;
}

static __always_inline u32 exe_flags(struct file *exe, struct inode *inode, const struct cred *cred)
{
	u32 flags = may_write(inode, cred) ? EXE_WRITABLE : 0;
	struct dentry *dentry = BPF_CORE_READ(exe, f_path.dentry);
	u32 layer = layer_of(inode, dentry);
	char name[8] = {};
	if (layer == FACT_UPPER)
		flags |= EXE_UPPER;
	if (layer == FACT_LOWER)
		flags |= EXE_LOWER;
	bpf_probe_read_kernel_str(name, sizeof(name), BPF_CORE_READ(dentry, d_name.name));
	if (name[0] == 'm' && name[1] == 'e' && name[2] == 'm' && name[3] == 'f' && name[4] == 'd' && name[5] == ':')
		flags |= EXE_MEMFD;
	return flags;
}

/* What an exec event has behind the environment. */
__noinline int put_exe(struct state *st)
{
	struct scratch *s = scratch();
	struct task_struct *task = bpf_get_current_task_btf();
	if (!s || !st)
		return 0;
	const struct cred *cred = task->cred;
	struct mm_struct *mm = task->mm;
	struct file *exe = mm ? BPF_CORE_READ(mm, exe_file) : 0;
	struct inode *inode = exe ? BPF_CORE_READ(exe, f_inode) : 0;
	u64 caps = 0;
	put_u32(s, st, tty_of(task));
	put_u64(s, st, number_of(PGID_VIRTUAL));
	put_u32(s, st, task->loginuid.val);
	put_u32(s, st, inode ? exe_flags(exe, inode, cred) : 0);
	bpf_core_read(&caps, 8, &cred->cap_inheritable);
	put_u64(s, st, caps);
	bpf_core_read(&caps, 8, &cred->cap_permitted);
	put_u64(s, st, caps);
	bpf_core_read(&caps, 8, &cred->cap_effective);
	put_u64(s, st, caps);
	put_u64(s, st, inode ? BPF_CORE_READ(inode, i_ino) : 0);
	put_u64(s, st, inode ? ctime_of(inode) : 0);
	put_u64(s, st, inode ? mtime_of(inode) : 0);
	put_u32(s, st, cred->euid.val);
	if (exe)
		put_path(st, (u64)BPF_CORE_READ(exe, f_path.mnt), (u64)BPF_CORE_READ(exe, f_path.dentry));
	else
		put_empty(s, st);
	put_u64(s, st, number_of(PGID_GLOBAL));
	put_u32(s, st, cred->egid.val);
	return 0;
}
