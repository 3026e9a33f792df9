//! Certificate mode: certificates are named by a digest of their issuer and serial number.
//!
//! Serial numbers are worked out here apart from the backend's client on purpose: the two sides judge each
//! other, and Alipay's own SDK judges both.

use md5::{Digest, Md5};
use x509_cert::Certificate;
use x509_cert::der::Encode;
use x509_cert::name::Name;

use crate::config::AlipayCertificates;
use crate::crypto::BadKey;

/// What the signature algorithms that begin with RSA's arc have in common.
const RSA: &str = "1.2.840.113549.1.1.";

/// What an app in certificate mode and the gateway call each other's certificates.
pub(super) struct CertificateNames {
    /// `app_cert_sn`.
    pub(super) app: String,
    /// `alipay_cert_sn`.
    pub(super) alipay: String,
    /// `alipay_root_cert_sn`.
    pub(super) roots: String,
}

impl CertificateNames {
    /// Read the certificates of an app whose public key is `app_key` (SPKI).
    pub(super) fn read(certificates: &AlipayCertificates, app_key: &[u8]) -> Result<Self, BadKey> {
        let app = first(&certificates.app)?;
        let certified = app.tbs_certificate().subject_public_key_info();
        if certified.to_der().map_err(|_| BadKey)? != app_key {
            return Err(BadKey);
        }
        let roots = all(&certificates.roots)?;
        let rsa = |root: &&Certificate| {
            let algorithm = root.signature_algorithm().oid;
            algorithm.to_string().starts_with(RSA)
        };
        let roots: Vec<String> = roots.iter().filter(rsa).map(name).collect();
        Ok(Self {
            app: name(&app),
            alipay: name(&first(&certificates.alipay)?),
            roots: roots.join("_"),
        })
    }
}

fn all(pem: &str) -> Result<Vec<Certificate>, BadKey> {
    Certificate::load_pem_chain(pem.as_bytes()).map_err(|_| BadKey)
}

fn first(pem: &str) -> Result<Certificate, BadKey> {
    all(pem)?.into_iter().next().ok_or(BadKey)
}

/// MD5 over the issuer, most specific part first, and the serial number in decimal.
fn name(certificate: &Certificate) -> String {
    let certificate = certificate.tbs_certificate();
    let issuer = text(certificate.issuer());
    let serial = decimal(certificate.serial_number().as_bytes());
    hex::encode(Md5::digest(format!("{issuer}{serial}")))
}

fn text(name: &Name) -> String {
    let mut parts: Vec<String> = name
        .iter()
        .map(|part| {
            let value = String::from_utf8_lossy(part.value.value());
            format!("{}={value}", short(&part.oid.to_string()))
        })
        .collect();
    parts.reverse();
    parts.join(",")
}

fn short(oid: &str) -> &str {
    match oid {
        "2.5.4.3" => "CN",
        "2.5.4.6" => "C",
        "2.5.4.7" => "L",
        "2.5.4.8" => "ST",
        "2.5.4.10" => "O",
        "2.5.4.11" => "OU",
        other => other,
    }
}

/// The big-endian number `bytes` in decimal.
fn decimal(bytes: &[u8]) -> String {
    let mut digits = vec![0_u16];
    for byte in bytes {
        let mut carry = u16::from(*byte);
        for digit in &mut digits {
            let sum = *digit * 256 + carry;
            *digit = sum % 10;
            carry = sum / 10;
        }
        while carry > 0 {
            digits.push(carry % 10);
            carry /= 10;
        }
    }
    digits.iter().rev().map(u16::to_string).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::AlipayApp;
    use crate::crypto::base64_decode;

    #[test]
    fn numbers_of_any_length_become_decimal() {
        assert_eq!(decimal(&[]), "0");
        assert_eq!(decimal(&[0, 0]), "0");
        assert_eq!(decimal(&[1, 0]), "256");
        assert_eq!(
            decimal(&[0xff; 16]),
            "340282366920938463463374607431768211455"
        );
    }

    /// The names are those that Alipay's own Node SDK computes.
    #[test]
    fn certificates_have_the_names_that_alipays_sdk_gives_them() {
        let app = AlipayApp::certified();
        let key = base64_decode(app.app_public_key.trim()).unwrap();
        let names = CertificateNames::read(&app.certificates.unwrap(), &key).unwrap();
        assert_eq!(names.app, "244db4f5084a01b983f3450ba995b77e");
        assert_eq!(names.alipay, "5caed74f4ed3d21f9fdee5026334da0e");
        assert_eq!(
            names.roots,
            "c026c8f58411932601287f1add95f918_16bba35b51b1b21afca632e1c70507e6"
        );
    }

    #[test]
    fn a_certificate_of_another_key_is_refused() {
        let app = AlipayApp::certified();
        let certificates = app.certificates.unwrap();
        assert!(CertificateNames::read(&certificates, b"another").is_err());
    }
}
