//! Working days are those that were announced, and working time is when offices work.

use api::regions::{self, Saved, YearDays};
use chrono::{NaiveDate, TimeDelta};
use integration_tests::{backend::Backend, on_both_stacks};

use super::{at, division};

on_both_stacks! {
    async fn a_year_that_is_announced_settles_what_was_provisional(stack: Stack) {
        let backend = Backend::start(stack).await;
        let (deps, db) = (&backend.deps, &backend.deps.db);
        let day = |text: &str| text.parse::<NaiveDate>().unwrap();
        let seven_from = async |first| regions::working_days_after(db, day(first), 7).await.unwrap();
        let known = seven_from("2026-02-11").await;
        assert_eq!((known.at, known.provisional), (day("2026-02-27"), false));
        let unknown = seven_from("2026-12-31").await;
        assert_eq!((unknown.at, unknown.provisional), (day("2027-01-11"), true));

        let version = regions::calendar_version(db).await.unwrap();
        let mut days = YearDays {
            year: 2027,
            source: "国办发明电〔2026〕7号".into(),
            holidays: (1..=7).map(|d| NaiveDate::from_ymd_opt(2027, 1, d).unwrap()).collect(),
            working_weekends: [day("2027-01-09")].into(),
        };
        assert_eq!(regions::save_year(deps, &days).await.unwrap(), Saved::New);
        assert_eq!(regions::save_year(deps, &days).await.unwrap(), Saved::Unchanged);
        assert_eq!(regions::calendar_version(db).await.unwrap(), version + 1);
        assert_eq!(regions::year(deps, 2027).await.unwrap().as_ref(), Some(&days));
        let settled = seven_from("2026-12-31").await;
        assert_eq!((settled.at, settled.provisional), (day("2027-01-15"), false));

        days.working_weekends.clear();
        assert_eq!(regions::save_year(deps, &days).await.unwrap(), Saved::Changed);
        assert_eq!(regions::year(deps, 2027).await.unwrap(), Some(days.clone()));
        days.year = 2028;
        regions::save_year(deps, &days).await.unwrap_err();

        backend.another_instance().await;
        assert_eq!(regions::calendar_version(db).await.unwrap(), version + 2, "nothing is reset");
    }

    async fn office_hours_of_a_region_hold_for_what_lies_within_it(stack: Stack) {
        let backend = Backend::start_with(stack, |config| {
            let hours = "08:30-12:00, 14:00-18:00".parse().unwrap();
            config.regions.office_hours_of.insert(division("370000"), hours);
        })
        .await;
        let due = async |code| {
            let (start, length) = (at("2026-03-02T03:00:00Z"), TimeDelta::hours(6));
            let (deps, code) = (&backend.deps, division(code));
            regions::working_time_after(&deps.db, deps, &code, start, length)
                .await
                .unwrap()
                .at
        };
        assert_eq!(due("370102").await, at("2026-03-03T09:30:00+08:00"));
        assert_eq!(due("310101").await, at("2026-03-03T10:00:00+08:00"));
    }
}
