//! `bangkom serve`: from nothing to a server that answers, and back.

use std::net::{SocketAddr, TcpListener};
use std::sync::atomic::Ordering;
use std::time::Duration;

use clap::Args;
use kernel::NATIONAL;
use tokio::signal::unix::{Signal, SignalKind, signal};
use workforce::Agency;

use crate::app::{Clock, Services};
use crate::cli::database::Database;
use crate::cli::{CliError, agency, migrate, output, token};
use crate::config::Config;
use crate::demo;
use crate::http::AppState;
use crate::{server, worker};

#[derive(Debug, Default, Args)]
pub(super) struct ServeArgs {
    /// Address and port to serve on [default: BANGKOM_LISTEN]
    #[arg(long)]
    pub(super) listen: Option<SocketAddr>,
    /// Bring the schema of an external database up to date first
    #[arg(long)]
    pub(super) migrate: bool,
}

/// How long imports that went on after their reply may take to come to an end, before they are handed over.
const FINISHING: Duration = Duration::from_secs(15);

/// How long handing them over may take. Requests are given both times together.
const HANDING_OVER: Duration = Duration::from_secs(10);

/// How long the last notes and closing connections to the database may take.
const CLOSING: Duration = Duration::from_secs(10);

pub(super) async fn serve(mut config: Config, args: &ServeArgs) -> Result<(), CliError> {
    if let Some(listen) = args.listen {
        config.listen = listen;
    }
    // First of all: where somebody else has the port, nothing else should be started.
    let listener = bind(config.listen)?;
    let mut signals = Signals::new()?;
    let database = tokio::select! {
        database = Box::pin(Database::own(&config)) => database?,
        () = signals.stop() => return Ok(()),
    };
    let outcome = Box::pin(run(config, args.migrate, listener, &database, signals)).await;
    let closed = database.close().await;
    outcome.and(closed)
}

fn bind(listen: SocketAddr) -> Result<TcpListener, CliError> {
    TcpListener::bind(listen).map_err(|source| match source.kind() {
        std::io::ErrorKind::AddrInUse => CliError::Refused(format!(
            "cannot listen on {listen}: the port is taken, perhaps by a server that runs already; stop that, or choose \
             another with --listen or BANGKOM_LISTEN"
        )),
        _ => CliError::io(format!("listen on {listen}"), source),
    })
}

/// Serves until a signal or a failure; then what is under way is finished.
async fn run(
    config: Config,
    may_migrate: bool,
    listener: TcpListener,
    database: &Database,
    mut signals: Signals,
) -> Result<(), CliError> {
    let address = listener.local_addr().map_err(|source| CliError::io("see the own address", source))?;
    let services = Services::open(config, &database.url, Clock::system()).await?;
    services.verifier.self_test(services.clock.now())?;
    let state = AppState::new(services.clone());
    let start = |source| CliError::io("start the server", source);
    let server = server::start(listener, state.clone()).map_err(start)?;
    let handle = server.handle();
    let mut serving = tokio::spawn(server);

    let work = Box::pin(async {
        prepare(&services, database, may_migrate).await?;
        state.ready.store(true, Ordering::SeqCst);
        output::print(&announcement(&services, database, address).await?)?;
        worker::run(&state).await;
        Ok(())
    });
    let outcome = tokio::select! {
        () = signals.stop() => Ok(()),
        failed = work => failed,
        ended = &mut serving => match ended {
            Ok(ended) => ended.map_err(|source| CliError::io("go on serving", source)),
            Err(panicked) => Err(CliError::io("go on serving", panicked.into())),
        },
    };
    if outcome.is_ok() {
        log::info!("stopping: what is under way is finished first; a second signal ends at once");
    }
    signals.force_next();
    state.draining.begin();
    services.imports.close();
    let imports = async {
        if tokio::time::timeout(FINISHING, services.imports.idle()).await.is_err() {
            log::info!("an import is still under way; it is handed over to the next server");
            let handing_over = async {
                services.imports.hand_over().await;
                services.imports.idle().await;
            };
            if tokio::time::timeout(HANDING_OVER, handing_over).await.is_err() {
                log::warn!("an import could not be handed over in time; it begins anew when it is missed");
            }
        }
    };
    tokio::join!(handle.stop(true), imports);
    if tokio::time::timeout(CLOSING, services.close()).await.is_err() {
        log::warn!("connections to the database did not close in time");
    }
    outcome
}

