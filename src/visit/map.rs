//! A map of the county's towns: where the place of a posting is from the town hall. It is drawn from the
//! places that the division data carry; a town whose place nobody has measured is not on it, and that is said.
//!
//! Everything is measured in widths of a Han character of its names, as [`MapRoom`] is.

use std::collections::BTreeSet;

use kiosk_base::domain::{Location, Posting};

use super::{
    facts::{self, Away},
    fit::MapRoom,
    machine::Machine,
};

/// So far away, in kilometres, the towns around the hall are still told from each other.
const FARTHEST_KM: u32 = 80;
/// Least width and height of what is drawn, in kilometres.
const LEAST_KM: f64 = 8.0;
/// From the edge to the middle of a mark.
const MARGIN: f32 = 1.0;
/// From the middle of a mark to its name.
const BESIDE: f32 = 0.6;
/// The height of a name.
const HIGH: f32 = 1.5;
/// From one dot on the way to the next.
const STEP: f32 = 0.8;

/// What is drawn.
#[derive(Debug, Clone, PartialEq)]
pub struct Map {
    /// How far it is from the hall, and which way.
    pub away: Away,
    /// The hall, the place of the posting, and what is around, from above.
    pub marks: Vec<Mark>,
    /// Dots on the straight way from the hall to the place.
    pub way: Vec<Point>,
    /// Kilometres that the bar at its foot is long.
    pub bar_km: u32,
    /// The length of that bar.
    pub bar: f32,
    /// Towns of the county that are not on it: nobody has measured where they are.
    pub unmeasured: usize,
    /// Who measured what is on it.
    pub sources: BTreeSet<String>,
}

/// A place from the west and from the north.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Point {
    /// From the left.
    pub x: f32,
    /// From above.
    pub y: f32,
}

/// A place with its name.
#[derive(Debug, Clone, PartialEq)]
pub struct Mark {
    /// What it is.
    pub kind: MarkKind,
    /// Its middle.
    pub at: Point,
    /// What it is called.
    pub name: String,
    /// The upper left corner of its name; `None` where there is no room for it.
    pub named: Option<Point>,
}

/// What a mark stands for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MarkKind {
    /// The hall.
    Hall,
    /// The place of the posting.
    Place,
    /// Another town of the county.
    Town,
    /// A city or another county.
    City,
}

/// Whether there is a map for a posting: its place is known, not in the town of the hall, and not far away.
pub fn is_near(machine: &Machine, posting: &Posting) -> bool {
    facts::away(machine, posting).is_some_and(|away| away.km <= FARTHEST_KM)
}

/// The map for a posting, if [there is one](is_near).
pub fn of(machine: &Machine, posting: &Posting, room: MapRoom) -> Option<Map> {
    let away = facts::away(machine, posting).filter(|away| away.km <= FARTHEST_KM)?;
    let (hall, today) = (&machine.office.division, machine.wall.date());
    let directory = &machine.divisions;
    let code = posting.division.as_ref()?;
    let (_, here) = directory.located(hall, today)?;
    let (place, there) = directory.located(code, today)?;
    let county = hall.county();
    let mut unmeasured = 0;
    let mut places = vec![(MarkKind::Hall, machine.office.town.clone(), here)];
    places.push((MarkKind::Place, place.to_owned(), there));
    for town in directory.towns(&county, today) {
        match &town.location {
            // Those two are there already.
            _ if Some(&town.code) == hall.town().as_ref() => {}
            Some(at) if at == there && Some(&town.code) == code.town().as_ref() => {}
            Some(at) => places.push((MarkKind::Town, town.name.clone(), at)),
            None => unmeasured += 1,
        }
    }
    // A city beyond the place makes everything else small and says nothing.
    let reach = here.distance_km(there).max(f64::from(FARTHEST_KM) / 2.0);
    let cities = directory.landmarks(&county, today).filter(|(_, at)| *at != there);
    let near = cities.filter(|(_, at)| here.distance_km(at) <= reach);
    places.extend(near.map(|(name, at)| (MarkKind::City, name.to_owned(), at)));
    let sources = places.iter().map(|(.., at)| at.source.clone()).collect();
    let plan = Plan::of(here, &places, room);
    let mut marks: Vec<Mark> = places
        .into_iter()
        .map(|(kind, name, at)| Mark { kind, at: plan.point(here, at), name, named: None })
        .collect();
    let way = way(marks[0].at, marks[1].at);
    name(&mut marks, &way, room);
    // They are read as a page is: from above.
    let top = |mark: &Mark| mark.named.unwrap_or(mark.at);
    marks.sort_by(|one, other| top(one).y.total_cmp(&top(other).y));
    let (bar_km, bar) = plan.bar(room);
    Some(Map { away, marks, way, bar_km, bar, unmeasured, sources })
}

