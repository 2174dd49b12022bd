//! Ledgers of learning hours, and how people stand against floors and ceilings.

use chrono::{DateTime, NaiveDate, Utc};
use development::{JpEntry, JpLedger, JpRule, JpSum, JpTargetRubric, JpTerm, UsedCertificate, calendar_year};
use kernel::{
    Code, EmployeeId, Hundredths, JpEntryId, LongText, Period, UnitId, UserId, Violation, ViolationCode,
    Violations,
};
use serde::{Deserialize, Serialize, Serializer};
use store::{JpComplianceRow, JpEntryRow, JpStanding};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;
use validator::Validate;

use crate::dto::enums::{Wire, wire};
use crate::dto::values::{Decimal, PolicyRefView, long_text, name, several};

/// Hours that may be below zero, as a JSON number with at most two decimals.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Hours(pub JpSum);

impl Serialize for Hours {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match (self.0.count() / 100, self.0.count() % 100) {
            (whole, 0) => serializer.serialize_i64(whole),
            _ => serializer.serialize_f64(self.0.to_f64()),
        }
    }
}

/// How many learning hours a year asks for, and how many it allows.
#[derive(Clone, Debug, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct JpTargetRubricView {
    /// Floors and ceilings, in the order they are shown; each standing has at most one of each.
    #[schema(min_items = 1, max_items = 20)]
    pub rules: Vec<JpRuleView>,
}

/// One floor or ceiling.
#[derive(Clone, Debug, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"statuses": ["PPPK"], "bound": "AT_MOST", "jp": 24, "span": "CONTRACT_YEAR",
    "enforcement": "WARN", "part_year": "FULL", "exempt": ["JPT_UTAMA", "JPT_MADYA"],
    "source": "PP 49/2018 Pasal 39-40", "confidence": "FOUND"}))]
pub struct JpRuleView {
    /// Whom it is about.
    #[schema(min_items = 1, max_items = 4)]
    pub statuses: Vec<wire::EmployeeStatus>,
    /// Floor or ceiling.
    pub bound: wire::JpBound,
    /// Learning hours (jam pelajaran, JP).
    #[schema(value_type = f64, example = 24, minimum = 0.01, maximum = 2000)]
    pub jp: Decimal,
    /// What they are counted over.
    pub span: wire::JpSpan,
    /// What happens when a ceiling is passed; a floor only warns.
    pub enforcement: wire::JpEnforcement,
    /// What is asked of somebody who has the standing for a part of a calendar year.
    pub part_year: wire::JpPartYear,
    /// Job classes it is not about.
    #[schema(max_items = 20)]
    pub exempt: Vec<wire::JobClass>,
    /// Where it comes from.
    #[schema(example = "PP 49/2018 Pasal 39-40", min_length = 1, max_length = 4000)]
    pub source: String,
    /// How sure that is.
    pub confidence: wire::Confidence,
}

impl From<JpTargetRubric> for JpTargetRubricView {
    fn from(rubric: JpTargetRubric) -> Self {
        let JpTargetRubric { rules } = rubric;
        Self { rules: rules.into_iter().map(JpRuleView::from).collect() }
    }
}

impl From<JpRule> for JpRuleView {
    fn from(rule: JpRule) -> Self {
        let JpRule { statuses, bound, jp, span, enforcement, part_year, exempt, source, confidence } = rule;
        Self {
            statuses: statuses.into_iter().map(Wire).collect(),
            bound: Wire(bound),
            jp: Decimal(jp),
            span: Wire(span),
            enforcement: Wire(enforcement),
            part_year: Wire(part_year),
            exempt: exempt.into_iter().map(Wire).collect(),
            source: source.into_string(),
            confidence: Wire(confidence),
        }
    }
}

