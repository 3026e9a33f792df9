//! What the shared store does when its server is slow, gone or back.

use std::{sync::Arc, time::Duration};

use api::platform::{
    Ephemeral,
    ephemeral::{Redis, RedisSettings},
};
use integration_tests::ManualClock;
use tokio::{
    io::copy_bidirectional,
    net::{TcpListener, TcpStream},
    task::{JoinHandle, JoinSet},
};

use super::{TTL, noon, quota, url};

/// A store on `port` of this machine that waits for a moment only.
fn on_port(port: u16, cluster: bool) -> Redis {
    let settings = RedisSettings {
        connect_timeout: Duration::from_millis(10),
        response_timeout: Duration::from_millis(20),
        ..RedisSettings::new(vec![format!("redis://127.0.0.1:{port}/")], cluster)
    };
    Redis::connect(&settings, Arc::new(ManualClock::at(noon()))).unwrap()
}

async fn every_verb_is_unavailable(store: &Redis) {
    assert!(store.ping().await.is_err());
    assert!(store.get(&["key"]).await.is_err());
    assert!(store.put("key", b"x", TTL).await.is_err());
    assert!(store.put_new("key", b"x", TTL).await.is_err());
    assert!(store.put_newer("key", 1, b"x", TTL).await.is_err());
    assert!(store.take("key").await.is_err());
    let quotas = [quota("key", 1)];
    assert!(store.hit(&quotas).await.is_err());
    assert!(store.hit_and_put(&quotas, "key", b"x", TTL).await.is_err());
}

#[tokio::test]
async fn a_redis_that_hangs_is_unavailable() {
    let silent = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = silent.local_addr().unwrap().port();
    for cluster in [false, true] {
        every_verb_is_unavailable(&on_port(port, cluster)).await;
    }
}

#[tokio::test]
async fn a_redis_that_is_not_there_is_unavailable() {
    let gone = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = gone.local_addr().unwrap().port();
    drop(gone);
    for cluster in [false, true] {
        every_verb_is_unavailable(&on_port(port, cluster)).await;
    }
}

/// Passes connections on to the Redis under test until it is aborted, and they with it.
async fn way_to_redis(port: u16) -> (u16, JoinHandle<()>) {
    let door = TcpListener::bind(("127.0.0.1", port)).await.unwrap();
    let port = door.local_addr().unwrap().port();
    let behind = url("TEST_REDIS_URL").parse::<reqwest::Url>().unwrap();
    let behind = (
        behind.host_str().unwrap().to_owned(),
        behind.port().unwrap(),
    );
    let passing_on = tokio::spawn(async move {
        let mut open = JoinSet::new();
        loop {
            let (mut client, _) = door.accept().await.unwrap();
            let mut server = TcpStream::connect(&behind).await.unwrap();
            open.spawn(async move { copy_bidirectional(&mut client, &mut server).await });
        }
    });
    (port, passing_on)
}

#[tokio::test]
async fn a_redis_that_comes_back_is_used_again() {
    let (port, way) = way_to_redis(0).await;
    let settings = RedisSettings {
        response_timeout: Duration::from_secs(5),
        ..RedisSettings::new(vec![format!("redis://127.0.0.1:{port}/")], false)
    };
    let store = Redis::connect(&settings, Arc::new(ManualClock::at(noon()))).unwrap();
    store.ping().await.unwrap();

    way.abort();
    assert!(way.await.unwrap_err().is_cancelled());
    while store.ping().await.is_ok() {}

    let (_, _way) = way_to_redis(port).await;
    let back = async {
        while store.ping().await.is_err() {
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(Duration::from_mins(1), back)
        .await
        .unwrap();
}

#[tokio::test]
async fn a_prefix_that_would_pin_every_key_to_one_slot_is_refused() {
    let settings = RedisSettings {
        prefix: "{app}".into(),
        ..RedisSettings::new(vec!["redis://127.0.0.1/".into()], false)
    };
    assert!(Redis::connect(&settings, Arc::new(ManualClock::at(noon()))).is_err());
}
