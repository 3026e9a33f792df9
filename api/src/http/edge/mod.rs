//! The outermost layer: what holds for every answer, whichever route gave it.
//!
//! An answer carries a request id and the security headers, a refusal is a problem in the caller's
//! language and says nothing of ours (S20, S21), a panic is a refusal, and everything is counted. This
//! is on the hottest path: no span, no lock, and handles to meters are kept rather than looked up.

mod meters;
mod refusal;
mod request_id;
mod routes;

use std::{
    convert::Infallible,
    fmt,
    future::{Ready, ready},
    panic::{AssertUnwindSafe, catch_unwind},
    rc::Rc,
    sync::Arc,
    task::{Context, Poll},
    time::Instant,
};

use actix_web::{
    Error, FromRequest, HttpRequest, HttpResponse,
    body::{EitherBody, MessageBody},
    dev::{Payload, RequestHead, Service, ServiceRequest, ServiceResponse, Transform},
    http::{
        Method, StatusCode,
        header::{self, HeaderMap, HeaderName, HeaderValue},
    },
};
use futures_util::{
    FutureExt,
    future::{Either, LocalBoxFuture},
};

use self::{meters::Meters, refusal::Refused, request_id::RequestIds, routes::Routes};
use super::{
    problem::{INTERNAL, Language, Problem},
    shedding::{Admission, Admitted, Class},
};
use crate::platform::Entropy;

/// What answers may load and who may frame them: nothing and nobody.
const POLICY: &str = "default-src 'none'; frame-ancestors 'none'";

/// The same of pages, which load what this service serves. The browsable document styles itself.
const POLICY_OF_PAGES: &str = "default-src 'self'; style-src 'self' 'unsafe-inline'; \
    img-src 'self' data:; frame-ancestors 'none'";

/// The header that names a request.
static X_REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// The header that says how far the service is reduced, while it is.
static SERVICE_LEVEL: HeaderName = HeaderName::from_static("service-level");

/// A way past the router, for what is asked so often that finding the route is most of the cost.
///
/// It answers exactly as the route would, or leaves the request to it. What holds for every answer
/// holds for these.
pub trait Shortcut: fmt::Debug + Send + Sync {
    /// How to answer a request with `head`, unless that is left to its route.
    fn take(&self, head: &RequestHead) -> Option<Answering>;
}

/// How a shortcut answers.
pub enum Answering {
    /// At once.
    AtHand(HttpResponse),
    /// After asking somebody.
    Soon(Answer),
}

/// What is answered, after a while.
pub type Answer = LocalBoxFuture<'static, Result<HttpResponse, Problem>>;

/// The same for requests that have to be let in first, and whose bodies are read.
pub trait Lane: fmt::Debug + Send + Sync {
    /// How to answer `request`, unless that is left to its route.
    fn take(&self, request: &mut ServiceRequest) -> Option<Answer>;
}

/// The middleware. Goes around everything else: the last `wrap` of the application.
#[derive(Debug, Clone)]
pub struct Edge {
    entropy: Arc<dyn Entropy>,
    routes: Arc<Routes>,
    shortcut: Option<Arc<dyn Shortcut>>,
    lane: Option<Arc<dyn Lane>>,
    admission: Option<Arc<Admission>>,
    https: bool,
}

impl Edge {
    /// An edge around routes with these `patterns`, whose request ids come from `entropy`. `https` if
    /// that is how the public reaches us: then browsers are told to stay with it.
    #[must_use]
    pub fn new(entropy: Arc<dyn Entropy>, patterns: &[String], https: bool) -> Self {
        Self {
            entropy,
            routes: Arc::new(Routes::new(patterns)),
            shortcut: None,
            lane: None,
            admission: None,
            https,
        }
    }

    /// The same that lets in whom `admission` does.
    #[must_use]
    pub fn with_admission(self, admission: Arc<Admission>) -> Self {
        Self {
            admission: Some(admission),
            ..self
        }
    }

    /// The same with a `lane`.
    #[must_use]
    pub fn with_lane(self, lane: Arc<dyn Lane>) -> Self {
        Self {
            lane: Some(lane),
            ..self
        }
    }

    /// The same with a `shortcut`.
    #[must_use]
    pub fn with_shortcut(self, shortcut: Arc<dyn Shortcut>) -> Self {
        Self {
            shortcut: Some(shortcut),
            ..self
        }
    }
}

