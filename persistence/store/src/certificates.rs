//! Certificates, and the evidence that completions propose.

use access::Pass;
use chrono::NaiveDate;
use development::{
    CertificateStatus, EvidenceProposal, IssuedCertificate, JpBasis, ProposalState, Revocation, VerifyCode,
};
use entities::{certificates, evidence_proposals};
use kernel::{
    AgencyId, AgencyZone, AssessmentResultId, CertificateId, ClassId, Code, CompetencyId, EmployeeId,
    EnrolmentId, EvidenceProposalId, Hundredths, Level, Name, Nip, Page, ProgrammeId, Version,
};
use sea_orm::ActiveValue::Set;
use sea_orm::{ConnectionTrait as _, EntityTrait as _, FromQueryResult, raw_sql};

use crate::rows::{code, known, long_text, name};
use crate::sentence::Sentence;
use crate::{PageRequest, Reader, Store, StoreError, Tx};

/// Which certificates a list holds; everything that is given must hold.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct CertificateFilter {
    /// Of this person.
    pub employee: Option<EmployeeId>,
    /// Of this programme.
    pub programme: Option<ProgrammeId>,
    /// Of this class.
    pub class: Option<ClassId>,
    /// Standing so today.
    pub status: Option<CertificateStatus>,
    /// Whose last day is this one or an earlier one.
    pub valid_until: Option<NaiveDate>,
}

/// Which proposals a list holds; everything that is given must hold.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ProposalFilter {
    /// Of this person.
    pub employee: Option<EmployeeId>,
    /// For this competency.
    pub competency: Option<CompetencyId>,
    /// In this state.
    pub state: Option<ProposalState>,
}

/// A proposal with the names a reader needs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProposalRow {
    /// The proposal.
    pub proposal: EvidenceProposal,
    /// The person's identity number.
    pub nip: Nip,
    /// The person's name.
    pub name: Name,
    /// The code of the competency's dictionary.
    pub dictionary: Code,
    /// The competency's code.
    pub competency_code: Code,
    /// The certificate's number.
    pub certificate_number: Name,
    /// What was completed.
    pub title: Name,
}

/// A certificate as anybody may see it who knows its code.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VerifiedCertificate {
    /// The certificate.
    pub certificate: IssuedCertificate,
    /// The name of the agency that issued it.
    pub agency: Name,
    /// The agency's time zone: whether it counts is told by the day there.
    pub zone: AgencyZone,
}

#[derive(FromQueryResult)]
struct Row {
    #[sea_orm(nested)]
    proposal: evidence_proposals::Model,
    nip: String,
    employee_name: String,
    dictionary: String,
    competency_code: String,
    certificate_number: String,
    title: String,
}

#[derive(FromQueryResult)]
struct VerifiedRow {
    #[sea_orm(nested)]
    certificate: certificates::Model,
    agency_name: String,
    zone: String,
}

fn domain(row: certificates::Model) -> Result<IssuedCertificate, StoreError> {
    let jp = row.jp.map(|jp| known(u32::try_from(jp).ok(), "certificates.jp")).transpose()?;
    let revoked = match (row.revoked_at, row.revoked_for) {
        (Some(at), Some(reason)) => Some(Revocation { at, reason: long_text(reason) }),
        _ => None,
    };
    Ok(IssuedCertificate {
        id: CertificateId::from(row.id),
        enrolment: EnrolmentId::from(row.enrolment_id),
        class: ClassId::from(row.class_id),
        programme: ProgrammeId::from(row.programme_id),
        employee: EmployeeId::from(row.employee_id),
        holder: name(row.holder),
        number: name(row.number),
        code: VerifyCode::stored(row.code),
        title: name(row.title),
        provider: name(row.provider),
        form: code(row.form),
        jp: jp.map(Hundredths::from_count),
        jp_basis: known(JpBasis::parse(&row.jp_basis), "certificates.jp_basis")?,
        held_from: row.held_from,
        held_until: row.held_until,
        issued_on: row.issued_on,
        valid_until: row.valid_until,
        revoked,
        version: Version::new(row.version),
    })
}

