/* SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause */
/* Files behind descriptors, and paths. */
#pragma once

#include "event.h"

#define OVERLAYFS_MAGIC 0x794c7630
#define FMODE_CREATED 0x100000
/* Facts about an open file, in bits that no open flag uses. */
#define FACT_CREATED (1U << 28)
#define FACT_UPPER (1U << 29)
#define FACT_LOWER (1U << 30)

static __always_inline struct file *file_of(s32 fd)
{
	struct task_struct *task = bpf_get_current_task_btf();
	struct fdtable *table = task->files->fdt;
	struct file *file = 0;
	if (fd < 0 || (u32)fd >= table->max_fds)
		return 0;
	bpf_probe_read_kernel(&file, sizeof(file), table->fd + fd);
	return file;
}

static __always_inline u32 dev_of(struct inode *inode)
{
	u32 dev = BPF_CORE_READ(inode, i_sb, s_dev);
	u32 major = dev >> 20, minor = dev & 0xfffff;
	return (minor & 0xff) | (major << 8) | ((minor & ~0xffU) << 12);
}

/* Whether a file of an overlay lies in its upper layer or not; 0 for files elsewhere. The overlay's inode
 * holds, right behind the general one, the dentry in the upper layer (struct ovl_inode in older and newer
 * kernels has it after a word or two that are not pointers to it). */
static __always_inline u32 layer_of(struct inode *inode, struct dentry *dentry)
{
	struct dentry *upper = 0;
	if (BPF_CORE_READ(inode, i_sb, s_magic) != OVERLAYFS_MAGIC)
		return 0;
	bpf_probe_read_kernel(&upper, sizeof(upper), (void *)inode + bpf_core_type_size(struct inode));
	if (!upper)
		return FACT_LOWER;
	return BPF_CORE_READ(upper, d_inode, i_ino) != 0 ? FACT_UPPER : FACT_LOWER;
}

/* Fields of one structure that are read together: a copy of its first bytes, from which they are taken. Whether a
 * field lies in them is known when the program is loaded. */
#define FIRST_BYTES 112
#define COPY_FIRST(copy, from) bpf_probe_read_kernel(copy, FIRST_BYTES, from)
#define IN_COPY(copy, from, field)                                                          \
	(bpf_core_field_offset((from)->field) + sizeof((from)->field) <= FIRST_BYTES ?      \
		 *(typeof((from)->field) *)((copy) + bpf_core_field_offset((from)->field)) : \
		 BPF_CORE_READ(from, field))

static __always_inline u64 ctime_of(struct inode *inode)
{
	/* the highest bit of the nanoseconds is a flag since 6.13 */
	if (bpf_core_field_exists(inode->i_ctime_sec))
		return (u64)BPF_CORE_READ(inode, i_ctime_sec) * 1000000000ULL +
		       (BPF_CORE_READ(inode, i_ctime_nsec) & 0x7fffffff);
	struct inode___mid *mid = (void *)inode;
	if (bpf_core_field_exists(mid->__i_ctime))
		return (u64)BPF_CORE_READ(mid, __i_ctime.tv_sec) * 1000000000ULL +
		       BPF_CORE_READ(mid, __i_ctime.tv_nsec);
	struct inode___old *old = (void *)inode;
	return (u64)BPF_CORE_READ(old, i_ctime.tv_sec) * 1000000000ULL + BPF_CORE_READ(old, i_ctime.tv_nsec);
}

static __always_inline u64 mtime_of(struct inode *inode)
{
	if (bpf_core_field_exists(inode->i_mtime_sec))
		return (u64)BPF_CORE_READ(inode, i_mtime_sec) * 1000000000ULL + BPF_CORE_READ(inode, i_mtime_nsec);
	struct inode___mid *mid = (void *)inode;
	if (bpf_core_field_exists(mid->__i_mtime))
		return (u64)BPF_CORE_READ(mid, __i_mtime.tv_sec) * 1000000000ULL +
		       BPF_CORE_READ(mid, __i_mtime.tv_nsec);
	struct inode___old *old = (void *)inode;
	return (u64)BPF_CORE_READ(old, i_mtime.tv_sec) * 1000000000ULL + BPF_CORE_READ(old, i_mtime.tv_nsec);
}

