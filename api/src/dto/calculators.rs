//! The job person match (JPM), calculated for anybody or as part of a gap profile.

use chrono::NaiveDate;
use competency::{Cutoff, JpmItem, JpmOutcome, Percent, PolicyRef, Purpose, Term, reference};
use kernel::{Code, Hundredths, Level, Violation, Violations};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use validator::Validate;

use crate::dto::day;
use crate::dto::enums::{Wire, wire};
use crate::dto::values::{CodeText, Decimal, PolicyRefView, code, level};

/// What to calculate a job person match of. Nothing of it is stored.
#[derive(Clone, Debug, Deserialize, Serialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"policy": "RATIO_OF_SUMS", "purpose": "FILLING", "items": [
    {"code": "M.1", "required": 3, "achieved": 3, "weight": 1},
    {"code": "M.2", "required": 3, "achieved": 2, "weight": 1}]}))]
pub struct JobPersonMatchRequest {
    /// Name of the policy; `RATIO_OF_SUMS` when absent. The agency's own version goes before the national one.
    #[schema(example = "RATIO_OF_SUMS", min_length = 1, max_length = 64)]
    pub policy: Option<String>,
    /// What the match is graded for; `FILLING` when absent.
    pub purpose: Option<wire::Purpose>,
    /// The day whose version of the policy is used; today when absent.
    pub as_of: Option<NaiveDate>,
    /// The competencies; each code once.
    #[schema(min_items = 1, max_items = 200)]
    pub items: Vec<JobPersonMatchItem>,
}

/// One competency of a calculation.
#[derive(Clone, Debug, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"code": "M.1", "required": 3, "achieved": 2, "weight": 1}))]
pub struct JobPersonMatchItem {
    /// Code, to find the competency again in the answer.
    #[schema(example = "M.1", min_length = 1, max_length = 64)]
    pub code: String,
    /// Required level.
    #[schema(example = 3, minimum = 1, maximum = 5)]
    pub required: i64,
    /// Level found; null or absent where nothing valid is known, which is never counted as nothing.
    #[schema(example = 2, minimum = 1, maximum = 5)]
    pub achieved: Option<i64>,
    /// Weight, at most two decimals, read exactly; 1 when absent.
    #[schema(value_type = Option<f64>, example = 1, minimum = 0.01, maximum = 999999.99)]
    pub weight: Option<Decimal>,
}

/// A calculation as the domain knows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct JobPersonMatchAsk {
    /// Name of the policy.
    pub policy: Code,
    /// What it is graded for.
    pub purpose: Purpose,
    /// The day whose version of the policy is used.
    pub as_of: Option<NaiveDate>,
    /// The competencies.
    pub items: Vec<JpmItem>,
}

/// Reads the name of a policy for the job person match; the default when there is none.
pub(crate) fn policy_name(found: &mut Violations, at: &str, text: Option<&str>) -> Option<Code> {
    code(found, at, text.unwrap_or(reference::JPM_POLICY))
}

impl JobPersonMatchRequest {
    /// The calculation these values describe.
    ///
    /// # Errors
    /// Every value that cannot stand.
    pub fn into_domain(self) -> Result<JobPersonMatchAsk, Vec<Violation>> {
        let Self { policy, purpose, as_of, items } = self;
        let mut found = Violations::new();
        let policy = policy_name(&mut found, "/policy", policy.as_deref());
        let as_of = found.take(as_of.map(|as_of| day("/as_of", as_of)).transpose());
        let items: Vec<_> = items
            .into_iter()
            .enumerate()
            .filter_map(|(index, item)| item.into_domain(&format!("/items/{index}"), &mut found))
            .collect();
        found.finish()?;
        let (Some(policy), Some(as_of)) = (policy, as_of) else { return Err(Vec::new()) };
        Ok(JobPersonMatchAsk {
            policy,
            purpose: purpose.map_or(Purpose::Filling, |Wire(one)| one),
            as_of,
            items,
        })
    }
}

