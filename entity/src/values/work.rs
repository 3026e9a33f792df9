//! The return to work: who may ask for it, and what becomes of those who are asked for.

use sea_orm::entity::prelude::*;

text_enum! {
    /// What an enterprise of the white list is (W1).
    pub enum EnterpriseKind in "String(StringLen::N(16))" {
        /// One whose work was resumed.
        Enterprise,
        /// One that carries goods for such, or distributes them.
        Logistics,
        /// One that works for another of the list, which answers for it.
        Contractor,
    }
}

text_enum! {
    /// Why a work permit counts no more before its days are over.
    pub enum WorkEnding in "String(StringLen::N(16))" {
        /// The enterprise does not employ the worker any more.
        Withdrawn,
        /// The worker does not want it.
        GivenUp,
        /// The authority took it back.
        Revoked,
        /// The next one began.
        Superseded,
        /// Nobody with the worker's document ever came.
        NeverKnown,
    }
}

text_enum! {
    /// What the data centre says of a worker (W4).
    pub enum Authentication in "String(StringLen::N(16))" {
        /// Who and where they are is what the enterprise says.
        Authenticated,
        /// It is not.
        Mismatch,
        /// The data centre knows nobody like that.
        Unknown,
    }
}

text_enum! {
    /// How far a batch for the data centre got (W4).
    pub enum WorkBatchState in "String(StringLen::N(12))" {
        /// Its workers are handed over, one after the other.
        Gathering,
        /// It is to be sent, or was, and answers are due.
        Waiting,
        /// There is an answer for each of its workers.
        Answered,
        /// Some answers never came: people of the city look at those workers.
        GivenUp,
    }
}

text_enum! {
    /// Why somebody objects to a return that was made public (W5).
    pub enum ObjectionReason in "String(StringLen::N(16))" {
        /// The worker does not live there.
        NotResident,
        /// They were with somebody who is ill.
        Contact,
        /// They have not stayed at home as they had to.
        NotIsolated,
        /// They are not well.
        Unwell,
    }
}
