//! The registry of codes. `docs/errors.md` is generated from it.
//!
//! Ranges: x01xx YAML and item structure, x02xx condition and output syntax, x03xx names,
//! x04xx types, x05xx limits, x06xx versions and configuration, W07xx lints.
//! A number is never reused; a retired one stays as a comment.

use super::Severity;

/// What the registry knows of a code.
#[derive(Debug)]
pub struct CodeInfo {
    /// Number as printed, e.g. `E0301`.
    pub id: &'static str,
    /// Name; warnings are silenced by it.
    pub name: &'static str,
    /// Usual severity.
    pub severity: Severity,
    /// Why it is said and what to do, for `docs/errors.md`.
    pub explanation: &'static str,
    /// A rule file that shows it; empty if none can.
    pub example: &'static str,
    /// Why there is no example.
    pub no_example: &'static str,
}

impl Code {
    /// The code with this name.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|code| code.info().name == name)
    }

    /// Names of all warnings: what can be silenced.
    pub fn warning_names() -> impl Iterator<Item = &'static str> {
        Self::ALL.iter().map(|code| code.info()).filter(|i| i.severity == Severity::Warning).map(|i| i.name)
    }
}

/// The one text, or the empty one.
const fn only(texts: &[&'static str]) -> &'static str {
    match texts {
        [text, ..] => text,
        [] => "",
    }
}

macro_rules! registry {
    ($(
        $variant:ident $id:literal $name:literal $severity:ident $explanation:literal
        $($example:expr)? $(=> no_example: $why:literal)?;
    )*) => {
        /// A registered code.
        #[derive(Copy, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Debug)]
        #[allow(missing_docs, reason = "each variant is documented by its registry entry")]
        pub enum Code { $($variant),* }

        impl Code {
            /// All codes, by number.
            pub const ALL: &'static [Code] = &[$(Code::$variant),*];

            /// The registry entry.
            pub fn info(self) -> &'static CodeInfo {
                match self {
                    $(Code::$variant => {
                        const INFO: CodeInfo = CodeInfo {
                            id: $id,
                            name: $name,
                            severity: Severity::$severity,
                            explanation: $explanation,
                            example: only(&[$($example)?]),
                            no_example: only(&[$($why)?]),
                        };
                        &INFO
                    }),*
                }
            }
        }
    };
}

/// A rule around a condition, for examples.
macro_rules! rule {
    ($condition:literal) => {
        concat!(
            "- rule: example\n  desc: example\n  condition: ",
            $condition,
            "\n  output: file=%fd.name\n  priority: INFO\n"
        )
    };
}

registry! {
    // YAML and item structure
    YamlSyntax "E0101" "yaml-syntax" Error
        "The file is not YAML. Nothing of the file is used."
        "- rule: [unclosed\n";
    NotASequence "E0102" "not-a-sequence" Error
        "A rules file is a sequence of items: each starts with `- rule:`, `- macro:`, `- list:` or a version requirement."
        "rule: example\n";
    NotAMapping "E0103" "not-a-mapping" Error
        "Each item of a rules file, and each exception, is a mapping of keys to values."
        "- just a text\n";
    MissingKey "E0104" "missing-key" Error
        "A key that this item needs is not there."
        "- macro: example\n";
    WrongKind "E0105" "wrong-kind" Error
        "The value has the wrong shape: a text where a sequence is needed, or the reverse."
        "- list: example\n  items: one\n";
    EmptyValue "E0106" "empty-value" Error
        "The value is empty where something is needed."
        "- macro: example\n  condition:\n";
    BadScalar "E0107" "bad-scalar" Error
        "The value cannot be read as what the key needs: a boolean (true, false, yes, no, on, off) or a number."
        "- rule: example\n  desc: example\n  condition: evt.type = open\n  output: x\n  priority: INFO\n  enabled: maybe\n";
    FileRead "E0108" "file-read" Error
        "The file cannot be opened or read. Check its path and permissions."
        => no_example: "There is no text to show.";
    BadPriority "E0109" "bad-priority" Error
        "A priority is one of emergency, alert, critical, error, warning, notice, informational (info) and debug, in any case."
        "- rule: example\n  desc: example\n  condition: evt.type = open\n  output: x\n  priority: URGENT\n";
    BadOverride "E0110" "bad-override" Error
        "`override` maps keys of the item to `append` or `replace`; not every key can be appended to, each must be given with its new value, and `append: true` cannot be used beside it."
        "- rule: example\n  desc: example\n  condition: evt.type = open\n  output: x\n  priority: INFO\n- rule: example\n  priority: DEBUG\n  override:\n    priority: append\n";
    BadException "E0111" "bad-exception" Error
        "An exception has a name and fields, as many comparison operators (comps) as fields, and in each row of values one value per field."
        "- rule: example\n  desc: example\n  condition: evt.type = open\n  output: x\n  priority: INFO\n  exceptions:\n    - name: ex\n      fields: [proc.name, fd.name]\n      comps: [=]\n";
    NothingToChange "E0112" "nothing-to-change" Error
        "An append or override gives no key that could be changed."
        "- rule: example\n  desc: example\n  condition: evt.type = open\n  output: x\n  priority: INFO\n- rule: example\n  append: true\n";
    DuplicateKey "W0113" "duplicate-key" Warning
        "A key stands twice in one mapping. Only the first is used, as in Falco."
        "- macro: example\n  condition: evt.type = open\n  condition: evt.type = close\n- rule: uses it\n  desc: example\n  condition: example\n  output: x\n  priority: INFO\n";
    InvalidUtf8 "W0114" "invalid-utf8" Warning
        "The file has bytes that are not UTF-8. Each is read as the replacement character U+FFFD."
        => no_example: "A page of text cannot show such a file; here, `café` was written in Latin-1.";
    UnknownItem "W0115" "unknown-item" Warning
        "The item is none of rule, macro, list, required_engine_version and required_plugin_versions, and is ignored."
        "- rules: example\n";
    UnknownKey "W0116" "unknown-key" Warning
        "The key means nothing in this item and is ignored."
        "- rule: example\n  desc: example\n  condition: evt.type = open\n  output: x\n  priority: INFO\n  prority: DEBUG\n";
    DeprecatedItem "W0117" "deprecated-item" Warning
        "It still works, but a better form exists: `override` in place of `append: true` or of a lone `enabled`; no `evt.dir`, since only exit events are delivered."
        "- macro: example\n  condition: evt.type = open\n- macro: example\n  condition: or evt.type = openat\n  append: true\n- rule: uses it\n  desc: example\n  condition: example\n  output: x\n  priority: INFO\n";
    AppendNoValues "W0118" "append-no-values" Warning
        "An exception is appended without values, so that nothing changes."
        "- rule: example\n  desc: example\n  condition: evt.type = open\n  output: x\n  priority: INFO\n  exceptions:\n    - name: ex\n      fields: proc.name\n      values: [cat]\n- rule: example\n  exceptions:\n    - name: ex\n  override:\n    exceptions: append\n";
    DuplicateException "W0119" "duplicate-exception" Warning
        "Two exceptions of one rule have the same name. Both apply; values appended later go to the first."
        "- rule: example\n  desc: example\n  condition: evt.type = open\n  output: x\n  priority: INFO\n  exceptions:\n    - name: ex\n      fields: proc.name\n      values: [cat]\n    - name: ex\n      fields: proc.name\n      values: [dog]\n";
    InvalidName "W0120" "invalid-name" Warning
        "The name cannot be written in a condition, so that nothing can refer to the item: macro names are letters, digits and `_`, beginning with a letter; list names have no blanks, quotes, parentheses, commas or `=`."
        "- macro: my-macro\n  condition: evt.type = open\n";

    // Condition and output syntax
    UnexpectedToken "E0201" "unexpected-token" Error
        "The condition goes on where it should end or combine. Between two checks stands `and` or `or`; a value with blanks, parentheses, quotes, `,` or `=` needs quotes."
        rule!("evt.type = open proc.name = cat");
    ExpectedCheck "E0202" "expected-check" Error
        "A check is `field operator value`, a macro's name, or an expression in parentheses."
        rule!("evt.type = open and ()");
    ExpectedOperator "E0203" "expected-operator" Error
        "A field stands alone or is followed by something that is no operator. Every check compares: `evt.is_open_read = true`. Word operators need a blank after them."
        rule!("evt.is_open_read");
    ExpectedValue "E0204" "expected-value" Error
        "The operator has no usable value after it. Lists in parentheses go with `in`, `intersects`, `pmatch` and the modifiers `oneof`, `anyof`, `allof`."
        rule!("proc.name = (cat)");
    ExpectedNumber "E0205" "expected-number" Error
        "The operators `<`, `<=`, `>` and `>=` take a number, or a field in `val()`."
        rule!("fd.num > many");
    ExpectedList "E0206" "expected-list" Error
        "The operators `in`, `intersects` and `pmatch` take a list in parentheses or a list's name."
        rule!("proc.name in 'cat'");
    UnclosedParen "E0207" "unclosed-paren" Error
        "A parenthesis or bracket is opened and never closed."
        rule!("(evt.type = open");
    UnterminatedString "E0208" "unterminated-string" Error
        "A quoted text has no closing quote. A quote after a backslash does not close: write a text that ends in a backslash without quotes, or its last character as \\x5c."
        rule!("proc.name = 'cat");
    BadEscape "E0209" "bad-escape" Error
        "Known escapes are \\b \\f \\n \\r \\t \\\\ \\/ \\xHH, a backslash before a blank, and one before the quote that encloses the text."
        rule!("proc.name = 'a\\qb'");
    BadFieldArgument "E0210" "bad-field-argument-syntax" Error
        "The argument in brackets is empty or has blanks, quotes or brackets. Quote it: `proc.env[\"A B\"]`."
        rule!("proc.env[] = x");
    MissingBlank "E0211" "missing-blank" Error
        "After `and` and `or` stands a blank or a parenthesis."
        rule!("evt.type = open and,proc.name = cat");
    BadTransformerArgument "E0212" "bad-transformer-argument" Error
        "A transformer's arguments are fields, transformers, quoted texts, numbers, or lists of these in parentheses."
        rule!("tolower(cat) = cat");
    EmptyCondition "E0213" "empty-condition" Error
        "The condition has no check at all."
        rule!("' '");
    BadOutput "E0214" "bad-output" Error
        "In an output, `%` begins a field: there is no `%%`, and the text cannot end in `%`."
        "- rule: example\n  desc: example\n  condition: evt.type = open\n  output: 100%\n  priority: INFO\n";

    // Names
    UnknownField "E0301" "unknown-field" Error
        "No such field. `peregrine list fields` shows all of them."
        rule!("proc.nmae = cat");
    UnknownMacro "E0302" "unknown-macro" Error
        "No macro of this name is defined before its use. A macro can only use macros that stand above it; rules see all macros."
        rule!("evt.type = open and never_defined");
    MacroLoop "E0303" "macro-loop" Error
        "A macro refers to itself, directly or through others."
        "- macro: a\n  condition: evt.type = open\n- macro: b\n  condition: a\n- macro: a\n  condition: b\n- rule: uses it\n  desc: example\n  condition: a\n  output: x\n  priority: INFO\n";
    UnknownEventType "E0304" "unknown-event-type" Error
        "No such event type. `peregrine list events` shows all of them."
        rule!("evt.type = opne");
    UnknownParameter "E0305" "unknown-parameter" Error
        "No event type has a parameter of this name."
        rule!("evt.type = open and evt.arg.flag = x");
    UndefinedItem "E0306" "undefined-item" Error
        "An append, override or lone `enabled` refers to a rule, macro or list that is not defined above it."
        "- rule: example\n  condition: and proc.name = cat\n  override:\n    condition: append\n";
    SourceChanged "E0307" "source-changed" Error
        "A rule cannot be defined again with another source."
        "- rule: example\n  desc: example\n  condition: evt.type = open\n  output: x\n  priority: INFO\n- rule: example\n  desc: example\n  condition: evt.type = open\n  output: x\n  priority: INFO\n  source: k8s_audit\n";
    UnknownOperator "E0308" "unknown-operator" Error
        "No such comparison operator. `peregrine list operators` shows all of them."
        "- rule: example\n  desc: example\n  condition: evt.type = open\n  output: x\n  priority: INFO\n  exceptions:\n    - name: ex\n      fields: [proc.name]\n      comps: [equals]\n      values:\n        - [cat]\n";
    UnknownTransformer "E0309" "unknown-transformer" Error
        "No such transformer. `peregrine list transformers` shows all of them."
        "- rule: example\n  desc: example\n  condition: evt.type = open\n  output: x\n  priority: INFO\n  exceptions:\n    - name: ex\n      fields: [\"lower(proc.name)\"]\n      comps: [=]\n      values:\n        - [cat]\n";
    UnknownSource "W0310" "unknown-source" Warning
        "No event source of this name is loaded. The rule is left out."
        "- rule: example\n  desc: example\n  condition: okta.app = x\n  output: x\n  priority: INFO\n  source: okta\n";
    UnknownFilter "W0311" "unknown-filter" Warning
        "The rule uses something that does not exist here and says `skip-if-unknown-filter: true`. It is left out."
        "- rule: example\n  desc: example\n  condition: evt.type = open and future.field = 1\n  output: x\n  priority: INFO\n  skip-if-unknown-filter: true\n";

    // Types
    OperatorType "E0401" "operator-type" Error
        "The operator does not work on fields of this type."
        rule!("evt.type = open and fd.num contains 3");
    BadLiteral "E0402" "bad-literal" Error
        "The value cannot be read as the field's type: numbers are decimal, booleans are `true` or `false`, networks need `/len`."
        rule!("evt.type = open and fd.num = three");
    MissingArgument "E0403" "missing-argument" Error
        "The field needs an argument."
        rule!("evt.type = open and evt.arg = x");
    UnexpectedArgument "E0404" "unexpected-argument" Error
        "The field takes no argument."
        rule!("evt.type = open and proc.name[1] = cat");
    BadArgument "E0405" "bad-argument" Error
        "The argument is not of the kind that the field takes."
        rule!("evt.type = open and proc.aname[x] = cat");
    TransformerType "E0406" "transformer-type" Error
        "The transformer does not work on values of this type or shape."
        rule!("evt.type = open and tolower(fd.num) = 3");
    RhsType "E0407" "rhs-type" Error
        "The two sides of a comparison must have the same type, and be both lists or both single values."
        rule!("evt.type = open and proc.name = val(proc.pid)");
    NotAllowedHere "E0408" "not-allowed-here" Error
        "The field or operator cannot be used in this place: some fields are refused inside transformers or on the right side, some exist only for conditions or only for outputs."
        rule!("evt.type = open and proc.name = val(proc.aname)");
    BadRegex "E0409" "bad-regex" Error
        "The regular expression cannot be compiled."
        rule!("evt.type = open and proc.name regex '['");
    NulByte "E0410" "nul-byte" Error
        "A text compared with a text field cannot contain a NUL byte, since no such value ever does."
        rule!("evt.type = open and proc.name = '\\x00'");

    // Limits
    NestingLimit "E0501" "nesting-limit" Error
        "The condition is nested too deeply."
        rule!("((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((evt.type = open");
    SizeLimit "E0502" "size-limit" Error
        "A file, a condition after substitution of its lists and macros, or a regular expression is too large."
        "- macro: a\n  condition: evt.type = open\n- macro: b\n  condition: a or a or a or a or a or a or a or a or a or a or a or a or a or a or a or a\n- macro: c\n  condition: b or b or b or b or b or b or b or b or b or b or b or b or b or b or b or b\n- macro: d\n  condition: c or c or c or c or c or c or c or c or c or c or c or c or c or c or c or c\n- macro: e\n  condition: d or d or d or d or d or d or d or d or d or d or d or d or d or d or d or d\n- macro: f\n  condition: e or e or e or e or e or e or e or e or e or e or e or e or e or e or e or e\n- rule: example\n  desc: example\n  condition: f or f\n  output: x\n  priority: INFO\n";
    YamlLimit "E0503" "yaml-limit" Error
        "The YAML is nested too deeply, or its aliases multiply it beyond any use."
        "- list: a\n  items: &a [x, x, x, x, x, x, x, x, x, x]\n- list: b\n  items: &b [*a, *a, *a, *a, *a, *a, *a, *a, *a, *a]\n- list: c\n  items: &c [*b, *b, *b, *b, *b, *b, *b, *b, *b, *b]\n- list: d\n  items: &d [*c, *c, *c, *c, *c, *c, *c, *c, *c, *c]\n- list: e\n  items: &e [*d, *d, *d, *d, *d, *d, *d, *d, *d, *d]\n- list: f\n  items: &f [*e, *e, *e, *e, *e, *e, *e, *e, *e, *e]\n- list: g\n  items: &g [*f, *f, *f, *f, *f, *f, *f, *f, *f, *f]\n- list: h\n  items: &h [*g, *g, *g, *g, *g, *g, *g, *g, *g, *g]\n";
    TooManyErrors "E0504" "too-many-errors" Error
        "So many errors were found that the rest is left out."
        => no_example: "It takes more than 500 errors.";

    // Versions and configuration
    EngineVersion "E0601" "engine-version" Error
        "The file needs a newer engine, or the version cannot be read: it is a number N (meaning 0.N.0) or `x.y.z`."
        "- required_engine_version: 999\n";
    PluginVersion "E0602" "plugin-version" Error
        "A plugin version requirement cannot be read, or names the same plugin twice."
        "- required_plugin_versions:\n    - name: json\n      version: latest\n";

    // Lints that Falco has too
    NoEventType "W0701" "no-event-type" Warning
        "The rule applies to more than 100 event types, so that it is evaluated for nearly every event. Add an `evt.type` check, or set `warn_evttypes: false` when it is meant."
        rule!("proc.name = cat");
    UnsafeNaCheck "W0702" "unsafe-na-check" Warning
        "A comparison with the text <NA> does not find absent values. Use `exists`. Falco says so of fields of JSON events only."
        "- rule: example\n  desc: example\n  condition: ka.verb != \"<NA>\"\n  output: x\n  priority: INFO\n  source: k8s_audit\n";
    UnusedMacro "W0703" "unused-macro" Warning
        "No rule or macro uses this macro."
        "- macro: example\n  condition: evt.type = open\n";
    UnusedList "W0704" "unused-list" Warning
        "No rule, macro or list uses this list."
        "- list: example\n  items: [a, b]\n";
    FieldAsText "W0705" "field-as-text" Warning
        "The right side is a constant text that looks like a field or a transformer. To compare with the field's value, write `val(...)`; to silence, it can stay."
        rule!("evt.type = open and proc.name = proc.pname");
    SimpleRegex "W0706" "simple-regex" Warning
        "The regular expression needs no regular expression: `=`, `contains`, `startswith` and `endswith` are much cheaper."
        rule!("evt.type = open and proc.name regex 'cat.*'");

    // Lints beyond Falco's
    AlwaysTrue "W0710" "always-true" Warning
        "The condition, or a part of it, is true whatever the event is. `not a or not b`, where `not (a or b)` is meant, is the usual cause. Placeholders are not reported: `evt.num >= 0`, and macros that are nothing but `field exists`."
        rule!("evt.type = open and (not proc.name = cat or not proc.name = dog)");
    AlwaysFalse "W0711" "always-false" Warning
        "The condition, or a part of it, is never true, so that the rule or the part has no effect. Placeholders are not reported: `evt.num = 0`, and lists that are empty until someone fills them."
        rule!("evt.type = open and evt.type = close");
    ShadowedRule "W0712" "shadowed-rule" Warning
        "An earlier enabled rule of the same source matches whenever this one does, so that this one never fires with `rule_matching: first`, which is the default. Put the narrower rule first."
        "- rule: broad\n  desc: example\n  condition: evt.type = open\n  output: x\n  priority: INFO\n- rule: narrow\n  desc: example\n  condition: evt.type = open and proc.name = cat\n  output: x\n  priority: INFO\n";
    AncestorNotEqual "W0713" "ancestor-not-equal" Warning
        "An ancestor field without index is true if any one ancestor satisfies the operator, so that `!=` is true for nearly every process. Write `not field = value`."
        rule!("evt.type = open and proc.aname != sshd");
    AbsentExclusion "W0714" "absent-exclusion" Warning
        "The check is meant to exclude, but it is also false when the field has no value, so that the rule never fires then. Write `not field = value` to let absent values pass. It is said of fields of containers, Kubernetes, files and ancestors, unless another check of the condition needs a value anyway."
        rule!("evt.type = open and container.image.repository != alpine");
    ImpossibleItem "W0715" "impossible-item" Warning
        "The field never has this value: it is too long (names of processes have 15 bytes, ids of containers 12), not among the values that the field takes (`fd.typechar`, `evt.res` and others), or out of the number's range, so that it is read as another number."
        rule!("evt.type = open and proc.name in (cat, a-name-longer-than-15-bytes)");
    UnexpandedList "W0716" "unexpanded-list" Warning
        "The item has the name of a list, but lists are expanded one level deep and only when defined above, as in Falco. It stays a plain text."
        "- list: outer\n  items: [inner, cat]\n- list: middle\n  items: [outer]\n- list: last\n  items: [middle]\n- list: inner\n  items: [dog]\n- rule: example\n  desc: example\n  condition: evt.type = open and proc.name in (last)\n  output: x\n  priority: INFO\n";
    ListInQuotes "W0717" "list-in-quotes" Warning
        "A list's name stands alone inside a quoted text and is replaced by the list's items there, as in Falco."
        "- list: shells\n  items: [bash, sh]\n- rule: example\n  desc: example\n  condition: evt.type = open and proc.cmdline contains \"run shells now\"\n  output: x\n  priority: INFO\n";
    DuplicateItem "W0718" "duplicate-item" Warning
        "The same value stands twice in one list, in its definition or in a condition. It does no harm, but another value may have been meant."
        rule!("evt.type = open and proc.name in (cat, dog, cat)");
    UnknownLint "W0719" "unknown-lint" Warning
        "A comment `# peregrine: allow(...)` cannot be understood, names something that is not the name of a warning, or stands above nothing that it could concern."
        "# peregrine: allow(unused-marco)\n- macro: example\n  condition: evt.type = open\n";
}
