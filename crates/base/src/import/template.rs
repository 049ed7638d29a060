//! A table for a clerk to fill in: the columns that `mappings/clerk.toml` and its neighbours know,
//! and one invented row that shows how they are written. It is known by its words and never imported
//! as it stands. Keeps no state.

use crate::wire::Collection;

/// What stands in the invented row: whoever leaves it there publishes nothing by it.
pub(super) const EXAMPLE: &str = "示例，请删除本行";

/// Column names and an example of each.
type Columns = &'static [(&'static str, &'static str)];

const POSTINGS: Columns = &[
    ("岗位名称", "电焊工（示例，请删除本行）"),
    ("招聘单位", "泸县示例机械厂"),
    ("招聘人数", "3"),
    ("工资", "4500-6000元/月"),
    ("招聘条件", "18-55岁，有焊工证"),
    ("学历", "初中"),
    ("工作内容", "焊接钢结构件，打磨焊缝"),
    ("工作地点", "泸县福集镇工业路1号"),
    ("工作时间", "8:00-18:00，每周休一天"),
    ("食宿", "包吃住"),
    ("福利待遇", "五险，有班车"),
    ("用工形式", "全职"),
    ("联系人", "陈师傅"),
    ("联系电话", "0830-0000000"),
    ("发布日期", "2026-11-20"),
    ("截止日期", "2027-12-31"),
    ("适用乡镇", "全县"),
];

const TRAININGS: Columns = &[
    ("班级名称", "电工初级班（示例，请删除本行）"),
    ("培训机构", "泸县示例职业学校"),
    ("工种", "电工"),
    ("培训等级", "初级"),
    ("课时", "120"),
    ("培训对象", "16-60岁城乡劳动者"),
    ("费用和补贴", "免费，合格者发证"),
    ("报名开始", "2026-11-20"),
    ("报名截止", "2027-12-31"),
    ("开班日期", "2028-01-10"),
    ("结束日期", "2028-01-30"),
    ("培训地点", "泸县福集镇学校路1号"),
    ("名额", "40"),
    ("培训内容", "安全用电，照明线路安装"),
    ("报名联系人", "王老师"),
    ("报名电话", "0830-0000000"),
    ("发布日期", "2026-11-20"),
    ("适用乡镇", "全县"),
];

const FAIRS: Columns = &[
    ("招聘会名称", "春风行动招聘会（示例，请删除本行）"),
    ("举办日期", "2027-12-31"),
    ("开放时间", "9:00-12:00"),
    ("举办地点", "泸县福集镇文化广场"),
    ("主办单位", "泸县人力资源和社会保障局"),
    ("参会单位", "泸县示例机械厂"),
    ("招聘岗位", "电焊工、普工"),
    ("招聘人数", "20"),
    ("说明", "请带身份证"),
    ("咨询电话", "0830-0000000"),
    ("发布日期", "2026-11-20"),
    ("适用乡镇", "全县"),
];

/// The table as a CSV file, with the mark that tells Excel that it is UTF-8.
pub fn csv(collection: Collection) -> String {
    let columns = match collection {
        Collection::Postings => POSTINGS,
        Collection::Trainings => TRAININGS,
        Collection::Fairs => FAIRS,
    };
    let line = |values: Vec<&str>| {
        let quoted = values.into_iter().map(|value| match value.contains([',', '"', '\n']) {
            true => format!("\"{}\"", value.replace('"', "\"\"")),
            false => value.to_owned(),
        });
        quoted.collect::<Vec<_>>().join(",")
    };
    let (names, examples) = columns.iter().copied().unzip();
    format!("\u{FEFF}{}\r\n{}\r\n", line(names), line(examples))
}
