//! What fits on the pages, as `ui/capacity.slint` works it out from the room and the theme.

use kiosk_ui as ui;
use slint::ComponentHandle;

use super::Screen;
use crate::visit::fit::{
    BySize, Column, Fit, Fits, Grid, Heights, MapRoom, Pages, Room, SheetParts, TextSize,
};

impl Screen {
    /// What fits on pages in `room`. The next [`render`](Screen::render) draws with the text of its state.
    pub fn measure(&self, room: Room) -> Fits {
        let all = |pages: BySize<Pages>| BySize::from_fn(|text| self.at(pages.of(text)));
        Heights { full: all(room.full), low: room.low.map(all) }
    }

    fn at(&self, Pages { size, large, above }: Pages) -> Fit {
        let landscape = size.width > size.height;
        let small = if large { size.is_tight() } else { size.is_small() };
        let theme = self.window.global::<ui::Theme<'_>>();
        theme.set_large(large);
        theme.set_landscape(landscape);
        theme.set_small(small);
        let capacity = self.window.global::<ui::Capacity<'_>>();
        capacity.set_width(size.width as f32);
        capacity.set_height(size.height as f32);
        let all = capacity.get_all();
        Fit {
            landscape,
            small,
            large,
            above,
            jobs: grid(&all.jobs),
            trainings: grid(&all.trainings),
            guides: grid(&all.guides),
            files: grid(&all.files),
            marks: grid(&all.marks),
            kinds: grid(&all.kinds),
            options: grid(&all.options),
            years: grid(&all.years),
            doors: grid(&all.doors),
            tiles: grid(&all.tiles),
            tiles_paged: grid(&all.tiles_paged),
            fairs: count(all.fairs),
            low_weeks: all.low_weeks,
            hits: count(all.hits),
            problems: count(all.problems),
            checks: count(all.checks),
            posting: column(&all.posting),
            training: column(&all.training),
            fair: column(&all.fair),
            guide: column(&all.guide),
            board: column(&all.board),
            compared: column(&all.compared),
            map: MapRoom { across: all.map.across, down: all.map.down },
            sheet: SheetParts {
                room: all.sheet.room,
                bar: all.sheet.bar,
                drawing: all.sheet.drawing,
                advice: all.sheet.advice,
                doors: all.sheet.doors,
                crowded: all.sheet.crowded,
                line: all.sheet.line,
                double_line: all.sheet.double_line,
                pager: all.sheet.pager,
            },
        }
    }
}

impl From<TextSize> for ui::TextSize {
    fn from(size: TextSize) -> Self {
        match size {
            TextSize::Standard => Self::Standard,
            TextSize::Large => Self::Large,
            TextSize::Larger => Self::Larger,
            TextSize::Double => Self::Double,
        }
    }
}

impl From<ui::TextSize> for TextSize {
    fn from(size: ui::TextSize) -> Self {
        match size {
            ui::TextSize::Standard => Self::Standard,
            ui::TextSize::Large => Self::Large,
            ui::TextSize::Larger => Self::Larger,
            ui::TextSize::Double => Self::Double,
        }
    }
}

fn grid(cells: &ui::Cells) -> Grid {
    Grid { columns: count(cells.columns), rows: count(cells.rows) }
}

/// At least one: a page shows something.
fn count(told: i32) -> usize {
    usize::try_from(told).unwrap_or_default().max(1)
}

fn column(told: &ui::Column) -> Column {
    let ui::Column { room, later, per_line, line, label } = *told;
    Column { room, later, per_line, line, label }
}
