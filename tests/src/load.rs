//! Load: HTTP/1.1 over kept-alive loopback connections, as many requests as the server answers.
//!
//! Requests are bytes made beforehand, and of an answer only the status and the length are looked
//! at, so that little of the machine goes into asking. Every so often a whole answer is kept for
//! checking afterwards.

use std::{
    net::SocketAddr,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    thread,
    time::{Duration, Instant},
};

use anyhow::{Context, Result, anyhow, bail, ensure};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
    sync::oneshot,
    task::JoinSet,
};

/// Connections that ask at the same time.
pub const CONNECTIONS: usize = 64;

/// Threads that the connections share.
const THREADS: usize = 2;

/// One answer in so many is kept: a prime, so that it is not always the same question.
const KEEP_EVERY: usize = 499;

/// Longest wait for an answer.
const PATIENCE: Duration = Duration::from_secs(10);

/// Longest head of an answer.
const MOST_HEAD: usize = 16 * 1024;

/// What is asked, in order, from the beginning again when it is through.
#[derive(Debug)]
pub struct Requests {
    all: Vec<Vec<u8>>,
    next: AtomicUsize,
    repeat: bool,
    connections: usize,
}

impl Requests {
    /// Many different requests, asked again and again.
    #[must_use]
    pub fn cycle(requests: Vec<Vec<u8>>) -> Arc<Self> {
        Arc::new(Self {
            all: requests,
            next: AtomicUsize::new(0),
            repeat: true,
            connections: CONNECTIONS,
        })
    }

    /// Requests that may be asked once. Load stops when they run out.
    #[must_use]
    pub fn once(requests: Vec<Vec<u8>>) -> Arc<Self> {
        Arc::new(Self {
            all: requests,
            next: AtomicUsize::new(0),
            repeat: false,
            connections: CONNECTIONS,
        })
    }

    /// The same on so many `connections`.
    #[must_use]
    pub fn once_on(connections: usize, requests: Vec<Vec<u8>>) -> Arc<Self> {
        Arc::new(Self {
            all: requests,
            next: AtomicUsize::new(0),
            repeat: false,
            connections,
        })
    }

    /// How many have been asked.
    pub fn asked(&self) -> usize {
        let asked = self.next.load(Ordering::Relaxed);
        if self.repeat {
            asked
        } else {
            asked.min(self.all.len())
        }
    }

    /// The next one, unless they ran out.
    pub fn take(&self) -> Option<Request<'_>> {
        let turn = self.next.fetch_add(1, Ordering::Relaxed);
        let at = if self.repeat {
            turn.checked_rem(self.all.len())?
        } else {
            turn
        };
        Some(Request {
            at,
            bytes: self.all.get(at)?,
            keep: turn.is_multiple_of(KEEP_EVERY),
        })
    }
}

/// One of them.
#[derive(Debug)]
pub struct Request<'a> {
    /// Which.
    pub at: usize,
    /// What goes over the wire.
    pub bytes: &'a [u8],
    /// Whether the answer is to be checked.
    pub keep: bool,
}

/// A `GET` of `path`, with a bearer token if there is one.
#[must_use]
pub fn get(path: &str, bearer: Option<&str>) -> Vec<u8> {
    request("GET", path, bearer, "", None)
}

/// A `POST` of `json` to `path`.
#[must_use]
pub fn post(path: &str, json: &str) -> Vec<u8> {
    request("POST", path, None, "", Some(json))
}

/// A request with a bearer token, further lines of the head, and a body of JSON, where there are such.
pub fn request(
    method: &str,
    path: &str,
    bearer: Option<&str>,
    lines: &str,
    json: Option<&str>,
) -> Vec<u8> {
    let bearer = bearer.map_or_else(String::new, |token| {
        format!("authorization: Bearer {token}\r\n")
    });
    let content = json.map_or_else(String::new, |json| {
        format!(
            "content-type: application/json\r\ncontent-length: {}\r\n",
            json.len()
        )
    });
    let body = json.unwrap_or_default();
    format!("{method} {path} HTTP/1.1\r\nhost: bench\r\n{bearer}{lines}{content}\r\n{body}")
        .into_bytes()
}

