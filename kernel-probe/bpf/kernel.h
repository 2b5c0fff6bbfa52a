/* SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause */
/* The parts of kernel structures that the probe reads. Offsets are set when it is loaded (CO-RE), so fields
 * are named here and nothing else is said about them. Names with ___old or ___new are of other versions. */
#pragma once

typedef signed char __s8;
typedef unsigned char __u8;
typedef short __s16;
typedef unsigned short __u16;
typedef int __s32;
typedef unsigned int __u32;
typedef long long __s64;
typedef unsigned long long __u64;
typedef __u16 __be16;
typedef __u32 __be32;
typedef __u32 __wsum;
typedef __s8 s8;
typedef __u8 u8;
typedef __s16 s16;
typedef __u16 u16;
typedef __s32 s32;
typedef __u32 u32;
typedef __s64 s64;
typedef __u64 u64;
typedef _Bool bool;

enum {
	BPF_MAP_TYPE_HASH = 1,
	BPF_MAP_TYPE_ARRAY = 2,
	BPF_MAP_TYPE_PROG_ARRAY = 3,
	BPF_MAP_TYPE_PERCPU_ARRAY = 6,
	BPF_MAP_TYPE_ARRAY_OF_MAPS = 12,
	BPF_MAP_TYPE_RINGBUF = 27,
	BPF_MAP_TYPE_TASK_STORAGE = 29,
};
enum { BPF_ANY = 0, BPF_F_NO_PREALLOC = 1, BPF_LOCAL_STORAGE_GET_F_CREATE = 1, BPF_RB_NO_WAKEUP = 1 };

#include <bpf/bpf_helpers.h>
#include <bpf/bpf_core_read.h>

#define CORE __attribute__((preserve_access_index))

struct pt_regs {
	unsigned long r10, r9, r8, bp, bx, cx, dx, si, di, orig_ax, ax;
} CORE;

struct list_head {
	struct list_head *next, *prev;
} CORE;

typedef struct {
	s64 counter;
} atomic64_t;

struct thread_info {
	u32 status;
} CORE;

struct pid_namespace;

struct upid {
	int nr;
	struct pid_namespace *ns;
} CORE;

struct pid {
	unsigned int level;
	struct upid numbers[1];
} CORE;

struct pid_namespace {
	unsigned int level;
	struct task_struct *child_reaper;
} CORE;

struct nsproxy {
	struct pid_namespace *pid_ns_for_children;
} CORE;

struct rlimit {
	unsigned long rlim_cur, rlim_max;
} CORE;

struct tty_driver {
	int major, minor_start;
} CORE;

struct tty_struct {
	struct tty_driver *driver;
	int index;
} CORE;

struct signal_struct {
	struct pid *pids[4]; /* PIDTYPE_PID, TGID, PGID, SID */
	struct tty_struct *tty;
	struct rlimit rlim[16];
	unsigned int is_child_subreaper : 1;
} CORE;

struct percpu_counter {
	s64 count;
} CORE;

struct mm_struct {
	unsigned long arg_start, arg_end, env_start, env_end, total_vm;
	struct file *exe_file;
	struct percpu_counter rss_stat[4];
} CORE;

struct mm_rss_stat___old {
	atomic64_t count[4];
} CORE;

struct mm_struct___old {
	struct mm_rss_stat___old rss_stat;
} CORE;

typedef struct {
	u32 val;
} kuid_t;

typedef struct {
	u32 val;
} kgid_t;

typedef struct {
	u64 val;
} kernel_cap_t;

struct cred {
	kuid_t uid, suid, euid, fsuid;
	kgid_t gid, sgid, egid, fsgid;
	kernel_cap_t cap_inheritable, cap_permitted, cap_effective;
} CORE;

struct qstr {
	const unsigned char *name;
} CORE;

struct dentry {
	struct dentry *d_parent;
	struct qstr d_name;
	struct inode *d_inode;
} CORE;

struct vfsmount {
	struct dentry *mnt_root;
	int mnt_flags;
} CORE;

