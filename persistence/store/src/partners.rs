//! Partners with their agreements, and the people who teach for them.

use std::collections::BTreeMap;

use access::Pass;
use chrono::NaiveDate;
use development::{Agreement, Partner, PartnerKind, Trainer, TrainerIdentity, TrainerRole};
use entities::partners::{self, Column};
use entities::{partner_agreements, trainers};
use kernel::{Code, EmployeeId, LongText, Name, Page, PartnerId, Period, TrainerId, Version};
use sea_orm::ActiveValue::Set;
use sea_orm::{ColumnTrait as _, EntityTrait as _, FromQueryResult, QueryFilter as _, raw_sql};
use serde::Deserialize;
use serde_json::Value;

use crate::rows::{code, known, long_text, name};
use crate::sentence::Sentence;
use crate::{PageRequest, Reader, StoreError, Tx};

/// Which partners a list holds; everything that is given must hold.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PartnerFilter {
    /// Of this kind.
    pub kind: Option<PartnerKind>,
    /// With an agreement in force on this day.
    pub agreement_on: Option<NaiveDate>,
    /// With this in their name, in any case.
    pub search: Option<String>,
}

/// Which instructors and mentors a list holds; everything that is given must hold.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TrainerFilter {
    /// Doing this.
    pub role: Option<TrainerRole>,
    /// From this partner.
    pub partner: Option<PartnerId>,
    /// Being this civil servant.
    pub employee: Option<EmployeeId>,
    /// With this in their name or expertise, in any case.
    pub search: Option<String>,
}

/// A trainer with the names a reader needs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TrainerRow {
    /// The trainer.
    pub trainer: Trainer,
    /// What they are called: by their own record, where they are a civil servant of the agency.
    pub name: Name,
    /// The partner's name.
    pub partner_name: Option<Name>,
}

#[derive(FromQueryResult)]
struct Row {
    #[sea_orm(nested)]
    partner: partners::Model,
    agreements: Value,
}

#[derive(Deserialize)]
struct AgreementJson {
    number: Name,
    subject: LongText,
    forms: Vec<Code>,
    valid_from: NaiveDate,
    valid_until: Option<NaiveDate>,
}

#[derive(FromQueryResult)]
struct TrainedRow {
    #[sea_orm(nested)]
    trainer: trainers::Model,
    shown_name: String,
    partner_name: Option<String>,
}

fn domain(row: Row) -> Result<Partner, StoreError> {
    let Row { partner, agreements } = row;
    let agreements: Option<Vec<AgreementJson>> = serde_json::from_value(agreements).ok();
    let read = |json: AgreementJson| Agreement {
        number: json.number,
        subject: json.subject,
        forms: json.forms,
        period: Period { from: json.valid_from, last: json.valid_until },
    };
    Ok(Partner {
        id: PartnerId::from(partner.id),
        code: code(partner.code),
        name: name(partner.name),
        kind: known(PartnerKind::parse(&partner.kind), "partners.kind")?,
        contact: partner.contact.map(long_text),
        agreements: known(agreements, "partner_agreements")?.into_iter().map(read).collect(),
        version: Version::new(partner.version),
    })
}

fn trainer_domain(row: trainers::Model) -> Result<Trainer, StoreError> {
    let roles: Option<Vec<_>> = row.roles.iter().map(|role| TrainerRole::parse(role)).collect();
    let identity = match (row.employee_id, row.name) {
        (Some(employee), None) => Some(TrainerIdentity::Employee(EmployeeId::from(employee))),
        (None, Some(own)) => Some(TrainerIdentity::Named(name(own))),
        _ => None,
    };
    Ok(Trainer {
        id: TrainerId::from(row.id),
        identity: known(identity, "trainers.name")?,
        roles: known(roles, "trainers.roles")?,
        partner: row.partner_id.map(PartnerId::from),
        expertise: row.expertise.map(long_text),
        max_mentees: row
            .max_mentees
            .map(|most| known(u8::try_from(most).ok(), "trainers.max_mentees"))
            .transpose()?,
        version: Version::new(row.version),
    })
}

fn trainer_row(row: TrainedRow) -> Result<TrainerRow, StoreError> {
    Ok(TrainerRow {
        trainer: trainer_domain(row.trainer)?,
        name: name(row.shown_name),
        partner_name: row.partner_name.map(name),
    })
}