/// An answer that was kept.
#[derive(Debug)]
pub struct Sample {
    /// Which request it answers.
    pub request: usize,
    /// What it says.
    pub body: Vec<u8>,
}

/// What came of a load.
#[derive(Debug)]
pub struct Outcome {
    /// Requests answered, every one with success.
    pub answered: u64,
    /// How long it took.
    pub elapsed: Duration,
    /// Answers that were kept.
    pub samples: Vec<Sample>,
    /// How long each answer took, in microseconds.
    pub waits: Vec<u32>,
}

/// Ask `server` for `time`. An answer that is not a success, or a broken connection, is an error.
pub async fn run(server: SocketAddr, requests: &Arc<Requests>, time: Duration) -> Result<Outcome> {
    let started = Instant::now();
    let deadline = started + time;
    let threads: Vec<_> = (0..THREADS)
        .map(|_| {
            let (sender, receiver) = oneshot::channel();
            let requests = Arc::clone(requests);
            thread::spawn(move || {
                // Nobody listens when the benchmark is being stopped.
                let _ = sender.send(ask_on_this_thread(server, &requests, deadline));
            });
            receiver
        })
        .collect();
    let mut whole = Outcome {
        answered: 0,
        elapsed: Duration::ZERO,
        samples: Vec::new(),
        waits: Vec::new(),
    };
    for thread in threads {
        let part = thread.await.context("a thread of the load died")??;
        whole.answered += part.answered;
        whole.samples.extend(part.samples);
        whole.waits.extend(part.waits);
    }
    whole.elapsed = started.elapsed();
    ensure!(whole.answered > 0, "nothing was asked");
    Ok(whole)
}

#[derive(Debug, Default)]
struct Part {
    answered: u64,
    samples: Vec<Sample>,
    waits: Vec<u32>,
}

fn ask_on_this_thread(
    server: SocketAddr,
    requests: &Arc<Requests>,
    deadline: Instant,
) -> Result<Part> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    runtime.block_on(async {
        let mut connections = JoinSet::new();
        for _ in 0..requests.connections / THREADS {
            connections.spawn(ask_on_one_connection(
                server,
                Arc::clone(requests),
                deadline,
            ));
        }
        let mut whole = Part::default();
        while let Some(part) = connections.join_next().await {
            let part = part??;
            whole.answered += part.answered;
            whole.samples.extend(part.samples);
            whole.waits.extend(part.waits);
        }
        Ok(whole)
    })
}

async fn ask_on_one_connection(
    server: SocketAddr,
    requests: Arc<Requests>,
    deadline: Instant,
) -> Result<Part> {
    let mut connection = Connection::open(server).await?;
    let mut part = Part::default();
    while Instant::now() < deadline {
        let Some(Request { at, bytes, keep }) = requests.take() else {
            break;
        };
        let asked = Instant::now();
        let answer = connection.ask(bytes, keep).await?;
        let took = asked.elapsed().as_micros();
        if !(200..300).contains(&answer.status) {
            // Asked on its own, the answer is whole.
            let told = String::from_utf8_lossy(&answer.body);
            bail!("request {at} was answered with {}: {told}", answer.status);
        }
        part.answered += 1;
        part.waits.push(u32::try_from(took).unwrap_or(u32::MAX));
        if keep {
            part.samples.push(Sample {
                request: at,
                body: answer.body,
            });
        }
    }
    Ok(part)
}

/// An answer.
#[derive(Debug)]
pub struct Answer {
    /// HTTP's status.
    pub status: u16,
    /// The body, if it was to be kept or the status is no success.
    pub body: Vec<u8>,
}

/// A kept-alive connection.
#[derive(Debug)]
pub struct Connection {
    stream: TcpStream,
    buffer: Vec<u8>,
}

