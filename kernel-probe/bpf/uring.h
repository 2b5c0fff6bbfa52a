/* SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause */
/* What processes do through io_uring, as events of the system calls that do the same.
 *
 * Such an event is marked beside its type, also if its result is not known.
 *
 * A request is looked at when it is submitted: the kernel has copied names and addresses by then, and they are
 * copied once more, because they are gone when it completes. The event is written when it completes, by the
 * clock of that moment, as of the thread that submitted it (with SQPOLL: the process's first).
 *
 * A completion is told by one of:
 *   io_uring_complete with the request,
 *   io_uring_complete without it, for each result but the last of a request that has several: found by ring and
 *     user data,
 *   io_uring_cqe_overflow where the completion queue is full (6.18 tells nothing else then), with ring
 *     and user data too. Where several requests match, all of them are told, with an unknown result.
 * With IOSQE_CQE_SKIP_SUCCESS there is none. Such a request is told when it is submitted, with an unknown result;
 * so is one that there is no room to remember.
 *
 * An unknown result is 0, and UNKNOWN_FD for a call that gives a descriptor. Descriptors in a ring's own table
 * (fixed files) are FIXED_FD plus their index. */
#pragma once

#include "uring_request.h"

/* The file at an index of a ring's own table. */
static __always_inline struct file *file_in_slot(u64 ring, u32 slot)
{
	struct io_ring_ctx *ctx = (void *)ring;
	struct io_ring_ctx___old *before = (void *)ring;
	u64 file = 0;
	if (bpf_core_field_exists(ctx->file_table.data)) {
		struct io_rsrc_node **nodes = BPF_CORE_READ(ctx, file_table.data.nodes), *node = 0;
		if (slot >= BPF_CORE_READ(ctx, file_table.data.nr))
			return 0;
		bpf_probe_read_kernel(&node, 8, (void *)((u64)nodes + 8 * (u64)slot));
		file = BPF_CORE_READ(node, file_ptr);
	} else {
		u64 files = (u64)BPF_CORE_READ(before, file_table.files);
		if (slot >= BPF_CORE_READ(before, nr_user_files))
			return 0;
		bpf_probe_read_kernel(&file, 8, (void *)(files + 8 * (u64)slot));
	}
	/* the lowest bits are flags */
	return (void *)(file & ~7ULL);
}

/* Whether memory and descriptors of the submitter are those of the current task. */
static __always_inline int is_at_home(struct operation *op)
{
	struct task_struct *task = bpf_get_current_task_btf();
	return task->tgid == op->tgid;
}

/* A descriptor that is the result. */
static __always_inline s64 descriptor(struct operation *op, s64 ret, u32 known)
{
	if (!known)
		return UNKNOWN_FD;
	if (ret < 0 || !op->slot)
		return ret;
	return FIXED_FD | (op->slot == IORING_FILE_INDEX_ALLOC ? ret : op->slot - 1);
}

/* The file that is the result. */
static __always_inline struct file *file_of_result(struct operation *op, s64 ret, u32 known)
{
	if (!known || ret < 0)
		return 0;
	if (op->slot)
		return file_in_slot(op->ring, op->slot == IORING_FILE_INDEX_ALLOC ? ret : op->slot - 1);
	return is_at_home(op) ? file_of(ret) : 0;
}

/* The socket that the request is about. Its file is looked up late, so before that the descriptor tells. */
static __always_inline struct sock *sock_of_request(struct operation *op, u64 request)
{
	struct file *file = BPF_CORE_READ((struct io_kiocb *)request, file);
	if (!file && op->fd < FIXED_FD && is_at_home(op))
		file = file_of(op->fd);
	return sock_in(file);
}

