//! Whom to turn to at a property.

use crate::prelude::*;

/// Where a property's residents and guests can write and call, as links; nothing if there is neither.
pub fn contact(email: Option<String>, phone: Option<String>) -> AnyView {
    let link = |scheme: &str, to: String| {
        // A telephone number without what people write to make it readable.
        let address: String = to.chars().filter(|c| !c.is_whitespace() && !"()".contains(*c)).collect();
        view! { <a href=[scheme, &address].concat()>{to}</a> }
    };
    let email = email.map(|to| link("mailto:", to));
    let phone = phone.map(|to| link("tel:", to));
    if email.is_none() && phone.is_none() {
        return ().into_any();
    }
    view! { <p class="row">{email} {phone}</p> }.into_any()
}
