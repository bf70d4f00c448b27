//! The hub's nodes, as far as they are locks, kept up to date by its events.

use std::collections::BTreeMap;

use crate::device::{Device, Likeness, Product};
use crate::wire::{HubState, NodeState, Scalar, ValueState, command_class};

/// The network of a hub.
pub(crate) struct Network {
    home: u32,
    nodes: BTreeMap<u16, Node>,
}

/// A node: a device of the network, perhaps a lock.
pub(crate) struct Node {
    pub(crate) id: u16,
    pub(crate) status: Status,
    /// Whether the hub has found out all about it.
    pub(crate) ready: bool,
    pub(crate) is_lock: bool,
    pub(crate) product: Option<Product>,
    pub(crate) serial: Option<String>,
    /// Whether it was asked for its serial number, with or without success.
    pub(crate) serial_asked: bool,
    pub(crate) dsk: Option<String>,
    /// What people called it, or where they put it.
    pub(crate) name: Option<String>,
    pub(crate) model: Option<String>,
    pub(crate) battery_percent: Option<u8>,
    /// The only length of codes that it accepts by its settings.
    pub(crate) code_length: Option<u8>,
    /// The setting that says so: only a node's whole state says what settings are called.
    length_setting: Option<i64>,
    /// The highest slot that an old lock was heard of.
    pub(crate) slots_seen: u16,
    /// The versions of its command classes.
    classes: BTreeMap<u16, u8>,
}

/// Whether the hub reaches a node.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Status {
    Unknown,
    Asleep,
    Awake,
    Dead,
    Alive,
}

impl Status {
    fn of(number: u8) -> Self {
        match number {
            1 => Self::Asleep,
            2 => Self::Awake,
            3 => Self::Dead,
            4 => Self::Alive,
            _ => Self::Unknown,
        }
    }
}

/// Which node a link leads to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Found {
    /// This one; with `unproven`, its serial number has to be asked for first.
    Node { id: u16, unproven: bool },
    /// The hub hasn't found out yet what the node is.
    NotYet,
    /// None.
    Nothing,
}

/// What an event changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Change {
    Nothing,
    /// What is left of the battery of this node.
    Battery(u8),
    /// What this node can do.
    Abilities,
    /// A slot of this node holds something else, or was read for the first time.
    Slot(u16),
}

impl Network {
    pub(crate) fn new(state: HubState) -> Self {
        let nodes = state.nodes.into_iter().filter(|node| !node.is_controller_node);
        let nodes = nodes.map(|node| (node.node_id, Node::new(node))).collect();
        Self { home: state.controller.home_id.unwrap_or_default(), nodes }
    }

    pub(crate) fn node(&self, id: u16) -> Option<&Node> {
        self.nodes.get(&id)
    }

    pub(crate) fn node_mut(&mut self, id: u16) -> Option<&mut Node> {
        self.nodes.get_mut(&id)
    }

    /// Puts a node in the place of what was there under its number.
    pub(crate) fn put(&mut self, state: NodeState) {
        if !state.is_controller_node {
            self.nodes.insert(state.node_id, Node::new(state));
        }
    }

    pub(crate) fn remove(&mut self, id: u16) -> Option<Node> {
        self.nodes.remove(&id)
    }

    pub(crate) fn locks(&self) -> impl Iterator<Item = &Node> {
        self.nodes.values().filter(|node| node.is_lock)
    }

    /// The device that a node is, once the hub knows its model.
    pub(crate) fn device(&self, node: &Node) -> Option<Device> {
        let Node { id, serial, dsk, .. } = node;
        Some(Device { home: self.home, node: *id, product: node.product?, serial: serial.clone(), dsk: dsk.clone() })
    }

    /// The node that is this device: the one with its number, or else the only one with its key.
    pub(crate) fn find(&self, device: &Device) -> Found {
        let here = (self.home == device.home).then(|| self.nodes.get(&device.node)).flatten();
        if let Some(node) = here {
            match self.device(node).map(|found| device.compare(&found)) {
                Some(Likeness::Same { .. }) => return Found::Node { id: node.id, unproven: false },
                Some(Likeness::Unproven) if node.ready => return Found::Node { id: node.id, unproven: true },
                None | Some(Likeness::Unproven) => return Found::NotYet,
                Some(Likeness::Different) => {}
            }
        }
        let proven = |node: &&Node| {
            let likeness = self.device(node).map(|found| device.compare(&found));
            likeness == Some(Likeness::Same { beyond_doubt: true })
        };
        let mut elsewhere = self.nodes.values().filter(proven);
        match (elsewhere.next(), elsewhere.next()) {
            (Some(node), None) => Found::Node { id: node.id, unproven: false },
            _ => Found::Nothing,
        }
    }
}

impl Node {
    /// *Entry Control*, the generic device class of locks.
    const ENTRY_CONTROL: u16 = 0x40;

    fn new(state: NodeState) -> Self {
        let root = state.endpoints.into_iter().find(|endpoint| endpoint.index == 0);
        let classes = root.map(|root| root.command_classes).unwrap_or_default();
        let classes: BTreeMap<u16, u8> = classes.into_iter().map(|class| (class.id, class.version)).collect();
        let has_codes =
            [command_class::USER_CODE, command_class::USER_CREDENTIAL].iter().any(|class| classes.contains_key(class));
        // Until it has been interviewed, only its kind is known.
        let may_have = !state.ready && state.device_class.is_some_and(|class| class.generic.key == Self::ENTRY_CONTROL);
        let product = match (state.manufacturer_id, state.product_type, state.product_id) {
            (Some(manufacturer), Some(kind), Some(id)) => Some(Product { manufacturer, kind, id }),
            _ => None,
        };
        let config = state.device_config;
        let maker = config.as_ref().and_then(|config| config.manufacturer.clone()).or(state.manufacturer);
        let label = config.and_then(|config| config.label).or(state.label);
        let mut node = Self {
            id: state.node_id,
            status: Status::of(state.status),
            ready: state.ready,
            is_lock: has_codes || may_have,
            product,
            serial: None,
            serial_asked: false,
            dsk: state.dsk.as_deref().and_then(Device::dsk),
            name: named(state.name).or(named(state.location)),
            model: named(Some([maker, label].into_iter().flatten().collect::<Vec<_>>().join(" "))),
            battery_percent: None,
            code_length: None,
            length_setting: None,
            slots_seen: 0,
            classes,
        };
        for value in &state.values {
            node.note(value);
        }
        node
    }

