//! How well promises are kept: what was filed, decided, late, refused and complained of, by county,
//! city, province and local day (P11).

pub mod rules;