fn proposal_row(row: Row) -> Result<ProposalRow, StoreError> {
    let Row { proposal: row, nip, employee_name, dictionary, competency_code, certificate_number, title } =
        row;
    Ok(ProposalRow {
        proposal: EvidenceProposal {
            id: EvidenceProposalId::from(row.id),
            employee: EmployeeId::from(row.employee_id),
            competency: CompetencyId::from(row.competency_id),
            competency_agency: AgencyId::from(row.competency_agency_id),
            level: known(Level::new(i64::from(row.level)), "evidence_proposals.level")?,
            certificate: CertificateId::from(row.certificate_id),
            proposed_at: row.proposed_at,
            state: known(ProposalState::parse(&row.state), "evidence_proposals.state")?,
            result: row.result_id.map(AssessmentResultId::from),
            reason: row.reason.map(long_text),
            version: Version::new(row.version),
        },
        nip: Nip::stored(nip),
        name: name(employee_name),
        dictionary: code(dictionary),
        competency_code: code(competency_code),
        certificate_number: name(certificate_number),
        title: name(title),
    })
}

impl Store {
    /// The certificate with this code, of whichever agency: who knows the code may see it.
    ///
    /// # Errors
    /// The database's.
    pub async fn certificate_verify(
        &self,
        code: &VerifyCode,
    ) -> Result<Option<VerifiedCertificate>, StoreError> {
        let sentence = Sentence::new(
            "SELECT c.*, a.name AS agency_name, a.zone
             FROM certificates c JOIN agencies a ON a.id = c.agency_id
             WHERE c.code = $1",
            [code.as_str().into()],
        );
        let row = VerifiedRow::find_by_statement(sentence.finish()).one(&self.db).await?;
        row.map(|row| {
            Ok(VerifiedCertificate {
                certificate: domain(row.certificate)?,
                agency: name(row.agency_name),
                zone: known(AgencyZone::parse(&row.zone), "agencies.zone")?,
            })
        })
        .transpose()
    }
}