struct mount {
	struct mount *mnt_parent;
	struct dentry *mnt_mountpoint;
	struct vfsmount mnt;
} CORE;

struct path {
	struct vfsmount *mnt;
	struct dentry *dentry;
} CORE;

struct super_block {
	u32 s_dev;
	unsigned long s_magic, s_flags;
} CORE;

struct timespec64 {
	s64 tv_sec;
	long tv_nsec;
} CORE;

struct inode {
	u16 i_mode;
	kuid_t i_uid;
	kgid_t i_gid;
	unsigned int i_flags;
	struct super_block *i_sb;
	unsigned long i_ino;
	s64 i_ctime_sec, i_mtime_sec;
	u32 i_ctime_nsec, i_mtime_nsec;
} CORE;

/* before 6.11 */
struct inode___old {
	struct timespec64 i_mtime, i_ctime;
} CORE;

/* 6.6 to 6.10 */
struct inode___mid {
	struct timespec64 __i_mtime, __i_ctime;
} CORE;

struct file {
	unsigned int f_mode, f_flags;
	struct inode *f_inode;
	struct path f_path;
	void *private_data;
} CORE;

struct fdtable {
	unsigned int max_fds;
	struct file **fd;
} CORE;

struct files_struct {
	struct fdtable *fdt;
} CORE;

struct fs_struct {
	struct path root, pwd;
} CORE;

struct kernfs_node {
	struct kernfs_node *__parent;
	const char *name;
} CORE;

struct kernfs_node___old {
	struct kernfs_node *parent;
} CORE;

struct cgroup {
	struct kernfs_node *kn;
} CORE;

struct cgroup_subsys_state {
	struct cgroup *cgroup;
} CORE;

struct css_set {
	struct cgroup_subsys_state *subsys[14];
	struct cgroup *dfl_cgrp;
} CORE;

enum cgroup_subsys_id {
	cpuset_cgrp_id,
	cpu_cgrp_id,
	cpuacct_cgrp_id,
	io_cgrp_id,
	memory_cgrp_id,
};

struct task_struct {
	struct thread_info thread_info;
	struct mm_struct *mm;
	int exit_code, pid, tgid;
	struct task_struct *real_parent, *group_leader;
	struct list_head children, sibling;
	struct pid *thread_pid;
	u64 start_boottime;
	unsigned long min_flt, maj_flt;
	const struct cred *cred;
	char comm[16];
	struct fs_struct *fs;
	struct files_struct *files;
	struct nsproxy *nsproxy;
	struct signal_struct *signal;
	kuid_t loginuid;
	struct css_set *cgroups;
	unsigned int flags;
} CORE;

struct linux_binprm {
	const char *filename;
} CORE;

/* sockets */
struct in6_addr {
	u8 bytes[16];
};

struct sock_common {
	u16 skc_family;
	u8 skc_state;
	__be32 skc_daddr, skc_rcv_saddr;
	__be16 skc_dport;
	u16 skc_num;
	struct in6_addr skc_v6_daddr, skc_v6_rcv_saddr;
} CORE;

struct sock {
	struct sock_common __sk_common;
	u32 sk_ack_backlog, sk_max_ack_backlog;
	u16 sk_type, sk_protocol;
} CORE;

struct inet_sock {
	__be32 inet_saddr;
	__be16 inet_sport;
} CORE;

struct socket {
	struct sock *sk;
	struct file *file;
} CORE;

struct sockaddr_un {
	u16 sun_family;
	char sun_path[108];
} CORE;

struct unix_address {
	int len;
	struct sockaddr_un name[1];
} CORE;

struct unix_sock {
	struct unix_address *addr;
	struct sock *peer;
} CORE;

/* iterators */
struct seq_file;

struct bpf_iter_meta {
	struct seq_file *seq;
} CORE;

struct bpf_iter__task {
	struct bpf_iter_meta *meta;
	struct task_struct *task;
} CORE;

struct bpf_iter__task_file {
	struct bpf_iter_meta *meta;
	struct task_struct *task;
	u32 fd;
	struct file *file;
} CORE;
