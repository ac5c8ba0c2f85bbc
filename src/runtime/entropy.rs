//! The one place that asks the machine for random bytes.

/// A source of randomness.
pub trait Entropy: Send + Sync + 'static {
    /// 32 fresh bytes.
    ///
    /// # Errors
    /// The operating system has none to give.
    fn seed(&self) -> Result<[u8; 32], String>;
}

/// The operating system's generator.
#[derive(Clone, Copy, Debug, Default)]
pub struct SystemEntropy;

impl Entropy for SystemEntropy {
    #[expect(
        clippy::disallowed_methods,
        reason = "this is the source the others ask"
    )]
    fn seed(&self) -> Result<[u8; 32], String> {
        let mut bytes = [0; 32];
        getrandom::fill(&mut bytes).map_err(|error| error.to_string())?;
        Ok(bytes)
    }
}
