//! What is asked instead of a dead end: `questions/*.toml`, one occasion a file. Every answer leads somewhere,
//! and only on, so nobody goes in circles. Keeps no state.

use std::path::Path;

use kiosk_base::{
    config::{
        ConfigError,
        fault::Source,
        files::{parse, sources, span_of},
    },
    domain::Guide,
};
use serde::Deserialize;

use super::content::named;
use crate::visit::questions::{Answer, Lead, Occasion, Question, Questions};

/// As a page holds them in the largest letters.
const TITLE_MAX: usize = 8;
const ASKS_MAX: usize = 24;
const SAYS_MAX: usize = 10;
const ANSWERS_MAX: usize = 4;
/// More questions than this nobody answers.
const QUESTIONS_MAX: usize = 8;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Typed {
    id: String,
    when: Occasion,
    title: String,
    question: Vec<TypedQuestion>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct TypedQuestion {
    id: String,
    asks: String,
    answers: Vec<TypedAnswer>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct TypedAnswer {
    says: String,
    question: Option<String>,
    guide: Option<String>,
    #[serde(default)]
    card: bool,
    #[serde(default)]
    help: bool,
    #[serde(default)]
    slot: bool,
}

/// The questions in `directory`; none where there is no such directory.
///
/// # Errors
/// The first mistake, with its file.
pub(super) fn read(directory: &Path, guides: &[Guide]) -> Result<Vec<Questions>, ConfigError> {
    if !directory.exists() {
        return Ok(Vec::new());
    }
    let mut all: Vec<Questions> = Vec::new();
    for source in sources(directory)? {
        let typed: Typed = parse(&source)?;
        named(&source, &typed.id)?;
        if all.iter().any(|other| other.when == typed.when) {
            let right = "一种情况只留一个文件";
            return Err(source.wrong(span_of(&source, "when"), "已经有一个文件问这个", right));
        }
        all.push(checked(&source, typed, guides)?);
    }
    Ok(all)
}

fn checked(source: &Source, typed: Typed, guides: &[Guide]) -> Result<Questions, ConfigError> {
    let at = |key: &str, wrong: String, right: String| {
        Err(source.wrong(span_of(source, key), wrong, right))
    };
    // Stand-ins would be as long as the office's own words: what is to be done there, guides say.
    let fits = |text: &str, most: usize| {
        !text.trim().is_empty() && text.chars().count() <= most && !text.contains(['\n', '{', '}'])
    };
    if !fits(&typed.title, TITLE_MAX) {
        let right = format!("1 到 {TITLE_MAX} 个字，写在一行，不用 {{…}}");
        return at("title", "title 太长或者没有内容".to_owned(), right);
    }
    if typed.question.is_empty() || typed.question.len() > QUESTIONS_MAX {
        let right = format!("1 到 {QUESTIONS_MAX} 问");
        return at("question", format!("有 {} 问", typed.question.len()), right);
    }
    let ids: Vec<String> = typed.question.iter().map(|question| question.id.clone()).collect();
    let mut reached = vec![false; ids.len()];
    reached[0] = true;
    let mut questions = Vec::new();
    for (number, question) in typed.question.into_iter().enumerate() {
        let name = &ids[number];
        if ids.iter().filter(|id| *id == name).count() > 1 {
            return at("question", format!("有两问叫 {name}"), "每问一个名字".to_owned());
        }
        if !reached[number] {
            let right = "让前面的一个回答写 question 引到它，或者删掉".to_owned();
            return at("question", format!("没有回答引到 {name}"), right);
        }
        if !fits(&question.asks, ASKS_MAX) {
            let right = format!("1 到 {ASKS_MAX} 个字，写在一行，不用 {{…}}");
            return at("question", format!("{name} 的 asks 太长或者没有内容"), right);
        }
        let lasting = question.answers.iter().filter(|answer| !answer.slot).count();
        if !(2..=ANSWERS_MAX).contains(&question.answers.len()) || lasting < 2 {
            let right = format!("2 到 {ANSWERS_MAX} 个，不算 slot 的也要有 2 个");
            return at("question", format!("{name} 的回答太少或者太多"), right);
        }
        let mut answers = Vec::new();
        for answer in question.answers {
            let says = &answer.says;
            if !fits(says, SAYS_MAX) {
                let right = format!("1 到 {SAYS_MAX} 个字，写在一行，不用 {{…}}");
                return at("question", format!("{name} 的回答 {says:?} 太长或者没有内容"), right);
            }
            let Some(to) = lead(&answer, &ids[number + 1..], guides) else {
                let right = "只写一样：question（后面的一问）、guide（有的办事指南）、card = true、\
                             help = true";
                let wrong = format!("{name} 的回答 {says:?} 不知道去哪里");
                return at("question", wrong, right.to_owned());
            };
            let to = match to {
                Lead::Question(after) => {
                    reached[number + 1 + after] = true;
                    Lead::Question(number + 1 + after)
                }
                other => other,
            };
            answers.push(Answer { says: answer.says, to, slot: answer.slot });
        }
        questions.push(Question { asks: question.asks, answers });
    }
    Ok(Questions { when: typed.when, title: typed.title, questions })
}

/// Where the answer leads, of a question as a place among `later` ones; `None` where it says no place or
/// several.
fn lead(answer: &TypedAnswer, later: &[String], guides: &[Guide]) -> Option<Lead> {
    match (&answer.question, &answer.guide, answer.card, answer.help) {
        (Some(question), None, false, false) => {
            later.iter().position(|id| id == question).map(Lead::Question)
        }
        (None, Some(guide), false, false) => {
            guides.iter().any(|one| one.id == *guide).then(|| Lead::Guide(guide.clone()))
        }
        (None, None, true, false) => Some(Lead::Card),
        (None, None, false, true) => Some(Lead::Help),
        _ => None,
    }
}
