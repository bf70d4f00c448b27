//! The server's messages, as far as they are read: unknown fields and events are ignored.
//!
//! Text is only kept where it is needed, and then in buffers that are wiped, since any value of a node may be a code.

use std::fmt;

use serde::de::{Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

/// The newest schema of the API whose messages are known here.
pub(crate) const NEWEST_SCHEMA: u32 = 50;

/// The oldest with `endpoint.access_control`, which is how new locks are asked.
pub(crate) const OLDEST_SCHEMA: u32 = 48;

/// Command classes.
pub(crate) mod command_class {
    pub(crate) const USER_CODE: u16 = 0x63;
    pub(crate) const CONFIGURATION: u16 = 0x70;
    pub(crate) const NOTIFICATION: u16 = 0x71;
    pub(crate) const MANUFACTURER_SPECIFIC: u16 = 0x72;
    pub(crate) const BATTERY: u16 = 0x80;
    pub(crate) const USER_CREDENTIAL: u16 = 0x83;
}

/// A command, with whatever it takes.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Command<'a, A> {
    pub(crate) message_id: &'a str,
    pub(crate) command: &'a str,
    #[serde(flatten)]
    pub(crate) arguments: A,
}

/// What every message begins with.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Head {
    #[serde(rename = "type")]
    pub(crate) kind: String,
    pub(crate) message_id: Option<String>,
}

/// What the server says of itself when somebody connects.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Version {
    pub(crate) driver_version: String,
    pub(crate) server_version: String,
    pub(crate) min_schema_version: u32,
    pub(crate) max_schema_version: u32,
}

/// Whether a command succeeded, and if not, why.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Outcome {
    pub(crate) success: bool,
    #[serde(default)]
    pub(crate) error_code: String,
    pub(crate) message: Option<String>,
    pub(crate) zwave_error_code: Option<i64>,
    pub(crate) zwave_error_message: Option<String>,
}

/// The result of a command that succeeded.
#[derive(Deserialize)]
pub(crate) struct Success<T> {
    pub(crate) result: T,
}

/// The answer to `start_listening`.
#[derive(Deserialize)]
pub(crate) struct Listening {
    pub(crate) state: HubState,
}

