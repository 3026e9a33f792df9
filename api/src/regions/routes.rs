//! The public directory of regions.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::LazyLock,
};

use actix_web::{HttpRequest, HttpResponse, get, web::Data};
use chrono::{DateTime, Utc};
use entity::values::{Division, Window};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_actix_web::service_config::ServiceConfig;
use validator::Validate;

use super::{
    divisions::{self, Standing},
    error::unknown_division,
    opening,
    rules::{AccessPlan, Notice, Opening, Service},
};
use crate::{
    config::Undecided,
    deps::Deps,
    http::{
        body::{Id, Params},
        problem::{INTERNAL, INVALID_REQUEST, NOT_FOUND, Problem, Problems},
        written::Written,
    },
};

/// What names a place changes with a release of the product.
const LISTED_FOR: &str = "public, max-age=300";

/// When a region opens may be decided anew at any time.
const DECIDED_FOR: &str = "public, max-age=60";

/// Mount the routes.
pub fn configure(config: &mut ServiceConfig) {
    config.service(list_regions).service(get_region);
}

/// Which regions.
#[derive(Debug, Deserialize, Validate, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct RegionParams {
    /// Those directly within this one; the provinces if it is left out.
    #[param(nullable = false)]
    parent: Option<Division>,
}

/// A region in a list.
#[derive(Debug, Serialize, ToSchema)]
struct RegionName {
    /// Its code.
    code: Division,
    /// Its own name.
    #[schema(example = "黄浦区")]
    name: &'static str,
}

/// Regions that lie directly within another, or the provinces.
#[derive(Debug, Serialize, ToSchema)]
struct RegionListView {
    /// By code.
    items: Vec<RegionName>,
}

/// Whether a code is in force.
#[derive(Debug, Clone, Copy, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
enum RegionStatus {
    /// It is.
    Current,
    /// It was. A declaration may still name it.
    Abolished,
}

/// A region.
#[derive(Debug, Serialize, ToSchema)]
struct RegionView {
    /// Its code (GB/T 2260).
    code: Division,
    /// Its own name; the last one if it is abolished.
    #[schema(example = "黄浦区")]
    name: &'static str,
    /// Its name with those around it.
    #[schema(example = "上海市黄浦区")]
    full_name: String,
    /// The region around it. Null for a province.
    parent: Option<Division>,
    /// Whether the code is in force.
    status: RegionStatus,
    /// The first year in which a list has the code; 1980 for all that are older.
    first_year: u16,
    /// The last year in which a list has the code. Null while it is in force.
    last_year: Option<u16>,
    /// The code itself while it is in force, or the nearest region around it that is.
    in_force: Option<Division>,
    /// When it opens, and what it offers.
    opening: RegionOpeningView,
}

/// When a region opens, and what it offers. Declarations and check-ins are taken and kept always.
#[derive(Debug, Serialize, ToSchema)]
struct RegionOpeningView {
    /// The region that was decided on: this one or one around it. Null where nobody decided.
    division: Option<Division>,
    /// Whether it is open now.
    open: bool,
    /// When it opens or opened. Null where nobody decided.
    opens_at: Option<DateTime<Utc>>,
    /// When it closes. Null if no end is set.
    closes_at: Option<DateTime<Utc>>,
    /// What it offers while it is open.
    services: BTreeSet<Service>,
    /// What people are told. Null if nothing.
    notice: Option<Notice>,
    /// Whom to call or write to. Null if nobody is named.
    contact: Option<String>,
}

impl RegionOpeningView {
    fn new(opening: Option<&Opening>, undecided: Undecided, now: DateTime<Utc>) -> Self {
        let plan = opening.map(|opening| opening.plan.clone());
        let AccessPlan {
            services,
            notice,
            contact,
        } = plan.unwrap_or_default();
        let window = opening.map(|opening| Window {
            from: Some(opening.opens_at),
            until: opening.closes_at,
        });
        Self {
            open: window.map_or(undecided == Undecided::Open, |window| window.is_open(now)),
            opens_at: window.and_then(|window| window.from),
            closes_at: window.and_then(|window| window.until),
            division: opening.map(|opening| opening.division.clone()),
            services,
            notice,
            contact,
        }
    }
}

