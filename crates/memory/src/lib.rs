//! What was said about a person leaves this process' memory with the visit, and the process' memory
//! never leaves the machine by itself.
//!
//! The project's own values about people overwrite themselves. What the window toolkit, the
//! transport, the crypto library's callers and the standard library copied on the way they do not
//! know of: texts in properties and laid-out paragraphs, records of TLS, buffers of HTTP and JSON.
//! Three things reach those:
//!
//! * [`Overwriting`], the allocator of the programs `kiosk` and `county`: whatever is given back is
//!   overwritten first. So it is enough that a copy is *dropped*; who dropped it need not know.
//! * [`wipe_stack`]: what functions left behind on a thread's stack when they returned, such as a
//!   figure that was put into digits.
//! * [`stay_private`] and [`stay_out_of_swap`]: no other process of the user may read this one,
//!   nothing of it is dumped, and where the system allows it, nothing is swapped out.
//!
//! Values that are still in use when the visit ends are the business of whoever holds them.
//!
//! Keeps no state.

mod allocator;

pub use allocator::Overwriting;

/// Bytes below a thread's present frame that [`wipe_stack`] overwrites: several times as deep as
/// anything here goes between two waits, and an eighth of the smallest stack.
const DEPTH: usize = 256 << 10;
/// The same of a thread that serves a connection: twice as deep as one goes (64 KiB of the stack are
/// in use after a handshake and queries, as `/proc/PID/smaps` says of a release build; without
/// optimisation it is more).
const SERVICE_DEPTH: usize = if cfg!(debug_assertions) { DEPTH } else { 128 << 10 };

/// Overwrites what returned functions left on this thread's stack, below the caller's frame. For the
/// moments at which a thread begins to wait.
pub fn wipe_stack() {
    wipe::<DEPTH>();
}

/// As [`wipe_stack`], for the threads of a service, which begin to wait thousands of times a second.
pub fn wipe_service_stack() {
    wipe::<SERVICE_DEPTH>();
}

#[inline(never)]
fn wipe<const BYTES: usize>() {
    let mut below = [0_u8; BYTES];
    // Or the compiler would see that nobody reads it.
    std::hint::black_box(&mut below);
}

/// Keeps this process' memory from being dumped or read by others: for the beginning of a program.
///
/// * No core dump, whatever is set up to take them: a limit of 0 alone does not hold back a handler
///   that is a program (`core_pattern` with `|`), a process that is not dumpable does. So there is
///   no dump from which `MADV_DONTDUMP` could leave anything out.
/// * Other programs of the same user cannot attach to it or read `/proc/PID/mem`; root with
///   `CAP_SYS_PTRACE` still can.
///
/// # Errors
/// When the system refuses, which Linux does not.
pub fn stay_private() -> nix::Result<()> {
    use nix::sys::resource::{Resource, setrlimit};
    setrlimit(Resource::RLIMIT_CORE, 0, 0)?;
    nix::sys::prctl::set_dumpable(false)
}

/// Keeps every page that this process touches out of swap, for programs that stay. Says whether
/// nothing can be swapped out now: all is locked, or the machine has no swap.
///
/// Nothing is locked if `RLIMIT_MEMLOCK` is in the way: a lock on all that will be mapped would turn
/// that limit into one on memory.
pub fn stay_out_of_swap() -> bool {
    use nix::sys::{
        mman::{MlockAllFlags, mlockall},
        resource::{RLIM_INFINITY, Resource, getrlimit},
    };
    // The library does not name it: without it every reserved page would be made at once, those of
    // all stacks among them.
    const ON_FAULT: MlockAllFlags = MlockAllFlags::from_bits_retain(4);
    let unlimited =
        getrlimit(Resource::RLIMIT_MEMLOCK).is_ok_and(|(soft, _)| soft == RLIM_INFINITY);
    let all = MlockAllFlags::MCL_CURRENT | MlockAllFlags::MCL_FUTURE | ON_FAULT;
    let locked = unlimited && mlockall(all).is_ok();
    // The first line is a head.
    locked || std::fs::read_to_string("/proc/swaps").is_ok_and(|swaps| swaps.lines().count() <= 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Of the test's own process, which is none the worse for it.
    #[test]
    fn a_process_that_stays_private_is_not_dumped() {
        use nix::sys::{prctl::get_dumpable, resource};
        assert!(get_dumpable().expect("Linux says it"));
        stay_private().expect("Linux allows it");
        assert!(!get_dumpable().expect("Linux says it"));
        assert_eq!(resource::getrlimit(resource::Resource::RLIMIT_CORE), Ok((0, 0)));
    }
}
