//! Figures about the engine: `metrics` of the configuration.
//!
//! In: what is fixed for a run ([`Facts`]), and at each snapshot the counters and the state ([`Sample`]). Out:
//! the fields of a snapshot by the names that Falco gives them, for the internal alert and for the file. What
//! this process and its machine use is read from /proc ([`Usage`]).
//!
//! A figure that is zero is left out unless `include_empty_values` is set; those that tell what and when is
//! measured are always there.

mod snapshot;
mod usage;

pub use snapshot::{Facts, Sample, Sampler, metric_name};
pub use usage::{Sources, Usage};

use sha2::{Digest, Sha256};
use std::fmt::Write as _;

/// The SHA-256 of a file's content, in hexadecimal digits.
pub fn sha256(content: &[u8]) -> String {
    let mut text = String::with_capacity(64);
    for byte in Sha256::digest(content) {
        let _ = write!(text, "{byte:02x}"); // a string takes everything
    }
    text
}

#[cfg(test)]
mod tests {
    #[test]
    fn digests() {
        // the first test vector of FIPS 180-4
        let expect = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
        assert_eq!(super::sha256(b"abc"), expect);
    }
}
