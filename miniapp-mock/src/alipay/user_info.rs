//! `alipay.user.info.share`: what a person chose to show an app.

use serde_json::{Value, json};

use super::envelope::Refusal;
use super::gateway::{Params, with_code};
use super::keys::AppKeys;
use super::oauth::{BadToken, user_ids};
use crate::state::{Inner, lock};

/// Answer `alipay.user.info.share`.
pub(super) fn share(world: &Inner, keys: &AppKeys, params: &Params) -> Result<Value, Refusal> {
    let app = &keys.app;
    let token = params.get("auth_token").ok_or_else(token_invalid)?;
    let grant = lock(&world.alipay)
        .grants
        .of_access_token(&app.app_id, token, world.clock.now_ms())
        .map_err(|bad| match bad {
            BadToken::Unknown => token_invalid(),
            BadToken::Expired => Refusal::new("20001", "aop.auth-token-time-out", "授权令牌超时"),
        })?;
    if grant.scope != "auth_user" {
        return Err(Refusal::new(
            "40006",
            "isv.insufficient-user-permissions",
            "用户权限不足",
        ));
    }
    let mut content = json!({
        "avatar": "https://tfs.alipayobjects.com/images/partner/avatar.png",
        "nick_name": grant.person,
        "province": "上海市",
        "city": "上海市",
        "gender": "m",
    });
    if let Some(members) = content.as_object_mut() {
        members.extend(user_ids(app, &grant.person));
    }
    Ok(with_code(content))
}

fn token_invalid() -> Refusal {
    Refusal::new("20001", "aop.invalid-auth-token", "无效的访问令牌")
}
