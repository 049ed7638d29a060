//! What happens to a simulated reader, as a file: faults for tests, for the demonstration and for
//! an installer's own trials. Keeps no state; playing it changes the reader.
//!
//! ```toml
//! title = "提前拿走"
//! documents = ["../residents/a.toml"]   # beside this file; what `lay` counts from 1
//! expect = ["found", "D01", "removed"]  # what the kiosk is to notice, in order
//! finds_once = true                     # the reader finds a card once for each laying; or left out
//!
//! [[step]]
//! answer = { to = "base", with = "lift" }   # when it is read, it is lifted
//! [[step]]
//! lay = 1
//! [[step]]
//! wait_ms = 500
//! ```
//!
//! | step | what happens |
//! | --- | --- |
//! | `wait_ms = 500` | nothing, for so long |
//! | `await = "read"` | waited until the card was read, or until `status`, `find`, `select`, `base` or `address` was asked once more |
//! | `lay = 1`, `lift = true` | a card is laid or lifted |
//! | `unplug = true`, `replug = true` | the plug is pulled or put back |
//! | `babble = 3000` | so many bytes come that nobody asked for |
//! | `answer = { to, times, with }` | the next `times` answers to a request are spoilt; see [`Spoilt`] |

use std::{
    fs::File,
    io::{self, Read},
    path::{Path, PathBuf},
    sync::{
        Mutex, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
    time::{Duration, Instant},
};

use kiosk_base::strict::{self, plain};
use serde::Deserialize;

use super::{
    CardImage, SimulatedReader,
    module::{self, Command, Fault},
};

/// A script.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Script {
    /// What it is about, for whoever plays it.
    pub title: String,
    /// The documents that are laid; [`Script::load`] makes the paths absolute or relative to the
    /// working directory.
    #[serde(default)]
    pub documents: Vec<PathBuf>,
    /// What the kiosk notices, in order: `found`, `read`, `removed`, `ready`, or a stop code.
    #[serde(default)]
    pub expect: Vec<String>,
    /// The reader finds a card once for each time it is laid, while this is played.
    #[serde(default)]
    pub finds_once: bool,
    /// What happens, in order.
    #[serde(rename = "step")]
    pub steps: Vec<Step>,
}

/// One thing that happens.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Step {
    /// Nothing, for so many milliseconds.
    WaitMs(u64),
    /// Waits until something was asked.
    Await(Awaited),
    /// Lays a document, counted from 1.
    Lay(usize),
    /// Lifts the card.
    Lift(Yes),
    /// Pulls the plug.
    Unplug(Yes),
    /// Puts the plug back.
    Replug(Yes),
    /// Sends bytes that nobody asked for.
    Babble(usize),
    /// Spoils answers.
    Answer(Plan),
}

/// `true`, and nothing else.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(try_from = "bool")]
pub struct Yes;

impl TryFrom<bool> for Yes {
    type Error = &'static str;

    fn try_from(yes: bool) -> Result<Self, Self::Error> {
        yes.then_some(Self).ok_or("只能写 true")
    }
}

/// What a step waits for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Awaited {
    /// The card that lies there has been read.
    Read,
    /// One more request of this kind.
    #[serde(untagged)]
    Asked(Asked),
}

/// A request.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Asked {
    /// 复位.
    Reset,
    /// 状态检测.
    Status,
    /// 寻找证/卡.
    Find,
    /// 选取证/卡.
    Select,
    /// 读固定信息.
    Base,
    /// 读最新追加住址.
    Address,
}

/// Answers to be spoilt.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Plan {
    /// Answers to this.
    pub to: Asked,
    /// So many of them.
    #[serde(default = "once")]
    pub times: usize,
    /// In this way.
    pub with: Spoilt,
}

fn once() -> usize {
    1
}

