//! tenancies
