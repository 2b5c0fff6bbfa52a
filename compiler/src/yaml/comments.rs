//! Where the comments are, for tools that rewrite a file and must keep them.

use granit_parser::{Event, Parser, options};

use crate::source::{FileId, Span};

/// All comments in source order, from `#` to the end of the line without the line break.
/// A `#` inside a scalar is none. In a text that is not YAML, those before the error.
///
/// ```
/// use peregrine_compiler::{source::FileId, yaml};
/// let text = "a: 'x # y' # z\n";
/// let spans = yaml::comments(FileId(0), text);
/// assert_eq!(&text[spans[0].start as usize..spans[0].end as usize], "# z");
/// ```
pub fn comments(file: FileId, text: &str) -> Vec<Span> {
    let options = options! {
        emit_comments: true,
        // The crate's own default of 96 would refuse a long comment between a key and its value.
        max_buffered_comment_events: usize::MAX,
        bom_inside_document_as_content: true,
    };
    let mut spans: Vec<Span> = Parser::new_from_str_with_options(text, options)
        .map_while(Result::ok)
        .filter(|(event, _)| matches!(event, Event::Comment(..)))
        .filter_map(|(_, span)| span.byte_range())
        .map(|range| Span::new(file, range.start as u32, range.end as u32))
        .collect();
    // Events of comments can come after those of the node that they stand in.
    spans.sort_by_key(|span| span.start);
    spans
}