/// How an answer is spoilt.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Spoilt {
    /// Another status and no data: `{ status = 0x41 }`.
    Status(u8),
    /// What it carries is cut to so many bytes, or filled up to them: `{ data = 0 }`.
    Data(usize),
    /// Only so many bytes come: `{ cut = 900 }`.
    Cut(usize),
    /// Each byte takes so long: `{ slow_ms = 50 }`.
    SlowMs(u64),
    /// It comes so much later: `{ late_ms = 400 }`.
    LateMs(u64),
    /// It does not come: `"silence"`.
    Silence,
    /// It comes twice: `"twice"`.
    Twice,
    /// The card is lifted when the request comes: `"lift"`.
    Lift,
    /// So many bytes come first: `{ noise_before = 20 }`.
    NoiseBefore(usize),
    /// So many bytes come in the middle: `{ noise_within = { at = 700, bytes = 3 } }`.
    NoiseWithin {
        /// Before this byte of the answer.
        at: usize,
        /// So many.
        bytes: usize,
    },
    /// Bits turn over: `{ flip = { at = 20, bits = 1 } }`.
    Flip {
        /// In this byte of the answer.
        at: usize,
        /// Which bits.
        bits: u8,
    },
    /// The length field is wrong: `{ length = 0xFFFF }`.
    Length(u16),
}

/// What is wrong with a script, in one sentence with its place.
#[derive(Debug, thiserror::Error)]
#[error("{}{}：{reason}", .path.display(), .line.map(|line| format!(" 第 {line} 行")).unwrap_or_default())]
pub struct ScriptError {
    path: PathBuf,
    line: Option<usize>,
    reason: String,
}

/// Longest file.
const MAX_FILE: u64 = 64 * 1024;
/// Most steps, and most documents.
const MAX_STEPS: usize = 200;
/// Longest wait of a step.
const MAX_WAIT: Duration = Duration::from_secs(60);
/// Most bytes that an answer can say it carries.
const MAX_DATA: usize = 60_000;
/// Most bytes of babble or noise.
const MAX_NOISE: usize = 1 << 20;

impl Script {
    /// Reads a script.
    ///
    /// # Errors
    /// Names the file, the line where there is one, and what is wrong.
    pub fn load(path: &Path) -> Result<Self, ScriptError> {
        let wrong = |line, reason: String| ScriptError { path: path.to_owned(), line, reason };
        let mut text = String::new();
        File::open(path)
            .and_then(|file| file.take(MAX_FILE + 1).read_to_string(&mut text))
            .map_err(|error| wrong(None, error.to_string()))?;
        if text.len() as u64 > MAX_FILE {
            return Err(wrong(None, format!("文件超过 {MAX_FILE} 字节")));
        }
        let mut script: Self = toml::from_str(&text)
            .map_err(|error| wrong(strict::line(&text, &error), plain(error.message())))?;
        script.check().map_err(|reason| wrong(None, reason))?;
        let directory = path.parent().unwrap_or(Path::new(""));
        for document in &mut script.documents {
            *document = directory.join(&*document);
        }
        Ok(script)
    }

    fn check(&self) -> Result<(), String> {
        if self.steps.is_empty() || self.steps.len() > MAX_STEPS || self.documents.len() > MAX_STEPS
        {
            return Err(format!("脚本要有 1 到 {MAX_STEPS} 个步骤，证件也最多 {MAX_STEPS} 个"));
        }
        for (i, step) in self.steps.iter().enumerate() {
            let reason =
                match step {
                    Step::WaitMs(ms) if Duration::from_millis(*ms) > MAX_WAIT => "等得太久",
                    Step::Lay(0) => "的证件要从 1 数起",
                    Step::Babble(bytes) if *bytes > MAX_NOISE => "发出的杂乱字节太多",
                    Step::Answer(plan) if plan.times == 0 || plan.times > 10_000 => {
                        "要弄坏 1 到 10000 个应答"
                    }
                    Step::Answer(Plan { with: Spoilt::Data(bytes), .. }) if *bytes > MAX_DATA => {
                        "带的内容太多"
                    }
                    Step::Answer(Plan { with: Spoilt::NoiseBefore(bytes), .. })
                    | Step::Answer(Plan { with: Spoilt::NoiseWithin { bytes, .. }, .. })
                        if *bytes > MAX_NOISE =>
                    {
                        "发出的杂乱字节太多"
                    }
                    Step::Answer(Plan {
                        with: Spoilt::SlowMs(ms) | Spoilt::LateMs(ms), ..
                    }) if Duration::from_millis(*ms) > MAX_WAIT => "太慢",
                    _ => continue,
                };
            return Err(format!("第 {} 步{reason}", i + 1));
        }
        Ok(())
    }

