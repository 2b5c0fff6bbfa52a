//! The flags of `falco`.

use clap::{Arg, ArgAction, ArgMatches, Args as _, Command, FromArgMatches as _};
use std::ffi::OsString;
use std::path::PathBuf;

/// Arguments of `peregrine falco`, or of this program under the name `falco`.
#[derive(clap::Args, Clone, Debug)]
#[expect(clippy::struct_excessive_bools, reason = "each is a flag of the command line")]
pub(super) struct Args {
    /// Configuration file [default: /etc/falco/falco.yaml]
    #[arg(short = 'c', value_name = "PATH")]
    pub(super) config: Option<PathBuf>,
    /// Print the JSON schema of the configuration
    #[arg(long)]
    pub(super) config_schema: bool,
    /// Print the JSON schema of rule files
    #[arg(long)]
    pub(super) rule_schema: bool,
    /// Disable an event source; can be repeated
    #[arg(long, value_name = "SOURCE")]
    pub(super) disable_source: Vec<String>,
    /// Enable an event source and no other; can be repeated
    #[arg(long, value_name = "SOURCE")]
    pub(super) enable_source: Vec<String>,
    /// Load everything, but process no event
    #[arg(long)]
    pub(super) dry_run: bool,
    /// Evaluate as wrongly as Falco does where it is wrong
    #[arg(long)]
    pub(super) falco_quirks: bool,
    /// Print the system calls that are ignored unless `base_syscalls.all` is set
    #[arg(short = 'i')]
    pub(super) ignored: bool,
    /// Describe all rules, macros and lists
    #[arg(short = 'L')]
    pub(super) describe_all: bool,
    /// Describe one rule
    #[arg(short = 'l', value_name = "RULE")]
    pub(super) describe: Option<String>,
    /// List the fields of all event sources, or of one
    #[arg(long, value_name = "SOURCE", num_args = 0..=1, require_equals = true, default_missing_value = "")]
    pub(super) list: Option<String>,
    /// List all events
    #[arg(long)]
    pub(super) list_events: bool,
    /// List the loaded plugins
    #[arg(long)]
    pub(super) list_plugins: bool,
    /// Print what is known of a plugin
    #[arg(long, value_name = "PLUGIN")]
    pub(super) plugin_info: Option<String>,
    /// Stop after this number of seconds
    #[arg(short = 'M', value_name = "SECONDS")]
    pub(super) seconds: Option<u64>,
    /// Print lists as markdown; deprecated, use --format markdown
    #[arg(long)]
    pub(super) markdown: bool,
    /// How lists are printed
    #[arg(long, value_enum)]
    pub(super) format: Option<super::super::list::Format>,
    /// With --list, print names only
    #[arg(short = 'N')]
    pub(super) names_only: bool,
    /// Override a value of the configuration; can be repeated
    #[arg(short = 'o', long = "option", value_name = "KEY=VALUE", allow_hyphen_values = true)]
    pub(super) options: Vec<String>,
    /// Text for the end of outputs; deprecated, use `append_output` of the configuration
    #[arg(short = 'p', long = "print", value_name = "FORMAT")]
    pub(super) print: Option<String>,
    /// Write the process id to this file
    #[arg(short = 'P', long, value_name = "PATH")]
    pub(super) pidfile: Option<PathBuf>,
    /// Rule file or directory instead of those of the configuration; can be repeated
    #[arg(short = 'r', value_name = "PATH")]
    pub(super) rules: Vec<PathBuf>,
    /// Print what a report of a problem should contain, as JSON
    #[arg(long)]
    pub(super) support: bool,
    /// Flush outputs after each alert
    #[arg(short = 'U', long)]
    pub(super) unbuffered: bool,
    /// Check a rule file and exit; can be repeated
    #[arg(short = 'V', long, value_name = "PATH")]
    pub(super) validate: Vec<PathBuf>,
    /// Print more
    #[arg(short = 'v')]
    pub(super) verbose: bool,
    /// Print versions
    #[arg(long = "version")]
    pub(super) version: bool,
    /// Print the size of a memory page
    #[arg(long)]
    pub(super) page_size: bool,
}

