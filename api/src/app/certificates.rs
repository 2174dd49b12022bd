//! How classes end: results, completion, certificates and what they propose.

use access::{Action, Pass};
use chrono::NaiveDate;
use development::{
    CancelCause, CertificateAction, ClassAction, EvidenceProposal, Form, FormUse, IssuedCertificate, JpBasis,
    JpEntryBasis, JpSource, ProposalState, TrainingClass, UsedCertificate, VerifyCode, completion_jp,
    last_day,
};
use kernel::{
    AssessmentResultId, CertificateId, ClassId, CompetencyId, EmployeeId, Event, EvidenceProposalId,
    LongText, Name, Page, ProgrammeId, Resource, Version, Violation, ViolationCode, Violations,
};
use serde_json::{Value, json};
use store::{
    CertificateFilter, JpCreditDraft, PageRequest, ProgrammeRow, ProposalFilter, ProposalRow, Reader, Seated,
    Tx, Written,
};

use crate::app::agencies;
use crate::app::classes::{self, class};
use crate::app::jp_ledger::form_uses;
use crate::app::programmes::forms_on;
use crate::app::{AppError, Ctx, Services};
use crate::dto::certificates::{
    CertificateQuery, CertificateView, EvidenceProposalQuery, EvidenceProposalView, EvidenceUptake,
    OutcomesPut, VerificationView,
};
use crate::dto::classes::ReasonPut;
use crate::dto::enums::Wire;
use crate::dto::{day, replaced};
use crate::problems::Problem;

/// Enters who passed a class, until it is completed.
///
/// # Errors
/// `NOT_FOUND`, `FORBIDDEN`, `STALE`, `INVALID` for somebody without a seat, or who passed and was never there,
/// `CLASS_STATE`.
pub async fn outcomes_put(ctx: &Ctx, id: ClassId, input: OutcomesPut) -> Result<Written, AppError> {
    let scope = ctx.scope(Action::CatalogueRead)?;
    ctx.write(async |tx| {
        let reader = ctx.read_in(tx, &scope);
        class(&reader, id).await?;
        let pass = ctx.actor.allow(Action::ClassWrite)?;
        tx.class_lock(&pass, id).await?;
        let row = class(&reader, id).await?;
        ctx.expect_version(row.class.version)?;
        row.class.require(ClassAction::EnterResults, ctx.now)?;
        let outcomes = input.clone().into_domain()?;
        let seated = reader.seated(id).await?;
        let mut found = Violations::new();
        for (index, (enrolment, outcome)) in outcomes.iter().enumerate() {
            let one = seated.iter().find(|one| one.enrolment.id == *enrolment);
            let at = |property: &str| format!("/items/{index}/{property}");
            found.check(one.is_none(), || Violation::new(at("enrolment_id"), ViolationCode::NotFound));
            found.check(outcome.passed && one.is_some_and(|one| one.present.is_empty()), || {
                Violation::new(at("passed"), ViolationCode::Inconsistent)
            });
        }
        found.finish()?;
        tx.outcomes_put(&pass, id, &outcomes).await?;
        tx.class_touch(&pass, id, row.class.version).await?;
        let entered: Vec<_> =
            outcomes.iter().map(|(one, outcome)| json!([one, outcome.passed, outcome.score])).collect();
        let event = Event::new(Resource::Class, id, "RESULTS_ENTERED");
        let after = class(&reader, id).await?;
        let version = after.class.version;
        let reply = replaced(&classes::view(ctx, after), version);
        Ok(tx.record(&pass, &event, Some(json!({"results": entered}))).with(reply))
    })
    .await
}

