//! Whether a figure that is looked at again and again grows. Pure.

/// Slope of the straight line that lies nearest to these points (least squares), y for each x; 0 of fewer than two.
pub fn slope(points: &[(f64, f64)]) -> f64 {
    let count = points.len().max(1) as f64;
    let (x, y) = points
        .iter()
        .fold((0.0, 0.0), |(x, y), point| (x + point.0, y + point.1));
    let (x, y) = (x / count, y / count);
    let (over, under) = points.iter().fold((0.0, 0.0), |(over, under), point| {
        let beside = point.0 - x;
        (over + beside * (point.1 - y), under + beside * beside)
    });
    if under == 0.0 { 0.0 } else { over / under }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finds_the_growth_among_ups_and_downs() {
        let points: Vec<_> = (0..100)
            .map(|n| (f64::from(n), 7.0 + 3.0 * f64::from(n) + f64::from(n % 2)))
            .collect();
        assert!((slope(&points) - 3.0).abs() < 0.01);
        assert_eq!(slope(&points[..1]), 0.0);
        assert_eq!(slope(&[]), 0.0);
    }
}
