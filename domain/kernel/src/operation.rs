//! Long-running work.

crate::wire_enum! {
    /// What a piece of work does.
    pub enum OperationKind {
        /// Takes in a spreadsheet.
        Import = "IMPORT",
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
