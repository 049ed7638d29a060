"""Orders the glyphs of a font by how often the pages need them, so that what is drawn lies together:
of a file of 11 MB only the pages that are read are in memory.

    pip install fonttools
    order.py PUBLISHED.otf ORDERED.otf

First what stands in the pages' own words and the shipped settings, the most frequent first; then the characters of
GB 2312 in its own order, which has the common ones first; then all others as they were. Nothing but the
order changes."""
import collections
import pathlib
import sys

from fontTools.ttLib import TTFont
from fontTools.ttLib.reorderGlyphs import reorderGlyphs


def counted():
    root = pathlib.Path(__file__).resolve().parents[3]
    texts = [*root.glob("ui/**/*.slint"), *root.glob("ui/**/*.po"), *root.glob("kiosk-config/**/*.*")]
    count = collections.Counter()
    for text in texts:
        if text.suffix in (".slint", ".po", ".toml", ".json", ".csv"):
            count.update(text.read_text(encoding="utf-8"))
    return [c for c, _ in sorted(count.items(), key=lambda of: (-of[1], of[0]))]


def gb2312():
    for row in range(0xA1, 0xF8):
        for cell in range(0xA1, 0xFF):
            try:
                yield bytes((row, cell)).decode("gb2312")
            except UnicodeDecodeError:
                pass


def main(source, target):
    font = TTFont(source, recalcTimestamp=False)
    before = list(font.getGlyphOrder())
    cmap = font.getBestCmap()
    first = [before[0]]
    wanted = [chr(c) for c in range(0x20, 0x7F)] + counted() + list(gb2312())
    first += [cmap[ord(c)] for c in wanted if ord(c) in cmap]
    order = list(dict.fromkeys(first + before))

    top = font["CFF "].cff.topDictIndex[0]
    strings = top.CharStrings
    at = {name: index for index, name in enumerate(before)}
    fonts = list(top.FDSelect.gidArray)
    index = strings.charStringsIndex
    items = [index[strings.charStrings[name]] for name in order]
    reorderGlyphs(font, order)
    index.items = items
    strings.charStrings = {name: number for number, name in enumerate(order)}
    top.FDSelect.gidArray = [fonts[at[name]] for name in order]
    font.save(target, reorderTables=False)


if __name__ == "__main__":
    main(*sys.argv[1:])
