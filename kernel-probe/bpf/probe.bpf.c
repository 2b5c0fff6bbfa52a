/* SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause */
/* Peregrine's probe: system calls at their end, exec and exit of processes. */
#include "enter.h"
#include "iterators.h"
#include "uring.h"

char LICENSE[] SEC("license") = "Dual BSD/GPL";

enum { RUN_RECIPE, RUN_CLONE, RUN_EXEC, RUN_OPEN, RUN_CLOSE, RUN_MESSAGES };

/* Programs that go on where sys_exit has found what to do. */
struct {
	__uint(type, BPF_MAP_TYPE_PROG_ARRAY);
	__uint(max_entries, 8);
	__type(key, u32);
	__type(value, u32);
} programs SEC(".maps");

#define TS_COMPAT 2
/* a system call of 32-bit programs that stands for all of sockets */
#define COMPAT_socketcall 102
#define EVENT_EXECVE 293
#define EVENT_PROCEXIT 186
#define EVENT_CLOSE 5
#define NR_execveat 322

/* The number of the system call that ended, in today's numbers; SYSCALLS for none. */
static __always_inline u32 number_in(struct pt_regs *regs, struct task_struct *task, int *is_compat)
{
	u32 nr = regs->orig_ax;
	*is_compat = 0;
	if (task->thread_info.status & TS_COMPAT) {
		*is_compat = 1;
		if (nr >= SOCKETCALLS)
			return SYSCALLS;
		if (nr == COMPAT_socketcall)
			nr = SOCKETCALLS + ((u32)regs->bx & 31);
		u32 *now = bpf_map_lookup_elem(&compat, &nr);
		nr = now ? *now : SYSCALLS;
	}
	return nr;
}

static __always_inline void arguments(struct state *st, struct pt_regs *regs, int is_compat)
{
	st->compat = is_compat;
	if (is_compat && (u32)regs->orig_ax == COMPAT_socketcall) {
		u32 words[6] = {};
		bpf_probe_read_user(words, sizeof(words), (void *)(u64)(u32)regs->cx);
		st->args[0] = words[0];
		st->args[1] = words[1];
		st->args[2] = words[2];
		st->args[3] = words[3];
		st->args[4] = words[4];
		st->args[5] = words[5];
		return;
	}
	if (is_compat) {
		st->args[0] = (u32)regs->bx;
		st->args[1] = (u32)regs->cx;
		st->args[2] = (u32)regs->dx;
		st->args[3] = (u32)regs->si;
		st->args[4] = (u32)regs->di;
		st->args[5] = (u32)regs->bp;
		return;
	}
	st->args[0] = regs->di;
	st->args[1] = regs->si;
	st->args[2] = regs->dx;
	st->args[3] = regs->r10;
	st->args[4] = regs->r8;
	st->args[5] = regs->r9;
}

/* The most frequent event of all, put together on the stack. */
static __always_inline void run_close(struct pt_regs *regs, struct task_struct *task, s64 ret)
{
	struct {
		u64 ts, tid;
		u32 len;
		u16 type;
		u32 nparams;
		u16 lengths[2];
		s64 res, fd;
	} __attribute__((packed)) event = {
		.ts = bpf_ktime_get_boot_ns() + boot_epoch_ns,
		.tid = task->pid,
		.len = sizeof(event),
		.type = EVENT_CLOSE,
		.nparams = 2,
		.lengths = { 8, 8 },
		.res = ret,
		.fd = (s32)regs->di,
	};
	struct ledger *l = ledger(EVENT_CLOSE);
	u32 key = bpf_get_smp_processor_id();
	void *ring = bpf_map_lookup_elem(&rings, &key);
	if (!l)
		return;
	if (ring && bpf_ringbuf_output(ring, &event, sizeof(event), BPF_RB_NO_WAKEUP) == 0)
		l->sent++;
	else
		l->ring_full++;
}

