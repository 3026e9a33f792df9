//! Connections that come back by themselves.

use std::{
    sync::{
        OnceLock,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use anyhow::Context;
use redis::{
    Client, Cmd, ConnectionInfo, ErrorKind, IntoConnectionInfo, Pipeline, ProtocolVersion,
    RedisError, RedisFuture, Value,
    aio::{ConnectionLike, ConnectionManager, ConnectionManagerConfig},
    cluster::{ClusterClient, ClusterConfig},
    cluster_async::ClusterConnection,
    io::tcp::TcpSettings,
};

use super::RedisSettings;

/// Connections of a process, at the most: one for each thread that asks, those of background work
/// included, or they would have taken those of the workers before these ask.
const MOST_LANES: usize = 64;
const FIRST_RETRY: Duration = Duration::from_millis(50);
const LAST_RETRY: Duration = Duration::from_millis(500);

/// Attempts to reconnect before waiting for the next request to ask again.
const RETRIES: usize = 100;

/// The way to one server or to a cluster.
pub(super) enum Link {
    Single(Box<Lanes>),
    Cluster(ClusterConnection),
}

/// One connection a thread, so that a request does not hop to another thread's reactor.
pub(super) struct Lanes {
    client: Client,
    config: ConnectionManagerConfig,
    connections: Box<[OnceLock<Result<ConnectionManager, RedisError>>]>,
}

/// What a request is sent on.
pub(super) enum Connection {
    Single(ConnectionManager),
    Cluster(ClusterConnection),
    Broken(RedisError),
}

impl Link {
    pub(super) fn open(settings: &RedisSettings) -> anyhow::Result<Self> {
        if settings.cluster {
            return open_cluster(settings);
        }
        let [url] = settings.urls.as_slice() else {
            anyhow::bail!("a Redis that is no cluster has one URL");
        };
        Ok(Self::Single(Box::new(Lanes {
            client: Client::open(connection_info(url, settings)?)?,
            config: ConnectionManagerConfig::new()
                .set_connection_timeout(Some(settings.connect_timeout))
                // The guard's deadline covers the whole request.
                .set_response_timeout(None)
                .set_min_delay(FIRST_RETRY)
                .set_max_delay(LAST_RETRY)
                .set_number_of_retries(RETRIES)
                .set_pipeline_buffer_size(settings.in_flight.max(1)),
            connections: (0..MOST_LANES).map(|_| OnceLock::new()).collect(),
        })))
    }

    pub(super) const fn is_cluster(&self) -> bool {
        matches!(self, Self::Cluster(_))
    }

    pub(super) fn connection(&self) -> Connection {
        match self {
            Self::Single(lanes) => lanes.connection(),
            Self::Cluster(connection) => Connection::Cluster(connection.clone()),
        }
    }
}

impl Lanes {
    /// This thread's connection, made on first use so that this thread's runtime drives it.
    fn connection(&self) -> Connection {
        let lane = thread_number() % self.connections.len();
        let manager = self.connections.get(lane).map(|connection| {
            connection.get_or_init(|| {
                ConnectionManager::new_lazy_with_config(self.client.clone(), self.config.clone())
            })
        });
        match manager {
            Some(Ok(manager)) => Connection::Single(manager.clone()),
            Some(Err(error)) => Connection::Broken(error.clone()),
            None => Connection::Broken((ErrorKind::Client, "no connection").into()),
        }
    }
}

impl ConnectionLike for Connection {
    fn req_packed_command<'a>(&'a mut self, cmd: &'a Cmd) -> RedisFuture<'a, Value> {
        match self {
            Self::Single(connection) => connection.req_packed_command(cmd),
            Self::Cluster(connection) => connection.req_packed_command(cmd),
            Self::Broken(error) => Box::pin(async { Err(error.clone()) }),
        }
    }

    fn req_packed_commands<'a>(
        &'a mut self,
        pipeline: &'a Pipeline,
        offset: usize,
        count: usize,
    ) -> RedisFuture<'a, Vec<Value>> {
        match self {
            Self::Single(connection) => connection.req_packed_commands(pipeline, offset, count),
            Self::Cluster(connection) => connection.req_packed_commands(pipeline, offset, count),
            Self::Broken(error) => Box::pin(async { Err(error.clone()) }),
        }
    }

    fn get_db(&self) -> i64 {
        match self {
            Self::Single(connection) => connection.get_db(),
            Self::Cluster(connection) => connection.get_db(),
            Self::Broken(_) => 0,
        }
    }
}

fn open_cluster(settings: &RedisSettings) -> anyhow::Result<Link> {
    let nodes: Vec<ConnectionInfo> = settings
        .urls
        .iter()
        .map(|url| connection_info(url, settings))
        .collect::<Result<_, _>>()?;
    let client = ClusterClient::builder(nodes)
        .connection_timeout(settings.connect_timeout)
        .response_timeout(settings.response_timeout)
        .tcp_settings(tcp(settings))
        .min_retry_wait(10)
        .max_retry_wait(100)
        .build()
        .context("no cluster can be reached with these URLs")?;
    Ok(Link::Cluster(
        client.get_pending_async_connection_with_config(ClusterConfig::new()),
    ))
}

fn connection_info(url: &str, settings: &RedisSettings) -> anyhow::Result<ConnectionInfo> {
    // The cause would quote the URL, and with it the password.
    let Ok(info) = url.into_connection_info() else {
        anyhow::bail!("a Redis URL is malformed");
    };
    // RESP3 tells at once when the connection is lost, before a request runs into it.
    let redis = info.redis_settings().clone();
    Ok(info
        .set_redis_settings(redis.set_protocol(ProtocolVersion::RESP3))
        .set_tcp_settings(tcp(settings)))
}

fn tcp(settings: &RedisSettings) -> TcpSettings {
    let tcp = TcpSettings::default().set_nodelay(true);
    // A peer that vanished without a word is given up once it owes two answers' time.
    #[cfg(target_os = "linux")]
    let tcp = tcp.set_user_timeout(settings.response_timeout.saturating_mul(2));
    tcp
}

/// A small number for each thread that asks, from zero.
fn thread_number() -> usize {
    static THREADS: AtomicUsize = AtomicUsize::new(0);
    thread_local! {
        static NUMBER: usize = THREADS.fetch_add(1, Ordering::Relaxed);
    }
    NUMBER.with(|number| *number)
}
