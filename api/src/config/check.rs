//! What stands in the way of starting.

mod bounds;
mod retention;

use std::{collections::BTreeSet, fmt, net::Ipv4Addr, ops::RangeInclusive};

use url::{Host, Url};

use super::{Config, Counterpart, ObjectStore, Profile, Store};

/// Seconds that an access token may live (S7).
const LONGEST_ACCESS_TOKEN: u64 = 900;

/// People written to at a time: half of what a platform is asked at a time.
const MOST_AT_ONCE: usize = 32;

/// Days back from which people are reminded: whoever stopped longer ago has stopped.
const MOST_REMIND_DAYS: u16 = 30;

/// Days that what was sent is kept. No message may come to be sent again because it was forgotten.
const KEPT_DAYS: RangeInclusive<u16> = 7..=3_650;

/// Rows of a file of facts that are kept in memory together.
const CHUNK_ROWS: RangeInclusive<usize> = 1..=1_000_000;

/// Requests that a process must be able to work on at a time.
const FEWEST_IN_FLIGHT: usize = 100;

/// Characters of what holders of passes are told that a counterpart is called: messages have room for no more.
const LONGEST_NAME: usize = 8;

/// Characters of what a log is called.
const LONGEST_ORIGIN: usize = 300;

/// Characters of what a witness is called.
const LONGEST_WITNESS: usize = 64;

/// The fewest people of whom a report may say how many they are.
const FEWEST_PEOPLE: u64 = 3;

/// Records that a device must be able to deliver in an hour: those of a batch.
const FEWEST_RECORDS: u32 = 1_000;

/// One thing that stands in the way.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refusal {
    /// The key at fault: `section.key`.
    pub key: &'static str,
    /// What is wrong with it. Never the value.
    pub why: &'static str,
}

/// A deployment may not start like this.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub struct Unfit(pub Vec<Refusal>);

impl fmt::Display for Unfit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("this configuration is refused:")?;
        for Refusal { key, why } in &self.0 {
            write!(f, "\n  {key}: {why}")?;
        }
        Ok(())
    }
}

pub(super) fn check(config: &Config) -> Result<(), Unfit> {
    let mut refusals = Vec::new();
    let mut refuse = |holds: bool, key, why| {
        if holds {
            refusals.push(Refusal { key, why });
        }
    };
    never(config, &mut refuse);
    if config.profile == Profile::Production {
        not_in_production(config, &mut refuse);
        bounds::promised(config, &mut refuse);
        retention::promised(&config.retention, &mut refuse);
    } else {
        bounds::published(config, &mut refuse);
    }
    if refusals.is_empty() {
        Ok(())
    } else {
        Err(Unfit(refusals))
    }
}

type Refuse<'a> = dyn FnMut(bool, &'static str, &'static str) + 'a;

