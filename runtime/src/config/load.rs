//! Files and options to one tree: includes, merging, overrides.

use super::env::Lookup;
use super::error::{ConfigError, ConfigErrors};
use super::keys::ROOT;
use super::node::{Kind, Node};
use super::option::Override;
use super::section::{Reading, Section};
use super::{Config, Log, read, schema};
use std::path::{Path, PathBuf};
use std::{fs, io};

/// Where further files are looked for if the main file says nothing.
const DEFAULT_CONFIG_DIR: &str = "/etc/falco/config.d";

/// A file that was read.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct FileNote {
    /// The file as it was named.
    pub path: PathBuf,
    /// What Falco's schema check would say first; none if the file is valid.
    pub schema: Option<String>,
    /// All keys that do not belong, with their places.
    pub warnings: Vec<String>,
}

/// A configuration and how it came about.
#[derive(Clone, Debug)]
pub struct Loaded {
    /// The values.
    pub config: Config,
    /// Files, the main one first.
    pub files: Vec<FileNote>,
    /// What is accepted and ignored.
    pub warnings: Vec<String>,
}

/// A configuration that cannot be used, with what is known for reporting it.
#[derive(Clone, Debug)]
pub struct Failed {
    /// Why.
    pub errors: ConfigErrors,
    /// Files that were read.
    pub files: Vec<FileNote>,
    /// Where to log, and whether times are ISO 8601, as far as it could be read.
    pub log: Option<(Log, bool)>,
}

/// Reads the main file and everything else.
///
/// # Errors
/// Every error that was found; the first only for what ends the reading.
pub fn load(main: &Path, options: &[impl AsRef<str>], env: Lookup<'_>) -> Result<Loaded, Failed> {
    let mut notes = Vec::new();
    let root = read_file(main, &mut notes)?;
    finish(root, Some(main), notes, options, env)
}

/// The same for a text instead of a main file. Only options can include files.
///
/// # Errors
/// As [`load`].
pub fn from_text(
    name: &str,
    text: &str,
    options: &[impl AsRef<str>],
    env: Lookup<'_>,
) -> Result<Loaded, ConfigErrors> {
    let root = root_of(name, text.as_bytes().to_vec())?;
    let note = note_of(Path::new(name), &root);
    finish(root, None, vec![note], options, env).map_err(|f| f.errors)
}

impl From<ConfigError> for Failed {
    fn from(error: ConfigError) -> Self {
        Self { errors: error.into(), files: Vec::new(), log: None }
    }
}

fn finish(
    mut root: Node,
    main: Option<&Path>,
    mut notes: Vec<FileNote>,
    options: &[impl AsRef<str>],
    env: Lookup<'_>,
) -> Result<Loaded, Failed> {
    let overrides: Vec<Override> =
        options.iter().map(|o| Override::parse(o.as_ref())).collect::<Result<_, _>>()?;
    let (about_files, others): (Vec<_>, Vec<_>) =
        overrides.into_iter().partition(|o| o.is_about("config_files"));
    for option in about_files {
        option.apply(&mut root)?;
    }
    let includes = match (root.get("config_files"), main) {
        (None, Some(_)) => vec![Include { path: DEFAULT_CONFIG_DIR.into(), strategy: Strategy::Append }],
        _ => includes(&root, env)?,
    };
    for include in includes {
        for path in files_of(&include.path)? {
            if let Some(main) = main
                && same_file(main, &path)
            {
                let message = format!("config_files: {} includes itself", main.display());
                return Err(ConfigError::general(message).into());
            }
            let file = read_file(&path, &mut notes)?;
            if let Some(inner) = file.get("config_files") {
                let message = "an included file cannot include further files";
                return Err(ConfigError::at(&inner.place, "config_files", message).into());
            }
            merge(&mut root, file, include.strategy);
        }
    }
    for option in others {
        option.apply(&mut root)?;
    }
    let mut warnings = Vec::new();
    match read::read(&root, env, &mut warnings) {
        Ok(config) => Ok(Loaded { config, files: notes, warnings }),
        Err(errors) => Err(Failed { errors, files: notes, log: Some(read::log_of(&root, env)) }),
    }
}

#[derive(Copy, Clone, PartialEq, Eq, Debug)]
enum Strategy {
    Append,
    Override,
    AddOnly,
}

struct Include {
    path: PathBuf,
    strategy: Strategy,
}

