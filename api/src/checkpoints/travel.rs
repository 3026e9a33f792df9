//! Whether somebody can have come from one gate to another. Pure.

use chrono::TimeDelta;

/// The mean radius of the earth, in metres.
const RADIUS: f64 = 6_371_008.8;

/// Millionths of a degree.
const SCALE: f64 = 1_000_000.0;

/// Where a gate is (WGS 84), to a tenth of a metre.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Position {
    /// Millionths of a degree to the east.
    pub longitude_e6: i32,
    /// Millionths of a degree to the north.
    pub latitude_e6: i32,
}

/// What nobody can do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Bounds {
    /// Kilometres up to which two gates are one place: no time is too short.
    pub near_km: u32,
    /// Kilometres an hour that nobody exceeds from gate to gate.
    pub fastest_kmh: u32,
}

impl Position {
    /// The place at these degrees. None if it is not on earth.
    #[must_use]
    #[expect(
        clippy::cast_possible_truncation,
        reason = "within 180 million once checked"
    )]
    pub fn at(longitude: f64, latitude: f64) -> Option<Self> {
        let is_on_earth =
            (-180.0..=180.0).contains(&longitude) && (-90.0..=90.0).contains(&latitude);
        is_on_earth.then(|| Self {
            longitude_e6: (longitude * SCALE).round() as i32,
            latitude_e6: (latitude * SCALE).round() as i32,
        })
    }

    /// The place in two columns, if both are there.
    #[must_use]
    pub fn stored(longitude_e6: Option<i32>, latitude_e6: Option<i32>) -> Option<Self> {
        Some(Self {
            longitude_e6: longitude_e6?,
            latitude_e6: latitude_e6?,
        })
    }

    /// Its degrees to the east, and to the north.
    #[must_use]
    pub fn degrees(self) -> (f64, f64) {
        (
            f64::from(self.longitude_e6) / SCALE,
            f64::from(self.latitude_e6) / SCALE,
        )
    }

    /// Metres to `other` over the ground, to half a percent.
    #[must_use]
    pub fn metres_to(self, other: Self) -> f64 {
        let ((own_east, own_north), (east, north)) = (self.degrees(), other.degrees());
        let half = |degrees: f64| (degrees.to_radians() / 2.0).sin().powi(2);
        let over = half(north - own_north)
            + own_north.to_radians().cos() * north.to_radians().cos() * half(east - own_east);
        2.0 * RADIUS * over.sqrt().min(1.0).asin()
    }
}

/// Whether somebody can have come over `metres` within `time`.
#[must_use]
pub fn is_possible(metres: f64, time: TimeDelta, bounds: Bounds) -> bool {
    let seconds = time.abs().as_seconds_f64();
    let reach = f64::from(bounds.fastest_kmh) / 3.6 * seconds;
    metres <= (f64::from(bounds.near_km) * 1_000.0).max(reach)
}

#[cfg(test)]
mod tests {
    use super::*;

    const BOUNDS: Bounds = Bounds {
        near_km: 20,
        fastest_kmh: 400,
    };

    fn at(longitude: f64, latitude: f64) -> Position {
        Position::at(longitude, latitude).unwrap()
    }

    #[test]
    fn distances_are_those_of_the_map() {
        let (shanghai, suzhou) = (at(121.473_7, 31.230_4), at(120.585_3, 31.298_9));
        let beijing = at(116.407_4, 39.904_2);
        for (from, to, kilometres) in [
            (shanghai, shanghai, 0.0),
            (shanghai, suzhou, 84.8),
            (shanghai, beijing, 1_067.0),
            (at(179.9, 0.0), at(-179.9, 0.0), 22.2),
        ] {
            let metres = from.metres_to(to);
            let off = (metres / 1_000.0 - kilometres).abs();
            assert!(
                off <= 1.0 + kilometres / 200.0,
                "{metres} m, not {kilometres} km"
            );
            assert!((to.metres_to(from) - metres).abs() < 1.0);
        }
        assert_eq!(Position::at(181.0, 0.0), None);
        assert_eq!(Position::at(0.0, f64::NAN), None);
        assert_eq!(at(121.473_7, -31.5).degrees(), (121.473_7, -31.5));
    }

    #[test]
    fn nobody_is_faster_than_the_bound_but_within_a_place() {
        let (minute, hour) = (TimeDelta::seconds(60), TimeDelta::hours(1));
        for (kilometres, time, expected) in [
            (0.0, TimeDelta::zero(), true),
            (20.0, TimeDelta::zero(), true),
            (20.1, minute, false),
            (21.0, TimeDelta::minutes(10), true),
            (399.0, hour, true),
            (401.0, hour, false),
            (401.0, -hour * 2, true),
        ] {
            let said = is_possible(kilometres * 1_000.0, time, BOUNDS);
            assert_eq!(said, expected, "{kilometres} km in {time}");
        }
    }
}
