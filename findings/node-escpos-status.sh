#!/usr/bin/env bash
# npm @node-escpos/core asks a receipt printer four status questions (DLE EOT 1, 4, 2, 3) with
# getStatuses(), and rejects, with no reason, unless all four answers arrive in one read. A printer
# that answers each question as it comes, one byte at a time, is never understood. The way to ask one
# question, getStatus(class), cannot be used: the classes that it wants are not exported.
#
# Why it matters to a kiosk: whoever takes this package for "is there paper?" learns nothing from a
# printer that is well, and takes it for one that failed. Answers must be paired with questions one
# by one, whatever the line makes of them.
#
# Seen with @node-escpos/core 0.6.0 and @node-escpos/network-adapter 0.0.1, over loopback:
#   four answers in one packet: PrinterStatus 12, RollPaperSensorStatus 12, OfflineCauseStatus 12, ErrorCauseStatus 12
#   an answer a question: rejected with undefined
#   exported: Image Printer command default
set -euo pipefail

directory=$(mktemp -d)
trap 'rm -rf "$directory"' EXIT
cd "$directory"
npm init -y >/dev/null
npm install --silent --no-audit --no-fund --ignore-scripts \
    @node-escpos/core@0.6.0 @node-escpos/network-adapter@0.0.1 >/dev/null

cat >ask.cjs <<'JS'
const net = require("node:net");
const core = require("@node-escpos/core");
const Network = require("@node-escpos/network-adapter");
const together = process.argv[2] === "together";
const WELL = 0x12;

// A printer with paper, its cover closed.
const server = net.createServer((socket) => {
  socket.setNoDelay(true);
  let asked = 0;
  let heard = [];
  socket.on("data", (bytes) => {
    for (const byte of bytes) {
      heard.push(byte);
      if (heard.slice(-3, -1).join() !== "16,4") continue;
      heard = [];
      asked += 1;
      if (!together) setTimeout(() => socket.write(Buffer.from([WELL])), 20 * asked);
      else if (asked === 4) socket.write(Buffer.alloc(4, WELL));
    }
  });
});
server.listen(0, "127.0.0.1", () => {
  const device = new Network("127.0.0.1", server.address().port);
  device.open(async (error) => {
    if (error) throw error;
    const printer = new core.Printer(device, {});
    const told = await printer.getStatuses().then(
      (all) => all.map((one) => one.constructor.name + " " + one.byte.toString(16)).join(", "),
      (reason) => `rejected with ${reason}`,
    );
    process.stdout.write(`\nresult: ${told}\n`);
    process.exit(0);
  });
});
JS

# The adapter itself says on the output what it reads.
ask() { node ask.cjs "$1" | grep -oP '^result: \K.*'; }
seen=$(
    echo "four answers in one packet: $(ask together)"
    echo "an answer a question: $(ask apart)"
    node -p '"exported: " + Object.keys(require("@node-escpos/core")).join(" ")'
)
echo "$seen"
expected='four answers in one packet: PrinterStatus 12, RollPaperSensorStatus 12, OfflineCauseStatus 12, ErrorCauseStatus 12
an answer a question: rejected with undefined
exported: Image Printer command default'
[ "$seen" = "$expected" ]
