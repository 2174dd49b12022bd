//! Which addresses may be told what happens: those of the public internet. A server inside a network must not be made to knock
//! at that network's doors.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use reqwest::Url;

/// The longest address of an endpoint.
pub const LONGEST: usize = 2_000;

/// Whether an address belongs to the public internet (IANA's registries of special-purpose addresses; RFC 6890).
#[must_use]
pub fn is_public(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(address) => is_public_v4(address),
        IpAddr::V6(address) => is_public_v6(address),
    }
}

fn is_public_v4(address: Ipv4Addr) -> bool {
    let [a, b, c, _] = address.octets();
    !(a == 0
        || address.is_loopback()
        || address.is_private()
        || address.is_link_local()
        || address.is_multicast()
        || address.is_documentation()
        // Shared between carriers and their customers (RFC 6598).
        || (a == 100 && (64..128).contains(&b))
        // Protocol assignments (RFC 6890), the relays of 6to4 (RFC 7526).
        || (a == 192 && b == 0 && c == 0)
        || (a == 192 && b == 88 && c == 99)
        // Measurements between networks (RFC 2544).
        || (a == 198 && (b == 18 || b == 19))
        // Reserved, and broadcast.
        || a >= 240)
}

fn is_public_v6(address: Ipv6Addr) -> bool {
    let [a, b, c, _, _, _, g, h] = address.segments();
    let embedded = |high: u16, low: u16| {
        let ([w, x], [y, z]) = (high.to_be_bytes(), low.to_be_bytes());
        is_public_v4(Ipv4Addr::new(w, x, y, z))
    };
    if let Some(mapped) = address.to_ipv4_mapped() {
        return is_public_v4(mapped);
    }
    match (a, b) {
        // Translated to IPv4 (RFC 6052): where it leads is what counts. The local-use prefix leads anywhere.
        (0x64, 0xff9b) if c == 0 => embedded(g, h),
        (0x64, 0xff9b) => false,
        // 6to4 carries an IPv4 address; Teredo, benchmarking, ORCHID, documentation.
        (0x2002, _) => embedded(b, c),
        (0x2001, 0..0x200) | (0x2001, 0xdb8) | (0x3fff, 0..0x1000) => false,
        // Everything public is in 2000::/3: not loopback, unspecified, unique local, link-local, site-local, multicast.
        _ => (0x2000..0x4000).contains(&a),
    }
}

/// Reads the address of an endpoint: over TLS, with a name or a public address, without a user. `open` is for development: any
/// address, also without TLS.
#[must_use]
pub fn endpoint(text: &str, open: bool) -> Option<Url> {
    if text.len() > LONGEST || !text.bytes().all(|byte| byte.is_ascii_graphic()) {
        return None;
    }
    let url = Url::parse(text).ok()?;
    let plain = url.username().is_empty() && url.password().is_none() && url.fragment().is_none();
    let scheme = url.scheme() == "https" || (open && url.scheme() == "http");
    (plain && scheme && url.has_host() && (open || host_is_public(&url))).then_some(url)
}

