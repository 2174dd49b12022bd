//! Endpoints of others that are told what happens: where one stands, when something is tried again, what it asks for.

use chrono::TimeDelta;

use crate::Violation;
use crate::ViolationCode;
use crate::event::Resource;

crate::wire_enum! {
    /// Where an endpoint stands.
    pub enum WebhookState {
        /// What happens is sent.
        Active = "ACTIVE",
        /// What happens is noted, and sent once it goes on.
        Paused = "PAUSED",
        /// Nothing is noted.
        Stopped = "STOPPED",
    }
}

crate::wire_enum! {
    /// Why an endpoint is not active.
    pub enum WebhookReason {
        /// Somebody asked for it.
        Requested = "REQUESTED",
        /// A delivery failed for as long as it was tried.
        Failing = "FAILING",
        /// The endpoint answered 410: it is gone.
        Gone = "GONE",
    }
}

crate::wire_enum! {
    /// What can be done with an endpoint.
    pub enum WebhookAction {
        /// Change its address and what it asks for.
        Edit = "EDIT",
        /// Remove it.
        Delete = "DELETE",
        /// Give it a new secret.
        RotateSecret = "ROTATE_SECRET",
        /// Send nothing for a while.
        Pause = "PAUSE",
        /// Go on sending.
        Resume = "RESUME",
        /// Send again what was sent.
        Replay = "REPLAY",
    }
}

crate::wire_enum! {
    /// Where a delivery stands.
    pub enum DeliveryState {
        /// It is tried, and tried again.
        Pending = "PENDING",
        /// It was taken.
        Delivered = "DELIVERED",
        /// It was not, for as long as it was tried.
        Failed = "FAILED",
    }
}

crate::wire_enum! {
    /// Why an attempt got no answer.
    pub enum DeliveryFailure {
        /// The endpoint's name is not known.
        Unresolved = "UNRESOLVED",
        /// The address is none that may be reached.
        Forbidden = "FORBIDDEN",
        /// No connection could be made, TLS included.
        Unreachable = "UNREACHABLE",
        /// No answer came in time.
        TimedOut = "TIMED_OUT",
        /// What came was no answer.
        Broken = "BROKEN",
    }
}

impl WebhookState {
    /// What can be done with an endpoint in this state.
    #[must_use]
    pub const fn allowed_actions(self) -> &'static [WebhookAction] {
        use WebhookAction as A;
        match self {
            Self::Active => &[A::Edit, A::Delete, A::RotateSecret, A::Pause, A::Replay],
            Self::Paused => &[A::Edit, A::Delete, A::RotateSecret, A::Resume, A::Replay],
            Self::Stopped => &[A::Edit, A::Delete, A::RotateSecret, A::Resume],
        }
    }
}

/// How long after each attempt the next one is made, in seconds: three days in all (Standard Webhooks).
const PAUSES: [i64; 9] = [5, 300, 1_800, 7_200, 18_000, 36_000, 50_400, 72_000, 86_400];

/// How long to wait after so many attempts have failed; none when it is not tried again. `chance`, from 0 to 1, moves it by
/// up to a fifth, so that what failed together is not tried together.
#[must_use]
pub fn webhook_pause(attempts: u32, chance: f64) -> Option<TimeDelta> {
    let index = usize::try_from(attempts).ok()?.checked_sub(1)?;
    let seconds = PAUSES.get(index).copied()?;
    let fifth = TimeDelta::try_milliseconds(seconds * 200)?;
    let part = (chance.clamp(0.0, 1.0) * 1_000.0).round();
    // From four fifths to six fifths, in thousandths of two fifths.
    let thousandths = (0..=1_000_i32).find(|step| f64::from(*step) >= part).unwrap_or(1_000);
    Some(TimeDelta::try_seconds(seconds)? - fifth + fifth * 2 * thousandths / 1_000)
}

/// Whether an endpoint that asks for `events` is told of a kind of event.
#[must_use]
pub fn webhook_wants(events: &[String], kind: &str) -> bool {
    let of = kind.split_once('.').map_or(kind, |(resource, _)| resource);
    webhook_tells(kind)
        && (events.is_empty()
            || events.iter().any(|one| one == kind || one.strip_suffix(".*").is_some_and(|all| all == of)))
}

