//! Who lacks hours, and the classes that may give them: people who are in the same situation are one group.
#![expect(
    clippy::indexing_slicing,
    clippy::as_conversions,
    reason = "the places are made here and never leave the crate; counts of people and offers fit 32 bits"
)]

use std::collections::{BTreeMap, BTreeSet, HashMap};

use crate::hours::cover::{Answer, Question, answer};
use crate::instance::Instance;
use crate::model::{Model, NONE};
use crate::solve::NoPlan;
use crate::value::eligible;

/// People who lack as many hours, have as much room and may take the same offers.
#[derive(Clone, Debug)]
pub(crate) struct Group {
    pub(crate) people: Vec<u32>,
    pub(crate) menu: usize,
    /// Hours lacking and hours below the ceiling, in units of the menu; enrolments left.
    pub(crate) lack: usize,
    pub(crate) room: usize,
    pub(crate) most: usize,
}

impl Group {
    pub(crate) fn size(&self) -> u32 {
        self.people.len() as u32
    }
}

/// Offers somebody may take.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Menu {
    may: Vec<u64>,
    /// What divides the hours of all of them.
    pub(crate) unit: i64,
}

impl Menu {
    pub(crate) fn has(&self, offer: u32) -> bool {
        self.may[offer as usize / 64] >> (offer % 64) & 1 == 1
    }
}

/// A person who lacks hours once the required enrolments are made.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Short {
    pub(crate) person: usize,
    pub(crate) hours: i64,
    pub(crate) profile: usize,
}

/// See the module.
pub(crate) struct Market<'a> {
    pub(crate) instance: &'a Instance,
    pub(crate) model: &'a Model,
    /// Whole rupiah; nothing fixed for a class that required enrolments open.
    pub(crate) price: Vec<i64>,
    pub(crate) fixed: Vec<i64>,
    /// What divides all of them.
    pub(crate) coin: i64,
    /// Seats there are people for.
    pub(crate) seats: Vec<u32>,
    pub(crate) groups: Vec<Group>,
    pub(crate) menus: Vec<Menu>,
    /// Offers by learning hours.
    pub(crate) shelves: Vec<(i64, Vec<u32>)>,
    /// Which of them each offer is on.
    pub(crate) shelf: Vec<usize>,
    /// Everybody who lacks hours, and how many did before the required enrolments.
    pub(crate) short: Vec<Short>,
    pub(crate) at_start: usize,
}

impl<'a> Market<'a> {
    /// Lays out who lacks hours.
    ///
    /// # Errors
    /// Where a class that required enrolments open cannot have the people it needs.
    pub(crate) fn new(instance: &'a Instance, model: &'a Model) -> Result<Self, NoPlan> {
        let mut market = Self {
            instance,
            model,
            price: model.price.clone(),
            fixed: model.fixed.clone(),
            coin: model.price.iter().chain(&model.fixed).fold(0, |coin, one| divisor(coin, *one)).max(1),
            seats: model.seats.clone(),
            groups: Vec::new(),
            menus: Vec::new(),
            shelves: Vec::new(),
            shelf: vec![0; model.offers],
            short: Vec::new(),
            at_start: 0,
        };
        let mut shelves: BTreeMap<i64, Vec<u32>> = BTreeMap::new();
        for offer in (0..model.offers).filter(|offer| model.jp[*offer] > 0 && model.seats[*offer] > 0) {
            shelves.entry(model.jp[offer]).or_default().push(offer as u32);
        }
        market.shelves = shelves.into_iter().collect();
        for (shelf, (_, offers)) in market.shelves.iter().enumerate() {
            offers.iter().for_each(|offer| market.shelf[*offer as usize] = shelf);
        }
        let profiles = market.list_short();
        let mut closed: Vec<bool> =
            (0..model.offers).map(|offer| model.seats[offer] < model.min[offer]).collect();
        // A class too few people can use is not there for anybody, so that others may get too few, too.
        loop {
            market.gather(&profiles, &closed);
            let users = market.users();
            let mut again = false;
            let mut lacking = Vec::new();
            for offer in 0..model.offers {
                market.seats[offer] = model.seats[offer].min(users[offer]);
                if market.seats[offer] >= model.min[offer] {
                    continue;
                }
                if model.open[offer] {
                    lacking.push(instance.offers[offer].id.clone());
                } else if users[offer] > 0 && !closed[offer] {
                    closed[offer] = true;
                    again = true;
                }
            }
            if !lacking.is_empty() {
                return Err(NoPlan::TooFew { offers: lacking, proven: true });
            }
            if !again {
                return Ok(market);
            }
        }
    }

