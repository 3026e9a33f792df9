use chrono::TimeDelta;
use proptest::prelude::*;
use serde_json::json;

use super::*;
use crate::policy::vocabulary::About;

const HERE: Scope = Scope {
    about: About::Contact,
    hold: true,
};

fn at(ms: i64) -> DateTime<Utc> {
    DateTime::UNIX_EPOCH + TimeDelta::milliseconds(ms)
}

/// A person with a few tests and days, exposed at 1,000 ms.
fn person() -> Record {
    let test = |ms, result, single| {
        Record::new()
            .with("sampled_at", at(ms))
            .with("reported_at", at(ms + 10))
            .with("result", result)
            .with("single", single)
    };
    Record::new()
        .with("verified", true)
        .with("division", "310101".to_owned())
        .with("report_days", vec![at(3_000), at(2_000), at(0)])
        .with(
            "tests",
            vec![test(2_500, "negative", true), test(900, "positive", false)],
        )
        .with("last_negative_at", at(2_500))
}

fn ask(json: &Json, now: DateTime<Utc>) -> Evaluated<bool> {
    let fact = Record::from([("exposed_at", at(1_000))]);
    let env = Env {
        person: &person(),
        fact: Some(&fact),
        hold: None,
        now,
    };
    Logic::condition(json, HERE)
        .expect("well-formed")
        .holds(&env)
}

fn flaw(json: &Json) -> (String, FlawKind) {
    let flaw = Logic::condition(json, HERE).expect_err("is not checked");
    (flaw.path, flaw.kind)
}

#[test]
fn each_operation_means_what_the_table_says() {
    let negative_after_exposure = json!({"reduce": [
        {"var": "person.tests"},
        {"or": [{"var": "accumulator"}, {"and": [
            {"===": [{"var": "current.result"}, "negative"]},
            {"after": [{"var": "current.sampled_at"}, {"var": "fact.exposed_at"}]},
        ]}]},
        false,
    ]});
    let two_days = json!({">=": [{"reduce": [
        {"var": "person.report_days"},
        {"if": [
            {"not-before": [{"var": "current"}, {"var": "fact.exposed_at"}]},
            {"+": [{"var": "accumulator"}, 1]},
            {"var": "accumulator"},
        ]},
        0,
    ]}, 2]});
    for (json, holds) in [
        (json!(true), true),
        (json!({"var": "person.verified"}), true),
        (json!({"===": [{"var": "person.division"}, "310101"]}), true),
        (
            json!({"===": [{"var": "person.division"}, "310104"]}),
            false,
        ),
        (
            json!({"in": [{"var": "person.division"}, ["310104", "310101"]]}),
            true,
        ),
        (
            json!({"in": [{"var": "fact.exposed_at"}, {"var": "person.report_days"}]}),
            false,
        ),
        (json!({"and": [true, {"var": "person.verified"}]}), true),
        (
            json!({"or": [false, {"!": [{"var": "person.verified"}]}]}),
            false,
        ),
        (json!({"if": [false, false, true]}), true),
        (json!({"<": [1, {"+": [1, 1]}, 3]}), true),
        (json!({"<": [1, 2, 2]}), false),
        (json!({"<=": [2, 2]}), true),
        (json!({">": [2, 2]}), false),
        (
            json!({"after": [{"plusTime": [{"var": "fact.exposed_at"}, 1, "minute"]}, {"var": "fact.exposed_at"}]}),
            true,
        ),
        (
            json!({"before": [{"var": "fact.exposed_at"}, {"var": "fact.exposed_at"}]}),
            false,
        ),
        (
            json!({"not-after": [{"var": "fact.exposed_at"}, {"var": "fact.exposed_at"}]}),
            true,
        ),
        (negative_after_exposure, true),
        (two_days, true),
    ] {
        assert_eq!(
            ask(&json, at(0)),
            Evaluated {
                value: holds,
                changes_at: None
            },
            "{json}"
        );
    }
}

