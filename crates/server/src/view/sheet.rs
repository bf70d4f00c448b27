//! What a sheet says that is printed and handed to a resident with their invitation: in the property's language, and never with
//! the digits of a code.

use api_types::{InvitationSheet, Language};
use jiff::Timestamp;
use jiff::tz::TimeZone;
use store::Millis;

/// What is on it.
pub struct Printed<'a> {
    /// The unit's name.
    pub unit: &'a str,
    /// The address that the resident will sign in with.
    pub email: &'a str,
    /// When their link stops working.
    pub expires_at: Millis,
    /// The property's IANA time zone.
    pub time_zone: &'a str,
}

/// Its sentences in that language.
pub fn invitation(printed: &Printed<'_>, language: Language) -> InvitationSheet {
    let Printed { unit, email, expires_at, time_zone } = printed;
    let format = match language {
        Language::English => "%B %-d, %Y, %-I:%M %p",
        Language::Spanish => "%-d/%-m/%Y, %H:%M",
    };
    let zone = TimeZone::get(time_zone).unwrap_or(TimeZone::UTC);
    let at = Timestamp::from_millisecond(*expires_at).unwrap_or_default();
    let until = at.to_zoned(zone).strftime(format).to_string();
    match language {
        Language::English => InvitationSheet {
            language: language.into(),
            unit: format!("Unit {unit}"),
            intro: "Your door codes are in Latchkey. Scan the square with your phone, or type the address into a browser, and choose \
                    a password. Each link is for one person alone."
                .into(),
            qr: "QR code of the link".into(),
            address: format!("You will sign in with {email}."),
            until: format!("The link works once, until {until}."),
            ignore: "There are no codes on this sheet. If it isn’t for you, please hand it back to the office.".into(),
        },
        Language::Spanish => InvitationSheet {
            language: language.into(),
            unit: format!("Unidad {unit}"),
            intro: "Los códigos de sus puertas están en Latchkey. Escanee el cuadrado con el teléfono, o escriba la dirección en un \
                    navegador, y elija una contraseña. Cada enlace es para una sola persona."
                .into(),
            qr: "Código QR del enlace".into(),
            address: format!("Iniciará sesión con {email}."),
            until: format!("El enlace sirve una vez, hasta el {until}."),
            ignore: "En esta hoja no hay códigos. Si no es para usted, devuélvala a la oficina.".into(),
        },
    }
}
