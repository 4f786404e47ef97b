//! What the model says about its answer, and what follows from it.

use parlance_core::domain::{Prices, Timestamp, Usage};

/// What is known about the reply beside its text.
#[derive(Clone, Debug, Default)]
pub(in crate::engine) struct Facts {
    pub(in crate::engine) model: Option<String>,
    pub(in crate::engine) usage: Option<Usage>,
    pub(in crate::engine) first_token_at: Option<Timestamp>,
    pub(super) prices: Prices,
}

impl Facts {
    /// Millionths of the currency, where both prices and the tokens are known.
    pub(in crate::engine) fn cost_micros(&self) -> Option<i64> {
        let usage = self.usage?;
        let (price_in, price_out) = (self.prices.price_in?, self.prices.price_out?);
        // A price is for a million tokens, which is what makes it the millionths for one.
        #[expect(
            clippy::cast_precision_loss,
            clippy::cast_possible_truncation,
            reason = "tokens of a reply times the highest price have 16 digits; a conversion at the ends stays there"
        )]
        let micros = (usage.prompt_tokens as f64 * price_in
            + usage.completion_tokens as f64 * price_out)
            .round() as i64;
        Some(micros)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cost_is_told_only_where_tokens_and_both_prices_are_known() {
        let usage = Usage {
            prompt_tokens: 1_000,
            completion_tokens: 10,
        };
        let facts = |price_in, price_out, usage| Facts {
            usage,
            prices: Prices {
                price_in,
                price_out,
            },
            ..Facts::default()
        };
        let known = facts(Some(2.5), Some(10.0), Some(usage));
        assert_eq!(known.cost_micros(), Some(2_600));
        assert_eq!(
            facts(Some(0.0), Some(0.0), Some(usage)).cost_micros(),
            Some(0)
        );
        assert_eq!(facts(None, Some(1.0), Some(usage)).cost_micros(), None);
        assert_eq!(facts(Some(1.0), Some(1.0), None).cost_micros(), None);
    }
}
