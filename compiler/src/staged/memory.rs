//! Classes of texts that were seen lately.
//!
//! Values come again and again: command lines of processes, paths of the same libraries and configuration. A text
//! has one place, by its hash, and takes it from the text that was there. Room is made once, when the first text
//! is kept; nothing is allocated afterwards.

use super::classify::Class;
use std::hash::BuildHasher;

/// Places for texts.
const PLACES: usize = 512;
/// Longest text that is kept.
const MOST_BYTES: usize = 248;

#[derive(Clone, Debug)]
struct Place {
    class: Class,
    /// More than [`MOST_BYTES`]: nothing is here.
    len: u32,
    text: [u8; MOST_BYTES],
}

/// Classes by text. The hash is seeded, because texts may come from an attacker.
#[derive(Debug, Default)]
pub(super) struct Memory {
    hasher: foldhash::fast::RandomState,
    places: Box<[Place]>,
}

impl Memory {
    fn index(&self, text: &[u8]) -> usize {
        self.hasher.hash_one(text) as usize % PLACES
    }

    /// Forgets all.
    pub(super) fn clear(&mut self) {
        self.places.iter_mut().for_each(|place| place.len = u32::MAX);
    }

    /// The class of a text that is remembered.
    #[inline]
    pub(super) fn get(&self, text: &[u8]) -> Option<Class> {
        if text.len() > MOST_BYTES || self.places.is_empty() {
            return None;
        }
        let place = self.places.get(self.index(text))?;
        let same = place.len as usize == text.len() && place.text.get(..text.len())? == text;
        same.then_some(place.class)
    }

    /// Remembers the class of a text, unless it is too long.
    pub(super) fn put(&mut self, text: &[u8], class: Class) {
        if text.len() > MOST_BYTES {
            return;
        }
        if self.places.is_empty() {
            let nothing = Place { class: Class(0), len: u32::MAX, text: [0; MOST_BYTES] };
            self.places = vec![nothing; PLACES].into();
        }
        let index = self.index(text);
        if let Some(place) = self.places.get_mut(index)
            && let Some(room) = place.text.get_mut(..text.len())
        {
            room.copy_from_slice(text);
            (place.len, place.class) = (text.len() as u32, class);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_are_found_until_others_take_their_places() {
        let mut memory = Memory::default();
        assert_eq!(memory.get(b""), None);
        let texts: Vec<Vec<u8>> = (0..5000_u32).map(|n| format!("/a/b/{n}").into_bytes()).collect();
        for (class, text) in (0..).map(Class).zip(&texts) {
            memory.put(text, class);
            assert_eq!(memory.get(text), Some(class));
        }
        let kept = (0..).map(Class).zip(&texts).filter(|(class, text)| {
            let found = memory.get(text);
            assert!(found.is_none_or(|c| c == *class), "another text's class");
            found.is_some()
        });
        assert!((PLACES / 2..=PLACES).contains(&kept.count()));
        let long = [b'x'; MOST_BYTES + 1];
        memory.put(&long, Class(1));
        assert_eq!(memory.get(&long), None);
        assert_eq!(memory.get(&long[..MOST_BYTES]), None, "a part of it is another text");
        memory.put(b"", Class(7));
        assert_eq!(memory.get(b""), Some(Class(7)));
    }
}
