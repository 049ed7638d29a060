#!/usr/bin/env bash
# Libraries that check Chinese identity numbers refuse people who hold a valid card, and put one code into two counties.
#
# Seen with npm id-validator 1.3.0, npm idcard 4.2.0 and PyPI id-validator 1.0.20:
#   * npm id-validator, given the division table that it ships, refuses every number of the residence permits for
#     people from Hong Kong, Macao and Taiwan (810000, 820000, 830000), though the check character is right.
#     Without the table it takes them; the other two libraries know them.
#   * All three (the first with its table) refuse the 18-character number of the foreigner's permanent residence
#     card of 2023 (leading 9), which ends in the same check character.
#   * 512427 was first a code of Luxian (泸县), then of Anyue (安岳县). One library says Luxian whenever the holder was
#     born, another Anyue. Neither asks for the year in which the number was given.
# So a kiosk that checks numbers with them turns card holders away, and one that reads a home county out of the
# number names a wrong one.
#
# The numbers belong to nobody: births in 1892, and a region 999 that does not exist.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
npm install --silent --no-audit --no-fund --prefix "$work" id-validator@1.3.0 idcard@4.2.0 >/dev/null
python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check id-validator==1.0.20

cat >check.js <<'JS'
const Validator = require("id-validator");
const table = require("id-validator/src/GB2260.js");
const idcard = require("idcard");
const [bare, tabled] = [new Validator(), new Validator(table)];
for (const number of process.argv.slice(2)) {
  const known = idcard.info(number);
  console.log(number, "npm id-validator", tabled.isValid(number), "without its table", bare.isValid(number),
    "npm idcard", known.valid, known.area ? known.area.text : "-");
}
JS
cat >check.py <<'PY'
import sys
from id_validator import validator
for number in sys.argv[1:]:
    told = validator.get_info(number)
    print(number, "PyPI id-validator", validator.is_valid(number), told["address_tree"][2] if told else "-")
PY

numbers=(810000189202290038 830000189202290031 951999198808080024 512427189203120025)
{ node check.js "${numbers[@]}"; venv/bin/python check.py "${numbers[@]}"; } | sed 's/ *$//' | tee seen
cat >expected <<'SEEN'
810000189202290038 npm id-validator false without its table true npm idcard true -
830000189202290031 npm id-validator false without its table true npm idcard true -
951999198808080024 npm id-validator false without its table true npm idcard false -
512427189203120025 npm id-validator true without its table true npm idcard true 安岳县
810000189202290038 PyPI id-validator True
830000189202290031 PyPI id-validator True
951999198808080024 PyPI id-validator False -
512427189203120025 PyPI id-validator True 泸县
SEEN
diff expected seen
echo "as described"
