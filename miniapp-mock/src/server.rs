//! The listener: one thread of its own, so that any runtime may start a mock.

use std::any::Any;
use std::io;
use std::net::{SocketAddr, TcpListener};
use std::ops::Deref;
use std::thread::{self, JoinHandle};
use std::time::Duration;

use actix_web::dev::{Extensions, ServerHandle};
use actix_web::http::StatusCode;
use actix_web::rt::System;
use actix_web::rt::net::TcpStream;
use actix_web::web::{self, Bytes, Data, PayloadConfig};
use actix_web::{App, HttpRequest, HttpResponse, HttpServer, rt};
use socket2::{SockRef, Socket};
use tokio::sync::oneshot;

use crate::bodies::{Broken, Drip, Half};
use crate::call::Call;
use crate::config::MockConfig;
use crate::control;
use crate::delivery::{Delivery, Pace, Sending};
use crate::state::World;

/// Objects are the largest of what is sent.
const MAX_BODY: usize = 32 * 1024 * 1024;

/// A mock did not start.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// A key of this Alipay app cannot be read.
    #[error("a key of the Alipay app {0} cannot be read")]
    Key(String),
    /// The address cannot be listened on, or the thread not be started.
    #[error("the mock cannot listen")]
    Listen(#[source] io::Error),
    /// The listening thread died before it was ready.
    #[error("the mock's thread died")]
    Died,
}

/// A running mock. It stops when told to, or when dropped.
///
/// Everything that may be done to the world behind it is a method of [`World`].
pub struct Mock {
    world: World,
    address: SocketAddr,
    base_url: String,
    server: ServerHandle,
    thread: Option<JoinHandle<()>>,
    ended: Option<oneshot::Receiver<()>>,
}

impl Deref for Mock {
    type Target = World;

    fn deref(&self) -> &World {
        &self.world
    }
}

impl Mock {
    /// The address it listens on.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// `http://address:port`, without a slash at the end: the base of WeChat's paths, of the
    /// registry's and of the control surface, and the host of both SMS gateways.
    #[must_use]
    pub fn base_url(&self) -> &str {
        &self.base_url
    }

    /// The URL of Alipay's gateway.
    #[must_use]
    pub fn alipay_gateway_url(&self) -> String {
        format!("{}/gateway.do", self.base_url)
    }

    /// Stop listening, break what is open, and wait until the thread is gone.
    pub async fn stop(mut self) {
        self.server.stop(false).await;
        if let Some(ended) = self.ended.take() {
            // A thread that died is gone as well.
            let _ = ended.await;
        }
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

impl Drop for Mock {
    fn drop(&mut self) {
        // The order is given at once; only waiting for it would need the future.
        drop(self.server.stop(false));
    }
}

/// Start a mock and return once it listens.
///
/// Any runtime will do, and any number of mocks may run in one process: they share nothing.
pub async fn start(config: MockConfig) -> Result<Mock, StartError> {
    let listener = TcpListener::bind(config.listen).map_err(StartError::Listen)?;
    let address = listener.local_addr().map_err(StartError::Listen)?;
    let world = World::new(config)?;

    let (ready, handle) = oneshot::channel();
    let (end, ended) = oneshot::channel();
    let behind = world.clone();
    let thread = thread::Builder::new()
        .name("miniapp-mock".to_owned())
        .spawn(move || {
            System::new().block_on(serve(listener, behind, ready));
            // Nobody may be waiting.
            let _ = end.send(());
        })
        .map_err(StartError::Listen)?;
    let server = handle
        .await
        .map_err(|_| StartError::Died)?
        .map_err(StartError::Listen)?;
    Ok(Mock {
        world,
        address,
        base_url: format!("http://{address}"),
        server,
        thread: Some(thread),
        ended: Some(ended),
    })
}

async fn serve(
    listener: TcpListener,
    world: World,
    ready: oneshot::Sender<io::Result<ServerHandle>>,
) {
    let pushing = world.clone();
    rt::spawn(async move { pushing.0.keep_pushing().await });
    let deliver = world.clone();
    let server = HttpServer::new(move || {
        App::new()
            .app_data(Data::new(world.clone()))
            .app_data(PayloadConfig::new(MAX_BODY))
            .configure(control::configure)
            .default_service(web::to(answer))
    })
    .workers(1)
    .disable_signals()
    .shutdown_timeout(0)
    .on_connect(keep_a_hand_on_the_socket)
    .listen(listener);

    match server {
        Ok(server) => {
            let running = server.run();
            if deliver.follows_the_machine() {
                rt::spawn(deliver_on_time(deliver));
            }
            // Whoever started the mock may have given up; then the handle stops it.
            if ready.send(Ok(running.handle())).is_ok() {
                let _ = running.await;
            }
        }
        Err(failure) => drop(ready.send(Err(failure))),
    }
}

/// Make attempts to deliver notifications as they become due.
async fn deliver_on_time(world: World) {
    let mut seconds = rt::time::interval(Duration::from_secs(1));
    loop {
        seconds.tick().await;
        world.flush_notifications().await;
        world.flush_data_centre().await;
    }
}

/// A second hand on a connection, to break it with.
struct Hand(Socket);

fn keep_a_hand_on_the_socket(connection: &dyn Any, data: &mut Extensions) {
    if let Some(stream) = connection.downcast_ref::<TcpStream>()
        && let Ok(socket) = SockRef::from(stream).try_clone()
    {
        data.insert(Hand(socket));
    }
}

async fn answer(request: HttpRequest, body: Bytes, world: Data<World>) -> HttpResponse {
    let call = Call::read(&request, body);
    match world.0.deliver(&call) {
        Delivery::End { reset, .. } => end_connection(&request, reset),
        Delivery::Send(sending) => {
            if sending.after > Duration::ZERO {
                rt::time::sleep(sending.after).await;
            }
            respond(sending)
        }
    }
}

fn respond(sending: Sending) -> HttpResponse {
    let Sending {
        reply,
        headers,
        pace,
        ..
    } = sending;
    let status = StatusCode::from_u16(reply.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let mut response = HttpResponse::build(status);
    for header in headers {
        response.insert_header(header);
    }
    if let Some(location) = reply.location {
        response.insert_header(("location", location));
    }
    response.insert_header(("content-type", reply.content_type));
    match pace {
        Pace::Whole => response.body(reply.body),
        Pace::Drip { bytes, every } => response.body(Drip::of(reply.body, bytes, every)),
        Pace::Half => response.body(Half::of(reply.body)),
    }
}

/// End the connection without a reply; if it is to be `reset`, the client sees that.
fn end_connection(request: &HttpRequest, reset: bool) -> HttpResponse {
    if reset && let Some(Hand(socket)) = request.conn_data::<Hand>() {
        // Where the system refuses, the broken body below still ends the connection.
        let _ = socket.set_linger(Some(Duration::ZERO));
    }
    HttpResponse::Ok().body(Broken)
}
