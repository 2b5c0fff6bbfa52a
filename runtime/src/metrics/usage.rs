//! What this process and its machine use, from /proc.

use std::fs;
use std::path::{Path, PathBuf};

/// Ticks of a second in /proc: fixed for user space on all architectures of Linux that matter here.
const TICKS_PER_SECOND: f64 = 100.0;

/// Where the figures are read.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Sources {
    /// `/proc` of this process's namespaces.
    pub proc: PathBuf,
    /// `/proc` of the machine.
    pub host_proc: PathBuf,
    /// Files with the memory use of the own control group; the first that there is counts.
    pub cgroup: Vec<PathBuf>,
}

impl Sources {
    /// As Falco has them: the machine is under `HOST_ROOT`, the control group's file is
    /// `FALCO_CGROUP_MEM_PATH`, else that of version 1, else that of version 2.
    pub fn of_environment(env: impl Fn(&str) -> Option<String>) -> Self {
        let root = env("HOST_ROOT").unwrap_or_default();
        let cgroup = match env("FALCO_CGROUP_MEM_PATH").filter(|path| !path.is_empty()) {
            Some(path) => vec![path.into()],
            None => vec![
                "/sys/fs/cgroup/memory/memory.usage_in_bytes".into(),
                "/sys/fs/cgroup/memory.current".into(),
            ],
        };
        Self {
            proc: "/proc".into(),
            host_proc: format!("{}/proc", root.trim_end_matches('/')).into(),
            cgroup,
        }
    }
}

/// What this process and its machine use. What cannot be read is zero.
#[derive(Copy, Clone, PartialEq, Debug, Default)]
pub struct Usage {
    /// Share of one processor since this process began, in percent.
    pub cpu_percent: f64,
    /// Memory of this process that is present.
    pub rss_kb: u64,
    /// Its address space.
    pub vsz_kb: u64,
    /// Its memory with shared pages shared out.
    pub pss_kb: u64,
    /// Memory of the control group.
    pub cgroup_bytes: u64,
    /// Share of all processors since the machine began, in percent.
    pub host_cpu_percent: f64,
    /// Memory that is neither free nor a cache.
    pub host_memory_kb: u64,
    /// Processes that run right now.
    pub host_procs_running: u64,
    /// Open files.
    pub host_open_fds: u64,
}

impl Usage {
    /// Reads everything.
    pub fn read(sources: &Sources) -> Self {
        let text = |path: PathBuf| fs::read_to_string(path).unwrap_or_default();
        let own = |name: &str| text(sources.proc.join("self").join(name));
        let host = |name: &str| text(sources.host_proc.join(name));
        let (status, meminfo, stat) = (own("status"), host("meminfo"), host("stat"));
        let of = |key| labelled(&meminfo, key);
        let spare = of("MemFree:") + of("Buffers:") + of("Cached:");
        Self {
            cpu_percent: own_cpu(&own("stat"), &text(sources.proc.join("uptime"))).unwrap_or_default(),
            rss_kb: labelled(&status, "VmRSS:"),
            vsz_kb: labelled(&status, "VmSize:"),
            pss_kb: labelled(&own("smaps_rollup"), "Pss:"),
            cgroup_bytes: sources.cgroup.iter().find_map(|path| number(path)).unwrap_or_default(),
            host_cpu_percent: host_cpu(&stat).unwrap_or_default(),
            host_memory_kb: of("MemTotal:").saturating_sub(spare),
            host_procs_running: labelled(&stat, "procs_running"),
            host_open_fds: first(&host("sys/fs/file-nr")).unwrap_or_default(),
        }
    }
}

fn number(path: &Path) -> Option<u64> {
    first(&fs::read_to_string(path).ok()?)
}

fn first(text: &str) -> Option<u64> {
    text.split_whitespace().next()?.parse().ok()
}

/// The number behind a word at the beginning of a line; 0 if there is none.
fn labelled(text: &str, label: &str) -> u64 {
    let line =
        text.lines().find_map(|line| line.strip_prefix(label).filter(|rest| rest.starts_with([' ', '\t'])));
    line.and_then(first).unwrap_or_default()
}

/// From `/proc/self/stat`: ticks in user and kernel mode (14 and 15) and at the start (22).
fn own_cpu(stat: &str, uptime: &str) -> Option<f64> {
    // the name, second and in brackets, may contain anything
    let (_, rest) = stat.rsplit_once(')')?;
    let field = |number: usize| rest.split_whitespace().nth(number - 3)?.parse::<f64>().ok();
    let used = (field(14)? + field(15)?) / TICKS_PER_SECOND;
    let lived = uptime.split_whitespace().next()?.parse::<f64>().ok()? - field(22)? / TICKS_PER_SECOND;
    (lived > 0.0).then(|| tenths(100.0 * used / lived))
}