impl JpTargetRubricView {
    /// The rubric these values describe; nothing when a part cannot stand.
    pub(crate) fn into_domain(self, at: &str, found: &mut Violations) -> Option<JpTargetRubric> {
        let Self { rules } = self;
        let asked = rules.len();
        // Before anything is said of single rules: a list without end would be answered without end.
        if asked > JpTargetRubric::MOST_RULES {
            let most = JpTargetRubric::MOST_RULES;
            found.push(Violation::new(format!("{at}/rules"), ViolationCode::TooMany).with("max", most));
            return None;
        }
        let read =
            |(index, rule): (usize, JpRuleView)| rule.into_domain(&format!("{at}/rules/{index}"), found);
        let rules: Vec<_> = rules.into_iter().enumerate().filter_map(read).collect();
        (rules.len() == asked).then_some(JpTargetRubric { rules })
    }
}

impl JpRuleView {
    fn into_domain(self, at: &str, found: &mut Violations) -> Option<JpRule> {
        let Self { statuses, bound, jp, span, enforcement, part_year, exempt, source, confidence } = self;
        let source = long_text(found, &format!("{at}/source"), &source)?;
        Some(JpRule {
            statuses: statuses.into_iter().map(|Wire(status)| status).collect(),
            bound: bound.0,
            jp: jp.0,
            span: span.0,
            enforcement: enforcement.0,
            part_year: part_year.0,
            exempt: exempt.into_iter().map(|Wire(class)| class).collect(),
            source,
            confidence: confidence.0,
        })
    }
}

/// A certificate.
#[derive(Clone, Debug, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct UsedCertificateView {
    /// Its number, as written. Capitals, blanks and punctuation tell no two apart.
    #[schema(example = "893/0123/BPSDM/2026", min_length = 1, max_length = 200)]
    pub number: String,
    /// The day on it.
    pub issued_on: NaiveDate,
    /// Last day it is valid; null when it does not expire. Afterwards its hours do not count any more.
    pub valid_until: Option<NaiveDate>,
}

impl From<UsedCertificate> for UsedCertificateView {
    fn from(certificate: UsedCertificate) -> Self {
        let UsedCertificate { number, issued_on, valid_until } = certificate;
        Self { number: number.into_string(), issued_on, valid_until }
    }
}

impl UsedCertificateView {
    pub(crate) fn into_domain(self, at: &str, found: &mut Violations) -> Option<UsedCertificate> {
        let Self { number, issued_on, valid_until } = self;
        let number = name(found, &format!("{at}/number"), &number);
        let issued_on = found.take(crate::dto::day(&format!("{at}/issued_on"), issued_on));
        let until = |day| crate::dto::day(&format!("{at}/valid_until"), day);
        let valid_until = found.take(valid_until.map(until).transpose());
        Some(UsedCertificate { number: number?, issued_on: issued_on?, valid_until: valid_until? })
    }
}

/// An entry of a ledger of learning hours. It never changes: a wrong one is taken back by a counter-entry.
#[derive(Debug, Serialize, ToSchema)]
pub struct JpEntryView {
    /// Identifier.
    pub id: Uuid,
    /// Whose ledger.
    pub employee_id: Uuid,
    /// What it does.
    pub kind: wire::JpEntryKind,
    /// Where the hours come from.
    pub source: wire::JpSource,
    /// The enrolment, the activity or the own learning.
    pub source_id: Uuid,
    /// The day the learning ended; its year is the ledger's.
    pub earned_on: NaiveDate,
    /// Learning hours; below zero in a counter-entry.
    #[schema(value_type = f64, example = 12, minimum = -2000, maximum = 2000)]
    pub jp: Hours,
    /// By what they were counted.
    pub basis: wire::JpEntryBasis,
    /// Whether they count on the day of the ledger: what rests on an expired certificate does not.
    #[schema(example = true)]
    pub counts: bool,
    /// What was learned.
    #[schema(example = "Analisis Kebijakan Publik", max_length = 200)]
    pub title: String,
    /// Code of the form of development.
    #[schema(example = "KL03", max_length = 64)]
    pub form: Option<String>,
    /// The certificate.
    pub certificate: Option<UsedCertificateView>,
    /// Whether a counter-entry takes it back.
    #[schema(example = false)]
    pub reversed: bool,
    /// The entry this one takes back or replaces.
    pub corrects_id: Option<Uuid>,
    /// Why that was done.
    #[schema(example = "Jumlah jam salah ketik", max_length = 4000)]
    pub reason: Option<String>,
    /// When it was recorded.
    pub recorded_at: DateTime<Utc>,
    /// By whom: the user's id.
    pub recorded_by: Option<Uuid>,
}