impl JobPersonMatchItem {
    fn into_domain(self, at: &str, found: &mut Violations) -> Option<JpmItem> {
        let Self { code: text, required, achieved, weight } = self;
        let code = code(found, &format!("{at}/code"), &text);
        let required = level(found, &format!("{at}/required"), required);
        let achieved = achieved.map(|achieved| level(found, &format!("{at}/achieved"), achieved));
        let weight = weight.unwrap_or(Decimal::ONE).0;
        Some(JpmItem {
            code: code?,
            required: required?,
            achieved: achieved.map_or(Some(None), |one| one.map(Some))?,
            weight,
        })
    }
}

/// A job person match (JPM) with everything needed to redo it by hand: sum the terms' `earned`, sum their `full`,
/// divide, and compare with the cut-offs of the policy before rounding.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(example = json!({"status": "COMPLETE", "jpm": 83.33, "jpm_capped": 83.33, "share": "5/6", "category": "MS",
    "cutoff": {"at_least": 80, "category": "MS"}, "purpose": "FILLING", "method": "RATIO_OF_SUMS",
    "policy": {"id": "01931d5e-7c1f-7d7a-9a7e-3f1f3f0e4a11", "national": true, "name": "RATIO_OF_SUMS", "number": 1,
        "valid_from": "2017-01-01",
        "source": "Peraturan BRIN 3/2023 Pasal 33 (90/78); Berita Negara 35/2020 (80/68)"},
    "earned": "5", "full": "6",
    "terms": [
        {"code": "M.1", "required": 3, "achieved": 3, "weight": 1, "gap": 0, "earned": "3", "full": "3"},
        {"code": "M.2", "required": 3, "achieved": 2, "weight": 1, "gap": -1, "earned": "2", "full": "3"}],
    "missing": []}))]
pub struct JobPersonMatchView {
    /// Whether there is a percentage.
    pub status: wire::JobPersonMatchStatus,
    /// Percentage, rounded half up to two decimals; may exceed 100. Null when incomplete.
    #[schema(value_type = Option<f64>, example = 88.89, minimum = 0, maximum = 500)]
    pub jpm: Option<Decimal>,
    /// The percentage, at most 100.
    #[schema(value_type = Option<f64>, example = 88.89, minimum = 0, maximum = 100)]
    pub jpm_capped: Option<Decimal>,
    /// The percentage before rounding, as an exact fraction of 1.
    #[schema(example = "8/9", max_length = 80)]
    pub share: Option<String>,
    /// Category, decided on the exact fraction.
    pub category: Option<wire::JobPersonMatchCategory>,
    /// The cut-off that gave the category.
    pub cutoff: Option<CutoffView>,
    /// What it is graded for.
    pub purpose: wire::Purpose,
    /// How it is computed.
    pub method: wire::JobPersonMatchMethod,
    /// The version of the policy used.
    pub policy: PolicyRefView,
    /// Sum of what the terms earned, as an exact fraction; of the terms that have a level.
    #[schema(example = "24", max_length = 80)]
    pub earned: String,
    /// Sum of what the terms could earn, as an exact fraction.
    #[schema(example = "27", max_length = 80)]
    pub full: String,
    /// Every competency's part, in the order asked.
    #[schema(max_items = 200)]
    pub terms: Vec<TermView>,
    /// Codes of the competencies without a valid level, in the order asked.
    #[schema(example = json!(["M.3"]), max_items = 200)]
    pub missing: Vec<CodeText>,
}

/// From which percentage on a category is given.
#[derive(Clone, Copy, Debug, Serialize, ToSchema)]
pub struct CutoffView {
    /// Lowest percentage, itself included.
    #[schema(value_type = f64, example = 80, minimum = 0, maximum = 999999.99)]
    pub at_least: Decimal,
    /// Category.
    pub category: wire::JobPersonMatchCategory,
}

