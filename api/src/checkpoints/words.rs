//! What a gate says aloud.

use entity::values::GateReason;
use serde::Serialize;
use utoipa::ToSchema;

/// A sentence to be read aloud. It names no illness and nobody: bystanders hear it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
pub struct Spoken {
    /// In Chinese.
    pub zh: &'static str,
    /// In English.
    pub en: &'static str,
}

/// What to say where a gate does something for `reason`.
#[must_use]
pub const fn spoken(reason: GateReason) -> Spoken {
    let (zh, en) = match reason {
        GateReason::Green => ("请通行", "Please go ahead"),
        GateReason::PassCard => ("通行证有效，请通行", "Your pass is good. Please go ahead"),
        GateReason::VehiclePass => (
            "车辆通行证有效，请通行",
            "The vehicle's pass is good. Please go ahead",
        ),
        GateReason::WorkPermit => ("复工证有效，请通行", "Your permit is good. Please go ahead"),
        GateReason::VehicleToCompare => (
            "请工作人员核对车辆与通行证",
            "Staff will compare the vehicle with its pass",
        ),
        GateReason::SomebodyMissing => (
            "请车上所有人员出示健康码",
            "Everybody in the vehicle, please show your health code",
        ),
        GateReason::OtherHour => (
            "通行证不在允许时段内，请勿通行",
            "The pass is not for this hour. Please do not drive on",
        ),
        GateReason::OtherSection => (
            "通行证不适用于本路段，请勿通行",
            "The pass is not for this road. Please do not drive on",
        ),
        GateReason::StrangerAboard => (
            "车上人员与通行证不符，请工作人员核对",
            "The people in the vehicle do not go with its pass. Staff will check",
        ),
        GateReason::OtherVehicle => (
            "车辆与通行证不符，请工作人员核对",
            "The vehicle does not go with the pass. Staff will check it",
        ),
        GateReason::Grey => (
            "尚无健康信息，请工作人员查看",
            "No health information yet. Staff will help you",
        ),
        GateReason::NotValid => (
            "此码无效，请刷新后重新出示",
            "This code is not valid. Please refresh it and show it again",
        ),
        GateReason::ShownElsewhere => (
            "请刷新后重新出示，并由工作人员核对",
            "Please refresh your code and show it again. Staff will check it",
        ),
        GateReason::FarApart => (
            "请由工作人员核对本人与健康码",
            "Staff will compare you, or your ID card, with your code",
        ),
        GateReason::Unknown => (
            "未查到登记信息，请工作人员登记",
            "No registration was found. Staff will register you",
        ),
        GateReason::OnlineOnly => (
            "暂时无法联网查询，请出示健康码",
            "This cannot be looked up right now. Please show your health code",
        ),
        GateReason::NoTemperature => ("请测量体温", "Please have your temperature taken"),
        GateReason::OtherDocument => (
            "证件与通行证不符，请工作人员核对",
            "The document does not go with the pass. Staff will check it",
        ),
        GateReason::CardDoesNotCount | GateReason::PassNotGood => (
            "通行证当前不可用，请工作人员查看",
            "The pass cannot be used now. Staff will help you",
        ),
        GateReason::Yellow | GateReason::Red => (
            "请留步，由工作人员协助",
            "Please wait here. Staff will assist you",
        ),
        GateReason::Fever => (
            "体温偏高，请留步复测",
            "Your temperature is high. Please wait here to have it taken again",
        ),
    };
    Spoken { zh, en }
}
