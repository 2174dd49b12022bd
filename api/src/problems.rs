//! The one table of problems: code, HTTP status, title in both languages, and when it happens. `openapi/problems.md` and
//! the contract's error responses are made from it.

macro_rules! problems {
    ($($variant:ident $code:literal $status:literal { id: $id:literal, en: $en:literal, when: $when:literal })+) => {
        /// Every way a request can fail, as clients see it. Codes never change and are never translated.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Problem {
            $(#[doc = $when] $variant,)+
        }

        impl Problem {
            /// Every problem, in the table's order.
            pub const ALL: &'static [Self] = &[$(Self::$variant,)+];

            /// The problem with this code.
            #[must_use]
            pub fn by_code(code: &str) -> Option<Self> {
                Self::ALL.iter().copied().find(|problem| problem.spec().code == code)
            }

            /// The row of the table.
            #[must_use]
            pub const fn spec(self) -> &'static ProblemSpec {
                match self {
                    $(Self::$variant => &ProblemSpec { code: $code, status: $status, id: $id, en: $en, when: $when },)+
                }
            }
        }
    };
}

/// One row of the table.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ProblemSpec {
    /// The stable code.
    pub code: &'static str,
    /// HTTP status.
    pub status: u16,
    /// Title in Indonesian.
    pub id: &'static str,
    /// Title in English.
    pub en: &'static str,
    /// When it happens, for the documentation.
    pub when: &'static str,
}