impl JpEntryView {
    /// The entry as it counts on `day`.
    #[must_use]
    pub fn new(row: JpEntryRow, day: NaiveDate) -> Self {
        let JpEntryRow { entry, reversed } = row;
        let counts = entry.counts_on(day);
        let JpEntry {
            id,
            employee,
            kind,
            source,
            source_id,
            earned_on,
            jp,
            basis,
            title,
            form,
            certificate,
            corrects,
            reason,
            recorded_at,
            recorded_by,
        } = entry;
        Self {
            id: id.uuid(),
            employee_id: employee.uuid(),
            kind: Wire(kind),
            source: Wire(source),
            source_id,
            earned_on,
            jp: Hours(jp),
            basis: Wire(basis),
            counts,
            title: title.into_string(),
            form: form.map(Code::into_string),
            certificate: certificate.map(UsedCertificateView::from),
            reversed,
            corrects_id: corrects.map(JpEntryId::uuid),
            reason: reason.map(LongText::into_string),
            recorded_at,
            recorded_by: recorded_by.map(UserId::uuid),
        }
    }
}

/// How hours stand against one floor or ceiling.
#[derive(Debug, Serialize, ToSchema)]
pub struct JpTermView {
    /// The rule.
    pub rule: JpRuleView,
    /// The standing it follows from.
    pub status: wire::EmployeeStatus,
    /// First day whose hours are counted.
    pub from: NaiveDate,
    /// Last day whose hours are counted.
    pub until: Option<NaiveDate>,
    /// Learning hours asked for or allowed: the rule's, or for a part of a year its share.
    #[schema(value_type = f64, example = 20, minimum = 0, maximum = 2000)]
    pub jp: Decimal,
    /// Learning hours counted.
    #[schema(value_type = f64, example = 12, minimum = -2000, maximum = 1000000)]
    pub counted: Hours,
    /// What is missing to a floor.
    #[schema(value_type = f64, example = 8, minimum = 0, maximum = 1000000)]
    pub short: Decimal,
    /// What lies above a ceiling.
    #[schema(value_type = f64, example = 0, minimum = 0, maximum = 1000000)]
    pub over: Decimal,
    /// Days left to earn in, today included; 0 once they are over.
    #[schema(example = 184, minimum = 0, maximum = 1000000)]
    pub days_left: i64,
}

impl From<JpTerm> for JpTermView {
    fn from(term: JpTerm) -> Self {
        let JpTerm { rule, status, period: Period { from, last }, jp, counted, short, over, days_left } =
            term;
        Self {
            rule: rule.into(),
            status: Wire(status),
            from,
            until: last,
            jp: Decimal(jp),
            counted: Hours(counted),
            short: Decimal(short),
            over: Decimal(over),
            days_left,
        }
    }
}

/// A year of a person's ledger of learning hours (jam pelajaran, JP).
#[derive(Debug, Serialize, ToSchema)]
pub struct JpLedgerView {
    /// The person.
    pub employee_id: Uuid,
    /// The year, in the agency's time zone.
    #[schema(example = 2026, minimum = 1900, maximum = 2199)]
    pub year: i32,
    /// The day by which it was counted: today, or the last day of a year that is over.
    pub as_of: NaiveDate,
    /// Learning hours of the year that count on that day.
    #[schema(value_type = f64, example = 12, minimum = -2000, maximum = 1000000)]
    pub counted: Hours,
    /// Learning hours of the year that rest on certificates that have expired.
    #[schema(value_type = f64, example = 0, minimum = -2000, maximum = 1000000)]
    pub expired: Hours,
    /// How they stand against the floors and ceilings that apply; empty where none does.
    #[schema(max_items = 100)]
    pub terms: Vec<JpTermView>,
    /// The year's entries by day; those of contract years that reach into another calendar year stand in that one's ledger.
    #[schema(max_items = 10000)]
    pub entries: Vec<JpEntryView>,
    /// The rubric of floors and ceilings.
    pub policy: PolicyRefView,
}

