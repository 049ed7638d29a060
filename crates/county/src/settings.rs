//! `county.toml`: the settings of the county service, checked. Keeps no state.

use std::{net::SocketAddr, path::Path, time::Duration};

use kiosk_base::strict;
use serde::Deserialize;

use super::{CountyError, HallPattern, Limits, PinPolicy, QueryRules};

/// The settings, with their defaults. Documented in `kiosk-config/county.toml`.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct CountySettings {
    /// Where to listen.
    pub listen: SocketAddr,
    /// Names and addresses under which kiosks reach the service.
    pub hosts: Vec<String>,
    /// Insurance queries a minute from one kiosk.
    pub queries_per_minute: u32,
    /// Insurance queries a day from one kiosk.
    pub queries_per_kiosk_per_day: u32,
    /// Of these, such as may fail.
    pub failures_per_kiosk_per_day: u32,
    /// Insurance queries a day about one person, from all kiosks together.
    pub queries_per_person_per_day: u32,
    /// More queries of one kiosk in an hour give alarm.
    pub alarm_queries_per_hour: u32,
    /// More failed ones in a day.
    pub alarm_failures_per_day: u32,
    /// More in a day while halls are closed.
    pub alarm_queries_outside_hours: u32,
    /// From which hour of the day halls are open.
    pub hall_opens: i8,
    /// Until which.
    pub hall_closes: i8,
    /// Seconds by which the time of a query may differ from the county's.
    pub query_window_seconds: u32,
    /// Seconds for which the rest of a long history may be asked for.
    pub history_window_seconds: u32,
    /// Whether the person's query PIN is asked for.
    pub query_pin: PinPolicy,
    /// The largest share of a published set, in percent, that `county publish` withdraws without
    /// being told to.
    pub withdraw_percent: u8,
    /// Handshakes at once.
    pub handshakes: usize,
    /// Of these from one address.
    pub handshakes_per_address: usize,
    /// Connections of kiosks at once.
    pub connections: usize,
    /// Of these with one certificate.
    pub connections_per_kiosk: usize,
}

impl Default for CountySettings {
    fn default() -> Self {
        let QueryRules {
            per_minute,
            per_kiosk_per_day,
            failures_per_kiosk_per_day,
            per_person_per_day,
            window,
            history_window,
            pin,
            pattern,
        } = QueryRules::default();
        let HallPattern { per_hour, failures_per_day, outside_per_day, opens, closes } = pattern;
        let Limits { handshakes, handshakes_per_address, connections, connections_per_kiosk } =
            Limits::default();
        let seconds = |time: Duration| u32::try_from(time.as_secs()).unwrap_or(u32::MAX);
        Self {
            listen: SocketAddr::from(([127, 0, 0, 1], 8443)),
            hosts: Vec::new(),
            queries_per_minute: per_minute,
            queries_per_kiosk_per_day: per_kiosk_per_day,
            failures_per_kiosk_per_day,
            queries_per_person_per_day: per_person_per_day,
            alarm_queries_per_hour: per_hour,
            alarm_failures_per_day: failures_per_day,
            alarm_queries_outside_hours: outside_per_day,
            hall_opens: opens,
            hall_closes: closes,
            query_window_seconds: seconds(window),
            history_window_seconds: seconds(history_window),
            query_pin: pin,
            withdraw_percent: 20,
            handshakes,
            handshakes_per_address,
            connections,
            connections_per_kiosk,
        }
    }
}