/// What works nowhere.
#[expect(clippy::too_many_lines, reason = "one statement a key")]
fn never(config: &Config, refuse: &mut Refuse<'_>) {
    let public = Url::parse(&config.server.public_url);
    refuse(
        !public.is_ok_and(|url| matches!(url.scheme(), "http" | "https")),
        "server.public_url",
        "is not an http or https address",
    );
    refuse(
        config.keys.permits_per_key == 0,
        "keys.permits_per_key",
        "must not be zero",
    );
    refuse(
        config.secrets.encryption_keys.is_empty(),
        "secrets.encryption_keys",
        "there must be one at least",
    );
    refuse(
        config.secrets.index_keys.is_empty(),
        "secrets.index_keys",
        "there must be one at least",
    );
    let ephemeral = &config.ephemeral;
    refuse(
        ephemeral.kind != Store::InProcess && ephemeral.urls.is_empty(),
        "ephemeral.urls",
        "Redis needs an address",
    );
    refuse(
        ephemeral.prefix.contains(['{', '}']),
        "ephemeral.prefix",
        "must not have braces",
    );
    refuse(
        config.login.access_token_seconds > LONGEST_ACCESS_TOKEN,
        "login.access_token_seconds",
        "must not exceed 900",
    );
    refuse(
        !CHUNK_ROWS.contains(&config.imports.chunk_rows),
        "imports.chunk_rows",
        "must be 1 to 1000000: what an import keeps in memory grows with it",
    );
    refuse(
        config.service_level.in_flight < FEWEST_IN_FLIGHT,
        "service_level.in_flight",
        "must be 100 at least",
    );
    let policy = &config.policy;
    refuse(
        policy.province.len() != 2 || !policy.province.bytes().all(|b| b.is_ascii_digit()),
        "policy.province",
        "must be the two digits of a province",
    );
    let hours = &config.notifications;
    refuse(
        hours.civil_from >= hours.civil_until || hours.civil_until > 24,
        "notifications.civil_until",
        "must be a later hour than civil_from, and 24 at the most",
    );
    refuse(
        !(hours.civil_from..hours.civil_until).contains(&hours.check_in_reminder),
        "notifications.check_in_reminder",
        "must be an hour in which reminders go out",
    );
    refuse(
        !(1..=MOST_AT_ONCE).contains(&hours.at_once),
        "notifications.at_once",
        "must be 1 to 32: each takes a connection to a platform",
    );
    refuse(
        hours.remind_days > MOST_REMIND_DAYS,
        "notifications.remind_days",
        "must be 30 days at the most; with 0 nobody is reminded",
    );
    refuse(
        !KEPT_DAYS.contains(&hours.kept_days),
        "notifications.kept_days",
        "must be 7 to 3650 days: who was told of something is known from what is kept",
    );
    refuse(
        !(1..=23).contains(&config.communities.sign_in_by),
        "communities.sign_in_by",
        "must be a full hour, 1 to 23",
    );
    refuse(
        config.reports.smallest < FEWEST_PEOPLE,
        "reports.smallest",
        "must be 3 at the least: a number of one or two tells of them",
    );
    let overrides = &config.overrides;
    refuse(
        !(1..=14).contains(&overrides.longest_days),
        "overrides.longest_days",
        "must be 1 to 14: no decision of a few people outlasts the longest isolation",
    );
    refuse(
        !(1..=50).contains(&overrides.open_requests),
        "overrides.open_requests",
        "must be 1 to 50",
    );
    let places = &config.organisations.registered_in;
    refuse(
        !places.iter().all(|place| is_prefix(place)),
        "organisations.registered_in",
        "must be what codes of divisions begin with: two to six digits each",
    );
    staff(config, refuse);
    transparency(config, refuse);
    vehicle_passes(config, refuse);
    venues(config, refuse);
    gates(config, refuse);
    retention::possible(&config.retention, refuse);
    visits(config, refuse);
    work_permits(config, refuse);
    let sms = &config.platforms.sms;
    refuse(
        sms.order.is_empty() || !sms.order.iter().all(|gateway| sms.knows(*gateway)),
        "platforms.sms.order",
        "names no gateway, or one that is not set up",
    );
    refuse(
        config.objects.kind == ObjectStore::S3 && config.objects.s3.is_none(),
        "objects.s3",
        "says nothing of the bucket that objects.kind asks for",
    );
    for (key, address) in addresses(config) {
        refuse(Url::parse(address).is_err(), key, "is not an address");
    }
}

fn transparency(config: &Config, refuse: &mut Refuse<'_>) {
    let plain = |name: &str, longest| {
        let visible = |b: u8| b.is_ascii_graphic() && b != b'+';
        (1..=longest).contains(&name.len()) && name.bytes().all(visible)
    };
    refuse(
        !plain(&config.log_origin(), LONGEST_ORIGIN),
        "transparency.origin",
        "must be 1 to 300 visible ASCII characters without +",
    );
    let witnesses = &config.transparency.witnesses;
    let names: BTreeSet<&str> = witnesses.iter().map(|it| it.name.as_str()).collect();
    let keys: BTreeSet<[u8; 32]> = witnesses.iter().map(|it| it.public_key.0).collect();
    refuse(
        names.len() < witnesses.len() || keys.len() < witnesses.len(),
        "transparency.witnesses",
        "must each have a name and a key of their own",
    );
    refuse(
        !names.iter().all(|name| plain(name, LONGEST_WITNESS)),
        "transparency.witnesses",
        "must have names of 1 to 64 visible ASCII characters without +",
    );
    refuse(
        config.transparency.quorum == 0,
        "transparency.quorum",
        "must be 1 at the least",
    );
}

