//! Which route a path belongs to, for the meters.
//!
//! actix would tell by matching every route's regular expression once more; a request has passed the
//! router already, so a walk along its segments is enough.

/// The patterns of the served routes, by their segments.
#[derive(Debug, Default)]
pub(super) struct Routes {
    root: Node,
    patterns: Vec<String>,
}

#[derive(Debug, Default)]
struct Node {
    /// Segments that are written out.
    literal: Vec<(String, Node)>,
    /// A parameter.
    any: Option<Box<Node>>,
    /// The pattern that ends here.
    here: Option<usize>,
}

impl Routes {
    /// The routes with these patterns: `/people/{person}/declarations`.
    pub(super) fn new(patterns: &[String]) -> Self {
        let mut routes = Self::default();
        for pattern in patterns {
            let mut node = &mut routes.root;
            for segment in pattern.split('/') {
                node = node.child(segment);
            }
            node.here = Some(routes.patterns.len());
            routes.patterns.push(pattern.clone());
        }
        routes
    }

    /// How many there are; every [`Routes::find`] is below.
    pub(super) fn len(&self) -> usize {
        self.patterns.len()
    }

    /// The route that `path` belongs to. A segment that is written out goes before a parameter.
    pub(super) fn find(&self, path: &str) -> Option<usize> {
        let mut node = &self.root;
        for segment in path.split('/') {
            let literal = node.literal.iter().find(|(text, _)| text == segment);
            node = match literal {
                Some((_, next)) => next,
                None => node.any.as_deref()?,
            };
        }
        node.here
    }

    /// The pattern of a route that was found.
    pub(super) fn pattern(&self, route: Option<usize>) -> &str {
        route
            .and_then(|route| self.patterns.get(route))
            .map_or("unmatched", String::as_str)
    }
}

impl Node {
    fn child(&mut self, segment: &str) -> &mut Self {
        if segment.starts_with('{') {
            return self.any.get_or_insert_default();
        }
        let known = self.literal.iter().position(|(text, _)| text == segment);
        let at = known.unwrap_or_else(|| {
            self.literal.push((segment.to_owned(), Self::default()));
            self.literal.len() - 1
        });
        #[expect(clippy::indexing_slicing, reason = "found or pushed above")]
        &mut self.literal[at].1
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_belongs_to_the_pattern_of_its_segments() {
        let patterns = [
            "/sessions/current",
            "/sessions/{session}",
            "/people/{person}/check-ins",
        ];
        let routes = Routes::new(&patterns.map(ToOwned::to_owned));
        let pattern_of = |path| routes.pattern(routes.find(path));
        for (path, pattern) in [
            ("/sessions/current", patterns[0]),
            ("/sessions/1", patterns[1]),
            ("/people/1/check-ins", patterns[2]),
            ("/people/1/check-ins/", "unmatched"),
            ("/people/1", "unmatched"),
            ("/people", "unmatched"),
            ("/", "unmatched"),
            ("", "unmatched"),
            ("//", "unmatched"),
        ] {
            assert_eq!(pattern_of(path), pattern, "{path}");
        }
    }
}
