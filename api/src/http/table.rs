//! Lists as they are asked for: a page of JSON, or the whole list as a spreadsheet.
//!
//! A spreadsheet is read page by page while it is written, each page as of its moment; rows that come and go meanwhile
//! neither repeat nor skip others. CSV is sent as it is made, so a failure in between breaks the transfer off: a file that
//! arrives whole is whole. XLSX is made on disk first. Nothing goes on once the client hangs up.

use std::fs::File;
use std::io::Read as _;

use actix_web::body::SizedStream;
use actix_web::http::header::{self, ContentDisposition, DispositionParam, DispositionType};
use actix_web::web::{Bytes, block};
use actix_web::{HttpRequest, HttpResponse, HttpResponseBuilder};
use futures_util::StreamExt as _;
use futures_util::stream::try_unfold;
use kernel::{Limit, Page, RequestId, Violation, ViolationCode};
use serde::Serialize;
use serde_json::Value;
use store::PageRequest;

use crate::app::{AppError, Ctx};
use crate::dto::tables::Tabular;
use crate::http::cursor::page_request;
use crate::http::negotiate::{self, Accepted};
use crate::http::reply::{Answer, list};
use crate::problems::Problem;
use crate::sheets::{CsvSheet, ExportError, Format, Heading, XlsxSheet};

/// The part of a list a request asks for: its `cursor` and its `limit`.
pub(crate) type Part<'q> = (Option<&'q str>, Option<u16>);

/// A list: one page as JSON, or all of it as a spreadsheet. `fetch` reads a page, `view` shows an item.
pub(crate) async fn answer<T, V: Serialize + Tabular>(
    (ctx, request, accepted): (Ctx, &HttpRequest, Accepted),
    part: Part<'_>,
    fetch: impl AsyncFn(&Ctx, &PageRequest) -> Result<Page<T>, AppError> + 'static,
    view: impl Fn(&Ctx, T) -> V + 'static,
) -> Answer {
    if let Some(format) = accepted.format.sheet() {
        let rows = async move |ctx: &Ctx, page: &PageRequest| {
            let page = fetch(ctx, page).await?;
            Ok(page.map(|item| view(ctx, item).row()))
        };
        return export(ctx, request, format, part, Limit::BATCH, V::headings(), rows).await;
    }
    let page = page_request(request, part.0, part.1)?;
    let items = fetch(&ctx, &page).await?;
    Ok(list(request, items, |item| view(&ctx, item)))
}

/// A whole list as a spreadsheet; `batch` rows are read at once. Everybody it shows is on record as looked at before they
/// are sent.
pub(crate) async fn export(
    ctx: Ctx,
    request: &HttpRequest,
    format: Format,
    part: Part<'_>,
    batch: Limit,
    headings: Vec<Heading>,
    rows: impl AsyncFn(&Ctx, &PageRequest) -> Result<Page<Vec<Value>>, AppError> + 'static,
) -> Answer {
    for (name, given) in [("/query/cursor", part.0.is_some()), ("/query/limit", part.1.is_some())] {
        if given {
            // A file with a part of the list would look like the list.
            return Err(Violation::new(name, ViolationCode::Inconsistent).into());
        }
    }
    let name = name_of(request);
    let walk = Walk { ctx: Ctx { exporting: true, ..ctx }, rows, page: Some(PageRequest::first(batch)) };
    match format {
        Format::Csv => csv(&name, walk, &headings).await,
        Format::Xlsx => xlsx(&name, walk, headings).await,
    }
}

/// A table that is there as a whole, such as the lines of a computed answer.
pub(crate) async fn whole<V: Tabular>(
    ctx: Ctx,
    request: &HttpRequest,
    format: Format,
    items: &[V],
) -> Answer {
    let rows: Vec<Vec<Value>> = items.iter().map(Tabular::row).collect();
    let rows = async move |_: &Ctx, _: &PageRequest| Ok(Page { items: rows.clone(), next: None });
    export(ctx, request, format, (None, None), Limit::BATCH, V::headings(), rows).await
}

/// A list on its way, page by page.
struct Walk<F> {
    ctx: Ctx,
    rows: F,
    /// What to read next; nothing at the end.
    page: Option<PageRequest>,
}

impl<F: AsyncFn(&Ctx, &PageRequest) -> Result<Page<Vec<Value>>, AppError>> Walk<F> {
    /// The next rows; nothing at the end.
    async fn next(&mut self) -> Result<Option<Vec<Vec<Value>>>, AppError> {
        let Some(page) = self.page.take() else { return Ok(None) };
        let Page { items, next } = (self.rows)(&self.ctx, &page).await?;
        self.page = next.map(|key| PageRequest { after: Some(key), ..page });
        Ok(Some(items))
    }
}

/// A file is called as the list is in its path.
fn name_of(request: &HttpRequest) -> String {
    let last = request.path().rsplit('/').find(|part| part.bytes().any(|byte| byte.is_ascii_lowercase()));
    let plain = last.unwrap_or_default().chars().filter(|c| c.is_ascii_alphanumeric() || *c == '-');
    plain.collect()
}

