//! What names a lock at its hub, and whether a node is still that lock.

use std::fmt;

use hub::HubLock;

/// The device behind a [`HubLock`]: its place in the hub's network, what was built into it, and what tells it from others of
/// its model where the hub knows that.
///
/// It is written as `7e570001/2/0129-0004-0800`, followed by `/sn=…` for a serial number and `/dsk=…` for the key that it was
/// paired with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Device {
    /// The id of the network.
    pub(crate) home: u32,
    /// The node's number in it.
    pub(crate) node: u16,
    pub(crate) product: Product,
    pub(crate) serial: Option<String>,
    /// Without the first five digits, which are a secret for pairing.
    pub(crate) dsk: Option<String>,
}

/// The ids of manufacturer, product type and product.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Product {
    pub(crate) manufacturer: u16,
    pub(crate) kind: u16,
    pub(crate) id: u16,
}

impl Device {
    const MAX_SERIAL_CHARS: usize = 64;

    /// The name of the device; `None` if it is too long, which these parts aren't.
    pub(crate) fn name(&self) -> Option<HubLock> {
        HubLock::new(self.to_string())
    }

    /// Reads what [`name`](Self::name) wrote. `None` for the name of another driver's lock, or of a newer program's.
    pub(crate) fn parse(name: &HubLock) -> Option<Self> {
        let mut parts = name.as_str().split('/');
        let home = u32::from_str_radix(parts.next()?, 16).ok()?;
        let node = parts.next()?.parse().ok()?;
        let mut ids = parts.next()?.split('-').map(|id| u16::from_str_radix(id, 16).ok());
        let product = Product { manufacturer: ids.next()??, kind: ids.next()??, id: ids.next()?? };
        let mut device = Self { home, node, product, serial: None, dsk: None };
        for part in parts {
            match part.split_once('=')? {
                ("sn", serial) => device.serial = Some(serial.to_owned()),
                ("dsk", dsk) => device.dsk = Some(dsk.to_owned()),
                _ => return None,
            }
        }
        Some(device)
    }

    /// A serial number as it is written in a name: with `.` for whatever isn't a letter, a digit or a hyphen.
    pub(crate) fn serial(text: &str) -> Option<String> {
        let serial = text.trim_matches(|c: char| c.is_whitespace() || c == '\0');
        let serial = serial.chars().map(|c| if c.is_ascii_alphanumeric() || c == '-' { c } else { '.' });
        let serial: String = serial.take(Self::MAX_SERIAL_CHARS).collect();
        (!serial.is_empty()).then_some(serial)
    }

    /// A device-specific key (`12345-…`) without its first group.
    pub(crate) fn dsk(text: &str) -> Option<String> {
        let (_, rest) = text.split_once('-')?;
        let digits = rest.bytes().all(|byte| byte.is_ascii_digit() || byte == b'-');
        (digits && rest.len() == "22222-33333-44444-55555-66666-77777-88888".len()).then(|| rest.to_owned())
    }

    /// How a node, which is `found`, relates to this device, wherever it is in the network.
    pub(crate) fn compare(&self, found: &Self) -> Likeness {
        if self.product != found.product {
            return Likeness::Different;
        }
        let pairs = [(&self.serial, &found.serial), (&self.dsk, &found.dsk)];
        if pairs.iter().any(|(ours, theirs)| ours.is_some() && theirs.is_some() && ours != theirs) {
            return Likeness::Different;
        }
        let known = pairs.iter().any(|(ours, _)| ours.is_some());
        let shared = pairs.iter().any(|(ours, theirs)| ours.is_some() && ours == theirs);
        match (known, shared) {
            (true, false) => Likeness::Unproven,
            _ => Likeness::Same { beyond_doubt: self.dsk.is_some() && self.dsk == found.dsk },
        }
    }
}

/// What can be said of two devices.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Likeness {
    /// Nothing speaks against their being the same; `beyond_doubt` if a key that no other device has proves it.
    Same {
        beyond_doubt: bool,
    },
    /// They are of one model, and what would tell them apart isn't known of both.
    Unproven,
    Different,
}

impl fmt::Display for Device {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Product { manufacturer, kind, id } = self.product;
        write!(f, "{:08x}/{}/{manufacturer:04x}-{kind:04x}-{id:04x}", self.home, self.node)?;
        if let Some(serial) = &self.serial {
            write!(f, "/sn={serial}")?;
        }
        if let Some(dsk) = &self.dsk {
            write!(f, "/dsk={dsk}")?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn device() -> Device {
        let product = Product { manufacturer: 0x0129, kind: 4, id: 0x0800 };
        Device { home: 0x7e57_0001, node: 2, product, serial: Some("YA-0001".to_owned()), dsk: None }
    }

    #[test]
    fn a_name_is_read_back_as_the_device_that_it_was_written_for() {
        let dsk = Device::dsk("11111-22222-33333-44444-55555-66666-77777-88888");
        for device in [device(), Device { serial: None, ..device() }, Device { dsk, ..device() }] {
            let name = device.name().expect("printable and short");
            assert_eq!(Device::parse(&name), Some(device), "{name}");
        }
        assert_eq!(device().to_string(), "7e570001/2/0129-0004-0800/sn=YA-0001");
        for foreign in ["front-door", "7e570001/2", "7e570001/2/0129-0004", "7e570001/2/0129-0004-0800/new=1"] {
            assert_eq!(Device::parse(&HubLock::new(foreign).expect("a name")), None, "{foreign}");
        }
    }

    #[test]
    fn whatever_a_lock_calls_its_serial_number_fits_a_name_and_the_secret_part_of_a_key_is_in_none() {
        let long = "long/".repeat(100);
        for (text, serial) in [("AB 1=2/3\0", Some("AB.1.2.3")), ("\0\0", None), (" ", None)] {
            assert_eq!(Device::serial(text).as_deref(), serial);
        }
        assert!(Device { serial: Device::serial(&long), ..device() }.name().is_some());
        let dsk = Device::dsk("11111-22222-33333-44444-55555-66666-77777-88888").expect("a key");
        assert!(!dsk.contains("11111"));
        assert_eq!(Device::dsk("12345"), None);
    }

    #[test]
    fn devices_of_one_model_are_the_same_only_as_far_as_that_can_be_told() {
        let none = Device { serial: None, ..device() };
        let other = Device { serial: Some("YA-0002".to_owned()), ..device() };
        let keyed = Device { dsk: Some("2".to_owned()), ..none.clone() };
        let model = Device { product: Product { id: 1, ..device().product }, ..device() };
        assert_eq!(device().compare(&device()), Likeness::Same { beyond_doubt: false });
        assert_eq!(none.compare(&device()), Likeness::Same { beyond_doubt: false });
        assert_eq!(keyed.compare(&keyed), Likeness::Same { beyond_doubt: true });
        assert_eq!(device().compare(&none), Likeness::Unproven);
        assert_eq!(device().compare(&other), Likeness::Different);
        assert_eq!(device().compare(&model), Likeness::Different);
    }
}