fn vehicle_passes(config: &Config, refuse: &mut Refuse<'_>) {
    let passes = &config.vehicle_passes;
    refuse(
        passes.draft_days == 0,
        "vehicle_passes.draft_days",
        "must be 1 at the least",
    );
    refuse(
        passes.kept_days == 0,
        "vehicle_passes.kept_days",
        "must be 1 at the least",
    );
    let ids: BTreeSet<&str> = passes
        .counterparts
        .iter()
        .map(|it| it.id.as_str())
        .collect();
    let is_sound = |it: &Counterpart| {
        let plain = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-';
        (1..=32).contains(&it.id.len())
            && it.id.bytes().all(plain)
            && (1..=LONGEST_NAME).contains(&it.name.chars().count())
            && it.name.chars().all(char::is_alphanumeric)
    };
    refuse(
        ids.len() < passes.counterparts.len() || !passes.counterparts.iter().all(is_sound),
        "vehicle_passes.counterparts",
        "must each have a short name of their own, of small letters, digits and hyphens, and a name of eight \
         letters at the most",
    );
}

fn venues(config: &Config, refuse: &mut Refuse<'_>) {
    let plain = |address: &String| {
        let parts = Url::parse(address);
        let plain = parts.is_ok_and(|url| url.as_str() == address && url.query().is_none());
        plain && address.ends_with('/')
    };
    refuse(
        !config.venues.address.as_ref().is_none_or(plain),
        "venues.address",
        "must be an address in its plain form that ends with a slash: codes are written behind it",
    );
    refuse(
        config.venues.page.starts_with('/') || config.venues.page.contains(['?', '#']),
        "venues.page",
        "must be a page without a slash in front and without a query",
    );
    refuse(
        config.venues.mini_program_codes < 1,
        "venues.mini_program_codes",
        "must be 1 at the least",
    );
}

fn gates(config: &Config, refuse: &mut Refuse<'_>) {
    let gates = &config.gates;
    refuse(
        !(1..=1_000).contains(&gates.near_km),
        "gates.near_km",
        "must be 1 to 1000",
    );
    refuse(
        !(100..=2_000).contains(&gates.fastest_kmh),
        "gates.fastest_kmh",
        "must be 100 to 2000: whoever drives is not looked at again",
    );
    refuse(
        gates.records_per_hour < FEWEST_RECORDS,
        "gates.records_per_hour",
        "must be 1000 at least: as many come at a time",
    );
}

fn visits(config: &Config, refuse: &mut Refuse<'_>) {
    let visits = &config.visits;
    refuse(
        !(60..=3_600).contains(&visits.window_seconds),
        "visits.window_seconds",
        "must be a minute to an hour",
    );
    refuse(
        !(14..=30).contains(&visits.kept_days),
        "visits.kept_days",
        "must be 14 to 30: fewer are of no use to tracing, and more are nobody's business",
    );
    refuse(
        !(256..=65_536).contains(&visits.queue),
        "visits.queue",
        "must be 256 to 65536",
    );
}

fn work_permits(config: &Config, refuse: &mut Refuse<'_>) {
    let work = &config.work_permits;
    let province = |place: &String| place.len() == 2 && place.bytes().all(|b| b.is_ascii_digit());
    refuse(
        !work.workflows.keys().all(province),
        "work_permits.workflows",
        "must be by the two digits of a province",
    );
    refuse(
        !(1..=1_440).contains(&work.ask_again_minutes),
        "work_permits.ask_again_minutes",
        "must be 1 to 1440",
    );
    refuse(
        !(1..=20).contains(&work.tries),
        "work_permits.tries",
        "must be 1 to 20",
    );
    refuse(
        !(1..=3_650).contains(&work.kept_days),
        "work_permits.kept_days",
        "must be 1 to 3650",
    );
}

