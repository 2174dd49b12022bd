//! `bangkom healthcheck`: asks the server on this machine, for containers that have no other client.

use std::io::{Read as _, Write as _};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, TcpStream};
use std::time::Duration;

use crate::cli::CliError;

const PATIENCE: Duration = Duration::from_secs(5);

/// Fails unless the server that listens on `listen` answers 200.
pub(super) fn ask(listen: SocketAddr, ready: bool) -> Result<(), CliError> {
    let path = if ready { "/readyz" } else { "/livez" };
    let address = here(listen);
    let io = |source| CliError::io(format!("ask http://{address}{path}"), source);
    let mut stream = TcpStream::connect_timeout(&address, PATIENCE).map_err(io)?;
    stream.set_read_timeout(Some(PATIENCE)).map_err(io)?;
    stream.set_write_timeout(Some(PATIENCE)).map_err(io)?;
    let request = format!("GET {path} HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n\r\n");
    stream.write_all(request.as_bytes()).map_err(io)?;
    // `HTTP/1.1 200`: all that matters.
    let mut status = [0; 12];
    stream.read_exact(&mut status).map_err(io)?;
    match status.strip_prefix(b"HTTP/1.1 ") {
        Some(b"200") => Ok(()),
        other => {
            let status = String::from_utf8_lossy(other.unwrap_or(&status)).into_owned();
            Err(CliError::Refused(format!("http://{address}{path} answers {status}")))
        }
    }
}

/// Where a server that listens everywhere is reached from here.
fn here(mut listen: SocketAddr) -> SocketAddr {
    match listen.ip() {
        IpAddr::V4(ip) if ip.is_unspecified() => listen.set_ip(Ipv4Addr::LOCALHOST.into()),
        IpAddr::V6(ip) if ip.is_unspecified() => listen.set_ip(Ipv6Addr::LOCALHOST.into()),
        _ => {}
    }
    listen
}

#[cfg(test)]
mod tests {
    use std::io::{BufRead as _, BufReader};
    use std::net::TcpListener;

    use super::*;

    fn answer(with: &'static str) -> Result<(), CliError> {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let mut address = listener.local_addr().unwrap();
        address.set_ip(Ipv4Addr::UNSPECIFIED.into());
        let server = std::thread::spawn(move || {
            let (mut stream, _) = listener.accept().unwrap();
            // All of it: closing before that would take the answer along.
            let lines = BufReader::new(stream.try_clone().unwrap()).lines().map(Result::unwrap);
            let head: Vec<_> = lines.take_while(|line| !line.is_empty()).collect();
            assert_eq!(head[0], "GET /livez HTTP/1.1");
            stream.write_all(with.as_bytes()).unwrap();
        });
        let outcome = ask(address, false);
        server.join().unwrap();
        outcome
    }

    #[test]
    fn only_200_is_alive() {
        assert!(answer("HTTP/1.1 200 OK\r\n\r\n").is_ok());
        assert!(answer("HTTP/1.1 503 Service Unavailable\r\n\r\n").unwrap_err().to_string().contains("503"));
        assert!(answer("nonsense").is_err());
    }
}
