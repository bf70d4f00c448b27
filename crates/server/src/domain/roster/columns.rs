//! Which column of a file is which: by the usual names of its headings, as the property has said before, or as somebody
//! says now.

use std::str::FromStr;

use api_types::{Named, RosterColumn};
use unicode_normalization::UnicodeNormalization;

use super::table::Record;

/// The names that headings usually have, folded ([`folded`]), the best first: where a file has a move-in day and the day
/// that a lease began, it is the first of them.
const NAMES: [(RosterColumn, &[&str]); 7] = [
    (
        RosterColumn::Unit,
        &[
            "unit",
            "unitnumber",
            "unitno",
            "unitnum",
            "unitname",
            "unitid",
            "unitcode",
            "apt",
            "aptnumber",
            "aptno",
            "aptnum",
            "apartment",
            "apartmentnumber",
            "apartmentno",
            "suite",
            "suitenumber",
            "suiteno",
            "ste",
            "flat",
            "flatnumber",
            "room",
            "roomnumber",
            "space",
            "unitapt",
            "aptunit",
            "unidad",
            "numerodeunidad",
            "unidadno",
            "nodeunidad",
            "nodeapartamento",
            "ndeunidad",
            "aptn",
            "numunidad",
            "nounidad",
            "apartamento",
            "numerodeapartamento",
            "apto",
            "departamento",
            "depto",
            "dpto",
            "piso",
            "vivienda",
            "habitacion",
            "puerta",
        ],
    ),
    (
        RosterColumn::Name,
        &[
            "name",
            "resident",
            "residentname",
            "residents",
            "residentnames",
            "fullname",
            "residentfullname",
            "tenant",
            "tenantname",
            "tenants",
            "tenantnames",
            "occupant",
            "occupantname",
            "occupants",
            "lessee",
            "lesseename",
            "leaseholder",
            "leaseholdername",
            "primaryresident",
            "primarytenant",
            "renter",
            "rentername",
            "customer",
            "customername",
            "nombrecompleto",
            "nombreyapellido",
            "nombreyapellidos",
            "nombresyapellidos",
            "nombre",
            "residente",
            "residentes",
            "nombredelresidente",
            "inquilino",
            "inquilina",
            "inquilinos",
            "nombredelinquilino",
            "arrendatario",
            "arrendataria",
            "nombredelarrendatario",
            "ocupante",
            "titular",
        ],
    ),
    (
        RosterColumn::FirstName,
        &[
            "firstname",
            "first",
            "givenname",
            "givennames",
            "forename",
            "residentfirstname",
            "tenantfirstname",
            "fname",
            "primernombre",
            "nombres",
            "nombredepila",
        ],
    ),
    (
        RosterColumn::LastName,
        &[
            "lastname",
            "last",
            "surname",
            "familyname",
            "residentlastname",
            "tenantlastname",
            "lname",
            "apellidos",
            "apellido",
            "primerapellido",
        ],
    ),
    (
        RosterColumn::Email,
        &[
            "email",
            "emailaddress",
            "emailaddresses",
            "emails",
            "emailid",
            "mail",
            "mailaddress",
            "residentemail",
            "residentemailaddress",
            "tenantemail",
            "tenantemailaddress",
            "primaryemail",
            "contactemail",
            "email1",
            "correo",
            "correoelectronico",
            "correos",
            "direcciondecorreo",
            "direcciondecorreoelectronico",
            "direccionelectronica",
        ],
    ),
    (
        RosterColumn::MoveIn,
        &[
            "movein",
            "moveindate",
            "movedin",
            "movedindate",
            "datemovedin",
            "dateofmovein",
            "actualmovein",
            "actualmoveindate",
            "moveindt",
            "occupancydate",
            "firstday",
            "tenancystart",
            "tenancystartdate",
            "leasestart",
            "leasestartdate",
            "leasestarts",
            "leasebegin",
            "leasebegins",
            "leasebegindate",
            "leasefrom",
            "leasecommencement",
            "leasecommencementdate",
            "commencementdate",
            "startdate",
            "start",
            "begindate",
            "begin",
            "from",
            "since",
            "datein",
            "tenancyfrom",
            "occupiedfrom",
            "occupiedsince",
            "llegada",
            "fechadellegada",
            "fechadeentrada",
            "fechaentrada",
            "entrada",
            "fechadeingreso",
            "fechaingreso",
            "ingreso",
            "fechademudanza",
            "primerdia",
            "iniciodelcontrato",
            "iniciocontrato",
            "iniciodecontrato",
            "fechadeinicio",
            "fechainicio",
            "inicio",
            "desde",
        ],
    ),
    (
        RosterColumn::MoveOut,
        &[
            "moveout",
            "moveoutdate",
            "movedout",
            "movedoutdate",
            "datemovedout",
            "dateofmoveout",
            "actualmoveout",
            "actualmoveoutdate",
            "expectedmoveout",
            "moveoutdt",
            "vacatedate",
            "lastday",
            "tenancyend",
            "tenancyenddate",
            "leaseend",
            "leaseenddate",
            "leaseends",
            "leaseto",
            "leaseexpiration",
            "leaseexpirationdate",
            "leaseexpires",
            "leaseexpiry",
            "expirationdate",
            "expiration",
            "expires",
            "enddate",
            "end",
            "to",
            "until",
            "dateout",
            "tenancyto",
            "egreso",
            "fechadeegreso",
            "fechadesalida",
            "fechasalida",
            "salida",
            "ultimodia",
            "findelcontrato",
            "fincontrato",
            "findecontrato",
            "fechadefin",
            "fechafin",
            "fin",
            "vencimiento",
            "fechadevencimiento",
            "hasta",
        ],
    ),
];

