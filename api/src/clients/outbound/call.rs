//! What is to be sent.

use anyhow::{Context, ensure};
use bytes::Bytes;
use reqwest::{
    Method, Request,
    header::{CONTENT_TYPE, HeaderName, HeaderValue},
};
use url::Url;

/// Media type of JSON bodies.
pub(crate) const JSON: &str = "application/json";

/// Media type of form bodies, as Alipay asks for it.
pub(crate) const FORM: &str = "application/x-www-form-urlencoded;charset=utf-8";

/// A request, of what kind it is, and whether it may be made twice.
pub(crate) struct Call {
    request: Request,
    kind: &'static str,
    idempotent: bool,
}

impl Call {
    pub(crate) fn get(url: Url) -> Self {
        Self::of(Request::new(Method::GET, url))
    }

    pub(crate) fn delete(url: Url) -> Self {
        Self::of(Request::new(Method::DELETE, url))
    }

    pub(crate) fn post(url: Url, content_type: &'static str, body: Vec<u8>) -> Self {
        Self::with_body(Method::POST, url, content_type, body.into())
    }

    pub(crate) fn put(url: Url, content_type: &'static str, body: Bytes) -> Self {
        Self::with_body(Method::PUT, url, content_type, body)
    }

    fn with_body(method: Method, url: Url, content_type: &'static str, body: Bytes) -> Self {
        let mut request = Request::new(method, url);
        request
            .headers_mut()
            .insert(CONTENT_TYPE, HeaderValue::from_static(content_type));
        *request.body_mut() = Some(body.into());
        Self::of(request)
    }

    fn of(request: Request) -> Self {
        Self {
            request,
            kind: "call",
            idempotent: false,
        }
    }

    /// With a header. One that HTTP cannot carry is a fault of the configuration.
    pub(crate) fn header(mut self, name: &'static str, value: &str) -> anyhow::Result<Self> {
        let mut value = HeaderValue::from_str(value)
            .with_context(|| format!("the value for the header {name} cannot be sent"))?;
        value.set_sensitive(true);
        self.request
            .headers_mut()
            .insert(HeaderName::from_static(name), value);
        Ok(self)
    }

    /// Say what is asked for, where one platform is asked for several things: what hangs at one of them
    /// holds up no other.
    pub(crate) fn kind(mut self, kind: &'static str) -> Self {
        self.kind = kind;
        self
    }

    pub(super) fn its_kind(&self) -> &'static str {
        self.kind
    }

    /// Say that making this call twice does no more than making it once.
    pub(crate) fn idempotent(mut self) -> Self {
        self.idempotent = true;
        self
    }

    /// The same call once more, if that is harmless.
    pub(super) fn again(&self) -> Option<Self> {
        let request = self
            .idempotent
            .then(|| self.request.try_clone())
            .flatten()?;
        Some(Self {
            request,
            kind: self.kind,
            idempotent: true,
        })
    }

    pub(super) fn into_request(self) -> Request {
        self.request
    }
}

/// The address of `path` below the configured `base`.
pub(crate) fn endpoint(base: &str, path: &str) -> anyhow::Result<Url> {
    let mut url = Url::parse(base).context("a platform's address is not a URL")?;
    ensure!(
        matches!(url.scheme(), "http" | "https"),
        "a platform's address must be an http or https URL"
    );
    ensure!(
        url.query().is_none() && url.fragment().is_none(),
        "a platform's address has neither query nor fragment"
    );
    url.path_segments_mut()
        .map_err(|()| anyhow::anyhow!("a platform's address must have a path"))?
        .pop_if_empty()
        .extend(path.split('/').filter(|segment| !segment.is_empty()));
    Ok(url)
}
