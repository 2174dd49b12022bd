//! Programmes with what they teach and build on.

use access::Pass;
use development::{
    Audience, DeliveryMode, JobFamily, Prerequisite, Price, Programme, ProgrammeContent, ProgrammeState, Step,
};
use entities::programmes::{self, Column};
use entities::{programme_prerequisites, programme_steps};
use kernel::{
    AgencyId, Code, CompetencyId, DictionaryVersionId, Hundredths, Level, Name, Page, PartnerId, ProgrammeId,
    Rupiah, Version,
};
use sea_orm::ActiveValue::Set;
use sea_orm::{ColumnTrait as _, EntityTrait as _, FromQueryResult, QueryFilter as _};
use serde::Deserialize;
use serde_json::Value;
use uuid::Uuid;
use workforce::JobClass;

use crate::rows::{code, known, long_text, name};
use crate::sentence::Sentence;
use crate::{PageRequest, Reader, StoreError, Tx};

/// Rows of one statement, each value a parameter.
const MOST_AT_ONCE: usize = 1_000;

/// Which programmes a list holds; everything that is given must hold.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ProgrammeFilter {
    /// In this state.
    pub state: Option<ProgrammeState>,
    /// Teaching this competency.
    pub competency: Option<CompetencyId>,
    /// Leading to this level of the competency, or of any.
    pub level: Option<Level>,
    /// In this form.
    pub form: Option<String>,
    /// Provided by this partner.
    pub partner: Option<PartnerId>,
    /// Reaching its participants so.
    pub mode: Option<DeliveryMode>,
    /// For people in positions of this class.
    pub job_class: Option<JobClass>,
    /// With this in its name or code, in any case.
    pub search: Option<String>,
}

/// A programme with the names a reader needs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProgrammeRow {
    /// The programme.
    pub programme: Programme,
    /// The provider's name.
    pub partner_name: Name,
    /// The name of who owns the curriculum.
    pub curriculum_owner_name: Option<Name>,
    /// Names of the steps' competencies, in the same order.
    pub steps: Vec<NamedCompetency>,
    /// Names of what the prerequisites name, in the same order.
    pub prerequisites: Vec<NamedPrerequisite>,
}

/// What a competency is called, by the version of the dictionary that is meant.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct NamedCompetency {
    /// The code of its dictionary.
    pub dictionary: Code,
    /// Its code.
    pub code: Code,
    /// Its name.
    pub name: Name,
    /// The code of its family.
    pub family: Code,
}

/// What a prerequisite is called.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum NamedPrerequisite {
    /// The other programme's code and name.
    Programme {
        /// Its code.
        code: Code,
        /// Its name.
        name: Name,
    },
    /// The competency's.
    Competency(NamedCompetency),
}

#[derive(FromQueryResult)]
struct Row {
    #[sea_orm(nested)]
    programme: programmes::Model,
    partner_name: String,
    owner_name: Option<String>,
    steps: Value,
    prerequisites: Value,
}

#[derive(Deserialize)]
struct StepJson {
    competency: CompetencyId,
    competency_agency: AgencyId,
    dictionary_version: DictionaryVersionId,
    from: Option<Level>,
    to: Level,
    named: NamedCompetency,
}

#[derive(Deserialize)]
struct PrerequisiteJson {
    programme: Option<ProgrammeJson>,
    competency: Option<CompetencyJson>,
}

#[derive(Deserialize)]
struct ProgrammeJson {
    id: ProgrammeId,
    code: Code,
    name: Name,
}

#[derive(Deserialize)]
struct CompetencyJson {
    competency: CompetencyId,
    competency_agency: AgencyId,
    dictionary_version: DictionaryVersionId,
    level: Level,
    named: NamedCompetency,
}

pub(crate) fn classes_of(texts: &[String]) -> Result<Vec<JobClass>, StoreError> {
    known(parse_all(texts, JobClass::parse), "programmes.job_classes")
}

pub(crate) fn families_of(texts: &[String]) -> Result<Vec<JobFamily>, StoreError> {
    known(parse_all(texts, JobFamily::parse), "programmes.job_families")
}

fn parse_all<T>(texts: &[String], parse: impl Fn(&str) -> Option<T>) -> Option<Vec<T>> {
    texts.iter().map(|text| parse(text)).collect()
}

