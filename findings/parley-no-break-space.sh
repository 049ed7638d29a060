#!/usr/bin/env bash
# parley, which lays out the text of Slint and others, ends a line at a no-break space (U+00A0) when
# it is the space itself that does not fit any more: it hangs beyond the edge like any other space, and the
# line ends behind it. Where the letter behind the space is the first that does not fit, the line ends
# before the figure, as it should.
#
# Why it matters to a kiosk: a figure and its unit, "2 号窗口", are kept together with U+00A0, and at one
# width in twenty the 2 stands alone at the end of a line all the same. U+2060 without a space
# holds at every width.
#
# Seen on parley 0.11.1, "aaaa 2<U+00A0>window" in Roboto of 20 px, each width from that of "aaaa" to that of all:
#   no-break space: the line ended behind it at 5 widths of 89
#   word joiner in its place: at 0
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check font-roboto==0.0.1
font=$(find "$folder/venv" -name 'Roboto-Regular.ttf' | head -n 1)
mkdir -p "$folder/src"
cat >"$folder/Cargo.toml" <<'TOML'
[package]
name = "try"
version = "0.0.0"
edition = "2024"

[dependencies]
parley = "=0.11.1"
TOML
cat >"$folder/src/main.rs" <<'RUST'
use parley::{FontContext, FontFamily, Layout, LayoutContext, StyleProperty};

/// How many whole widths there are at which a line ends between the figure and what follows it.
fn parted(fonts: &mut FontContext, text: &str) -> (usize, usize) {
    let mut context = LayoutContext::new();
    let mut lay = |text: &str, width: Option<f32>| {
        let mut builder = context.ranged_builder(fonts, text, 1.0, true);
        builder.push_default(StyleProperty::FontSize(20.0));
        builder.push_default(FontFamily::named("Roboto"));
        let mut layout: Layout<[u8; 4]> = builder.build(text);
        layout.break_all_lines(width);
        layout
    };
    let (least, most) = (lay("aaaa", None).width().ceil(), lay(text, None).width().floor());
    let figure = text.find('2').expect("there") + 1;
    let widths: Vec<u32> = (least as u32..most as u32).collect();
    let parted = widths.iter().filter(|width| {
        let layout = lay(text, Some(**width as f32));
        layout.lines().any(|line| {
            let end = line.text_range().end;
            end >= figure && end < text.find('w').expect("there") + 1 && end < text.len()
        })
    });
    (parted.count(), widths.len())
}

fn main() {
    let font = std::fs::read(std::env::args().nth(1).expect("a font")).expect("read");
    let mut fonts = FontContext::new();
    fonts.collection.register_fonts(font.into(), None);
    let (spaces, widths) = parted(&mut fonts, "aaaa 2\u{A0}window");
    println!("no-break space: the line ended behind it at {spaces} widths of {widths}");
    let (joined, _) = parted(&mut fonts, "aaaa 2\u{2060}window");
    println!("word joiner in its place: at {joined}");
    std::process::exit(i32::from((spaces, widths, joined) != (5, 89, 0)));
}
RUST
cd "$folder"
cargo run --quiet -- "$font"
