//! Every short-lived store keeps the same promises.

use std::{sync::Arc, time::Duration};

use api::platform::{
    Entropy, Ephemeral, OsEntropy,
    ephemeral::{Admission, InProcess, Quota, Rate, Redis, RedisSettings},
};
use chrono::{DateTime, TimeDelta, Utc};
use futures_util::future::join_all;
use integration_tests::ManualClock;

mod outage;

const TTL: Duration = Duration::from_mins(5);
const PERIOD: Duration = Duration::from_mins(1);

/// A store whose time the test moves.
struct Rig {
    clock: ManualClock,
    store: Arc<dyn Ephemeral>,
}

fn noon() -> DateTime<Utc> {
    "2026-03-02T04:00:00Z".parse().unwrap()
}

fn in_process() -> Rig {
    let clock = ManualClock::at(noon());
    let store = Arc::new(InProcess::new(Arc::new(clock.clone())));
    Rig { clock, store }
}

async fn redis() -> Rig {
    shared(url("TEST_REDIS_URL"), false).await
}

async fn cluster() -> Rig {
    shared(url("TEST_REDIS_CLUSTER_URL"), true).await
}

async fn shared(url: String, cluster: bool) -> Rig {
    let clock = ManualClock::at(noon());
    let settings = RedisSettings {
        prefix: format!("test-{}:", OsEntropy.id()),
        // The machine that runs the tests may be busy with others.
        response_timeout: Duration::from_secs(20),
        connect_timeout: Duration::from_secs(10),
        ..RedisSettings::new(vec![url], cluster)
    };
    let store = Redis::connect(&settings, Arc::new(clock.clone())).unwrap();
    store.ping().await.unwrap();
    Rig {
        clock,
        store: Arc::new(store),
    }
}

#[expect(
    clippy::disallowed_methods,
    reason = "tests/run.sh says here which servers it started"
)]
fn url(variable: &str) -> String {
    std::env::var(variable).unwrap_or_else(|_| panic!("{variable} is not set: use tests/run.sh"))
}

macro_rules! promises {
    ($($promise:ident),+ $(,)?) => {
        mod in_process {
            $(#[tokio::test]
            async fn $promise() {
                super::$promise(super::in_process()).await;
            })+
        }
        mod redis {
            $(#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
            async fn $promise() {
                super::$promise(super::redis().await).await;
            })+
        }
        mod redis_cluster {
            $(#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
            async fn $promise() {
                super::$promise(super::cluster().await).await;
            })+
        }
    };
}

promises![
    a_value_is_any_bytes,
    a_put_replaces_whatever_was_there,
    many_keys_are_read_in_their_order,
    an_expired_value_is_absent,
    a_value_lives_by_the_clock_alone,
    put_new_fails_on_a_live_value_and_succeeds_on_an_expired_one,
    of_many_put_new_one_wins,
    of_many_takers_one_gets_the_value,
    what_is_outdated_is_gone_and_for_a_while_only_something_newer_is_put,
    put_newer_never_goes_back,
    of_many_put_newer_the_highest_stays,
    a_higher_version_expires_like_any_other,
    of_many_hits_exactly_the_limit_are_admitted,
    a_window_starts_at_its_first_hit_and_ends_by_the_clock,
    a_refused_hit_counts_on_no_quota,
    a_refused_hit_names_the_full_quota_and_when_it_empties,
    a_quota_of_nothing_admits_nothing,
    a_hit_on_no_quota_is_admitted,
    counts_and_values_do_not_mix,
    every_rate_of_a_quota_has_its_own_windows,
    a_quota_refused_by_one_rate_counts_on_none,
    a_quota_with_more_rates_than_it_was_counted_by_starts_over,
    a_quota_without_rates_admits_everything,
    a_value_is_put_with_a_hit_that_is_admitted_and_only_then,
    a_value_put_with_a_hit_lives_like_any_other,
    a_value_may_come_with_a_hit_on_no_quota,
    of_many_hits_with_values_only_the_admitted_leave_one,
];

impl Rig {
    async fn get(&self, key: &str) -> Option<Vec<u8>> {
        let [held] = self.get_all([key]).await;
        held
    }

    async fn get_all<const N: usize>(&self, keys: [&str; N]) -> [Option<Vec<u8>>; N] {
        let held = self.store.get(&keys).await.unwrap();
        let held: Vec<_> = held.into_iter().map(|held| held.map(Vec::from)).collect();
        held.try_into().unwrap()
    }

    async fn hit(&self, quotas: &[Quota]) -> Admission {
        self.store.hit(quotas).await.unwrap()
    }

