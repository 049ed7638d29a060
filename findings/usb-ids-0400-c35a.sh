#!/usr/bin/env bash
# The USB identity that public code names most for readers of Chinese resident ID cards, 0400:c35a, is
# unknown to the list from which `lsusb` takes its names: it shows "National Semiconductor Corp." and
# no product. The numbers on both sides of it are known, as a remote control and as "Printing
# Support".
#
# Why it matters to a kiosk: an installer who looks for the reader in `lsusb` by name does not find
# it, and may take the line for a hub or a chip of the mainboard. A manual has to name the numbers.
#
# Seen with usb.ids 2025.07.26-0+deb12u1 (Debian 12):
#   vendor: National Semiconductor Corp.
#   c359: Logitech Harmony
#   c35a: not listed
#   c35b: Printing Support
set -euo pipefail

directory=$(mktemp -d)
trap 'rm -rf "$directory"' EXIT
cd "$directory"
# What apt fetches as another user must be readable there.
chmod 755 "$directory"
apt-get download -qq usb.ids=2025.07.26-0+deb12u1 >/dev/null 2>&1
dpkg -x usb.ids_*.deb unpacked
list=unpacked/var/lib/usbutils/usb.ids

# The lines of one vendor: from its number to the next line that is not indented.
vendor=$(awk '/^[0-9a-f]/ { own = /^0400 / } own' "$list")
product() { grep -oP "^\t$1  \K.*" <<<"$vendor" || echo "not listed"; }

seen=$(
    echo "vendor: $(head -1 <<<"$vendor" | sed 's/^0400  //')"
    for number in c359 c35a c35b; do echo "$number: $(product "$number")"; done
)
echo "$seen"
expected='vendor: National Semiconductor Corp.
c359: Logitech Harmony
c35a: not listed
c35b: Printing Support'
[ "$seen" = "$expected" ]
