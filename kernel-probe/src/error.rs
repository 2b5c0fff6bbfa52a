//! Why events of this machine cannot be had, and what to do.

use std::io;

/// Why the probe does not run.
#[derive(Debug, thiserror::Error)]
pub enum ProbeError {
    /// The kernel does not describe its types.
    #[error(
        "the kernel has no type information at /sys/kernel/btf/vmlinux: a kernel with CONFIG_DEBUG_INFO_BTF is needed (Debian, Ubuntu, Fedora and RHEL have it since 2021): {0}"
    )]
    NoTypes(String),
    /// eBPF is not allowed.
    #[error(
        "eBPF programs may not be loaded: run as root, or give the capabilities CAP_BPF, CAP_PERFMON and CAP_SYS_PTRACE; in a container, run it privileged: {0}"
    )]
    NotAllowed(String),
    /// The kernel refuses a program.
    #[error("the kernel refuses the program `{program}`: kernel 6.1 or later is needed: {reason}")]
    Refused {
        /// Program.
        program: String,
        /// The kernel's words.
        reason: String,
    },
    /// The object or a map is not as it should be.
    #[error("the probe cannot be set up: {0}")]
    Setup(String),
    /// A map cannot be read or written.
    #[error("the probe's data cannot be reached: {0}")]
    Map(#[from] aya::maps::MapError),
    /// Something of the machine cannot be read.
    #[error("{what}: {source}")]
    Io {
        /// What.
        what: &'static str,
        /// Why.
        source: io::Error,
    },
}