/// Decides a class that has ended: results become final, who passed gets a certificate, and for what was taught evidence is
/// proposed. Nobody's level changes.
///
/// # Errors
/// `NOT_FOUND`, `FORBIDDEN`, `STALE`, `CLASS_STATE`, `CLASS_RESULTS_MISSING`.
pub async fn complete(ctx: &Ctx, id: ClassId) -> Result<Written, AppError> {
    let scope = ctx.scope(Action::CatalogueRead)?;
    ctx.write(async |tx| {
        let reader = ctx.read_in(tx, &scope);
        class(&reader, id).await?;
        let pass = ctx.actor.allow(Action::CertificateIssue)?;
        // People before the class, as everywhere; nobody gets a seat any more once it has ended.
        let people: Vec<_> = reader.seated(id).await?.into_iter().map(|one| one.enrolment.employee).collect();
        tx.employees_hold(&pass, &people).await?;
        tx.class_lock(&pass, id).await?;
        let row = class(&reader, id).await?;
        ctx.expect_version(row.class.version)?;
        let completed = row.class.clone().complete(ctx.now)?;
        let seated = reader.seated(id).await?;
        unsettled(&seated)?;
        tx.class_update(&pass, &completed).await?;
        tx.outcomes_finish(&pass, id).await?;
        tx.enrolments_close(&pass, id, CancelCause::ClassHeld).await?;
        let issued = issue(ctx, &reader, &completed, &seated).await?;
        tx.certificates_insert(&pass, &issued.certificates).await?;
        tx.evidence_proposals_insert(&pass, &issued.proposals).await?;
        credit(tx, &reader, &pass, &issued).await?;
        ctx.note_access_in(tx, &scope, people);
        let told: Vec<_> = issued.certificates.iter().map(|one| json!([one.enrolment, one.id])).collect();
        let event = Event::new(Resource::Class, id, "COMPLETED");
        let changes = json!({"certificates": told, "proposals": issued.proposals.len()});
        let after = class(&reader, id).await?;
        let version = after.class.version;
        Ok(tx.record(&pass, &event, Some(changes)).with(replaced(&classes::view(ctx, after), version)))
    })
    .await
}

/// Everybody with a seat needs a result before a class is decided, and whoever passed was there: attendance may have been
/// corrected after results were entered.
fn unsettled(seated: &[Seated]) -> Result<(), AppError> {
    let wrong = |one: &Seated| match one.enrolment.outcome {
        None => Some(ViolationCode::Required),
        Some(outcome) if outcome.passed && one.present.is_empty() => Some(ViolationCode::Inconsistent),
        Some(_) => None,
    };
    let violations: Vec<_> = seated
        .iter()
        .filter_map(|one| Some(Violation::new(format!("/enrolments/{}", one.enrolment.id), wrong(one)?)))
        .collect();
    if violations.is_empty() {
        Ok(())
    } else {
        Err(AppError::about(Problem::ClassResultsMissing, violations))
    }
}

/// What a completion brings forth.
struct Issued {
    certificates: Vec<IssuedCertificate>,
    /// What each of them is of, in the same order.
    uses: Vec<FormUse>,
    /// The form, where the agency has it.
    form: Option<Form>,
    proposals: Vec<EvidenceProposal>,
}

/// The certificates of those who passed, in the order in which they registered, and what they propose.
async fn issue(
    ctx: &Ctx,
    reader: &Reader<'_>,
    class: &TrainingClass,
    seated: &[Seated],
) -> Result<Issued, AppError> {
    let row: ProgrammeRow = reader.programme(class.programme).await?.ok_or(Problem::NotFound)?;
    let programme = &row.programme.content;
    let held_from = class.content.starts_at().map_or_else(|| ctx.today(), |at| ctx.zone.day(at));
    let held_until = class.content.ends_at().map_or_else(|| ctx.today(), |at| last_day(at, ctx.zone));
    let forms = forms_on(reader, ctx.actor.agency, held_until).await?;
    let form = forms.form(programme.form.as_str());
    let mut issued =
        Issued { certificates: Vec::new(), uses: Vec::new(), form: form.cloned(), proposals: Vec::new() };
    let passed = seated.iter().filter(|one| one.enrolment.outcome.is_some_and(|outcome| outcome.passed));
    for (number, one) in (1..).zip(passed) {
        let present: Vec<NaiveDate> = one.present.iter().map(|at| ctx.zone.day(*at)).collect();
        let (jp, jp_basis) = completion_jp(programme.jp, form, &present);
        let certificate = IssuedCertificate {
            id: CertificateId::new(),
            enrolment: one.enrolment.id,
            class: class.id,
            programme: class.programme,
            employee: one.enrolment.employee,
            holder: one.name.clone(),
            number: Name::stored(format!("{}/{}/{number:03}", programme.code, class.content.code)),
            code: fresh_code()?,
            title: programme.name.clone(),
            provider: row.partner_name.clone(),
            form: programme.form.clone(),
            jp,
            jp_basis,
            held_from,
            held_until,
            issued_on: ctx.today(),
            valid_until: programme.certificate_last_day(ctx.today()),
            revoked: None,
            version: Version::FIRST,
        };
        issued.proposals.extend(programme.steps.iter().map(|step| EvidenceProposal {
            id: EvidenceProposalId::new(),
            employee: certificate.employee,
            competency: step.competency,
            competency_agency: step.competency_agency,
            level: step.to,
            certificate: certificate.id,
            proposed_at: ctx.now,
            state: ProposalState::Proposed,
            result: None,
            reason: None,
            version: Version::FIRST,
        }));
        issued.certificates.push(certificate);
        issued.uses.push(FormUse { units: present, international: false });
    }
    Ok(issued)
}