/// Makes the database fit to be served from. A private one is filled with the demo while no other agency uses it; an
/// external one is changed only where that was asked for.
async fn prepare(services: &Services, database: &Database, may_migrate: bool) -> Result<(), CliError> {
    if !database.is_private() && !may_migrate {
        migrate::wait_until_current(&database.url, services).await;
        return Ok(());
    }
    migrate::bring_up(&database.url, services).await?;
    if database.is_private() {
        // Nobody else serves a private database: what runs in it belongs to a server that was killed.
        let dead = services.store.operations_orphan().await?;
        if dead > 0 {
            log::warn!(dead; "an earlier server left work behind, which is taken up again");
        }
        // A start that was killed may have left the demo with some of its agencies missing.
        let unused = |agency: &Agency| agency.id == NATIONAL || demo::is_demo(&agency.code);
        if agency::all(services).await?.iter().all(unused) {
            let installed = demo::install(services).await?;
            if !installed.agencies.is_empty() {
                log::info!(people = installed.people; "filled the database with fictional agencies");
            }
        }
    }
    Ok(())
}

/// What a person at the terminal wants to know first.
async fn announcement(
    services: &Services,
    database: &Database,
    address: SocketAddr,
) -> Result<String, CliError> {
    let base = format!("http://{address}");
    let mut text = format!(
        "Bangkom {} listens on {base}\n\n  documentation  {base}/docs/\n  contract       {base}/openapi.json\n",
        env!("CARGO_PKG_VERSION")
    );
    let shown = if database.is_private() { demo::showcase(services).await? } else { None };
    match shown {
        Some(showcase) => {
            let lifetime = services.config.token_lifetime;
            let token = token::issue(services, &showcase.role, lifetime).await?;
            let until = (services.clock.now() + lifetime).format("%Y-%m-%d %H:%M UTC");
            text.push_str(&format!(
                "\nA first call: what a fictional civil servant lacks for the position held, explained. The token is good \
                 until {until}.\n\n  curl -s -H 'Accept-Language: en' -H 'Authorization: Bearer {token}' \
                 '{base}/v1/employees/{}/gap-profile?against=held'\n",
                showcase.employee,
            ));
        }
        None => text.push_str("\nTokens come from `bangkom token --agency CODE --role AGENCY_ADMIN`.\n"),
    }
    text.push('\n');
    Ok(text)
}

/// SIGTERM and Ctrl-C.
struct Signals {
    terminate: Signal,
    interrupt: Signal,
}

impl Signals {
    fn new() -> Result<Self, CliError> {
        let listen = |kind| signal(kind).map_err(|source| CliError::io("listen for signals", source));
        Ok(Self { terminate: listen(SignalKind::terminate())?, interrupt: listen(SignalKind::interrupt())? })
    }

    /// Waits for the next one.
    async fn stop(&mut self) {
        tokio::select! {
            _ = self.terminate.recv() => {}
            _ = self.interrupt.recv() => {}
        }
    }

    /// From here on the next one ends the process as it stands; the private cluster then stops by itself.
    fn force_next(mut self) {
        tokio::spawn(async move {
            self.stop().await;
            std::process::exit(130);
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_port_that_is_taken_is_named_with_the_way_out() {
        let taken = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = taken.local_addr().unwrap();
        let text = bind(address).unwrap_err().to_string();
        assert!(text.contains(&address.to_string()) && text.contains("BANGKOM_LISTEN"), "{text}");
    }
}