problems! {
    Invalid "INVALID" 400 {
        id: "Permintaan memuat nilai yang tidak dapat diterima",
        en: "The request holds values that cannot be accepted",
        when: "Values of the body, the query or the path break a rule; `errors` lists every one."
    }
    Malformed "MALFORMED" 400 {
        id: "Permintaan tidak dapat dibaca",
        en: "The request cannot be read",
        when: "The body is no JSON of the documented shape, or the query string cannot be decoded."
    }
    CursorInvalid "CURSOR_INVALID" 400 {
        id: "Penanda halaman tidak dapat dibaca",
        en: "The page cursor cannot be read",
        when: "`cursor` is not one this API handed out."
    }
    CursorMismatch "CURSOR_MISMATCH" 400 {
        id: "Penanda halaman berasal dari daftar dengan saringan lain",
        en: "The page cursor belongs to a list with another filter",
        when: "`cursor` was handed out for other filters; start the list anew."
    }
    KnownAtInFuture "KNOWN_AT_IN_FUTURE" 400 {
        id: "known_at berada di masa depan",
        en: "known_at lies in the future",
        when: "What will have been recorded by a future instant is not known yet."
    }
    AgencyRequired "AGENCY_REQUIRED" 400 {
        id: "Sebutkan instansi yang dituju",
        en: "Name the agency this request is about",
        when: "The caller has roles in several agencies and neither the token nor `Bangkom-Agency` names one."
    }
    SheetFormat "SHEET_FORMAT" 400 {
        id: "Berkas tidak dapat dibaca sebagai tabel",
        en: "The file cannot be read as a table",
        when: "An uploaded file is no CSV or XLSX table that can be read, or not what its name or type promises."
    }
    SheetEncrypted "SHEET_ENCRYPTED" 400 {
        id: "Berkas dilindungi kata sandi atau terlalu lama",
        en: "The file is protected by a password or too old",
        when: "A workbook behind a password, or one written by an Excel older than 2007."
    }
    SheetNotUtf8 "SHEET_NOT_UTF8" 400 {
        id: "Berkas tidak ditulis dalam UTF-8",
        en: "The file is not written in UTF-8",
        when: "A CSV file in another encoding; `detail` says which it seems to be."
    }
    SheetNul "SHEET_NUL" 400 {
        id: "Berkas memuat karakter NUL",
        en: "The file holds a NUL character",
        when: "A file that is damaged or no text."
    }
    SheetUnclosedQuote "SHEET_UNCLOSED_QUOTE" 400 {
        id: "Tanda kutip dalam berkas tidak ditutup",
        en: "A quotation mark in the file is never closed",
        when: "A quoted field of a CSV file goes on to the end of the file."
    }
    SheetEmpty "SHEET_EMPTY" 400 {
        id: "Berkas tidak memuat baris data",
        en: "The file holds no rows",
        when: "There is nothing below the row that names the columns."
    }
    SheetNoHeader "SHEET_NO_HEADER" 400 {
        id: "Berkas tidak memuat nama kolom yang dikenal",
        en: "The file names no known column",
        when: "The first row that is not blank names none of the columns of the kind; `detail` lists them."
    }
    SheetSiasn "SHEET_SIASN" 400 {
        id: "Berkas dikenali sebagai daftar SIASN yang tidak memuat baris jenis ini",
        en: "The file was recognised as a list of SIASN that has no rows of this kind",
        when: "An export of SIASN sent as another kind than its rows can be, or one that cannot be taken in; `detail` says what to do."
    }
    SheetCellTooLong "SHEET_CELL_TOO_LONG" 400 {
        id: "Isi satu sel terlalu panjang",
        en: "A cell holds too much",
        when: "A cell of more than 32,767 characters, often a quotation mark that is never closed."
    }
    TokenMissing "TOKEN_MISSING" 401 {
        id: "Token akses tidak disertakan",
        en: "No access token was sent",
        when: "The `Authorization: Bearer` header is absent or not of that form."
    }
    TokenInvalid "TOKEN_INVALID" 401 {
        id: "Token akses tidak sah",
        en: "The access token is not valid",
        when: "The token is malformed, not signed by a trusted issuer, or made for another audience."
    }
    TokenExpired "TOKEN_EXPIRED" 401 {
        id: "Token akses sudah kedaluwarsa",
        en: "The access token has expired",
        when: "The token's lifetime is over; get a new one."
    }
    Forbidden "FORBIDDEN" 403 {
        id: "Peran Anda tidak mengizinkan tindakan ini",
        en: "Your role does not permit this",
        when: "The caller is known, and none of their roles in the agency permits the operation."
    }
    NoRole "NO_ROLE" 403 {
        id: "Akun Anda belum memiliki peran pada instansi ini",
        en: "Your account has no role in this agency",
        when: "The token is good, but its subject has no live grant in the agency."
    }
    NotFound "NOT_FOUND" 404 {
        id: "Data tidak ditemukan",
        en: "Not found",
        when: "There is no such path, or no such resource that the caller may see; another agency's looks the same."
    }
    MethodNotAllowed "METHOD_NOT_ALLOWED" 405 {
        id: "Metode tidak tersedia untuk alamat ini",
        en: "The method is not available here",
        when: "The path exists; `Allow` lists its methods."
    }
    NotAcceptable "NOT_ACCEPTABLE" 406 {
        id: "Tidak tersedia dalam bentuk yang diminta",
        en: "Not available in the form asked for",
        when: "`Accept` names none of the media types the operation offers; `detail` lists them."
    }
    AlreadyExists "ALREADY_EXISTS" 409 {
        id: "Nilai sudah dipakai data lain",
        en: "The value is taken",
        when: "A natural key or a slot is taken by another resource; `errors` names the property."
    }
    StillReferenced "STILL_REFERENCED" 409 {
        id: "Data masih dirujuk oleh data lain",
        en: "Something still refers to this",
        when: "A resource that others refer to cannot be removed."
    }
    IdempotencyKeyReused "IDEMPOTENCY_KEY_REUSED" 409 {
        id: "Idempotency-Key sudah dipakai untuk permintaan lain",
        en: "The Idempotency-Key was used for another request",
        when: "The same key came with another method, path or body."
    }
    PositionJobClassInUse "POSITION_JOB_CLASS_IN_USE" 409 {
        id: "Kelompok jabatan tidak dapat diubah setelah jabatan dipakai",
        en: "The job class cannot change once the position is used",
        when: "Somebody served in the position or a standard exists for it; open a new position instead."
    }
    PositionAbolished "POSITION_ABOLISHED" 409 {
        id: "Jabatan sudah dihapus",
        en: "The position was abolished",
        when: "An abolished position takes nobody in and does not change."
    }
    PlacementRetracted "PLACEMENT_RETRACTED" 409 {
        id: "Penempatan ini sudah dibatalkan",
        en: "The placement was retracted before",
        when: "A placement is retracted once."
    }
    DictionaryState "DICTIONARY_STATE" 409 {
        id: "Status versi kamus tidak mengizinkan tindakan ini",
        en: "The state of the dictionary version does not allow this",
        when: "Content changes only in a draft; a draft is published, a published version retired."
    }
    DictionaryEmpty "DICTIONARY_EMPTY" 409 {
        id: "Versi kamus belum berisi kompetensi",
        en: "The dictionary version holds no competency",
        when: "There is nothing to publish."
    }
    DictionaryIncomplete "DICTIONARY_INCOMPLETE" 409 {
        id: "Ada kompetensi yang uraian levelnya belum lengkap",
        en: "Some competencies lack descriptions of levels",
        when: "Each competency needs a description and an indicator for all five levels before publication."
    }
    DictionaryDuplicateCode "DICTIONARY_DUPLICATE_CODE" 409 {
        id: "Kode kompetensi ganda dalam satu kamus",
        en: "A competency code occurs twice in the dictionary",
        when: "Codes are unique within a dictionary."
    }
    CasePackageImmutable "CASE_PACKAGE_IMMUTABLE" 409 {
        id: "Kerangka yang sudah ditetapkan tidak dapat diubah",
        en: "A framework that was adopted cannot change",
        when: "An adopted CASE package with this identifier and version says something else here. A new adoption has another `CFDocument.version`; or name its dictionary."
    }
    StandardState "STANDARD_STATE" 409 {
        id: "Status standar kompetensi tidak mengizinkan tindakan ini",
        en: "The state of the position standard does not allow this",
        when: "A draft is verified, a verified standard enacted, one in force revoked; only a draft changes."
    }
    StandardEmpty "STANDARD_EMPTY" 409 {
        id: "Standar kompetensi belum berisi syarat",
        en: "The position standard holds no requirement",
        when: "A standard needs at least one requirement before it is verified."
    }
    StandardSameOfficer "STANDARD_SAME_OFFICER" 409 {
        id: "Yang memverifikasi standar tidak boleh menetapkannya",
        en: "Whoever verified a standard may not enact it",
        when: "Verification and enactment are separate duties."
    }
    StandardRevokedBeforeValid "STANDARD_REVOKED_BEFORE_VALID" 409 {
        id: "Pencabutan mendahului hari pertama standar",
        en: "The revocation lies before the standard's first day",
        when: "A standard is revoked on or after the day it began."
    }
    AssessmentState "ASSESSMENT_STATE" 409 {
        id: "Status kegiatan penilaian tidak mengizinkan tindakan ini",
        en: "The state of the assessment does not allow this",
        when: "Only a draft changes; after sign-off a result is corrected by superseding it."
    }
    AssessmentResultState "ASSESSMENT_RESULT_STATE" 409 {
        id: "Status hasil penilaian tidak mengizinkan tindakan ini",
        en: "The state of the assessment result does not allow this",
        when: "Only a final result that was not superseded can be superseded."
    }
    AssessmentEmpty "ASSESSMENT_EMPTY" 409 {
        id: "Kegiatan penilaian belum berisi hasil",
        en: "The assessment holds no result",
        when: "There is nothing to sign off."
    }
    ConflictOfInterest "CONFLICT_OF_INTEREST" 409 {
        id: "Asesor tidak boleh menilai dirinya sendiri atau atasannya",
        en: "An assessor may not assess themself or their superior",
        when: "The caller is the person assessed, or that person is the caller's direct superior."
    }
    ProgrammeState "PROGRAMME_STATE" 409 {
        id: "Status program tidak mengizinkan tindakan ini",
        en: "The state of the programme does not allow this",
        when: "A draft is published, a published programme retired, a retired one published again; a retired one does not change, and classes are planned of published ones."
    }
    ClassState "CLASS_STATE" 409 {
        id: "Status atau waktu kelas tidak mengizinkan tindakan ini",
        en: "Neither the state of the class nor the hour allows this",
        when: "Attendance is recorded once a session has begun, a class completed once the last has ended; what is completed or cancelled does not change."
    }
    ClassEmpty "CLASS_EMPTY" 409 {
        id: "Kelas belum memiliki jadwal sesi",
        en: "The class holds no session",
        when: "A class needs at least one session to be announced."
    }
    ClassSeatsTaken "CLASS_SEATS_TAKEN" 409 {
        id: "Jumlah kursi lebih sedikit daripada peserta yang sudah terdaftar",
        en: "Fewer seats than people who have one",
        when: "Seats of a class cannot become fewer than are taken."
    }
    ClassRegistrationClosed "CLASS_REGISTRATION_CLOSED" 409 {
        id: "Pendaftaran kelas tidak sedang dibuka",
        en: "One cannot register for the class now",
        when: "The class is not announced, or the present lies outside its registration window."
    }
    ClassFull "CLASS_FULL" 409 {
        id: "Kursi dan daftar tunggu kelas sudah penuh",
        en: "The class is full, and so is its waiting list",
        when: "Every seat is taken and as many people wait as may."
    }
    EnrolmentState "ENROLMENT_STATE" 409 {
        id: "Status pendaftaran tidak mengizinkan tindakan ini",
        en: "The state of the enrolment does not allow this",
        when: "A request is consented to or refused before the class begins; a seat is given up before the class ends; what has a result stays."
    }
    EnrolmentOwnConsent "ENROLMENT_OWN_CONSENT" 409 {
        id: "Persetujuan tidak dapat diberikan kepada diri sendiri",
        en: "Nobody consents to their own enrolment",
        when: "The caller is the person who asked; their superior decides."
    }
    EnrolmentUnmet "ENROLMENT_UNMET" 409 {
        id: "Syarat program belum dipenuhi",
        en: "Requirements of the programme are not met",
        when: "The person is not whom the programme is for (`/audience`), or lacks what it builds on (`/prerequisites/N`); what is not known is not met."
    }
    EnrolmentBusy "ENROLMENT_BUSY" 409 {
        id: "Pegawai mengikuti kelas lain pada waktu yang sama",
        en: "The person takes part in another class at the same time",
        when: "A session overlaps one of a class they have a seat in."
    }
    EnrolmentNotServing "ENROLMENT_NOT_SERVING" 409 {
        id: "Pegawai tidak menduduki jabatan saat kelas dimulai",
        en: "The person serves nowhere when the class begins",
        when: "They hold no position on the first day of the class, or today where that is later; no exception waives it."
    }
    FeedbackNotAttended "FEEDBACK_NOT_ATTENDED" 409 {
        id: "Hanya peserta yang hadir yang dapat memberi umpan balik",
        en: "Only participants who attended give feedback",
        when: "The person was at no session of the class."
    }
    EvaluationTaskState "EVALUATION_TASK_STATE" 409 {
        id: "Tugas evaluasi tidak dapat dijawab",
        en: "The evaluation task cannot be answered",
        when: "Its time has not come, it has no form, or nobody is asked any more: the class was called off, or the person has left."
    }
    ActivityState "ACTIVITY_STATE" 409 {
        id: "Kegiatan yang sudah selesai atau dibatalkan tidak dapat diubah",
        en: "An activity that is over does not change",
        when: "It was completed or given up."
    }
    ActivityEmpty "ACTIVITY_EMPTY" 409 {
        id: "Kegiatan belum memiliki catatan pelaksanaan",
        en: "The activity has no log yet",
        when: "An activity is completed once its log says what was done."
    }
    ActivityOwnCompletion "ACTIVITY_OWN_COMPLETION" 409 {
        id: "Kegiatan sendiri diselesaikan oleh atasan",
        en: "Nobody completes their own activity",
        when: "The caller is the person; their superior says what came of it."
    }
    TrainerFull "TRAINER_FULL" 409 {
        id: "Coach atau mentor sudah membimbing sebanyak batasnya",
        en: "The coach or mentor guides as many people as they may",
        when: "`max_mentees` of the trainer, or the policy `RECOMMENDATION` for who set none, is reached by people of activities under way and of plans in use."
    }
    TrainerInLine "TRAINER_IN_LINE" 409 {
        id: "Coach atau mentor adalah pegawai itu sendiri, atau mentor berada dalam garis atasan-bawahan dengannya",
        en: "The coach or mentor is the person, or the mentor is in the reporting line with them",
        when: "Nobody guides themself; who directs somebody's work, or whose work they direct, is no mentor of theirs, and may be their coach."
    }
    ClassResultsMissing "CLASS_RESULTS_MISSING" 409 {
        id: "Masih ada peserta yang belum memiliki hasil yang sah",
        en: "Some participants have no result that can stand yet",
        when: "A class is completed once everybody with a seat passed or did not (`REQUIRED`), and whoever passed was there (`INCONSISTENT`); `errors` names the enrolments."
    }
    CertificateRevoked "CERTIFICATE_REVOKED" 409 {
        id: "Sertifikat sudah dicabut",
        en: "The certificate was revoked before",
        when: "A certificate is taken back once."
    }
    EvidenceProposalState "EVIDENCE_PROPOSAL_STATE" 409 {
        id: "Usulan bukti sudah diputuskan",
        en: "The proposed evidence was decided on before",
        when: "What was taken up, dismissed or voided stays so."
    }
    EvidenceProposalOtherResult "EVIDENCE_PROPOSAL_OTHER_RESULT" 409 {
        id: "Hasil penilaian bukan tentang orang dan kompetensi yang diusulkan, atau lebih tua dari pelatihannya",
        en: "The result is not about the person and competency proposed, or older than the training",
        when: "An assessment takes a proposal up with a result of the same person in the same competency, found when the training was over."
    }
    GapNoRequirements "GAP_NO_REQUIREMENTS" 409 {
        id: "Tidak ada syarat kompetensi untuk jabatan pada tanggal tersebut",
        en: "Nothing is required of the position on that day",
        when: "The position has no standard in force on the day and no default levels apply."
    }
    JpEntryReversed "JP_ENTRY_REVERSED" 409 {
        id: "Catatan JP ini sudah dibatalkan",
        en: "The entry was taken back before",
        when: "An entry of a ledger is taken back once; correct the one that replaced it."
    }
    JpEntryCounter "JP_ENTRY_COUNTER" 409 {
        id: "Catatan pembatalan tidak dapat dikoreksi",
        en: "A counter-entry is not corrected itself",
        when: "A counter-entry takes another one back, and stands; credit what should count anew."
    }
    JpEntryUnchanged "JP_ENTRY_UNCHANGED" 409 {
        id: "Jumlah JP sama dengan yang sudah tercatat",
        en: "The entry has these hours already",
        when: "A correction says the same number of hours as the entry."
    }
    JpOwnHours "JP_OWN_HOURS" 409 {
        id: "Tidak boleh memutuskan JP milik sendiri",
        en: "Nobody decides on their own hours",
        when: "Own learning is verified or refused, and a ledger corrected, by somebody else than the person."
    }
    JpCeiling "JP_CEILING" 409 {
        id: "Batas JP tahun kontrak akan terlampaui",
        en: "The ceiling of the contract year would be passed",
        when: "The agency's policy `JP_TARGET` stops at a ceiling; `detail` says by how much it would be passed."
    }
    OwnLearningState "OWN_LEARNING_STATE" 409 {
        id: "Status pembelajaran mandiri tidak mengizinkan tindakan ini",
        en: "The state of the own learning does not allow this",
        when: "What waits is mended, withdrawn, verified or refused; what was refused is mended or withdrawn; the rest stands."
    }
    OwnLearningNoHours "OWN_LEARNING_NO_HOURS" 409 {
        id: "Jumlah JP tidak dapat dihitung",
        en: "The hours cannot be counted",
        when: "No certificate states the hours, and the form has no conversion or its cap is used up."
    }
    PlanState "PLAN_STATE" 409 {
        id: "Status rencana pengembangan tidak mengizinkan tindakan ini",
        en: "The state of the development plan does not allow this",
        when: "`allowed_actions` lists what the caller may do with a plan as it stands."
    }
    PlanOwn "PLAN_OWN" 409 {
        id: "Tidak boleh memutuskan rencana milik sendiri",
        en: "Nobody decides on their own plan",
        when: "A plan is reviewed, endorsed, approved, returned and completed by somebody else than the person."
    }
    PlanSameOfficer "PLAN_SAME_OFFICER" 409 {
        id: "Setiap tahap persetujuan memerlukan pejabat lain",
        en: "Every step of approval needs another officer",
        when: "Whoever agreed to a plan at an earlier step does not agree to it at a later one; the authority alone may, where nobody is above the person."
    }
    PlanEmpty "PLAN_EMPTY" 409 {
        id: "Rencana belum memuat kegiatan",
        en: "The plan has no items",
        when: "A plan without items is not submitted; one with everything settled has nothing to carry over."
    }
    PlanNotServing "PLAN_NOT_SERVING" 409 {
        id: "Pegawai tidak sedang menduduki jabatan",
        en: "The person serves nowhere",
        when: "Nobody could review the plan of somebody who holds no position and has no superior on record."
    }
    PlanTemplateRetired "PLAN_TEMPLATE_RETIRED" 409 {
        id: "Templat rencana sudah tidak digunakan",
        en: "The plan template is out of use",
        when: "A template that was retired is neither changed nor applied; make another one."
    }
    PlanRevisionOpen "PLAN_REVISION_OPEN" 409 {
        id: "Masih ada revisi rencana yang belum selesai",
        en: "A revision of the plan is still open",
        when: "Begin with the new version or cancel it before the plan is completed."
    }
    AgencyPlanState "AGENCY_PLAN_STATE" 409 {
        id: "Status rencana instansi tidak mengizinkan tindakan ini",
        en: "The state of the agency plan does not allow this",
        when: "`allowed_actions` lists what the caller may do with a plan as it stands."
    }
    AgencyPlanSameOfficer "AGENCY_PLAN_SAME_OFFICER" 409 {
        id: "Penyusun rencana tidak boleh menetapkannya",
        en: "Whoever prepared a plan does not set it",
        when: "An agency's plan is prepared by the planner and set by the authority (PP 11/2017 article 207): whoever wrote in a version or submitted it does not set it."
    }
    AgencyPlanIncomplete "AGENCY_PLAN_INCOMPLETE" 409 {
        id: "Rencana instansi belum lengkap",
        en: "The agency plan is not complete",
        when: "A content the law asks for is missing, or a budget is overdrawn; `errors` names each item, line and unit, and the plan's completeness says why."
    }
    NeedsState "NEEDS_STATE" 409 {
        id: "Status analisis kebutuhan tidak mengizinkan tindakan ini",
        en: "The state of the needs analysis does not allow this",
        when: "`allowed_actions` lists what the caller may do with an analysis, and with a need, as it stands."
    }
    NeedsCollected "NEEDS_COLLECTED" 409 {
        id: "Masa pengumpulan kebutuhan telah berakhir",
        en: "The time to collect needs is over",
        when: "After the year's last day to collect only the unit and the agency add to an analysis."
    }
    NeedsSameOfficer "NEEDS_SAME_OFFICER" 409 {
        id: "Yang memverifikasi tidak boleh memvalidasi",
        en: "Whoever verified does not validate",
        when: "A needs analysis is validated for the agency by somebody else than verified it for the unit, under whichever account."
    }
    ScenarioUnsolved "SCENARIO_UNSOLVED" 409 {
        id: "Skenario belum menghasilkan rencana",
        en: "The scenario has no plan yet",
        when: "Its operation is still at work, or ended without a plan; `state` says which."
    }
    ScenarioInfeasible "SCENARIO_INFEASIBLE" 409 {
        id: "Tidak ada rencana dengan semua penempatan wajib",
        en: "There is no plan with every required enrolment",
        when: "What was pinned contradicts a limit or each other; `errors` names what. Release some, or raise the limit."
    }
    GapNoPosition "GAP_NO_POSITION" 409 {
        id: "Pegawai tidak menduduki jabatan pada tanggal tersebut",
        en: "The employee holds no position on that day",
        when: "`against=held` needs a position held on the day; name a target position instead."
    }
    GrantToSelf "GRANT_TO_SELF" 409 {
        id: "Peran tidak dapat diberikan kepada diri sendiri",
        en: "Nobody gives a role to themselves",
        when: "The caller is the user the role would be given to; another administrator gives it."
    }
    GrantRevoked "GRANT_REVOKED" 409 {
        id: "Peran ini sudah dicabut",
        en: "The role was taken back before",
        when: "A role is taken back once; to give it again, make a new grant."
    }
    GrantLastAdmin "GRANT_LAST_ADMIN" 409 {
        id: "Peran administrator terakhir tidak dapat dicabut",
        en: "The last administrator stays",
        when: "Nobody would be left in the agency who can give roles; give the role to somebody else first."
    }
    OperationFinished "OPERATION_FINISHED" 409 {
        id: "Pekerjaan ini sudah selesai",
        en: "The operation has finished",
        when: "Only running work can be cancelled."
    }
    WebhookState "WEBHOOK_STATE" 409 {
        id: "Keadaan titik akhir webhook tidak memungkinkan tindakan ini",
        en: "The webhook endpoint is in a state that does not allow this",
        when: "An active endpoint can be paused, one that is not can go on; one that was stopped goes on before anything is replayed."
    }
    Stale "STALE" 412 {
        id: "Data sudah diubah pihak lain sejak Anda membacanya",
        en: "The resource was changed since you read it",
        when: "`If-Match` does not name the current entity tag; read again and decide anew."
    }
    TooLarge "TOO_LARGE" 413 {
        id: "Isi permintaan terlalu besar",
        en: "The request body is too large",
        when: "Over 1 MiB of JSON, or over the limit for uploads."
    }
    SheetTooLarge "SHEET_TOO_LARGE" 413 {
        id: "Isi berkas terlalu besar",
        en: "The file holds too much",
        when: "A workbook over 32 MiB, over 200 MiB unpacked, or over 128 MiB of text."
    }
    SheetTooManyRows "SHEET_TOO_MANY_ROWS" 413 {
        id: "Jumlah baris dalam berkas melebihi batas",
        en: "The file has too many rows",
        when: "More than 200,000 rows, or more than 3,000,000 people or results as CSV; send them in several files."
    }
    SheetTooManyColumns "SHEET_TOO_MANY_COLUMNS" 413 {
        id: "Jumlah kolom dalam berkas melebihi batas",
        en: "The file has too many columns",
        when: "Content beyond the 256th column."
    }
    UnsupportedMediaType "UNSUPPORTED_MEDIA_TYPE" 415 {
        id: "Jenis isi permintaan tidak didukung",
        en: "The media type of the body is not supported",
        when: "`Content-Type` is not the documented one."
    }
    IfMatchRequired "IF_MATCH_REQUIRED" 428 {
        id: "Sertakan If-Match dengan ETag yang terakhir dibaca",
        en: "Send If-Match with the ETag you read last",
        when: "PUT and DELETE of a resource need `If-Match`, so that nobody overwrites what they have not seen."
    }
    Internal "INTERNAL" 500 {
        id: "Terjadi kesalahan pada server",
        en: "The server failed",
        when: "A defect of ours. `instance` finds it in the log; nothing was changed."
    }
    Interrupted "INTERRUPTED" 503 {
        id: "Pekerjaan terhenti sebelum selesai; tidak ada yang disimpan",
        en: "The work was interrupted; nothing was written",
        when: "In the `error` of an operation: the server that did the work stopped. Start the work again."
    }
    Unavailable "UNAVAILABLE" 503 {
        id: "Layanan sedang tidak tersedia",
        en: "The service is not available right now",
        when: "The database or an issuer's keys cannot be reached, or the server is stopping; `Retry-After` says when."
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_are_unique_and_statuses_are_those_of_the_contract() {
        let mut codes: Vec<_> = Problem::ALL.iter().map(|problem| problem.spec().code).collect();
        codes.sort_unstable();
        codes.dedup();
        assert_eq!(codes.len(), Problem::ALL.len());
        for problem in Problem::ALL {
            let allowed = [400, 401, 403, 404, 405, 406, 409, 412, 413, 415, 428, 429, 500, 503];
            assert!(allowed.contains(&problem.spec().status), "{problem:?}");
        }
    }
}
