//! Stores of other programs: older ones open and go on, newer ones are refused.

mod golden;
mod newer;
mod shapes;
