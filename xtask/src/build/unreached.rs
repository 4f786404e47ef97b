//! Code that the linker keeps and that no page needs: functions that are never called, and the words of panics.
//!
//! An erased view carries a table of function pointers, one for every way of bringing it to life, whichever way the
//! page takes; the linker cannot see that a pointer in a table is never called. And every panic carries a place, a
//! text and the code that puts it together; in a browser nobody reads it, and the page ends there either way. Both are
//! emptied here, and what only they used goes with them when the module is split. Unoptimised builds keep all of it.
//! What must not enter: a name of which the code has not been read.

use std::{
    collections::{HashMap, HashSet},
    ops::Range,
};

use anyhow::{Result, ensure};
use wasmparser::{BinaryReader, FunctionBody, Operator};

use super::relocs::{Datum, Linked};

mod lists;

pub use lists::{NEVER_CALLED, UNREAD};

/// Functions that tell the generator of bindings what the others are like; it calls them.
const DESCRIPTION: &str = "__wbindgen_describe";

/// Functions that only ever panic, by parts of their mangled names. Emptied only if they end without returning.
const PANICS: &[&str] = &[
    "4core9panicking",
    "3std9panicking",
    "13unwrap_failed",
    "13expect_failed",
    "12wasm_bindgen9throw_str",
    "16slice_error_fail",
    "19slice_error_fail_rt",
    "7raw_vec12handle_error",
    "7raw_vec17capacity_overflow",
    "18handle_alloc_error",
];

const UNREACHABLE: u8 = 0x00;
const NOP: u8 = 0x01;
const END: u8 = 0x0b;
const I32_CONST: u8 = 0x41;

/// Empties the functions whose mangled names contain one of `names`, and everything that panics. A page that
/// calls one all the same stops there, and its tests fail. Those of `unread` only come back at once.
///
/// # Errors
/// When `module` was linked without relocations, or a name is in none of its functions: the framework has changed,
/// and has to be read again.
pub fn empty(module: Vec<u8>, names: &[&str], unread: &[&str]) -> Result<Vec<u8>> {
    let mut module = Linked::read(module)?;
    ensure!(module.is_linked(), "linked without --emit-relocs");
    take_out(&mut module, names, unread)?;
    Ok(module.finish())
}

fn take_out(module: &mut Linked, names: &[&str], unread: &[&str]) -> Result<()> {
    let mut dead = Vec::new();
    for (name, end) in [
        (names, blank as fn(&mut [u8], &Range<usize>)),
        (unread, hush),
    ]
    .into_iter()
    .flat_map(|(names, end)| names.iter().map(move |name| (name, end)))
    {
        let found = bodies_named(module, name);
        ensure!(!found.is_empty(), "no function is named {name}");
        for body in found {
            end(&mut module.bytes, &body);
            dead.push(body);
        }
    }
    let mut never = HashSet::new();
    for (number, body) in module.functions().collect::<Vec<_>>() {
        let named = module
            .names
            .get(&number)
            .is_some_and(|name| PANICS.iter().any(|part| name.contains(part)));
        if named && ends_nowhere(&module.bytes, &body)? {
            blank(&mut module.bytes, &body);
            dead.push(body);
            never.insert(number);
        }
    }
    ensure!(!never.is_empty(), "nothing panics");
    loop {
        let before = never.len();
        for (number, body) in module.functions().collect::<Vec<_>>() {
            if !never.contains(&number) && cut(module, body, &never, &mut dead)? {
                never.insert(number);
            }
        }
        if never.len() == before {
            break;
        }
    }
    let places = places(module);
    if let Some(first) = places.first() {
        let bytes = first.at..first.at + first.size;
        module.bytes[bytes.clone()].fill(0);
        dead.push(bytes);
        module.unite(
            &places.iter().map(|place| place.symbol).collect(),
            first.symbol,
        );
    }
    module.forget(&merged(dead));
    Ok(())
}

fn bodies_named(module: &Linked, part: &str) -> Vec<Range<usize>> {
    let of = |(number, body): (u32, Range<usize>)| {
        let name = module.names.get(&number)?;
        (name.contains(part) && !name.contains(DESCRIPTION)).then_some(body)
    };
    module.functions().filter_map(of).collect()
}