/// How kilometres become widths of a character.
struct Plan {
    /// Widths of a character in a kilometre.
    scale: f32,
    /// Where the hall is.
    hall: Point,
}

impl Plan {
    /// As large as the room allows, in its middle.
    fn of(here: &Location, places: &[(MarkKind, String, &Location)], room: MapRoom) -> Self {
        let offsets: Vec<_> = places.iter().map(|(.., at)| here.offset_km(at)).collect();
        let extent = |of: fn(&(f64, f64)) -> f64| {
            let all = || offsets.iter().map(of);
            (all().fold(0.0, f64::min), all().fold(0.0, f64::max))
        };
        let ((west, east), (south, north)) = (extent(|at| at.0), extent(|at| at.1));
        let inside = |whole: f32| (whole - 2.0 * MARGIN).max(1.0);
        let fits = |whole: f32, km: f64| inside(whole) / km.max(LEAST_KM) as f32;
        let scale = fits(room.across, east - west).min(fits(room.down, north - south));
        let middle = |from: f64, to: f64| ((from + to) / 2.0) as f32 * scale;
        let hall = Point {
            x: room.across / 2.0 - middle(west, east),
            y: room.down / 2.0 + middle(south, north),
        };
        Self { scale, hall }
    }

    fn point(&self, here: &Location, at: &Location) -> Point {
        let (east, north) = here.offset_km(at);
        Point {
            x: self.hall.x + east as f32 * self.scale,
            y: self.hall.y - north as f32 * self.scale,
        }
    }

    /// The longest round length that takes no more than a third of the room, in kilometres and widths.
    fn bar(&self, room: MapRoom) -> (u32, f32) {
        let long = |km: u32| km as f32 * self.scale;
        let fits = |km: &u32| long(*km) <= room.across / 3.0;
        let km = [50, 20, 10, 5, 2].into_iter().find(fits).unwrap_or(1);
        (km, long(km))
    }
}

/// Finds room for the names beside their marks and off the way, the first ones first.
fn name(marks: &mut [Mark], way: &[Point], room: MapRoom) {
    let dots: Vec<Area> = marks.iter().map(|mark| Area::around(mark.at)).collect();
    let is_off = |area: &Area| !way.iter().any(|dot| area.has(*dot));
    let mut taken: Vec<Area> = Vec::new();
    for (at, mark) in marks.iter_mut().enumerate() {
        let wide = mark.name.chars().count() as f32;
        let Point { x, y } = mark.at;
        let beside = [
            (x + BESIDE, y - HIGH / 2.0),
            (x - BESIDE - wide, y - HIGH / 2.0),
            (x - wide / 2.0, y - BESIDE - HIGH),
            (x - wide / 2.0, y + BESIDE),
        ];
        let areas = beside.map(|(left, top)| Area { left, top, wide, high: HIGH });
        let others = || dots.iter().enumerate().filter(|(dot, _)| *dot != at).map(|(_, area)| area);
        let is_free = |area: &&Area| {
            let is_taken = others().chain(&taken).any(|other| area.meets(other));
            area.is_within(room) && !is_taken && is_off(area)
        };
        // Those two are what the map is for: their names may lie on a mark, but not on each other.
        let needed = matches!(mark.kind, MarkKind::Hall | MarkKind::Place);
        let is_readable =
            |area: &&Area| area.is_within(room) && !taken.iter().any(|other| area.meets(other));
        let found = areas.iter().find(is_free);
        // A long one has room beside no mark in the middle of a narrow map.
        let pushed = areas
            .clone()
            .map(|area| Area { left: area.left.min(room.across - wide).max(0.0), ..area });
        let anywhere = || areas.iter().chain(&pushed).find(is_readable);
        let found = found.or_else(|| anywhere().filter(|_| needed)).cloned();
        if let Some(area) = found {
            mark.named = Some(Point { x: area.left, y: area.top });
            taken.push(area);
        }
    }
}

/// What is taken by a name or a mark.
#[derive(Debug, Clone)]
struct Area {
    left: f32,
    top: f32,
    wide: f32,
    high: f32,
}

impl Area {
    fn around(at: Point) -> Self {
        Self { left: at.x - BESIDE, top: at.y - BESIDE, wide: 2.0 * BESIDE, high: 2.0 * BESIDE }
    }

    fn is_within(&self, room: MapRoom) -> bool {
        self.left >= 0.0
            && self.top >= 0.0
            && self.left + self.wide <= room.across
            && self.top + self.high <= room.down
    }

