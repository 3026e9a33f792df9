//! The store that instances share: Redis 6.2 or later, or what speaks like it; single or cluster.
//!
//! Every verb is one command or one script (`put_new` may need both, each deciding for itself; a hit
//! on a cluster, one script for each slot). A value is kept in an envelope of its deadline, its
//! version and its bytes; the deadline is by our `Clock`, and Redis drops the key only later.

use std::{fmt, sync::Arc, time::Duration};

use bytes::Bytes;
use chrono::{DateTime, Utc};
use futures_util::future::try_join_all;
use redis::{
    Cmd, ErrorKind, FromRedisValue, RedisResult, RedisWrite, Script, ServerErrorKind, ToRedisArgs,
    cluster_routing::Slot,
};

use self::{guard::Guard, link::Link};
use super::{Admission, Answer, Ephemeral, Put, Quota, Rate, deadline, millis};
use crate::platform::Clock;

mod guard;
mod link;

/// Redis keeps a key this long past its deadline, so that Redis's time never decides.
const GRACE: Duration = Duration::from_secs(30);

/// Deadline and version, eight bytes each, before the value.
const HEAD: usize = 16;

/// Bytes of a window: when it ends, eight bytes, and its count.
const WINDOW: usize = 12;

/// How to reach Redis, and how long to wait for it.
#[derive(Clone)]
pub struct RedisSettings {
    /// `redis://` or `rediss://`, with credentials: one server, or some nodes of a cluster.
    pub urls: Vec<String>,
    /// Whether the servers are a cluster.
    pub cluster: bool,
    /// Before every key. No braces: they would put every key into one slot.
    pub prefix: String,
    /// Longest wait for a connection.
    pub connect_timeout: Duration,
    /// Longest wait for an answer, a new connection included.
    pub response_timeout: Duration,
    /// Most requests that wait for Redis at once; one more fails at once.
    pub in_flight: usize,
}

/// `Ephemeral` on Redis.
///
/// Every verb answers within the response timeout. While Redis does not answer, most requests
/// fail at once and one now and then tries; connections come back by themselves.
pub struct Redis {
    clock: Arc<dyn Clock>,
    prefix: String,
    link: Link,
    guard: Guard,
    put: Script,
    hit: Script,
    outdate: Script,
    take_back: Script,
}

impl RedisSettings {
    /// The servers at `urls`, with `tongxing:` before every key, 500 ms to connect, 750 ms to
    /// answer and 8,192 requests in flight.
    #[must_use]
    pub fn new(urls: Vec<String>, cluster: bool) -> Self {
        Self {
            urls,
            cluster,
            prefix: "tongxing:".into(),
            connect_timeout: Duration::from_millis(500),
            response_timeout: Duration::from_millis(750),
            in_flight: 8_192,
        }
    }
}

impl Redis {
    /// A store whose entries live by `clock`. Connects when first used, so an instance starts
    /// while Redis is away. Fails only on settings that can never work.
    ///
    /// Must be called within a Tokio runtime.
    pub fn connect(settings: &RedisSettings, clock: Arc<dyn Clock>) -> anyhow::Result<Self> {
        anyhow::ensure!(
            !settings.prefix.contains(['{', '}']),
            "the key prefix has braces"
        );
        Ok(Self {
            clock,
            prefix: settings.prefix.clone(),
            link: Link::open(settings)?,
            guard: Guard::new(settings.in_flight, settings.response_timeout),
            put: Script::new(include_str!("put.lua")),
            hit: Script::new(include_str!("hit.lua")),
            outdate: Script::new(include_str!("outdate.lua")),
            take_back: Script::new(include_str!("take_back.lua")),
        })
    }

    fn value_key<'a>(&'a self, key: &'a str) -> Key<'a> {
        Key(&self.prefix, "v:", key)
    }

    fn count_key<'a>(&'a self, quota: &'a Quota) -> Key<'a> {
        Key(&self.prefix, "n:", &quota.key)
    }

    fn set(&self, key: &str, version: u64, value: &[u8], ttl: Duration) -> Cmd {
        let mut set = command("SET", self.value_key(key));
        set.arg(seal(deadline(self.clock.now(), ttl), version, value))
            .arg("PX")
            .arg(kept_for(ttl));
        set
    }

