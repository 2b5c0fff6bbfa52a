//! Constants that a field never has (W0715).
//!
//! Evidence for the limits: a process name is the kernel's `comm`, 16 bytes with its NUL
//! (`TASK_COMM_LEN`); user and group names are kept in 256 bytes with their NUL, as glibc's
//! `LOGIN_NAME_MAX` has it (32 is a limit of `useradd` only: names from directories are longer);
//! container ids are cut to 12 characters; number literals wrap as `sscanf` and a cast do.

use super::logic::literals;
use super::{Linted, shown};
use crate::diagnostic::{Code, Diagnostic, did_you_mean};
use crate::hir::types::Family;
use crate::hir::{Check, HirKind, OperandKind};
use crate::ops::number::{Number, int_type, parse_literal};
use crate::schema::{EventCode, Type};
use crate::syntax::ast::{Literal, NodeId, NodeKind, Op, Transformer};
use crate::syntax::print::canonical_node;

/// Names of errors as `evt.res` prints them: Linux's, without second names for one number, and the
/// kernel's own that show in traces.
const ERRORS: &str = "EPERM ENOENT ESRCH EINTR EIO ENXIO E2BIG ENOEXEC EBADF ECHILD EAGAIN ENOMEM EACCES EFAULT \
ENOTBLK EBUSY EEXIST EXDEV ENODEV ENOTDIR EISDIR EINVAL ENFILE EMFILE ENOTTY ETXTBSY EFBIG ENOSPC ESPIPE EROFS \
EMLINK EPIPE EDOM ERANGE EDEADLK ENAMETOOLONG ENOLCK ENOSYS ENOTEMPTY ELOOP ENOMSG EIDRM ECHRNG EL2NSYNC EL3HLT \
EL3RST ELNRNG EUNATCH ENOCSI EL2HLT EBADE EBADR EXFULL ENOANO EBADRQC EBADSLT EBFONT ENOSTR ENODATA ETIME ENOSR \
ENONET ENOPKG EREMOTE ENOLINK EADV ESRMNT ECOMM EPROTO EMULTIHOP EDOTDOT EBADMSG EOVERFLOW ENOTUNIQ EBADFD EREMCHG \
ELIBACC ELIBBAD ELIBSCN ELIBMAX ELIBEXEC EILSEQ ERESTART ESTRPIPE EUSERS ENOTSOCK EDESTADDRREQ EMSGSIZE EPROTOTYPE \
ENOPROTOOPT EPROTONOSUPPORT ESOCKTNOSUPPORT EOPNOTSUPP EPFNOSUPPORT EAFNOSUPPORT EADDRINUSE EADDRNOTAVAIL ENETDOWN \
ENETUNREACH ENETRESET ECONNABORTED ECONNRESET ENOBUFS EISCONN ENOTCONN ESHUTDOWN ETOOMANYREFS ETIMEDOUT \
ECONNREFUSED EHOSTDOWN EHOSTUNREACH EALREADY EINPROGRESS ESTALE EUCLEAN ENOTNAM ENAVAIL EISNAM EREMOTEIO EDQUOT \
ENOMEDIUM EMEDIUMTYPE ECANCELED ENOKEY EKEYEXPIRED EKEYREVOKED EKEYREJECTED EOWNERDEAD ENOTRECOVERABLE ERFKILL \
EHWPOISON ERESTARTSYS ERESTARTNOINTR ERESTARTNOHAND ENOIOCTLCMD ERESTART_RESTARTBLOCK EPROBEDEFER EOPENSTALE \
ENOPARAM EBADHANDLE ENOTSYNC EBADCOOKIE ENOTSUPP ETOOSMALL ESERVERFAULT EBADTYPE EJUKEBOX EIOCBQUEUED EIOCBRETRY \
ERECALLCONFLICT ENOGRACE";

const FD_TYPES: &str = "file directory ipv4 ipv6 unix pipe event signalfd eventpoll inotify timerfd netlink bpf \
userfaultfd io_uring memfd pidfd";

