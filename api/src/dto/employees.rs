//! Civil servants.

use chrono::NaiveDate;
use kernel::{EmployeeId, Name, Nip, NipReading, PositionId, UnitId, Version, Violation, Violations};
use serde::{Deserialize, Serialize};
use store::{EmployeeFilter, EmployeeRow, NamedSuperior, SuperiorChain};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;
use validator::Validate;
use workforce::{ChainLink, Employee, SuperiorBasis};

use crate::dto::day;
use crate::dto::enums::{Wire, wire};
use crate::dto::placements::HeldPositionView;

/// A civil servant (pegawai ASN), and the position they hold today.
#[derive(Debug, Serialize, ToSchema)]
pub struct EmployeeView {
    /// Identifier.
    pub id: Uuid,
    /// NIP or NI PPPK: 18 digits, as text.
    #[schema(example = "198609262015051001", min_length = 18, max_length = 18, pattern = "^[0-9]{18}$")]
    pub nip: String,
    /// The same as people write it.
    #[schema(example = "19860926 201505 1 001", max_length = 21)]
    pub nip_display: String,
    /// What the number says of its holder; null for one that was taken over unread.
    pub nip_reading: Option<NipReadingView>,
    /// What on record does not agree with the number.
    #[schema(max_items = 3)]
    pub warnings: Vec<wire::NipWarning>,
    /// Name.
    #[schema(example = "Contoh Pegawai", max_length = 200)]
    pub name: String,
    /// Standing on record; it decides over what the number suggests.
    pub status: wire::EmployeeStatus,
    /// The highest education on record.
    pub education: Option<wire::Education>,
    /// The day the first appointment took effect (TMT CPNS, TMT PPPK).
    pub appointed_on: Option<NaiveDate>,
    /// The direct superior on record, where it differs from what the unit tree says.
    pub superior_id: Option<Uuid>,
    /// The position held today; null before the first placement and after a release.
    pub held: Option<HeldPositionView>,
}

/// An identity number taken apart (Perka BKN 22/2007).
#[derive(Debug, Serialize, ToSchema)]
pub struct NipReadingView {
    /// Digits 1 to 8: date of birth.
    pub born_on: NaiveDate,
    /// PNS or PPPK, told by digits 13 and 14.
    pub kind: wire::ServiceKind,
    /// Digits 9 to 12: year of appointment.
    #[schema(example = 2015, minimum = 1901, maximum = 9999)]
    pub appointment_year: i32,
    /// Digits 13 and 14 of a PNS: month of appointment.
    #[schema(example = 5, minimum = 1, maximum = 12)]
    pub appointment_month: Option<u32>,
    /// Digits 13 and 14 of a PPPK: number or frequency of the work agreement.
    #[schema(example = json!(null), minimum = 13, maximum = 99)]
    pub agreement_code: Option<u32>,
    /// Digit 15.
    pub sex: wire::Sex,
    /// Digits 16 to 18.
    #[schema(example = 1, minimum = 1, maximum = 999)]
    pub serial: u32,
}

impl From<NipReading> for NipReadingView {
    fn from(reading: NipReading) -> Self {
        let NipReading { born_on, kind, appointment_year, appointment_month, agreement_code, sex, serial } =
            reading;
        Self {
            born_on,
            kind: Wire(kind),
            appointment_year,
            appointment_month,
            agreement_code,
            sex: Wire(sex),
            serial,
        }
    }
}

impl From<EmployeeRow> for EmployeeView {
    fn from(row: EmployeeRow) -> Self {
        let EmployeeRow { employee, held } = row;
        let warnings = employee.warnings();
        let Employee { id, nip, name, status, education, appointed_on, superior, version: _ } = employee;
        Self {
            id: id.uuid(),
            nip: nip.as_str().to_owned(),
            nip_display: nip.display(),
            nip_reading: nip.reading().ok().map(NipReadingView::from),
            warnings: warnings.into_iter().map(Wire).collect(),
            name: name.into_string(),
            status: Wire(status),
            education: education.map(Wire),
            appointed_on,
            superior_id: superior.map(EmployeeId::uuid),
            held: held.map(HeldPositionView::from),
        }
    }
}

