//! Ledgers of learning hours: entries, which are never changed, and their sums.

use access::Pass;
use chrono::{Datelike as _, NaiveDate};
use development::{
    JpEntry, JpEntryBasis, JpEntryKind, JpSource, JpSum, ServiceSpell, UsedCertificate, certificate_key,
};
use entities::jp_entries;
use kernel::{AgencyId, Code, EmployeeId, Hundredths, JpEntryId, LongText, Name, UserId};
use sea_orm::ActiveValue::Set;
use sea_orm::sea_query::LockType;
use sea_orm::{
    ColumnTrait as _, ConnectionTrait as _, EntityTrait as _, FromQueryResult, QueryFilter as _,
    QuerySelect as _, raw_sql,
};
use uuid::Uuid;
use workforce::{EmployeeStatus, JobClass};

use crate::rows::{code, known, long_text, name};
use crate::sentence::Sentence;
use crate::{Reader, Store, StoreError, Tx};

/// Hours to credit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct JpCreditDraft {
    /// To whom.
    pub employee: EmployeeId,
    /// Where they come from.
    pub source: JpSource,
    /// The completion or the own learning.
    pub source_id: Uuid,
    /// The day the learning ended, in the agency.
    pub earned_on: NaiveDate,
    /// The hours.
    pub jp: Hundredths,
    /// By what they were counted.
    pub basis: JpEntryBasis,
    /// What was learned.
    pub title: Name,
    /// Code of the form.
    pub form: Option<Code>,
    /// The certificate.
    pub certificate: Option<UsedCertificate>,
}

/// What crediting came to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum JpCredited {
    /// The entry stands now.
    Now(Box<JpEntry>),
    /// It stood before: the same was told again.
    Before,
    /// Another source has brought the same certificate; nothing was credited.
    SameCertificate {
        /// What brought it.
        source: JpSource,
        /// Which one.
        source_id: Uuid,
    },
}

/// An entry, and whether another one has taken it back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct JpEntryRow {
    /// The entry.
    pub entry: JpEntry,
    /// Whether a counter-entry takes it back.
    pub reversed: bool,
}

/// What a ledger is made from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct JpLedgerRows {
    /// The person's standings, earliest first.
    pub spells: Vec<ServiceSpell>,
    /// The class of the position held on the day asked about.
    pub job_class: Option<JobClass>,
    /// The entries of the year, and those of contract years that reach into it.
    pub entries: Vec<JpEntryRow>,
}

pub(crate) fn entry(row: jp_entries::Model) -> Result<JpEntry, StoreError> {
    let certificate = match (row.certificate_number, row.certificate_on) {
        (Some(number), Some(issued_on)) => {
            Some(UsedCertificate { number: name(number), issued_on, valid_until: row.valid_until })
        }
        _ => None,
    };
    Ok(JpEntry {
        id: row.id.into(),
        employee: row.employee_id.into(),
        kind: known(JpEntryKind::parse(&row.kind), "jp_entries.kind")?,
        source: known(JpSource::parse(&row.source), "jp_entries.source")?,
        source_id: row.source_id,
        earned_on: row.earned_on,
        jp: JpSum::from_count(row.hundredths),
        basis: known(JpEntryBasis::parse(&row.basis), "jp_entries.basis")?,
        title: name(row.title),
        form: row.form.map(code),
        certificate,
        corrects: row.corrects_id.map(JpEntryId::from),
        reason: row.reason.map(long_text),
        recorded_at: row.recorded_at,
        recorded_by: row.recorded_by.map(UserId::from),
    })
}

#[derive(FromQueryResult)]
struct EntryRecord {
    #[sea_orm(nested)]
    entry: jp_entries::Model,
    reversed: bool,
}

impl EntryRecord {
    fn domain(self) -> Result<JpEntryRow, StoreError> {
        Ok(JpEntryRow { entry: entry(self.entry)?, reversed: self.reversed })
    }
}

#[derive(FromQueryResult)]
struct SpellRecord {
    status: String,
    appointed_on: Option<NaiveDate>,
    ended_on: Option<NaiveDate>,
}

#[derive(FromQueryResult)]
struct ClaimRecord {
    source: String,
    source_id: Uuid,
}

