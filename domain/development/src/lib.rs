//! How gaps are closed: forms of development and what they are worth in learning hours (jam pelajaran, JP), partners and
//! programmes.
//!
//! Pure rules: the present, the database and the network belong to the caller. Transitions never touch a row's
//! `version`; the layer that writes the row counts it up.

mod form;
mod partner;
mod programme;
pub mod reference;

pub use form::{
    Cap, CapPeriod, Conversion, ConversionUnit, Form, FormsRubric, JpBasis, JpCredit, Setting, Share,
    SiasnHistory,
};
pub use partner::{
    Agreement, AgreementStanding, Partner, PartnerKind, Trainer, TrainerIdentity, TrainerRole,
};
pub use programme::{
    Audience, DeliveryMode, JobFamily, Prerequisite, Price, Programme, ProgrammeAction, ProgrammeContent,
    ProgrammeError, ProgrammeState, Step,
};