/// What a caller says of a person, to make or to replace a record.
#[derive(Clone, Debug, Deserialize, Serialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({
    "nip": "198609262015051001", "name": "Contoh Pegawai", "status": "PNS", "education": "S1",
    "appointed_on": "2015-05-01"
}))]
pub struct EmployeePut {
    /// NIP or NI PPPK, unique in the agency; spaces and dots are dropped. Text, never a number: a number loses digits.
    #[schema(example = "198609262015051001", min_length = 18, max_length = 40)]
    pub nip: String,
    /// Name.
    #[schema(example = "Contoh Pegawai", min_length = 1, max_length = 200)]
    pub name: String,
    /// Standing.
    pub status: wire::EmployeeStatus,
    /// The highest education on record.
    pub education: Option<wire::Education>,
    /// The day the first appointment took effect (TMT CPNS, TMT PPPK).
    pub appointed_on: Option<NaiveDate>,
    /// The direct superior, only where it differs from what the unit tree says.
    pub superior_id: Option<Uuid>,
}

impl EmployeePut {
    /// The person these values describe; `today` bounds the birth date.
    ///
    /// # Errors
    /// Every value that cannot stand.
    pub fn into_domain(
        self,
        id: EmployeeId,
        version: Version,
        today: NaiveDate,
    ) -> Result<Employee, Vec<Violation>> {
        let Self { nip, name, status: Wire(status), education, appointed_on, superior_id } = self;
        let mut found = Violations::new();
        let nip = found.take(Nip::parse(&nip, today).map_err(|violation| violation.under("/nip")));
        let name = found.take(Name::parse(&name).map_err(|violation| violation.under("/name")));
        let appointed_on = found.take(appointed_on.map(|on| day("/appointed_on", on)).transpose());
        let (Some(nip), Some(name), Some(appointed_on)) = (nip, name, appointed_on) else {
            return Err(found.into_sorted());
        };
        let education = education.map(|Wire(level)| level);
        let superior = superior_id.map(EmployeeId::from);
        let employee = Employee { id, nip, name, status, education, appointed_on, superior, version };
        employee.check().map(|()| employee)
    }
}

/// Which people a list holds. Unit, position and job class are those of today.
#[derive(Clone, Debug, Deserialize, Serialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct EmployeeQuery {
    /// With this identity number.
    #[param(example = "198609262015051001", max_length = 40)]
    pub nip: Option<String>,
    /// Serving in this unit itself.
    pub unit_id: Option<Uuid>,
    /// Serving in this unit or in one under it at any depth.
    pub within: Option<Uuid>,
    /// Holding this position.
    pub position_id: Option<Uuid>,
    /// Of this standing.
    #[param(inline)]
    pub status: Option<wire::EmployeeStatus>,
    /// Holding a position of this job class.
    #[param(inline)]
    pub job_class: Option<wire::JobClass>,
    /// With this in their name, in any case.
    #[param(example = "contoh", max_length = 100)]
    pub search: Option<String>,
    /// Where to continue: `next` of the page before.
    #[param(max_length = 2000)]
    pub cursor: Option<String>,
    /// Most items of a page.
    #[param(minimum = 1, maximum = 200, default = 50)]
    pub limit: Option<u16>,
}

impl EmployeeQuery {
    /// The filter these parameters describe; `today` bounds the birth date of a number.
    ///
    /// # Errors
    /// A number that cannot be one.
    pub fn into_filter(self, today: NaiveDate) -> Result<EmployeeFilter, Violation> {
        let Self { nip, unit_id, within, position_id, status, job_class, search, cursor: _, limit: _ } = self;
        let nip = nip.map(|nip| Nip::parse(&nip, today)).transpose();
        Ok(EmployeeFilter {
            nip: nip.map_err(|violation| violation.under("/query/nip"))?.map(|nip| nip.as_str().to_owned()),
            unit: unit_id.map(UnitId::from),
            within: within.map(UnitId::from),
            position: position_id.map(PositionId::from),
            status: status.map(|Wire(status)| status),
            job_class: job_class.map(|Wire(class)| class),
            search,
        })
    }
}

/// On which day a superior is asked for.
#[derive(Clone, Debug, Deserialize, Serialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct SuperiorQuery {
    /// The day; today when absent.
    pub as_of: Option<NaiveDate>,
}

/// Who a person's direct superior (atasan langsung) is, and what decides it.
///
/// A superior on record wins. Otherwise it is whoever heads the person's own unit, or, where they head it themselves or
/// nobody does, the nearest unit above that somebody else heads.
#[derive(Debug, Serialize, ToSchema)]
pub struct SuperiorView {
    /// The person.
    pub employee_id: Uuid,
    /// The day it holds for: placements are those of that day, the unit tree is today's.
    pub as_of: NaiveDate,
    /// The superior; null for the head of everything and for somebody who serves nowhere.
    pub superior: Option<SuperiorPersonView>,
    /// The way from the person's unit to the top of the tree.
    #[schema(max_items = 100)]
    pub chain: Vec<ChainLinkView>,
}

