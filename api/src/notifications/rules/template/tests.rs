use std::sync::LazyLock;

use chrono::{DateTime, NaiveDate, Utc};
use entity::values::{Colour, Falsehood, ReasonCode};
use proptest::{prelude::*, sample::select};

use super::*;
use crate::notifications::{
    Decision, Reference,
    templates::{DEVELOPMENT, check},
};

fn template(channel: TemplateChannel, slots: &[(&str, &str)]) -> Template {
    let app_id = if is_sms(channel) { "" } else { "app" };
    Template {
        kind: NotificationKind::CodeChanged,
        channel,
        app_id: app_id.into(),
        language: NotificationLanguage::Zh,
        template_id: "T1".into(),
        page: None,
        texts: slots
            .iter()
            .map(|(key, text)| Slot {
                key: (*key).into(),
                text: (*text).into(),
                one_of: Vec::new(),
            })
            .collect(),
        form_id: false,
        long_term: false,
    }
}

fn wechat(key: &str, text: &str) -> Result<Approved, Refusal> {
    approve(template(TemplateChannel::Wechat, &[(key, text)]))
}

#[test]
fn a_template_that_some_message_does_not_fit_is_refused() {
    for (key, text) in [
        ("thing1", "{reason}"),
        ("thing1", "{name}的健康码：{colour}"),
        ("phrase1", "{colour}"),
        ("time1", "{at}"),
        ("time1", "{at.time}"),
        ("date1", "{at.day}"),
        ("date1", "{at.day}~{at}"),
    ] {
        assert!(wechat(key, text).is_ok(), "{key} = {text}");
    }
    for (key, text) in [
        ("thing1", "{name}的健康码因为{reason}已经变更"),
        ("phrase1", "{reason}"),
        ("name1", "{name}"),
        ("letter1", "{colour}"),
        ("time1", "{at.day}"),
        ("number1", "{at}"),
        ("thing1", ""),
    ] {
        let refused = wechat(key, text);
        assert!(
            matches!(refused, Err(Refusal::Value { .. })),
            "{key} = {text}"
        );
    }
    assert!(matches!(wechat("thing", "x"), Err(Refusal::Key(_))));
    assert!(matches!(
        wechat("thing1", "{case}"),
        Err(Refusal::Variable { .. })
    ));
    assert!(matches!(
        wechat("thing1", "{colour"),
        Err(Refusal::Variable { .. })
    ));
}

#[test]
fn an_enum_lists_every_value_that_it_may_have() {
    let listed = |values: &[&str]| {
        let mut one = template(TemplateChannel::Wechat, &[("enum_string1", "{colour}")]);
        one.texts[0].one_of = values.iter().map(|it| (*it).into()).collect();
        approve(one)
    };
    assert!(listed(&["绿码", "黄码", "红码", "待审核"]).is_ok());
    assert!(matches!(
        listed(&["绿码", "黄码", "红码"]),
        Err(Refusal::Value { .. })
    ));
    let mut thing = template(TemplateChannel::Wechat, &[("thing1", "{colour}")]);
    thing.texts[0].one_of = vec!["绿码".into()];
    assert!(matches!(approve(thing), Err(Refusal::Key(_))));
}

#[test]
fn alipay_takes_so_much_and_pages_so_long() {
    let long = "行".repeat(330);
    let two = |text| {
        template(
            TemplateChannel::Alipay,
            &[("keyword1", text), ("keyword2", text)],
        )
    };
    assert!(approve(two(&long)).is_ok());
    let longer = "行".repeat(340);
    assert_eq!(approve(two(&longer)), Err(Refusal::TooMuch));

    let with_page = |length| {
        let page = Some("p".repeat(length));
        approve(Template { page, ..two("x") })
    };
    let approved = with_page(128 - LONGEST_NOTIFICATION).unwrap();
    let id = uuid::Uuid::from_u128(7);
    assert_eq!(approved.page_for(id).unwrap().len(), 128);
    assert_eq!(with_page(129 - LONGEST_NOTIFICATION), Err(Refusal::Page));
}

