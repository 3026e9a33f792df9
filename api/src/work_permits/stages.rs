//! The stages that this feature plays a part in, by the names that workflows give them. A workflow has
//! whichever of them its province needs, and any others.

/// Workers wait until the city sends them on, in batches (W4).
pub const SUMMARY: &str = "city";

/// Workers wait for the answer of the data centre, to which a batch takes them (W4).
pub const DATA_CENTRE: &str = "data_centre";

/// A return is public for a time, and people may object (W5).
pub const PUBLICATION: &str = "publication";

/// A worker has to declare: the answer is that they did, and were compared (W7).
pub const DECLARATION: &str = "declaration";