SEC("tp_btf/sys_exit")
int sys_exit(u64 *ctx)
{
	struct pt_regs *regs = (struct pt_regs *)ctx[0];
	struct task_struct *task = bpf_get_current_task_btf();
	int is_compat;
	u32 nr = number_in(regs, task, &is_compat);
	if (nr >= SYSCALLS || !(interest.bits[nr >> 3] & (1 << (nr & 7))) || !wanted(task))
		return 0;
	if (drop_failed && (s64)ctx[1] < 0)
		return 0;
	struct recipe *recipe = bpf_map_lookup_elem(&recipes, &nr);
	if (!recipe)
		return 0;
	if (recipe->program == RUN_CLOSE && !is_compat) {
		run_close(regs, task, ctx[1]);
		return 0;
	}
	/* a program that was executed is told of where it begins */
	if (recipe->program == RUN_EXEC && (s64)ctx[1] == 0)
		return 0;
	/* the quick programs know the 64-bit calls only; a literal number makes the call a jump */
	if (recipe->program == RUN_OPEN && !is_compat)
		bpf_tail_call(ctx, &programs, RUN_OPEN);
	else if (recipe->program == RUN_CLONE)
		bpf_tail_call(ctx, &programs, RUN_CLONE);
	else if (recipe->program == RUN_EXEC)
		bpf_tail_call(ctx, &programs, RUN_EXEC);
	else if (recipe->program == RUN_MESSAGES)
		bpf_tail_call(ctx, &programs, RUN_MESSAGES);
	else
		bpf_tail_call(ctx, &programs, RUN_RECIPE);
	return 0;
}

/* What the programs of a system call begin with; 0 if it is none of those that are recorded. */
static __always_inline struct recipe *call_of(u64 *ctx, struct state *st)
{
	struct pt_regs *regs = (struct pt_regs *)ctx[0];
	int is_compat;
	u32 nr = number_in(regs, bpf_get_current_task_btf(), &is_compat);
	struct recipe *recipe = bpf_map_lookup_elem(&recipes, &nr);
	if (!recipe)
		return 0;
	arguments(st, regs, is_compat);
	st->ret = ctx[1];
	st->nr = nr;
	st->type = recipe->type;
	st->lane = recipe->lane;
	return recipe;
}

/* Calls whose arguments are kept from the begin on. */
SEC("tp_btf/sys_enter")
int sys_enter(u64 *ctx)
{
	struct pt_regs *regs = (struct pt_regs *)ctx[0];
	struct task_struct *task = bpf_get_current_task_btf();
	struct state st = {};
	int is_compat;
	u32 nr = number_in(regs, task, &is_compat);
	if (!is_kept(nr) || !(interest.bits[nr >> 3] & (1 << (nr & 7))) || !wanted(task))
		return 0;
	struct recipe *recipe = bpf_map_lookup_elem(&recipes, &nr);
	if (!recipe)
		return 0;
	arguments(&st, regs, is_compat);
	st.nr = nr;
	st.type = recipe->type;
	keep(&st);
	return 0;
}

SEC("tp_btf/sys_exit")
int run_recipe(u64 *ctx)
{
	struct state st = {};
	struct recipe *recipe = call_of(ctx, &st);
	struct scratch *s = scratch();
	if (!recipe || !s)
		return 0;
	u32 count = recipe->count;
	if (count > MAX_OPS || !begin(s, &st, count, bpf_get_current_task_btf()))
		return 0;
	for (u32 i = 0; i < MAX_OPS; i++) {
		if (i >= count)
			break;
		put(&st, recipe->ops[i]);
	}
	if (is_kept(st.nr))
		compare(&st);
	finish(s, &st);
	return 0;
}