    fn has(&self, point: Point) -> bool {
        (self.left..self.left + self.wide).contains(&point.x)
            && (self.top..self.top + self.high).contains(&point.y)
    }

    fn meets(&self, other: &Self) -> bool {
        self.left < other.left + other.wide
            && other.left < self.left + self.wide
            && self.top < other.top + other.high
            && other.top < self.top + self.high
    }
}

/// Dots between two places, none of them under a mark.
fn way(from: Point, to: Point) -> Vec<Point> {
    let (x, y) = (to.x - from.x, to.y - from.y);
    let far = x.hypot(y);
    let steps = (far / STEP).floor().max(1.0);
    (1..steps as u32)
        .map(|step| step as f32 / steps)
        .filter(|part| part * far > BESIDE && (1.0 - part) * far > BESIDE)
        .map(|part| Point { x: from.x + x * part, y: from.y + y * part })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const ROOM: MapRoom = MapRoom { across: 24.0, down: 20.0 };

    fn mark(kind: MarkKind, x: f32, y: f32, name: &str) -> Mark {
        Mark { kind, at: Point { x, y }, name: name.to_owned(), named: None }
    }

    fn area(mark: &Mark) -> Option<Area> {
        let Point { x, y } = mark.named?;
        let wide = mark.name.chars().count() as f32;
        Some(Area { left: x, top: y, wide, high: HIGH })
    }

    #[test]
    fn names_lie_on_no_other_name_and_no_other_mark() {
        // Twenty towns in a heap, and the hall and the place among them.
        let mut marks = vec![
            mark(MarkKind::Hall, 12.0, 10.0, "福集镇"),
            mark(MarkKind::Place, 13.2, 10.3, "玉蟾街道"),
        ];
        let heap = (0_u8..20).map(|n| {
            let (row, column) = (f32::from(n / 5), f32::from(n % 5));
            mark(MarkKind::Town, 3.0 + 4.4 * column, 2.0 + 5.0 * row, "牛滩镇")
        });
        marks.extend(heap);
        name(&mut marks, &[], ROOM);
        assert!(marks[..2].iter().all(|mark| mark.named.is_some()), "{:?}", &marks[..2]);
        let named: Vec<_> = marks.iter().filter_map(area).collect();
        assert!(named.len() > 12, "{}", named.len());
        for (at, one) in named.iter().enumerate() {
            assert!(one.is_within(ROOM), "{one:?}");
            assert!(!named[at + 1..].iter().any(|other| one.meets(other)), "{one:?}");
        }
        for town in marks.iter().filter(|mark| mark.kind == MarkKind::Town) {
            let Some(name) = area(town) else { continue };
            let others = marks.iter().filter(|other| *other != town);
            assert!(!others.map(|other| Area::around(other.at)).any(|dot| name.meets(&dot)));
        }
    }

    #[test]
    fn a_place_on_the_edge_is_named_towards_the_middle() {
        let mut marks = vec![mark(MarkKind::Hall, 23.0, 1.0, "福集镇")];
        name(&mut marks, &[], ROOM);
        let named = marks[0].named.expect("a name");
        assert!(named.x < 20.0 && named.y >= 0.0, "{named:?}");
    }

    #[test]
    fn the_hall_is_named_however_long_its_name() {
        let name_of = "玉蟾山社区居民委员会";
        for x in [1.0, 3.0, 6.0, 9.0, 11.0] {
            let mut marks = vec![mark(MarkKind::Hall, x, 4.0, name_of)];
            name(&mut marks, &[], MapRoom { across: 12.0, down: 9.0 });
            assert!(marks[0].named.is_some(), "{x}");
        }
    }

    #[test]
    fn a_name_does_not_lie_on_the_way() {
        let mut marks = vec![
            mark(MarkKind::Hall, 6.0, 10.0, "福集镇"),
            mark(MarkKind::Place, 18.0, 10.0, "太伏镇"),
        ];
        let way = way(marks[0].at, marks[1].at);
        name(&mut marks, &way, ROOM);
        let left = |mark: &Mark| mark.named.expect("a name").x;
        assert!(left(&marks[0]) < 6.0 && left(&marks[1]) > 18.0, "{marks:?}");
    }

    #[test]
    fn the_way_is_dotted_from_mark_to_mark() {
        let (from, to) = (Point { x: 2.0, y: 3.0 }, Point { x: 12.0, y: 3.0 });
        let dots = way(from, to);
        assert!(dots.len() > 8 && dots.iter().all(|dot| dot.y == 3.0), "{dots:?}");
        assert!(dots.iter().all(|dot| dot.x - 2.0 > BESIDE && 12.0 - dot.x > BESIDE));
        assert!(way(from, from).is_empty());
    }
}