/// From the first line of `/proc/stat`: user, nice, system, idle, iowait, irq, softirq, steal.
fn host_cpu(stat: &str) -> Option<f64> {
    let ticks = stat.lines().next()?.strip_prefix("cpu ")?;
    let ticks: Vec<f64> = ticks.split_whitespace().take(8).map_while(|t| t.parse().ok()).collect();
    let (all, idle): (f64, f64) = (ticks.iter().sum(), ticks.iter().skip(3).take(2).sum());
    (all > 0.0).then(|| tenths(100.0 * (all - idle) / all))
}

/// Rounded to one decimal.
pub(super) fn tenths(value: f64) -> f64 {
    (value * 10.0).round() / 10.0
}

#[cfg(test)]
mod tests {
    use super::*;

    const STAT: &str = "77 (a) b ) c) S 1 77 77 0 -1 4194560 1 2 3 4 150 50 5 6 20 0 1 0 2000 8192 300 9 9 9";

    #[test]
    fn shares_of_processors() {
        for (stat, uptime, expect) in [
            (STAT, "60.00 100.00\n", Some(5.0)), // 2 of 40 seconds
            (STAT, "20.06 1\n", Some(3333.3)),
            (STAT, "20.00 1\n", None),
            (STAT, "10.00 1\n", None),
            (STAT, "", None),
            ("", "60.00 1\n", None),
            ("77 (a) S 1 2", "60.00 1\n", None),
        ] {
            assert_eq!(own_cpu(stat, uptime), expect, "{stat} {uptime}");
        }
        for (stat, expect) in [
            ("cpu  10 20 30 100 20 5 5 10 99 99\ncpu0 1 1 1 1\n", Some(40.0)),
            ("cpu  1 1 1 0 0 0 0 0\n", Some(100.0)),
            ("cpu  0 0 0 0 0 0 0 0\n", None),
            ("cpu  x\n", None),
            ("", None),
        ] {
            assert_eq!(host_cpu(stat), expect, "{stat}");
        }
    }

    #[test]
    fn everything_is_read_from_its_file() {
        let dir = tempfile::tempdir().unwrap();
        let put = |name: &str, text: &str| {
            let path = dir.path().join(name);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, text).unwrap();
        };
        let sources = Sources {
            proc: dir.path().join("proc"),
            host_proc: dir.path().join("host/proc"),
            cgroup: vec![dir.path().join("none"), dir.path().join("cgroup")],
        };
        assert_eq!(Usage::read(&sources), Usage::default(), "nothing is there");
        put("proc/self/stat", STAT);
        put("proc/self/status", "Name:\ta\nVmSize:\t  900 kB\nVmRSS:\t 300 kB\n");
        put("proc/self/smaps_rollup", "x-y ---p\nRss: 300 kB\nPss:  250 kB\nPss_Anon: 7 kB\n");
        put("proc/uptime", "60.00 1.00\n");
        put(
            "host/proc/meminfo",
            "MemTotal: 1000 kB\nMemFree: 100 kB\nBuffers: 20 kB\nCached: 30 kB\nSwapCached: 5 kB\n",
        );
        put("host/proc/stat", "cpu  1 0 0 3 0 0 0 0\nprocs_running 3\nprocs_blocked 1\n");
        put("host/proc/sys/fs/file-nr", "1136\t0\t9223372036854775807\n");
        put("cgroup", "5000\n");
        let expect = Usage {
            cpu_percent: 5.0,
            rss_kb: 300,
            vsz_kb: 900,
            pss_kb: 250,
            cgroup_bytes: 5000,
            host_cpu_percent: 25.0,
            host_memory_kb: 850,
            host_procs_running: 3,
            host_open_fds: 1136,
        };
        assert_eq!(Usage::read(&sources), expect);
    }

    #[test]
    fn where_it_is_read() {
        let sources = Sources::of_environment(|_| None);
        assert_eq!((sources.proc.to_str(), sources.host_proc.to_str()), (Some("/proc"), Some("/proc")));
        assert_eq!(sources.cgroup.len(), 2);
        let sources = Sources::of_environment(|name| Some(format!("/{}/", name.to_lowercase())));
        assert_eq!(sources.host_proc.to_str(), Some("/host_root/proc"));
        assert_eq!(sources.cgroup, [PathBuf::from("/falco_cgroup_mem_path/")]);
    }

    #[test]
    fn this_process_uses_something() {
        let usage = Usage::read(&Sources::of_environment(|_| None));
        assert!(usage.rss_kb > 0 && usage.vsz_kb >= usage.rss_kb && usage.host_memory_kb > 0, "{usage:?}");
    }
}
