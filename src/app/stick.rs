//! Importing from USB sticks, for the keeper: looks for files, reads one, keeps what it held.
//!
//! State: what the last file that was tried held, until it is kept or another is tried.

use std::{
    fs::File,
    io::Read,
    path::{Path, PathBuf},
};

use kiosk_base::{
    clock::{Clock, wall},
    domain::{DivisionCode, Stop},
    import::{self, FILE_BYTES_MAX, ImportError, Packed, Report},
    store::Ledger,
};

use crate::{
    config::Settings,
    listings::{Cache, town},
    staff::sticks,
    visit::{
        VisitTicket,
        stick::{StickFile, Unfit},
    },
};

/// What imports from sticks.
pub(super) struct Sticks {
    /// Where sticks are mounted.
    directory: PathBuf,
    /// Where mappings and codes are.
    config: PathBuf,
    /// Where the kiosk stands.
    town: Option<DivisionCode>,
    clock: Clock,
    tried: Option<(VisitTicket, Packed)>,
}

impl Sticks {
    pub(super) fn new(settings: &Settings, clock: Clock) -> Self {
        let config = settings.config_file.parent().map(Path::to_owned).unwrap_or_default();
        let town = settings.office.division.town();
        Self { directory: settings.listings.sticks.clone(), config, town, clock, tried: None }
    }

    /// The files that can be imported.
    pub(super) fn files(&self) -> Vec<StickFile> {
        let file = |file: sticks::StickFile| StickFile {
            changed: file
                .modified
                .and_then(|at| jiff::Timestamp::try_from(at).ok())
                .map(|at| wall(at).datetime()),
            path: file.path,
            name: file.name,
            bytes: file.bytes,
        };
        sticks::files(&self.directory).into_iter().map(file).collect()
    }

    /// Reads a file and says what importing it would do. Nothing is kept.
    pub(super) fn attempt(
        &mut self,
        ticket: VisitTicket,
        path: &Path,
        cache: Option<&Cache>,
    ) -> Result<Box<Report>, Unfit> {
        self.tried = None;
        let content = read(path)?;
        let today = self.clock.today();
        let options =
            kiosk_base::config::imports::options(&self.config, today).map_err(|error| {
                tracing::error!("import: {error}");
                Unfit::Columns
            })?;
        let options = import::Options { town: self.town.clone(), ..options };
        let known = cache.map(Cache::known).transpose().unwrap_or_else(|error| {
            tracing::warn!("listings.db: {error}");
            None
        });
        let known = known.unwrap_or_default();
        let (packed, report) =
            import::read_packed(&content, &options, &known).map_err(|error| {
                // Never the error's own words: they quote the file, and it may be any file.
                let unfit = unfit(&error);
                tracing::info!("import: the file is refused: {unfit:?}");
                unfit
            })?;
        self.tried = Some((ticket, packed));
        Ok(Box::new(report))
    }

    /// Keeps what was tried in the same visit.
    pub(super) fn keep(&mut self, ticket: VisitTicket, ledger: &mut Ledger) -> Result<(), Stop> {
        let Some((tried, packed)) = self.tried.take() else {
            return Err(Stop::StoreReadOnly);
        };
        if tried != ticket {
            return Err(Stop::StoreBusy);
        }
        town::import_rows(ledger, packed.parts(), self.clock.now()).map_err(|error| {
            tracing::error!("ledger.db: {error}");
            error.stop
        })
    }
}

fn read(path: &Path) -> Result<Vec<u8>, Unfit> {
    let mut content = Vec::new();
    let file = File::open(path).map_err(|_| Unfit::Unreadable)?;
    file.take(FILE_BYTES_MAX + 1).read_to_end(&mut content).map_err(|_| Unfit::Unreadable)?;
    Ok(content)
}

fn unfit(error: &ImportError) -> Unfit {
    match error {
        ImportError::Empty => Unfit::Empty,
        ImportError::TooLarge { .. }
        | ImportError::LongRow(_)
        | ImportError::TooManyRows
        | ImportError::TooManyColumns(_) => Unfit::TooLarge,
        ImportError::Workbook(_) | ImportError::Bomb => Unfit::Workbook,
        ImportError::NoMappings | ImportError::Unrecognised { .. } => Unfit::Columns,
        ImportError::Lacking(lacking) => Unfit::Lacking(lacking.clone()),
        ImportError::Syntax(_)
        | ImportError::NoText(_)
        | ImportError::NoMapping { .. }
        | ImportError::PageWithoutPostings => Unfit::Unknown,
    }
}
