//! System calls in the architecture-independent numbering (`ppm_sc`), and x86-64's numbers.
//!
//! A few codes are not system calls but kernel tracepoints (`sched_process_exit`, `page_fault_user`, ...).
//! A code without event types of its own arrives as the generic event, whose first parameter is this code.

use peregrine_compiler::schema::{EventCode, ScCode, ScDef};
use std::borrow::Cow;

/// One row: name and event types, enter before exit.
pub type Syscall = (&'static str, &'static [u16]);

/// The system call with a code.
pub fn by_code(code: ScCode) -> Option<&'static Syscall> {
    SYSCALLS.get(usize::from(code.0))
}

/// The name of a code.
pub fn name(code: u16) -> Option<&'static str> {
    SYSCALLS.get(usize::from(code)).map(|row| row.0)
}

/// The code of x86-64's system call `number`.
pub fn from_x86_64(number: u64) -> Option<ScCode> {
    let number = u16::try_from(number).ok()?;
    let at = X86_64.binary_search_by_key(&number, |row| row.0).ok()?;
    X86_64.get(at).map(|row| ScCode(row.1))
}

/// x86-64's number for a code; none for tracepoints and for calls of other architectures.
pub fn to_x86_64(code: ScCode) -> Option<u16> {
    X86_64.iter().find(|row| row.1 == code.0).map(|row| row.0)
}

/// All system calls as the compiler wants them.
pub(crate) fn defs() -> Vec<ScDef> {
    (0..)
        .zip(&SYSCALLS)
        .map(|(code, (name, events))| ScDef {
            code: ScCode(code),
            name: Cow::Borrowed(name),
            events: events.iter().copied().map(EventCode).collect(),
        })
        .collect()
}