impl Connection {
    /// Connect to `server`.
    pub async fn open(server: SocketAddr) -> Result<Self> {
        let stream = TcpStream::connect(server).await?;
        stream.set_nodelay(true)?;
        Ok(Self {
            stream,
            buffer: Vec::with_capacity(8 * 1024),
        })
    }

    /// Ask, and wait for the whole answer.
    pub async fn ask(&mut self, request: &[u8], keep: bool) -> Result<Answer> {
        self.stream.write_all(request).await?;
        self.buffer.clear();
        let head = loop {
            if let Some(head) = Head::parse(&self.buffer)? {
                break head;
            }
            ensure!(self.buffer.len() < MOST_HEAD, "an answer without an end");
            self.read().await?;
        };
        let end = head.bytes + head.content_length;
        while self.buffer.len() < end {
            self.read().await?;
        }
        ensure!(self.buffer.len() == end, "more came than was announced");
        let kept = keep || !(200..300).contains(&head.status);
        let body = if kept {
            self.buffer.split_off(head.bytes)
        } else {
            Vec::new()
        };
        Ok(Answer {
            status: head.status,
            body,
        })
    }

    async fn read(&mut self) -> Result<()> {
        let reading = self.stream.read_buf(&mut self.buffer);
        let read = tokio::time::timeout(PATIENCE, reading)
            .await
            .map_err(|_| anyhow!("no answer in {PATIENCE:?}"))??;
        ensure!(read > 0, "the server closed the connection");
        Ok(())
    }
}

/// Ask once, on a connection of its own, and keep the answer.
pub async fn ask(server: SocketAddr, request: &[u8]) -> Result<Answer> {
    Connection::open(server).await?.ask(request, true).await
}

/// What the head of an answer says.
#[derive(Debug, PartialEq, Eq)]
struct Head {
    status: u16,
    bytes: usize,
    content_length: usize,
}

impl Head {
    /// The head at the beginning of `buffer`, once it is whole.
    fn parse(buffer: &[u8]) -> Result<Option<Self>> {
        let Some(end) = buffer.windows(4).position(|four| four == b"\r\n\r\n") else {
            return Ok(None);
        };
        let head = buffer.get(..end).unwrap_or_default();
        let mut lines = head.split(|byte| *byte == b'\n');
        let status = lines
            .next()
            .and_then(|line| number(line.get(9..12)?))
            .context("not an HTTP answer")?;
        let content_length = lines.find_map(content_length).unwrap_or_default();
        Ok(Some(Self {
            status: u16::try_from(status)?,
            bytes: end + 4,
            content_length,
        }))
    }
}

fn content_length(line: &[u8]) -> Option<usize> {
    const NAME: &[u8] = b"content-length:";
    let (name, value) = line.split_at_checked(NAME.len())?;
    name.eq_ignore_ascii_case(NAME)
        .then(|| number(value.trim_ascii()))
        .flatten()
}

fn number(digits: &[u8]) -> Option<usize> {
    std::str::from_utf8(digits).ok()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_head_is_read_when_it_is_whole() {
        let answer = b"HTTP/1.1 202 Accepted\r\nContent-Length: 5\r\nx: y\r\n\r\nhello";
        let bytes = answer.len() - 5;
        for end in 0..bytes {
            assert_eq!(Head::parse(&answer[..end]).unwrap(), None, "{end}");
        }
        assert_eq!(
            Head::parse(answer).unwrap(),
            Some(Head {
                status: 202,
                bytes,
                content_length: 5
            })
        );
    }

    #[test]
    fn requests_that_may_be_asked_once_run_out() {
        let once = Requests::once(vec![vec![1], vec![2]]);
        assert_eq!(once.take().map(|request| request.at), Some(0));
        assert_eq!(once.take().map(|request| request.at), Some(1));
        assert!(once.take().is_none());
        assert_eq!(once.asked(), 2);

        let again = Requests::cycle(vec![vec![1], vec![2]]);
        let order: Vec<usize> = (0..5).filter_map(|_| Some(again.take()?.at)).collect();
        assert_eq!(order, [0, 1, 0, 1, 0]);
    }
}
