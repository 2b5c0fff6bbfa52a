//! Fields of the pod and its owners from the Kubernetes API; not in the default schema, as in Falco, where a
//! plugin that is not loaded by default brings them.

use super::Spec;
use peregrine_compiler::schema::{
    ArgKind::Key,
    ArgSpec::Required,
    FieldFlags as F, PrintFormat, Scope,
    Type::{self, CharBuf},
};

/// A field that changes with the container's metadata unless it says otherwise.
const fn f(name: &'static str, ty: Type, doc: &'static str) -> Spec {
    Spec::new("k8smeta", Scope::Container, name, ty, doc).print(PrintFormat::Na).cost(3)
}

/// In lookup order.
#[rustfmt::skip]
pub(super) const FIELDS: &[Spec] = &[
    f("k8smeta.pod.name", CharBuf, "Name of the pod.").flag(F::FORMAT_SUGGESTED),
    f("k8smeta.pod.uid", CharBuf, "Unique id of the pod."),
    f("k8smeta.pod.label", CharBuf, "Value of one label of the pod.").arg(Required(Key)),
    f("k8smeta.pod.labels", CharBuf, "All labels of the pod as key:value items.").list(),
    f("k8smeta.pod.ip", CharBuf, "IP address of the pod."),
    f("k8smeta.ns.name", CharBuf, "Name of the pod's namespace.").flag(F::FORMAT_SUGGESTED),
    f("k8smeta.ns.uid", CharBuf, "Unique id of the pod's namespace."),
    f("k8smeta.ns.label", CharBuf, "Value of one label of the pod's namespace.").arg(Required(Key)),
    f("k8smeta.ns.labels", CharBuf, "All labels of the pod's namespace as key:value items.").list(),
    f("k8smeta.deployment.name", CharBuf, "Name of the pod's deployment."),
    f("k8smeta.deployment.uid", CharBuf, "Unique id of the pod's deployment."),
    f("k8smeta.deployment.label", CharBuf, "Value of one label of the pod's deployment.").arg(Required(Key)),
    f("k8smeta.deployment.labels", CharBuf, "All labels of the pod's deployment as key:value items.").list(),
    f("k8smeta.svc.name", CharBuf, "Names of the services that select the pod.").list(),
    f("k8smeta.svc.uid", CharBuf, "Unique ids of the services that select the pod.").list(),
    f("k8smeta.svc.label", CharBuf, "Values of one label of the services that select the pod.")
        .list().arg(Required(Key)),
    f("k8smeta.svc.labels", CharBuf,
        "All labels of the services that select the pod as key:value items.").list(),
    f("k8smeta.rs.name", CharBuf, "Name of the pod's replica set."),
    f("k8smeta.rs.uid", CharBuf, "Unique id of the pod's replica set."),
    f("k8smeta.rs.label", CharBuf, "Value of one label of the pod's replica set.").arg(Required(Key)),
    f("k8smeta.rs.labels", CharBuf, "All labels of the pod's replica set as key:value items.").list(),
    f("k8smeta.rc.name", CharBuf, "Name of the pod's replication controller."),
    f("k8smeta.rc.uid", CharBuf, "Unique id of the pod's replication controller."),
    f("k8smeta.rc.label", CharBuf, "Value of one label of the pod's replication controller.")
        .arg(Required(Key)),
    f("k8smeta.rc.labels", CharBuf, "All labels of the pod's replication controller as key:value items.")
        .list(),
];
