//! 什么时候能退休: every question, and whatever the rules say to anybody.

use kiosk_base::domain::YearMonth;
use renshe_kiosk::visit::retirement::{Asking, Born, Class};

use super::*;

impl Props {
    pub(super) fn retirement(&self, scenes: &mut Vec<Scene>) {
        let page = |name: &str, asking| {
            scene(format!("retirement-{name}"), Some(Page::Retirement(asking)))
        };
        scenes.push(page("class", Asking::Class { card: false }));
        scenes.push(page("decade", Asking::Decade(Class::Men)));
        scenes.push(page("year", Asking::Year(Class::Men, 1970)));
        // The youngest of the youngest decade.
        scenes.push(page("year-few", Asking::Year(Class::Men, 2010)));
        scenes.push(page("month", Asking::Month(Class::Men, 1971)));
        for (name, class, birth) in [
            // Three years and a half later, with a choice of all of them.
            ("told", Class::WomenWorker, "1981-11"),
            ("told-man", Class::Men, "1971-10"),
            ("told-cadre", Class::WomenCadre, "1981-10"),
            // The old age is reached, the new one is not: one may still choose, or not any more.
            ("told-soon", Class::Men, "1966-10"),
            ("told-soonest", Class::Men, "1966-08"),
            ("told-now", Class::WomenCadre, "1971-08"),
            ("told-over", Class::WomenCadre, "1970-11"),
            // Before the rules, and before the law that says how much must be paid.
            ("told-long-over", Class::Men, "1952-12"),
            ("told-longest-over", Class::WomenWorker, "1940-01"),
        ] {
            let birth: YearMonth = birth.parse().expect("a month");
            let asking = Asking::Told(class, Born::In(birth));
            scenes.push(page(name, asking).unless(name != "told-man"));
        }
        for (person, Person { name, document, .. }) in self.people.iter().enumerate() {
            let of = |what: &str, asking| page(&format!("{what}-{name}"), asking).of(person);
            if person == 0 {
                scenes.push(of("residents-over", Asking::Residents));
            }
            if name == "c" {
                scenes.push(of("residents", Asking::Residents));
                scenes.push(of("class", Asking::Class { card: true }));
            }
            let classes: &[Class] = match document.sex() {
                Sex::Male => &[Class::Men],
                _ => &[Class::WomenCadre, Class::WomenWorker],
            };
            for (at, class) in classes.iter().enumerate() {
                let asking = Asking::Told(*class, Born::Card);
                scenes.push(of(&format!("told-{at}"), asking).unless(at == 0));
            }
        }
    }
}
