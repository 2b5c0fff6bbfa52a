//! Where Falco's evaluation is plainly wrong: the right answer by default, Falco's with
//! `--falco-quirks`. `docs/compat.md` lists the same cases.

#![allow(clippy::unwrap_used, reason = "tests panic")]

use peregrine_compiler::hir::check::{Quirks, check};
use peregrine_compiler::hir::eval::{Extracted, FieldSource, Value, eval};
use peregrine_compiler::hir::field::FieldRef;
use peregrine_compiler::schema::{Schema, Type};
use peregrine_compiler::syntax::{MAX_DEPTH, parse_condition};
use peregrine_runtime::fields::syscall_schema;
use std::net::IpAddr;

/// A connection from 10.1.2.3 to 93.184.216.34:443, in a process with ancestors 300, 200 and 1.
struct Connection<'a>(&'a Schema);

impl FieldSource for Connection<'_> {
    fn extract(&self, field: &FieldRef) -> Option<Extracted> {
        let client = Value::Ip(IpAddr::from([10, 1, 2, 3]));
        let server = Value::Ip(IpAddr::from([93, 184, 216, 34]));
        let text = |t: &str| Value::Text(t.as_bytes().to_vec());
        let (ty, values) = match &*self.0.field(field.id).name {
            "fd.ip" => (Type::IpAddr, vec![client, server]),
            "fd.net" => (Type::IpNet, vec![client, server]),
            "fd.cnet" => (Type::IpNet, vec![client]),
            "fd.snet" => (Type::IpNet, vec![server]),
            "fd.port" => (Type::Port, vec![Value::Uint(40_000), Value::Uint(443)]),
            "proc.apid" => (Type::Int64, vec![Value::Int(300), Value::Int(200), Value::Int(1)]),
            "proc.aname" => (Type::CharBuf, vec![text("bash"), text("sshd"), text("systemd")]),
            _ => return None,
        };
        Some(Extracted { ty, values })
    }
}

fn verdict(condition: &str, quirks: Quirks) -> bool {
    let schema = syscall_schema();
    let parsed = parse_condition(condition, MAX_DEPTH);
    assert!(parsed.errors.is_empty(), "{condition}: {:?}", parsed.errors);
    let (typed, report) = check(&schema, &parsed.ast, quirks);
    let typed = typed.unwrap_or_else(|| panic!("{condition}: {:?}", report.errors));
    eval(&schema, &typed, &Connection(&schema)).unwrap()
}

/// The right answer, and Falco's where it differs.
fn differs(condition: &str, right: bool) {
    assert_eq!(verdict(condition, Quirks::Off), right, "by default: {condition}");
    assert_eq!(verdict(condition, Quirks::Falco), !right, "with --falco-quirks: {condition}");
}

fn agrees(condition: &str, answer: bool) {
    assert_eq!(verdict(condition, Quirks::Off), answer, "by default: {condition}");
    assert_eq!(verdict(condition, Quirks::Falco), answer, "with --falco-quirks: {condition}");
}

#[test]
fn quirk_fd_ip_in_never_matches() {
    differs("fd.ip in (9.9.9.9, 10.1.2.3)", true);
    differs("fd.ip in (10.1.2.3)", true);
    agrees("fd.ip in (9.9.9.9)", false);
    agrees("fd.ip = 10.1.2.3", true);
}

#[test]
fn quirk_fd_net_in_looks_at_the_first_network_only() {
    differs("fd.net in (1.0.0.0/8, 10.0.0.0/8)", true);
    agrees("fd.net in (10.0.0.0/8, 1.0.0.0/8)", true);
    agrees("fd.snet in (1.0.0.0/8, 93.0.0.0/8)", true);
}

#[test]
fn quirk_apid_in_never_matches() {
    differs("proc.apid in (200)", true);
    agrees("proc.apid = 200", true);
    agrees("proc.aname in (sshd)", true);
}

#[test]
fn quirk_modifiers_see_the_first_item_only() {
    differs("fd.net = anyof (1.0.0.0/8, 10.0.0.0/8)", true);
    differs("fd.port = anyof (80, 443)", true);
    differs("proc.aname = anyof (cron, sshd)", true);
    differs("proc.aname = allof (sshd, cron)", false);
    agrees("proc.aname = anyof (sshd, cron)", true);
}

#[test]
fn quirk_anyof_on_client_and_server_networks_never_matches() {
    differs("fd.snet = anyof (93.0.0.0/8)", true);
    differs("fd.cnet = anyof (1.0.0.0/8, 10.0.0.0/8)", true);
    agrees("fd.snet = oneof (93.0.0.0/8, 1.0.0.0/8)", true);
    agrees("fd.snet = allof (93.0.0.0/8)", true);
}

#[test]
fn either_end_and_any_ancestor() {
    agrees("fd.ip != 10.1.2.3", false);
    agrees("fd.ip != 9.9.9.9", true);
    agrees("fd.port != 443", false);
    agrees("proc.aname != sshd", true);
    agrees("not proc.aname = sshd", false);
    // a field without a value makes every check false, and `not` makes that true
    agrees("fd.name != x", false);
    agrees("not fd.name = x", true);
}