static __always_inline void put_name(struct scratch *s, struct state *st, struct operation *op, u64 request,
				     u32 second)
{
	if (op->how & IS_LIVE) {
		put_kernel_text(s, st, (void *)(second ? op->second : op->first));
	} else if (op->how & IS_LONG) {
		struct long_texts *texts = bpf_map_lookup_elem(&long_texts, &request);
		put_kernel_text(s, st, texts ? (second ? texts->second : texts->first) : 0);
	} else {
		struct short_texts *texts = bpf_map_lookup_elem(&short_texts, &request);
		put_kernel_text(s, st, texts ? (second ? texts->second : texts->first) : 0);
	}
}

/* Parameters of calls with names. */
__noinline int put_named(struct state *st, struct operation *op, u64 request, u32 known)
{
	struct scratch *s = scratch();
	if (!s || !st || !op)
		return 0;
	u32 opens = op->call == CALL_openat || op->call == CALL_openat2;
	put_u64(s, st, opens ? descriptor(op, st->ret, known) : st->ret);
	if (op->call != CALL_symlinkat)
		put_u64(s, st, op->args[0]);
	put_name(s, st, op, request, 0);
	if (opens) {
		struct file *file = file_of_result(op, st->ret, known);
		struct inode *inode = file ? BPF_CORE_READ(file, f_inode) : 0;
		u32 facts = 0;
		if (file && op->call == CALL_openat) {
			facts = layer_of(inode, 0);
			facts |= BPF_CORE_READ(file, f_mode) & FMODE_CREATED ? FACT_CREATED : 0;
		}
		put_u32(s, st, op->args[1] | facts);
		put_u32(s, st, op->args[2]);
		if (op->call == CALL_openat2)
			put_u32(s, st, op->args[3]);
		put_u32(s, st, inode ? dev_of(inode) : 0);
		put_u64(s, st, inode ? BPF_CORE_READ(inode, i_ino) : 0);
		return 0;
	}
	if (op->call == CALL_unlinkat || op->call == CALL_mkdirat) {
		put_u32(s, st, op->args[1]);
		return 0;
	}
	put_u64(s, st, op->args[1]);
	put_name(s, st, op, request, 1);
	if (op->call != CALL_symlinkat)
		put_u32(s, st, op->args[2]);
	return 0;
}

/* Where the address of a request can be read now; 0 if it has none. */
static __always_inline u64 address_of(struct state *st, struct operation *op, u64 request)
{
	if (!(op->how & HAS_ADDRESS))
		return 0;
	if (op->how & IS_LIVE) {
		st->from_kernel = !(op->how & ADDRESS_OF_USER);
		return op->first;
	}
	struct short_texts *texts = bpf_map_lookup_elem(&short_texts, &request);
	st->from_kernel = 1;
	return texts ? number_from(texts) : 0;
}

/* The address of a request. */
__noinline int put_address(struct state *st, u64 address, u32 len)
{
	struct scratch *s = scratch();
	if (s && st)
		put_sockaddr(s, st, address, len);
	return 0;
}

/* Parameters of calls about sockets that move no data, and about descriptors. */
__noinline int put_socket(struct state *st, struct operation *op, u64 request, u32 known)
{
	struct scratch *s = scratch();
	if (!s || !st || !op)
		return 0;
	u32 makes = op->call == CALL_accept4 || op->call == CALL_socket || op->call == CALL_dup;
	put_u64(s, st, makes ? descriptor(op, st->ret, known) : st->ret);
	switch (op->call) {
	case CALL_connect: {
		u64 address = address_of(st, op, request);
		/* as of the system call: nothing of a connection that failed */
		u64 sk = st->ret >= 0 || st->ret == -EINPROGRESS ? (u64)sock_of_request(op, request) : 0;
		put_ends(st, sk, OUTBOUND, address);
		put_u64(s, st, op->fd);
		put_address(st, address, op->address_len);
		break;
	}
	case CALL_bind:
		put_address(st, address_of(st, op, request), op->address_len);
		put_u64(s, st, op->fd);
		break;
	case CALL_accept4: {
		struct sock *sk = sock_of_request(op, request);
		u32 len = sk && st->ret >= 0 ? BPF_CORE_READ(sk, sk_ack_backlog) : 0;
		u32 max = sk && st->ret >= 0 ? BPF_CORE_READ(sk, sk_max_ack_backlog) : 0;
		put_ends(st, (u64)sock_in(file_of_result(op, st->ret, known)), INBOUND, 0);
		put_u8(s, st, max ? (u64)len * 100 / max : 0);
		put_u32(s, st, len);
		put_u32(s, st, max);
		put_u32(s, st, op->args[0]);
		break;
	}
	case CALL_socket:
		put_u32(s, st, op->args[0]);
		put_u32(s, st, op->args[1]);
		put_u32(s, st, op->args[2]);
		put_u32(s, st, op->args[1]);
		break;
	default:
		put_u64(s, st, op->fd);
		if (op->call == CALL_listen)
			put_u32(s, st, op->args[0]);
		else if (op->call == CALL_shutdown)
			put_u8(s, st, op->args[0]);
	}
	return 0;
}

