//! What was said about development plans.

use access::Pass;
use chrono::{DateTime, Utc};
use entities::plan_comments;
use kernel::{LongText, Name, Page, PlanCommentId, PlanId, UserId};
use sea_orm::ActiveValue::Set;
use sea_orm::{EntityTrait as _, FromQueryResult, raw_sql};

use crate::rows::{known, long_text, name};
use crate::{PageRequest, Reader, StoreError, Tx};

/// A comment on a plan.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PlanCommentRow {
    /// The identifier.
    pub id: PlanCommentId,
    /// The plan.
    pub plan: PlanId,
    /// When.
    pub at: DateTime<Utc>,
    /// Who.
    pub user: UserId,
    /// What they are called in the agency.
    pub user_name: Option<Name>,
    /// What they said.
    pub text: LongText,
}

#[derive(FromQueryResult)]
struct CommentRecord {
    #[sea_orm(nested)]
    comment: plan_comments::Model,
    user_name: Option<String>,
}

impl Reader<'_> {
    /// Comments on a plan, oldest first. The caller has found the plan within the scope.
    ///
    /// # Errors
    /// The database's.
    pub async fn plan_comments(
        &self,
        id: PlanId,
        page: &PageRequest,
    ) -> Result<Page<PlanCommentRow>, StoreError> {
        let (agency, id, after, limit) = (self.agency(), id.uuid(), page.id(0), page.probe());
        let statement = raw_sql!(
            Postgres,
            "SELECT c.*, (SELECT g.name FROM grants g WHERE g.agency_id = c.agency_id AND g.user_id = c.user_id
                          ORDER BY g.granted_at DESC, g.id DESC LIMIT 1) AS user_name
             FROM plan_comments c
             WHERE c.agency_id = {agency} AND c.plan_id = {id} AND ({after}::uuid IS NULL OR c.id > {after})
             ORDER BY c.id LIMIT {limit}"
        );
        let rows = CommentRecord::find_by_statement(statement).all(&self.db).await?;
        let row = |row: CommentRecord| PlanCommentRow {
            id: row.comment.id.into(),
            plan: row.comment.plan_id.into(),
            at: row.comment.at,
            user: row.comment.user_id.into(),
            user_name: row.user_name.map(name),
            text: long_text(row.comment.text),
        };
        let rows = rows.into_iter().map(row).collect();
        Ok(Page::cut(rows, page.limit, |row: &PlanCommentRow| vec![row.id.to_string()]))
    }
}

impl Tx<'_> {
    /// Adds a comment.
    ///
    /// # Errors
    /// The database's.
    pub async fn plan_comment_insert(
        &self,
        pass: &Pass,
        (plan, id): (PlanId, PlanCommentId),
        text: &LongText,
    ) -> Result<(), StoreError> {
        let user = known(pass.user(), "plan_comments.user_id")?;
        let row = plan_comments::ActiveModel {
            agency_id: Set(pass.agency().uuid()),
            id: Set(id.uuid()),
            plan_id: Set(plan.uuid()),
            at: Set(self.now()),
            user_id: Set(user.uuid()),
            text: Set(text.to_string()),
        };
        plan_comments::Entity::insert(row).exec_without_returning(&self.db).await?;
        Ok(())
    }
}
