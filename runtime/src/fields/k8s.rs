//! Fields of the Kubernetes pod, taken from the labels that the container runtime keeps.

use super::Spec;
use peregrine_compiler::schema::{
    ArgKind::Key,
    ArgSpec::Required,
    FieldFlags as F, PrintFormat, Scope,
    Type::{self, CharBuf},
};

/// A field that changes with the container's metadata unless it says otherwise.
const fn f(name: &'static str, ty: Type, doc: &'static str) -> Spec {
    Spec::new("k8s", Scope::Container, name, ty, doc).print(PrintFormat::Na)
}

/// In lookup order.
#[rustfmt::skip]
pub(super) const FIELDS: &[Spec] = &[
    f("k8s.pod.name", CharBuf, "Name of the pod.").flag(F::FORMAT_SUGGESTED).cost(3),
    f("k8s.ns.name", CharBuf, "Namespace of the pod.").flag(F::FORMAT_SUGGESTED).cost(3),
    f("k8s.pod.id", CharBuf, "Same as k8s.pod.uid.").cost(3),
    f("k8s.pod.uid", CharBuf, "Unique id of the pod.").cost(3),
    f("k8s.pod.sandbox_id", CharBuf, "First 12 characters of the id of the pod's sandbox container.").cost(3),
    f("k8s.pod.full_sandbox_id", CharBuf, "Whole id of the pod's sandbox container.").cost(3),
    f("k8s.pod.label", CharBuf, "Value of one pod label.").arg(Required(Key)).cost(8),
    f("k8s.pod.labels", CharBuf, "All pod labels as key:value, joined by commas.").cost(24),
    f("k8s.pod.ip", CharBuf, "IPv4 address of the pod; same as container.ip.").cost(3),
    f("k8s.pod.cni.json", CharBuf,
        "Result of the network plugin for the pod as JSON; same as container.cni.json.").cost(24),
    f("k8s.rc.name", CharBuf, "Legacy: never has a value."),
    f("k8s.rc.id", CharBuf, "Legacy: never has a value."),
    f("k8s.rc.label", CharBuf, "Legacy: never has a value.").arg(Required(Key)),
    f("k8s.rc.labels", CharBuf, "Legacy: never has a value."),
    f("k8s.svc.name", CharBuf, "Legacy: never has a value."),
    f("k8s.svc.id", CharBuf, "Legacy: never has a value."),
    f("k8s.svc.label", CharBuf, "Legacy: never has a value.").arg(Required(Key)),
    f("k8s.svc.labels", CharBuf, "Legacy: never has a value."),
    f("k8s.ns.id", CharBuf, "Legacy: never has a value."),
    f("k8s.ns.label", CharBuf, "Legacy: never has a value.").arg(Required(Key)),
    f("k8s.ns.labels", CharBuf, "Legacy: never has a value."),
    f("k8s.rs.name", CharBuf, "Legacy: never has a value."),
    f("k8s.rs.id", CharBuf, "Legacy: never has a value."),
    f("k8s.rs.label", CharBuf, "Legacy: never has a value.").arg(Required(Key)),
    f("k8s.rs.labels", CharBuf, "Legacy: never has a value."),
    f("k8s.deployment.name", CharBuf, "Legacy: never has a value."),
    f("k8s.deployment.id", CharBuf, "Legacy: never has a value."),
    f("k8s.deployment.label", CharBuf, "Legacy: never has a value.").arg(Required(Key)),
    f("k8s.deployment.labels", CharBuf, "Legacy: never has a value."),
];