/// Words that say that nobody has an address or no last day: as good as an empty cell.
pub(super) const NOTHING: [&str; 9] = ["", "none", "na", "nil", "null", "noemail", "ninguno", "ninguna", "sincorreo"];

/// A text as headings are compared: letters and numbers alone, in lower case, without accents.
pub(super) fn folded(text: &str) -> String {
    text.nfkd().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect()
}

/// What a heading is about, and how far down its list the name is. What is in brackets doesn't matter: "Email (primary)".
fn known(heading: &str) -> Option<(RosterColumn, usize)> {
    let bare = heading.split(['(', '[']).next().unwrap_or_default();
    named(&folded(heading)).or_else(|| named(&folded(bare)))
}

fn named(heading: &str) -> Option<(RosterColumn, usize)> {
    NAMES.iter().find_map(|(column, names)| Some((*column, names.iter().position(|name| *name == heading)?)))
}

/// How many columns of a roster a row's cells name.
pub(super) fn known_in(cells: &[String]) -> usize {
    let columns = cells.iter().filter_map(|cell| known(cell));
    columns.map(|(column, _)| column).collect::<std::collections::BTreeSet<_>>().len()
}

/// Where each column is, from 0, or that there is none.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Places(Vec<(RosterColumn, Option<usize>)>);

impl Places {
    /// What the headings say by their usual names.
    pub(super) fn by_name(headings: &[String]) -> Self {
        let mut best: Vec<(RosterColumn, usize, usize)> = Vec::new();
        for (place, heading) in headings.iter().enumerate() {
            let Some((column, rank)) = known(heading) else { continue };
            match best.iter_mut().find(|(known, ..)| *known == column) {
                Some(found) if rank < found.1 => *found = (column, rank, place),
                Some(_) => {}
                None => best.push((column, rank, place)),
            }
        }
        let mut places = Self(best.into_iter().map(|(column, _, place)| (column, Some(place))).collect());
        // "Nombre" beside "Apellidos" is a first name, and so is "Name" beside "Surname".
        if places.of(RosterColumn::LastName).is_some() && places.of(RosterColumn::FirstName).is_none() {
            for (column, _) in &mut places.0 {
                if *column == RosterColumn::Name {
                    *column = RosterColumn::FirstName;
                }
            }
        }
        places
    }

    /// The place of a column, from 0.
    pub(super) fn of(&self, column: RosterColumn) -> Option<usize> {
        self.0.iter().find(|(known, _)| *known == column).and_then(|(_, place)| *place)
    }

    /// What is at that place.
    pub(super) fn at(&self, place: usize) -> Option<RosterColumn> {
        self.0.iter().find(|(_, known)| *known == Some(place)).map(|(column, _)| *column)
    }

