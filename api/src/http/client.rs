//! Where a request comes from.

use std::{
    convert::Infallible,
    future::{Ready, ready},
    net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr},
};

use actix_web::{FromRequest, HttpRequest, dev::Payload, web::Data};

/// How many proxies of the operator's own a request passes before it reaches this process. Given to
/// the application as `Data`; without it there are none.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct TrustedProxies(pub usize);

/// The address that a request comes from: the peer, or what the outermost trusted proxy says its
/// peer was. What a client writes into `X-Forwarded-For` itself is never believed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ClientAddress(pub IpAddr);

impl ClientAddress {
    /// The network that one subscriber may move within: a /24 of IPv4, a /48 of IPv6.
    #[must_use]
    pub fn subnet(self) -> IpAddr {
        match self.0.to_canonical() {
            IpAddr::V4(address) => {
                let [a, b, c, _] = address.octets();
                Ipv4Addr::new(a, b, c, 0).into()
            }
            IpAddr::V6(address) => {
                let [a, b, c, ..] = address.segments();
                Ipv6Addr::new(a, b, c, 0, 0, 0, 0, 0).into()
            }
        }
    }

    /// What one machine is known by, for counting: the address of IPv4, the /64 of IPv6, within which
    /// it may take any address.
    #[must_use]
    pub fn machine(self) -> IpAddr {
        match self.0.to_canonical() {
            IpAddr::V4(address) => address.into(),
            IpAddr::V6(address) => {
                let [a, b, c, d, ..] = address.segments();
                Ipv6Addr::new(a, b, c, d, 0, 0, 0, 0).into()
            }
        }
    }
}

impl FromRequest for ClientAddress {
    type Error = Infallible;
    type Future = Ready<Result<Self, Infallible>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let proxies = request
            .app_data::<Data<TrustedProxies>>()
            .map_or(TrustedProxies::default(), |proxies| ***proxies);
        let forwarded = request
            .headers()
            .get_all("x-forwarded-for")
            .filter_map(|line| line.to_str().ok());
        let peer = request
            .peer_addr()
            .map_or(IpAddr::V4(Ipv4Addr::UNSPECIFIED), |peer| peer.ip());
        ready(Ok(Self(client(peer, forwarded, proxies))))
    }
}

fn client<'a>(
    peer: IpAddr,
    forwarded: impl Iterator<Item = &'a str>,
    TrustedProxies(proxies): TrustedProxies,
) -> IpAddr {
    let Some(from_the_right) = proxies.checked_sub(1) else {
        return peer.to_canonical();
    };
    let hops: Vec<&str> = forwarded.flat_map(|line| line.split(',')).collect();
    hops.iter()
        .rev()
        .nth(from_the_right)
        .and_then(|hop| address(hop.trim()))
        .unwrap_or(peer)
        .to_canonical()
}

/// An address as proxies write it, with or without a port.
fn address(hop: &str) -> Option<IpAddr> {
    let bare = hop.trim_start_matches('[').trim_end_matches(']');
    bare.parse()
        .ok()
        .or_else(|| Some(hop.parse::<SocketAddr>().ok()?.ip()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn seen(forwarded: &[&str], proxies: usize) -> String {
        let peer = "10.0.0.9".parse().unwrap();
        client(peer, forwarded.iter().copied(), TrustedProxies(proxies)).to_string()
    }

    #[test]
    fn only_the_hop_of_a_trusted_proxy_is_believed() {
        assert_eq!(seen(&["1.1.1.1"], 0), "10.0.0.9");
        assert_eq!(seen(&["1.1.1.1, 2.2.2.2"], 1), "2.2.2.2");
        assert_eq!(seen(&["1.1.1.1, 2.2.2.2", "3.3.3.3"], 2), "2.2.2.2");
        assert_eq!(seen(&["2.2.2.2"], 2), "10.0.0.9", "a hop is missing");
        assert_eq!(seen(&["nonsense"], 1), "10.0.0.9");
        assert_eq!(seen(&["[2001:db8::1]:443"], 1), "2001:db8::1");
        assert_eq!(seen(&["::ffff:1.2.3.4"], 1), "1.2.3.4");
    }

    #[test]
    fn neighbours_share_a_subnet() {
        let subnet = |text: &str| ClientAddress(text.parse().unwrap()).subnet().to_string();
        assert_eq!(subnet("203.0.113.77"), "203.0.113.0");
        assert_eq!(subnet("::ffff:203.0.113.77"), "203.0.113.0");
        assert_eq!(subnet("2001:db8:1:2:3::4"), "2001:db8:1::");
    }

    #[test]
    fn a_machine_is_the_same_whichever_of_its_addresses_it_takes() {
        let machine = |text: &str| ClientAddress(text.parse().unwrap()).machine().to_string();
        assert_eq!(machine("203.0.113.77"), "203.0.113.77");
        assert_eq!(machine("::ffff:203.0.113.77"), "203.0.113.77");
        assert_eq!(machine("2001:db8:1:2:3::4"), "2001:db8:1:2::");
    }
}