    /// Whether the hub reaches it and knows what it is.
    pub(crate) fn is_online(&self) -> bool {
        self.ready && matches!(self.status, Status::Alive | Status::Awake)
    }

    pub(crate) fn supports(&self, class: u16) -> bool {
        self.classes.contains_key(&class)
    }

    pub(crate) fn version_of(&self, class: u16) -> u8 {
        self.classes.get(&class).copied().unwrap_or(0)
    }

    /// Notes a value, if it is one of those that matter here.
    pub(crate) fn note(&mut self, value: &ValueState) -> Change {
        if value.endpoint.is_some_and(|endpoint| endpoint != 0) {
            return Change::Nothing;
        }
        match (value.command_class, &value.property) {
            (command_class::BATTERY, Scalar::Text(property)) if *property.as_str() == *"level" => {
                let level = value.value.number().and_then(|level| u8::try_from(level).ok());
                match level.filter(|level| *level <= 100) {
                    Some(level) => {
                        self.battery_percent = Some(level);
                        Change::Battery(level)
                    }
                    None => Change::Nothing,
                }
            }
            (command_class::CONFIGURATION, _) => self.note_setting(value),
            (command_class::MANUFACTURER_SPECIFIC, Scalar::Text(property)) if *property.as_str() == *"deviceId" => {
                if value.property_key.text() == Some("SerialNumber") {
                    self.serial = value.value.text().and_then(Device::serial);
                }
                Change::Nothing
            }
            (command_class::USER_CODE, Scalar::Text(property))
                if ["userCode", "userIdStatus"].contains(&property.as_str()) =>
            {
                let slot = value.property_key.number().and_then(|slot| u16::try_from(slot).ok());
                self.slots_seen = self.slots_seen.max(slot.unwrap_or(0));
                slot.map_or(Change::Nothing, Change::Slot)
            }
            _ => Change::Nothing,
        }
    }

    /// Notes a setting, if it is the length of codes. Its number differs from model to model, but not what it is called.
    fn note_setting(&mut self, value: &ValueState) -> Change {
        let label = value.metadata.as_ref().and_then(|metadata| metadata.label.as_deref());
        let is_length = label.is_some_and(|label| {
            let label = label.to_ascii_lowercase();
            label.contains("length") && (label.contains("code") || label.contains("pin"))
        });
        let setting = value.property.number();
        if is_length {
            self.length_setting = setting;
        }
        if setting.is_none() || setting != self.length_setting {
            return Change::Nothing;
        }
        self.code_length = value.value.number().and_then(|length| u8::try_from(length).ok());
        Change::Abilities
    }
}

/// A text that says something.
fn named(text: Option<String>) -> Option<String> {
    text.map(|text| text.trim().to_owned()).filter(|text| !text.is_empty())
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;
    use crate::wire::{Listening, Success};

    fn recorded() -> Value {
        serde_json::from_str(include_str!("../tests/it/recorded/start_listening.json")).expect("JSON")
    }

    fn network(message: &Value) -> Network {
        let read: Success<Listening> = serde_json::from_value(message.clone()).expect("a state");
        Network::new(read.result.state)
    }

    /// Where in a document something simple stands.
    fn leaves(value: &Value, at: &str, found: &mut Vec<String>) {
        match value {
            Value::Object(fields) => {
                fields.iter().for_each(|(name, value)| leaves(value, &format!("{at}/{name}"), found))
            }
            Value::Array(items) => {
                items.iter().enumerate().for_each(|(index, value)| leaves(value, &format!("{at}/{index}"), found));
            }
            _ => found.push(at.to_owned()),
        }
    }

    #[test]
    fn the_recorded_locks_are_known() {
        let network = network(&recorded());
        let known: Vec<_> = network.locks().map(|node| (node.id, node.is_online(), node.battery_percent)).collect();
        assert_eq!(known, [(2, true, Some(80)), (3, true, Some(80))]);
        let name = network.node(2).and_then(|node| network.device(node)).expect("it was interviewed").to_string();
        assert_eq!(name, "7e570001/2/0129-0004-0800");
    }

    #[test]
    fn whatever_is_strange_about_one_node_the_others_are_known() {
        let message = recorded();
        let nodes = message["result"]["state"]["nodes"].as_array().expect("nodes");
        let strange = nodes.iter().position(|node| node["nodeId"] == 2).expect("the old lock");
        let mut places = Vec::new();
        leaves(&nodes[strange], &format!("/result/state/nodes/{strange}"), &mut places);
        places.retain(|place| !place.ends_with("/nodeId"));
        assert!(places.len() > 100, "{}", places.len());
        for place in places {
            for other in [json!(null), json!(-1), json!(1e300), json!("?"), json!([1]), json!({"type": "Buffer"})] {
                let mut message = message.clone();
                *message.pointer_mut(&place).expect("it is there") = other.clone();
                let network = network(&message);
                assert!(network.node(3).is_some_and(|node| node.is_lock), "{place}: {other}");
            }
        }
    }
}
