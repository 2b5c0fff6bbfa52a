//! `peregrine fmt`: rule files in one layout.
//!
//! ```text
//! peregrine fmt rules/*.yaml          rewrites the files
//! peregrine fmt --check rules/*.yaml  lists those that would change, and exits with 1
//! peregrine fmt - < a.yaml            from stdin to stdout
//! ```
//!
//! A file that is not a rule file is reported and left alone, as is one that cannot be read or written;
//! the others are still done. Files are replaced as a whole: the new text is written beside the old
//! file and takes its name. Exit codes: 0 done, 1 a file would change or failed, 2 wrong usage.

use peregrine_compiler::format::{Options, format};
use std::fs;
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};
use thiserror::Error;

/// Arguments of `peregrine fmt`.
#[derive(clap::Args, Debug)]
pub(super) struct Args {
    /// Rule files; `-` reads stdin and writes stdout
    #[arg(required = true, value_name = "FILE")]
    files: Vec<PathBuf>,
    /// List the files that would change; write nothing
    #[arg(long)]
    check: bool,
    /// Write the result to stdout instead of the files
    #[arg(long, conflicts_with = "check")]
    stdout: bool,
}

/// How it went.
#[derive(Copy, Clone, PartialEq, Eq, Debug)]
pub(super) enum Outcome {
    /// Nothing is left to do.
    Done,
    /// A file failed, or would change.
    Failed,
}

/// Why a file is not formatted.
#[derive(Error, Debug)]
enum Failure {
    #[error("{}: {action}: {source}", .path.display())]
    File { path: PathBuf, action: &'static str, source: io::Error },
    #[error("{}: not UTF-8 from byte {offset} on", .path.display())]
    NotUtf8 { path: PathBuf, offset: usize },
    #[error("{0}")]
    Format(#[from] peregrine_compiler::format::FormatError),
    #[error("{0}")]
    Stdout(io::Error),
}

/// Formats all files; `errors` gets a line for each problem.
///
/// # Errors
/// Stdout cannot be written.
pub(super) fn run(args: &Args, out: &mut dyn Write, errors: &mut dyn Write) -> io::Result<Outcome> {
    let mut outcome = Outcome::Done;
    for path in &args.files {
        match file(args, path, out) {
            Ok(Outcome::Done) => {}
            Ok(Outcome::Failed) => outcome = Outcome::Failed,
            Err(Failure::Stdout(error)) => return Err(error),
            Err(failure) => {
                let _ = writeln!(errors, "{failure}"); // nothing is left to tell it to
                outcome = Outcome::Failed;
            }
        }
    }
    Ok(outcome)
}

fn file(args: &Args, path: &Path, out: &mut dyn Write) -> Result<Outcome, Failure> {
    let stdin = path.as_os_str() == "-";
    let failed = |action| move |source| Failure::File { path: path.to_owned(), action, source };
    let mut bytes = Vec::new();
    if stdin {
        io::stdin().lock().read_to_end(&mut bytes).map_err(failed("cannot read"))?;
    } else {
        bytes = fs::read(path).map_err(failed("cannot read"))?;
    }
    let before = String::from_utf8(bytes).map_err(|error| Failure::NotUtf8 {
        path: path.to_owned(),
        offset: error.utf8_error().valid_up_to(),
    })?;
    let name = if stdin { "<stdin>".to_owned() } else { path.display().to_string() };
    let after = format(&name, &before, &Options::default())?;
    if args.check {
        if after == before {
            return Ok(Outcome::Done);
        }
        writeln!(out, "{name}").map_err(Failure::Stdout)?;
        return Ok(Outcome::Failed);
    }
    if stdin || args.stdout {
        out.write_all(after.as_bytes()).map_err(Failure::Stdout)?;
    } else if after != before {
        replace(path, &after).map_err(failed("cannot write"))?;
    }
    Ok(Outcome::Done)
}

/// Gives a file a new text at once: readers see the old one or the new one. A symbolic link stays one.
fn replace(path: &Path, text: &str) -> io::Result<()> {
    let path = fs::canonicalize(path)?;
    let folder = path.parent().ok_or(io::ErrorKind::InvalidInput)?;
    let permissions = fs::metadata(&path)?.permissions();
    // A rename would get around it.
    if permissions.readonly() {
        return Err(io::ErrorKind::PermissionDenied.into());
    }
    let mut file = tempfile::NamedTempFile::new_in(folder)?;
    file.write_all(text.as_bytes())?;
    file.as_file().set_permissions(permissions)?;
    file.as_file().sync_all()?;
    file.persist(&path)?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::{PermissionsExt, symlink};

    const UNTIDY: &str = "- list: l\n  items: [a,b]\n";
    const TIDY: &str = "- list: l\n  items: [a, b]\n";

    fn fmt(files: &[&Path], check: bool, stdout: bool) -> (Outcome, String, String) {
        let args = Args { files: files.iter().map(PathBuf::from).collect(), check, stdout };
        let (mut out, mut errors) = (Vec::new(), Vec::new());
        let outcome = run(&args, &mut out, &mut errors).unwrap();
        (outcome, String::from_utf8(out).unwrap(), String::from_utf8(errors).unwrap())
    }

    fn folder_with(text: &str) -> (tempfile::TempDir, PathBuf) {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("rules.yaml");
        fs::write(&path, text).unwrap();
        (folder, path)
    }

    #[test]
    fn files_are_rewritten_with_their_mode_and_links() {
        let (folder, path) = folder_with(UNTIDY);
        fs::set_permissions(&path, fs::Permissions::from_mode(0o640)).unwrap();
        let link = folder.path().join("link.yaml");
        symlink(&path, &link).unwrap();
        assert_eq!(fmt(&[&link], false, false), (Outcome::Done, String::new(), String::new()));
        assert_eq!(fs::read_to_string(&path).unwrap(), TIDY);
        assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o640);
        assert!(fs::symlink_metadata(&link).unwrap().is_symlink());
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 2);
    }

