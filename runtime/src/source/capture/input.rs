//! A file as a moving window of bytes, inflated on a thread of its own when it is compressed.

use flate2::read::MultiGzDecoder;
use std::io::{self, Read};
use std::sync::mpsc::{Receiver, sync_channel};

/// Bytes read or inflated at once.
const CHUNK_BYTES: usize = 1 << 20;
/// Chunks that wait for the reader.
const CHUNKS_AHEAD: usize = 8;

/// The bytes that were read and not yet consumed.
pub struct Input {
    chunks: Receiver<io::Result<Vec<u8>>>,
    buffer: Vec<u8>,
    start: usize,
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
            match source.read(magic.get_mut(got..).unwrap_or_default())? {
                0 => break,
                n => got += n,
            }
        }
        let head = io::Cursor::new(magic.get(..got).unwrap_or_default().to_vec());
        let whole = head.chain(source);
        let (sender, chunks) = sync_channel(CHUNKS_AHEAD);
        let compressed = magic == [0x1f, 0x8b];
        std::thread::Builder::new().name("inflate".to_owned()).spawn(move || {
            let mut reader: Box<dyn Read> =
                if compressed { Box::new(MultiGzDecoder::new(whole)) } else { Box::new(whole) };
            loop {
                let mut chunk = Vec::with_capacity(CHUNK_BYTES);
                let result = reader.by_ref().take(CHUNK_BYTES as u64).read_to_end(&mut chunk);
                let done = chunk.is_empty() || result.is_err();
                // what was read before an error counts
                if !chunk.is_empty() && sender.send(Ok(chunk)).is_err() {
                    return;
                }
                if let Err(e) = result {
                    let _ = sender.send(Err(e));
                }
                if done {
                    return;
                }
            }
        })?;
        Ok(Self { chunks, buffer: Vec::new(), start: 0, offset: 0, ended: false, error: None })
    }

    /// Offset of the window's first byte.
    pub fn offset(&self) -> u64 {
        self.offset
    }

    /// The first `len` bytes of the window, or all there are when the file ends before.
    pub fn peek(&mut self, len: usize) -> &[u8] {
        while self.buffer.len() - self.start < len && !self.ended {
            match self.chunks.recv() {
                Ok(Ok(chunk)) => self.push(chunk),
                Ok(Err(e)) => {
                    self.error = Some(e);
                    self.ended = true;
                }
                Err(_) => self.ended = true,
            }
        }
        let end = (self.start + len).min(self.buffer.len());
        self.buffer.get(self.start..end).unwrap_or_default()
    }

    fn push(&mut self, chunk: Vec<u8>) {
        if self.start == self.buffer.len() {
            self.buffer = chunk;
        } else {
            self.buffer.drain(..self.start);
            self.buffer.extend_from_slice(&chunk);
        }
        self.start = 0;
    }

    /// Moves the window.
    pub fn consume(&mut self, len: usize) {
        let len = len.min(self.buffer.len() - self.start);
        self.start += len;
        self.offset += len as u64;
    }

    /// `len` bytes of the window from `at` on, which were peeked before.
    pub fn window(&self, at: usize, len: usize) -> &[u8] {
        self.buffer.get(self.start + at..).and_then(|b| b.get(..len)).unwrap_or_default()
    }

    /// Why the file ended early, if it did.
    pub fn take_error(&mut self) -> Option<io::Error> {
        self.error.take()
    }
}