    async fn put_if(
        &self,
        key: &str,
        version: u64,
        value: &[u8],
        ttl: Duration,
        condition: &str,
    ) -> RedisResult<bool> {
        let now = self.clock.now();
        let mut call = calling(&self.put, 1);
        call.arg(self.value_key(key))
            .arg(seal(deadline(now, ttl), version, value))
            .arg(now.timestamp_millis())
            .arg(kept_for(ttl))
            .arg(condition);
        self.run(&self.put, &call).await
    }

    /// One script on a single server. On a cluster, one for each slot, in the order asked, and then
    /// the value. If a slot refuses, those before it take their hits back. Should that fail, hits
    /// stay counted that were never admitted: the error is on the strict side.
    async fn hit_all(&self, quotas: &[Quota], put: Option<Put<'_>>) -> RedisResult<Admission> {
        let now = self.clock.now();
        let (with_hit, after) = if self.link.is_cluster() || quotas.is_empty() {
            (None, put)
        } else {
            (put, None)
        };
        let groups = self.by_slot(quotas);
        for (passed, group) in groups.iter().enumerate() {
            let refusal = self.hit_together(group, with_hit, now).await?;
            if let Some((quota, retry_after)) = refusal {
                for counted in groups.iter().take(passed) {
                    let _ = self.take_back_together(counted, now).await;
                }
                return Ok(Admission::Refused { quota, retry_after });
            }
        }
        if let Some(Put { key, value, ttl }) = after {
            let set = self.set(key, 0, value, ttl);
            let () = set.query_async(&mut self.link.connection()).await?;
        }
        Ok(Admission::Admitted)
    }

    async fn hit_together(
        &self,
        group: &[(usize, &Quota)],
        put: Option<Put<'_>>,
        now: DateTime<Utc>,
    ) -> RedisResult<Option<(usize, Duration)>> {
        let mut call = calling(&self.hit, group.len() + usize::from(put.is_some()));
        for (_, quota) in group {
            call.arg(self.count_key(quota));
        }
        if let Some(put) = &put {
            call.arg(self.value_key(put.key));
        }
        call.arg(now.timestamp_millis()).arg(group.len());
        for (_, quota) in group {
            let periods = quota.rates.iter().map(|rate| rate.period);
            let none = quota.rates.iter().any(|rate| rate.limit == 0);
            let begun = (!none).then(|| windows(now, &quota.rates, |_| 1));
            call.arg(begun.unwrap_or_default())
                .arg(windows(now, &quota.rates, |rate| rate.limit))
                .arg(kept_for(periods.max().unwrap_or_default()));
        }
        if let Some(Put { value, ttl, .. }) = put {
            call.arg(seal(deadline(now, ttl), 0, value))
                .arg(kept_for(ttl));
        }
        let full: Vec<usize> = self.run(&self.hit, &call).await?;
        let [at, left] = full.as_slice() else {
            return Ok(None);
        };
        let retry_after = Duration::from_millis(*left as u64);
        Ok(group.get(*at).map(|(index, _)| (*index, retry_after)))
    }

    async fn take_back_together(
        &self,
        group: &[(usize, &Quota)],
        now: DateTime<Utc>,
    ) -> RedisResult<()> {
        let mut call = calling(&self.take_back, group.len());
        for (_, quota) in group {
            call.arg(self.count_key(quota));
        }
        call.arg(now.timestamp_millis());
        self.run(&self.take_back, &call).await
    }

    /// Make a call of `script`, which Redis is given if it has it no longer.
    async fn run<T: FromRedisValue>(&self, script: &Script, call: &Cmd) -> RedisResult<T> {
        let mut connection = self.link.connection();
        match call.query_async(&mut connection).await {
            Err(error) if error.kind() == ErrorKind::Server(ServerErrorKind::NoScript) => {
                script.load_async(&mut connection).await?;
                call.query_async(&mut connection).await
            }
            answer => answer,
        }
    }

