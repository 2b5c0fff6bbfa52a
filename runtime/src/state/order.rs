//! The order in which a node-based hash map of integers is walked.
//!
//! COMPAT(falco): `fd.types` lists the kinds of a process's descriptors in the order in which Falco's hash
//! maps are walked: first the one of descriptors by number, then the one of words. Both are chained: a new
//! key goes to the front of the walk, or, when its bucket is in use, before the first of that bucket; growing
//! the map inserts all keys anew in the order of the walk. Numbers are their own hash.

/// Bucket counts as the map grows.
const BUCKETS: [usize; 13] = [1, 13, 29, 59, 127, 257, 541, 1109, 2357, 5087, 10273, 20753, 42043];

/// Keys of a chained hash map in the order of its walk.
#[derive(Clone, Debug, Default)]
pub(crate) struct Order {
    /// Last in the walk first, so that the usual insertion is a push.
    keys: Vec<i64>,
    size: usize,
    /// No key was ever above this one.
    highest: i64,
}

impl Order {
    fn buckets(&self) -> i64 {
        BUCKETS.get(self.size).or(BUCKETS.last()).map_or(1, |&n| n as i64)
    }

    /// Adds a key that is not there.
    pub(crate) fn insert(&mut self, key: i64) {
        if self.keys.len() as i64 >= self.buckets() && self.size + 1 < BUCKETS.len() {
            self.size += 1;
            let buckets = self.buckets();
            let walk: Vec<i64> = self.keys.drain(..).rev().collect();
            for old in walk {
                place(&mut self.keys, old, buckets);
            }
        }
        let buckets = self.buckets();
        self.highest = self.highest.max(key);
        if self.highest < buckets {
            self.keys.push(key); // every key has a bucket of its own
        } else {
            place(&mut self.keys, key, buckets);
        }
    }

    /// Removes a key.
    pub(crate) fn remove(&mut self, key: i64) {
        // closed descriptors are mostly those opened last
        if let Some(at) = self.keys.iter().rposition(|&k| k == key) {
            self.keys.remove(at);
        }
    }

    /// The keys in order.
    pub(crate) fn walk(&self) -> impl Iterator<Item = i64> {
        self.keys.iter().rev().copied()
    }
}

fn place(keys: &mut Vec<i64>, key: i64, buckets: i64) {
    let bucket = key % buckets;
    match keys.iter().rposition(|k| k % buckets == bucket) {
        Some(at) => keys.insert(at + 1, key),
        None => keys.push(key),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn new_keys_are_walked_first() {
        let mut order = Order::default();
        for key in [0, 1, 2, 3] {
            order.insert(key);
        }
        assert_eq!(order.walk().collect::<Vec<_>>(), [3, 2, 1, 0]);
        order.remove(2);
        order.insert(13); // shares a bucket with 0
        assert_eq!(order.walk().collect::<Vec<_>>(), [3, 1, 13, 0]);
    }
}
