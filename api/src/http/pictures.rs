//! What use cases found, as what pictures are drawn of.

use competency::{CompetencyGap, EvidenceUsed, GapState, PolicyRef, Severity, StandardBasis};
use pictures::{Basis, Match, Printed, Profile, Row, Standing};

use crate::app::gaps::Surroundings;
use crate::app::{AppError, Ctx};
use crate::dto::gaps::{Against, Profiled};
use crate::messages::Lang;
use crate::problems::Problem;

impl From<Lang> for pictures::Lang {
    fn from(lang: Lang) -> Self {
        match lang {
            Lang::Id => Self::Id,
            Lang::En => Self::En,
        }
    }
}

/// A gap profile, to be printed.
///
/// # Errors
/// `INTERNAL`: the writer found its own page wanting.
pub(crate) fn page(profile: &Profile, ctx: &Ctx, lang: Lang) -> Result<Vec<u8>, AppError> {
    let printed = Printed { at: ctx.now, request: ctx.request.to_string() };
    pictures::page(profile, &printed, lang.into()).map_err(|error| {
        log::error!(request_id:% = ctx.request; "a page could not be written: {error}");
        Problem::Internal.into()
    })
}

/// A rubric, as pictures name it.
pub(crate) fn policy(policy: &PolicyRef) -> String {
    format!("{} v{}", policy.name, policy.number)
}

/// A person's gap profile.
pub(crate) fn profile(profiled: Profiled, surroundings: Surroundings) -> Profile {
    let Profiled { person, position, against, known_at, profile } = profiled;
    let Surroundings { unit, decree } = surroundings;
    Profile {
        person: person.name.into_string(),
        nip: person.nip.as_str().to_owned(),
        position: position.name.into_string(),
        unit: unit.map(kernel::Name::into_string),
        target: matches!(against, Against::Position(_)),
        as_of: profile.as_of,
        known_at,
        basis: match profile.basis {
            StandardBasis::Standard { id: _, number, valid_from } => {
                Basis::Standard { number, decree: decree.map(kernel::Name::into_string), valid_from }
            }
            StandardBasis::DefaultLevels { policy: levels, job_class } => Basis::DefaultLevels {
                job_class: job_class.as_str().replace('_', " "),
                policy: policy(&levels),
            },
        },
        job_person_match: Match {
            percent: profile.jpm.jpm.map(|percent| percent.to_string()),
            category: profile.jpm.category.map(competency::Category::as_str),
            policy: policy(&profile.policy),
        },
        rows: profile.gaps.into_iter().map(row).collect(),
    }
}

fn row(gap: CompetencyGap) -> Row {
    let level = |evidence: &EvidenceUsed| evidence.level.get();
    Row {
        code: gap.required.code.into_string(),
        name: gap.required.name.into_string(),
        required: gap.required.requirement.level.get(),
        standing: match (gap.state, gap.achieved, &gap.evidence) {
            (GapState::Expired, _, Some(evidence)) => Standing::Expired(level(evidence)),
            (_, Some(found), _) => Standing::Found(found.get()),
            _ => Standing::Missing,
        },
        severity: match gap.severity {
            Severity::None => 0,
            Severity::Low => 1,
            Severity::Medium => 2,
            Severity::High => 3,
            Severity::Critical => 4,
        },
        valid_until: gap.evidence.map(|evidence| evidence.valid_until),
    }
}
