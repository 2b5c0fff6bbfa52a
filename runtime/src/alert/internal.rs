//! Alerts about the engine itself.

use crate::fields::extract::{Clock, iso_8601};
use peregrine_compiler::rulefile::Priority;
use serde_json::{Map, Value as Json, json};
use std::fmt::Write as _;

/// An alert about the engine itself: no rule of the user, no event behind it.
#[derive(Clone, PartialEq, Debug)]
pub struct InternalAlert {
    /// Stands where alerts have the name of their rule.
    pub rule: &'static str,
    /// How grave it is.
    pub priority: Priority,
    /// What happened.
    pub message: String,
    /// When, nanoseconds since 1970.
    pub time_ns: u64,
    /// The figures.
    pub fields: Map<String, Json>,
}

impl InternalAlert {
    /// The line of text outputs: the fields follow the message in brackets, as JSON values.
    pub fn line(&self, clock: &Clock) -> String {
        // COMPAT(falco): the time of day, also where alerts of rules have ISO 8601
        let mut line = format!("{}: {} {} (", clock.time(self.time_ns), self.priority, self.message);
        for (i, (key, value)) in self.fields.iter().enumerate() {
            let blank = if i == 0 { "" } else { " " };
            let _ = write!(line, "{blank}{key}={value}"); // a string takes everything
        }
        line.push(')');
        line
    }

    /// The JSON object, in one line with its keys in alphabetical order. The configuration's choice of
    /// properties is for alerts of rules.
    pub fn json(&self, hostname: &str) -> String {
        json!({
            "hostname": hostname,
            "output": self.message,
            "output_fields": self.fields,
            "priority": self.priority.to_string(),
            "rule": self.rule,
            "source": "internal",
            "time": iso_8601(self.time_ns, "Z"),
        })
        .to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_forms() {
        let fields = json!({"b": 1, "a": "x \"y\"", "c": 0.0});
        let alert = InternalAlert {
            rule: "Falco internal: test",
            priority: Priority::Informational,
            message: "it happened".to_owned(),
            time_ns: 1_470_327_477_882_054_739,
            fields: fields.as_object().unwrap().clone(),
        };
        assert_eq!(
            alert.line(&Clock::utc()),
            "16:17:57.882054739: Informational it happened (a=\"x \\\"y\\\"\" b=1 c=0.0)"
        );
        assert_eq!(
            alert.json("vm"),
            "{\"hostname\":\"vm\",\"output\":\"it happened\",\"output_fields\":{\"a\":\"x \\\"y\\\"\",\"b\":1,\
             \"c\":0.0},\"priority\":\"Informational\",\"rule\":\"Falco internal: test\",\
             \"source\":\"internal\",\"time\":\"2016-08-04T16:17:57.882054739Z\"}"
        );
    }
}