/* open and openat, the file behind them looked for once. */
SEC("tp_btf/sys_exit")
int run_open(u64 *ctx)
{
	struct pt_regs *regs = (struct pt_regs *)ctx[0];
	struct task_struct *task = bpf_get_current_task_btf();
	struct state st = {};
	u32 nr = regs->orig_ax, dev = 0, facts = 0;
	struct recipe *recipe = bpf_map_lookup_elem(&recipes, &nr);
	struct scratch *s = scratch();
	s64 ret = ctx[1];
	u64 ino = 0;
	if (!recipe || !s)
		return 0;
	st.type = recipe->type;
	u32 at = nr != NR_open;
	if (!begin(s, &st, 6 + at, task))
		return 0;
	put_u64(s, &st, ret);
	if (at)
		put_u64(s, &st, (s32)regs->di);
	put_user_text(s, &st, at ? regs->si : regs->di);
	struct file *file = ret >= 0 ? file_of(ret) : 0;
	if (file) {
		u64 copy[FIRST_BYTES / 8];
		u8 *bytes = (u8 *)copy;
		COPY_FIRST(bytes, file);
		struct inode *inode = IN_COPY(bytes, file, f_inode);
		if (IN_COPY(bytes, file, f_mode) & FMODE_CREATED)
			facts = FACT_CREATED;
		COPY_FIRST(bytes, inode);
		ino = IN_COPY(bytes, inode, i_ino);
		struct super_block *sb = IN_COPY(bytes, inode, i_sb);
		COPY_FIRST(bytes, sb);
		u32 raw = IN_COPY(bytes, sb, s_dev);
		dev = ((raw & 0xff) | ((raw >> 20) << 8) | ((raw & 0xfff00) << 12));
		if (IN_COPY(bytes, sb, s_magic) == OVERLAYFS_MAGIC)
			facts |= layer_of(inode, 0);
	}
	put_u32(s, &st, (at ? regs->dx : regs->si) | facts);
	put_u32(s, &st, at ? regs->r10 : regs->dx);
	put_u32(s, &st, dev);
	put_u64(s, &st, ino);
	if (ret >= 0) {
		arguments(&st, regs, 0);
		st.nr = nr;
		compare(&st);
	}
	finish(s, &st);
	return 0;
}

#define MAX_MESSAGES 16

/* Messages that were sent or received at once, an event each; what failed is told of the first one. */
SEC("tp_btf/sys_exit")
int run_messages(u64 *ctx)
{
	struct state st = {};
	if (!call_of(ctx, &st))
		return 0;
	s64 count = st.ret;
	if (count <= 0) {
		put_one_of_messages(&st, 0);
		return 0;
	}
	for (u32 i = 0; i < MAX_MESSAGES; i++) {
		if (i >= count)
			break;
		put_one_of_messages(&st, i);
	}
	return 0;
}

SEC("tp_btf/sys_exit")
int run_clone(u64 *ctx)
{
	struct state st = {};
	struct scratch *s = scratch();
	if (!call_of(ctx, &st) || !s)
		return 0;
	if (!begin(s, &st, 21, bpf_get_current_task_btf()))
		return 0;
	put_clone(s, &st);
	finish(s, &st);
	return 0;
}

/* An exec that failed: the process is what it was, the arguments are those that it gave. */
SEC("tp_btf/sys_exit")
int run_exec(u64 *ctx)
{
	struct state st = {};
	struct scratch *s = scratch();
	if (!call_of(ctx, &st) || !s)
		return 0;
	u32 at = st.nr == NR_execveat;
	if (!begin(s, &st, at ? 30 : 31, bpf_get_current_task_btf()))
		return 0;
	u64 argv = at ? st.args[2] : st.args[1], first = 0;
	put_u64(s, &st, st.ret);
	bpf_probe_read_user(&first, st.compat ? 4 : 8, (void *)argv);
	put_user_text(s, &st, first);
	put_pointers(&st, argv, 1);
	put_numbers(&st);
	put_cgroups(&st);
	put_pointers(&st, at ? st.args[3] : st.args[2], 0);
	put_exe(&st);
	if (!at)
		put_user_text(s, &st, st.args[0]);
	finish(s, &st);
	return 0;
}