impl JpLedgerView {
    /// The ledger with the entries it shows.
    #[must_use]
    pub fn new(employee: EmployeeId, ledger: JpLedger, rows: Vec<JpEntryRow>) -> Self {
        let JpLedger { year, as_of, counted, expired, terms, policy } = ledger;
        let of_year = calendar_year(year);
        let rows = rows.into_iter().filter(|row| of_year.contains(row.entry.earned_on));
        Self {
            employee_id: employee.uuid(),
            year,
            as_of,
            counted: Hours(counted),
            expired: Hours(expired),
            terms: terms.into_iter().map(JpTermView::from).collect(),
            entries: rows.map(|row| JpEntryView::new(row, as_of)).collect(),
            policy: policy.into(),
        }
    }
}

/// Which year of a ledger.
#[derive(Clone, Copy, Debug, Deserialize, Serialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct JpLedgerQuery {
    /// The year; the present one in the agency's time zone when absent.
    #[param(example = 2026, minimum = 1900, maximum = 2199)]
    pub year: Option<i32>,
}

/// What an entry should have said.
#[derive(Clone, Debug, Deserialize, Serialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"jp": 8, "reason": "Jumlah jam salah ketik"}))]
pub struct JpCorrection {
    /// The right number of learning hours; 0 when nothing should stand, and then the certificate may be used again.
    #[schema(value_type = f64, example = 8, minimum = 0, maximum = 2000)]
    pub jp: Decimal,
    /// Why.
    #[schema(example = "Jumlah jam salah ketik", min_length = 1, max_length = 4000)]
    pub reason: String,
}

impl JpCorrection {
    /// The hours and the reason.
    ///
    /// # Errors
    /// Every value that cannot stand.
    pub fn into_domain(self) -> Result<(Hundredths, LongText), Vec<Violation>> {
        let Self { jp: Decimal(jp), reason } = self;
        let mut found = Violations::new();
        found.check(jp > development::MOST_JP, || {
            Violation::new("/jp", ViolationCode::OutOfRange).with("min", 0).with("max", development::MOST_JP)
        });
        let reason = long_text(&mut found, "/reason", &reason);
        found.finish()?;
        reason.map(|reason| (jp, reason)).ok_or_else(Vec::new)
    }
}

/// What a correction came to.
#[derive(Debug, Serialize, ToSchema)]
pub struct JpCorrectionView {
    /// The entries that were added: the one that takes the wrong one back, and unless nothing is left the one that replaces it.
    #[schema(min_items = 1, max_items = 2)]
    pub entries: Vec<JpEntryView>,
}

/// How one person stands.
#[derive(Debug, Serialize, ToSchema)]
pub struct JpStandingView {
    /// The person.
    pub employee_id: Uuid,
    /// Identity number.
    #[schema(example = "198609262015051001", min_length = 18, max_length = 18)]
    pub nip: String,
    /// Name.
    #[schema(example = "Contoh Pegawai", max_length = 200)]
    pub employee_name: String,
    /// Standing on the day.
    pub status: wire::EmployeeStatus,
    /// The unit they serve in on the day.
    pub unit_id: Uuid,
    /// The unit's code.
    #[schema(example = "DINKES", max_length = 64)]
    pub unit_code: String,
    /// The unit's name.
    #[schema(example = "Dinas Kesehatan", max_length = 200)]
    pub unit_name: String,
    /// How they stand.
    pub state: wire::JpStandingState,
    /// Learning hours of the calendar year that count.
    #[schema(value_type = f64, example = 12, minimum = -2000, maximum = 1000000)]
    pub counted: Hours,
    /// The floor that applies to them; null where none does.
    #[schema(value_type = Option<f64>, example = 20, minimum = 0, maximum = 2000)]
    pub floor: Option<Decimal>,
    /// What is missing to it.
    #[schema(value_type = f64, example = 8, minimum = 0, maximum = 2000)]
    pub short: Decimal,
    /// The ceiling that applies to them; null where none does.
    #[schema(value_type = Option<f64>, example = 24, minimum = 0, maximum = 2000)]
    pub ceiling: Option<Decimal>,
    /// Learning hours that count towards the ceiling, for the most part those of the contract year.
    #[schema(value_type = f64, example = 12, minimum = -2000, maximum = 1000000)]
    pub counted_to_ceiling: Hours,
    /// What lies above it.
    #[schema(value_type = f64, example = 0, minimum = 0, maximum = 1000000)]
    pub over: Decimal,
}

