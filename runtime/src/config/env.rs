//! Environment variables in scalars: `${VAR}` is replaced, `$${VAR}` stands for `${VAR}` itself.

/// The value of a variable.
pub type Lookup<'a> = &'a dyn Fn(&str) -> Option<String>;

/// Replaces every `${VAR}`; an unset variable is empty, `${` without `}` stays.
pub(super) fn substitute(text: &str, env: Lookup<'_>) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find("${") {
        let (before, tail) = rest.split_at(at);
        let Some(end) = tail.find('}') else { break };
        let (reference, after) = tail.split_at(end + 1);
        if let Some(before) = before.strip_suffix('$') {
            out.push_str(before);
            out.push_str(reference);
        } else {
            out.push_str(before);
            let name = reference.get(2..end).unwrap_or("").trim();
            out.push_str(&env(name).unwrap_or_default());
        }
        rest = after;
    }
    out.push_str(rest);
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn variables_are_replaced() {
        let env = |name: &str| match name {
            "A" => Some("1".to_owned()),
            "B" => Some("${A}".to_owned()),
            _ => None,
        };
        for (text, expect) in [
            ("", ""),
            ("plain $A {A} $", "plain $A {A} $"),
            ("${A}", "1"),
            ("x${A}y${A}z", "x1y1z"),
            ("${UNSET}|", "|"),
            ("$${A}", "${A}"),
            ("${A}$${A}${A}", "1${A}1"),
            ("${B}", "${A}"),
            ("${A", "${A"),
            ("${A} ${", "1 ${"),
            ("${}", ""),
            ("ä${A}ö", "ä1ö"),
        ] {
            assert_eq!(substitute(text, &env), expect, "{text}");
        }
    }
}
