//! The properties of the signed-in person, read once and shared by the shell and the pages.

use crate::prelude::*;
use api_types::{LiveKind, PropertyInBrief, Role};
use ids::PropertyId;

use crate::{
    api,
    load::{Load, Stage},
    session::SessionStore,
};

/// The properties that a manager or support may see, and the one visited last. Copy it freely.
#[derive(Clone, Copy)]
pub struct PropertyScope {
    load: Load<Vec<PropertyInBrief>>,
    last: RwSignal<Option<PropertyId>>,
}

impl PropertyScope {
    /// Puts it into the context. Reads as soon as a manager or support is signed in.
    pub fn provide(session: SessionStore) -> Self {
        let load = Load::new(
            move || {
                let user = session.user()?;
                user.roles
                    .iter()
                    .any(|role| matches!(role, Role::Manager | Role::Support | Role::Administrator))
                    .then_some(user.id)
            },
            |_| async move {
                let mut properties = Vec::new();
                let mut cursor = None;
                loop {
                    let page = api::properties::list(cursor).await?;
                    properties.extend(page.items);
                    cursor = page.next_cursor;
                    if cursor.is_none() {
                        return Ok(properties);
                    }
                }
            },
        );
        load.follow_changes(&[LiveKind::Property], None);
        let scope = Self { load, last: RwSignal::new(None) };
        provide_context(scope);
        scope
    }

    /// The load of the list.
    pub fn load(&self) -> Load<Vec<PropertyInBrief>> {
        self.load
    }

    /// All of them; empty until they are loaded.
    pub fn all(&self) -> Vec<PropertyInBrief> {
        self.load.get().unwrap_or_default()
    }

    /// Whether they are loaded.
    pub fn ready(&self) -> bool {
        self.load.stage().with(|stage| *stage == Stage::Ready)
    }

    /// One of them, if it is loaded.
    pub fn property(&self, id: PropertyId) -> Option<PropertyInBrief> {
        self.load.with(|all| all?.iter().find(|property| property.id == id).cloned())
    }

    /// A property's IANA time zone; UTC until it is loaded.
    pub fn zone(&self, id: PropertyId) -> String {
        self.property(id).map_or_else(|| "UTC".to_owned(), |property| property.time_zone)
    }

    /// The one that the navigation is about: that of the page, else of an earlier page, else the first.
    pub fn current(&self) -> Option<PropertyInBrief> {
        let last = self.last.get();
        self.load.with(|all| {
            let all = all?;
            last.and_then(|last| all.iter().find(|property| property.id == last)).or_else(|| all.first()).cloned()
        })
    }

    /// Remembers that a page of that property is shown.
    pub fn visit(&self, id: PropertyId) {
        if self.last.get_untracked() != Some(id) {
            self.last.set(Some(id));
        }
    }

    /// Reads them again, such as when the number of residents has changed.
    pub fn reload(&self) {
        self.load.reload();
    }

    /// Updates a property that was just read or changed.
    pub fn update(&self, changed: PropertyInBrief) {
        let all = self.load.with(|all| all.cloned());
        if let Some(mut all) = all
            && let Some(property) = all.iter_mut().find(|property| property.id == changed.id)
            && *property != changed
        {
            *property = changed;
            self.load.set(all);
        }
    }
}

/// The properties. Call it in a component's body.
pub fn use_properties() -> PropertyScope {
    expect_context()
}
