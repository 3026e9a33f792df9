//! A Redis of a test's own, to take away.

use std::{net::TcpListener, process::Stdio};

use tokio::{
    io::{AsyncBufReadExt, BufReader},
    process::{Child, Command},
};

/// A Redis that holds nothing, on a free port. It goes away with this value.
#[derive(Debug)]
pub struct PrivateRedis {
    port: u16,
    server: Child,
}

impl PrivateRedis {
    /// Start one, and wait until it answers.
    ///
    /// # Panics
    ///
    /// If that fails.
    pub async fn start() -> Self {
        let free = TcpListener::bind("127.0.0.1:0").expect("a free port");
        let port = free.local_addr().expect("an address").port();
        drop(free);
        Self {
            port,
            server: start_on(port).await,
        }
    }

    /// Its address.
    #[must_use]
    pub fn url(&self) -> String {
        format!("redis://127.0.0.1:{}/", self.port)
    }

    /// Stop it. What it held is gone.
    ///
    /// # Panics
    ///
    /// If that fails.
    pub async fn kill(&mut self) {
        self.server.kill().await.expect("the server ends");
    }

    /// Start it again where it was.
    ///
    /// # Panics
    ///
    /// If that fails.
    pub async fn restart(&mut self) {
        self.server = start_on(self.port).await;
    }

    /// Have it accept connections and answer nothing.
    ///
    /// # Panics
    ///
    /// If that fails.
    pub async fn hang(&self) {
        let process = self.server.id().expect("it runs").to_string();
        let stopped = Command::new("kill").args(["-STOP", &process]).status();
        assert!(stopped.await.expect("kill runs").success());
    }
}

async fn start_on(port: u16) -> Child {
    let mut server = Command::new("redis-server")
        .args(["--bind", "127.0.0.1", "--save", "", "--appendonly", "no"])
        .args(["--port", &port.to_string()])
        .stdout(Stdio::piped())
        .kill_on_drop(true)
        .spawn()
        .expect("redis-server starts");
    let said = server.stdout.take().expect("its output");
    let mut lines = BufReader::new(said).lines();
    while let Some(line) = lines.next_line().await.expect("its output") {
        if line.contains("Ready to accept connections") {
            return server;
        }
    }
    panic!("redis-server ended: is port {port} taken?");
}