impl Reader<'_> {
    /// The partners of these codes.
    ///
    /// # Errors
    /// The database's.
    pub async fn partner_ids(&self, codes: &[&Code]) -> Result<BTreeMap<Code, PartnerId>, StoreError> {
        let agency = self.agency();
        let codes: Vec<String> = codes.iter().map(ToString::to_string).collect();
        let statement = raw_sql!(
            Postgres,
            "SELECT * FROM partners WHERE agency_id = {agency} AND code = ANY ({codes}::text[])"
        );
        let rows = partners::Model::find_by_statement(statement).all(&self.db).await?;
        Ok(rows.into_iter().map(|row| (code(row.code), row.id.into())).collect())
    }

    /// One partner.
    ///
    /// # Errors
    /// The database's.
    pub async fn partner(&self, id: PartnerId) -> Result<Option<Partner>, StoreError> {
        let mut sentence = self.partner_sentence();
        sentence.push(" AND p.id = {}", [id.uuid().into()]);
        Row::find_by_statement(sentence.finish()).one(&self.db).await?.map(domain).transpose()
    }

    /// Partners by code.
    ///
    /// # Errors
    /// The database's.
    pub async fn partners(
        &self,
        filter: &PartnerFilter,
        page: &PageRequest,
    ) -> Result<Page<Partner>, StoreError> {
        let PartnerFilter { kind, agreement_on, search } = filter.clone();
        let mut sentence = self.partner_sentence();
        sentence.maybe(" AND p.kind = {}", kind.map(PartnerKind::as_str));
        sentence.maybe(" AND strpos(lower(p.name), lower({})) > 0", search);
        if let Some(day) = agreement_on {
            sentence.push(
                " AND EXISTS (SELECT 1 FROM partner_agreements g WHERE g.agency_id = p.agency_id
                    AND g.partner_id = p.id AND g.valid_from <= {} AND coalesce(g.valid_until, 'infinity') >= {})",
                [day.into(), day.into()],
            );
        }
        sentence.maybe(" AND p.code > {}", page.key(0));
        sentence.push(" ORDER BY p.code LIMIT {}", [page.probe().into()]);
        let rows = Row::find_by_statement(sentence.finish()).all(&self.db).await?;
        let rows = rows.into_iter().map(domain).collect::<Result<_, _>>()?;
        Ok(Page::cut(rows, page.limit, |partner: &Partner| vec![partner.code.to_string()]))
    }

    fn partner_sentence(&self) -> Sentence {
        Sentence::new(
            "SELECT p.*, coalesce(a.agreements, '[]') AS agreements
             FROM partners p
             CROSS JOIN LATERAL (
                SELECT jsonb_agg(jsonb_build_object('number', g.number, 'subject', g.subject, 'forms', to_jsonb(g.forms),
                        'valid_from', g.valid_from, 'valid_until', g.valid_until) ORDER BY g.ordinal) AS agreements
                FROM partner_agreements g WHERE g.agency_id = p.agency_id AND g.partner_id = p.id) a
             WHERE p.agency_id = $1",
            [self.agency().into()],
        )
    }

    /// One instructor or mentor.
    ///
    /// # Errors
    /// The database's.
    pub async fn trainer(&self, id: TrainerId) -> Result<Option<TrainerRow>, StoreError> {
        let mut sentence = self.trainer_sentence();
        sentence.push(" AND t.id = {}", [id.uuid().into()]);
        TrainedRow::find_by_statement(sentence.finish()).one(&self.db).await?.map(trainer_row).transpose()
    }

    /// As what a civil servant is registered.
    ///
    /// # Errors
    /// The database's.
    pub async fn trainer_of(&self, employee: EmployeeId) -> Result<Option<TrainerRow>, StoreError> {
        let mut sentence = self.trainer_sentence();
        sentence.push(" AND t.employee_id = {}", [employee.uuid().into()]);
        TrainedRow::find_by_statement(sentence.finish()).one(&self.db).await?.map(trainer_row).transpose()
    }

    /// Instructors and mentors by name.
    ///
    /// # Errors
    /// The database's.
    pub async fn trainers(
        &self,
        filter: &TrainerFilter,
        page: &PageRequest,
    ) -> Result<Page<TrainerRow>, StoreError> {
        let TrainerFilter { role, partner, employee, search } = filter.clone();
        let mut sentence = self.trainer_sentence();
        sentence.maybe(" AND {} = ANY (t.roles)", role.map(TrainerRole::as_str));
        sentence.maybe(" AND t.partner_id = {}", partner.map(PartnerId::uuid));
        sentence.maybe(" AND t.employee_id = {}", employee.map(EmployeeId::uuid));
        sentence
            .maybe(" AND strpos(lower(concat_ws(' ', t.name, e.name, t.expertise)), lower({})) > 0", search);
        if let Some(after) = page.key(0) {
            sentence
                .push(" AND (coalesce(e.name, t.name), t.id) > ({}, {})", [after.into(), page.id(1).into()]);
        }
        sentence.push(" ORDER BY coalesce(e.name, t.name), t.id LIMIT {}", [page.probe().into()]);
        let rows = TrainedRow::find_by_statement(sentence.finish()).all(&self.db).await?;
        let rows = rows.into_iter().map(trainer_row).collect::<Result<_, _>>()?;
        Ok(Page::cut(rows, page.limit, |row: &TrainerRow| {
            vec![row.name.to_string(), row.trainer.id.to_string()]
        }))
    }

    fn trainer_sentence(&self) -> Sentence {
        Sentence::new(
            "SELECT t.*, coalesce(e.name, t.name) AS shown_name, p.name AS partner_name
             FROM trainers t
             LEFT JOIN employees e ON e.agency_id = t.agency_id AND e.id = t.employee_id
             LEFT JOIN partners p ON p.agency_id = t.agency_id AND p.id = t.partner_id
             WHERE t.agency_id = $1",
            [self.agency().into()],
        )
    }
}