/// The places in the source that panics would name (`core::panic::Location`): the file's name with its length, a line
/// and a column.
fn places(module: &Linked) -> Vec<Datum> {
    let by_address: HashMap<u32, usize> = module
        .data
        .iter()
        .map(|datum| (datum.address, datum.at))
        .collect();
    let is_place = |datum: &Datum| {
        let bytes = module.bytes.get(datum.at..datum.at + datum.size)?;
        let mut words = bytes
            .chunks_exact(4)
            .map(|word| u32::from_le_bytes([word[0], word[1], word[2], word[3]]));
        let [file, length, line, column] =
            [words.next()?, words.next()?, words.next()?, words.next()?];
        let at = *by_address.get(&file)?;
        let file = module.bytes.get(at..at + length as usize)?;
        let looks = datum.size == 16 && file.ends_with(b".rs") && line < 100_000 && column < 1000;
        looks.then_some(())
    };
    module
        .data
        .iter()
        .filter(|datum| is_place(datum).is_some())
        .copied()
        .collect()
}

/// No locals, and `Ok(())`: of a `fmt`, which answers one number.
fn hush(bytes: &mut [u8], body: &Range<usize>) {
    let [locals, constant, zero, rest @ .., end] = &mut bytes[body.clone()] else {
        return;
    };
    *locals = 0;
    *constant = I32_CONST;
    *zero = 0;
    rest.fill(NOP);
    *end = END;
}

/// No locals, and a trap.
fn blank(bytes: &mut [u8], body: &Range<usize>) {
    let [locals, trap, rest @ .., end] = &mut bytes[body.clone()] else {
        return;
    };
    *locals = 0;
    *trap = UNREACHABLE;
    rest.fill(NOP);
    *end = END;
}

fn operators<'a>(bytes: &'a [u8], body: &Range<usize>) -> Result<Vec<(Operator<'a>, usize)>> {
    let reader = BinaryReader::new(&bytes[body.clone()], body.start as u64);
    let operators = FunctionBody::new(reader).get_operators_reader()?;
    let with_places = operators.into_iter_with_offsets();
    with_places
        .map(|item| {
            item.map(|(operator, at)| (operator, at as usize))
                .map_err(Into::into)
        })
        .collect()
}

fn ends_nowhere(bytes: &[u8], body: &Range<usize>) -> Result<bool> {
    let operators = operators(bytes, body)?;
    let last = operators.len().checked_sub(2).map(|at| &operators[at].0);
    Ok(matches!(last, Some(Operator::Unreachable)))
}

/// Cuts off what leads to a certain end and nowhere else: the words of a panic, from the last fork in the road up to
/// the call that never returns. Stores are cut as well, for nobody looks at the memory afterwards. True says that the
/// whole function never returns.
fn cut(
    module: &mut Linked,
    body: Range<usize>,
    never: &HashSet<u32>,
    dead: &mut Vec<Range<usize>>,
) -> Result<bool> {
    let mut cuts = Vec::new();
    let mut straight = true;
    let mut all = false;
    {
        let operators = operators(&module.bytes, &body)?;
        let mut from = operators.first().map_or(body.end, |(_, at)| *at);
        for (place, (operator, at)) in operators.iter().enumerate() {
            let next = operators.get(place + 1).map_or(body.end, |(_, at)| *at);
            match operator {
                Operator::Call { function_index } if never.contains(function_index) => {
                    cuts.push(from..next);
                    all |= straight;
                    from = next;
                }
                Operator::Unreachable => {
                    if from < *at {
                        cuts.push(from..next);
                    }
                    all |= straight;
                    from = next;
                }
                Operator::Call { function_index } => {
                    // What is said to the browser on the way is not ours to drop.
                    straight &= *function_index >= module.imported;
                    from = next;
                }
                Operator::Nop => {}
                Operator::Block { .. }
                | Operator::Loop { .. }
                | Operator::If { .. }
                | Operator::Else
                | Operator::End
                | Operator::Br { .. }
                | Operator::BrIf { .. }
                | Operator::BrTable { .. }
                | Operator::Return
                | Operator::CallIndirect { .. } => {
                    straight = false;
                    from = next;
                }
                _ => {}
            }
        }
    }
    let changed: Vec<_> = cuts
        .into_iter()
        .filter(|range| {
            let bytes = &module.bytes[range.clone()];
            bytes.first() != Some(&UNREACHABLE) || bytes[1..].iter().any(|byte| *byte != NOP)
        })
        .collect();
    for range in changed {
        let bytes = &mut module.bytes[range.clone()];
        bytes.fill(NOP);
        bytes[0] = UNREACHABLE;
        dead.push(range);
    }
    Ok(all)
}

