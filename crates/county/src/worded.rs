//! Kinds of things that stand in the database as a code and before staff in words. No state.

/// An enum whose variants each have a code and words.
macro_rules! worded {
    (
        $(#[$about:meta])* pub enum $name:ident {
            $( $(#[$kind_about:meta])* $kind:ident = ($code:literal, $words:literal), )+
        }
    ) => {
        $(#[$about])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        pub enum $name {
            $( $(#[$kind_about])* $kind, )+
        }

        impl $name {
            /// As it stands in the log and the database.
            pub fn as_str(self) -> &'static str {
                match self {
                    $( Self::$kind => $code, )+
                }
            }

            /// What `code` is called; that of another version stays as it is.
            pub fn in_words(code: &str) -> &str {
                match code {
                    $( $code => $words, )+
                    other => other,
                }
            }
        }
    };
}

pub(crate) use worded;