/// All codes; the index is the code.
#[rustfmt::skip]
pub static SYSCALLS: [Syscall; 454] = [
    // 0
    ("unknown", &[]), ("restart_syscall", &[]), ("exit", &[]), ("read", &[6, 7]), ("write", &[8, 9]),
    ("open", &[2, 3]), ("close", &[4, 5]), ("creat", &[58, 59]), ("link", &[308, 309]),
    ("unlink", &[300, 301]),
    // 10
    ("chdir", &[94, 95]), ("time", &[]), ("mknod", &[414, 415]), ("chmod", &[314, 315]), ("stat", &[66, 67]),
    ("lseek", &[86, 87]), ("getpid", &[]), ("mount", &[256, 257]), ("ptrace", &[168, 169]), ("alarm", &[]),
    // 20
    ("fstat", &[70, 71]), ("pause", &[]), ("utime", &[]), ("access", &[264, 265]), ("sync", &[]),
    ("kill", &[128, 129]), ("rename", &[174, 175]), ("mkdir", &[276, 277]), ("rmdir", &[278, 279]),
    ("dup", &[366, 367]),
    // 30
    ("pipe", &[60, 61]), ("times", &[]), ("brk", &[158, 159]), ("acct", &[]), ("ioctl", &[170, 171]),
    ("fcntl", &[150, 151]), ("setpgid", &[294, 295]), ("umask", &[]), ("chroot", &[266, 267]), ("ustat", &[]),
    // 40
    ("dup2", &[362, 363]), ("getppid", &[]), ("getpgrp", &[]), ("setsid", &[274, 275]), ("sethostname", &[]),
    ("setrlimit", &[142, 143]), ("getrusage", &[]), ("gettimeofday", &[]), ("settimeofday", &[]),
    ("symlink", &[178, 179]),
    // 50
    ("lstat", &[68, 69]), ("readlink", &[]), ("uselib", &[]), ("swapon", &[]), ("reboot", &[]),
    ("mmap", &[160, 161]), ("munmap", &[164, 165]), ("truncate", &[]), ("ftruncate", &[]),
    ("fchmod", &[316, 317]),
    // 60
    ("getpriority", &[]), ("setpriority", &[]), ("statfs", &[]), ("fstatfs", &[]), ("syslog", &[]),
    ("setitimer", &[]), ("getitimer", &[]), ("uname", &[]), ("vhangup", &[]), ("wait4", &[]),
    // 70
    ("swapoff", &[]), ("sysinfo", &[]), ("fsync", &[]), ("setdomainname", &[]), ("adjtimex", &[]),
    ("mprotect", &[328, 329]), ("init_module", &[410, 411]), ("delete_module", &[424, 425]),
    ("quotactl", &[190, 191]), ("getpgid", &[]),
    // 80
    ("fchdir", &[96, 97]), ("sysfs", &[]), ("personality", &[]), ("getdents", &[236, 237]),
    ("select", &[82, 83]), ("flock", &[242, 243]), ("msync", &[]), ("readv", &[116, 117]),
    ("writev", &[118, 119]), ("getsid", &[]),
    // 90
    ("fdatasync", &[]), ("mlock", &[344, 345]), ("munlock", &[346, 347]), ("mlockall", &[348, 349]),
    ("munlockall", &[350, 351]), ("sched_setparam", &[]), ("sched_getparam", &[]),
    ("sched_setscheduler", &[]), ("sched_getscheduler", &[]), ("sched_yield", &[]),
    // 100
    ("sched_get_priority_max", &[]), ("sched_get_priority_min", &[]), ("sched_rr_get_interval", &[]),
    ("nanosleep", &[134, 135]), ("mremap", &[]), ("poll", &[80, 81]), ("prctl", &[400, 401]),
    ("rt_sigaction", &[]), ("rt_sigprocmask", &[]), ("rt_sigpending", &[]),
    // 110
    ("rt_sigtimedwait", &[]), ("rt_sigqueueinfo", &[]), ("rt_sigsuspend", &[]), ("getcwd", &[92, 93]),
    ("capget", &[]), ("capset", &[352, 353]), ("sendfile", &[188, 189]), ("getrlimit", &[140, 141]),
    ("lchown", &[380, 381]), ("getuid", &[202, 203]),
    // 120
    ("getgid", &[206, 207]), ("geteuid", &[204, 205]), ("getegid", &[208, 209]), ("setreuid", &[426, 427]),
    ("setregid", &[428, 429]), ("getgroups", &[]), ("setgroups", &[]), ("fchown", &[382, 383]),
    ("setresuid", &[192, 193]), ("getresuid", &[210, 211]),
    // 130
    ("setresgid", &[194, 195]), ("getresgid", &[212, 213]), ("chown", &[378, 379]), ("setuid", &[198, 199]),
    ("setgid", &[200, 201]), ("setfsuid", &[]), ("setfsgid", &[]), ("pivot_root", &[]), ("mincore", &[]),
    ("madvise", &[]),
    // 140
    ("gettid", &[]), ("setxattr", &[]), ("lsetxattr", &[]), ("fsetxattr", &[]), ("getxattr", &[]),
    ("lgetxattr", &[]), ("fgetxattr", &[]), ("listxattr", &[]), ("llistxattr", &[]), ("flistxattr", &[]),
    // 150
    ("removexattr", &[]), ("lremovexattr", &[]), ("fremovexattr", &[]), ("tkill", &[130, 131]),
    ("futex", &[64, 65]), ("sched_setaffinity", &[]), ("sched_getaffinity", &[]), ("set_thread_area", &[]),
    ("get_thread_area", &[]), ("io_setup", &[]),
    // 160
    ("io_destroy", &[]), ("io_getevents", &[]), ("io_submit", &[]), ("io_cancel", &[]), ("exit_group", &[]),
    ("epoll_create", &[374, 375]), ("epoll_ctl", &[]), ("epoll_wait", &[78, 79]), ("remap_file_pages", &[]),
    ("set_tid_address", &[]),
    // 170
    ("timer_create", &[]), ("timer_settime", &[]), ("timer_gettime", &[]), ("timer_getoverrun", &[]),
    ("timer_delete", &[]), ("clock_settime", &[]), ("clock_gettime", &[]), ("clock_getres", &[]),
    ("clock_nanosleep", &[]), ("tgkill", &[132, 133]),
    // 180
    ("utimes", &[]), ("mq_open", &[]), ("mq_unlink", &[]), ("mq_timedsend", &[]), ("mq_timedreceive", &[]),
    ("mq_notify", &[]), ("mq_getsetattr", &[]), ("kexec_load", &[]), ("waitid", &[]), ("add_key", &[]),
    // 190
    ("request_key", &[]), ("keyctl", &[452, 453]), ("ioprio_set", &[]), ("ioprio_get", &[]),
    ("inotify_init", &[138, 139]), ("inotify_add_watch", &[]), ("inotify_rm_watch", &[]),
    ("openat", &[306, 307]), ("mkdirat", &[304, 305]), ("mknodat", &[416, 417]),
    // 200
    ("fchownat", &[384, 385]), ("futimesat", &[]), ("unlinkat", &[302, 303]), ("renameat", &[176, 177]),
    ("linkat", &[310, 311]), ("symlinkat", &[180, 181]), ("readlinkat", &[]), ("fchmodat", &[312, 313]),
    ("faccessat", &[]), ("pselect6", &[]),
    // 210
    ("ppoll", &[254, 255]), ("unshare", &[284, 285]), ("set_robust_list", &[]), ("get_robust_list", &[]),
    ("splice", &[166, 167]), ("tee", &[]), ("vmsplice", &[]), ("getcpu", &[]), ("epoll_pwait", &[]),
    ("utimensat", &[]),
    // 220
    ("signalfd", &[126, 127]), ("timerfd_create", &[136, 137]), ("eventfd", &[62, 63]),
    ("timerfd_settime", &[]), ("timerfd_gettime", &[]), ("signalfd4", &[398, 399]), ("eventfd2", &[396, 397]),
    ("epoll_create1", &[376, 377]), ("dup3", &[364, 365]), ("pipe2", &[392, 393]),
    // 230
    ("inotify_init1", &[394, 395]), ("preadv", &[120, 121]), ("pwritev", &[122, 123]),
    ("rt_tgsigqueueinfo", &[]), ("perf_event_open", &[]), ("fanotify_init", &[]), ("prlimit64", &[144, 145]),
    ("clock_adjtime", &[]), ("syncfs", &[]), ("setns", &[240, 241]),
    // 240
    ("getdents64", &[238, 239]), ("socket", &[18, 19]), ("bind", &[20, 21]), ("connect", &[22, 23]),
    ("listen", &[24, 25]), ("accept", &[246, 247]), ("getsockname", &[38, 39]), ("getpeername", &[40, 41]),
    ("socketpair", &[42, 43]), ("sendto", &[30, 31]),
    // 250
    ("recvfrom", &[34, 35]), ("shutdown", &[36, 37]), ("setsockopt", &[44, 45]), ("getsockopt", &[46, 47]),
    ("sendmsg", &[48, 49]), ("sendmmsg", &[50, 51]), ("recvmsg", &[52, 53]), ("recvmmsg", &[54, 55]),
    ("accept4", &[388, 389]), ("semop", &[250, 251]),
    // 260
    ("semget", &[262, 263]), ("semctl", &[252, 253]), ("msgsnd", &[]), ("msgrcv", &[]), ("msgget", &[]),
    ("msgctl", &[]), ("shmdt", &[]), ("shmget", &[]), ("shmctl", &[]), ("statfs64", &[]),
    // 270
    ("fstatfs64", &[]), ("fstatat64", &[]), ("sendfile64", &[188, 189]), ("ugetrlimit", &[140, 141]),
    ("bdflush", &[]), ("sigprocmask", &[]), ("ipc", &[]), ("socketcall", &[]), ("stat64", &[72, 73]),
    ("lstat64", &[74, 75]),
    // 280
    ("fstat64", &[76, 77]), ("fcntl64", &[150, 151]), ("mmap2", &[162, 163]), ("_newselect", &[]),
    ("sgetmask", &[]), ("ssetmask", &[]), ("sigpending", &[]), ("olduname", &[]), ("umount", &[386, 387]),
    ("signal", &[]),
    // 290
    ("nice", &[]), ("stime", &[]), ("_llseek", &[88, 89]), ("waitpid", &[]), ("pread64", &[112, 113]),
    ("pwrite64", &[114, 115]), ("arch_prctl", &[]), ("shmat", &[]), ("rt_sigreturn", &[]), ("fallocate", &[]),
    // 300
    ("newfstatat", &[418, 419]), ("process_vm_readv", &[420, 421]), ("process_vm_writev", &[422, 423]),
    ("fork", &[224, 225]), ("vfork", &[226, 227]), ("setuid32", &[198, 199]), ("getuid32", &[202, 203]),
    ("setgid32", &[200, 201]), ("geteuid32", &[204, 205]), ("getgid32", &[206, 207]),
    // 310
    ("setresuid32", &[192, 193]), ("setresgid32", &[194, 195]), ("getresuid32", &[210, 211]),
    ("getresgid32", &[212, 213]), ("finit_module", &[412, 413]), ("bpf", &[368, 369]),
    ("seccomp", &[298, 299]), ("sigaltstack", &[]), ("getrandom", &[]), ("fadvise64", &[]),
    // 320
    ("renameat2", &[318, 319]), ("userfaultfd", &[320, 321]), ("openat2", &[326, 327]),
    ("umount2", &[390, 391]), ("execve", &[292, 293]), ("execveat", &[330, 331]),
    ("copy_file_range", &[332, 333]), ("clone", &[222, 223]), ("clone3", &[334, 335]),
    ("open_by_handle_at", &[336, 337]),
    // 330
    ("io_uring_setup", &[338, 339]), ("io_uring_enter", &[340, 341]), ("io_uring_register", &[342, 343]),
    ("mlock2", &[370, 371]), ("getegid32", &[208, 209]), ("fsconfig", &[372, 373]), ("fspick", &[]),
    ("fsmount", &[]), ("fsopen", &[]), ("open_tree", &[]),
    // 340
    ("move_mount", &[]), ("mount_setattr", &[]), ("memfd_create", &[404, 405]), ("memfd_secret", &[]),
    ("ioperm", &[]), ("kexec_file_load", &[]), ("pidfd_getfd", &[406, 407]), ("pidfd_open", &[408, 409]),
    ("pidfd_send_signal", &[]), ("pkey_alloc", &[]),
    // 350
    ("pkey_mprotect", &[]), ("pkey_free", &[]), ("landlock_create_ruleset", &[]), ("quotactl_fd", &[]),
    ("landlock_restrict_self", &[]), ("landlock_add_rule", &[]), ("epoll_pwait2", &[]),
    ("migrate_pages", &[]), ("move_pages", &[]), ("preadv2", &[]),
    // 360
    ("pwritev2", &[]), ("kcmp", &[]), ("sched_setattr", &[]), ("mbind", &[]), ("epoll_ctl_old", &[]),
    ("lookup_dcookie", &[]), ("modify_ldt", &[]), ("statx", &[]), ("set_mempolicy", &[]),
    ("io_pgetevents", &[]),
    // 370
    ("set_mempolicy_home_node", &[]), ("semtimedop", &[]), ("get_kernel_syms", &[]), ("readahead", &[]),
    ("futex_waitv", &[]), ("getpmsg", &[]), ("name_to_handle_at", &[]), ("process_mrelease", &[]),
    ("nfsservctl", &[]), ("epoll_wait_old", &[]),
    // 380
    ("rseq", &[]), ("create_module", &[]), ("na_1", &[]), ("sched_getattr", &[]), ("faccessat2", &[]),
    ("_sysctl", &[]), ("query_module", &[]), ("get_mempolicy", &[]), ("sync_file_range", &[]),
    ("process_madvise", &[]),
    // 390
    ("membarrier", &[]), ("iopl", &[]), ("close_range", &[450, 451]), ("fanotify_mark", &[]),
    ("recv", &[32, 33]), ("send", &[28, 29]), ("sched_process_exit", &[186]), ("sched_switch", &[152]),
    ("page_fault_user", &[290]), ("page_fault_kernel", &[290]),
    // 400
    ("signal_deliver", &[232]), ("timerfd", &[]), ("s390_pci_mmio_read", &[]), ("sigaction", &[]),
    ("s390_pci_mmio_write", &[]), ("readdir", &[]), ("s390_sthyi", &[]), ("sigsuspend", &[]), ("idle", &[]),
    ("s390_runtime_instr", &[]),
    // 410
    ("sigreturn", &[]), ("s390_guarded_storage", &[]), ("cachestat", &[]), ("fchmodat2", &[]),
    ("map_shadow_stack", &[]), ("riscv_flush_icache", &[]), ("riscv_hwprobe", &[]), ("futex_wake", &[]),
    ("futex_requeue", &[]), ("futex_wait", &[]),
    // 420
    ("oldstat", &[]), ("switch_endian", &[]), ("multiplexer", &[]), ("oldlstat", &[]), ("spu_create", &[]),
    ("sync_file_range2", &[]), ("oldfstat", &[]), ("spu_run", &[]), ("swapcontext", &[]),
    ("pciconfig_write", &[]),
    // 430
    ("rtas", &[]), ("pciconfig_read", &[]), ("sys_debug_setcontext", &[]), ("vm86", &[]),
    ("oldolduname", &[]), ("subpage_prot", &[]), ("pciconfig_iobase", &[]), ("listmount", &[]),
    ("statmount", &[]), ("lsm_get_self_attr", &[]),
    // 440
    ("lsm_set_self_attr", &[]), ("lsm_list_modules", &[]), ("mseal", &[]), ("uretprobe", &[]),
    ("removexattrat", &[]), ("listxattrat", &[]), ("getxattrat", &[]), ("setxattrat", &[]),
    ("open_tree_attr", &[]), ("file_getattr", &[]),
    // 450
    ("file_setattr", &[]), ("listns", &[]), ("uprobe", &[]), ("rseq_slice_yield", &[]),
];

