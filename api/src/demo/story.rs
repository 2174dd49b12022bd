//! What people of a demo agency learn: a catalogue that answers their gaps, classes held, full, empty and called off, hours
//! logged by themselves, activities, and a development plan in every state.

use std::collections::BTreeMap;

use access::Role;
use competency::GapState;
use development::{EvaluationInstrument, PlanAction, PlanState};
use kernel::{
    ActivityId, ClassId, CompetencyId, EnrolmentId, Level, Limit, OwnLearningId, PlanId, PlanItemId,
    ProgrammeId, TrainerId,
};
use serde_json::{Value, json};
use store::{EvaluationTaskRow, GapFilter, PageRequest, UnitFilter};
use workforce::Agency;

use super::example;
use super::stage::{Somebody, Stage, body, made};
use super::structure::Region;
use crate::app::{
    AppError, Services, activities, certificates, classes, enrolments, evaluation, own_learnings, partners,
    plan_templates, plans, policies, programmes,
};
use crate::problems::Problem;

/// How many people the story is about.
const CAST: usize = 24;

/// The first of those who learn outside classes.
const OUTSIDE: usize = 16;

/// How many programmes the catalogue has at most.
const PROGRAMMES: usize = 20;

/// Forms of development by turns, with the hours and the price of a programme of that form.
const OFFERS: [(&str, &str, i64, i64); 5] = [
    ("KL03", "OFFLINE", 24, 2_400_000),
    ("NKL03", "ONLINE", 12, 450_000),
    ("KL07", "OFFLINE", 16, 1_750_000),
    ("NKL04", "BLENDED", 20, 1_200_000),
    ("KL06", "OFFLINE", 8, 600_000),
];

/// Somebody the story is about.
struct Player {
    oneself: Somebody,
    superior: Somebody,
    /// The worst of what they lack.
    gap: Gap,
}

/// What somebody lacks: a competency, the level they have, the level required.
#[derive(Clone)]
struct Gap {
    competency: CompetencyId,
    code: String,
    name: String,
    has: Level,
    needs: Level,
}

/// A programme of the catalogue.
struct Offer {
    id: ProgrammeId,
    code: String,
    competency: CompetencyId,
    to: Level,
}

/// Tells the story in an agency, from where it was cut short, or not at all when it was told.
///
/// # Errors
/// The store's; a refusal of a rule, which the story then breaks.
pub(super) async fn tell(services: &Services, agency: Agency, region: Region) -> Result<(), AppError> {
    let mut stage = Stage::new(services, agency).await?;
    if told(&stage).await? {
        return Ok(());
    }
    let ended = acts(&mut stage, region).await;
    if let Err(error) = &ended {
        log::error!("the demo's story stops after act {}: {:?}", stage.acts(), error.violations);
    }
    ended
}

async fn acts(stage: &mut Stage<'_>, region: Region) -> Result<(), AppError> {
    let (people, gaps) = cast(stage).await?;
    // Whoever is coached from then on is coached by their superior.
    let coached = people.get(OUTSIDE + 2).or(people.last());
    let (coach, offers) = catalogue(stage, &gaps, coached).await?;
    held_class(stage, &offers, &people).await?;
    classes_to_come(stage, &offers, &people).await?;
    own_learning(stage, &people).await?;
    outside_classes(stage, coach, &people).await?;
    development_plans(stage, region, &offers, &people).await?;
    template(stage, &gaps).await
}

/// The last act is a template of plans: an agency that has one has been through the whole story.
async fn told(stage: &Stage<'_>) -> Result<bool, AppError> {
    let scope = stage.scope();
    let templates = stage.read(&scope).plan_templates(&PageRequest::first(Limit::DEFAULT)).await?;
    Ok(!templates.items.is_empty())
}

