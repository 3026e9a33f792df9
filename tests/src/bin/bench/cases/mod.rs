//! The cases.

mod collection_form;
mod display;
mod display_cold;
mod dry_run;
mod everybody;
mod floors;
mod gate;
mod growth;
mod hanging_wechat;
mod import;
mod otp;
mod overload;
mod pass_verify;
mod png;
mod recompute;
mod result_to_screen;
mod scan;
mod status_list;
mod verify;

pub(crate) use display::path;

use anyhow::{Context, Result, bail};

use crate::stage::Stage;

/// What there is to measure.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Case {
    /// Codes of people who are known.
    Display,
    /// Codes of people whom this process has not seen.
    DisplayCold,
    /// Codes as pictures.
    Png,
    /// Verifying codes.
    Verify,
    /// Verifying codes at a gate, with its record.
    Gate,
    /// Sending one-time codes.
    Otp,
    /// Codes while WeChat hangs.
    HangingWechat,
    /// Bringing in a file of test results.
    Import,
    /// Those whom time alone concerns.
    Recompute,
    /// What a rule would do.
    DryRun,
    /// From a test result to another colour.
    ResultToScreen,
    /// People who come to venues.
    Scan,
    /// The same when there is much history.
    Growth,
    /// Sixteen times as many people at doors.
    Overload,
    /// Verifying permits without a network. Needs no world.
    PassVerify,
    /// What became of ten million permits. Needs no world.
    StatusList,
    /// Reading a collection form.
    CollectionForm,
    /// The floor's routes by themselves. Only when asked for.
    Floors,
}

/// All that is measured when nothing is named.
const USUAL: [Case; 17] = [
    Case::Display,
    Case::DisplayCold,
    Case::Png,
    Case::Verify,
    Case::Gate,
    Case::Otp,
    Case::HangingWechat,
    Case::Import,
    Case::Recompute,
    Case::DryRun,
    Case::ResultToScreen,
    Case::Scan,
    Case::Growth,
    Case::Overload,
    Case::PassVerify,
    Case::StatusList,
    Case::CollectionForm,
];

impl Case {
    /// The cases named `names`, or the usual ones without a name.
    pub(crate) fn named(names: &[String]) -> Result<Vec<Self>> {
        if names.is_empty() {
            return Ok(USUAL.to_vec());
        }
        names.iter().map(|name| Self::of_name(name)).collect()
    }

    fn of_name(name: &str) -> Result<Self> {
        Ok(match name {
            "display" => Self::Display,
            "display-cold" => Self::DisplayCold,
            "png" => Self::Png,
            "verify" => Self::Verify,
            "gate" => Self::Gate,
            "otp" => Self::Otp,
            "hanging-wechat" => Self::HangingWechat,
            "import" => Self::Import,
            "recompute" => Self::Recompute,
            "dry-run" => Self::DryRun,
            "result-to-screen" => Self::ResultToScreen,
            "scan" => Self::Scan,
            "growth" => Self::Growth,
            "overload" => Self::Overload,
            "pass-verify" => Self::PassVerify,
            "status-list" => Self::StatusList,
            "collection-form" => Self::CollectionForm,
            "floors" => Self::Floors,
            _ => bail!(
                "no case `{name}`: display, display-cold, png, verify, gate, otp, hanging-wechat, import, recompute, dry-run, result-to-screen, scan, growth, overload, pass-verify, status-list, collection-form, floors"
            ),
        })
    }

    /// Whether it needs neither service nor stores.
    fn is_alone(self) -> bool {
        matches!(
            self,
            Self::CollectionForm | Self::Floors | Self::PassVerify | Self::StatusList
        )
    }

    async fn measure_alone(self) -> Result<()> {
        match self {
            Self::CollectionForm => collection_form::run(),
            Self::Floors => floors::run().await,
            Self::PassVerify => pass_verify::run(),
            Self::StatusList => status_list::run(),
            _ => bail!("{self:?} needs a world"),
        }
    }

    async fn measure(self, stage: &Stage, extent: Extent) -> Result<()> {
        match self {
            Self::Display => display::run(stage).await,
            Self::DisplayCold => display_cold::run(stage).await,
            Self::Png => png::run(stage).await,
            Self::Verify => verify::run(stage).await,
            Self::Gate => gate::run(stage).await,
            Self::Otp => otp::run(stage).await,
            Self::HangingWechat => hanging_wechat::run(stage, extent.minutes).await,
            Self::Import => import::run(stage, extent.rows).await,
            Self::Recompute => Box::pin(recompute::run(stage)).await,
            Self::DryRun => Box::pin(dry_run::run(stage)).await,
            Self::ResultToScreen => result_to_screen::run(stage).await,
            Self::Scan => scan::run(stage).await,
            Self::Growth => growth::run(stage, extent.rows).await,
            Self::Overload => overload::run(stage).await,
            Self::CollectionForm | Self::Floors | Self::PassVerify | Self::StatusList => {
                self.measure_alone().await
            }
        }
    }
}

/// How far cases go that can go any way; as far as they usually do, where nothing is said.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Extent {
    /// Of a case that can last any time.
    pub(crate) minutes: Option<u32>,
    /// Of a case that can take in any number of rows.
    pub(crate) rows: Option<u32>,
}

/// Measure `cases`, and say what came of them.
pub(crate) async fn run(cases: &[Case], extent: Extent) -> Result<()> {
    let (alone, cases): (Vec<Case>, Vec<Case>) = cases.iter().partition(|case| case.is_alone());
    for case in alone {
        case.measure_alone()
            .await
            .with_context(|| format!("{case:?}"))?;
    }
    if cases.is_empty() {
        return Ok(());
    }
    let stage = Box::pin(Stage::set()).await?;
    for case in cases {
        Box::pin(case.measure(&stage, extent))
            .await
            .with_context(|| format!("{case:?}"))?;
    }
    Ok(())
}