fn prerequisite(json: PrerequisiteJson) -> Option<(Prerequisite, NamedPrerequisite)> {
    match (json.programme, json.competency) {
        (Some(other), None) => Some((
            Prerequisite::Programme(other.id),
            NamedPrerequisite::Programme { code: other.code, name: other.name },
        )),
        (None, Some(one)) => Some((
            Prerequisite::Competency {
                competency: one.competency,
                competency_agency: one.competency_agency,
                dictionary_version: one.dictionary_version,
                level: one.level,
            },
            NamedPrerequisite::Competency(one.named),
        )),
        _ => None,
    }
}

fn domain(row: Row) -> Result<ProgrammeRow, StoreError> {
    let Row { programme: row, partner_name, owner_name, steps, prerequisites } = row;
    let steps: Option<Vec<StepJson>> = serde_json::from_value(steps).ok();
    let (steps, names): (Vec<_>, Vec<_>) = known(steps, "programme_steps")?
        .into_iter()
        .map(|json| {
            let StepJson { competency, competency_agency, dictionary_version, from, to, named } = json;
            (Step { competency, competency_agency, dictionary_version, from, to }, named)
        })
        .unzip();
    let read: Option<Vec<PrerequisiteJson>> = serde_json::from_value(prerequisites).ok();
    let read: Option<Vec<_>> = read.and_then(|all| all.into_iter().map(prerequisite).collect());
    let (prerequisites, prerequisite_names): (Vec<_>, Vec<_>) =
        known(read, "programme_prerequisites")?.into_iter().unzip();
    let jp = row.jp.map(|jp| known(u32::try_from(jp).ok(), "programmes.jp")).transpose()?;
    let months = row
        .certificate_months
        .map(|months| known(u16::try_from(months).ok(), "programmes.certificate_months"));
    let content = ProgrammeContent {
        code: code(row.code),
        name: name(row.name),
        objectives: long_text(row.objectives),
        form: code(row.form),
        partner: PartnerId::from(row.partner_id),
        curriculum_owner: row.curriculum_owner_id.map(PartnerId::from),
        mode: known(DeliveryMode::parse(&row.mode), "programmes.mode")?,
        jp: jp.map(Hundredths::from_count),
        price: Price {
            per_participant: row.price_per_participant.map(Rupiah::stored),
            per_class: row.price_per_class.map(Rupiah::stored),
        },
        accreditation: row.accreditation.map(name),
        certificate_months: months.transpose()?,
        steps,
        prerequisites,
        audience: Audience {
            job_classes: classes_of(&row.job_classes)?,
            job_families: families_of(&row.job_families)?,
        },
    };
    Ok(ProgrammeRow {
        programme: Programme {
            id: ProgrammeId::from(row.id),
            content,
            state: known(ProgrammeState::parse(&row.state), "programmes.state")?,
            version: Version::new(row.version),
        },
        partner_name: name(partner_name),
        curriculum_owner_name: owner_name.map(name),
        steps: names,
        prerequisites: prerequisite_names,
    })
}