/* Bytes that were moved, or were to be: of a buffer. Which one the kernel chose is not to be found everywhere. */
static __always_inline void put_buffer(struct scratch *s, struct state *st, struct operation *op, u32 writes)
{
	s64 size = st->ret > 0 ? st->ret : writes ? op->args[1] : 0;
	put_bytes(s, st, is_at_home(op) && !(op->how & BUFFER_CHOSEN) ? op->args[0] : 0, size);
}

/* The same of a vector of `all` bytes. */
static __always_inline void put_vector(struct scratch *s, struct state *st, struct operation *op, u64 all)
{
	if (is_at_home(op) && !(op->how & BUFFER_CHOSEN) && !is_compat(op->ring))
		put_iov(st, op->args[0], op->args[1], st->ret > 0 ? st->ret : all);
	else
		put_empty(s, st);
}

/* Control bytes that came with a message. The kernel has written to the user's message how many they are. */
static __always_inline void put_control(struct scratch *s, struct state *st, struct operation *op)
{
	struct msghdr_user message = {};
	if (is_at_home(op) && !is_compat(op->ring))
		bpf_probe_read_user(&message, sizeof(message), (void *)op->args[3]);
	put_bytes(s, st, message.control, message.controllen);
}

/* Parameters of calls that move data through a socket. */
__noinline int put_packet(struct state *st, struct operation *op, u64 request)
{
	struct scratch *s = scratch();
	if (!s || !st || !op)
		return 0;
	u64 sk = (u64)sock_of_request(op, request);
	put_u64(s, st, st->ret);
	switch (op->call) {
	case CALL_sendto:
		put_buffer(s, st, op, 1);
		put_u64(s, st, op->fd);
		put_u32(s, st, op->args[1]);
		put_ends(st, sk, OUTBOUND, address_of(st, op, request));
		break;
	case CALL_sendmsg:
		put_vector(s, st, op, op->args[2]);
		put_u64(s, st, op->fd);
		put_u32(s, st, op->args[2]);
		put_ends(st, sk, OUTBOUND, address_of(st, op, request));
		break;
	case CALL_recvfrom:
		put_buffer(s, st, op, 0);
		put_ends(st, st->ret >= 0 ? sk : 0, INBOUND, 0);
		put_u64(s, st, op->fd);
		put_u32(s, st, op->args[1]);
		break;
	default: /* recvmsg */
		put_u32(s, st, st->ret > 0 ? st->ret : 0);
		put_vector(s, st, op, 0);
		put_ends(st, st->ret >= 0 ? sk : 0, INBOUND, is_at_home(op) ? op->first : 0);
		if (st->ret >= 0)
			put_control(s, st, op);
		else
			put_empty(s, st);
		put_u64(s, st, op->fd);
	}
	return 0;
}

