//! Pages of a list.

/// How many items a page may hold, 1 to 200.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limit(u16);

impl Limit {
    /// The largest page.
    pub const MAX: u16 = 200;
    /// The page size when the caller names none.
    pub const DEFAULT: Self = Self(50);

    /// How many items are read at once of a list that is walked through: not for callers to ask for.
    pub const BATCH: Self = Self(1_000);
    /// The same where finding the page costs far more than reading it.
    pub const LARGE_BATCH: Self = Self(5_000);

    /// A page size, or `None` outside 1 to 200.
    #[must_use]
    pub fn new(value: u16) -> Option<Self> {
        (1..=Self::MAX).contains(&value).then_some(Self(value))
    }

    /// The number of items.
    #[must_use]
    pub const fn get(self) -> u16 {
        self.0
    }

    /// One more than fits, so that a reader can tell whether another page follows.
    #[must_use]
    pub fn probe(self) -> u64 {
        u64::from(self.0) + 1
    }
}

/// Part of a list, and where the next part begins.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Page<T> {
    /// The items, in the list's order.
    pub items: Vec<T>,
    /// The sort key of the last item when more follow.
    pub next: Option<Vec<String>>,
}

impl<T> Page<T> {
    /// Cuts what a query for [`Limit::probe`] rows returned into a page; `key` is the sort key of an item.
    #[must_use]
    pub fn cut(mut items: Vec<T>, limit: Limit, key: impl Fn(&T) -> Vec<String>) -> Self {
        let fits = usize::from(limit.get());
        let more = items.len() > fits;
        items.truncate(fits);
        let next = if more { items.last().map(key) } else { None };
        Self { items, next }
    }

    /// The same page with every item mapped.
    #[must_use]
    pub fn map<U>(self, f: impl FnMut(T) -> U) -> Page<U> {
        Page { items: self.items.into_iter().map(f).collect(), next: self.next }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_that_is_exactly_full_has_no_next() {
        let limit = Limit::new(2).unwrap();
        let key = |n: &i32| vec![n.to_string()];
        assert_eq!(Page::cut(vec![1, 2], limit, key).next, None);
        let page = Page::cut(vec![1, 2, 3], limit, key);
        assert_eq!((page.items, page.next), (vec![1, 2], Some(vec!["2".to_owned()])));
    }

    #[test]
    fn limits_outside_the_contract_are_refused() {
        assert!(Limit::new(0).is_none() && Limit::new(201).is_none());
        assert_eq!(Limit::new(200).map(Limit::probe), Some(201));
    }
}
