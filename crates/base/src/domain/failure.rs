//! The failure-code book: every expected failure, with words for the resident, words for the staff
//! and a remedy. `docs/stop-codes.md` is rendered from this table, and a test keeps it so.
//!
//! Letters: `R` reader, `D` document, `L` link, `S` store, `C` configuration, `P` person and staff,
//! `T` slip printer.

use super::guide;

/// An expected failure. Passed as a value; worded only at the screen, the log and the help desk.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Stop {
    /// No reader at the configured port.
    ReaderAbsent,
    /// The port cannot be opened for lack of rights.
    ReaderForbidden,
    /// The port is held by another program.
    ReaderBusy,
    /// The reader does not answer.
    ReaderSilent,
    /// The reader's line is garbled.
    ReaderNoise,
    /// The security module failed its self-test (SW3 60).
    ReaderSelfTest,
    /// The security module is not authorised (SW3 66).
    ReaderNotAuthorised,
    /// The reader answers at another line rate than the settings say.
    ReaderBaud,
    /// What is at the port is not the reader of the settings, or no ID-card reader.
    ReaderForeign,
    /// The security module keeps answering what it does not explain (SW3 24, or a status that no
    /// table knows).
    ReaderConfused,
    /// The security module does not know the command, or not in this order (SW3 21).
    ReaderOrder,
    /// The security module does not permit the operation (SW3 23).
    ReaderDenied,
    /// Requests keep arriving damaged at the reader (SW3 10, 11).
    ReaderMishears,
    /// The USB reader has not the interface or the endpoints that its profile names, or the profile is
    /// for another device.
    ReaderPipes,
    /// Documents are read, but no appended address of any (`30 03` fails).
    ReaderNoAddress,
    /// The card lay badly (SW3 41).
    CardUnsteady,
    /// The card does not accept the module (SW3 31).
    CardRefused,
    /// The module does not accept the card (SW3 32).
    CardNotGenuine,
    /// The information on the card did not verify (SW3 33).
    CardNotVerified,
    /// The card was found but not selected (SW3 81).
    CardNotSelected,
    /// The card gave no random number (SW3 47).
    CardNoRandom,
    /// The card was taken away before it had been read (SW3 80 after it was found).
    CardLifted,
    /// The reader fell silent while it read the card.
    CardTimeout,
    /// What came of the card was damaged on the line, or two readings differ.
    CardGarbled,
    /// Laid again and again, the card was not read: its chip is damaged, or the reader is.
    CardUnreadable,
    /// Not an ID card (SW3 40), or a type this kiosk does not read.
    CardUnknown,
    /// The frame was sound but its content is wrong.
    CardContent,
    /// The document has run out and policy refuses it.
    CardExpired,
    /// A social-security card that shows its holder only to a security module (`69 82`).
    CardProtected,
    /// No printer at the configured port.
    PrinterAbsent,
    /// The printer's port cannot be opened for lack of rights.
    PrinterForbidden,
    /// The printer's port is held by another program, or it prints for somebody else.
    PrinterBusy,
    /// The printer does not answer.
    PrinterSilent,
    /// The printer has no paper.
    PrinterPaperOut,
    /// The printer's cover is open.
    PrinterCoverOpen,
    /// The printer has an error of its own: knife, heat, circuit.
    PrinterError,
    /// The printer is off line and names no reason, or somebody holds its feed button.
    PrinterOffline,
    /// A slip was sent, and the printer has not confirmed it.
    PrinterUnconfirmed,
    /// The county cannot be reached.
    LinkDown,
    /// The county did not answer in time.
    LinkTimeout,
    /// The server's certificate comes from another authority.
    LinkWrongAuthority,
    /// The server's certificate names another host.
    LinkWrongName,
    /// The server's certificate has run out or is not valid yet.
    LinkServerExpired,
    /// The county refused this kiosk's certificate, or there is none.
    LinkClientRefused,
    /// The server speaks another TLS version.
    LinkProtocol,
    /// This kiosk's own certificate has run out.
    LinkOwnExpired,
    /// The county's answer makes no sense: HTML, wrong JSON, too large.
    LinkNonsense,
    /// The county answered with an error of its own.
    LinkServerError,
    /// The county asks to wait.
    LinkBusy,
    /// The county takes the query for an old one: it came twice, or its time is not the county's.
    QueryStale,
    /// This kiosk has asked too often today, or failed too often.
    KioskLimit,
    /// The county has no core system, so nobody's account can be asked for.
    CoreAbsent,
    /// A page of the listings is not signed by the county, or not for this kiosk.
    FeedForged,
    /// The pages of the listings do not follow each other.
    FeedDisorder,
    /// The core system has no such person under this number and name.
    PersonUnknown,
    /// The answer belongs to another person than the card, or to another query.
    PersonMismatch,
    /// There were too many queries about this person today.
    PersonLimit,
    /// The county asks for the person's query PIN.
    QueryPinNeeded,
    /// The query PIN was wrong too often.
    QueryPinWrong,
    /// The county asks for a query PIN, and the person has none.
    QueryPinUnset,
    /// The query PIN was wrong too often today.
    QueryPinLocked,
    /// The listings cache was damaged and set aside.
    StoreDamaged,
    /// The disk is full.
    StoreFull,
    /// The disk is read-only.
    StoreReadOnly,
    /// The database is from a newer version of the software.
    StoreNewer,
    /// Another process is writing to the database.
    StoreBusy,
    /// The audit records do not fit together, or not to what the county countersigned.
    AuditBroken,
    /// The ledger is damaged, or was never made whole.
    LedgerDamaged,
    /// The configuration is wrong.
    ConfigWrong,
    /// Wrong staff PIN.
    PinWrong,
    /// Too many wrong staff PINs.
    PinLocked,
    /// No staff PIN is set.
    PinUnset,
    /// The clock is wrong by more than two minutes.
    ClockWrong,
    /// The county's clock is wrong by more than a day.
    CountyClockWrong,
}

