//! The identity registry over HTTP: one question, one word in answer.

use std::{fmt, sync::Arc};

use anyhow::{Context, anyhow};
use futures_util::future::BoxFuture;
use serde::{Deserialize, Serialize};
use url::Url;

use super::{
    IdentityRegistry, Limits, RegistryAnswer, RegistryUnavailable,
    outbound::{Call, JSON, Outbound, endpoint},
};
use crate::platform::{Clock, Entropy, Secret};

/// How to reach the registry.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RegistrySettings {
    /// Where it is. There is no public one, so there is no default.
    pub base_url: String,
    /// Our bearer key.
    pub key: Secret,
    /// What the registry may cost us.
    #[serde(default)]
    pub limits: Limits,
}

/// The registry over HTTP: `POST {base}/registry/v1/identity-checks`.
pub struct HttpRegistry {
    outbound: Outbound,
    url: Url,
    authorization: Secret,
}

#[derive(Serialize)]
struct Question<'a> {
    name: &'a str,
    document: &'a str,
    number: &'a str,
}

#[derive(Deserialize)]
struct Answer {
    result: Verdict,
}

#[derive(Deserialize)]
#[serde(rename_all = "snake_case")]
enum Verdict {
    Match,
    Mismatch,
}

impl HttpRegistry {
    /// A client for the registry of `settings`.
    pub fn new(
        settings: &RegistrySettings,
        clock: Arc<dyn Clock>,
        entropy: Arc<dyn Entropy>,
    ) -> anyhow::Result<Self> {
        Ok(Self {
            outbound: Outbound::new("registry", settings.limits, clock, entropy)?,
            url: endpoint(&settings.base_url, "registry/v1/identity-checks")?,
            authorization: Secret::new(format!("Bearer {}", settings.key.reveal())),
        })
    }

    async fn ask(&self, question: &Question<'_>) -> anyhow::Result<RegistryAnswer> {
        let body = serde_json::to_vec(question)?;
        let call = Call::post(self.url.clone(), JSON, body)
            .header("authorization", self.authorization.reveal())?
            .idempotent();
        let reply = self.outbound.call(call, self.outbound.deadline()).await?;
        if !reply.status.is_success() {
            return Err(anyhow!(
                "the registry answered with status {}",
                reply.status.as_u16()
            ));
        }
        // The parser's own words may quote the answer.
        let answer: Answer = serde_json::from_slice(&reply.body)
            .ok()
            .context("the registry answered in a form that is not known")?;
        Ok(match answer.result {
            Verdict::Match => RegistryAnswer::Match,
            Verdict::Mismatch => RegistryAnswer::Mismatch,
        })
    }
}

impl IdentityRegistry for HttpRegistry {
    fn check<'a>(
        &'a self,
        name: &'a str,
        document: &'a str,
        number: &'a str,
    ) -> BoxFuture<'a, Result<RegistryAnswer, RegistryUnavailable>> {
        Box::pin(async move {
            let question = Question {
                name,
                document,
                number,
            };
            self.ask(&question).await.map_err(RegistryUnavailable)
        })
    }
}

impl fmt::Debug for HttpRegistry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("HttpRegistry").finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use actix_web::HttpResponse;
    use serde_json::json;

    use super::*;
    use crate::clients::fakes::{Counting, PATIENT, StillClock, json, platform};

    fn registry(base_url: String) -> HttpRegistry {
        let settings = RegistrySettings {
            base_url,
            key: "key".into(),
            limits: PATIENT,
        };
        let clock = StillClock::at("2026-02-03T00:00:00Z");
        HttpRegistry::new(&settings, clock, Arc::new(Counting::default())).unwrap()
    }

    #[actix_web::test]
    async fn the_question_carries_our_key_and_the_answer_is_one_word() {
        let registry = registry(platform(|asked| {
            assert_eq!(asked.path, "/registry/v1/identity-checks");
            assert_eq!(asked.headers["authorization"], "Bearer key");
            let asked = asked.json();
            assert_eq!(asked["document"], "resident_id");
            assert_eq!(asked["number"], "11010519491231002X");
            let result = if asked["name"] == "王芳" {
                "match"
            } else {
                "mismatch"
            };
            json(&json!({ "result": result, "remark": "ignored" }))
        }));
        for (name, expected) in [
            ("王芳", RegistryAnswer::Match),
            ("王方", RegistryAnswer::Mismatch),
        ] {
            let answer = registry
                .check(name, "resident_id", "11010519491231002X")
                .await;
            assert_eq!(answer.unwrap(), expected);
        }
    }

    #[actix_web::test]
    async fn any_other_answer_is_none_and_is_not_repeated_in_the_error() {
        for (status, body) in [
            (200, r#"{"result":"王芳"}"#),
            (200, "王芳"),
            (404, r#"{"result":"match"}"#),
            (302, r#"{"result":"match"}"#),
            (500, r#"{"result":"match"}"#),
        ] {
            let registry = registry(platform(move |_| {
                let status = actix_web::http::StatusCode::from_u16(status).unwrap();
                Some(HttpResponse::build(status).body(body))
            }));
            let error = registry
                .check("王芳", "resident_id", "1")
                .await
                .unwrap_err();
            assert!(!format!("{error:?} {:#}", error.0).contains("王芳"));
        }
    }
}
