//! Numbers of flags: the kernel's become the format's.
//!
//! Where both are the same nothing is done. Source of the format's numbers: the schema's flag tables.

/// What is done to a parameter.
#[derive(Copy, Clone, PartialEq, Eq, Debug)]
pub enum Translation {
    /// Open flags with the facts that the probe put into unused bits; the next parameter is a mode, which counts
    /// only if a file could be created.
    Open,
    /// Open flags that the user's memory has.
    OpenPlain,
    /// Flags of a descriptor that is not opened: no access mode.
    Descriptor,
    /// The same in 2 bytes, with close-on-exec in bit 0.
    Descriptor16,
    /// Clone flags with the probe's fact.
    Clone,
    /// The same of unshare and setns.
    Namespaces,
    /// Flags of a socket's type.
    Socket,
    /// `mmap`
    Map,
    /// Protection of memory.
    Protection,
    /// `fcntl`
    Fcntl,
    /// `ptrace`
    Ptrace,
    /// Level of a socket option.
    SockLevel,
    /// Socket option, by the level before it.
    SockOption,
    /// Flags of `openat2`'s resolution.
    Resolve,
    /// `fchownat`
    NoFollow,
    /// `pidfd_open`
    Pidfd,
    /// `epoll_create1`
    Epoll,
    /// `semget`
    SemGet,
    /// `delete_module`
    DeleteModule,
    /// `io_uring_setup`
    UringSetup,
    /// `getrlimit` and the like.
    Rlimit,
    /// Flags that are the kernel's own; only those that the format knows.
    Known(u64),
    /// `mount`, without the mark that old programs put into its flags.
    Mount,
    /// `semctl`
    SemCtl,
    /// Operation of `futex` with its flags.
    Futex,
    /// Flags of an operation on semaphores.
    SemOp,
    /// Command of `quotactl`, its lower 16 bits.
    QuotaCommand,
    /// Whose quota.
    QuotaType,
    /// Flags of quotas.
    QuotaFlags,
    /// Format of quotas; 1 for none.
    QuotaFormat,
    /// What is waited for of each descriptor in a list: a count in 2 bytes, then 8 of a descriptor and 2 of flags each.
    Poll,
}

/// The kernel's bits and the format's.
type Bits = &'static [(u64, u64)];

fn bits(value: u64, table: Bits) -> u64 {
    table.iter().filter(|(native, _)| value & native == *native).fold(0, |all, (_, ours)| all | ours)
}

const O_TMPFILE: u64 = 0x41_0000;
const O_CREAT: u64 = 0x40;

const DESCRIPTOR: Bits = &[(0x400, 8), (0x800, 64), (0x4000, 512), (0x8_0000, 4096)];
const OPEN: Bits = &[
    (O_CREAT, 4),
    (0x80, 32),
    (0x200, 256),
    (0x400, 8),
    (0x800, 64),
    (0x1000, 16),
    (0x4000, 512),
    (0x8000, 2048),
    (0x1_0000, 1024),
    (0x8_0000, 4096),
    (0x10_1000, 128),
    (O_TMPFILE, 8192),
];
/// The probe's facts.
const FACTS: Bits = &[(1 << 28, 16384), (1 << 29, 32768), (1 << 30, 65536)];
const CLONE: Bits = &[
    (0x400, 1),
    (0x200, 2),
    (0x8000_0000, 4),
    (0x800_0000, 8),
    (0x4000_0000, 16),
    (0x2_0000, 32),
    (0x2000_0000, 64),
    (0x400_0000, 128),
    (0x8000, 256),
    (0x10_0000, 512),
    (0x2000, 1024),
    (0x800, 2048),
    (0x4_0000, 4096),
    (0x1_0000, 8192),
    (0x80_0000, 16384),
    (0x100, 32768),
    (0x1000_0000, 1_048_576),
    (0x20_0000, 8_388_608),
    (0x100_0000, 16_777_216),
    (0x8_0000, 33_554_432),
    (0x4000, 134_217_728),
    (0x200_0000, 268_435_456),
];
const SOCKET: Bits = &[(0x800, 64), (0x8_0000, 4096)];
const MAP: Bits = &[
    (1, 1),
    (2, 2),
    (0x10, 4),
    (0x20, 8),
    (0x40, 16),
    (0x4000, 64),
    (0x8000, 128),
    (0x1_0000, 256),
    (0x100, 512),
    (0x800, 1024),
    (0x1000, 2048),
    (0x2000, 16384),
];
const PROTECTION: Bits = &[(1, 1), (2, 2), (4, 4), (8, 8), (0x100_0000, 16), (0x200_0000, 32)];
const RESOLVE: Bits = &[(8, 1), (0x10, 2), (2, 4), (4, 8), (1, 16), (0x20, 32)];
const NO_FOLLOW: Bits = &[(0x100, 1024), (0x1000, 4096)];
const SEM_GET: Bits = &[(0x200, 8192), (0x400, 16384)];
const DELETE_MODULE: Bits = &[(0x200, 1), (0x800, 2)];
const URING_SETUP: Bits = &[(1, 1), (2, 2), (4, 8), (8, 16), (16, 32), (32, 64), (64, 128)];

