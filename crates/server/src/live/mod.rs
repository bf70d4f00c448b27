//! What happens, as it happens (`GET /events`): server-sent events of what each caller may see at that moment (R33).
//!
//! One task ([`feed`]) reads what commits changed, once, and adds it to the journal ([`journal`]): a bounded part of the
//! past, in memory. A stream ([`stream`]) is a position in it and what its person may see ([`viewer`]), which is read
//! again whenever their rights change; so it holds nothing back for a slow reader, who misses what is too long ago and is
//! told to look again. How many streams there may be is bounded ([`seats`]).

mod audience;
pub(crate) mod feed;
pub(crate) mod journal;
pub(crate) mod seats;
pub(crate) mod stream;
mod viewer;
