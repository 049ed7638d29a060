//! What `kiosk listings import` and `county publish` have in common: the arguments of an import,
//! the reading of its file, and its report in words.

use std::{
    fs::File,
    io::{Read, Write},
    path::Path,
};

use anyhow::{Context, bail};

use super::BadConfiguration;
use crate::{
    clock::Clock,
    import::{
        self, Format, Options,
        mapping::{Expired, Incomplete},
        report::{Length, Line, Report, Taken, about, quoted},
    },
    wire::Collection,
};

/// Most lines of each part of a report that are printed.
const LINES_MAX: usize = 40;

/// How a file is imported.
#[derive(clap::Args, Default)]
pub struct Args {
    /// 文件的格式；不写则按内容识别
    #[arg(long, value_name = "格式")]
    format: Option<Form>,
    /// 各列的意思：mappings/ 里的一个文件，不带 .toml；不写则按列名识别
    #[arg(long, value_name = "名称")]
    mapping: Option<String>,
    /// 只说明会发生什么
    #[arg(long)]
    pub dry_run: bool,
    /// 拒绝缺少法律规定的六项内容之一的岗位
    #[arg(long)]
    strict: bool,
    /// 已经过期的行也收下
    #[arg(long)]
    keep_expired: bool,
    /// 输出一个 JSON 对象
    #[arg(long)]
    pub json: bool,
}

/// Form of a file.
#[derive(Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum Form {
    /// 本项目自己的（`{"as_of": …, "items": [岗位…]}`，或只有列表），或其他系统的对象列表
    Json,
    /// 全国公共招聘网的列表：json 加上这个名称的字段对照
    Cjobs,
    /// schema.org 的 JobPosting，单独的文件或在网页里
    Jsonld,
    /// 用逗号、制表符、; 或 | 分隔的文本
    Csv,
    /// Excel 工作簿
    Xlsx,
    /// 旧的 Excel 工作簿
    Xls,
}

/// What a table holds.
#[derive(Clone, Copy, clap::ValueEnum)]
pub enum Kind {
    /// 岗位
    Postings,
    /// 培训信息
    Trainings,
    /// 招聘会
    Fairs,
}

impl From<Kind> for Collection {
    fn from(kind: Kind) -> Self {
        match kind {
            Kind::Postings => Self::Postings,
            Kind::Trainings => Self::Trainings,
            Kind::Fairs => Self::Fairs,
        }
    }
}

impl Args {
    /// Whether nothing was said about how the file is to be understood.
    pub fn is_plain(&self) -> bool {
        let Self { format, mapping, strict, keep_expired, dry_run: _, json: _ } = self;
        format.is_none() && mapping.is_none() && !strict && !keep_expired
    }

    /// What the import is told, with the files in the directory of the settings.
    pub fn options(
        &self,
        config: &Path,
        collection: Option<Collection>,
    ) -> anyhow::Result<Options> {
        let options = crate::config::imports::options(config, Clock::System.today())
            .map_err(|error| BadConfiguration(error.to_string()))?;
        let cjobs = (self.format == Some(Form::Cjobs)).then(|| "cjobs".to_owned());
        Ok(Options {
            mapping: self.mapping.clone().or(cjobs),
            format: self.format.map(|form| match form {
                Form::Json | Form::Cjobs => Format::Json,
                Form::Jsonld => Format::JsonLd,
                Form::Csv => Format::Csv,
                Form::Xlsx | Form::Xls => Format::Excel,
            }),
            collection,
            incomplete: self.strict.then_some(Incomplete::Refuse),
            expired: self.keep_expired.then_some(Expired::Keep),
            ..options
        })
    }
}

/// The file's bytes.
pub fn read(file: &Path) -> anyhow::Result<Vec<u8>> {
    let most = import::FILE_BYTES_MAX;
    let read = || -> anyhow::Result<Vec<u8>> {
        let mut content = Vec::new();
        File::open(file)?.take(most + 1).read_to_end(&mut content)?;
        if content.len() as u64 > most {
            bail!("文件超过 {} MB，请分成几个文件", most >> 20);
        }
        Ok(content)
    };
    read().with_context(|| format!("读不出 {}", file.display()))
}

/// The report in words.
pub fn print(out: &mut impl Write, report: &Report) -> std::io::Result<()> {
    let Report { read, accepted, incomplete, duplicates, expired, refused, .. } = report;
    let encoding = report.encoding.map(|encoding| format!("，编码 {encoding}")).unwrap_or_default();
    let mapping = report.mapping.as_ref().map(|name| format!("，字段对照 {name}"));
    writeln!(out, "{}{encoding}{}", report.format, mapping.unwrap_or_default())?;
    for sheet in &report.sheets {
        let done = match (sheet.taken, &sheet.lacking) {
            (Taken::Read, _) => "已读取".to_owned(),
            (Taken::Hidden, _) => "已隐藏，没有读".to_owned(),
            (_, Some(lacking)) => {
                let (missing, known) = (lacking.missing.join("、"), lacking.known.join("、"));
                format!("没有“{missing}”这一列（认出的有：{known}），没有读")
            }
            (_, None) => "认不出表头，没有读".to_owned(),
        };
        // A page of the web has one table, without a name.
        let name = if sheet.name.is_empty() { String::new() } else { quoted(&sheet.name) };
        writeln!(out, "工作表{name}：{done}")?;
    }
    writeln!(
        out,
        "读了 {read} 行：采用 {accepted} 行（其中 {incomplete} 行信息不全），\
         重复 {duplicates} 行，过期 {expired} 行，不能用 {} 行",
        refused.len()
    )?;
    let part = |title: &'static str, is: fn(&Line<'_>) -> bool| {
        let lines: Vec<_> =
            report.lines().filter(is).map(|line| line.words(Length::Whole)).collect();
        (title, lines)
    };
    for (title, lines) in [
        part("", |line| matches!(line, Line::Refused(_))),
        part("信息不全的行", |line| matches!(line, Line::Lacking(_))),
        part("隐藏的行", |line| matches!(line, Line::Hidden(_))),
        part("重复的行", |line| matches!(line, Line::Dropped(_))),
        part("合计、备注一类的行，没有导入", |line| matches!(line, Line::LeftOut(_))),
        part("没有采用的列", |line| matches!(line, Line::Untaken(_))),
        part("依法不能作的条件", |line| matches!(line, Line::Discriminating(_))),
        part("没有对应的代码", |line| matches!(line, Line::Unmapped(_))),
        part("提醒", |line| matches!(line, Line::Remark(_))),
    ] {
        some(out, title, lines.into_iter())?;
    }
    for (code, count) in &report.remarked {
        writeln!(out, "{}：{count} 处", about(code))?;
    }
    Ok(())
}

/// A part of a report: its title, if it has one, and at most [`LINES_MAX`] lines.
pub fn some(
    out: &mut impl Write,
    title: &str,
    lines: impl ExactSizeIterator<Item = String>,
) -> std::io::Result<()> {
    let count = lines.len();
    if count > 0 && !title.is_empty() {
        writeln!(out, "{title}：")?;
    }
    for line in lines.take(LINES_MAX) {
        writeln!(out, "{line}")?;
    }
    if count > LINES_MAX {
        writeln!(out, "……还有 {} 条，用 --json 看全部", count - LINES_MAX)?;
    }
    Ok(())
}
