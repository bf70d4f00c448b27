//! What the record says was done (R31).

use crate::named::named;

named! {
    /// What somebody or Latchkey itself did, or was refused: dotted, a family first. A record may hold actions that aren't in
    /// this list, of a newer server.
    pub enum Action {
        /// Turned away: a role that doesn't allow it, or something they may not see.
        AccessRefused = "access.refused",
        /// A building was added.
        BuildingAdded = "building.added",
        /// A building is used again (R36).
        BuildingBroughtBack = "building.brought_back",
        /// A building without history was deleted.
        BuildingDeleted = "building.deleted",
        /// A building was given another name.
        BuildingRenamed = "building.renamed",
        /// A building was retired.
        BuildingRetired = "building.retired",
        /// Somebody looked at a code's digits (R30).
        CodeRevealed = "code.revealed",
        /// A resident picked their own code.
        CodeCustomSet = "code.custom.set",
        /// A code of a resident's own choice was refused.
        CodeCustomRefused = "code.custom.refused",
        /// A resident picked the code that they had already (R12).
        CodeCustomKept = "code.custom.kept",
        /// A code was taken off the locks, for its resident has no current tenancy.
        CodeHeldOff = "code.held_off",
        /// A code works again, for its resident's tenancy has begun.
        CodeRestored = "code.restored",
        /// A resident got a random code (R16).
        CodeRandomIssued = "code.random.issued",
        /// No random code could be had.
        CodeRandomRefused = "code.random.refused",
        /// A door was added.
        DoorAdded = "door.added",
        /// What isn't right on a code's locks is tried again at once.
        CodeSentAgain = "code.sent_again",
        /// A door is used again (R36).
        DoorBroughtBack = "door.brought_back",
        /// A door without history was deleted.
        DoorDeleted = "door.deleted",
        /// A door was made an amenity or a property door.
        DoorKindChanged = "door.kind_changed",
        /// A door is in another building.
        DoorMoved = "door.moved",
        /// A door was given another name.
        DoorRenamed = "door.renamed",
        /// A door was retired, and no code opens it any more.
        DoorRetired = "door.retired",
        /// A guest code's time is over.
        GuestCodeExpired = "guest_code.expired",
        /// A guest code was issued (R19).
        GuestCodeIssued = "guest_code.issued",
        /// Mail with a link to a guest code could not be delivered.
        GuestCodeMailBounced = "guest_code.mail_bounced",
        /// A guest opened their pass.
        GuestCodePassOpened = "guest_code.pass_opened",
        /// A guest looked at their code's digits.
        GuestCodePassRevealed = "guest_code.pass_revealed",
        /// A guest code was refused.
        GuestCodeRefused = "guest_code.refused",
        /// A guest code was revoked.
        GuestCodeRevoked = "guest_code.revoked",
        /// A link to a guest code was revoked.
        GuestCodeShareRevoked = "guest_code.share_revoked",
        /// A link to a guest code was made.
        GuestCodeShared = "guest_code.shared",
        /// A delivery code was used (R20).
        GuestCodeUsed = "guest_code.used",
        /// The windows of a guest code were moved, or its reference changed (R43).
        GuestCodeChanged = "guest_code.changed",
        /// A window of a guest code is over.
        GuestCodeWindowClosed = "guest_code.window_closed",
        /// A window of a guest code has begun.
        GuestCodeWindowOpened = "guest_code.window_opened",
        /// A hub stopped answering.
        HubOffline = "hub.offline",
        /// A hub was added (R35).
        HubAdded = "hub.added",
        /// Where a hub's server listens was changed.
        HubAddressChanged = "hub.address.changed",
        /// A hub was removed.
        HubRemoved = "hub.removed",
        /// A hub was given another name.
        HubRenamed = "hub.renamed",
        /// A hub was asked whether it answers.
        HubTested = "hub.tested",
        /// What a hub wants to see was changed.
        HubTokenChanged = "hub.token.changed",
        /// A hub answers again.
        HubOnline = "hub.online",
        /// A lock stopped answering.
        LockOffline = "lock.offline",
        /// Somebody made sure that a door's former lock opens nothing any more (R24).
        LockConfirmedGone = "lock.confirmed_gone",
        /// A door got another lock.
        LockExchanged = "lock.exchanged",
        /// A lock was linked to a door (R35).
        LockLinked = "lock.linked",
        /// What isn't right on a door's lock is tried again at once.
        LockSentAgain = "lock.sent_again",
        /// A door's lock was let go.
        LockUnlinked = "lock.unlinked",
        /// A lock answers again.
        LockOnline = "lock.online",
        /// Somebody wants a slot emptied that holds a code which isn't ours, with the reason.
        LockUnknownCodeClearing = "lock.unknown_code_clearing",
        /// A slot that held a code which wasn't ours was emptied.
        LockUnknownCodeCleared = "lock.unknown_code_cleared",
        /// A slot holds a code that isn't ours.
        LockUnknownCodeFound = "lock.unknown_code_found",
        /// A slot that held a code which wasn't ours is empty, or ours.
        LockUnknownCodeGone = "lock.unknown_code_gone",
        /// Signed in to the app.
        MobileTokenCreated = "mobile_token.created",
        /// Signed out of the app.
        MobileTokenEnded = "mobile_token.ended",
        /// Signing in to the app was refused.
        MobileTokenRefused = "mobile_token.refused",
        /// A person was added to the staff.
        PersonAdded = "person.added",
        /// A person became an administrator (R34).
        PersonAdministratorAdded = "person.administrator.added",
        /// A person is no longer an administrator.
        PersonAdministratorRemoved = "person.administrator.removed",
        /// A person was disabled.
        PersonDisabled = "person.disabled",
        /// A person was enabled again.
        PersonEnabled = "person.enabled",
        /// A person accepted their invitation and can sign in now (R37).
        PersonInvitationAccepted = "person.invitation.accepted",
        /// A person was invited by a link (R37).
        PersonInvited = "person.invited",
        /// A person became a property's manager.
        PersonManagerAdded = "person.manager.added",
        /// A person is no longer a property's manager.
        PersonManagerRemoved = "person.manager.removed",
        /// A person's address is another one now (R38).
        PersonAddressChanged = "person.address.changed",
        /// A person asked for another address, which isn't confirmed yet (R38).
        PersonAddressRequested = "person.address.requested",
        /// Mail to a person could not be delivered.
        PersonMailBounced = "person.mail.bounced",
        /// A passkey of a person's was added.
        PersonPasskeyAdded = "person.passkey.added",
        /// A passkey of a person's was removed.
        PersonPasskeyRemoved = "person.passkey.removed",
        /// A passkey of a person's was given another name.
        PersonPasskeyRenamed = "person.passkey.renamed",
        /// A person got another password.
        PersonPasswordChanged = "person.password.changed",
        /// Somebody asked for a link to set a forgotten password (R38).
        PersonPasswordForgotten = "person.password.forgotten",
        /// A link to set another password was made for a person (R38).
        PersonPasswordLink = "person.password.link",
        /// A person removed their password and signs in with passkeys alone.
        PersonPasswordRemoved = "person.password.removed",
        /// A person became support.
        PersonSupportAdded = "person.support.added",
        /// A manager gets a property's daily summary again.
        PersonSummaryStarted = "person.summary.started",
        /// A manager doesn't get a property's daily summary any more.
        PersonSummaryStopped = "person.summary.stopped",
        /// A person is no longer support.
        PersonSupportRemoved = "person.support.removed",
        /// A lock no longer holds a code that was confirmed, or holds another in its slot (R25).
        PlacementDrifted = "placement.drifted",
        /// A code can't be put on a lock (R28).
        PlacementFailed = "placement.failed",
        /// A lock confirmed a code (R25).
        PlacementOnLock = "placement.on_lock",
        /// A lock didn't confirm that a code is off it (R24).
        PlacementRemovalUnconfirmed = "placement.removal_unconfirmed",
        /// A lock confirmed that a code is off it (R24).
        PlacementRemoved = "placement.removed",
        /// A code waits for a lock that is offline.
        PlacementWaiting = "placement.waiting",
        /// A property was added.
        PropertyAdded = "property.added",
        /// Whom residents of a property turn to was changed.
        PropertyContactChanged = "property.contact.changed",
        /// How many guest codes a unit may have was changed.
        PropertyGuestLimitChanged = "property.guest_limit.changed",
        /// How long before a window begins guest codes are sent was changed (R44).
        PropertyGuestLeadChanged = "property.guest_lead.changed",
        /// When the managers of a property are mailed what needs attention was changed.
        PropertySummaryChanged = "property.summary.changed",
        /// The language of a property's letters and sheets was changed.
        PropertyLanguageChanged = "property.language.changed",
        /// A property was given another name.
        PropertyRenamed = "property.renamed",
        /// Delivery codes may open unit doors from now on (R20).
        PropertyUnitDeliveriesAllowed = "property.unit_deliveries.allowed",
        /// Delivery codes may no longer open unit doors (R20).
        PropertyUnitDeliveriesForbidden = "property.unit_deliveries.forbidden",
        /// Buildings, units and doors were added to a property.
        PropertyLayoutImported = "property.layout_imported",
        /// Custom codes were switched off (R3).
        PropertyCustomCodesDisabled = "property.custom_codes.disabled",
        /// Custom codes were switched on (R3).
        PropertyCustomCodesEnabled = "property.custom_codes.enabled",
        /// A record that can't be read was set aside.
        RecordSetAside = "record.set_aside",
        /// A tenancy was added.
        ResidentAdded = "resident.added",
        /// The days or the name of a tenancy changed.
        ResidentChanged = "resident.changed",
        /// A tenancy ended, and everything of it was revoked.
        ResidentMovedOut = "resident.moved_out",
        /// A roster was imported, or refused.
        RosterImported = "roster.imported",
        /// The import of a roster was undone as far as nobody had acted on it.
        RosterUndone = "roster.undone",
        /// Signed in to the console.
        SessionCreated = "session.created",
        /// Signed out of the console.
        SessionEnded = "session.ended",
        /// Signed out everywhere else.
        SessionOthersEnded = "session.others_ended",
        /// Signing in to the console was refused.
        SessionRefused = "session.refused",
        /// A unit was added.
        UnitAdded = "unit.added",
        /// A unit is used again (R36).
        UnitBroughtBack = "unit.brought_back",
        /// A unit without history was deleted.
        UnitDeleted = "unit.deleted",
        /// A unit is in another building.
        UnitMoved = "unit.moved",
        /// A unit was given another name.
        UnitRenamed = "unit.renamed",
        /// A unit was retired, with its doors.
        UnitRetired = "unit.retired",
    }
}