    pub(crate) fn offers(&self) -> usize {
        self.price.len()
    }

    /// How many people the groups have.
    pub(crate) fn people(&self) -> u64 {
        self.groups.iter().map(|group| u64::from(group.size())).sum()
    }

    /// Whether a class costs something, or needs somebody, to run at all.
    pub(crate) fn hinges(&self, offer: usize) -> bool {
        !self.model.open[offer] && (self.fixed[offer] > 0 || self.model.min[offer] > 1)
    }

    /// Lists who lacks hours, and gives what they may take: one list for all who have the same properties.
    fn list_short(&mut self) -> Vec<Vec<u64>> {
        let (instance, model) = (self.instance, self.model);
        let mut named: HashMap<usize, Vec<u32>> = HashMap::new();
        let (mut units, mut groups) = (BTreeSet::new(), BTreeSet::new());
        let mut asked: BTreeMap<usize, BTreeSet<i64>> = BTreeMap::new();
        for (place, offer) in instance.offers.iter().enumerate() {
            if let Some(audience) = &offer.audience {
                for person in &audience.people {
                    named.entry(*person).or_default().push(place as u32);
                }
                units.extend(audience.units.iter().copied());
                groups.extend(audience.groups.iter().copied());
            }
            for (competency, level) in &offer.prerequisites {
                asked.entry(*competency).or_default().insert(*level);
            }
        }
        let mut barred: HashMap<usize, Vec<u32>> = HashMap::new();
        for (person, offer) in &instance.forbidden {
            barred.entry(*person).or_default().push(*offer as u32);
        }
        barred.values_mut().for_each(|offers| offers.sort_unstable());
        let mut known: HashMap<Vec<u32>, usize> = HashMap::new();
        let mut profiles = Vec::new();
        for (who, person) in instance.people.iter().enumerate() {
            let Some(lack) = person.jp_wish.filter(|lack| *lack > 0) else { continue };
            self.at_start += 1;
            let forced: &[u32] = model.forced.get(&who).map_or(&[], Vec::as_slice);
            let hours = lack - forced.iter().map(|offer| model.jp[*offer as usize]).sum::<i64>();
            if hours <= 0 {
                continue;
            }
            let mut key = Vec::new();
            let unit = person.unit.filter(|unit| units.contains(unit));
            key.push(unit.map_or(NONE, |unit| unit as u32));
            key.extend(person.groups.intersection(&groups).map(|group| *group as u32));
            key.push(NONE);
            for (competency, levels) in &asked {
                let held = person.holds.get(competency);
                key.push(held.map_or(0, |held| levels.range(..=*held).count() as u32));
            }
            for exceptions in [named.get(&who), barred.get(&who)] {
                key.extend(exceptions.into_iter().flatten());
                key.push(NONE);
            }
            key.extend(forced);
            let profile = *known.entry(key).or_insert_with(|| {
                profiles.push(self.menu(who, forced));
                profiles.len() - 1
            });
            self.short.push(Short { person: who, hours, profile });
        }
        profiles
    }

    fn menu(&self, who: usize, forced: &[u32]) -> Vec<u64> {
        let mut may = vec![0; self.offers().div_ceil(64)];
        for offer in self.shelves.iter().flat_map(|(_, offers)| offers) {
            let apart = |other: &u32| other != offer && !self.model.clash(*other as usize, *offer as usize);
            if forced.iter().all(apart) && eligible(self.instance, who, *offer as usize).is_ok() {
                may[*offer as usize / 64] |= 1 << (offer % 64);
            }
        }
        may
    }

