//! 3: the cost of a hash was raised, and some accounts have not come in since.

use std::time::{Duration, Instant};

use super::{HERE, sign_in};
use crate::harness::{Engine, Server, browser::PASSWORD, on_both};

/// Dear enough to be told from the least on any machine.
const DEAR: (&str, &str) = ("PARLANCE_PASSWORD_PASSES", "12");
const LIMITS: [(&str, &str); 4] = [
    ("PARLANCE_TRIES_ACCOUNT", "1000000"),
    ("PARLANCE_TRIES_ADDRESS", "1000000"),
    ("PARLANCE_TRIES_SUBNET", "1000000"),
    ("PARLANCE_RATE_ADDRESS_ENTRANCE", "1000000"),
];

/// Whether a wrong password takes as long for both. Measured in turn, so that whatever else the machine does is done to both;
/// one quiet round is enough, since nothing brings a sixfold difference together.
async fn alike(server: &Server, known: &str, unknown: &str) -> bool {
    let visitor = server.visitor();
    let took = async |name: &str| {
        let begun = Instant::now();
        let answer = sign_in(&visitor, HERE, name, "wrong-horse-1").await;
        assert_eq!(answer.status(), 401);
        begun.elapsed()
    };
    for _ in 0..8 {
        let mut both: [Vec<Duration>; 2] = Default::default();
        for _ in 0..7 {
            both[0].push(took(known).await);
            both[1].push(took(unknown).await);
        }
        both.iter_mut().for_each(|times| times.sort_unstable());
        let (known, unknown) = (both[0][3], both[1][3]);
        if known < unknown.mul_f64(1.5) && unknown < known.mul_f64(1.5) {
            return true;
        }
    }
    false
}

on_both! {
    async fn row_3_who_stays_away_after_the_cost_was_raised_does_not_stand_out(engine: Engine) {
        let mut server = Server::start(engine, "echo").await;
        server.member("ann").await;
        server.kill();
        let mut settings = LIMITS.to_vec();
        settings.push(DEAR);
        server.restart_with(&settings);
        assert!(alike(&server, "ann", "nobody").await, "all accounts are cheap still, and so is who has none");
        // Looked up now and then, and at each start.
        assert_eq!(sign_in(&server.visitor(), HERE, "ann", PASSWORD).await.status(), 200);
        server.kill();
        server.restart();
        assert!(alike(&server, "ann", "nobody").await, "all have come in, and nobody is cheap any more");
    }
}
