//! Where events come from: capture files and this machine now, plugins later.

pub mod capture;
pub mod live;
