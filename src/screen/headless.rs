//! The same window without a display: drawn by the software renderer, found and clicked by the
//! labels that a resident would read. For the headless demonstration, the tests and the benches.
//!
//! It needs `with_debug_info` in `ui/build.rs`: without it elements are not found at all.

use std::{ops::ControlFlow, time::Duration};

use i_slint_backend_testing::{
    AccessibleRole, ElementHandle, ElementRoot, TestingBackend, TestingBackendOptions,
    mock_elapsed_time,
};
use slint::{
    ComponentHandle, PhysicalSize, Rgba8Pixel, SharedPixelBuffer,
    platform::{PointerEventButton, WindowEvent},
};

use super::{Screen, joined};
use crate::visit::fit::{Room, Scales};

/// Makes this thread's windows headless. Time stands still but for [`pass`].
///
/// # Errors
/// When a platform was chosen on this thread before.
pub fn init() -> Result<(), slint::PlatformError> {
    let options = TestingBackendOptions {
        mock_time: true,
        threading: false,
        renderer_name: Some("software".into()),
    };
    slint::platform::set_platform(Box::new(TestingBackend::new(options)))
        .map_err(|error| slint::PlatformError::Other(error.to_string()))
}

/// Lets `duration` pass for the window's timers and animations.
pub fn pass(duration: Duration) {
    mock_elapsed_time(duration);
}

/// What can be pressed or read on the window, in logical pixels.
#[derive(Debug, Clone, PartialEq)]
pub struct Found {
    /// What it is.
    pub role: Role,
    /// What it says.
    pub label: String,
    /// What it says with the marks at which no line ends.
    pub drawn: String,
    /// What the widget says of itself; `cut` when its words do not fit.
    pub description: String,
    /// Whether it reacts.
    pub enabled: bool,
    /// Left edge.
    pub x: f32,
    /// Upper edge.
    pub y: f32,
    /// Width.
    pub width: f32,
    /// Height.
    pub height: f32,
}

/// What an element is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Role {
    /// Can be pressed.
    Button,
    /// Words.
    Text,
    /// The page.
    Page,
    /// Anything else that has a label.
    Other,
}

/// What the window is made of, in the order in which it is drawn.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Drawn {
    /// What can be pressed.
    pub controls: Vec<Found>,
    /// Every text.
    pub words: Vec<Found>,
    /// Those of them that may take several lines.
    pub paragraphs: Vec<Found>,
    /// Icons and the QR code.
    pub pictures: Vec<Found>,
}

impl Screen {
    /// Gives the window a size, shows it, and draws nothing yet.
    ///
    /// # Errors
    /// When the platform cannot show windows.
    pub fn show_headless(&self, width: u32, height: u32) -> Result<(), slint::PlatformError> {
        self.window.window().set_size(PhysicalSize::new(width, height));
        self.window.show()
    }

    /// As [`show_headless`](Self::show_headless), with the scales that a display of this size would
    /// have. Returns the room for pages.
    ///
    /// # Errors
    /// When the platform cannot show windows.
    pub fn show_scaled(
        &self,
        width: u32,
        height: u32,
        scales: Scales,
    ) -> Result<Room, slint::PlatformError> {
        self.show_headless(width, height)?;
        Ok(self.display.take(&self.window, scales))
    }

    /// The window's picture.
    ///
    /// # Errors
    /// When the window is not shown.
    pub fn picture(&self) -> Result<SharedPixelBuffer<Rgba8Pixel>, slint::PlatformError> {
        self.window.window().take_snapshot()
    }

    /// Everything on the page that has a label, in the order of the page.
    pub fn elements(&self) -> Vec<Found> {
        self.window.root_element().query_descendants().find_all().iter().filter_map(found).collect()
    }

    /// Everything that is drawn, also words that are part of a control and not read on their own.
    /// `within` names a widget and leaves out what is not in one.
    pub fn drawn(&self, within: Option<&str>) -> Drawn {
        let mut drawn = Drawn::default();
        let Some(root) = self.widget(within) else { return drawn };
        // Once through all there is: each look for one kind alone costs as much.
        each(&root, |element, is| {
            let lists = [
                (element.accessible_role() == Some(AccessibleRole::Button), &mut drawn.controls),
                (is("Words"), &mut drawn.words),
                (is("Paragraph"), &mut drawn.paragraphs),
                (is("Image"), &mut drawn.pictures),
            ];
            for (_, list) in lists.into_iter().filter(|(belongs, _)| *belongs) {
                list.push(seen(element));
            }
        });
        drawn
    }

    /// Cards, controls and the foot, each with the words that belong into it; `within` as for
    /// [`drawn`](Self::drawn).
    pub fn frames(&self, within: Option<&str>) -> Vec<(Found, Vec<Found>)> {
        let mut frames = Vec::new();
        let Some(root) = self.widget(within) else { return frames };
        each(&root, |frame, is| {
            if ["Panel", "Pressable", "Foot"].iter().any(|widget| is(widget)) {
                let mut words = Vec::new();
                each(frame, |element, is| words.extend(is("Words").then(|| seen(element))));
                frames.push((seen(frame), words));
            }
        });
        frames
    }