const POLL: Bits = &[
    (1, 1),
    (2, 2),
    (4, 4),
    (0x2000, 8),
    (8, 16),
    (0x10, 32),
    (0x20, 64),
    (0x40, 128),
    (0x80, 256),
    (0x100, 512),
    (0x200, 1024),
];
const SEM_OP: Bits = &[(0x800, 1), (0x1000, 2)];
const MOUNT_MARK: u64 = 0xc0ed_0000;
const MOUNT_MARK_BITS: u64 = 0xffff_0000;

/// Commands and the format's numbers.
const SEM_CTL: &[(u64, u64)] = &[
    (0, 4),
    (1, 2),
    (2, 1),
    (3, 8),
    (11, 256),
    (12, 512),
    (13, 64),
    (14, 128),
    (15, 1024),
    (16, 4096),
    (17, 2048),
    (18, 32),
    (19, 16),
];
const QUOTA: &[(u64, u64)] = &[
    (2, 1),
    (3, 2),
    (4, 4),
    (5, 8),
    (6, 16),
    (7, 32),
    (8, 64),
    (1, 128),
    (0x5801, 256),
    (0x5802, 512),
    (0x5803, 1024),
    (0x5804, 2048),
    (0x5805, 4096),
    (0x5806, 8192),
    (0x5807, 16384),
];
const FCNTL: &[(u64, u64)] = &[
    (0, 1),
    (1, 2),
    (2, 3),
    (3, 4),
    (4, 5),
    (5, 6),
    (6, 8),
    (7, 9),
    (8, 10),
    (9, 12),
    (10, 13),
    (11, 15),
    (12, 17),
    (13, 18),
    (14, 19),
    (15, 21),
    (16, 22),
    (1024, 23),
    (1025, 24),
    (1029, 25),
    (1030, 26),
    (1026, 27),
    (1031, 28),
    (1032, 29),
    (36, 30),
    (37, 31),
    (38, 32),
];
const PTRACE: &[(u64, u64)] = &[
    (0, 1),
    (1, 2),
    (2, 3),
    (3, 4),
    (4, 5),
    (5, 6),
    (6, 7),
    (7, 8),
    (8, 9),
    (9, 10),
    (16, 11),
    (17, 12),
    (24, 13),
    (0x4200, 14),
    (0x4201, 15),
    (0x4202, 16),
    (0x4203, 17),
    (0x4204, 18),
    (0x4205, 19),
    (0x4206, 20),
    (0x4207, 21),
    (0x4208, 22),
    (0x4209, 23),
    (0x420a, 24),
    (0x420b, 25),
    (12, 26),
    (13, 27),
    (14, 28),
    (15, 29),
    (18, 30),
    (19, 31),
    (21, 32),
    (25, 33),
    (26, 34),
    (30, 35),
    (31, 36),
    (32, 37),
    (33, 38),
];
const SOL_SOCKET: u64 = 1;
const SOL_TCP: u64 = 6;

