//! Who serves where, and since when.

use access::Pass;
use chrono::{DateTime, NaiveDate, Utc};
use entities::placements::{self, Column};
use kernel::{Code, EmployeeId, Name, PlacementId, PositionId, UnitId};
use sea_orm::ActiveValue::Set;
use sea_orm::{ColumnTrait as _, EntityTrait as _, FromQueryResult, QueryFilter as _};
use uuid::Uuid;
use workforce::{JobClass, Placement};

use crate::rows::{code, known, name};
use crate::sentence::Sentence;
use crate::{Reader, StoreError, Tx};

/// A position somebody holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HeldPosition {
    /// The placement that says so.
    pub placement: PlacementId,
    /// The first day.
    pub since: NaiveDate,
    /// The position.
    pub position: PositionId,
    /// Its code.
    pub code: Code,
    /// Its name.
    pub name: Name,
    /// Its job class.
    pub job_class: JobClass,
    /// Whether its holder heads the unit.
    pub is_head: bool,
    /// The unit it belongs to.
    pub unit: UnitId,
    /// The unit's code.
    pub unit_code: Code,
    /// The unit's name.
    pub unit_name: Name,
}

/// A placement with the position it names, as that is called now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PlacementRow {
    /// The placement.
    pub placement: Placement,
    /// Its position; none when it released the person from any.
    pub held: Option<HeldPosition>,
}

/// The columns of a [`HeldPosition`] beside other columns, all empty where nothing is held.
#[derive(FromQueryResult)]
pub(crate) struct HeldColumns {
    held_placement_id: Option<Uuid>,
    held_since: Option<NaiveDate>,
    held_position_id: Option<Uuid>,
    held_code: Option<String>,
    held_name: Option<String>,
    held_job_class: Option<String>,
    held_is_head: Option<bool>,
    held_unit_id: Option<Uuid>,
    held_unit_code: Option<String>,
    held_unit_name: Option<String>,
}

impl HeldColumns {
    pub(crate) fn held(self) -> Result<Option<HeldPosition>, StoreError> {
        let Some(position) = self.held_position_id else {
            return Ok(None);
        };
        let job_class = known(self.held_job_class, "positions.job_class")?;
        Ok(Some(HeldPosition {
            placement: PlacementId::from(known(self.held_placement_id, "placements.id")?),
            since: known(self.held_since, "placements.starts_on")?,
            position: PositionId::from(position),
            code: code(known(self.held_code, "positions.code")?),
            name: name(known(self.held_name, "positions.name")?),
            job_class: known(JobClass::parse(&job_class), "positions.job_class")?,
            is_head: known(self.held_is_head, "positions.is_head")?,
            unit: UnitId::from(known(self.held_unit_id, "positions.unit_id")?),
            unit_code: code(known(self.held_unit_code, "units.code")?),
            unit_name: name(known(self.held_unit_name, "units.name")?),
        }))
    }
}

#[derive(FromQueryResult)]
struct Row {
    #[sea_orm(nested)]
    placement: placements::Model,
    #[sea_orm(nested)]
    held: HeldColumns,
}

impl Row {
    fn domain(self) -> Result<PlacementRow, StoreError> {
        Ok(PlacementRow { placement: domain(self.placement), held: self.held.held()? })
    }
}

pub(crate) fn domain(row: placements::Model) -> Placement {
    Placement {
        id: PlacementId::from(row.id),
        employee: EmployeeId::from(row.employee_id),
        position: row.position_id.map(PositionId::from),
        starts_on: row.starts_on,
        decree: row.decree.map(name),
        recorded_at: row.recorded_at,
        retracted_at: row.retracted_at,
    }
}

