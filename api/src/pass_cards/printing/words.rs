//! What every card says, in Chinese and English.

/// The same in both languages.
#[derive(Debug, Clone, Copy)]
pub(super) struct Both {
    pub(super) zh: &'static str,
    pub(super) en: &'static str,
}

const fn both(zh: &'static str, en: &'static str) -> Both {
    Both { zh, en }
}

pub(super) const TITLE: Both = both("健康通行卡", "HEALTH PASS CARD");
pub(super) const NAME: Both = both("姓名", "Name");
pub(super) const DOCUMENT: Both = both("证件尾号", "Document ends in");
pub(super) const COMMUNITY: Both = both("社区（村）", "Community");
pub(super) const VALID: Both = both("有效期（北京时间）", "Valid, Beijing time");
pub(super) const NUMBER: Both = both("卡号", "Card number");
pub(super) const SCAN: Both = both("扫码核验", "Scan to verify");
pub(super) const COMPLAINTS: Both = both("投诉电话", "Complaints");

pub(super) const SAME_FORCE: Both = both(
    "纸质卡与电子卡具有同等效力，全省通用。",
    "This card has the same force on paper and on the phone, in the whole province.",
);
pub(super) const LET_THROUGH: Both = both(
    "有效期内体温正常者凭卡通行，不再隔离观察。",
    "While it is valid, its holder passes with a normal temperature and is not isolated.",
);
pub(super) const VERIFYING: Both = both(
    "签名可离线核验；是否已作废，联网可查。",
    "The signature verifies offline; whether the card was voided is known online.",
);
pub(super) const SUBSTITUTED: Both = both(
    "〓 代表字库未收录的字，以证件为准。",
    "〓 stands for a character that the printer's font lacks; the document has it.",
);

pub(super) const HOLDERS: Both = both("持卡须知", "For the holder");
pub(super) const VERIFIERS: Both = both("核验方法", "For whoever checks it");
pub(super) const CUT: Both = both("沿虚线剪下随身携带", "Cut out along the dashed line");

pub(super) const FOR_THE_HOLDER: [Both; 6] = [
    both(
        "请随身携带本卡和本人证件，通过检查点时一并出示。",
        "Carry this card together with your document, and show both at checkpoints.",
    ),
    both(
        "纸质卡与手机上的电子卡具有同等效力，全省通用，各地不得要求另办其他健康证明。",
        "Paper and phone have the same force in the whole province. No place may ask for another \
         health certificate.",
    ),
    both(
        "有效期内体温正常者凭卡通行，不再隔离观察。",
        "While the card is valid you pass with a normal temperature and are not isolated.",
    ),
    both(
        "申报情况有变化的，请及时告知社区（村）；填报虚假信息的，依法承担责任。",
        "Tell your community when what you declared has changed. Whoever declares what is not true \
         answers for it.",
    ),
    both(
        "卡片遗失、损坏或信息有变，可到社区（村）换发；换发后原卡即作废。",
        "If the card is lost, damaged or out of date, your community replaces it. The old card is void \
         from then on.",
    ),
    both(
        "办理或使用中受到推诿、拒绝的，请拨打投诉电话。",
        "If you are put off or refused, call the complaint telephone.",
    ),
];

pub(super) const FOR_VERIFIERS: [Both; 4] = [
    both(
        "扫描二维码。内容以“TX1:”开头，由签发机关数字签名，涂改即失效。",
        "Scan the code. It begins with TX1: and is signed by the issuer, so any change spoils it.",
    ),
    both(
        "比对卡面、扫码结果与本人证件：姓名、证件尾号、卡号、有效期须一致。",
        "Compare the card, what the scan says and the document: name, last characters, number and days \
         must agree.",
    ),
    both(
        "无网络时，凭已下载的公钥清单核验签名和有效期。",
        "Without a network, the list of public keys that you hold verifies signature and days.",
    ),
    both(
        "有网络时，以联网结果为准：卡片可能已作废、换发或暂停。",
        "With a network, the answer online decides: the card may be void, replaced or suspended.",
    ),
];
