//! Who has a place. Whoever comes gets one at once; when the places of his kind are taken, the one
//! who has held his longest gives way. So nobody waits for another's silence, and a flood drowns
//! itself: it takes the places from its own.
//!
//! State: who holds a place, for each key in the order of coming.

use std::{
    collections::{HashMap, VecDeque},
    hash::Hash,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use tokio::sync::oneshot;

/// The places of one stage. Cheap to clone.
#[derive(Debug)]
pub(super) struct Places<K> {
    all: usize,
    each: usize,
    held: Arc<Mutex<Held<K>>>,
}

#[derive(Debug)]
struct Held<K> {
    by_key: HashMap<K, VecDeque<(u64, oneshot::Sender<()>)>>,
    count: usize,
    next: u64,
}

/// A place, until it is dropped.
#[derive(Debug)]
pub(super) struct Place<K: Hash + Eq> {
    key: K,
    number: u64,
    held: Arc<Mutex<Held<K>>>,
    /// Comes to its end when somebody else has the place now.
    pub(super) given_away: oneshot::Receiver<()>,
}

impl<K: Hash + Eq + Clone> Places<K> {
    /// `all` places, of which one key has at most `each`.
    pub(super) fn new(all: usize, each: usize) -> Self {
        let held = Held { by_key: HashMap::new(), count: 0, next: 0 };
        Self { all: all.max(1), each: each.clamp(1, all.max(1)), held: Arc::new(Mutex::new(held)) }
    }

    /// Whether `key` has all that are for one.
    pub(super) fn has_its_share(&self, key: &K) -> bool {
        lock(&self.held).by_key.get(key).is_some_and(|places| places.len() >= self.each)
    }

    /// A place for `key`. If none is left, the oldest of the same key gives way, or, when the key has
    /// less than its share, the oldest of the key that has most.
    pub(super) fn take(&self, key: K) -> Place<K> {
        let mut held = lock(&self.held);
        let own = held.by_key.get(&key).map_or(0, VecDeque::len);
        if own >= self.each {
            held.give_away(&key);
        } else if held.count >= self.all {
            let most = held.by_key.iter().max_by_key(|(_, places)| places.len());
            if let Some(most) = most.map(|(key, _)| key.clone()) {
                held.give_away(&most);
            }
        }
        let number = held.next;
        held.next += 1;
        held.count += 1;
        let (ask_back, given_away) = oneshot::channel();
        held.by_key.entry(key.clone()).or_default().push_back((number, ask_back));
        Place { key, number, held: self.held.clone(), given_away }
    }
}

impl<K: Hash + Eq> Held<K> {
    fn give_away(&mut self, key: &K) {
        let Some(places) = self.by_key.get_mut(key) else { return };
        if let Some((_, holder)) = places.pop_front() {
            self.count -= 1;
            // He may be leaving already.
            let _ = holder.send(());
        }
        if places.is_empty() {
            self.by_key.remove(key);
        }
    }
}

impl<K: Hash + Eq> Drop for Place<K> {
    fn drop(&mut self) {
        let mut held = lock(&self.held);
        let Some(places) = held.by_key.get_mut(&self.key) else { return };
        // In the order of coming, so in the order of numbers.
        let Ok(at) = places.binary_search_by_key(&self.number, |(number, _)| *number) else {
            return;
        };
        places.remove(at);
        if places.is_empty() {
            held.by_key.remove(&self.key);
        }
        held.count -= 1;
    }
}

fn lock<K>(held: &Mutex<Held<K>>) -> MutexGuard<'_, Held<K>> {
    // Nothing in here panics half-way.
    held.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn has_it(place: &mut Place<&'static str>) -> bool {
        place.given_away.try_recv().is_err()
    }

    #[test]
    fn the_oldest_of_a_key_gives_way_to_its_newest() {
        let places = Places::new(10, 2);
        let mut all: Vec<_> = (0..4).map(|_| places.take("a")).collect();
        let mut other = places.take("b");
        assert!(has_it(&mut other) && places.has_its_share(&"a") && !places.has_its_share(&"b"));
        let have: Vec<_> = all.iter_mut().map(has_it).collect();
        assert_eq!(have, [false, false, true, true]);
        // A place that was given away is not given back twice.
        all.truncate(3);
        assert!(!places.has_its_share(&"a"));
        all.truncate(1);
        let _one = places.take("a");
        assert!(!places.has_its_share(&"a"));
    }

    #[test]
    fn when_all_are_taken_who_has_most_gives_way() {
        let places = Places::new(4, 3);
        let mut greedy: Vec<_> = (0..3).map(|_| places.take("greedy")).collect();
        let mut one = places.take("one");
        let mut two = places.take("two");
        assert!(has_it(&mut one) && has_it(&mut two) && !has_it(&mut greedy[0]));
        let mut three = places.take("three");
        assert!(has_it(&mut one) && has_it(&mut two) && has_it(&mut three));
        assert!(!has_it(&mut greedy[1]) && has_it(&mut greedy[2]));
        drop((greedy, one, two, three));
        assert_eq!(places.held.lock().expect("whole").count, 0, "nothing is left behind");
        assert!(places.held.lock().expect("whole").by_key.is_empty());
    }
}
