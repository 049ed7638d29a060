//! How the program is linked: its relocations packed (DT_RELR). They are read whole at each start, and
//! unpacked they are a tenth of the memory that the program's file takes. glibc knows them since 2.36
//! (Debian 12); a linker that does not leaves them as they were.

fn main() {
    println!("cargo::rerun-if-changed=src/build.rs");
    let system = std::env::var("CARGO_CFG_TARGET_OS").unwrap_or_default();
    let library = std::env::var("CARGO_CFG_TARGET_ENV").unwrap_or_default();
    if (system.as_str(), library.as_str()) == ("linux", "gnu") {
        println!("cargo::rustc-link-arg-bins=-Wl,-z,pack-relative-relocs");
    }
}
