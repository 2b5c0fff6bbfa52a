//! The state that a capture begins with.

use super::fd::{End, Fd, FdFlags, FdKind, L4, Tuple};
use super::text::{Text, set};
use super::thread::{NO_ID, Thread, ThreadFlags};
use super::{State, User, container};
use crate::source::capture::{FdDetail, FdEntry, Interface, Machine, Process, UserOrGroup};
use std::collections::HashSet;
use std::net::IpAddr;

impl State {
    /// A capture begins: everything known is forgotten.
    pub fn begin(&mut self) {
        self.threads.clear();
        self.users.clear();
        self.interfaces.clear();
        self.machine = Machine::default();
        self.closed = None;
        self.ended = None;
        self.loading = true;
    }

    /// The first event arrives: the threads of the snapshot get their ties.
    pub(super) fn end_of_snapshot(&mut self) {
        self.loading = false;
        self.threads.tie_all();
        self.give_sides();
        self.threads.touch_all();
    }

    /// Connections of the snapshot have no side yet: the server's is the one whose port is listened on.
    ///
    /// COMPAT(falco): only those of IPv4; with IPv6 no side is given.
    fn give_sides(&mut self) {
        let listening = |fd: &Fd| Some(fd.tuple?.dest.port).filter(|_| fd.kind == FdKind::Ipv4Server);
        let all = self.threads.iter().flat_map(|t| t.fds.iter());
        let ports: HashSet<u16, foldhash::fast::RandomState> =
            all.filter_map(|(_, fd)| listening(fd)).collect();
        for thread in self.threads.iter_mut() {
            for fd in thread.fds.iter_mut().filter(|fd| fd.kind == FdKind::Ipv4) {
                let Some(tuple) = fd.tuple.as_mut() else { continue };
                if !ports.contains(&tuple.source.port) {
                    fd.set_client();
                    continue;
                }
                std::mem::swap(&mut tuple.source, &mut tuple.dest);
                fd.name = super::update::tuple_text(tuple);
                fd.set_server();
            }
        }
    }

    /// Learns what machine it is.
    pub fn set_machine(&mut self, machine: Machine) {
        self.threads.touch_all();
        self.machine = machine;
    }

    /// Learns interfaces.
    pub fn add_interfaces(&mut self, interfaces: &[Interface]) {
        self.threads.touch_all();
        self.interfaces.add(interfaces);
    }

    /// Learns users and groups of the host.
    pub fn add_users(&mut self, users: &[UserOrGroup]) {
        self.threads.touch_all();
        for entry in users {
            if self.users.len() >= self.limits.users {
                self.counters.users_refused += 1;
                continue;
            }
            match entry {
                UserOrGroup::User(uid, gid, [name, home, shell]) => {
                    let text = |b: &Vec<u8>| Text::from(b.as_slice());
                    let user = User { gid: *gid, name: text(name), home: text(home), shell: text(shell) };
                    self.users.add_user(Text::default(), *uid, user);
                }
                UserOrGroup::Group(gid, name) => {
                    self.users.add_group(Text::default(), *gid, Text::from(name.as_slice()));
                }
            }
        }
    }