impl RegionView {
    /// None if nobody assigned the code.
    fn new(code: Division, opening: RegionOpeningView) -> Option<Self> {
        let (first_year, last_year) = divisions::years(&code)?;
        let status = match divisions::standing(&code) {
            Standing::Current => RegionStatus::Current,
            Standing::Abolished { .. } => RegionStatus::Abolished,
            Standing::Unknown => return None,
        };
        Some(Self {
            name: divisions::name(&code)?,
            full_name: divisions::full_name(&code)?,
            parent: divisions::parent(&code),
            in_force: divisions::surviving(&code),
            status,
            first_year,
            last_year,
            opening,
            code,
        })
    }
}

/// List regions: the provinces, or what lies directly within one region.
///
/// Only codes that are in force. Districts of a municipality, and counties that no prefecture
/// governs, lie directly within their province.
#[utoipa::path(
    tag = "regions",
    operation_id = "listRegions",
    params(RegionParams),
    responses(
        (status = 200, body = RegionListView, description = "The regions; may be cached, with an `ETag`"),
        (status = 304, description = "As the `ETag` in `If-None-Match` says"),
        Problems,
    ),
)]
#[get("/regions")]
async fn list_regions(
    request: HttpRequest,
    params: Params<RegionParams>,
) -> Result<HttpResponse, Problem> {
    let parent = params.0.parent;
    if parent
        .as_ref()
        .is_some_and(|code| !divisions::is_known(code))
    {
        return Err(Problem::field(INVALID_REQUEST, unknown_division("parent")));
    }
    let written = LISTS.get(&parent).or(NOTHING.as_ref());
    let written = written.ok_or_else(|| Problem::new(INTERNAL))?;
    Ok(written.answer(&request, LISTED_FOR))
}

/// What lies within each region that is divided: some hundred lists.
static LISTS: LazyLock<BTreeMap<Option<Division>, Written>> = LazyLock::new(|| {
    let lists = divisions::directory().iter();
    lists
        .filter_map(|(parent, children)| Some((parent.clone(), list(children).ok()?)))
        .collect()
});

/// What lies within a region that is not.
static NOTHING: LazyLock<Option<Written>> = LazyLock::new(|| list(&[]).ok());

fn list(regions: &[Division]) -> serde_json::Result<Written> {
    let named = regions.iter().filter_map(|code| {
        let name = divisions::name(code)?;
        Some(RegionName {
            code: code.clone(),
            name,
        })
    });
    Written::new(&RegionListView {
        items: named.collect(),
    })
}

/// Read one region: its name, whether its code is in force, and when it opens.
#[utoipa::path(
    tag = "regions",
    operation_id = "getRegion",
    params(("code" = Division, Path, description = "Which")),
    responses(
        (status = 200, body = RegionView, description = "The region; may be cached, with an `ETag`"),
        (status = 304, description = "As the `ETag` in `If-None-Match` says"),
        Problems,
    ),
)]
#[get("/regions/{code}")]
async fn get_region(
    request: HttpRequest,
    deps: Data<Deps>,
    code: Id<Division>,
) -> Result<HttpResponse, Problem> {
    let code = code.0;
    if !divisions::is_known(&code) {
        return Err(Problem::new(NOT_FOUND));
    }
    let opening = opening::known_opening_of(&deps, &code).await?;
    let opening =
        RegionOpeningView::new(opening.as_deref(), deps.regions.default, deps.clock.now());
    let view = RegionView::new(code, opening).ok_or_else(|| Problem::new(NOT_FOUND))?;
    let written = Written::new(&view).map_err(|_| Problem::new(INTERNAL))?;
    Ok(written.answer(&request, DECIDED_FOR))
}
