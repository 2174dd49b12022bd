//! Standards of positions: in every state, in two versions over time, and for some positions none.

use chrono::{Datelike as _, Days, NaiveDate};
use competency::{
    Content, DictionaryVersion, Importance, Requirement, Standard, StandardDraft, StandardState, reference,
};
use kernel::{Hundredths, Level, StandardId, UserId, Version};
use workforce::{JobClass, Position};

use super::dice::Dice;
use super::dictionary::Catalogue;
use super::structure::{Post, Region};
use super::{Calendar, day, name};
use crate::app::AppError;

/// Streams of chance.
const FATE: u64 = 4;
const LEVELS: u64 = 5;

/// Who stands behind what is in force: the one who verifies and the one who enacts.
#[derive(Clone, Copy, Debug)]
pub(super) struct Officers {
    pub(super) verifier: UserId,
    pub(super) authority: UserId,
}

/// What becomes of a position's standards.
#[derive(Clone, Copy, Debug, Default)]
enum Fate {
    /// None was ever written.
    #[default]
    None,
    Draft,
    Verified,
    Revoked,
    InForce,
    /// A second one took over in 2024.
    Replaced,
    /// The next one is being written.
    Revised,
}

const FATES: [(u32, Fate); 7] = [
    (14, Fate::None),
    (5, Fate::Draft),
    (4, Fate::Verified),
    (5, Fate::Revoked),
    (32, Fate::InForce),
    (30, Fate::Replaced),
    (10, Fate::Revised),
];

/// The first day of standards in force, and of those that took over from them.
fn first_days() -> [NaiveDate; 2] {
    [day(2021, 3, 1), day(2024, 1, 1)]
}

/// What a job class requires where nothing else is said.
pub(super) fn default_level(class: JobClass) -> Level {
    reference::default_levels_policy().rubric.levels.get(&class).copied().unwrap_or(Level::ALL[0])
}

/// The standards of the position with this number.
pub(super) fn standards(
    region: Region,
    number: u64,
    post: &Post,
    catalogue: &Catalogue,
    officers: Officers,
    calendar: &Calendar,
) -> Result<Vec<Standard>, AppError> {
    let Post { position, technical, .. } = post;
    let mut dice = Dice::at(&[region.number().into(), FATE, number]);
    let fate = if position.abolished_on.is_some() { Fate::None } else { dice.weighted(&FATES) };
    let [first, second] = first_days();
    let next = day(calendar.today.year() + 1, 1, 1);
    let writing = |edition: i32, valid_from| {
        let dice = Dice::at(&[region.number().into(), LEVELS, number]);
        draft(position, technical, edition, valid_from, dice, catalogue, calendar)
    };
    let enacted = |standard: Standard| {
        let before = |days| calendar.instant(standard.valid_from - Days::new(days));
        let (verified_at, enacted_at) = (before(30), before(14));
        let standard =
            standard.verify(officers.verifier, verified_at)?.enact(officers.authority, enacted_at)?;
        Ok::<_, AppError>(standard)
    };
    let standards = match fate {
        Fate::None => Vec::new(),
        Fate::Draft => vec![writing(1, next)?],
        Fate::Verified => vec![writing(1, next)?.verify(officers.verifier, calendar.ago(20))?],
        Fate::Revoked => {
            let on = day(2025, 1, 1);
            vec![enacted(writing(1, first)?)?.revoke(on, calendar.instant(on - Days::new(10)))?]
        }
        Fate::InForce => vec![enacted(writing(1, if dice.chance(500) { first } else { second })?)?],
        Fate::Replaced => vec![enacted(writing(1, first)?)?, enacted(writing(2, second)?)?],
        Fate::Revised => vec![enacted(writing(1, first)?)?, writing(2, next)?],
    };
    Ok(standards.into_iter().map(written).collect())
}

/// The standard with the version its steps have led to.
fn written(standard: Standard) -> Standard {
    let writes = match standard.state {
        StandardState::Draft => 1,
        StandardState::Verified => 2,
        StandardState::InForce => 3,
        StandardState::Revoked => 4,
    };
    Standard { version: Version::new(writes), ..standard }
}

/// A draft of the position's standard: the nine generic competencies around the level of its class, and technical
/// ones of the dictionary in use when it was written. A second edition asks for more.
fn draft(
    position: &Position,
    technical: &[&str],
    edition: i32,
    valid_from: NaiveDate,
    mut dice: Dice,
    catalogue: &Catalogue,
    calendar: &Calendar,
) -> Result<Standard, AppError> {
    let base = default_level(position.job_class);
    let (national, generic) = &catalogue.national;
    let mut requirements: Vec<Requirement> =
        generic.iter().map(|content| requirement(national, content, base, &mut dice)).collect();
    let written_at = calendar.instant(valid_from - Days::new(40));
    if let Some((own, contents)) = catalogue.technical_at(written_at) {
        let asked = contents.iter().filter(|content| technical.contains(&content.code.as_str()));
        let most = if position.job_class == JobClass::Pelaksana { 1 } else { 2 };
        requirements.extend(asked.take(most).map(|content| requirement(own, content, base, &mut dice)));
    }
    if edition > 1 {
        let raised = [dice.below(9), dice.below(9)];
        for (index, requirement) in (0..).zip(&mut requirements) {
            if raised.contains(&index) {
                requirement.level = step(requirement.level, 1);
            }
        }
    }
    let decree = format!("Keputusan tentang Standar Kompetensi Jabatan {}/{}", edition, valid_from.year());
    let draft = StandardDraft { valid_from, decree: Some(name(&decree)?), requirements };
    Ok(Standard::draft(StandardId::new(), position.id, edition, draft)?)
}

fn requirement(version: &DictionaryVersion, content: &Content, base: Level, dice: &mut Dice) -> Requirement {
    // Integrity is never negotiable.
    let importance = match content.code.as_str() {
        "M.1" => Importance::Mutlak,
        _ => dice
            .pick(&[Some(Importance::Mutlak), Some(Importance::Penting), Some(Importance::Perlu)])
            .unwrap_or(Importance::Penting),
    };
    let weight = match importance {
        Importance::Mutlak => 150,
        Importance::Penting => 100,
        Importance::Perlu => 75,
    };
    Requirement {
        competency: content.competency,
        competency_agency: version.agency,
        dictionary_version: version.id,
        level: step(base, dice.weighted(&[(80, 0), (12, 1), (8, -1)])),
        weight: Hundredths::from_count(weight),
        importance,
    }
}

/// The level so many steps up or down, as far as levels go.
pub(super) fn step(level: Level, by: i64) -> Level {
    let reached = (i64::from(level.get()) + by).clamp(Level::MIN.into(), Level::MAX.into());
    Level::new(reached).unwrap_or(level)
}
