//! The screens of an X server, asked on a connection of our own. What the toolkit knows of them is
//! from its start (it does not hear of changes), and without a window manager nobody else tells a
//! window to cover them.

use slint::{PhysicalPosition, PhysicalSize};
use x11rb::{
    connection::Connection as _,
    protocol::{randr::ConnectionExt as _, xproto::ConnectionExt as _},
    rust_connection::RustConnection,
};

/// A connection to the X server that the environment names.
pub(super) struct Screens {
    connection: RustConnection,
    root: u32,
}

impl Screens {
    /// `None` where there is no X server.
    pub(super) fn connect() -> Option<Self> {
        let (connection, screen) = x11rb::connect(None).ok()?;
        let root = connection.setup().roots.get(screen)?.root;
        Some(Self { connection, root })
    }

    /// Where the screen is that the kiosk is to cover, as it is now: the primary one, the first
    /// where none is, or all there is where the server tells no screens apart.
    pub(super) fn covered(&self) -> Option<(PhysicalPosition, PhysicalSize)> {
        let asked = self.connection.randr_get_monitors(self.root, true);
        let monitors = asked.ok().and_then(|asked| asked.reply().ok());
        let monitors = monitors.map(|reply| reply.monitors).unwrap_or_default();
        let monitor = monitors.iter().find(|monitor| monitor.primary).or(monitors.first());
        let (x, y, width, height) = match monitor {
            Some(monitor) => (monitor.x, monitor.y, monitor.width, monitor.height),
            None => {
                let root = self.connection.get_geometry(self.root).ok()?.reply().ok()?;
                (0, 0, root.width, root.height)
            }
        };
        let position = PhysicalPosition::new(x.into(), y.into());
        Some((position, PhysicalSize::new(width.into(), height.into())))
    }
}
