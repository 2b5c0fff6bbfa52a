//! Names of users and groups, by container.

use super::text::Text;
use std::collections::HashMap;

/// A user.
#[derive(Clone, Debug)]
pub struct User {
    /// Its first group.
    pub gid: u32,
    /// Name.
    pub name: Text,
    /// Home directory.
    pub home: Text,
    /// Shell.
    pub shell: Text,
}

type Table<T> = HashMap<(Text, u32), T, foldhash::fast::RandomState>;

/// Users and groups; those of the host have an empty container id.
#[derive(Debug, Default)]
pub struct Users {
    users: Table<User>,
    groups: Table<Text>,
}

impl Users {
    /// A user of a container or the host.
    pub fn user(&self, container: &Text, uid: u32) -> Option<&User> {
        self.users.get(&(container.clone(), uid))
    }

    /// Name of a group of a container or the host.
    pub fn group(&self, container: &Text, gid: u32) -> Option<&Text> {
        self.groups.get(&(container.clone(), gid))
    }

    /// Learns a user.
    pub fn add_user(&mut self, container: Text, uid: u32, user: User) {
        self.users.insert((container, uid), user);
    }

    /// Learns a group.
    pub fn add_group(&mut self, container: Text, gid: u32, name: Text) {
        self.groups.insert((container, gid), name);
    }

    /// Forgets a user.
    pub fn remove_user(&mut self, container: Text, uid: u32) {
        self.users.remove(&(container, uid));
    }

    /// Forgets a group.
    pub fn remove_group(&mut self, container: Text, gid: u32) {
        self.groups.remove(&(container, gid));
    }

    /// Forgets everything.
    pub fn clear(&mut self) {
        self.users.clear();
        self.groups.clear();
    }

    /// How many users and groups are known.
    pub fn len(&self) -> usize {
        self.users.len() + self.groups.len()
    }

    /// Whether none is known.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}