impl From<Cutoff> for CutoffView {
    fn from(cutoff: Cutoff) -> Self {
        let Cutoff { at_least, category } = cutoff;
        Self { at_least: Decimal(at_least), category: Wire(category) }
    }
}

/// One competency's part in a job person match.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct TermView {
    /// Code.
    #[schema(example = "M.1", max_length = 64)]
    pub code: String,
    /// Required level.
    #[schema(example = 3, minimum = 1, maximum = 5)]
    pub required: u8,
    /// Level found.
    #[schema(example = 2, minimum = 1, maximum = 5)]
    pub achieved: Option<u8>,
    /// Weight.
    #[schema(value_type = f64, example = 1, minimum = 0.01, maximum = 999999.99)]
    pub weight: Decimal,
    /// Achieved less required; negative is a need for development.
    #[schema(example = -1, minimum = -4, maximum = 4)]
    pub gap: Option<i8>,
    /// What it adds above the line, as an exact fraction: weight x achieved for `RATIO_OF_SUMS`, weight x min(achieved
    /// / required, 1) for `CAPPED_MEAN`.
    #[schema(example = "2", max_length = 80)]
    pub earned: Option<String>,
    /// What it adds below the line, as an exact fraction: weight x required for `RATIO_OF_SUMS`, weight for
    /// `CAPPED_MEAN`.
    #[schema(example = "3", max_length = 80)]
    pub full: String,
}

impl From<Term> for TermView {
    fn from(term: Term) -> Self {
        let Term { code, required, achieved, weight, gap, earned, full } = term;
        Self {
            code: code.into_string(),
            required: required.get(),
            achieved: achieved.map(Level::get),
            weight: Decimal(weight),
            gap,
            earned: earned.map(|earned| earned.to_string()),
            full: full.to_string(),
        }
    }
}

/// A share on the wire.
pub(crate) fn percent(percent: Percent) -> Decimal {
    Decimal(Hundredths::from_count(percent.count()))
}