/// One row of the book.
#[derive(Debug, Clone, Copy)]
pub struct Entry {
    /// What failed.
    pub stop: Stop,
    /// Three characters for the telephone: `R01`.
    pub code: &'static str,
    /// What the resident reads first, in a few words. Empty where residents never see it.
    pub title: &'static str,
    /// What the resident reads below it: what to do now. `{window}` stands for the window for
    /// insurance, see [`Entry::sentence`]. Empty where residents never see it.
    pub resident: &'static str,
    /// What the staff reads: what is wrong.
    pub staff: &'static str,
    /// What the staff does about it.
    pub remedy: &'static str,
}

impl Entry {
    /// What the resident reads below the title, with the `window` to go to as the office names it.
    pub fn sentence(&self, window: &str) -> String {
        guide::fill(self.resident, |name| (name == "window").then_some(window))
    }
}

impl Stop {
    /// The row of the book.
    pub fn entry(self) -> &'static Entry {
        BOOK.iter()
            .find(|entry| entry.stop == self)
            .expect("a test holds that every stop has a row")
    }

    /// The stop with this code.
    pub fn of_code(code: &str) -> Option<Self> {
        BOOK.iter().find(|entry| entry.code == code).map(|entry| entry.stop)
    }

    /// The stop code, `R01`.
    pub fn code(self) -> &'static str {
        self.entry().code
    }
}

/// Title and sentence of what several rows have in common.
const READER_DOWN: (&str, &str) = ("现在读不了卡", "请到 {window}，工作人员帮您查。");
const READER_ERRED: (&str, &str) =
    ("读卡器刚才出错了", "请拿走证件，等一下再放；还不行请到 {window}。");
const LINK_DOWN: (&str, &str) =
    ("现在查不了社保", "线路不通。请过几分钟再来，或到 {window}。找工作、学技术不受影响。");