/// The beginning of an answer that is a file.
fn attachment(format: negotiate::Format, name: &str) -> HttpResponseBuilder {
    let file = format!("{name}.{}", format.name());
    let mut response = HttpResponse::Ok();
    response
        .insert_header((header::CACHE_CONTROL, "no-store"))
        .insert_header((header::VARY, "Authorization"))
        .insert_header((header::CONTENT_TYPE, format.content_type()))
        .insert_header(ContentDisposition {
            disposition: DispositionType::Attachment,
            parameters: vec![DispositionParam::Filename(file)],
        });
    response
}

/// The first rows are read before the answer begins, so that what is refused is a problem and no broken file.
async fn csv<F>(name: &str, mut walk: Walk<F>, headings: &[Heading]) -> Answer
where
    F: AsyncFn(&Ctx, &PageRequest) -> Result<Page<Vec<Value>>, AppError> + 'static,
{
    let mut sheet = CsvSheet::new(headings).map_err(unwritten)?;
    let first = walk.next().await?.unwrap_or_default();
    let begun = lines(&mut sheet, &first)?;
    let request = walk.ctx.request;
    let rest = try_unfold((walk, sheet), move |(mut walk, mut sheet)| async move {
        let next = match walk.next().await {
            Ok(None) => return Ok(None),
            Ok(Some(rows)) => lines(&mut sheet, &rows),
            Err(error) => Err(error),
        };
        next.map(|bytes| Some((bytes, (walk, sheet)))).map_err(|error| broken_off(request, &error))
    });
    let whole = futures_util::stream::once(std::future::ready(Ok(begun))).chain(rest);
    Ok(attachment(negotiate::Format::Csv, name).streaming(whole))
}

fn lines(sheet: &mut CsvSheet, rows: &[Vec<Value>]) -> Result<Bytes, AppError> {
    for row in rows {
        sheet.push(row).map_err(unwritten)?;
    }
    Ok(sheet.take().map_err(unwritten)?.into())
}

/// Bytes of a file that are read and sent at once.
const CHUNK: usize = 256 * 1024;

async fn xlsx<F>(name: &str, mut walk: Walk<F>, headings: Vec<Heading>) -> Answer
where
    F: AsyncFn(&Ctx, &PageRequest) -> Result<Page<Vec<Value>>, AppError> + 'static,
{
    let mut sheet = XlsxSheet::new(name, headings).map_err(unwritten)?;
    while let Some(rows) = walk.next().await? {
        for row in &rows {
            sheet.push(row).map_err(unwritten)?;
        }
    }
    // Packing a large workbook takes seconds that other requests of this thread would wait for.
    let (file, length) =
        block(move || sheet.finish()).await.map_err(|_gone| Problem::Internal)?.map_err(unwritten)?;
    let chunks = try_unfold(file, async move |file| {
        let read =
            block(move || chunk(file)).await.map_err(|gone| std::io::Error::other(gone.to_string()))?;
        read.map(|(bytes, file)| (!bytes.is_empty()).then_some((bytes, file)))
    });
    Ok(attachment(negotiate::Format::Xlsx, name).body(SizedStream::new(length, chunks)))
}

fn chunk(mut file: File) -> std::io::Result<(Bytes, File)> {
    let mut bytes = Vec::with_capacity(CHUNK);
    let limit = u64::try_from(CHUNK).unwrap_or(u64::MAX);
    std::io::Read::by_ref(&mut file).take(limit).read_to_end(&mut bytes)?;
    Ok((bytes.into(), file))
}

/// A file that could not be written is our defect, unless a sheet cannot hold the list.
fn unwritten(error: ExportError) -> AppError {
    let told = match error {
        ExportError::TooManyRows => Some((
            "Daftar ini melebihi 1.048.576 baris, batas satu lembar XLSX; minta csv.",
            "The list has more than the 1,048,576 rows of an XLSX sheet; ask for csv.",
        )),
        ExportError::CellTooLong => Some((
            "Ada isi yang melebihi 32.767 karakter, batas satu sel XLSX; minta csv.",
            "A value has more than the 32,767 characters of an XLSX cell; ask for csv.",
        )),
        ExportError::Csv(_) | ExportError::Xlsx(_) | ExportError::Io(_) => None,
    };
    if let Some((indonesian, english)) = told {
        return AppError::from(Problem::NotAcceptable).explained(indonesian.to_owned(), english.to_owned());
    }
    log::error!("a table could not be written: {error}");
    Problem::Internal.into()
}

/// What ends the transfer: the status was sent long ago, so the client is told by its never ending properly.
fn broken_off(request: RequestId, error: &AppError) -> std::io::Error {
    log::warn!(request_id = request.to_string(); "an export broke off: {error:?}");
    std::io::Error::other("the export broke off")
}