#[derive(Deserialize)]
pub(crate) struct HubState {
    pub(crate) controller: ControllerState,
    #[serde(default)]
    pub(crate) nodes: Vec<NodeState>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct ControllerState {
    #[serde(default, deserialize_with = "number")]
    pub(crate) home_id: Option<u32>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct NodeState {
    pub(crate) node_id: u16,
    #[serde(default, deserialize_with = "number_or_zero")]
    pub(crate) status: u8,
    #[serde(default, deserialize_with = "flag")]
    pub(crate) ready: bool,
    #[serde(default, deserialize_with = "flag")]
    pub(crate) is_controller_node: bool,
    #[serde(default, deserialize_with = "number")]
    pub(crate) manufacturer_id: Option<u16>,
    #[serde(default, deserialize_with = "number")]
    pub(crate) product_type: Option<u16>,
    #[serde(default, deserialize_with = "number")]
    pub(crate) product_id: Option<u16>,
    #[serde(default, deserialize_with = "text")]
    pub(crate) name: Option<String>,
    #[serde(default, deserialize_with = "text")]
    pub(crate) location: Option<String>,
    #[serde(default, deserialize_with = "text")]
    pub(crate) label: Option<String>,
    #[serde(default, deserialize_with = "text")]
    pub(crate) manufacturer: Option<String>,
    pub(crate) device_config: Option<DeviceConfig>,
    pub(crate) device_class: Option<DeviceClass>,
    #[serde(default, deserialize_with = "text")]
    pub(crate) dsk: Option<String>,
    #[serde(default)]
    pub(crate) endpoints: Vec<EndpointState>,
    #[serde(default)]
    pub(crate) values: Vec<ValueState>,
}

#[derive(Deserialize)]
pub(crate) struct DeviceConfig {
    #[serde(default, deserialize_with = "text")]
    pub(crate) manufacturer: Option<String>,
    #[serde(default, deserialize_with = "text")]
    pub(crate) label: Option<String>,
}

#[derive(Deserialize)]
pub(crate) struct DeviceClass {
    pub(crate) generic: Keyed,
}

#[derive(Deserialize)]
pub(crate) struct Keyed {
    #[serde(default, deserialize_with = "number_or_zero")]
    pub(crate) key: u16,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct EndpointState {
    #[serde(default, deserialize_with = "number_or_zero")]
    pub(crate) index: u16,
    #[serde(default)]
    pub(crate) command_classes: Vec<CommandClass>,
}

#[derive(Deserialize)]
pub(crate) struct CommandClass {
    #[serde(default, deserialize_with = "number_or_zero")]
    pub(crate) id: u16,
    #[serde(default, deserialize_with = "number_or_zero")]
    pub(crate) version: u8,
}

/// A value of a node, in its state and where it has changed.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct ValueState {
    #[serde(default, deserialize_with = "number_or_zero")]
    pub(crate) command_class: u16,
    #[serde(default, deserialize_with = "number")]
    pub(crate) endpoint: Option<u16>,
    #[serde(default)]
    pub(crate) property: Scalar,
    #[serde(default)]
    pub(crate) property_key: Scalar,
    #[serde(default, alias = "newValue")]
    pub(crate) value: Scalar,
    pub(crate) metadata: Option<Metadata>,
}

#[derive(Deserialize)]
pub(crate) struct Metadata {
    #[serde(default, deserialize_with = "text")]
    pub(crate) label: Option<String>,
}

/// An event, read in two steps: first what it is, then what it says.
#[derive(Deserialize)]
pub(crate) struct EventMessage<T> {
    pub(crate) event: T,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct EventHead {
    pub(crate) source: String,
    pub(crate) event: String,
    pub(crate) node_id: Option<u16>,
    pub(crate) endpoint_index: Option<u16>,
}

#[derive(Deserialize)]
pub(crate) struct NodeAdded {
    pub(crate) node: NodeState,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct NodeReady {
    pub(crate) node_state: NodeState,
}

#[derive(Deserialize)]
pub(crate) struct NodeRemoved {
    pub(crate) node: NodeId,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct NodeId {
    pub(crate) node_id: u16,
}

/// An event's arguments.
#[derive(Deserialize)]
pub(crate) struct Arguments<T> {
    pub(crate) args: T,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct NotificationHead {
    pub(crate) cc_id: u16,
}

/// A notification of the command class of that name.
#[derive(Deserialize)]
pub(crate) struct Notification {
    #[serde(rename = "type")]
    pub(crate) kind: u8,
    pub(crate) event: u8,
    #[serde(default)]
    pub(crate) parameters: Parameters,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Parameters {
    pub(crate) user_id: Option<u16>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct CredentialChanged {
    pub(crate) credential_type: u16,
    pub(crate) credential_slot: u16,
}

/// The answer to `node.ping`.
#[derive(Deserialize)]
pub(crate) struct Ping {
    pub(crate) responded: bool,
}

/// The answer to `endpoint.invoke_cc_api`; a lock that didn't answer the hub in time is `None`.
#[derive(Deserialize)]
pub(crate) struct Invoked<T> {
    // Not derived from `Option` alone: a field that is missing means something here.
    #[serde(default = "Option::default")]
    pub(crate) response: Option<T>,
}

/// What a supervised lock says of a command.
#[derive(Deserialize)]
pub(crate) struct Supervised {
    pub(crate) status: u8,
}

/// A slot of the *User Code* command class.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct UserCode {
    pub(crate) user_id_status: u8,
    #[serde(default)]
    pub(crate) user_code: Scalar,
}

/// The answers of `endpoint.access_control`, each with the field that is asked for.
#[derive(Deserialize)]
pub(crate) struct Capabilities<T> {
    pub(crate) capabilities: T,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct UserCapabilities {
    #[serde(default)]
    pub(crate) max_users: u16,
    pub(crate) max_user_name_length: Option<u16>,
    /// Whether it has users who are more than slots.
    pub(crate) supports_users_without_credentials: Option<bool>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct CredentialCapabilities {
    pub(crate) supported_credential_types: CredentialTypes,
}

/// By the number of the type; two of them have digits.
#[derive(Deserialize)]
pub(crate) struct CredentialTypes {
    #[serde(rename = "1")]
    pub(crate) pin: Option<CredentialType>,
    #[serde(rename = "2")]
    pub(crate) password: Option<CredentialType>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct CredentialType {
    #[serde(default)]
    pub(crate) number_of_credential_slots: u16,
    #[serde(default)]
    pub(crate) min_credential_length: usize,
    #[serde(default)]
    pub(crate) max_credential_length: usize,
    #[serde(default)]
    pub(crate) max_credential_hash_length: usize,
}

#[derive(Deserialize)]
pub(crate) struct CredentialAnswer {
    pub(crate) credential: Option<Credential>,
}

#[derive(Deserialize)]
pub(crate) struct CredentialsAnswer {
    pub(crate) credentials: Vec<Credential>,
}

/// A credential. User 0 has the slots that are empty.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Credential {
    #[serde(default)]
    pub(crate) user_id: u16,
    #[serde(rename = "type")]
    pub(crate) kind: u16,
    pub(crate) slot: u16,
    #[serde(default)]
    pub(crate) data: Scalar,
}

#[derive(Deserialize)]
pub(crate) struct UserAnswer {
    pub(crate) user: Option<User>,
}

#[derive(Deserialize)]
pub(crate) struct UsersAnswer {
    pub(crate) users: Vec<User>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct User {
    pub(crate) user_id: u16,
    #[serde(default)]
    pub(crate) active: bool,
    #[serde(default)]
    pub(crate) user_name: Option<String>,
}

/// The result code of what changes a user or a credential.
#[derive(Deserialize)]
pub(crate) struct ResultCode {
    pub(crate) result: u16,
}

/// A number or a text, or else anything, of which only its presence is known.
#[derive(Default)]
pub(crate) enum Scalar {
    #[default]
    Nothing,
    Flag(bool),
    Number(i64),
    Text(Zeroizing<String>),
    Other,
}

impl Scalar {
    pub(crate) fn text(&self) -> Option<&str> {
        if let Self::Text(text) = self { Some(text) } else { None }
    }

    pub(crate) fn number(&self) -> Option<i64> {
        if let Self::Number(number) = self { Some(*number) } else { None }
    }
}

// What a hub says of its nodes is read with these: a field that isn't what it used to be counts as missing, since the other
// nodes have nothing to do with it.

fn number<'de, D: Deserializer<'de>, T: TryFrom<i64>>(deserializer: D) -> Result<Option<T>, D::Error> {
    Ok(Scalar::deserialize(deserializer)?.number().and_then(|number| T::try_from(number).ok()))
}

fn number_or_zero<'de, D: Deserializer<'de>, T: TryFrom<i64> + Default>(deserializer: D) -> Result<T, D::Error> {
    Ok(number(deserializer)?.unwrap_or_default())
}

fn text<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<String>, D::Error> {
    Ok(Scalar::deserialize(deserializer)?.text().map(str::to_owned))
}

fn flag<'de, D: Deserializer<'de>>(deserializer: D) -> Result<bool, D::Error> {
    Ok(matches!(Scalar::deserialize(deserializer)?, Scalar::Flag(true)))
}

impl<'de> Deserialize<'de> for Scalar {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(ScalarVisitor)
    }
}

struct ScalarVisitor;

impl<'de> Visitor<'de> for ScalarVisitor {
    type Value = Scalar;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("any value")
    }

    fn visit_unit<E>(self) -> Result<Scalar, E> {
        Ok(Scalar::Nothing)
    }

    fn visit_bool<E>(self, flag: bool) -> Result<Scalar, E> {
        Ok(Scalar::Flag(flag))
    }

    fn visit_i64<E>(self, number: i64) -> Result<Scalar, E> {
        Ok(Scalar::Number(number))
    }

    fn visit_u64<E>(self, number: u64) -> Result<Scalar, E> {
        Ok(i64::try_from(number).map_or(Scalar::Other, Scalar::Number))
    }

    fn visit_f64<E>(self, _: f64) -> Result<Scalar, E> {
        Ok(Scalar::Other)
    }

    fn visit_str<E>(self, text: &str) -> Result<Scalar, E> {
        Ok(Scalar::Text(Zeroizing::new(text.to_owned())))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Scalar, A::Error> {
        while map.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
        Ok(Scalar::Other)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Scalar, A::Error> {
        while seq.next_element::<IgnoredAny>()?.is_some() {}
        Ok(Scalar::Other)
    }
}
