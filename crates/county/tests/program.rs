//! The program as an office installs it.

use std::process::Command;

#[test]
fn a_county_makes_itself_and_refuses_a_directory_that_holds_none() {
    let home = tempfile::tempdir().expect("a directory");
    let run = |command: &str| {
        let mut county = Command::new(env!("CARGO_BIN_EXE_county"));
        county.args(["--data", "county-data", command]).current_dir(home.path());
        county.output().expect("it runs")
    };
    let refused = run("kiosks");
    assert_eq!(refused.status.code(), Some(1));
    let said = String::from_utf8_lossy(&refused.stderr).into_owned();
    assert!(said.contains("county init"), "{said}");
    let made = run("init");
    assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
    for file in ["ca.pem", "ca.key", "county.db"] {
        assert!(home.path().join("county-data").join(file).exists(), "{file}");
    }
}

/// A county's server has no screen.
#[test]
fn no_window_toolkit_is_built_for_a_county() {
    let tree = Command::new(env!("CARGO"))
        .args(["tree", "--package", "kiosk-county", "--edges", "normal,build", "--prefix", "none"])
        .args(["--offline", "--locked"])
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .output()
        .expect("cargo is there");
    assert!(tree.status.success(), "{}", String::from_utf8_lossy(&tree.stderr));
    let tree = String::from_utf8(tree.stdout).expect("UTF-8");
    assert!(tree.lines().any(|line| line.starts_with("axum v")), "{tree}");
    for name in ["slint", "i-slint", "winit", "x11rb", "wayland", "kiosk-ui", "serialport"] {
        let found: Vec<&str> = tree.lines().filter(|line| line.starts_with(name)).collect();
        assert!(found.is_empty(), "{found:?}");
    }
}
