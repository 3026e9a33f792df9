//! Which way a message goes, what follows from an outcome, and when to try again.

use chrono::{DateTime, Days, NaiveDate, TimeDelta, Timelike, Utc};
use entity::values::{
    NotificationChannel, NotificationKind, NotificationLanguage, Platform, TemplateChannel,
};

use super::template::Approved;
use crate::platform::clock::{CHINA, local_date, midnight};

/// Tries after which a message is dead (R5).
pub const MOST_ATTEMPTS: i32 = 10;

/// Tries during which a channel that is out of reach is waited for, before another one is used.
const PATIENCE: i32 = 2;

/// The wait after the first try. Doubled after each.
const FIRST_WAIT: TimeDelta = TimeDelta::seconds(30);

/// The longest wait.
const LONGEST_WAIT: TimeDelta = TimeDelta::hours(2);

/// How a person wants to be told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Wishes {
    /// The super-apps to use, the dearest first.
    pub channels: Vec<Platform>,
    /// Whether SMS may be sent where no super-app will do.
    pub sms: bool,
    /// In which language.
    pub language: NotificationLanguage,
}

impl Default for Wishes {
    /// WeChat, Alipay, SMS; in Chinese.
    fn default() -> Self {
        Self {
            channels: vec![Platform::Wechat, Platform::Alipay],
            sms: true,
            language: NotificationLanguage::default(),
        }
    }
}

/// A user of one of our mini-programs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Account<'a> {
    /// On which super-app.
    pub platform: Platform,
    /// In which of our apps.
    pub app_id: &'a str,
}

/// One way to a person.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Route<'a> {
    /// Through a super-app.
    App {
        /// Which of the person's accounts, by its place among them.
        account: usize,
        /// On which super-app.
        platform: Platform,
        /// What it shows.
        template: &'a Approved,
    },
    /// By SMS: one template for each gateway that has one.
    Sms(Vec<&'a Approved>),
}

impl Route<'_> {
    /// The channel.
    #[must_use]
    pub fn channel(&self) -> NotificationChannel {
        match self {
            Self::App {
                platform: Platform::Wechat,
                ..
            } => NotificationChannel::Wechat,
            Self::App {
                platform: Platform::Alipay,
                ..
            } => NotificationChannel::Alipay,
            Self::Sms(_) => NotificationChannel::Sms,
        }
    }

    fn leads_through(&self, channel: NotificationChannel, app_id: Option<&str>) -> bool {
        self.channel() == channel && self.app_id() == app_id
    }

    /// The app. None for SMS.
    #[must_use]
    pub fn app_id(&self) -> Option<&str> {
        match self {
            Self::App { template, .. } => Some(&template.app_id),
            Self::Sms(_) => None,
        }
    }

    /// The platform's id of the template. None for SMS, which may have two.
    #[must_use]
    pub fn template_id(&self) -> Option<&str> {
        match self {
            Self::App { template, .. } => Some(&template.template_id),
            Self::Sms(_) => None,
        }
    }
}

/// The ways to a person with `accounts`, in the order to try them: the super-apps as the person
/// wishes, and SMS last, if they allow it and `phone` is known. A way needs a template: in the
/// person's language, or else in Chinese.
#[must_use]
pub fn routes<'a>(
    kind: NotificationKind,
    wishes: &Wishes,
    accounts: &[Account<'_>],
    phone: bool,
    templates: &'a [Approved],
) -> Vec<Route<'a>> {
    let find = |channel, app_id: &str| {
        [wishes.language, NotificationLanguage::Zh]
            .into_iter()
            .find_map(|language| {
                templates.iter().find(|it| {
                    (it.kind, it.channel, it.language) == (kind, channel, language)
                        && it.app_id == app_id
                })
            })
    };
    let mut found = Vec::new();
    for platform in &wishes.channels {
        let channel = match platform {
            Platform::Wechat => TemplateChannel::Wechat,
            Platform::Alipay => TemplateChannel::Alipay,
        };
        for (place, account) in accounts.iter().enumerate() {
            if account.platform == *platform
                && let Some(template) = find(channel, account.app_id)
            {
                found.push(Route::App {
                    account: place,
                    platform: *platform,
                    template,
                });
            }
        }
    }
    if wishes.sms && phone {
        let gateways = [TemplateChannel::Aliyun, TemplateChannel::Tencent];
        let first = gateways.iter().find_map(|gateway| find(*gateway, ""));
        // Both gateways say the same, so both in the same language.
        let same = |it: &&Approved| first.is_some_and(|first| first.language == it.language);
        let templates: Vec<_> = gateways
            .into_iter()
            .filter_map(|gateway| find(gateway, ""))
            .filter(same)
            .collect();
        if !templates.is_empty() {
            found.push(Route::Sms(templates));
        }
    }
    found
}

