//! guest_codes