#define MAX_PARTS 32

/* A path that is put together from its end. Names are written towards lower addresses into the second text
 * behind the event, and behind that is room for one name whose length is not known yet. */
struct walk {
	u64 dentry, vfsmnt, mnt;
	u32 at, base;
	u32 stop;
	u32 pad;
};

static __always_inline void walk_begin(struct scratch *s, struct state *st, struct walk *w)
{
	w->at = MAX_TEXT - 1;
	w->base = (st->off & (MAX_EVENT - 1)) + MAX_TEXT;
	w->stop = 0;
	s->data[(w->base + w->at) & (2 * MAX_EVENT - 1)] = 0;
}

/* Puts `/name` before what is there. A function of its own, so that the verifier looks at it once. */
__noinline int prepend(struct walk *w, u64 name)
{
	struct scratch *s = scratch();
	if (!s || !w)
		return 0;
	u32 spare = (w->base + MAX_TEXT) & (2 * MAX_EVENT - 1), at = w->at;
	w->stop = 1;
	if (spare > 2 * MAX_EVENT - 512)
		return 0;
	long len = bpf_probe_read_kernel_str(&s->data[spare], 256, (void *)name);
	if (len <= 1)
		return 0;
	len -= 1;
	if (at < len + 1 || at >= MAX_TEXT)
		return 0;
	at -= len;
	u32 to = (w->base + at) & (2 * MAX_EVENT - 1);
	if (to > 2 * MAX_EVENT - 512)
		return 0;
	bpf_probe_read_kernel(&s->data[to], len & 255, &s->data[spare]);
	at -= 1;
	s->data[(w->base + at) & (2 * MAX_EVENT - 1)] = '/';
	w->at = at;
	w->stop = 0;
	return 0;
}

/* One step towards the root, across mounts. */
__noinline int path_step(struct walk *w)
{
	if (!w)
		return 0;
	struct dentry *dentry = (void *)w->dentry;
	struct vfsmount *vfsmnt = (void *)w->vfsmnt;
	struct mount *mnt = (void *)w->mnt;
	struct dentry *parent = BPF_CORE_READ(dentry, d_parent);
	struct dentry *root = BPF_CORE_READ(vfsmnt, mnt_root);
	if (dentry == root || dentry == parent) {
		struct mount *above = BPF_CORE_READ(mnt, mnt_parent);
		if (dentry != root || above == mnt) {
			w->stop = 1;
			return 0;
		}
		w->dentry = (u64)BPF_CORE_READ(mnt, mnt_mountpoint);
		w->mnt = (u64)above;
		w->vfsmnt = (u64)above + bpf_core_field_offset(struct mount, mnt);
		return 0;
	}
	prepend(w, (u64)BPF_CORE_READ(dentry, d_name.name));
	w->dentry = (u64)parent;
	return 0;
}

/* The text that was put together, at `to`; its length with the NUL. */
static __always_inline u32 walk_end(struct scratch *s, struct walk *w, u8 *to)
{
	u32 at = w->at;
	if (at >= MAX_TEXT - 1) {
		to[0] = '/';
		to[1] = 0;
		return 2;
	}
	u32 len = (MAX_TEXT - at) & (MAX_TEXT - 1);
	u32 from = (w->base + at) & (2 * MAX_EVENT - 1);
	if (from > 2 * MAX_EVENT - MAX_TEXT)
		return 0;
	bpf_probe_read_kernel(to, len, &s->data[from]);
	return len;
}

/* An absolute path as a parameter. */
__noinline int put_path(struct state *st, u64 vfsmnt, u64 dentry)
{
	struct scratch *s = scratch();
	if (!s || !st)
		return 0;
	struct walk w = {
		.dentry = dentry,
		.vfsmnt = vfsmnt,
		.mnt = vfsmnt - bpf_core_field_offset(struct mount, mnt),
	};
	walk_begin(s, st, &w);
	for (int i = 0; i < MAX_PARTS; i++) {
		path_step(&w);
		if (w.stop)
			break;
	}
	u32 len = walk_end(s, &w, room(s, st));
	done(s, st, len);
	return 0;
}