    /// Plays the script on `reader` with `cards` as its documents, telling each step before it is
    /// done, until it is over or `stop` is set. Faults left over from before are forgotten first,
    /// and what is left over of its own afterwards.
    ///
    /// # Errors
    /// When it lays a document that is not there, waits in vain, or the plug cannot be put back.
    pub fn play(
        &self,
        reader: &Mutex<SimulatedReader>,
        cards: &[CardImage],
        stop: &AtomicBool,
        tell: &mut dyn FnMut(usize, &Step),
    ) -> io::Result<()> {
        locked(reader, |reader| {
            reader.forget_faults();
            reader.find_once(self.finds_once);
        });
        for (i, step) in self.steps.iter().enumerate() {
            tell(i + 1, step);
            match step {
                Step::WaitMs(ms) => {
                    wait(Duration::from_millis(*ms), stop, || false);
                }
                Step::Await(awaited) => self.wait_for(i, *awaited, reader, stop)?,
                Step::Lay(number) => {
                    let card = number.checked_sub(1).and_then(|index| cards.get(index));
                    let card = card.ok_or_else(|| {
                        io::Error::other(format!("第 {} 步：没有第 {number} 个证件", i + 1))
                    })?;
                    locked(reader, |reader| reader.lay(card.clone()));
                }
                Step::Lift(Yes) => locked(reader, |reader| reader.lift()),
                Step::Unplug(Yes) => locked(reader, SimulatedReader::unplug),
                Step::Replug(Yes) => locked(reader, SimulatedReader::replug)?,
                Step::Babble(bytes) => {
                    locked(reader, |reader| reader.babble(&noise(*bytes)))?;
                }
                Step::Answer(plan) => locked(reader, |reader| {
                    reader.plan(plan.to.command(), plan.with.fault(), plan.times);
                }),
            }
            if stop.load(Ordering::Relaxed) {
                break;
            }
        }
        locked(reader, |reader| {
            reader.forget_faults();
            reader.find_once(false);
        });
        Ok(())
    }

    fn wait_for(
        &self,
        step: usize,
        awaited: Awaited,
        reader: &Mutex<SimulatedReader>,
        stop: &AtomicBool,
    ) -> io::Result<()> {
        let asked = |reader: &SimulatedReader| match awaited {
            Awaited::Read => u64::from(reader.was_read()),
            Awaited::Asked(asked) => reader.asked(asked.command()),
        };
        let least = match awaited {
            Awaited::Read => 1,
            Awaited::Asked(_) => locked(reader, |reader| asked(reader)) + 1,
        };
        let came = wait(MAX_WAIT, stop, || locked(reader, |reader| asked(reader)) >= least);
        match came || stop.load(Ordering::Relaxed) {
            true => Ok(()),
            false => Err(io::Error::other(format!("第 {} 步：没有等到", step + 1))),
        }
    }
}

impl Asked {
    fn command(self) -> Command {
        match self {
            Self::Reset => module::RESET,
            Self::Status => module::STATUS,
            Self::Find => module::FIND,
            Self::Select => module::SELECT,
            Self::Base => module::READ_BASE,
            Self::Address => module::READ_APPENDED_ADDRESS,
        }
    }
}

impl Spoilt {
    fn fault(&self) -> Fault {
        match *self {
            Self::Status(status) => Fault::Status(status),
            Self::Data(bytes) => Fault::Data(bytes),
            Self::Cut(bytes) => Fault::Cut(bytes),
            Self::SlowMs(ms) => Fault::Slow(Duration::from_millis(ms)),
            Self::LateMs(ms) => Fault::Late(Duration::from_millis(ms)),
            Self::Silence => Fault::Silence,
            Self::Twice => Fault::Twice,
            Self::Lift => Fault::Lift,
            Self::NoiseBefore(bytes) => Fault::NoiseBefore(noise(bytes)),
            Self::NoiseWithin { at, bytes } => Fault::NoiseWithin { at, bytes: noise(bytes) },
            Self::Flip { at, bits } => Fault::Flip { at, flip: bits },
            Self::Length(length) => Fault::Length(length),
        }
    }
}

