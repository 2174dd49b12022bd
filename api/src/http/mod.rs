//! The face: routes, extractors, problems, cursors. Handlers are about ten lines; what they do stands in `app`.

mod cursor;
mod document;
mod etag;
mod extract;
mod middleware;
mod problem;
mod reply;
mod routes;
mod system;
mod units;

pub use document::{Document, document};
pub use middleware::{Draining, envelope};
pub use problem::{ProblemDetails, problems_page};
pub use routes::{AppState, configure};