    fn is_said(&self, column: RosterColumn) -> bool {
        self.0.iter().any(|(known, _)| *known == column)
    }

    /// Whether rows can be read: unit, name and first day have to be there, and of the address and the last day it has to
    /// be known at least that there are none.
    pub(super) fn suffice(&self, width: usize) -> bool {
        let named = self.of(RosterColumn::Name).is_some()
            || (self.of(RosterColumn::FirstName).is_some() && self.of(RosterColumn::LastName).is_some());
        let there = self.0.iter().all(|(_, place)| place.is_none_or(|place| place < width));
        let said = self.is_said(RosterColumn::Email) && self.is_said(RosterColumn::MoveOut);
        there && said && named && self.of(RosterColumn::Unit).is_some() && self.of(RosterColumn::MoveIn).is_some()
    }

    /// As the API takes them: `unit:1,name:2,email:none`.
    pub(super) fn print(&self) -> String {
        let said = self.0.iter().map(|(column, place)| match place {
            Some(place) => format!("{}:{}", column.name(), place + 1),
            None => format!("{}:none", column.name()),
        });
        said.collect::<Vec<_>>().join(",")
    }
}

impl FromStr for Places {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        let mut places = Self::default();
        for said in text.split(',').filter(|said| !said.is_empty()) {
            let (column, place) = said.split_once(':').ok_or(())?;
            let column = RosterColumn::from_name(column).ok_or(())?;
            let place = match place {
                "none" => None,
                place => Some(place.parse::<usize>().ok().and_then(|place| place.checked_sub(1)).ok_or(())?),
            };
            if places.is_said(column) || place.is_some_and(|place| places.at(place).is_some()) {
                return Err(());
            }
            places.0.push((column, place));
        }
        Ok(places)
    }
}

/// The row with the headings: among the first, the one that names the most columns; else, where none names three, the
/// first that is wide enough and isn't a resident's itself.
pub(super) fn headings(rows: &[Record]) -> Option<usize> {
    let first = rows.iter().take(30).enumerate();
    let best = first.map(|(at, row)| (known_in(&row.cells), at)).max_by_key(|(known, at)| (*known, usize::MAX - at));
    if let Some((known, at)) = best
        && known >= 3
    {
        return Some(at);
    }
    let at = rows.iter().take(30).position(|row| row.filled().count() >= 3)?;
    let is_data = rows[at].filled().any(|cell| cell.contains('@') || super::dates::looks_like_one(cell));
    (!is_data).then_some(at)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(headings: &str) -> String {
        Places::by_name(&headings.split(',').map(str::to_owned).collect::<Vec<_>>()).print()
    }

    #[test]
    fn headings_are_known_by_their_usual_names() {
        for headings in [
            "unit,name,email,move_in,move_out",
            "Unit #,Resident,Email Address,Move In,Move Out",
            "Apt,Tenant,E-mail,Move-in date,Move-out date",
            "APT NO.,Tenant Name,E-Mail Address,Lease From,Lease To",
            "Unidad,Residente,Correo electrónico,Fecha de entrada,Fecha de salida",
            "N.º de unidad,Inquilino,Correo,Inicio del contrato,Fin del contrato",
            "Unit (number),Tenant(s),Email [primary],Date in,Date out",
        ] {
            assert_eq!(found(headings), "unit:1,name:2,email:3,move_in:4,move_out:5", "{headings}");
        }
        assert_eq!(found("Lease start,Unit,Move in,Tenant"), "move_in:3,unit:2,name:4");
        assert_eq!(found("Unidad,Nombre,Apellidos"), "unit:1,first_name:2,last_name:3");
    }

    #[test]
    fn what_is_said_is_read_as_it_is_printed() {
        for said in ["unit:1,name:2,email:none,move_in:4,move_out:none", ""] {
            assert_eq!(said.parse::<Places>().expect("places").print(), said);
        }
        for wrong in ["unit", "unit:0", "unit:x", "who:1", "unit:1,unit:2", "unit:1,name:1"] {
            assert!(wrong.parse::<Places>().is_err(), "{wrong}");
        }
    }
}
