//! Codes that a phone gets and a backend spends: once, within five minutes, in one app.

use std::collections::HashMap;

use crate::crypto::{random_hex, random_letters};

const LIFETIME_MS: i64 = 300_000;

/// What a code is for. The two kinds are not interchangeable.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Purpose {
    /// From `wx.login`.
    Login,
    /// From the `getPhoneNumber` button.
    PhoneNumber,
}

#[derive(Debug)]
struct Code {
    purpose: Purpose,
    app_id: String,
    person: String,
    made_at: i64,
    used: bool,
}

/// Why a code is not good.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum BadCode {
    /// Never made for this purpose, or too old.
    Unknown,
    /// Made for another app.
    OtherApp,
    /// Spent before.
    Used,
}

/// A good code's content.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Holder {
    pub(super) person: String,
    pub(super) made_at: i64,
}

/// Every code made.
#[derive(Default)]
pub(crate) struct Codes {
    codes: HashMap<String, Code>,
}

impl Codes {
    /// A fresh code for `person` in `app_id`.
    pub(crate) fn make(
        &mut self,
        purpose: Purpose,
        app_id: &str,
        person: &str,
        now: i64,
    ) -> String {
        let text = match purpose {
            Purpose::Login => random_letters::<32>(),
            Purpose::PhoneNumber => random_hex::<32>(),
        };
        let code = Code {
            purpose,
            app_id: app_id.to_owned(),
            person: person.to_owned(),
            made_at: now,
            used: false,
        };
        self.codes.insert(text.clone(), code);
        text
    }

    /// Who holds `text`, if it is good in `app_id` now. Looking does not spend it.
    pub(super) fn look(
        &self,
        purpose: Purpose,
        text: &str,
        app_id: &str,
        now: i64,
    ) -> Result<Holder, BadCode> {
        let code = self
            .codes
            .get(text)
            .filter(|code| code.purpose == purpose && now - code.made_at < LIFETIME_MS)
            .ok_or(BadCode::Unknown)?;
        if code.app_id != app_id {
            return Err(BadCode::OtherApp);
        }
        if code.used {
            return Err(BadCode::Used);
        }
        Ok(Holder {
            person: code.person.clone(),
            made_at: code.made_at,
        })
    }

    /// Mark `text` as spent.
    pub(super) fn spend(&mut self, text: &str) {
        if let Some(code) = self.codes.get_mut(text) {
            code.used = true;
        }
    }
}
