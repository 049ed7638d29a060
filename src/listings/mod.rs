//! listings (stub until merged)
use crate::domain::{DivisionCode, Posting, TrainingNotice};

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Query {
    pub words: String,
    pub within: Option<DivisionCode>,
    pub home: Option<DivisionCode>,
    pub offset: usize,
    pub limit: usize,
}
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Results {
    pub total: usize,
    pub rows: Vec<Posting>,
}
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Trainings {
    pub total: usize,
    pub rows: Vec<TrainingNotice>,
}
