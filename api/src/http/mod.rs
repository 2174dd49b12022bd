//! The face: routes, extractors, problems, cursors. Handlers are about ten lines; what they do stands in `app`.

mod agencies;
mod audit;
mod cursor;
mod document;
mod employees;
mod etag;
mod extract;
mod grants;
mod me;
mod middleware;
mod operations;
mod placements;
mod positions;
mod problem;
mod reply;
mod routes;
mod system;
mod units;

pub use document::{Document, document};
pub use middleware::{Draining, envelope};
pub use problem::{ProblemDetails, problems_page};
pub use routes::{AppState, configure};
