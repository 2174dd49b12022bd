//! The reference data of development every installation begins with. All of it is data an agency can replace; nothing
//! computes from it directly.

mod forms;

pub use forms::{FORMS_POLICY, forms_policy};
