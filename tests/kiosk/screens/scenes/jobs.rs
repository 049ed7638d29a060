//! The pages on which work is found.

use kiosk_base::domain::{
    Code, Education, EmploymentForm, Fen, OccupationClass, Wage, posting::WagePeriod,
};
use renshe_kiosk::{
    listings::{Facet, Facets, Filters, Form, Home, Near, Nearest, Tile},
    visit::jobs::{self, Compare, Find, Job, Jobs, Narrow, Options, Pad, choices, comparison},
};

use super::*;

impl Props {
    fn query(&self, words: &str, limit: usize) -> Query {
        let home = Some(Home::alone(self.settings.office.division.clone()));
        Query { words: words.into(), home, limit, ..Query::default() }
    }

    pub(super) fn jobs(&self, scenes: &mut Vec<Scene>, fit: &Fit) {
        self.find(scenes, fit);
        self.list(scenes, fit);
        self.filters(scenes, fit);
        self.pad(scenes, fit);
        self.details(scenes, fit);
        self.managed(scenes, fit);
        self.comparisons(scenes, fit);
    }

    fn find(&self, scenes: &mut Vec<Scene>, fit: &Fit) {
        let find = |filters: Filters, facets: Option<Facets>, page| {
            let query = Query { filters, ..self.query("", 0) };
            Some(Page::Jobs(jobs::Page::Find(Find { query, facets, page })))
        };
        let many = counted();
        let tiles = many.tiles.len() + 1;
        for page in 0..fit.tiles(tiles).pages(tiles) {
            let shown = find(Filters::default(), Some(many.clone()), page);
            scenes.push(scene(format!("find-{page}"), shown));
        }
        let narrowed = Filters {
            near: Some(Near::Town),
            wage_from: Some(Fen::from_yuan(8_000)),
            ..Filters::default()
        };
        let few = Facets { total: 1, tiles: [(Tile::Other, 1)].into(), ..Facets::default() };
        scenes.push(scene("find-few", find(narrowed, Some(few), 0)));
        scenes.push(scene("find-counting", find(Filters::default(), None, 0)));
    }

    fn list(&self, scenes: &mut Vec<Scene>, fit: &Fit) {
        let limit = fit.jobs.cells();
        let list = |words: &str, filters, offset, total, rows: Option<Vec<Posting>>| {
            let query = Query { offset, filters, ..self.query(words, limit) };
            let results = rows.map(|rows| found(total, rows, None));
            Page::Jobs(jobs::Page::List(Jobs { query, results, total }))
        };
        let plain = Filters::default;
        let tile = || Filters { tile: Some(Tile::Other), ..plain() };
        let narrowed = || Filters {
            within: Some(self.towns[3].code.clone()),
            wage_from: Some(Fen::from_yuan(3_000)),
            meals: true,
            ..tile()
        };
        let total = self.postings.len();
        for (page, rows) in self.long_postings.chunks(limit).enumerate() {
            let shown = list("", plain(), page * limit, total, Some(rows.to_vec()));
            scenes.push(scene(format!("jobs-{page}"), Some(shown)));
        }
        let rows: Vec<Posting> = self.postings.iter().take(limit).cloned().collect();
        let last = (total - 1) / limit * limit;
        let one = Some(rows[..1].to_vec());
        let newer = rows.iter().map(newer).collect();
        scenes.push(scene("jobs-newer", Some(list("", plain(), 0, total, Some(newer)))));
        scenes.push(scene("jobs-last", Some(list("", tile(), last, total, one))));
        scenes.push(scene("jobs-loading", Some(list("", plain(), 0, 0, None))));
        let none = || Some(Vec::new());
        scenes.push(scene("jobs-none", Some(list("", plain(), 0, 0, none()))));
        for (name, without, other_words) in [
            ("words", Vec::new(), true),
            ("place", vec![Facet::Place], false),
            ("much", vec![Facet::Education, Facet::Board, Facet::Wage, Facet::Place], false),
        ] {
            let query = self.query("dhg", limit);
            let nearest = Nearest { query: query.clone(), without, other_words, total: 100_000 };
            let query = Query { filters: narrowed(), words: "dhgdhgdh".into(), ..query };
            let results = Some(found(0, Vec::new(), Some(nearest)));
            let shown = Page::Jobs(jobs::Page::List(Jobs { query, results, total: 0 }));
            scenes.push(scene(format!("jobs-nearest-{name}"), Some(shown)));
        }
        let shown = list("dhg", plain(), 0, total, Some(rows.clone()));
        scenes.push(scene("jobs-words", Some(shown)));
        let shown = list("dhgdhgdh", narrowed(), 0, 100_000, Some(rows.clone()));
        scenes.push(scene("jobs-words-filters", Some(shown)));
        scenes.push(scene("jobs-filters", Some(list("", narrowed(), 0, 7, Some(rows)))));
    }

