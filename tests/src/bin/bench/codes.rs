//! What the service says of codes, taken apart and checked.

use std::{cell::RefCell, collections::HashSet, io::Cursor};

use anyhow::{Context, Result, bail, ensure};
use api::{
    credentials::{
        key_list::KeyList,
        personal_code::{self, PREFIX, Skew},
    },
    platform::{Clock, SystemClock},
};
use entity::values::{Colour, PersonId};
use serde::Deserialize;
use tokio::task::JoinSet;

use crate::{
    load::{Connection, Sample},
    people::{People, Person},
    stage::Service,
};

/// Connections on which codes are fetched.
const CONNECTIONS: usize = 32;

/// The part of an answer that is checked.
#[derive(Debug, Deserialize)]
pub(crate) struct Shown {
    person: PersonId,
    /// What the code shows.
    pub(crate) colour: Colour,
    token: String,
}

/// Checks answers against the published keys.
#[derive(Debug)]
pub(crate) struct Inspector<'a> {
    keys: KeyList,
    people: &'a [Person],
    seen: RefCell<HashSet<String>>,
}

impl<'a> Inspector<'a> {
    /// An inspector who believes `keys`.
    pub(crate) fn new(keys: KeyList, people: &'a People) -> Self {
        Self {
            keys,
            people: &people.all,
            seen: RefCell::default(),
        }
    }

    /// Every answer is the code of who asked, good now, of the colour that it says beside.
    pub(crate) fn inspect(&self, samples: &[Sample]) -> Result<()> {
        samples
            .iter()
            .try_for_each(|sample| self.shown(sample).map(drop))
    }

    /// The same, and no code was shown before.
    pub(crate) fn inspect_new(&self, samples: &[Sample]) -> Result<()> {
        for sample in samples {
            let shown = self.shown(sample)?;
            let is_new = self.seen.borrow_mut().insert(shown.token);
            ensure!(is_new, "a code was shown twice");
        }
        Ok(())
    }

    /// Every answer is a picture of a code that is good now.
    pub(crate) fn inspect_pictures(&self, samples: &[Sample]) -> Result<()> {
        samples
            .iter()
            .try_for_each(|sample| self.good(&read_picture(&sample.body)?).map(drop))
    }

    fn shown(&self, sample: &Sample) -> Result<Shown> {
        let shown: Shown = serde_json::from_slice(&sample.body)?;
        let asked_by = sample
            .request
            .checked_rem(self.people.len())
            .and_then(|at| self.people.get(at))
            .context("nobody asked")?;
        ensure!(shown.person == asked_by.id, "the code of somebody else");
        ensure!(self.good(&shown.token)? == shown.colour, "two colours");
        Ok(shown)
    }

    /// The colour of a code that is good now.
    fn good(&self, token: &str) -> Result<Colour> {
        let now = SystemClock.now();
        let code = personal_code::verify(token, &self.keys, now, Skew::Online)?;
        Ok(code.colour)
    }
}

/// The text of the one QR symbol in a picture, by a decoder that has nothing in common with the
/// encoder.
fn read_picture(png: &[u8]) -> Result<String> {
    let picture = image::ImageReader::with_format(Cursor::new(png), image::ImageFormat::Png)
        .decode()?
        .into_luma8();
    let mut prepared = rqrr::PreparedImage::prepare(picture);
    let symbols = prepared.detect_grids();
    let [symbol] = symbols.as_slice() else {
        bail!("{} symbols in a picture", symbols.len());
    };
    let (_, text) = symbol.decode()?;
    ensure!(text.starts_with(PREFIX), "a picture of something else");
    Ok(text)
}

/// Ask for a code with each of `requests`.
pub(crate) async fn fetch(service: &Service, requests: &[Vec<u8>]) -> Result<Vec<Shown>> {
    let mut fetching = JoinSet::new();
    for share in requests.chunks(requests.len().div_ceil(CONNECTIONS).max(1)) {
        let share = share.to_vec();
        let address = service.address;
        fetching.spawn(async move {
            let mut connection = Connection::open(address).await?;
            let mut codes = Vec::with_capacity(share.len());
            for request in &share {
                let answer = connection.ask(request, true).await?;
                ensure!(answer.status == 200, "a code is refused: {}", answer.status);
                codes.push(serde_json::from_slice(&answer.body)?);
            }
            anyhow::Ok(codes)
        });
    }
    let mut codes = Vec::with_capacity(requests.len());
    while let Some(share) = fetching.join_next().await {
        codes.extend(share??);
    }
    Ok(codes)
}

impl Shown {
    /// The text of the symbol.
    pub(crate) fn into_token(self) -> String {
        self.token
    }
}
