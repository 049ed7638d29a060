//! 叫工作人员: the office hears it, once, and nothing of anybody; and it is said truthfully when nobody does.

use std::{
    io::{BufRead, BufReader, Read, Write},
    net::{TcpListener, TcpStream},
    sync::mpsc,
    thread,
    time::Duration,
};

use crate::support::kiosk::{Hall, Kiosk};

/// What stands at the desk: says `status` to every call and hands its body on.
fn desk(listener: TcpListener, status: &'static str) -> mpsc::Receiver<String> {
    let (bodies, heard) = mpsc::channel();
    thread::spawn(move || {
        for stream in listener.incoming() {
            let body = take(stream.expect("a connection"), status);
            if bodies.send(body).is_err() {
                return;
            }
        }
    });
    heard
}

fn take(mut stream: TcpStream, status: &str) -> String {
    let mut lines = BufReader::new(stream.try_clone().expect("a stream"));
    let mut length = 0;
    loop {
        let mut line = String::new();
        lines.read_line(&mut line).expect("a line");
        if let Some(value) = line.to_ascii_lowercase().strip_prefix("content-length:") {
            length = value.trim().parse().expect("a number");
        }
        if line.trim().is_empty() {
            break;
        }
    }
    let mut body = vec![0; length];
    lines.read_exact(&mut body).expect("the body");
    write!(stream, "HTTP/1.1 {status}\r\ncontent-length: 0\r\nconnection: close\r\n\r\n")
        .expect("sent");
    String::from_utf8(body).expect("JSON")
}

fn kiosk(address: &str) -> Kiosk {
    let mut hall = Hall::new();
    hall.settings.bell = Some(format!("http://{address}/call").parse().expect("an address"));
    hall.settings.visit.who_comes = Some("协理员".to_owned());
    Kiosk::open(hall)
}

#[test]
fn the_office_hears_who_wants_help_and_nothing_of_them() {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let address = listener.local_addr().expect("bound").to_string();
    let heard = desk(listener, "204 No Content");
    let mut kiosk = kiosk(&address);
    kiosk.lay("a");
    kiosk.see("243.00");
    kiosk.press_all(&["帮助", "叫工作人员"]);
    kiosk.see("已经通知协理员，请在这里等。");
    let body = heard.recv_timeout(Duration::from_secs(10)).expect("a call");
    let call: serde_json::Value = serde_json::from_str(&body).expect("JSON");
    assert_eq!(call["town"], "福集镇");
    assert_eq!(call["page"], "account");
    assert_eq!(call["at"], "2026-11-23T09:10:00");
    assert_eq!(call.as_object().expect("an object").len(), 4, "{body}");
    for of_the_resident in ["测试", "510599", "243"] {
        assert!(!body.contains(of_the_resident), "{body}");
    }
    kiosk.lift();

    // Whoever comes next within a minute reads the same; the bell is not rung again.
    kiosk.begin();
    kiosk.press_all(&["帮助", "叫工作人员"]);
    kiosk.see("已经通知协理员，请在这里等。");
    assert!(heard.try_recv().is_err());
    kiosk.press("结束");
    kiosk.pass(Duration::from_secs(61));
    kiosk.begin();
    kiosk.press_all(&["帮助", "叫工作人员"]);
    kiosk.see("已经通知协理员，请在这里等。");
    let body = heard.recv_timeout(Duration::from_secs(10)).expect("another call");
    assert!(body.contains("\"home\""), "{body}");
}

#[test]
fn a_bell_that_nobody_hears_is_told_and_can_be_rung_again() {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let address = listener.local_addr().expect("bound");
    let heard = desk(listener, "503 Service Unavailable");
    let mut kiosk = kiosk(&address.to_string());
    kiosk.begin();
    kiosk.press_all(&["帮助", "叫工作人员"]);
    kiosk.see("没叫通，再叫一次");
    kiosk.press("没叫通，再叫一次");
    kiosk.see("没叫通，再叫一次");
    kiosk.press("没叫通，再叫一次");
    // Whom nobody hears goes to the window.
    kiosk.see("请工作人员帮您");
    for _ in 0..3 {
        heard.recv_timeout(Duration::from_secs(10)).expect("a call");
    }
}

#[test]
fn without_a_bell_nobody_is_promised() {
    let mut kiosk = Kiosk::open(Hall::new());
    kiosk.begin();
    kiosk.press("帮助");
    kiosk.see("请工作人员帮您");
    assert!(!kiosk.says("叫工作人员"));
}