const NOT_ENROLLED: (&str, &str) =
    ("现在查不了社保", "这台机器要由县里重新登记。请到 {window}。找工作、学技术不受影响。");
const COUNTY_WRONG: (&str, &str) =
    ("现在查不了社保", "县里的系统出了问题。请过几分钟再来，或到 {window}。");
const LAY_AGAIN: (&str, &str) = ("没有读好", "请把证件平放在读卡区，放好不要动，看完再拿走。");
const CHIP: (&str, &str) = ("这张证件读不出来", "请再放一次；还是不行，请到 {window}。");
const PRINTER_DOWN: (&str, &str) =
    ("打印机现在不能用", "内容还可以在屏幕上看；要纸质的，请到 {window}。");
const NOT_SHOWN: (&str, &str) = ("", "");

/// The book, in the order of the codes.
#[rustfmt::skip] // A table: one row a line.
pub const BOOK: &[Entry] = &[
    row(Stop::ReaderAbsent, "R01", READER_DOWN, "找不到读卡器", "检查读卡器的电源和连线；核对 kiosk.toml 中的 [reader]"),
    row(Stop::ReaderForbidden, "R02", READER_DOWN, "没有权限打开读卡器端口", "把运行用户加入 dialout 组，重新登录；USB 直连的读卡器要加 udev 规则（见安装手册）"),
    row(Stop::ReaderBusy, "R03", READER_DOWN, "读卡器端口被别的程序占用", "关闭厂家的测试程序，再试；USB 直连的被系统驱动占着，就改写它的 /dev/ttyUSB*"),
    row(Stop::ReaderSilent, "R04", READER_DOWN, "读卡器没有应答", "拔下读卡器等 5 秒再插上；仍不应答请换线或换机"),
    row(Stop::ReaderNoise, "R05", READER_DOWN, "读卡器线路上杂讯过多", "换一根短的屏蔽线，远离电源线；核对波特率"),
    row(Stop::ReaderSelfTest, "R06", READER_DOWN, "读卡器安全模块自检失败（状态 60）", "断电重启读卡器；再次出现请报修"),
    row(Stop::ReaderNotAuthorised, "R07", READER_DOWN, "读卡器安全模块未经授权（状态 66）", "停用并报修，联系读卡器供应商"),
    row(Stop::ReaderBaud, "R08", READER_DOWN, "读卡器的波特率和设置不同", "把 reader.baud 改成 0（自动试探），重新启动"),
    row(Stop::ReaderForeign, "R09", READER_DOWN, "端口上的设备不是设置的读卡器", "核对 reader.port 和 reader.usb_*；别把别的串口设备插在这里"),
    row(Stop::ReaderConfused, "R10", READER_ERRED, "读卡器反复回答说不清的错误（状态 24 或未列出）", "断电重启读卡器；再次出现请报修"),
    row(Stop::ReaderOrder, "R11", READER_ERRED, "读卡器不认命令或顺序（状态 21）", "核对 reader.profile；同型号都这样请报维护人员"),
    row(Stop::ReaderDenied, "R12", READER_DOWN, "读卡器不允许这个操作（状态 23）", "不要反复试；联系读卡器供应商开通"),
    row(Stop::ReaderMishears, "R13", READER_ERRED, "读卡器收到的命令反复损坏（状态 10、11）", "换一根短的屏蔽线，远离电源线；核对波特率"),
    row(Stop::ReaderNoAddress, "R14", NOT_SHOWN, "证件都能读，追加住址都读不到（30 03 失败），证件照常使用", "同型号都这样，请在 readers/ 的型号文件里写 appended_address = false；个别证件不用管"),
    row(Stop::ReaderPipes, "R15", READER_DOWN, "USB 读卡器没有型号文件里写的接口或端点", "照安装手册用 lsusb -v 核对 readers/ 里的 usb_interface、usb_out、usb_in 和 usb_ids"),
    row(Stop::CardUnsteady, "D01", LAY_AGAIN, "读证失败，证件没有放平或在移动（状态 41）", "请居民平放证件，不要移动；所有证件都这样请报修读卡器"),
    row(Stop::CardRefused, "D02", CHIP, "证件不认安全模块（状态 31）", "再试一次；多次失败可能是证件芯片损坏或已注销"),
    row(Stop::CardUnknown, "D03", ("这张证件读不了", "请放居民身份证，或到 {window}。"), "不认识的证件类型", "请居民改用居民身份证，或在窗口办理"),
    row(Stop::CardContent, "D04", ("证件内容有误", "不能用来查。请到 {window}核对。"), "证件内容不合规（号码校验位、日期或字符）", "在窗口人工核对证件"),
    row(Stop::CardExpired, "D05", ("证件过期了", "请先换证，或到 {window}。"), "证件已过期，按设置不予受理", "请居民换证；设置项 visit.expired_document"),
    row(Stop::CardProtected, "D06", ("这张社保卡读不了", "它要专用设备才能读。请改用居民身份证。"), "第三代社保卡，没有安全模块不能读（69 82）", "请居民改用居民身份证"),
    row(Stop::CardNotGenuine, "D11", CHIP, "安全模块不认这张证件（状态 32）", "再试一次；仍不行按读不出的证件处理，在窗口核对真伪"),
    row(Stop::CardNotVerified, "D12", CHIP, "证件信息验证失败（状态 33）", "不要采用读出的内容；在窗口人工核对证件"),
    row(Stop::CardNotSelected, "D13", LAY_AGAIN, "选取证件失败（状态 81）", "请居民拿走证件再平放；只放一张，拿开手机和别的卡"),
    row(Stop::CardNoRandom, "D14", LAY_AGAIN, "证件没有给出随机数（状态 47）", "请居民拿走证件再平放；多次失败可能是芯片损坏"),
    row(Stop::CardLifted, "D15", ("拿走得太早", "请把证件平放好，看完再拿走。"), "没有读完证件就拿走了（找到后状态 80）", "请居民平放证件，看完再拿走"),
    row(Stop::CardTimeout, "D16", LAY_AGAIN, "读证时读卡器没有按时应答", "请居民再放一次；所有证件都这样请重启读卡器"),
    row(Stop::CardGarbled, "D17", ("没有读清楚", "请拿走证件，再平放一次，看完再拿走。"), "线路有干扰，两次读到的内容不一致或不完整", "再放一次；经常出现请换短的屏蔽线，远离电源线"),
    row(Stop::CardUnreadable, "D18", ("这张证件读不出来", "再放好试一次，不要动；还是不行，请到 {window}。"), "证件接连几次放上都没有读出来，可能是芯片损坏", "换一张证件试：别的能读，就是这张坏了，请居民在窗口办理并换证；都不能读请报修读卡器"),
    row(Stop::LinkDown, "L01", LINK_DOWN, "连不上县级服务", "检查网线和路由器；核对 link.url；问县中心服务是否开机"),
    row(Stop::LinkTimeout, "L02", LINK_DOWN, "县级服务没有按时应答", "稍后再试；持续出现请报县中心"),
    row(Stop::LinkWrongAuthority, "L03", LINK_DOWN, "服务器证书不是县中心签发的", "不要继续使用线路；核对 link.authority，报县中心"),
    row(Stop::LinkWrongName, "L04", LINK_DOWN, "服务器证书上的名称不符", "核对 link.url 的主机名，报县中心"),
    row(Stop::LinkServerExpired, "L05", LINK_DOWN, "服务器证书不在有效期内", "先核对本机时钟；时钟无误则报县中心换证"),
    row(Stop::LinkClientRefused, "L06", NOT_ENROLLED, "县级服务不认本机证书", "核对 link.certificate 和 link.key；停用或过期的，由县中心重新登记"),
    row(Stop::LinkProtocol, "L07", LINK_DOWN, "服务器不支持 TLS 1.3", "报县中心升级；检查中间是否有代理设备"),
    row(Stop::LinkOwnExpired, "L08", LINK_DOWN, "本机证书已过期", "先核对本机时钟；真过期的，由县中心停旧证书后重新登记"),
    row(Stop::LinkNonsense, "L09", COUNTY_WRONG, "县级服务的应答无法理解", "检查是否被上网认证页面拦截；报县中心"),
    row(Stop::LinkServerError, "L10", COUNTY_WRONG, "县级服务或核心系统出错", "报县中心"),
    row(Stop::LinkBusy, "L11", ("现在查的人多", "请过一分钟再试。"), "县级服务要求稍候", "不用处理，本机会按要求等候"),
    row(Stop::FeedForged, "L12", NOT_SHOWN, "收到的信息没有县中心的签名，或不是发给本机的", "旧信息仍可查看；核对 link.feed_key 是否是县中心现在的公钥，报县中心"),
    row(Stop::FeedDisorder, "L13", NOT_SHOWN, "收到的信息次序或内容不合规", "旧信息仍可查看；报县中心"),
    row(Stop::QueryStale, "L14", ("这次没有查成", "请再试一次；还不行请到 {window}。"), "县级服务不认这次查询：重复，时间与县中心不符，或读卡器没有登记", "再试一次，读卡器会自动登记；仍不行核对本机时钟，报县中心"),
    row(Stop::KioskLimit, "L15", ("今天不能再查社保了", "这台机器查得太多。请到 {window}，工作人员帮您查。找工作、学技术不受影响。"), "本机今天的查询或失败次数到了上限", "报县中心核对：来的人多，还是有人冒用；明天自动恢复"),
    row(Stop::CoreAbsent, "L16", ("这里还不能查社保", "县里的社保系统还没有接到这台机器上。请到 {window}查询。"), "县级服务没有接核心系统，查不了社保；招聘和培训信息照常", "本机不用修；问县中心什么时候接通"),
    row(Stop::PersonUnknown, "P01", ("没有查到您的参保记录", "可能还没有参保，也可能姓名或号码没对上。请到 {window}问一问。"), "核心系统没有这个号码和姓名的人", "在窗口核对是否参保、姓名和号码是否变更；改过名的办理信息变更"),
    row(Stop::PersonMismatch, "P02", ("查到的资料和证件对不上", "为保护您的信息不能显示。请到 {window}。"), "应答的号码、姓名或查询编号与本次读证不符", "立即报县中心；可能是县级服务出错或线路被冒用"),
    row(Stop::PinWrong, "P03", NOT_SHOWN, "管理密码不对", "重新输入"),
    row(Stop::PinLocked, "P04", NOT_SHOWN, "密码错误次数过多，暂时锁定", "等候屏幕上的时间后再试"),
    row(Stop::PinUnset, "P05", NOT_SHOWN, "还没有设置管理密码", "在本机运行 kiosk staff pin"),
    row(Stop::PersonLimit, "P07", ("今天查的次数用完了", "请明天再来，或到 {window}。"), "这个人今天的查询次数已到上限", "在窗口帮居民查；经常出现请报县中心"),
    row(Stop::QueryPinNeeded, "P08", ("要先输入查询密码", "输对密码，才能看到您的社保。"), "县中心要求查询密码，居民没有输入", "请居民在屏幕上输入查询密码；没有密码的在窗口核对本人后查询"),
    row(Stop::QueryPinWrong, "P09", ("密码不对", "三次都没有输对。请到 {window}查询，或重设密码。"), "查询密码错了三次", "在窗口核对本人后查询，或重设查询密码"),
    row(Stop::QueryPinUnset, "P10", ("您还没有查询密码", "请带证件到 {window}设置。"), "县中心要求查询密码，这个人还没有设置", "在窗口核对本人后设置查询密码"),
    row(Stop::QueryPinLocked, "P11", ("今天密码错得太多", "先锁上了。请明天再来，或到 {window}。"), "这个人今天的查询密码错得太多，县中心锁到明天", "在窗口核对本人后查询；不是本人输错的请报县中心"),
    row(Stop::StoreDamaged, "S01", ("招聘信息正在重新下载", "请稍等。"), "信息缓存损坏，已另存并重建", "等待自动下载；把 .damaged 文件交维护人员"),
    row(Stop::StoreFull, "S02", NOT_SHOWN, "磁盘已满，新信息存不进去", "清理磁盘；旧信息仍可查看"),
    row(Stop::StoreReadOnly, "S03", NOT_SHOWN, "磁盘只读，新信息存不进去", "检查磁盘；旧信息仍可查看"),
    row(Stop::StoreNewer, "S04", NOT_SHOWN, "数据库来自更新的软件版本", "安装新版软件，或删去 listings.db 让它重建"),
    row(Stop::StoreBusy, "S05", NOT_SHOWN, "数据库正被另一个程序写入", "等它写完再试；同一台机器上只运行一个 kiosk"),
    row(Stop::AuditBroken, "S06", NOT_SHOWN, "审计记录被改动，或与县中心签过的不符", "不要再改动本机数据；保留 ledger.db 和 audit-head，立即报县中心"),
    row(Stop::LedgerDamaged, "S07", NOT_SHOWN, "本机账本 ledger.db 损坏", "复制 ledger.db* 交县中心再重启；本镇岗位要重新导入"),
    row(Stop::PrinterAbsent, "T01", PRINTER_DOWN, "找不到打印机", "检查打印机的电源和连线；核对 kiosk.toml 中的 [printer]"),
    row(Stop::PrinterForbidden, "T02", PRINTER_DOWN, "没有权限打开打印机端口", "把运行用户加入 lp 组（/dev/usb/lp*）或 dialout 组（串口），重新登录"),
    row(Stop::PrinterBusy, "T03", ("打印机正忙", "请等一会儿再打；内容还可以在屏幕上看。"), "打印机端口被别的程序占用", "关闭厂家的工具或系统打印服务（CUPS），再试"),
    row(Stop::PrinterSilent, "T04", PRINTER_DOWN, "打印机没有应答", "关上打印机再打开；核对 printer.baud 和 printer.profile 里的 status"),
    row(Stop::PrinterPaperOut, "T05", ("打印机没有纸了", "请告诉工作人员；内容还可以在屏幕上看。"), "打印机没有纸", "换一卷纸；没打完的内容已经作废（不会清空的打印机最多再出两三行，请撕下销毁）"),
    row(Stop::PrinterCoverOpen, "T06", ("打印机的盖子没有关好", "请告诉工作人员；内容还可以在屏幕上看。"), "打印机盖子打开", "把盖子压紧；没打完的内容已经作废（不会清空的打印机最多再出两三行，请撕下销毁）"),
    row(Stop::PrinterError, "T07", ("打印机出错了", "请告诉工作人员；内容还可以在屏幕上看。"), "打印机报错（切刀、过热或电路）", "取出卡住的纸，等它冷却，关上再打开；再次出现请报修"),
    row(Stop::PrinterUnconfirmed, "T08", ("不知道打好没有", "请看看出纸口：有小票的，请拿走；没有的，请告诉工作人员。"), "打印机没有确认打完", "看出纸口有没有纸，撕下交给本人；经常出现请核对 printer.profile 里的 confirm"),
    row(Stop::PrinterOffline, "T09", ("打印机没有准备好", "请告诉工作人员；内容还可以在屏幕上看。"), "打印机脱机，没有说原因，或走纸键被按着", "按一下打印机上的联机键或走纸键，检查盖子有没有压紧；还不行就关上再打开"),
    row(Stop::ConfigWrong, "C01", NOT_SHOWN, "设置或证书文件有误", "按提示的文件和办法改正"),
    row(Stop::ClockWrong, "C02", NOT_SHOWN, "本机时钟与县中心相差超过两分钟", "校准时钟；若反复出现请换主板电池"),
    row(Stop::CountyClockWrong, "C03", NOT_SHOWN, "县中心的时钟看来不对", "不要改本机时钟，也不用换电池；报县中心校准服务器的时钟"),
];