/// A code that nobody guesses.
fn fresh_code() -> Result<VerifyCode, AppError> {
    let mut random = [0; 16];
    aws_lc_rs::rand::fill(&mut random).map_err(|_unspecified| {
        log::error!("the random source failed");
        Problem::Internal
    })?;
    Ok(VerifyCode::of(u128::from_be_bytes(random)))
}

/// Credits the hours of certificates to the ledgers of their holders; what is converted counts under the cap of everything
/// done in its form before. Who logged the same certificate themself has them already.
async fn credit(tx: &Tx<'_>, reader: &Reader<'_>, pass: &Pass, issued: &Issued) -> Result<(), AppError> {
    for (one, new) in issued.certificates.iter().zip(&issued.uses) {
        let jp = match &issued.form {
            Some(form) if one.jp_basis == JpBasis::Converted => {
                form.adds(new, &form_uses(reader, one.employee, form).await?)
            }
            _ => one.jp,
        };
        let Some(jp) = jp.filter(|jp| jp.count() > 0) else { continue };
        let credit = JpCreditDraft {
            employee: one.employee,
            source: JpSource::Completion,
            source_id: one.id.uuid(),
            earned_on: one.held_until,
            jp,
            basis: match one.jp_basis {
                JpBasis::Stated => JpEntryBasis::Certificate,
                JpBasis::Converted | JpBasis::Unknown => JpEntryBasis::Conversion,
            },
            title: one.title.clone(),
            form: Some(one.form.clone()),
            certificate: Some(UsedCertificate {
                number: one.number.clone(),
                issued_on: one.issued_on,
                valid_until: one.valid_until,
            }),
        };
        tx.jp_credit(pass, &credit).await?;
    }
    Ok(())
}

/// The address at which a certificate is verified.
fn verify_url(services: &Services, code: &VerifyCode) -> String {
    format!("{}/verify/{}", services.config.public_address(), code.as_str())
}

/// A certificate as this caller sees it.
#[must_use]
pub fn view(ctx: &Ctx, certificate: IssuedCertificate) -> CertificateView {
    let mut allowed = certificate.allowed_actions().to_vec();
    allowed.retain(|action| match action {
        CertificateAction::Revoke => ctx.actor.can(Action::CertificateIssue),
    });
    let (status, url) = (certificate.status(ctx.today()), verify_url(&ctx.services, &certificate.code));
    CertificateView::new(certificate, status, url, allowed)
}

/// Certificates of people the caller may see.
///
/// # Errors
/// `FORBIDDEN`, `INVALID` for a day out of reason.
pub async fn list(
    ctx: &Ctx,
    query: CertificateQuery,
    page: &PageRequest,
) -> Result<Page<IssuedCertificate>, AppError> {
    let scope = ctx.scope(Action::LearningRead)?;
    let CertificateQuery { employee_id, programme_id, class_id, status, valid_until, cursor: _, limit: _ } =
        query;
    let filter = CertificateFilter {
        employee: employee_id.map(EmployeeId::from),
        programme: programme_id.map(ProgrammeId::from),
        class: class_id.map(ClassId::from),
        status: status.map(|Wire(status)| status),
        valid_until: valid_until.map(|on| day("/query/valid_until", on)).transpose()?,
    };
    let rows = ctx.read(&scope).certificates(&filter, page).await?;
    ctx.note_access(&scope, rows.items.iter().map(|one| one.employee)).await?;
    Ok(rows)
}