/// Whether anybody outside is told of a kind of event: not of what somebody did in their own inbox, nor of our own housekeeping.
#[must_use]
pub fn webhook_tells(kind: &str) -> bool {
    !matches!(kind, "agency.day_began" | "operation.part_written")
        && !["notice.", "inbox_settings.", "webhook_endpoint."].iter().any(|own| kind.starts_with(own))
}

/// Reads what an endpoint asks for: a kind of event, or all of a resource.
///
/// # Errors
/// `INVALID_FORMAT` for what is neither, `UNKNOWN` for a resource nobody knows or is told of.
pub fn webhook_filter(text: &str) -> Result<String, Violation> {
    let plain = |part: &str| {
        !part.is_empty()
            && part.len() <= 64
            && part.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'_')
    };
    let (resource, what) =
        text.split_once('.').ok_or_else(|| Violation::new("", ViolationCode::InvalidFormat))?;
    if !plain(resource) || !(what == "*" || plain(what)) {
        return Err(Violation::new("", ViolationCode::InvalidFormat));
    }
    if Resource::parse(&resource.to_ascii_uppercase()).is_none() || !webhook_tells(&format!("{resource}.x")) {
        return Err(Violation::new("", ViolationCode::Unknown));
    }
    Ok(text.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_grow_to_a_bound_and_no_two_are_alike() {
        assert_eq!(webhook_pause(1, 0.5), TimeDelta::try_seconds(5));
        assert_eq!(webhook_pause(1, 0.0), TimeDelta::try_seconds(4));
        assert_eq!(webhook_pause(1, 1.0), TimeDelta::try_seconds(6));
        assert_eq!(webhook_pause(9, 0.5), TimeDelta::try_hours(24));
        assert_eq!((webhook_pause(0, 0.5), webhook_pause(10, 0.5)), (None, None));
        let all: Vec<_> = (1..=9).filter_map(|attempts| webhook_pause(attempts, 0.3)).collect();
        assert!(all.len() == 9 && all.is_sorted());
        let sum: TimeDelta = (1..=9).filter_map(|attempts| webhook_pause(attempts, 0.5)).sum();
        assert!(sum > TimeDelta::days(3) && sum < TimeDelta::days(4));
    }

    #[test]
    fn endpoints_are_told_what_they_ask_for_and_no_housekeeping() {
        let asks = |events: &[&str]| events.iter().map(|one| (*one).to_owned()).collect::<Vec<_>>();
        for (events, kind, wants) in [
            (asks(&[]), "class.cancelled", true),
            (asks(&["class.cancelled"]), "class.cancelled", true),
            (asks(&["class.cancelled"]), "class.opened", false),
            (asks(&["class.*"]), "class.opened", true),
            (asks(&["class.*"]), "classroom.opened", false),
            (asks(&["plan.*", "class.opened"]), "class.opened", true),
            (asks(&[]), "notice.marked", false),
            (asks(&[]), "inbox_settings.read", false),
            (asks(&[]), "agency.day_began", false),
            (asks(&["operation.*"]), "operation.part_written", false),
        ] {
            assert_eq!(webhook_wants(&events, kind), wants, "{events:?} {kind}");
        }
    }

    #[test]
    fn filters_name_what_there_is() {
        for good in ["class.*", "class.cancelled", "own_learning.verified"] {
            assert_eq!(webhook_filter(good), Ok(good.to_owned()));
        }
        for (bad, code) in [
            ("*", ViolationCode::InvalidFormat),
            ("class", ViolationCode::InvalidFormat),
            ("class.", ViolationCode::InvalidFormat),
            ("Class.*", ViolationCode::InvalidFormat),
            ("class.*.x", ViolationCode::InvalidFormat),
            ("klass.*", ViolationCode::Unknown),
            ("notice.*", ViolationCode::Unknown),
        ] {
            assert_eq!(webhook_filter(bad).unwrap_err().code, code, "{bad}");
        }
    }

    #[test]
    fn what_goes_on_can_be_paused_and_what_does_not_can_go_on() {
        for state in WebhookState::ALL {
            let allowed = state.allowed_actions();
            assert_ne!(
                allowed.contains(&WebhookAction::Pause),
                allowed.contains(&WebhookAction::Resume),
                "{state}"
            );
            assert!(allowed.contains(&WebhookAction::Delete));
        }
    }
}