    /// Learns a thread.
    pub fn add_process(&mut self, process: &Process) {
        if self.threads.len() >= self.limits.threads {
            self.counters.threads_refused += 1;
            return;
        }
        let p = process;
        let mut thread = Thread::unknown(p.tid);
        (thread.pid, thread.ptid) = (p.pid, p.ptid);
        (thread.vtid, thread.vpid) = (p.vtid, p.vpid);
        (thread.sid, thread.vpgid, thread.pgid) = (p.sid, p.vpgid, p.pgid);
        // old captures do not tell
        if p.vtid < 0 {
            thread.vtid = p.tid;
        }
        if p.vpid < 0 {
            thread.vpid = p.pid;
        }
        thread.flags = ThreadFlags(p.flags);
        for (slot, bytes) in [
            (&mut thread.comm, &p.comm),
            (&mut thread.exe, &p.exe),
            (&mut thread.exepath, &p.exepath),
            (&mut thread.args, &p.args),
            (&mut thread.env, &p.env),
            (&mut thread.cgroups, &p.cgroups),
            (&mut thread.root, &p.root),
        ] {
            set(slot, bytes);
        }
        thread.set_cmdline();
        thread.cwd = super::update::directory(&p.cwd);
        thread.container = container::id_of(&p.cgroups);
        (thread.uid, thread.gid, thread.tty) = (p.uid, p.gid, p.tty);
        thread.loginuid = if p.loginuid == 0 && p.uid == NO_ID { NO_ID } else { p.loginuid };
        (thread.caps, thread.exe_ino) = (p.caps, p.exe_ino);
        thread.exe_writable = p.exe_writable;
        thread.exe_upper_layer = p.exe_upper_layer;
        thread.exe_lower_layer = p.exe_lower_layer;
        thread.exe_from_memfd = p.exe_from_memfd;
        thread.fdlimit = p.fdlimit;
        thread.memory_kb = [p.vmsize_kb, p.vmrss_kb, p.vmswap_kb];
        thread.faults = [p.pfmajor, p.pfminor];
        thread.pidns_init_start_ns = p.pidns_init_start_ns;
        self.threads.insert(thread);
        if self.loading {
            self.threads.touch_all();
        } else {
            // ties are made once, at the end of a snapshot
            self.threads.set_loose();
        }
    }

    /// Learns the descriptors of a thread.
    pub fn add_fds(&mut self, tid: i64, fds: &[FdEntry]) {
        let limit = self.limits.fds;
        self.threads.touch_all();
        let first = self.threads.stamps(fds.len());
        let Some(thread) = self.threads.get_mut(tid) else {
            self.counters.fds_unknown += fds.len() as u64;
            return;
        };
        for (entry, version) in fds.iter().zip(first..) {
            if thread.fds.insert(entry.fd, descriptor(entry), version, limit) == super::fd::Stored::Refused {
                self.counters.fds_refused += 1;
            }
        }
    }
}

fn descriptor(entry: &FdEntry) -> Fd {
    let mut fd = Fd::new(FdKind::of(entry.kind).unwrap_or(FdKind::Unsupported));
    fd.ino = entry.ino;
    fd.flags.set(FdFlags::FROM_PROC);
    match &entry.detail {
        FdDetail::Ipv4(ends, l4) => connection(&mut fd, ends.map(|(ip, port)| (ip.into(), port)), *l4),
        FdDetail::Ipv6(ends, l4) => connection(&mut fd, ends.map(|(ip, port)| (ip.into(), port)), *l4),
        FdDetail::Ipv4Server((ip, port), l4) => listening(&mut fd, (*ip).into(), *port, *l4),
        FdDetail::Ipv6Server((ip, port), l4) => listening(&mut fd, (*ip).into(), *port, *l4),
        FdDetail::Unix(source, dest, path) => {
            fd.unix = [*source, *dest];
            fd.name = Text::from(path.as_slice());
        }
        FdDetail::File(flags, name, dev) => {
            (fd.open_flags, fd.dev) = (*flags, *dev);
            fd.name = Text::from(name.as_slice());
            super::update::file_flags(&mut fd);
        }
        FdDetail::Named(name) => fd.name = Text::from(name.as_slice()),
    }
    fd
}

fn connection(fd: &mut Fd, [source, dest]: [(IpAddr, u16); 2], l4: u8) {
    let end = |(ip, port)| End { ip, port };
    let tuple = Tuple { source: end(source), dest: end(dest) };
    fd.l4 = L4::of(l4);
    fd.tuple = Some(tuple);
    fd.name = super::update::tuple_text(&tuple);
    fd.flags.set(FdFlags::CONNECTED);
}

fn listening(fd: &mut Fd, ip: IpAddr, port: u16, l4: u8) {
    let end = End { ip, port };
    let any = match ip {
        IpAddr::V4(_) => IpAddr::from([0; 4]),
        IpAddr::V6(_) => IpAddr::from([0; 16]),
    };
    fd.l4 = L4::of(l4);
    fd.tuple = Some(Tuple { source: End { ip: any, port: 0 }, dest: end });
    fd.name = super::update::end_text(&end);
}