/* Parameters of calls that read or write. */
__noinline int put_moved(struct state *st, struct operation *op)
{
	struct scratch *s = scratch();
	if (!s || !st || !op)
		return 0;
	u16 call = op->call;
	put_u64(s, st, st->ret);
	switch (call) {
	case CALL_read:
	case CALL_write:
	case CALL_pread64:
	case CALL_pwrite64:
		put_buffer(s, st, op, call == CALL_write || call == CALL_pwrite64);
		put_u64(s, st, op->fd);
		put_u32(s, st, op->args[1]);
		break;
	case CALL_readv:
	case CALL_preadv:
		put_u32(s, st, st->ret > 0 ? st->ret : 0);
		put_vector(s, st, op, 0);
		put_u64(s, st, op->fd);
		break;
	default:
		put_vector(s, st, op, op->args[3]);
		put_u64(s, st, op->fd);
		put_u32(s, st, op->args[3]);
	}
	if (call == CALL_pread64 || call == CALL_pwrite64 || call == CALL_preadv || call == CALL_pwritev)
		put_u64(s, st, op->args[2]);
	return 0;
}

/* Marks beside an event's type, where user space finds and removes them. */
#define BY_URING 0x8000
#define RESULT_UNKNOWN 0x4000

/* Writes the event. `crowded` says that there was no room to wait for the result. */
__noinline int tell(struct operation *op, u64 request, s32 ret, u32 known, u32 crowded)
{
	struct task_struct *task = bpf_get_current_task_btf();
	struct scratch *s = scratch();
	u32 zero = 0;
	struct draft *draft = bpf_map_lookup_elem(&drafts, &zero);
	if (!s || !op || !draft)
		return 0;
	u32 nr = op->call;
	struct recipe *recipe = bpf_map_lookup_elem(&recipes, &nr);
	if (!recipe)
		return 0;
	struct state *st = &draft->state;
	if (s->busy) {
		/* the state may be of the event that is being written */
		struct ledger *l = ledger(recipe->type);
		if (l)
			l->nested++;
		return 0;
	}
	__builtin_memset(st, 0, sizeof(*st));
	st->type = recipe->type;
	if (recipe->count > MAX_OPS || !begin(s, st, recipe->count, task))
		return 0;
	st->lane = recipe->lane;
	st->ret = known ? ret : 0;
	*(u64 *)&s->data[8] = op->tid;
	*(u16 *)&s->data[20] = st->type | BY_URING | (known ? 0 : RESULT_UNKNOWN);
	switch (calls[op->opcode & (OPERATIONS - 1)].group) {
	case NAMES:
		put_named(st, op, request, known);
		break;
	case SOCKETS:
		put_socket(st, op, request, known);
		break;
	case PACKETS:
		put_packet(st, op, request);
		break;
	default:
		put_moved(st, op);
	}
	if (crowded) {
		struct ledger *l = ledger(st->type);
		if (l)
			l->table_full++;
	}
	finish(s, st);
	return 0;
}

/* 6.1 calls it io_uring_submit_sqe and passes more behind the request. */
SEC("tp_btf/io_uring_submit_req")
int uring_submit(u64 *ctx)
{
	struct io_kiocb *req = (void *)ctx[0];
	struct task_struct *task = bpf_get_current_task_btf();
	u64 request = number_from(req);
	u8 opcode = req->opcode;
	if (opcode >= OPERATIONS || !calls[opcode].group)
		return 0;
	u16 call = calls[opcode].plain;
	if (call != calls[opcode].placed && BPF_CORE_READ((struct io_rw *)request, kiocb.ki_pos) != -1)
		call = calls[opcode].placed;
	call &= SYSCALLS - 1;
	if (!(interest.bits[call >> 3] & (1 << (call & 7))) || !wanted(task))
		return 0;
	u32 flags = BPF_CORE_READ(req, flags), zero = 0;
	struct draft *draft = bpf_map_lookup_elem(&drafts, &zero);
	if (!draft)
		return 0;
	struct operation *op = &draft->op;
	__builtin_memset(op, 0, sizeof(*op));
	op->ring = (u64)BPF_CORE_READ(req, ctx);
	op->user_data = BPF_CORE_READ(req, cqe.user_data);
	op->tgid = task->tgid;
	/* the kernel's own thread belongs to the process, too */
	op->tid = BPF_CORE_READ(req, ctx, flags) & IORING_SETUP_SQPOLL ? task->tgid : task->pid;
	op->fd = BPF_CORE_READ(req, cqe.fd) | (flags & IOSQE_FIXED_FILE ? FIXED_FD : 0);
	op->call = call;
	op->opcode = opcode;
	op->how = flags & IOSQE_BUFFER_SELECT ? BUFFER_CHOSEN : 0;
	describe(op, request);
	if (flags & IOSQE_CQE_SKIP_SUCCESS) {
		op->how |= IS_LIVE;
		tell(op, request, 0, 0, 0);
	} else if (!remember(op, request)) {
		op->how |= IS_LIVE;
		tell(op, request, 0, 0, 1);
	}
	return 0;
}