/// Flags of older versions: short or long name, and what is used instead.
const GONE: &[(&str, &str)] = &[
    ("e", "use -o engine.kind=replay -o engine.replay.capture_file=FILE"),
    ("A", "use -o base_syscalls.all=true"),
    ("s", "statistics are metrics now; use -o metrics.enabled=true -o metrics.output_file=FILE"),
    ("stats-interval", "use -o metrics.interval=TIME"),
    ("S", "use -o falco_libs.snaplen=N"),
    ("snaplen", "use -o falco_libs.snaplen=N"),
    ("d", "run it in the background by systemd or a shell"),
    ("daemon", "run it in the background by systemd or a shell"),
    ("k", "Kubernetes metadata comes from the container runtime"),
    ("k8s-api", "Kubernetes metadata comes from the container runtime"),
    ("K", "Kubernetes metadata comes from the container runtime"),
    ("m", "Mesos is not supported"),
    ("cri", "set the sockets in the container plugin's init_config"),
    ("disable-cri-async", "the container plugin is always asynchronous"),
    ("D", "use -o rules[].disable.rule=PATTERN"),
    ("t", "use -o rules[].disable.rule=* -o rules[].enable.tag=TAG"),
    ("T", "use -o rules[].disable.tag=TAG"),
    ("b", "use -o buffer_format_base64=true"),
    ("F", "there is no filter for threads"),
    ("w", "use -o capture.enabled=true"),
    ("x", "there is no such output"),
    ("g", "the gVisor engine is gone"),
    ("gvisor-config", "the gVisor engine is gone"),
    ("gvisor-root", "the gVisor engine is gone"),
    ("gvisor-generate-config", "the gVisor engine is gone"),
    ("modern-bpf", "use -o engine.kind=modern_ebpf"),
    ("nodriver", "use -o engine.kind=nodriver"),
    ("userspace", "there is no user-space driver"),
];

/// A command with all flags, those that are gone hidden among them.
pub(super) fn command() -> Command {
    let mut command = Args::augment_args(Command::new("falco").no_binary_name(true))
        .about("Runtime security for Linux, with the command line of Falco");
    for (name, _) in GONE {
        let arg = Arg::new(*name).hide(true).num_args(0..=1).action(ArgAction::Append);
        let mut chars = name.chars();
        command = command.arg(match (chars.next(), chars.next()) {
            (Some(short), None) => arg.short(short),
            _ => arg.long(*name),
        });
    }
    command
}

/// Reads the arguments, without the program's name.
pub(super) fn parse(args: &[OsString]) -> Result<Args, clap::Error> {
    let mut command = command();
    let matches = command.try_get_matches_from_mut(args)?;
    if let Some((name, instead)) = GONE.iter().find(|(name, _)| given(&matches, name)) {
        let dashes = if name.len() == 1 { "-" } else { "--" };
        let message = format!("the flag {dashes}{name} is gone: {instead}");
        return Err(command.error(clap::error::ErrorKind::UnknownArgument, message));
    }
    Args::from_arg_matches(&matches)
}

fn given(matches: &ArgMatches, name: &str) -> bool {
    matches.value_source(name) == Some(clap::parser::ValueSource::CommandLine)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parsed(text: &str) -> Result<Args, clap::Error> {
        parse(&text.split(' ').map(OsString::from).collect::<Vec<_>>())
    }

    #[test]
    fn flags_are_consistent() {
        command().debug_assert();
    }

    #[test]
    fn flags_repeat_and_keep_their_order() {
        let args = parsed("-o a=1 -V x -r b -o c=-1 --option d=2 -V y -r a -M 5 -U --list=syscall").unwrap();
        assert_eq!(args.options, ["a=1", "c=-1", "d=2"]);
        assert_eq!(args.validate, [PathBuf::from("x"), PathBuf::from("y")]);
        assert_eq!(args.rules, [PathBuf::from("b"), PathBuf::from("a")]);
        assert_eq!((args.seconds, args.unbuffered, args.list.as_deref()), (Some(5), true, Some("syscall")));
        assert_eq!(parsed("--list -N").unwrap().list.as_deref(), Some(""));
        assert_eq!(parsed("-pk").unwrap().print.as_deref(), Some("k"));
    }

    #[test]
    fn gone_flags_say_what_to_use() {
        for (text, expect) in [
            ("-e x.scap", "the flag -e is gone: use -o engine.kind=replay"),
            ("-A", "the flag -A is gone: use -o base_syscalls.all=true"),
            ("-A -r x", "the flag -A is gone"),
            ("-D rule", "use -o rules[].disable.rule=PATTERN"),
            ("--cri /run/x", "the flag --cri is gone"),
            ("--modern-bpf", "use -o engine.kind=modern_ebpf"),
        ] {
            let message = parsed(text).unwrap_err().to_string();
            assert!(message.contains(expect), "{text}: {message}");
        }
    }

    #[test]
    fn unknown_flags_are_refused() {
        for text in ["--no-such-flag", "-Z", "-M five", "stray"] {
            parsed(text).unwrap_err();
        }
    }
}