#[test]
fn whatever_is_asked_of_missing_data_is_not_satisfied() {
    let missing = json!({"var": "person.record_at"});
    for json in [
        json!({"var": "person.unwell"}),
        json!({"===": [missing, missing]}),
        json!({"===": [missing, null]}),
        json!({"before": [missing, {"var": "now"}]}),
        json!({"not-before": [missing, {"var": "now"}]}),
        json!({"after": [{"plusTime": [missing, 1, "day"]}, {"var": "now"}]}),
        json!({"in": [missing, {"var": "person.report_days"}]}),
        json!({"in": [{"var": "hold.until"}, {"var": "person.recoveries"}]}),
        json!({"!": [{"!": [missing]}]}),
        json!({"!": [{"!": [{"var": "person.recoveries"}]}]}),
    ] {
        assert_eq!(
            ask(&json, at(0)),
            Evaluated {
                value: false,
                changes_at: None
            },
            "{json}"
        );
    }
    let far = json!({"plusTime": [{"var": "person.record_at"}, 100_000, "week"]});
    let logic = Logic::instant(&far, HERE).unwrap();
    let person = Record::from([("record_at", DateTime::<Utc>::MAX_UTC)]);
    let env = Env {
        person: &person,
        fact: None,
        hold: None,
        now: at(0),
    };
    assert_eq!(logic.time(&env).value, None, "no instant so far away");
}

#[test]
fn time_turns_an_answer_at_the_instant_itself_or_one_tick_after_it() {
    let exposed = json!({"var": "fact.exposed_at"});
    let now = json!({"var": "now"});
    for (json, last_before, first_after) in [
        (json!({"not-before": [now, exposed]}), false, true),
        (json!({"before": [now, exposed]}), true, false),
        (json!({"not-after": [exposed, now]}), false, true),
        (json!({"after": [exposed, now]}), true, false),
    ] {
        assert_eq!(
            ask(&json, at(999)),
            Evaluated {
                value: last_before,
                changes_at: Some(at(1_000))
            },
            "{json}"
        );
        assert_eq!(
            ask(&json, at(1_000)),
            Evaluated {
                value: first_after,
                changes_at: None
            },
            "{json}"
        );
    }
    for (json, last_before) in [
        (json!({"after": [now, exposed]}), false),
        (json!({"not-after": [now, exposed]}), true),
        (json!({"before": [exposed, now]}), false),
        (json!({"not-before": [exposed, now]}), true),
    ] {
        assert_eq!(
            ask(&json, at(1_000)),
            Evaluated {
                value: last_before,
                changes_at: Some(at(1_001))
            },
            "{json}"
        );
        assert_eq!(
            ask(&json, at(1_001)),
            Evaluated {
                value: !last_before,
                changes_at: None
            },
            "{json}"
        );
    }
}

#[test]
fn what_means_nothing_is_refused_where_it_stands() {
    use FlawKind::{NotLogic, Number, Operands, UnknownName, UnknownOperation, WrongKind};
    let exposed = json!({"var": "fact.exposed_at"});
    for (json, path, kind) in [
        (json!({}), "", NotLogic),
        (json!({"and": [], "or": []}), "", NotLogic),
        (json!(1), "", WrongKind),
        (json!(null), "", WrongKind),
        (exposed.clone(), "", WrongKind),
        (json!({"==": [1, 1]}), "==", UnknownOperation),
        (json!({"var": "person.phone"}), "var", UnknownName),
        (json!({"var": "person"}), "var", UnknownName),
        (json!({"var": "fact.sampled_at"}), "var", UnknownName),
        (json!({"var": "person.tests.0"}), "var", UnknownName),
        (json!({"var": "current"}), "var", UnknownName),
        (
            json!({"var": ["person.verified", true]}),
            "var",
            UnknownName,
        ),
        (json!({"and": [true]}), "and", Operands),
        (json!({"and": true}), "and", Operands),
        (json!({"!": []}), "!", Operands),
        (json!({"<": [1, 2, 3, 4]}), "<", Operands),
        (
            json!({"or": [false, {"<": [1, exposed]}]}),
            "or[1].<[1]",
            WrongKind,
        ),
        (json!({"<": [1, 1.5]}), "<[1]", Number),
        (json!({"<": [1, 1_000_001]}), "<[1]", Number),
    ] {
        assert_eq!(flaw(&json), (path.to_owned(), kind), "{json}");
    }
    let without_hold = Scope {
        hold: false,
        ..HERE
    };
    let json = json!({"after": [{"var": "hold.starts_at"}, exposed]});
    assert_eq!(
        Logic::condition(&json, without_hold).unwrap_err().kind,
        UnknownName
    );
    assert!(Logic::condition(&json, HERE).is_ok());
}