/// Bytes as a bad line makes them, the same each time. None of them begins a frame.
fn noise(bytes: usize) -> Vec<u8> {
    (0..bytes).map(|i| (((i * 7919) >> 3) as u8) & 0x7F).collect()
}

/// Waits until `limit` is over, `stop` is set, or `done`; says whether it is done.
fn wait(limit: Duration, stop: &AtomicBool, mut done: impl FnMut() -> bool) -> bool {
    const STEP: Duration = Duration::from_millis(5);
    let deadline = Instant::now() + limit;
    loop {
        let left = deadline.saturating_duration_since(Instant::now());
        if done() {
            return true;
        }
        if left.is_zero() || stop.load(Ordering::Relaxed) {
            return false;
        }
        std::thread::sleep(left.min(STEP));
    }
}

fn locked<T>(reader: &Mutex<SimulatedReader>, act: impl FnOnce(&mut SimulatedReader) -> T) -> T {
    // The reader is whole between any two of its methods.
    act(&mut reader.lock().unwrap_or_else(PoisonError::into_inner))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn load(text: &str) -> Result<Script, String> {
        let file = tempfile::NamedTempFile::new().expect("a file");
        std::fs::write(file.path(), text).expect("writable");
        Script::load(file.path()).map_err(|error| {
            error.to_string().replace(&file.path().display().to_string(), "s.toml")
        })
    }

    #[test]
    fn every_kind_of_step_can_be_written() {
        let script = load(
            r#"
            title = "全部"
            documents = ["a.toml"]
            expect = ["found"]
            step = [
                { wait_ms = 5 }, { await = "read" }, { await = "base" }, { lay = 1 },
                { lift = true }, { unplug = true }, { replug = true }, { babble = 3 },
                { answer = { to = "select", times = 2, with = { status = 0x81 } } },
                { answer = { to = "base", with = { flip = { at = 20, bits = 1 } } } },
                { answer = { to = "find", with = "silence" } },
                { answer = { to = "find", with = { data = 0 } } },
                { answer = { to = "address", with = { noise_within = { at = 7, bytes = 3 } } } },
            ]"#,
        )
        .expect("right");
        assert_eq!(script.steps.len(), 13);
        assert_eq!(script.steps[2], Step::Await(Awaited::Asked(Asked::Base)));
        let plan = Plan { to: Asked::Select, times: 2, with: Spoilt::Status(0x81) };
        assert_eq!(script.steps[8], Step::Answer(plan));
        assert!(script.documents[0].is_absolute(), "beside the script");
    }

    #[test]
    fn a_mistake_is_told_in_one_sentence_with_its_line() {
        for (text, told) in [
            ("title = 1", "s.toml 第 1 行："),
            ("title = \"x\"\nstep = [{ fly = 1 }]", "s.toml 第 2 行：不能这样写"),
            ("title = \"x\"\nstep = [{ lift = false }]", "第 2 行：只能写 true"),
            ("title = \"x\"\nstep = []", "1 到 200 个步骤"),
            ("title = \"x\"\nstep = [{ lay = 0 }]", "第 1 步的证件要从 1 数起"),
            ("title = \"x\"\nstep = [{ wait_ms = 60001 }]", "第 1 步等得太久"),
            (
                "title = \"x\"\nstep = [{ answer = { to = \"base\", with = { data = 60001 } } }]",
                "第 1 步带的内容太多",
            ),
        ] {
            let error = load(text).expect_err(text);
            assert!(error.contains(told) && !error.contains('\n'), "{text}: {error}");
        }
        assert!(Script::load(Path::new("/nonexistent.toml")).is_err());
    }

    #[test]
    fn noise_never_begins_a_frame() {
        assert!(noise(100_000).iter().all(|byte| *byte != 0xAA));
    }
}