/// People with gaps and a superior, the one who is shown to newcomers before all others; and what the agency lacks, by
/// how often.
async fn cast(stage: &Stage<'_>) -> Result<(Vec<Player>, Vec<Gap>), AppError> {
    let scope = stage.scope();
    let reader = stage.read(&scope);
    let tops = UnitFilter { code: Some("PEMDA".to_owned()), ..UnitFilter::default() };
    let tops = reader.units(&tops, &PageRequest::first(Limit::DEFAULT)).await?.items;
    let Some(top) = tops.first() else { return Ok((Vec::new(), Vec::new())) };
    let lacking = GapFilter { states: vec![GapState::Gap], ..GapFilter::default() };
    let page = PageRequest::first(Limit::LARGE_BATCH);
    let rows = reader.unit_gaps(top.id, &lacking, stage.day(0), None, &page).await?.items;
    let (mut found, mut often) = (Vec::new(), BTreeMap::<_, (usize, Gap)>::new());
    for row in rows {
        let requirement = row.required.requirement;
        let Some(result) = &row.result else { continue };
        let gap = Gap {
            competency: requirement.competency,
            code: row.required.code.to_string(),
            name: row.required.name.to_string(),
            has: result.level,
            needs: requirement.level,
        };
        often.entry((gap.code.clone(), gap.needs)).or_insert_with(|| (0, gap.clone())).0 += 1;
        found.push(((row.person.id, row.person.name), gap));
    }
    let shown = example(&reader).await?;
    found.sort_by_key(|((id, _), gap)| (Some(*id) != shown, *id, gap.has));
    found.dedup_by_key(|((id, _), _)| *id);
    let mut people: Vec<Player> = Vec::new();
    for (oneself, gap) in found {
        if people.len() == CAST {
            break;
        }
        let chain = reader.superior_chain(oneself.0, stage.day(0)).await?;
        let Some(superior) = chain.and_then(|chain| chain.superior) else { continue };
        people.push(Player { oneself, superior: (superior.employee, superior.name), gap });
    }
    let mut often: Vec<_> = often.into_values().collect();
    often.sort_by(|(one, a), (other, b)| {
        other.cmp(one).then_with(|| (&a.code, a.needs).cmp(&(&b.code, b.needs)))
    });
    Ok((people, often.into_iter().map(|(_, gap)| gap).collect()))
}

/// Partners, those who teach, and programmes for what is lacked most. Returns a coach, the superior of who is coached, and the
/// programmes.
async fn catalogue(
    stage: &mut Stage<'_>,
    gaps: &[Gap],
    coached: Option<&Player>,
) -> Result<(TrainerId, Vec<Offer>), AppError> {
    let own = json!({"code": "BPSDM", "name": "BPSDM Daerah (contoh)", "kind": "OWN"});
    let agreed = json!([{"number": "01/PKS/CONTOH", "subject": "Penyelenggaraan pelatihan teknis", "forms": ["KL03"],
        "valid_from": stage.day(-400), "valid_until": stage.day(700)}]);
    let university = json!({"code": "UNIV-CONTOH", "name": "Universitas Contoh", "kind": "UNIVERSITY", "agreements": agreed});
    let ctx = stage.act(Role::Planner, None, -150).await?;
    let own = made(partners::create(&ctx, body(own)?).await?)?;
    let ctx = stage.act(Role::Planner, None, -150).await?;
    let university = made(partners::create(&ctx, body(university)?).await?)?;
    let lecturer = json!({"name": "Dosen Tamu (contoh)", "roles": ["INSTRUCTOR"], "partner_id": university});
    let ctx = stage.act(Role::Planner, None, -150).await?;
    made(partners::trainer_create(&ctx, body(lecturer)?).await?)?;
    // In a large unit all who are in the story may have the same superior, who coaches them.
    let guide = json!({"employee_id": coached.map(|player| player.superior.0.uuid()), "roles": ["MENTOR", "COACH"],
        "expertise": "Pelayanan publik", "max_mentees": CAST});
    let ctx = stage.act(Role::Planner, None, -150).await?;
    let coach = made(partners::trainer_create(&ctx, body(guide)?).await?)?;
    let mut offers = Vec::new();
    for (gap, (form, mode, jp, price)) in gaps.iter().take(PROGRAMMES).zip(OFFERS.iter().cycle()) {
        let (code, to) = (format!("{}-{}", gap.code, gap.needs), gap.needs);
        let from = to.get().checked_sub(1).filter(|from| *from > 0);
        let partner = if *form == "KL03" { university } else { own };
        let programme = json!({"code": code, "name": format!("Pelatihan {} Tingkat {to}", gap.name), "form": form,
            "objectives": format!("Peserta menerapkan {} pada tingkat {to} dalam pekerjaannya.", gap.name.to_lowercase()),
            "partner_id": partner, "mode": mode, "jp": jp, "price_per_participant": price, "certificate_months": 36,
            "steps": [{"competency_id": gap.competency.uuid(), "level_from": from, "level_to": to.get()}]});
        let ctx = stage.act(Role::Planner, None, -140).await?;
        let id = ProgrammeId::from(made(programmes::create(&ctx, body(programme)?).await?)?);
        let ctx = stage.act(Role::Planner, None, -138).await?;
        made(programmes::publish(&ctx, id).await?)?;
        offers.push(Offer { id, code, competency: gap.competency, to });
    }
    Ok((TrainerId::from(coach), offers))
}