#[test]
fn what_a_platform_does_not_have_is_refused() {
    let sms = template(TemplateChannel::Tencent, &[("content", "{colour}")]);
    let page = Some("pages/index".to_owned());
    for refused in [
        Template {
            page,
            ..sms.clone()
        },
        Template {
            form_id: true,
            ..sms.clone()
        },
        Template {
            long_term: true,
            ..sms.clone()
        },
    ] {
        assert!(matches!(approve(refused), Err(Refusal::NotHere(_))));
    }
    let app_id = "app".to_owned();
    assert_eq!(
        approve(Template {
            app_id,
            ..sms.clone()
        }),
        Err(Refusal::Ids)
    );
    let texts = [sms.texts.clone(), sms.texts.clone()].concat();
    assert_eq!(
        approve(Template {
            texts,
            ..sms.clone()
        }),
        Err(Refusal::Keys)
    );
    let long = template(TemplateChannel::Tencent, &[("content", "{reason}，请留意")]);
    assert!(matches!(approve(long), Err(Refusal::Value { .. })));
}

#[test]
fn both_gateways_say_the_same() {
    let aliyun = template(
        TemplateChannel::Aliyun,
        &[("a", "{colour}"), ("b", "{name}")],
    );
    let same = Template {
        channel: TemplateChannel::Tencent,
        ..aliyun.clone()
    };
    let turned = template(
        TemplateChannel::Tencent,
        &[("b", "{name}"), ("a", "{colour}")],
    );
    assert!(approve_all(vec![aliyun.clone(), same.clone()]).is_ok());
    let refused = approve_all(vec![aliyun.clone(), turned]);
    assert_eq!(refused, Err((1, Refusal::GatewaysDiffer)));
    assert_eq!(
        approve_all(vec![aliyun.clone(), aliyun]),
        Err((1, Refusal::Twice))
    );
}

#[test]
fn a_copy_says_which_notification_it_is() {
    let id = uuid::Uuid::from_u128(7);
    for (page, opened) in [
        ("pages/index", format!("pages/index?notification={id}")),
        (
            "pages/index?a=1",
            format!("pages/index?a=1&notification={id}"),
        ),
    ] {
        let mut one = template(TemplateChannel::Wechat, &[("thing1", "{colour}")]);
        one.page = Some(page.into());
        assert_eq!(approve(one).unwrap().page_for(id), Some(opened));
    }
}

const KINDS: [NotificationKind; 12] = [
    NotificationKind::CodeChanged,
    NotificationKind::CheckInDue,
    NotificationKind::ReviewDecided,
    NotificationKind::ReviewDue,
    NotificationKind::PassExpiring,
    NotificationKind::PassStanding,
    NotificationKind::PassRecognised,
    NotificationKind::RideAsked,
    NotificationKind::VisitsReleased,
    NotificationKind::ControlAction,
    NotificationKind::VenueStanding,
    NotificationKind::DeclarationMark,
];

#[test]
fn the_example_is_in_order_and_has_every_kind_everywhere() {
    let templates = check(DEVELOPMENT).unwrap();
    let (channels, languages) = (4, 2);
    assert_eq!(templates.len(), KINDS.len() * channels * languages);
}

static EXAMPLE: LazyLock<Vec<Approved>> = LazyLock::new(|| check(DEVELOPMENT).unwrap());

fn references() -> impl Strategy<Value = Reference> {
    "[A-Z0-9][A-Z0-9-]{0,19}".prop_map(|text| Reference::parse(&text).unwrap())
}

fn instants() -> impl Strategy<Value = DateTime<Utc>> {
    (0_i64..200_000_000_000).prop_map(|at| DateTime::from_timestamp(at, 0).unwrap())
}

fn days() -> impl Strategy<Value = NaiveDate> {
    instants().prop_map(|at| at.date_naive())
}

