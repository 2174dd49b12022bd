//! The results in a row of the gap model, which keeps them as one value: see `gap_evidence_of`.

use chrono::{DateTime, Days, NaiveDate, TimeDelta, Utc};
use competency::{AssessmentResult, Method, Purpose};
use kernel::{AgencyId, CompetencyId, EmployeeId, Level};
use uuid::Uuid;

use crate::StoreError;
use crate::rows::known;

/// The day and, at its beginning in UTC, the instant PostgreSQL counts from.
const EPOCH: NaiveDate = match NaiveDate::from_ymd_opt(2000, 1, 1) {
    Some(day) => day,
    None => NaiveDate::MIN,
};

/// What is left to read.
struct Bytes<'a>(&'a [u8]);

impl Bytes<'_> {
    fn take<const N: usize>(&mut self) -> Option<[u8; N]> {
        let (taken, rest) = self.0.split_first_chunk()?;
        self.0 = rest;
        Some(*taken)
    }

    fn uuid(&mut self) -> Option<Uuid> {
        self.take().map(Uuid::from_bytes)
    }

    fn day(&mut self) -> Option<NaiveDate> {
        let days = i32::from_be_bytes(self.take()?);
        let distance = Days::new(u64::from(days.unsigned_abs()));
        if days < 0 { EPOCH.checked_sub_days(distance) } else { EPOCH.checked_add_days(distance) }
    }

    fn instant(&mut self) -> Option<DateTime<Utc>> {
        let since = TimeDelta::microseconds(i64::from_be_bytes(self.take()?));
        EPOCH.and_time(chrono::NaiveTime::MIN).and_utc().checked_add_signed(since)
    }

    fn text<T>(&mut self, parse: impl Fn(&str) -> Option<T>) -> Option<T> {
        let length = usize::from(u16::from_be_bytes(self.take()?));
        let (text, rest) = self.0.split_at_checked(length)?;
        self.0 = rest;
        parse(std::str::from_utf8(text).ok()?)
    }

    /// The next result, with what a gap is told from; what else is written of a result is not in the model.
    fn result(
        &mut self,
        employee: EmployeeId,
        competency: CompetencyId,
        competency_agency: AgencyId,
    ) -> Option<AssessmentResult> {
        let (id, event) = (self.uuid()?.into(), self.uuid()?.into());
        let level = Level::new(i64::from(i16::from_be_bytes(self.take()?)))?;
        let (assessed_on, valid_until) = (self.day()?, self.day()?);
        let recorded_at = self.instant()?;
        Some(AssessmentResult {
            id,
            event,
            employee,
            competency,
            competency_agency,
            level,
            evidence: None,
            assessor: None,
            assessed_on,
            valid_until,
            recorded_at: Some(recorded_at),
            superseded_at: None,
            supersedes: None,
            reason: None,
            method: self.text(Method::parse)?,
            purpose: self.text(Purpose::parse)?,
        })
    }
}

/// The results of `evidence`, which are in these competencies.
pub(crate) fn results(
    evidence: &[u8],
    employee: EmployeeId,
    found: impl IntoIterator<Item = (CompetencyId, AgencyId)>,
) -> Result<Vec<AssessmentResult>, StoreError> {
    let mut bytes = Bytes(evidence);
    let results: Option<Vec<AssessmentResult>> =
        found.into_iter().map(|(competency, agency)| bytes.result(employee, competency, agency)).collect();
    known(results.filter(|_| bytes.0.is_empty()), "gap_profiles.evidence")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entry(days: i32, microseconds: i64, method: &str) -> Vec<u8> {
        let mut bytes = [[1; 16], [2; 16]].concat();
        bytes.extend(3_i16.to_be_bytes());
        bytes.extend(days.to_be_bytes());
        bytes.extend((days + 365).to_be_bytes());
        bytes.extend(microseconds.to_be_bytes());
        for text in [method, "MAPPING"] {
            bytes.extend(u16::try_from(text.len()).unwrap().to_be_bytes());
            bytes.extend(text.as_bytes());
        }
        bytes
    }

    fn read(bytes: &[u8], count: usize) -> Result<Vec<AssessmentResult>, StoreError> {
        let competency =
            (CompetencyId::from(Uuid::from_bytes([4; 16])), AgencyId::from(Uuid::from_bytes([5; 16])));
        results(bytes, EmployeeId::from(Uuid::from_bytes([6; 16])), vec![competency; count])
    }

    #[test]
    fn what_was_written_is_read() {
        let bytes = [entry(9_000, 1_500_000, "ASSESSMENT_CENTER"), entry(-1, -1, "CACT")].concat();
        let results = read(&bytes, 2).unwrap();
        let days: Vec<String> = results.iter().map(|result| result.assessed_on.to_string()).collect();
        assert_eq!(days, ["2024-08-22", "1999-12-31"]);
        let recorded: Vec<String> =
            results.iter().filter_map(|result| Some(result.recorded_at?.to_rfc3339())).collect();
        assert_eq!(recorded, ["2000-01-01T00:00:01.500+00:00", "1999-12-31T23:59:59.999999+00:00"]);
        assert_eq!(results.iter().map(|result| result.level.get()).collect::<Vec<_>>(), [3, 3]);
    }

    #[test]
    fn what_is_cut_short_or_left_over_is_no_row_of_ours() {
        let bytes = entry(9_000, 0, "CACT");
        assert!(read(&bytes, 1).is_ok());
        assert!(read(&bytes, 2).is_err());
        assert!(read(&bytes, 0).is_err());
        for end in 0..bytes.len() {
            assert!(read(bytes.get(..end).unwrap(), 1).is_err(), "{end}");
        }
    }
}