    #[test]
    fn a_tidy_file_is_not_written() {
        let (_folder, path) = folder_with(TIDY);
        let modified = fs::metadata(&path).unwrap().modified().unwrap();
        assert_eq!(fmt(&[&path], false, false).0, Outcome::Done);
        assert_eq!(fs::metadata(&path).unwrap().modified().unwrap(), modified);
    }

    #[test]
    fn check_lists_what_would_change() {
        let (_folder, untidy) = folder_with(UNTIDY);
        let (_other, tidy) = folder_with(TIDY);
        let expect = format!("{}\n", untidy.display());
        assert_eq!(fmt(&[&tidy, &untidy], true, false), (Outcome::Failed, expect, String::new()));
        assert_eq!(fs::read_to_string(&untidy).unwrap(), UNTIDY);
        assert_eq!(fmt(&[&tidy], true, false).0, Outcome::Done);
    }

    #[test]
    fn stdout_leaves_the_file() {
        let (_folder, path) = folder_with(UNTIDY);
        assert_eq!(fmt(&[&path], false, true), (Outcome::Done, TIDY.to_owned(), String::new()));
        assert_eq!(fs::read_to_string(&path).unwrap(), UNTIDY);
    }

    #[test]
    fn problems_are_reported_and_the_rest_is_done() {
        let (_a, broken) = folder_with("- macro: m\n  condition: a and\n");
        let (_b, untidy) = folder_with(UNTIDY);
        let (_c, binary) = folder_with("");
        fs::write(&binary, b"ab\xff").unwrap();
        let missing = broken.with_file_name("missing.yaml");
        let (outcome, _, errors) = fmt(&[&broken, &missing, &binary, &untidy], false, false);
        assert_eq!(outcome, Outcome::Failed);
        let lines: Vec<&str> = errors.lines().collect();
        assert_eq!(lines.len(), 3, "{errors}");
        assert!(lines[0].starts_with(&format!("{}:2: ", broken.display())), "{errors}");
        assert!(lines[1].starts_with(&format!("{}: cannot read: ", missing.display())), "{errors}");
        assert!(lines[2].ends_with("not UTF-8 from byte 2 on"), "{errors}");
        assert_eq!(fs::read_to_string(&broken).unwrap(), "- macro: m\n  condition: a and\n");
        assert_eq!(fs::read_to_string(&untidy).unwrap(), TIDY);
    }
}
