//! Fields of the container, and what the container runtime knows about it.
//!
//! Identifier, start time and duration are known at once; all else waits for the runtime's answer.

use super::Spec;
use peregrine_compiler::schema::{
    ArgKind::{IndexOrKey, Key},
    ArgSpec::Required,
    FieldFlags as F, PrintFormat, Scope,
    Type::{self, AbsTime, Bool, CharBuf, RelTime},
};

/// A field that changes with the container's metadata unless it says otherwise.
const fn f(name: &'static str, ty: Type, doc: &'static str) -> Spec {
    Spec::new("container", Scope::Container, name, ty, doc).print(PrintFormat::Na)
}

/// In lookup order.
#[rustfmt::skip]
pub(super) const FIELDS: &[Spec] = &[
    f("container.id", CharBuf,
        "First 12 characters of the container id; host for processes outside containers.")
        .flag(F::FORMAT_SUGGESTED).cost(3),
    f("container.full_id", CharBuf, "Whole container id.").cost(3),
    f("container.name", CharBuf, "Name of the container; host for processes outside containers.")
        .flag(F::FORMAT_SUGGESTED).cost(3),
    f("container.image", CharBuf, "Image reference as given to the runtime, with tag or digest.").cost(3),
    f("container.image.id", CharBuf, "Id of the image.").cost(3),
    f("container.type", CharBuf, "Container runtime: docker, podman, cri-o, containerd, lxc and others.")
        .cost(3),
    f("container.privileged", Bool, "Whether the container is privileged.").cost(3),
    f("container.mounts", CharBuf,
        "All mounts as source:destination:mode:rdwr:propagation, joined by commas.").cost(24),
    f("container.mount", CharBuf,
        "One mount as source:destination:mode:rdwr:propagation, by index or by a glob for its source.")
        .arg(Required(IndexOrKey)).cost(16),
    f("container.mount.source", CharBuf,
        "Source of one mount, by index or by a glob for its destination.")
        .arg(Required(IndexOrKey)).cost(16),
    f("container.mount.dest", CharBuf, "Destination of one mount, by index or by a glob for its source.")
        .arg(Required(IndexOrKey)).cost(16),
    f("container.mount.mode", CharBuf, "Mode of one mount, by index or by a glob for its source.")
        .arg(Required(IndexOrKey)).cost(16),
    f("container.mount.rdwr", CharBuf,
        "Whether one mount is writable, by index or by a glob for its source.")
        .arg(Required(IndexOrKey)).cost(16),
    f("container.mount.propagation", CharBuf,
        "Propagation of one mount, by index or by a glob for its source.")
        .arg(Required(IndexOrKey)).cost(16),
    f("container.image.repository", CharBuf, "Image reference without tag and digest.")
        .flag(F::FORMAT_SUGGESTED).cost(3),
    f("container.image.tag", CharBuf, "Tag of the image.").flag(F::FORMAT_SUGGESTED).cost(3),
    f("container.image.digest", CharBuf, "Digest of the image in its registry.").cost(3),
    f("container.healthcheck", CharBuf, "Legacy: never has a value."),
    f("container.liveness_probe", CharBuf, "Legacy: never has a value."),
    f("container.readiness_probe", CharBuf, "Legacy: never has a value."),
    f("container.start_ts", AbsTime,
        "Start time of the container, taken from its pid namespace, in nanoseconds since the epoch.")
        .scope(Scope::Process),
    f("container.duration", RelTime, "Nanoseconds since the start of the container.").scope(Scope::Event),
    f("container.ip", CharBuf, "First IPv4 address of the container or its pod.").cost(3),
    f("container.cni.json", CharBuf, "Result of the network plugin as JSON (CRI runtimes).").cost(24),
    f("container.host_pid", Bool, "Whether the container shares the pid namespace of the host.").cost(3),
    f("container.host_network", Bool, "Whether the container shares the network namespace of the host.")
        .cost(3),
    f("container.host_ipc", Bool, "Whether the container shares the IPC namespace of the host.").cost(3),
    f("container.label", CharBuf, "Value of one container label.").arg(Required(Key)).cost(8),
    f("container.labels", CharBuf, "All container labels as key:value, joined by commas.").cost(24),
    f("proc.is_container_healthcheck", Bool, "Legacy: never has a value."),
    f("proc.is_container_liveness_probe", Bool, "Legacy: never has a value."),
    f("proc.is_container_readiness_probe", Bool, "Legacy: never has a value."),
];
