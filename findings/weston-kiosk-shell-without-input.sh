#!/usr/bin/env bash
# weston's kiosk shell shows nothing as long as there is no input device.
#
# weston 10 (Debian 12) with --shell=kiosk-shell.so tells a window its size and the state "fullscreen" and takes its
# pictures, but puts it on the screen only when a seat activates it. Without a mouse, keyboard or touch panel there is
# no seat: the screen stays black, no error is logged. The desktop shell shows the same window on the same screen.
#
# Why it matters to a kiosk: a touch panel on USB that is not there yet when the compositor starts, or a broken one,
# makes a black screen instead of a page that says which window helps; and on a headless screen (no seat, either)
# weston-screenshooter's picture is black whatever the program under test draws.
#
# Seen with weston 10.0.1-1+b1 of Debian 12, weston-simple-shm on a headless screen, windows in the scene graph:
#   kiosk-shell.so    0
#   desktop-shell.so  1
#
# Needs root (the packages are unpacked and run in a directory of their own) and Debian 12's package lists.
set -euo pipefail

room=$(mktemp -d)
trap 'rm -rf "$room"' EXIT
mkdir -p "$room/archives/partial" "$room/root/dev/shm" "$room/root/run/user"
: >"$room/status"
apt-get -qq -y --no-install-recommends --download-only -o Dir::State::status="$room/status" \
    -o Dir::Cache::archives="$room/archives" install weston=10.0.1-1+b1 bash coreutils grep >/dev/null 2>&1
for package in "$room"/archives/*.deb; do dpkg -x "$package" "$room/root"; done
cp -a /dev/null /dev/urandom "$room/root/dev/"
chmod 755 "$room"
chmod 777 "$room/root/dev/shm"
chown 65534:65534 "$room/root/run/user"

changed=0
for right in "kiosk-shell.so 0" "desktop-shell.so 1"; do
    shell=${right% *}
    # What runs is ended by its time.
    seen=$(timeout 30 chroot --userspec=65534:65534 "$room/root" env -i PATH=/usr/bin:/bin HOME=/run/user \
        XDG_RUNTIME_DIR=/run/user WAYLAND_DISPLAY=screen bash -c "
            weston --backend=headless-backend.so --use-pixman --width=1280 --height=720 --no-config \
                --socket=screen --debug --shell=$shell >/dev/null 2>&1 &
            sleep 2
            timeout 6 weston-simple-shm >/dev/null 2>&1 &
            sleep 1
            timeout 2 weston-debug scene-graph | grep -c 'role xdg_toplevel'
            kill %1" 2>/dev/null || true)
    echo "$shell: windows on the screen: $seen"
    [ "$shell $seen" = "$right" ] || { echo "  that has changed: it was ${right#* }"; changed=1; }
done
exit "$changed"
