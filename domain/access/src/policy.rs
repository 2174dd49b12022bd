//! The one policy: how far each role reaches for each action.

use crate::Role;

kernel::wire_enum! {
    /// What a caller can want to do. Each operation of the API asks for exactly one of these.
    pub enum Action {
        /// See what everyone in an agency may see: the agency, its units, positions, standards, dictionaries, policies.
        CatalogueRead = "CATALOGUE_READ",
        /// Change the agency's own settings.
        AgencyWrite = "AGENCY_WRITE",
        /// Change units and positions.
        StructureWrite = "STRUCTURE_WRITE",
        /// See employees and where they serve.
        EmployeeRead = "EMPLOYEE_READ",
        /// Change employees, placements and superiors.
        EmployeeWrite = "EMPLOYEE_WRITE",
        /// Change the agency's dictionaries.
        DictionaryWrite = "DICTIONARY_WRITE",
        /// Publish a version of a dictionary, or retire it.
        DictionaryPublish = "DICTIONARY_PUBLISH",
        /// Draft position standards.
        StandardWrite = "STANDARD_WRITE",
        /// Confirm that a drafted standard is right, or send it back.
        StandardVerify = "STANDARD_VERIFY",
        /// Bring a standard into force or revoke it.
        StandardEnact = "STANDARD_ENACT",
        /// See assessments and results.
        AssessmentRead = "ASSESSMENT_READ",
        /// Record assessments.
        AssessmentWrite = "ASSESSMENT_WRITE",
        /// Sign an assessment off, or supersede a final result.
        AssessmentSignOff = "ASSESSMENT_SIGN_OFF",
        /// Record an assessment of oneself, which never counts.
        SelfAssess = "SELF_ASSESS",
        /// See gap profiles.
        GapRead = "GAP_READ",
        /// See how groups of people stand: sums, never a person.
        GapSummaryRead = "GAP_SUMMARY_READ",
        /// Change the catalogue: partners, instructors and mentors, programmes.
        ProgrammeWrite = "PROGRAMME_WRITE",
        /// See ledgers of learning hours, and how people stand against floors and ceilings.
        JpRead = "JP_READ",
        /// Log own learning, and take it back.
        OwnLearningWrite = "OWN_LEARNING_WRITE",
        /// Verify own learning, and correct ledgers.
        JpVerify = "JP_VERIFY",
        /// See development plans.
        PlanRead = "PLAN_READ",
        /// Draw up and carry out one's own development plan.
        PlanWrite = "PLAN_WRITE",
        /// Keep the development plans of a unit or the agency.
        PlanKeep = "PLAN_KEEP",
        /// Review and endorse development plans as the direct superior.
        PlanReview = "PLAN_REVIEW",
        /// Approve development plans for the agency.
        PlanApprove = "PLAN_APPROVE",
        /// Approve development plans as the authority.
        PlanEnact = "PLAN_ENACT",
        /// Plan classes, announce them and call them off, record who was there and what they achieved.
        ClassWrite = "CLASS_WRITE",
        /// Complete classes, which issues certificates, and take certificates back.
        CertificateIssue = "CERTIFICATE_ISSUE",
        /// See what people take part in, what they achieved, and their certificates.
        LearningRead = "LEARNING_READ",
        /// See what people do to develop outside classes: goals, logs, outcomes.
        ActivityRead = "ACTIVITY_READ",
        /// Add to the log of activities one guides as their coach or mentor.
        ActivityGuide = "ACTIVITY_GUIDE",
        /// Enrol somebody in a class or plan an activity for them, and give that up.
        EnrolmentNominate = "ENROLMENT_NOMINATE",
        /// Ask for a seat for oneself, give it up, say how the class was; plan and log own activities.
        EnrolmentRequest = "ENROLMENT_REQUEST",
        /// Consent, as the superior, to somebody's own wish, or refuse it; say what came of their activities.
        EnrolmentConsent = "ENROLMENT_CONSENT",
        /// Answer what is asked about own learning, and about that of the people below.
        EvaluationAnswer = "EVALUATION_ANSWER",
        /// See what evaluations of classes and programmes found: sums, never a person.
        EvaluationRead = "EVALUATION_READ",
        /// See needs analyses and the needs in them.
        NeedsRead = "NEEDS_READ",
        /// See how far needs analyses have come and whom they cover: sums, never a person.
        NeedsSummaryRead = "NEEDS_SUMMARY_READ",
        /// Propose needs; gather, verify and order them for a unit.
        NeedsWrite = "NEEDS_WRITE",
        /// Validate needs analyses for the agency, send them back, set their deadlines.
        NeedsValidate = "NEEDS_VALIDATE",
        /// Change what many people's development plans have in common.
        PlanTemplateWrite = "PLAN_TEMPLATE_WRITE",
        /// See the agency's plans of development: budgets, and who is to learn what.
        AgencyPlanRead = "AGENCY_PLAN_READ",
        /// Draw up the agency's plans, publish them once set, and tell what came of them.
        AgencyPlanWrite = "AGENCY_PLAN_WRITE",
        /// Prepare the agency's plans (menyusun) and submit them to the authority.
        AgencyPlanSubmit = "AGENCY_PLAN_SUBMIT",
        /// Set the agency's plans (menetapkan), or return them.
        AgencyPlanEnact = "AGENCY_PLAN_ENACT",
        /// See what agencies planned and what came of it: sums, never a person.
        AgencyPlanSummaryRead = "AGENCY_PLAN_SUMMARY_READ",
        /// Mark one's own notices, and say which one wants.
        InboxWrite = "INBOX_WRITE",
        /// See which endpoints are told what happens, and what was sent.
        WebhookRead = "WEBHOOK_READ",
        /// Register endpoints that are told what happens, change and remove them, send again.
        WebhookWrite = "WEBHOOK_WRITE",
        /// Publish versions of rubrics.
        PolicyWrite = "POLICY_WRITE",
        /// Import spreadsheets, and follow the work.
        Import = "IMPORT",
        /// Read the audit trail.
        AuditRead = "AUDIT_READ",
        /// See who has which role.
        GrantRead = "GRANT_READ",
        /// Give and take back roles.
        GrantWrite = "GRANT_WRITE",
    }
}

