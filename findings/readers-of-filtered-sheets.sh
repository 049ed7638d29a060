#!/usr/bin/env bash
# Rows that a filter hides in a workbook are rows like others to those who read it for a program, and most
# cannot even be asked. python-calamine and pandas give five rows of a sheet of which a person sees two,
# and neither has a way to tell them apart; openpyxl gives five as well and keeps the mark (the attribute
# `hidden` of a row, ECMA-376 Part 1, 18.3.1.73) where who iterates over values does not meet it.
#
# Why it matters to a kiosk: an office filters its list for one town, looks at it, saves and hands it in.
# What is published then is the whole list, and everybody who looks into the file sees the part. Whoever
# imports sheets has to read that attribute by himself and say which rows nobody saw.
#
# Seen on python-calamine 0.4.0, pandas 2.2.3 and openpyxl 3.1.5:
#   a person sees 2 rows
#   python-calamine: 5 rows, asked for what is hidden: no such attribute
#   pandas: 5 rows
#   openpyxl: 5 rows, of which 3 are marked
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check \
    python-calamine==0.4.0 pandas==2.2.3 openpyxl==3.1.5
"$folder/venv/bin/python" - "$folder/list.xlsx" <<'PY'
import sys

import openpyxl
import pandas
import python_calamine

path = sys.argv[1]
book = openpyxl.Workbook()
sheet = book.active
sheet.append(["岗位", "乡镇"])
for number, town in enumerate(["甲镇", "乙镇", "甲镇", "乙镇", "乙镇"], 1):
    sheet.append([f"岗位{number}", town])
sheet.auto_filter.ref = "A1:B6"
sheet.auto_filter.add_filter_column(1, ["甲镇"])
for row in (3, 5, 6):
    sheet.row_dimensions[row].hidden = True
book.save(path)

calamine_sheet = python_calamine.CalamineWorkbook.from_path(path).get_sheet_by_index(0)
by_calamine = len(calamine_sheet.to_python()) - 1
may_be_asked = [name for name in dir(calamine_sheet) if "hidden" in name.lower()]
by_pandas = len(pandas.read_excel(path))
opened = openpyxl.load_workbook(path).active
by_openpyxl = sum(1 for _ in opened.iter_rows(min_row=2, values_only=True))
marked = sum(opened.row_dimensions[row].hidden for row in range(2, 7))
print(f"a person sees {5 - marked} rows")
print(f"python-calamine: {by_calamine} rows, asked for what is hidden: {may_be_asked or 'no such attribute'}")
print(f"pandas: {by_pandas} rows")
print(f"openpyxl: {by_openpyxl} rows, of which {marked} are marked")
seen = (by_calamine, may_be_asked, by_pandas, by_openpyxl, marked)
sys.exit(0 if seen == (5, [], 5, 5, 3) else 1)
PY
