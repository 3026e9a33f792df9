//! The outside world as a program.

use std::net::SocketAddr;

use anyhow::Context as _;
use clap::Parser;
use miniapp_mock::{Mock, MockConfig, dev, start};

/// Play WeChat, Alipay, two SMS gateways, registries and a bucket of objects on one address.
#[derive(Parser)]
#[command(version)]
struct Arguments {
    /// Where to listen.
    #[arg(long, default_value = "127.0.0.1:18080")]
    listen: SocketAddr,
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> anyhow::Result<()> {
    tracing_subscriber::fmt().init();
    let arguments = Arguments::parse();
    if !arguments.listen.ip().is_loopback() {
        tracing::warn!("whoever reaches {} can act as any person", arguments.listen);
    }
    let config = MockConfig {
        listen: arguments.listen,
        ..MockConfig::default()
    };
    let mock = start(config)
        .await
        .with_context(|| format!("nothing can be served on {}", arguments.listen))?;
    print_services(&mock);
    tokio::signal::ctrl_c().await?;
    mock.stop().await;
    Ok(())
}

fn print_services(mock: &Mock) {
    let (base, gateway) = (mock.base_url(), mock.alipay_gateway_url());
    let registry = format!("{base}/registry/v1/identity-checks");
    let vehicles = format!("{base}/traffic/v1/vehicles/query");
    let control = format!("{base}/__ctl/");
    let services = [
        ("WeChat", base, dev::WECHAT_APP_ID),
        ("Alipay", &gateway, dev::ALIPAY_APP_ID),
        ("Aliyun SMS", base, dev::ALIYUN_ACCESS_KEY_ID),
        ("Tencent SMS", base, dev::TENCENT_SECRET_ID),
        ("Data centre", base, dev::DATA_CENTRE_KEY),
        ("Registry", &registry, dev::REGISTRY_KEY),
        ("Vehicles", &vehicles, dev::VEHICLE_REGISTRY_KEY),
        ("Objects", base, dev::OBJECTS_ACCESS_KEY_ID),
        ("Control", &control, ""),
    ];
    for (name, url, account) in services {
        println!("{name:<12} {url:<56} {account}");
    }
}
