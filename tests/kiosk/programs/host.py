"""Reads one document from the ID-card reader at the port given, the way a vendor's program would:
plain termios, find, select, read. Prints name, number and type unit. Shares nothing with the kiosk."""

import os
import select
import sys
import termios
import time
import tty


def open_port(path):
    port = os.open(path, os.O_RDWR | os.O_NOCTTY)
    tty.setraw(port)
    modes = termios.tcgetattr(port)
    modes[4] = modes[5] = termios.B115200
    termios.tcsetattr(port, termios.TCSANOW, modes)
    return port


def xor(data):
    total = 0
    for byte in data:
        total ^= byte
    return total


def ask(port, command, parameter, seconds):
    body = bytes([0, 3, command, parameter])
    os.write(port, b"\xaa\xaa\xaa\x96\x69" + body + bytes([xor(body)]))
    answer, end = b"", time.monotonic() + seconds
    while time.monotonic() < end:
        if select.select([port], [], [], 0.05)[0]:
            answer += os.read(port, 4096)
        start = answer.find(b"\xaa\xaa\xaa\x96\x69")
        if start < 0 or len(answer) < start + 7:
            continue
        size = 7 + int.from_bytes(answer[start + 5 : start + 7], "big")
        if len(answer) >= start + size:
            frame = answer[start : start + size]
            if xor(frame[5:]) != 0:
                sys.exit("a wrong checksum")
            return frame[9], frame[10:-1]
    sys.exit(f"no answer to {command:02x} {parameter:02x}")


def main():
    port = open_port(sys.argv[1])
    for _ in range(100):
        if ask(port, 0x20, 0x01, 2)[0] == 0x9F:
            break
        time.sleep(0.05)
    else:
        sys.exit("no card")
    if ask(port, 0x20, 0x02, 2)[0] != 0x90:
        sys.exit("not selected")
    status, data = ask(port, 0x30, 0x01, 5)
    if status != 0x90:
        sys.exit(f"not read, status {status:02x}")
    size = int.from_bytes(data[:2], "big")
    text = data[4 : 4 + size].decode("utf-16-le")
    print(text[0:15].rstrip(), text[61:79].rstrip(), repr(text[124]), sep="|")


main()
