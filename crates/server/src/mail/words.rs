//! The words of letters, in each language.

use api_types::{Language, Need};
use jiff::tz::TimeZone;

use super::letter::Letter;
use super::needs::sentence;

/// How many causes a summary names; the page names them all.
const MOST_NEEDS: usize = 20;

/// A letter in words.
pub(super) struct Words {
    /// What it is about.
    pub(super) subject: String,
    pub(super) greeting: String,
    /// Paragraphs before the link.
    pub(super) before: Vec<String>,
    /// What the link does; where there is none, nothing.
    pub(super) link: &'static str,
    /// Paragraphs after it.
    pub(super) after: Vec<String>,
}

/// The letter in that language.
pub(super) fn words(letter: &Letter, language: Language) -> Words {
    match language {
        Language::English => english(letter),
        Language::Spanish => spanish(letter),
    }
}

/// What to do about a change that somebody else made.
const NOT_YOU: &str = "If that was you, there is nothing to do. If it wasn’t, choose “Forgot your password?” where you sign in, \
                       remove the passkeys in your settings that aren’t yours, and tell your manager or an administrator.";

/// The same in Spanish.
const NO_FUE_USTED: &str = "Si ha sido usted, no tiene que hacer nada. Si no, elija «¿Ha olvidado su contraseña?» al iniciar \
                            sesión, quite en los ajustes las llaves de acceso que no sean suyas y avise a la administración \
                            de su edificio.";

fn english(letter: &Letter) -> Words {
    match letter {
        Letter::Invitation { name, place, days } => Words {
            subject: match place {
                Some(place) => format!("Your way into Latchkey for {place}"),
                None => "Your way into Latchkey".into(),
            },
            greeting: format!("Hello {name},"),
            before: vec![
                match place {
                    Some(place) => format!("{place} uses Latchkey for the codes of its doors, and you are invited to sign in."),
                    None => "You are invited to sign in to Latchkey, which manages the codes of doors.".into(),
                },
                "Open this link and choose a password:".into(),
            ],
            link: "Choose a password",
            after: vec![
                format!("The link works once, for {days} days. Only you will know the password."),
                "If you don’t expect this, you can ignore it: nothing happens without the link.".into(),
            ],
        },
        Letter::Reset { name } => Words {
            subject: "Set a new password for Latchkey".into(),
            greeting: format!("Hello {name},"),
            before: vec!["With this link you set a new password:".into()],
            link: "Set a new password",
            after: vec![
                "The link works once, for 30 minutes. You are then signed out everywhere.".into(),
                "If you didn’t ask for it, you can ignore this: your password stays as it is.".into(),
            ],
        },
        Letter::PasswordChanged { name } => Words {
            subject: "Your password for Latchkey was changed".into(),
            greeting: format!("Hello {name},"),
            before: vec!["Your password was changed just now, and you were signed out everywhere.".into()],
            link: "",
            after: vec![
                "If that was you, there is nothing to do. If it wasn’t, choose “Forgot your password?” where you sign in, and tell \
                 your manager or an administrator."
                    .into(),
            ],
        },
        Letter::PasskeyAdded { name, passkey } => Words {
            subject: "A passkey was added to your Latchkey account".into(),
            greeting: format!("Hello {name},"),
            before: vec![format!("The passkey “{passkey}” was added just now. Whoever has it can sign in as you.")],
            link: "",
            after: vec![NOT_YOU.into()],
        },
        Letter::PasskeyRemoved { name, passkey } => Words {
            subject: "A passkey was removed from your Latchkey account".into(),
            greeting: format!("Hello {name},"),
            before: vec![format!("The passkey “{passkey}” was removed just now. Nobody can sign in with it any more.")],
            link: "",
            after: vec![NOT_YOU.into()],
        },
        Letter::PasswordRemoved { name } => Words {
            subject: "Your password for Latchkey was removed".into(),
            greeting: format!("Hello {name},"),
            before: vec!["Your password was removed just now. From now on you sign in with a passkey.".into()],
            link: "",
            after: vec![
                NOT_YOU.into(),
                "If you lose your passkeys, choose “Forgot your password?” where you sign in, and set a password again."
                    .into(),
            ],
        },
        Letter::ConfirmAddress { name } => Words {
            subject: "Confirm your new email address".into(),
            greeting: format!("Hello {name},"),
            before: vec!["You want to sign in to Latchkey with this address. This link confirms that it is yours:".into()],
            link: "Confirm this address",
            after: vec![
                "The link works once, for 30 minutes. Until then you sign in with the address that you had.".into(),
                "If you didn’t ask for it, you can ignore this: nothing changes.".into(),
            ],
        },
        Letter::AddressChanged { name, address } => Words {
            subject: "Your email address for Latchkey was changed".into(),
            greeting: format!("Hello {name},"),
            before: vec![format!("From now on you sign in with {address}, and mail goes there.")],
            link: "",
            after: vec![
                "If that was you, there is nothing to do. If it wasn’t, tell your manager or an administrator at once.".into(),
            ],
        },
        Letter::GuestPass { guest, host, place } => Words {
            subject: format!("Your pass for {place}"),
            greeting: format!("Hello {guest},"),
            before: vec![format!("{host} has a code for you for {place}. Open your pass to see it:")],
            link: "Open the pass",
            after: vec!["Whoever has this link can see the code, so keep it to yourself.".into()],
        },
        Letter::Summary { name, place, time_zone, needs, .. } => Words {
            subject: match needs.len() {
                1 => format!("{place}: 1 thing needs attention"),
                more => format!("{place}: {more} things need attention"),
            },
            greeting: format!("Hello {name},"),
            before: [
                vec![format!("This needs attention at {place}:")],
                sentences(needs, time_zone, Language::English),
                match needs.len().saturating_sub(MOST_NEEDS) {
                    0 => Vec::new(),
                    more => vec![format!("And {more} more.")],
                },
            ]
            .concat(),
            link: "See what to do",
            after: vec![
                "You get this once a day while something needs attention. In the property’s settings you choose when, or that you \
                 don’t want it."
                    .into(),
            ],
        },
    }
}