impl Reader<'_> {
    /// One certificate of somebody the scope reaches.
    ///
    /// # Errors
    /// The database's.
    pub async fn certificate(&self, id: CertificateId) -> Result<Option<IssuedCertificate>, StoreError> {
        let mut sentence = self.certificate_sentence();
        sentence.push(" AND c.id = {}", [id.uuid().into()]);
        let row = certificates::Model::find_by_statement(sentence.finish()).one(&self.db).await?;
        row.map(domain).transpose()
    }

    /// Certificates of people the scope reaches, the newest last.
    ///
    /// # Errors
    /// The database's.
    pub async fn certificates(
        &self,
        filter: &CertificateFilter,
        page: &PageRequest,
    ) -> Result<Page<IssuedCertificate>, StoreError> {
        let CertificateFilter { employee, programme, class, status, valid_until } = filter.clone();
        let mut sentence = self.certificate_sentence();
        sentence.maybe(" AND c.employee_id = {}", employee.map(EmployeeId::uuid));
        sentence.maybe(" AND c.programme_id = {}", programme.map(ProgrammeId::uuid));
        sentence.maybe(" AND c.class_id = {}", class.map(ClassId::uuid));
        sentence.maybe(" AND c.valid_until <= {}", valid_until);
        match status {
            None => {}
            Some(CertificateStatus::Valid) => {
                sentence.push(" AND c.revoked_at IS NULL AND coalesce(c.valid_until, 'infinity') >= $2", [])
            }
            Some(CertificateStatus::Expired) => {
                sentence.push(" AND c.revoked_at IS NULL AND c.valid_until < $2", []);
            }
            Some(CertificateStatus::Revoked) => sentence.push(" AND c.revoked_at IS NOT NULL", []),
        }
        sentence.maybe(" AND c.id > {}", page.id(0));
        sentence.push(" ORDER BY c.id LIMIT {}", [page.probe().into()]);
        let rows = certificates::Model::find_by_statement(sentence.finish()).all(&self.db).await?;
        let rows = rows.into_iter().map(domain).collect::<Result<_, _>>()?;
        Ok(Page::cut(rows, page.limit, |one: &IssuedCertificate| vec![one.id.to_string()]))
    }

    /// The days somebody was at each class of which a certificate in this form was issued that states no hours, and hours
    /// stand in the ledger.
    ///
    /// # Errors
    /// The database's.
    pub async fn classes_converted(
        &self,
        employee: EmployeeId,
        form: &str,
    ) -> Result<Vec<Vec<NaiveDate>>, StoreError> {
        let mut sentence = Sentence::new(
            "SELECT ARRAY(
                SELECT day_in(a.zone, s.starts_at) FROM attendances x
                JOIN class_sessions s ON s.agency_id = x.agency_id AND s.class_id = x.class_id AND s.number = x.number
                WHERE x.agency_id = c.agency_id AND x.enrolment_id = c.enrolment_id AND x.presence = 'PRESENT'
                ORDER BY s.number) AS days
             FROM certificates c
             JOIN agencies a ON a.id = c.agency_id
             WHERE c.agency_id = $1 AND $2::date IS NOT NULL AND c.employee_id = $3 AND c.form = $4
               AND c.jp_basis = 'CONVERTED' AND jp_stands(c.agency_id, c.employee_id, 'COMPLETION', c.id)",
            [self.agency().into(), self.today.into(), employee.uuid().into(), form.into()],
        );
        sentence.within("c.employee_id", self.people());
        sentence.push(" ORDER BY c.id", []);
        let rows = self.db.query_all_raw(sentence.finish()).await?;
        rows.iter().map(|row| Ok(row.try_get("", "days")?)).collect()
    }

    fn certificate_sentence(&self) -> Sentence {
        let mut sentence = Sentence::new(
            "SELECT c.* FROM certificates c WHERE c.agency_id = $1 AND $2::date IS NOT NULL",
            [self.agency().into(), self.today.into()],
        );
        sentence.within("c.employee_id", self.people());
        sentence
    }

    /// One proposal for somebody the scope reaches.
    ///
    /// # Errors
    /// The database's.
    pub async fn evidence_proposal(&self, id: EvidenceProposalId) -> Result<Option<ProposalRow>, StoreError> {
        let mut sentence = self.proposal_sentence();
        sentence.push(" AND v.id = {}", [id.uuid().into()]);
        Row::find_by_statement(sentence.finish()).one(&self.db).await?.map(proposal_row).transpose()
    }

    /// Proposals for people the scope reaches, the newest last.
    ///
    /// # Errors
    /// The database's.
    pub async fn evidence_proposals(
        &self,
        filter: &ProposalFilter,
        page: &PageRequest,
    ) -> Result<Page<ProposalRow>, StoreError> {
        let ProposalFilter { employee, competency, state } = filter.clone();
        let mut sentence = self.proposal_sentence();
        sentence.maybe(" AND v.employee_id = {}", employee.map(EmployeeId::uuid));
        sentence.maybe(" AND v.competency_id = {}", competency.map(CompetencyId::uuid));
        sentence.maybe(" AND v.state = {}", state.map(ProposalState::as_str));
        sentence.maybe(" AND v.id > {}", page.id(0));
        sentence.push(" ORDER BY v.id LIMIT {}", [page.probe().into()]);
        let rows = Row::find_by_statement(sentence.finish()).all(&self.db).await?;
        let rows = rows.into_iter().map(proposal_row).collect::<Result<_, _>>()?;
        Ok(Page::cut(rows, page.limit, |row: &ProposalRow| vec![row.proposal.id.to_string()]))
    }

    fn proposal_sentence(&self) -> Sentence {
        let mut sentence = Sentence::new(
            "SELECT v.*, e.nip, e.name AS employee_name, d.code AS dictionary, o.code AS competency_code,
                    c.number AS certificate_number, c.title
             FROM evidence_proposals v
             JOIN employees e ON e.agency_id = v.agency_id AND e.id = v.employee_id
             JOIN certificates c ON c.agency_id = v.agency_id AND c.id = v.certificate_id
             JOIN competencies o ON o.agency_id = v.competency_agency_id AND o.id = v.competency_id
             JOIN dictionaries d ON d.agency_id = o.agency_id AND d.id = o.dictionary_id
             WHERE v.agency_id = $1 AND $2::date IS NOT NULL",
            [self.agency().into(), self.today.into()],
        );
        sentence.within("v.employee_id", self.people());
        sentence
    }
}

/// Rows of one statement: a class has no more participants.
const AT_ONCE: usize = 500;

