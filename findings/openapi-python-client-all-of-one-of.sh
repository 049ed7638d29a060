#!/usr/bin/env bash
# openapi-python-client leaves out the answer of an operation whose schema is allOf over a oneOf, and ends with 0.
#
# A page of rows of one of two kinds, with a cursor beside them, is in Rust a struct with a flattened enum; utoipa
# describes it as allOf [oneOf [...], object]. That is valid JSON Schema and valid OpenAPI 3.1. The generator says
# "Cannot take allOf a non-object", removes the schema, and writes an operation that returns Any for its only
# answer. The exit code is 0; the warning prints the address of an object in the status code's place. The same oneOf by
# itself becomes a union.
#
# Why it matters to a service that counties write clients for: nobody sees it who does not read the warnings, and the
# client hands over nothing (parsed is None) for every good answer. So: describe the kinds as a oneOf of whole objects,
# each with the shared fields in it.
#
# Seen with openapi-python-client 0.29.1 (Python 3.11):
#   exit code 0, "Cannot take allOf a non-object", GET /page answers Any, GET /rows answers Months | Payments
set -euo pipefail

room=$(mktemp -d)
trap 'rm -rf "$room"' EXIT
python3 -m venv "$room/venv"
"$room/venv/bin/pip" -q install --disable-pip-version-check openapi-python-client==0.29.1
cat >"$room/api.json" <<'JSON'
{"openapi": "3.1.0", "info": {"title": "pages", "version": "1"},
 "paths": {
  "/page": {"get": {"operationId": "page", "responses": {"200": {"description": "rows and where to go on",
    "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Page"}}}}}}},
  "/rows": {"get": {"operationId": "rows", "responses": {"200": {"description": "rows alone",
    "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Rows"}}}}}}}},
 "components": {"schemas": {
  "Months": {"type": "object", "required": ["months"],
    "properties": {"months": {"type": "array", "items": {"type": "integer"}}}},
  "Payments": {"type": "object", "required": ["payments"],
    "properties": {"payments": {"type": "array", "items": {"type": "integer"}}}},
  "Rows": {"oneOf": [{"$ref": "#/components/schemas/Months"}, {"$ref": "#/components/schemas/Payments"}]},
  "Page": {"allOf": [{"$ref": "#/components/schemas/Rows"},
    {"type": "object", "properties": {"more": {"type": "string"}}}]}}}}
JSON

changed=0
# expect NAME SEEN RIGHT
expect() {
    echo "$1: $2"
    [ "$2" = "$3" ] || { echo "  that has changed: it was $3"; changed=1; }
}

code=0
said=$("$room/venv/bin/openapi-python-client" generate --path "$room/api.json" --output-path "$room/out" --meta none 2>&1) ||
    code=$?
expect "exit code" "$code" 0
expect "warning" "$(grep -o "Cannot take allOf a non-object" <<<"$said" | head -n 1)" "Cannot take allOf a non-object"
answer() {
    sed -n 's/^def _parse_response(.*) -> \(.*\):$/\1/p' "$room/out/api/default/$1.py" | sed 's/ | None$//'
}
expect "GET /page answers" "$(answer page)" "Any"
expect "GET /rows answers" "$(answer rows)" "Months | Payments"
exit "$changed"
