#!/usr/bin/env bash
# fontTools 4.68.0, reorderGlyphs() on an OpenType font whose CFF table is keyed by CID, as those of Chinese are.
#
# Expected: the same characters with the same outlines, under other glyph numbers (its documentation:
# everything that uses glyph indexes is reordered).
# Seen: the function gives the charset and the mapping of names to charstrings the new order, but the
# charstrings themselves stay in the old one, and so does FDSelect, which says by whose subroutines each is drawn. The
# saved font opens without an error and its cmap is right, but characters have other characters' outlines, or
# outlines that cannot be drawn at all.
#
# So crates/typeface/fonts/order.py puts charstrings and FDSelect into the new order itself.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
font=$here/../crates/typeface/fonts/NotoSansSC-Regular.otf
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" -q install fonttools==4.68.0
"$work/venv/bin/python" - "$font" "$work" <<'P'
import sys

from fontTools import subset
from fontTools.pens.recordingPen import RecordingPen
from fontTools.ttLib import TTFont
from fontTools.ttLib.reorderGlyphs import reorderGlyphs

source, work = sys.argv[1:]
words = "社保卡电焊工ABab12，。"
small, ordered = work + "/small.otf", work + "/ordered.otf"


def outline(font, character):
    pen = RecordingPen()
    try:
        font.getGlyphSet()[font.getBestCmap()[ord(character)]].draw(pen)
    except Exception as error:
        return type(error).__name__
    return pen.value


options = subset.Options()
options.layout_features = []
font = TTFont(source)
cutter = subset.Subsetter(options)
cutter.populate(text=words)
cutter.subset(font)
font.save(small)

font = TTFont(small)
assert hasattr(font["CFF "].cff.topDictIndex[0], "ROS"), "keyed by CID"
before = {c: outline(font, c) for c in words}
assert all(isinstance(of, list) for of in before.values())
font = TTFont(small)
names = font.getGlyphOrder()
reorderGlyphs(font, [names[0], *names[:0:-1]])
font.save(ordered)
font = TTFont(ordered)
after = {c: outline(font, c) for c in words}
other = [c for c in words if after[c] != before[c]]
print(f"fontTools 4.68.0: {len(other)} of {len(words)} characters have another outline: {''.join(other)}")
assert len(other) >= 5, "the finding has changed"
P
