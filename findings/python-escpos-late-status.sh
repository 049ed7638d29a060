#!/usr/bin/env bash
# python-escpos takes the first byte that waits on a serial line for the answer to the status question
# that it has just asked. When an answer came later than its time-out, the next question gets that
# one: a printer without paper is told to have enough of it.
#
# Why it matters to a kiosk: USB-serial converters and network boxes deliver late. No answer of
# DLE EOT says which question it belongs to; what waits must be thrown away before asking, and what is
# not plainly "all well" must be asked again. Besides, every question costs the whole time-out, since
# 16 bytes are read where one comes.
#
# Seen with python-escpos 3.1 and pyserial 3.5, on a pseudo-terminal:
#   answers at once: online False, paper 0
#   first answer late: online False, paper 2
#   (paper 2 is "adequate", 0 is "no paper"; the printer has none)
set -euo pipefail

directory=$(mktemp -d)
trap 'rm -rf "$directory"' EXIT
cd "$directory"
python3 -m venv environment
environment/bin/pip install --quiet --disable-pip-version-check \
    python-escpos==3.1 pyserial==3.5 setuptools==65.5.0

cat >ask.py <<'PY'
import os, pty, sys, threading, time, tty
from escpos.printer import Serial

LATE = sys.argv[1] == "late"
ANSWERS = {1: 0x1A, 4: 0x7E}  # off line; no paper
master, slave = pty.openpty()
tty.setraw(slave)


def printer():
    heard = b""
    first = True
    while True:
        heard += os.read(master, 64)
        while b"\x10\x04" in heard:
            at = heard.index(b"\x10\x04")
            if len(heard) < at + 3:
                break
            number, heard = heard[at + 2], heard[at + 3 :]
            if first and LATE:
                time.sleep(0.8)
            first = False
            os.write(master, bytes([ANSWERS[number]]))


threading.Thread(target=printer, daemon=True).start()
device = Serial(devfile=os.ttyname(slave), baudrate=115200, timeout=0.5)
online = device.is_online()
time.sleep(0.5)
print(f"online {online}, paper {device.paper_status()}")
PY

seen=$(
    echo "answers at once: $(environment/bin/python ask.py now)"
    echo "first answer late: $(environment/bin/python ask.py late)"
)
echo "$seen"
expected='answers at once: online False, paper 0
first answer late: online False, paper 2'
[ "$seen" = "$expected" ]