impl Reader<'_> {
    /// One programme.
    ///
    /// # Errors
    /// The database's.
    pub async fn programme(&self, id: ProgrammeId) -> Result<Option<ProgrammeRow>, StoreError> {
        let mut sentence = self.programme_sentence();
        sentence.push(" AND p.id = {}", [id.uuid().into()]);
        Row::find_by_statement(sentence.finish()).one(&self.db).await?.map(domain).transpose()
    }

    /// These programmes, in no order.
    ///
    /// # Errors
    /// The database's.
    pub async fn programmes_of(
        &self,
        ids: impl IntoIterator<Item = ProgrammeId>,
    ) -> Result<Vec<ProgrammeRow>, StoreError> {
        let ids: Vec<Uuid> = ids.into_iter().map(ProgrammeId::uuid).collect();
        let mut sentence = self.programme_sentence();
        sentence.push(" AND p.id = ANY ({})", [ids.into()]);
        Row::find_by_statement(sentence.finish()).all(&self.db).await?.into_iter().map(domain).collect()
    }

    /// The programmes of these codes, in no order.
    ///
    /// # Errors
    /// The database's.
    pub async fn programmes_by_code(&self, codes: &[&Code]) -> Result<Vec<ProgrammeRow>, StoreError> {
        let codes: Vec<String> = codes.iter().map(ToString::to_string).collect();
        let mut sentence = self.programme_sentence();
        sentence.push(" AND p.code = ANY ({})", [codes.into()]);
        Row::find_by_statement(sentence.finish()).all(&self.db).await?.into_iter().map(domain).collect()
    }

    /// Programmes by code.
    ///
    /// # Errors
    /// The database's.
    pub async fn programmes(
        &self,
        filter: &ProgrammeFilter,
        page: &PageRequest,
    ) -> Result<Page<ProgrammeRow>, StoreError> {
        let ProgrammeFilter { state, competency, level, form, partner, mode, job_class, search } =
            filter.clone();
        let mut sentence = self.programme_sentence();
        sentence.maybe(" AND p.state = {}", state.map(ProgrammeState::as_str));
        let level = level.map(|level| i16::from(level.get()));
        match (competency.map(CompetencyId::uuid), level) {
            (Some(competency), Some(level)) => sentence.push(
                " AND p.id IN (SELECT s.programme_id FROM programme_steps s
                    WHERE s.agency_id = $1 AND s.competency_id = {} AND s.level_to = {})",
                [competency.into(), level.into()],
            ),
            (Some(competency), None) => sentence.push(
                " AND p.id IN (SELECT s.programme_id FROM programme_steps s
                    WHERE s.agency_id = $1 AND s.competency_id = {})",
                [competency.into()],
            ),
            (None, level) => sentence.maybe(
                " AND p.id IN (SELECT s.programme_id FROM programme_steps s
                    WHERE s.agency_id = $1 AND s.level_to = {})",
                level,
            ),
        }
        sentence.maybe(" AND p.form = {}", form);
        sentence.maybe(" AND p.partner_id = {}", partner.map(PartnerId::uuid));
        sentence.maybe(" AND p.mode = {}", mode.map(DeliveryMode::as_str));
        if let Some(class) = job_class {
            sentence.push(
                " AND (cardinality(p.job_classes) + cardinality(p.job_families) = 0
                    OR {} = ANY (p.job_classes) OR {} = ANY (p.job_families))",
                [class.as_str().into(), JobFamily::of(class).as_str().into()],
            );
        }
        sentence.maybe(" AND strpos(lower(p.code || ' ' || p.name), lower({})) > 0", search);
        sentence.maybe(" AND p.code > {}", page.key(0));
        sentence.push(" ORDER BY p.code LIMIT {}", [page.probe().into()]);
        let rows = Row::find_by_statement(sentence.finish()).all(&self.db).await?;
        let rows = rows.into_iter().map(domain).collect::<Result<_, _>>()?;
        Ok(Page::cut(rows, page.limit, |row: &ProgrammeRow| vec![row.programme.content.code.to_string()]))
    }

    fn programme_sentence(&self) -> Sentence {
        Sentence::new(
            "SELECT p.*, o.name AS partner_name, w.name AS owner_name, coalesce(s.steps, '[]') AS steps,
                    coalesce(r.prerequisites, '[]') AS prerequisites
             FROM programmes p
             JOIN partners o ON o.agency_id = p.agency_id AND o.id = p.partner_id
             LEFT JOIN partners w ON w.agency_id = p.agency_id AND w.id = p.curriculum_owner_id
             CROSS JOIN LATERAL (
                SELECT jsonb_agg(jsonb_build_object('competency', q.competency_id,
                        'competency_agency', q.competency_agency_id, 'dictionary_version', q.dictionary_version_id,
                        'from', q.level_from, 'to', q.level_to, 'named', jsonb_build_object('dictionary', d.code,
                        'code', c.code, 'name', n.name, 'family', n.family)) ORDER BY q.ordinal) AS steps
                FROM programme_steps q
                JOIN competency_contents n ON n.agency_id = q.competency_agency_id
                    AND n.dictionary_version_id = q.dictionary_version_id AND n.competency_id = q.competency_id
                JOIN competencies c ON c.agency_id = n.agency_id AND c.id = n.competency_id
                JOIN dictionaries d ON d.agency_id = c.agency_id AND d.id = c.dictionary_id
                WHERE q.agency_id = p.agency_id AND q.programme_id = p.id) s
             CROSS JOIN LATERAL (
                SELECT jsonb_agg(jsonb_build_object(
                        'programme', CASE WHEN b.id IS NOT NULL THEN jsonb_build_object('id', b.id, 'code', b.code,
                            'name', b.name) END,
                        'competency', CASE WHEN c.id IS NOT NULL THEN jsonb_build_object(
                            'competency', q.competency_id, 'competency_agency', q.competency_agency_id,
                            'dictionary_version', q.dictionary_version_id, 'level', q.level,
                            'named', jsonb_build_object('dictionary', d.code, 'code', c.code, 'name', n.name,
                            'family', n.family)) END) ORDER BY q.ordinal) AS prerequisites
                FROM programme_prerequisites q
                LEFT JOIN programmes b ON b.agency_id = q.agency_id AND b.id = q.required_programme_id
                LEFT JOIN competency_contents n ON n.agency_id = q.competency_agency_id
                    AND n.dictionary_version_id = q.dictionary_version_id AND n.competency_id = q.competency_id
                LEFT JOIN competencies c ON c.agency_id = n.agency_id AND c.id = n.competency_id
                LEFT JOIN dictionaries d ON d.agency_id = c.agency_id AND d.id = c.dictionary_id
                WHERE q.agency_id = p.agency_id AND q.programme_id = p.id) r
             WHERE p.agency_id = $1",
            [self.agency().into()],
        )
    }
}