/// One certificate.
///
/// # Errors
/// `FORBIDDEN`, `NOT_FOUND`.
pub async fn get(ctx: &Ctx, id: CertificateId) -> Result<IssuedCertificate, AppError> {
    let scope = ctx.scope(Action::LearningRead)?;
    let one = find(&ctx.read(&scope), id).await?;
    ctx.note_access(&scope, [one.employee]).await?;
    Ok(one)
}

async fn find(reader: &Reader<'_>, id: CertificateId) -> Result<IssuedCertificate, AppError> {
    Ok(reader.certificate(id).await?.ok_or(Problem::NotFound)?)
}

/// What the caller's agency is called.
///
/// # Errors
/// `FORBIDDEN`.
pub async fn agency_name(ctx: &Ctx) -> Result<String, AppError> {
    Ok(agencies::get(ctx, ctx.actor.agency).await?.name.into_string())
}

/// Takes a certificate back, with the reason. What it proposed and nobody decided on is void.
///
/// # Errors
/// `NOT_FOUND`, `FORBIDDEN`, `STALE`, `INVALID`, `CERTIFICATE_REVOKED`.
pub async fn revoke(ctx: &Ctx, id: CertificateId, input: ReasonPut) -> Result<Written, AppError> {
    let scope = ctx.scope(Action::LearningRead)?;
    let reason: LongText = input.into_domain()?;
    ctx.write(async |tx| {
        let reader = ctx.read_in(tx, &scope);
        let before = find(&reader, id).await?;
        let pass = ctx.actor.allow(Action::CertificateIssue)?;
        ctx.expect_version(before.version)?;
        let revoked = before.revoke(reason.clone(), ctx.now)?;
        tx.certificate_revoke(&pass, &revoked).await?;
        take_back(tx, &pass, id, &reason).await?;
        let after = find(&reader, id).await?;
        ctx.note_access_in(tx, &scope, [after.employee]);
        let version = after.version;
        let event = Event::new(Resource::Certificate, id, "REVOKED");
        let changes = json!({"employee_id": after.employee, "number": after.number, "reason": reason});
        Ok(tx.record(&pass, &event, Some(changes)).with(replaced(&view(ctx, after), version)))
    })
    .await
}

/// Takes back the hours of a certificate.
async fn take_back(tx: &Tx<'_>, pass: &Pass, id: CertificateId, reason: &LongText) -> Result<(), AppError> {
    tx.jp_take_back(pass, JpSource::Completion, id.uuid(), reason).await?;
    Ok(())
}

/// What anybody who knows its code is told of a certificate.
///
/// # Errors
/// `NOT_FOUND`, also for a code that is none: it names nothing.
pub async fn verify(services: &Services, code: &str) -> Result<VerificationView, AppError> {
    let code = VerifyCode::parse(code).map_err(|_no_code| Problem::NotFound)?;
    let found = services.store.certificate_verify(&code).await?.ok_or(Problem::NotFound)?;
    let status = found.certificate.status(found.zone.day(services.clock.now()));
    Ok(VerificationView::new(found.certificate, status, found.agency.into_string()))
}

/// A proposal as this caller sees it.
#[must_use]
pub fn proposal_view(ctx: &Ctx, row: ProposalRow) -> EvidenceProposalView {
    let decides = ctx.actor.can(Action::AssessmentWrite);
    let allowed = row.proposal.allowed_actions().iter().copied().filter(|_| decides).collect();
    EvidenceProposalView::new(row, allowed)
}

