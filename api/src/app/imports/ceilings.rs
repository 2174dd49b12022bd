//! Ceilings of learning hours that stop: what a file adds to somebody's ledger is weighed like what an officer verifies.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, Datelike as _, NaiveDate, Utc};
use competency::{PolicyVersion, policy_on};
use development::{
    JP_TARGET_POLICY, JpBound, JpEnforcement, JpEntry, JpLedgerError, JpTargetRubric, LedgerFacts,
    counted_as_of,
};
use kernel::{AgencyId, EmployeeId, Hundredths};
use store::{JpLedgerRows, StoreError};
use workforce::EmployeeStatus;

use crate::app::imports::plan::Against;
use crate::dto::jp_ledger::{entries, reach_of};

/// The ledgers of those whom a ceiling may stop.
#[derive(Debug)]
pub(super) struct Ceilings {
    agency: AgencyId,
    today: NaiveDate,
    versions: Vec<PolicyVersion<JpTargetRubric>>,
    ledgers: BTreeMap<(EmployeeId, i32), JpLedgerRows>,
    /// People whose standing no ceiling that stops is about, by year.
    free: BTreeSet<(EmployeeId, i32)>,
    /// What the file adds, by person.
    planned: BTreeMap<EmployeeId, Vec<JpEntry>>,
}

impl Ceilings {
    /// Reads the rules.
    pub(super) async fn read(against: &Against<'_>) -> Result<Self, StoreError> {
        let versions = against.reader.policies_for::<JpTargetRubric>().await?;
        Ok(Self::of(against.agency, against.today, versions))
    }

    pub(super) fn of(
        agency: AgencyId,
        today: NaiveDate,
        versions: Vec<PolicyVersion<JpTargetRubric>>,
    ) -> Self {
        Self {
            agency,
            today,
            versions,
            ledgers: BTreeMap::new(),
            free: BTreeSet::new(),
            planned: BTreeMap::new(),
        }
    }

    fn policy(&self, year: i32) -> Option<&PolicyVersion<JpTargetRubric>> {
        let day = counted_as_of(year, self.today);
        policy_on(&self.versions, JP_TARGET_POLICY, self.agency, day, DateTime::<Utc>::MAX_UTC)
    }

    /// The standings for which a ceiling stops in a year; mostly none, and then no ledger is read.
    fn stopped(&self, year: i32) -> Vec<EmployeeStatus> {
        let rules = self.policy(year).map(|policy| policy.rubric.rules.as_slice()).unwrap_or_default();
        let stops = rules
            .iter()
            .filter(|rule| rule.bound == JpBound::AtMost && rule.enforcement == JpEnforcement::Stop);
        stops.flat_map(|rule| rule.statuses.iter().copied()).collect()
    }

    /// Reads the ledgers that hours earned on these days go into, where a ceiling may stop them.
    pub(super) async fn look_up(
        &mut self,
        against: &Against<'_>,
        wanted: impl Iterator<Item = (EmployeeId, NaiveDate)>,
    ) -> Result<(), StoreError> {
        let mut years: BTreeMap<i32, BTreeSet<EmployeeId>> = BTreeMap::new();
        for (employee, day) in wanted {
            years.entry(day.year()).or_default().insert(employee);
        }
        for (year, people) in years {
            let standings = self.stopped(year);
            if standings.is_empty() {
                continue;
            }
            let known = |one: &EmployeeId| {
                self.ledgers.contains_key(&(*one, year)) || self.free.contains(&(*one, year))
            };
            let people: Vec<EmployeeId> = people.into_iter().filter(|one| !known(one)).collect();
            let bound = against.reader.people_ever(&people, &standings).await?;
            for employee in people {
                let day = counted_as_of(year, self.today);
                let rows = match bound.contains(&employee) {
                    true => against.reader.jp_ledger_rows(employee, day, reach_of(year)).await?,
                    false => None,
                };
                match rows {
                    Some(rows) => drop(self.ledgers.insert((employee, year), rows)),
                    None => drop(self.free.insert((employee, year))),
                }
            }
        }
        Ok(())
    }

    /// Whether so many more hours stay below every ceiling that stops; the most that would, if not.
    ///
    /// # Errors
    /// The most hours that would.
    pub(super) fn admits(
        &self,
        employee: EmployeeId,
        day: NaiveDate,
        jp: Hundredths,
    ) -> Result<(), Hundredths> {
        let year = day.year();
        let (Some(rows), Some(policy)) = (self.ledgers.get(&(employee, year)), self.policy(year)) else {
            return Ok(());
        };
        let mut entries = entries(&rows.entries);
        let planned = self.planned.get(&employee).map(Vec::as_slice).unwrap_or_default();
        // What was planned and is written by now is in both.
        let known: BTreeSet<_> = entries.iter().map(|entry| entry.id).collect();
        entries.extend(planned.iter().filter(|entry| !known.contains(&entry.id)).cloned());
        let facts = LedgerFacts {
            year,
            today: self.today,
            spells: &rows.spells,
            job_class: rows.job_class,
            entries: &entries,
            policy,
        };
        match facts.admits(day, jp) {
            Err(JpLedgerError::Ceiling { over }) => {
                Err(Hundredths::from_count(jp.count().saturating_sub(over.count())))
            }
            Err(_) | Ok(()) => Ok(()),
        }
    }

    /// Counts what the file adds, where a ceiling may stop what comes after it.
    pub(super) fn plan(&mut self, entry: &JpEntry) {
        // A contract year lies in two calendar years, so a later row may ask about another ledger of the same person.
        if self.versions.iter().any(stops) {
            self.planned.entry(entry.employee).or_default().push(entry.clone());
        }
    }
}

fn stops(version: &PolicyVersion<JpTargetRubric>) -> bool {
    let mut rules = version.rubric.rules.iter();
    rules.any(|rule| rule.bound == JpBound::AtMost && rule.enforcement == JpEnforcement::Stop)
}

#[cfg(test)]
impl Ceilings {
    /// Somebody's ledger for a year.
    pub(super) fn with(mut self, employee: EmployeeId, year: i32, rows: JpLedgerRows) -> Self {
        self.ledgers.insert((employee, year), rows);
        self
    }
}
