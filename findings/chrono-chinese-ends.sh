#!/usr/bin/env bash
# chrono-node reads Chinese days in free text, and takes a range of enrolment or of a fair only where both ends are
# written out. What clerks write is shorter, and then it gives, without any sign of doubt, a wrong last day:
#
# * 12月5日-6日, 12月5日、6日, 12月5-7日: one day; the second has gone.
# * 12月1日—1月31日, read in November: two days that have nothing to do with each other, and the second lies ten
#   months before the first (January of the running year).
# * 2026年12月底 (the end of December) is 28 December when it is read on the 28th of a month, and 5 December on the
#   5th: the day of the month is that of the reader's clock.
# * 2026.12.1-2027.1.31, the form of most official tables, is nothing at all.
#
# A kiosk that showed listings by it would close them ten months before they open, send people to a fair on its
# first day alone, and show another last day on another morning. `forwardDate` helps the year and nothing else.
#
# Seen with chrono-node 2.10.3 (npm), Node 18 and later; reference 2026-11-28:
#   2026年12月1日至2027年1月31日 2026-12-01..2027-01-31
#   2026年12月5日-6日            2026-12-05
#   12月5日、6日                 2026-12-05
#   12月5-7日                    2026-12-05
#   12月1日—1月31日              2026-12-01 2026-01-31
#   2026.12.1-2027.1.31          (nothing)
#   2026年12月底 on the 28th     2026-12-28
#   2026年12月底 on the 5th      2026-12-05
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init -y >/dev/null
npm install --silent --no-audit --no-fund chrono-node@2.10.3 >/dev/null

cat >days.mjs <<'JS'
import * as chrono from 'chrono-node';
const day = (component) => {
    const two = (number) => String(number).padStart(2, '0');
    return `${component.get('year')}-${two(component.get('month'))}-${two(component.get('day'))}`;
};
const read = (text, reference) =>
    chrono.zh.hans.parse(text, reference)
        .map((found) => day(found.start) + (found.end ? `..${day(found.end)}` : ''))
        .join(' ') || '(nothing)';
const november = new Date(2026, 10, 28, 12);
let same = true;
const expect = (name, text, reference, output) => {
    const seen = read(text, reference);
    console.log(`${name.padEnd(28)} ${seen}`);
    if (seen !== output) {
        same = false;
        console.log(`  was: ${output}`);
    }
};
const whole = '2026年12月1日至2027年1月31日';
expect(whole, whole, november, '2026-12-01..2027-01-31');
for (const [text, output] of [
    ['2026年12月5日-6日', '2026-12-05'],
    ['12月5日、6日', '2026-12-05'],
    ['12月5-7日', '2026-12-05'],
    ['12月1日—1月31日', '2026-12-01 2026-01-31'],
    ['2026.12.1-2027.1.31', '(nothing)'],
]) expect(text, text, november, output);
expect('2026年12月底 on the 28th', '2026年12月底', november, '2026-12-28');
expect('2026年12月底 on the 5th', '2026年12月底', new Date(2026, 10, 5, 12), '2026-12-05');
process.exit(same ? 0 : 1);
JS
echo "chrono-node $(node -p "require('chrono-node/package.json').version" 2>/dev/null || echo 2.10.3)"
node days.mjs
