//! Reports say what the log says, to whom it concerns, and nothing of a few people.

mod log;
mod workbook;

use std::collections::{BTreeMap, BTreeSet};

use api::{
    platform::clock::local_date,
    reports::{
        self,
        rules::{Counts, Figure, LONGEST_TOTAL, Level, Node, Period},
    },
};
use chrono::{DateTime, NaiveDate, TimeDelta, Utc};
use entity::{
    audit_entry,
    values::{Area, CaseAction, CaseSubject, ComplaintKind, Division, PersonId, Role},
};
use integration_tests::{Backend, StaffMember, backend::noon, call::Reply, on_both_stacks};
use log::{Chance, Log, Story};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};
use serde_json::{Value, json};

const PHONE: &str = "13800138000";

fn division(code: &str) -> Division {
    Division::try_from(code.to_owned()).unwrap()
}

fn county_of(area: &Area) -> Division {
    area.division().unwrap()
}

async fn somebody(backend: &Backend) -> PersonId {
    PersonId(backend.log_in(PHONE).await.person.parse().unwrap())
}

/// What `log` says of `period`, step by step and without a thought for speed.
fn recount(log: &Log, period: Period, level: Level) -> BTreeMap<(Division, NaiveDate), Counts> {
    let mut counted: BTreeMap<(Division, NaiveDate), Counts> = BTreeMap::new();
    let mut count = |place: &Division, at: DateTime<Utc>, figure| {
        if (period.begins()..period.ends()).contains(&at) {
            let place = Node::around(level, place).division;
            counted
                .entry((place, local_date(at)))
                .or_default()
                .add(figure, 1);
        }
    };
    let last_moment = period.ends() - TimeDelta::milliseconds(1);
    for case in &log.cases {
        let complaint = log
            .complaints
            .iter()
            .find(|complaint| complaint.id.0 == case.subject_id);
        let place = complaint.map_or_else(|| case.division.clone(), |it| county_of(&it.against));
        let either = |application, of_complaint| {
            if complaint.is_some() {
                of_complaint
            } else {
                application
            }
        };
        let steps = || log.steps.iter().filter(|step| step.case_id == case.id);
        let opened = steps()
            .find(|step| step.action == CaseAction::Open)
            .unwrap()
            .at;
        count(
            &place,
            opened,
            either(Figure::Filed, Figure::ComplaintsFiled),
        );
        if let Some(complaint) = complaint {
            count(&place, opened, Figure::ComplaintsOf(complaint.kind));
        }
        let missed = log
            .breaches
            .iter()
            .filter(|breach| breach.case_id == case.id);
        let in_time = missed.clone().next().is_none();
        for breach in missed {
            let figure = either(Figure::TimedOut, Figure::ComplaintsTimedOut);
            count(&county_of(&breach.area), breach.due_at, figure);
        }
        let end = steps().find(|step| step.stage_after.is_none());
        if opened < period.ends() && end.is_none_or(|end| end.at >= period.ends()) {
            count(
                &place,
                last_moment,
                either(Figure::Open, Figure::ComplaintsOpen),
            );
        }
        let Some(end) = end else { continue };
        if end.action == CaseAction::Withdraw {
            count(
                &place,
                end.at,
                either(Figure::Withdrawn, Figure::ComplaintsWithdrawn),
            );
            continue;
        }
        if end.stage == "applicant" {
            count(&place, end.at, Figure::Lapsed);
            continue;
        }
        count(
            &place,
            end.at,
            either(Figure::Decided, Figure::ComplaintsAnswered),
        );
        match (end.action, complaint) {
            (CaseAction::Decide, _) => {
                count(&place, end.at, Figure::IssuedByClock);
                continue;
            }
            (CaseAction::Refuse, None) => {
                count(&place, end.at, Figure::Refused);
                let reason = end.reason.as_deref().unwrap();
                let reason = if reason == "never_heard_of" {
                    "other"
                } else {
                    reason
                };
                count(&place, end.at, Figure::refused_for(Some(reason)));
            }
            (CaseAction::Approve, Some(_)) => count(&place, end.at, Figure::ComplaintsUpheld),
            _ => (),
        }
        if in_time {
            count(
                &place,
                end.at,
                either(Figure::InTime, Figure::ComplaintsInTime),
            );
        }
    }
    counted
}