/// A class of a programme: announced so many days from the founding, held on these days.
struct Class<'a> {
    suffix: &'a str,
    announced: i64,
    days: &'a [i64],
    seats: u16,
    waitlist: u16,
}

impl Class<'_> {
    async fn plan(&self, stage: &mut Stage<'_>, offer: &Offer) -> Result<ClassId, AppError> {
        let sessions: Vec<_> = self
            .days
            .iter()
            .map(|day| json!({"starts_at": stage.at(*day, 0), "ends_at": stage.at(*day, 7), "place": "Aula BPSDM (contoh)"}))
            .collect();
        let first = self.days.first().copied().unwrap_or_default();
        let class = json!({"programme_id": offer.id.uuid(), "code": format!("{}-{}", offer.code, self.suffix),
            "seats": self.seats, "waitlist": self.waitlist, "registration_opens_at": stage.at(self.announced, 0),
            "registration_closes_at": stage.at(first - 1, 0), "sessions": sessions});
        let ctx = stage.act(Role::Planner, None, self.announced - 1).await?;
        Ok(ClassId::from(made(classes::create(&ctx, body(class)?).await?)?))
    }

    async fn open(&self, stage: &mut Stage<'_>, offer: &Offer) -> Result<ClassId, AppError> {
        let id = self.plan(stage, offer).await?;
        let ctx = stage.act(Role::Planner, None, self.announced).await?;
        made(classes::open(&ctx, id).await?)?;
        Ok(id)
    }
}

async fn nominate(
    stage: &mut Stage<'_>,
    class: ClassId,
    player: &Player,
    days: i64,
) -> Result<EnrolmentId, AppError> {
    let ctx = stage.act(Role::AgencyAdmin, None, days).await?;
    enrol(&ctx, class, player).await
}

async fn ask(
    stage: &mut Stage<'_>,
    class: ClassId,
    player: &Player,
    days: i64,
) -> Result<EnrolmentId, AppError> {
    let ctx = stage.act(Role::Employee, Some(&player.oneself), days).await?;
    enrol(&ctx, class, player).await
}

async fn enrol(ctx: &crate::app::Ctx, class: ClassId, player: &Player) -> Result<EnrolmentId, AppError> {
    let who = json!({"employee_id": player.oneself.0.uuid()});
    Ok(EnrolmentId::from(made(enrolments::create(ctx, class, body(who)?).await?)?))
}

