//! The USB bus of this machine, through the system's own device files. State: the transfers that are
//! under way.

use std::{collections::BTreeMap, time::Duration};

use nusb::{
    Endpoint as Pipe, Interface, MaybeFuture,
    descriptors::TransferType,
    transfer::{
        Buffer, Bulk, BulkOrInterrupt, ControlOut, ControlType, In, Interrupt, Out, Recipient,
        TransferError,
    },
};
use zeroize::{Zeroize, Zeroizing};

use super::{Bus, Endpoint, Listed, Transfer, Transfers, UsbError};
use crate::card::port::UsbId;

/// Packets that an endpoint may send before anybody takes them. Each is a transfer of its own: a
/// longer one would not end when an answer fills its last packet.
const QUEUE: usize = 8;
/// A request that was withdrawn comes back within this time, or the device is gone.
const WITHDRAWN: Duration = Duration::from_millis(500);

/// This machine's.
pub(super) struct SystemBus;

impl Bus for SystemBus {
    fn devices(&self) -> Result<Vec<Listed>, UsbError> {
        let devices = match nusb::list_devices().wait() {
            Ok(devices) => devices,
            // A machine without a bus.
            Err(error) if matches!(cause(&error), UsbError::Gone | UsbError::NoSuch) => {
                return Ok(Vec::new());
            }
            Err(error) => return Err(cause(&error)),
        };
        let listed = devices.map(|device| Listed {
            id: UsbId {
                vendor: device.vendor_id(),
                product: device.product_id(),
                serial: device.serial_number().map(str::to_owned),
            },
            place: place(&device),
        });
        Ok(listed.collect())
    }

    fn open(
        &self,
        wanted: &str,
        interface: u8,
        transfer: Transfer,
    ) -> Result<Box<dyn Transfers>, UsbError> {
        let mut devices = nusb::list_devices().wait().map_err(|error| cause(&error))?;
        let device = devices.find(|device| place(device) == wanted).ok_or(UsbError::Gone)?;
        let device = device.open().wait().map_err(|error| cause(&error))?;
        Ok(match transfer {
            Transfer::Bulk => {
                // Whoever else drives it, such as a serial port of the system, is not driven out.
                let claimed = device.claim_interface(interface).wait();
                Box::new(Claimed::<Bulk>::new(claimed.map_err(|error| cause(&error))?))
            }
            Transfer::Interrupt => {
                // The system has a driver for everything of the HID class.
                let claimed = device.detach_and_claim_interface(interface).wait();
                Box::new(Claimed::<Interrupt>::new(claimed.map_err(|error| cause(&error))?))
            }
        })
    }
}

/// `1-2.3`: bus and the ports on the way.
fn place(device: &nusb::DeviceInfo) -> String {
    let ports: Vec<_> = device.port_chain().iter().map(u8::to_string).collect();
    format!("{}-{}", device.bus_id().trim_start_matches('0'), ports.join("."))
}

/// An interface that is claimed, with the pipes that were used.
struct Claimed<T: BulkOrInterrupt> {
    interface: Interface,
    out: BTreeMap<u8, Pipe<T, Out>>,
    into: BTreeMap<u8, Pipe<T, In>>,
}

impl<T: BulkOrInterrupt> Claimed<T> {
    fn new(interface: Interface) -> Self {
        Self { interface, out: BTreeMap::new(), into: BTreeMap::new() }
    }

    /// The pipe from `address`, which listens from now on.
    fn listening(&mut self, address: u8) -> Result<&mut Pipe<T, In>, UsbError> {
        use std::collections::btree_map::Entry;
        let pipe = match self.into.entry(address) {
            Entry::Occupied(known) => known.into_mut(),
            Entry::Vacant(free) => {
                let pipe = self.interface.endpoint(address).map_err(|error| cause(&error))?;
                free.insert(pipe)
            }
        };
        while pipe.pending() < QUEUE {
            let packet = pipe.max_packet_size();
            pipe.submit(Buffer::new(packet));
        }
        Ok(pipe)
    }
}

