//! Pictures: plain figures and a language in, SVG or PDF out, the same bytes for the same input.
//!
//! Nothing here knows a database, a request or the clock. A picture says by itself what it shows, of whom, of which day
//! and by which rubric, and how it is read. What is not known is never drawn as zero: a missing or expired result leaves a
//! gap with a mark of its own, a suppressed group is hatched. Colours are told apart by colour-blind readers and, by
//! shape, dash, hatch or printed figure, in black and white too. `examples/gallery.rs` writes them all, to be looked at.

mod certificate;
mod curve;
mod distribution;
mod heat_map;
mod lang;
mod lines;
mod page;
mod plan_summary;
mod profile;
mod radar;
mod scene;
mod svg;
mod text;
mod trend;

pub use certificate::{Certificate, Counting, certificate};
pub use curve::Curve;
pub use distribution::{Distribution, Gaps, Group, GroupFigures};
pub use heat_map::{Cell, HeatMap, HeatRow};
pub use lang::Lang;
pub use lines::{Series, Share};
pub use page::{PageError, Printed, page};
pub use plan_summary::{PlanSummary, SummaryHours, SummaryUnit, plan_summary};
pub use profile::{Basis, Match, Profile, Row, Standing, State, purpose};
pub use radar::radar;
pub use scene::Caption;
pub use trend::Trend;
