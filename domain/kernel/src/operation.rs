//! Long-running work.

crate::wire_enum! {
    /// What a piece of work does.
    pub enum OperationKind {
        /// Takes in a spreadsheet.
        Import = "IMPORT",
        /// Draws development plans up, in parts that each stand once written.
        PlanGeneration = "PLAN_GENERATION",
        /// Applies a template to development plans, in parts that each stand once written.
        PlanTemplate = "PLAN_TEMPLATE",
        /// Turns an agency's plan into nominations and items of people's plans, in parts that each stand once written.
        AgencyPlanPublication = "AGENCY_PLAN_PUBLICATION",
        /// Finds the best plan for a scenario; called off, it keeps the best so far.
        Scenario = "SCENARIO",
    }
}

crate::wire_enum! {
    /// How far a piece of work has come. It ends once, and stays as it ended.
    pub enum OperationState {
        /// Under way.
        Running = "RUNNING",
        /// Ended, and what it wrote stands.
        Succeeded = "SUCCEEDED",
        /// Ended without having written anything.
        Failed = "FAILED",
        /// Called off before it wrote anything.
        Cancelled = "CANCELLED",
    }
}

crate::wire_enum! {
    /// Which part of its work is under way. `done` and `total` count anew in each.
    pub enum OperationPhase {
        /// The file is being fetched and unpacked.
        Reading = "READING",
        /// Rows are read and held against what is on record.
        Checking = "CHECKING",
        /// Rows are being written.
        Writing = "WRITING",
        /// What is kept of the people concerned is brought up to date.
        Aggregating = "AGGREGATING",
        /// What is to be planned is found together.
        Loading = "LOADING",
        /// The best plan is looked for.
        Solving = "SOLVING",
    }
}

crate::wire_enum! {
    /// What can be done with a piece of work.
    pub enum OperationAction {
        /// Call it off.
        Cancel = "CANCEL",
    }
}

impl OperationState {
    /// What may be done as things stand.
    #[must_use]
    pub fn allowed_actions(self) -> &'static [OperationAction] {
        if self == Self::Running { &OperationAction::ALL } else { &[] }
    }
}
