/* SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause */
/* Events as they are written: in the layout of the capture format.
 *
 *   0 ts u64 | 8 tid u64 | 16 len u32 | 20 type u16 | 22 nparams u32 | 26 lengths u16 each | parameters
 *
 * An event is put together in a buffer of its processor and copied to a ring at its end. Values are those of
 * the kernel; flags are translated to the format's numbers by user space (src/translate.rs). */
#pragma once

#include "kernel.h"

#define MAX_EVENT 65536
#define MAX_TEXT 4096
#define HEADER 26
#define SYSCALLS 512
#define TYPES 512
#define MAX_OPS 20

/* Who is recorded. */
enum { FILTER_ALL, FILTER_TREE, FILTER_CGROUP };

/* Set before the programs are loaded. */
const volatile u64 boot_epoch_ns = 0;
const volatile u32 filter = FILTER_TREE;
const volatile u32 own_tgid = 0;
const volatile u64 cgroup_id = 0;
const volatile u32 snaplen = 80;
const volatile u32 processors = 1;

/* System calls that are recorded, a bit each; user space changes it while programs run. */
struct {
	u8 bits[SYSCALLS / 8];
	/* bit 0 sched_process_exec, 1 sched_process_exit */
	u8 others[8];
} interest = {};

/* How a parameter is found. */
struct op {
	u8 kind;
	u8 arg;
	u16 extra;
};

/* How a system call becomes an event. */
struct recipe {
	u16 type;
	u8 count;
	/* 0 values of the recipe, 1 clone, 2 exec */
	u8 program;
	/* 1 changes the state: it goes into the ring of such events */
	u8 lane;
	u8 pad[3];
	struct op ops[MAX_OPS];
};

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, SYSCALLS);
	__type(key, u32);
	__type(value, struct recipe);
} recipes SEC(".maps");

/* Numbers of system calls of 32-bit programs in today's. */
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, SYSCALLS);
	__type(key, u32);
	__type(value, u32);
} compat SEC(".maps");

struct ring {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, 4096);
};

/* For each processor its ring of events, then for each its ring of events that change the state. */
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY_OF_MAPS);
	__uint(max_entries, 2);
	__type(key, u32);
	__array(values, struct ring);
} rings SEC(".maps");

/* What became of events of a type on a processor. */
struct ledger {
	u64 sent, ring_full, too_large, unreadable, nested, crowded;
};

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, TYPES);
	__type(key, u32);
	__type(value, struct ledger);
} ledgers SEC(".maps");

/* Processes that are recorded, with FILTER_TREE. */
struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 65536);
	__type(key, u32);
	__type(value, u32);
} tree SEC(".maps");

struct scratch {
	u32 busy;
	u32 pad;
	u8 data[2 * MAX_EVENT];
};

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__type(key, u32);
	__type(value, struct scratch);
} scratches SEC(".maps");

/* An event that is being put together. */
struct state {
	/* six, and room for every number that a mask lets through */
	u64 args[8];
	s64 ret;
	u32 nr;
	/* bytes so far, and parameters so far */
	u32 off;
	u32 count;
	u16 type;
	u8 lane;
	u8 unreadable;
	u8 overflow;
	/* addresses are copies in the kernel */
	u8 from_kernel;
};

static __always_inline struct scratch *scratch(void)
{
	u32 cpu = bpf_get_smp_processor_id();
	return bpf_map_lookup_elem(&scratches, &cpu);
}

static __always_inline struct ledger *ledger(u32 type)
{
	return bpf_map_lookup_elem(&ledgers, &type);
}

/* Where the next bytes go: MAX_EVENT bytes can be written there. */
static __always_inline u8 *room(struct scratch *s, struct state *st)
{
	return &s->data[st->off & (MAX_EVENT - 1)];
}

/* A parameter of `len` bytes has been written. */
static __always_inline void done(struct scratch *s, struct state *st, u32 len)
{
	if (st->off + len >= MAX_EVENT) {
		st->overflow = 1;
		len = 0;
	}
	*(u16 *)&s->data[HEADER + 2 * (st->count & 31)] = len;
	st->count++;
	st->off += len;
}

static __always_inline void put_u64(struct scratch *s, struct state *st, u64 value)
{
	*(u64 *)room(s, st) = value;
	done(s, st, 8);
}

static __always_inline void put_u32(struct scratch *s, struct state *st, u32 value)
{
	*(u32 *)room(s, st) = value;
	done(s, st, 4);
}

static __always_inline void put_u8(struct scratch *s, struct state *st, u8 value)
{
	*room(s, st) = value;
	done(s, st, 1);
}

static __always_inline void put_empty(struct scratch *s, struct state *st)
{
	done(s, st, 0);
}

/* A text of the user's, its NUL included; no bytes for one that cannot be read. */
static __always_inline void put_user_text(struct scratch *s, struct state *st, u64 from)
{
	u8 *to = room(s, st);
	long len = bpf_probe_read_user_str(to, MAX_TEXT, (void *)from);
	if (len < 0) {
		len = 0;
		if (from)
			st->unreadable = 1;
	} else if (len == 0) {
		/* kernels up to 6.12 do not count the NUL of an empty text */
		to[0] = 0;
		len = 1;
	}
	done(s, st, len & (2 * MAX_TEXT - 1));
}

static __always_inline void put_kernel_text(struct scratch *s, struct state *st, const void *from)
{
	long len = bpf_probe_read_kernel_str(room(s, st), MAX_TEXT, from);
	if (len < 0)
		len = 0;
	done(s, st, len & (2 * MAX_TEXT - 1));
}

/* Begins an event with `nparams` parameters; 0 if the processor's buffer is in use. */
static __always_inline int begin(struct scratch *s, struct state *st, u32 nparams, struct task_struct *task)
{
	if (s->busy) {
		struct ledger *l = ledger(st->type);
		if (l)
			l->nested++;
		return 0;
	}
	s->busy = 1;
	*(u64 *)&s->data[0] = bpf_ktime_get_boot_ns() + boot_epoch_ns;
	*(u64 *)&s->data[8] = task->pid;
	*(u16 *)&s->data[20] = st->type;
	*(u32 *)&s->data[22] = nparams;
	st->off = HEADER + 2 * nparams;
	st->count = 0;
	st->unreadable = 0;
	st->overflow = 0;
	return 1;
}

/* Hands the event over. */
static __always_inline void finish(struct scratch *s, struct state *st)
{
	struct ledger *l = ledger(st->type);
	u32 len = st->off;
	s->busy = 0;
	if (!l)
		return;
	if (st->unreadable)
		l->unreadable++;
	if (st->overflow)
		l->too_large++;
	*(u32 *)&s->data[16] = len;
	u32 key = bpf_get_smp_processor_id() + (st->lane ? processors : 0);
	void *ring = bpf_map_lookup_elem(&rings, &key);
	len &= MAX_EVENT - 1;
	if (ring && bpf_ringbuf_output(ring, s->data, len, BPF_RB_NO_WAKEUP) == 0)
		l->sent++;
	else
		l->ring_full++;
}

/* Whether a task's events are recorded. */
static __always_inline int wanted(struct task_struct *task)
{
	u32 tgid = task->tgid;
	if (tgid == own_tgid)
		return 0;
	if (filter == FILTER_TREE)
		return bpf_map_lookup_elem(&tree, &tgid) != 0;
	if (filter == FILTER_CGROUP)
		return bpf_get_current_cgroup_id() == cgroup_id;
	return 1;
}
