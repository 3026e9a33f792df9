//! What fails, and who uses it: servers, the service, people with tokens, and venues with codes.

use std::{fs, path::PathBuf};

use anyhow::{Context, Result};
use api::{
    config::Config,
    platform::{
        Clock, Entropy, OsEntropy, SystemClock,
        db::{self, DatabaseSettings},
        entropy,
    },
    venues::{Doors, rules::CodeId},
};
use entity::{
    organisation,
    values::{
        Division, OrganisationId, PersonId, SocialCreditCode, VenueCategory, VenueChannel, VenueId,
        VenueState,
    },
    venue, venue_code,
};
use integration_tests::{
    people::People,
    service::{self, Secrets, Service},
    world::World,
};
use miniapp_mock::{Mock, MockConfig, dev};
use sea_orm::{DatabaseConnection, EntityTrait, IntoActiveModel};

/// People who scan: few enough that nearly everybody has been seen before.
const PEOPLE: usize = 2_000;

/// Venues that they scan.
const VENUES: usize = 1_500;

/// Where codes on doors lead.
const ADDRESS: &str = "https://tongxing.example/v/";

/// A venue, and what its code says.
#[derive(Debug, Clone)]
pub(crate) struct Place {
    /// Which.
    pub(crate) id: VenueId,
    /// What is scanned.
    pub(crate) code: String,
}

/// Everything. Declared in the order in which it ends.
pub(crate) struct Field {
    /// The service, while it runs.
    pub(crate) service: Service,
    /// The platforms.
    pub(crate) mock: Mock,
    /// The people.
    pub(crate) people: Vec<PersonId>,
    /// An access token of each.
    pub(crate) bearers: Vec<String>,
    /// The venues.
    pub(crate) venues: Vec<Place>,
    secrets: Secrets,
    settings: String,
    program: PathBuf,
    /// The servers.
    pub(crate) world: World,
}

impl Field {
    /// Start everything.
    pub(crate) async fn new() -> Result<Self> {
        Self::with("").await
    }

    /// The same, with more in the service's configuration.
    pub(crate) async fn with(settings: &str) -> Result<Self> {
        let program = service::program()?;
        let world = World::start().await?;
        db::migrate(&DatabaseSettings::new(&world.postgres_url)).await?;
        let secrets = Secrets::new()?;
        let mock = miniapp_mock::start(MockConfig::default()).await?;
        let db = world.database().await?;
        let vault = secrets.vault()?;
        let people = People::settle(&db, &vault).await?;
        let first = people.all.first().context("nobody")?;
        let text = |port| config(&world, &secrets, &mock, port) + settings;
        let venues = open_venues(&db, &doors(&world, &text(1))?, first.id).await?;
        let service = Service::start(&world, &program, text).await?;
        let bearers = people.bearers(&db, &vault, 0..PEOPLE, 0).await?;
        db.close().await?;
        Ok(Self {
            service,
            mock,
            people: people.all.iter().take(PEOPLE).map(|one| one.id).collect(),
            bearers,
            venues,
            secrets,
            settings: settings.to_owned(),
            program,
            world,
        })
    }

    /// The service again, after it was killed.
    pub(crate) async fn restart_service(&mut self) -> Result<()> {
        let text = |port| config(&self.world, &self.secrets, &self.mock, port) + &self.settings;
        self.service = Service::start(&self.world, &self.program, text).await?;
        Ok(())
    }
}

/// Production's, except for whom it meets and how much one address may ask for.
fn config(world: &World, secrets: &Secrets, mock: &Mock, port: u16) -> String {
    let no_limit = format!("{{ count = {}, seconds = 3600 }}", u32::MAX);
    format!(
        r#"
        [server]
        listen = "127.0.0.1:{port}"
        shutdown_seconds = 3
        verifications_per_address = {no_limit}

        [database]
        url = "{postgres}"

        [ephemeral]
        kind = "redis"
        urls = ["{redis}"]

        {secrets}

        [venues]
        address = "{ADDRESS}"

        [login]
        per_address = {no_limit}
        per_subnet = {no_limit}
        budget = {no_limit}

        [platforms.sms]
        order = ["aliyun"]

        [platforms.sms.aliyun]
        base_url = "{mock}"
        access_key_id = "{key_id}"
        access_key_secret = "{key_secret}"
        sign_name = "{sign_name}"
        template_code = "{template}"

        [platforms.wechat]
        base_url = "{mock}"

        [[platforms.wechat.apps]]
        app_id = "{app_id}"
        secret = "{app_secret}"
        "#,
        postgres = world.postgres_url,
        redis = world.redis_url,
        secrets = secrets.config(),
        mock = mock.base_url(),
        key_id = dev::ALIYUN_ACCESS_KEY_ID,
        key_secret = dev::ALIYUN_ACCESS_KEY_SECRET,
        sign_name = dev::ALIYUN_SIGN,
        template = dev::ALIYUN_TEMPLATE,
        app_id = dev::WECHAT_APP_ID,
        app_secret = dev::WECHAT_SECRET,
    )
}

/// How the service that is configured so makes codes.
fn doors(world: &World, config: &str) -> Result<Doors> {
    let path = world.path("doors.toml");
    fs::write(&path, config)?;
    let config = Config::load(Some(&path), [])?;
    let keys = config.secrets.lasting("venue.code");
    Ok(Doors::new(&keys, config.venue_address()))
}

async fn open_venues(
    db: &DatabaseConnection,
    doors: &Doors,
    applied_by: PersonId,
) -> Result<Vec<Place>> {
    let now = SystemClock.now();
    let division = Division::try_from("310101".to_owned())?;
    let unit = organisation::Model {
        id: OrganisationId(OsEntropy.id()),
        credit_code: SocialCreditCode::try_from("91310115MA1H7ABC80".to_owned())?,
        name: "上海某某有限公司".into(),
        division: division.clone(),
        legal_person_index: vec![1],
        created_at: now,
        confirmed_at: now,
        mini_program_venues: 0,
    };
    let (mut rows, mut codes, mut places) = (Vec::new(), Vec::new(), Vec::new());
    for at in 0..VENUES {
        let id = VenueId(OsEntropy.id());
        let code = CodeId(entropy::bytes(&OsEntropy));
        rows.push(venue::Model {
            id,
            organisation_id: unit.id,
            name: format!("第{at}号书店"),
            category: VenueCategory::Shop,
            division: division.clone(),
            address: "人民大道 1 号".into(),
            state: VenueState::Active,
            channel: VenueChannel::OpenPlatform,
            applied_by,
            applied_at: now,
            rotating_only: false,
            changed_at: now,
            suspension: None,
        });
        codes.push(venue_code::Model {
            id: code.text(),
            venue_id: id,
            current_of: Some(id),
            created_at: now,
            ended_at: None,
        });
        places.push(Place {
            id,
            code: doors.printed(code),
        });
    }
    let unit = organisation::Entity::insert(unit.into_active_model());
    unit.exec_without_returning(db).await?;
    let rows = rows.into_iter().map(IntoActiveModel::into_active_model);
    let rows = venue::Entity::insert_many::<venue::ActiveModel, _>(rows);
    rows.exec_without_returning(db).await?;
    let codes = codes.into_iter().map(IntoActiveModel::into_active_model);
    let codes = venue_code::Entity::insert_many::<venue_code::ActiveModel, _>(codes);
    codes.exec_without_returning(db).await?;
    Ok(places)
}