impl Tx<'_> {
    /// Adds a partner with its agreements.
    ///
    /// # Errors
    /// `Taken("/code")`.
    pub async fn partner_insert(&self, pass: &Pass, partner: &Partner) -> Result<(), StoreError> {
        partners::Entity::insert(partners::ActiveModel {
            agency_id: Set(pass.agency().uuid()),
            id: Set(partner.id.uuid()),
            code: Set(partner.code.to_string()),
            name: Set(partner.name.to_string()),
            kind: Set(partner.kind.as_str().to_owned()),
            contact: Set(partner.contact.as_ref().map(ToString::to_string)),
            version: Set(partner.version.get()),
            created_at: Set(self.now()),
            updated_at: Set(self.now()),
        })
        .exec_without_returning(&self.db)
        .await?;
        self.agreements_insert(pass, partner).await
    }

    /// Replaces a partner and its agreements; `partner.version` is the version that was read.
    ///
    /// # Errors
    /// [`StoreError::Stale`], `Taken("/code")`.
    pub async fn partner_update(&self, pass: &Pass, partner: &Partner) -> Result<Partner, StoreError> {
        let agency = pass.agency().uuid();
        let after = Partner { version: partner.version.next(), ..partner.clone() };
        let written = partners::Entity::update_many()
            .set(partners::ActiveModel {
                code: Set(partner.code.to_string()),
                name: Set(partner.name.to_string()),
                kind: Set(partner.kind.as_str().to_owned()),
                contact: Set(partner.contact.as_ref().map(ToString::to_string)),
                version: Set(after.version.get()),
                updated_at: Set(self.now()),
                ..Default::default()
            })
            .filter(Column::AgencyId.eq(agency))
            .filter(Column::Id.eq(partner.id.uuid()))
            .filter(Column::Version.eq(partner.version.get()))
            .exec(&self.db)
            .await?;
        if written.rows_affected == 0 {
            return Err(StoreError::Stale);
        }
        partner_agreements::Entity::delete_many()
            .filter(partner_agreements::Column::AgencyId.eq(agency))
            .filter(partner_agreements::Column::PartnerId.eq(partner.id.uuid()))
            .exec(&self.db)
            .await?;
        self.agreements_insert(pass, partner).await?;
        Ok(after)
    }

    /// Removes a partner that nothing refers to.
    ///
    /// # Errors
    /// [`StoreError::Stale`], `StillReferenced`.
    pub async fn partner_delete(
        &self,
        pass: &Pass,
        id: PartnerId,
        expected: Version,
    ) -> Result<(), StoreError> {
        let gone = partners::Entity::delete_many()
            .filter(Column::AgencyId.eq(pass.agency().uuid()))
            .filter(Column::Id.eq(id.uuid()))
            .filter(Column::Version.eq(expected.get()))
            .exec(&self.db)
            .await
            .map_err(StoreError::removing)?;
        if gone.rows_affected == 0 { Err(StoreError::Stale) } else { Ok(()) }
    }

    async fn agreements_insert(&self, pass: &Pass, partner: &Partner) -> Result<(), StoreError> {
        if partner.agreements.is_empty() {
            return Ok(());
        }
        let rows =
            (1..).zip(&partner.agreements).map(|(ordinal, agreement)| partner_agreements::ActiveModel {
                agency_id: Set(pass.agency().uuid()),
                partner_id: Set(partner.id.uuid()),
                number: Set(agreement.number.to_string()),
                ordinal: Set(ordinal),
                subject: Set(agreement.subject.to_string()),
                forms: Set(agreement.forms.iter().map(ToString::to_string).collect()),
                valid_from: Set(agreement.period.from),
                valid_until: Set(agreement.period.last),
            });
        partner_agreements::Entity::insert_many(rows).exec_without_returning(&self.db).await?;
        Ok(())
    }

    /// Adds an instructor or mentor.
    ///
    /// # Errors
    /// `Taken("/employee_id")`, `Missing("/employee_id")`, `Missing("/partner_id")`.
    pub async fn trainer_insert(&self, pass: &Pass, trainer: &Trainer) -> Result<(), StoreError> {
        let row = trainers::ActiveModel {
            agency_id: Set(pass.agency().uuid()),
            id: Set(trainer.id.uuid()),
            version: Set(trainer.version.get()),
            created_at: Set(self.now()),
            ..self.trainer_active(trainer)
        };
        trainers::Entity::insert(row).exec_without_returning(&self.db).await?;
        Ok(())
    }

    /// Replaces an instructor or mentor; `trainer.version` is the version that was read.
    ///
    /// # Errors
    /// [`StoreError::Stale`], and those of adding one.
    pub async fn trainer_update(&self, pass: &Pass, trainer: &Trainer) -> Result<(), StoreError> {
        let row = trainers::ActiveModel {
            version: Set(trainer.version.next().get()),
            ..self.trainer_active(trainer)
        };
        let written = trainers::Entity::update_many()
            .set(row)
            .filter(trainers::Column::AgencyId.eq(pass.agency().uuid()))
            .filter(trainers::Column::Id.eq(trainer.id.uuid()))
            .filter(trainers::Column::Version.eq(trainer.version.get()))
            .exec(&self.db)
            .await?;
        if written.rows_affected == 0 { Err(StoreError::Stale) } else { Ok(()) }
    }

    fn trainer_active(&self, trainer: &Trainer) -> trainers::ActiveModel {
        let (employee, own) = match &trainer.identity {
            TrainerIdentity::Employee(employee) => (Some(employee.uuid()), None),
            TrainerIdentity::Named(own) => (None, Some(own.to_string())),
        };
        trainers::ActiveModel {
            employee_id: Set(employee),
            name: Set(own),
            roles: Set(trainer.roles.iter().map(|role| role.as_str().to_owned()).collect()),
            partner_id: Set(trainer.partner.map(PartnerId::uuid)),
            expertise: Set(trainer.expertise.as_ref().map(ToString::to_string)),
            max_mentees: Set(trainer.max_mentees.map(i16::from)),
            updated_at: Set(self.now()),
            ..Default::default()
        }
    }

    /// Removes an instructor or mentor whom nothing refers to.
    ///
    /// # Errors
    /// [`StoreError::Stale`], `StillReferenced`.
    pub async fn trainer_delete(
        &self,
        pass: &Pass,
        id: TrainerId,
        expected: Version,
    ) -> Result<(), StoreError> {
        let gone = trainers::Entity::delete_many()
            .filter(trainers::Column::AgencyId.eq(pass.agency().uuid()))
            .filter(trainers::Column::Id.eq(id.uuid()))
            .filter(trainers::Column::Version.eq(expected.get()))
            .exec(&self.db)
            .await
            .map_err(StoreError::removing)?;
        if gone.rows_affected == 0 { Err(StoreError::Stale) } else { Ok(()) }
    }
}