impl Reader<'_> {
    /// What the ledger of `employee` for a year is made from: entries earned from `first` to `last`, and the class of the
    /// position held on `day`. None for a person the scope does not reach.
    ///
    /// # Errors
    /// The database's.
    pub async fn jp_ledger_rows(
        &self,
        employee: EmployeeId,
        day: NaiveDate,
        (first, last): (NaiveDate, NaiveDate),
    ) -> Result<Option<JpLedgerRows>, StoreError> {
        let Some(spells) = self.service_spells(employee).await? else { return Ok(None) };
        let held = self.placement_on(employee, day, None).await?.and_then(|row| row.held);
        let entries = self.jp_entry_rows(Some(employee), None, Some((first, last))).await?;
        Ok(Some(JpLedgerRows { spells, job_class: held.map(|held| held.job_class), entries }))
    }

    /// The standings somebody has had, earliest first, the present one last. None for a person the scope does not reach.
    ///
    /// # Errors
    /// The database's.
    pub async fn service_spells(
        &self,
        employee: EmployeeId,
    ) -> Result<Option<Vec<ServiceSpell>>, StoreError> {
        let mut sentence = Sentence::new(
            "SELECT x.status, x.appointed_on, x.ended_on
             FROM employees e
             CROSS JOIN LATERAL (
                SELECT f.status, f.appointed_on, f.ended_on FROM former_standings f
                WHERE f.agency_id = e.agency_id AND f.employee_id = e.id
                UNION ALL SELECT e.status, e.appointed_on, NULL) x
             WHERE e.agency_id = $1 AND ($2::date IS NOT NULL)",
            [self.agency().into(), self.today.into()],
        );
        sentence.push(" AND e.id = {}", [employee.uuid().into()]);
        sentence.within("e.id", self.people());
        sentence.push(" ORDER BY x.ended_on NULLS LAST", []);
        let rows = SpellRecord::find_by_statement(sentence.finish()).all(&self.db).await?;
        if rows.is_empty() {
            return Ok(None);
        }
        let spell = |row: SpellRecord| {
            Ok(ServiceSpell {
                status: known(EmployeeStatus::parse(&row.status), "former_standings.status")?,
                appointed_on: row.appointed_on,
                last: row.ended_on,
            })
        };
        rows.into_iter().map(spell).collect::<Result<_, _>>().map(Some)
    }

    /// One entry of the ledger of somebody the scope reaches.
    ///
    /// # Errors
    /// The database's.
    pub async fn jp_entry(&self, id: JpEntryId) -> Result<Option<JpEntryRow>, StoreError> {
        Ok(self.jp_entry_rows(None, Some(id), None).await?.pop())
    }

    async fn jp_entry_rows(
        &self,
        employee: Option<EmployeeId>,
        id: Option<JpEntryId>,
        days: Option<(NaiveDate, NaiveDate)>,
    ) -> Result<Vec<JpEntryRow>, StoreError> {
        let mut sentence = Sentence::new(
            "SELECT j.agency_id, j.id, j.employee_id, j.kind, j.source, j.source_id, j.earned_on, j.hundredths, j.basis,
                    j.title, j.form, j.certificate_number, j.certificate_on, j.valid_until, j.corrects_id, j.reason,
                    j.recorded_at, j.recorded_by, r.id IS NOT NULL AS reversed
             FROM jp_entries j
             LEFT JOIN jp_entries r ON r.agency_id = j.agency_id AND r.corrects_id = j.id AND r.kind = 'REVERSAL'
             WHERE j.agency_id = $1 AND ($2::date IS NOT NULL)",
            [self.agency().into(), self.today.into()],
        );
        sentence.maybe(" AND j.employee_id = {}", employee.map(EmployeeId::uuid));
        sentence.maybe(" AND j.id = {}", id.map(JpEntryId::uuid));
        if let Some((first, last)) = days {
            sentence.push(" AND j.earned_on BETWEEN {} AND {}", [first.into(), last.into()]);
        }
        sentence.within("j.employee_id", self.people());
        sentence.push(" ORDER BY j.earned_on, j.recorded_at, j.id", []);
        let rows = EntryRecord::find_by_statement(sentence.finish()).all(&self.db).await?;
        rows.into_iter().map(EntryRecord::domain).collect()
    }
}

