//! Who was accepted is answered, whatever stops the process.

use integration_tests::{
    backend::{Backend, ZHANG, declaration},
    on_both_stacks,
};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};

const GO_ON: &[u8] = b"HTTP/1.1 100 Continue\r\n\r\n";

on_both_stacks! {
    async fn a_declaration_under_way_when_the_stop_comes_is_kept_and_answered(stack: Stack) {
        let mut backend = Backend::start(stack).await;
        let zhang = backend.verified("13800138000", ZHANG).await;
        let path = format!("/v1/people/{}/declarations", zhang.person);
        let address = backend.anyone().url("").replace("http://", "");
        let body = declaration().to_string();
        let head = format!(
            "POST {path} HTTP/1.1\r\nhost: {address}\r\nauthorization: Bearer {}\r\n\
             idempotency-key: k1\r\ncontent-type: application/json\r\ncontent-length: {}\r\n\
             expect: 100-continue\r\n\r\n",
            zhang.access,
            body.len(),
        );
        let mut under_way = TcpStream::connect(&address).await.unwrap();
        under_way.write_all(head.as_bytes()).await.unwrap();
        let mut go_on = vec![0; GO_ON.len()];
        under_way.read_exact(&mut go_on).await.unwrap();
        assert_eq!(go_on, GO_ON, "it was accepted");

        backend.stop_softly();
        under_way.write_all(body.as_bytes()).await.unwrap();
        let mut answer = String::new();
        under_way.read_to_string(&mut answer).await.unwrap();
        backend.stopped().await;

        assert!(answer.starts_with("HTTP/1.1 201 "), "{answer}");
        assert!(TcpStream::connect(&address).await.is_err(), "nothing new is accepted");
        let other = backend.another_instance().await;
        let again = other.as_citizen(&zhang).post_keyed(&path, "k1", declaration()).await;
        assert_eq!(again.headers["idempotent-replayed"], "true");
        assert!(answer.ends_with(&String::from_utf8(again.body).unwrap()));
    }
}