impl Action {
    /// The scope a machine client's grant must hold for this action; `None` for what machines never do.
    #[must_use]
    pub const fn scope_name(self) -> Option<&'static str> {
        match self {
            Self::CatalogueRead => Some("catalogue:read"),
            Self::StructureWrite => Some("structure:write"),
            Self::EmployeeRead => Some("employees:read"),
            Self::EmployeeWrite => Some("employees:write"),
            Self::DictionaryWrite => Some("dictionaries:write"),
            Self::StandardWrite => Some("standards:write"),
            Self::AssessmentRead => Some("assessments:read"),
            Self::AssessmentWrite => Some("assessments:write"),
            Self::GapRead => Some("gaps:read"),
            Self::GapSummaryRead => Some("gap-summaries:read"),
            Self::ProgrammeWrite => Some("programmes:write"),
            Self::PlanRead => Some("plans:read"),
            Self::PlanKeep => Some("plans:write"),
            Self::PlanTemplateWrite => Some("plan-templates:write"),
            Self::AgencyPlanRead => Some("agency-plans:read"),
            Self::AgencyPlanWrite => Some("agency-plans:write"),
            Self::AgencyPlanSummaryRead => Some("agency-plan-summaries:read"),
            Self::JpRead => Some("jp-ledgers:read"),
            Self::OwnLearningWrite => Some("own-learnings:write"),
            Self::ClassWrite => Some("classes:write"),
            Self::LearningRead => Some("learning:read"),
            Self::EvaluationRead => Some("evaluations:read"),
            Self::ActivityRead => Some("activities:read"),
            Self::NeedsRead => Some("needs:read"),
            Self::NeedsSummaryRead => Some("needs-summaries:read"),
            Self::NeedsWrite => Some("needs:write"),
            Self::EnrolmentNominate => Some("enrolments:write"),
            Self::Import => Some("imports:write"),
            Self::WebhookRead => Some("webhooks:read"),
            Self::WebhookWrite => Some("webhooks:write"),
            // Decisions, rights and the trail are for people.
            Self::AgencyWrite
            | Self::DictionaryPublish
            | Self::StandardVerify
            | Self::StandardEnact
            | Self::AssessmentSignOff
            | Self::SelfAssess
            | Self::JpVerify
            | Self::PlanWrite
            | Self::PlanReview
            | Self::PlanApprove
            | Self::PlanEnact
            | Self::AgencyPlanSubmit
            | Self::AgencyPlanEnact
            | Self::NeedsValidate
            | Self::CertificateIssue
            | Self::ActivityGuide
            | Self::EnrolmentRequest
            | Self::EnrolmentConsent
            | Self::InboxWrite
            | Self::EvaluationAnswer
            | Self::PolicyWrite
            | Self::AuditRead
            | Self::GrantRead
            | Self::GrantWrite => None,
        }
    }
}