    fn filters(&self, scenes: &mut Vec<Scene>, fit: &Fit) {
        let narrow = |filters: Filters, facets: Option<Facets>| {
            let query = Query { filters, ..self.query("", 0) };
            Some(Page::Jobs(jobs::Page::Narrow(Narrow { query, facets })))
        };
        let longest = Filters {
            near: Some(Near::Neighbours),
            wage_from: Some(Fen::from_yuan(8_000)),
            tile: Some(Tile::Other),
            education: Some(Education::High),
            form: Some(Form::Dispatched),
            meals: true,
            lodging: true,
            ..Filters::default()
        };
        scenes.push(scene("narrow-counting", narrow(Filters::default(), None)));
        scenes.push(scene("narrow-set", narrow(longest.clone(), Some(counted()))));
        let machine = self.kiosk().machine;
        let below = narrow(longest.clone(), Some(counted()));
        let query = Query { filters: longest, ..self.query("", 0) };
        for facet in Facet::ALL {
            let offered = choices::offered(&machine, facet, &query, Some(&counted())).len();
            for page in 0..fit.options.pages(offered) {
                let shown = Page::Jobs(jobs::Page::Options(Options { facet, page }));
                let name = format!("options-{}-{page}", facet as usize);
                scenes.push(scene(name, Some(shown)).over(below.clone()));
            }
        }
    }

    fn pad(&self, scenes: &mut Vec<Scene>, fit: &Fit) {
        let pad = |typed: &str, results: Option<Results>| {
            let query = Some(self.query(typed, fit.hits)).filter(|_| !typed.is_empty());
            Some(Page::Jobs(jobs::Page::Pad(Pad { typed: typed.into(), query, results })))
        };
        let hits: Vec<Posting> = self.long_postings.iter().take(fit.hits).cloned().collect();
        scenes.push(scene("pad-empty", pad("", None)));
        scenes.push(scene("pad-typed", pad("dhg", None)));
        scenes.push(scene("pad-found", pad("dhg", Some(found(12, hits.clone(), None)))));
        scenes.push(scene("pad-found-many", pad("wwwwwwww", Some(found(100_000, hits, None)))));
        scenes.push(scene("pad-none", pad("xyz", Some(found(0, Vec::new(), None)))));
        let query = self.query("x", fit.hits);
        let nearest = Nearest { query, without: Vec::new(), other_words: true, total: 100_000 };
        scenes.push(scene("pad-nearest", pad("xyz", Some(found(0, Vec::new(), Some(nearest))))));
    }

    fn details(&self, scenes: &mut Vec<Scene>, fit: &Fit) {
        let mut longest: Vec<&Posting> = self.postings.iter().collect();
        longest.sort_by_key(|posting| std::cmp::Reverse(all_of_posting(posting)));
        let title = self.postings.iter().max_by_key(|p| p.title.chars().count());
        let bare = self.postings.iter().max_by_key(|p| p.missing().len());
        let newer = newer(longest[0]);
        // Of a town whose place is known, and of one that lies towards nothing.
        let away = |code: &str| Posting {
            division: Some(DivisionCode::parse(code).expect("a code")),
            ..longest[0].clone()
        };
        let (far, beside) = (away("510521108"), away("510521107"));
        let chosen = [
            ("long", Some(longest[0])),
            ("far", Some(&far)),
            ("beside", Some(&beside)),
            ("long-2", Some(longest[1])),
            ("title", title),
            ("bare", bare),
            ("newer", Some(&newer)),
        ];
        let machine = self.kiosk().machine;
        for (name, posting) in chosen {
            let posting = Box::new(posting.expect("there are postings").clone());
            let cut = facts::posting_pages(&machine, &posting, fit);
            for page in 0..cut.len() {
                let shown = Page::Jobs(jobs::Page::One(Job { posting: posting.clone(), page }));
                scenes.push(scene(format!("job-{name}-{page}"), Some(shown)));
            }
            taken_home(scenes, name, Taken::Posting(posting));
        }
        for (name, posting) in [("far", far), ("beside", beside)] {
            let shown = Page::Jobs(jobs::Page::Map(Box::new(posting)));
            scenes.push(scene(format!("map-{name}"), Some(shown)));
        }
        let kept = |kept: &Posting| {
            let shown =
                Page::Jobs(jobs::Page::One(Job { posting: Box::new(longest[0].clone()), page: 0 }));
            Scene { kept: Some(Box::new(kept.clone())), ..scene("job-kept", Some(shown)) }
        };
        scenes.push(kept(longest[0]));
        scenes.push(Scene { name: "job-other-kept".into(), ..kept(longest[1]) });
    }