/// The book as a page for the help desk, `docs/stop-codes.md`.
pub fn markdown() -> String {
    let mut page = String::from(
        "# 停止代码\n\n\
         屏幕上、`kiosk check` 里和日志里的代码，以及该怎么办。本页由 `crates/base/src/domain/failure.rs` 生成，\
         请改那里，再用 `BLESS=1 cargo test stop_codes` 更新本页。\n",
    );
    let mut letter = "";
    for entry in BOOK {
        let (first, _) = entry.code.split_at(1);
        if first != letter {
            letter = first;
            page.push_str(&format!(
                "\n## {letter}：{}\n\n| 代码 | 故障 | 工作人员怎么办 | 居民看到 |\n| --- | --- | --- | --- |\n",
                subject(letter)
            ));
        }
        let resident = match entry.title {
            "" => "（不显示）".to_owned(),
            title => format!("{title}。{}", entry.sentence("社保窗口")),
        };
        page.push_str(&format!(
            "| {} | {} | {} | {resident} |\n",
            entry.code, entry.staff, entry.remedy
        ));
    }
    page
}

/// What the codes of a letter are about.
fn subject(letter: &str) -> &'static str {
    match letter {
        "R" => "读卡器",
        "D" => "证件",
        "L" => "线路",
        "P" => "人员和管理密码",
        "S" => "存储",
        "T" => "打印机",
        "C" => "设置和时钟",
        _ => "其他",
    }
}