impl CountySettings {
    /// Reads `path`.
    ///
    /// # Errors
    /// Says which line is wrong and what would be right.
    pub fn read(path: &Path) -> Result<Self, CountyError> {
        let text = std::fs::read_to_string(path).map_err(CountyError::file(path))?;
        let content = |detail| CountyError::Content { path: path.to_owned(), detail };
        let settings: Self = toml::from_str(&text).map_err(|error| {
            content(format!("{}；请和随附的文件对照", strict::toml_fault(&text, &error)))
        })?;
        let wrong = |name: &str, right: &str| {
            let line = text.lines().position(|line| line.trim_start().starts_with(name));
            let line = line.map(|line| format!("第 {} 行：", line + 1)).unwrap_or_default();
            Err(content(format!("{line}{right}")))
        };
        let places = |count: usize| u32::try_from(count).unwrap_or(u32::MAX);
        for (name, value, least, most) in [
            ("queries_per_minute", settings.queries_per_minute, 1, 6_000),
            ("queries_per_kiosk_per_day", settings.queries_per_kiosk_per_day, 1, 1_000_000),
            ("failures_per_kiosk_per_day", settings.failures_per_kiosk_per_day, 1, 1_000_000),
            ("queries_per_person_per_day", settings.queries_per_person_per_day, 1, 1_000),
            ("alarm_queries_per_hour", settings.alarm_queries_per_hour, 1, 1_000_000),
            ("alarm_failures_per_day", settings.alarm_failures_per_day, 1, 1_000_000),
            ("alarm_queries_outside_hours", settings.alarm_queries_outside_hours, 0, 1_000_000),
            ("query_window_seconds", settings.query_window_seconds, 10, 600),
            ("history_window_seconds", settings.history_window_seconds, 30, 3_600),
            ("handshakes", places(settings.handshakes), 16, 65_536),
            ("handshakes_per_address", places(settings.handshakes_per_address), 16, 65_536),
            ("connections", places(settings.connections), 16, 65_536),
            ("connections_per_kiosk", places(settings.connections_per_kiosk), 4, 65_536),
        ] {
            if !(least..=most).contains(&value) {
                return wrong(name, &format!("{name} 请写 {least} 到 {most}"));
            }
        }
        let (opens, closes) = (settings.hall_opens, settings.hall_closes);
        if !(0..closes).contains(&opens) || closes > 24 {
            let right = "hall_opens 和 hall_closes 请写 0 到 24 点，开门早于关门";
            return wrong("hall_opens", right);
        }
        if settings.withdraw_percent > 100 {
            return wrong("withdraw_percent", "withdraw_percent 请写 0 到 100");
        }
        if let Some(host) = settings.hosts.iter().find(|host| !is_host(host)) {
            return wrong("hosts", &format!("hosts 里的 {host:?} 不是主机名，也不是地址"));
        }
        Ok(settings)
    }

    /// How queries for accounts are answered.
    pub fn queries(&self) -> QueryRules {
        QueryRules {
            per_minute: self.queries_per_minute,
            per_kiosk_per_day: self.queries_per_kiosk_per_day,
            failures_per_kiosk_per_day: self.failures_per_kiosk_per_day,
            per_person_per_day: self.queries_per_person_per_day,
            window: Duration::from_secs(self.query_window_seconds.into()),
            history_window: Duration::from_secs(self.history_window_seconds.into()),
            pin: self.query_pin,
            pattern: HallPattern {
                per_hour: self.alarm_queries_per_hour,
                failures_per_day: self.alarm_failures_per_day,
                outside_per_day: self.alarm_queries_outside_hours,
                opens: self.hall_opens,
                closes: self.hall_closes,
            },
        }
    }

    /// How many may be there at once.
    pub fn limits(&self) -> Limits {
        Limits {
            handshakes: self.handshakes,
            handshakes_per_address: self.handshakes_per_address,
            connections: self.connections,
            connections_per_kiosk: self.connections_per_kiosk,
        }
    }
}

fn is_host(text: &str) -> bool {
    let name = |b: u8| b.is_ascii_alphanumeric() || b"-.".contains(&b);
    text.parse::<std::net::IpAddr>().is_ok()
        || (1..=253).contains(&text.len()) && text.bytes().all(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<CountySettings, String> {
        let home = tempfile::tempdir().expect("a directory");
        let path = home.path().join("county.toml");
        std::fs::write(&path, text).expect("written");
        CountySettings::read(&path).map_err(|e| e.to_string())
    }

    #[test]
    fn the_shipped_file_states_the_defaults() {
        let shipped = include_str!("../../../kiosk-config/county.toml");
        assert_eq!(read(shipped), Ok(CountySettings::default()));
    }

    #[test]
    fn a_mistake_is_named_with_its_line() {
        for (text, expected) in [
            ("listen = \"127.0.0.1:1\"\nprot = 1", "第 2 行：不认识 `prot`"),
            ("listen = \"here\"", "第 1 行："),
            ("queries_per_minute = 0", "queries_per_minute 请写"),
            ("queries_per_person_per_day = 0", "queries_per_person_per_day 请写"),
            ("queries_per_kiosk_per_day = 0", "queries_per_kiosk_per_day 请写"),
            ("connections_per_kiosk = 1", "connections_per_kiosk 请写 4"),
            ("hall_opens = 19\nhall_closes = 7", "hall_opens 和 hall_closes"),
            ("query_window_seconds = 3600", "query_window_seconds 请写"),
            ("history_window_seconds = 1", "history_window_seconds 请写"),
            ("query_pin = \"maybe\"", "第 1 行："),
            ("withdraw_percent = 101", "withdraw_percent 请写"),
            ("hosts = [\"a b\"]", "hosts 里的 \"a b\""),
        ] {
            let error = read(text).expect_err(text);
            assert!(error.contains(expected), "{error}");
        }
    }
}