/// A direct superior.
#[derive(Debug, Serialize, ToSchema)]
pub struct SuperiorPersonView {
    /// Who.
    pub employee_id: Uuid,
    /// Their name.
    #[schema(example = "Contoh Atasan", max_length = 200)]
    pub name: String,
    /// Why they are.
    pub basis: SuperiorBasisView,
    /// The unit they head; null when they are on record as the superior.
    pub unit_id: Option<Uuid>,
}

/// Why somebody is the superior.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum SuperiorBasisView {
    /// Recorded with the employee.
    Override,
    /// Heads the person's own unit.
    UnitHead,
    /// Heads a unit further up.
    AncestorHead,
}

impl From<SuperiorBasis> for SuperiorBasisView {
    fn from(basis: SuperiorBasis) -> Self {
        match basis {
            SuperiorBasis::Override => Self::Override,
            SuperiorBasis::UnitHead { .. } => Self::UnitHead,
            SuperiorBasis::AncestorHead { .. } => Self::AncestorHead,
        }
    }
}

/// A unit on the way up.
#[derive(Debug, Serialize, ToSchema)]
pub struct ChainLinkView {
    /// The unit.
    pub unit_id: Uuid,
    /// Who heads it on that day; null where nobody does.
    pub head_id: Option<Uuid>,
}

impl SuperiorView {
    /// The answer for `employee` on `as_of`.
    #[must_use]
    pub fn new(employee: EmployeeId, as_of: NaiveDate, chain: SuperiorChain) -> Self {
        let SuperiorChain { links, superior } = chain;
        let link = |ChainLink { unit, head }: ChainLink| ChainLinkView {
            unit_id: unit.uuid(),
            head_id: head.map(EmployeeId::uuid),
        };
        let person = |NamedSuperior { employee, name, basis }: NamedSuperior| SuperiorPersonView {
            employee_id: employee.uuid(),
            name: name.into_string(),
            basis: basis.into(),
            unit_id: basis.unit().map(UnitId::uuid),
        };
        Self {
            employee_id: employee.uuid(),
            as_of,
            superior: superior.map(person),
            chain: links.into_iter().map(link).collect(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use kernel::{NipWarning, ServiceKind, ViolationCode};
    use workforce::EmployeeStatus;

    fn today() -> NaiveDate {
        NaiveDate::from_ymd_opt(2026, 7, 1).unwrap()
    }

    fn input() -> EmployeePut {
        EmployeePut {
            nip: "19860926 201505 1 001".to_owned(),
            name: "Contoh Pegawai".to_owned(),
            status: Wire(EmployeeStatus::Pppk),
            education: None,
            appointed_on: NaiveDate::from_ymd_opt(2015, 5, 1),
            superior_id: None,
        }
    }

    #[test]
    fn a_number_as_people_write_it_is_taken_apart_and_its_contradiction_shown() {
        let employee = input().into_domain(EmployeeId::new(), Version::FIRST, today()).unwrap();
        let view = EmployeeView::from(EmployeeRow { employee, held: None });
        assert_eq!(
            (view.nip.as_str(), view.nip_display.as_str()),
            ("198609262015051001", "19860926 201505 1 001")
        );
        assert_eq!(view.warnings, [Wire(NipWarning::StatusDiffers)]);
        let reading = view.nip_reading.unwrap();
        assert_eq!((reading.kind, reading.appointment_month), (Wire(ServiceKind::Pns), Some(5)));
    }

    #[test]
    fn every_wrong_value_is_told_with_its_place() {
        let wrong = EmployeePut {
            nip: "1.98609E+17".to_owned(),
            name: String::new(),
            appointed_on: NaiveDate::from_ymd_opt(1015, 5, 1),
            ..input()
        };
        let found = wrong.into_domain(EmployeeId::new(), Version::FIRST, today()).unwrap_err();
        let found: Vec<_> = found.iter().map(|one| (one.pointer.as_str(), one.code)).collect();
        assert_eq!(
            found,
            [
                ("/appointed_on", ViolationCode::OutOfRange),
                ("/name", ViolationCode::Required),
                ("/nip", ViolationCode::NipScientific),
            ]
        );
    }

    #[test]
    fn every_basis_has_the_name_the_domain_gives_it() {
        let unit = UnitId::new();
        for basis in
            [SuperiorBasis::Override, SuperiorBasis::UnitHead { unit }, SuperiorBasis::AncestorHead { unit }]
        {
            let sent = serde_json::to_value(SuperiorBasisView::from(basis)).unwrap();
            assert_eq!(sent, basis.as_str());
        }
    }
}
