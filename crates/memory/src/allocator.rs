//! The allocator that overwrites what is given back. Keeps no state; the memory itself comes from
//! the system's allocator.
//!
//! This is the one place of the project with `unsafe`: Rust has no other way to say what a program's
//! allocator is. Every function only passes its caller's promises on to the system's, and writes to
//! memory that the caller gives up in that very call.

#![expect(unsafe_code, reason = "an allocator is an unsafe trait")]

use std::{
    alloc::{GlobalAlloc, Layout, System},
    arch::asm,
    ptr,
};

/// The system's allocator, and zeros over everything that is given back to it: a whole block when it
/// is freed, the old one when it is moved, the end of one that becomes smaller.
#[derive(Debug, Clone, Copy)]
pub struct Overwriting<A = System>(A);

impl Overwriting {
    /// Over the system's allocator.
    pub const fn new() -> Self {
        Self(System)
    }
}

impl Default for Overwriting {
    fn default() -> Self {
        Self::new()
    }
}

// SAFETY: memory comes from the allocator inside and goes back to it with the layout it was made
// with; `realloc` is the trait's own description of it (a new block, a copy of what both have room
// for, the old block freed). What is written lies within blocks that the caller has given up.
unsafe impl<A: GlobalAlloc> GlobalAlloc for Overwriting<A> {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        // SAFETY: the caller's promises are those that the allocator inside asks for.
        unsafe { self.0.alloc(layout) }
    }

    unsafe fn alloc_zeroed(&self, layout: Layout) -> *mut u8 {
        // SAFETY: as above.
        unsafe { self.0.alloc_zeroed(layout) }
    }

    unsafe fn dealloc(&self, block: *mut u8, layout: Layout) {
        // SAFETY: the caller gives up a block of this layout, which is live until the last line.
        unsafe {
            overwrite(block, layout.size());
            self.0.dealloc(block, layout);
        }
    }

    unsafe fn realloc(&self, block: *mut u8, layout: Layout, new_size: usize) -> *mut u8 {
        // Never the system's own `realloc`: it moves blocks and leaves the old bytes behind.
        // SAFETY: the caller promises that `new_size`, rounded up to the alignment, does not
        // overflow, and that it is not 0; the alignment is that of a valid layout.
        let moved = unsafe {
            let new_layout = Layout::from_size_align_unchecked(new_size, layout.align());
            self.0.alloc(new_layout)
        };
        if !moved.is_null() {
            // SAFETY: both blocks are live, they are different ones, and both have room for this
            // much; the caller gives the old one up when the new one is there.
            unsafe {
                ptr::copy_nonoverlapping(block, moved, layout.size().min(new_size));
                self.dealloc(block, layout);
            }
        }
        moved
    }
}

/// Writes zeros, also where the compiler knows that the memory is freed next.
///
/// # Safety
/// `block` is valid for writes of `size` bytes.
unsafe fn overwrite(block: *mut u8, size: usize) {
    // SAFETY: as the caller promises. The assembly is empty: it tells the compiler that the memory
    // behind the pointer may be read, so that the zeros have to be there.
    unsafe {
        ptr::write_bytes(block, 0, size);
        asm!("/* {0} */", in(reg) block, options(nostack, preserves_flags, readonly));
    }
}

#[cfg(test)]
mod tests {
    use std::cell::RefCell;

    use super::*;

    /// Looks at what comes back, while it is still whole.
    #[derive(Default)]
    struct Looking(RefCell<Vec<(usize, bool)>>);

    // SAFETY: all of it is the system's allocator.
    unsafe impl GlobalAlloc for Looking {
        unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
            // SAFETY: the caller's promises.
            unsafe { System.alloc(layout) }
        }

        unsafe fn dealloc(&self, block: *mut u8, layout: Layout) {
            // SAFETY: the block is live until the last line, and was filled by the test.
            unsafe {
                let bytes = std::slice::from_raw_parts(block, layout.size());
                let clean = bytes.iter().all(|byte| *byte == 0);
                self.0.borrow_mut().push((layout.size(), clean));
                System.dealloc(block, layout);
            }
        }
    }

    #[test]
    fn what_is_freed_moved_or_cut_off_is_overwritten() {
        let layout = |size| Layout::from_size_align(size, 8).expect("sound");
        let whole = |block: *mut u8, size| {
            // SAFETY: a live block, of which the test has filled this much.
            let bytes = unsafe { std::slice::from_raw_parts(block, size) };
            bytes.iter().all(|byte| *byte == 0xA5)
        };
        let allocator = Overwriting(Looking::default());
        // SAFETY: each block is used within its size while it is live, and freed with its layout.
        unsafe {
            let block = allocator.alloc(layout(1_000));
            ptr::write_bytes(block, 0xA5, 1_000);
            let larger = allocator.realloc(block, layout(1_000), 5_000);
            assert!(whole(larger, 1_000));
            ptr::write_bytes(larger, 0xA5, 5_000);
            let smaller = allocator.realloc(larger, layout(5_000), 300);
            assert!(whole(smaller, 300));
            allocator.dealloc(smaller, layout(300));
        }
        assert_eq!(*allocator.0.0.borrow(), [(1_000, true), (5_000, true), (300, true)]);
    }
}
