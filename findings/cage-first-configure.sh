#!/usr/bin/env bash
# cage says how large a window is only after the window has drawn, and then calls it maximized, not fullscreen.
#
# A Wayland client waits for the first xdg_toplevel.configure before it draws, to learn its size. cage 0.1.4 (Debian 12),
# whose only purpose is one window on the whole screen, answers 0 × 0, "choose yourself", without any state. Only
# when a first picture lies on the screen come the screen's size and the state "maximized". weston's kiosk shell
# gives size and "fullscreen" in the first answer.
#
# Why it matters to a kiosk: what is laid out by the first answer is laid out for a screen that is not there, and
# the first picture is cut; a toolkit that mirrors the state "fullscreen" concludes that it has left full screen and
# takes its wish back. So: fit the page to the size before each frame, and show none before the window is
# maximized or fullscreen.
#
# Seen with cage 0.1.4-4 (wlroots 0.15.1) and weston 10.0.1-1+b1 of Debian 12, weston-simple-shm on a headless screen of
# 1280 × 720 (states: 1 maximized, 2 fullscreen, 4 activated; four bytes each):
#   cage    0 0 (0 bytes), then 1280 720 (8 bytes)
#   weston  1280 720 (4 bytes)
#
# Needs root (the packages are unpacked and run in a directory of their own) and Debian 12's package lists.
set -euo pipefail

room=$(mktemp -d)
trap 'rm -rf "$room"' EXIT
mkdir -p "$room/archives/partial" "$room/root/dev/shm" "$room/root/run/user"
: >"$room/status"
apt-get -qq -y --no-install-recommends --download-only -o Dir::State::status="$room/status" \
    -o Dir::Cache::archives="$room/archives" install cage=0.1.4-4 weston=10.0.1-1+b1 xwayland bash coreutils >/dev/null 2>&1
for package in "$room"/archives/*.deb; do dpkg -x "$package" "$room/root"; done
cp -a /dev/null /dev/urandom "$room/root/dev/"
chmod 755 "$room"
chmod 777 "$room/root/dev/shm"
chown 65534:65534 "$room/root/run/user"

# configures COMMAND: width, height and bytes of states that the client is told. cage does not run as root.
configures() {
    # What runs is ended by its time.
    { timeout 30 chroot --userspec=65534:65534 "$room/root" env -i PATH=/usr/bin:/bin HOME=/run/user \
        XDG_RUNTIME_DIR=/run/user WLR_BACKENDS=headless WLR_RENDERER=pixman WLR_LIBINPUT_NO_DEVICES=1 \
        bash -c "$1" 2>&1 || true; } |
        sed -n 's/.*[^>] xdg_toplevel@[0-9]*\.configure(\([0-9]*\), \([0-9]*\), array\[\([0-9]*\)\]).*/\1 \2 \3/p' |
        head -n "$2" | paste -sd'|'
}

changed=0
# expect NAME SEEN RIGHT
expect() {
    echo "$1: width, height, bytes of states: $2"
    [ "$2" = "$3" ] || { echo "  that has changed: it was $3"; changed=1; }
}

client="WAYLAND_DEBUG=1 timeout 3 weston-simple-shm"
expect cage "$(configures "timeout 5 cage -- env $client" 2)" "0 0 0|1280 720 8"
weston="weston --backend=headless-backend.so --use-pixman --width=1280 --height=720 --no-config --socket=screen"
weston="$weston --shell=kiosk-shell.so >/dev/null 2>&1 & sleep 1"
expect weston "$(configures "$weston; WAYLAND_DISPLAY=screen $client; kill %1" 1)" "1280 720 4"
exit "$changed"
