//! How values from a closed list are kept and spoken of: by their names in snake case, everywhere.

/// Enums without fields, each kept in a column of so many characters. A variant is called the same in the
/// database, in JSON and in the document.
macro_rules! text_enum {
    ($(#[$meta:meta])* pub enum $name:ident in $column:literal {
        $($(#[$of_variant:meta])* $variant:ident),+ $(,)?
    }) => {
        $(#[$meta])*
        #[derive(
            Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash,
            ::sea_orm::EnumIter, ::sea_orm::DeriveActiveEnum,
            ::serde::Serialize, ::serde::Deserialize, ::utoipa::ToSchema,
        )]
        #[sea_orm(rs_type = "String", db_type = $column, rename_all = "snake_case")]
        #[serde(rename_all = "snake_case")]
        pub enum $name {
            $($(#[$of_variant])* $variant),+
        }
    };
}
