//! The provider of legal-person certificates and electronic business licences: `OpenID` Connect by the
//! authorization code flow, with PKCE, state and nonce (`OpenID` Connect Core 3.1, RFC 7636, RFC 9700).
//!
//! The flow is that of the crate `oauth2`; the ID token is verified with `jsonwebtoken`. The addresses that
//! the provider publishes are used only if they are at the issuer's own origin (S18).

mod claims;
mod provider;

use std::{error, fmt, sync::Arc};

use entity::values::CertificateKind;
use futures_util::future::BoxFuture;
use oauth2::{
    AsyncHttpClient, AuthUrl, AuthorizationCode, ClientId, ClientSecret, CsrfToken,
    ExtraTokenFields, HttpRequest, HttpResponse, PkceCodeChallenge, PkceCodeVerifier, RedirectUrl,
    RequestTokenError, Scope, StandardRevocableToken, StandardTokenResponse, TokenUrl,
    basic::{
        BasicErrorResponse, BasicErrorResponseType, BasicRevocationErrorResponse,
        BasicTokenIntrospectionResponse, BasicTokenType,
    },
    http::header::{ACCEPT, AUTHORIZATION},
};
use serde::{Deserialize, Serialize};
use tokio::time::{Instant, timeout_at};
use url::Url;
use zeroize::Zeroizing;

use self::{
    claims::Expected,
    provider::{Metadata, Provider},
};
use super::{
    Limits, PlatformError,
    outbound::{Call, FORM, Outbound},
};
use crate::platform::{Clock, Entropy, Secret};

/// How to reach the provider.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CertificateSettings {
    /// Its issuer identifier. What it publishes of itself is below it.
    pub issuer: String,
    /// Our client id.
    pub client_id: String,
    /// Our client secret.
    pub client_secret: Secret,
    /// The page that the provider sends browsers back to, as it is registered there.
    pub redirect_uri: String,
    /// What the provider may cost us.
    #[serde(default)]
    pub limits: Limits,
}

/// What ties a log-in at the provider to the one that was begun here. None of it is used twice.
#[derive(Clone)]
pub struct LoginTies {
    /// Comes back with the code.
    pub state: String,
    /// Comes back in the ID token.
    pub nonce: String,
    /// Goes with the code to the provider, who knows its digest: PKCE, `S256`.
    pub verifier: Zeroizing<String>,
}

/// A unit that the provider vouches for.
#[derive(Clone)]
pub struct CertifiedUnit {
    /// What it logged in with.
    pub certificate: CertificateKind,
    /// Its unified social credit code, as the provider says it.
    pub credit_code: String,
    /// Its registered name.
    pub name: String,
    /// Its legal person, if the provider names one.
    pub legal_person: Option<CertifiedPerson>,
}

/// The legal person of a unit, as the provider says it.
#[derive(Clone, Deserialize)]
pub struct CertifiedPerson {
    /// Kind of document, by the entity's name for it.
    pub document_type: String,
    /// Its number.
    pub document_number: Secret,
}

/// The provider of certificates and licences (L4).
pub trait CertificateProvider: fmt::Debug + Send + Sync {
    /// Where to send the browser of somebody who logs in with `certificate`, tied by `ties`.
    fn authorization<'a>(
        &'a self,
        certificate: CertificateKind,
        ties: &'a LoginTies,
    ) -> BoxFuture<'a, Result<Url, PlatformError>>;

    /// Exchange the code that the browser came back with. [`PlatformError::Forged`] covers every way in
    /// which the ID token is not this log-in's, for us, of the last minutes.
    fn redeem<'a>(
        &'a self,
        code: &'a str,
        certificate: CertificateKind,
        ties: &'a LoginTies,
    ) -> BoxFuture<'a, Result<CertifiedUnit, PlatformError>>;
}

/// The provider over HTTP.
pub struct HttpCertificates {
    provider: Provider,
    settings: CertificateSettings,
    clock: Arc<dyn Clock>,
}

/// What the token endpoint gives besides an access token, which nobody needs.
#[derive(Serialize, Deserialize)]
struct IdToken {
    id_token: String,
}

impl ExtraTokenFields for IdToken {}

impl fmt::Debug for IdToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("IdToken(***)")
    }
}

type Client = oauth2::Client<
    BasicErrorResponse,
    StandardTokenResponse<IdToken, BasicTokenType>,
    BasicTokenIntrospectionResponse,
    StandardRevocableToken,
    BasicRevocationErrorResponse,
>;

/// The token endpoint gave no answer.
#[derive(Debug, thiserror::Error)]
#[error("the token endpoint gave no answer")]
struct NoAnswer(#[source] Box<dyn error::Error + Send + Sync>);

/// Our own way out, as the crate takes it.
struct Way<'a> {
    to: &'a HttpCertificates,
    by: Instant,
}

impl<'c> AsyncHttpClient<'c> for Way<'_> {
    type Error = NoAnswer;
    type Future = BoxFuture<'c, Result<HttpResponse, NoAnswer>>;

    fn call(&'c self, request: HttpRequest) -> Self::Future {
        Box::pin(self.to.ask(request, self.by))
    }
}

impl HttpCertificates {
    /// A client for the provider of `settings`.
    pub fn new(
        settings: &CertificateSettings,
        clock: Arc<dyn Clock>,
        entropy: Arc<dyn Entropy>,
    ) -> anyhow::Result<Self> {
        let limits = settings.limits;
        let outbound = Outbound::new("certificates", limits, Arc::clone(&clock), entropy)?;
        RedirectUrl::new(settings.redirect_uri.clone())?;
        Ok(Self {
            provider: Provider::new(outbound, &settings.issuer, Arc::clone(&clock))?,
            settings: settings.clone(),
            clock,
        })
    }

