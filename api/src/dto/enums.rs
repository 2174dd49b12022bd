//! Enumerations of the domain, as the contract shows them.

use std::borrow::Cow;

use serde::{Deserialize, Serialize};
use utoipa::openapi::schema::{ObjectBuilder, SchemaType, Type};
use utoipa::openapi::{RefOr, Schema};
use utoipa::{PartialSchema, ToSchema};

/// A domain enumeration that the contract names and describes.
pub trait Documented: Copy + 'static {
    /// Name of the schema.
    const NAME: &'static str;
    /// What it means, with the Indonesian term.
    const DESCRIPTION: &'static str;
    /// Every value as sent.
    fn values() -> Vec<&'static str>;
}

/// A domain enumeration on the wire.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Wire<T>(pub T);

impl<T: Documented> PartialSchema for Wire<T> {
    fn schema() -> RefOr<Schema> {
        let values = T::values();
        let example = values.first().map(|value| serde_json::Value::from(*value));
        ObjectBuilder::new()
            .schema_type(SchemaType::new(Type::String))
            .description(Some(T::DESCRIPTION))
            .enum_values(Some(values))
            .examples(example)
            .into()
    }
}

impl<T: Documented> ToSchema for Wire<T> {
    fn name() -> Cow<'static, str> {
        Cow::Borrowed(T::NAME)
    }
}

macro_rules! documented {
    (@values $type:ty) => { <$type>::ALL };
    (@values $type:ty, $some:expr) => { $some };
    ($($name:ident = $type:ty $([$some:expr])?, $description:literal;)+) => {
        /// The domain's enumerations under the names of the contract. Shapes use these: what derives a schema cannot see
        /// through a type parameter.
        pub mod wire {
            $(
                #[doc = $description]
                pub type $name = super::Wire<$type>;
            )+
        }

        $(
            impl Documented for $type {
                const NAME: &'static str = stringify!($name);
                const DESCRIPTION: &'static str = $description;

                fn values() -> Vec<&'static str> {
                    documented!(@values Self $(, $some)?).iter().map(|value| value.as_str()).collect()
                }
            }
        )+
    };
}

