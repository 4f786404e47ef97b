//! Functions that the linker keeps and that no page ever calls.
//!
//! An erased view carries a table of function pointers, one for every way of bringing it to life, whichever
//! way the page takes. The linker cannot see that a pointer in a table is never called; who reads the code of
//! the framework can. What must not enter: a name of which that has not been read.

use anyhow::{Context, Result, ensure};
use walrus::{FunctionBuilder, FunctionKind, Module};

/// What views keep for `hydrate_lazy`; the page is brought to life by `hydrate_body`, all at once. Each of some
/// hundred erased views holds on to a second copy of the code that hydrates it, a tenth of the page's WASM.
///
/// Only names whose code is like no other: the compiler makes one function of several that are equal, under any
/// of their names. These are futures of their own, the functions that box them, and closures that panic at lines
/// of their own. (`tachys::view::any_view::IntoAny` and `tachys::reactive_graph`; `leptos::mount::hydrate_lazy`
/// alone calls them.)
pub const LAZY_HYDRATION: &[&str] = &[
    "8into_any13hydrate_async",
    "13hydrate_async28_$u7b$$u7b$closure$u7d$$u7d$28_$u7b$$u7b$closure$u7d$$u7d$17h",
];

/// Empties the functions whose mangled names contain one of `names`, and drops everything that only they
/// called. A page that calls one all the same stops there, and its tests fail.
///
/// # Errors
/// When `wasm` is no WebAssembly, or a name is in none of its functions: the framework has changed, and has to
/// be read again.
pub fn empty(wasm: &[u8], names: &[&str]) -> Result<Vec<u8>> {
    let mut module = Module::from_buffer(wasm).context("cannot read the WASM")?;
    for name in names {
        let found: Vec<_> = module
            .funcs
            .iter_local()
            .filter(|(id, _)| is_named(&module, *id, name))
            .map(|(id, function)| (id, function.ty(), function.args.clone()))
            .collect();
        ensure!(!found.is_empty(), "no function is named {name}");
        for (id, ty, args) in found {
            let (params, results) = module.types.params_results(ty);
            let (params, results) = (params.to_vec(), results.to_vec());
            let mut body = FunctionBuilder::new(&mut module.types, &params, &results);
            body.func_body().unreachable();
            module.funcs.get_mut(id).kind = FunctionKind::Local(body.local_func(args));
        }
    }
    walrus::passes::gc::run(&mut module);
    Ok(module.emit_wasm())
}

fn is_named(module: &Module, id: walrus::FunctionId, name: &str) -> bool {
    let function = module.funcs.get(id).name.as_deref();
    function.is_some_and(|function| function.contains(name))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Three functions: `live`, one for lazy hydration, which is kept as well, and `behind`, which only that calls.
    fn module() -> Vec<u8> {
        let mut module = Module::default();
        let mut function = |name: &str, calls: Option<walrus::FunctionId>| {
            let mut body = FunctionBuilder::new(&mut module.types, &[], &[]);
            body.name(name.to_owned());
            if let Some(callee) = calls {
                body.func_body().call(callee);
            }
            body.finish(Vec::new(), &mut module.funcs)
        };
        let behind = function("behind", None);
        let lazy = function("_ZN8into_any13hydrate_async17h01E", Some(behind));
        let live = function("live", None);
        module.exports.add("live", live);
        module.exports.add("kept", lazy);
        module.emit_wasm()
    }

    fn names(wasm: &[u8]) -> Vec<String> {
        let module = Module::from_buffer(wasm).expect("valid");
        let mut names: Vec<_> = module.funcs.iter().filter_map(|f| f.name.clone()).collect();
        names.sort();
        names
    }

    #[test]
    fn drops_what_only_an_emptied_function_called() {
        let before = module();
        assert_eq!(names(&before).len(), 3);
        let after = empty(&before, &LAZY_HYDRATION[..1]).expect("emptied");
        assert_eq!(names(&after), ["_ZN8into_any13hydrate_async17h01E", "live"]);
    }

    #[test]
    fn says_so_when_the_framework_no_longer_has_such_a_function() {
        let error = empty(&module(), &["9renamed"]).expect_err("there is none");
        assert!(error.to_string().contains("9renamed"), "{error}");
    }
}
