//! How a rule says no to a value: where, which rule, and the figures a message needs.

/// Every reason a single value can be refused. The text of each stands in the API's message table,
/// which matches this list exhaustively.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ViolationCode {
    /// Nothing where something is needed.
    Required,
    /// Not of the expected type or form.
    InvalidFormat,
    /// A property or column the contract does not know.
    Unknown,
    /// The same property or key twice.
    Duplicate,
    /// Longer than `max` characters.
    TooLong,
    /// Fewer than `min` items.
    TooFew,
    /// More than `max` items.
    TooMany,
    /// Outside `min` to `max`.
    OutOfRange,
    /// Not one of `allowed`.
    NotAllowedValue,
    /// Holds a control character or a NUL.
    ControlCharacter,
    /// Not a calendar date written as `YYYY-MM-DD`.
    InvalidDate,
    /// Not an identifier.
    InvalidId,
    /// A NIP that is not 18 digits.
    NipLength,
    /// A NIP in a spreadsheet's scientific notation, digits lost.
    NipScientific,
    /// A NIP whose first eight digits are no calendar date.
    NipBirthDate,
    /// A NIP whose digits 9 to 14 name no month of appointment.
    NipAppointment,
    /// A NIP whose 15th digit is neither 1 nor 2.
    NipSex,
    /// A NIP whose serial is 000.
    NipSerial,
    /// A NIP that says PNS for a PPPK, or the other way round.
    NipStatus,
    /// A reference to something that does not exist here.
    NotFound,
    /// A reference to something that is still being written.
    NotPublished,
    /// A natural key already taken.
    Taken,
    /// An end before its beginning.
    PeriodReversed,
    /// A date in the future where only the past makes sense.
    InFuture,
    /// A parent that lies below its own child.
    Cycle,
    /// Two values that do not go together.
    Inconsistent,
    /// A value that may no longer change.
    Immutable,
    /// A person the caller may not judge: themself or their superior.
    ConflictOfInterest,
}

impl ViolationCode {
    /// Every reason.
    pub const ALL: &'static [Self] = &[
        Self::Required,
        Self::InvalidFormat,
        Self::Unknown,
        Self::Duplicate,
        Self::TooLong,
        Self::TooFew,
        Self::TooMany,
        Self::OutOfRange,
        Self::NotAllowedValue,
        Self::ControlCharacter,
        Self::InvalidDate,
        Self::InvalidId,
        Self::NipLength,
        Self::NipScientific,
        Self::NipBirthDate,
        Self::NipAppointment,
        Self::NipSex,
        Self::NipSerial,
        Self::NipStatus,
        Self::NotFound,
        Self::NotPublished,
        Self::Taken,
        Self::PeriodReversed,
        Self::InFuture,
        Self::Cycle,
        Self::Inconsistent,
        Self::Immutable,
        Self::ConflictOfInterest,
    ];
}

/// One refused value.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Violation {
    /// JSON Pointer (RFC 6901) into the request body, or `/query/NAME`, `/row/N/COLUMN`.
    pub pointer: String,
    /// Which rule.
    pub code: ViolationCode,
    /// The figures its message names, by placeholder.
    pub args: Vec<(&'static str, String)>,
}

impl Violation {
    /// A violation without figures.
    #[must_use]
    pub fn new(pointer: impl Into<String>, code: ViolationCode) -> Self {
        Self { pointer: pointer.into(), code, args: Vec::new() }
    }

    /// The same with a figure for the message.
    #[must_use]
    pub fn with(mut self, name: &'static str, value: impl ToString) -> Self {
        self.args.push((name, value.to_string()));
        self
    }

    /// The same, deeper in: `prefix` goes before the pointer.
    #[must_use]
    pub fn under(mut self, prefix: &str) -> Self {
        self.pointer.insert_str(0, prefix);
        self
    }
}

/// Collects violations, so that a caller hears of all of them at once.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Violations(Vec<Violation>);

impl Violations {
    /// An empty collection.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds one.
    pub fn push(&mut self, violation: Violation) {
        self.0.push(violation);
    }

    /// Adds `violation` when `broken`.
    pub fn check(&mut self, broken: bool, violation: impl FnOnce() -> Violation) {
        if broken {
            self.0.push(violation());
        }
    }

    /// Keeps the value of a reading that succeeded; notes the violation of one that did not.
    pub fn take<T>(&mut self, reading: Result<T, Violation>) -> Option<T> {
        match reading {
            Ok(value) => Some(value),
            Err(violation) => {
                self.0.push(violation);
                None
            }
        }
    }

    /// Whether nothing was refused.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The violations, sorted by place, each once.
    #[must_use]
    pub fn into_sorted(mut self) -> Vec<Violation> {
        self.0.sort();
        self.0.dedup();
        self.0
    }

    /// `Ok` when nothing was refused.
    ///
    /// # Errors
    /// All violations, sorted.
    pub fn finish(self) -> Result<(), Vec<Violation>> {
        if self.0.is_empty() { Ok(()) } else { Err(self.into_sorted()) }
    }
}