impl Tx<'_> {
    /// Keeps a person's ledger from being written by others until this transaction ends. Whoever credits several people
    /// takes them in the order of their ids.
    ///
    /// # Errors
    /// The database's.
    pub async fn jp_ledger_lock(&self, pass: &Pass, employee: EmployeeId) -> Result<(), StoreError> {
        let key = (pass.agency().uuid(), employee.uuid());
        entities::employees::Entity::find_by_id(key).lock(LockType::NoKeyUpdate).one(&self.db).await?;
        Ok(())
    }

    /// Credits hours, once for each source and calendar year, and once for each certificate. The caller records what happened: this is a
    /// part of a completion, or of a verification.
    ///
    /// # Errors
    /// `Missing("/employee_id")`.
    pub async fn jp_credit(&self, pass: &Pass, credit: &JpCreditDraft) -> Result<JpCredited, StoreError> {
        self.jp_ledger_lock(pass, credit.employee).await?;
        let before = jp_entries::Entity::find()
            .filter(jp_entries::Column::AgencyId.eq(pass.agency().uuid()))
            .filter(jp_entries::Column::Source.eq(credit.source.as_str()))
            .filter(jp_entries::Column::SourceId.eq(credit.source_id))
            .filter(jp_entries::Column::Kind.eq(JpEntryKind::Credit.as_str()))
            .all(&self.db)
            .await?;
        if before.iter().any(|before| before.earned_on.year() == credit.earned_on.year()) {
            return Ok(JpCredited::Before);
        }
        if let Some(certificate) = &credit.certificate {
            let other = self.certificate_claim(pass, credit, certificate).await?;
            if let Some((source, source_id)) = other {
                return Ok(JpCredited::SameCertificate { source, source_id });
            }
        }
        let JpCreditDraft { employee, source, source_id, earned_on, jp, basis, title, form, certificate } =
            credit.clone();
        let entry = JpEntry {
            id: JpEntryId::new(),
            employee,
            kind: JpEntryKind::Credit,
            source,
            source_id,
            earned_on,
            jp: jp.into(),
            basis,
            title,
            form,
            certificate,
            corrects: None,
            reason: None,
            recorded_at: self.now(),
            recorded_by: pass.user(),
        };
        self.jp_entries_insert(pass, std::slice::from_ref(&entry)).await?;
        Ok(JpCredited::Now(Box::new(entry)))
    }

    /// Adds entries and keeps the sums; the caller holds [`Tx::jp_ledger_lock`].
    ///
    /// # Errors
    /// `Taken("/corrects_id")` when another one took the same entry back.
    pub async fn jp_entries_insert(&self, pass: &Pass, entries: &[JpEntry]) -> Result<(), StoreError> {
        let agency = pass.agency().uuid();
        let row = |entry: &JpEntry| {
            let certificate = entry.certificate.as_ref();
            jp_entries::ActiveModel {
                agency_id: Set(agency),
                id: Set(entry.id.uuid()),
                employee_id: Set(entry.employee.uuid()),
                kind: Set(entry.kind.as_str().to_owned()),
                source: Set(entry.source.as_str().to_owned()),
                source_id: Set(entry.source_id),
                earned_on: Set(entry.earned_on),
                hundredths: Set(entry.jp.count()),
                basis: Set(entry.basis.as_str().to_owned()),
                title: Set(entry.title.to_string()),
                form: Set(entry.form.as_ref().map(ToString::to_string)),
                certificate_number: Set(certificate.map(|one| one.number.to_string())),
                certificate_on: Set(certificate.map(|one| one.issued_on)),
                valid_until: Set(certificate.and_then(|one| one.valid_until)),
                corrects_id: Set(entry.corrects.map(JpEntryId::uuid)),
                reason: Set(entry.reason.as_ref().map(ToString::to_string)),
                recorded_at: Set(entry.recorded_at),
                recorded_by: Set(entry.recorded_by.map(UserId::uuid)),
            }
        };
        jp_entries::Entity::insert_many(entries.iter().map(row)).exec_without_returning(&self.db).await?;
        Ok(())
    }

    /// Takes back what a source was credited with, when its certificate is revoked for instance; the certificate may be
    /// used again. One counter-entry for each year; none when nothing is left of it. The caller records it.
    ///
    /// # Errors
    /// The database's.
    pub async fn jp_take_back(
        &self,
        pass: &Pass,
        source: JpSource,
        source_id: Uuid,
        reason: &LongText,
    ) -> Result<Vec<JpEntry>, StoreError> {
        let (agency, from) = (pass.agency().uuid(), source.as_str());
        let statement = raw_sql!(
            Postgres,
            "SELECT j.agency_id, j.id, j.employee_id, j.kind, j.source, j.source_id, j.earned_on, j.hundredths, j.basis,
                    j.title, j.form, j.certificate_number, j.certificate_on, j.valid_until, j.corrects_id, j.reason,
                    j.recorded_at, j.recorded_by
             FROM jp_entries j
             WHERE j.agency_id = {agency} AND j.source = {from} AND j.source_id = {source_id} AND j.kind <> 'REVERSAL'
               AND NOT EXISTS (
                SELECT FROM jp_entries r
                WHERE r.agency_id = j.agency_id AND r.corrects_id = j.id AND r.kind = 'REVERSAL')"
        );
        let live = jp_entries::Model::find_by_statement(statement).all(&self.db).await?;
        let live = live.into_iter().map(entry).collect::<Result<Vec<_>, _>>()?;
        let Some(one) = live.first() else { return Ok(Vec::new()) };
        self.jp_ledger_lock(pass, one.employee).await?;
        let taken_back = |live: JpEntry| JpEntry {
            id: JpEntryId::new(),
            kind: JpEntryKind::Reversal,
            jp: live.jp.taken_back(),
            corrects: Some(live.id),
            reason: Some(reason.clone()),
            recorded_at: self.now(),
            recorded_by: pass.user(),
            ..live
        };
        let back: Vec<JpEntry> = live.into_iter().map(taken_back).collect();
        self.jp_entries_insert(pass, &back).await?;
        self.certificate_release(pass, source, source_id).await?;
        Ok(back)
    }

    /// Makes the sums of an agency anew from its entries; whoever writes entries meanwhile waits.
    ///
    /// # Errors
    /// The database's.
    pub async fn jp_sums_rebuild(&self, pass: &Pass) -> Result<(), StoreError> {
        let agency = pass.agency().uuid();
        self.db.execute_unprepared("LOCK TABLE jp_entries IN SHARE ROW EXCLUSIVE MODE").await?;
        for statement in [
            raw_sql!(Postgres, "DELETE FROM jp_years WHERE agency_id = {agency}"),
            raw_sql!(Postgres, "DELETE FROM jp_contract_years WHERE agency_id = {agency}"),
            raw_sql!(Postgres, "DELETE FROM jp_sums WHERE agency_id = {agency}"),
            raw_sql!(
                Postgres,
                "UPDATE jp_standings SET holds_until = '-infinity' WHERE agency_id = {agency}"
            ),
            raw_sql!(
                Postgres,
                "INSERT INTO jp_years (agency_id, year, employee_id, hundredths)
                 SELECT {agency}, extract(year FROM earned_on)::integer, employee_id, sum(hundredths)::bigint
                 FROM jp_entries WHERE agency_id = {agency} GROUP BY 2, 3"
            ),
            raw_sql!(
                Postgres,
                "INSERT INTO jp_contract_years (agency_id, status, starts_on, employee_id, hundredths)
                 SELECT {agency}, c.status, c.starts_on, j.employee_id, sum(j.hundredths)::bigint
                 FROM jp_entries j, jp_contract_year_on({agency}, j.employee_id, j.earned_on) c
                 WHERE j.agency_id = {agency} GROUP BY 2, 3, 4"
            ),
        ] {
            self.db.execute_raw(statement).await?;
        }
        Ok(())
    }

    /// Uses a certificate for a source; whoever used it before is returned, and a transaction that is about to is waited for.
    async fn certificate_claim(
        &self,
        pass: &Pass,
        credit: &JpCreditDraft,
        certificate: &UsedCertificate,
    ) -> Result<Option<(JpSource, Uuid)>, StoreError> {
        // A number without letters and digits tells nothing apart.
        let Ok(key) = certificate_key(&certificate.number) else { return Ok(None) };
        let (agency, employee, issued_on) =
            (pass.agency().uuid(), credit.employee.uuid(), certificate.issued_on);
        let (source, source_id) = (credit.source.as_str(), credit.source_id);
        let claim = raw_sql!(
            Postgres,
            "INSERT INTO jp_certificates (agency_id, employee_id, key, issued_on, source, source_id)
             VALUES ({agency}, {employee}, {key}, {issued_on}, {source}, {source_id})
             ON CONFLICT ON CONSTRAINT pk_jp_certificates DO NOTHING"
        );
        if self.db.execute_raw(claim).await?.rows_affected() == 1 {
            return Ok(None);
        }
        let holder = raw_sql!(
            Postgres,
            "SELECT source, source_id FROM jp_certificates
             WHERE agency_id = {agency} AND employee_id = {employee} AND key = {key} AND issued_on = {issued_on}"
        );
        let Some(row) = ClaimRecord::find_by_statement(holder).one(&self.db).await? else { return Ok(None) };
        let held_by = known(JpSource::parse(&row.source), "jp_certificates.source")?;
        let other = (held_by, row.source_id) != (credit.source, credit.source_id);
        Ok(other.then_some((held_by, row.source_id)))
    }

    /// Uses a certificate for own learning that waits to be verified.
    ///
    /// # Errors
    /// `Taken("/certificate/number")` when it is used already.
    pub(crate) async fn certificate_use(
        &self,
        pass: &Pass,
        (employee, source, source_id): (EmployeeId, JpSource, Uuid),
        certificate: &UsedCertificate,
    ) -> Result<(), StoreError> {
        let Ok(key) = certificate_key(&certificate.number) else { return Ok(()) };
        let (agency, employee, issued_on) = (pass.agency().uuid(), employee.uuid(), certificate.issued_on);
        let source = source.as_str();
        let claim = raw_sql!(
            Postgres,
            "INSERT INTO jp_certificates (agency_id, employee_id, key, issued_on, source, source_id)
             VALUES ({agency}, {employee}, {key}, {issued_on}, {source}, {source_id})"
        );
        self.db.execute_raw(claim).await?;
        Ok(())
    }

    /// Lets the certificate of a source be used again.
    ///
    /// # Errors
    /// The database's.
    pub async fn certificate_release(
        &self,
        pass: &Pass,
        source: JpSource,
        source_id: Uuid,
    ) -> Result<(), StoreError> {
        let (agency, source) = (pass.agency().uuid(), source.as_str());
        let gone = raw_sql!(
            Postgres,
            "DELETE FROM jp_certificates
             WHERE agency_id = {agency} AND source = {source} AND source_id = {source_id}"
        );
        self.db.execute_raw(gone).await?;
        Ok(())
    }
}

