//! A ring, by the three system calls and nothing else.

#![expect(clippy::cast_ptr_alignment, reason = "the kernel aligns what its offsets lead to")]

use std::io::Error;
use std::sync::atomic::{AtomicU32, Ordering};

/// An entry of the submission queue; what a field is for depends on the operation.
#[derive(Copy, Clone, Default)]
#[repr(C)]
pub(crate) struct Sqe {
    pub(crate) opcode: u8,
    pub(crate) flags: u8,
    pub(crate) ioprio: u16,
    pub(crate) fd: i32,
    pub(crate) off: u64,
    pub(crate) addr: u64,
    pub(crate) len: u32,
    pub(crate) op_flags: u32,
    pub(crate) user_data: u64,
    pub(crate) buf_index: u16,
    pub(crate) personality: u16,
    pub(crate) file_index: u32,
    pub(crate) rest: [u64; 2],
}

const _: () = assert!(size_of::<Sqe>() == 64);

/// An entry of the completion queue.
#[derive(Copy, Clone, PartialEq, Eq, Debug)]
#[repr(C)]
pub(crate) struct Cqe {
    pub(crate) user_data: u64,
    pub(crate) res: i32,
    pub(crate) flags: u32,
}

/// `struct io_uring_params`: ten numbers, then offsets of the submission and of the completion queue.
type Params = [u32; 30];
const FLAGS: usize = 2;
const SQ_OFF: usize = 10;
const CQ_OFF: usize = 20;

const OFF_SQES: i64 = 0x1000_0000;
const OFF_CQ: i64 = 0x800_0000;
const ENTER_GETEVENTS: u64 = 1;
const ENTER_SQ_WAKEUP: u64 = 2;
pub(crate) const SETUP_SQPOLL: u32 = 2;

pub(crate) struct Ring {
    pub(crate) fd: i32,
    flags: u32,
    sq: *mut u8,
    cq: *mut u8,
    sqes: *mut Sqe,
    params: Params,
}

fn map(fd: i32, len: usize, offset: i64) -> Result<*mut u8, Error> {
    let (protection, how) = (libc::PROT_READ | libc::PROT_WRITE, libc::MAP_SHARED | libc::MAP_POPULATE);
    // SAFETY: a new mapping at a place of the kernel's choice
    let at = unsafe { libc::mmap(std::ptr::null_mut(), len, protection, how, fd, offset) };
    if at == libc::MAP_FAILED { Err(Error::last_os_error()) } else { Ok(at.cast()) }
}

impl Ring {
    pub(crate) fn new(entries: u32, flags: u32) -> Result<Self, Error> {
        let mut params: Params = [0; 30];
        params[FLAGS] = flags;
        // SAFETY: the parameters are as long as the kernel's structure
        let fd = unsafe { libc::syscall(libc::SYS_io_uring_setup, entries, params.as_mut_ptr()) };
        if fd < 0 {
            return Err(Error::last_os_error());
        }
        let fd = fd as i32;
        let sq = map(fd, (params[SQ_OFF + 6] + 4 * params[0]) as usize, 0)?;
        let cq = map(fd, params[CQ_OFF + 5] as usize + 16 * params[1] as usize, OFF_CQ)?;
        let sqes = map(fd, 64 * params[0] as usize, OFF_SQES)?.cast();
        Ok(Self { fd, flags, sq, cq, sqes, params })
    }

    /// A number of the submission queue: 0 head, 1 tail, 2 mask.
    fn sq(&self, which: usize) -> &AtomicU32 {
        // SAFETY: the offset is the kernel's own, and the mapping lives as long as the process
        unsafe { &*self.sq.add(self.params[SQ_OFF + which] as usize).cast() }
    }

    /// The same of the completion queue.
    fn cq(&self, which: usize) -> &AtomicU32 {
        // SAFETY: the offset is the kernel's own, and the mapping lives as long as the process
        unsafe { &*self.cq.add(self.params[CQ_OFF + which] as usize).cast() }
    }

    fn enter(&self, submit: u32, wait: u32) {
        let poll = self.flags & SETUP_SQPOLL != 0;
        let flags = if wait > 0 { ENTER_GETEVENTS } else { 0 } | if poll { ENTER_SQ_WAKEUP } else { 0 };
        // SAFETY: the call takes numbers, and no set of signals
        let n = unsafe { libc::syscall(libc::SYS_io_uring_enter, self.fd, submit, wait, flags, 0, 0) };
        assert!(n >= 0, "{}", Error::last_os_error());
    }

    /// Submits entries and does not wait.
    pub(crate) fn submit(&self, entries: &[Sqe]) {
        for entry in entries {
            let (tail, mask) = (self.sq(1).load(Ordering::Relaxed), self.sq(2).load(Ordering::Relaxed));
            let index = tail & mask;
            // SAFETY: the index is below the number of entries
            unsafe { self.sqes.add(index as usize).write(*entry) };
            let array = self.params[SQ_OFF + 6] as usize + 4 * index as usize;
            // SAFETY: the array has a number for each entry
            unsafe { self.sq.add(array).cast::<u32>().write(index) };
            self.sq(1).store(tail + 1, Ordering::Release);
        }
        self.enter(entries.len() as u32, 0);
    }

    /// Waits for a completion.
    pub(crate) fn wait(&self) -> Cqe {
        while self.cq(0).load(Ordering::Relaxed) == self.cq(1).load(Ordering::Acquire) {
            self.enter(0, 1);
        }
        let head = self.cq(0).load(Ordering::Relaxed);
        let index = head & self.cq(2).load(Ordering::Relaxed);
        let at = self.params[CQ_OFF + 5] as usize + 16 * index as usize;
        // SAFETY: the index is below the number of entries
        let cqe = unsafe { self.cq.add(at).cast::<Cqe>().read() };
        self.cq(0).store(head + 1, Ordering::Release);
        cqe
    }

    /// One operation and its result.
    pub(crate) fn run(&self, entry: Sqe) -> i64 {
        self.submit(&[entry]);
        i64::from(self.wait().res)
    }

    /// Gives the ring a table of its own with room for descriptors.
    pub(crate) fn register_slots(&self, count: u32) {
        const REGISTER_FILES: u64 = 2;
        let none = vec![-1_i32; count as usize];
        // SAFETY: the table is as long as is said
        let n = unsafe {
            libc::syscall(libc::SYS_io_uring_register, self.fd, REGISTER_FILES, none.as_ptr(), count)
        };
        assert_eq!(n, 0, "{}", Error::last_os_error());
    }
}
