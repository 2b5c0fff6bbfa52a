//! Rulesets about what [`super::sequences`] makes happen, made up.

use super::sequences::Random;
use std::fmt::Write;

/// Checks whose constants are those of the sequences. Each kind of test, scope and source of values is there.
const CHECKS: [&str; 64] = [
    "proc.name = sh",
    "proc.name in (sh, bash, b)",
    "proc.name != b",
    "proc.name startswith b",
    "proc.name endswith sh",
    "proc.name contains a",
    "proc.name icontains SH",
    "proc.name exists",
    "proc.vpid < 12",
    "proc.name glob '[bs]*'",
    "proc.name regex '.*a.*'",
    "proc.pname = sh",
    "proc.pname in (bash, b)",
    "proc.aname = sh",
    "proc.aname != sh",
    "proc.aname[2] in (sh, bash)",
    "proc.aname in (b, bash)",
    "proc.cmdline contains ' a'",
    "proc.cmdline in ('sh a b', bash)",
    "proc.pcmdline startswith sh",
    "proc.args = 'a b'",
    "proc.exepath endswith /a",
    "proc.exe pmatch (/bin, /x)",
    "proc.env[HOME] = /root",
    "proc.env contains 'A=1'",
    "proc.cwd startswith /bin",
    "proc.cwd = /",
    "proc.sname = sh",
    "proc.pid in (1, 10, 11)",
    "proc.ppid = 1",
    "proc.nthreads > 1",
    "proc.duration > 1000000",
    "proc.is_exe_upper_layer = true",
    "proc.tty > 0",
    "user.uid = 1000",
    "user.name in (sh, bash)",
    "user.loginuid >= 0",
    "group.gid = 0",
    "container.id != host",
    "container.id = 3ad7b26ded6d",
    "container.name = x",
    "thread.cap_effective exists",
    "thread.ismain = true",
    "fd.name startswith /bin",
    "fd.name in (/bin/a, /x/y)",
    "fd.name contains a",
    "fd.name glob '*/b'",
    "fd.directory = /bin",
    "fd.filename in (a, y)",
    "fd.typechar = f",
    "fd.type in (ipv4, ipv6)",
    "fd.num >= 0",
    "fd.sip = 10.0.0.1",
    "fd.ip != 10.0.0.2",
    "fd.net = 10.0.0.0/8",
    "fd.sport in (80, 1024)",
    "fd.types in (file, ipv4)",
    "fd.is_server = true",
    "fd.lip = 10.0.0.1",
    "evt.rawres >= 0",
    "evt.is_open_write = true",
    "evt.arg.flags contains O_",
    "evt.arg[1] contains b",
    "evt.failed = true",
];

/// Checks that need more than one field and constants, or whose type comes with the event.
const ODD_CHECKS: [&str; 8] = [
    "tolower(proc.name) = sh",
    "proc.name = val(proc.pname)",
    "len(proc.cmdline) > 3",
    "fd.name startswith anyof (/bin, /x)",
    "proc.name contains allof (b, a)",
    "proc.exe contains oneof (b, a)",
    "evt.rawarg.res < 0",
    "evt.rawarg.flags > 1",
];

const TYPES: [&str; 8] = [
    "evt.type in (execve, execveat)",
    "evt.type in (open, openat, openat2)",
    "evt.type in (connect, sendto, recvfrom)",
    "evt.type in (read, write, close)",
    "evt.type in (clone, clone3, fork, vfork)",
    "evt.type in (setuid, setgid, chdir)",
    "evt.type != read",
    "evt.type exists",
];

fn condition(random: &mut Random, depth: usize, out: &mut String) {
    let kind = if depth == 0 { 0 } else { random.below(8) };
    match kind {
        5 | 6 => {
            let word = if kind == 5 { " and " } else { " or " };
            out.push('(');
            for i in 0..2 + random.below(3) {
                if i > 0 {
                    out.push_str(word);
                }
                condition(random, depth - 1, out);
            }
            out.push(')');
        }
        7 => {
            out.push_str("not (");
            condition(random, depth - 1, out);
            out.push(')');
        }
        _ if random.below(16) == 15 => out.push_str(random.of(&ODD_CHECKS)),
        _ => out.push_str(random.of(&CHECKS)),
    }
}

/// A rule file with some rules.
pub(crate) fn ruleset(random: &mut Random, rules: usize) -> String {
    let mut out = String::new();
    for number in 0..rules {
        let mut text = random.of(&TYPES).to_owned();
        text.push_str(" and ");
        condition(random, 3, &mut text);
        let _ = writeln!(
            out,
            "- rule: r{number}\n  desc: d\n  condition: >\n    {text}\n  output: o\n  priority: INFO"
        );
    }
    out
}