impl From<JpStanding> for JpStandingView {
    fn from(row: JpStanding) -> Self {
        let JpStanding {
            employee,
            nip,
            name,
            unit,
            unit_code,
            unit_name,
            status,
            state,
            counted,
            floor,
            short,
            ceiling,
            counted_to_ceiling,
            over,
        } = row;
        Self {
            employee_id: employee.uuid(),
            nip: nip.as_str().to_owned(),
            employee_name: name.into_string(),
            status: Wire(status),
            unit_id: unit.uuid(),
            unit_code: unit_code.into_string(),
            unit_name: unit_name.into_string(),
            state: Wire(state),
            counted: Hours(counted),
            floor: floor.map(Decimal),
            short: Decimal(short),
            ceiling: ceiling.map(Decimal),
            counted_to_ceiling: Hours(counted_to_ceiling),
            over: Decimal(over),
        }
    }
}

/// Which people a list holds.
#[derive(Clone, Debug, Deserialize, Serialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct JpStandingQuery {
    /// The year; the present one in the agency's time zone when absent.
    #[param(example = 2026, minimum = 1900, maximum = 2199)]
    pub year: Option<i32>,
    /// Serving in this unit or in one under it.
    pub unit_id: Option<Uuid>,
    /// Of this standing.
    pub status: Option<wire::EmployeeStatus>,
    /// In one of these states, separated by commas.
    #[serde(default, deserialize_with = "several")]
    #[param(value_type = Option<Vec<wire::JpStandingState>>, style = Form, explode = false, example = json!(["SHORT"]), max_items = 5)]
    pub state: Vec<wire::JpStandingState>,
    /// Where to continue: `next` of the page before.
    #[param(max_length = 2000)]
    pub cursor: Option<String>,
    /// Most items of a page.
    #[param(minimum = 1, maximum = 200, default = 50)]
    pub limit: Option<u16>,
}

/// Which people are summed up.
#[derive(Clone, Copy, Debug, Deserialize, Serialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct JpComplianceQuery {
    /// The year; the present one in the agency's time zone when absent.
    #[param(example = 2026, minimum = 1900, maximum = 2199)]
    pub year: Option<i32>,
    /// The people of this unit and of every one under it; of all the caller may see when absent.
    pub unit_id: Option<Uuid>,
}

