//! The tables.

use super::Shape::{
    Any, Boolean, Condition, Integer, Items, Object, Objects, OverrideMode, Priority, ReplaceMode, Text,
    Texts, Version,
};
use super::{ItemDef, KeyDef, ObjectDef, Shape};

const fn key(name: &'static str, shape: Shape, description: &'static str) -> KeyDef {
    KeyDef { name, shape, description }
}

/// COMPAT(falco): the deprecated way to extend an item.
const APPEND: KeyDef = key(
    "append",
    Boolean,
    "Deprecated, use `override`: extend the item of this name instead of defining it anew.",
);

static ALTERNATIVE: ObjectDef = ObjectDef {
    name: "alternative",
    description: "A plugin that will do as well.",
    keys: &[key("name", Text, "The plugin's name."), key("version", Version, "Least version of the plugin.")],
    required: &["name", "version"],
    min_keys: 0,
};

static PLUGIN_VERSION: ObjectDef = ObjectDef {
    name: "plugin_version",
    description: "A plugin that the rules of this file need.",
    keys: &[
        key("name", Text, "The plugin's name."),
        key("version", Version, "Least version of the plugin."),
        key("alternatives", Objects(&ALTERNATIVE), "Plugins of which one will do instead."),
    ],
    required: &["name", "version"],
    min_keys: 0,
};

static EXCEPTION: ObjectDef = ObjectDef {
    name: "exception",
    description: "A set of cases in which the rule does not apply.",
    keys: &[
        key("name", Text, "Name of the exception, unique in its rule."),
        key("fields", Any, "A field, or a list of fields that are compared together."),
        key(
            "comps",
            Any,
            "An operator for each field. Default: `=` for each field of a list, `in` for one field.",
        ),
        key(
            "values",
            Any,
            "What the fields are compared with: a list of tuples, or of values for one field.",
        ),
    ],
    required: &["name"],
    min_keys: 0,
};

static RULE_OVERRIDE: ObjectDef = ObjectDef {
    name: "rule_override",
    description: "How each of the other keys changes the rule of this name.",
    keys: &[
        key("desc", OverrideMode, "Append to the description, or replace it."),
        key("condition", OverrideMode, "Append to the condition, or replace it."),
        key("output", OverrideMode, "Append to the output, or replace it."),
        key("priority", ReplaceMode, "Replace the priority."),
        key("tags", OverrideMode, "Add tags, or replace them."),
        key("enabled", ReplaceMode, "Replace the switch."),
        key("capture", ReplaceMode, "Replace the switch of capturing."),
        key("capture_duration", ReplaceMode, "Replace the duration of captures."),
        key("warn_evttypes", ReplaceMode, "Replace the switch of the warning."),
        key("skip-if-unknown-filter", ReplaceMode, "Replace the switch of skipping."),
        key("exceptions", OverrideMode, "Add exceptions and values, or replace them."),
    ],
    required: &[],
    min_keys: 1,
};

static MACRO_OVERRIDE: ObjectDef = ObjectDef {
    name: "macro_override",
    description: "How the condition changes the macro of this name.",
    keys: &[key("condition", OverrideMode, "Append to the condition, or replace it.")],
    required: &[],
    min_keys: 1,
};

static LIST_OVERRIDE: ObjectDef = ObjectDef {
    name: "list_override",
    description: "How the items change the list of this name.",
    keys: &[key("items", OverrideMode, "Append to the items, or replace them.")],
    required: &[],
    min_keys: 1,
};

pub(super) static ITEMS: &[ItemDef] = &[
    ItemDef {
        object: ObjectDef {
            name: "required_engine_version",
            description: "The least version of the rule engine that can read this file.",
            keys: &[key(
                "required_engine_version",
                Version,
                "Least engine version, as semantic version; a plain number N means 0.N.0.",
            )],
            required: &["required_engine_version"],
            min_keys: 0,
        },
        one_of: &[],
    },
    ItemDef {
        object: ObjectDef {
            name: "required_plugin_versions",
            description: "Plugins that the rules of this file need.",
            keys: &[key(
                "required_plugin_versions",
                Objects(&PLUGIN_VERSION),
                "Plugins with their least versions.",
            )],
            required: &["required_plugin_versions"],
            min_keys: 0,
        },
        one_of: &[],
    },
    ItemDef {
        object: ObjectDef {
            name: "list",
            description: "A named list of values, for use in conditions and in other lists.",
            keys: &[
                key("list", Text, "Name of the list."),
                key("items", Items, "Values, or names of lists that are defined above."),
                APPEND,
                key("override", Object(&LIST_OVERRIDE), "How this item changes the list of this name."),
            ],
            required: &["list", "items"],
            min_keys: 0,
        },
        one_of: &[],
    },
    ItemDef {
        object: ObjectDef {
            name: "macro",
            description: "A named part of a condition.",
            keys: &[
                key("macro", Text, "Name of the macro."),
                key("condition", Condition, "The condition that the name stands for."),
                APPEND,
                key("override", Object(&MACRO_OVERRIDE), "How this item changes the macro of this name."),
            ],
            required: &["macro", "condition"],
            min_keys: 0,
        },
        one_of: &[],
    },
    ItemDef {
        object: ObjectDef {
            name: "rule",
            description: "A condition on events, and what to say when it holds.",
            keys: &[
                key("rule", Text, "Name of the rule."),
                key("desc", Text, "What the rule is about."),
                key("condition", Condition, "When the rule matches an event."),
                key("output", Text, "The alert's text, with %fields."),
                key("priority", Priority, "How serious a match is."),
                key("source", Text, "Where the events come from. Default: syscall."),
                key("tags", Texts, "Words by which rules are selected."),
                key("enabled", Boolean, "Whether the rule is in use. Default: true."),
                key("capture", Boolean, "Whether a match starts a capture of events. Default: false."),
                key("capture_duration", Integer, "How long a capture goes on, in milliseconds."),
                key(
                    "warn_evttypes",
                    Boolean,
                    "Whether to warn about a condition that is not restricted to some event types. Default: true.",
                ),
                key(
                    "skip-if-unknown-filter",
                    Boolean,
                    "Whether to skip the rule quietly if it uses an unknown field. Default: false.",
                ),
                key("exceptions", Objects(&EXCEPTION), "Cases in which the rule does not apply."),
                APPEND,
                key("override", Object(&RULE_OVERRIDE), "How this item changes the rule of this name."),
            ],
            required: &["rule"],
            min_keys: 0,
        },
        one_of: &[&["desc", "condition", "output", "priority"], &["append"], &["override"], &["enabled"]],
    },
];
