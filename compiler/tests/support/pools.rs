//! Values that conditions and events have in common, so that comparisons go both ways.

use super::choices::Choices;
use peregrine_compiler::hir::types::Family;
use peregrine_compiler::schema::Type;

/// Texts and paths.
pub const TEXTS: &[&str] = &[
    "bash",
    "sh",
    "cat",
    "",
    "/etc/passwd",
    "/etc/shadow",
    "/usr/bin/bash",
    "/tmp/x y",
    "a=b",
    "http",
    "<NA>",
    "nginx: worker",
    "it's",
    "say \"hi\"",
    "back\\slash",
    "end\\",
    "über",
    "and",
    "oneof",
    "val(",
    "(x)",
    "a,b",
    "-1",
    "0",
    "10",
    "L2V0Yy9wYXNzd2Q=",
    "-p 80 --verbose",
    "Bash",
    "\t",
    "\u{1}",
    "proc.name",
    "tolower(x)",
    ".",
    "/",
    "//etc//",
];

/// Shell patterns.
pub const GLOBS: &[&str] =
    &["*", "/etc/*", "?ash", "[a-c]at", "*[!/]", "", "/*/passw?", "\\*", "[", "[]a]", "[[:alpha:]]*"];

/// Regular expressions in RE2's POSIX syntax.
pub const REGEXES: &[&str] = &[
    "bash",
    ".*sh",
    "/etc/(passwd|shadow)",
    "[a-z]+",
    "^a$",
    "(a|b)*c",
    "x{2,3}",
    "[[:digit:]]+",
    "\\.",
    "",
];

/// Addresses.
pub const IPS: &[&str] =
    &["127.0.0.1", "10.0.0.7", "0.0.0.0", "255.255.255.255", "::1", "fe80::1", "2001:db8::8a2e:370:7334"];

/// Networks.
pub const NETS: &[&str] =
    &["127.0.0.0/8", "10.0.0.0/24", "0.0.0.0/0", "::/0", "fe80::/10", "10.0.0.7/32", "::1/128"];

/// Numbers that fit the smallest signed type.
pub const NUMBERS: &[&str] = &["0", "1", "3", "80", "2", "127", "+3", "007"];

/// Literals in bytes that `\xHH` can write.
pub const BUFFERS: &[&[u8]] = &[b"abc", b"", b"\x00\x01\x02", b"GET /", b"\xff\xfe", b"\x7fELF"];

/// Pairs of hexadecimal digits.
pub const HEX: &[&str] = &["616263", "", "000102", "FFfe", "7f454c46"];

/// A text, seldom one of arbitrary bytes.
pub fn text(choices: &mut Choices<'_>) -> Vec<u8> {
    if choices.chance(8) { choices.bytes(12) } else { choices.pick(TEXTS).as_bytes().to_vec() }
}

/// Types that a parameter of an event can have.
pub const PARAM_TYPES: &[Type] = &[
    Type::CharBuf,
    Type::Int64,
    Type::Uint32,
    Type::Fd,
    Type::ByteBuf,
    Type::Flags32,
    Type::IpAddr,
    Type::Bool,
    Type::SockAddr,
];

/// A literal that a field of this type takes, as text.
pub fn literal(choices: &mut Choices<'_>, ty: Type) -> Vec<u8> {
    match Family::of(ty) {
        Family::Int | Family::Uint | Family::Double => choices.pick(NUMBERS).as_bytes().to_vec(),
        Family::Bool => choices.pick(&["true", "false"]).as_bytes().to_vec(),
        Family::Ip => choices.pick(IPS).as_bytes().to_vec(),
        Family::Net => choices.pick(NETS).as_bytes().to_vec(),
        Family::Buffer => choices.pick(BUFFERS).to_vec(),
        Family::Dyn => {
            let ty = *choices.pick(PARAM_TYPES);
            literal(choices, ty)
        }
        Family::Text | Family::Opaque => text(choices),
    }
}
