//! Learning that people log themselves.

use access::Pass;
use development::{JpSource, OwnLearning, OwnLearningDraft, OwnLearningState, UsedCertificate};
use entities::own_learnings::{self, Column};
use kernel::{EmployeeId, Hundredths, LongText, Name, Nip, OwnLearningId, Page, UnitId, UserId, Version};
use sea_orm::ActiveValue::Set;
use sea_orm::{ColumnTrait as _, EntityTrait as _, FromQueryResult, QueryFilter as _};

use crate::rows::{code, known, long_text, name};
use crate::sentence::Sentence;
use crate::{PageRequest, Reader, StoreError, Tx};

/// Which own learning a list holds; everything that is given must hold.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct OwnLearningFilter {
    /// Of this person.
    pub employee: Option<EmployeeId>,
    /// In this state.
    pub state: Option<OwnLearningState>,
    /// That ended in this year.
    pub year: Option<i32>,
    /// Of people who serve in this unit or in one under it today.
    pub within: Option<UnitId>,
}

/// Own learning with the person's name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OwnLearningRow {
    /// The record.
    pub own: OwnLearning,
    /// The person's identity number.
    pub nip: Nip,
    /// The person's name.
    pub employee_name: Name,
    /// How many other people have logged or completed something with the same certificate.
    pub same_certificate: i64,
}

#[derive(FromQueryResult)]
struct Row {
    #[sea_orm(nested)]
    own: own_learnings::Model,
    nip: String,
    employee_name: String,
    same_certificate: i64,
}

fn hours(count: Option<i64>) -> Result<Option<Hundredths>, StoreError> {
    let read = |count: i64| known(u32::try_from(count).ok(), "own_learnings.certificate_jp");
    count.map(|count| read(count).map(Hundredths::from_count)).transpose()
}

pub(crate) fn domain(row: own_learnings::Model) -> Result<OwnLearning, StoreError> {
    let certificate = match (row.certificate_number, row.certificate_on) {
        (Some(number), Some(issued_on)) => {
            Some(UsedCertificate { number: name(number), issued_on, valid_until: row.valid_until })
        }
        _ => None,
    };
    Ok(OwnLearning {
        id: row.id.into(),
        employee: row.employee_id.into(),
        said: OwnLearningDraft {
            title: name(row.title),
            provider: row.provider.map(name),
            form: code(row.form),
            started_on: row.started_on,
            ended_on: row.ended_on,
            units: row.units,
            international: row.international,
            certificate_jp: hours(row.certificate_jp)?,
            certificate,
            document: name(row.document),
            note: row.note.map(long_text),
        },
        state: known(OwnLearningState::parse(&row.state), "own_learnings.state")?,
        submitted_at: row.submitted_at,
        decided_by: row.decided_by.map(UserId::from),
        decided_at: row.decided_at,
        reason: row.reason.map(long_text),
        version: Version::new(row.version),
    })
}

impl Row {
    fn domain(self) -> Result<OwnLearningRow, StoreError> {
        Ok(OwnLearningRow {
            own: domain(self.own)?,
            nip: Nip::stored(self.nip),
            employee_name: name(self.employee_name),
            same_certificate: self.same_certificate,
        })
    }
}

impl Reader<'_> {
    /// One record of somebody the scope reaches.
    ///
    /// # Errors
    /// The database's.
    pub async fn own_learning(&self, id: OwnLearningId) -> Result<Option<OwnLearningRow>, StoreError> {
        let mut sentence = self.own_learning_sentence();
        sentence.push(" AND o.id = {}", [id.uuid().into()]);
        Row::find_by_statement(sentence.finish()).one(&self.db).await?.map(Row::domain).transpose()
    }

    /// Records of the people the scope reaches, oldest first: who has waited longest comes first.
    ///
    /// # Errors
    /// The database's.
    pub async fn own_learnings(
        &self,
        filter: &OwnLearningFilter,
        page: &PageRequest,
    ) -> Result<Page<OwnLearningRow>, StoreError> {
        let OwnLearningFilter { employee, state, year, within } = filter.clone();
        let mut sentence = self.own_learning_sentence();
        sentence.maybe(" AND o.employee_id = {}", employee.map(EmployeeId::uuid));
        sentence.maybe(" AND o.state = {}", state.map(OwnLearningState::as_str));
        sentence.maybe(" AND extract(year FROM o.ended_on) = {}", year);
        sentence.maybe(
            " AND o.employee_id IN (
                SELECT p.employee_id
                FROM unit_ancestors a
                JOIN positions q ON q.agency_id = $1 AND q.unit_id = a.unit_id
                JOIN placements_on($1, $2, 'infinity') p ON p.position_id = q.id
                WHERE a.agency_id = $1 AND a.ancestor_id = {})",
            within.map(UnitId::uuid),
        );
        sentence.maybe(" AND o.id > {}", page.id(0));
        sentence.push(" ORDER BY o.id LIMIT {}", [page.probe().into()]);
        let rows = Row::find_by_statement(sentence.finish()).all(&self.db).await?;
        let rows = rows.into_iter().map(Row::domain).collect::<Result<_, _>>()?;
        Ok(Page::cut(rows, page.limit, |row: &OwnLearningRow| vec![row.own.id.to_string()]))
    }

    /// The verified records of somebody in a form of which hours stand in the ledger.
    ///
    /// # Errors
    /// The database's.
    pub async fn own_learnings_verified(
        &self,
        employee: EmployeeId,
        form: &str,
    ) -> Result<Vec<OwnLearning>, StoreError> {
        let mut sentence = self.own_learning_sentence();
        sentence.push(
            " AND o.employee_id = {} AND o.form = {} AND o.state = 'VERIFIED'
              AND jp_stands(o.agency_id, o.employee_id, 'OWN_LEARNING', o.id)
             ORDER BY o.id",
            [employee.uuid().into(), form.into()],
        );
        let rows = Row::find_by_statement(sentence.finish()).all(&self.db).await?;
        rows.into_iter().map(|row| Ok(row.domain()?.own)).collect()
    }

    fn own_learning_sentence(&self) -> Sentence {
        let mut sentence = Sentence::new(
            "SELECT o.*, e.nip, e.name AS employee_name, (
                SELECT count(DISTINCT x.employee_id) FROM jp_certificates c
                JOIN jp_certificates x ON x.agency_id = c.agency_id AND x.key = c.key AND x.issued_on = c.issued_on
                    AND x.employee_id <> c.employee_id
                WHERE c.agency_id = $1 AND c.source = 'OWN_LEARNING' AND c.source_id = o.id) AS same_certificate
             FROM own_learnings o
             JOIN employees e ON e.agency_id = o.agency_id AND e.id = o.employee_id
             WHERE o.agency_id = $1 AND ($2::date IS NOT NULL)",
            [self.agency().into(), self.today.into()],
        );
        sentence.within("o.employee_id", self.people());
        sentence
    }
}

