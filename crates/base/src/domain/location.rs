//! Where a division's seat lies, how far it is from another, and in which direction. On a sphere: over the
//! width of a county the true shape of the earth makes no difference that anybody walks.

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

/// Degrees in hundred-thousandths, which are about a metre.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "f64", into = "f64")]
pub struct Degrees(i32);

/// The number is no angle on a globe.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("经纬度是 -180 到 180 之间的度数")]
pub struct DegreesError;

impl TryFrom<f64> for Degrees {
    type Error = DegreesError;

    fn try_from(degrees: f64) -> Result<Self, DegreesError> {
        let sound = (-180.0..=180.0).contains(&degrees);
        sound.then(|| Self((degrees * 100_000.0).round() as i32)).ok_or(DegreesError)
    }
}

impl From<Degrees> for f64 {
    fn from(degrees: Degrees) -> Self {
        Self::from(degrees.0) / 100_000.0
    }
}

/// Where the seat of a division lies (WGS 84).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "Typed")]
pub struct Location {
    /// Degrees north.
    pub latitude: Degrees,
    /// Degrees east.
    pub longitude: Degrees,
    /// The day on which somebody last saw that it is right.
    pub checked: Date,
    /// Who measured it.
    pub source: String,
}

/// A place as somebody types it.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Typed {
    latitude: Degrees,
    longitude: Degrees,
    checked: Date,
    source: String,
}

/// What was typed is no place that somebody has measured.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
enum LocationError {
    /// Most likely the two stand in each other's place.
    #[error("latitude 是纬度，不超过 90；经度请写在 longitude")]
    Latitude,
    /// Nobody has measured it.
    #[error("source 请写明是谁量的")]
    Source,
}

impl TryFrom<Typed> for Location {
    type Error = LocationError;

    fn try_from(typed: Typed) -> Result<Self, LocationError> {
        let Typed { latitude, longitude, checked, source } = typed;
        if f64::from(latitude).abs() > 90.0 {
            return Err(LocationError::Latitude);
        }
        if source.trim().is_empty() {
            return Err(LocationError::Source);
        }
        Ok(Self { latitude, longitude, checked, source })
    }
}

/// Mean radius of the earth in kilometres (IUGG).
const RADIUS_KM: f64 = 6_371.0;

impl Location {
    /// Kilometres as the crow flies.
    pub fn distance_km(&self, other: &Self) -> f64 {
        let (north, east) = (self.radians(), other.radians());
        let half = |from: f64, to: f64| ((to - from) / 2.0).sin().powi(2);
        let part = half(north.0, east.0) + north.0.cos() * east.0.cos() * half(north.1, east.1);
        2.0 * RADIUS_KM * part.sqrt().asin()
    }

    /// The direction in which `other` lies, in degrees from north by east.
    pub fn bearing(&self, other: &Self) -> f64 {
        let (from, to) = (self.radians(), other.radians());
        let across = to.1 - from.1;
        let east = across.sin() * to.0.cos();
        let north = from.0.cos() * to.0.sin() - from.0.sin() * to.0.cos() * across.cos();
        east.atan2(north).to_degrees().rem_euclid(360.0)
    }

    /// How many kilometres to the east and to the north `other` lies; less than nothing is west and south.
    pub fn offset_km(&self, other: &Self) -> (f64, f64) {
        let (east, north) = self.bearing(other).to_radians().sin_cos();
        let far = self.distance_km(other);
        (far * east, far * north)
    }

    fn radians(&self) -> (f64, f64) {
        (f64::from(self.latitude).to_radians(), f64::from(self.longitude).to_radians())
    }
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;

    fn at(latitude: f64, longitude: f64) -> Location {
        let degrees = |degrees: f64| Degrees::try_from(degrees).expect("an angle");
        Location {
            latitude: degrees(latitude),
            longitude: degrees(longitude),
            checked: date(2026, 12, 1),
            source: "测试".to_owned(),
        }
    }

    #[test]
    fn a_degree_of_latitude_is_111_kilometres_and_one_of_longitude_less() {
        let here = at(29.0, 105.0);
        assert!((here.distance_km(&at(30.0, 105.0)) - 111.2).abs() < 0.1);
        assert!((here.distance_km(&at(29.0, 106.0)) - 97.3).abs() < 0.1);
        assert!(here.distance_km(&here) < 0.001);
    }

    #[test]
    fn directions_go_from_north_by_east() {
        let here = at(29.0, 105.0);
        for (there, degrees) in [
            (at(30.0, 105.0), 0.0),
            (at(29.0, 106.0), 90.0),
            (at(28.0, 105.0), 180.0),
            (at(29.0, 104.0), 270.0),
        ] {
            let off = (here.bearing(&there) - degrees).abs();
            assert!(off.min(360.0 - off) < 0.5, "{degrees}");
        }
    }

    #[test]
    fn a_way_has_a_part_to_the_east_and_one_to_the_north() {
        let (east, north) = at(29.0, 105.0).offset_km(&at(28.9, 105.1));
        assert!((east - 9.7).abs() < 0.1 && (north + 11.1).abs() < 0.1, "{east} {north}");
        let here = at(29.0, 105.0);
        assert_eq!(here.offset_km(&here), (0.0, 0.0));
    }

    #[test]
    fn what_is_no_angle_is_refused() {
        assert!(Degrees::try_from(180.1).is_err() && Degrees::try_from(f64::NAN).is_err());
    }
}
