//! An SMS gateway that accepts whatever it is sent, and counts.
//!
//! It speaks as Aliyun does, without looking at what it is told: what an accepted message costs the
//! service is measured, not what it costs the gateway.

use std::{
    net::SocketAddr,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    thread,
};

use actix_web::{
    App, HttpResponse, HttpServer,
    dev::ServerHandle,
    http::header::ContentType,
    web::{self, Data},
};
use anyhow::{Context, Result};
use tokio::sync::oneshot;

/// "The message was accepted."
const ACCEPTED: &str = r#"{"Code":"OK","Message":"OK","RequestId":"1","BizId":"1"}"#;

/// A running gateway. It stops when this goes away.
#[derive(Debug)]
pub(crate) struct Gateway {
    address: SocketAddr,
    accepted: Arc<AtomicU64>,
    server: ServerHandle,
}

impl Gateway {
    /// Start one, on a thread of its own.
    pub(crate) async fn start() -> Result<Self> {
        let accepted = Arc::new(AtomicU64::new(0));
        let counter = Data::from(Arc::clone(&accepted));
        let port = crate::world::free_port()?;
        let (sender, receiver) = oneshot::channel();
        thread::spawn(move || {
            actix_web::rt::System::new().block_on(async move {
                let server = HttpServer::new(move || {
                    App::new()
                        .app_data(counter.clone())
                        .default_service(web::to(accept))
                })
                .workers(1)
                .disable_signals()
                .bind(("127.0.0.1", port))
                .map(HttpServer::run);
                let Ok(server) = server else { return };
                // Nobody listens when the benchmark is being stopped.
                let _ = sender.send(server.handle());
                let _ = server.await;
            });
        });
        Ok(Self {
            address: crate::world::loopback(port),
            accepted,
            server: receiver.await.context("the gateway does not start")?,
        })
    }

    /// Where it is.
    pub(crate) fn base_url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Messages accepted so far.
    pub(crate) fn accepted(&self) -> u64 {
        self.accepted.load(Ordering::Relaxed)
    }
}

impl Drop for Gateway {
    fn drop(&mut self) {
        // The order is given at once; the answer is of no interest.
        drop(self.server.stop(false));
    }
}

/// Whoever leaves a body unread has to close the connection, which no gateway does.
async fn accept(accepted: Data<AtomicU64>, _body: web::Bytes) -> HttpResponse {
    accepted.fetch_add(1, Ordering::Relaxed);
    HttpResponse::Ok()
        .content_type(ContentType::json())
        .body(ACCEPTED)
}
