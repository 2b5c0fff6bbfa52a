//! Reads captures to the end and converts their events: `read_capture FILE...`. Prints what there is and
//! what an event costs, from the compressed file and from memory, where it is inflated beforehand.

#![allow(clippy::expect_used, reason = "wrong arguments end the program")]

use peregrine_runtime::source::capture::{Capture, ConvertLimits, Converted, Converter, Item};
use std::io::{Cursor, Read};
use std::time::{Duration, Instant};

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc; // as the binary

/// Time that this thread has run, which leaves out waiting for the thread that inflates.
fn thread_time() -> Duration {
    let text = std::fs::read_to_string("/proc/thread-self/schedstat").unwrap_or_default();
    Duration::from_nanos(text.split(' ').next().and_then(|n| n.parse().ok()).unwrap_or(0))
}

/// Events in the file, events delivered, bytes of events delivered, and the converter at the end.
fn run(source: impl Read + Send + 'static, convert: bool) -> (u32, u32, u64, Converter, [Duration; 2]) {
    let (start, ran) = (Instant::now(), thread_time());
    let mut capture = Capture::new(source).expect("a capture");
    let mut converter = Converter::new(ConvertLimits::default());
    let (mut events, mut delivered, mut sum) = (0, 0, 0);
    while let Some(item) = capture.next_item().expect("the capture is whole") {
        match item {
            Item::Section => converter.begin_section(),
            Item::Event { event, .. } => {
                events += 1;
                let event = if convert { converter.convert(event) } else { Converted::Event(event) };
                if let Converted::Event(event) = event {
                    delivered += 1;
                    sum += event.param(0).map_or(0, |p| p.len() as u64);
                }
            }
            _ => {}
        }
    }
    (events, delivered, sum, converter, [start.elapsed(), thread_time().saturating_sub(ran)])
}

fn main() {
    for path in std::env::args().skip(1) {
        let file = std::fs::read(&path).expect("the file can be read");
        let (events, delivered, _, converter, took) = run(Cursor::new(file.clone()), true);
        let per_event = |took: [Duration; 2]| {
            let [wall, ran] = took.map(|t| t.as_secs_f64() * 1e9 / f64::from(events.max(1)));
            format!("{wall:.1} ns/event, of which {ran:.1} in the reading thread")
        };
        println!("{path}: {events} events, {delivered} delivered, {:?}", converter.counters());
        println!("  inflate, read and convert {}", per_event(took));
        let mut plain = Vec::new();
        if flate2::read::MultiGzDecoder::new(&*file).read_to_end(&mut plain).is_err() {
            plain = file;
        }
        for convert in [false, true, false, true] {
            let took = run(Cursor::new(plain.clone()), convert).4;
            let what = if convert { "read and convert" } else { "read" };
            println!("  {what} {} bytes: {}", plain.len(), per_event(took));
        }
    }
}
