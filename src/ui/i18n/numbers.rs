//! Numbers as people read them, in both languages alike.

/// `12,345`: thousands apart.
#[must_use]
pub fn grouped(number: impl Into<i64>) -> String {
    apart(&number.into().to_string())
}

fn apart(digits: &str) -> String {
    let mut apart = String::new();
    for (place, digit) in digits.chars().enumerate() {
        let left = digits.len() - place;
        if place > 0 && left.is_multiple_of(3) && !apart.ends_with('-') {
            apart.push(',');
        }
        apart.push(digit);
    }
    apart
}

/// An amount of millionths: `0.0123`, `12`.
#[must_use]
pub fn money(micros: i64) -> String {
    let (whole, rest) = (micros / 1_000_000, micros % 1_000_000);
    let rest = format!("{:06}", rest.abs());
    let amount = format!("{}.{rest}", grouped(whole));
    amount
        .trim_end_matches('0')
        .trim_end_matches('.')
        .to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts_say_no_more_than_they_know() {
        for (micros, shown) in [
            (0, "0"),
            (1, "0.000001"),
            (12_300, "0.0123"),
            (10_000_000, "10"),
            (1_234_500_000, "1,234.5"),
        ] {
            assert_eq!(money(micros), shown);
        }
    }

    #[test]
    fn thousands_stand_apart() {
        for (number, shown) in [
            (0, "0"),
            (999, "999"),
            (1_000, "1,000"),
            (1_234_567, "1,234,567"),
            (-123_456, "-123,456"),
        ] {
            assert_eq!(grouped(number), shown);
        }
    }
}
