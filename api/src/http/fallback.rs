//! What is answered where there is no route.

use std::{future::ready, sync::Arc};

use actix_web::{
    HttpRequest, HttpResponse, Route,
    dev::ResourceDef,
    http::{StatusCode, header},
    web,
};
use utoipa::openapi::{OpenApi, PathItem};

use super::problem::{Kind, Problem, Text};

/// Nothing is ever served at this path.
pub const NO_SUCH_ROUTE: Kind = Kind {
    slug: "no-such-route",
    status: StatusCode::NOT_FOUND,
    title: Text::new("没有这个接口", "There is no such route"),
};

/// The path is served, by other methods: `Allow` lists them.
pub const METHOD_NOT_ALLOWED: Kind = Kind {
    slug: "method-not-allowed",
    status: StatusCode::METHOD_NOT_ALLOWED,
    title: Text::new("不支持该请求方法", "This method is not supported here"),
};

/// Tells a path that does not exist from one that does not know the method.
#[derive(Clone)]
pub struct Fallback(Arc<[Known]>);

struct Known {
    path: ResourceDef,
    methods: Vec<&'static str>,
}

impl Fallback {
    /// A fallback that knows the paths of `document`.
    #[must_use]
    pub fn new(document: &OpenApi) -> Self {
        let known = |(path, item): (&String, &PathItem)| Known {
            path: ResourceDef::new(path.as_str()),
            methods: methods_of(item),
        };
        Self(document.paths.paths.iter().map(known).collect())
    }

    /// The route to give to `default_service`.
    #[must_use]
    pub fn route(&self) -> Route {
        let fallback = self.clone();
        web::route().to(move |request: HttpRequest| ready(fallback.answer(&request)))
    }

    fn answer(&self, request: &HttpRequest) -> HttpResponse {
        let allowed = self.methods_at(request.path());
        if allowed.is_empty() || allowed.contains(&request.method().as_str()) {
            return HttpResponse::from_error(Problem::new(NO_SUCH_ROUTE));
        }
        not_allowed(&allowed)
    }

    /// Without duplicates: a path may match a fixed pattern and one with a parameter.
    fn methods_at(&self, path: &str) -> Vec<&'static str> {
        let mut methods: Vec<_> = self
            .0
            .iter()
            .filter(|known| known.path.is_match(path))
            .flat_map(|known| known.methods.iter().copied())
            .collect();
        methods.sort_unstable();
        methods.dedup();
        methods
    }
}

/// The path knows none but the `allowed` methods.
#[must_use]
pub fn not_allowed(allowed: &[&str]) -> HttpResponse {
    let mut response = HttpResponse::from_error(Problem::new(METHOD_NOT_ALLOWED));
    if let Ok(allowed) = allowed.join(", ").parse() {
        response.headers_mut().insert(header::ALLOW, allowed);
    }
    response
}

impl std::fmt::Debug for Fallback {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Fallback")
            .field("paths", &self.0.len())
            .finish()
    }
}

fn methods_of(item: &PathItem) -> Vec<&'static str> {
    [
        ("GET", &item.get),
        ("PUT", &item.put),
        ("POST", &item.post),
        ("DELETE", &item.delete),
        ("OPTIONS", &item.options),
        ("HEAD", &item.head),
        ("PATCH", &item.patch),
        ("TRACE", &item.trace),
    ]
    .into_iter()
    .filter_map(|(method, operation)| operation.as_ref().map(|_| method))
    .collect()
}

#[cfg(test)]
mod tests {
    use actix_web::{
        App,
        http::Method,
        test::{TestRequest, call_service, init_service},
    };
    use utoipa::openapi::{
        HttpMethod, OpenApiBuilder, PathsBuilder,
        path::{OperationBuilder, PathItem},
    };

    use super::*;

    fn document() -> OpenApi {
        let item = |method| PathItem::new(method, OperationBuilder::new());
        let paths = PathsBuilder::new()
            .path("/people/{id}", item(HttpMethod::Get))
            .path("/people/{id}", item(HttpMethod::Delete))
            .path("/people/me", item(HttpMethod::Post));
        OpenApiBuilder::new().paths(paths).build()
    }

    async fn ask(method: Method, path: &str) -> (u16, Option<String>) {
        let fallback = Fallback::new(&document());
        let app = init_service(App::new().default_service(fallback.route())).await;
        let request = TestRequest::with_uri(path).method(method).to_request();
        let response = call_service(&app, request).await;
        let allow = response.headers().get(header::ALLOW);
        (
            response.status().as_u16(),
            allow.map(|allow| allow.to_str().unwrap().to_owned()),
        )
    }

    #[actix_web::test]
    async fn an_unknown_path_is_not_found_whatever_the_method() {
        assert_eq!(ask(Method::GET, "/").await, (404, None));
        assert_eq!(ask(Method::PUT, "/people/1/2").await, (404, None));
        assert_eq!(ask(Method::GET, "/people/").await, (404, None));
    }

    #[actix_web::test]
    async fn a_known_path_names_the_methods_that_it_allows() {
        let allow = |methods: &str| (405, Some(methods.to_owned()));
        assert_eq!(ask(Method::PUT, "/people/1").await, allow("DELETE, GET"));
        assert_eq!(
            ask(Method::PUT, "/people/me").await,
            allow("DELETE, GET, POST"),
            "the parameter may be `me`"
        );
    }
}
