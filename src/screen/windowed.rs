//! The window on a real display.
//!
//! The display decides how large the window is, and may change its mind: a compositor gives a size
//! after the first frame at the latest, a screen is turned or exchanged, a window manager has ideas
//! of its own. So nothing is believed beforehand: before each frame the pages are fitted to the
//! size that the window has then, and a full screen stays empty until the window covers it.

use std::{
    cell::{Cell, OnceCell, RefCell},
    ops::RangeInclusive,
    os::unix::net::UnixStream,
    path::Path,
    rc::Rc,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::{Duration, Instant},
};

use slint::{
    BackendSelector, CloseRequestResponse, ComponentHandle, PhysicalPosition, PhysicalSize,
    platform::WindowEvent,
    winit_030::{
        EventResult, WinitWindowAccessor,
        winit::{event::WindowEvent as DisplayEvent, window::Fullscreen},
    },
};

use super::{Screen, ui, x::Screens};
use crate::visit::fit::{Room, Scales, TextSize};

/// Chooses the display and the software renderer, which needs no graphics driver. `fullscreen` says
/// whether the window is to take all of the display.
///
/// # Errors
/// When there is no display.
pub fn init(fullscreen: bool) -> Result<(), slint::PlatformError> {
    // The backend itself does not look for a display before its first window.
    let there = ["WAYLAND_DISPLAY", "DISPLAY"]
        .iter()
        .any(|name| std::env::var_os(name).is_some_and(|value| !value.is_empty()));
    if !there {
        return Err(slint::PlatformError::Other("没有找到显示器".into()));
    }
    let whole = fullscreen.then_some(Fullscreen::Borderless(None));
    BackendSelector::new()
        .backend_name("winit".into())
        .renderer_name("software".into())
        // Not through the toolkit's own window: where the compositor calls it otherwise (cage says
        // "maximized"), that takes the wish back.
        .with_winit_window_attributes_hook(move |window| window.with_fullscreen(whole.clone()))
        .select()
}

/// Height of the demonstration's strip in logical pixels, as `ui/app.slint` has it.
pub const STRIP: f32 = 124.0;

/// How the window is to stand on the display.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Place {
    /// Whether it takes the whole display, whatever size that has.
    pub fullscreen: bool,
    /// Physical width of a window.
    pub width: u32,
    /// Physical height of a window.
    pub height: u32,
}

/// Why [`Screen::run`] came back.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ended {
    /// [`quit`] was called.
    Asked,
    /// The compositor ended, and its windows with it. (An X server that goes away ends the process
    /// from within its client library, with exit code 1.)
    DisplayGone,
}

/// What is known of the display that the window is on; empty without one.
#[derive(Default)]
pub(super) struct Display {
    /// What the pages were fitted to last.
    fitted: Cell<Option<Fitted>>,
    /// The scale that goes with the size of the text.
    scale: Cell<Option<f32>>,
    /// Where the display is an X server.
    screens: OnceCell<Option<Screens>>,
    /// The screen that an X window was asked to cover last.
    asked: Cell<Option<(PhysicalPosition, PhysicalSize)>>,
    /// For how many looks in a row it did not.
    uncovered: Cell<u8>,
}

/// What pages are fitted to.
#[derive(Clone, Copy, PartialEq)]
struct Fitted {
    /// The window's physical size.
    size: PhysicalSize,
    scales: Scales,
    room: Room,
}

