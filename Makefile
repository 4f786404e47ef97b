# Names for what `cargo xtask` does; `make` alone lists them. Arguments of `browser` go to Playwright:
#   make browser ARGS="--project=chromium tests/chat"
.DEFAULT_GOAL := help
.PHONY: help tools run dev test browser chaos dist bench bench-page shots setup fmt audit

help:
	@echo "make run      build and serve on http://127.0.0.1:3000, nothing to configure"
	@echo "make dev      the same, rebuilt whenever a file changes"
	@echo "make test     format, clippy, Rust tests, browser tests; the last line is the count"
	@echo "make browser  the browser tests alone (PARLANCE_BIN=dist/parlance tests that binary)"
	@echo "make chaos    the streaming engine under kills, cuts and faults, in full, with its figures"
	@echo "make dist     dist/parlance: one self-contained binary, and its bill of materials"
	@echo "make bench    size, start-up, memory, and load of dist/parlance beside its provider"
	@echo "make bench-page  bytes, moments, memory and Lighthouse of the page of dist/parlance"
	@echo "make shots    pictures of every page and state, both themes, three widths, two languages"
	@echo "make setup    install what these need"
	@echo "make fmt      format the Rust sources"
	@echo "make audit    known advisories, licences and sources of all dependencies (needs cargo-deny)"

# The two things that the build tool cannot install, because it is built with them.
tools:
	@command -v cargo >/dev/null || { \
	  echo "Rust is missing: install rustup from https://rustup.rs, then try again." >&2; exit 1; }
	@command -v cc >/dev/null || { \
	  echo "A C compiler is missing. On Debian and Ubuntu: sudo apt-get install -y gcc libc6-dev" >&2; exit 1; }

# Not the alias `cargo xtask`, which is silent: the first time this compiles for a minute.
run dev test dist bench setup: tools
	@cargo run --package xtask -- $@

browser: tools
	@cargo run --package xtask -- browser $(ARGS)

# make bench-page ARGS="load"
bench-page shots: tools
	@cargo run --package xtask -- $@ $(ARGS)

# make chaos ARGS="chaos::kills"
chaos: tools
	@cargo run --package xtask -- chaos $(ARGS)

fmt: tools
	@cargo fmt --all

audit: tools
	@command -v cargo-deny >/dev/null || { \
	  echo "cargo-deny is missing: cargo install --locked cargo-deny" >&2; exit 1; }
	@cargo deny check