/// A class of two days that was held three months ago: people asked and were nominated, one was refused, one failed, the
/// others have a certificate and said what they thought.
async fn held_class(stage: &mut Stage<'_>, offers: &[Offer], people: &[Player]) -> Result<(), AppError> {
    let (Some(offer), Some((first, others))) = (offers.first(), people.split_first()) else { return Ok(()) };
    let class = Class { suffix: "A", announced: -120, days: &[-91, -90], seats: 12, waitlist: 5 };
    let class = class.open(stage, offer).await?;
    let wish = ask(stage, class, first, -112).await?;
    let ctx = stage.act(Role::Supervisor, Some(&first.superior), -111).await?;
    made(enrolments::consent(&ctx, wish).await?)?;
    let mut seated = vec![(wish, first)];
    for player in others.iter().take(9) {
        seated.push((nominate(stage, class, player, -110).await?, player));
    }
    if let Some(refused) = others.get(9) {
        let wish = ask(stage, class, refused, -109).await?;
        let ctx = stage.act(Role::Supervisor, Some(&refused.superior), -108).await?;
        let reason = json!({"reason": "Pada pekan itu seluruh unit bertugas di lapangan."});
        made(enrolments::refuse(&ctx, wish, body(reason)?).await?)?;
    }
    for (number, day) in [(1, -91), (2, -90)] {
        let present = |(index, (id, _)): (usize, &(EnrolmentId, &Player))| {
            let presence = if index == 8 && number == 2 { "EXCUSED" } else { "PRESENT" };
            json!({"enrolment_id": id.uuid(), "presence": presence})
        };
        let marks: Vec<_> = seated.iter().enumerate().map(present).collect();
        let ctx = stage.act(Role::Planner, None, day).await?;
        classes::attendance_put(&ctx, class, number, body(json!({"items": marks}))?).await?;
    }
    let scored = |(index, (id, _)): (i64, &(EnrolmentId, &Player))| {
        let passed = index != 7;
        json!({"enrolment_id": id.uuid(), "passed": passed, "score": if passed { 78 + 2 * index } else { 51 }})
    };
    let results: Vec<_> = (0..).zip(&seated).map(scored).collect();
    let ctx = stage.act(Role::Planner, None, -88).await?;
    certificates::outcomes_put(&ctx, class, body(json!({"items": results}))?).await?;
    let tested = |(index, (id, _)): (i64, &(EnrolmentId, &Player))| json!({"enrolment_id": id.uuid(), "before": 42 + 3 * index, "after": 70 + 2 * index});
    // One was away on the second day, when the test was held again.
    let tests: Vec<_> = (0..).zip(&seated).filter(|(index, _)| *index != 8).map(tested).collect();
    evaluation::test_scores_put(&ctx, class, body(json!({"items": tests}))?).await?;
    let ctx = stage.act(Role::AgencyAdmin, None, -87).await?;
    made(certificates::complete(&ctx, class).await?)?;
    evaluation::make(&ctx.services, ctx.actor.agency, class, ctx.now).await?;
    for (mark, (_, player)) in [5, 4, 4, 3, 5].into_iter().zip(&seated) {
        let ctx = stage.act(Role::Employee, Some(&player.oneself), -85).await?;
        let asked = evaluation::asked_of_caller(&ctx, &PageRequest::first(Limit::DEFAULT)).await?;
        let about = |task: &&EvaluationTaskRow| {
            task.class == class && task.instrument == EvaluationInstrument::Reaction
        };
        let Some(task) = asked.items.iter().find(about).map(|task| task.id) else { continue };
        let marks = [("CONTENT", mark), ("TRAINERS", mark), ("ORGANISATION", 4), ("USEFULNESS", mark)];
        let marks: Vec<_> =
            marks.map(|(question, mark)| json!({"question": question, "mark": mark})).into_iter().collect();
        evaluation::answer(&ctx, task, body(json!({"marks": marks}))?).await?;
    }
    Ok(())
}

/// Classes that run, are full with people waiting, empty, called off, and not announced yet.
async fn classes_to_come(stage: &mut Stage<'_>, offers: &[Offer], people: &[Player]) -> Result<(), AppError> {
    let mut offers = offers.iter().skip(1);
    if let Some(offer) = offers.next() {
        let runs = Class { suffix: "B", announced: -40, days: &[-1, 6], seats: 10, waitlist: 0 };
        let class = runs.open(stage, offer).await?;
        let mut marks = Vec::new();
        for player in people.iter().skip(10).take(6) {
            let id = nominate(stage, class, player, -20).await?;
            marks.push(json!({"enrolment_id": id.uuid(), "presence": "PRESENT"}));
        }
        let ctx = stage.act(Role::Planner, None, 0).await?;
        classes::attendance_put(&ctx, class, 1, body(json!({"items": marks}))?).await?;
    }
    if let Some(offer) = offers.next() {
        let full = Class { suffix: "C", announced: -14, days: &[21, 22], seats: 4, waitlist: 4 };
        let class = full.open(stage, offer).await?;
        for player in people.iter().take(7) {
            nominate(stage, class, player, -9).await?;
        }
        if let Some(player) = people.get(8) {
            ask(stage, class, player, -3).await?;
        }
    }
    if let Some(offer) = offers.next() {
        let empty = Class { suffix: "D", announced: -2, days: &[45], seats: 30, waitlist: 10 };
        empty.open(stage, offer).await?;
    }
    if let Some(offer) = offers.next() {
        let gone = Class { suffix: "E", announced: -30, days: &[10], seats: 20, waitlist: 0 };
        let class = gone.open(stage, offer).await?;
        for player in people.iter().skip(12).take(2) {
            nominate(stage, class, player, -25).await?;
        }
        let ctx = stage.act(Role::Planner, None, -7).await?;
        let reason = json!({"reason": "Pengajar berhalangan dan peserta terlalu sedikit."});
        made(classes::cancel(&ctx, class, body(reason)?).await?)?;
    }
    if let Some(offer) = offers.next() {
        let planned = Class { suffix: "F", announced: 30, days: &[60, 61, 62], seats: 25, waitlist: 5 };
        planned.plan(stage, offer).await?;
    }
    Ok(())
}

