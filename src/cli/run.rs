//! `kiosk run`.

use std::{cell::RefCell, rc::Rc, sync::Arc, time::Duration};

use anyhow::Context;
use kiosk_base::clock::Clock;

use super::Places;
use crate::{
    app::{App, Wake},
    config::{ScreenSettings, Settings},
    screen::{
        Screen,
        windowed::{self, Ended, Place},
    },
};

/// For everything that is under way when the kiosk ends.
pub(super) const END_LIMIT: Duration = Duration::from_millis(1_500);

/// Arguments of `kiosk run`.
#[derive(clap::Args)]
pub(crate) struct Args {
    /// 开一个窗口，不占满屏幕
    #[arg(long)]
    window: bool,
}

pub(crate) fn run(places: &Places, args: Args) -> anyhow::Result<()> {
    let settings = places.settings()?;
    super::log();
    kiosk_base::cli::stay_out_of_swap();
    let place = place(&settings, args.window);
    windowed::init(place.fullscreen)
        .context("打不开显示器；请在大厅这台机器的图形界面里启动终端")?;
    show(&settings, place, |_| ())
}

/// Where the window stands by the settings.
pub(super) fn place(settings: &Settings, window: bool) -> Place {
    let ScreenSettings { width_px, height_px, fullscreen, .. } = settings.screen;
    Place { fullscreen: fullscreen && !window, width: width_px, height: height_px }
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
    // A strip is there before the window's size is divided.
    app.borrow_mut().pump();
    let glass = settings.screen;
    // The window stands for the screen's glass, whatever it has in pixels.
    let scales = move |width, height| {
        let glass = glass.with_pixels(width, height);
        glass.scales()
    };
    let turning = app.clone();
    let ended = screen.run(place, scales, move |resized| {
        let mut app = turning.borrow_mut();
        if let Some(room) = resized {
            app.resize(room);
        }
        app.pump();
        if app.more_waits() {
            wake();
        }
    });
    // However the window ended, what waits is written.
    let app = Rc::into_inner(app).expect("the window has let go of it");
    app.into_inner().end(END_LIMIT);
    if ended? == Ended::DisplayGone {
        tracing::warn!("the display has gone away, and the kiosk has ended with it");
    }
    Ok(())
}
