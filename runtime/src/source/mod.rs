//! Where events come from: capture files now, the kernel and plugins later.

pub mod capture;
