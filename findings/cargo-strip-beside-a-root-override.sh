#!/usr/bin/env bash
# Cargo: a profile with `strip = "symbols"` leaves the symbols in the program as soon as the same profile has an
# override for the root package, whatever the override says (here the same optimisation). Nothing warns; a program
# of this project's size was 7 MB larger than its profile said. Overrides for dependencies do no harm.
# Seen with cargo 1.95.0 on Linux x86-64.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
version=$(cargo --version)
mkdir src
cat > src/main.rs <<'RUST'
fn main() {
    println!("{}", std::env::args().count());
}
RUST
manifest() {
    cat > Cargo.toml <<'TOML'
[package]
name = "small"
version = "0.1.0"
edition = "2024"

[profile.ship]
inherits = "release"
opt-level = "s"
strip = "symbols"
TOML
}
symbols() {
    cargo build --quiet --offline --profile ship
    if readelf -S target/ship/small | grep -q '\.symtab'; then echo yes; else echo no; fi
}
manifest
without=$(symbols)
printf '\n[profile.ship.package.small]\nopt-level = "s"\n' >> Cargo.toml
with=$(symbols)
echo "$version: symbols without an override: $without, with one for the root package: $with"
[ "$without $with" = "no yes" ] || { echo "this has changed" >&2; exit 1; }