/// What values a field has.
enum Domain {
    /// At most so many bytes, and why.
    MaxLen(usize, &'static str),
    /// Nothing but these words.
    Words(&'static str),
    /// `SUCCESS` and names of errors.
    Result,
    /// An id of 12 characters, `host`, or a name.
    ContainerId,
    /// No `/` before the end.
    FileName,
}

const COMM: Domain = Domain::MaxLen(15, "names of processes are cut to 15 bytes");
const ACCOUNT: Domain = Domain::MaxLen(255, "names of users and groups have at most 255 bytes");

fn domain(field: &str) -> Option<Domain> {
    Some(match field {
        "proc.name" | "proc.pname" | "proc.aname" | "proc.sname" | "proc.vpgid.name" | "proc.pgid.name" => {
            COMM
        }
        "user.name" | "user.loginname" | "group.name" => ACCOUNT,
        "evt.res" => Domain::Result,
        "evt.io_dir" => Domain::Words("read write"),
        "fd.type" | "fd.types" | "proc.stdin.type" | "proc.stdout.type" | "proc.stderr.type" => {
            Domain::Words(FD_TYPES)
        }
        "fd.typechar" => Domain::Words("f 4 6 d p u e o X s l i t n b r m P ?"),
        "fd.l4proto" => Domain::Words("tcp udp icmp raw"),
        "fd.sockfamily" => Domain::Words("ip unix"),
        "fd.filename" => Domain::FileName,
        "container.id" => Domain::ContainerId,
        _ => return None,
    })
}

/// Why a constant cannot be, and what was perhaps meant.
struct Reason {
    why: String,
    help: Option<String>,
    /// What would be equal.
    instead: Option<String>,
}

impl Reason {
    fn new(why: impl Into<String>) -> Self {
        Self { why: why.into(), help: None, instead: None }
    }

    fn help(self, help: Option<String>) -> Self {
        Self { help, ..self }
    }
}

pub(super) fn lint(rule: &Linted<'_>, out: &mut Vec<Diagnostic>) {
    let ast = &rule.tree().ast;
    for node in &rule.rule.condition.nodes {
        let HirKind::Check(check) = &node.kind else { continue };
        let &NodeKind::Check { left, right: Some(right), .. } = &ast.node(node.ast).kind else { continue };
        let items = literals(ast, right).unwrap_or_default();
        for literal in items {
            if let Some(mut reason) = impossible(rule, check, literal) {
                if let Some(cut) = &reason.instead {
                    let there = items.iter().any(|l| *l.bytes == *cut.as_bytes());
                    let help = if there {
                        format!("remove it: `{cut}` is there already")
                    } else {
                        format!("write `{cut}`")
                    };
                    reason.help.get_or_insert(help);
                }
                let left = shown(&canonical_node(ast, left));
                let how = if equals(check.op) || check.op.takes_number() {
                    "is never equal to"
                } else {
                    "is never part of"
                };
                let value = shown(&String::from_utf8_lossy(&literal.bytes));
                let message = format!("`{value}` {how} `{left}`: {}", reason.why);
                out.extend(diagnostic(rule, right, literal, message, reason.help));
            }
        }
    }
}

fn impossible(rule: &Linted<'_>, check: &Check, literal: &Literal) -> Option<Reason> {
    let operand = rule.rule.condition.operand(check.left);
    if matches!(Family::of(operand.ty), Family::Int | Family::Uint) {
        return wrapped(operand.ty, literal);
    }
    let text = std::str::from_utf8(&literal.bytes).ok()?;
    match &operand.kind {
        OperandKind::Field(field) => {
            let domain = domain(&rule.schema.field(field.id).name)?;
            if text == "<NA>" { None } else { outside(rule, &domain, check.op, text) }
        }
        &OperandKind::Call { name, .. } if compares(check.op) && check.op != Op::IContains => {
            let (changed, why) = match name {
                Transformer::ToLower => (text.to_ascii_lowercase(), "`tolower` leaves no upper-case letters"),
                Transformer::ToUpper => (text.to_ascii_uppercase(), "`toupper` leaves no lower-case letters"),
                _ => return None,
            };
            (changed != text).then(|| Reason { instead: Some(changed), ..Reason::new(why) })
        }
        _ => None,
    }
}

fn equals(op: Op) -> bool {
    matches!(op, Op::Eq | Op::EqEq | Op::Ne | Op::In | Op::Intersects)
}

/// Whether the whole constant must be in the value.
fn compares(op: Op) -> bool {
    equals(op) || matches!(op, Op::Contains | Op::IContains | Op::StartsWith | Op::EndsWith)
}

fn outside(rule: &Linted<'_>, domain: &Domain, op: Op, text: &str) -> Option<Reason> {
    match *domain {
        Domain::MaxLen(max, why) => {
            // names of kernel workers come from /proc in full
            if !compares(op) || text.len() <= max || text.starts_with("kworker/") {
                return None;
            }
            if text.contains(' ') {
                return Some(Reason::new(why).help(Some("compare the command line or the path".to_owned())));
            }
            let cut = text.get(..text.floor_char_boundary(max)).map(str::to_owned);
            Some(Reason { instead: cut.filter(|_| op != Op::EndsWith), ..Reason::new(why) })
        }
        Domain::Words(words) => {
            let words: Vec<&str> = words.split_ascii_whitespace().collect();
            if !equals(op) || words.contains(&text) {
                return None;
            }
            let begins = |w: &&&str| w.len() > 1 && !text.is_empty() && w.starts_with(text);
            let near = did_you_mean(text, &words).filter(|n| n.len() > 1);
            let meant = near.or_else(|| words.iter().find(begins).map(|w| (*w).to_owned()));
            let why = format!("the values are {}", words.join(", "));
            Some(Reason::new(why).help(meant.map(|m| format!("did you mean `{m}`?"))))
        }
        Domain::Result => result(rule, op, text),
        Domain::ContainerId => {
            let long = text.len() > 12 && text.bytes().all(|b| b.is_ascii_hexdigit());
            (compares(op) && long).then(|| {
                let cut = text.get(..12).unwrap_or("");
                let help = format!("write `{cut}`, or compare `container.full_id`");
                Reason::new("container ids are cut to 12 characters").help(Some(help))
            })
        }
        Domain::FileName => {
            let inner = text.contains('/') && !text.ends_with('/');
            (equals(op) && inner).then(|| {
                Reason::new("it is the part behind the last `/`")
                    .help(Some("compare `fd.name` with a whole path".to_owned()))
            })
        }
    }
}

fn result(rule: &Linted<'_>, op: Op, text: &str) -> Option<Reason> {
    let names = || ERRORS.split_ascii_whitespace();
    if !equals(op) || text == "SUCCESS" || names().any(|n| n == text) {
        return None;
    }
    let reason = Reason::new("it is `SUCCESS` or the name of an error");
    let number = text.strip_prefix('-').unwrap_or(text);
    if !number.is_empty() && number.bytes().all(|b| b.is_ascii_digit()) {
        // numbers are printed for results that are no error code, and for codes without a name
        let code = number.parse().unwrap_or(0_u32);
        let known = text.starts_with('-') && (1..=125).contains(&code) && code != 41 && code != 58;
        return (known && results_are_errors(rule))
            .then(|| reason.help(Some("compare `evt.rawres` with numbers".to_owned())));
    }
    let meant = match text {
        "EWOULDBLOCK" => Some("EAGAIN".to_owned()),
        "EDEADLOCK" => Some("EDEADLK".to_owned()),
        "ENOTSUP" => Some("EOPNOTSUPP".to_owned()),
        _ => did_you_mean(text, names().chain(["SUCCESS"])),
    };
    Some(reason.help(meant.map(|name| format!("did you mean `{name}`?"))))
}

/// Whether all events of a rule have error codes or file descriptors as their results.
fn results_are_errors(rule: &Linted<'_>) -> bool {
    let events = rule.rule.events.iter().filter_map(|c| rule.schema.event(EventCode(c)));
    events.filter(|e| !e.enter).all(|event| {
        let param = |name: &str| event.params.iter().find(|p| p.name == name);
        param("res")
            .or_else(|| param("fd"))
            .is_some_and(|p| matches!(p.ty, Type::Errno | Type::Fd | Type::Fd32))
    })
}

/// A number that is too large for its type; -1 for the largest one is common and meant.
fn wrapped(ty: Type, literal: &Literal) -> Option<Reason> {
    let text = std::str::from_utf8(&literal.bytes).ok()?.trim();
    let int = int_type(ty)?;
    let digits = text.trim_start_matches(['+', '-']);
    if digits.is_empty() || !digits.bytes().all(|b| b.is_ascii_digit()) || !int.signed && text == "-1" {
        return None;
    }
    let bits = if int.signed { int.bits - 1 } else { int.bits };
    let (min, max) = (if int.signed { -(1_i128 << bits) } else { 0 }, (1_i128 << bits) - 1);
    if text.parse::<i128>().is_ok_and(|n| (min..=max).contains(&n)) {
        return None;
    }
    let read = match parse_literal(&literal.bytes, ty).ok()? {
        Number::I64(n) => n.to_string(),
        Number::U64(n) => n.to_string(),
        Number::F64(_) => return None,
    };
    let why = format!("numbers of this type go from {min} to {max}");
    Some(Reason::new(why).help(Some(format!("it is read as {read}"))))
}

fn diagnostic(
    rule: &Linted<'_>,
    right: NodeId,
    literal: &Literal,
    message: String,
    help: Option<String>,
) -> Option<Diagnostic> {
    let located = rule.locate(right, literal.range)?;
    let mut diagnostic = Diagnostic::new(Code::ImpossibleItem, located.span, message);
    if let Some((list, used_at)) = &located.list {
        diagnostic = diagnostic.also(*used_at, format!("list `{list}` is substituted here"));
    }
    diagnostic.help.extend(help);
    Some(diagnostic)
}
