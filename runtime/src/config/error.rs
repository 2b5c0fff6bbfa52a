//! What is wrong with a configuration, and where.

use std::fmt;
use std::sync::Arc;

/// Where a value was written.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Place {
    /// The file as it was named, or the option.
    pub source: Arc<str>,
    /// Line and column from 1; none for an option.
    pub position: Option<(u32, u32)>,
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.position {
            Some((line, column)) => write!(f, "{}:{line}:{column}", self.source),
            None => write!(f, "{}", self.source),
        }
    }
}

/// Something that is wrong with the configuration. The message is lower case without a full stop.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ConfigError {
    /// Where; none for a file that cannot be read.
    pub place: Option<Place>,
    /// Which key, e.g. `webserver.listen_port`; empty when it is about no key.
    pub key: String,
    /// What was found and expected.
    pub message: String,
}

impl ConfigError {
    pub(super) fn at(place: &Place, key: impl Into<String>, message: impl Into<String>) -> Self {
        Self { place: Some(place.clone()), key: key.into(), message: message.into() }
    }

    pub(super) fn general(message: impl Into<String>) -> Self {
        Self { place: None, key: String::new(), message: message.into() }
    }
}

impl fmt::Display for ConfigError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(place) = &self.place {
            write!(f, "{place}: ")?;
        }
        if !self.key.is_empty() {
            write!(f, "{}: ", self.key)?;
        }
        f.write_str(&self.message)
    }
}

impl std::error::Error for ConfigError {}

/// Everything that is wrong with a configuration; never empty.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ConfigErrors(pub Vec<ConfigError>);

impl fmt::Display for ConfigErrors {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (i, error) in self.0.iter().enumerate() {
            write!(f, "{}{error}", if i == 0 { "" } else { "\n" })?;
        }
        Ok(())
    }
}

impl std::error::Error for ConfigErrors {}

impl From<ConfigError> for ConfigErrors {
    fn from(error: ConfigError) -> Self {
        Self(vec![error])
    }
}
