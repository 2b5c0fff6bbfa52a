//! Captures of the conformance data, and what reading them gives.

use peregrine_runtime::source::capture::{
    Capture, CaptureError, Compression, ConvertLimits, Converted, Converter, Item, Writer,
};
use std::io::{Cursor, Read};
use std::path::PathBuf;

/// A folder of the conformance data, if it is there.
pub(crate) fn conformance(folder: &str) -> Option<PathBuf> {
    let root = std::env::var_os("PEREGRINE_CONFORMANCE").map_or_else(
        || PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../../shared/conformance")),
        PathBuf::from,
    );
    let path = root.join(folder);
    if !path.is_dir() {
        eprintln!("skipped: no {}", path.display());
        return None;
    }
    Some(path)
}

/// Calls `each` with every item; gives the error that ended the file, if one did.
pub(crate) fn for_each(
    source: impl Read + Send + 'static,
    mut each: impl FnMut(Item<'_>),
) -> Option<CaptureError> {
    let mut capture = match Capture::new(source) {
        Ok(capture) => capture,
        Err(e) => return Some(e),
    };
    loop {
        match capture.next_item() {
            Ok(Some(item)) => each(item),
            Ok(None) => return None,
            Err(e) => return Some(e),
        }
    }
}

/// Writes an item; those that were skipped are left out.
pub(crate) fn write(writer: &mut Writer<Vec<u8>>, item: &Item<'_>) {
    match item {
        Item::Section => writer.section(),
        Item::Machine(machine) => writer.machine(machine),
        Item::Processes(processes) => writer.processes(processes),
        Item::Fds(tid, fds) => writer.fds(*tid, fds),
        Item::Interfaces(interfaces) => writer.interfaces(interfaces),
        Item::Users(users) => writer.users(users),
        Item::Event { cpu, state_only, event } => writer.event(*cpu, *state_only, event),
        Item::Skipped(_) => Ok(()),
    }
    .unwrap();
}

/// Reads, writes and reads again; gives what was written, and the number of items.
pub(crate) fn rewrite(source: impl Read + Send + 'static, compression: Compression) -> (Vec<u8>, usize) {
    let mut writer = Writer::new(Vec::new(), compression).unwrap();
    let mut items = Vec::new();
    let mut begun = false;
    let error = for_each(source, |item| {
        // the writer has begun the first section itself
        if begun || item != Item::Section {
            write(&mut writer, &item);
        }
        begun = true;
        if !matches!(item, Item::Skipped(_)) {
            items.push(format!("{item:?}"));
        }
    });
    assert!(error.is_none(), "{error:?}");
    assert_eq!(writer.cut_texts(), 0);
    let written = writer.finish().unwrap();
    let mut again = items.iter();
    let error = for_each(Cursor::new(written.clone()), |item| {
        let expected = again.next().expect("no more items than before");
        assert_eq!(&format!("{item:?}"), expected);
    });
    assert!(error.is_none(), "{error:?}");
    assert_eq!(again.len(), 0, "all items again");
    (written, items.len())
}

/// Calls `each` with the events that are delivered; gives the converter at the end.
pub(crate) fn converted(
    source: impl Read + Send + 'static,
    mut each: impl FnMut(&peregrine_runtime::event::view::EventView<'_>),
) -> Converter {
    let mut converter = Converter::new(ConvertLimits::default());
    let error = for_each(source, |item| match item {
        Item::Section => converter.begin_section(),
        Item::Event { event, .. } => {
            if let Converted::Event(event) = converter.convert(event) {
                each(&event);
            }
        }
        _ => {}
    });
    assert!(error.is_none(), "{error:?}");
    converter
}
