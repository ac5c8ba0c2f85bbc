//! Expressions: CEL with money, bounded before evaluation.
//!
//! Must not know workflows or runs. Compiles once, evaluates often; evaluation reads borrowed
//! JSON and answers JSON. There is no clock and no randomness to reach.
//!
//! A source passes four doors before it is a [`Program`]: `fence` measures it before the recursive
//! parser sees it, `syntax` parses it and words its errors, `check` refuses what can be known to
//! fail, and `guard` puts the run-time limits into the tree. Maps are `object`s, so that no map
//! has an order of its own and none can be walked.

mod check;
mod evaluation;
mod fence;
mod functions;
mod guard;
mod object;
pub mod program;
mod references;
pub mod scope;
mod syntax;
pub mod template;
mod value;
mod wording;

pub use program::{CompileError, EvalError, Program};
pub use scope::Scope;
pub use template::{Template, TemplateError};
