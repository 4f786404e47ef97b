//! The style sheet: the partials that `style/main.css` imports, in one minified file.
//!
//! No browser targets are given, so that nothing modern is rewritten into something longer and older.

use std::{io, path::Path};

use anyhow::{Result, anyhow};
use lightningcss::{
    bundler::{Bundler, FileProvider, ResolveResult, SourceProvider},
    stylesheet::{MinifyOptions, ParserOptions, PrinterOptions},
};

/// Bundles `entry` with all it imports.
///
/// # Errors
/// With file and line where something is missing or is not CSS.
pub fn bundle(entry: &Path) -> Result<String> {
    let files = Files(FileProvider::new());
    let mut bundler = Bundler::new(&files, None, ParserOptions::default());
    let mut sheet = bundler
        .bundle(entry)
        .map_err(|error| anyhow!("{}: {error}", entry.display()))?;
    sheet
        .minify(MinifyOptions::default())
        .map_err(|error| anyhow!("{}: {error}", entry.display()))?;
    let printed = sheet
        .to_css(PrinterOptions {
            minify: true,
            ..PrinterOptions::default()
        })
        .map_err(|error| anyhow!("{}: {error}", entry.display()))?;
    Ok(printed.code)
}

/// The file system, with the file's name in its errors.
struct Files(FileProvider);

impl SourceProvider for Files {
    type Error = io::Error;

    fn read<'a>(&'a self, file: &Path) -> io::Result<&'a str> {
        let named = |error: io::Error| {
            let text = format!("cannot read {}: {error}", file.display());
            io::Error::new(error.kind(), text)
        };
        self.0.read(file).map_err(named)
    }

    fn resolve(&self, specifier: &str, origin: &Path) -> io::Result<ResolveResult> {
        self.0.resolve(specifier, origin)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bundled(css: &str) -> String {
        let dir = tempfile::tempdir().expect("a temporary directory");
        let entry = dir.path().join("main.css");
        std::fs::write(dir.path().join("part.css"), css).expect("written");
        std::fs::write(
            &entry,
            "@layer base, parts;\n@import \"part.css\" layer(parts);",
        )
        .expect("written");
        bundle(&entry).expect("valid CSS")
    }

    #[test]
    fn keeps_the_declared_order_of_layers_whatever_is_imported_first() {
        let dir = tempfile::tempdir().expect("a temporary directory");
        let write = |name: &str, text: &str| {
            std::fs::write(dir.path().join(name), text).expect("written");
        };
        write("late.css", "p { margin: 0px }");
        write("early.css", "p { margin: 1px }");
        write(
            "main.css",
            "@layer early, late;\n@import \"late.css\" layer(late);\n@import \"early.css\" layer(early);",
        );
        assert_eq!(
            bundle(&dir.path().join("main.css")).expect("valid CSS"),
            "@layer early{p{margin:1px}}@layer late{p{margin:0}}"
        );
    }

    #[test]
    fn names_the_file_that_is_missing() {
        let dir = tempfile::tempdir().expect("a temporary directory");
        let entry = dir.path().join("main.css");
        std::fs::write(&entry, "@import \"gone.css\";").expect("written");
        let error = bundle(&entry).expect_err("gone.css is not there");
        assert!(error.to_string().contains("gone.css"), "{error}");
    }

    #[test]
    fn leaves_modern_declarations_alone() {
        for declaration in [
            "color:light-dark(#111,#eee)",
            "color:light-dark(oklch(20% .02 260),oklch(95% .01 260))",
            "color:light-dark(var(--ink-day),var(--ink-night))",
            "background:color-mix(in oklch,var(--a) 20%,transparent)",
            "background:oklch(from var(--a) l c h/.5)",
            "field-sizing:content",
            "text-wrap:pretty",
            "inset-inline-start:0",
            "padding-block:1rem",
            "interpolate-size:allow-keywords",
            "scrollbar-gutter:stable",
            "block-size:100dvb",
            "anchor-name:--menu",
            "overflow-anchor:none",
            "content-visibility:auto",
            "contain-intrinsic-size:auto 6rem",
            "font-size:clamp(1rem,.9rem + .5vw,1.25rem)",
        ] {
            let out = bundled(&format!("a{{{declaration}}}"));
            assert!(out.contains(declaration), "{declaration} became {out}");
        }
    }

    #[test]
    fn leaves_modern_rules_alone() {
        for (rule, kept) in [
            ("a{&:hover{color:red}}", "&:hover{color:red}"),
            (
                "@media (width>=48rem){a{color:red}}",
                "@media (width>=48rem)",
            ),
            (
                "@container (width<30rem){a{color:red}}",
                "@container (width<30rem)",
            ),
            (
                "@starting-style{a{opacity:0}}",
                "@starting-style{a{opacity:0}}",
            ),
            (
                "@view-transition{navigation:auto}",
                "@view-transition{navigation:auto}",
            ),
            ("a:has(>img){color:red}", "a:has(>img)"),
            ("dialog::backdrop{opacity:.5}", "dialog::backdrop"),
            (
                "@property --x{syntax:\"<angle>\";inherits:false;initial-value:0deg}",
                "@property --x",
            ),
            (
                "@supports (field-sizing:content){a{color:red}}",
                "@supports (field-sizing:content)",
            ),
            (
                "details::details-content{height:0}",
                "details::details-content",
            ),
        ] {
            let out = bundled(rule);
            assert!(out.contains(kept), "{rule} became {out}");
        }
    }

    #[test]
    fn the_sheets_of_some_pages_are_parts_of_the_whole_in_its_order() {
        let imports = |entry: &str| -> Vec<String> {
            let dir = Path::new(env!("CARGO_MANIFEST_DIR")).join("../style");
            let text = std::fs::read_to_string(dir.join(entry)).expect("a sheet");
            let imports = text.lines().filter(|line| line.starts_with("@import"));
            imports.map(str::to_owned).collect()
        };
        let whole = imports("main.css");
        for entry in ["chat-page.css", "entrance-page.css"] {
            let own = imports(entry);
            let kept: Vec<_> = whole.iter().filter(|one| own.contains(one)).collect();
            assert!(own.iter().eq(kept), "{entry}");
        }
    }
}