    fn client(&self) -> anyhow::Result<Client> {
        let settings = &self.settings;
        Ok(Client::new(ClientId::new(settings.client_id.clone()))
            .set_client_secret(ClientSecret::new(settings.client_secret.reveal().into()))
            .set_redirect_uri(RedirectUrl::new(settings.redirect_uri.clone())?))
    }

    async fn address(
        &self,
        certificate: CertificateKind,
        ties: &LoginTies,
        by: Instant,
    ) -> Result<Url, PlatformError> {
        let metadata = self.provider.metadata(by).await?;
        let at = AuthUrl::new(metadata.authorization.to_string()).map_err(unusable)?;
        let client = self.client().map_err(PlatformError::Unavailable)?;
        let verifier = PkceCodeVerifier::new(ties.verifier.to_string());
        let (address, _) = client
            .set_auth_uri(at)
            .authorize_url(|| CsrfToken::new(ties.state.clone()))
            .add_scope(Scope::new("openid".into()))
            .set_pkce_challenge(PkceCodeChallenge::from_code_verifier_sha256(&verifier))
            .add_extra_param("nonce", ties.nonce.clone())
            .add_extra_param("acr_values", claims::acr_of(certificate))
            .url();
        Ok(address)
    }

    async fn exchange(
        &self,
        metadata: &Metadata,
        code: &str,
        ties: &LoginTies,
        by: Instant,
    ) -> Result<Zeroizing<String>, PlatformError> {
        let at = TokenUrl::new(metadata.token.to_string()).map_err(unusable)?;
        let client = self.client().map_err(PlatformError::Unavailable)?;
        let client = client.set_token_uri(at);
        let answer = client
            .exchange_code(AuthorizationCode::new(code.to_owned()))
            .set_pkce_verifier(PkceCodeVerifier::new(ties.verifier.to_string()))
            .request_async(&Way { to: self, by })
            .await;
        match answer {
            Ok(answer) => Ok(Zeroizing::new(answer.extra_fields().id_token.clone())),
            Err(RequestTokenError::ServerResponse(refusal))
                if *refusal.error() == BasicErrorResponseType::InvalidGrant =>
            {
                Err(PlatformError::CodeRefused)
            }
            // What the provider writes is not repeated.
            Err(RequestTokenError::ServerResponse(_)) => {
                Err(unusable("the provider refuses this client"))
            }
            Err(RequestTokenError::Request(NoAnswer(source))) => Err(PlatformError::Unavailable(
                anyhow::anyhow!(source).context("asking for an ID token"),
            )),
            Err(RequestTokenError::Parse(..) | RequestTokenError::Other(_)) => Err(unusable(
                "the provider answered in a form that is not known",
            )),
        }
    }

    /// Make the request of the crate's by our own way out.
    async fn ask(&self, request: HttpRequest, by: Instant) -> Result<HttpResponse, NoAnswer> {
        let told = |error: anyhow::Error| NoAnswer(error.into());
        let (head, body) = request.into_parts();
        let url = Url::parse(&head.uri.to_string()).map_err(|error| told(error.into()))?;
        let mut call = Call::post(url, FORM, body).kind("token");
        for (name, own) in [(AUTHORIZATION, "authorization"), (ACCEPT, "accept")] {
            if let Some(value) = head.headers.get(name).and_then(|value| value.to_str().ok()) {
                call = call.header(own, value).map_err(told)?;
            }
        }
        let reply = self.provider.outbound().call(call, by).await;
        let reply = reply.map_err(|failure| told(failure.into()))?;
        if reply.status.is_server_error() {
            return Err(told(anyhow::anyhow!("the provider failed")));
        }
        let mut response = HttpResponse::new(reply.body.to_vec());
        *response.status_mut() = reply.status;
        Ok(response)
    }

    async fn unit(
        &self,
        code: &str,
        certificate: CertificateKind,
        ties: &LoginTies,
        by: Instant,
    ) -> Result<CertifiedUnit, PlatformError> {
        let metadata = self.provider.metadata(by).await?;
        let token = self.exchange(&metadata, code, ties, by).await?;
        let header = claims::header_of(&token).ok_or(PlatformError::Forged)?;
        let kid = header.kid.as_deref().ok_or(PlatformError::Forged)?;
        let key = self.provider.key(kid, by).await?;
        let expected = Expected {
            issuer: &self.settings.issuer,
            client_id: &self.settings.client_id,
            nonce: &ties.nonce,
            certificate,
        };
        claims::verified(&token, &header, &key, &expected, self.clock.now())
            .ok_or(PlatformError::Forged)
    }
}

impl CertificateProvider for HttpCertificates {
    fn authorization<'a>(
        &'a self,
        certificate: CertificateKind,
        ties: &'a LoginTies,
    ) -> BoxFuture<'a, Result<Url, PlatformError>> {
        Box::pin(async move {
            let by = self.provider.outbound().deadline();
            timeout_at(by, self.address(certificate, ties, by))
                .await
                .unwrap_or_else(|_| Err(unusable("the deadline passed")))
        })
    }

    fn redeem<'a>(
        &'a self,
        code: &'a str,
        certificate: CertificateKind,
        ties: &'a LoginTies,
    ) -> BoxFuture<'a, Result<CertifiedUnit, PlatformError>> {
        Box::pin(async move {
            let by = self.provider.outbound().deadline();
            timeout_at(by, self.unit(code, certificate, ties, by))
                .await
                .unwrap_or_else(|_| Err(unusable("the deadline passed")))
        })
    }
}

fn unusable(why: impl fmt::Display) -> PlatformError {
    PlatformError::Unavailable(anyhow::anyhow!("{why}"))
}

impl fmt::Debug for HttpCertificates {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("HttpCertificates").finish_non_exhaustive()
    }
}
