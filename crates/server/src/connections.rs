//! How many connections there may be, and which of them makes room for another.
//!
//! A connection that nobody asks anything on costs memory and a file, and opening one costs a stranger next to nothing. So
//! their number is bounded, in all and by network. Where there is no room, the connection is closed on which nothing is
//! under way for the longest time, those first on which nothing was ever asked; a client that returns opens another. One
//! on which a request is being answered is never closed for that.

use std::collections::{BTreeSet, HashMap};
use std::net::IpAddr;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::Notify;

use crate::network::Network;

/// How many connections there may be at a time.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// In all.
    pub total: usize,
    /// From one network. Programs of this machine aren't counted, nor is anybody behind a proxy: they all come from its
    /// address.
    pub per_network: Option<usize>,
}

impl Default for Limits {
    fn default() -> Self {
        Self { total: 12_000, per_network: Some(512) }
    }
}

/// The open connections of a listener.
#[derive(Clone)]
pub(crate) struct Connections(Arc<Shared>);

struct Shared {
    limits: Limits,
    table: Mutex<Table>,
}

#[derive(Default)]
struct Table {
    open: HashMap<Id, Entry>,
    idle: BTreeSet<Place>,
    networks: HashMap<Network, Members>,
    /// Numbers connections, and what happens to them.
    last: u64,
}

type Id = u64;

/// Where an idle connection stands among those that would be closed; the least is closed first.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Place {
    /// Whether anything was ever asked on it.
    was_used: bool,
    /// When it became idle, by the table's numbers.
    since: u64,
    id: Id,
}

struct Entry {
    network: Option<Network>,
    /// `None` while a request is being answered.
    place: Option<Place>,
    close: Arc<Notify>,
}

#[derive(Default)]
struct Members {
    count: usize,
    idle: BTreeSet<Place>,
}

impl Connections {
    pub(crate) fn new(limits: Limits) -> Self {
        Self(Arc::new(Shared { limits, table: Mutex::default() }))
    }

    /// Admits a connection from that address, closing another if there is no room. `None` if requests are being answered
    /// on all of them.
    pub(crate) fn admit(&self, address: IpAddr) -> Option<Connection> {
        let Limits { total, per_network } = self.0.limits;
        let per_network = per_network.filter(|_| !address.to_canonical().is_loopback());
        let network = per_network.map(|_| Network::from(address));
        let mut table = self.lock();
        let crowded = network
            .and_then(|network| table.networks.get(&network))
            .filter(|members| Some(members.count) >= per_network);
        if let Some(members) = crowded {
            let first = members.idle.first().copied()?;
            table.close(first);
        }
        if table.open.len() >= total {
            let first = table.idle.first().copied()?;
            table.close(first);
        }
        let id = table.number();
        let close = Arc::new(Notify::new());
        table.open.insert(id, Entry { network, place: None, close: close.clone() });
        if let Some(network) = network {
            table.networks.entry(network).or_default().count += 1;
        }
        table.become_idle(id, false);
        Some(Connection { id, close, busy: Arc::default(), connections: self.clone() })
    }

    /// Closes the connection that has been idle for the longest time, for want of something else than room for it.
    pub(crate) fn close_idlest(&self) {
        let mut table = self.lock();
        if let Some(first) = table.idle.first().copied() {
            table.close(first);
        }
    }

    /// Tells every connection to close once nothing is under way on it.
    pub(crate) fn close_all(&self) {
        for entry in self.lock().open.values() {
            entry.close.notify_one();
        }
    }

    /// How many there are.
    pub(crate) fn count(&self) -> usize {
        self.lock().open.len()
    }

    fn lock(&self) -> MutexGuard<'_, Table> {
        self.0.table.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Table {
    fn number(&mut self) -> u64 {
        self.last += 1;
        self.last
    }

    fn become_idle(&mut self, id: Id, was_used: bool) {
        let place = Place { was_used, since: self.number(), id };
        // One that was closed meanwhile is no longer there.
        let Some(entry) = self.open.get_mut(&id) else { return };
        entry.place = Some(place);
        self.idle.insert(place);
        if let Some(members) = entry.network.and_then(|network| self.networks.get_mut(&network)) {
            members.idle.insert(place);
        }
    }

    fn become_busy(&mut self, id: Id) {
        let Some(entry) = self.open.get_mut(&id) else { return };
        let Some(place) = entry.place.take() else { return };
        self.idle.remove(&place);
        if let Some(members) = entry.network.and_then(|network| self.networks.get_mut(&network)) {
            members.idle.remove(&place);
        }
    }

    fn close(&mut self, place: Place) {
        if let Some(close) = self.remove(place.id) {
            close.notify_one();
        }
    }

    fn remove(&mut self, id: Id) -> Option<Arc<Notify>> {
        self.become_busy(id);
        let entry = self.open.remove(&id)?;
        if let Some(network) = entry.network
            && let Some(members) = self.networks.get_mut(&network)
        {
            members.count -= 1;
            if members.count == 0 {
                self.networks.remove(&network);
            }
        }
        Some(entry.close)
    }
}

/// A connection that was admitted. It no longer counts once this is dropped.
pub(crate) struct Connection {
    id: Id,
    close: Arc<Notify>,
    busy: Arc<AtomicBool>,
    connections: Connections,
}

impl Connection {
    /// A request has arrived: the connection isn't idle until what is returned is dropped.
    pub(crate) fn begin_request(&self) -> UnderWay {
        self.busy.store(true, Ordering::Relaxed);
        self.connections.lock().become_busy(self.id);
        UnderWay { id: self.id, busy: self.busy.clone(), connections: self.connections.clone() }
    }

