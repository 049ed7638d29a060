"""Plays an ID-card reader on a pseudo-terminal: prints the port, then answers requests with the
"read base" answer in the file given (one line of hex). Shares nothing with the kiosk."""

import os
import pty
import sys
import time
import tty

PREAMBLE = b"\xaa\xaa\xaa\x96\x69"


def frame(status, data=b""):
    body = (4 + len(data)).to_bytes(2, "big") + bytes([0, 0, status]) + data
    check = 0
    for byte in body:
        check ^= byte
    return PREAMBLE + body + bytes([check])


def main():
    with open(sys.argv[1]) as vector:
        base = bytes.fromhex(vector.read().strip())
    answers = {
        b"\x11\xff": frame(0x90),
        b"\x12\xff": frame(0x90, bytes(16)),
        b"\x20\x01": frame(0x9F, bytes(4)),
        b"\x20\x02": frame(0x90, bytes(8)),
        b"\x30\x01": base,
        b"\x30\x03": frame(0x91),
    }
    master, slave = pty.openpty()
    tty.setraw(slave)
    print(os.ttyname(slave), flush=True)
    heard = b""
    while True:
        heard += os.read(master, 256)
        while (start := heard.find(PREAMBLE)) >= 0:
            rest = heard[start + 5 :]
            if len(rest) < 2 or len(rest) < 2 + int.from_bytes(rest[:2], "big"):
                break
            size = int.from_bytes(rest[:2], "big")
            command, heard = rest[2:4], rest[2 + size :]
            answer = answers.get(command, frame(0x21))
            # In pieces, as a real line delivers them.
            for at in range(0, len(answer), 97):
                os.write(master, answer[at : at + 97])
                time.sleep(0.008)


main()