fn includes(root: &Node, env: Lookup<'_>) -> Result<Vec<Include>, ConfigErrors> {
    let Some(list) = root.get("config_files") else { return Ok(Vec::new()) };
    let reading = Reading::new(env);
    let mut found = Vec::new();
    let one = [list.clone()];
    let items = match &list.kind {
        Kind::Sequence(items) => items.as_slice(),
        Kind::Null => &[],
        _ => &one,
    };
    for (i, item) in items.iter().enumerate() {
        let path = format!("config_files[{i}]");
        if !matches!(item.kind, Kind::Mapping(_)) {
            let text = reading.text(item, &path);
            found.extend(text.map(|text| Include { path: text.into(), strategy: Strategy::Append }));
            continue;
        }
        let Some(super::keys::Shape::TextsOrObjects(object)) = ROOT.key("config_files").map(|k| k.shape)
        else {
            continue;
        };
        let section = Section::new(&reading, Some(item), object, path);
        if section.node("path").is_none() {
            section.error("path", "this key is needed");
        }
        let strategy = match section.choice("strategy").as_str() {
            "override" => Strategy::Override,
            "add-only" => Strategy::AddOnly,
            _ => Strategy::Append,
        };
        found.push(Include { path: section.path("path"), strategy });
    }
    let errors = reading.into_errors();
    if errors.is_empty() { Ok(found) } else { Err(ConfigErrors(errors)) }
}

impl From<ConfigErrors> for Failed {
    fn from(errors: ConfigErrors) -> Self {
        Self { errors, files: Vec::new(), log: None }
    }
}

/// The file, or the files of a directory in order of their names; nothing if it does not exist.
fn files_of(path: &Path) -> Result<Vec<PathBuf>, ConfigError> {
    let unreadable = |e: &io::Error| ConfigError::general(format!("cannot read `{}`: {e}", path.display()));
    match fs::metadata(path) {
        Ok(meta) if meta.is_dir() => {
            let entries = fs::read_dir(path).and_then(Iterator::collect::<io::Result<Vec<_>>>);
            let entries = entries.map_err(|e| unreadable(&e))?;
            let mut files: Vec<PathBuf> =
                entries.into_iter().map(|e| e.path()).filter(|p| p.is_file()).collect();
            files.sort();
            Ok(files)
        }
        Ok(_) => Ok(vec![path.to_owned()]),
        Err(e) if e.kind() == io::ErrorKind::NotFound => Ok(Vec::new()),
        Err(e) => Err(unreadable(&e)),
    }
}

fn same_file(a: &Path, b: &Path) -> bool {
    match (fs::canonicalize(a), fs::canonicalize(b)) {
        (Ok(a), Ok(b)) => a == b,
        _ => a == b,
    }
}

fn read_file(path: &Path, notes: &mut Vec<FileNote>) -> Result<Node, ConfigError> {
    let bytes =
        fs::read(path).map_err(|e| ConfigError::general(format!("cannot read `{}`: {e}", path.display())))?;
    let root = root_of(&path.display().to_string(), bytes)?;
    notes.push(note_of(path, &root));
    Ok(root)
}

fn root_of(name: &str, bytes: Vec<u8>) -> Result<Node, ConfigError> {
    let root = Node::parse(name, bytes)?;
    match &root.kind {
        Kind::Mapping(_) | Kind::Null => Ok(root),
        _ => {
            let message = format!("a configuration is a mapping, found {}", root.describe());
            Err(ConfigError::at(&root.place, "", message))
        }
    }
}

fn note_of(path: &Path, root: &Node) -> FileNote {
    let mismatches = schema::validate(root);
    FileNote {
        path: path.to_owned(),
        schema: mismatches.first().map(|m| m.falco.clone()),
        warnings: mismatches.iter().map(|m| format!("{}: {}", m.place, m.message)).collect(),
    }
}

/// Adds the top-level keys of another file. Nothing below them is merged, except that a list joins a list.
fn merge(root: &mut Node, file: Node, strategy: Strategy) {
    if root.is_null() {
        root.kind = Kind::Mapping(Vec::new());
    }
    let (Kind::Mapping(entries), Kind::Mapping(added)) = (&mut root.kind, file.kind) else { return };
    for (name, value) in added {
        let Some((_, old)) = entries.iter_mut().find(|(k, _)| *k == name) else {
            entries.push((name, value));
            continue;
        };
        match (strategy, &mut old.kind, value) {
            (Strategy::AddOnly, _, _) => {}
            (Strategy::Append, Kind::Sequence(items), Node { kind: Kind::Sequence(more), .. }) => {
                items.extend(more);
            }
            (_, _, value) => *old = value,
        }
    }
}