/// In order, and without overlaps.
fn merged(mut ranges: Vec<Range<usize>>) -> Vec<Range<usize>> {
    ranges.sort_by_key(|range| range.start);
    let mut out: Vec<Range<usize>> = Vec::new();
    for range in ranges {
        match out.last_mut() {
            Some(last) if range.start < last.end => last.end = last.end.max(range.end),
            _ => out.push(range),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use walrus::{FunctionBuilder, FunctionId, Module, ValType};

    /// `live` stores something and panics if its argument says so; `fail` says why first. `lazy` is kept, and calls `behind`.
    fn module() -> Linked {
        let mut module = Module::default();
        let memory = module.memories.add_local(false, false, 1, None, None);
        let mut function =
            |name: &str, write: &dyn Fn(&mut walrus::InstrSeqBuilder, walrus::LocalId)| {
                let argument = module.locals.add(ValType::I32);
                let mut body = FunctionBuilder::new(&mut module.types, &[ValType::I32], &[]);
                body.name(name.to_owned());
                write(&mut body.func_body(), argument);
                body.finish(vec![argument], &mut module.funcs)
            };
        let panic: FunctionId =
            function("_ZN4core9panicking9panic_fmt17h01E", &|body, argument| {
                body.local_get(argument).drop().unreachable();
            });
        let fail = function("fail", &|body, argument| {
            body.local_get(argument).call(panic).unreachable();
        });
        let store = walrus::ir::StoreKind::I32 { atomic: false };
        let at = walrus::ir::MemArg {
            align: 4,
            offset: 0,
        };
        let live = function("live", &|body, argument| {
            body.i32_const(8).i32_const(1).store(memory, store, at);
            body.block(None, |block| {
                let here = block.id();
                block
                    .local_get(argument)
                    .br_if(here)
                    .i32_const(16)
                    .call(fail)
                    .unreachable();
            });
            body.i32_const(24).i32_const(2).store(memory, store, at);
        });
        let behind = function("behind", &|body, _| {
            body.i32_const(0).drop();
        });
        let lazy = function("_ZN8into_any13hydrate_async17h01E", &|body, argument| {
            body.local_get(argument).call(behind);
        });
        module.exports.add("live", live);
        module.exports.add("kept", lazy);
        Linked::read(module.emit_wasm()).expect("valid")
    }

    fn said(module: &Linked, name: &str) -> Vec<String> {
        let body = bodies_named(module, name).pop().expect("it is there");
        let operators = operators(&module.bytes, &body).expect("valid");
        let words = operators
            .iter()
            .map(|(operator, _)| format!("{operator:?}"));
        words
            .filter(|word| word != "Nop")
            .map(|word| word.split(' ').next().unwrap_or_default().to_owned())
            .collect()
    }

    #[test]
    fn a_panic_loses_its_words_and_nothing_else_does() {
        let mut module = module();
        take_out(&mut module, &NEVER_CALLED[..1], &[]).expect("taken out");
        assert_eq!(said(&module, "fail"), ["Unreachable", "Unreachable", "End"]);
        assert_eq!(
            said(&module, "live"),
            [
                "I32Const",
                "I32Const",
                "I32Store",
                "Block",
                "LocalGet",
                "BrIf",
                "Unreachable",
                "Unreachable",
                "End",
                "I32Const",
                "I32Const",
                "I32Store",
                "End",
            ]
        );
        assert_eq!(said(&module, "hydrate_async"), ["Unreachable", "End"]);
        Module::from_buffer(&module.bytes).expect("still valid");
    }

    #[test]
    fn words_that_nobody_reads_are_not_written() {
        let mut module = Module::default();
        let mut body = FunctionBuilder::new(&mut module.types, &[], &[ValType::I32]);
        body.name("fmt_of_it".to_owned());
        body.func_body().i32_const(7).drop().i32_const(1);
        let fmt = body.finish(Vec::new(), &mut module.funcs);
        let mut body = FunctionBuilder::new(&mut module.types, &[], &[]);
        body.name("_ZN4core9panicking9panic_fmt17h01E".to_owned());
        body.func_body().i32_const(0).drop().unreachable();
        let panic = body.finish(Vec::new(), &mut module.funcs);
        module.exports.add("fmt", fmt);
        module.exports.add("panic", panic);
        let mut module = Linked::read(module.emit_wasm()).expect("valid");
        take_out(&mut module, &[], &["fmt_of_it"]).expect("taken out");
        assert_eq!(said(&module, "fmt_of_it"), ["I32Const", "End"]);
        Module::from_buffer(&module.bytes).expect("still valid");
    }

    #[test]
    fn says_so_when_the_framework_no_longer_has_such_a_function() {
        let error = take_out(&mut module(), &["9renamed"], &[]).expect_err("there is none");
        assert!(error.to_string().contains("9renamed"), "{error}");
    }

    #[test]
    fn ranges_come_in_order_and_apart() {
        assert_eq!(merged(vec![5..9, 1..3, 6..7, 8..12]), [1..3, 5..12]);
    }
}
