//! Numbers in headers.
//!
//! Writers disagree about lengths (Spring writes times in as few bytes as will do, and as eight), so reading is
//! lenient about them and strict about everything else.

use crate::retry::policy::MAX_ATTEMPTS;

/// The number of a delivery: four bytes, or one without a sign. What cannot be one is the first.
pub(super) fn attempt(bytes: &[u8]) -> u32 {
    let number = match *bytes {
        [byte] => u32::from(byte),
        [a, b, c, d] => u32::from_be_bytes([a, b, c, d]),
        _ => 1,
    };
    if (1..=MAX_ATTEMPTS).contains(&number) { number } else { 1 }
}

/// A number of one to eight bytes, big end first, its sign extended.
pub(super) fn number(bytes: &[u8]) -> Option<i64> {
    let (first, length) = (*bytes.first()?, bytes.len());
    let fill = if first >= 0x80 { 0xff } else { 0 };
    let mut whole = [fill; 8];
    whole.get_mut(8usize.checked_sub(length)?..)?.copy_from_slice(bytes);
    Some(i64::from_be_bytes(whole))
}

/// A number, big end first, in as few bytes as its sign allows: 128 is `00 80`.
pub(super) fn shortest(bytes: &[u8; 8]) -> &[u8] {
    let needless = bytes.windows(2).take_while(|pair| {
        let sign = pair[1] & 0x80;
        (pair[0] == 0 && sign == 0) || (pair[0] == 0xff && sign != 0)
    });
    &bytes[needless.count()..]
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn attempts_are_one_byte_or_four_and_else_the_first() {
        let table: &[(&[u8], u32)] = &[
            (&[3], 3),
            (&[0x83], 131),
            (&[0, 0, 0, 3], 3),
            (&[0, 0, 0x7f, 0xff], 32_767),
            (&[0, 0, 0x80, 0], 1),
            (&[0, 0, 0, 0], 1),
            (&[0xff, 0xff, 0xff, 0xff], 1),
            (&[0], 1),
            (&[0, 3], 1),
            (&[0, 0, 0, 0, 0, 0, 0, 3], 1),
            (&[], 1),
        ];
        for (bytes, expected) in table {
            assert_eq!(attempt(bytes), *expected, "{bytes:?}");
        }
    }

    #[test]
    fn times_are_as_short_as_their_sign_allows() {
        let table: &[(i64, &[u8])] = &[
            (0, &[0]),
            (127, &[0x7f]),
            (128, &[0, 0x80]),
            (-1, &[0xff]),
            (-128, &[0x80]),
            (-129, &[0xff, 0x7f]),
            (1_700_000_000_000, &[0x01, 0x8b, 0xcf, 0xe5, 0x68, 0x00]),
        ];
        for (value, bytes) in table {
            assert_eq!(shortest(&value.to_be_bytes()), *bytes, "{value}");
        }
    }

    #[test]
    fn a_number_has_one_to_eight_bytes() {
        assert_eq!(number(&[]), None);
        assert_eq!(number(&[0; 9]), None);
        assert_eq!(number(&[0xff]), Some(-1));
        assert_eq!(number(&[0, 0xff]), Some(255));
    }

    proptest! {
        #[test]
        fn what_is_written_is_read(value: i64) {
            prop_assert_eq!(number(shortest(&value.to_be_bytes())), Some(value));
            prop_assert_eq!(number(&value.to_be_bytes()), Some(value));
        }

        #[test]
        fn no_bytes_are_a_number_out_of_range(bytes: Vec<u8>) {
            prop_assert!((1..=MAX_ATTEMPTS).contains(&attempt(&bytes)));
            prop_assert_eq!(number(&bytes).is_some(), (1..=8).contains(&bytes.len()));
        }
    }
}
