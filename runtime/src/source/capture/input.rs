//! A file as a moving window of bytes, read and inflated on a thread of its own.
//!
//! The thread fills chunks and the window moves through them; chunks come back to be filled again, so
//! memory stays as it is and no page is touched for the first time twice. A chunk takes the place of the
//! one before without being copied: what is left of the old one goes into the room before the new one's
//! bytes. Only a block that is larger than this room makes the window grow, and only by what is there.
//!
//! The thread ends with the file, or when the window is dropped and the next read has returned.

use flate2::read::MultiGzDecoder;
use std::io::{self, Read};
use std::sync::mpsc::{Receiver, Sender, SyncSender, channel, sync_channel};

/// Bytes read or inflated at once; between 256 KiB and 1 MiB no difference could be measured.
const CHUNK_BYTES: usize = 256 << 10;
/// Chunks that wait for the reader.
const CHUNKS_AHEAD: usize = 8;
/// Room before a chunk's bytes.
const HEADROOM_BYTES: usize = 16 << 10;

/// Bytes of the file behind the headroom, up to `end`.
struct Chunk {
    bytes: Vec<u8>,
    end: usize,
}

/// The bytes that were read and not yet consumed: those of `buffer` from `start` to `end`.
pub struct Input {
    chunks: Receiver<io::Result<Chunk>>,
    used: Sender<Vec<u8>>,
    buffer: Vec<u8>,
    start: usize,
    end: usize,
    /// Offset of the window's first byte in the uncompressed file.
    offset: u64,
    ended: bool,
    error: Option<io::Error>,
}

impl Input {
    /// Reads from `source`; gzip is recognised by its first two bytes.
    ///
    /// # Errors
    /// The first read failed, or no thread could be started.
    pub fn new(mut source: impl Read + Send + 'static) -> io::Result<Self> {
        let mut magic = [0; 2];
        let mut got = 0;
        while got < magic.len() {
            match source.read(magic.get_mut(got..).unwrap_or_default()) {
                Ok(0) => break,
                Ok(n) => got += n,
                Err(e) if e.kind() == io::ErrorKind::Interrupted => {}
                Err(e) => return Err(e),
            }
        }
        let head = io::Cursor::new(magic.get(..got).unwrap_or_default().to_vec());
        let whole = head.chain(source);
        let (sender, chunks) = sync_channel(CHUNKS_AHEAD);
        let (used, returned) = channel();
        let compressed = magic == [0x1f, 0x8b];
        std::thread::Builder::new().name("inflate".to_owned()).spawn(move || {
            if compressed {
                fill_chunks(MultiGzDecoder::new(whole), &sender, &returned);
            } else {
                fill_chunks(whole, &sender, &returned);
            }
        })?;
        let (buffer, start, end) = (Vec::new(), 0, 0);
        Ok(Self { chunks, used, buffer, start, end, offset: 0, ended: false, error: None })
    }

    /// Offset of the window's first byte.
    pub fn offset(&self) -> u64 {
        self.offset
    }

    /// The first `len` bytes of the window, or all there are when the file ends before.
    #[inline]
    pub fn peek(&mut self, len: usize) -> &[u8] {
        if self.end - self.start < len {
            self.fill(len);
        }
        self.buffer.get(self.start..(self.start + len).min(self.end)).unwrap_or_default()
    }

    /// All there is of the window now.
    #[inline]
    pub fn ahead(&self) -> &[u8] {
        self.buffer.get(self.start..self.end).unwrap_or_default()
    }

    /// Waits until the window has `len` bytes or the file has ended.
    #[cold]
    fn fill(&mut self, len: usize) {
        while self.end - self.start < len && !self.ended {
            match self.chunks.recv() {
                Ok(Ok(chunk)) => self.push(chunk),
                Ok(Err(e)) => {
                    self.error = Some(e);
                    self.ended = true;
                }
                Err(_) => self.ended = true,
            }
        }
    }

    /// Appends a chunk: what is left of the window goes before it, if it fits there, or it goes behind.
    fn push(&mut self, mut chunk: Chunk) {
        let left = self.buffer.get(self.start..self.end).unwrap_or_default();
        let start = HEADROOM_BYTES.checked_sub(left.len());
        let place = start.and_then(|s| Some((s, chunk.bytes.get_mut(s..HEADROOM_BYTES)?)));
        let used = if let Some((start, place)) = place {
            place.copy_from_slice(left);
            (self.start, self.end) = (start, chunk.end);
            std::mem::replace(&mut self.buffer, chunk.bytes)
        } else {
            self.buffer.truncate(self.end);
            self.buffer.drain(..self.start);
            self.buffer.extend_from_slice(chunk.bytes.get(HEADROOM_BYTES..chunk.end).unwrap_or_default());
            (self.start, self.end) = (0, self.buffer.len());
            chunk.bytes
        };
        // a window that has grown does not go back; the thread may have ended
        if used.len() == HEADROOM_BYTES + CHUNK_BYTES {
            let _ = self.used.send(used);
        }
    }

    /// Moves the window.
    #[inline]
    pub fn consume(&mut self, len: usize) {
        let len = len.min(self.end - self.start);
        self.start += len;
        self.offset += len as u64;
    }

    /// `len` bytes of the window from `at` on, which were peeked before.
    #[inline]
    pub fn window(&self, at: usize, len: usize) -> &[u8] {
        let start = self.start + at;
        self.buffer.get(start..(start + len).min(self.end)).unwrap_or_default()
    }

    /// Why the file ended early, if it did.
    pub fn take_error(&mut self) -> Option<io::Error> {
        self.error.take()
    }
}

/// Reads until the end, an error, or until nobody takes the chunks.
fn fill_chunks(mut reader: impl Read, sender: &SyncSender<io::Result<Chunk>>, returned: &Receiver<Vec<u8>>) {
    loop {
        let bytes = returned.try_recv().unwrap_or_else(|_| vec![0; HEADROOM_BYTES + CHUNK_BYTES]);
        let mut chunk = Chunk { bytes, end: HEADROOM_BYTES };
        let error = loop {
            let place = chunk.bytes.get_mut(chunk.end..).unwrap_or_default();
            if place.is_empty() {
                break None;
            }
            match reader.read(place) {
                Ok(0) => break Some(None),
                Ok(n) => chunk.end += n.min(place.len()),
                Err(e) if e.kind() == io::ErrorKind::Interrupted => {}
                Err(e) => break Some(Some(e)),
            }
        };
        // what was read before an error counts
        if chunk.end > HEADROOM_BYTES && sender.send(Ok(chunk)).is_err() {
            return;
        }
        if let Some(last) = error {
            if let Some(e) = last {
                let _ = sender.send(Err(e));
            }
            return;
        }
    }
}
