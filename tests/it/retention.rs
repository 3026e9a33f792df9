//! Nothing personal is kept longer than it is needed (H9, P1), and forgetting changes nobody's colour.

mod colours;
mod decisions;
mod map;
mod plans;
mod records;
mod town;