fn command(value: u64, table: &[(u64, u64)]) -> u64 {
    table.iter().find(|(native, _)| *native == value).map_or(0, |(_, ours)| *ours)
}

impl Translation {
    /// The format's number.
    pub(crate) fn apply(self, value: u64, before: u64) -> u64 {
        match self {
            Self::Open | Self::OpenPlain => {
                let access = match value & 3 {
                    0 => 1,
                    1 => 2,
                    _ => 3,
                };
                access | bits(value, OPEN) | bits(value, FACTS)
            }
            Self::Descriptor => bits(value, DESCRIPTOR),
            Self::Descriptor16 => bits(value, DESCRIPTOR) | (value & 1) << 12,
            Self::Clone => bits(value, CLONE) | if value & 1 != 0 { 0x2000_0000 } else { 0 },
            Self::Namespaces => bits(value, CLONE),
            Self::Socket => bits(value, SOCKET),
            Self::Map => bits(value, MAP),
            Self::Protection => bits(value, PROTECTION),
            Self::Fcntl => command(value, FCNTL),
            Self::Ptrace => command(value, PTRACE),
            Self::SockLevel => match value {
                SOL_SOCKET => 1,
                SOL_TCP => 2,
                _ => 0,
            },
            Self::SockOption => {
                // these came later and have others' places in the format
                match value {
                    _ if before != 1 => 0,
                    1..=50 => value,
                    59 => 51,
                    55 => 52,
                    57 => 53,
                    _ => 0,
                }
            }
            Self::Resolve => bits(value, RESOLVE),
            Self::NoFollow => bits(value, NO_FOLLOW),
            Self::Pidfd => u64::from(value & 0x800 != 0),
            Self::Epoll => u64::from(value & 0x8_0000 != 0),
            Self::SemGet => bits(value, SEM_GET),
            Self::Futex => value & 0x180 | if value & 0x7f <= 12 { value & 0x7f } else { 0 },
            Self::DeleteModule => bits(value, DELETE_MODULE),
            Self::UringSetup => bits(value, URING_SETUP),
            Self::Known(flags) => value & flags,
            Self::Mount if value & MOUNT_MARK_BITS == MOUNT_MARK => value & !MOUNT_MARK_BITS,
            Self::SemCtl => command(value, SEM_CTL),
            Self::SemOp => bits(value, SEM_OP),
            Self::QuotaCommand => command(value, QUOTA),
            Self::QuotaType => {
                if value < 2 {
                    value + 1
                } else {
                    0
                }
            }
            Self::QuotaFlags => {
                if value & 1 != 0 {
                    2
                } else {
                    1
                }
            }
            Self::QuotaFormat => match value {
                1 => 2,
                2 => 4,
                4 => 8,
                _ => 1,
            },
            Self::Mount | Self::Poll => value,
            Self::Rlimit => {
                if value < 16 {
                    value
                } else {
                    255
                }
            }
        }
    }
}

/// Open flags of the machine in the format's numbers.
pub fn open_flags(native: u64) -> u64 {
    Translation::OpenPlain.apply(native, 0)
}

/// A small number of up to 8 bytes.
fn read(bytes: &[u8]) -> u64 {
    bytes.iter().take(8).rev().fold(0, |n, b| n << 8 | u64::from(*b))
}

fn write(bytes: &mut [u8], value: u64) {
    bytes.iter_mut().zip(value.to_le_bytes()).for_each(|(to, b)| *to = b);
}

/// Bytes of the header before the lengths.
pub(crate) const HEADER: usize = 26;