#[test]
fn time_lists_and_words_are_used_as_what_they_are() {
    use FlawKind::{
        NestedReduce, NowComputed, Number, TooLarge, Unit, UnknownName, UnknownWord, WrongKind,
    };
    let now = json!({"var": "now"});
    let exposed = json!({"var": "fact.exposed_at"});
    for (json, path, kind) in [
        (json!({"===": [now, exposed]}), "===[0].var", NowComputed),
        (json!({"after": [now, now]}), "after", NowComputed),
        (
            json!({"after": [{"plusTime": [now, 1, "day"]}, exposed]}),
            "after[0].plusTime[0].var",
            NowComputed,
        ),
        (
            json!({"after": [{"if": [true, now, exposed]}, exposed]}),
            "after[0].if[1].var",
            NowComputed,
        ),
        (
            json!({"after": [{"plusTime": [exposed, 1, "month"]}, now]}),
            "after[0].plusTime",
            Unit,
        ),
        (
            json!({"after": [{"plusTime": [exposed, 1.0, "day"]}, now]}),
            "after[0].plusTime",
            Number,
        ),
        (
            json!({"after": [{"plusTime": [exposed, {"+": [1, 1]}, "day"]}, now]}),
            "after[0].plusTime",
            Number,
        ),
        (json!({"if": [true, true, 1]}), "if", WrongKind),
        (json!({"in": [1, "1"]}), "in", WrongKind),
        (json!({"in": [1, ["1"]]}), "in", WrongKind),
        (json!({"in": [1, [1, "1"]]}), "in[1]", WrongKind),
        (
            json!({"===": [{"var": "person.tests"}, {"var": "person.tests"}]}),
            "===",
            WrongKind,
        ),
        (
            json!({"reduce": [{"var": "person.tests"}, {"===": [{"var": "current.result"}, "negativ"]}, false]}),
            "reduce[1].===",
            UnknownWord,
        ),
        (
            json!({"reduce": [{"var": "person.tests"}, {"in": [{"var": "current.result"}, ["bad"]]}, false]}),
            "reduce[1].in",
            UnknownWord,
        ),
        (
            json!({"reduce": [{"var": "person.tests"}, {"var": "current.lab"}, false]}),
            "reduce[1].var",
            UnknownName,
        ),
        (
            json!({"reduce": [{"var": "person.tests"}, 1, false]}),
            "reduce[1]",
            WrongKind,
        ),
        (
            json!({"reduce": [{"var": "person.tests"}, {"reduce": [{"var": "person.tests"}, true, false]}, false]}),
            "reduce[1].reduce",
            NestedReduce,
        ),
        (
            json!({"===": [{"var": "person.division"}, "3".repeat(65)]}),
            "===[1]",
            TooLarge,
        ),
    ] {
        assert_eq!(flaw(&json), (path.to_owned(), kind), "{json}");
    }
}