/// How much of a screen's width and height a window may take: the rest is for its frame and bars.
const OF_A_SCREEN: f32 = 0.9;
/// At which looks in a row, one a second, a window manager is asked anew for the whole screen: not at
/// the first, when the size may just have changed, and one that never gives it is left in peace.
const ASK_ANEW: RangeInclusive<u8> = 2..=6;
/// How long a full screen may stay empty because the window does not cover it.
const EMPTY_MOST: Duration = Duration::from_secs(1);

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

    /// Shows the window and runs until [`quit`] is called or the display goes away. `scales` says
    /// how large things are drawn in a window of a physical width and height. `pump` shows the
    /// pages; it is called once a second, whenever the waker was, and before a frame for which the
    /// room for pages changed, which it gets then.
    ///
    /// # Errors
    /// When the display is there and yet cannot be used.
    pub fn run(
        &self,
        place: Place,
        scales: impl Fn(u32, u32) -> Scales + 'static,
        pump: impl FnMut(Option<Room>) + 'static,
    ) -> Result<Ended, slint::PlatformError> {
        let window = self.window.window();
        window.set_size(PhysicalSize::new(place.width, place.height));
        window.on_close_requested(|| CloseRequestResponse::KeepWindowShown);
        let kiosk = self.window.global::<ui::Kiosk<'_>>();
        kiosk.set_unplaced(true);

        let pump = Rc::new(RefCell::new(pump));
        let (weak, display) = (self.window.as_weak(), self.display.clone());
        let turn = Rc::new(move || {
            let Some(window) = weak.upgrade() else { return };
            (pump.borrow_mut())(display.fit(&window, &scales));
        });
        let woken = turn.clone();
        kiosk.on_woken(move || woken());

        let (weak, display) = (self.window.as_weak(), self.display.clone());
        let (turning, begun) = (turn.clone(), Instant::now());
        window.on_winit_window_event(move |_, event| match event {
            // Sizes on the pages are physical: the scale that the display recommends is not taken.
            DisplayEvent::ScaleFactorChanged { .. } => EventResult::PreventDefault,
            DisplayEvent::RedrawRequested => {
                let Some(window) = weak.upgrade() else { return EventResult::Propagate };
                let kiosk = window.global::<ui::Kiosk<'_>>();
                if kiosk.get_unplaced() {
                    if !place.fullscreen {
                        Display::make_room(window.window());
                    }
                    let covers = !place.fullscreen || display.cover(window.window());
                    kiosk.set_unplaced(!covers && begun.elapsed() < EMPTY_MOST);
                }
                if !display.fits(window.window()) {
                    turning();
                }
                EventResult::Propagate
            }
            _ => EventResult::Propagate,
        });
        let (weak, display) = (self.window.as_weak(), self.display.clone());
        let clock = slint::Timer::default();
        clock.start(slint::TimerMode::Repeated, Duration::from_secs(1), move || {
            turn();
            let Some(window) = weak.upgrade() else { return };
            if place.fullscreen {
                display.keep_covering(window.window());
            }
            if window.global::<ui::Kiosk<'_>>().get_unplaced() {
                window.window().request_redraw();
            }
        });
        let ended = self.window.show().map(|()| slint::run_event_loop_until_quit());
        // What was given to the window lives in it, and may hold the window: it goes whatever came.
        drop(clock);
        self.window.global::<ui::Kiosk<'_>>().on_woken(|| ());
        window.on_winit_window_event(|_, _| EventResult::Propagate);
        let _ = self.window.hide();
        match ended? {
            Ok(()) => Ok(Ended::Asked),
            Err(_) if compositor_is_gone() => Ok(Ended::DisplayGone),
            Err(error) => Err(error),
        }
    }

    /// Draws with the scale that goes with the size of the text.
    pub(super) fn scale(&self, text: TextSize, low: bool) {
        let Some(Fitted { scales, .. }) = self.display.fitted.get() else { return };
        let scale_factor = scales.at(text, low).factor;
        self.display.scale.set(Some(scale_factor));
        let window = self.window.window();
        if window.scale_factor() == scale_factor {
            return;
        }
        window.dispatch_event(WindowEvent::ScaleFactorChanged { scale_factor });
        let size = window.size().to_logical(scale_factor);
        window.dispatch_event(WindowEvent::Resized { size });
        repaint(&self.window);
    }
}

/// Whether no compositor answers any more. One that threw out this client alone does.
fn compositor_is_gone() -> bool {
    let name = std::env::var_os("WAYLAND_DISPLAY").unwrap_or_default();
    if name.is_empty() {
        return false;
    }
    let directory = std::env::var_os("XDG_RUNTIME_DIR").unwrap_or_default();
    // A full path stays as it is.
    let socket = Path::new(&directory).join(name);
    // It lets go of its clients before it stops taking new ones.
    let deadline = Instant::now() + Duration::from_secs(2);
    while Instant::now() < deadline {
        if UnixStream::connect(&socket).is_err() {
            return true;
        }
        std::thread::sleep(Duration::from_millis(50));
    }
    false
}

