//! What kinds of venue are called.

use entity::values::VenueCategory;

/// The kind in Chinese and English, as posters print it.
#[must_use]
pub const fn name_of(category: VenueCategory) -> (&'static str, &'static str) {
    use VenueCategory as Kind;
    match category {
        Kind::School => ("学校", "School"),
        Kind::ResidentialCompound => ("居民小区", "Residential compound"),
        Kind::PublicInstitution => ("机关事业单位", "Public institution"),
        Kind::ServiceCentre => ("政务服务中心", "Government service centre"),
        Kind::CommercialComplex => ("商业综合体", "Commercial complex"),
        Kind::FarmersMarket => ("农贸市场", "Farmers' market"),
        Kind::Shop => ("商场超市", "Shop"),
        Kind::Cinema => ("影剧院", "Cinema or theatre"),
        Kind::PublicHall => ("公共场馆", "Public hall"),
        Kind::Restaurant => ("酒吧餐饮", "Bar or restaurant"),
        Kind::Hotel => ("宾馆旅店", "Hotel"),
        Kind::Fitness => ("健身休闲", "Fitness and leisure"),
        Kind::TouristAttraction => ("旅游景点", "Tourist attraction"),
        Kind::Park => ("公园", "Park"),
        Kind::ReligiousVenue => ("宗教活动场所", "Religious venue"),
        Kind::InternetCafe => ("互联网上网服务营业场所", "Internet café"),
        Kind::Entertainment => ("娱乐场所", "Entertainment"),
        Kind::PersonalService => ("服务场所", "Bath, beauty or hair"),
        Kind::MedicalInstitution => ("医疗机构", "Medical institution"),
        Kind::TrainingInstitution => ("培训机构", "Training institution"),
        Kind::CourierTerminal => ("快递末端网点", "Courier terminal"),
        Kind::Factory => ("厂企", "Factory or enterprise"),
        Kind::CoachStation => ("长途汽车站", "Coach station"),
        Kind::Airport => ("机场", "Airport"),
        Kind::PassengerQuay => ("客运码头", "Passenger quay"),
    }
}
