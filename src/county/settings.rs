//! `county.toml`: the settings of the county service, checked. Keeps no state.

use std::{net::SocketAddr, path::Path, time::Duration};

use serde::Deserialize;

use super::{CountyError, PinPolicy, QueryRules};

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
    /// Insurance queries a day about one person, from all kiosks together.
    pub queries_per_person_per_day: u32,
    /// Seconds by which the time of a query may differ from the county's.
    pub query_window_seconds: u32,
    /// Seconds for which the rest of a long history may be asked for.
    pub history_window_seconds: u32,
    /// Whether the person's query PIN is asked for.
    pub query_pin: PinPolicy,
    /// The largest share of a published set, in percent, that `county publish` withdraws without
    /// being told to.
    pub withdraw_percent: u8,
}

impl Default for CountySettings {
    fn default() -> Self {
        let QueryRules { per_minute, per_person_per_day, window, history_window, pin } =
            QueryRules::default();
        let seconds = |time: Duration| u32::try_from(time.as_secs()).unwrap_or(u32::MAX);
        Self {
            listen: SocketAddr::from(([127, 0, 0, 1], 8443)),
            hosts: Vec::new(),
            queries_per_minute: per_minute,
            queries_per_person_per_day: per_person_per_day,
            query_window_seconds: seconds(window),
            history_window_seconds: seconds(history_window),
            query_pin: pin,
            withdraw_percent: 20,
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
            let line = error.span().map_or(1, |span| 1 + text[..span.start].matches('\n').count());
            content(format!("line {line}: {}", error.message()))
        })?;
        if !(1..=6_000).contains(&settings.queries_per_minute) {
            return Err(content("queries_per_minute must be 1 to 6000".into()));
        }
        if !(1..=1_000).contains(&settings.queries_per_person_per_day) {
            return Err(content("queries_per_person_per_day must be 1 to 1000".into()));
        }
        if !(10..=600).contains(&settings.query_window_seconds) {
            return Err(content("query_window_seconds must be 10 to 600".into()));
        }
        if !(30..=3_600).contains(&settings.history_window_seconds) {
            return Err(content("history_window_seconds must be 30 to 3600".into()));
        }
        if settings.withdraw_percent > 100 {
            return Err(content("withdraw_percent must be 0 to 100".into()));
        }
        if let Some(host) = settings.hosts.iter().find(|host| !is_host(host)) {
            return Err(content(format!("hosts: {host:?} is neither a host name nor an address")));
        }
        Ok(settings)
    }

    /// How queries for accounts are answered.
    pub fn queries(&self) -> QueryRules {
        QueryRules {
            per_minute: self.queries_per_minute,
            per_person_per_day: self.queries_per_person_per_day,
            window: Duration::from_secs(self.query_window_seconds.into()),
            history_window: Duration::from_secs(self.history_window_seconds.into()),
            pin: self.query_pin,
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
        let shipped = include_str!("../../kiosk-config/county.toml");
        assert_eq!(read(shipped), Ok(CountySettings::default()));
    }

    #[test]
    fn a_mistake_is_named_with_its_line() {
        for (text, expected) in [
            ("listen = \"127.0.0.1:1\"\nprot = 1", "line 2: unknown field `prot`"),
            ("listen = \"here\"", "line 1: "),
            ("queries_per_minute = 0", "queries_per_minute must be"),
            ("queries_per_person_per_day = 0", "queries_per_person_per_day must be"),
            ("query_window_seconds = 3600", "query_window_seconds must be"),
            ("history_window_seconds = 1", "history_window_seconds must be"),
            ("query_pin = \"maybe\"", "line 1: "),
            ("withdraw_percent = 101", "withdraw_percent must be"),
            ("hosts = [\"a b\"]", "hosts: \"a b\""),
        ] {
            let error = read(text).expect_err(text);
            assert!(error.contains(expected), "{error}");
        }
    }
}