/// Proposals for people the caller may see.
///
/// # Errors
/// `FORBIDDEN`.
pub async fn proposals(
    ctx: &Ctx,
    query: EvidenceProposalQuery,
    page: &PageRequest,
) -> Result<Page<ProposalRow>, AppError> {
    let scope = ctx.scope(Action::LearningRead)?;
    let EvidenceProposalQuery { employee_id, competency_id, state, cursor: _, limit: _ } = query;
    let filter = ProposalFilter {
        employee: employee_id.map(EmployeeId::from),
        competency: competency_id.map(CompetencyId::from),
        state: state.map(|Wire(state)| state),
    };
    let rows = ctx.read(&scope).evidence_proposals(&filter, page).await?;
    ctx.note_access(&scope, rows.items.iter().map(|row| row.proposal.employee)).await?;
    Ok(rows)
}

/// One proposal.
///
/// # Errors
/// `FORBIDDEN`, `NOT_FOUND`.
pub async fn proposal(ctx: &Ctx, id: EvidenceProposalId) -> Result<ProposalRow, AppError> {
    let scope = ctx.scope(Action::LearningRead)?;
    let row = ctx.read(&scope).evidence_proposal(id).await?.ok_or(Problem::NotFound)?;
    ctx.note_access(&scope, [row.proposal.employee]).await?;
    Ok(row)
}

/// Says which assessment took a proposal up. The level is what the assessment found.
///
/// # Errors
/// `NOT_FOUND`, `FORBIDDEN`, `STALE`, `INVALID`, `EVIDENCE_PROPOSAL_STATE`, `EVIDENCE_PROPOSAL_OTHER_RESULT`.
pub async fn take_up(ctx: &Ctx, id: EvidenceProposalId, input: EvidenceUptake) -> Result<Written, AppError> {
    let (results, learning) = (ctx.scope(Action::AssessmentRead)?, ctx.scope(Action::LearningRead)?);
    let wanted = AssessmentResultId::from(input.result_id);
    decide(ctx, id, "TAKEN_UP", async |tx: &Tx<'_>, proposal| {
        let row = ctx.read_in(tx, &results).assessment_result(wanted).await?;
        let row = row.ok_or_else(|| Violation::new("/result_id", ViolationCode::NotFound))?;
        let found = row.result;
        let certificate = find(&ctx.read_in(tx, &learning), proposal.certificate).await?;
        let about = (found.employee, found.competency);
        Ok(proposal.take_up(wanted, about, found.assessed_on, certificate.held_until)?)
    })
    .await
}

/// Finds that a proposal is no evidence.
///
/// # Errors
/// `NOT_FOUND`, `FORBIDDEN`, `STALE`, `INVALID`, `EVIDENCE_PROPOSAL_STATE`.
pub async fn dismiss(ctx: &Ctx, id: EvidenceProposalId, input: ReasonPut) -> Result<Written, AppError> {
    let reason = input.into_domain()?;
    decide(ctx, id, "DISMISSED", async |_: &Tx<'_>, proposal| Ok(proposal.dismiss(reason.clone())?)).await
}

async fn decide(
    ctx: &Ctx,
    id: EvidenceProposalId,
    what: &'static str,
    work: impl AsyncFn(&Tx<'_>, EvidenceProposal) -> Result<EvidenceProposal, AppError>,
) -> Result<Written, AppError> {
    let scope = ctx.scope(Action::LearningRead)?;
    ctx.write(async |tx: &Tx<'_>| {
        let reader = ctx.read_in(tx, &scope);
        let row = reader.evidence_proposal(id).await?.ok_or(Problem::NotFound)?;
        let pass = ctx.actor.allow(Action::AssessmentWrite)?;
        ctx.expect_version(row.proposal.version)?;
        let after = work(tx, row.proposal).await?;
        tx.evidence_proposal_update(&pass, &after).await?;
        let after = reader.evidence_proposal(id).await?.ok_or(Problem::NotFound)?;
        ctx.note_access_in(tx, &scope, [after.proposal.employee]);
        let (version, result, reason) =
            (after.proposal.version, after.proposal.result, after.proposal.reason.clone());
        let event = Event::new(Resource::EvidenceProposal, id, what);
        let changes: Value = json!({"result_id": result, "reason": reason});
        Ok(tx.record(&pass, &event, Some(changes)).with(replaced(&proposal_view(ctx, after), version)))
    })
    .await
}