documented! {
    TimeZone = kernel::AgencyZone,
        "Time zone of an agency: WIB (UTC+7), WITA (UTC+8) or WIT (UTC+9). It decides which calendar day it is.";
    Role = access::Role, "A role in an agency.";
    Action = access::Action, "What a role may permit.";
    // Only those that are ever sent: a caller is told how far they reach, not where they do not.
    Reach = access::Reach [[Self::Groups, Self::Guided, Self::Own, Self::Below, Self::Subtree, Self::Agency]],
        "How far a permission goes: GROUPS of at least five people, and no person; GUIDED: what the caller guides as coach or mentor; OWN data; BELOW: own and that of the people below; SUBTREE: the people of the \
         role's unit and of every unit under it; AGENCY: everything.";
    GrantAction = access::GrantAction, "What can be done with a grant: REVOKE takes it back.";
    ServiceKind = kernel::ServiceKind,
        "What an identity number says of its holder's service: PNS (permanent) or PPPK (contract).";
    Sex = kernel::Sex, "Sex as digit 15 of an identity number gives it.";
    NipWarning = kernel::NipWarning,
        "A fact on record that does not agree with the identity number. It warns and never refuses: numbers are not \
         reissued when a record is corrected. APPOINTMENT_DIFFERS: the appointment lies in another month; \
         STATUS_DIFFERS: the number reads as PNS and the record says PPPK, or the other way round; \
         APPOINTED_UNDER_AGE: under 18 at appointment.";
    Resource = kernel::Resource, "The kinds of thing a change can be about.";
    OperationKind = kernel::OperationKind, "What a piece of work does: IMPORT takes in a spreadsheet; PLAN_GENERATION draws development plans up, PLAN_TEMPLATE \
         applies a template to them, AGENCY_PLAN_PUBLICATION turns an agency's plan into nominations and items of people's plans, all in parts that stand once written; SCENARIO finds the best plan for a budget, and keeps the best so far when it is called off.";
    OperationState = kernel::OperationState,
        "How far a piece of work has come: RUNNING; SUCCEEDED, and what it wrote stands; FAILED or CANCELLED, and \
         nothing was written.";
    OperationPhase = kernel::OperationPhase,
        "Part of the work: READING the file is fetched and unpacked, CHECKING rows are held against what is on record, \
         WRITING, AGGREGATING what is kept of the people concerned is brought up to date, LOADING what is to be planned, SOLVING.";
    OperationAction = kernel::OperationAction, "What can be done with a piece of work: CANCEL calls it off.";
    ImportKind = crate::sheets::ImportKind, "What the rows of a spreadsheet are.";
    SiasnList = crate::sheets::SiasnList,
        "A list or history of SIASN, BKN's civil service information system, by the name of its resource.";
    RecognisedBy = crate::sheets::RecognisedBy,
        "By what a column of a spreadsheet was recognised: its own NAME or another it goes by, the agency's MAPPING or \
         its DEFAULT for blank cells, or because SIASN names it so.";
    EmployeeStatus = workforce::EmployeeStatus,
        "Standing (status kepegawaian): PNS permanent, CPNS on probation, PPPK on contract, PPPK_PARUH_WAKTU on \
         part-time contract.";
    Education = workforce::Education, "The highest education on record (tingkat pendidikan).";
    JobClass = workforce::JobClass,
        "Job class of a position (kelompok jabatan): leadership (JPT), administrative, or functional (JF) of skill and \
         of expertise.";
    PositionAction = workforce::PositionAction,
        "What can be done with a position: EDIT its name, unit or head flag, ABOLISH it from a day on.";
    PlacementAction = workforce::PlacementAction, "What can be done with a placement: RETRACT declares it wrong.";
    Purpose = competency::Purpose,
        "What an assessment or a job person match is for: FILLING a position (pengisian jabatan) or MAPPING (pemetaan).";
    AssessmentMethod = competency::Method,
        "How an assessment is done. Results of SELF are kept and never counted.";
    AssessmentEventState = competency::EventState,
        "Where an assessment event stands: results are entered in DRAFT and final once SIGNED_OFF.";
    AssessmentEventAction = competency::EventAction, "What can be done with an assessment event.";
    AssessmentResultState = competency::ResultState,
        "Where an assessment result stands: DRAFT until its event is signed off, SUPERSEDED once corrected.";
    AssessmentResultAction = competency::ResultAction, "What can be done with an assessment result.";
    DictionaryState = competency::DictionaryState, "Where a version of a dictionary (kamus kompetensi) stands.";
    DictionaryAction = competency::DictionaryAction, "What can be done with a version of a dictionary.";
    CaseOutcome = crate::app::case_packages::CaseOutcome,
        "What taking a package in comes to: it becomes a version (CREATED), the draft it was is replaced (UPDATED), the \
         version it was is withdrawn (RETIRED), or nothing is new (UNCHANGED).";
    StandardState = competency::StandardState,
        "Where a position standard stands: DRAFT, VERIFIED (diverifikasi), IN_FORCE (ditetapkan), REVOKED (dicabut).";
    StandardAction = competency::StandardAction, "What can be done with a position standard.";
    Importance = competency::Importance,
        "How much a position depends on a requirement: MUTLAK (indispensable), PENTING (important), PERLU (needed).";
    PartnerKind = development::PartnerKind,
        "What a partner is: a UNIVERSITY, another AGENCY, a PROFESSIONAL_BODY, PRIVATE, or the agency's OWN training \
         centre (BPSDM).";
    AgreementStanding = development::AgreementStanding,
        "Whether what a partner provides stands on an agreement: IN_FORCE, MISSING, or NOT_NEEDED by the agency's own \
         training centre.";
    TrainerRole = development::TrainerRole,
        "What somebody does for the development of others: INSTRUCTOR teaches classes (pengajar, widyaiswara), MENTOR \
         guides with experience, COACH helps to find own answers.";
    DeliveryMode = development::DeliveryMode,
        "How a programme reaches its participants: ONLINE (daring), OFFLINE (luring), BLENDED.";
    JobFamily = development::JobFamily,
        "Job classes that belong together (rumpun jabatan): leadership (JPT), administrative, functional of skill or of \
         expertise.";
    ProgrammeState = development::ProgrammeState,
        "Where a programme stands: DRAFT, on offer (PUBLISHED), or no longer (RETIRED).";
    ProgrammeAction = development::ProgrammeAction, "What can be done with a programme.";
    ClassState = development::ClassState,
        "Where a class stands by decision: PLANNED, announced (OPEN), COMPLETED once results are final, CANCELLED.";
    ClassPhase = development::ClassPhase,
        "Where a class stands by decision and by the clock: PLANNED; ANNOUNCED before one may register; REGISTRATION; READY \
         when one no longer may and it has not begun; RUNNING; ENDED and not decided yet; COMPLETED; CANCELLED.";
    ClassAction = development::ClassAction, "What can be done with a class.";
    Recurrence = development::Recurrence, "How often a recurring programme is held.";
    EnrolmentOrigin = development::EnrolmentOrigin,
        "How somebody came to be enrolled: NOMINATED by their superior or an administrator, or by their OWN wish, with the \
         superior's consent.";
    EnrolmentState = development::EnrolmentState,
        "Where an enrolment stands: REQUESTED waits for the superior's consent and holds no seat; WAITLISTED waits for a \
         seat; ENROLLED has one; REFUSED by the superior; CANCELLED; PASSED; FAILED.";
    EnrolmentAction = development::EnrolmentAction, "What can be done with an enrolment.";
    CancelCause = development::CancelCause,
        "Why an enrolment ended without a result: somebody gave it up (WITHDRAWN), the class was called off, or it was held \
         and there was no seat or no consent by then (CLASS_HELD).";
    Presence = development::Presence,
        "Whether somebody was at a session: PRESENT (hadir), EXCUSED with leave (izin, sakit), ABSENT.";
    JpBasis = development::JpBasis,
        "Where learning hours come from: STATED by the programme, CONVERTED from the days somebody was there by the policy \
         of forms, UNKNOWN where neither says.";
    CertificateStatus = development::CertificateStatus,
        "Whether a certificate counts: VALID up to and including its last day, EXPIRED after it, REVOKED once taken back.";
    CertificateAction = development::CertificateAction, "What can be done with a certificate.";
    EvidenceProposalState = development::ProposalState,
        "What became of proposed evidence: PROPOSED and not looked at yet; TAKEN_UP by an assessment; DISMISSED; VOID since \
         its certificate was taken back.";
    EvidenceProposalAction = development::ProposalAction, "What can be done with proposed evidence.";
    EvaluationInstrument = development::EvaluationInstrument,
        "What somebody's part in a class is evaluated by: REACTION, how they found it (level 1); PRE_TEST and POST_TEST, what they \
         could before and afterwards (2); BEHAVIOUR_SELF and BEHAVIOUR_SUPERIOR, what they do differently at work, as they and \
         their direct superior say (3); RESULT, what a later assessment finds (4).";
    EvaluationTaskState = development::EvaluationTaskState,
        "Where a task of an evaluation stands: SCHEDULED until its time comes; OPEN; OVERDUE, and it may still be answered; \
         ANSWERED; VOID, nobody is asked.";
    EvaluationVoid = development::EvaluationVoid,
        "Why nobody is asked: the person was at no session (NOT_ATTENDED), the class was called off (CLASS_CANCELLED), the \
         person held no position when it opened (LEFT), or had no superior then (NO_SUPERIOR).";
    EvaluationTaskAction = development::EvaluationTaskAction, "What can be done with a task of an evaluation.";
    ActivityKind = development::ActivityKind,
        "What somebody does to develop outside a class: INTERNSHIP (magang), SECONDMENT (detasering), EXCHANGE (pertukaran), \
         BENCHMARKING (patok banding), COACHING, MENTORING, COMMUNITY (komunitas belajar), SELF_STUDY (belajar mandiri), \
         FURTHER_STUDY (tugas belajar).";
    StudyFunding = development::StudyFunding,
        "Who pays for further study: the state budget (APBN), the regional one (APBD), a SCHOLARSHIP, or the person (OWN).";
    ActivityState = development::ActivityState, "Where an activity stands: ACTIVE, COMPLETED, CANCELLED.";
    ActivityAction = development::ActivityAction, "What can be done with an activity.";
    PolicyKind = competency::PolicyKind, "What a rubric is about.";
    FormSetting = development::Setting,
        "Where a form of development takes place (bentuk): KLASIKAL face to face in class, NONKLASIKAL at work or outside \
         a class.";
    FormShare = development::Share,
        "The part of 70:20:10 (porsi): 70 by experience, 20 with and from others, 10 formal learning.";
    ConversionUnit = development::ConversionUnit,
        "What learning hours are given for: each DAY with at least one session, each SESSION, each ACTIVITY however long.";
    CapPeriod = development::CapPeriod, "The calendar time within which a cap holds.";
    RankingCriterion = development::RankingCriterion, "What decides between programmes that are recommended. PREREQUISITES: fewer that are not met first. SEVERITY: the gravest gap first. MATCH_GAIN: the job person match for the goal rises farther. LEVELS_CLOSED, GAPS_ADDRESSED, JP_TOWARDS_FLOOR: more first. PRICE: cheaper for a participant first. NEXT_CLASS: sooner first. What is not known comes last.";
    MentorCriterion = development::MentorCriterion, "What decides between mentors. REGISTERED: those the agency has registered as a mentor first. LOAD: who has taken on less of what they may. LEVEL: the higher level first. RECENCY: who was assessed later.";
    MentorExclusion = development::MentorExclusion, "Why somebody who is far enough ahead is no mentor of somebody. REPORTING_LINE: one of them directs the work of the other, directly or over others. FULL: they guide as many people as they may.";
    ExclusionReason = development::ExclusionReason, "Why a programme that teaches what a gap is in is not recommended. CERTIFIED: the person has a certificate of it that still counts. AUDIENCE: it is for people in positions of other classes. BEGINS_ABOVE: it begins above the level found. LEADS_NOWHERE: it leads no further than that level. LEVEL_UNKNOWN: an assessment comes first. ENROLLED: the person is enrolled in a class of it, waits for a seat or for consent. PLANNED: an open item of this year's plan has it. BEYOND_CEILING: its hours would pass a ceiling that stops (PPPK).";
    UnansweredReason = development::UnansweredReason, "Why nothing is recommended for a gap. NEVER_ASSESSED, ASSESSMENT_EXPIRED: an assessment comes first. NO_PROGRAMME: none on offer teaches the competency. ALL_EXCLUDED: all that do were left out.";
    JpBound = development::JpBound, "Whether a rule asks for learning hours (AT_LEAST, a floor) or bounds them (AT_MOST, a ceiling).";
    JpSpan = development::JpSpan,
        "What learning hours are counted over: a CALENDAR_YEAR, or a CONTRACT_YEAR of twelve months from the appointment.";
    JpEnforcement = development::JpEnforcement,
        "What happens when a ceiling is passed: WARN shows it; STOP refuses it where somebody decides.";
    JpPartYear = development::JpPartYear,
        "What is asked of somebody who has the standing for a part of a calendar year: FULL, all of it; PRO_RATA, the \
         share of their days.";
    JpEntryKind = development::JpEntryKind,
        "What an entry of a ledger does: CREDIT adds hours, REVERSAL takes a wrong entry back, REPLACEMENT says what it \
         should have said.";
    JpSource = development::JpSource,
        "Where learning hours come from: a COMPLETION of a class or an activity, OWN_LEARNING that was verified, or a \
         TRAINING_RECORD taken over from elsewhere.";
    JpEntryBasis = development::JpEntryBasis,
        "By what learning hours were counted: the CERTIFICATE states them, CONVERSION of the form, a CORRECTION, or \
         the RECORD they were taken over from.";
    JpStandingState = store::JpStandingState,
        "How somebody stands: SHORT of the floor; MET, it is reached; WITHIN a ceiling, where there is no floor; OVER the \
         ceiling; NONE applies.";
    OwnLearningState = development::OwnLearningState,
        "Where own learning stands: SUBMITTED until somebody verifies it, VERIFIED, REFUSED, or WITHDRAWN by the person.";
    OwnLearningAction = development::OwnLearningAction, "What can be done with own learning.";
    WebhookState = kernel::WebhookState,
        "Where an endpoint stands: ACTIVE; PAUSED, what happens waits; STOPPED, nothing is noted.";
    WebhookReason = kernel::WebhookReason,
        "Why an endpoint is not active: REQUESTED by somebody; FAILING for as long as a delivery is tried; GONE, it answered 410.";
    WebhookAction = kernel::WebhookAction, "What can be done with an endpoint.";
    DeliveryState = kernel::DeliveryState,
        "Where a delivery stands: PENDING until it is taken, DELIVERED, or FAILED for as long as it was tried.";
    DeliveryFailure = kernel::DeliveryFailure,
        "Why an attempt got no answer: the name is UNRESOLVED; the address is none that may be reached (FORBIDDEN); UNREACHABLE, TLS \
         included; TIMED_OUT; or BROKEN off.";
    NoticeKind = development::NoticeKind,
        "What a notice is about. JP_SHORT: learning hours missing to the floor; PLAN_DUE, PLAN_ITEM_DUE: a plan not submitted, \
         something in it due soon; PLAN_REVIEW_AWAITED, CONSENT_AWAITED: somebody waits for the reader as their superior; \
         PLAN_RETURNED, PLAN_APPROVED; ENROLMENT_NOMINATED, ENROLMENT_CONSENTED, ENROLMENT_REFUSED; SEAT_GAINED from the \
         line; CLASS_STARTING, CLASS_CANCELLED, CLASS_RESULT; CERTIFICATE_EXPIRING, CERTIFICATE_REVOKED; \
         OWN_LEARNING_VERIFIED, OWN_LEARNING_REFUSED; EVALUATION_DUE: something is asked about a class, of the participant or of \
         their superior; NEEDS_AWAITED, NEEDS_RETURNED: the needs analysis of the reader's unit waits to be verified, or was sent \
         back.";
    NoticeState = development::NoticeState,
        "Where a notice stands for its reader: UNREAD, READ, SNOOZED until an instant, or WITHDRAWN since its reason is gone.";
    DigestFrequency = development::DigestFrequency, "How often notices come together: DAILY, WEEKLY or NONE.";
    NeedSpeaker = development::NeedSpeaker,
        "Who speaks for a side of a need: ASSESSMENT, nobody but the assessments; the PERSON; a SUPERIOR; the UNIT; the AGENCY.";
    NeedsState = development::NeedsState,
        "Where a needs analysis stands: COLLECTING, VERIFIED by the unit, RETURNED by the agency with the reasons, VALIDATED by \
         the agency.";
    NeedsAction = development::NeedsAction, "What can be done with a needs analysis.";
    NeedAction = development::NeedAction,
        "What can be done with a need: PRIORITISE gives it another priority, DROP leaves it out, RESTORE takes it up again.";
    NeedsParty = development::NeedsParty,
        "What somebody is to a needs analysis: a PROPOSER for themselves or those below, the UNIT that keeps it, the AGENCY \
         that validates it.";
    NeedsStage = development::NeedsStage,
        "A stage of a year's needs analyses: COLLECT, units begin and gather; VERIFY, units stand behind theirs; VALIDATE, the \
         agency does.";
    NeedOrigin = development::NeedOrigin,
        "Where a need comes from: a gap against the position held (HELD_GAP) or aimed at (TARGET_GAP), both gathered from \
         assessments; PERFORMANCE behind what was agreed, a SERVICE_SIGNAL of citizens, a POLICY_PRIORITY, an OWN_PROPOSAL, each \
         brought with a reason.";
    PriorityTerm = development::PriorityTerm,
        "A factor of a need's priority: GAP_SIZE, levels missing; WEIGHT of the requirement; IMPORTANCE, how much it matters in \
         the position; CRITICALITY of the post; JP_OVERDUE, learning hours that fell short; SIGNAL, the strongest side it comes \
         from.";
    PlanState = development::PlanState,
        "Where a development plan stands: DRAFT, SUBMITTED (diajukan), IN_REVIEW by the superior, RETURNED with the \
         reasons, ENDORSED by the superior, CONFIRMED by the planner until the authority agrees, APPROVED (ditetapkan), \
         ACTIVE, COMPLETED, CANCELLED, or SUPERSEDED by a later version.";
    PlanAction = development::PlanAction, "What can be done with a development plan.";
    PlanParty = development::PlanParty,
        "What somebody is to a plan: its OWNER, the direct SUPERIOR, a KEEPER of plans for the unit or the agency, the \
         PLANNER (PyB), the AUTHORITY (PPK).";
    PlanOrigin = development::PlanOrigin,
        "Why an item is in a plan: a gap to the position held (HELD_GAP) or aimed at (TARGET_GAP), PERFORMANCE short of \
         its target, a SERVICE_SIGNAL from citizens, an OWN_WISH, the AGENCY_PLAN, which names the person, or CARRIED_OVER from last year.";
    AgencyPlanState = development::AgencyPlanState,
        "Where an agency's plan stands: DRAFT, SUBMITTED to the authority (diajukan), RETURNED with the reasons, SET by the \
         authority (ditetapkan) and in force, SUPERSEDED by a later version, or CANCELLED.";
    AgencyPlanAction = development::AgencyPlanAction, "What can be done with an agency's plan.";
    AgencyPlanParty = development::AgencyPlanParty,
        "What somebody is to an agency's plan: a KEEPER, who draws it up; the PLANNER (PyB), who prepares and submits it; the \
         AUTHORITY (PPK), who sets it.";
    ScenarioState = development::ScenarioState,
        "How far a scenario has come: SOLVING; SOLVED; STOPPED: its search was called off, and the best plan so far is kept; CANCELLED \
         before there was a plan; FAILED: there is none, and the operation says why.";
    ScenarioNeeds = development::ScenarioNeeds,
        "Where a scenario's needs come from: VALIDATED_NEEDS of the year's analyses, or OPEN_GAPS of the day where no analysis is \
         validated.";
    FundSource = development::FundSource,
        "Where the money of a line comes from (sumber dana): the state budget (APBN), the regional one (APBD), non-tax revenue of \
         the state (PNBP), a public service body's own revenue (BLUD), a grant (HIBAH), or something else (LAINNYA).";
    AgencyPlanOrigin = development::AgencyPlanOriginKind,
        "Where an item came from: somebody entered it (MANUAL), a SCENARIO chose it, or it was CARRIED_OVER from the year before.";
    NominationOutcome = development::NominationOutcome,
        "How a place of an agency's plan became a nomination, or why not: NOMINATED with a seat; WAITLISTED for one; ALREADY \
         enrolled; NO_CLASS is named; LEFT: the person serves nowhere; UNMET: they are not whom the programme is for, or lack \
         what it builds on; BUSY in another class at the time; CLASS_FULL; CLASS_CLOSED to registration.";
    EntryOutcome = development::EntryOutcome,
        "How a place of an agency's plan became an item of the person's plan, or why not: ADDED to their draft; ALREADY there; \
         LEFT: the person serves nowhere; NO_PLAN for the year; PLAN_BEYOND_DRAFT: it waits for approval or is carried out; \
         PLAN_FULL.";
    SpendingBasis = development::SpendingBasis,
        "Where what was committed and spent is known from: TOLD by whoever keeps the plan; DERIVED from seats, presence and prices; \
         PEOPLE: what they told of the items of their plans.";
    PlanContent = development::PlanContent,
        "What every item of an agency's plan must say (PP 11/2017 article 207): COMPETENCY_TYPE, TARGET_PERSONS, FORM_AND_PATH, \
         PROVIDER, SCHEDULE, conformity with the CURRICULUM of the competent agency, BUDGET.";
    LackReason = development::LackReason,
        "What is wrong with a content. NO_COMPETENCY: neither the programme nor a place names one; NOT_TAUGHT: a place is for a \
         step the programme does not teach; NOBODY: it is for nobody; LEFT: somebody serves nowhere; OUTSIDE_SCOPE: somebody \
         serves outside the plan's unit; BEYOND_SEATS of the class; NO_FORM; UNKNOWN_FORM to the agency's policy; NO_PROVIDER; \
         NOT_OFFERED: the programme is not, and no class of it is named; NO_DAYS; OUTSIDE_YEAR of the plan; CLASS_CANCELLED; NO_CURRICULUM: nothing says whose; NO_PRICE is known; NO_LINE of \
         the budget is named; AMOUNT_DIFFERS: what it takes from lines is not what it costs; OTHER_UNITS_LINE: lines of other \
         units alone would pay for somebody.";
    PlanItemState = development::ItemState, "How far an item has come: PLANNED, STARTED, DONE, or DROPPED: it will not be done.";
    EarnedBy = development::EarnedBy, "Who says how many hours an item brought: it was TOLD; the LEDGER has them, for what the item names was completed.";
    PlanSnapshotMoment = store::SnapshotMoment, "When gaps were looked at: when the plan was MADE, or COMPLETED.";
    PlanSnapshotAgainst = store::SnapshotAgainst, "Against which position: the one HELD then, or the TARGET.";
    UnplannedReason = development::UnplannedReason,
        "Why an open gap has no item: NEVER_ASSESSED or ASSESSMENT_EXPIRED: an assessment comes first; NO_PROGRAMME of \
         the catalogue teaches the step; BEYOND_MOST_ITEMS of the policy; BEYOND_CEILING of the contract year; LEFT_OUT \
         by whoever drew the plan up.";
    Confidence = competency::Confidence,
        "How sure a rule of the reference data is: FOUND in a regulation or in use; DISPUTED: check it before relying on \
         it.";
    EligibilityRuleKind = competency::RuleKind,
        "What a rule of eligibility is about: SERVICE in some position on the day; STATUS; EDUCATION; AGE; EXPERIENCE in \
         positions of certain classes (sedang atau pernah menduduki); TENURE in the present position; MATCH: the job \
         person match.";
    EligibilityVerdict = competency::Verdict,
        "What a rule says of somebody: PASSED, FAILED, or UNKNOWN where what is on record does not tell.";
    EligibilityReason = competency::Reason,
        "Why a rule says so: COMPARED: the figures tell; NOT_RECORDED: what it looks at is not on record; RELEASED from \
         any position; HISTORY_INCOMPLETE: too little is on record, and service before the history begins could make up \
         for it; MATCH_INCOMPLETE: a competency has no valid evidence.";
    CandidateStanding = competency::Standing,
        "Whether somebody may be appointed as far as the rules on record tell: ELIGIBLE: every binding rule is met; \
         UNDECIDED: none is failed, at least one is unknown; INELIGIBLE: at least one is failed.";
    JobPersonMatchMethod = competency::JpmMethod,
        "RATIO_OF_SUMS: sum of weighted achieved over sum of weighted required levels, which may exceed 100 %. \
         CAPPED_MEAN: weighted mean of achieved over required, each capped at 1.";
    JobPersonMatchStatus = competency::JpmStatus,
        "INCOMPLETE when a competency has no valid level: then there is no percentage.";
    JobPersonMatchCategory = competency::Category,
        "For FILLING: MS, MMS, KMS (memenuhi, masih memenuhi, kurang memenuhi syarat). For MAPPING: OPTIMAL, \
         CUKUP_OPTIMAL, KURANG_OPTIMAL.";
    GapState = competency::GapState,
        "How somebody stands in a competency: at (MET), below (GAP) or above (EXCEEDS) the required level; never \
         assessed (MISSING), or too long ago (EXPIRED).";
    Severity = competency::Severity,
        "How much a gap matters, from how many levels are short and how important the requirement is.";
}