impl<T: BulkOrInterrupt + 'static> Transfers for Claimed<T> {
    fn endpoints(&self) -> (u8, Vec<Endpoint>) {
        let Some(descriptor) = self.interface.descriptor() else { return (0, Vec::new()) };
        let endpoints = descriptor.endpoints().map(|endpoint| Endpoint {
            address: endpoint.address(),
            transfer: match endpoint.transfer_type() {
                TransferType::Bulk => Some(Transfer::Bulk),
                TransferType::Interrupt => Some(Transfer::Interrupt),
                _ => None,
            },
            packet: u16::try_from(endpoint.max_packet_size()).unwrap_or(u16::MAX),
        });
        (descriptor.class(), endpoints.collect())
    }

    fn send(&mut self, endpoint: u8, bytes: &[u8], limit: Duration) -> Result<(), UsbError> {
        if endpoint == 0 {
            /// Class request SET_REPORT, for an output report without a number.
            const SET_REPORT: (u8, u16) = (0x09, 0x0200);
            let report = ControlOut {
                control_type: ControlType::Class,
                recipient: Recipient::Interface,
                request: SET_REPORT.0,
                value: SET_REPORT.1,
                index: self.interface.interface_number().into(),
                data: bytes,
            };
            return self.interface.control_out(report, limit).wait().map_err(fault);
        }
        use std::collections::btree_map::Entry;
        let pipe = match self.out.entry(endpoint) {
            Entry::Occupied(known) => known.into_mut(),
            Entry::Vacant(free) => {
                let pipe = self.interface.endpoint(endpoint).map_err(|error| cause(&error))?;
                free.insert(pipe)
            }
        };
        let done = pipe.transfer_blocking(Buffer::from(bytes), limit);
        match done.status {
            Ok(()) if done.actual_len == bytes.len() => Ok(()),
            Ok(()) => Err(UsbError::Failed),
            Err(error) => Err(fault(error)),
        }
    }

    fn receive(
        &mut self,
        endpoint: u8,
        wait: Duration,
    ) -> Result<Option<Zeroizing<Vec<u8>>>, UsbError> {
        let pipe = self.listening(endpoint)?;
        let Some(mut done) = pipe.wait_next_complete(wait) else { return Ok(None) };
        let count = done.actual_len.min(done.buffer.len());
        let packet = Zeroizing::new(done.buffer[..count].to_vec());
        done.buffer.zeroize();
        done.status.map_err(fault)?;
        Ok(Some(packet))
    }

    fn clear_halt(&mut self, endpoint: u8) -> Result<(), UsbError> {
        if let Some(pipe) = self.out.get_mut(&endpoint) {
            return pipe.clear_halt().wait().map_err(|error| cause(&error));
        }
        let Some(pipe) = self.into.get_mut(&endpoint) else { return Ok(()) };
        // Not with anything under way.
        pipe.cancel_all();
        while pipe.pending() > 0 {
            let Some(mut done) = pipe.wait_next_complete(WITHDRAWN) else {
                return Err(UsbError::Gone);
            };
            done.buffer.zeroize();
        }
        pipe.clear_halt().wait().map_err(|error| cause(&error))
    }
}

fn cause(error: &nusb::Error) -> UsbError {
    tracing::debug!("reader: {error}");
    match error.kind() {
        nusb::ErrorKind::Disconnected => UsbError::Gone,
        nusb::ErrorKind::Busy => UsbError::Busy,
        nusb::ErrorKind::PermissionDenied => UsbError::Forbidden,
        nusb::ErrorKind::NotFound => UsbError::NoSuch,
        _ => UsbError::Failed,
    }
}

fn fault(error: TransferError) -> UsbError {
    match error {
        TransferError::Cancelled => UsbError::TimedOut,
        TransferError::Stall => UsbError::Stalled,
        TransferError::Disconnected => UsbError::Gone,
        _ => UsbError::Failed,
    }
}
