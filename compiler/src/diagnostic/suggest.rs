//! Near names for "did you mean".

/// The candidate nearest to `found`, if it is near enough to be a likely typing error:
/// at most one edit (insertion, deletion, substitution, swap of neighbours) per three characters.
///
/// ```
/// use peregrine_compiler::diagnostic::did_you_mean;
/// assert_eq!(did_you_mean("proc.nmae", ["proc.name", "proc.pname"]), Some("proc.name".to_owned()));
/// assert_eq!(did_you_mean("zzz", ["proc.name"]), None);
/// ```
pub fn did_you_mean(found: &str, candidates: impl IntoIterator<Item = impl AsRef<str>>) -> Option<String> {
    let found_chars: Vec<char> = found.chars().take(64).collect();
    let limit = (found_chars.len() / 3).clamp(1, 4);
    let mut best: Option<(usize, String)> = None;
    for candidate in candidates {
        let candidate = candidate.as_ref();
        if candidate == found {
            continue;
        }
        let chars: Vec<char> = candidate.chars().take(64).collect();
        if chars.len().abs_diff(found_chars.len()) > limit {
            continue;
        }
        let d = distance(&found_chars, &chars);
        let better = best.as_ref().is_none_or(|(b, name)| d < *b || (d == *b && candidate < name.as_str()));
        if d <= limit && better {
            best = Some((d, candidate.to_owned()));
        }
    }
    best.map(|(_, name)| name)
}

/// Edit distance with swaps of neighbours (optimal string alignment).
#[expect(clippy::indexing_slicing, reason = "rows are b.len() + 1 long and indices stay below")]
fn distance(a: &[char], b: &[char]) -> usize {
    let mut before = vec![0; b.len() + 1];
    let mut prev: Vec<usize> = (0..=b.len()).collect();
    for i in 1..=a.len() {
        let mut row = vec![i; b.len() + 1];
        for j in 1..=b.len() {
            let cost = usize::from(!a[i - 1].eq_ignore_ascii_case(&b[j - 1]));
            row[j] = (prev[j] + 1).min(row[j - 1] + 1).min(prev[j - 1] + cost);
            if i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1] {
                row[j] = row[j].min(before[j - 2] + 1);
            }
        }
        before = std::mem::replace(&mut prev, row);
    }
    prev.last().copied().unwrap_or(0)
}
