//! Short names between the WASM and its loader.
//!
//! The generator ends the names of imports and of exported closures in sixteen digits of a hash, so that
//! modules can be linked together. Nothing compresses a hash, and each is there twice; once the loader is
//! written nobody but the two files reads them. What must not enter: names that anybody else calls.

use std::collections::HashMap;

use walrus::Module;

/// Digits of a hash at the end of a name.
const HASH: usize = 16;

/// Renames what ends in a hash, in `module` and in its loader alike, and gives the loader.
pub fn shorten(module: &mut Module, js: &str) -> String {
    let mut short = HashMap::new();
    let imports = module.imports.iter_mut().map(|import| &mut import.name);
    let exports = module.exports.iter_mut().map(|export| &mut export.name);
    for name in imports.chain(exports).filter(|name| is_hashed(name)) {
        let next = short.len();
        // The generator itself begins no name with a dollar sign.
        let to = short
            .entry(name.clone())
            .or_insert_with(|| format!("${next:x}"));
        name.clone_from(to);
    }
    let mut out = String::with_capacity(js.len());
    let mut rest = js;
    while let Some(at) = rest.find(is_of_a_name) {
        let (before, from) = rest.split_at(at);
        let end = from.find(|c| !is_of_a_name(c)).unwrap_or(from.len());
        let (name, after) = from.split_at(end);
        out.push_str(before);
        out.push_str(short.get(name).map_or(name, String::as_str));
        rest = after;
    }
    out.push_str(rest);
    out
}

fn is_hashed(name: &str) -> bool {
    name.len() > HASH && name.bytes().rev().take(HASH).all(|c| c.is_ascii_hexdigit())
}

fn is_of_a_name(c: char) -> bool {
    c.is_ascii_alphanumeric() || matches!(c, '_' | '$')
}

#[cfg(test)]
mod tests {
    use super::*;
    use walrus::FunctionBuilder;

    #[test]
    fn renames_on_both_sides_what_ends_in_a_hash_and_nothing_else() {
        let mut module = Module::default();
        let ty = module.types.add(&[], &[]);
        module.add_import_func("./page_bg.js", "__wbg_now_0123456789abcdef", ty);
        module.add_import_func("./page_bg.js", "__wbindgen_init", ty);
        let body = FunctionBuilder::new(&mut module.types, &[], &[]);
        let function = body.finish(Vec::new(), &mut module.funcs);
        module.exports.add("invoke__hfedcba9876543210", function);
        module.exports.add("hydrate", function);

        let js = "{ __wbg_now_0123456789abcdef: wasm.invoke__hfedcba9876543210, __wbindgen_init }";
        assert_eq!(shorten(&mut module, js), "{ $0: wasm.$1, __wbindgen_init }");
        let imports: Vec<_> = module.imports.iter().map(|i| i.name.as_str()).collect();
        let exports: Vec<_> = module.exports.iter().map(|e| e.name.as_str()).collect();
        assert_eq!(imports, ["$0", "__wbindgen_init"]);
        assert_eq!(exports, ["$1", "hydrate"]);
    }
}