/// x86-64: number and code, by number.
#[rustfmt::skip]
static X86_64: [(u16, u16); 357] = [
    (0, 3), (1, 4), (2, 5), (3, 6), (4, 14), (5, 20), (6, 50), (7, 105), (8, 15), (9, 55), (10, 75), (11, 56),
    (12, 32), (13, 107), (14, 108), (15, 298), (16, 34), (17, 294), (18, 295), (19, 87), (20, 88), (21, 23),
    (22, 30), (23, 84), (24, 99), (25, 104), (26, 86), (27, 138), (28, 139), (29, 267), (30, 297), (31, 268),
    (32, 29), (33, 40), (34, 21), (35, 103), (36, 66), (37, 19), (38, 65), (39, 16), (40, 116), (41, 241),
    (42, 243), (43, 245), (44, 249), (45, 250), (46, 254), (47, 256), (48, 251), (49, 242), (50, 244),
    (51, 246), (52, 247), (53, 248), (54, 252), (55, 253), (56, 327), (57, 303), (58, 304), (59, 324),
    (60, 2), (61, 69), (62, 25), (63, 67), (64, 260), (65, 259), (66, 261), (67, 266), (68, 264), (69, 262),
    (70, 263), (71, 265), (72, 35), (73, 85), (74, 72), (75, 90), (76, 57), (77, 58), (78, 83), (79, 113),
    (80, 10), (81, 80), (82, 26), (83, 27), (84, 28), (85, 7), (86, 8), (87, 9), (88, 49), (89, 51), (90, 13),
    (91, 59), (92, 132), (93, 127), (94, 118), (95, 37), (96, 47), (97, 117), (98, 46), (99, 71), (100, 31),
    (101, 18), (102, 119), (103, 64), (104, 120), (105, 133), (106, 134), (107, 121), (108, 122), (109, 36),
    (110, 41), (111, 42), (112, 43), (113, 123), (114, 124), (115, 125), (116, 126), (117, 128), (118, 129),
    (119, 130), (120, 131), (121, 79), (122, 135), (123, 136), (124, 89), (125, 114), (126, 115), (127, 109),
    (128, 110), (129, 111), (130, 112), (131, 317), (132, 22), (133, 12), (134, 52), (135, 82), (136, 39),
    (137, 62), (138, 63), (139, 81), (140, 60), (141, 61), (142, 95), (143, 96), (144, 97), (145, 98),
    (146, 100), (147, 101), (148, 102), (149, 91), (150, 92), (151, 93), (152, 94), (153, 68), (154, 366),
    (155, 137), (156, 385), (157, 106), (158, 296), (159, 74), (160, 45), (161, 38), (162, 24), (163, 33),
    (164, 48), (165, 17), (166, 323), (167, 53), (168, 70), (169, 54), (170, 44), (171, 73), (172, 391),
    (173, 344), (174, 381), (175, 76), (176, 77), (177, 372), (178, 386), (179, 78), (180, 378), (181, 375),
    (186, 140), (187, 373), (188, 141), (189, 142), (190, 143), (191, 144), (192, 145), (193, 146),
    (194, 147), (195, 148), (196, 149), (197, 150), (198, 151), (199, 152), (200, 153), (201, 11), (202, 154),
    (203, 155), (204, 156), (205, 157), (206, 159), (207, 160), (208, 161), (209, 162), (210, 163),
    (211, 158), (212, 365), (213, 165), (214, 364), (215, 379), (216, 168), (217, 240), (218, 169), (219, 1),
    (220, 371), (221, 319), (222, 170), (223, 171), (224, 172), (225, 173), (226, 174), (227, 175),
    (228, 176), (229, 177), (230, 178), (231, 164), (232, 167), (233, 166), (234, 179), (235, 180),
    (237, 363), (238, 368), (239, 387), (240, 181), (241, 182), (242, 183), (243, 184), (244, 185),
    (245, 186), (246, 187), (247, 188), (248, 189), (249, 190), (250, 191), (251, 192), (252, 193),
    (253, 194), (254, 195), (255, 196), (256, 357), (257, 197), (258, 198), (259, 199), (260, 200),
    (261, 201), (262, 300), (263, 202), (264, 203), (265, 204), (266, 205), (267, 206), (268, 207),
    (269, 208), (270, 209), (271, 210), (272, 211), (273, 212), (274, 213), (275, 214), (276, 215),
    (277, 388), (278, 216), (279, 358), (280, 219), (281, 218), (282, 220), (283, 221), (284, 222),
    (285, 299), (286, 223), (287, 224), (288, 258), (289, 225), (290, 226), (291, 227), (292, 228),
    (293, 229), (294, 230), (295, 231), (296, 232), (297, 233), (298, 234), (299, 257), (300, 235),
    (301, 393), (302, 236), (303, 376), (304, 329), (305, 237), (306, 238), (307, 255), (308, 239),
    (309, 217), (310, 301), (311, 302), (312, 361), (313, 314), (314, 362), (315, 383), (316, 320),
    (317, 316), (318, 318), (319, 342), (320, 345), (321, 315), (322, 325), (323, 321), (324, 390),
    (325, 333), (326, 326), (327, 359), (328, 360), (329, 350), (330, 349), (331, 351), (332, 367),
    (333, 369), (334, 380), (424, 348), (425, 330), (426, 331), (427, 332), (428, 339), (429, 340),
    (430, 338), (431, 335), (432, 337), (433, 336), (434, 347), (435, 328), (436, 392), (437, 322),
    (438, 346), (439, 384), (440, 389), (441, 356), (442, 341), (443, 353), (444, 352), (445, 355),
    (446, 354), (447, 343), (448, 377), (449, 374), (450, 370),
];
