#!/usr/bin/env bash
# Exports of Chinese offices named .xls are often web pages or XML in GBK: two libraries spoil or refuse them.
#
# Many office systems write a table of HTML, or the XML of Excel 2003 (SpreadsheetML), declare charset gb2312 and call it
# .xls; spreadsheet programs open both. Seen with npm xlsx (SheetJS) 0.18.5 and PyPI pandas 2.2.3 with xlrd 2.0.1:
#   * SheetJS reads both as UTF-8, whatever the page's meta or the XML's declaration says, and whatever its own option
#     codepage says: characters, and the sheet's name, become U+FFFD or other ones, without an error.
#   * Of a cell that shows 1.38E+10 and carries its figure (x:num="13800001111", as Excel writes it) SheetJS makes
#     13800000000: a telephone that is somebody else's. 05 becomes 5.
#   * pandas says that the format "cannot be determined" and asks for an engine; none of its engines reads either.
# So a kiosk that leaves imports to them shows broken characters or other telephones, or turns the clerk away.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
npm install --silent --no-audit --no-fund --prefix "$work" xlsx@0.18.5 >/dev/null
python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check pandas==2.2.3 xlrd==2.0.1

cat >make.py <<'PY'
page = ('<html><head><meta http-equiv="Content-Type" content="text/html; charset=gb2312"></head><body><table>'
        '<tr><td>单位</td><td>电话</td><td>代码</td></tr>'
        '<tr><td>测试厂</td><td x:num="13800001111">1.38E+10</td><td>05</td></tr></table></body></html>')
spreadsheet = "urn:schemas-microsoft-com:office:spreadsheet"
cell = lambda text: f'<Cell><Data ss:Type="String">{text}</Data></Cell>'
book = (f'<?xml version="1.0" encoding="gb2312"?><Workbook xmlns="{spreadsheet}" xmlns:ss="{spreadsheet}">'
        f'<Worksheet ss:Name="岗位"><Table><Row>{cell("单位")}</Row><Row>{cell("测试厂")}</Row></Table></Worksheet></Workbook>')
for name, text in ("page", page), ("book", book):
    open(f"{name}.xls", "wb").write(text.encode("gb2312"))
PY
cat >read.js <<'JS'
const xlsx = require("xlsx");
for (const name of ["page", "book"]) {
  for (const options of [{}, { codepage: 936 }]) {
    const said = JSON.stringify(options);
    const book = xlsx.readFile(`${name}.xls`, options);
    const rows = xlsx.utils.sheet_to_json(book.Sheets[book.SheetNames[0]], { header: 1 });
    const all = JSON.stringify(rows);
    const [broken, right] = [all.includes("\uFFFD"), all.includes("单位") || all.includes("测试厂")];
    console.log(`sheetjs ${name} ${said}: broken ${broken}, right ${right}, ${JSON.stringify(rows[1].slice(1))}`);
  }
}
JS
cat >read.py <<'PY'
import pandas
for name in "page", "book":
    for engine in None, "xlrd":
        try:
            print("pandas", name, engine, pandas.read_excel(f"{name}.xls", engine=engine).shape)
        except Exception as error:
            print("pandas", name, engine, type(error).__name__)
PY
venv/bin/python make.py
{ node read.js; venv/bin/python read.py; } | tee seen
cat >expected <<'SEEN'
sheetjs page {}: broken true, right false, [13800000000,5]
sheetjs page {"codepage":936}: broken true, right false, [13800000000,5]
sheetjs book {}: broken true, right false, []
sheetjs book {"codepage":936}: broken true, right false, []
pandas page None ValueError
pandas page xlrd XLRDError
pandas book None ValueError
pandas book xlrd XLRDError
SEEN
diff expected seen
echo "as described"
