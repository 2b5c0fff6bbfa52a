//! What share of generated input was valid, so that a test cannot pass by testing nothing.

use std::fmt;

/// Counts over a run.
#[derive(Copy, Clone, Debug, Default, PartialEq, Eq)]
pub struct Stats {
    /// Inputs.
    pub inputs: u64,
    /// Without a syntax error.
    pub parsed: u64,
    /// Fit the schema.
    pub typed: u64,
    /// Evaluations that gave true.
    pub yes: u64,
    /// Evaluations that gave false.
    pub no: u64,
    /// Evaluations that met a parameter of another type.
    pub mismatch: u64,
}

impl Stats {
    /// Adds another run's counts.
    pub fn add(&mut self, other: &Self) {
        self.inputs += other.inputs;
        self.parsed += other.parsed;
        self.typed += other.typed;
        self.yes += other.yes;
        self.no += other.no;
        self.mismatch += other.mismatch;
    }

    /// Share of inputs that fit the schema, in percent.
    pub fn typed_percent(&self) -> u64 {
        self.typed * 100 / self.inputs.max(1)
    }
}

impl fmt::Display for Stats {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let of = |n: u64| 100.0 * n as f64 / self.inputs.max(1) as f64;
        let evals = (self.yes + self.no + self.mismatch).max(1);
        let share = |n: u64| 100.0 * n as f64 / evals as f64;
        write!(
            f,
            "{} inputs: parsed {:.1} %, typed {:.1} %; {evals} evaluations: true {:.1} %, false {:.1} %, type mismatch {:.1} %",
            self.inputs,
            of(self.parsed),
            of(self.typed),
            share(self.yes),
            share(self.no),
            share(self.mismatch)
        )
    }
}
