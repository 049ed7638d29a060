//! The same window as a display gets it: one buffer that is kept, of which only what changed is
//! drawn anew. For the benches, because the whole frames of [`headless`](super::headless) cost what
//! no touch costs on a real screen.

use std::{cell::RefCell, rc::Rc, time::Duration, time::Instant};

use slint::{
    PhysicalSize, PlatformError,
    platform::{
        Platform, WindowAdapter,
        software_renderer::{MinimalSoftwareWindow, PremultipliedRgbaColor, RepaintBufferType},
    },
};

/// The glass: what was drawn last, and the window that draws on it.
pub struct Surface {
    window: Rc<MinimalSoftwareWindow>,
    pixels: RefCell<Vec<PremultipliedRgbaColor>>,
}

/// Makes the next window of this thread one that is drawn on the surface returned. Its time is the
/// real one.
///
/// # Errors
/// When a platform was chosen on this thread before.
pub fn init() -> Result<Surface, PlatformError> {
    let window = MinimalSoftwareWindow::new(RepaintBufferType::ReusedBuffer);
    let platform = OneWindow { window: window.clone(), started: Instant::now() };
    slint::platform::set_platform(Box::new(platform))
        .map_err(|error| PlatformError::Other(error.to_string()))?;
    Ok(Surface { window, pixels: RefCell::default() })
}

impl Surface {
    /// Lets timers and animations go on, and draws what changed. Returns how many physical pixels
    /// that were, 0 when nothing did.
    pub fn draw(&self) -> u64 {
        slint::platform::update_timers_and_animations();
        let PhysicalSize { width, height } = self.window.size();
        let mut pixels = self.pixels.borrow_mut();
        pixels.resize(width as usize * height as usize, PremultipliedRgbaColor::default());
        let mut drawn = 0;
        self.window.draw_if_needed(|renderer| {
            let region = renderer.render(&mut pixels, width as usize);
            drawn = region.iter().map(|(_, size)| u64::from(size.width * size.height)).sum();
        });
        drawn
    }
}

struct OneWindow {
    window: Rc<MinimalSoftwareWindow>,
    started: Instant,
}

impl Platform for OneWindow {
    fn create_window_adapter(&self) -> Result<Rc<dyn WindowAdapter>, PlatformError> {
        Ok(self.window.clone())
    }

    fn duration_since_start(&self) -> Duration {
        self.started.elapsed()
    }
}
