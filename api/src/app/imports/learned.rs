//! What own learning and records of training have in common: whose they are, by which certificate, and where a value that
//! cannot stand is found.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use chrono::NaiveDate;
use development::{LearnedKey, UsedCertificate, certificate_key};
use kernel::{EmployeeId, Name, Nip, Violation, ViolationCode};
use store::{CertificateInUse, Reader, StoreError};

use crate::app::imports::plan::Plan;
use crate::messages::Advice;
use crate::sheets::{CertificateCells, cell_pointer};

/// The people of the part that is looked at, and what uses their certificates.
#[derive(Debug, Default)]
pub(super) struct Learners {
    people: BTreeMap<Nip, EmployeeId>,
    certificates: BTreeMap<(EmployeeId, String), Vec<CertificateInUse>>,
    /// What the parts so far add: a file says each thing once, however it writes it.
    claimed: HashSet<(EmployeeId, LearnedKey)>,
    /// The first day under which the parts so far add a certificate of this number.
    days: HashMap<(EmployeeId, String), NaiveDate>,
}

impl Learners {
    /// Reads those whom `rows` name, with their certificates of the numbers that are named.
    pub(super) async fn look_up<'a>(
        &mut self,
        reader: &Reader<'_>,
        rows: impl Iterator<Item = (&'a Nip, Option<&'a CertificateCells>)> + Clone,
    ) -> Result<Vec<EmployeeId>, StoreError> {
        let mut nips: Vec<&Nip> = rows.clone().map(|(nip, _)| nip).collect();
        nips.sort_unstable();
        nips.dedup();
        self.people = reader.employee_ids(&nips).await?;
        let key = |(nip, certificate): (&Nip, Option<&CertificateCells>)| {
            Some((*self.people.get(nip)?, certificate_key(&certificate?.number).ok()?))
        };
        let wanted: BTreeSet<_> = rows.filter_map(key).collect();
        let wanted: Vec<_> = wanted.into_iter().collect();
        self.certificates.clear();
        for one in reader.certificates_in_use(&wanted).await? {
            self.certificates.entry((one.employee, one.key.clone())).or_default().push(one);
        }
        Ok(self.people.values().copied().collect())
    }

    /// The person a row is about; noted when there is none.
    pub(super) fn person<W>(&self, plan: &mut Plan<W>, row: u32, nip: &Nip) -> Option<EmployeeId> {
        let found = self.people.get(nip).copied();
        if found.is_none() {
            plan.refuse(row, "nip", ViolationCode::NotFound, nip.as_str());
        }
        found
    }

    /// The certificate that cells tell of. Where they do not say its day it is the day somebody's certificate of that number
    /// is known by, on record or further up in the file, or else `ended_on`.
    pub(super) fn certificate(
        &self,
        employee: EmployeeId,
        cells: &CertificateCells,
        ended_on: NaiveDate,
    ) -> Option<UsedCertificate> {
        let key = (employee, certificate_key(&cells.number).ok()?);
        let issued_on = cells.issued_on.unwrap_or_else(|| {
            let uses = self.certificates.get(&key).map(Vec::as_slice).unwrap_or_default();
            let mut known: Vec<NaiveDate> = uses.iter().map(|one| one.issued_on).collect();
            known.extend(self.days.get(&key));
            known.iter().find(|day| **day == ended_on).or(known.first()).copied().unwrap_or(ended_on)
        });
        let CertificateCells { number, issued_on: _, valid_until } = cells.clone();
        Some(UsedCertificate { number, issued_on, valid_until })
    }

    /// What uses a certificate.
    pub(super) fn in_use(
        &self,
        employee: EmployeeId,
        certificate: &UsedCertificate,
    ) -> Option<&CertificateInUse> {
        let uses = self.certificates.get(&(employee, certificate.key().ok()?))?;
        uses.iter().find(|one| one.issued_on == certificate.issued_on)
    }

    /// Notes that a certificate is used already, which refuses the row.
    pub(super) fn refuse_used<W>(plan: &mut Plan<W>, row: u32, number: &Name) {
        let (code, advice) = (ViolationCode::Taken, Advice::CertificateUsed);
        plan.refuse_with(row, "certificate_number", code, number, advice);
    }

    /// Takes what a row adds for the file's. False, and noted, when a row before it did.
    pub(super) fn claim<W>(
        &mut self,
        plan: &mut Plan<W>,
        row: u32,
        employee: EmployeeId,
        key: LearnedKey,
        title: &Name,
    ) -> bool {
        let column = match &key {
            LearnedKey::Certificate(number, issued_on) => {
                self.days.entry((employee, number.clone())).or_insert(*issued_on);
                "certificate_number"
            }
            LearnedKey::Days(..) => "title",
        };
        let is_new = self.claimed.insert((employee, key));
        if !is_new {
            plan.refuse(row, column, ViolationCode::Duplicate, title);
        }
        is_new
    }
}

/// Notes what a domain's check found, each at the cell it is about.
pub(super) fn refuse_all<W>(plan: &mut Plan<W>, row: u32, found: Vec<Violation>) {
    for Violation { pointer, code, args } in found {
        let column = match pointer.as_str() {
            "/ended_on" => "ended_on",
            "/jp" => "jp",
            "/certificate_jp" => "certificate_jp",
            "/certificate" | "/certificate/number" => "certificate_number",
            "/certificate/issued_on" => "certificate_issued_on",
            "/certificate/valid_until" => "certificate_valid_until",
            units if units.starts_with("/units") => "units",
            _ => "title",
        };
        plan.findings.push(Violation { pointer: cell_pointer(row, column), code, args });
    }
}

#[cfg(test)]
impl Learners {
    /// Somebody, and what uses their certificates.
    pub(super) fn of(nip: &str, employee: EmployeeId, uses: Vec<CertificateInUse>) -> Self {
        let mut certificates: BTreeMap<_, Vec<_>> = BTreeMap::new();
        for one in uses {
            certificates.entry((employee, one.key.clone())).or_default().push(one);
        }
        let people = [(Nip::stored(nip.to_owned()), employee)].into();
        Self { people, certificates, ..Self::default() }
    }
}
