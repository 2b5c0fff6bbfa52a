//! `required_engine_version` and `required_plugin_versions`.

use super::{Read, Reader, Reported};
use crate::diagnostic::falco::{ItemType, LoadCode};
use crate::diagnostic::{Code, Diagnostic};
use crate::rulefile::context::Ctx;
use crate::rulefile::items::{ENGINE_VERSION, PluginVersion, Version};
use crate::yaml::{NodeId, NodeKind};

impl Reader<'_> {
    pub(super) fn engine_version(&mut self, item: NodeId, root: &Ctx<'_>) -> Read<()> {
        let ctx = root.child(ItemType::RequiredEngineVersion, "", self.span(item));
        let text = self.required(item, "required_engine_version", &ctx)?;
        let version = match crate::yaml::to_u32(&text.value) {
            Some(minor) => Version::new(0, minor, 0),
            None => {
                if let Some(version) = Version::parse(&text.value) {
                    version
                } else {
                    let message = format!(
                        "Unable to parse engine version '{}' as a semver string. Expected \"x.y.z\" semver format.",
                        text.value
                    );
                    let diagnostic = Diagnostic::new(
                        Code::EngineVersion,
                        text.span,
                        format!("`{}` is not a version", text.value),
                    )
                    .help("write a number or `x.y.z`");
                    return self.error(&ctx, &message, diagnostic);
                }
            }
        };
        if !ENGINE_VERSION.satisfies(version) {
            let message =
                format!("Rules require engine version {version}, but engine version is {ENGINE_VERSION}");
            let diagnostic = Diagnostic::new(
                Code::EngineVersion,
                text.span,
                format!("the rules need engine version {version}, this engine is {ENGINE_VERSION}"),
            );
            self.findings.falco(&ctx, LoadCode::Validate, &message, diagnostic);
            return Err(Reported);
        }
        self.collector.engine_version = self.collector.engine_version.max(version);
        Ok(())
    }

    pub(super) fn plugin_versions(&mut self, value: NodeId, root: &Ctx<'_>) -> Read<()> {
        let ctx = root.child(ItemType::RequiredPluginVersions, "", self.span(value));
        let NodeKind::Sequence(entries) = &self.yaml.node(value).kind else {
            let diagnostic = Diagnostic::new(
                Code::WrongKind,
                self.head_of(value),
                "`required_plugin_versions` takes a sequence",
            );
            return self.error(&ctx, "Value of required_plugin_versions must be a sequence", diagnostic);
        };
        for &entry in entries {
            let main = self.plugin_version(
                entry,
                ItemType::RequiredPluginVersionsEntry,
                "Plugin version must be a mapping",
                &ctx,
            )?;
            let own = ctx.child(ItemType::RequiredPluginVersionsEntry, &main.name, self.span(entry));
            let mut all = vec![main.clone()];
            if let Some(alternatives) = self.yaml.get(entry, "alternatives") {
                let NodeKind::Sequence(items) = &self.yaml.node(alternatives).kind else {
                    let diagnostic = Diagnostic::new(
                        Code::WrongKind,
                        self.head_of(alternatives),
                        "`alternatives` takes a sequence",
                    );
                    return self.error(
                        &own,
                        "Value of plugin version alternatives must be a sequence",
                        diagnostic,
                    );
                };
                for &item in items {
                    let kind = ItemType::RequiredPluginVersionsAlternative;
                    all.push(self.plugin_version(
                        item,
                        kind,
                        "Plugin version alternative must be a mapping",
                        &own,
                    )?);
                }
            }
            for (i, plugin) in all.iter().enumerate() {
                let problem = if Version::parse(&plugin.version).is_none() {
                    Some(format!(
                        "Invalid required version '{}' for plugin '{}'",
                        plugin.version, plugin.name
                    ))
                } else if all.iter().take(i).any(|p| p.name == plugin.name) {
                    Some(format!(
                        "Defined multiple alternative version requirements for plugin '{}'",
                        plugin.name
                    ))
                } else {
                    None
                };
                if let Some(message) = problem {
                    let diagnostic =
                        Diagnostic::new(Code::PluginVersion, self.head(entry), lower_first(&message));
                    self.findings.falco(&own, LoadCode::Validate, &message, diagnostic);
                    return Err(Reported);
                }
            }
            self.collector.plugin_versions.push(all);
        }
        Ok(())
    }

    pub(super) fn plugin_version(
        &mut self,
        entry: NodeId,
        kind: ItemType,
        not_a_map: &str,
        parent: &Ctx<'_>,
    ) -> Read<PluginVersion> {
        let span = self.span(entry);
        let unnamed = parent.child(kind, "", span);
        if !matches!(self.yaml.node(entry).kind, NodeKind::Mapping(_)) {
            let diagnostic =
                Diagnostic::new(Code::NotAMapping, span, "expected a mapping with `name` and `version`");
            return self.error(&unnamed, not_a_map, diagnostic);
        }
        let name = self.required(entry, "name", &unnamed)?;
        let named = parent.child(kind, &name.value, span);
        let version = self.required(entry, "version", &named)?;
        Ok(PluginVersion { name: name.value.to_string(), version: version.value.to_string() })
    }
}

fn lower_first(message: &str) -> String {
    let mut chars = message.chars();
    chars.next().map_or_else(String::new, |c| c.to_lowercase().chain(chars).collect())
}
