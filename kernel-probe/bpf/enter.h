/* SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause */
/* What a call was given when it began. Paths and addresses lie in memory that another thread can change before the
 * call ends, which is when the probe reads them. So those of the open family and of connect are kept from the begin
 * on, and if they are others at the end, an enter event with the first ones goes before the exit event. */
#pragma once

#include "values.h"

#define MAX_ENTERED 256
#define NR_open 2
#define NR_connect 42
#define NR_creat 85
#define NR_openat 257
#define NR_openat2 437

struct entered {
	/* which call; 0 for none */
	u32 nr;
	/* bytes of the text with its NUL, or of the address; 0 if it could not be read */
	u32 len;
	/* flags, mode, resolve of openat2 */
	u64 how[3];
	u8 text[MAX_ENTERED];
};

struct {
	__uint(type, BPF_MAP_TYPE_TASK_STORAGE);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__type(key, int);
	__type(value, struct entered);
} entered SEC(".maps");

static __always_inline int is_kept(u32 nr)
{
	return nr == NR_open || nr == NR_openat || nr == NR_openat2 || nr == NR_connect || nr == NR_creat;
}

/* The argument that is kept. */
static __always_inline u64 kept_argument(struct state *st)
{
	return st->nr == NR_open || st->nr == NR_creat ? st->args[0] : st->args[1];
}

/* Sends an enter event; the text is that of `e`, or the user's if there is more than `e` has room for. The
 * processor's buffer is ours. */
static __always_inline void send_entered(struct scratch *s, struct state *st, struct entered *e)
{
	struct state enter = {};
	u32 nr = st->nr, nparams = 2;
	if (nr == NR_open)
		nparams = 3;
	else if (nr == NR_openat)
		nparams = 4;
	else if (nr == NR_openat2)
		nparams = 5;
	enter.type = st->type - 1;
	start(s, &enter, nparams, bpf_get_current_task_btf());
	if (nr == NR_openat || nr == NR_openat2 || nr == NR_connect)
		put_u64(s, &enter, (s32)st->args[0]);
	if (e->len >= MAX_ENTERED) {
		put_user_text(s, &enter, kept_argument(st));
	} else {
		/* the exit event has been put aside; both are told at the same time */
		*(u64 *)&s->data[0] = *(u64 *)&s->data[MAX_EVENT];
		u32 len = e->len & (MAX_ENTERED - 1);
		bpf_probe_read_kernel(room(s, &enter), len, e->text);
		done(s, &enter, len);
	}
	if (nr == NR_open || nr == NR_openat) {
		put_u32(s, &enter, st->args[nr == NR_open ? 1 : 2]);
		put_u32(s, &enter, st->args[nr == NR_open ? 2 : 3]);
	} else if (nr == NR_openat2) {
		put_u32(s, &enter, e->how[0]);
		put_u32(s, &enter, e->how[1]);
		put_u32(s, &enter, e->how[2]);
	} else if (nr == NR_creat) {
		put_u32(s, &enter, st->args[1]);
	}
	send(s, &enter);
}

/* Keeps what a call is given. */
__noinline int keep(struct state *st)
{
	struct scratch *s = scratch();
	if (!s || !st)
		return 0;
	struct entered *e = bpf_task_storage_get(&entered, bpf_get_current_task_btf(), 0, BPF_LOCAL_STORAGE_GET_F_CREATE);
	if (!e) {
		struct ledger *l = ledger(st->type - 1);
		if (l)
			l->table_full++;
		return 0;
	}
	u64 from = kept_argument(st);
	e->nr = st->nr;
	e->len = 0;
	if (st->nr == NR_connect) {
		if (s->busy)
			return 0;
		s->busy = 1;
		/* behind an event's header with one parameter */
		st->off = HEADER + 2;
		put_sockaddr(s, st, from, st->args[2]);
		u32 len = (st->off - HEADER - 2) & (MAX_ENTERED - 1);
		bpf_probe_read_kernel(e->text, len, &s->data[HEADER + 2]);
		e->len = len;
		s->busy = 0;
		return 0;
	}
	long len = bpf_probe_read_user_str(e->text, MAX_ENTERED, (void *)from);
	e->len = len > 0 ? len : 0;
	if (st->nr == NR_openat2)
		bpf_probe_read_user(e->how, sizeof(e->how), (void *)st->args[2]);
	/* longer ones are told now */
	if (len == MAX_ENTERED) {
		if (s->busy) {
			struct ledger *l = ledger(st->type - 1);
			if (l)
				l->nested++;
			return 0;
		}
		s->busy = 1;
		send_entered(s, st, e);
		s->busy = 0;
		e->nr = 0;
	}
	return 0;
}

/* Whether the event that has been put together has other values than the call was given. */
static __always_inline int differs(struct scratch *s, struct state *st, struct entered *e)
{
	u32 len = e->len, text = st->text;
	/* what could not be read when the call began */
	if (len == 0 || len >= MAX_ENTERED)
		return 0;
	if (len != st->text_len)
		return 1;
	for (u32 i = 0; i < MAX_ENTERED; i += 8) {
		u64 one = *(u64 *)&e->text[i], other = *(u64 *)&s->data[(text + i) & (MAX_EVENT - 1)];
		u64 different = one ^ other;
		if (len - i < 8)
			different &= (1ULL << (8 * (len - i))) - 1;
		if (different)
			return 1;
		if (len - i <= 8)
			break;
	}
	if (st->nr == NR_openat2) {
		u32 *how = (u32 *)&s->data[(text + len) & (MAX_EVENT - 1)];
		return how[0] != (u32)e->how[0] || how[1] != (u32)e->how[1] || how[2] != (u32)e->how[2];
	}
	return 0;
}

/* Sends the enter event if it says something else than the exit event, which has been put together and is left as
 * it is. */
__noinline int compare(struct state *st)
{
	struct scratch *s = scratch();
	if (!s || !st)
		return 0;
	struct entered *e = bpf_task_storage_get(&entered, bpf_get_current_task_btf(), 0, 0);
	if (!e || e->nr != st->nr)
		return 0;
	e->nr = 0;
	/* nothing was opened, whatever the path; where to a connection failed is told all the same */
	if (st->ret < 0 && st->nr != NR_connect)
		return 0;
	if (!differs(s, st, e))
		return 0;
	u32 len = st->off & (MAX_EVENT - 1);
	bpf_probe_read_kernel(&s->data[MAX_EVENT], len, s->data);
	send_entered(s, st, e);
	bpf_probe_read_kernel(s->data, len, &s->data[MAX_EVENT]);
	return 0;
}
