//! A server of an app's own, that remembers what it was sent.

use std::net::TcpListener;
use std::sync::{Arc, Mutex};

use actix_web::web::{self, Bytes, Data};
use actix_web::{App, HttpRequest, HttpResponse, HttpServer, rt};

/// A call that the server got.
#[derive(Clone)]
pub(crate) struct Got {
    pub(crate) method: String,
    pub(crate) query: Vec<(String, String)>,
    pub(crate) content_type: String,
    pub(crate) body: String,
}

impl Got {
    pub(crate) fn param(&self, name: &str) -> &str {
        let pair = self.query.iter().find(|(key, _)| key == name);
        pair.map_or("", |(_, value)| value)
    }
}

type Answer = dyn Fn(usize, &Got) -> HttpResponse + Send + Sync;

struct State {
    got: Mutex<Vec<Got>>,
    answer: Box<Answer>,
}

/// A server on a free port, for as long as the test runs.
pub(crate) struct Server {
    pub(crate) url: String,
    state: Arc<State>,
}

impl Server {
    /// `answer` is told how many calls came before.
    pub(crate) fn answering(
        answer: impl Fn(usize, &Got) -> HttpResponse + Send + Sync + 'static,
    ) -> Self {
        let state = Arc::new(State {
            got: Mutex::default(),
            answer: Box::new(answer),
        });
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}/push?of=ours", listener.local_addr().unwrap());
        let data = Data::from(Arc::clone(&state));
        std::thread::spawn(move || {
            rt::System::new().block_on(async move {
                let app = move || {
                    App::new()
                        .app_data(data.clone())
                        .default_service(web::to(take))
                };
                let server = HttpServer::new(app).workers(1).disable_signals();
                server.listen(listener).unwrap().run().await.unwrap();
            });
        });
        Self { url, state }
    }

    pub(crate) fn saying(body: &'static str) -> Self {
        Self::answering(move |_, _| HttpResponse::Ok().body(body))
    }

    pub(crate) fn got(&self) -> Vec<Got> {
        self.state.got.lock().unwrap().clone()
    }
}

async fn take(request: HttpRequest, body: Bytes, state: Data<State>) -> HttpResponse {
    let query = url::form_urlencoded::parse(request.query_string().as_bytes());
    let content_type = request.headers().get("content-type");
    let got = Got {
        method: request.method().to_string(),
        query: query.into_owned().collect(),
        content_type: content_type
            .map_or("", |it| it.to_str().unwrap())
            .to_owned(),
        body: String::from_utf8(body.to_vec()).unwrap(),
    };
    let before = {
        let mut all = state.got.lock().unwrap();
        all.push(got.clone());
        all.len() - 1
    };
    (state.answer)(before, &got)
}
