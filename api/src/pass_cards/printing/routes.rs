//! Printing cards.

use actix_web::{
    HttpResponse, get,
    http::header::{CONTENT_DISPOSITION, CONTENT_TYPE},
    web::Data,
};
use entity::values::{PassCardId, PersonId};
use serde::Deserialize;
use utoipa::{IntoParams, ToSchema};
use utoipa_actix_web::service_config::ServiceConfig;
use validator::Validate;

use super::fetching::{self, Printed};
use crate::{
    deps::Deps,
    documents::Paper,
    http::{
        binary::Binary,
        body::{Id, Params},
        problem::{Problem, Problems},
    },
    identity::{Citizen, acting_for},
    staff::Staff,
};

/// Mount the routes.
pub(in crate::pass_cards) fn configure(config: &mut ServiceConfig) {
    config.service(own).service(at_window);
}

/// How to print.
#[derive(Debug, Deserialize, Validate, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct PrintParams {
    /// The sheet: on A6 the card alone, on A4 the card to cut out beside instructions.
    #[serde(default = "usual_paper")]
    #[param(inline, default = "a6")]
    paper: CardPaper,
}

const fn usual_paper() -> CardPaper {
    CardPaper::A6
}

/// The sheets that cards are printed on.
#[derive(Debug, Clone, Copy, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
enum CardPaper {
    /// 210 by 297 millimetres.
    A4,
    /// 105 by 148 millimetres.
    A6,
}

impl From<CardPaper> for Paper {
    fn from(paper: CardPaper) -> Self {
        match paper {
            CardPaper::A4 => Self::A4,
            CardPaper::A6 => Self::A6,
        }
    }
}

/// Print a pass card.
///
/// A PDF with the same code as the phone shows, which verifies without a network; paper and phone have
/// the same force. Only a card that counts is printed.
#[utoipa::path(
    tag = "pass cards",
    operation_id = "printPassCard",
    params(("person" = PersonId, Path, description = "Oneself or a dependant"), PrintParams),
    security(("session" = [])),
    responses(
        (status = 200, body = Binary, content_type = "application/pdf", description = "The card"),
        Problems,
    ),
)]
#[get("/people/{person}/pass-card/document")]
async fn own(
    citizen: Citizen,
    deps: Data<Deps>,
    person: Id<PersonId>,
    print: Params<PrintParams>,
) -> Result<HttpResponse, Problem> {
    let subject = acting_for(&deps, &citizen, person.0).await?;
    Ok(document(
        fetching::own(&deps, subject.person, print.0.paper.into()).await?,
    ))
}

/// Print a pass card at a window, for somebody without a phone.
#[utoipa::path(
    tag = "pass cards",
    operation_id = "printPassCardAtWindow",
    params(("card" = PassCardId, Path, description = "Which"), PrintParams),
    security(("staff" = [])),
    responses(
        (status = 200, body = Binary, content_type = "application/pdf", description = "The card"),
        Problems,
    ),
)]
#[get("/staff/pass-cards/{card}/document")]
async fn at_window(
    staff: Staff,
    deps: Data<Deps>,
    card: Id<PassCardId>,
    print: Params<PrintParams>,
) -> Result<HttpResponse, Problem> {
    Ok(document(
        fetching::at_window(&deps, &staff, card.0, print.0.paper.into()).await?,
    ))
}

fn document(printed: Printed) -> HttpResponse {
    let named = format!("inline; filename=\"{}.pdf\"", printed.number);
    HttpResponse::Ok()
        .insert_header((CONTENT_TYPE, "application/pdf"))
        .insert_header((CONTENT_DISPOSITION, named))
        .body(printed.pdf)
}
