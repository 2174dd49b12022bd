//! How gaps are closed: forms of development and what they are worth in learning hours (jam pelajaran, JP), partners and
//! programmes, and which of them take a person further.
//!
//! Pure rules: the present, the database and the network belong to the caller. Transitions never touch a row's
//! `version`; the layer that writes the row counts it up.

mod activity;
mod agency_plan;
mod certificate;
mod class;
mod enrolment;
mod evaluation;
mod form;
mod jp_ledger;
mod mentor;
mod needs;
mod notice;
mod own_learning;
mod partner;
mod plan;
mod programme;
mod recommendation;
pub mod reference;
mod scenario;
mod training_record;

pub use activity::{
    Activity, ActivityAction, ActivityContent, ActivityDetails, ActivityError, ActivityKind, ActivityState,
    LogEntry, StudyFunding,
};
pub use agency_plan::{
    AGENCY_PLAN_TABLE, AgencyPlan, AgencyPlanAction, AgencyPlanCaller, AgencyPlanDraft, AgencyPlanError,
    AgencyPlanItem, AgencyPlanItemDraft, AgencyPlanOrigin, AgencyPlanOriginKind, AgencyPlanParty,
    AgencyPlanRule, AgencyPlanState, BudgetLine, Completeness, EntryOutcome, Fund, FundSource, Lack,
    LackReason, NominationOutcome, OfferStep, Overdrawn, PlanContent, PlanGround, PlanOffer, PlanOutturn,
    PlanTarget, Realisation, SpendingBasis, UnitCeiling, agency_plan_rule, completeness, sum as rupiah_sum,
};
pub use certificate::{
    CertificateAction, CertificateError, CertificateStatus, EvidenceProposal, IssuedCertificate,
    ProposalAction, ProposalError, ProposalState, Revocation, VerifyCode, completion_jp,
};
pub use class::{
    ClassAction, ClassContent, ClassError, ClassHours, ClassPhase, ClassSeries, ClassState, Recurrence,
    SeriesSession, Session, TrainingClass, last_day,
};
pub use enrolment::{
    CancelCause, Enrolment, EnrolmentAction, EnrolmentError, EnrolmentOrigin, EnrolmentState, Outcome,
    ParticipantFacts, Presence, Seats, Unmet,
};
pub use evaluation::{
    AnswerSum, BehaviourRule, EVALUATION_POLICY, EvaluatedClass, EvaluationAnswer, EvaluationChange,
    EvaluationError, EvaluationForm, EvaluationInstrument, EvaluationQuestion, EvaluationRubric,
    EvaluationTaskAction, EvaluationTaskState, EvaluationVoid, EvaluationWindow, Participation, ReactionRule,
    ResultRule, StandingTask, TestRule, evaluation_changes, evaluation_policy, task_actions, told_together,
};
pub use form::{
    Cap, CapPeriod, Conversion, ConversionUnit, Form, FormUse, FormsRubric, JpBasis, JpCredit, Setting, Share,
};
pub use jp_ledger::{
    JP_TARGET_POLICY, JpBound, JpEnforcement, JpEntry, JpEntryBasis, JpEntryKind, JpLedger, JpLedgerError,
    JpPartYear, JpRooms, JpRule, JpSource, JpSpan, JpSum, JpTargetRubric, JpTerm, LedgerFacts, MOST_JP,
    ServiceSpell, UsedCertificate, calendar_year, certificate_key, contract_year, counted_as_of,
    jp_target_policy,
};
pub use mentor::{
    GuideError, GuideStanding, Mentor, MentorCriterion, MentorExclusion, MentorFacts, MentorMatch,
    MentorRule, match_mentors,
};
pub use needs::{
    NEED_PRIORITY_POLICY, NEEDS_TABLE, Need, NeedAction, NeedClaim, NeedFacts, NeedKey, NeedOrigin,
    NeedSpeaker, NeedWord, NeedsAction, NeedsAnalysis, NeedsCaller, NeedsCoverage, NeedsDeadlines,
    NeedsError, NeedsParty, NeedsRule, NeedsStage, NeedsState, Priority, PriorityRubric, PriorityTerm,
    merged, need_priority_policy, needs_rule,
};
pub use notice::{
    DigestFrequency, InboxSettings, NoticeKind, NoticeMarks, NoticeState, PlanDeadline, REMINDERS_POLICY,
    RemindersRubric, reminders_amendments, reminders_policy,
};
pub use own_learning::{
    OwnLearning, OwnLearningAction, OwnLearningDraft, OwnLearningError, OwnLearningState,
};
pub use partner::{
    Agreement, AgreementStanding, Partner, PartnerKind, Trainer, TrainerIdentity, TrainerRole,
};
pub use plan::{
    CreditedClass, DEVELOPMENT_PLAN_POLICY, EarnedBy, GapSnapshot, ItemProgress, ItemState, MOST_RUPIAH,
    Offer, PLAN_TABLE, Plan, PlanAction, PlanAttachment, PlanCaller, PlanDraft, PlanError, PlanFigures,
    PlanItem, PlanItemDraft, PlanOrigin, PlanParty, PlanRubric, PlanRule, PlanState, PlanStep, PlanStepTaken,
    PlanTemplate, Proposal, SnapshotLine, TemplateFor, TemplateItem, TemplatePart, UnplannedReason,
    development_plan_policy, new_line, plan_rule, propose,
};
pub use programme::{
    Audience, DeliveryMode, JobFamily, Prerequisite, Price, Programme, ProgrammeAction, ProgrammeContent,
    ProgrammeError, ProgrammeState, Step,
};
pub use recommendation::{
    ActivityAdvice, ActivityProposal, Exclusion, ExclusionReason, GapAnswer, MatchEffect, NextClass,
    OfferedStep, PrerequisiteStanding, ProgrammeOffer, RECOMMENDATION_POLICY, RankingCriterion,
    RankingRubric, Recommendation, RecommendationFacts, Recommendations, StepTowards, UnansweredReason,
    UnderWay, recommend, recommendation_policy,
};
pub use scenario::{
    ScenarioAsk, ScenarioFigures, ScenarioFloor, ScenarioFloorReached, ScenarioGoal, ScenarioHours,
    ScenarioNeed, ScenarioNeeds, ScenarioOffer, ScenarioPair, ScenarioPerson, ScenarioPoint, ScenarioReach,
    ScenarioState, ScenarioStep, ScenarioUnit, ScenarioWeight, ScenarioWhose,
};
pub use training_record::{LearnedKey, TrainingRecord, TrainingRecordDraft};
