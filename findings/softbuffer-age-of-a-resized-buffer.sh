#!/usr/bin/env bash
# softbuffer on Wayland calls a buffer two frames old that it has just given another size.
#
# `Buffer::age` says how many frames ago a buffer was shown, and 0 for one "that has unspecified contents", so that
# a program may draw what has changed since and leave the rest. After `Surface::resize` the buffer is made anew in the
# memory of the one before: its lines are as long as the new size says, and what is in it are lines as long as the
# old one. Its age stays 2, as if only two frames of changes were missing.
#
# Why it matters to a kiosk: another resolution in the same shape, drawn at another scale, is the same page in logical
# pixels. Slint's software renderer finds nothing changed, trusts the age, and draws next to nothing: the screen
# shows shreds of the former picture until each part of the page changes by itself. Whoever changes size and scale
# together must see to it that everything is drawn.
#
# Seen on softbuffer 0.4.8 with winit 0.30.13 under weston 10, headless, each frame filled with the number of its row:
#   640x480: ages 0 0 2 2
#   800x600: ages 2 2; row 1 of the first begins with 1 1 1 1, row 4 with 5: lines of 640
#
# Needs weston and Rust.
set -euo pipefail
folder=$(mktemp -d)
trap 'kill "${weston:-}" 2>/dev/null || true; rm -rf "$folder"' EXIT
mkdir -p "$folder/src" "$folder/run"
cat >"$folder/Cargo.toml" <<'TOML'
[package]
name = "try"
version = "0.0.0"
edition = "2024"

[dependencies]
softbuffer = { version = "=0.4.8", default-features = false, features = ["wayland", "wayland-dlopen"] }
winit = { version = "=0.30.13", default-features = false, features = ["wayland", "wayland-dlopen", "rwh_06"] }
TOML
cat >"$folder/src/main.rs" <<'RUST'
use std::{num::NonZeroU32, rc::Rc};

use softbuffer::{Context, Surface};
use winit::{
    application::ApplicationHandler,
    event::WindowEvent,
    event_loop::{ActiveEventLoop, EventLoop},
    window::{Window, WindowId},
};

#[derive(Default)]
struct Try {
    surface: Option<Surface<Rc<Window>, Rc<Window>>>,
    ages: Vec<u8>,
    rows: Vec<u32>,
}

impl ApplicationHandler for Try {
    fn resumed(&mut self, events: &ActiveEventLoop) {
        let window = Rc::new(events.create_window(Window::default_attributes()).expect("a window"));
        let context = Context::new(window.clone()).expect("a context");
        self.surface = Some(Surface::new(&context, window.clone()).expect("a surface"));
        window.request_redraw();
    }

    fn window_event(&mut self, events: &ActiveEventLoop, _: WindowId, event: WindowEvent) {
        if event != WindowEvent::RedrawRequested || self.ages.len() == 6 {
            return;
        }
        let (width, height) = if self.ages.len() < 4 { (640, 480) } else { (800, 600) };
        let surface = self.surface.as_mut().expect("there");
        let size = |pixels| NonZeroU32::new(pixels).expect("some");
        surface.resize(size(width), size(height)).expect("resized");
        let mut buffer = surface.buffer_mut().expect("a buffer");
        if self.ages.len() == 4 {
            self.rows = [800, 801, 802, 803, 4 * 800].map(|at| buffer[at]).to_vec();
        }
        self.ages.push(buffer.age());
        for (at, pixel) in buffer.iter_mut().enumerate() {
            *pixel = at as u32 / width;
        }
        buffer.present().expect("shown");
        match self.ages.len() {
            6 => events.exit(),
            _ => surface.window().request_redraw(),
        }
    }
}

fn main() {
    let mut tried = Try::default();
    EventLoop::new().expect("a display").run_app(&mut tried).expect("it ends");
    println!("640x480: ages {:?}", &tried.ages[..4]);
    println!("800x600: ages {:?}; rows 1 and 4 begin with {:?}", &tried.ages[4..], tried.rows);
    let right = tried.ages == [0, 0, 2, 2, 2, 2] && tried.rows == [1, 1, 1, 1, 5];
    std::process::exit(i32::from(!right));
}
RUST
cd "$folder"
cargo build --quiet
export XDG_RUNTIME_DIR=$folder/run WAYLAND_DISPLAY=screen
chmod 700 "$XDG_RUNTIME_DIR"
weston --backend=headless-backend.so --no-config --socket=screen >"$folder/weston.log" 2>&1 &
weston=$!
until [ -S "$XDG_RUNTIME_DIR/screen" ]; do sleep 0.2; done
timeout 60 target/debug/try
