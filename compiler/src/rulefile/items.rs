//! Items of rule files as the collector keeps them: merged, but with their conditions still text.

use super::text::Text;
use crate::source::Span;
use serde::Serialize;
use std::collections::BTreeSet;
use std::fmt;
use std::sync::Arc;

/// Severity of a rule's alerts; smaller is graver.
#[derive(Copy, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Debug, Serialize)]
#[allow(missing_docs, reason = "the names are the documentation")]
pub enum Priority {
    Emergency,
    Alert,
    Critical,
    Error,
    Warning,
    Notice,
    Informational,
    Debug,
}

impl Priority {
    /// All of them, gravest first.
    pub const ALL: [Self; 8] = [
        Self::Emergency,
        Self::Alert,
        Self::Critical,
        Self::Error,
        Self::Warning,
        Self::Notice,
        Self::Informational,
        Self::Debug,
    ];

    /// Name as alerts print it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Emergency => "Emergency",
            Self::Alert => "Alert",
            Self::Critical => "Critical",
            Self::Error => "Error",
            Self::Warning => "Warning",
            Self::Notice => "Notice",
            Self::Informational => "Informational",
            Self::Debug => "Debug",
        }
    }

    /// The priority of a name in any case; `info` means informational.
    pub fn from_name(name: &str) -> Option<Self> {
        if name.eq_ignore_ascii_case("info") {
            return Some(Self::Informational);
        }
        Self::ALL.into_iter().find(|p| p.as_str().eq_ignore_ascii_case(name))
    }
}

impl fmt::Display for Priority {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// A version `major.minor.patch`.
#[derive(Copy, Clone, PartialEq, Eq, PartialOrd, Ord, Debug, Default, Hash)]
pub struct Version {
    /// Changes when old requirements can no longer be met.
    pub major: u32,
    /// Changes with features.
    pub minor: u32,
    /// Changes with repairs.
    pub patch: u32,
}

impl Version {
    /// The version `major.minor.patch`.
    pub const fn new(major: u32, minor: u32, patch: u32) -> Self {
        Self { major, minor, patch }
    }

    /// Reads `x.y.z`; what follows the third number is ignored, as Falco does.
    pub fn parse(text: &str) -> Option<Self> {
        let (major, rest) = text.split_once('.')?;
        let (minor, rest) = rest.split_once('.')?;
        let digits = rest.len() - rest.trim_start_matches(|c: char| c.is_ascii_digit()).len();
        Some(Self::new(major.parse().ok()?, minor.parse().ok()?, rest.get(..digits)?.parse().ok()?))
    }

    /// Whether this version can serve where `required` is asked for.
    pub fn satisfies(self, required: Self) -> bool {
        self.major == required.major && self >= required
    }
}

impl fmt::Display for Version {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}.{}", self.major, self.minor, self.patch)
    }
}

/// The engine version that rule files can require; Falco 0.44's.
pub const ENGINE_VERSION: Version = Version::new(0, 63, 0);

/// A plugin that a rule file asks for, or one that is loaded.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct PluginVersion {
    /// Its name.
    pub name: String,
    /// Its version as written.
    pub version: String,
}

/// Where an item begins, and its order among all items.
#[derive(Clone, Debug)]
pub(crate) struct Place {
    /// The item's mapping.
    pub(crate) span: Span,
    /// Position among all items; kept by a redefinition.
    pub(crate) index: u32,
    /// Position of the last change: what it can see of other items.
    pub(crate) visibility: u32,
}

#[derive(Clone, Debug)]
pub(crate) struct ListInfo {
    pub(crate) name: Arc<str>,
    pub(crate) name_span: Span,
    pub(crate) items: Vec<Text>,
    pub(crate) place: Place,
}

#[derive(Clone, Debug)]
pub(crate) struct MacroInfo {
    pub(crate) name: Arc<str>,
    pub(crate) name_span: Span,
    pub(crate) condition: Vec<Text>,
    pub(crate) place: Place,
}

/// Fields, comparison operators or values of an exception: one, many, or many of many.
#[derive(Clone, Debug, Default)]
pub(crate) enum Entry {
    #[default]
    None,
    One(Text),
    Many(Vec<Entry>, Span),
}

impl Entry {
    pub(crate) fn is_given(&self) -> bool {
        match self {
            Self::None => false,
            Self::One(_) => true,
            Self::Many(items, _) => !items.is_empty(),
        }
    }
}

#[derive(Clone, Debug)]
pub(crate) struct ExceptionInfo {
    pub(crate) name: String,
    pub(crate) fields: Entry,
    pub(crate) comps: Entry,
    pub(crate) values: Vec<Entry>,
    pub(crate) span: Span,
}

#[derive(Clone, Debug)]
#[expect(clippy::struct_excessive_bools, reason = "one for each boolean key of a rule")]
pub(crate) struct RuleInfo {
    pub(crate) name: Arc<str>,
    pub(crate) name_span: Span,
    pub(crate) condition: Vec<Text>,
    pub(crate) output: Vec<Text>,
    pub(crate) desc: Vec<Text>,
    pub(crate) priority: Priority,
    pub(crate) source: String,
    pub(crate) unknown_source: bool,
    pub(crate) enabled: bool,
    pub(crate) warn_evttypes: bool,
    pub(crate) skip_if_unknown_filter: bool,
    pub(crate) capture: bool,
    pub(crate) capture_duration_ms: u32,
    pub(crate) tags: BTreeSet<String>,
    pub(crate) exceptions: Vec<ExceptionInfo>,
    pub(crate) place: Place,
}

/// What an append or override brings.
#[derive(Clone, Debug, Default)]
pub(crate) struct RuleUpdate {
    pub(crate) condition: Option<Text>,
    pub(crate) output: Option<Text>,
    pub(crate) desc: Option<Text>,
    pub(crate) tags: Option<BTreeSet<String>>,
    pub(crate) exceptions: Option<Vec<ExceptionInfo>>,
    pub(crate) priority: Option<Priority>,
    pub(crate) enabled: Option<bool>,
    pub(crate) warn_evttypes: Option<bool>,
    pub(crate) skip_if_unknown_filter: Option<bool>,
    pub(crate) capture: Option<bool>,
    pub(crate) capture_duration_ms: Option<u32>,
}

impl RuleUpdate {
    pub(crate) fn is_empty(&self) -> bool {
        self.condition.is_none()
            && self.output.is_none()
            && self.desc.is_none()
            && self.tags.is_none()
            && self.exceptions.is_none()
            && self.priority.is_none()
            && self.enabled.is_none()
            && self.warn_evttypes.is_none()
            && self.skip_if_unknown_filter.is_none()
            && self.capture.is_none()
            && self.capture_duration_ms.is_none()
    }
}

/// A rule's name in the names of metrics: runs of other characters than letters, digits and `:`
/// become one `_`, none at the end.
pub fn metric_name(rule: &str) -> String {
    let mut name = String::with_capacity(rule.len());
    for c in rule.chars() {
        if c.is_ascii_alphanumeric() || c == ':' {
            name.push(c);
        } else if !name.ends_with('_') {
            name.push('_');
        }
    }
    if name.ends_with('_') {
        name.pop();
    }
    name
}