/// The causes in sentences, as many as a letter names.
fn sentences(needs: &[Need], time_zone: &str, language: Language) -> Vec<String> {
    let zone = TimeZone::get(time_zone).unwrap_or(TimeZone::UTC);
    needs.iter().take(MOST_NEEDS).map(|need| format!("• {}", sentence(need, &zone, language))).collect()
}

fn spanish(letter: &Letter) -> Words {
    match letter {
        Letter::Invitation { name, place, days } => Words {
            subject: match place {
                Some(place) => format!("Su acceso a Latchkey para {place}"),
                None => "Su acceso a Latchkey".into(),
            },
            greeting: format!("Hola, {name}:"),
            before: vec![
                match place {
                    Some(place) => {
                        format!("{place} usa Latchkey para los códigos de sus puertas y le invita a iniciar sesión.")
                    }
                    None => "Le invitan a iniciar sesión en Latchkey, que gestiona los códigos de las puertas.".into(),
                },
                "Abra este enlace y elija una contraseña:".into(),
            ],
            link: "Elegir una contraseña",
            after: vec![
                format!("El enlace sirve una vez, durante {days} días. Solo usted conocerá la contraseña."),
                "Si no esperaba este mensaje, puede ignorarlo: sin el enlace no ocurre nada.".into(),
            ],
        },
        Letter::Reset { name } => Words {
            subject: "Elija una contraseña nueva para Latchkey".into(),
            greeting: format!("Hola, {name}:"),
            before: vec!["Con este enlace elige una contraseña nueva:".into()],
            link: "Elegir una contraseña nueva",
            after: vec![
                "El enlace sirve una vez, durante 30 minutos. Después se cierra su sesión en todas partes.".into(),
                "Si no lo ha pedido, puede ignorar este mensaje: su contraseña sigue como estaba.".into(),
            ],
        },
        Letter::PasswordChanged { name } => Words {
            subject: "Su contraseña de Latchkey ha cambiado".into(),
            greeting: format!("Hola, {name}:"),
            before: vec!["Su contraseña acaba de cambiar y se ha cerrado su sesión en todas partes.".into()],
            link: "",
            after: vec![
                "Si ha sido usted, no tiene que hacer nada. Si no, elija «¿Ha olvidado su contraseña?» al iniciar sesión y avise a \
                 la administración de su edificio."
                    .into(),
            ],
        },
        Letter::PasskeyAdded { name, passkey } => Words {
            subject: "Se ha añadido una llave de acceso a su cuenta de Latchkey".into(),
            greeting: format!("Hola, {name}:"),
            before: vec![format!(
                "Acaba de añadirse la llave de acceso «{passkey}». Quien la tenga puede iniciar sesión en su nombre."
            )],
            link: "",
            after: vec![NO_FUE_USTED.into()],
        },
        Letter::PasskeyRemoved { name, passkey } => Words {
            subject: "Se ha quitado una llave de acceso de su cuenta de Latchkey".into(),
            greeting: format!("Hola, {name}:"),
            before: vec![format!("Acaba de quitarse la llave de acceso «{passkey}». Ya nadie puede iniciar sesión con ella.")],
            link: "",
            after: vec![NO_FUE_USTED.into()],
        },
        Letter::PasswordRemoved { name } => Words {
            subject: "Se ha quitado su contraseña de Latchkey".into(),
            greeting: format!("Hola, {name}:"),
            before: vec!["Su contraseña acaba de quitarse. A partir de ahora inicia sesión con una llave de acceso.".into()],
            link: "",
            after: vec![
                NO_FUE_USTED.into(),
                "Si pierde sus llaves de acceso, elija «¿Ha olvidado su contraseña?» al iniciar sesión y vuelva a elegir una."
                    .into(),
            ],
        },
        Letter::ConfirmAddress { name } => Words {
            subject: "Confirme su nueva dirección de correo".into(),
            greeting: format!("Hola, {name}:"),
            before: vec!["Quiere iniciar sesión en Latchkey con esta dirección. Este enlace confirma que es suya:".into()],
            link: "Confirmar esta dirección",
            after: vec![
                "El enlace sirve una vez, durante 30 minutos. Hasta entonces inicia sesión con la dirección que tenía.".into(),
                "Si no lo ha pedido, puede ignorar este mensaje: no cambia nada.".into(),
            ],
        },
        Letter::AddressChanged { name, address } => Words {
            subject: "Su dirección de correo de Latchkey ha cambiado".into(),
            greeting: format!("Hola, {name}:"),
            before: vec![format!("A partir de ahora inicia sesión con {address}, y allí llega el correo.")],
            link: "",
            after: vec![
                "Si ha sido usted, no tiene que hacer nada. Si no, avise enseguida a la administración de su edificio.".into(),
            ],
        },
        Letter::GuestPass { guest, host, place } => Words {
            subject: format!("Su pase para {place}"),
            greeting: format!("Hola, {guest}:"),
            before: vec![format!("{host} tiene un código para usted en {place}. Abra su pase para verlo:")],
            link: "Abrir el pase",
            after: vec!["Quien tenga este enlace puede ver el código: no lo comparta.".into()],
        },
        Letter::Summary { name, place, time_zone, needs, .. } => Words {
            subject: match needs.len() {
                1 => format!("{place}: 1 asunto requiere su atención"),
                more => format!("{place}: {more} asuntos requieren su atención"),
            },
            greeting: format!("Hola, {name}:"),
            before: [
                vec![format!("Esto requiere su atención en {place}:")],
                sentences(needs, time_zone, Language::Spanish),
                match needs.len().saturating_sub(MOST_NEEDS) {
                    0 => Vec::new(),
                    more => vec![format!("Y {more} más.")],
                },
            ]
            .concat(),
            link: "Ver qué hacer",
            after: vec![
                "Recibe este mensaje una vez al día mientras algo requiera su atención. En los ajustes de la propiedad elige a qué \
                 hora, o que no lo quiere."
                    .into(),
            ],
        },
    }
}
