//! The order in which a node-based hash map of integers is walked.
//!
//! COMPAT(falco): `fd.types` lists the kinds of a process's descriptors in the order in which Falco's hash
//! maps are walked: first the one of descriptors by number, then the one of words. Both are chained: a new
//! key goes to the front of the walk, or, when its bucket is in use, before the first of that bucket; growing
//! the map inserts all keys anew in the order of the walk. Numbers are their own hash.

/// Bucket counts as the map grows.
const BUCKETS: [u32; 13] = [1, 13, 29, 59, 127, 257, 541, 1109, 2357, 5087, 10273, 20753, 42043];

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
    fn buckets(&self) -> u32 {
        BUCKETS.get(self.size).or(BUCKETS.last()).map_or(1, |&n| n)
    }

    /// Adds a key that is not there.
    pub(crate) fn insert(&mut self, key: i64) {
        if self.keys.len() >= self.buckets() as usize && self.size + 1 < BUCKETS.len() {
            self.size += 1;
            let buckets = self.buckets();
            let walk: Vec<i64> = self.keys.drain(..).rev().collect();
            for old in walk {
                place(&mut self.keys, old, buckets);
            }
        }
        let buckets = self.buckets();
        self.highest = self.highest.max(key);
        if self.highest < i64::from(buckets) {
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

fn place(keys: &mut Vec<i64>, key: i64, buckets: u32) {
    let bucket = bucket_of(key, buckets);
    match keys.iter().rposition(|&k| bucket_of(k, buckets) == bucket) {
        Some(at) => keys.insert(at + 1, key),
        None => keys.push(key),
    }
}

/// A shell's descriptor 255 sends every insertion here, and a division of 64 bits costs ten comparisons: most
/// numbers are their own bucket.
fn bucket_of(key: i64, buckets: u32) -> u32 {
    match u32::try_from(key) {
        Ok(key) if key < buckets => key,
        Ok(key) => key % buckets,
        Err(_) => (key % i64::from(buckets)) as u32,
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
