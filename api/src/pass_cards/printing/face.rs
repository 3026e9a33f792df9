//! What a card says.

use std::fmt;

use chrono::{DateTime, Utc};

use crate::{pass_cards::cards::CardFace, platform::clock::CHINA};

/// Where its holder complains (P8).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ComplaintLine {
    /// The telephone of the office.
    pub telephone: String,
    /// When somebody answers, in words.
    pub hours: String,
}

/// Everything that a printed card says.
#[derive(Clone, PartialEq, Eq)]
pub struct PaperFace {
    /// What people call it by.
    pub number: String,
    /// The holder's whole name: a document is compared with it.
    pub holder: String,
    /// The last four characters of the holder's document.
    pub document_last4: String,
    /// The name of the community that issued it.
    pub community: String,
    /// The whole name of the region that it lies in.
    pub issued_by: String,
    /// Since when it is good.
    pub valid_from: DateTime<Utc>,
    /// When it stops being good.
    pub valid_until: DateTime<Utc>,
    /// Where to complain, if the region published it.
    pub complaints: Option<ComplaintLine>,
    /// The signed `TX1:` text.
    pub token: String,
}

/// It says who somebody is, so it stays out of `Debug` output.
impl fmt::Debug for PaperFace {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("PaperFace(***)")
    }
}

impl PaperFace {
    /// What paper says of a card that shows `face`. None unless it counts: nothing else is printed.
    pub(super) fn of(face: CardFace, complaints: Option<ComplaintLine>) -> Option<Self> {
        Some(Self {
            number: face.number,
            holder: face.holder,
            document_last4: face.document_last4,
            community: face.community,
            issued_by: face.issued_by,
            valid_from: face.valid_from?,
            valid_until: face.valid_until?,
            complaints,
            token: face.token?,
        })
    }

    /// From when until when it is good, in the time of China. A card that ends at midnight ends at 24:00
    /// of the day before, so that nobody takes it for good on one day more.
    pub(super) fn term(&self) -> String {
        let from = self.valid_from.with_timezone(&CHINA);
        let until = self.valid_until.with_timezone(&CHINA);
        let last = until.date_naive().pred_opt();
        let until = match (last, until.time() == chrono::NaiveTime::MIN) {
            (Some(last), true) => format!("{last} 24:00"),
            _ => until.format("%Y-%m-%d %H:%M").to_string(),
        };
        format!("{} — {until}", from.format("%Y-%m-%d %H:%M"))
    }
}