impl<S, B> Transform<S, ServiceRequest> for Edge
where
    S: Service<ServiceRequest, Response = ServiceResponse<B>, Error = Error> + 'static,
    B: MessageBody + 'static,
{
    type Response = ServiceResponse<EitherBody<B>>;
    type Error = Error;
    type Transform = EdgeService<S>;
    type InitError = ();
    type Future = Ready<Result<Self::Transform, ()>>;

    fn new_transform(&self, service: S) -> Self::Future {
        ready(Ok(EdgeService {
            service: Rc::new(service),
            worker: Rc::new(Worker {
                ids: RequestIds::new(&*self.entropy),
                meters: Meters::new(self.routes.len()),
                routes: Arc::clone(&self.routes),
                shortcut: self.shortcut.clone(),
                lane: self.lane.clone(),
                admission: self.admission.clone(),
                https: self.https,
            }),
        }))
    }
}

/// The middleware in one worker.
pub struct EdgeService<S> {
    service: Rc<S>,
    worker: Rc<Worker>,
}

impl<S> fmt::Debug for EdgeService<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("EdgeService").finish_non_exhaustive()
    }
}

struct Worker {
    ids: RequestIds,
    meters: Meters,
    routes: Arc<Routes>,
    shortcut: Option<Arc<dyn Shortcut>>,
    lane: Option<Arc<dyn Lane>>,
    admission: Option<Arc<Admission>>,
    https: bool,
}

impl Worker {
    /// Let `request` in, or say why not.
    fn admit(&self, request: &ServiceRequest) -> Result<Option<Admitted>, Problem> {
        let Some(admission) = &self.admission else {
            return Ok(None);
        };
        let class = Class::of(request.method(), request.path());
        admission.admit(class).map(Some)
    }

    /// The level that answers announce: none while everything is as usual.
    fn level(&self) -> Option<u8> {
        let level = self.admission.as_ref()?.level();
        (level > 0).then_some(level)
    }

    /// How the shortcut answers `request`. One that panics does not; the panic hook has said where.
    fn shortcut(&self, request: &ServiceRequest) -> Option<Answering> {
        let shortcut = self.shortcut.as_deref()?;
        catch_unwind(AssertUnwindSafe(|| shortcut.take(request.head())))
            .ok()
            .flatten()
    }

    /// How the lane answers `request`.
    fn lane(&self, request: &mut ServiceRequest) -> Option<Answer> {
        let lane = self.lane.as_deref()?;
        catch_unwind(AssertUnwindSafe(|| lane.take(request)))
            .ok()
            .flatten()
    }
}

impl<S, B> Service<ServiceRequest> for EdgeService<S>
where
    S: Service<ServiceRequest, Response = ServiceResponse<B>, Error = Error> + 'static,
    B: MessageBody + 'static,
{
    type Response = ServiceResponse<EitherBody<B>>;
    type Error = Error;
    type Future = Either<
        Ready<Result<Self::Response, Error>>,
        LocalBoxFuture<'static, Result<Self::Response, Error>>,
    >;

    fn poll_ready(&self, context: &mut Context<'_>) -> Poll<Result<(), Error>> {
        self.service.poll_ready(context)
    }

    fn call(&self, mut request: ServiceRequest) -> Self::Future {
        let visit = Visit::begin(Rc::clone(&self.worker), &request);
        match self.worker.shortcut(&request) {
            Some(Answering::AtHand(response)) => {
                return Either::Left(ready(Ok(visit.shortened(request, response))));
            }
            Some(Answering::Soon(answer)) => {
                return Either::Right(Box::pin(visit.soon(request, answer, None)));
            }
            None => {}
        }
        let admitted = match self.worker.admit(&request) {
            Ok(admitted) => admitted,
            Err(problem) => {
                let response = HttpResponse::from_error(problem);
                return Either::Left(ready(Ok(visit.shortened(request, response))));
            }
        };
        if let Some(answer) = self.worker.lane(&mut request) {
            return Either::Right(Box::pin(visit.soon(request, answer, admitted)));
        }
        let service = Rc::clone(&self.service);
        let answer = AssertUnwindSafe(async move { service.call(request).await }).catch_unwind();
        Either::Right(Box::pin(async move {
            let _admitted = admitted;
            match answer.await {
                Ok(Ok(response)) => Ok(visit.answered(response)),
                Ok(Err(error)) => Err(visit.failed(&error)),
                Err(_) => Err(visit.panicked()),
            }
        }))
    }
}

/// One request, from its arrival until its answer begins to leave or its caller goes away.
struct Visit {
    worker: Rc<Worker>,
    id: HeaderValue,
    method: Method,
    accept_language: Option<HeaderValue>,
    began: Instant,
}

impl Visit {
    fn begin(worker: Rc<Worker>, request: &ServiceRequest) -> Self {
        worker.meters.arrived();
        let headers = request.headers();
        Self {
            id: worker.ids.of(headers),
            worker,
            method: request.method().clone(),
            accept_language: headers.get(header::ACCEPT_LANGUAGE).cloned(),
            began: Instant::now(),
        }
    }

