//! Why somebody does not get the hours they lack: the limit without which they would, found out by trying.

use std::collections::HashMap;

use crate::hours::cover::{Answer, Question, answer};
use crate::hours::market::{Market, Short};
use crate::reasons::{Reason, same_day, same_step};
use crate::value::{invited, ready};

/// Limits, in the order in which they are told.
const LIMITS: [Reason; 9] = [
    Reason::Forbidden,
    Reason::Audience,
    Reason::Prerequisite,
    Reason::JpCeiling,
    Reason::ActivityLimit,
    Reason::Dates,
    Reason::SameStep,
    Reason::Seats,
    Reason::MinSeats,
];

/// A plan as far as reasons need it.
pub(crate) struct Grounds<'a> {
    market: &'a Market<'a>,
    /// People of each class beyond the required ones.
    heads: Vec<u32>,
    /// Reasons found before, by what people have in common.
    known: HashMap<(usize, i64, i64, u32), Reason>,
}

impl<'a> Grounds<'a> {
    pub(crate) fn new(market: &'a Market<'a>, heads: Vec<u32>) -> Self {
        Self { market, heads, known: HashMap::new() }
    }

    /// Why `short` does not get there. Where one limit alone stands in the way it is that one; otherwise the limits are imposed one
    /// after the other, and it is the first with which they cannot get there.
    pub(crate) fn reason(&mut self, short: &Short) -> Reason {
        let model = self.market.model;
        let room = model.jp_room.get(short.person).copied().unwrap_or_default();
        let most = model.room.get(short.person).copied().unwrap_or_default();
        let key = (short.profile, short.hours, room, most);
        if let Some(reason) = self.known.get(&key) {
            return *reason;
        }
        let reason = self.find(short, room, most);
        self.known.insert(key, reason);
        reason
    }

    fn find(&self, short: &Short, room: i64, most: u32) -> Reason {
        let possible = |imposed: &dyn Fn(Reason) -> bool| self.possible(short, room, most, imposed);
        if !possible(&|_| false) {
            return Reason::NoOffer;
        }
        if possible(&|_| true) {
            return Reason::TimeLimit;
        }
        if let Some(alone) = LIMITS.iter().find(|limit| possible(&|one| one != **limit)) {
            return *alone;
        }
        let mut imposed = Vec::new();
        for limit in LIMITS {
            imposed.push(limit);
            if !possible(&|one| imposed.contains(&one)) {
                return limit;
            }
        }
        Reason::TimeLimit
    }

    /// Whether there are enough hours for somebody where only some limits are imposed, beside what everybody else has.
    fn possible(&self, short: &Short, room: i64, most: u32, imposed: &dyn Fn(Reason) -> bool) -> bool {
        let (instance, model) = (self.market.instance, self.market.model);
        let Some(person) = instance.people.get(short.person) else { return false };
        let forced = model.forced.get(&short.person).map(Vec::as_slice).unwrap_or_default();
        let forced = || forced.iter().filter_map(|offer| usize::try_from(*offer).ok());
        let clash = |one: usize, other: usize| {
            let (Some(one), Some(other)) = (instance.offers.get(one), instance.offers.get(other)) else {
                return false;
            };
            imposed(Reason::Dates) && same_day(one, other)
                || imposed(Reason::SameStep) && instance.one_offer_per_step && same_step(one, other)
        };
        let items = instance.offers.iter().enumerate().filter(|(place, offer)| {
            let seats = model.seats.get(*place).copied().unwrap_or_default();
            let heads = self.heads.get(*place).copied().unwrap_or_default();
            let runs = heads > 0 || model.open.get(*place).is_some_and(|open| *open);
            let barred = |reason: Reason, so: bool| so && imposed(reason);
            let is_forced = forced().any(|one| one == *place);
            let forbidden = instance.forbidden.contains(&(short.person, *place));
            !(is_forced
                || barred(Reason::Forbidden, forbidden)
                || barred(Reason::Audience, !invited(person, short.person, offer))
                || barred(Reason::Prerequisite, !ready(person, offer))
                || barred(Reason::Seats, heads >= seats)
                || barred(Reason::MinSeats, !runs && offer.min_seats > 1)
                || forced().any(|one| clash(one, *place)))
        });
        let question = Question {
            lack: short.hours,
            room: if imposed(Reason::JpCeiling) { room } else { i64::MAX / 4 },
            most: if imposed(Reason::ActivityLimit) {
                usize::try_from(most).unwrap_or(usize::MAX)
            } else {
                usize::MAX
            },
        };
        answer(question, items.map(|(place, offer)| (offer.jp, place)), clash) != Answer::Nothing
    }
}
