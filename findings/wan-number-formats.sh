#!/usr/bin/env bash
# Spreadsheet libraries show a wage of 6.5万 as .65万 or make 65.0万 of it, lose 元/月, and write $ for a Chinese locale.
#
# Chinese tables write ten thousands with a format: 0\.0,"万" divides by a thousand (the comma) and puts a literal point
# before the last digit, so that 65000 reads 6.5万 (ECMA-376 Part 1, 18.8.31; npm numfmt 4.0.1 shows it so).
# Seen with npm xlsx (SheetJS) 0.18.5 and exceljs 4.4.0:
#   * SheetJS takes the literal point for the decimal one as well: .65万, a tenth, in its CSV and in the text of the cell.
#   * exceljs takes the backslash out when it reads: the format is then 0.0,"万", and a workbook that was only
#     read and written again shows 65.0万, ten times as much.
#   * SheetJS drops what stands behind General: 3500.5 with General"元/月" is 3500.5.
#   * SheetJS reads the locale [$-804] as a currency: 4500 with [$-804]General is $4500, with [DBNum1] before it, too.
# So a converter in front of a kiosk can show a resident a tenth of the wage, ten times the wage, dollars, or a yearly
# wage without its 元/年, and nothing warns of it. Read the figure and the format, and apply the format yourself.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
npm install --silent --no-audit --no-fund --prefix "$work" xlsx@0.18.5 exceljs@4.4.0 numfmt@4.0.1 >/dev/null

cat >show.mjs <<'JS'
import { createRequire } from "node:module";
import { format } from "numfmt";
const require = createRequire(import.meta.url);
const [sheetjs, exceljs] = [require("xlsx"), require("exceljs")];
const cells = [
  [65000, '0\\.0,"万"'], [60000, '0"元/年"'], [3500.5, 'General"元/月"'],
  [4500, "[$-804]General"], [4500, '[DBNum1][$-804]General"元"'],
];
const sheet = { "!ref": `A1:A${cells.length}` };
cells.forEach(([v, z], at) => { sheet[`A${at + 1}`] = { t: "n", v, z }; });
const bytes = sheetjs.write({ SheetNames: ["s"], Sheets: { s: sheet } }, { type: "buffer", bookType: "xlsx" });
const lines = sheetjs.utils.sheet_to_csv(sheetjs.read(bytes).Sheets.s).split("\n");
const book = new exceljs.Workbook();
await book.xlsx.load(bytes);
cells.forEach(([v, z], at) => {
  const read = book.worksheets[0].getCell(`A${at + 1}`).numFmt;
  console.log(`${v} ${z} | numfmt ${format(z, v)} | sheetjs ${lines[at]} | exceljs reads ${read}, which is ${format(read, v)}`);
});
JS
node show.mjs | tee seen
cat >expected <<'SEEN'
65000 0\.0,"万" | numfmt 6.5万 | sheetjs .65万 | exceljs reads 0.0,"万", which is 65.0万
60000 0"元/年" | numfmt 60000元/年 | sheetjs 60000元/年 | exceljs reads 0"元/年", which is 60000元/年
3500.5 General"元/月" | numfmt 3500.5元/月 | sheetjs 3500.5 | exceljs reads General"元/月", which is 3500.5元/月
4500 [$-804]General | numfmt 4500 | sheetjs $4500 | exceljs reads [$-804]General, which is 4500
4500 [DBNum1][$-804]General"元" | numfmt 4500元 | sheetjs $4500元 | exceljs reads [DBNum1][$-804]General"元", which is 4500元
SEEN
diff expected seen
echo "as described"
