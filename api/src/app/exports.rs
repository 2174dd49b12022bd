//! What the agency has, in the forms it can be imported from again.

use access::{Action, Scope};
use kernel::Page;
use serde_json::Value;
use store::{FormRow, ListFormRow, PageRequest};

use crate::app::{AppError, Ctx};
use crate::sheets::{Heading, ImportKind, columns, join_list};

/// The columns of a kind's form, in its order.
#[must_use]
pub fn headings(kind: ImportKind) -> Vec<Heading> {
    let heading = |column: &crate::sheets::Column| Heading {
        name: column.name.to_owned(),
        cells: column.cells,
        whole: true,
    };
    columns(kind).iter().map(heading).collect()
}

/// A part of what the agency has of a kind, as far as the caller may see it. Whoever it is about is noted as looked at.
///
/// # Errors
/// `FORBIDDEN`.
pub async fn rows(ctx: &Ctx, kind: ImportKind, page: &PageRequest) -> Result<Page<Vec<Value>>, AppError> {
    let scope = ctx.scope(action(kind))?;
    let reader = ctx.read(&scope);
    let page = match kind {
        ImportKind::Units => reader.unit_form(page).await?,
        ImportKind::Positions => reader.position_form(page).await?,
        ImportKind::Employees => reader.employee_form(page).await?,
        ImportKind::Competencies => reader.competency_form(page).await?,
        ImportKind::Levels => return Ok(reader.level_form(page).await?.map(listed)),
        ImportKind::Standards => reader.standard_form(page).await?,
        ImportKind::Assessments => reader.assessment_form(page).await?,
        ImportKind::Programmes => return Ok(reader.programme_form(page).await?.map(listed)),
        ImportKind::ProgrammeSteps => reader.programme_step_form(page).await?,
        ImportKind::Classes => reader.class_form(page).await?,
        ImportKind::OwnLearnings => reader.own_learning_form(page).await?,
        ImportKind::TrainingRecords => reader.training_record_form(page).await?,
    };
    note(ctx, &scope, &page).await?;
    Ok(page.map(|row| row.cells.into_iter().map(Value::String).collect()))
}

/// What one asks for to see rows of a kind.
const fn action(kind: ImportKind) -> Action {
    match kind {
        ImportKind::Employees => Action::EmployeeRead,
        ImportKind::Assessments => Action::AssessmentRead,
        ImportKind::Units
        | ImportKind::Positions
        | ImportKind::Competencies
        | ImportKind::Levels
        | ImportKind::Standards
        | ImportKind::Programmes
        | ImportKind::ProgrammeSteps
        | ImportKind::Classes => Action::CatalogueRead,
        ImportKind::OwnLearnings | ImportKind::TrainingRecords => Action::JpRead,
    }
}

async fn note(ctx: &Ctx, scope: &Scope, page: &Page<FormRow>) -> Result<(), AppError> {
    ctx.note_access(scope, page.items.iter().filter_map(|row| row.person)).await
}

/// A row whose last cell is a list.
fn listed(row: ListFormRow) -> Vec<Value> {
    let ListFormRow { cells, list } = row;
    let list = join_list(list.iter().map(String::as_str));
    cells.into_iter().chain([list]).map(Value::String).collect()
}
