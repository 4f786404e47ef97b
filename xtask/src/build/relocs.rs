//! A linked module together with what the linker knew: which bytes name a function, a datum, a table's entry.
//!
//! `--emit-relocs` leaves that beside the code. It is what makes it safe to take functions and data out again: nothing
//! is guessed from a number that might be an address. What must not enter: any opinion on what is to be taken out.

use std::{
    collections::{HashMap, HashSet},
    ops::Range,
};

use anyhow::{Context, Result, bail};
use wasmparser::{
    DataKind, KnownCustom, Linking, Name, NameSectionReader, Operator, Parser, Payload,
    RelocAddendKind, RelocSectionReader, RelocationEntry, RelocationType, SymbolInfo, TypeRef,
};

/// A module that can be changed in place: every change keeps the length of what is there.
#[derive(Debug, Default)]
pub struct Linked {
    /// The module's bytes.
    pub bytes: Vec<u8>,
    /// Bodies of the functions that are defined here, each from its locals to its `end`.
    pub bodies: Vec<Range<usize>>,
    /// How many functions are imported; the first body is the function of this number.
    pub imported: u32,
    /// Mangled names by a function's number.
    pub names: HashMap<u32, String>,
    /// Data by symbol.
    pub data: Vec<Datum>,
    code: Section,
    statics: Section,
}

/// A datum that has a symbol of its own.
#[derive(Clone, Copy, Debug)]
pub struct Datum {
    /// The number by which the linker's entries name it.
    pub symbol: u32,
    /// Where its bytes are in the module.
    pub at: usize,
    pub size: usize,
    /// Where it will be in the browser's memory.
    pub address: u32,
}

/// A section with what is to be said about its bytes.
#[derive(Debug, Default)]
struct Section {
    start: usize,
    /// The whole custom section that holds the entries, its head included.
    table: Range<usize>,
    number: u32,
    entries: Vec<Entry>,
}

/// What the linker says about the number at `at`.
#[derive(Debug)]
struct Entry {
    at: usize,
    said: RelocationEntry,
}

impl Linked {
    /// Reads a module.
    ///
    /// # Errors
    /// When it is no WebAssembly.
    pub fn read(bytes: Vec<u8>) -> Result<Self> {
        let mut linked = Self::default();
        let mut symbols = Vec::new();
        let mut segments = Vec::new();
        let (mut sections, mut code, mut statics) = (0, None, None);
        for payload in Parser::new(0).parse_all(&bytes) {
            let payload = payload.context("cannot read the WASM")?;
            match &payload {
                Payload::ImportSection(imports) => {
                    for import in imports.clone().into_imports() {
                        linked.imported += u32::from(matches!(import?.ty, TypeRef::Func(_)));
                    }
                }
                Payload::CodeSectionStart { range, .. } => {
                    linked.code.start = place(range.start)?;
                    code = Some(sections);
                }
                Payload::CodeSectionEntry(body) => linked.bodies.push(span(body.range())?),
                Payload::DataSection(reader) => {
                    linked.statics.start = place(reader.range().start)?;
                    statics = Some(sections);
                    for segment in reader.clone() {
                        let segment = segment?;
                        let content = place(segment.range.end)? - segment.data.len();
                        segments.push((content, address(&segment.kind)?));
                    }
                }
                Payload::CustomSection(section) => match section.as_known() {
                    KnownCustom::Name(reader) => linked.read_names(reader)?,
                    KnownCustom::Linking(reader) => {
                        for part in reader.subsections() {
                            if let Linking::SymbolTable(map) = part? {
                                symbols = map.into_iter().collect::<Result<Vec<_>, _>>()?;
                            }
                        }
                    }
                    KnownCustom::Reloc(reader) => {
                        let number = Some(reader.section_index());
                        let whole = place(section.range().start)?;
                        let table = head_of(&bytes, whole)?..place(section.range().end)?;
                        if number == code {
                            linked.code.read(&reader, table)?;
                        } else if number == statics {
                            linked.statics.read(&reader, table)?;
                        }
                    }
                    _ => {}
                },
                _ => {}
            }
            sections += u32::from(payload.as_section().is_some());
        }
        for (symbol, info) in (0..).zip(symbols) {
            if let SymbolInfo::Data {
                symbol: Some(datum),
                ..
            } = info
                && let Some((content, base)) = segments.get(datum.index as usize)
            {
                linked.data.push(Datum {
                    symbol,
                    at: content + datum.offset as usize,
                    size: datum.size as usize,
                    address: base + datum.offset,
                });
            }
        }
        linked.bytes = bytes;
        Ok(linked)
    }

    /// The linker has said what it knew.
    pub fn is_linked(&self) -> bool {
        !self.code.entries.is_empty()
    }

    fn read_names(&mut self, reader: NameSectionReader<'_>) -> Result<()> {
        for part in reader {
            if let Name::Function(map) = part? {
                for name in map {
                    let name = name?;
                    self.names.insert(name.index, name.name.to_owned());
                }
            }
        }
        Ok(())
    }

    /// Functions that are defined here, by number.
    pub fn functions(&self) -> impl Iterator<Item = (u32, Range<usize>)> {
        (self.imported..).zip(self.bodies.clone())
    }

    /// Forgets what the linker said about bytes inside of `dead`, which are no longer what they were. The ranges are
    /// sorted and do not overlap.
    pub fn forget(&mut self, dead: &[Range<usize>]) {
        for section in [&mut self.code, &mut self.statics] {
            section.entries.retain(|entry| {
                let after = dead.partition_point(|range| range.end <= entry.at);
                dead.get(after).is_none_or(|range| entry.at < range.start)
            });
        }
    }

