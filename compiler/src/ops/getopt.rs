//! The `getopt` transformer: short options of an argument list.
//!
//! In: the arguments after the program's name and a `getopt(3)`-like option string (`"lp:e:"`). Out:
//! either all options in order, or the value of one option.
//!
//! It differs from `getopt(3)` in that arguments starting with `--` and more are skipped, a missing
//! value gives an empty text whether or not the option string starts with `:`, and nothing is
//! permuted: scanning ends at `--`, at a lone `-`, at an empty argument and at the first argument
//! without `-`.
//!
//! ```
//! use peregrine_compiler::ops::getopt;
//! let args: &[&[u8]] = &[b"-lp", b"8080", b"-x"];
//! assert_eq!(getopt::letters_and_values(args, b"lp:"), [&b"l"[..], b"p", b"8080", b"?"]);
//! assert_eq!(getopt::value_of(args, b"lp:", b'p'), Some(&b"8080"[..]));
//! ```

/// What an option string says of a letter.
#[derive(Copy, Clone, PartialEq, Eq)]
enum Takes {
    Unknown,
    NoValue,
    Value,
}

/// One option found.
struct Found<'a> {
    /// The letter, as a slice of its argument.
    letter: &'a [u8],
    what: What<'a>,
}

enum What<'a> {
    Unknown,
    Flag,
    Value(&'a [u8]),
    MissingValue,
}

/// All options in order: the letter of each, followed by its value if it takes one.
///
/// An unknown letter gives `?`; an option whose value is missing gives an empty text instead of its
/// letter.
pub fn letters_and_values<'a>(args: &[&'a [u8]], optstring: &[u8]) -> Vec<&'a [u8]> {
    let mut out = Vec::new();
    scan(args, optstring, |found| match found.what {
        What::Unknown => out.push(&b"?"[..]),
        What::Flag => out.push(found.letter),
        What::Value(value) => out.extend([found.letter, value]),
        What::MissingValue => out.push(&[]),
    });
    out
}

/// The value of the last occurrence of `letter`; the letter itself if it takes no value, an empty
/// text if its value is missing, `None` if the option does not occur.
pub fn value_of<'a>(args: &[&'a [u8]], optstring: &[u8], letter: u8) -> Option<&'a [u8]> {
    let mut last = None;
    scan(args, optstring, |found| {
        if found.letter == [letter] {
            match found.what {
                What::Unknown => {}
                What::Flag => last = Some(found.letter),
                What::Value(value) => last = Some(value),
                What::MissingValue => last = Some(&[]),
            }
        }
    });
    last
}

fn scan<'a>(args: &[&'a [u8]], optstring: &[u8], mut emit: impl FnMut(Found<'a>)) {
    let takes = parse_optstring(optstring);
    let mut args = args.iter().copied();
    while let Some(arg) = args.next() {
        let mut cluster = match arg {
            b"--" | b"-" => return,
            [b'-', b'-', ..] => continue,
            [b'-', letters @ ..] => letters,
            _ => return,
        };
        while let Some((letter, rest)) = cluster.split_at_checked(1) {
            let kind = letter.first().map_or(Takes::Unknown, |&l| takes_of(&takes, l));
            if kind != Takes::Value {
                let what = if kind == Takes::NoValue { What::Flag } else { What::Unknown };
                emit(Found { letter, what });
                cluster = rest;
                continue;
            }
            let value = if rest.is_empty() { args.next() } else { Some(rest) };
            emit(Found { letter, what: value.map_or(What::MissingValue, What::Value) });
            break;
        }
    }
}

fn takes_of(takes: &[Takes; 256], letter: u8) -> Takes {
    takes.get(usize::from(letter)).copied().unwrap_or(Takes::Unknown)
}

fn parse_optstring(optstring: &[u8]) -> [Takes; 256] {
    let mut takes = [Takes::Unknown; 256];
    let mut letters = optstring.iter().copied().peekable();
    while let Some(letter) = letters.next() {
        if letter == b':' {
            continue;
        }
        let value = letters.next_if_eq(&b':').is_some();
        if let Some(slot) = takes.get_mut(usize::from(letter)) {
            // `aa:` takes a value: once seen with a colon, a letter keeps it.
            if value || *slot == Takes::Unknown {
                *slot = if value { Takes::Value } else { Takes::NoValue };
            }
        }
    }
    takes
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn list(args: &str, optstring: &str) -> String {
        let args: Vec<&[u8]> = split(args);
        let out = letters_and_values(&args, optstring.as_bytes());
        out.iter().map(|v| String::from_utf8_lossy(v)).collect::<Vec<_>>().join("|")
    }

    fn split(args: &str) -> Vec<&[u8]> {
        if args == "-" { Vec::new() } else { args.split(' ').map(str::as_bytes).collect() }
    }

    #[test]
    fn letters_in_order() {
        for (args, optstring, expect) in [
            ("-n -t hello", "nt:", "n|t|hello"),
            ("-nthello", "nt:", "n|t|hello"),
            ("-t -123", "t:", "t|-123"), // a value may look like an option
            ("-t -- -n", "t:n", "t|--|n"),
            ("-n -- -t", "nt", "n"),
            ("-n file -t", "nt", "n"), // ends at the first operand
            ("-n  -t", "nt", "n"),     // and at an empty argument
            ("-x -nx", "n", "?|n|?"),
            ("--exec -n", "en", "n"), // long options are skipped
            ("-t", "t:", ""),         // value missing: one empty text
            ("-t", ":t:", ""),
            ("-nt", "nt:", "n|"),
            ("-a:b", "ab", "a|?|b"), // a colon is never a letter
            ("-?", "?", "?"),
            ("-@+", "@+", "@|+"),
            ("-ab", "a::b", "a|b"),
            ("-a", "", "?"),
            ("-", "n", ""),
        ] {
            assert_eq!(list(args, optstring), expect, "{args} / {optstring}");
        }
    }

    #[test]
    fn a_lone_dash_ends() {
        let args: &[&[u8]] = &[b"-", b"-n"];
        assert!(letters_and_values(args, b"n").is_empty());
    }

    #[test]
    fn last_value_wins() {
        for (args, optstring, letter, expect) in [
            ("-t v1 -t v2", "t:", b't', Some("v2")),
            ("-t v1 -t", "t:", b't', Some("")),
            ("-n -t x", "nt:", b'n', Some("n")),
            ("-t?", "t:", b't', Some("?")),
            ("-n", "nt:", b't', None),
            ("-x", "n", b'x', None),
            ("-x", "n", b'?', None),
        ] {
            let found = value_of(&split(args), optstring.as_bytes(), letter);
            assert_eq!(found, expect.map(str::as_bytes), "{args} / {optstring}");
        }
    }

    proptest! {
        #[test]
        fn one_option_agrees_with_the_list(
            args in prop::collection::vec("[-ab:x?]{0,4}", 0..5), optstring in "[ab:?]{0,5}"
        ) {
            let args: Vec<&[u8]> = args.iter().map(String::as_bytes).collect();
            let all = letters_and_values(&args, optstring.as_bytes());
            for letter in *b"ab" {
                let value = value_of(&args, optstring.as_bytes(), letter);
                prop_assert!(value.is_none_or(|value| all.contains(&value)));
            }
        }
    }
}