const fn row(
    stop: Stop,
    code: &'static str,
    (title, resident): (&'static str, &'static str),
    staff: &'static str,
    remedy: &'static str,
) -> Entry {
    Entry { stop, code, title, resident, staff, remedy }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn every_stop_has_one_row_and_one_code() {
        let codes: HashSet<_> = BOOK.iter().map(|entry| entry.code).collect();
        let stops: HashSet<_> = BOOK.iter().map(|entry| entry.stop).collect();
        assert_eq!(codes.len(), BOOK.len());
        assert_eq!(stops.len(), BOOK.len());
        // The last variant is the highest: so all of them are in the book.
        assert_eq!(Stop::CountyClockWrong as usize + 1, BOOK.len());
        assert!(BOOK.iter().all(|e| !e.staff.is_empty() && !e.remedy.is_empty()));
    }

    #[test]
    fn a_resident_reads_what_it_is_and_then_what_to_do_and_not_the_same_twice() {
        for entry in BOOK {
            let (title, sentence) = (entry.title, entry.sentence("2 号窗口"));
            assert_eq!(title.is_empty(), sentence.is_empty(), "{}", entry.code);
            if title.is_empty() {
                continue;
            }
            assert!(!title.ends_with('。') && title.chars().count() <= 12, "{}", entry.code);
            assert!(sentence.ends_with('。') && !sentence.contains(title), "{}", entry.code);
            assert!(!sentence.contains(['{', '}']), "{}", entry.code);
            // One name for the place to go to, the one that stands over it.
            assert!(!sentence.contains("社保窗口"), "{}", entry.code);
        }
    }

    #[test]
    fn the_page_has_a_row_for_every_code_under_a_known_letter() {
        let page = markdown();
        for entry in BOOK {
            let row = format!("| {} | {} |", entry.code, entry.staff);
            assert_eq!(page.matches(&row).count(), 1, "{}", entry.code);
            assert_ne!(subject(&entry.code[..1]), "其他", "{}", entry.code);
        }
    }
}