#[test]
fn work_is_bounded() {
    let deep = |levels| (0..levels).fold(json!(true), |inner, _| json!({"!": [inner]}));
    assert!(Logic::condition(&deep(DEEPEST), HERE).is_ok());
    let (path, kind) = flaw(&deep(DEEPEST + 1));
    assert_eq!(kind, FlawKind::TooDeep);
    assert_eq!(path.matches('!').count(), DEEPEST);

    let wide = |parts| json!({"and": vec![json!(true); parts]});
    assert!(Logic::condition(&wide(LARGEST - 1), HERE).is_ok());
    assert_eq!(
        flaw(&wide(LARGEST)),
        (format!("and[{}]", LARGEST - 1), FlawKind::TooLarge)
    );

    let count = json!({"===": [
        {"reduce": [{"var": "person.report_days"}, {"+": [{"var": "accumulator"}, 1]}, 0]},
        LONGEST_LIST,
    ]});
    let person = Record::from([("report_days", vec![at(0); LONGEST_LIST + 5])]);
    let env = Env {
        person: &person,
        fact: None,
        hold: None,
        now: at(0),
    };
    assert!(Logic::condition(&count, HERE).unwrap().holds(&env).value);
}

#[test]
fn a_condition_that_asks_for_a_number_says_how_far_it_got() {
    let progress = |json: &Json| {
        let env = Env {
            person: &person(),
            fact: None,
            hold: None,
            now: at(5_000),
        };
        let progress = Logic::condition(json, HERE)
            .expect("well-formed")
            .progress(&env);
        progress.map(|progress| (progress.done, progress.needed))
    };
    let days = json!({"reduce": [
        {"var": "person.report_days"},
        {"+": [{"var": "accumulator"}, 1]},
        0,
    ]});
    assert_eq!(progress(&json!({">=": [days, 14]})), Some((3, 14)));
    assert_eq!(
        progress(&json!({">=": [days, 2]})),
        Some((2, 2)),
        "and no more"
    );
    for uncounted in [
        json!({">=": [14, days]}),
        json!({"<=": [days, 14]}),
        json!({">=": [days, 0]}),
        json!({"!": [{"var": "person.report_days"}]}),
        json!({"not-before": [{"var": "now"}, {"var": "person.last_negative_at"}]}),
    ] {
        assert_eq!(progress(&uncounted), None, "{uncounted}");
    }
}

#[test]
fn logic_names_what_it_reads() {
    let json = json!({"and": [
        {"before": [{"var": "now"}, {"var": "fact.exposed_at"}]},
        {"before": [{"var": "hold.starts_at"}, {"var": "person.last_negative_at"}]},
        {"before": [{"var": "fact.exposed_at"}, {"var": "person.last_negative_at"}]},
    ]});
    let logic = Logic::condition(&json, HERE).unwrap();
    let names: Vec<&str> = logic.names().iter().map(String::as_str).collect();
    assert_eq!(names, ["fact.exposed_at", "person.last_negative_at"]);
}

/// Instants near each other, so that boundaries are hit.
fn instant() -> impl Strategy<Value = Json> {
    let name = prop::sample::select(vec![
        "fact.exposed_at",
        "person.last_negative_at",
        "person.record_at",
        "hold.starts_at",
    ]);
    (
        name,
        -3_i64..3,
        prop::sample::select(vec!["minute", "hour", "day", "week"]),
    )
        .prop_map(|(name, amount, unit)| match amount {
            0 => json!({"var": name}),
            _ => json!({"plusTime": [{"var": name}, amount, unit]}),
        })
}

fn comparison() -> impl Strategy<Value = Json> {
    let order = prop::sample::select(vec!["after", "before", "not-after", "not-before"]);
    let operands = prop::collection::vec(instant(), 1..3);
    (order, operands, 0_usize..3).prop_map(|(order, mut operands, at)| {
        operands.insert(at.min(operands.len()), json!({"var": "now"}));
        json!({order: operands})
    })
}

