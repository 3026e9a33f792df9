//! Use case: what a neighbourhood reads of who returns from it (W5).

use entity::values::Area;

use super::{
    error::Error,
    sealed::Content,
    store::{enterprises, permits},
    views::PublicReturnView,
};
use crate::{
    deps::Deps,
    http::page::{Page, Place},
};

/// Digits that all codes of a county begin with.
const COUNTY: usize = 6;

/// The returns that are public in `area` now, the newest first: names as bystanders may see them, who
/// employs them, and until when somebody may object.
pub(super) async fn public_in(
    deps: &Deps,
    area: &Area,
    after: Option<Place>,
    limit: u64,
) -> Result<Page<PublicReturnView>, Error> {
    if area.stem().len() < COUNTY {
        return Err(Error::TooWide);
    }
    let now = deps.clock.now();
    let rows = permits::public_in(&deps.db, area, now, after, limit + 1).await?;
    let page = Page::cut(rows, limit, |last| {
        let at = last.public_from.unwrap_or(last.filed_at);
        Place { at, id: last.id.0 }.to_string()
    });
    let mut items = Vec::with_capacity(page.items.len());
    for row in page.items {
        let entry = enterprises::find(&deps.db, &row.credit_code).await?;
        let content = Content::open(deps, &row)?;
        items.push(PublicReturnView::of(&row, content.as_ref(), entry));
    }
    Ok(Page {
        items,
        next: page.next,
    })
}