impl Reader<'_> {
    /// The entries of a person's position history, latest start first: those on record and not declared wrong at
    /// `known_at`, or without it every one, retracted ones included. Empty for a person the scope does not reach.
    ///
    /// # Errors
    /// The database's.
    pub async fn placements(
        &self,
        employee: EmployeeId,
        known_at: Option<DateTime<Utc>>,
    ) -> Result<Vec<PlacementRow>, StoreError> {
        let mut sentence = Sentence::new(
            "SELECT p.*, p.id AS held_placement_id, p.starts_on AS held_since, q.id AS held_position_id,
                    q.code AS held_code, q.name AS held_name, q.job_class AS held_job_class,
                    q.is_head AS held_is_head, u.id AS held_unit_id, u.code AS held_unit_code, u.name AS held_unit_name
             FROM placements p
             LEFT JOIN positions q ON q.agency_id = p.agency_id AND q.id = p.position_id
             LEFT JOIN units u ON u.agency_id = q.agency_id AND u.id = q.unit_id
             WHERE p.agency_id = $1 AND p.employee_id = $3",
            [self.agency().into(), self.today.into(), employee.uuid().into()],
        );
        if let Some(known_at) = known_at {
            sentence.push(
                " AND p.recorded_at <= {} AND (p.retracted_at IS NULL OR p.retracted_at > {})",
                [known_at.into(), known_at.into()],
            );
        }
        sentence.within("p.employee_id", self.people());
        sentence.push(" ORDER BY p.starts_on DESC, p.recorded_at DESC, p.id DESC", []);
        let rows = Row::find_by_statement(sentence.finish()).all(&self.db).await?;
        rows.into_iter().map(Row::domain).collect()
    }

    /// Where a person served on `day`, as it was known at `known_at`, or without it as it is known now. None before the
    /// first placement, and for a person the scope does not reach.
    ///
    /// # Errors
    /// The database's.
    pub async fn placement_on(
        &self,
        employee: EmployeeId,
        day: NaiveDate,
        known_at: Option<DateTime<Utc>>,
    ) -> Result<Option<PlacementRow>, StoreError> {
        let (known, instant) = match known_at {
            Some(known_at) => ("$5", Some(known_at.into())),
            None => ("'infinity'", None),
        };
        let text = format!(
            "SELECT p.*, p.id AS held_placement_id, p.starts_on AS held_since, q.id AS held_position_id,
                    q.code AS held_code, q.name AS held_name, q.job_class AS held_job_class,
                    q.is_head AS held_is_head, u.id AS held_unit_id, u.code AS held_unit_code, u.name AS held_unit_name
             FROM placements_on($1, $3, {known}) p
             LEFT JOIN positions q ON q.agency_id = p.agency_id AND q.id = p.position_id
             LEFT JOIN units u ON u.agency_id = q.agency_id AND u.id = q.unit_id
             WHERE p.employee_id = $4"
        );
        let values = [self.agency().into(), self.today.into(), day.into(), employee.uuid().into()];
        let mut sentence = Sentence::new(&text, values.into_iter().chain(instant));
        sentence.within("p.employee_id", self.people());
        Row::find_by_statement(sentence.finish()).one(&self.db).await?.map(Row::domain).transpose()
    }
}

impl Tx<'_> {
    /// Records a placement as of this transaction's stamp; what `placement` says of the recording is not used. The
    /// caller holds [`Tx::employee_lock`], so that nobody else is writing the same history.
    ///
    /// # Errors
    /// `Taken("/starts_on")`, `Missing("/employee_id")`, `Missing("/position_id")`.
    pub async fn placement_insert(
        &self,
        pass: &Pass,
        placement: &Placement,
    ) -> Result<Placement, StoreError> {
        let placement =
            Placement { recorded_at: self.stamp().await?, retracted_at: None, ..placement.clone() };
        placements::Entity::insert(placements::ActiveModel {
            agency_id: Set(pass.agency().uuid()),
            id: Set(placement.id.uuid()),
            employee_id: Set(placement.employee.uuid()),
            position_id: Set(placement.position.map(PositionId::uuid)),
            starts_on: Set(placement.starts_on),
            decree: Set(placement.decree.as_ref().map(ToString::to_string)),
            recorded_at: Set(placement.recorded_at),
            retracted_at: Set(None),
        })
        .exec_without_returning(&self.db)
        .await?;
        self.moved([placement.employee], placement.starts_on);
        Ok(placement)
    }

    /// Declares a placement wrong as of this transaction's stamp. The caller holds [`Tx::employee_lock`].
    ///
    /// # Errors
    /// [`StoreError::Stale`] when it had been declared wrong already.
    pub async fn placement_retract(&self, pass: &Pass, id: PlacementId) -> Result<Placement, StoreError> {
        let row = placements::Entity::update_many()
            .set(placements::ActiveModel {
                retracted_at: Set(Some(self.stamp().await?)),
                ..Default::default()
            })
            .filter(Column::AgencyId.eq(pass.agency().uuid()))
            .filter(Column::Id.eq(id.uuid()))
            .filter(Column::RetractedAt.is_null())
            .exec_with_returning(&self.db)
            .await?
            .pop();
        let placement = row.map(domain).ok_or(StoreError::Stale)?;
        self.moved([placement.employee], placement.starts_on);
        Ok(placement)
    }
}
