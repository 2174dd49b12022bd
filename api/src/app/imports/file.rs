//! The file of an import: what it is called, what its bytes come to, and where they are.

use std::fs::File;
use std::io::{self, Cursor, Read};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use aws_lc_rs::digest::{Context, SHA256};
use kernel::{AgencyId, OperationId, RequestId};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use store::Store;
use tokio::runtime::Handle;

use crate::app::import_mappings::MappingChoice;
use crate::app::imports::progress::Progress;
use crate::sheets::{Format, ImportKind};

/// A file to be taken in.
#[derive(Clone, Debug)]
pub struct ImportFile {
    /// What its rows are.
    pub kind: ImportKind,
    /// What its name or media type says of its format.
    pub promised: Option<Format>,
    /// Its name.
    pub name: Option<String>,
    /// By which of the agency's mappings its columns go.
    pub mapping: MappingChoice,
    pub(super) bytes: u64,
    pub(super) sha256: String,
    pub(super) content: Content,
}

/// Where the bytes are.
#[derive(Clone, Debug)]
pub(super) enum Content {
    /// Here.
    Memory(Arc<[u8]>),
    /// In the database, in pieces.
    Stored(OperationId),
    /// In a file of this machine.
    Local(PathBuf),
}

/// What an operation keeps of its file and its request, for whoever takes the work over.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Kept {
    kind: ImportKind,
    filename: Option<String>,
    bytes: u64,
    sha256: String,
    promised: Option<String>,
    #[serde(default)]
    mapping: MappingChoice,
    /// The request that brought it: the trail names it whoever does the work.
    pub(super) request: RequestId,
}

impl ImportFile {
    /// A file of this machine. Its bytes are counted now and read again when it is taken in.
    ///
    /// # Errors
    /// When it cannot be read.
    pub fn local(path: &Path, kind: ImportKind, mapping: MappingChoice) -> io::Result<Self> {
        let name = path.file_name().map(|name| name.to_string_lossy().into_owned());
        let (mut file, mut sum) = (File::open(path)?, Sum::new());
        let mut buffer = vec![0; 64 << 10];
        loop {
            match file.read(&mut buffer)? {
                0 => break,
                read => sum.add(buffer.get(..read).unwrap_or_default()),
            }
        }
        let promised = name.as_deref().and_then(Format::promised);
        let (bytes, digest) = sum.finish();
        let content = Content::Local(path.to_owned());
        Ok(Self { kind, promised, name, mapping, bytes, sha256: hex(&digest), content })
    }

    /// How many bytes it has.
    #[must_use]
    pub const fn size(&self) -> u64 {
        self.bytes
    }

    /// What the trail tells of it.
    pub(super) fn identity(&self) -> Value {
        json!({"kind": self.kind, "filename": self.name, "bytes": self.bytes, "sha256": self.sha256,
            "mapping": self.mapping})
    }

    /// What its operation keeps.
    pub(super) fn kept(&self, request: RequestId) -> Value {
        let kept = Kept {
            kind: self.kind,
            filename: self.name.clone(),
            bytes: self.bytes,
            sha256: self.sha256.clone(),
            promised: self.promised.map(|format| format.extension().to_owned()),
            mapping: self.mapping.clone(),
            request,
        };
        serde_json::to_value(kept).unwrap_or_default()
    }

    /// The file of an operation.
    pub(super) fn of(id: OperationId, kept: Kept) -> Self {
        let Kept { kind, filename, bytes, sha256, promised, mapping, request: _ } = kept;
        let promised = promised.as_deref().and_then(|name| Format::promised(&format!(".{name}")));
        Self { kind, promised, name: filename, mapping, bytes, sha256, content: Content::Stored(id) }
    }

    /// Its bytes, to be read by a thread that may wait.
    pub(super) fn open(
        &self,
        store: &Store,
        agency: AgencyId,
        runtime: &Handle,
        progress: &Arc<Progress>,
    ) -> io::Result<Box<dyn Read + Send>> {
        let bytes: Box<dyn Read + Send> = match &self.content {
            Content::Memory(bytes) => Box::new(Cursor::new(bytes.clone())),
            Content::Local(path) => Box::new(File::open(path)?),
            Content::Stored(id) => Box::new(Pieces {
                store: store.clone(),
                runtime: runtime.clone(),
                agency,
                id: *id,
                next: 0,
                left: self.bytes,
                piece: Cursor::new(Vec::new()),
            }),
        };
        Ok(Box::new(Counting { bytes, progress: progress.clone() }))
    }
}

/// A file that is read from the database a piece at a time.
struct Pieces {
    store: Store,
    runtime: Handle,
    agency: AgencyId,
    id: OperationId,
    next: i32,
    left: u64,
    piece: Cursor<Vec<u8>>,
}

impl Read for Pieces {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        loop {
            let read = self.piece.read(into)?;
            if read > 0 || into.is_empty() || self.left == 0 {
                return Ok(read);
            }
            let piece = self.runtime.block_on(self.store.import_chunk(self.agency, self.id, self.next));
            // The work was called off or given to somebody else, who has finished it.
            let gone = || io::Error::from(io::ErrorKind::UnexpectedEof);
            let piece = piece.map_err(io::Error::other)?.ok_or_else(gone)?;
            self.left = self.left.saturating_sub(u64::try_from(piece.len()).unwrap_or(u64::MAX));
            self.next = self.next.saturating_add(1);
            self.piece = Cursor::new(piece);
        }
    }
}

/// Tells how much was read.
struct Counting {
    bytes: Box<dyn Read + Send>,
    progress: Arc<Progress>,
}

impl Read for Counting {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let read = self.bytes.read(into)?;
        self.progress.read(read);
        Ok(read)
    }
}

/// Length and digest of bytes as they come.
pub(super) struct Sum {
    bytes: u64,
    digest: Context,
}

impl Sum {
    pub(super) fn new() -> Self {
        Self { bytes: 0, digest: Context::new(&SHA256) }
    }

    pub(super) fn add(&mut self, bytes: &[u8]) {
        self.bytes += u64::try_from(bytes.len()).unwrap_or(u64::MAX);
        self.digest.update(bytes);
    }

    pub(super) const fn bytes(&self) -> u64 {
        self.bytes
    }

    pub(super) fn finish(self) -> (u64, Vec<u8>) {
        (self.bytes, self.digest.finish().as_ref().to_vec())
    }
}

/// Bytes as people compare them.
pub(super) fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_local_file_is_known_by_its_bytes() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("units.csv");
        std::fs::write(&path, b"abc").unwrap();
        let file = ImportFile::local(&path, ImportKind::Units, MappingChoice::Usual).unwrap();
        assert_eq!((file.size(), file.promised), (3, Some(Format::Csv)));
        assert!(file.sha256.starts_with("ba7816bf"), "{}", file.sha256);
        let none = directory.path().join("none.csv");
        ImportFile::local(&none, ImportKind::Units, MappingChoice::Usual).unwrap_err();
    }

    #[test]
    fn what_an_operation_keeps_makes_the_file_again() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("pegawai.xlsx");
        std::fs::write(&path, b"PK").unwrap();
        let file = ImportFile::local(&path, ImportKind::Employees, MappingChoice::None).unwrap();
        let kept = serde_json::from_value(file.kept(RequestId::new())).unwrap();
        let again = ImportFile::of(OperationId::new(), kept);
        assert_eq!((again.identity(), again.promised), (file.identity(), Some(Format::Xlsx)));
        assert_eq!(again.mapping, MappingChoice::None);
    }
}