    /// As the staff see a posting.
    fn managed(&self, scenes: &mut Vec<Scene>, fit: &Fit) {
        let machine = self.kiosk().machine;
        let longest = self.postings.iter().max_by_key(|posting| all_of_posting(posting));
        let posting = Box::new(longest.expect("there are postings").clone());
        for page in 0..facts::posting_pages(&machine, &posting, fit).len() {
            let shown = Page::Jobs(jobs::Page::One(Job { posting: posting.clone(), page }));
            let desk = Some(Page::Staff(visit::staff::Page::Desk(Desk::default())));
            scenes.push(scene(format!("job-managed-{page}"), Some(shown)).over(desk));
        }
    }

    fn comparisons(&self, scenes: &mut Vec<Scene>, fit: &Fit) {
        let bare = self.postings.iter().max_by_key(|p| p.missing().len()).expect("postings");
        let pairs = self.long_postings.iter().zip(self.long_postings.iter().rev());
        let pairs = pairs.take(2).chain([(bare, &self.postings[0])]);
        for (i, (left, right)) in pairs.enumerate() {
            let (left, right) = (Box::new(left.clone()), Box::new(right.clone()));
            let first = Compare { left, right, page: 0 };
            for page in 0..comparison::pages(&first, fit).len() {
                let shown = Page::Jobs(jobs::Page::Compare(Compare { page, ..first.clone() }));
                scenes.push(scene(format!("compare-{i}-{page}"), Some(shown)));
            }
        }
    }
}

impl Scene {
    /// The page from which `posting` is taken home.
    pub fn take_away(posting: Posting) -> Self {
        let shown = Page::TakeAway(Taken::Posting(Box::new(posting)));
        scene("take-away", Some(shown))
    }
}

fn found(total: usize, rows: Vec<Posting>, nearest: Option<Nearest>) -> Results {
    Results { total, rows, nearest: nearest.map(Box::new), took: Duration::ZERO }
}

/// Counts as high as they get.
fn counted() -> Facets {
    const MANY: usize = 100_000;
    Facets {
        total: MANY,
        any: Facet::ALL.map(|facet| (facet, MANY)).into(),
        tiles: Tile::all().map(|tile| (tile, 12_345)).collect(),
        wages: listings::facets::WAGE_STEPS.map(|yuan| (Fen::from_yuan(yuan), MANY)).into(),
        education: Education::ALL.map(|step| (step, MANY)).into(),
        forms: Form::ALL.map(|form| (form, MANY)).into(),
        meals: MANY,
        lodging: MANY,
        board: MANY,
        near: Near::ALL.map(|near| (near, MANY)).into(),
        towns: [(DivisionCode::parse("510521").expect("a county"), 9)].into(),
    }
}

/// The posting as a newer county may say it, in codes that this kiosk does not know.
fn newer(posting: &Posting) -> Posting {
    let code = Code::parse("per_season").expect("a code");
    let (min, max) = (Fen::from_yuan(55_000), Fen::from_yuan(75_000));
    Posting {
        class: Some(OccupationClass::Code(code)),
        form: Some(EmploymentForm::Code(code)),
        wage: Some(Wage::Range { min, max, per: WagePeriod::Code(code) }),
        ..posting.clone()
    }
}
