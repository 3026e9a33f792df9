//! Communities of the directory.

use chrono::TimeDelta;
use entity::{community, values::Community};
use sea_orm::{EntityTrait, IntoActiveModel};

use crate::Backend;

impl Backend {
    /// The community with the code `code`, in the directory since yesterday and open.
    pub async fn community(&self, code: &str) -> Community {
        let code = Community::try_from(code.to_owned()).expect("a code");
        let row = community::Model {
            division: code.division().expect("a code"),
            code: code.clone(),
            name: "某社区".into(),
            address: "某路1号".into(),
            telephone: "0531-12345678".into(),
            hours: "工作日 9:00–17:00".into(),
            saved_at: self.deps.clock.now(),
            opened_at: self.deps.clock.now() - TimeDelta::days(1),
            closed_at: None,
        };
        community::Entity::insert(row.into_active_model())
            .exec_without_returning(&self.deps.db)
            .await
            .expect("a community");
        code
    }
}