/// Noon of the twentieth of February 2026, in the last month that is over.
fn then() -> DateTime<Utc> {
    noon() - TimeDelta::days(10)
}

/// A number of applications of `county`, filed at noon of the twentieth of February 2026, that ended an
/// hour later.
fn applications(
    log: &mut Log,
    person: PersonId,
    county: &str,
    count: usize,
    end: CaseAction,
    why: Option<&'static str>,
) {
    let at = then();
    for _ in 0..count {
        let mut story = Story::filed(county, at);
        story.end = Some((at + TimeDelta::hours(1), end, why));
        if end == CaseAction::Decide {
            story.missed = vec![(at, format!("{county}001001"))];
        }
        log.tell(person, &story);
    }
}

fn month(report: &str, level: &str) -> String {
    format!("/v1/staff/reports/{report}?from=2026-02-01&to=2026-02-28&level={level}")
}

/// The rows of a report by their places.
fn rows(report: &Value) -> BTreeMap<String, Value> {
    let rows = report["rows"].as_array().unwrap().iter();
    rows.map(|row| (row["division"].as_str().unwrap().to_owned(), row.clone()))
        .collect()
}

fn places(report: &Value) -> BTreeSet<String> {
    rows(report).into_keys().collect()
}

async fn as_file(staff: &StaffMember, path: &str, accept: &str, language: &'static str) -> Reply {
    let page = staff.in_language(language);
    Reply::to(
        page.request(reqwest::Method::GET, path)
            .header("accept", accept),
    )
    .await
}