/// How many people stand how, and by how much.
#[derive(Clone, Debug, Default, Serialize, ToSchema)]
pub struct JpFiguresView {
    /// People who serve on the day.
    #[schema(example = 120, minimum = 0, maximum = 9007199254740991_i64)]
    pub people: i64,
    /// Those to whom a floor applies.
    #[schema(example = 100, minimum = 0, maximum = 9007199254740991_i64)]
    pub with_floor: i64,
    /// Of them, those who have reached it.
    #[schema(example = 60, minimum = 0, maximum = 9007199254740991_i64)]
    pub met: i64,
    /// Of them, those who have not.
    #[schema(example = 40, minimum = 0, maximum = 9007199254740991_i64)]
    pub short: i64,
    /// Of those who are short, how many have less than half of the floor.
    #[schema(example = 25, minimum = 0, maximum = 9007199254740991_i64)]
    pub short_by_half: i64,
    /// Of those who are short, how many have no hours at all.
    #[schema(example = 10, minimum = 0, maximum = 9007199254740991_i64)]
    pub nothing_yet: i64,
    /// Learning hours that are missing, in all.
    #[schema(value_type = f64, example = 412.5, minimum = 0)]
    pub short_jp: Hours,
    /// Those to whom a ceiling applies.
    #[schema(example = 20, minimum = 0, maximum = 9007199254740991_i64)]
    pub with_ceiling: i64,
    /// Of them, those who have passed it.
    #[schema(example = 1, minimum = 0, maximum = 9007199254740991_i64)]
    pub over: i64,
    /// Learning hours above it, in all.
    #[schema(value_type = f64, example = 3, minimum = 0)]
    pub over_jp: Hours,
}

impl Default for Hours {
    fn default() -> Self {
        Self(JpSum::ZERO)
    }
}

impl JpFiguresView {
    fn add(&mut self, row: &JpComplianceRow) {
        let JpComplianceRow {
            unit: _,
            status: _,
            people,
            with_floor,
            met,
            short,
            short_by_half,
            nothing_yet,
            with_ceiling,
            over,
            over_by,
        } = row;
        self.people += people;
        self.with_floor += with_floor;
        self.met += met;
        self.short += with_floor - met;
        self.short_by_half += short_by_half;
        self.nothing_yet += nothing_yet;
        self.short_jp = Hours(self.short_jp.0 + *short);
        self.with_ceiling += with_ceiling;
        self.over += over;
        self.over_jp = Hours(self.over_jp.0 + *over_by);
    }
}

/// The figures of one standing.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct JpStatusFiguresView {
    /// The standing.
    pub status: wire::EmployeeStatus,
    /// Its figures.
    pub figures: JpFiguresView,
}

/// The figures of a unit with everything under it.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct JpUnitFiguresView {
    /// The unit; null for the people who serve in the unit asked about itself.
    pub unit_id: Option<Uuid>,
    /// Its code.
    #[schema(example = "DINKES", max_length = 64)]
    pub unit_code: Option<String>,
    /// Its name.
    #[schema(example = "Dinas Kesehatan", max_length = 200)]
    pub unit_name: Option<String>,
    /// Its figures.
    pub figures: JpFiguresView,
}

/// How the people of an agency or a unit stand against floors and ceilings.
#[derive(Debug, Serialize, ToSchema)]
pub struct JpComplianceView {
    /// The year, in the agency's time zone.
    #[schema(example = 2026, minimum = 1900, maximum = 2199)]
    pub year: i32,
    /// The day by which it was counted. The population are the people who serve on that day, as far as the caller may see
    /// them; whoever serves nowhere is not in it.
    pub as_of: NaiveDate,
    /// Days left of the year, that day included if the year is not over.
    #[schema(example = 184, minimum = 0, maximum = 366)]
    pub days_left: i64,
    /// The unit at the top; null for all.
    pub unit_id: Option<Uuid>,
    /// Everybody.
    pub total: JpFiguresView,
    /// By standing.
    #[schema(max_items = 10)]
    pub statuses: Vec<JpStatusFiguresView>,
    /// By unit directly below the one asked about, or at the top.
    #[schema(max_items = 10000)]
    pub units: Vec<JpUnitFiguresView>,
    /// The rubric of floors and ceilings.
    pub policy: PolicyRefView,
}

/// The sums with what they are of.
#[derive(Clone, Debug)]
pub struct JpCompliance {
    /// The year.
    pub year: i32,
    /// The day.
    pub as_of: NaiveDate,
    /// Days left.
    pub days_left: i64,
    /// The unit at the top.
    pub unit: Option<UnitId>,
    /// The sums.
    pub rows: Vec<JpComplianceRow>,
    /// The rubric.
    pub policy: competency::PolicyRef,
}

