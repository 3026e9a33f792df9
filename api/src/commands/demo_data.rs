//! People to try things with, in a development deployment that has nobody yet.

use anyhow::{Context, anyhow};
use chrono::NaiveDate;
use entity::{person, values::Division};
use sea_orm::{EntityTrait, PaginatorTrait};
use serde_json::json;

use super::{
    dev::Running,
    page::{Page, text},
};
use crate::{
    audit::Actor,
    communities::{self, rules::Line},
    deps::Deps,
    roads,
};

/// Somebody made up. The numbers' check characters fit, and they are nobody's.
struct Invented {
    phone: &'static str,
    name: &'static str,
    document: &'static str,
    temperature: f64,
}

const PEOPLE: [Invented; 3] = [
    Invented {
        phone: "13900000001",
        name: "王芳",
        document: "310101199003070019",
        temperature: 36.5,
    },
    Invented {
        phone: "13900000002",
        name: "赵强",
        document: "11010519491231002X",
        temperature: 37.6,
    },
    Invented {
        phone: "13900000003",
        name: "陈静",
        document: "310101202002290022",
        temperature: 36.8,
    },
];

/// Communities of two districts. Their names and numbers are made up.
const COMMUNITIES: &str = "\
code,name,address,telephone,hours
370102001001,泉边示范社区,济南市历下区示范路1号,0531-55550101,工作日 9:00–12:00、13:00–17:00
370102001002,柳岸示范社区,济南市历下区示范路22号,0531-55550102,工作日 9:00–12:00、13:00–17:00
370102002001,山前示范社区,济南市历下区示范街8号,0531-55550103,每日 9:00–17:00
310101002001,江畔示范社区,上海市黄浦区示范路10号,021-55550201,工作日 9:00–12:00、13:00–17:00
310101013001,园前示范社区,上海市黄浦区示范弄3号,021-55550202,每日 9:00–17:00
";

/// Where people complain: one district has no line of its own.
const LINES: [(&str, &str); 4] = [
    ("370102", "0531-55550100"),
    ("370100", "0531-12345"),
    ("370000", "96678"),
    ("310000", "021-12345"),
];

/// Sections of roads in Heping, Tianjin, and one in Huangpu, Shanghai, with what `tongxing roads import`
/// reads after the day from which on they hold. The fifth is open, and leads around the one before.
const SECTIONS: [(&str, &str); 6] = [
    (
        "120101-0001,南京路（营口道至多伦道）,Nanjing Road",
        "mon-fri 07:00-09:00; mon-fri 17:00-19:00,,",
    ),
    (
        "120101-0002,赤峰道（张自忠路至南京路）,Chifeng Road",
        "daily 22:00-06:00,,",
    ),
    (
        "120101-0003,解放北路（营口道至大同道）,Jiefang North Road",
        "daily 00:00-24:00,ordinary; new_energy_large,",
    ),
    (
        "120101-0004,营口道（南京路至贵州路）,Yingkou Road",
        "daily 07:00-19:00,,120101-0005",
    ),
    ("120101-0005,贵州路（营口道至成都道）,Guizhou Road", ",,"),
    (
        "310101-0001,延安东路（西藏中路至中山东一路）,Yan'an Road East",
        "daily 00:00-24:00,,",
    ),
];

/// The invented sections as a file, from `today` on.
fn sections(today: NaiveDate) -> String {
    let head = "code,name_zh,name_en,valid_from,restricted,classes,ways_around\n";
    let lines = SECTIONS.map(|(names, holds)| format!("{names},{today},{holds}\n"));
    format!("{head}{}", lines.concat())
}

/// Publish the invented communities and complaint lines, and sections of roads.
pub async fn publish(deps: &Deps) -> anyhow::Result<()> {
    communities::bring_in(deps, COMMUNITIES.as_bytes()).await?;
    for (code, telephone) in LINES {
        let division = Division::try_from(code.to_owned())?;
        let line = Line::check(telephone, "全天").map_err(|flaws| anyhow!("{flaws:?}"))?;
        communities::publish_line(deps, Actor::Operator, &division, line).await?;
    }
    roads::bring_in(deps, sections(deps.clock.today()).as_bytes()).await?;
    Ok(())
}

/// Log the invented people in, verify and declare for them, unless somebody is there. Returns their
/// phone numbers if they were added now.
pub async fn add(running: &Running) -> anyhow::Result<Vec<&'static str>> {
    if person::Entity::find().count(&running.deps().db).await? > 0 {
        return Ok(Vec::new());
    }
    publish(running.deps()).await.context("adding demo data")?;
    for invented in &PEOPLE {
        add_one(running, invented)
            .await
            .context("adding demo data")?;
    }
    Ok(PEOPLE.iter().map(|invented| invented.phone).collect())
}

async fn add_one(running: &Running, invented: &Invented) -> anyhow::Result<()> {
    let mut page = Page::of(&running.base_url)?;
    let asked = page
        .post("/v1/login/sms-codes", json!({"phone": invented.phone}))
        .await?;
    let login = json!({
        "request_id": text(&asked, "/request_id")?,
        "phone": invented.phone,
        "code": running.mock.latest_sms_code(invented.phone).context("no SMS arrived")?,
        "accepted": page.accepted().await?,
    });
    let session = page.post("/v1/login/sms", login).await?;
    page.log_in(&session)?;
    let identity = json!({
        "name": invented.name,
        "document_kind": "resident_card",
        "document_number": invented.document,
    });
    page.put("/v1/me/identity", identity).await?;
    page.declare(&text(&session, "/person_id")?, invented.temperature)
        .await?;
    Ok(())
}
