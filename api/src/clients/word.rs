//! The shape that codes, ids and error codes have on every platform.

/// Whether `text` is one printable ASCII word of 1 to `longest` bytes.
///
/// What callers send is refused without troubling a platform if it is none; what a platform sends is
/// neither kept nor logged if it is none.
pub(super) fn is_word(text: &str, longest: usize) -> bool {
    (1..=longest).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_graphic())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_word_is_short_and_printable() {
        assert!(is_word("isv.SMS_1", 9));
        for text in ["", "isv.SMS_10", "a b", "a\n", "a\u{7f}", "码"] {
            assert!(!is_word(text, 9), "{text:?}");
        }
    }
}