/// Hours people earned by themselves: enough, not enough, waiting to be verified, refused.
async fn own_learning(stage: &mut Stage<'_>, people: &[Player]) -> Result<(), AppError> {
    use chrono::Datelike as _;
    let year = stage.day(0).year();
    let day = stage.day(-20).max(super::day(year, 1, 1));
    let ends = ["VERIFIED", "VERIFIED", "VERIFIED", "REFUSED", "LOGGED", "LOGGED"];
    for ((number, end), (player, jp)) in
        (1..).zip(ends).zip(people.iter().skip(10).zip([24, 20, 8, 6, 10, 4]))
    {
        let learnt = json!({"employee_id": player.oneself.0.uuid(), "title": format!("Pembelajaran daring: {}", player.gap.name),
            "provider": "Penyelenggara Daring (contoh)", "form": "NKL03", "started_on": day, "ended_on": day,
            "certificate_jp": jp, "certificate": {"number": format!("DARING/{number:03}/{year}"), "issued_on": day},
            "document": format!("berkas/sertifikat-{number:03}.pdf")});
        let ctx = stage.act(Role::AgencyAdmin, None, 0).await?;
        let id = OwnLearningId::from(made(own_learnings::create(&ctx, body(learnt)?).await?)?);
        match end {
            "VERIFIED" => {
                let ctx = stage.act(Role::Planner, None, 0).await?;
                made(own_learnings::verify(&ctx, id).await?)?;
            }
            "REFUSED" => {
                let ctx = stage.act(Role::Planner, None, 0).await?;
                let reason = json!({"reason": "Nama pada dokumen tidak terbaca."});
                made(own_learnings::refuse(&ctx, id, body(reason)?).await?)?;
            }
            _ => {}
        }
    }
    Ok(())
}

/// An internship that is over, and further study, coaching and self-study that go on.
async fn outside_classes(stage: &mut Stage<'_>, coach: TrainerId, people: &[Player]) -> Result<(), AppError> {
    let kinds: [(Value, i64, i64); 4] = [
        (
            json!({"kind": "INTERNSHIP", "host": "Dinas Contoh Provinsi", "supervisor": "Pembimbing (contoh)"}),
            -60,
            -20,
        ),
        (
            json!({"kind": "FURTHER_STUDY", "institution": "Universitas Contoh", "study": "Administrasi Publik",
                "degree": "S2", "funding": "APBD", "months": 24, "bond_months": 48, "released": true}),
            -90,
            640,
        ),
        (json!({"kind": "COACHING", "trainer_id": coach.uuid()}), -30, 90),
        (json!({"kind": "SELF_STUDY", "material": "Modul pelayanan publik berbasis data"}), -15, 45),
    ];
    for ((index, (details, from, until)), player) in (0..).zip(kinds).zip(people.iter().skip(OUTSIDE)) {
        let activity = json!({"employee_id": player.oneself.0.uuid(), "starts_on": stage.day(from), "ends_on": stage.day(until),
            "goal": format!("Menerapkan {} dalam pekerjaan.", player.gap.name.to_lowercase()), "details": details});
        let ctx = stage.act(Role::AgencyAdmin, None, from).await?;
        let id = ActivityId::from(made(activities::create(&ctx, body(activity)?).await?)?);
        let entry =
            json!({"on": stage.day(from + 7), "note": "Pertemuan pertama: sasaran dan jadwal disepakati."});
        let ctx = stage.act(Role::AgencyAdmin, None, from + 7).await?;
        made(activities::log(&ctx, id, body(entry)?).await?)?;
        if index == 0 {
            let ctx = stage.act(Role::Supervisor, Some(&player.superior), until + 2).await?;
            let done = json!({"outcome": "Prosedur layanan yang dipelajari diterapkan di unit."});
            made(activities::complete(&ctx, id, body(done)?).await?)?;
        }
    }
    Ok(())
}

/// One person's plan for the year of the founding, drawn up three months before it.
struct Planning<'a> {
    player: &'a Player,
    year: i32,
    id: PlanId,
    /// Whether the agency's policy asks for the authority's word.
    authority: bool,
}