kernel::wire_enum! {
    /// How far a role's permission goes.
    pub enum Reach {
        /// Not at all.
        Nothing = "NOTHING",
        /// Groups of people large enough that nobody is told apart (`competency::SMALLEST_GROUP`), of the whole agency.
        Groups = "GROUPS",
        /// What the holder guides as somebody's coach or mentor, and nothing else of those people.
        Guided = "GUIDED",
        /// The holder's own data.
        Own = "OWN",
        /// The holder's own data and that of the people below them.
        Below = "BELOW",
        /// The people of the grant's unit and of every unit under it.
        Subtree = "SUBTREE",
        /// The whole agency.
        Agency = "AGENCY",
        /// The whole agency, when the grant's scopes hold the action's.
        Scoped = "SCOPED",
    }
}

/// The policy (roles: `domain.md` 13.1).
#[must_use]
pub const fn reach(role: Role, action: Action) -> Reach {
    use Action as A;
    match (role, action) {
        (Role::Integration, _) => Reach::Scoped,
        (_, A::CatalogueRead) => Reach::Agency,
        (_, A::InboxWrite) => Reach::Own,

        (Role::AgencyAdmin, A::SelfAssess | A::EnrolmentRequest | A::EvaluationAnswer) => Reach::Nothing,
        // The personnel agency keeps plans and agrees to none: that is for the superior, the planner and the authority.
        (Role::AgencyAdmin, A::PlanWrite | A::PlanReview | A::PlanApprove | A::PlanEnact) => Reach::Nothing,
        (Role::AgencyAdmin, A::AgencyPlanSubmit | A::AgencyPlanEnact) => Reach::Nothing,
        (Role::AgencyAdmin, _) => Reach::Agency,

        (
            Role::Employee,
            A::EmployeeRead
            | A::AssessmentRead
            | A::GapRead
            | A::SelfAssess
            | A::JpRead
            | A::OwnLearningWrite
            | A::PlanRead
            | A::PlanWrite
            | A::LearningRead
            | A::EnrolmentRequest
            | A::EvaluationAnswer
            | A::ActivityRead
            | A::NeedsRead
            | A::NeedsWrite,
        ) => Reach::Own,
        (
            Role::Supervisor,
            A::EmployeeRead
            | A::AssessmentRead
            | A::GapRead
            | A::GapSummaryRead
            | A::JpRead
            | A::PlanRead
            | A::PlanReview
            | A::LearningRead
            | A::ActivityRead
            | A::EnrolmentNominate
            | A::EnrolmentConsent
            | A::EvaluationAnswer
            | A::NeedsRead
            | A::NeedsSummaryRead
            | A::NeedsWrite,
        ) => Reach::Below,
        (
            Role::UnitAdmin,
            A::EmployeeRead
            | A::AssessmentRead
            | A::GapRead
            | A::GapSummaryRead
            | A::JpRead
            | A::OwnLearningWrite
            | A::PlanRead
            | A::PlanKeep
            | A::LearningRead
            | A::ActivityRead
            | A::EnrolmentNominate
            | A::NeedsRead
            | A::NeedsSummaryRead
            | A::NeedsWrite,
        ) => Reach::Subtree,
        (
            Role::Observer,
            A::GapSummaryRead | A::EvaluationRead | A::AgencyPlanSummaryRead | A::NeedsSummaryRead,
        ) => Reach::Groups,

        (
            Role::Assessor,
            A::EmployeeRead | A::AssessmentRead | A::AssessmentWrite | A::AssessmentSignOff | A::LearningRead,
        ) => Reach::Agency,
        // Who runs classes sees participants, and nothing else of anybody.
        (Role::Provider, A::ClassWrite | A::CertificateIssue | A::LearningRead | A::EvaluationRead) => {
            Reach::Agency
        }
        (Role::Mentor, A::ActivityRead | A::ActivityGuide) => Reach::Guided,
        (
            Role::Planner,
            A::EmployeeRead
            | A::GapRead
            | A::GapSummaryRead
            | A::StandardWrite
            | A::StandardVerify
            | A::ProgrammeWrite
            | A::ClassWrite
            | A::LearningRead
            | A::ActivityRead
            | A::JpRead
            | A::JpVerify
            | A::PlanRead
            | A::PlanApprove
            | A::PlanTemplateWrite
            | A::AgencyPlanRead
            | A::AgencyPlanWrite
            | A::AgencyPlanSubmit
            | A::AgencyPlanSummaryRead
            | A::EvaluationRead
            | A::NeedsRead
            | A::NeedsSummaryRead
            | A::NeedsValidate,
        ) => Reach::Agency,
        (
            Role::Authority,
            A::EmployeeRead
            | A::GapRead
            | A::GapSummaryRead
            | A::StandardEnact
            | A::GrantRead
            | A::JpRead
            | A::PlanRead
            | A::PlanEnact
            | A::AgencyPlanRead
            | A::AgencyPlanEnact
            | A::AgencyPlanSummaryRead
            | A::LearningRead
            | A::EvaluationRead
            | A::ActivityRead
            | A::NeedsRead
            | A::NeedsSummaryRead,
        ) => Reach::Agency,
        (
            Role::Auditor,
            A::EmployeeRead
            | A::AssessmentRead
            | A::GapRead
            | A::GapSummaryRead
            | A::JpRead
            | A::PlanRead
            | A::AgencyPlanRead
            | A::AgencyPlanSummaryRead
            | A::LearningRead
            | A::ActivityRead
            | A::WebhookRead
            | A::EvaluationRead
            | A::AuditRead
            | A::GrantRead
            | A::NeedsRead
            | A::NeedsSummaryRead,
        ) => Reach::Agency,

        (
            Role::Employee
            | Role::Supervisor
            | Role::UnitAdmin
            | Role::Assessor
            | Role::Provider
            | Role::Mentor
            | Role::Planner
            | Role::Authority
            | Role::Auditor
            | Role::Observer,
            _,
        ) => Reach::Nothing,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_auditor_and_the_observer_change_nothing() {
        let writes = Action::ALL.into_iter().filter(|action| {
            !matches!(
                action,
                Action::CatalogueRead
                    | Action::EmployeeRead
                    | Action::AssessmentRead
                    | Action::GapRead
                    | Action::GapSummaryRead
                    | Action::JpRead
                    | Action::PlanRead
                    | Action::AgencyPlanRead
                    | Action::AgencyPlanSummaryRead
                    | Action::LearningRead
                    | Action::ActivityRead
                    | Action::EvaluationRead
                    | Action::NeedsRead
                    | Action::NeedsSummaryRead
                    | Action::AuditRead
                    | Action::GrantRead
                    | Action::WebhookRead
                    // Their own, and nothing else of anybody.
                    | Action::InboxWrite
            )
        });
        for action in writes {
            assert_eq!(reach(Role::Auditor, action), Reach::Nothing, "{action:?}");
            assert_eq!(reach(Role::Observer, action), Reach::Nothing, "{action:?}");
        }
        assert_eq!(reach(Role::Observer, Action::LearningRead), Reach::Nothing);
    }

    #[test]
    fn the_observer_sees_no_person() {
        for action in [
            Action::EmployeeRead,
            Action::AssessmentRead,
            Action::GapRead,
            Action::NeedsRead,
            Action::AuditRead,
        ] {
            assert_eq!(reach(Role::Observer, action), Reach::Nothing);
        }
        assert_eq!(reach(Role::Observer, Action::GapSummaryRead), Reach::Groups);
    }

    #[test]
    fn a_machine_drafts_and_people_decide() {
        for (drafts, decides) in [
            (Action::DictionaryWrite, Action::DictionaryPublish),
            (Action::StandardWrite, Action::StandardVerify),
            (Action::StandardWrite, Action::StandardEnact),
            (Action::AssessmentWrite, Action::AssessmentSignOff),
            (Action::OwnLearningWrite, Action::JpVerify),
            (Action::PlanKeep, Action::PlanApprove),
            (Action::AgencyPlanWrite, Action::AgencyPlanSubmit),
            (Action::AgencyPlanWrite, Action::AgencyPlanEnact),
            (Action::NeedsWrite, Action::NeedsValidate),
        ] {
            assert!(drafts.scope_name().is_some(), "{drafts:?}");
            assert_eq!(decides.scope_name(), None, "{decides:?}");
        }
    }

    #[test]
    fn every_scope_name_is_its_own() {
        let mut names: Vec<_> = Action::ALL.into_iter().filter_map(Action::scope_name).collect();
        let count = names.len();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), count);
    }
}
