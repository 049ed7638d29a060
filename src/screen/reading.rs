//! What the page has, in the order in which it is read, for who goes by keys or listens. It is asked of
//! the window itself, by what its elements say of themselves: so no page can be without it, and nothing
//! is in it that is not on the page.
//!
//! State: which elements the window had when it was asked last.

use std::cell::RefCell;

use i_slint_backend_testing::{AccessibleRole, ElementHandle, ElementRoot};
use slint::ComponentHandle;

use super::{Screen, joined, set, spoken, ui};
use crate::visit::{
    State,
    focus::{Enabled, Stop},
};

/// The elements behind the stops of the page.
pub(super) type Stops = RefCell<Vec<ElementHandle>>;

/// An element with what it takes of the page.
struct Element {
    handle: ElementHandle,
    says: String,
    control: Option<Enabled>,
    x: f32,
    y: f32,
    width: f32,
    height: f32,
}

impl Element {
    fn of(handle: ElementHandle) -> Option<Self> {
        let role = handle.accessible_role()?;
        let mut label = joined::plain(&handle.accessible_label()?);
        let (position, size) = (handle.absolute_position(), handle.size());
        let control = (role == AccessibleRole::Button)
            .then(|| Enabled(handle.accessible_enabled().unwrap_or(true)));
        if control.is_some() {
            label = with_all_on_it(label, &handle);
        }
        let says = spoken::spoken(&label);
        let is_read = role != AccessibleRole::None && !says.is_empty();
        let is_there = size.width > 0.0 && size.height > 0.0;
        (is_read && is_there).then(|| Self {
            says,
            control,
            x: position.x,
            y: position.y,
            width: size.width,
            height: size.height,
            handle,
        })
    }

    fn holds(&self, other: &Self) -> bool {
        const SLACK: f32 = 1.0;
        self.x <= other.x + SLACK
            && self.y <= other.y + SLACK
            && self.x + self.width + SLACK >= other.x + other.width
            && self.y + self.height + SLACK >= other.y + other.height
    }
}

/// What a control says, and what else stands on it.
fn with_all_on_it(label: String, control: &ElementHandle) -> String {
    let bare = |text: &str| text.chars().filter(|c| c.is_alphanumeric()).collect::<String>();
    let buttons = control.query_descendants().match_accessible_role(AccessibleRole::Button);
    // One that takes the whole page says only what it does.
    if buttons.find_first().is_some() {
        return label;
    }
    let words = control.query_descendants().match_inherits("Words").find_all();
    words.iter().filter_map(ElementHandle::accessible_label).fold(label, |label, words| {
        let words = joined::plain(&words);
        let has_it = bare(&label).contains(&bare(&words));
        if has_it { label } else { format!("{label}\n{words}") }
    })
}

impl Screen {
    /// What can be read and pressed on the page now, in reading order.
    pub fn read(&self) -> Vec<Stop> {
        let elements = self.on_the_page();
        let stop = |element: &Element| Stop {
            says: element.says.as_str().into(),
            control: element.control,
        };
        let stops = elements.iter().map(stop).collect();
        *self.stops.borrow_mut() = elements.into_iter().map(|element| element.handle).collect();
        stops
    }

    /// Presses one of the stops that were read last, as a finger would.
    pub fn press_stop(&self, stop: usize) {
        // Not while the list is looked at: the press may lead to the next one.
        let handle = self.stops.borrow().get(stop).cloned();
        if let Some(handle) = handle.filter(ElementHandle::is_valid) {
            handle.invoke_accessible_default_action();
        }
    }

    /// Shows where the focus is, if there is one.
    pub fn show_focus(&self, state: &State) {
        let kiosk = self.window.global::<ui::Kiosk<'_>>();
        if state.focus.is_none() {
            // Or what was drawn for whoever was here stays in memory.
            self.stops.borrow_mut().clear();
        }
        let focus = state.focus.as_ref().filter(|_| !state.warning());
        let stops = self.stops.borrow();
        let handle = focus.and_then(|focus| stops.get(focus.at())).filter(|h| h.is_valid());
        if let Some(handle) = handle {
            let (position, size) = (handle.absolute_position(), handle.size());
            set!(kiosk, get_focus_x, set_focus_x, position.x);
            set!(kiosk, get_focus_y, set_focus_y, position.y);
            set!(kiosk, get_focus_width, set_focus_width, size.width);
            set!(kiosk, get_focus_height, set_focus_height, size.height);
        }
        set!(kiosk, get_focused, set_focused, handle.is_some());
    }

    fn on_the_page(&self) -> Vec<Element> {
        let root = self.window.root_element();
        let strip = root.query_descendants().match_inherits("DemoStrip").find_first();
        let bottom = strip.map_or(f32::INFINITY, |strip| strip.absolute_position().y);
        let all = root.query_descendants().find_all().into_iter();
        let all: Vec<Element> =
            all.filter_map(Element::of).filter(|element| element.y < bottom).collect();
        // One that takes the whole page has others on it, and says only what it does.
        let others_on = |one: &Element| {
            let inner = |other: &&Element| other.control.is_some() && one.holds(other);
            all.iter().filter(inner).count() > 1
        };
        let controls: Vec<usize> = (0..all.len())
            .filter(|at| all[*at].control.is_some() && !others_on(&all[*at]))
            .collect();
        let is_said = |at: usize| {
            let words = &all[at];
            // A control says all that stands on it, and a page is called what its head says.
            words.control.is_none()
                && (controls.iter().any(|control| all[*control].holds(words))
                    || all[..at]
                        .last()
                        .is_some_and(|e| e.control.is_none() && e.says == words.says))
        };
        let said: Vec<bool> = (0..all.len()).map(is_said).collect();
        let mut said = said.into_iter();
        let mut elements = all;
        elements.retain(|_| said.next() != Some(true));
        elements
    }
}
