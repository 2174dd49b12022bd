//! Sending: to the very addresses that were looked at, without following anybody elsewhere, within limits.

use std::error::Error;
use std::fmt;
use std::net::{SocketAddr, ToSocketAddrs as _};
use std::time::Duration;

use chrono::TimeDelta;
use kernel::DeliveryFailure;
use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use reqwest::{Client, header, redirect};

use super::address::{endpoint, is_public};

/// How long a connection may take.
const CONNECTING: Duration = Duration::from_secs(5);

/// How long a delivery may take in all.
const PATIENCE: Duration = Duration::from_secs(15);

/// The longest wait an endpoint may ask for.
const LONGEST_WAIT: i64 = 86_400;

/// Sends to endpoints.
#[derive(Clone, Debug)]
pub struct Sender {
    /// None on a machine without certificate authorities: it serves all the same, and nothing is sent.
    client: Option<Client>,
    open: bool,
}

/// What came of sending.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sent {
    /// An answer with this status, and how long it asks to be left alone.
    Answered(u16, Option<TimeDelta>),
    /// None.
    Failed(DeliveryFailure),
}

/// A name leads to an address that may not be reached.
#[derive(Clone, Copy, Debug)]
struct Forbidden;

impl fmt::Display for Forbidden {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the name leads to an address that is not public")
    }
}

impl Error for Forbidden {}

/// A name is not known.
#[derive(Debug)]
struct Unresolved(Option<std::io::Error>);

impl fmt::Display for Unresolved {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the name is not known")
    }
}

impl Error for Unresolved {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        self.0.as_ref().map(|error| -> &(dyn Error + 'static) { error })
    }
}

/// Looks names up. The connection is made to one of the addresses it returns, so what was looked at is what is reached: a name that
/// answers differently the next moment gains nothing.
#[derive(Clone, Copy, Debug)]
struct Names {
    open: bool,
}

impl Resolve for Names {
    fn resolve(&self, name: Name) -> Resolving {
        let (host, open) = (name.as_str().to_owned(), self.open);
        Box::pin(async move {
            let looked_up =
                tokio::task::spawn_blocking(move || Ok((host.as_str(), 0).to_socket_addrs()?.collect()));
            let found: Result<Vec<SocketAddr>, std::io::Error> = looked_up.await?;
            let all = found.map_err(|error| Unresolved(Some(error)))?;
            admitted(all, open).map(|all| -> Addrs { Box::new(all.into_iter()) })
        })
    }
}

/// The addresses of a name, if all of them may be reached: one that may not shows what the others are worth.
fn admitted(all: Vec<SocketAddr>, open: bool) -> Result<Vec<SocketAddr>, Box<dyn Error + Send + Sync>> {
    if all.is_empty() {
        return Err(Unresolved(None).into());
    }
    if open || all.iter().all(|address| is_public(address.ip())) { Ok(all) } else { Err(Forbidden.into()) }
}

impl Sender {
    /// One that sends to public addresses over TLS; with `open` to any address, also without.
    #[must_use]
    pub fn new(open: bool) -> Self {
        let builder = Client::builder()
            .redirect(redirect::Policy::none())
            // A proxy would look the name up itself.
            .no_proxy()
            .dns_resolver(Names { open })
            .connect_timeout(CONNECTING)
            .timeout(PATIENCE)
            // An idle connection would be used again without a look at where it leads.
            .pool_max_idle_per_host(0)
            .user_agent(concat!("Bangkom/", env!("CARGO_PKG_VERSION")));
        let builder = if open { builder.tls_certs_only([]) } else { builder.https_only(true) };
        let client = builder.build();
        if let Err(error) = &client {
            log::warn!("webhooks cannot be sent from this machine: {error}");
        }
        Self { client: client.ok(), open }
    }

    /// Whether it sends to any address.
    #[must_use]
    pub const fn is_open(&self) -> bool {
        self.open
    }

    /// Sends a payload with its headers. The body of the answer is not read.
    pub async fn send(&self, url: &str, headers: [(&'static str, String); 3], payload: String) -> Sent {
        // What was registered while more was allowed is looked at again.
        let Some(url) = endpoint(url, self.open) else { return Sent::Failed(DeliveryFailure::Forbidden) };
        let Some(client) = &self.client else { return Sent::Failed(DeliveryFailure::Unreachable) };
        let mut request = client.post(url).header(header::CONTENT_TYPE, "application/json").body(payload);
        for (name, value) in headers {
            request = request.header(name, value);
        }
        match request.send().await {
            Ok(response) => {
                let wait = response.headers().get(header::RETRY_AFTER).and_then(|value| value.to_str().ok());
                let wait = wait.and_then(|text| text.trim().parse::<i64>().ok()).filter(|wait| *wait > 0);
                let wait = wait.and_then(|wait| TimeDelta::try_seconds(wait.min(LONGEST_WAIT)));
                Sent::Answered(response.status().as_u16(), wait)
            }
            Err(error) => Sent::Failed(failure(&error)),
        }
    }
}

fn failure(error: &reqwest::Error) -> DeliveryFailure {
    let mut cause: Option<&(dyn Error + 'static)> = Some(error);
    while let Some(one) = cause {
        if one.is::<Forbidden>() {
            return DeliveryFailure::Forbidden;
        }
        if one.is::<Unresolved>() {
            return DeliveryFailure::Unresolved;
        }
        cause = one.source();
    }
    if error.is_timeout() {
        DeliveryFailure::TimedOut
    } else if error.is_connect() {
        DeliveryFailure::Unreachable
    } else {
        DeliveryFailure::Broken
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn addresses(all: &[&str]) -> Vec<SocketAddr> {
        all.iter().map(|one| SocketAddr::new(one.parse().unwrap(), 0)).collect()
    }

    #[test]
    fn one_address_that_is_not_public_is_one_too_many() {
        assert!(admitted(addresses(&["1.1.1.1", "2606:4700:4700::1111"]), false).is_ok());
        for mixed in [&["1.1.1.1", "127.0.0.1"][..], &["::1"], &["169.254.169.254"]] {
            assert!(admitted(addresses(mixed), false).unwrap_err().is::<Forbidden>(), "{mixed:?}");
            assert!(admitted(addresses(mixed), true).is_ok());
        }
        assert!(admitted(vec![], true).unwrap_err().is::<Unresolved>());
    }

    #[tokio::test]
    async fn a_name_of_this_machine_is_refused_before_anything_is_sent() {
        // The name is known to every machine, and leads home.
        let sender = Sender::new(false);
        let name: Name = "localhost".parse().unwrap();
        let refused = Names { open: false }.resolve(name).await.err().unwrap();
        assert!(refused.is::<Forbidden>());
        let headers = || {
            [
                ("webhook-id", String::new()),
                ("webhook-timestamp", String::new()),
                ("webhook-signature", String::new()),
            ]
        };
        for url in ["https://127.0.0.1:9/", "http://1.1.1.1/", "https://localhost/"] {
            let sent = sender.send(url, headers(), String::new()).await;
            assert_eq!(sent, Sent::Failed(DeliveryFailure::Forbidden), "{url}");
        }
    }
}
