//! Whoever sends a head or a body slowly keeps no connection (R11).

use std::time::Duration;

use futures_util::future::join_all;
use integration_tests::{Backend, Stack};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
    time::timeout,
};

/// Long enough for a busy machine, and shorter than a connection may idle.
const BOUND: Duration = Duration::from_mins(1);

/// All that is answered to `sent`, which is not all of a request, until the other side ends the connection.
async fn answer_to(backend: &Backend, sent: &str) -> String {
    let url = backend.anyone().url("");
    let address = url.trim_start_matches("http://").trim_end_matches('/');
    let mut stream = TcpStream::connect(address).await.unwrap();
    stream.write_all(sent.as_bytes()).await.unwrap();
    let mut answer = Vec::new();
    let ended = timeout(BOUND, stream.read_to_end(&mut answer)).await;
    ended.expect("the connection ends").unwrap();
    String::from_utf8(answer).unwrap()
}

#[tokio::test]
async fn a_head_and_a_body_that_do_not_come_are_not_waited_for() {
    let backend = Backend::start_with(Stack::Embedded, |config| {
        // The server looks at the time twice a second.
        config.server.slowest_request_ms = 2_000;
    })
    .await;
    let heads = ["GET /v1/terms HTTP/1.1\r\nHost: x\r\n", "G", "GET /v1/te"];
    let heads = join_all(heads.map(|head| answer_to(&backend, head)));
    let post = "POST /v1/login/sms HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n\
                Content-Length: 100\r\n\r\n";
    let bodies = ["", "{\"phone\": \"1"].map(|body| format!("{post}{body}"));
    let bodies = join_all(bodies.iter().map(|sent| answer_to(&backend, sent)));
    let (heads, bodies) = tokio::join!(heads, bodies);
    for answer in heads {
        assert!(answer.starts_with("HTTP/1.1 408"), "{answer}");
    }
    for answer in bodies {
        assert!(answer.starts_with("HTTP/1.1 408"), "{answer}");
        assert!(answer.contains("body-too-slow"), "{answer}");
    }
    // Whoever is quick is served.
    assert_eq!(backend.anyone().get("/v1/terms").await.status, 200);
}