/// Ends [`Screen::run`]. From any thread.
pub fn quit() {
    // Without a loop there is nothing to end.
    let _ = slint::quit_event_loop();
}

impl Display {
    /// Whether the pages were made for the window as it is.
    fn fits(&self, window: &slint::Window) -> bool {
        self.fitted.get().is_some_and(|fitted| fitted.size == window.size())
            && self.scale.get() == Some(window.scale_factor())
    }

    /// Takes the window's present size. Returns the room for pages, if that is another one.
    fn fit(&self, window: &ui::App, scales: impl Fn(u32, u32) -> Scales) -> Option<Room> {
        let PhysicalSize { width, height, .. } = window.window().size();
        let before = self.fitted.get().map(|fitted| fitted.room);
        let room = self.take(window, scales(width, height));
        (before != Some(room)).then_some(room)
    }

    /// Takes the window's present size with its scales. Returns the room for pages.
    pub(super) fn take(&self, window: &ui::App, scales: Scales) -> Room {
        let size = window.window().size();
        let room = Room::of_window(size.width, size.height, &scales, window.get_strip());
        let fitted = Fitted { size, scales, room };
        if self.fitted.replace(Some(fitted)) != Some(fitted) {
            repaint(window);
        }
        room
    }

    /// Makes a window smaller that its screen cannot hold, in the same shape.
    fn make_room(window: &slint::Window) {
        let screen = window.with_winit_window(|window| Some(window.current_monitor()?.size()));
        let Some(screen) = screen.flatten() else { return };
        let size = window.size();
        let part = |has: u32, takes: u32| has as f32 * OF_A_SCREEN / takes.max(1) as f32;
        let smaller = part(screen.width, size.width).min(part(screen.height, size.height));
        if smaller < 1.0 {
            let less = |pixels: u32| (pixels as f32 * smaller) as u32;
            window.set_size(PhysicalSize::new(less(size.width), less(size.height)));
        }
    }

    /// Whether the window covers the screen. Where nobody else gives it its size, it asks for it.
    fn cover(&self, window: &slint::Window) -> bool {
        // Wayland says nothing of positions. There the compositor gives the size, and says so.
        let given = window.with_winit_window(|window| match window.outer_position() {
            Err(_) => Some(window.fullscreen().is_some() || window.is_maximized()),
            Ok(_) => None,
        });
        match given {
            None => return false,
            Some(Some(covers)) => return covers,
            Some(None) => {}
        }
        let screens = self.screens.get_or_init(Screens::connect).as_ref();
        let Some((position, size)) = screens.and_then(Screens::covered) else { return false };
        if self.asked.replace(Some((position, size))) != Some((position, size)) {
            window.set_position(position);
            window.set_size(size);
        }
        let stands = window.with_winit_window(|window| window.inner_position().ok()).flatten();
        let is_there = stands.is_some_and(|at| (at.x, at.y) == (position.x, position.y));
        window.size() == size && is_there
    }

    /// Sees to it that the window goes on covering the screen. A window manager of an X server that
    /// comes after the window, or anew, has not heard that it is to, and puts a frame around it.
    fn keep_covering(&self, window: &slint::Window) {
        // Wayland's compositors know.
        if self.cover(window) || self.screens.get().is_none() {
            self.uncovered.set(0);
            return;
        }
        let looks = self.uncovered.get().saturating_add(1);
        self.uncovered.set(looks);
        if ASK_ANEW.contains(&looks) {
            window.with_winit_window(|window| {
                // What it takes for granted it does not ask for.
                window.set_fullscreen(None);
                window.set_fullscreen(Some(Fullscreen::Borderless(None)));
            });
        }
    }
}

/// Has every pixel drawn anew. The toolkit draws what changed in logical pixels; where another size comes with
/// another scale the page is the same in them, and the pixels are those of a picture of other lines.
fn repaint(window: &ui::App) {
    let kiosk = window.global::<ui::Kiosk<'_>>();
    kiosk.set_repainted(!kiosk.get_repainted());
}

/// Whether a wake is under way.
pub(super) type Pending = Arc<AtomicBool>;