impl JobPersonMatchView {
    /// The answer for an outcome computed under `policy`.
    #[must_use]
    pub fn new(outcome: JpmOutcome, policy: PolicyRef) -> Self {
        let JpmOutcome {
            method,
            purpose,
            status,
            jpm,
            capped,
            share,
            category,
            cutoff,
            earned,
            full,
            terms,
            missing,
        } = outcome;
        Self {
            status: Wire(status),
            jpm: jpm.map(percent),
            jpm_capped: capped.map(percent),
            share: share.map(|share| share.to_string()),
            category: category.map(Wire),
            cutoff: cutoff.map(CutoffView::from),
            purpose: Wire(purpose),
            method: Wire(method),
            policy: policy.into(),
            earned: earned.to_string(),
            full: full.to_string(),
            terms: terms.into_iter().map(TermView::from).collect(),
            missing: missing.into_iter().map(CodeText::from).collect(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use competency::{PolicyVersion, job_person_match};
    use kernel::{LongText, NATIONAL, PolicyId};
    use serde_json::{Value, json};

    /// The answer to `request` under the national rubric of that name, as sent.
    fn answer(request: Value) -> Value {
        let request: JobPersonMatchRequest = serde_json::from_value(request).unwrap();
        let ask = request.into_domain().unwrap();
        let shipped =
            reference::jpm_policies().into_iter().find(|one| one.name == ask.policy.as_str()).unwrap();
        let policy = PolicyVersion {
            id: PolicyId::new(),
            agency: NATIONAL,
            name: ask.policy,
            number: 1,
            valid_from: reference::policies_valid_from(),
            recorded_at: chrono::DateTime::UNIX_EPOCH,
            source: LongText::stored(shipped.source.to_owned()),
            rubric: shipped.rubric,
        };
        let outcome = job_person_match(&policy.rubric, ask.purpose, &ask.items).unwrap();
        serde_json::to_value(JobPersonMatchView::new(outcome, policy.cite())).unwrap()
    }

    fn nine(achieved: [u8; 9]) -> Value {
        (1..)
            .zip(achieved)
            .map(|(n, level): (u8, u8)| json!({"code": format!("M.{n}"), "required": 3, "achieved": level}))
            .collect()
    }

    #[test]
    fn the_contract_shows_what_is_answered() {
        let calculator = "/paths/~1v1~1calculators~1job-person-match/post";
        let shown =
            |at: &str| crate::http::document().value.pointer(&format!("{calculator}{at}")).unwrap().clone();
        let mut expected = shown("/responses/200/content/application~1json/example");
        let sent = answer(shown("/requestBody/content/application~1json/example"));
        // Each database has its own.
        expected["policy"]["id"] = sent["policy"]["id"].clone();
        assert_eq!(sent, expected);
    }

    #[test]
    fn the_four_published_vectors_as_sent() {
        for (achieved, jpm, share, filling, mapping) in [
            ([3, 3, 3, 2, 3, 3, 2, 2, 3], json!(88.89), "8/9", "MS", "CUKUP_OPTIMAL"),
            ([3, 3, 3, 3, 3, 3, 3, 3, 3], json!(100), "1", "MS", "OPTIMAL"),
            ([2, 2, 2, 2, 2, 2, 2, 2, 3], json!(70.37), "19/27", "MMS", "KURANG_OPTIMAL"),
            ([2, 2, 2, 2, 2, 2, 2, 2, 2], json!(66.67), "2/3", "KMS", "KURANG_OPTIMAL"),
        ] {
            for (purpose, category) in [("FILLING", filling), ("MAPPING", mapping)] {
                let sent = answer(json!({"purpose": purpose, "items": nine(achieved)}));
                assert_eq!(
                    (&sent["jpm"], &sent["share"], &sent["full"]),
                    (&jpm, &json!(share), &json!("27"))
                );
                assert_eq!((&sent["category"], &sent["status"]), (&json!(category), &json!("COMPLETE")));
                assert_eq!(
                    (&sent["purpose"], &sent["policy"]["name"]),
                    (&json!(purpose), &json!("RATIO_OF_SUMS"))
                );
            }
        }
    }

    #[test]
    fn what_is_missing_is_named_and_leaves_no_percentage() {
        let sent = answer(json!({"policy": "CAPPED_MEAN", "items": [
            {"code": "M.1", "required": 3, "achieved": 5, "weight": 0.5},
            {"code": "M.2", "required": 3, "achieved": null}]}));
        assert_eq!((&sent["status"], &sent["missing"]), (&json!("INCOMPLETE"), &json!(["M.2"])));
        for absent in ["jpm", "jpm_capped", "share", "category", "cutoff"] {
            assert_eq!(sent[absent], Value::Null, "{absent}");
        }
        assert_eq!(sent["terms"][0]["earned"], json!("1/2"));
        assert_eq!((&sent["terms"][1]["earned"], &sent["terms"][1]["gap"]), (&Value::Null, &Value::Null));
        assert_eq!((&sent["earned"], &sent["full"]), (&json!("1/2"), &json!("3/2")));
    }

    #[test]
    fn a_strength_shows_above_the_cap() {
        let sent = answer(json!({"items": [{"code": "M.1", "required": 2, "achieved": 5}]}));
        assert_eq!((&sent["jpm"], &sent["jpm_capped"]), (&json!(250), &json!(100)));
        assert_eq!(sent["cutoff"], json!({"at_least": 80, "category": "MS"}));
    }

    #[test]
    fn every_wrong_value_is_named_at_its_place() {
        let request: JobPersonMatchRequest = serde_json::from_value(json!({"policy": "", "items": [
            {"code": "", "required": 0, "achieved": 6},
            {"code": "M.2", "required": 3}]}))
        .unwrap();
        let found = request.into_domain().unwrap_err();
        let places: Vec<&str> = found.iter().map(|violation| violation.pointer.as_str()).collect();
        assert_eq!(places, ["/items/0/achieved", "/items/0/code", "/items/0/required", "/policy"]);
    }
}
