//! `suite-cases.jsonl`: the `falco` command line as a black box, against what real Falco did.
//!
//! Each case runs the program in a directory of its own with the case's files, and compares exit code,
//! alerts, summary and load results with Falco's, then checks the expectations that held for Falco.
//! Cases that need a plugin, a capture that is not there, or a live system are not comparable.

use crate::expect::{self, Run};
use crate::{Outcome, Tally, json_lines};
use serde_json::Value as Json;
use std::collections::BTreeMap;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::mpsc;
use std::time::Duration;
use std::{fs, thread};

/// A run that takes longer hangs.
const TIMEOUT: Duration = Duration::from_mins(1);
/// What the program says where it ends early, until events can be replayed.
const NO_REPLAY: &str = "replay is not available yet";

pub(crate) fn run(path: &Path) -> Vec<(String, Tally)> {
    let data = path.with_file_name("suite-data");
    let mut tally = Tally::default();
    match (program(), default_config(&data)) {
        (Ok(program), Ok(defaults)) => {
            let config = defaults.path().join("falco.yaml");
            for case in json_lines(path) {
                let suite = Suite { program: &program, data: &data, default_config: &config };
                tally.add(suite.run(&case));
            }
        }
        (Err(why), _) | (_, Err(why)) => tally.add(Outcome::Failed(why)),
    }
    vec![("suite command line".to_owned(), tally)]
}

/// The program beside this test, brought up to date by cargo if cargo runs the test.
pub(crate) fn program() -> Result<PathBuf, String> {
    let own = std::env::current_exe().map_err(|e| e.to_string())?;
    let profile = own.ancestors().nth(2).ok_or("the test program is in no target directory")?;
    if let (Some(cargo), Some(target)) = (std::env::var_os("CARGO"), profile.parent()) {
        let mut build = Command::new(cargo);
        build.args(["build", "--quiet", "-p", "peregrine-runtime", "--bin", "peregrine", "--target-dir"]);
        build.arg(target).current_dir(env!("CARGO_MANIFEST_DIR"));
        if profile.ends_with("release") {
            build.arg("--release");
        }
        let status = build.status().map_err(|e| format!("cargo build: {e}"))?;
        if !status.success() {
            return Err(format!("cargo build of the program: {status}"));
        }
    }
    let program = profile.join("peregrine");
    if program.exists() { Ok(program) } else { Err(format!("{}: build it first", program.display())) }
}

/// The default configuration with its directory filled in.
fn default_config(data: &Path) -> Result<tempfile::TempDir, String> {
    let to = tempfile::tempdir().map_err(|e| e.to_string())?;
    let from = data.join("configs/default");
    let copy = || -> std::io::Result<()> {
        fs::create_dir(to.path().join("config.d"))?;
        for entry in fs::read_dir(from.join("config.d"))? {
            let entry = entry?;
            fs::write(to.path().join("config.d").join(entry.file_name()), fs::read(entry.path())?)?;
        }
        fs::write(to.path().join("falco_rules.yaml"), fs::read(from.join("falco_rules.yaml"))?)?;
        let text = fs::read_to_string(from.join("falco.yaml.in"))?
            .replace("@DIR@", &to.path().display().to_string())
            .replace("@CONTAINER_PLUGIN@", "/usr/share/falco/plugins/libcontainer.so");
        fs::write(to.path().join("falco.yaml"), text)
    };
    copy().map_err(|e| format!("{}: {e}", from.display()))?;
    Ok(to)
}

struct Suite<'a> {
    program: &'a Path,
    data: &'a Path,
    default_config: &'a Path,
}

