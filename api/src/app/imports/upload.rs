//! A file on its way in: never in memory as a whole, and in the database before anything is promised of it.

use std::pin::{Pin, pin};
use std::time::Duration;

use futures_util::{Stream, StreamExt as _};
use kernel::{AgencyId, OperationId};
use store::UploadedFile;

use crate::app::import_mappings::MappingChoice;
use crate::app::imports::file::{Content, ImportFile, Sum, hex};
use crate::app::imports::queue::Place;
use crate::app::imports::run::Importer;
use crate::app::{AppError, Ctx, Services};
use crate::problems::Problem;
use crate::sheets::{Format, ImportKind};

/// The most bytes of a piece. A file that is no larger stays in memory until its operation begins.
const PIECE: usize = 1 << 20;

/// How long nothing of a file may come before it counts as broken off.
const PATIENCE: Duration = Duration::from_secs(30);

/// A file that has arrived, of somebody who may have it taken in.
#[derive(Debug)]
pub struct Upload {
    pub(super) importer: Importer,
    pub(super) place: Place,
    pub(super) file: ImportFile,
    pub(super) stored: Stored,
}

/// What a caller says of a file.
#[derive(Clone, Debug)]
pub struct Described {
    /// What its rows are.
    pub kind: ImportKind,
    /// What its name or media type says of its format.
    pub promised: Option<Format>,
    /// Its name.
    pub name: Option<String>,
    /// By which of the agency's mappings its columns go.
    pub mapping: MappingChoice,
}

/// The file's place in the database, which is free again when this is dropped, unless an operation has it.
#[derive(Debug)]
pub(super) struct Stored {
    services: Services,
    agency: AgencyId,
    pub(super) id: OperationId,
    pieces: i32,
}

impl Stored {
    /// An operation has the file now, and sees to it.
    pub(super) const fn given_away(&mut self) {
        self.pieces = 0;
    }

    async fn add(&mut self, piece: Vec<u8>) -> Result<(), AppError> {
        let store = &self.services.store;
        if self.pieces == 0 {
            store.import_file_begin(self.agency, self.id, self.services.clock.now()).await?;
        }
        self.pieces = self.pieces.saturating_add(1);
        Ok(store.import_chunk_add(self.agency, self.id, self.pieces - 1, piece).await?)
    }
}

impl Drop for Stored {
    fn drop(&mut self) {
        if self.pieces == 0 {
            return;
        }
        let (services, agency, id) = (self.services.clone(), self.agency, self.id);
        self.services.imports.runtime().spawn(async move {
            if let Err(cause) = services.store.import_file_forget(agency, id).await {
                log::debug!("a file nobody needs stays until it is swept: {cause}");
            }
        });
    }
}

impl Upload {
    /// The file, for the transaction in which its operation begins.
    pub(super) fn to_keep(&self) -> UploadedFile {
        match &self.file.content {
            Content::Memory(bytes) => UploadedFile::Whole(bytes.to_vec()),
            Content::Stored(_) | Content::Local(_) => UploadedFile::Stored,
        }
    }
}

/// Takes a file from a request's body. Whether the caller may have it taken in is asked first, so that no body is read
/// for those who may not.
///
/// # Errors
/// `FORBIDDEN`, `UNAVAILABLE`, `TOO_LARGE`, `MALFORMED` when nothing more comes; what `body` fails with.
pub async fn receive<B: AsRef<[u8]>>(
    ctx: &Ctx,
    described: Described,
    body: impl Stream<Item = Result<B, AppError>>,
) -> Result<Upload, AppError> {
    let importer = Importer::of(ctx, described.kind)?;
    let arriving = ctx.services.imports.arrive(ctx.actor.user)?;
    let limit = u64::try_from(ctx.services.config.upload_limit).unwrap_or(u64::MAX);
    let (agency, id) = (ctx.actor.agency, OperationId::new());
    let mut stored = Stored { services: ctx.services.clone(), agency, id, pieces: 0 };
    let (mut sum, mut piece) = (Sum::new(), Vec::new());
    let mut body = pin!(body);
    while let Some(bytes) = next(&mut body, PATIENCE).await? {
        sum.add(bytes.as_ref());
        if sum.bytes() > limit {
            return Err(Problem::TooLarge.into());
        }
        let mut rest = bytes.as_ref();
        while piece.len() + rest.len() > PIECE {
            let (some, more) = rest.split_at(PIECE - piece.len());
            piece.extend_from_slice(some);
            rest = more;
            stored.add(std::mem::take(&mut piece)).await?;
        }
        piece.extend_from_slice(rest);
    }
    let content = if stored.pieces == 0 {
        Content::Memory(piece.into())
    } else {
        stored.add(piece).await?;
        Content::Stored(id)
    };
    drop(arriving);
    let place = ctx.services.imports.place()?;
    let (bytes, digest) = sum.finish();
    let Described { kind, promised, name, mapping } = described;
    let file = ImportFile { kind, promised, name, mapping, bytes, sha256: hex(&digest), content };
    if let Some(key) = &ctx.idempotency {
        // A request has one body; a second reading of it would leave the same digest.
        let _ = key.body.set(digest);
    }
    Ok(Upload { importer, place, file, stored })
}

/// What comes next of a body, if it comes in time.
async fn next<B>(
    body: &mut Pin<&mut impl Stream<Item = Result<B, AppError>>>,
    patience: Duration,
) -> Result<Option<B>, AppError> {
    match tokio::time::timeout(patience, body.next()).await {
        Ok(next) => next.transpose(),
        Err(_late) => {
            let seconds = patience.as_secs();
            Err(AppError::from(Problem::Malformed).explained(
                format!("Selama {seconds} detik tidak ada bagian berkas yang diterima."),
                format!("Nothing of the file came for {seconds} seconds."),
            ))
        }
    }
}

#[cfg(test)]
mod tests {
    use futures_util::stream;

    use super::*;

    #[tokio::test]
    async fn a_body_of_which_nothing_more_comes_is_broken_off() {
        let mut silent = pin!(stream::iter([Ok("a")]).chain(stream::pending()));
        assert_eq!(next(&mut silent, PATIENCE).await.unwrap(), Some("a"));
        let late = next::<&str>(&mut silent, Duration::ZERO).await.unwrap_err();
        assert_eq!(late.problem, Problem::Malformed);
        assert!(late.detail.unwrap().en.starts_with("Nothing of the file came"));
    }
}