impl Tx<'_> {
    /// Adds own learning.
    ///
    /// # Errors
    /// `Missing("/employee_id")`; `Taken("/certificate/number")` when the certificate is used already.
    pub async fn own_learning_insert(&self, pass: &Pass, own: &OwnLearning) -> Result<(), StoreError> {
        self.own_certificate(pass, own).await?;
        let row = own_learnings::ActiveModel {
            agency_id: Set(pass.agency().uuid()),
            id: Set(own.id.uuid()),
            employee_id: Set(own.employee.uuid()),
            version: Set(own.version.get()),
            created_at: Set(self.now()),
            ..self.said(own)
        };
        own_learnings::Entity::insert(row).exec_without_returning(&self.db).await?;
        Ok(())
    }

    /// Replaces what is on record; `own.version` is the version that was read. The certificate is used as long as the
    /// record waits or is verified.
    ///
    /// # Errors
    /// [`StoreError::Stale`]; `Taken("/certificate/number")`.
    pub async fn own_learning_update(
        &self,
        pass: &Pass,
        own: &OwnLearning,
    ) -> Result<OwnLearning, StoreError> {
        let row = own_learnings::Entity::update_many()
            .set(own_learnings::ActiveModel { version: Set(own.version.next().get()), ..self.said(own) })
            .filter(Column::AgencyId.eq(pass.agency().uuid()))
            .filter(Column::Id.eq(own.id.uuid()))
            .filter(Column::Version.eq(own.version.get()))
            .exec_with_returning(&self.db)
            .await?
            .pop();
        let row = domain(row.ok_or(StoreError::Stale)?)?;
        self.own_certificate(pass, own).await?;
        Ok(row)
    }

    async fn own_certificate(&self, pass: &Pass, own: &OwnLearning) -> Result<(), StoreError> {
        let source = (own.employee, JpSource::OwnLearning, own.id.uuid());
        self.certificate_release(pass, source.1, source.2).await?;
        let uses = matches!(own.state, OwnLearningState::Submitted | OwnLearningState::Verified);
        match own.said.certificate.as_ref().filter(|_| uses) {
            Some(certificate) => self.certificate_use(pass, source, certificate).await,
            None => Ok(()),
        }
    }

    /// The columns that say what it is.
    fn said(&self, own: &OwnLearning) -> own_learnings::ActiveModel {
        let OwnLearningDraft {
            title,
            provider,
            form,
            started_on,
            ended_on,
            units,
            international,
            certificate_jp,
            certificate,
            document,
            note,
        } = own.said.clone();
        own_learnings::ActiveModel {
            title: Set(title.into_string()),
            provider: Set(provider.map(Name::into_string)),
            form: Set(form.into_string()),
            started_on: Set(started_on),
            ended_on: Set(ended_on),
            units: Set(units),
            international: Set(international),
            certificate_jp: Set(certificate_jp.map(|jp| i64::from(jp.count()))),
            certificate_number: Set(certificate.as_ref().map(|one| one.number.to_string())),
            certificate_on: Set(certificate.as_ref().map(|one| one.issued_on)),
            valid_until: Set(certificate.and_then(|one| one.valid_until)),
            document: Set(document.into_string()),
            note: Set(note.map(LongText::into_string)),
            state: Set(own.state.as_str().to_owned()),
            submitted_at: Set(own.submitted_at),
            decided_by: Set(own.decided_by.map(UserId::uuid)),
            decided_at: Set(own.decided_at),
            reason: Set(own.reason.clone().map(LongText::into_string)),
            updated_at: Set(self.now()),
            ..Default::default()
        }
    }
}
