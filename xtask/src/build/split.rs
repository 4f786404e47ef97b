//! One module into several: what is fetched with the page, and what is fetched when it is first needed.
//!
//! A function marked `#[wasm_split(NAME, …)]` goes into the part NAME, with all that it alone uses, code and data; what
//! nobody can reach stays out of all of them. What must not enter: which functions those are.

use std::{fmt::Write, path::Path};

use anyhow::{Context, Result, anyhow, ensure};
use walrus::ModuleConfig;
use wasm_split_cli_support::{Options, transform};

/// The module that the generator of bindings is told to import the loaders from. There is no such file: they are
/// written into the page's own loader.
const LOADERS: &str = "./__wasm_split.js";
/// What the splitter calls the page's loader in its own JavaScript.
const PAGE: &str = "./page.js";

/// How the splitter's loaders ask for a part.
const FETCH: &str = "fetch(new URL(";
/// How they are made to.
const PATIENT: &str = "fetchPart(new URL(";
/// A network that was away for a moment, or a server that is being replaced, is asked again, for 15 seconds. An answer
/// such as "not found" is one: the page is of another build.
const FETCH_PART: &str = "const fetchPart = (url, wait = 500) => fetch(url)
.then((answer) => answer.status < 500 ? answer : Promise.reject(answer.statusText))
.catch((error) => wait > 8000 ? Promise.reject(error)
: new Promise((done) => setTimeout(done, wait)).then(() => fetchPart(url, wait * 2)));";

/// A module in parts.
#[derive(Debug)]
pub struct Parts {
    /// What bindings are to be generated for.
    pub main: Vec<u8>,
    /// The others, by the stems of their names, which `loaders` asks for.
    pub lazy: Vec<(String, Vec<u8>)>,
    /// JavaScript that fetches them.
    loaders: String,
}

/// Splits a module that was linked with `--emit-relocs`. `dir` is a place for files on the way.
///
/// # Errors
/// When the module was linked otherwise, or the splitter does not understand it.
pub fn split(module: &[u8], dir: &Path) -> Result<Parts> {
    let main = dir.join("main.wasm");
    let mut options = Options::new(module);
    options.output_dir = dir;
    options.main_out_path = &main;
    options.link_name = LOADERS;
    options.main_module = PAGE;
    let done = transform(options).map_err(|error| anyhow!("cannot split: {error:#}"))?;
    let mut lazy = Vec::new();
    for file in &done.split_modules {
        let stem = file
            .file_stem()
            .context("a part without a name")?
            .to_string_lossy()
            .into_owned();
        let part = std::fs::read(file).with_context(|| file.display().to_string())?;
        lazy.push((stem, tightened(&part)?));
    }
    Ok(Parts {
        main: std::fs::read(&main).context("the main part")?,
        lazy,
        loaders: std::fs::read_to_string(dir.join(LOADERS)).context("the loaders")?,
    })
}

/// Written anew: numbers as short as they can be, and no names.
fn tightened(part: &[u8]) -> Result<Vec<u8>> {
    let mut module = ModuleConfig::new()
        .generate_name_section(false)
        .parse(part)
        .context("cannot read a part")?;
    let customs: Vec<_> = module.customs.iter().map(|(id, _)| id).collect();
    for id in customs {
        module.customs.delete(id);
    }
    module.producers.clear();
    walrus::passes::gc::run(&mut module);
    Ok(module.emit_wasm())
}

/// Stems of the files that the part `name` loads beside its own, as the page's loader says: code that it has in common
/// with other parts.
pub fn shared<'a>(loader: &'a str, name: &str) -> impl Iterator<Item = &'a str> + use<'a> {
    let begins = format!("const __wasm_split_load_{name} = ");
    let list = loader
        .split_once(&begins)
        .and_then(|(_, after)| after.split_once("\n, ["))
        .and_then(|(_, after)| after.split_once(']'))
        .map_or("", |(list, _)| list);
    list.split(", ").filter_map(|name| name.strip_prefix("__"))
}

/// How the page's loader asks for the part of this stem.
pub fn request(stem: &str) -> String {
    format!("{PATIENT}\"./{stem}.wasm\", import.meta.url))")
}

impl Parts {
    /// Writes the loaders into the loader of the page, which imports them.
    ///
    /// # Errors
    /// When one of the generators writes otherwise than it did.
    pub fn join(&self, page: &str) -> Result<String> {
        if self.lazy.is_empty() {
            return Ok(page.to_owned());
        }
        let from = format!(" from \"{LOADERS}\"");
        // One line for each part, all of the same module.
        let imported = |line: &str| {
            let (name, _) = line.strip_prefix("import * as ")?.split_once(&from)?;
            Some(name.to_owned())
        };
        let names: Vec<String> = page.lines().filter_map(imported).collect();
        ensure!(!names.is_empty(), "the page's loader imports no parts");
        let own = format!("import {{ initSync }} from \"{PAGE}\";");
        ensure!(self.loaders.contains(&own), "the splitter writes otherwise");
        ensure!(
            self.loaders.contains(FETCH),
            "the splitter fetches otherwise"
        );
        let loaders = self.loaders.replace(&own, "").replace(FETCH, PATIENT);
        let exports = loaders
            .lines()
            .filter_map(|line| line.strip_prefix("export const "));
        let all: Vec<&str> = exports.filter_map(|line| line.split(' ').next()).collect();
        let mut out = String::new();
        for line in page.lines().filter(|&line| imported(line).is_none()) {
            writeln!(out, "{line}")?;
        }
        writeln!(out, "{FETCH_PART}")?;
        writeln!(out, "{}", loaders.replace("export const ", "const "))?;
        for name in names {
            writeln!(out, "const {name} = {{ {} }};", all.join(", "))?;
        }
        Ok(out)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_part_says_what_it_shares() {
        let loader = "const __wasm_split_load_a = wrap(makeLoad(() => {\n}\n, [__chunk_1, __chunk_12]));\n\
                      const __wasm_split_load_b = wrap(makeLoad(() => {\n}\n, []));\n";
        assert_eq!(
            shared(loader, "a").collect::<Vec<_>>(),
            ["chunk_1", "chunk_12"]
        );
        assert_eq!(shared(loader, "b").count() + shared(loader, "c").count(), 0);
    }

    #[test]
    fn the_loaders_of_parts_become_part_of_the_pages_loader() {
        let parts = Parts {
            main: Vec::new(),
            lazy: vec![("split_stream".to_owned(), Vec::new())],
            loaders: "import { initSync } from \"./page.js\";\nfunction f() {}\n\
                      export const load_stream = f(() => fetch(new URL(\"./split_stream.wasm\")));\n"
                .to_owned(),
        };
        let page = "import * as import1 from \"./__wasm_split.js\"\n\
                    import * as import2 from \"./__wasm_split.js\"\nuse(import1, import2);\n";
        let joined = parts.join(page).expect("joined");
        assert!(joined.contains(FETCH_PART), "asks again");
        let joined = joined.replace(FETCH_PART, "");
        assert_eq!(
            joined
                .lines()
                .filter(|line| !line.is_empty())
                .collect::<Vec<_>>(),
            [
                "use(import1, import2);",
                "function f() {}",
                "const load_stream = f(() => fetchPart(new URL(\"./split_stream.wasm\")));",
                "const import1 = { load_stream };",
                "const import2 = { load_stream };",
            ]
        );
    }
}
