//! Who is known by which openid.

use std::collections::HashSet;

use crate::people::openid;

/// Users whose phone was seen in an app.
#[derive(Default)]
pub(crate) struct Users {
    met: HashSet<(String, String)>,
}

impl Users {
    /// Take note of `person` in `app_id`; returns their openid.
    pub(super) fn meet(&mut self, app_id: &str, person: &str) -> String {
        let openid = openid(app_id, person);
        self.met.insert((app_id.to_owned(), openid.clone()));
        openid
    }

    pub(super) fn knows(&self, app_id: &str, openid: &str) -> bool {
        self.met.contains(&(app_id.to_owned(), openid.to_owned()))
    }
}