fn messages() -> impl Strategy<Value = Message> {
    let colours = vec![Colour::Green, Colour::Grey, Colour::Yellow, Colour::Red];
    let reasons = vec![
        None,
        Some(ReasonCode::Y01),
        Some(ReasonCode::Y04),
        Some(ReasonCode::Y06),
        Some(ReasonCode::G00),
    ];
    let decisions = vec![Decision::Approved, Decision::Refused];
    let falsehoods = vec![Falsehood::Residence, Falsehood::Other];
    let counterparts = vec![
        None,
        Some("浙江省".to_owned()),
        Some("新疆维吾尔自治区".to_owned()),
    ];
    prop_oneof![
        (any::<i64>(), select(colours), select(reasons), instants()).prop_map(
            |(assessment, colour, reason, at)| Message::CodeChanged {
                assessment,
                colour,
                reason,
                at
            }
        ),
        days().prop_map(|day| Message::CheckInDue { day }),
        (references(), select(decisions), instants())
            .prop_map(|(case, decision, at)| Message::ReviewDecided { case, decision, at }),
        (references(), instants()).prop_map(|(case, until)| Message::ReviewDue { case, until }),
        (references(), days())
            .prop_map(|(pass, last_day)| Message::PassExpiring { pass, last_day }),
        (references(), any::<bool>(), instants()).prop_map(|(pass, stands, at)| {
            Message::PassStanding {
                pass,
                stands,
                at,
                holder: None,
            }
        }),
        (references(), select(counterparts), instants())
            .prop_map(|(pass, by, at)| Message::PassRecognised { pass, by, at }),
        (references(), instants())
            .prop_map(|(application, until)| Message::RideAsked { application, until }),
        (references(), instants())
            .prop_map(|(release, at)| Message::VisitsReleased { release, at }),
        (references(), instants()).prop_map(|(action, at)| Message::ControlAction { action, at }),
        (references(), any::<bool>(), instants())
            .prop_map(|(venue, stands, at)| Message::VenueStanding { venue, stands, at }),
        (references(), select(falsehoods), any::<bool>(), instants()).prop_map(
            |(application, falsehood, stands, at)| Message::DeclarationMark {
                application,
                falsehood,
                stands,
                at
            }
        ),
    ]
}

/// Names as people have them, masked; and none.
fn names() -> impl Strategy<Value = ShownName> {
    prop_oneof![
        Just(ShownName::of(None)),
        "\\PC{1,60}".prop_filter_map("a name", |text| {
            let name = entity::values::PersonName::parse(&text).ok()?;
            Some(ShownName::from(&name))
        }),
        "[张王李赵欧阳阿依古丽]{1,20}(·[买提]{1,9})?".prop_filter_map("a name", |text| {
            let name = entity::values::PersonName::parse(&text).ok()?;
            Some(ShownName::from(&name))
        }),
    ]
}

fn any_template() -> impl Strategy<Value = Template> {
    let kinds = KINDS.to_vec();
    let channels = vec![
        TemplateChannel::Wechat,
        TemplateChannel::Alipay,
        TemplateChannel::Aliyun,
        TemplateChannel::Tencent,
    ];
    let languages = vec![NotificationLanguage::Zh, NotificationLanguage::En];
    let keys = [
        "thing1",
        "number2",
        "letter3",
        "symbol4",
        "character_string5",
        "time6",
        "date7",
        "amount8",
        "phone_number9",
        "car_number10",
        "name11",
        "phrase12",
        "enum13",
        "keyword1",
        "keyword2",
        "content",
    ];
    let pieces = [
        "{name}",
        "{colour}",
        "{reason}",
        "{at}",
        "{at.day}",
        "{at.time}",
        "{day}",
        "{case}",
        "{decision}",
        "{until}",
        "{until.day}",
        "{until.time}",
        "{pass}",
        "{last_day}",
        "{release}",
        "{action}",
        "{venue}",
        "~",
        "码",
        "No. ",
        "1",
        "¥",
    ];
    let texts = prop::collection::vec(select(pieces.to_vec()), 1..3).prop_map(|it| it.concat());
    let slots = prop::collection::vec((select(keys.to_vec()), texts), 1..3);
    (select(kinds), select(channels), select(languages), slots).prop_map(
        |(kind, channel, language, slots)| {
            let slots: Vec<_> = slots
                .iter()
                .map(|(key, text)| (*key, text.as_str()))
                .collect();
            Template {
                kind,
                language,
                ..template(channel, &slots)
            }
        },
    )
}

fn holds(approved: &Approved, message: &Message, name: &ShownName) -> Result<(), TestCaseError> {
    let rendered = approved.render(message, name);
    for ((key, value), slot) in rendered.iter().zip(&approved.texts) {
        let taken = values::takes(approved.channel, key, value, &slot.one_of);
        prop_assert!(taken, "{:?} {key} = {value:?}", approved.channel);
    }
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(500))]

    #[test]
    fn whatever_is_approved_says_only_what_its_platform_takes(
        template in any_template(), message in messages(), name in names(),
    ) {
        if let Ok(approved) = approve(Template { kind: message.kind(), ..template }) {
            holds(&approved, &message, &name)?;
        }
    }

    #[test]
    fn the_example_says_only_what_platforms_take(message in messages(), name in names()) {
        for approved in EXAMPLE.iter() {
            if approved.kind == message.kind() {
                holds(approved, &message, &name)?;
            }
        }
    }
}