    async fn hit_and_put(&self, quotas: &[Quota], key: &str, value: &[u8]) -> Admission {
        let put = self.store.hit_and_put(quotas, key, value, TTL);
        put.await.unwrap()
    }

    /// How many of `attempts` made at once succeed.
    async fn winners<F>(
        &self,
        attempts: u64,
        attempt: impl Fn(Arc<dyn Ephemeral>, u64) -> F,
    ) -> usize
    where
        F: Future<Output = bool> + Send + 'static,
    {
        let racing = (0..attempts).map(|number| tokio::spawn(attempt(self.store.clone(), number)));
        let outcomes = join_all(racing.collect::<Vec<_>>()).await;
        outcomes
            .into_iter()
            .filter(|won| *won.as_ref().unwrap())
            .count()
    }
}

fn quota(key: &str, limit: u32) -> Quota {
    Quota::new(key, limit, PERIOD)
}

/// One quota with a rate for each limit and its period.
fn rates<const N: usize>(key: &str, rates: [(u32, Duration); N]) -> Quota {
    let rates = rates.map(|(limit, period)| Rate { limit, period });
    Quota {
        key: key.into(),
        rates: rates.into(),
    }
}

fn refused(quota: usize, retry_after: Duration) -> Admission {
    Admission::Refused { quota, retry_after }
}

async fn a_value_is_any_bytes(rig: Rig) {
    let every_byte: Vec<u8> = (0..=u8::MAX).collect();
    for value in [
        &b""[..],
        b"\0",
        b"\r\n$-1\r\n",
        "通行".as_bytes(),
        &every_byte,
    ] {
        rig.store.put("{tag}key", value, TTL).await.unwrap();
        assert_eq!(rig.get("{tag}key").await.as_deref(), Some(value));
        let taken = rig.store.take("{tag}key").await.unwrap();
        assert_eq!(taken.as_deref(), Some(value));
    }
}

async fn a_put_replaces_whatever_was_there(rig: Rig) {
    rig.store
        .put_newer("key", u64::MAX, b"versioned", TTL)
        .await
        .unwrap();
    rig.store.put("key", b"plain", TTL).await.unwrap();
    assert_eq!(rig.get("key").await.as_deref(), Some(&b"plain"[..]));
    assert!(
        rig.store.put_newer("key", 1, b"newer", TTL).await.unwrap(),
        "a plain value is version 0"
    );
}

async fn many_keys_are_read_in_their_order(rig: Rig) {
    let keys: Vec<String> = (0..50)
        .map(|n| format!("key {n}"))
        .chain(["{a}x".into(), "{b}x".into()])
        .collect();
    for key in keys.iter().step_by(2) {
        rig.store.put(key, key.as_bytes(), TTL).await.unwrap();
    }
    let asked: Vec<&str> = keys.iter().rev().map(String::as_str).collect();
    let held = rig.store.get(&asked).await.unwrap();
    for (place, key) in keys.iter().enumerate() {
        let found = held[keys.len() - 1 - place].as_deref();
        assert_eq!(
            found,
            place.is_multiple_of(2).then_some(key.as_bytes()),
            "{key}"
        );
    }
    assert_eq!(rig.store.get(&[]).await.unwrap().len(), 0);
}

async fn an_expired_value_is_absent(rig: Rig) {
    rig.store.put("read", b"x", TTL).await.unwrap();
    rig.store.put("taken", b"x", TTL).await.unwrap();
    rig.clock.advance(TimeDelta::milliseconds(299_999));
    assert!(
        rig.get("read").await.is_some(),
        "good to the last millisecond"
    );
    rig.clock.advance(TimeDelta::milliseconds(1));
    assert_eq!(rig.get("read").await, None);
    assert_eq!(rig.store.take("taken").await.unwrap(), None);
}

async fn a_value_lives_by_the_clock_alone(rig: Rig) {
    rig.store
        .put("brief", b"x", Duration::from_millis(1))
        .await
        .unwrap();
    rig.store.put("none", b"x", Duration::ZERO).await.unwrap();
    rig.store.put("endless", b"x", Duration::MAX).await.unwrap();
    // Work that takes a store many milliseconds of its own time.
    for _ in 0..500 {
        rig.store.put("other", b"x", TTL).await.unwrap();
    }
    let [brief, none, endless] = rig.get_all(["brief", "none", "endless"]).await;
    assert!(brief.is_some() && none.is_none() && endless.is_some());
    rig.clock.advance(TimeDelta::milliseconds(1));
    assert_eq!(rig.get("brief").await, None);
}

