//! `kiosk run`.

use std::{cell::RefCell, rc::Rc, sync::Arc};

use anyhow::Context;

use super::Places;
use crate::{
    app::{App, Wake},
    clock::Clock,
    config::Settings,
    screen::{
        Screen,
        windowed::{self, Place, Scales},
    },
    visit::Event,
};

/// Arguments of `kiosk run`.
#[derive(clap::Args)]
pub(crate) struct Args {
    /// A window instead of the whole screen.
    #[arg(long)]
    window: bool,
}

pub(crate) fn run(places: &Places, args: Args) -> anyhow::Result<()> {
    let settings = places.settings()?;
    super::log();
    windowed::init().context("there is no display; start the kiosk in the town hall's session")?;
    let place = place(&settings, args.window);
    show(&settings, place, |_| ())
}

/// Where the window stands by the settings.
pub(super) fn place(settings: &Settings, window: bool) -> Place {
    let screen = &settings.screen;
    Place {
        fullscreen: screen.fullscreen && !window,
        width: screen.width_px,
        height: screen.height_px,
        scales: Scales { normal: screen.scale_factor(false), large: screen.scale_factor(true) },
    }
}

/// Runs the kiosk in a window until the process is asked to end. `prepare` may add to the kiosk
/// before it is shown.
pub(super) fn show(
    settings: &Settings,
    place: Place,
    prepare: impl FnOnce(&Rc<RefCell<App>>),
) -> anyhow::Result<()> {
    super::end_with(windowed::quit)?;
    let screen = Rc::new(Screen::new()?);
    let wake: Wake = Arc::new(screen.waker());
    let room = settings.screen.room();
    let app = App::start(settings, Clock::System, screen.clone(), room, wake.clone())?;
    let app = Rc::new(RefCell::new(app));
    prepare(&app);
    let turning = app.clone();
    screen.run(place, move |resized| {
        let mut app = turning.borrow_mut();
        if let Some(room) = resized {
            app.take(Event::Resized(room));
        }
        app.pump();
        if app.more_waits() {
            wake();
        }
    })?;
    Ok(())
}
