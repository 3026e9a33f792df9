//! What is said on the command line is understood.

use clap::CommandFactory;
use entity::values::Role;

use uuid::Uuid;

use super::{
    arguments::{
        Calendar, Communities, Gate, Keys, Notifications, Regions, Roads, Staff, Templates,
        division,
    },
    *,
};

fn command(arguments: &[&str]) -> Command {
    Cli::try_parse_from([&["tongxing"], arguments].concat())
        .unwrap()
        .command
        .unwrap_or_default()
}

#[test]
fn the_command_line_holds_together() {
    Cli::command().debug_assert();
}

#[test]
fn nothing_said_is_dev_and_each_command_is_understood() {
    let with_work = |with_work| Command::Serve { with_work };
    for (arguments, expected) in [
        (&[][..], Command::Dev),
        (&["dev"], Command::Dev),
        (&["serve"], with_work(false)),
        (
            &["serve", "--with-work", "--config", "x.toml"],
            with_work(true),
        ),
        (
            &["migrate", "--service-role", "service"],
            Command::Migrate {
                service_role: Some("service".into()),
            },
        ),
        (
            &["openapi", "--check", "openapi.yaml"],
            Command::Openapi {
                check: Some("openapi.yaml".into()),
            },
        ),
        (&["keys", "sign-list"], Command::Keys(Keys::SignList)),
        (
            &["templates", "check", "x.toml"],
            Command::Templates(Templates::Check {
                path: "x.toml".into(),
            }),
        ),
        (
            &[
                "notifications",
                "retry",
                "00000000-0000-0000-0000-000000000000",
            ],
            Command::Notifications(Notifications::Retry { id: Uuid::nil() }),
        ),
        (
            &[
                "regions",
                "open",
                "310101",
                "--at",
                "2026-03-05T08:00:00+08:00",
            ],
            Command::Regions(Regions::Open {
                division: division("310101").unwrap(),
                at: "2026-03-05T00:00:00Z".parse().unwrap(),
                until: None,
                plan: None,
            }),
        ),
        (
            &[
                "staff",
                "invite",
                "--name=王建国",
                "--unit=疾控中心",
                "--role=region_admin",
                "--division=310000",
            ],
            Command::Staff(Staff::Invite {
                name: "王建国".into(),
                unit: "疾控中心".into(),
                role: Role::RegionAdmin,
                division: division("310000").unwrap(),
            }),
        ),
        (
            &["verify", "--keys=keys.cose", "--root=00", "-"],
            Command::Verify(Verify {
                keys: Some("keys.cose".into()),
                root: Some("00".into()),
                gate: Gate::default(),
                tokens: vec!["-".into()],
            }),
        ),
        (
            &["calendar", "show", "2026"],
            Command::Calendar(Calendar::Show { year: 2026 }),
        ),
        (
            &["communities", "import", "x.csv"],
            Command::Communities(Communities::Import {
                path: "x.csv".into(),
            }),
        ),
        (
            &["roads", "import", "x.csv"],
            Command::Roads(Roads::Import {
                path: "x.csv".into(),
            }),
        ),
    ] {
        assert_eq!(command(arguments), expected, "{arguments:?}");
    }
    assert!(Cli::try_parse_from(["tongxing", "migrate", "--down-all"]).is_err());
}

#[test]
fn what_mocks_the_outside_world_does_not_run_in_production() {
    let config = Config {
        profile: Profile::Production,
        ..Config::default()
    };
    assert!(refuse_production(&config, "dev").is_err());
    assert!(refuse_production(&Config::default(), "dev").is_ok());
}
