//! Reports in the form of `falco -V`.