impl Planning<'_> {
    async fn step(
        &self,
        stage: &mut Stage<'_>,
        action: PlanAction,
        days: i64,
        reason: Option<&str>,
    ) -> Result<(), AppError> {
        let (role, person) = match action {
            PlanAction::Review | PlanAction::Return | PlanAction::Endorse | PlanAction::Complete => {
                (Role::Supervisor, Some(&self.player.superior))
            }
            PlanAction::Approve => (Role::Planner, None),
            PlanAction::Enact => (Role::Authority, None),
            _ => (Role::AgencyAdmin, None),
        };
        let reason = match reason {
            None => None,
            Some(reason) => Some(body(json!({"reason": reason}))?),
        };
        let ctx = stage.act(role, person, days).await?;
        made(plans::transition(&ctx, self.id, action, reason).await?)?;
        Ok(())
    }

    /// From the draft to a state.
    async fn bring(&self, stage: &mut Stage<'_>, to: PlanState) -> Result<(), AppError> {
        use PlanAction as A;
        let whole: &[(A, PlanState)] = &[
            (A::Submit, PlanState::Submitted),
            (A::Review, PlanState::InReview),
            (A::Endorse, PlanState::Endorsed),
            (A::Approve, if self.authority { PlanState::Confirmed } else { PlanState::Approved }),
            (A::Enact, PlanState::Approved),
            (A::Activate, PlanState::Active),
        ];
        if to == PlanState::Draft {
            return Ok(());
        }
        for (days, (action, leads)) in (-84..).step_by(4).zip(whole) {
            if *action == A::Enact && !self.authority {
                continue;
            }
            self.step(stage, *action, days, None).await?;
            if *leads == to {
                break;
            }
        }
        Ok(())
    }
}

/// A plan in every state, for the year of the founding.
async fn development_plans(
    stage: &mut Stage<'_>,
    region: Region,
    offers: &[Offer],
    people: &[Player],
) -> Result<(), AppError> {
    use chrono::Datelike as _;
    let year = stage.day(0).year();
    let authority = region == Region::Kota;
    if authority {
        let policy = json!({"name": "DEVELOPMENT_PLAN", "valid_from": super::day(year - 1, 1, 1),
            "source": "Keputusan Wali Kota Demo tentang penetapan rencana pengembangan (contoh)",
            "development_plan": {"authority": true, "most_items": 10}});
        let ctx = stage.act(Role::AgencyAdmin, None, -100).await?;
        policies::create(&ctx, body(policy)?).await?;
    }
    use PlanState as S;
    let ends = [
        S::Active,
        S::Draft,
        S::Submitted,
        S::InReview,
        S::Returned,
        S::Endorsed,
        S::Confirmed,
        S::Approved,
        S::Completed,
        S::Cancelled,
        S::Superseded,
    ];
    for (end, player) in ends.into_iter().zip(people) {
        if end == S::Confirmed && !authority {
            continue;
        }
        let plan = drawn_up(stage, player, year, offers).await?;
        let plan = Planning { player, year, id: plan, authority };
        match end {
            S::Returned => {
                plan.bring(stage, S::InReview).await?;
                let reason = "Tambahkan bukti yang diharapkan dari coaching.";
                plan.step(stage, PlanAction::Return, -70, Some(reason)).await?;
            }
            S::Active => {
                plan.bring(stage, S::Active).await?;
                going_on(stage, &plan).await?;
            }
            S::Completed => {
                plan.bring(stage, S::Active).await?;
                carried_out(stage, &plan).await?;
                plan.step(stage, PlanAction::Complete, -10, None).await?;
            }
            S::Cancelled => {
                let reason = "Pegawai akan pindah ke instansi lain.";
                plan.step(stage, PlanAction::Cancel, -80, Some(reason)).await?;
            }
            S::Superseded => {
                plan.bring(stage, S::Active).await?;
                let ctx = stage.act(Role::AgencyAdmin, None, -50).await?;
                let reason = json!({"reason": "Sasaran kinerja unit berubah pada tengah tahun."});
                let next = PlanId::from(made(plans::revise(&ctx, plan.id, body(reason)?).await?)?);
                Planning { id: next, ..plan }.bring(stage, S::Active).await?;
            }
            other => plan.bring(stage, other).await?,
        }
    }
    Ok(())
}

