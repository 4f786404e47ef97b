//! What an authenticator app does.

use totp_rs::{Algorithm, Builder, Secret};

/// The code of this secret (base 32) at that moment, seconds since 1970.
pub fn code_at(secret: &str, seconds: u64) -> String {
    let secret = Secret::try_from_base32(secret).expect("base 32");
    let totp = Builder::new()
        .with_algorithm(Algorithm::SHA1)
        .with_digits(6)
        .with_step_duration(30)
        .with_secret(secret)
        .with_account_name("somebody".to_owned())
        .build()
        .expect("an app takes it");
    totp.generate(seconds).to_string()
}

/// The code of now.
pub fn code(secret: &str) -> String {
    code_at(secret, now())
}

/// The code of the next step: good too, and not used yet when that of now was.
pub fn next_code(secret: &str) -> String {
    code_at(secret, now() + 30)
}

pub fn now() -> u64 {
    let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
    now.expect("after 1970").as_secs()
}

/// The secret itself.
pub fn bytes(secret: &str) -> Vec<u8> {
    let secret = Secret::try_from_base32(secret).expect("base 32");
    secret.as_ref().to_vec()
}