async fn put_new_fails_on_a_live_value_and_succeeds_on_an_expired_one(rig: Rig) {
    assert!(rig.store.put_new("key", b"first", TTL).await.unwrap());
    assert!(!rig.store.put_new("key", b"second", TTL).await.unwrap());
    assert_eq!(rig.get("key").await.as_deref(), Some(&b"first"[..]));
    rig.clock.advance(TimeDelta::minutes(5));
    assert!(rig.store.put_new("key", b"third", TTL).await.unwrap());
    assert_eq!(rig.get("key").await.as_deref(), Some(&b"third"[..]));
}

async fn of_many_put_new_one_wins(rig: Rig) {
    let winners = rig.winners(16, |store, _| async move {
        store.put_new("key", b"mine", TTL).await.unwrap()
    });
    assert_eq!(winners.await, 1);
}

async fn of_many_takers_one_gets_the_value(rig: Rig) {
    rig.store.put("key", b"once", TTL).await.unwrap();
    let winners = rig.winners(16, |store, _| async move {
        store.take("key").await.unwrap().is_some()
    });
    assert_eq!(winners.await, 1);
    assert_eq!(rig.get("key").await, None);
}

async fn what_is_outdated_is_gone_and_for_a_while_only_something_newer_is_put(rig: Rig) {
    let while_barred = Duration::from_secs(30);
    rig.store.outdate(&[], 7, while_barred).await.unwrap();
    let keys: Vec<String> = (0..2_000).map(|at| format!("{{{at}}}key")).collect();
    let asked: Vec<&str> = keys.iter().map(String::as_str).collect();
    for key in &asked[..50] {
        rig.store.put_newer(key, 9, b"old", TTL).await.unwrap();
    }
    rig.store.put("kept", b"kept", TTL).await.unwrap();
    rig.store.outdate(&asked, 7, while_barred).await.unwrap();
    let held = rig.store.get(&asked).await.unwrap();
    assert!(held.iter().all(|held| held.as_deref() == Some(b"")));
    assert_eq!(rig.get("kept").await.as_deref(), Some(&b"kept"[..]));

    for late in [0, 6, 7] {
        let put = rig.store.put_newer(asked[0], late, b"late", TTL).await;
        assert!(!put.unwrap(), "worked out before, of version {late}");
    }
    assert!(rig.store.put_newer(asked[0], 8, b"new", TTL).await.unwrap());
    assert_eq!(rig.get(asked[0]).await.as_deref(), Some(&b"new"[..]));
    rig.clock.advance(TimeDelta::seconds(30));
    assert_eq!(rig.get(asked[1]).await, None);
    assert!(
        rig.store
            .put_newer(asked[1], 7, b"again", TTL)
            .await
            .unwrap()
    );
}

async fn put_newer_never_goes_back(rig: Rig) {
    // Neighbours that a 53-bit number cannot tell apart.
    let versions = [1, 2, (1 << 53) + 1, (1 << 53) + 2, u64::MAX - 1, u64::MAX];
    for version in versions {
        let value = version.to_be_bytes();
        assert!(
            rig.store
                .put_newer("key", version, &value, TTL)
                .await
                .unwrap()
        );
        for not_newer in [version, version - 1, 0] {
            assert!(
                !rig.store
                    .put_newer("key", not_newer, b"stale", TTL)
                    .await
                    .unwrap()
            );
        }
        assert_eq!(rig.get("key").await.as_deref(), Some(&value[..]));
    }
}

async fn of_many_put_newer_the_highest_stays(rig: Rig) {
    let winners = rig.winners(16, |store, number| async move {
        let version = (number * 7) % 16 + 1;
        store
            .put_newer("key", version, &[u8::try_from(version).unwrap()], TTL)
            .await
            .unwrap()
    });
    assert!(winners.await >= 1);
    assert_eq!(rig.get("key").await.as_deref(), Some(&[16][..]));
}

async fn a_higher_version_expires_like_any_other(rig: Rig) {
    rig.store.put_newer("key", 9, b"old", TTL).await.unwrap();
    rig.clock.advance(TimeDelta::minutes(5));
    assert!(rig.store.put_newer("key", 1, b"new", TTL).await.unwrap());
    assert_eq!(rig.get("key").await.as_deref(), Some(&b"new"[..]));
}

async fn of_many_hits_exactly_the_limit_are_admitted(rig: Rig) {
    let admitted = rig.winners(64, |store, number| async move {
        let quotas = [quota("{shared}key", 10), quota(&format!("own {number}"), 1)];
        store.hit(&quotas).await.unwrap() == Admission::Admitted
    });
    assert_eq!(admitted.await, 10);
}

