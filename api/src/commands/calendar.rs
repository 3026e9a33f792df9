//! `tongxing calendar`: the working calendar.

use std::path::Path;

use anyhow::{Context, bail};

use crate::{
    deps::Deps,
    regions::{self, Saved, YearDays},
};

/// Keep the year in `path`, TOML or, by its ending, JSON: `year`, `source`, `holidays` and
/// `working_weekends`.
pub async fn save(deps: &Deps, path: &Path) -> anyhow::Result<()> {
    let text = tokio::fs::read_to_string(path)
        .await
        .with_context(|| format!("reading {}", path.display()))?;
    let is_json = path.extension().is_some_and(|ending| ending == "json");
    let days = read(&text, is_json).with_context(|| format!("{} is no year", path.display()))?;
    let year = days.year;
    match regions::save_year(deps, &days).await? {
        Saved::New => println!("{year} is kept"),
        Saved::Changed => println!("{year} is kept in place of what was known of it"),
        Saved::Unchanged => println!("{year} was kept just so"),
    }
    Ok(())
}

fn read(text: &str, is_json: bool) -> anyhow::Result<YearDays> {
    Ok(if is_json {
        serde_json::from_str(text)?
    } else {
        toml::from_str(text)?
    })
}

/// Print what is kept of `year`, as TOML that [`save`] takes.
pub async fn show(deps: &Deps, year: i32) -> anyhow::Result<()> {
    let Some(days) = regions::year(deps, year).await? else {
        bail!("the holidays of {year} are not known");
    };
    print!("{}", toml::to_string(&days)?);
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_year_is_read_from_toml_and_from_json() {
        let from_toml = "
            year = 2027
            source = '国办发明电〔2026〕7号'
            holidays = ['2027-01-01']
            working_weekends = ['2027-02-20']
        ";
        let from_json = r#"{
            "year": 2027,
            "source": "国办发明电〔2026〕7号",
            "holidays": ["2027-01-01"],
            "working_weekends": ["2027-02-20"]
        }"#;
        let days = read(from_toml, false).unwrap();
        assert_eq!(days, read(from_json, true).unwrap());
        assert_eq!(days.year, 2027);
        let written = toml::to_string(&days).unwrap();
        assert_eq!(read(&written, false).unwrap(), days, "{written}");
        assert!(read("year = 2027\nholiday = []", false).is_err());
    }
}
