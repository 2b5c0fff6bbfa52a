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
    /// Keys that are not their own bucket, in no order: 255 in a shell, else seldom any. Other keys share a
    /// bucket with one of these or with none, so that nearly all insertions need not look for one.
    large: Vec<i64>,
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
            self.large.clear();
            for old in walk {
                self.place(old, buckets);
            }
        }
        self.place(key, self.buckets());
    }

    fn place(&mut self, key: i64, buckets: u32) {
        let bucket = bucket_of(key, buckets);
        let is_own = i64::from(bucket) == key;
        let shared = !is_own || self.large.iter().any(|&k| bucket_of(k, buckets) == bucket);
        let first = shared.then(|| self.keys.iter().rposition(|&k| bucket_of(k, buckets) == bucket));
        match first.flatten() {
            Some(at) => self.keys.insert(at + 1, key),
            None => self.keys.push(key),
        }
        if !is_own {
            self.large.push(key);
        }
    }

    /// Removes a key.
    pub(crate) fn remove(&mut self, key: i64) {
        // closed descriptors are mostly those opened last
        if let Some(at) = self.keys.iter().rposition(|&k| k == key) {
            self.keys.remove(at);
            self.large.retain(|&k| k != key);
        }
    }

    /// The keys in order.
    pub(crate) fn walk(&self) -> impl Iterator<Item = i64> {
        self.keys.iter().rev().copied()
    }
}

/// Most numbers are their own bucket, and a division of 64 bits costs ten comparisons.
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

    /// The map as it is described above, without short ways.
    #[derive(Default)]
    struct Plain {
        walk: Vec<i64>,
        size: usize,
    }

    impl Plain {
        fn insert(&mut self, key: i64) {
            if self.walk.len() >= BUCKETS[self.size] as usize {
                self.size += 1;
                for old in std::mem::take(&mut self.walk) {
                    self.place(old);
                }
            }
            self.place(key);
        }

        fn place(&mut self, key: i64) {
            let bucket = |k: i64| k % i64::from(BUCKETS[self.size]);
            let at = self.walk.iter().position(|&k| bucket(k) == bucket(key)).unwrap_or(0);
            self.walk.insert(at, key);
        }
    }

    #[test]
    fn short_ways_change_nothing() {
        let (mut order, mut plain) = (Order::default(), Plain::default());
        let mut random = 1_u64;
        for _ in 0..20_000 {
            random = random.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
            let key = ((random >> 33) % if random >> 62 == 0 { 400 } else { 20 }) as i64;
            if let Some(at) = plain.walk.iter().position(|&k| k == key) {
                plain.walk.remove(at);
                order.remove(key);
            } else {
                plain.insert(key);
                order.insert(key);
            }
            assert!(order.walk().eq(plain.walk.iter().copied()));
        }
    }

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
