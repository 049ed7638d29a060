//! The reader's handbook for installers, `docs/reader-handbook.md`: how to connect a reader, choose
//! its profile, try it and practise its faults, and what each code means. Rendered from the
//! failure-code book and from a profile file, so that it cannot say anything else than they do; a
//! test keeps the page so. Keeps no state.

use crate::domain::failure::{BOOK, Entry};

const BEFORE: &str = "\
# 读卡器安装手册

给安装和维护人员。本页由 `src/card/handbook.rs`、停止代码表和 `kiosk-config/readers/unknown.toml` 生成；\
请改那里，再用 `BLESS=1 cargo test reader_handbook` 更新本页。

## 1. 接上

1. 读卡器要带身份证安全模块（SAM），走串口或 USB 转串口，GA/T 467 协议，8 位数据、无校验、1 位停止位、无流控。
2. 把运行 kiosk 的用户加入 `dialout` 组，重新登录。
3. 在 `kiosk.toml` 的 `[reader]` 里写端口。三种写法：
   * `port = \"/dev/serial/by-id/…\"`：固定路径，换插口也不变，最省事；
   * `port = \"usb\"` 加 `usb_vendor`、`usb_product`（`lsusb` 里冒号前后的四位）、`usb_serial`：按设备身份找，改了名字也找得到；
   * 路径和 `usb_*` 都写：只开这个路径，而且只有身份相符才开，别的设备冒用这个名字不会被打开（R09）。
4. 不知道波特率就写 `baud = 0`，启动时从 115200 试到 9600。

## 2. 选型号

`profile = \"unknown\"` 对任何读卡器都能用：每 300 毫秒找一次卡，取走的判断方法从头几次读卡里学会，并写进日志\
（`presence = … was learnt`）。要固定下来，就把 `readers/unknown.toml` 复制一份改名，只留要改的键，\
再把 `reader.profile` 写成新文件名（不带 .toml）。

";

const TRYING: &str = "\
## 3. 试读

```sh
kiosk card read --port /dev/serial/by-id/usb-… --json   # 打码显示；看全要加 --unmasked
kiosk check                                             # 整机检查，读卡器一行说明端口、型号和最近的故障
```

kiosk 正在运行时端口被它占用（R03），先停下它再试读。

## 4. 没有读卡器也能练

```sh
kiosk card simulate --document kiosk-config/demo/residents/a.toml --link /tmp/reader
kiosk card simulate --script kiosk-config/demo/faults/01-lifted-early.toml --link /tmp/reader
kiosk card read --port /tmp/reader --json               # 在另一个终端
```

`kiosk-config/demo/faults/` 里每个文件演一种故障，开头的注释说它是什么，`expect` 说本机应当怎样反应。\
演示程序（`kiosk demo`）下边的紫色条按“演示故障”也能逐个播放。

## 5. 代码和办法

居民看到的话和代码在屏幕上；状态字、连续次数和当天次数在工作人员页“检查本机”的读卡器一行，也在日志里。

";

/// The handbook. `profile` is the text of `readers/unknown.toml`.
pub fn markdown(profile: &str) -> String {
    let mut page = BEFORE.to_owned();
    page.push_str("| 键 | 缺省 | 说明 |\n| --- | --- | --- |\n");
    for Key { name, value, words } in keys(profile) {
        page.push_str(&format!("| `{name}` | `{value}` | {words} |\n"));
    }
    page.push('\n');
    page.push_str(TRYING);
    page.push_str("| 代码 | 故障 | 怎么办 |\n| --- | --- | --- |\n");
    let of_the_reader = |entry: &&Entry| matches!(entry.code.as_bytes()[0], b'R' | b'D');
    for entry in BOOK.iter().filter(of_the_reader) {
        page.push_str(&format!("| {} | {} | {} |\n", entry.code, entry.staff, entry.remedy));
    }
    page
}

/// A key of a profile file with its default and the comment above it.
struct Key<'a> {
    name: &'a str,
    value: &'a str,
    words: String,
}

/// The keys of a profile file, in its order.
fn keys(profile: &str) -> Vec<Key<'_>> {
    let mut keys = Vec::new();
    let mut words = Vec::new();
    for line in profile.lines() {
        match (line.strip_prefix("# "), line.split_once(" = ")) {
            (Some(comment), _) => words.push(comment),
            (None, Some((name, value))) => {
                keys.push(Key { name, value, words: words.join(" ") });
                words.clear();
            }
            // What stands before a blank line is about the file.
            (None, None) => words.clear(),
        }
    }
    keys
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_has_the_words_above_it_and_no_others() {
        let file =
            "# About the file.\n\n# Pause\n# between looks.\npoll_ms = 300\n# Next.\nx = 1\n";
        let keys = keys(file);
        let told: Vec<_> =
            keys.iter().map(|key| (key.name, key.value, key.words.as_str())).collect();
        assert_eq!(told, [("poll_ms", "300", "Pause between looks."), ("x", "1", "Next.")]);
    }

    #[test]
    fn every_code_of_reader_and_document_is_explained() {
        let page = markdown("");
        for entry in BOOK {
            let expected = matches!(entry.code.as_bytes()[0], b'R' | b'D');
            assert_eq!(page.contains(&format!("| {} |", entry.code)), expected, "{}", entry.code);
        }
    }
}
