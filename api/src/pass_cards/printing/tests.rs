use chrono::{DateTime, Utc};

use super::*;
use crate::documents::Paper;

fn face() -> CardFace {
    CardFace {
        number: "TXK37010200012345".into(),
        holder: "张伟".into(),
        document_last4: "123X".into(),
        community: "解放路街道历山名郡社区".into(),
        issued_by: "山东省济南市历下区".into(),
        valid_from: "2020-03-05T09:30:00+08:00"
            .parse::<DateTime<Utc>>()
            .unwrap(),
        valid_until: "2020-03-19T00:00:00+08:00".parse().unwrap(),
        complaints: Some(ComplaintLine {
            telephone: "0531-88888888".into(),
            hours: "每天 8:30–17:30".into(),
        }),
        token: format!("TX1:{}", "+E7V5010027B%Z$K-W/Q.P*A:M".repeat(13))
            .chars()
            .take(325)
            .collect(),
    }
}

#[test]
fn show() {
    std::fs::write("/tmp/a6.pdf", pdf(&face(), Paper::A6).unwrap()).unwrap();
    std::fs::write("/tmp/a4.pdf", pdf(&face(), Paper::A4).unwrap()).unwrap();
}
