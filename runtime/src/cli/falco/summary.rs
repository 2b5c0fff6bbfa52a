//! What is printed at the end of a run.

use peregrine_compiler::rulefile::Priority;
use std::io::{self, Write};

/// Alerts of one rule.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct RuleCount {
    /// The rule's name.
    pub name: String,
    /// Its priority.
    pub priority: Priority,
    /// Alerts.
    pub alerts: u64,
}

/// What a run has seen.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Stats {
    /// One entry for each rule, in order of definition. Internal alerts are not counted.
    pub rules: Vec<RuleCount>,
    /// How often lost events were noticed.
    pub drop_occurrences: u64,
    /// How often something was done about it.
    pub drop_actions: u64,
}

impl Stats {
    /// Alerts of all rules.
    pub fn alerts(&self) -> u64 {
        self.rules.iter().map(|r| r.alerts).sum()
    }

    /// The summary for stdout: alerts in all, by severity, by rule; nothing that is zero.
    ///
    /// # Errors
    /// Those of `out`.
    pub fn write(&self, out: &mut dyn Write) -> io::Result<()> {
        writeln!(out, "Events detected: {}", self.alerts())?;
        writeln!(out, "Rule counts by severity:")?;
        for priority in Priority::ALL {
            let of = self.rules.iter().filter(|r| r.priority == priority);
            let count: u64 = of.map(|r| r.alerts).sum();
            if count > 0 {
                writeln!(out, "   {}: {count}", severity(priority))?;
            }
        }
        writeln!(out, "Triggered rules by rule name:")?;
        for rule in self.rules.iter().filter(|r| r.alerts > 0) {
            writeln!(out, "   {}: {}", rule.name, rule.alerts)?;
        }
        Ok(())
    }

    /// The summary for stderr, about lost events.
    ///
    /// # Errors
    /// Those of `out`.
    pub fn write_drops(&self, out: &mut dyn Write) -> io::Result<()> {
        writeln!(out, "Syscall event drop monitoring:")?;
        writeln!(out, "   - event drop detected: {} occurrences", self.drop_occurrences)?;
        writeln!(out, "   - num times actions taken: {}", self.drop_actions)
    }
}

fn severity(priority: Priority) -> String {
    match priority {
        Priority::Informational => "INFO".to_owned(),
        other => other.as_str().to_uppercase(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(rules: &[(&str, Priority, u64)]) -> String {
        let count = |&(name, priority, alerts): &(&str, Priority, u64)| RuleCount {
            name: name.to_owned(),
            priority,
            alerts,
        };
        let stats = Stats { rules: rules.iter().map(count).collect(), ..Stats::default() };
        let mut out = Vec::new();
        stats.write(&mut out).unwrap();
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn without_alerts_there_are_headings() {
        let expect = "Events detected: 0\nRule counts by severity:\nTriggered rules by rule name:\n";
        assert_eq!(text(&[]), expect);
        assert_eq!(text(&[("a", Priority::Error, 0)]), expect);
    }

    #[test]
    fn severities_by_gravity_and_rules_by_definition() {
        let rules = [
            ("z: odd", Priority::Informational, 2),
            ("never", Priority::Error, 0),
            ("a", Priority::Critical, 1),
            ("m", Priority::Informational, 3),
            ("b", Priority::Emergency, 1),
        ];
        let expect = "Events detected: 7\nRule counts by severity:\n   EMERGENCY: 1\n   CRITICAL: 1\n   INFO: 5\n\
                      Triggered rules by rule name:\n   z: odd: 2\n   a: 1\n   m: 3\n   b: 1\n";
        assert_eq!(text(&rules), expect);
    }

    #[test]
    fn lost_events() {
        let stats = Stats { drop_occurrences: 9, drop_actions: 8, ..Stats::default() };
        let mut out = Vec::new();
        stats.write_drops(&mut out).unwrap();
        let expect = "Syscall event drop monitoring:\n   - event drop detected: 9 occurrences\n   \
                      - num times actions taken: 8\n";
        assert_eq!(String::from_utf8(out).unwrap(), expect);
    }
}