/* A program that begins. */
SEC("tp_btf/sched_process_exec")
int process_exec(u64 *ctx)
{
	struct task_struct *task = bpf_get_current_task_btf();
	struct linux_binprm *bprm = (void *)ctx[2];
	struct state st = {};
	if (!(interest.others[0] & 1) || !wanted(task))
		return 0;
	struct scratch *s = scratch();
	if (!s)
		return 0;
	st.type = EVENT_EXECVE;
	st.lane = 1;
	if (!begin(s, &st, 31, task))
		return 0;
	put_u64(s, &st, 0);
	put_args(&st);
	put_numbers(&st);
	put_cgroups(&st);
	struct mm_struct *mm = task->mm;
	if (mm)
		put_area(s, &st, BPF_CORE_READ(mm, env_start), BPF_CORE_READ(mm, env_end));
	else
		put_empty(s, &st);
	put_exe(&st);
	put_kernel_text(s, &st, bprm->filename);
	finish(s, &st);
	return 0;
}

#define PF_KTHREAD 0x200000

/* The thread that takes over the children of one that ends: another thread of its process, else the nearest
 * ancestor that is a subreaper, else the namespace's init; 0 if there are no children. */
__noinline s64 reaper(void)
{
	struct task_struct *task = bpf_get_current_task_btf();
	struct list_head *first = BPF_CORE_READ(task, children.next);
	if ((void *)first == (void *)task + bpf_core_field_offset(struct task_struct, children))
		return 0;
	struct task_struct *parent = BPF_CORE_READ(task, real_parent);
	for (int i = 0; i < 20; i++) {
		if (!parent)
			break;
		struct signal_struct *signal = BPF_CORE_READ(parent, signal);
		if (BPF_CORE_READ(parent, pid) <= 1)
			break;
		if (signal && BPF_CORE_READ_BITFIELD_PROBED(signal, is_child_subreaper))
			return BPF_CORE_READ(parent, pid);
		parent = BPF_CORE_READ(parent, real_parent);
	}
	struct pid_namespace *ns = namespace_of(BPF_CORE_READ(task, thread_pid));
	return BPF_CORE_READ(ns, child_reaper, pid);
}

SEC("tp_btf/sched_process_exit")
int process_exit(u64 *ctx)
{
	struct task_struct *task = bpf_get_current_task_btf();
	struct state st = {};
	u32 tgid = task->tgid;
	if (task->flags & PF_KTHREAD)
		return 0;
	if (!(interest.others[0] & 2) || !wanted(task))
		return 0;
	struct scratch *s = scratch();
	if (!s)
		return 0;
	int code = task->exit_code;
	u32 signal = code & 0x7f;
	st.type = EVENT_PROCEXIT;
	st.lane = 1;
	if (!begin(s, &st, 5, task))
		return 0;
	put_u64(s, &st, code);
	put_u64(s, &st, signal ? 0 : (code >> 8) & 0xff);
	put_u8(s, &st, signal);
	put_u8(s, &st, (code & 0x80) != 0);
	put_u64(s, &st, reaper());
	finish(s, &st);
	if (filter == FILTER_TREE && task->pid == tgid)
		bpf_map_delete_elem(&tree, &tgid);
	return 0;
}

/* A process that begins belongs to its parent's tree. */
SEC("tp_btf/sched_process_fork")
int process_fork(u64 *ctx)
{
	struct task_struct *parent = (void *)ctx[0], *child = (void *)ctx[1];
	u32 parent_tgid = parent->tgid, child_tgid = child->tgid, one = 1;
	if (filter != FILTER_TREE || parent_tgid == child_tgid)
		return 0;
	if (!bpf_map_lookup_elem(&tree, &parent_tgid))
		return 0;
	if (bpf_map_update_elem(&tree, &child_tgid, &one, BPF_ANY)) {
		struct ledger *l = ledger(0);
		if (l)
			l->nested++;
	}
	return 0;
}
