//! Enumerations that are stored and sent by name.

/// Declares an enum whose variants have one name each, UPPER_SNAKE_CASE, in the database, in JSON and in imports:
/// `ALL` in the order written, `as_str`, `parse`, `Display` and serde by that name.
///
/// The crate that calls it needs `serde` with `derive`.
///
/// ```
/// kernel::wire_enum! {
///     /// Where a light stands.
///     pub enum Light {
///         /// Stop.
///         Red = "RED",
///         /// Go.
///         Green = "GREEN",
///     }
/// }
/// assert_eq!(Light::ALL.map(Light::as_str), ["RED", "GREEN"]);
/// assert_eq!(Light::parse("GREEN"), Some(Light::Green));
/// assert_eq!(Light::parse("green"), None);
/// ```
#[macro_export]
macro_rules! wire_enum {
    (
        $(#[$meta:meta])*
        pub enum $name:ident { $($(#[$variant_meta:meta])* $variant:ident = $text:literal,)+ }
    ) => {
        $(#[$meta])*
        #[derive(
            Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, ::serde::Serialize, ::serde::Deserialize,
        )]
        pub enum $name {
            $($(#[$variant_meta])* #[serde(rename = $text)] $variant,)+
        }

        impl $name {
            /// Every value, in order.
            pub const ALL: [Self; [$($text),+].len()] = [$(Self::$variant),+];

            /// The name as stored and sent.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self {
                    $(Self::$variant => $text,)+
                }
            }

            /// Reads a name exactly as stored and sent.
            #[must_use]
            pub fn parse(text: &str) -> Option<Self> {
                match text {
                    $($text => Some(Self::$variant),)+
                    _ => None,
                }
            }
        }

        impl ::std::fmt::Display for $name {
            fn fmt(&self, f: &mut ::std::fmt::Formatter<'_>) -> ::std::fmt::Result {
                f.write_str(self.as_str())
            }
        }
    };
}