fn staff(config: &Config, refuse: &mut Refuse<'_>) {
    let staff = &config.staff;
    refuse(
        staff.origins.is_empty() || !staff.origins.iter().all(|origin| is_origin(origin)),
        "staff.origins",
        "must be origins: a scheme and a host, perhaps a port, and nothing after it",
    );
    let within = |origin: &String| Url::parse(origin).is_ok_and(|url| lies_in(&url, &staff.rp_id));
    refuse(
        !staff.origins.iter().all(within),
        "staff.rp_id",
        "must be the host of every origin, or a domain around it",
    );
    refuse(
        staff.attempts.is_empty(),
        "staff.attempts",
        "must limit how many codes may be tried",
    );
}

fn is_prefix(place: &str) -> bool {
    (2..=6).contains(&place.len()) && place.bytes().all(|b| b.is_ascii_digit())
}

fn is_origin(text: &str) -> bool {
    Url::parse(text).is_ok_and(|url| url.origin().ascii_serialization() == text)
}

fn lies_in(url: &Url, domain: &str) -> bool {
    let host = url.host_str().unwrap_or_default();
    host.strip_suffix(domain)
        .is_some_and(|before| before.is_empty() || before.ends_with('.'))
}

fn not_in_production(config: &Config, refuse: &mut Refuse<'_>) {
    refuse(
        is_in_the_open(&config.server.public_url),
        "server.public_url",
        "must be https in production",
    );
    refuse(
        config.venues.address.as_deref().is_some_and(is_in_the_open),
        "venues.address",
        "must be https in production",
    );
    refuse(
        config.database.is_sqlite(),
        "database.url",
        "SQLite cannot keep the service from rewriting the audit log; production needs PostgreSQL",
    );
    refuse(
        config.ephemeral.kind == Store::InProcess,
        "ephemeral.kind",
        "the store in this process is lost with it and shared with no instance; production needs Redis",
    );
    refuse(
        config.secrets.has_development_encryption_key(),
        "secrets.encryption_keys",
        "holds the published development key",
    );
    refuse(
        config.secrets.has_development_index_key(),
        "secrets.index_keys",
        "holds the published development key",
    );
    refuse(
        config
            .staff
            .origins
            .iter()
            .any(|origin| is_in_the_open(origin)),
        "staff.origins",
        "must be https in production",
    );
    refuse(
        config.platforms.believes_plain_pushes(),
        "platforms.wechat.apps",
        "a message push in plaintext proves nothing of its body; production needs another mode",
    );
    for (key, address) in addresses(config) {
        if is_on_this_machine(address) {
            refuse(true, key, "is on this machine, as a mock is");
        } else {
            refuse(is_in_the_open(address), key, "must be https in production");
        }
    }
    for key in config.platforms.with_development_credentials() {
        refuse(true, key, "holds a published development credential");
    }
    refuse(
        config.objects.with_development_credentials(),
        "objects.s3.secret_access_key",
        "holds a published development credential",
    );
}

/// Whom this service calls, by key.
fn addresses(config: &Config) -> impl Iterator<Item = (&'static str, &str)> {
    let bucket = config.objects.bucket();
    let bucket = bucket.map(|bucket| ("objects.s3.endpoint", bucket.endpoint.as_str()));
    config.platforms.addresses().into_iter().chain(bucket)
}

/// What is not an address at all is refused elsewhere.
fn is_in_the_open(address: &str) -> bool {
    Url::parse(address).is_ok_and(|url| url.scheme() != "https")
}

fn is_on_this_machine(address: &str) -> bool {
    let Ok(url) = Url::parse(address) else {
        return false;
    };
    match url.host() {
        Some(Host::Domain(name)) => {
            let name = name.trim_end_matches('.');
            name == "localhost" || name.ends_with(".localhost")
        }
        Some(Host::Ipv4(ip)) => here(ip),
        Some(Host::Ipv6(ip)) => {
            ip.is_loopback() || ip.is_unspecified() || ip.to_ipv4_mapped().is_some_and(here)
        }
        None => false,
    }
}

fn here(ip: Ipv4Addr) -> bool {
    ip.is_loopback() || ip.is_unspecified()
}