/// A draft with what closes the person's worst gap, and coaching by the superior.
async fn drawn_up(
    stage: &mut Stage<'_>,
    player: &Player,
    year: i32,
    offers: &[Offer],
) -> Result<PlanId, AppError> {
    let Gap { competency, name, has, needs, .. } = &player.gap;
    let due = super::day(year, 12, 15);
    let fits = |offer: &&Offer| offer.competency == *competency && offer.to == *needs;
    let step = json!({"competency_id": competency.uuid(), "level_from": has.get(), "level_to": needs.get(),
        "due_on": due, "origin": "HELD_GAP", "evidence": "Sertifikat dan laporan penerapan di unit"});
    let more = match offers.iter().find(fits) {
        Some(offer) => {
            json!({"programme_id": offer.id.uuid(), "budget": "APBD, belanja kursus dan pelatihan"})
        }
        None => json!({"form": "NKL09", "title": format!("Belajar mandiri: {name}"), "jp": 6, "cost": 0}),
    };
    let coaching = json!({"form": "NKL01", "title": "Coaching bulanan dengan atasan", "jp": 4, "cost": 0, "due_on": due,
        "origin": "OWN_WISH", "mentor_id": player.superior.0.uuid()});
    let plan = json!({"employee_id": player.oneself.0.uuid(), "year": year,
        "goal": format!("Memenuhi tingkat {needs} pada {name}."), "items": [merged(step, more), coaching]});
    let ctx = stage.act(Role::AgencyAdmin, None, -90).await?;
    Ok(PlanId::from(made(plans::create(&ctx, body(plan)?).await?)?))
}

fn merged(mut one: Value, other: Value) -> Value {
    if let (Value::Object(one), Value::Object(other)) = (&mut one, other) {
        one.extend(other);
    }
    one
}

/// The items of a plan, as it stands.
async fn items(stage: &Stage<'_>, plan: PlanId) -> Result<Vec<(PlanItemId, i64)>, AppError> {
    let scope = stage.scope();
    let row = stage.read(&scope).plan(plan).await?.ok_or(Problem::NotFound)?;
    Ok(row.plan.said.items.iter().map(|item| (item.id, item.said.cost)).collect())
}

/// The first item has begun and its money is committed.
async fn going_on(stage: &mut Stage<'_>, plan: &Planning<'_>) -> Result<(), AppError> {
    let Some((item, cost)) = items(stage, plan.id).await?.into_iter().next() else { return Ok(()) };
    let progress = json!({"state": "STARTED", "percent": 60, "committed": cost, "realised": 0,
        "note": "Pelatihan diikuti; penerapan di unit berjalan."});
    let ctx = stage.act(Role::Employee, Some(&plan.player.oneself), -30).await?;
    plans::progress(&ctx, plan.id, item, body(progress)?).await?;
    let ctx = stage.act(Role::Supervisor, Some(&plan.player.superior), -29).await?;
    let comment = json!({"text": "Baik. Laporkan hasil penerapannya pada rapat bulan depan."});
    plans::comment(&ctx, plan.id, body(comment)?).await?;
    Ok(())
}

/// Every item is done, with its evidence and what it cost.
async fn carried_out(stage: &mut Stage<'_>, plan: &Planning<'_>) -> Result<(), AppError> {
    for (item, cost) in items(stage, plan.id).await? {
        let progress = json!({"state": "DONE", "percent": 100, "committed": cost, "realised": cost,
            "evidence": format!("berkas/laporan-penerapan-{}.pdf", plan.year)});
        let ctx = stage.act(Role::AgencyAdmin, None, -15).await?;
        plans::progress(&ctx, plan.id, item, body(progress)?).await?;
    }
    Ok(())
}

/// What every supervisor's plan begins with.
async fn template(stage: &mut Stage<'_>, gaps: &[Gap]) -> Result<(), AppError> {
    let steps: Vec<_> = gaps
        .iter()
        .take(2)
        .map(|gap| {
            json!({"competency_id": gap.competency.uuid(), "level_to": gap.needs.get(), "form": "NKL09", "jp": 6,
                "title": format!("Belajar mandiri: {}", gap.name), "due_month": 9, "due_day": 30, "origin": "HELD_GAP"})
        })
        .collect();
    let template =
        json!({"name": "Rencana dasar pengawas (contoh)", "job_class": "PENGAWAS", "items": steps});
    let ctx = stage.act(Role::Planner, None, 0).await?;
    made(plan_templates::create(&ctx, body(template)?).await?)?;
    Ok(())
}