/// Of `routes`, those that a message may take whose last copy, over `channel` and `app_id`, may have
/// arrived: none but the same, if it is still open.
#[must_use]
pub fn same_way<'a>(
    routes: Vec<Route<'a>>,
    channel: NotificationChannel,
    app_id: Option<&str>,
) -> Vec<Route<'a>> {
    let same = |route: &Route<'_>| route.leads_through(channel, app_id);
    if routes.iter().any(same) {
        routes.into_iter().filter(same).collect()
    } else {
        routes
    }
}

/// Of `routes`, those that a message may take whose last copy, over `channel` and `app_id`, was accepted
/// and did not arrive: any but the same.
#[must_use]
pub fn other_ways<'a>(
    mut routes: Vec<Route<'a>>,
    channel: NotificationChannel,
    app_id: Option<&str>,
) -> Vec<Route<'a>> {
    routes.retain(|route| !route.leads_through(channel, app_id));
    routes
}

/// What became of a try.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// Accepted for delivery.
    Sent,
    /// The person does not allow it.
    NotAllowed,
    /// Refused for good, with the platform's code.
    Rejected(String),
    /// Surely not sent.
    Retryable,
    /// Perhaps sent.
    Unknown,
}

/// What to do after a try.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Next {
    /// Nothing: it is sent.
    Done,
    /// Try the next way now.
    Elsewhere,
    /// Try again later.
    Later,
}

/// What to do after the try `attempt`, counted from 1, had `outcome`. Where the last copy may have
/// arrived, `unsure`, no other way is taken within the same try.
#[must_use]
pub fn after(outcome: &Outcome, attempt: i32, unsure: bool) -> Next {
    match outcome {
        Outcome::Sent => Next::Done,
        Outcome::Unknown => Next::Later,
        Outcome::Retryable if attempt <= PATIENCE => Next::Later,
        _ if unsure => Next::Later,
        Outcome::NotAllowed | Outcome::Rejected(_) | Outcome::Retryable => Next::Elsewhere,
    }
}

/// The hours of the day in which people may be reminded, in Asia/Shanghai.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Hours {
    /// The first full hour.
    pub from: u8,
    /// The full hour at which it ends.
    pub until: u8,
}

/// `at`, or if people are not to be reminded then, the next time when they are.
#[must_use]
pub fn next_civil(at: DateTime<Utc>, hours: Hours) -> DateTime<Utc> {
    let local = at.with_timezone(&CHINA);
    let (day, hour) = (local.date_naive(), local.hour());
    if hour < u32::from(hours.from) {
        on(day, hours.from)
    } else if hour < u32::from(hours.until) {
        at
    } else {
        on(
            day.checked_add_days(Days::new(1)).unwrap_or(day),
            hours.from,
        )
    }
}

/// When the full `hour` of `day` begins.
fn on(day: NaiveDate, hour: u8) -> DateTime<Utc> {
    midnight(day) + TimeDelta::hours(hour.into())
}

/// When to try again after the try `attempt`, counted from 1: twice as late each time and at most two
/// hours, less up to half of it by `chance` (of 1000), so that what failed together does not come back
/// together. A reminder waits for its hours besides.
#[must_use]
pub fn next_try(
    now: DateTime<Utc>,
    attempt: i32,
    chance: u32,
    reminder: Option<Hours>,
) -> DateTime<Utc> {
    let doublings = u32::try_from(attempt - 1).unwrap_or_default().min(16);
    let wait = (FIRST_WAIT * 2_i32.pow(doublings)).min(LONGEST_WAIT);
    let less = wait / 2_000 * i32::try_from(chance.min(1_000)).unwrap_or_default();
    let next = now + wait - less;
    reminder.map_or(next, |hours| next_civil(next, hours))
}

/// Whether something that is worth sending on `last_day` at the latest is too late at `at`.
#[must_use]
pub fn is_too_late(last_day: Option<NaiveDate>, at: DateTime<Utc>) -> bool {
    last_day.is_some_and(|last| local_date(at) > last)
}

#[cfg(test)]
mod tests;