impl Tx<'_> {
    /// Adds a programme.
    ///
    /// # Errors
    /// `Taken("/code")`, `Missing("/partner_id")`, `Missing("/curriculum_owner_id")`, `Missing("/steps")`,
    /// `Missing("/prerequisites")`.
    pub async fn programme_insert(&self, pass: &Pass, programme: &Programme) -> Result<(), StoreError> {
        let one = std::slice::from_ref(programme);
        self.programmes_insert(pass, one).await?;
        self.programme_parts_insert(pass, one).await
    }

    /// Adds programmes without what they teach and build on: they may build on each other.
    ///
    /// # Errors
    /// `Taken("/code")`, `Missing("/partner_id")`, `Missing("/curriculum_owner_id")`.
    pub async fn programmes_insert(&self, pass: &Pass, programmes: &[Programme]) -> Result<(), StoreError> {
        for some in programmes.chunks(MOST_AT_ONCE) {
            let row = |programme: &Programme| {
                Ok(programmes::ActiveModel {
                    agency_id: Set(pass.agency().uuid()),
                    id: Set(programme.id.uuid()),
                    version: Set(programme.version.get()),
                    created_at: Set(self.now()),
                    ..self.programme_active(programme)?
                })
            };
            let rows: Vec<_> = some.iter().map(row).collect::<Result<_, StoreError>>()?;
            programmes::Entity::insert_many(rows).exec_without_returning(&self.db).await?;
        }
        Ok(())
    }

    /// Replaces a programme; `programme.version` is the version that was read.
    ///
    /// # Errors
    /// [`StoreError::Stale`], and those of adding one.
    pub async fn programme_update(&self, pass: &Pass, programme: &Programme) -> Result<(), StoreError> {
        let (agency, id) = (pass.agency().uuid(), programme.id.uuid());
        let row = programmes::ActiveModel {
            version: Set(programme.version.next().get()),
            ..self.programme_active(programme)?
        };
        let written = programmes::Entity::update_many()
            .set(row)
            .filter(Column::AgencyId.eq(agency))
            .filter(Column::Id.eq(id))
            .filter(Column::Version.eq(programme.version.get()))
            .exec(&self.db)
            .await?;
        if written.rows_affected == 0 {
            return Err(StoreError::Stale);
        }
        programme_steps::Entity::delete_many()
            .filter(programme_steps::Column::AgencyId.eq(agency))
            .filter(programme_steps::Column::ProgrammeId.eq(id))
            .exec(&self.db)
            .await?;
        programme_prerequisites::Entity::delete_many()
            .filter(programme_prerequisites::Column::AgencyId.eq(agency))
            .filter(programme_prerequisites::Column::ProgrammeId.eq(id))
            .exec(&self.db)
            .await?;
        self.programme_parts_insert(pass, std::slice::from_ref(programme)).await
    }

    /// Removes a draft.
    ///
    /// # Errors
    /// [`StoreError::Stale`] when it was changed or is no draft, `StillReferenced`.
    pub async fn programme_delete(
        &self,
        pass: &Pass,
        id: ProgrammeId,
        expected: Version,
    ) -> Result<(), StoreError> {
        let gone = programmes::Entity::delete_many()
            .filter(Column::AgencyId.eq(pass.agency().uuid()))
            .filter(Column::Id.eq(id.uuid()))
            .filter(Column::Version.eq(expected.get()))
            .filter(Column::State.eq(ProgrammeState::Draft.as_str()))
            .exec(&self.db)
            .await
            .map_err(StoreError::removing)?;
        if gone.rows_affected == 0 { Err(StoreError::Stale) } else { Ok(()) }
    }

    fn programme_active(&self, programme: &Programme) -> Result<programmes::ActiveModel, StoreError> {
        let content = &programme.content;
        let jp = content.jp.map(|jp| known(i32::try_from(jp.count()).ok(), "programmes.jp")).transpose()?;
        let months = content
            .certificate_months
            .map(|months| known(i16::try_from(months).ok(), "programmes.certificate_months"));
        Ok(programmes::ActiveModel {
            code: Set(content.code.to_string()),
            name: Set(content.name.to_string()),
            objectives: Set(content.objectives.to_string()),
            form: Set(content.form.to_string()),
            partner_id: Set(content.partner.uuid()),
            curriculum_owner_id: Set(content.curriculum_owner.map(PartnerId::uuid)),
            mode: Set(content.mode.as_str().to_owned()),
            jp: Set(jp),
            price_per_participant: Set(content.price.per_participant.map(Rupiah::amount)),
            price_per_class: Set(content.price.per_class.map(Rupiah::amount)),
            accreditation: Set(content.accreditation.as_ref().map(ToString::to_string)),
            certificate_months: Set(months.transpose()?),
            job_classes: Set(content.audience.job_classes.iter().map(ToString::to_string).collect()),
            job_families: Set(content.audience.job_families.iter().map(ToString::to_string).collect()),
            state: Set(programme.state.as_str().to_owned()),
            updated_at: Set(self.now()),
            ..Default::default()
        })
    }

    /// Adds what programmes that have no parts yet teach and build on.
    ///
    /// # Errors
    /// `Missing("/steps")`, `Missing("/prerequisites")`.
    pub async fn programme_parts_insert(
        &self,
        pass: &Pass,
        programmes: &[Programme],
    ) -> Result<(), StoreError> {
        let agency = pass.agency().uuid();
        let steps: Vec<_> = programmes.iter().flat_map(|programme| steps_of(agency, programme)).collect();
        for some in steps.chunks(MOST_AT_ONCE) {
            let rows = some.iter().cloned();
            programme_steps::Entity::insert_many(rows).exec_without_returning(&self.db).await?;
        }
        let prerequisites: Vec<_> =
            programmes.iter().flat_map(|programme| prerequisites_of(agency, programme)).collect();
        for some in prerequisites.chunks(MOST_AT_ONCE) {
            let rows = some.iter().cloned();
            programme_prerequisites::Entity::insert_many(rows).exec_without_returning(&self.db).await?;
        }
        Ok(())
    }
}

