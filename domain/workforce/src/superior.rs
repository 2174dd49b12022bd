//! The direct superior (atasan langsung).

use kernel::{EmployeeId, UnitId};

/// One step of the way from a person's unit to the top of the tree.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ChainLink {
    /// The unit.
    pub unit: UnitId,
    /// Who holds its head position, if anybody does.
    pub head: Option<EmployeeId>,
}

/// Why somebody is the superior.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SuperiorBasis {
    /// Recorded with the employee.
    Override,
    /// Heads the person's own unit.
    UnitHead {
        /// That unit.
        unit: UnitId,
    },
    /// Heads a unit further up: the person heads their own, or nobody does.
    AncestorHead {
        /// The unit further up.
        unit: UnitId,
    },
}

impl SuperiorBasis {
    /// The name as sent.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Override => "OVERRIDE",
            Self::UnitHead { .. } => "UNIT_HEAD",
            Self::AncestorHead { .. } => "ANCESTOR_HEAD",
        }
    }

    /// The unit whose head it is.
    #[must_use]
    pub const fn unit(self) -> Option<UnitId> {
        match self {
            Self::Override => None,
            Self::UnitHead { unit } | Self::AncestorHead { unit } => Some(unit),
        }
    }
}

/// A superior and the reason.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Superior {
    /// Who.
    pub employee: EmployeeId,
    /// Why.
    pub basis: SuperiorBasis,
}

/// The direct superior of `person`: the recorded one, else the nearest head of a unit on `chain` (the person's unit
/// first, the top last) who is somebody else. None for the head of everything, and for a person without a unit.
#[must_use]
pub fn superior_of(
    person: EmployeeId,
    recorded: Option<EmployeeId>,
    chain: &[ChainLink],
) -> Option<Superior> {
    if let Some(employee) = recorded.filter(|employee| *employee != person) {
        return Some(Superior { employee, basis: SuperiorBasis::Override });
    }
    chain.iter().enumerate().find_map(|(steps, link)| {
        let employee = link.head.filter(|head| *head != person)?;
        let unit = link.unit;
        let basis =
            if steps == 0 { SuperiorBasis::UnitHead { unit } } else { SuperiorBasis::AncestorHead { unit } };
        Some(Superior { employee, basis })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn link(head: Option<EmployeeId>) -> ChainLink {
        ChainLink { unit: UnitId::new(), head }
    }

    #[test]
    fn the_nearest_other_head_is_the_superior() {
        let [person, chief, director] = [EmployeeId::new(), EmployeeId::new(), EmployeeId::new()];
        let chain = [link(Some(chief)), link(Some(director))];
        let of = |person| superior_of(person, None, &chain);
        assert_eq!(
            of(person),
            Some(Superior { employee: chief, basis: SuperiorBasis::UnitHead { unit: chain[0].unit } })
        );
        assert_eq!(
            of(chief),
            Some(Superior { employee: director, basis: SuperiorBasis::AncestorHead { unit: chain[1].unit } })
        );
        assert_eq!(superior_of(director, None, &chain[1..]), None);
        assert_eq!(superior_of(person, None, &[]), None);
    }

    #[test]
    fn a_vacant_head_position_is_passed_over() {
        let [person, director] = [EmployeeId::new(), EmployeeId::new()];
        let chain = [link(None), link(None), link(Some(director))];
        let superior = superior_of(person, None, &chain).unwrap();
        assert_eq!((superior.employee, superior.basis.unit()), (director, Some(chain[2].unit)));
    }

    #[test]
    fn somebody_who_heads_two_units_in_a_row_is_not_their_own_superior() {
        let [both, top] = [EmployeeId::new(), EmployeeId::new()];
        let chain = [link(Some(both)), link(Some(both)), link(Some(top))];
        assert_eq!(superior_of(both, None, &chain).map(|superior| superior.employee), Some(top));
    }

    #[test]
    fn a_recorded_superior_wins_unless_it_is_oneself() {
        let [person, chief, mentor] = [EmployeeId::new(), EmployeeId::new(), EmployeeId::new()];
        let chain = [link(Some(chief))];
        let named = superior_of(person, Some(mentor), &chain).unwrap();
        assert_eq!((named.employee, named.basis.as_str()), (mentor, "OVERRIDE"));
        assert_eq!(superior_of(person, Some(person), &chain).map(|s| s.employee), Some(chief));
    }
}
