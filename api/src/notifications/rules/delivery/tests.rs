use proptest::prelude::*;

use super::{super::template::approve, *};
use crate::notifications::templates::{DEVELOPMENT, check};

const HOURS: Hours = Hours { from: 8, until: 21 };

fn at(text: &str) -> DateTime<Utc> {
    text.parse().unwrap()
}

const WECHAT: Account<'_> = Account {
    platform: Platform::Wechat,
    app_id: "wx00000000000000de",
};

const ALIPAY: Account<'_> = Account {
    platform: Platform::Alipay,
    app_id: "2021000000000001",
};

fn channels(wishes: &Wishes, accounts: &[Account<'_>], phone: bool) -> Vec<NotificationChannel> {
    let templates = check(DEVELOPMENT).unwrap();
    routes(
        NotificationKind::CodeChanged,
        wishes,
        accounts,
        phone,
        &templates,
    )
    .iter()
    .map(Route::channel)
    .collect()
}

#[test]
fn super_apps_come_as_wished_and_sms_last() {
    use NotificationChannel::{Alipay, Sms, Wechat};
    let usual = Wishes::default();
    let both = [ALIPAY, WECHAT];
    assert_eq!(channels(&usual, &both, true), [Wechat, Alipay, Sms]);
    let other_way = Wishes {
        channels: vec![Platform::Alipay, Platform::Wechat],
        ..usual.clone()
    };
    assert_eq!(channels(&other_way, &both, true), [Alipay, Wechat, Sms]);
    let alipay_alone = Wishes {
        channels: vec![Platform::Alipay],
        sms: false,
        ..usual.clone()
    };
    assert_eq!(channels(&alipay_alone, &both, true), [Alipay]);
    assert_eq!(channels(&usual, &[], true), [Sms]);
    assert_eq!(channels(&usual, &[WECHAT], false), [Wechat]);
    let unknown_app = Account {
        app_id: "wx1",
        ..WECHAT
    };
    assert_eq!(
        channels(&usual, &[unknown_app], true),
        [Sms],
        "it has no template"
    );
}

#[test]
fn a_template_is_in_the_persons_language_if_there_is_one() {
    use NotificationLanguage::{En, Zh};
    let templates = check(DEVELOPMENT).unwrap();
    let chinese: Vec<_> = templates
        .iter()
        .filter(|it| it.language == NotificationLanguage::Zh)
        .map(|it| approve((**it).clone()).unwrap())
        .collect();
    let wishes = Wishes {
        language: NotificationLanguage::En,
        ..Wishes::default()
    };
    let languages = |templates: &[Approved]| -> Vec<NotificationLanguage> {
        routes(
            NotificationKind::CodeChanged,
            &wishes,
            &[WECHAT],
            true,
            templates,
        )
        .iter()
        .flat_map(|route| match route {
            Route::App { template, .. } => vec![template.language],
            Route::Sms(templates) => templates.iter().map(|it| it.language).collect(),
        })
        .collect()
    };
    assert_eq!(languages(&templates), [En, En, En]);
    assert_eq!(languages(&chinese), [Zh, Zh, Zh]);
    let mixed: Vec<_> = templates
        .into_iter()
        .filter(|it| it.channel != TemplateChannel::Tencent || it.language == Zh)
        .collect();
    assert_eq!(
        languages(&mixed),
        [En, En],
        "one gateway speaks it, and both say the same"
    );
}

#[test]
fn a_copy_that_may_have_arrived_is_repeated_the_same_way_or_any_if_that_is_closed() {
    use NotificationChannel::{Alipay, Sms, Wechat};
    let templates = check(DEVELOPMENT).unwrap();
    let all = || {
        let kind = NotificationKind::CodeChanged;
        routes(
            kind,
            &Wishes::default(),
            &[WECHAT, ALIPAY],
            true,
            &templates,
        )
    };
    let same = |channel, app_id| -> Vec<_> {
        let routes = same_way(all(), channel, app_id);
        routes.iter().map(Route::channel).collect()
    };
    assert_eq!(same(Alipay, Some(ALIPAY.app_id)), [Alipay]);
    assert_eq!(same(Sms, None), [Sms]);
    assert_eq!(same(Wechat, Some("wx1")), [Wechat, Alipay, Sms]);
}

#[test]
fn a_copy_that_did_not_arrive_is_repeated_any_way_but_the_same() {
    use NotificationChannel::{Alipay, Sms, Wechat};
    let templates = check(DEVELOPMENT).unwrap();
    let other = |channel, app_id| -> Vec<_> {
        let kind = NotificationKind::CodeChanged;
        let accounts = [WECHAT, ALIPAY];
        let all = routes(kind, &Wishes::default(), &accounts, true, &templates);
        let routes = other_ways(all, channel, app_id);
        routes.iter().map(Route::channel).collect()
    };
    assert_eq!(other(Wechat, Some(WECHAT.app_id)), [Alipay, Sms]);
    assert_eq!(other(Wechat, Some("wx1")), [Wechat, Alipay, Sms]);
    assert_eq!(other(Sms, None), [Wechat, Alipay]);
}

#[test]
fn another_way_is_taken_at_once_only_after_a_definite_no() {
    let rejected = Outcome::Rejected("47003".into());
    for (outcome, attempt, unsure, next) in [
        (Outcome::Sent, 1, false, Next::Done),
        (Outcome::Sent, 3, true, Next::Done),
        (Outcome::NotAllowed, 1, false, Next::Elsewhere),
        (rejected.clone(), 1, false, Next::Elsewhere),
        (Outcome::Retryable, 1, false, Next::Later),
        (Outcome::Retryable, 2, false, Next::Later),
        (Outcome::Retryable, 3, false, Next::Elsewhere),
        (Outcome::Unknown, 1, false, Next::Later),
        (Outcome::Unknown, 9, false, Next::Later),
        (Outcome::NotAllowed, 2, true, Next::Later),
        (rejected, 2, true, Next::Later),
        (Outcome::Retryable, 5, true, Next::Later),
    ] {
        assert_eq!(
            after(&outcome, attempt, unsure),
            next,
            "{outcome:?} {attempt} {unsure}"
        );
    }
}

#[test]
fn people_are_reminded_while_nobody_sleeps() {
    for (asked, told) in [
        ("2026-03-02T18:00:00+08:00", "2026-03-02T18:00:00+08:00"),
        ("2026-03-02T08:00:00+08:00", "2026-03-02T08:00:00+08:00"),
        ("2026-03-02T07:59:59+08:00", "2026-03-02T08:00:00+08:00"),
        ("2026-03-02T20:59:59+08:00", "2026-03-02T20:59:59+08:00"),
        ("2026-03-02T21:00:00+08:00", "2026-03-03T08:00:00+08:00"),
        ("2026-12-31T23:30:00+08:00", "2027-01-01T08:00:00+08:00"),
        ("2026-03-02T00:00:00+08:00", "2026-03-02T08:00:00+08:00"),
    ] {
        assert_eq!(next_civil(at(asked), HOURS), at(told), "{asked}");
    }
}

#[test]
fn the_wait_doubles_from_half_a_minute_to_two_hours() {
    let now = at("2026-03-02T12:00:00Z");
    let wait = |attempt, chance| next_try(now, attempt, chance, None) - now;
    assert_eq!(wait(1, 0), TimeDelta::seconds(30));
    assert_eq!(wait(1, 1_000), TimeDelta::seconds(15));
    assert_eq!(wait(2, 0), TimeDelta::seconds(60));
    assert_eq!(wait(8, 0), TimeDelta::seconds(30 * 128));
    assert_eq!(wait(9, 0), LONGEST_WAIT);
    assert_eq!(wait(1_000_000, 0), LONGEST_WAIT);
    assert_eq!(wait(0, 0), TimeDelta::seconds(30));
}

#[test]
fn what_is_about_a_day_is_too_late_on_the_next() {
    let day = NaiveDate::from_ymd_opt(2026, 3, 2);
    assert!(!is_too_late(day, at("2026-03-02T23:59:59+08:00")));
    assert!(is_too_late(day, at("2026-03-03T00:00:00+08:00")));
    assert!(!is_too_late(None, at("2026-03-03T00:00:00+08:00")));
}

proptest! {
    #[test]
    fn a_reminders_next_try_is_later_and_in_its_hours(
        seconds in 0_i64..4_000_000_000, attempt in 1..20, chance in 0_u32..2_000,
    ) {
        let now = DateTime::from_timestamp(seconds, 0).unwrap();
        let next = next_try(now, attempt, chance, Some(HOURS));
        prop_assert!(next > now);
        prop_assert_eq!(next_civil(next, HOURS), next);
        prop_assert!(next - now <= LONGEST_WAIT + TimeDelta::hours(11));
    }
}