    /// The quotas that one script may touch, with their places, in the order of their first.
    fn by_slot<'a>(&self, quotas: &'a [Quota]) -> Vec<Vec<(usize, &'a Quota)>> {
        if !self.link.is_cluster() && !quotas.is_empty() {
            return vec![quotas.iter().enumerate().collect()];
        }
        let mut groups: Vec<(Slot, Vec<(usize, &Quota)>)> = Vec::new();
        for place in quotas.iter().enumerate() {
            let slot = Slot::for_key(self.count_key(place.1).to_string());
            match groups.iter_mut().find(|(of, _)| *of == slot) {
                Some((_, group)) => group.push(place),
                None => groups.push((slot, vec![place])),
            }
        }
        groups.into_iter().map(|(_, group)| group).collect()
    }
}

impl Ephemeral for Redis {
    fn get<'a>(&'a self, keys: &'a [&'a str]) -> Answer<'a, Vec<Option<Bytes>>> {
        Box::pin(self.guard.run(async move {
            let mut connection = self.link.connection();
            let held: Vec<Option<Vec<u8>>> = match keys {
                [] => Vec::new(),
                [key] => {
                    let get = command("GET", self.value_key(key));
                    vec![get.query_async(&mut connection).await?]
                }
                keys => {
                    let keys: Vec<Key> = keys.iter().map(|key| self.value_key(key)).collect();
                    command("MGET", keys).query_async(&mut connection).await?
                }
            };
            let now = self.clock.now();
            Ok(held.into_iter().map(|held| open(held?, now)).collect())
        }))
    }

    fn put<'a>(&'a self, key: &'a str, value: &'a [u8], ttl: Duration) -> Answer<'a, ()> {
        Box::pin(self.guard.run(async move {
            self.set(key, 0, value, ttl)
                .query_async(&mut self.link.connection())
                .await
        }))
    }

    /// Sets an unused key with one plain command, which costs Redis half of what the script does;
    /// only a used key, most likely live, takes the script as well.
    fn put_new<'a>(&'a self, key: &'a str, value: &'a [u8], ttl: Duration) -> Answer<'a, bool> {
        Box::pin(self.guard.run(async move {
            let set: Option<()> = self
                .set(key, 0, value, ttl)
                .arg("NX")
                .query_async(&mut self.link.connection())
                .await?;
            match set {
                Some(()) => Ok(true),
                None => self.put_if(key, 0, value, ttl, "new").await,
            }
        }))
    }

    fn put_newer<'a>(
        &'a self,
        key: &'a str,
        version: u64,
        value: &'a [u8],
        ttl: Duration,
    ) -> Answer<'a, bool> {
        let put = self.put_if(key, version, value, ttl, "newer");
        Box::pin(self.guard.run(put))
    }

    fn take<'a>(&'a self, key: &'a str) -> Answer<'a, Option<Bytes>> {
        Box::pin(self.guard.run(async move {
            let held: Option<Vec<u8>> = command("GETDEL", self.value_key(key))
                .query_async(&mut self.link.connection())
                .await?;
            Ok(held.and_then(|held| open(held, self.clock.now())))
        }))
    }

    /// In one go on a single server; on a cluster, where keys lie on different ones, each by itself.
    fn outdate<'a>(&'a self, keys: &'a [&'a str], version: u64, ttl: Duration) -> Answer<'a, ()> {
        if keys.is_empty() {
            return Box::pin(async { Ok(()) });
        }
        Box::pin(self.guard.run(async move {
            if self.link.is_cluster() {
                let sending = keys.iter().map(|key| async move {
                    let set = self.set(key, version, b"", ttl);
                    let () = set.query_async(&mut self.link.connection()).await?;
                    RedisResult::Ok(())
                });
                return try_join_all(sending).await.map(drop);
            }
            let mut call = calling(&self.outdate, keys.len());
            for key in keys {
                call.arg(self.value_key(key));
            }
            call.arg(seal(deadline(self.clock.now(), ttl), version, b""))
                .arg(kept_for(ttl));
            self.run(&self.outdate, &call).await
        }))
    }

    fn hit<'a>(&'a self, quotas: &'a [Quota]) -> Answer<'a, Admission> {
        if quotas.is_empty() {
            return Box::pin(async { Ok(Admission::Admitted) });
        }
        Box::pin(self.guard.run(self.hit_all(quotas, None)))
    }

    fn hit_and_put<'a>(
        &'a self,
        quotas: &'a [Quota],
        key: &'a str,
        value: &'a [u8],
        ttl: Duration,
    ) -> Answer<'a, Admission> {
        let put = Put { key, value, ttl };
        Box::pin(self.guard.run(self.hit_all(quotas, Some(put))))
    }

    fn ping(&self) -> Answer<'_, ()> {
        Box::pin(self.guard.run(async {
            redis::cmd("PING")
                .query_async(&mut self.link.connection())
                .await
        }))
    }
}