    /// Whether no request is being answered.
    pub(crate) fn is_idle(&self) -> bool {
        !self.busy.load(Ordering::Relaxed)
    }

    /// Returns once it is to close.
    pub(crate) async fn told_to_close(&self) {
        self.close.notified().await;
    }
}

impl Drop for Connection {
    fn drop(&mut self) {
        self.connections.lock().remove(self.id);
    }
}

/// A request that is being answered.
pub(crate) struct UnderWay {
    id: Id,
    busy: Arc<AtomicBool>,
    connections: Connections,
}

impl Drop for UnderWay {
    fn drop(&mut self) {
        self.busy.store(false, Ordering::Relaxed);
        self.connections.lock().become_idle(self.id, true);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn stranger(host: u8) -> IpAddr {
        IpAddr::from([192, 0, 2, host])
    }

    fn is_told_to_close(connection: &Connection) -> bool {
        let mut told = Box::pin(connection.told_to_close());
        let mut context = std::task::Context::from_waker(std::task::Waker::noop());
        told.as_mut().poll(&mut context).is_ready()
    }

    #[test]
    fn those_on_which_nothing_was_asked_make_room_first_then_the_longest_idle() {
        let connections = Connections::new(Limits { total: 3, per_network: None });
        let admit = |host| connections.admit(stranger(host)).expect("room");
        let used = admit(1);
        drop(used.begin_request());
        let (silent, later) = (admit(2), admit(3));
        let newcomer = admit(4);
        assert!(is_told_to_close(&silent));
        assert!(!is_told_to_close(&used) && !is_told_to_close(&later));
        drop(newcomer.begin_request());
        let asking = later.begin_request();
        let _another = admit(5);
        assert!(is_told_to_close(&used), "it had been idle for longer than the newcomer");
        assert!(!is_told_to_close(&later) && !is_told_to_close(&newcomer));
        drop(asking);
        assert_eq!(connections.count(), 3);
    }

    #[test]
    fn while_all_are_being_answered_nobody_is_turned_out() {
        let connections = Connections::new(Limits { total: 2, per_network: None });
        let [first, second] = [1, 2].map(|host| connections.admit(stranger(host)).expect("room"));
        let _under_way = (first.begin_request(), second.begin_request());
        assert!(connections.admit(stranger(3)).is_none());
        assert!(!is_told_to_close(&first) && !is_told_to_close(&second));
        drop(first);
        assert!(connections.admit(stranger(3)).is_some());
    }

    #[test]
    fn a_crowd_of_one_network_closes_its_own() {
        let connections = Connections::new(Limits { total: 100, per_network: Some(2) });
        let other = connections.admit(stranger(9)).expect("room");
        let crowd: Vec<_> = (0..5).map(|_| connections.admit(stranger(1)).expect("room")).collect();
        assert_eq!(crowd.iter().map(is_told_to_close).collect::<Vec<_>>(), [true, true, true, false, false]);
        assert!(!is_told_to_close(&other));
        assert_eq!(connections.count(), 3);

        let _under_way: Vec<_> = crowd.iter().map(Connection::begin_request).collect();
        assert!(connections.admit(stranger(1)).is_none(), "its two are being answered");
        let local: Vec<_> = (0..5).map(|_| connections.admit(IpAddr::from([127, 0, 0, 1])).expect("room")).collect();
        assert!(!local.iter().any(is_told_to_close), "programs of this machine aren't counted");
    }

    #[test]
    fn nothing_is_remembered_of_those_that_are_gone() {
        let connections = Connections::new(Limits { total: 4, per_network: Some(2) });
        for _ in 0..10 {
            let admitted: Vec<_> = (0..3).filter_map(|_| connections.admit(stranger(1))).collect();
            let under_way: Vec<_> = admitted.iter().map(Connection::begin_request).collect();
            drop(admitted);
            drop(under_way);
        }
        let table = connections.lock();
        assert!(table.open.is_empty() && table.idle.is_empty() && table.networks.is_empty());
    }
}
