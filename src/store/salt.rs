//! Random salts, so that nobody can test guesses of a value against its commitment.

use crate::store::StoreError;

/// Random bytes of one salt: as many as nobody can try.
pub(super) type Salt = [u8; 16];

/// Draws `count` salts with one call to the operating system.
pub(super) fn draw(count: usize) -> Result<Vec<Salt>, StoreError> {
    let mut salts = vec![[0; 16]; count];
    #[expect(
        clippy::disallowed_methods,
        reason = "salts decide nothing: they are drawn where commitments are made"
    )]
    getrandom::fill(salts.as_flattened_mut()).map_err(|error| StoreError::Failed {
        why: format!("the operating system gave no random bytes: {error}"),
    })?;
    Ok(salts)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_two_salts_are_equal() {
        let salts = draw(8).unwrap();
        assert_eq!(salts.len(), 8);
        for (index, salt) in salts.iter().enumerate() {
            assert!(!salts[..index].contains(salt));
        }
    }
}
