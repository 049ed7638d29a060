//! The window on a real display.

use std::{
    cell::RefCell,
    rc::Rc,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use slint::{
    BackendSelector, CloseRequestResponse, ComponentHandle, LogicalSize, PhysicalSize,
    platform::WindowEvent,
};

use super::{Screen, ui};
use crate::visit::fit::{Room, Size};

/// Chooses the display and the software renderer, which needs no graphics driver.
///
/// # Errors
/// When there is no display.
pub fn init() -> Result<(), slint::PlatformError> {
    // The backend itself does not look for a display before its first window.
    let there = ["WAYLAND_DISPLAY", "DISPLAY"]
        .iter()
        .any(|name| std::env::var_os(name).is_some_and(|value| !value.is_empty()));
    if !there {
        return Err(slint::PlatformError::Other("no display".into()));
    }
    BackendSelector::new().backend_name("winit".into()).renderer_name("software".into()).select()
}

/// Height of the demonstration's strip in logical pixels, as `ui/app.slint` has it.
pub const STRIP: f32 = 124.0;

/// How the window stands on the display.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Place {
    /// Whether it takes the whole display.
    pub fullscreen: bool,
    /// Physical width, for a window.
    pub width: u32,
    /// Physical height, for a window.
    pub height: u32,
    /// Physical pixels in a logical one.
    pub scales: Scales,
}

/// Physical pixels in a logical one, which on a small screen depend on the size of the text.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Scales {
    /// With normal text.
    pub normal: f32,
    /// With large text.
    pub large: f32,
}

impl Screen {
    /// A function that makes the window's thread call what [`run`](Self::run) was given. Calls in
    /// quick turn become one.
    pub fn waker(&self) -> impl Fn() + Send + Sync + 'static {
        let window = self.window.as_weak();
        let pending = self.pending.clone();
        move || {
            if pending.swap(true, Ordering::AcqRel) {
                return;
            }
            let pending = pending.clone();
            let woken = window.upgrade_in_event_loop(move |window| {
                pending.store(false, Ordering::Release);
                window.global::<ui::Kiosk<'_>>().invoke_woken();
            });
            // The loop is gone only when the process ends.
            drop(woken);
        }
    }

    /// Shows the window and runs until [`quit`] is called. `pump` is called once a second and
    /// whenever the waker was; it gets the room for pages, when that changed.
    ///
    /// # Errors
    /// When the display goes away.
    pub fn run(
        &self,
        place: Place,
        pump: impl FnMut(Option<Room>) + 'static,
    ) -> Result<(), slint::PlatformError> {
        let window = self.window.window();
        let scale_factor = place.scales.normal;
        window.dispatch_event(WindowEvent::ScaleFactorChanged { scale_factor });
        self.scales.set(Some(place.scales));
        window.set_size(PhysicalSize::new(place.width, place.height));
        window.set_fullscreen(place.fullscreen);
        window.on_close_requested(|| CloseRequestResponse::KeepWindowShown);
        let pump = Rc::new(RefCell::new(pump));
        let weak = self.window.as_weak();
        let last = Rc::new(RefCell::new(None));
        let turn = move || {
            let Some(window) = weak.upgrade() else { return };
            let size = room(&window, place.scales);
            let changed = last.replace(Some(size)) != Some(size);
            (pump.borrow_mut())(changed.then_some(size));
        };
        let turn = Rc::new(turn);
        let woken = turn.clone();
        self.window.global::<ui::Kiosk<'_>>().on_woken(move || woken());
        let clock = slint::Timer::default();
        let ticking = turn.clone();
        clock.start(slint::TimerMode::Repeated, Duration::from_secs(1), move || ticking());
        self.window.show()?;
        turn();
        slint::run_event_loop_until_quit()
    }
}

/// Ends [`Screen::run`]. From any thread.
pub fn quit() {
    // Without a loop there is nothing to end.
    let _ = slint::quit_event_loop();
}

/// The room for pages: the window less the demonstration's strip.
fn room(window: &ui::App, scales: Scales) -> Room {
    let strip = window.get_strip();
    let size = |scale: f32| {
        let LogicalSize { width, height, .. } = window.window().size().to_logical(scale);
        Size { width: width.round() as u32, height: (height - strip).max(1.0).round() as u32 }
    };
    Room { normal: size(scales.normal), large: size(scales.large) }
}

impl Screen {
    /// Draws with the scale that goes with the size of the text.
    pub(super) fn scale(&self, large: bool) {
        let Some(scales) = self.scales.get() else { return };
        let scale_factor = if large { scales.large } else { scales.normal };
        let window = self.window.window();
        if window.scale_factor() == scale_factor {
            return;
        }
        window.dispatch_event(WindowEvent::ScaleFactorChanged { scale_factor });
        let size = window.size().to_logical(scale_factor);
        window.dispatch_event(WindowEvent::Resized { size });
    }
}

/// Whether a wake is under way.
pub(super) type Pending = Arc<AtomicBool>;