impl Store {
    /// How many kept sums of an agency are not those of its entries. One statement, so that others may write meanwhile.
    ///
    /// # Errors
    /// The database's.
    pub async fn jp_sums_check(&self, agency: AgencyId) -> Result<u64, StoreError> {
        let agency = agency.uuid();
        let statement = raw_sql!(
            Postgres,
            "SELECT count(*) AS wrong FROM (
                SELECT 1 FROM (
                    SELECT year, employee_id, hundredths FROM jp_years WHERE agency_id = {agency}
                    UNION ALL
                    SELECT extract(year FROM earned_on)::integer, employee_id, -hundredths
                    FROM jp_entries WHERE agency_id = {agency}) y
                GROUP BY year, employee_id HAVING sum(hundredths) <> 0
                UNION ALL
                SELECT 1 FROM (
                    SELECT status, starts_on, employee_id, hundredths FROM jp_contract_years WHERE agency_id = {agency}
                    UNION ALL
                    SELECT c.status, c.starts_on, j.employee_id, -j.hundredths
                    FROM jp_entries j, jp_contract_year_on({agency}, j.employee_id, j.earned_on) c
                    WHERE j.agency_id = {agency}) y
                GROUP BY status, starts_on, employee_id HAVING sum(hundredths) <> 0) d"
        );
        let row = self.db.query_one_raw(statement).await?.ok_or(StoreError::Corrupt("jp sums"))?;
        Ok(u64::try_from(row.try_get::<i64>("", "wrong")?).unwrap_or_default())
    }
}
