//! The bill of materials of a release: every crate that is in the binary or in its WASM, in CycloneDX 1.6
//! (<https://cyclonedx.org/docs/1.6/json/>). Read from Cargo's own resolution; nothing is fetched.
//!
//! What must not enter: anything that differs from build to build, such as the time.

use std::{
    collections::{BTreeMap, BTreeSet, HashMap},
    path::Path,
};

use anyhow::{Context, Result};
use serde::Deserialize;
use serde_json::{Value, json};

use crate::project::{Project, WASM_TARGET};

#[derive(Deserialize)]
struct Metadata {
    packages: Vec<Package>,
    resolve: Resolve,
}

#[derive(Deserialize)]
struct Package {
    id: String,
    name: String,
    version: String,
    license: Option<String>,
    /// `None`: a crate of this repository.
    source: Option<String>,
}

#[derive(Deserialize)]
struct Resolve {
    nodes: Vec<Node>,
    root: String,
}

#[derive(Deserialize)]
struct Node {
    id: String,
    deps: Vec<Edge>,
}

#[derive(Deserialize)]
struct Edge {
    pkg: String,
    dep_kinds: Vec<Kind>,
}

#[derive(Deserialize)]
struct Kind {
    /// `None`: an ordinary dependency; else `dev` or `build`.
    kind: Option<String>,
}

/// Writes the bill to `to`.
pub fn write(project: &Project, to: &Path) -> Result<()> {
    let rustc = std::env::var("RUSTC").unwrap_or_else(|_| "rustc".to_owned());
    let told = crate::shell::cmd(rustc).arg("-vV").read()?;
    let host = told.lines().find_map(|line| line.strip_prefix("host: "));
    let host = host.context("rustc does not say what it builds for")?;
    let server = resolve(project, &["--filter-platform", host])?;
    let browser = resolve(
        project,
        &[
            "--filter-platform",
            WASM_TARGET,
            "--no-default-features",
            "--features",
            "hydrate",
        ],
    )?;
    // A WASM of its own, that no crate depends on.
    let renderer = resolve(
        project,
        &[
            "--filter-platform",
            WASM_TARGET,
            "--manifest-path",
            "src/render/Cargo.toml",
        ],
    )?;
    let lock = std::fs::read_to_string(project.root.join("Cargo.lock"))?;
    let bill = bill(&[server, browser, renderer], &checksums(&lock))?;
    let text = serde_json::to_string_pretty(&bill)? + "\n";
    std::fs::write(to, text).with_context(|| to.display().to_string())
}

fn resolve(project: &Project, more: &[&str]) -> Result<Metadata> {
    let cargo = project.cargo("metadata");
    let text = cargo
        .args(["--format-version", "1", "--locked"])
        .args(more)
        .read()?;
    serde_json::from_str(&text).context("`cargo metadata` answered nonsense")
}

/// SHA-256 of each package as the registry served it, by name and version.
fn checksums(lock: &str) -> HashMap<(String, String), String> {
    let value = |block: &str, key: &str| {
        let line = block.lines().find(|line| line.starts_with(key))?;
        line.split('"').nth(1).map(str::to_owned)
    };
    let packages = lock.split("[[package]]").skip(1);
    packages
        .filter_map(|block| {
            let key = (value(block, "name = ")?, value(block, "version = ")?);
            Some((key, value(block, "checksum = ")?))
        })
        .collect()
}