impl Suite<'_> {
    fn run(&self, case: &Json) -> Outcome {
        let name = case["name"].as_str().unwrap_or("?");
        if let Some(flag) = not_comparable(case) {
            return Outcome::NotComparable(format!("{name}: {flag}"));
        }
        let run = match self.execute(case) {
            Ok(run) => run,
            Err(why) => return Outcome::Failed(format!("{name}: {why}")),
        };
        if run.stderr.contains(NO_REPLAY) {
            return Outcome::NotComparable(format!("{name}: {NO_REPLAY}"));
        }
        let mut wrong = expect::observed(&case["observed_0_44"], &run);
        // an expectation that real Falco does not meet says nothing
        if case["baseline"] == "pass" {
            let list = case["expect"].as_array().into_iter().flatten();
            wrong.extend(list.filter_map(|e| expect::check(e, &run, self.data).err()));
        }
        if wrong.is_empty() {
            Outcome::Agreed
        } else {
            Outcome::Failed(format!("{name}: {}", wrong.join("; ")))
        }
    }

    fn execute(&self, case: &Json) -> Result<Run, String> {
        let dir = tempfile::tempdir().map_err(|e| e.to_string())?;
        for (name, from) in case["files"].as_object().into_iter().flatten() {
            let to = dir.path().join(name);
            let from = self.data.join(from.as_str().unwrap_or(""));
            fs::create_dir_all(to.parent().unwrap()).map_err(|e| e.to_string())?;
            let bytes = fs::read(&from).map_err(|e| format!("{}: {e}", from.display()))?;
            fs::write(to, bytes).map_err(|e| e.to_string())?;
        }
        let fill = |text: &str| {
            text.replace("{DEFAULT_CONFIG}", &self.default_config.display().to_string())
                .replace("{WORKDIR}", &dir.path().display().to_string())
        };
        let mut command = Command::new(self.program);
        command.arg("falco").current_dir(dir.path());
        command.args(case["args"].as_array().into_iter().flatten().filter_map(Json::as_str).map(fill));
        match case["env"].as_object().filter(|env| !env.is_empty()) {
            Some(env) => {
                command.env_clear();
                command.envs(env.iter().map(|(k, v)| (k, v.as_str().unwrap_or(""))));
            }
            None => {
                command.env("HOST_ROOT", "");
            }
        }
        run_for(command, TIMEOUT).map(|(code, stdout, stderr)| Run { code, stdout, stderr, dir })
    }
}

fn not_comparable(case: &Json) -> Option<&str> {
    // the container plugin is built in
    let kinds = ["needs-plugin", "needs-capture", "needs-file", "needs-live", "skipped-upstream"];
    let flags = case["flags"].as_array().into_iter().flatten().filter_map(Json::as_str);
    flags.filter(|f| *f != "needs-plugin:container").find(|f| kinds.iter().any(|k| f.starts_with(k)))
}

/// Exit code and what was printed.
fn run_for(mut command: Command, timeout: Duration) -> Result<(i32, String, String), String> {
    let mut child = command
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .map_err(|e| format!("{command:?}: {e}"))?;
    let (sender, receiver) = mpsc::channel();
    let pipes: [(usize, Box<dyn Read + Send>); 2] =
        [(0, Box::new(child.stdout.take().unwrap())), (1, Box::new(child.stderr.take().unwrap()))];
    for (which, mut pipe) in pipes {
        let sender = sender.clone();
        thread::spawn(move || {
            let mut bytes = Vec::new();
            let _ = pipe.read_to_end(&mut bytes);
            let _ = sender.send((which, String::from_utf8_lossy(&bytes).into_owned()));
        });
    }
    let mut texts = BTreeMap::new();
    while texts.len() < 2 {
        let Ok((which, text)) = receiver.recv_timeout(timeout) else {
            let _ = child.kill();
            let _ = child.wait();
            return Err(format!("runs longer than {timeout:?}"));
        };
        texts.insert(which, text);
    }
    let status = child.wait().map_err(|e| e.to_string())?;
    let mut text = |which| texts.remove(&which).unwrap_or_default();
    Ok((status.code().unwrap_or(-1), text(0), text(1)))
}