/* Requests of a ring with the same user data. */
struct search {
	u64 ring, user_data, found, count;
};

static long count_match(void *map, u64 *request, struct operation *op, struct search *search)
{
	if (op->ring == search->ring && op->user_data == search->user_data) {
		search->found = *request;
		/* 1 or several: the verifier follows every number that it can take */
		search->count = search->count ? 2 : 1;
	}
	return 0;
}

static long tell_match(void *map, u64 *request, struct operation *op, struct search *search)
{
	if (op->ring == search->ring && op->user_data == search->user_data) {
		tell(op, *request, 0, 0, 0);
		/* one that may have more results could hide them otherwise */
		if (!(op->how & IS_REPEATING))
			forget(op, *request);
	}
	return 0;
}

/* The request that a result without one is of; of several one that has not ended. */
static __always_inline u64 request_of(u64 ring, u64 user_data)
{
	struct origin origin = { ring, user_data };
	struct repeated *same = bpf_map_lookup_elem(&repeating, &origin);
	if (!same)
		return 0;
	if (!same->request) {
		struct search search = { .ring = ring, .user_data = user_data };
		bpf_for_each_map_elem(&pending, count_match, &search, 0);
		same->request = search.found;
	}
	return same->request;
}

/* A request has a result, and others will follow or not. */
static __always_inline int has_result(u64 ring, u64 request, u64 user_data, s32 ret, u32 is_last)
{
	struct operation *op = bpf_map_lookup_elem(&pending, &request);
	if (!op)
		return 0;
	/* INVARIANT: memory of a request that ended unseen is another request's now if these differ */
	if (op->ring == ring && op->user_data == user_data &&
	    op->opcode == BPF_CORE_READ((struct io_kiocb *)request, opcode)) {
		tell(op, request, ret, 1, 0);
		if (!is_last)
			return 0;
	}
	forget(op, request);
	return 0;
}

static __always_inline int completed(u64 ring, u64 request, u64 user_data, s32 ret)
{
	return has_result(ring, request ? request : request_of(ring, user_data), user_data, ret, request != 0);
}

SEC("tp_btf/io_uring_complete")
int uring_complete(u64 *ctx)
{
	struct io_uring_cqe *cqe = (void *)ctx[2];
	return completed(number_from((void *)ctx[0]), ctx[1], cqe->user_data, cqe->res);
}

/* As kernels to 6.12 pass it: the entry's values one by one. */
SEC("tp_btf/io_uring_complete")
int uring_complete_values(u64 *ctx)
{
	return completed(ctx[0], ctx[1], ctx[2], ctx[3]);
}

SEC("tp_btf/io_uring_cqe_overflow")
int uring_overflow(u64 *ctx)
{
	struct search search = { .ring = ctx[0], .user_data = ctx[1] };
	bpf_for_each_map_elem(&pending, count_match, &search, 0);
	if (search.count == 1)
		has_result(ctx[0], search.found, ctx[1], ctx[2], !((u32)ctx[3] & IORING_CQE_F_MORE));
	else if (search.count > 1)
		bpf_for_each_map_elem(&pending, tell_match, &search, 0);
	return 0;
}