    /// The answer to `request`, which counts as long as it takes if it was `admitted`.
    async fn soon<B: MessageBody>(
        self,
        request: ServiceRequest,
        answer: Answer,
        _admitted: Option<Admitted>,
    ) -> Result<ServiceResponse<EitherBody<B>>, Error> {
        match AssertUnwindSafe(answer).catch_unwind().await {
            Ok(Ok(response)) => Ok(self.shortened(request, response)),
            Ok(Err(problem)) => Ok(self.shortened(request, HttpResponse::from_error(problem))),
            Err(_) => Err(self.panicked()),
        }
    }

    fn shortened<B: MessageBody>(
        self,
        request: ServiceRequest,
        response: HttpResponse,
    ) -> ServiceResponse<EitherBody<B>> {
        // `ServiceRequest::into_response` would drop the problem that a refusal carries.
        let (request, _) = request.into_parts();
        self.answered(ServiceResponse::new(request, response))
            .map_into_boxed_body()
            .map_into_right_body()
    }

    fn answered<B: MessageBody>(
        self,
        response: ServiceResponse<B>,
    ) -> ServiceResponse<EitherBody<B>> {
        let route = self.worker.routes.find(response.request().path());
        let problem = refusal::of(response.response());
        self.account(route, response.status(), problem.as_ref());
        let mut response = match problem {
            Some(problem) => refusal::rewrite(response, &problem, self.language(), self.id()),
            None => response.map_into_left_body(),
        };
        self.harden(response.headers_mut());
        response
    }

    /// A layer below refused without a response, and the request is lost.
    fn failed(&self, error: &Error) -> Error {
        self.refuse(&refusal::of_error(error))
    }

    /// The panic hook has said where.
    fn panicked(&self) -> Error {
        self.refuse(&Problem::new(INTERNAL))
    }

    fn refuse(&self, problem: &Problem) -> Error {
        self.account(None, problem.kind.status, Some(problem));
        let mut response = problem.render(self.language(), Some(self.id()));
        self.harden(response.headers_mut());
        Refused::new(response).into()
    }

    fn language(&self) -> Language {
        Language::negotiate(self.accept_language.as_ref().and_then(|v| v.to_str().ok()))
    }

    fn id(&self) -> &str {
        self.id.to_str().unwrap_or_default()
    }

    fn harden(&self, headers: &mut HeaderMap) {
        headers.insert(X_REQUEST_ID.clone(), self.id.clone());
        headers.insert(
            header::X_CONTENT_TYPE_OPTIONS,
            HeaderValue::from_static("nosniff"),
        );
        headers.insert(
            header::REFERRER_POLICY,
            HeaderValue::from_static("no-referrer"),
        );
        headers.insert(
            header::CONTENT_SECURITY_POLICY,
            HeaderValue::from_static(policy(headers)),
        );
        if let Some(level) = self.worker.level() {
            headers.insert(SERVICE_LEVEL.clone(), HeaderValue::from(u16::from(level)));
        }
        if self.worker.https {
            headers.insert(
                header::STRICT_TRANSPORT_SECURITY,
                HeaderValue::from_static("max-age=31536000; includeSubDomains"),
            );
        }
        if !headers.contains_key(header::CACHE_CONTROL) {
            headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
        }
    }

    /// Count, and log the route's pattern: paths and queries may hold what logs may not. Whoever
    /// found a failure has logged its causes; this says which request it was.
    fn account(&self, route: Option<usize>, status: StatusCode, problem: Option<&Problem>) {
        let took = self.began.elapsed();
        let pattern = self.worker.routes.pattern(route);
        self.worker
            .meters
            .answered(route, pattern, &self.method, status, took);

        let (id, method, code) = (self.id(), self.method.as_str(), status.as_u16());
        let duration_us = took.as_micros();
        if status.is_server_error() {
            let problem = problem.map_or("none", |problem| problem.kind.slug);
            tracing::warn!(
                request.id = id,
                problem,
                duration_us,
                "{method} {pattern} answered {code}"
            );
        } else {
            tracing::debug!(
                request.id = id,
                duration_us,
                "{method} {pattern} answered {code}"
            );
        }
    }
}

fn policy(headers: &HeaderMap) -> &'static str {
    let is_page = headers
        .get(header::CONTENT_TYPE)
        .is_some_and(|value| value.as_bytes().starts_with(b"text/html"));
    if is_page { POLICY_OF_PAGES } else { POLICY }
}

impl Drop for Visit {
    fn drop(&mut self) {
        self.worker.meters.left();
    }
}

impl FromRequest for Language {
    type Error = Infallible;
    type Future = Ready<Result<Self, Infallible>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(Ok(Self::asked_for_in(request.headers())))
    }
}

#[cfg(test)]
mod tests;