async fn a_window_starts_at_its_first_hit_and_ends_by_the_clock(rig: Rig) {
    let quotas = [quota("key", 2)];
    rig.clock.advance(TimeDelta::seconds(17));
    assert_eq!(rig.hit(&quotas).await, Admission::Admitted);
    rig.clock.advance(TimeDelta::milliseconds(59_998));
    assert_eq!(rig.hit(&quotas).await, Admission::Admitted);
    rig.clock.advance(TimeDelta::milliseconds(1));
    assert_eq!(rig.hit(&quotas).await, refused(0, Duration::from_millis(1)));
    rig.clock.advance(TimeDelta::milliseconds(1));
    for _ in 0..2 {
        assert_eq!(
            rig.hit(&quotas).await,
            Admission::Admitted,
            "a whole new window"
        );
    }
    assert_eq!(rig.hit(&quotas).await, refused(0, PERIOD));
}

async fn a_refused_hit_counts_on_no_quota(rig: Rig) {
    let [before, full, after] = [
        quota("{a}before", 3),
        quota("{b}full", 1),
        quota("{a}after", 3),
    ];
    assert_eq!(
        rig.hit(std::slice::from_ref(&full)).await,
        Admission::Admitted
    );
    let together = [before.clone(), full, after.clone()];
    for _ in 0..5 {
        assert_eq!(rig.hit(&together).await, refused(1, PERIOD));
    }
    for counted in [before, after] {
        for _ in 0..3 {
            let alone = rig.hit(std::slice::from_ref(&counted)).await;
            assert_eq!(
                alone,
                Admission::Admitted,
                "{} has all its room",
                counted.key
            );
        }
        assert_eq!(rig.hit(&[counted]).await, refused(0, PERIOD));
    }
}

async fn a_refused_hit_names_the_full_quota_and_when_it_empties(rig: Rig) {
    let hour = Duration::from_hours(1);
    let quotas = [
        quota("{person}minute", 1),
        Quota::new("{person}hour", 2, hour),
        quota("{network}minute", 100),
    ];
    assert_eq!(rig.hit(&quotas).await, Admission::Admitted);
    rig.clock.advance(TimeDelta::seconds(15));
    assert_eq!(rig.hit(&quotas).await, refused(0, Duration::from_secs(45)));
    rig.clock.advance(TimeDelta::seconds(45));
    assert_eq!(rig.hit(&quotas).await, Admission::Admitted);
    rig.clock.advance(TimeDelta::minutes(1));
    assert_eq!(rig.hit(&quotas).await, refused(1, Duration::from_mins(58)));
}

async fn a_quota_of_nothing_admits_nothing(rig: Rig) {
    assert_eq!(
        rig.hit(&[quota("a", 1), quota("shut", 0)]).await,
        refused(1, PERIOD)
    );
}

async fn a_hit_on_no_quota_is_admitted(rig: Rig) {
    assert_eq!(rig.hit(&[]).await, Admission::Admitted);
}

async fn counts_and_values_do_not_mix(rig: Rig) {
    rig.store.put("key", b"value", TTL).await.unwrap();
    assert_eq!(rig.hit(&[quota("key", 1)]).await, Admission::Admitted);
    assert_eq!(rig.get("key").await.as_deref(), Some(&b"value"[..]));
    rig.store.take("key").await.unwrap();
    assert_eq!(rig.hit(&[quota("key", 1)]).await, refused(0, PERIOD));
}

async fn every_rate_of_a_quota_has_its_own_windows(rig: Rig) {
    let (minute, hour) = (PERIOD, Duration::from_hours(1));
    let person = [rates("{person}", [(1, minute), (3, hour)])];
    let mut admitted_at = Vec::new();
    for seconds in (0..3_700).step_by(20) {
        match rig.hit(&person).await {
            Admission::Admitted => admitted_at.push(seconds),
            Admission::Refused { quota, retry_after } => {
                assert_eq!(quota, 0);
                let hour_is_full = (180..3_600).contains(&seconds);
                let full = if hour_is_full { 3_600 } else { 60 };
                let left = Duration::from_secs(full - seconds % full);
                assert_eq!(retry_after, left, "after {seconds} s");
            }
        }
        rig.clock.advance(TimeDelta::seconds(20));
    }
    assert_eq!(admitted_at, [0, 60, 120, 3_600, 3_660]);
}

