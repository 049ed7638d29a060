#!/usr/bin/env bash
# tantivy's tokenizer "default", which a text field gets when nothing is said, silently leaves out
# every Chinese run of more than 13 characters. It splits at punctuation and spaces only, so that a
# Chinese clause is one word, and then drops words of more than 40 bytes; a Han character has three.
# Shorter clauses are found as a whole and by nothing in them.
#
# Why it matters to a kiosk: duties and conditions of a posting are clauses of ten to thirty
# characters, so that an index made the obvious way finds no word of them, and half of them are not in
# it at all; neither indexing nor searching says so. Han text needs a tokenizer of its own (pairs of
# characters), not the default one.
#
# Seen on tantivy 0.25.1 (Python wheel of tantivy 0.25):
#   12 characters, 36 bytes: found 1
#   13 characters, 39 bytes: found 1
#   14 characters, 42 bytes: found 0
#   a word of the first clause: found 0
#   its clause of 14 with a comma in it: found 1
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check tantivy==0.25.1
"$folder/venv/bin/python" - <<'PY'
import sys
import tantivy

fields = tantivy.SchemaBuilder()
fields.add_text_field("duties", stored=True)
schema = fields.build()
index = tantivy.Index(schema)
writer = index.writer(15_000_000, 1)
clauses = ["负责车间设备日常维修保养", "负责车间设备日常维修保养和", "负责车间设备日常维修保养和点"]
for clause in clauses + ["负责仓库设备，日常维修保养和点"]:
    writer.add_document(tantivy.Document(duties=clause))
writer.commit()
index.reload()

def found(words):
    query = tantivy.Query.term_query(schema, "duties", words)
    return index.searcher().search(query, 10).count

seen = [found(clause) for clause in clauses] + [found("维修"), found("负责仓库设备")]
for clause, count in zip(clauses, seen):
    print(f"{len(clause)} characters, {len(clause.encode())} bytes: found {count}")
print(f"a word of the first clause: found {seen[3]}")
print(f"its clause of 14 with a comma in it: found {seen[4]}")
sys.exit(0 if seen == [1, 1, 0, 0, 1] else 1)
PY
