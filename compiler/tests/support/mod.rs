//! What property tests and fuzz targets share: choices from bytes, a generator of conditions, field
//! values for evaluating them, and the oracles that say what must hold.
//!
//! Included by path from both, so that a fuzz target's crash can become a test unchanged.

pub mod choices;
pub mod conditions;
pub mod files;
pub mod oracle;
pub mod pools;
pub mod schema;
pub mod stats;
pub mod table;
