#!/usr/bin/env bash
# The packaged web font Noto Sans SC lacks 704 of the 8,105 characters that the national list of 2013 (通用规范汉字表)
# names for people and places.
#
# Seen with npm @fontsource/noto-sans-sc 5.3.0: its 102 pieces of the regular weight hold 13,655 characters together,
# but not U+36C3 and U+4DAE, which stand in people's names, nor U+6F39, in the name of a town of Sichuan (Jiajiang county).
# GB 18030-2022 asks for all 8,105 from its second level on, and systems for public services must reach the third. The
# full Noto Sans SC has them; it is the cutting into pieces for the web that leaves them out, and no version number says so.
# So a web kiosk with this font shows a resident's name in another face, or as a box, though "the font is Noto Sans SC".
#
# The list comes from the Unihan database (property kTGH) in Debian's unicode-data 15.0.0-1.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
npm install --silent --no-audit --no-fund --prefix "$work" @fontsource/noto-sans-sc@5.3.0 >/dev/null
python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check fonttools==4.60.1 brotli==1.1.0
# An own folder for the download, because apt reads it as another user.
mkdir -m 755 deb && (cd deb && apt-get download -qq unicode-data=15.0.0-1 2>/dev/null)
dpkg-deb -x deb/*.deb unicode

cat >count.py <<'PY'
import bz2, glob
from fontTools.ttLib import TTFont

standard = set()
for name in glob.glob("unicode/usr/share/unicode/Unihan_*.txt.bz2"):
    for line in bz2.open(name, "rt", encoding="utf-8"):
        fields = line.split("\t")
        if len(fields) > 1 and fields[1] == "kTGH":
            standard.add(int(fields[0][2:], 16))
held = set()
pieces = glob.glob("node_modules/@fontsource/noto-sans-sc/files/*-400-normal.woff2")
for piece in pieces:
    held |= set(TTFont(piece, lazy=True).getBestCmap())
missing = standard - held
print(len(standard), "in the list,", len(held), "in", len(pieces), "pieces,", len(missing), "missing")
print(*(f"U+{point:04X} {'missing' if point in missing else 'held'}"
        for point in [0x36C3, 0x4DAE, 0x6F39, 0x5803]))
PY
venv/bin/python count.py | tee seen
cat >expected <<'SEEN'
8105 in the list, 13655 in 102 pieces, 704 missing
U+36C3 missing U+4DAE missing U+6F39 missing U+5803 held
SEEN
diff expected seen
echo "as described"
