//! The one place with `unsafe`: lifecycle events, which the `virt` crate does not wrap.
//!
//! Libvirt keeps a pointer to our listener from [`subscribe`] until it calls [`release`], which it
//! does once, after the last event: on [`unsubscribe`] or when the connection is freed.
#![expect(unsafe_code, reason = "domain events are in virt-sys and not in virt")]

use std::ffi::{c_int, c_uint, c_void};

use uuid::Uuid;
use virt::connect::Connect;
use virt::error::Error;
use virt_sys as sys;

/// What libvirt says of a domain.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Lifecycle {
    /// Which domain.
    pub(crate) domain: Uuid,
    /// A `virDomainEventType`.
    pub(crate) event: c_uint,
    /// The detail that belongs to the type.
    pub(crate) detail: c_uint,
}

/// Hears events on libvirt's event thread; it must not block and not call libvirt.
pub(crate) type Listener = Box<dyn Fn(Lifecycle) + Send + Sync>;

/// Tells `listener` of every lifecycle event on a connection. One listener per connection.
pub(crate) fn subscribe(connect: &Connect, listener: Listener) -> Result<(), Error> {
    let opaque = Box::into_raw(Box::new(listener)).cast::<c_void>();
    // SAFETY: the connection is open; `opaque` is a `Box<Listener>` that stays allocated until
    // `release` gets it back.
    let registered = unsafe {
        sys::virConnectDomainEventRegister(connect.as_ptr(), Some(heard), opaque, Some(release))
    };
    if registered < 0 {
        let error = Error::last_error();
        // SAFETY: libvirt refused the listener, so it will not call `release`, and `opaque` is
        // still ours alone.
        unsafe { release(opaque) };
        return Err(error);
    }
    Ok(())
}

/// Ends what [`subscribe`] began; without a listener it does nothing.
pub(crate) fn unsubscribe(connect: &Connect) {
    // SAFETY: the connection is open, and `heard` is only compared with what is registered.
    unsafe { sys::virConnectDomainEventDeregister(connect.as_ptr(), Some(heard)) };
}

unsafe extern "C" fn heard(
    _connect: sys::virConnectPtr,
    domain: sys::virDomainPtr,
    event: c_int,
    detail: c_int,
    opaque: *mut c_void,
) -> c_int {
    let mut uuid = [0u8; 16];
    // SAFETY: libvirt lends a valid domain for the time of the call, and a UUID has 16 bytes.
    if unsafe { sys::virDomainGetUUID(domain, uuid.as_mut_ptr()) } < 0 {
        return 0;
    }
    // SAFETY: `opaque` is the `Box<Listener>` of `subscribe`; libvirt calls `release` only after
    // the last event, and nothing else has a mutable reference to it.
    let listener = unsafe { &*opaque.cast::<Listener>() };
    listener(Lifecycle {
        domain: Uuid::from_bytes(uuid),
        event: event.cast_unsigned(),
        detail: detail.cast_unsigned(),
    });
    0
}

unsafe extern "C" fn release(opaque: *mut c_void) {
    // SAFETY: called once, with the pointer that `subscribe` made from a `Box<Listener>`.
    drop(unsafe { Box::from_raw(opaque.cast::<Listener>()) });
}