    /// Makes menus and groups, without the classes that are `closed`, of the people who can get there at all.
    fn gather(&mut self, profiles: &[Vec<u64>], closed: &[bool]) {
        let mut menus: BTreeMap<Vec<u64>, usize> = BTreeMap::new();
        self.menus.clear();
        let of_profile: Vec<usize> = profiles
            .iter()
            .map(|profile| {
                let mut may = profile.clone();
                for (offer, closed) in closed.iter().enumerate().filter(|(_, closed)| **closed) {
                    debug_assert!(*closed, "only those");
                    may[offer / 64] &= !(1 << (offer % 64));
                }
                *menus.entry(may).or_insert_with_key(|may| {
                    let has = |offer: &&u32| may[**offer as usize / 64] >> (**offer % 64) & 1 == 1;
                    let hours = self.shelves.iter().filter(|(_, offers)| offers.iter().any(|one| has(&one)));
                    let unit = hours.fold(0, |unit, (hours, _)| divisor(unit, *hours));
                    self.menus.push(Menu { may: may.clone(), unit });
                    self.menus.len() - 1
                })
            })
            .collect();
        let longest: Vec<i64> = self
            .menus
            .iter()
            .map(|menu| {
                let has = |(_, offers): &&(i64, Vec<u32>)| offers.iter().any(|offer| menu.has(*offer));
                self.shelves.iter().rev().find(has).map_or(0, |(hours, _)| *hours)
            })
            .collect();
        let mut groups: BTreeMap<(usize, i64, i64, u32), Vec<u32>> = BTreeMap::new();
        for Short { person, hours, profile } in &self.short {
            let menu = of_profile[*profile];
            let unit = self.menus[menu].unit;
            if unit == 0 {
                continue;
            }
            let lack = hours.div_euclid(unit) + i64::from(hours.rem_euclid(unit) > 0);
            // No class more than is needed: the last one may go beyond what is lacking by less than it has.
            let room = self.model.jp_room[*person].div_euclid(unit).min(lack + longest[menu] / unit - 1);
            let most = self.model.room[*person].min(u32::try_from(lack).unwrap_or(u32::MAX));
            if room >= lack && most > 0 {
                groups.entry((menu, lack, room, most)).or_default().push(*person as u32);
            }
        }
        self.groups = groups
            .into_iter()
            .map(|((menu, lack, room, most), people)| Group {
                people,
                menu,
                lack: lack as usize,
                room: room as usize,
                most: most as usize,
            })
            .collect();
        let mut groups = std::mem::take(&mut self.groups);
        groups.retain(|group| {
            let menu = &self.menus[group.menu];
            let question = Question {
                lack: group.lack as i64 * menu.unit,
                room: group.room as i64 * menu.unit,
                most: group.most,
            };
            let items = self.shelves.iter().rev().flat_map(|(hours, offers)| {
                offers.iter().filter(|offer| menu.has(**offer)).map(|offer| (*hours, *offer as usize))
            });
            answer(question, items, |one, other| self.model.clash(one, other)) != Answer::Nothing
        });
        self.groups = groups;
    }

    /// How many people could use each offer.
    fn users(&self) -> Vec<u32> {
        let mut users = vec![0; self.offers()];
        for group in &self.groups {
            let menu = &self.menus[group.menu];
            let room = group.room as i64 * menu.unit;
            for (_, offers) in self.shelves.iter().take_while(|(hours, _)| *hours <= room) {
                for offer in offers.iter().filter(|offer| menu.has(**offer)) {
                    users[*offer as usize] += group.size();
                }
            }
        }
        users
    }
}

/// The greatest common divisor.
fn divisor(one: i64, other: i64) -> i64 {
    if other == 0 { one } else { divisor(other, one % other) }
}