impl Tx<'_> {
    /// Adds certificates.
    ///
    /// # Errors
    /// `Taken("/number")`.
    pub async fn certificates_insert(
        &self,
        pass: &Pass,
        issued: &[IssuedCertificate],
    ) -> Result<(), StoreError> {
        for part in issued.chunks(AT_ONCE) {
            let rows =
                part.iter().map(|one| self.certificate_active(pass, one)).collect::<Result<Vec<_>, _>>()?;
            certificates::Entity::insert_many(rows).exec_without_returning(&self.db).await?;
        }
        Ok(())
    }

    fn certificate_active(
        &self,
        pass: &Pass,
        one: &IssuedCertificate,
    ) -> Result<certificates::ActiveModel, StoreError> {
        let jp = one.jp.map(|jp| known(i32::try_from(jp.count()).ok(), "certificates.jp")).transpose()?;
        Ok(certificates::ActiveModel {
            agency_id: Set(pass.agency().uuid()),
            id: Set(one.id.uuid()),
            enrolment_id: Set(one.enrolment.uuid()),
            class_id: Set(one.class.uuid()),
            programme_id: Set(one.programme.uuid()),
            employee_id: Set(one.employee.uuid()),
            holder: Set(one.holder.to_string()),
            number: Set(one.number.to_string()),
            code: Set(one.code.as_str().to_owned()),
            title: Set(one.title.to_string()),
            provider: Set(one.provider.to_string()),
            form: Set(one.form.to_string()),
            jp: Set(jp),
            jp_basis: Set(one.jp_basis.as_str().to_owned()),
            held_from: Set(one.held_from),
            held_until: Set(one.held_until),
            issued_on: Set(one.issued_on),
            valid_until: Set(one.valid_until),
            revoked_at: Set(None),
            revoked_for: Set(None),
            version: Set(one.version.get()),
            created_at: Set(self.now()),
            updated_at: Set(self.now()),
        })
    }

    /// Writes that a certificate was taken back, and voids what it proposed and nobody decided on; `one.version` is the
    /// version that was read.
    ///
    /// # Errors
    /// [`StoreError::Stale`].
    pub async fn certificate_revoke(&self, pass: &Pass, one: &IssuedCertificate) -> Result<(), StoreError> {
        let (agency, id, now) = (pass.agency().uuid(), one.id.uuid(), self.now());
        let (read, next) = (one.version.get(), one.version.next().get());
        let revoked = one.revoked.as_ref();
        let (at, reason) = (revoked.map(|one| one.at), revoked.map(|one| one.reason.to_string()));
        let statement = raw_sql!(
            Postgres,
            "UPDATE certificates SET revoked_at = {at}, revoked_for = {reason}, version = {next}, updated_at = {now}
             WHERE agency_id = {agency} AND id = {id} AND version = {read}"
        );
        if self.db.execute_raw(statement).await?.rows_affected() == 0 {
            return Err(StoreError::Stale);
        }
        let statement = raw_sql!(
            Postgres,
            "UPDATE evidence_proposals SET state = 'VOID', version = version + 1, updated_at = {now}
             WHERE agency_id = {agency} AND certificate_id = {id} AND state = 'PROPOSED'"
        );
        self.db.execute_raw(statement).await?;
        Ok(())
    }

    /// Adds proposals.
    ///
    /// # Errors
    /// The database's.
    pub async fn evidence_proposals_insert(
        &self,
        pass: &Pass,
        proposals: &[EvidenceProposal],
    ) -> Result<(), StoreError> {
        for part in proposals.chunks(AT_ONCE) {
            let rows = part.iter().map(|one| evidence_proposals::ActiveModel {
                agency_id: Set(pass.agency().uuid()),
                id: Set(one.id.uuid()),
                employee_id: Set(one.employee.uuid()),
                competency_id: Set(one.competency.uuid()),
                competency_agency_id: Set(one.competency_agency.uuid()),
                level: Set(i16::from(one.level.get())),
                certificate_id: Set(one.certificate.uuid()),
                proposed_at: Set(one.proposed_at),
                state: Set(one.state.as_str().to_owned()),
                result_id: Set(None),
                reason: Set(None),
                decided_by: Set(None),
                version: Set(one.version.get()),
                updated_at: Set(self.now()),
            });
            evidence_proposals::Entity::insert_many(rows).exec_without_returning(&self.db).await?;
        }
        Ok(())
    }

    /// Writes what became of a proposal; `one.version` is the version that was read.
    ///
    /// # Errors
    /// [`StoreError::Stale`], `Missing("/result_id")`.
    pub async fn evidence_proposal_update(
        &self,
        pass: &Pass,
        one: &EvidenceProposal,
    ) -> Result<(), StoreError> {
        let (agency, id, now) = (pass.agency().uuid(), one.id.uuid(), self.now());
        let (read, next) = (one.version.get(), one.version.next().get());
        let (state, by) = (one.state.as_str(), pass.user().map(kernel::UserId::uuid));
        let (result, reason) =
            (one.result.map(AssessmentResultId::uuid), one.reason.as_ref().map(ToString::to_string));
        let statement = raw_sql!(
            Postgres,
            "UPDATE evidence_proposals
             SET state = {state}, result_id = {result}, reason = {reason}, decided_by = {by}, version = {next},
                 updated_at = {now}
             WHERE agency_id = {agency} AND id = {id} AND version = {read}"
        );
        if self.db.execute_raw(statement).await?.rows_affected() == 0 {
            Err(StoreError::Stale)
        } else {
            Ok(())
        }
    }
}