fn condition() -> impl Strategy<Value = Json> {
    let counted = comparison().prop_map(|each| {
        let each = serde_json::to_string(&each)
            .unwrap()
            .replace("person.record_at", "current");
        let each: Json = serde_json::from_str(&each).unwrap();
        let step =
            json!({"if": [each, {"+": [{"var": "accumulator"}, 1]}, {"var": "accumulator"}]});
        json!({">=": [{"reduce": [{"var": "person.report_days"}, step, 0]}, 2]})
    });
    let leaf =
        prop_oneof![4 => comparison(), 1 => counted, 1 => any::<bool>().prop_map(|b| json!(b))];
    leaf.prop_recursive(3, 12, 3, |inner| {
        let parts = prop::collection::vec(inner.clone(), 2..4);
        prop_oneof![
            parts.clone().prop_map(|parts| json!({"and": parts})),
            parts.prop_map(|parts| json!({"or": parts})),
            inner.clone().prop_map(|part| json!({"!": [part]})),
            [inner.clone(), inner.clone(), inner].prop_map(|parts| json!({"if": parts})),
        ]
    })
}

/// Minutes, so that what `plusTime` makes of one instant is another.
fn moment() -> impl Strategy<Value = DateTime<Utc>> {
    (0_i64..6).prop_map(|minute| at(minute * 60_000))
}

proptest! {
    #[test]
    fn the_answer_is_the_same_until_it_changes(
        json in condition(),
        now in moment(),
        exposed in moment(),
        negative in proptest::option::of(moment()),
        record in proptest::option::of(moment()),
        days in prop::collection::vec(moment(), 0..4),
        wait in 0_i64..2_000_000_000,
    ) {
        let logic = Logic::condition(&json, HERE).unwrap();
        let person = Record::new()
            .with("last_negative_at", negative)
            .with("record_at", record)
            .with("report_days", days);
        let fact = Record::from([("exposed_at", exposed)]);
        let hold = Record::from([("starts_at", exposed)]);
        let ask = |now| logic.holds(&Env { person: &person, fact: Some(&fact), hold: Some(&hold), now });

        let asked = ask(now);
        prop_assert!(asked.changes_at.is_none_or(|at| at > now));
        let last = asked.changes_at.map(|at| at - TimeDelta::milliseconds(1));
        let later = now + TimeDelta::milliseconds(wait);
        let later = last.map_or(later, |last| later.min(last));
        for moment in [Some(later), last, Some(now + (later - now) / 2)].into_iter().flatten() {
            let moment = chrono::SubsecRound::trunc_subsecs(moment, 3).max(now);
            let then = ask(moment);
            prop_assert_eq!(then.value, asked.value, "{} at {}", json, moment);
            prop_assert_eq!(then.changes_at, asked.changes_at, "{} at {}", json, moment);
        }
    }

    #[test]
    fn whatever_is_written_is_read_or_refused(json in any_json()) {
        if let Ok(logic) = Logic::condition(&json, HERE) {
            ask(&json, at(0));
            prop_assert!(logic.names().is_subset(&crate::policy::vocabulary::names(About::Contact)));
        }
    }
}

/// JSON that is nearly logic.
fn any_json() -> impl Strategy<Value = Json> {
    let words = vec![
        json!("person.verified"),
        json!("person.tests"),
        json!("now"),
        json!("current.result"),
        json!("accumulator"),
        json!(true),
        json!(null),
        json!(1),
        json!(1.5),
        json!("day"),
        json!({"var": "person.verified"}),
        json!({"var": "fact.exposed_at"}),
        json!({"var": "now"}),
    ];
    let operations = vec![
        "var",
        "if",
        "===",
        "and",
        "or",
        "!",
        "<",
        "after",
        "not-before",
        "in",
        "+",
        "plusTime",
        "reduce",
        "nothing",
    ];
    prop::sample::select(words).prop_recursive(4, 24, 4, move |inner| {
        let operands = prop::collection::vec(inner.clone(), 0..4);
        let operation = prop::sample::select(operations.clone());
        prop_oneof![
            3 => (operation.clone(), operands.clone()).prop_map(|(name, operands)| json!({name: operands})),
            1 => (operation, inner).prop_map(|(name, operand)| json!({name: operand})),
            1 => operands.prop_map(Json::Array),
        ]
    })
}