/// Whether the host is a public address, or a name, which is looked at when it is resolved. Names that lead to the machine itself by
/// convention are none.
#[must_use]
fn host_is_public(url: &Url) -> bool {
    let Some(host) = url.host_str() else { return false };
    let host = host.trim_start_matches('[').trim_end_matches(']').trim_end_matches('.');
    if let Ok(address) = host.parse::<IpAddr>() {
        return is_public(address);
    }
    let local = ["localhost", "local", "internal", "home.arpa", "onion"];
    let ends = |suffix: &str| host == suffix || host.ends_with(&format!(".{suffix}"));
    // A name without a dot is one of this network.
    host.contains('.') && !local.into_iter().any(ends)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_addresses_of_the_public_internet_are_reached() {
        for public in [
            "1.1.1.1",
            "8.8.8.8",
            "100.63.255.255",
            "100.128.0.1",
            "103.10.66.1",
            "172.15.0.1",
            "172.32.0.1",
            "192.167.1.1",
            "198.17.0.1",
            "198.20.0.1",
            "223.255.255.254",
            "2606:4700:4700::1111",
            "2400:cb00::1",
            "2001:200::1",
            "::ffff:8.8.8.8",
            "64:ff9b::808:808",
            "2002:808:808::1",
        ] {
            assert!(is_public(public.parse().unwrap()), "{public}");
        }
        for hostile in [
            "0.0.0.0",
            "0.1.2.3",
            "127.0.0.1",
            "127.255.255.255",
            "10.0.0.1",
            "10.255.255.255",
            "172.16.0.1",
            "172.31.255.255",
            "192.168.0.1",
            "169.254.0.1",
            "169.254.169.254",
            "100.64.0.1",
            "100.127.255.255",
            "100.100.100.200",
            "192.0.0.1",
            "192.0.0.192",
            "192.0.2.1",
            "198.51.100.1",
            "203.0.113.1",
            "192.88.99.1",
            "198.18.0.1",
            "198.19.255.255",
            "224.0.0.1",
            "239.255.255.255",
            "240.0.0.1",
            "255.255.255.255",
            "::",
            "::1",
            "::127.0.0.1",
            "::ffff:127.0.0.1",
            "::ffff:10.0.0.1",
            "::ffff:169.254.169.254",
            "::ffff:0:127.0.0.1",
            "fe80::1",
            "febf::1",
            "fec0::1",
            "fc00::1",
            "fd00:ec2::254",
            "fdff::1",
            "ff02::1",
            "2001:db8::1",
            "2001::1",
            "2001:10::1",
            "2001:20::1",
            "3fff::1",
            "64:ff9b::7f00:1",
            "64:ff9b::a9fe:a9fe",
            "64:ff9b:1::808:808",
            "2002:7f00:1::1",
            "2002:a00:1::1",
            "100::1",
            "4000::1",
            "5f00::1",
        ] {
            assert!(!is_public(hostile.parse().unwrap()), "{hostile}");
        }
    }

    #[test]
    fn endpoints_are_reached_over_tls_by_a_name_or_a_public_address() {
        for fine in [
            "https://hooks.example.go.id/bangkom?x=1",
            "https://hooks.example.go.id:8443/",
            "https://1.1.1.1/x",
            "https://[2606:4700:4700::1111]/x",
            "HTTPS://Hooks.Example.go.id/",
        ] {
            assert!(endpoint(fine, false).is_some(), "{fine}");
        }
        for wrong in [
            "http://hooks.example.go.id/",
            "ftp://hooks.example.go.id/",
            "file:///etc/passwd",
            "https://",
            "hooks.example.go.id",
            "https://user@hooks.example.go.id/",
            "https://user:secret@hooks.example.go.id/",
            "https://hooks.example.go.id/#x",
            "https://hooks.example.go.id/a b",
            "https://localhost/",
            "https://LOCALHOST./",
            "https://a.localhost/",
            "https://metadata.google.internal/",
            "https://printer.local/",
            "https://intranet/",
            "https://127.0.0.1/",
            // The ways in which browsers let an IPv4 address be written.
            "https://2130706433/",
            "https://0x7f000001/",
            "https://0177.0.0.1/",
            "https://127.1/",
            "https://0xa9fea9fe/",
            "https://[::1]/",
            "https://[::ffff:127.0.0.1]/",
            "https://[::ffff:7f00:1]/",
            "https://[fd00:ec2::254]/",
            "https://169.254.169.254/latest/meta-data/",
            "https://\u{ff11}27.0.0.1/",
        ] {
            assert!(endpoint(wrong, false).is_none(), "{wrong}");
        }
        assert!(endpoint(&format!("https://a.go.id/{}", "x".repeat(LONGEST)), false).is_none());
        assert!(endpoint("http://127.0.0.1:9000/x", true).is_some(), "in development");
        assert!(endpoint("http://user@127.0.0.1/", true).is_none());
    }
}