/// Translates an event's parameters in place. A parameter that is not there stays so.
pub(crate) fn event(bytes: &mut [u8], translations: &[(u8, Translation)]) {
    let number = |bytes: &[u8], at: usize, len: usize| bytes.get(at..at + len).map(read);
    let Some(count) = number(bytes, 22, 4) else { return };
    let length = |bytes: &[u8], i: usize| number(bytes, HEADER + 2 * i, 2).unwrap_or(0) as usize;
    let start = |bytes: &[u8], index: usize| {
        (0..index).map(|i| length(bytes, i)).sum::<usize>() + HEADER + 2 * count as usize
    };
    for &(index, translation) in translations {
        let index = usize::from(index);
        if index as u64 >= count {
            continue;
        }
        let (at, len) = (start(bytes, index), length(bytes, index));
        let before = if index > 0 { length(bytes, index - 1) } else { 0 };
        let before = number(bytes, at.saturating_sub(before), before).unwrap_or(0);
        let Some(value) = bytes.get_mut(at..at + len) else { continue };
        if translation == Translation::Poll {
            for one in value.get_mut(2..).unwrap_or_default().chunks_exact_mut(10) {
                if let Some(flags) = one.get_mut(8..) {
                    let native = read(flags);
                    write(flags, bits(native, POLL));
                }
            }
            continue;
        }
        let native = read(value);
        write(value, translation.apply(native, before));
        let creates = native & O_CREAT != 0 || native & O_TMPFILE == O_TMPFILE;
        if matches!(translation, Translation::Open | Translation::OpenPlain) && !creates {
            let mode = length(bytes, index + 1);
            bytes.get_mut(at + len..at + len + mode).into_iter().for_each(|mode| mode.fill(0));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn flags_are_those_of_the_format() {
        let open = |native| Translation::Open.apply(native, 0);
        let flags = |flags: i32| u64::from(flags.cast_unsigned());
        assert_eq!(open(0), 1);
        assert_eq!(
            open(flags(libc::O_RDWR | libc::O_CREAT | libc::O_EXCL | libc::O_CLOEXEC)),
            3 | 4 | 32 | 4096
        );
        assert_eq!(open(flags(libc::O_WRONLY | libc::O_TRUNC | libc::O_APPEND)), 2 | 256 | 8);
        assert_eq!(open(flags(libc::O_TMPFILE | libc::O_RDWR)), 3 | 8192 | 1024);
        assert_eq!(open(flags(libc::O_SYNC)), 1 | 128 | 16);
        assert_eq!(open(1 << 28 | 1 << 30), 1 | 16384 | 65536);
        let clone =
            Translation::Clone.apply(flags(libc::CLONE_VM | libc::CLONE_THREAD | libc::CLONE_FS) | 1, 0);
        assert_eq!(clone, 32768 | 8192 | 2 | 0x2000_0000);
        assert_eq!(Translation::Fcntl.apply(flags(libc::F_SETFD), 0), 3);
        assert_eq!(Translation::Ptrace.apply(u64::from(libc::PTRACE_ATTACH), 0), 11);
        assert_eq!(Translation::SockOption.apply(4, 1), 4);
        assert_eq!(Translation::SockOption.apply(4, 2), 0, "options of other levels are not told");
    }

    #[test]
    fn a_mode_counts_where_a_file_can_be_made() {
        for (flags, mode) in [(0_u32, 0_u32), (O_CREAT as u32, 0o644)] {
            let mut event_bytes = vec![0; HEADER];
            event_bytes[22] = 3;
            for len in [1_u16, 4, 4] {
                event_bytes.extend(len.to_le_bytes());
            }
            event_bytes.push(7);
            event_bytes.extend(flags.to_le_bytes());
            event_bytes.extend(0o644_u32.to_le_bytes());
            event(&mut event_bytes, &[(1, Translation::Open)]);
            let end = event_bytes.len();
            assert_eq!(event_bytes[end - 4..], mode.to_le_bytes());
            assert_eq!(event_bytes[HEADER + 6], 7);
        }
    }
}