    /// Lets everything that points at one of `data` point at the `one` instead.
    pub fn unite(&mut self, data: &HashSet<u32>, one: u32) {
        for section in [&mut self.code, &mut self.statics] {
            for entry in &mut section.entries {
                let pointer = matches!(
                    entry.said.ty,
                    RelocationType::MemoryAddrLeb
                        | RelocationType::MemoryAddrSleb
                        | RelocationType::MemoryAddrI32
                );
                if pointer && entry.said.addend == 0 && data.contains(&entry.said.index) {
                    entry.said.index = one;
                }
            }
        }
    }

    /// The module, with what is still to be said about it.
    pub fn finish(self) -> Vec<u8> {
        let mut out = Vec::with_capacity(self.bytes.len());
        let mut from = 0;
        let mut sections = [(&self.code, "reloc.CODE"), (&self.statics, "reloc.DATA")];
        sections.sort_by_key(|(section, _)| section.table.start);
        for (section, name) in sections {
            if section.table.is_empty() {
                continue;
            }
            out.extend_from_slice(&self.bytes[from..section.table.start]);
            section.write(name, &mut out);
            from = section.table.end;
        }
        out.extend_from_slice(&self.bytes[from..]);
        out
    }
}

impl Section {
    fn read(&mut self, reader: &RelocSectionReader<'_>, table: Range<usize>) -> Result<()> {
        self.number = reader.section_index();
        self.table = table;
        for said in reader.entries() {
            let said = said?;
            self.entries.push(Entry {
                at: self.start + said.offset as usize,
                said,
            });
        }
        Ok(())
    }

    fn write(&self, name: &str, out: &mut Vec<u8>) {
        let mut content = Vec::new();
        unsigned(&mut content, name.len() as u64);
        content.extend_from_slice(name.as_bytes());
        unsigned(&mut content, u64::from(self.number));
        unsigned(&mut content, self.entries.len() as u64);
        for Entry { said, .. } in &self.entries {
            content.push(said.ty as u8);
            unsigned(&mut content, u64::from(said.offset));
            unsigned(&mut content, u64::from(said.index));
            if said.ty.addend_kind() != RelocAddendKind::None {
                signed(&mut content, said.addend);
            }
        }
        out.push(0);
        unsigned(out, content.len() as u64);
        out.extend_from_slice(&content);
    }
}

/// Where the section begins whose content is at `content`: one byte of kind, then the length, a LEB of up to five.
fn head_of(bytes: &[u8], content: usize) -> Result<usize> {
    for length in 1..=5 {
        let Some(head) = content.checked_sub(length + 1) else {
            break;
        };
        let digits = &bytes[head + 1..content];
        let whole = digits.iter().rev().skip(1).all(|digit| digit & 0x80 != 0)
            && digits[length - 1] & 0x80 == 0;
        let size = digits
            .iter()
            .rev()
            .fold(0, |sum, digit| sum << 7 | usize::from(digit & 0x7f));
        if bytes[head] == 0 && whole && content + size <= bytes.len() {
            return Ok(head);
        }
    }
    bail!("a section without a head")
}

/// Where a segment will be in memory; segments without a place of their own have no symbols either.
fn address(kind: &DataKind<'_>) -> Result<u32> {
    let DataKind::Active { offset_expr, .. } = kind else {
        return Ok(0);
    };
    match offset_expr.get_operators_reader().read()? {
        Operator::I32Const { value } => Ok(value.cast_unsigned()),
        other => bail!("a segment at {other:?}"),
    }
}

fn place(at: u64) -> Result<usize> {
    usize::try_from(at).context("a module of 4 GiB")
}

fn span(range: Range<u64>) -> Result<Range<usize>> {
    Ok(place(range.start)?..place(range.end)?)
}

fn unsigned(out: &mut Vec<u8>, mut value: u64) {
    while value >= 0x80 {
        out.push(value as u8 | 0x80);
        value >>= 7;
    }
    out.push(value as u8);
}

fn signed(out: &mut Vec<u8>, mut value: i64) {
    loop {
        let digit = value as u8 & 0x7f;
        value >>= 7;
        let done = matches!((value, digit & 0x40), (0, 0) | (-1, 0x40));
        out.push(if done { digit } else { digit | 0x80 });
        if done {
            return;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use wasmparser::BinaryReader;

    #[test]
    fn numbers_are_written_as_they_are_read() {
        for number in [
            0,
            1,
            -1,
            63,
            64,
            -64,
            -65,
            300,
            i64::from(i32::MIN),
            i64::from(u32::MAX),
        ] {
            let mut out = Vec::new();
            signed(&mut out, number);
            let read = BinaryReader::new(&out, 0).read_var_i64().expect("a number");
            assert_eq!(read, number);
        }
        for number in [0, 127, 128, 16_384, u64::from(u32::MAX)] {
            let mut out = Vec::new();
            unsigned(&mut out, number);
            let read = BinaryReader::new(&out, 0).read_var_u64().expect("a number");
            assert_eq!(read, number);
        }
    }

    #[test]
    fn finds_the_head_of_a_section_however_long_its_length_is_written() {
        for length in [&[3][..], &[0x83, 0], &[0x83, 0x80, 0]] {
            let mut bytes = vec![0];
            bytes.extend_from_slice(length);
            let content = bytes.len();
            bytes.extend_from_slice(b"abc");
            assert_eq!(head_of(&bytes, content).expect("a head"), 0);
        }
    }
}
