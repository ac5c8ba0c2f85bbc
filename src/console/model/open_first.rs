//! A list in which what is open comes first and what was closed below it.
//!
//! The cursor is a row, never a place. While one is under review (a dialog is open, or its details
//! have the keys) no row enters, leaves or moves, and what came meanwhile is counted. A row that
//! closes under the cursor keeps its place until the cursor leaves it.

use std::collections::{BTreeMap, BTreeSet};

use crate::console::model::CursorList;
use crate::console::model::filter::{Filter, Filtered};

/// A row of such a list.
pub trait Opened: Filtered {
    type Id: Copy + Ord;
    type Place: Ord;

    fn id(&self) -> Self::Id;
    fn is_open(&self) -> bool;
    /// Where it stands in the list; `stays` says that it stands where it stood while it was open.
    fn place(&self, stays: bool) -> Self::Place;
}

#[derive(Clone, Debug)]
pub struct OpenFirst<R: Opened> {
    rows: BTreeMap<R::Id, R>,
    pub list: CursorList<R::Id>,
    /// Rows that came while nothing could enter.
    arrived: BTreeSet<R::Id>,
    /// The list is not what it would be if it were made now.
    outdated: bool,
    /// Closed while the cursor was on it: it stands where it stood.
    stays: Option<R::Id>,
    pub filter: Filter,
    /// The list was read at least once.
    pub loaded: bool,
}

impl<R: Opened> Default for OpenFirst<R> {
    fn default() -> Self {
        Self {
            rows: BTreeMap::new(),
            list: CursorList::default(),
            arrived: BTreeSet::new(),
            outdated: false,
            stays: None,
            filter: Filter::default(),
            loaded: false,
        }
    }
}

impl<R: Opened> OpenFirst<R> {
    /// Open rows that are known.
    pub fn open(&self) -> usize {
        self.iter().filter(|row| row.is_open()).count()
    }

    /// Rows that wait to enter.
    pub fn arrived(&self) -> usize {
        self.arrived.len()
    }

    pub fn get(&self, id: R::Id) -> Option<&R> {
        self.rows.get(&id)
    }

    /// Every row that is known, by its id.
    pub fn iter(&self) -> impl Iterator<Item = &R> {
        self.rows.values()
    }

    pub fn selected(&self) -> Option<&R> {
        self.rows.get(&self.list.selected?)
    }

    /// The rows of the window.
    pub fn window(&self, height: usize) -> impl Iterator<Item = &R> {
        let ids = self.list.window(height);
        ids.filter_map(|id| self.rows.get(&id))
    }

    /// Takes news of the store. `still` says that something is under review.
    pub fn take(&mut self, news: Vec<R>, whole: bool, still: bool, height: usize) {
        if whole {
            self.forget_all_but(&news, still);
        }
        self.loaded |= whole;
        let mut changed = Vec::with_capacity(news.len());
        for row in news {
            let (id, shut) = (row.id(), !row.is_open());
            changed.push(id);
            let before = self.rows.insert(id, row);
            let closes = shut && before.is_some_and(|before| before.is_open());
            if closes && self.list.selected == Some(id) {
                self.stays = Some(id);
            }
        }
        if still && !self.list.is_empty() {
            self.wait(&changed);
        } else {
            self.settle(height);
        }
    }

    /// Lets in what waited, and sorts and filters anew.
    pub fn settle(&mut self, height: usize) {
        self.arrived.clear();
        self.outdated = false;
        if self.stays != self.list.selected {
            self.stays = None;
        }
        let Self {
            rows,
            list,
            filter,
            stays,
            ..
        } = self;
        let (selected, mut sieve) = (list.selected, filter.sieve());
        let shown = |row: &&R| selected == Some(row.id()) || sieve.lets_through(*row);
        let mut order: Vec<&R> = rows.values().filter(shown).collect();
        order.sort_by_key(|row| row.place(*stays == Some(row.id())));
        let order = order.into_iter().map(R::id).collect();
        list.change(height, |shown| *shown = order);
    }

    /// Lists what the filter lets through, the cursor on its row if that is among them.
    pub fn refilter(&mut self, filter: Filter, height: usize) {
        self.filter = filter;
        let mut sieve = self.filter.sieve();
        let passes = |id| {
            self.rows
                .get(&id)
                .is_some_and(|row| sieve.lets_through(row))
        };
        if !self.list.selected.is_some_and(passes) {
            self.list.selected = None;
            self.list.top = 0;
        }
        self.settle(height);
    }

    /// After the cursor moved: what stayed only for it goes where it belongs, and what waited
    /// comes in.
    pub fn left(&mut self, height: usize) {
        let stayed = self.stays.is_some() && self.stays != self.list.selected;
        if stayed || self.outdated {
            self.settle(height);
        }
    }

    /// Counts what is new, and leaves the list alone.
    fn wait(&mut self, changed: &[R::Id]) {
        self.outdated = true;
        let shown: BTreeSet<R::Id> = self.list.iter().collect();
        let (rows, mut sieve) = (&self.rows, self.filter.sieve());
        let new = changed.iter().filter(|id| {
            let row = rows.get(id);
            !shown.contains(*id) && row.is_some_and(|row| sieve.lets_through(row))
        });
        self.arrived.extend(new);
        self.arrived
            .retain(|id| rows.get(id).is_some_and(R::is_open));
    }

    /// What a whole list does not hold any more is gone, but what is under review.
    fn forget_all_but(&mut self, news: &[R], still: bool) {
        let known: BTreeSet<R::Id> = news.iter().map(R::id).collect();
        let kept: BTreeSet<R::Id> = if still {
            self.list.iter().collect()
        } else {
            self.list.selected.into_iter().collect()
        };
        self.rows
            .retain(|id, _| known.contains(id) || kept.contains(id));
    }
}