impl fmt::Debug for RedisSettings {
    /// Without the URLs, which carry credentials.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RedisSettings")
            .field("cluster", &self.cluster)
            .field("prefix", &self.prefix)
            .field("connect_timeout", &self.connect_timeout)
            .field("response_timeout", &self.response_timeout)
            .field("in_flight", &self.in_flight)
            .finish_non_exhaustive()
    }
}

impl fmt::Debug for Redis {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Redis")
            .field("prefix", &self.prefix)
            .field("cluster", &self.link.is_cluster())
            .finish_non_exhaustive()
    }
}

/// Prefix, kind and key, written into a command without joining them first.
struct Key<'a>(&'a str, &'static str, &'a str);

impl fmt::Display for Key<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self(prefix, kind, key) = self;
        write!(f, "{prefix}{kind}{key}")
    }
}

impl ToRedisArgs for Key<'_> {
    fn write_redis_args<W: ?Sized + RedisWrite>(&self, out: &mut W) {
        out.write_arg_fmt(self);
    }
}

fn command(name: &'static str, keys: impl ToRedisArgs) -> Cmd {
    let mut command = redis::cmd(name);
    command.arg(keys);
    command
}

/// How long Redis keeps a key, in milliseconds.
fn kept_for(ttl: Duration) -> i64 {
    millis(ttl).saturating_add(millis(GRACE))
}

/// A call of `script` on so many keys, which are to follow.
fn calling(script: &Script, keys: usize) -> Cmd {
    let mut call = Cmd::new();
    call.arg("EVALSHA").arg(script.get_hash()).arg(keys);
    call
}

/// Windows that start at `now`, as the scripts keep them: when each ends, then its count.
fn windows(now: DateTime<Utc>, rates: &[Rate], count: impl Fn(&Rate) -> u32) -> Vec<u8> {
    let mut windows = Vec::with_capacity(rates.len() * WINDOW);
    for rate in rates {
        windows.extend(deadline(now, rate.period).max(0).to_be_bytes());
        windows.extend(count(rate).to_be_bytes());
    }
    windows
}

fn seal(deadline: i64, version: u64, value: &[u8]) -> Vec<u8> {
    let mut envelope = Vec::with_capacity(HEAD + value.len());
    // A deadline before 1970 has passed just as well at 1970.
    envelope.extend(deadline.max(0).to_be_bytes());
    envelope.extend(version.to_be_bytes());
    envelope.extend(value);
    envelope
}

/// The value in `envelope`, if it is one and live at `now`.
fn open(envelope: Vec<u8>, now: DateTime<Utc>) -> Option<Bytes> {
    let deadline = i64::from_be_bytes(*envelope.first_chunk()?);
    let live = envelope.len() >= HEAD && now.timestamp_millis() < deadline;
    live.then(|| Bytes::from(envelope).slice(HEAD..))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn settings_do_not_show_credentials() {
        let settings = RedisSettings::new(vec!["redis://u:hunter2@host/".into()], false);
        assert!(!format!("{settings:?}").contains("hunter2"));
    }

    #[test]
    fn what_is_not_an_envelope_is_absent() {
        let now = DateTime::UNIX_EPOCH;
        for foreign in [&b""[..], b"1", b"15 bytes of text"] {
            let short = foreign.iter().copied().take(HEAD - 1).collect();
            assert_eq!(open(short, now), None);
        }
        assert_eq!(open(seal(1, 0, b""), now), Some(Bytes::new()));
        assert_eq!(open(seal(0, 0, b""), now), None);
    }
}