on_both_stacks! {
    async fn a_report_says_what_the_log_says(stack: Stack) {
        let backend = Backend::start(stack).await;
        let person = somebody(&backend).await;
        let (chance, mut log) = (Chance::new(7), Log::default());
        let since = noon() - TimeDelta::days(30);
        for _ in 0..400 {
            log.tell(person, &chance.story(since));
        }
        log.save(&backend).await;
        let first = local_date(since);
        for (from, days) in [(0, 1), (0, 7), (3, 20), (10, 10), (0, 31)] {
            let from = first + chrono::Days::new(from);
            let to = from + chrono::Days::new(days - 1);
            let period = Period::new(from, to, to, LONGEST_TOTAL).unwrap();
            for level in [Level::County, Level::Prefecture, Level::Province] {
                let counted = reports::tally(&backend.deps.db, period, level).await.unwrap();
                assert_eq!(counted, recount(&log, period, level), "{period:?} {level:?}");
            }
        }
        let month = Period::new(first, first + chrono::Days::new(30), noon().date_naive(), LONGEST_TOTAL).unwrap();
        let all = reports::tally(&backend.deps.db, month, Level::Province).await.unwrap();
        let mut seen = Counts::default();
        for counts in all.values() {
            seen.add_all(counts);
        }
        let figures: BTreeSet<Figure> = seen.iter().map(|(figure, _)| figure).collect();
        assert!(figures.len() >= 20, "nothing was left out: {figures:?}");
        assert!(figures.contains(&Figure::Lapsed) && figures.contains(&Figure::ComplaintsOf(ComplaintKind::Rude)));
    }

    async fn a_day_begins_at_midnight_in_shanghai(stack: Stack) {
        let backend = Backend::start(stack).await;
        let person = somebody(&backend).await;
        let mut log = Log::default();
        for at in ["2026-02-28T23:59:59.999+08:00", "2026-03-01T00:00:00+08:00", "2026-03-01T23:59:59.999+08:00", "2026-03-02T00:00:00+08:00"] {
            let at: DateTime<Utc> = at.parse().unwrap();
            log.tell(person, &Story::filed("370102", at));
        }
        log.save(&backend).await;
        let of = |text: &str| -> NaiveDate { text.parse().unwrap() };
        let day = Period::new(of("2026-03-01"), of("2026-03-01"), of("2026-03-02"), 1).unwrap();
        let counted = reports::tally(&backend.deps.db, day, Level::County).await.unwrap();
        let counts = &counted[&(division("370102"), of("2026-03-01"))];
        assert_eq!(counts.of(Figure::Filed), 2);
        assert_eq!(counts.of(Figure::Open), 3);
        assert_eq!(counted.len(), 1);
    }

    async fn a_missed_limit_counts_on_the_day_on_which_it_ran_out(stack: Stack) {
        let backend = Backend::start(stack).await;
        let person = somebody(&backend).await;
        let mut log = Log::default();
        let due: DateTime<Utc> = "2026-02-28T23:59:50+08:00".parse().unwrap();
        let mut story = Story::filed("370102", due - TimeDelta::days(2));
        // Booked twenty seconds later, which is in March.
        story.missed = vec![(due, "370102001001".to_owned())];
        log.tell(person, &story);
        log.save(&backend).await;
        let of = |text: &str| -> NaiveDate { text.parse().unwrap() };
        for (day, missed) in [(of("2026-02-28"), 1), (of("2026-03-01"), 0)] {
            let period = Period::new(day, day, of("2026-03-02"), 1).unwrap();
            let counted = reports::tally(&backend.deps.db, period, Level::County).await.unwrap();
            let counts = counted.get(&(division("370102"), day));
            assert_eq!(counts.map_or(0, |counts| counts.of(Figure::TimedOut)), missed, "{day}");
        }
    }

    async fn whoever_asks_sees_their_own_area_and_what_lies_below(stack: Stack) {
        let backend = Backend::start(stack).await;
        let person = somebody(&backend).await;
        let mut log = Log::default();
        for county in ["370102", "370103", "370202", "310101"] {
            applications(&mut log, person, county, 9, CaseAction::Approve, None);
        }
        log.save(&backend).await;
        for (role, at, level, expected) in [
            (Role::Auditor, "370000", "county", &["370102", "370103", "370202"][..]),
            (Role::Auditor, "370000", "prefecture", &["370100", "370200"]),
            (Role::Auditor, "370000", "province", &["370000"]),
            (Role::RegionAdmin, "370100", "county", &["370102", "370103"]),
            (Role::RegionAdmin, "370100", "prefecture", &["370100"]),
            (Role::RegionAdmin, "370100", "province", &[]),
            (Role::Reviewer, "370102", "county", &["370102"]),
            (Role::Reviewer, "370102", "prefecture", &[]),
        ] {
            let staff = backend.staff(role, at).await;
            let report = staff.get(&month("pass-cards", level)).await.ok();
            let expected = expected.iter().map(|code| (*code).to_owned()).collect();
            assert_eq!(places(&report), expected, "{at} {level}");
        }
        let nurse = backend.staff(Role::Epidemiologist, "370000").await;
        assert_eq!(nurse.get(&month("pass-cards", "county")).await.problem(403), "role-required");
        let zhang = backend.log_in("13900139000").await;
        assert!(backend.as_citizen(&zhang).get(&month("pass-cards", "county")).await.status.is_client_error());
    }

    async fn numbers_are_told_and_those_of_a_few_people_are_not(stack: Stack) {
        let backend = Backend::start(stack).await;
        let person = somebody(&backend).await;
        let mut log = Log::default();
        for (county, granted, refused) in [("370102", 20, 6), ("370103", 9, 2), ("370104", 30, 7), ("370202", 40, 0)] {
            applications(&mut log, person, county, granted, CaseAction::Approve, None);
            applications(&mut log, person, county, refused, CaseAction::Refuse, Some("symptoms"));
        }
        applications(&mut log, person, "370202", 1, CaseAction::Decide, None);
        log.save(&backend).await;
        let staff = backend.staff(Role::Auditor, "370000").await;
        let report = staff.get(&month("pass-cards", "county")).await.ok();
        assert_eq!(report["smallest"], 5);
        let told = rows(&report);
        for (county, figure, expected) in [
            ("370102", "filed", json!(26)),
            ("370102", "decided", json!(26)),
            ("370102", "in_time", json!(26)),
            ("370103", "decided", json!(11)),
            ("370103", "refused", Value::Null),
            ("370102", "refused", Value::Null),
            ("370104", "refused", json!(7)),
            ("370202", "refused", json!(0)),
            ("370202", "issued_by_clock", json!(1)),
            ("370202", "timed_out", json!(1)),
            ("370202", "in_time", json!(40)),
            ("370202", "open", json!(0)),
        ] {
            assert_eq!(told[county][figure], expected, "{county} {figure}");
        }
        assert_eq!(told["370102"]["name"], "山东省济南市历下区");
        let symptoms = |place: &str| {
            let parts = told[place]["refused_for"].as_array().unwrap().clone();
            parts.into_iter().find(|part| part["code"] == "symptoms").unwrap()["count"].clone()
        };
        assert_eq!((symptoms("370104"), symptoms("370103")), (json!(7), Value::Null));
        let above = rows(&staff.get(&month("pass-cards", "prefecture")).await.ok());
        assert_eq!(above["370100"]["refused"], 15, "none of the three can be worked out from it");
    }

    async fn what_is_withheld_is_so_whoever_asks(stack: Stack) {
        let backend = Backend::start(stack).await;
        let person = somebody(&backend).await;
        let mut log = Log::default();
        for (county, granted) in [("370102", 3), ("370103", 9), ("370202", 9), ("370203", 30)] {
            applications(&mut log, person, county, granted, CaseAction::Approve, None);
        }
        log.save(&backend).await;
        let neighbour = backend.staff(Role::Reviewer, "370103").await;
        let told = rows(&neighbour.get(&month("pass-cards", "county")).await.ok());
        assert_eq!(told["370103"]["filed"], Value::Null, "or the other would be what is left");
        let by_day = neighbour.get(&format!("{}&by=day", month("pass-cards", "county"))).await.ok();
        assert_eq!(rows(&by_day)["370103"]["filed"], Value::Null);
    }

    async fn a_report_is_asked_for_with_proof_and_on_record(stack: Stack) {
        let backend = Backend::start(stack).await;
        let path = format!("{}&format=xlsx", month("pass-cards", "county"));
        let stale = backend.staff_without_step_up(Role::Auditor, "370000").await;
        stale.get(&path).await.problem(403);
        let staff = backend.staff(Role::Auditor, "370000").await;
        assert_eq!(staff.get(&path).await.status, 200);
        let made = audit_entry::Entity::find().filter(audit_entry::Column::Event.eq("report_made"));
        let made = made.all(&backend.deps.db).await.unwrap();
        assert_eq!(made.len(), 1);
        let detail = format!("{:?}", made[0].detail);
        for word in ["county", "total", "xlsx", "2026-02-28"] {
            assert!(detail.contains(word), "{word}: {detail}");
        }
    }

    async fn complaints_are_reported_at_the_unit_that_they_are_about(stack: Stack) {
        let backend = Backend::start(stack).await;
        let person = somebody(&backend).await;
        let mut log = Log::default();
        let at = then();
        for (against, count) in [("370102001001", 6), ("370100", 7)] {
            for _ in 0..count {
                let mut story = Story::filed("370102", at);
                story.complaint = Some((against.to_owned(), ComplaintKind::Rude));
                story.end = Some((at + TimeDelta::hours(1), CaseAction::Approve, None));
                log.tell(person, &story);
            }
        }
        log.save(&backend).await;
        let staff = backend.staff(Role::Auditor, "370000").await;
        let told = rows(&staff.get(&month("complaints", "county")).await.ok());
        assert_eq!((&told["370102"]["filed"], &told["370102"]["upheld"]), (&json!(6), &json!(6)));
        assert_eq!((&told["370100"]["filed"], &told["370100"]["in_time"]), (&json!(7), &json!(7)));
        assert_eq!(told["370100"]["of_kind"].as_array().unwrap().len(), 6);
        let above = rows(&staff.get(&month("complaints", "prefecture")).await.ok());
        assert_eq!(above["370100"]["answered"], 13);
        let of_cards = rows(&staff.get(&month("pass-cards", "province")).await.ok());
        assert_eq!(of_cards["370000"]["complaints_upheld"], 13);
    }

    async fn a_report_is_a_file_for_spreadsheets_without_a_formula_in_it(stack: Stack) {
        let backend = Backend::start(stack).await;
        let person = somebody(&backend).await;
        let mut log = Log::default();
        applications(&mut log, person, "370102", 12, CaseAction::Approve, None);
        applications(&mut log, person, "370103", 3, CaseAction::Approve, None);
        log.save(&backend).await;
        let staff = backend.staff(Role::Auditor, "370000").await;
        let path = month("pass-cards", "county");

        let file = as_file(&staff, &path, "text/csv", "zh").await;
        assert_eq!(file.headers["content-type"], "text/csv; charset=utf-8");
        assert_eq!(file.headers["content-disposition"], "attachment; filename=\"pass-cards-2026-02-01-2026-02-28.csv\"");
        assert_eq!(file.headers["cache-control"], "no-store");
        let text = String::from_utf8(file.body).unwrap();
        let lines: Vec<&str> = text.split("\r\n").collect();
        assert!(lines[0].starts_with("\u{feff}区划代码,名称,申请,办结"), "{}", lines[0]);
        assert!(lines[1].starts_with("370102,山东省济南市历下区,*,*,*,0,*"), "{}", lines[1]);
        assert_eq!((lines.len(), lines[3]), (4, ""));
        let asked = staff.get(&format!("{path}&format=csv&by=day")).await;
        let asked = String::from_utf8(asked.body).unwrap();
        assert!(asked.contains("\r\n370102,山东省济南市历下区,2026-02-20,*"), "{asked}");
        let english = as_file(&staff, &path, "text/csv", "en").await;
        assert!(String::from_utf8(english.body).unwrap().contains("Division,Name,Filed,Decided"));

        let file = staff.in_language("zh").get(&format!("{path}&format=xlsx")).await;
        assert_eq!(file.status, 200);
        let parts = workbook::parts(&file.body);
        let sheet = &parts["xl/worksheets/sheet1.xml"];
        assert!(!sheet.contains("<f>") && !sheet.contains("<f "), "no formula");
        assert!(parts["xl/sharedStrings.xml"].contains("山东省济南市历下区"));
        assert!(parts["xl/workbook.xml"].contains("健康通行卡"));
    }

    async fn days_that_no_report_is_about_are_refused(stack: Stack) {
        let backend = Backend::start(stack).await;
        let staff = backend.staff(Role::Auditor, "370000").await;
        let ask = async |query: &str| staff.get(&format!("/v1/staff/reports/pass-cards?{query}")).await;
        for (query, field, code) in [
            ("from=2026-03-02&to=2026-03-01&level=county", "to", "date_order"),
            ("from=2026-03-01&to=2026-03-31&level=county", "to", "future"),
            ("from=2026-03-01&to=2026-03-02&level=county", "to", "future"),
            ("from=2025-03-01&to=2026-03-02&level=county", "to", "range"),
            ("from=2019-12-31&to=2020-01-01&level=county", "from", "too_early"),
            ("from=-262143-01-01&to=-262143-01-01&level=county", "from", "too_early"),
            ("from=yesterday&to=2026-03-01&level=county", "from", "type"),
            ("from=2026-03-01&to=2026-03-01&level=village", "level", "type"),
            ("from=2026-03-01&to=2026-03-01&level=county&format=pdf", "format", "type"),
            ("from=2026-03-01&to=2026-03-01", "level", "missing"),
            ("from=2026-03-01&to=2026-03-01&level=county&person=1", "person", "unknown_field"),
        ] {
            let refused = ask(query).await;
            assert_eq!(refused.problem(422), "invalid-request", "{query}");
            assert_eq!(refused.faults(), [(field.to_owned(), code.to_owned())], "{query}");
        }
        for query in [
            "from=2026-02-01&to=2026-02-27&level=county",
            "from=2026-03-01&to=2026-03-01&level=county",
            "from=2026-01-01&to=2026-02-28&level=county",
            "from=2025-10-01&to=2025-12-31&level=county&by=day",
        ] {
            assert_eq!(ask(query).await.problem(422), "period-not-aligned", "{query}");
        }
        ask("from=2025-01-01&to=2025-12-31&level=county").await.ok();
        ask("from=2025-10-01&to=2025-12-31&level=county").await.ok();
        ask("from=2026-02-01&to=2026-02-28&level=county&by=day").await.ok();
    }
}

#[test]
fn every_reason_of_the_shipped_workflows_is_counted_by_its_name() {
    use api::review::rules::Workflow;
    for text in [
        include_str!("../../api/src/review/shipped/pass_card_online.json"),
        include_str!("../../api/src/review/shipped/pass_card_window.json"),
    ] {
        let workflow: Workflow = serde_json::from_str(text).unwrap();
        assert_eq!(workflow.subject, CaseSubject::PassCard);
        let actions = workflow.stages.iter().flat_map(|stage| &stage.actions);
        for reason in actions.flat_map(|rule| &rule.reasons) {
            assert!(
                reports::rules::REFUSALS.contains(&reason.code.as_str()),
                "{}",
                reason.code
            );
        }
    }
}
