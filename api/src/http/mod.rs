//! The face: routes, extractors, problems, cursors. Handlers are about ten lines; what they do stands in `app`.

mod agencies;
mod assessments;
mod audit;
mod calculators;
mod candidates;
mod case_packages;
mod competencies;
mod cursor;
mod dictionaries;
mod docs;
mod document;
mod employees;
mod etag;
mod extract;
mod families;
mod gaps;
mod grants;
mod imports;
mod me;
mod middleware;
mod negotiate;
mod operations;
mod placements;
mod policies;
mod positions;
mod problem;
mod reply;
mod routes;
mod standards;
mod system;
mod units;

pub use docs::problems_page;
pub use document::{Document, document};
pub use middleware::{Draining, envelope};
pub use problem::ProblemDetails;
pub use routes::{AppState, configure};