/// What the root packages are made of, together. The first is the product.
fn bill(all: &[Metadata], checksums: &HashMap<(String, String), String>) -> Result<Value> {
    let mut components = BTreeMap::new();
    let mut edges: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    let mut product: Option<&Package> = None;
    for metadata in all {
        let packages: HashMap<_, _> = metadata.packages.iter().map(|one| (&one.id, one)).collect();
        let nodes: HashMap<_, _> = metadata
            .resolve
            .nodes
            .iter()
            .map(|one| (&one.id, one))
            .collect();
        let mut seen = BTreeSet::new();
        let mut line = vec![&metadata.resolve.root];
        while let Some(id) = line.pop() {
            if !seen.insert(id) {
                continue;
            }
            let package = packages
                .get(id)
                .with_context(|| format!("{id} is unknown"))?;
            let node = nodes
                .get(id)
                .with_context(|| format!("{id} is unresolved"))?;
            let product = *product.get_or_insert(package);
            if package.reference() != product.reference() {
                components.insert(package.reference(), package.component(checksums));
                if *id == metadata.resolve.root {
                    let of_product = edges.entry(product.reference()).or_default();
                    of_product.insert(package.reference());
                }
            }
            let from = edges.entry(package.reference()).or_default();
            for edge in &node.deps {
                if edge.dep_kinds.iter().any(|kind| kind.kind.is_none()) {
                    let to = packages.get(&edge.pkg).context("an edge to nowhere")?;
                    from.insert(to.reference());
                    line.push(&edge.pkg);
                }
            }
        }
    }
    let dependencies: Vec<Value> = edges
        .into_iter()
        .map(|(from, to)| json!({ "ref": from, "dependsOn": to }))
        .collect();
    Ok(json!({
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "version": 1,
        "metadata": { "component": product.map(|one| one.component(checksums)) },
        "components": components.into_values().collect::<Vec<_>>(),
        "dependencies": dependencies,
    }))
}

impl Package {
    /// As package URLs name it (<https://github.com/package-url/purl-spec>).
    fn reference(&self) -> String {
        format!("pkg:cargo/{}@{}", self.name, self.version)
    }

    fn component(&self, checksums: &HashMap<(String, String), String>) -> Value {
        let kind = if self.source.is_none() && self.name == "parlance" {
            "application"
        } else {
            "library"
        };
        let mut component = json!({
            "type": kind,
            "bom-ref": self.reference(),
            "name": self.name,
            "version": self.version,
            "purl": self.reference(),
        });
        if let Some(license) = &self.license {
            // Old crates write a slash where SPDX wants a word.
            let expression = license.replace('/', " OR ");
            component["licenses"] = json!([{ "expression": expression }]);
        }
        if let Some(hash) = checksums.get(&(self.name.clone(), self.version.clone())) {
            component["hashes"] = json!([{ "alg": "SHA-256", "content": hash }]);
        }
        component
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bill_lists_what_is_shipped_and_not_what_builds_or_tests_it() {
        let package = |name: &str, source: Value| {
            json!({
                "id": name, "name": name, "version": "1.0.0", "license": "MIT/Apache-2.0", "source": source,
            })
        };
        let node = |name: &str, deps: Value| json!({ "id": name, "deps": deps });
        let edge =
            |name: &str, kind: Value| json!({ "pkg": name, "dep_kinds": [{ "kind": kind }] });
        let names = ["used", "deep", "tester", "builder"];
        let mut packages: Vec<_> = names.map(|name| package(name, json!("registry"))).into();
        packages.push(package("parlance", Value::Null));
        let root = json!([
            edge("used", Value::Null),
            edge("tester", json!("dev")),
            edge("builder", json!("build")),
        ]);
        let metadata = json!({
            "packages": packages,
            "resolve": { "root": "parlance", "nodes": [
                node("parlance", root), node("used", json!([edge("deep", Value::Null)])),
                node("deep", json!([])), node("tester", json!([])), node("builder", json!([])),
            ] },
        });
        let lock = "[[package]]\nname = \"deep\"\nversion = \"1.0.0\"\nchecksum = \"abc\"\n\n\
                    [[package]]\nname = \"parlance\"\nversion = \"1.0.0\"\n";
        let metadata = serde_json::from_value(metadata).unwrap();
        let bill = bill(&[metadata], &checksums(lock)).unwrap();
        assert_eq!(bill["metadata"]["component"]["type"], "application");
        let listed: Vec<_> = bill["components"]
            .as_array()
            .unwrap()
            .iter()
            .map(|one| one["name"].as_str().unwrap())
            .collect();
        assert_eq!(listed, ["deep", "used"]);
        let deep = &bill["components"][0];
        assert_eq!(deep["hashes"][0]["content"], "abc");
        assert_eq!(deep["licenses"][0]["expression"], "MIT OR Apache-2.0");
        let dependencies = bill["dependencies"].as_array().unwrap();
        let of_used = dependencies
            .iter()
            .find(|one| one["ref"] == "pkg:cargo/used@1.0.0");
        assert_eq!(
            of_used.unwrap()["dependsOn"],
            json!(["pkg:cargo/deep@1.0.0"])
        );
    }
}
