//! What residents see of their own access: their unit, doors and code, and whether they can pick their own code.

use api_types::{Channel, Eligibility, MyAccess, MyTenancy, PropertyName};
use store::properties::PropertyRecord;
use store::tenancies::{self, TenancyRecord};
use store::{Db, Scope, codes, doors, properties};

use super::{code, door};
use crate::domain::lookup::Lookup;
use crate::domain::{Done, Refusal, checklist, resident_code};

/// The access that comes with one of the person's own tenancies, as asked for through their channel.
///
/// # Errors
/// `not_found` for a tenancy that has no code yet.
pub fn describe(lookup: &Lookup<'_>, tenancy: &TenancyRecord) -> Done<MyAccess> {
    let Lookup { db, authority, .. } = *lookup;
    let channel = &authority.via.channel();
    let property = properties::get(db, Scope::Everything, tenancy.property_id)?.ok_or_else(Refusal::not_found)?;
    let code_id = tenancy.code_id.ok_or_else(Refusal::not_found)?;
    let current = codes::get(db, code_id)?.ok_or_else(Refusal::not_found)?;
    let own = doors::of_unit(db, tenancy.unit_id)?;
    let for_guests = doors::for_guests_of_unit(db, tenancy.unit_id)?;
    Ok(MyAccess {
        delivery_opens_unit_doors: property.delivery_opens_unit_doors,
        property: property_name(property),
        tenancy_id: tenancy.id,
        tenancies: my_tenancies(lookup)?,
        unit: tenancy.unit.clone(),
        doors: own.iter().map(door::describe).collect(),
        guest_doors: for_guests.iter().map(door::describe).collect(),
        code: code::describe_with_placements(db, &current, false)?,
        previous_code: previous_code(db, tenancy, false)?,
        eligibility: eligibility(db, tenancy, channel)?,
    })
}

/// Every current tenancy of the person, the one that began last first (R39).
fn my_tenancies(lookup: &Lookup<'_>) -> store::Result<Vec<MyTenancy>> {
    let mut all = Vec::with_capacity(lookup.authority.tenancies.len());
    for own in &lookup.authority.tenancies {
        let tenancy = tenancies::get(lookup.db, Scope::Tenancy(own.id), own.id)?;
        let property = properties::get(lookup.db, Scope::Everything, own.property_id)?;
        if let (Some(tenancy), Some(property)) = (tenancy, property) {
            all.push(MyTenancy { id: own.id, property: property_name(property), unit: tenancy.unit });
        }
    }
    Ok(all)
}

/// The property as residents see it.
pub fn property_name(property: PropertyRecord) -> PropertyName {
    PropertyName {
        id: property.id,
        name: property.name,
        time_zone: property.time_zone,
        support_email: property.support_email,
        support_phone: property.support_phone,
    }
}

/// The previous code, which a lock may still hold until the current one is confirmed (R27).
///
/// # Errors
/// [`store::Error`].
pub fn previous_code(db: &Db, tenancy: &TenancyRecord, for_support: bool) -> store::Result<Option<api_types::Code>> {
    let Some(current) = tenancy.code_id else { return Ok(None) };
    let previous = codes::previous(db, tenancy.id, current)?;
    previous.map(|previous| code::describe_with_placements(db, &previous, for_support)).transpose()
}

/// Whether they can pick their own code, with every condition as of now (R14).
///
/// # Errors
/// [`store::Error`].
pub fn eligibility(db: &Db, tenancy: &TenancyRecord, channel: &Channel) -> store::Result<Eligibility> {
    let decision = resident_code::eligibility(db, tenancy, channel)?;
    Ok(Eligibility { checklist: checklist(&decision), next_step: decision.next_step })
}