async fn a_quota_refused_by_one_rate_counts_on_none(rig: Rig) {
    let hour = Duration::from_hours(1);
    let quotas = [
        quota("{a}before", 2),
        rates("{b}rates", [(9, PERIOD), (1, hour), (9, PERIOD)]),
    ];
    assert_eq!(rig.hit(&quotas).await, Admission::Admitted);
    for _ in 0..20 {
        assert_eq!(rig.hit(&quotas).await, refused(1, hour));
    }
    let [before, counted] = quotas;
    assert_eq!(rig.hit(&[before]).await, Admission::Admitted);
    let Quota { key, mut rates } = counted;
    rates[1].limit = 9;
    let wider = [Quota { key, rates }];
    for _ in 0..8 {
        assert_eq!(rig.hit(&wider).await, Admission::Admitted);
    }
    assert_eq!(rig.hit(&wider).await, refused(0, PERIOD));
}

async fn a_quota_with_more_rates_than_it_was_counted_by_starts_over(rig: Rig) {
    let hour = Duration::from_hours(1);
    let (one, two) = ([quota("key", 1)], [rates("key", [(1, PERIOD), (1, hour)])]);
    for counted in [&one, &two, &one] {
        assert_eq!(rig.hit(counted).await, Admission::Admitted);
        assert_eq!(rig.hit(counted).await, refused(0, PERIOD));
    }
}

async fn a_quota_without_rates_admits_everything(rig: Rig) {
    let quotas = [rates("{a}none", []), quota("{b}two", 2)];
    assert_eq!(rig.hit(&quotas).await, Admission::Admitted);
    assert_eq!(rig.hit(&quotas).await, Admission::Admitted);
    assert_eq!(rig.hit(&quotas).await, refused(1, PERIOD));
}

async fn a_value_is_put_with_a_hit_that_is_admitted_and_only_then(rig: Rig) {
    let everything: Vec<u8> = (0..=u8::MAX).collect();
    let (wide, narrow) = (quota("{a}wide", 3), quota("{b}narrow", 1));
    let both = [wide.clone(), narrow.clone()];
    let first = rig.hit_and_put(&both, "{a}value", &everything).await;
    assert_eq!(first, Admission::Admitted);
    for quotas in [&both[..], &[narrow, wide.clone()]] {
        let full = quotas
            .iter()
            .position(|quota| quota.key == "{b}narrow")
            .unwrap();
        let second = rig.hit_and_put(quotas, "{a}value", b"refused").await;
        assert_eq!(second, refused(full, PERIOD));
        assert_eq!(rig.get("{a}value").await.as_deref(), Some(&everything[..]));
    }
    let third = rig
        .hit_and_put(std::slice::from_ref(&wide), "{a}value", b"third")
        .await;
    assert_eq!(third, Admission::Admitted);
    assert_eq!(rig.get("{a}value").await.as_deref(), Some(&b"third"[..]));
    assert_eq!(
        rig.hit(std::slice::from_ref(&wide)).await,
        Admission::Admitted
    );
    assert_eq!(rig.hit(&[wide]).await, refused(0, PERIOD));
}

async fn a_value_put_with_a_hit_lives_like_any_other(rig: Rig) {
    let quotas = [quota("key", 9)];
    assert!(rig.store.put_newer("key", 7, b"old", TTL).await.unwrap());
    rig.hit_and_put(&quotas, "key", b"new").await;
    assert!(
        rig.store.put_newer("key", 1, b"newer", TTL).await.unwrap(),
        "a value put with a hit is version 0"
    );
    rig.hit_and_put(&quotas, "key", b"last").await;
    rig.clock.advance(TimeDelta::milliseconds(299_999));
    assert_eq!(rig.get("key").await.as_deref(), Some(&b"last"[..]));
    rig.clock.advance(TimeDelta::milliseconds(1));
    assert_eq!(rig.get("key").await, None);
}

async fn a_value_may_come_with_a_hit_on_no_quota(rig: Rig) {
    let admission = rig.hit_and_put(&[], "key", b"value").await;
    assert_eq!(admission, Admission::Admitted);
    assert_eq!(rig.get("key").await.as_deref(), Some(&b"value"[..]));
}

async fn of_many_hits_with_values_only_the_admitted_leave_one(rig: Rig) {
    let admitted = rig.winners(32, |store, number| async move {
        let quotas = [quota("{shared}key", 1), quota(&format!("own {number}"), 1)];
        let value = [u8::try_from(number).unwrap()];
        let key = format!("{{shared}}{number}");
        let admission = store.hit_and_put(&quotas, &key, &value, TTL).await;
        admission.unwrap() == Admission::Admitted
    });
    assert_eq!(admitted.await, 1);
    let keys: Vec<String> = (0..32)
        .map(|number| format!("{{shared}}{number}"))
        .collect();
    let keys: Vec<&str> = keys.iter().map(String::as_str).collect();
    let held = rig.store.get(&keys).await.unwrap();
    assert_eq!(held.iter().flatten().count(), 1, "the winner's alone");
}
