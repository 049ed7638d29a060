//! The reader's handbook for installers, `docs/reader-handbook.md`: how to connect a reader, choose
//! its profile, try it and practise its faults, and what each code means. Rendered from the
//! failure-code book and from a profile file, so that it cannot say anything else than they do; a
//! test keeps the page so. Keeps no state.

use kiosk_base::domain::failure::{BOOK, Entry};

const BEFORE: &str = "\
# 读卡器安装手册

给安装和维护人员。本页由 `crates/devices/src/card/handbook.rs`、停止代码表和 `kiosk-config/readers/unknown.toml` 生成；\
请改那里，再用 `BLESS=1 cargo test reader_handbook` 更新本页。

## 1. 接上

1. 读卡器要带身份证安全模块（SAM），GA/T 467 协议：走串口或 USB 转串口（8 位数据、无校验、1 位停止位、无流控），\
或者本身就是 USB 设备（见第 3 节）。插上以后有 `/dev/ttyUSB*` 或 `/dev/ttyACM*` 的，就是串口。
2. 串口：把运行 kiosk 的用户加入 `dialout` 组，重新登录。
3. 在 `kiosk.toml` 的 `[reader]` 里写端口。四种写法：
   * `port = \"/dev/serial/by-id/…\"`：固定路径，换插口也不变，最省事；
   * `port = \"usb\"` 加 `usb_vendor`、`usb_product`（`lsusb` 里冒号前后的四位）、`usb_serial`：按设备身份找，改了名字也找得到；
   * 路径和 `usb_*` 都写：只开这个路径，而且只有身份相符才开，别的设备冒用这个名字不会被打开（R09）；
   * `port = \"usb:0400:c35a\"`：没有串口、本身就是 USB 设备的读卡器（冒号后是 `lsusb` 的两个四位数）；\
同型号有两台时再写 `usb_serial`。
4. 不知道波特率就写 `baud = 0`，启动时从 115200 试到 9600。

## 2. 选型号

`profile = \"unknown\"` 对任何读卡器都能用：每 300 毫秒找一次卡，取走的判断方法从头几次读卡里学会，并写进日志\
（`presence = … was learnt`）。要固定下来，就把 `readers/unknown.toml` 复制一份改名，只留要改的键，\
再把 `reader.profile` 写成新文件名（不带 .toml）。

";

const USB: &str = "\
## 3. 本身就是 USB 设备的读卡器

市面上多数身份证读卡器不走串口，插上以后没有 `/dev/ttyUSB*`。命令和应答和串口上的一样，只是装在 USB 传输里；\
各厂家的装法没有公开的标准，所以端点写在型号文件里。下面的值都没有经过实机证实，以您手上的设备为准。

1. **看是什么设备。** 插拔前后各运行一次 `lsusb`，多出来的那行就是，例如 `ID 0400:c35a`（公开代码里见得最多的；\
名字显示 National Semiconductor，不会写“读卡器”）。把它写成 `port = \"usb:0400:c35a\"`。
2. **看端点。** `lsusb -v -d 0400:c35a`（要 root）里找 `bInterfaceNumber`、`bInterfaceClass` 和每个 `bEndpointAddress`：
   * 类别 255（Vendor Specific），`EP 2 OUT` 和 `EP 1 IN` 各一个、类型 Bulk：一对端点，`profile = \"usb-one-pair\"`；
   * 另外还有 `EP 6 OUT`、`EP 5 IN`：两对端点，前 7 个字节（帧头和长度）走第一对，其余走第二对，\
`profile = \"usb-two-pairs\"`；
   * 类别 3（HID），类型 Interrupt：复制 `unknown.toml`，写 `usb_transfer = \"interrupt\"`、`usb_padded = true`，\
`usb_packet_bytes` 写 `wMaxPacketSize`（常见 64）；没有 OUT 端点的写 `usb_out = [0]`；
   * 类别 11（智能卡）、8（存储）、10（串口数据）：不是这种读卡器，不要硬试；
   * 都不对，或数字不同：复制一份型号文件，照 `lsusb -v` 填 `usb_ids`、`usb_interface`、`usb_out`、`usb_in`。\
`profile = \"unknown\"` 自己找端点：一对或两对，别的数目报 R15。
3. **给权限。** 建文件 `/etc/udev/rules.d/70-id-reader.rules`，一行：
   ```text
   SUBSYSTEM==\"usb\", ATTR{idVendor}==\"0400\", ATTR{idProduct}==\"c35a\", MODE=\"0660\", GROUP=\"dialout\"
   ```
   再 `sudo udevadm control --reload && sudo udevadm trigger`，把运行用户加入 `dialout` 组，重新登录，重新插上读卡器。
4. **试。** `kiosk card read --port usb:0400:c35a --profile usb-two-pairs`。没有权限是 R02，被厂家程序占用是 R03，\
端点不对是 R15，端点对而不应答（R04）就换另一个型号文件再试。试成了，请把 `lsusb -v` 的结果和型号文件一起寄给维护人员。

";

const TRYING: &str = "\
## 4. 试读

```sh
kiosk card read --port /dev/serial/by-id/usb-… --json   # 打码显示；看全要加 --unmasked
kiosk check                                             # 整机检查，读卡器一行说明端口、型号和最近的故障
```

kiosk 正在运行时端口被它占用（R03），先停下它再试读。

## 5. 没有读卡器也能练

```sh
kiosk card simulate --document kiosk-config/demo/residents/a.toml --link /tmp/reader
kiosk card simulate --script kiosk-config/demo/faults/01-lifted-early.toml --link /tmp/reader
kiosk card read --port /tmp/reader --json               # 在另一个终端
```

USB 直连的读卡器只能在程序里模拟（测试用），没有实物时用串口模拟来练：应答、故障和代码都一样。

`kiosk-config/demo/faults/` 里每个文件演一种故障，开头的注释说它是什么，`expect` 说本机应当怎样反应。\
演示程序（`kiosk demo`）下边的紫色条按“演示故障”也能逐个播放。

## 6. 代码和办法

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
    page.push_str(USB);
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
                keys.push(Key { name, value, words: words.concat() });
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
        let file = "# 关于文件。\n\n# 两次找卡\n# 之间。\npoll_ms = 300\n# 下一个。\nx = 1\n";
        let keys = keys(file);
        let told: Vec<_> =
            keys.iter().map(|key| (key.name, key.value, key.words.as_str())).collect();
        assert_eq!(told, [("poll_ms", "300", "两次找卡之间。"), ("x", "1", "下一个。")]);
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
