//! Falco's terms for findings: the `LOAD_*` codes and the chain of items around a finding.
//!
//! Rendering them as `falco -V` does is in `rulefile::report`.

use crate::source::Span;

macro_rules! load_codes {
    ($($variant:ident $code:literal $short:literal),* $(,)?) => {
        /// A `LOAD_*` code of Falco.
        #[derive(Copy, Clone, PartialEq, Eq, Hash, Debug)]
        #[allow(missing_docs, reason = "the codes are Falco's")]
        pub enum LoadCode { $($variant),* }

        impl LoadCode {
            /// All codes, errors first.
            pub const ALL: &'static [LoadCode] = &[$(LoadCode::$variant),*];

            /// The code as Falco prints it.
            pub fn as_str(self) -> &'static str {
                match self { $(LoadCode::$variant => $code),* }
            }

            /// Falco's short description.
            pub fn description(self) -> &'static str {
                match self { $(LoadCode::$variant => $short),* }
            }
        }
    };
}

load_codes! {
    FileRead "LOAD_ERR_FILE_READ" "File read error",
    YamlParse "LOAD_ERR_YAML_PARSE" "YAML parse error",
    YamlValidate "LOAD_ERR_YAML_VALIDATE" "Error validating internal structure of YAML file",
    CompileConditionError "LOAD_ERR_COMPILE_CONDITION" "Error compiling condition",
    CompileOutput "LOAD_ERR_COMPILE_OUTPUT" "Error compiling output",
    Validate "LOAD_ERR_VALIDATE" "Error validating rule/macro/list/exception objects",
    Extension "LOAD_ERR_EXTENSION" "Error in extension item",
    UnknownSource "LOAD_UNKNOWN_SOURCE" "Unknown event source",
    UnsafeNaCheck "LOAD_UNSAFE_NA_CHECK" "Unsafe <NA> comparison in condition",
    NoEvttype "LOAD_NO_EVTTYPE" "Condition has no event-type restriction",
    UnknownFilter "LOAD_UNKNOWN_FILTER" "Unknown field or event-type in condition or output",
    UnusedMacro "LOAD_UNUSED_MACRO" "Unused macro",
    UnusedList "LOAD_UNUSED_LIST" "Unused list",
    UnknownItem "LOAD_UNKNOWN_ITEM" "Unknown rules file item",
    DeprecatedItem "LOAD_DEPRECATED_ITEM" "Used deprecated item",
    WarningExtension "LOAD_WARNING_EXTENSION" "Warning in extension item",
    AppendNoValues "LOAD_APPEND_NO_VALUES" "Overriding/appending with no values",
    ExceptionNameNotUnique "LOAD_EXCEPTION_NAME_NOT_UNIQUE" "Multiple exceptions defined with the same name",
    InvalidMacroName "LOAD_INVALID_MACRO_NAME" "Invalid macro name",
    InvalidListName "LOAD_INVALID_LIST_NAME" "Invalid list name",
    CompileCondition "LOAD_COMPILE_CONDITION" "Warning in rule condition",
    UnknownKey "LOAD_UNKNOWN_KEY" "Unknown key in item definition",
}

/// What kind of item encloses a finding.
#[derive(Copy, Clone, PartialEq, Eq, Hash, Debug)]
#[allow(missing_docs, reason = "the names are Falco's; see `as_str`")]
pub enum ItemType {
    ValueFor,
    Exceptions,
    Exception,
    ExceptionValues,
    ExceptionValue,
    RulesContent,
    RulesContentItem,
    RequiredEngineVersion,
    RequiredPluginVersions,
    RequiredPluginVersionsEntry,
    RequiredPluginVersionsAlternative,
    List,
    ListItem,
    Macro,
    MacroCondition,
    Rule,
    RuleCondition,
    ConditionExpression,
    RuleOutput,
    RuleOutputExpression,
    RulePriority,
    Override,
}

impl ItemType {
    /// The name as Falco prints it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::ValueFor => "value for",
            Self::Exceptions => "exceptions",
            Self::Exception => "exception",
            Self::ExceptionValues => "exception values",
            Self::ExceptionValue => "exception value",
            Self::RulesContent => "rules content",
            Self::RulesContentItem => "rules content item",
            Self::RequiredEngineVersion => "required_engine_version",
            Self::RequiredPluginVersions => "required plugin versions",
            Self::RequiredPluginVersionsEntry => "required plugin versions entry",
            Self::RequiredPluginVersionsAlternative => "required plugin versions alternative",
            Self::List => "list",
            Self::ListItem => "list item",
            Self::Macro => "macro",
            Self::MacroCondition => "macro condition",
            Self::Rule => "rule",
            Self::RuleCondition => "rule condition",
            Self::ConditionExpression => "condition expression",
            Self::RuleOutput => "rule output",
            Self::RuleOutputExpression => "rule output expression",
            Self::RulePriority => "rule priority",
            Self::Override => "overrides",
        }
    }
}

/// One enclosing item, outermost first in [`Finding::context`].
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ContextItem {
    /// Kind.
    pub item: ItemType,
    /// Name of a rule, macro, list, key or exception; empty when it has none.
    pub name: String,
    /// Where it starts.
    pub span: Span,
}

/// A finding in Falco's terms.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Finding {
    /// Code.
    pub code: LoadCode,
    /// Falco's own wording where users may match on it, else ours.
    pub message: String,
    /// Enclosing items.
    pub context: Vec<ContextItem>,
}
