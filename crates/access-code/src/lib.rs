//! access-code