impl From<JpCompliance> for JpComplianceView {
    fn from(found: JpCompliance) -> Self {
        let JpCompliance { year, as_of, days_left, unit, rows, policy } = found;
        let mut total = JpFiguresView::default();
        let (mut statuses, mut units): (Vec<JpStatusFiguresView>, Vec<JpUnitFiguresView>) = (vec![], vec![]);
        for row in &rows {
            total.add(row);
            match statuses.iter_mut().find(|one| one.status == Wire(row.status)) {
                Some(one) => one.figures.add(row),
                None => {
                    let mut figures = JpFiguresView::default();
                    figures.add(row);
                    statuses.push(JpStatusFiguresView { status: Wire(row.status), figures });
                }
            }
            let id = row.unit.as_ref().map(|(id, _, _)| id.uuid());
            // Rows come unit by unit.
            match units.last_mut().filter(|last| last.unit_id == id) {
                Some(one) => one.figures.add(row),
                None => {
                    let mut figures = JpFiguresView::default();
                    figures.add(row);
                    let (unit_code, unit_name) = row
                        .unit
                        .clone()
                        .map(|(_, code, name)| (code.into_string(), name.into_string()))
                        .unzip();
                    units.push(JpUnitFiguresView { unit_id: id, unit_code, unit_name, figures });
                }
            }
        }
        statuses.sort_by_key(|one| one.status.0);
        Self {
            year,
            as_of,
            days_left,
            unit_id: unit.map(UnitId::uuid),
            total,
            statuses,
            units,
            policy: policy.into(),
        }
    }
}

/// A line of a sum as a table: everybody, a standing, or a unit.
#[derive(Debug, Serialize)]
pub struct JpComplianceLine<'a> {
    group: &'static str,
    status: Option<wire::EmployeeStatus>,
    unit_id: Option<Uuid>,
    unit_code: Option<&'a str>,
    unit_name: Option<&'a str>,
    figures: &'a JpFiguresView,
}

impl JpComplianceView {
    /// The sums as lines.
    #[must_use]
    pub fn table(&self) -> Vec<JpComplianceLine<'_>> {
        let line = |group, figures| JpComplianceLine {
            group,
            status: None,
            unit_id: None,
            unit_code: None,
            unit_name: None,
            figures,
        };
        let total = std::iter::once(line("TOTAL", &self.total));
        let statuses = self.statuses.iter();
        let statuses =
            statuses.map(|one| JpComplianceLine { status: Some(one.status), ..line("STATUS", &one.figures) });
        let units = self.units.iter().map(|one| JpComplianceLine {
            unit_id: one.unit_id,
            unit_code: one.unit_code.as_deref(),
            unit_name: one.unit_name.as_deref(),
            ..line(if one.unit_id.is_some() { "UNIT" } else { "UNIT_ITSELF" }, &one.figures)
        });
        total.chain(statuses).chain(units).collect()
    }
}

/// The entries a ledger is made of, as the domain takes them.
pub(crate) fn entries(rows: &[JpEntryRow]) -> Vec<JpEntry> {
    rows.iter().map(|row| row.entry.clone()).collect()
}

/// The first and last day whose entries a year's ledger looks at: contract years reach up to a year beyond it.
pub(crate) fn reach_of(year: i32) -> (NaiveDate, NaiveDate) {
    let (before, after) = (calendar_year(year - 1), calendar_year(year + 1));
    (before.from, after.last.unwrap_or(NaiveDate::MAX))
}

/// A year within reason.
///
/// # Errors
/// `OutOfRange` at `/query/year`.
pub(crate) fn year(asked: Option<i32>, today: NaiveDate) -> Result<i32, Violation> {
    use chrono::Datelike as _;
    let year = asked.unwrap_or_else(|| today.year());
    if (1900..=2199).contains(&year) {
        return Ok(year);
    }
    Err(Violation::new("/query/year", ViolationCode::OutOfRange).with("min", 1900).with("max", 2199))
}