fn steps_of(agency: Uuid, programme: &Programme) -> Vec<programme_steps::ActiveModel> {
    let row = |(ordinal, step): (i32, &Step)| programme_steps::ActiveModel {
        agency_id: Set(agency),
        programme_id: Set(programme.id.uuid()),
        competency_id: Set(step.competency.uuid()),
        competency_agency_id: Set(step.competency_agency.uuid()),
        dictionary_version_id: Set(step.dictionary_version.uuid()),
        ordinal: Set(ordinal),
        level_from: Set(step.from.map(|level| i16::from(level.get()))),
        level_to: Set(i16::from(step.to.get())),
    };
    (1..).zip(&programme.content.steps).map(row).collect()
}

fn prerequisites_of(agency: Uuid, programme: &Programme) -> Vec<programme_prerequisites::ActiveModel> {
    let row = |(ordinal, prerequisite): (i32, &Prerequisite)| {
        let row = programme_prerequisites::ActiveModel {
            agency_id: Set(agency),
            programme_id: Set(programme.id.uuid()),
            ordinal: Set(ordinal),
            required_programme_id: Set(None),
            competency_id: Set(None),
            competency_agency_id: Set(None),
            dictionary_version_id: Set(None),
            level: Set(None),
        };
        match prerequisite {
            Prerequisite::Programme(other) => {
                programme_prerequisites::ActiveModel { required_programme_id: Set(Some(other.uuid())), ..row }
            }
            Prerequisite::Competency { competency, competency_agency, dictionary_version, level } => {
                programme_prerequisites::ActiveModel {
                    competency_id: Set(Some(competency.uuid())),
                    competency_agency_id: Set(Some(competency_agency.uuid())),
                    dictionary_version_id: Set(Some(dictionary_version.uuid())),
                    level: Set(Some(i16::from(level.get()))),
                    ..row
                }
            }
        }
    };
    (1..).zip(&programme.content.prerequisites).map(row).collect()
}