    /// The whole window, or the first widget of a name.
    fn widget(&self, name: Option<&str>) -> Option<ElementHandle> {
        let root = self.window.root_element();
        match name {
            Some(name) => root.query_descendants().match_inherits(name).find_first(),
            None => Some(root),
        }
    }

    /// Presses and releases the first enabled button whose label begins with `label`, where a
    /// finger would: in its middle. Returns whether there was one.
    pub fn press(&self, label: &str) -> bool {
        let elements = self.elements();
        let buttons = || elements.iter().filter(|e| e.role == Role::Button && e.enabled);
        let button = buttons()
            .find(|button| button.label == label)
            .or_else(|| buttons().find(|button| button.label.starts_with(label)));
        let Some(button) = button else { return false };
        self.touch(button.x + button.width / 2.0, button.y + button.height / 2.0);
        true
    }

    /// Presses and releases a key of a keyboard.
    pub fn key(&self, key: char) {
        let text = slint::SharedString::from(key);
        let window = self.window.window();
        window.dispatch_event(WindowEvent::KeyPressed { text: text.clone() });
        window.dispatch_event(WindowEvent::KeyReleased { text });
    }

    /// Presses a key, holds it and releases it.
    pub fn key_for(&self, key: char, duration: Duration) {
        let text = slint::SharedString::from(key);
        let window = self.window.window();
        window.dispatch_event(WindowEvent::KeyPressed { text: text.clone() });
        pass(duration);
        window.dispatch_event(WindowEvent::KeyReleased { text });
    }

    /// Touches the glass at a point, in logical pixels.
    pub fn touch(&self, x: f32, y: f32) {
        self.touch_for(x, y, Duration::from_millis(60));
    }

    /// Touches the glass at a point and holds it.
    pub fn touch_for(&self, x: f32, y: f32, duration: Duration) {
        self.press_down(x, y);
        pass(duration);
        self.release(x, y);
    }

    /// Lays a finger on the glass.
    pub fn press_down(&self, x: f32, y: f32) {
        let position = slint::LogicalPosition::new(x, y);
        let button = PointerEventButton::Left;
        let window = self.window.window();
        window.dispatch_event(WindowEvent::PointerMoved { position });
        window.dispatch_event(WindowEvent::PointerPressed { position, button });
    }

    /// Moves the finger that lies on the glass.
    pub fn move_to(&self, x: f32, y: f32) {
        let position = slint::LogicalPosition::new(x, y);
        self.window.window().dispatch_event(WindowEvent::PointerMoved { position });
    }

    /// Lays a finger on the glass, moves it by a way, and takes it off, in as many small steps as a
    /// touch screen reports.
    pub fn drag(&self, (x, y): (f32, f32), (across, along): (f32, f32)) {
        const STEPS: u8 = 10;
        self.press_down(x, y);
        for step in 1..=STEPS {
            let part = f32::from(step) / f32::from(STEPS);
            pass(Duration::from_millis(8));
            self.move_to(x + across * part, y + along * part);
        }
        self.release(x + across, y + along);
    }

    /// Takes the finger off the glass.
    pub fn release(&self, x: f32, y: f32) {
        let position = slint::LogicalPosition::new(x, y);
        let button = PointerEventButton::Left;
        let window = self.window.window();
        window.dispatch_event(WindowEvent::PointerReleased { position, button });
        window.dispatch_event(WindowEvent::PointerExited);
    }
}

/// Looks at everything under `root`, with what tells whether it is a widget of a name.
fn each(root: &ElementHandle, mut look: impl FnMut(&ElementHandle, &dyn Fn(&str) -> bool)) {
    root.visit_descendants(|element| {
        let kinds: Vec<_> =
            element.type_name().into_iter().chain(element.bases().into_iter().flatten()).collect();
        look(&element, &|widget| kinds.iter().any(|kind| kind == widget));
        ControlFlow::<()>::Continue(())
    });
}

fn found(element: &ElementHandle) -> Option<Found> {
    let labelled = element.accessible_label().is_some();
    let read = !matches!(element.accessible_role()?, AccessibleRole::None);
    (labelled && read).then(|| seen(element))
}

fn seen(element: &ElementHandle) -> Found {
    let role = match element.accessible_role() {
        Some(AccessibleRole::Button) => Role::Button,
        Some(AccessibleRole::Text) => Role::Text,
        Some(AccessibleRole::Main) => Role::Page,
        _ => Role::Other,
    };
    let drawn = String::from(element.accessible_label().unwrap_or_default());
    let position = element.absolute_position();
    let size = element.size();
    Found {
        role,
        label: joined::plain(&drawn),
        drawn,
        description: element.accessible_description().unwrap_or_default().into(),
        enabled: element.accessible_enabled().unwrap_or(true),
        x: position.x,
        y: position.y,
        width: size.width,
        height: size.height,
    }
}
