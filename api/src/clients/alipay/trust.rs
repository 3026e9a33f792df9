//! Whom we believe to be Alipay: a key that the operator named, or certificates.

use std::collections::HashMap;

use anyhow::{Context, anyhow, ensure};
use md5::{Digest, Md5};
use x509_cert::{Certificate, der::Encode, ext::pkix::BasicConstraints, name::Name};

use super::{
    AlipayApp, AlipayCertificates,
    keys::{AlipayKey, AppKey},
};

/// What the names of all signature algorithms with RSA begin with.
const RSA: &str = "1.2.840.113549.1.1.";

/// Whom we believe to be Alipay.
pub(super) enum Trust {
    /// The holder of this key.
    Key(AlipayKey),
    /// Certificate mode.
    Certificates(Certificates),
}

/// Certificates, under the names that Alipay gives them.
pub(super) struct Certificates {
    /// `app_cert_sn`: ours.
    pub(super) app: String,
    /// `alipay_root_cert_sn`.
    pub(super) roots: String,
    /// Alipay's, by `alipay_cert_sn`: more than one while Alipay changes them.
    alipay: HashMap<String, AlipayKey>,
}

impl Trust {
    /// Either a key or certificates.
    pub(super) fn read(app: &AlipayApp, own: &AppKey) -> anyhow::Result<Self> {
        match (&app.alipay_public_key, &app.certificates) {
            (Some(key), None) => AlipayKey::parse(key).map(Self::Key),
            (None, Some(certificates)) => {
                Certificates::read(certificates, own).map(Self::Certificates)
            }
            _ => Err(anyhow!(
                "needs either alipay_public_key or certificates, and not both"
            )),
        }
    }

    /// Whether `signature` (base64) is Alipay's over exactly `text`, whichever of its keys it used.
    pub(super) fn vouches_for(&self, text: &str, signature: &str) -> bool {
        match self {
            Self::Key(key) => key.vouches_for(text, signature),
            Self::Certificates(held) => held
                .alipay
                .values()
                .any(|key| key.vouches_for(text, signature)),
        }
    }

    /// The same for a reply that says which certificate it is signed with. In certificate mode it
    /// must, and the certificate must be one of those that the operator named.
    pub(super) fn vouches_for_reply(
        &self,
        text: &str,
        signature: &str,
        certificate: Option<&str>,
    ) -> bool {
        match self {
            Self::Key(key) => key.vouches_for(text, signature),
            Self::Certificates(held) => certificate
                .and_then(|name| held.alipay.get(name))
                .is_some_and(|key| key.vouches_for(text, signature)),
        }
    }
}

impl Certificates {
    fn read(texts: &AlipayCertificates, own: &AppKey) -> anyhow::Result<Self> {
        let app = all(&texts.app).context("the app's certificate")?;
        let app = app.first().context("the app's certificate is missing")?;
        ensure!(
            own.is_certified_by(&public_key(app)?),
            "the app's certificate is not for its private key"
        );
        let roots = all(&texts.roots).context("the root certificates")?;
        let roots: Vec<_> = roots.iter().filter(|root| is_rsa(root)).map(name).collect();
        ensure!(
            !roots.is_empty(),
            "the root certificates have none with RSA"
        );
        let alipay = all(&texts.alipay).context("Alipay's certificate")?;
        let alipay: HashMap<_, _> = alipay
            .iter()
            .filter(|certificate| !certifies_others(certificate))
            .map(|certificate| {
                let key = AlipayKey::of_der(public_key(certificate)?)?;
                Ok((name(certificate), key))
            })
            .collect::<anyhow::Result<_>>()?;
        ensure!(!alipay.is_empty(), "Alipay's certificate is missing");
        Ok(Self {
            app: name(app),
            roots: roots.join("_"),
            alipay,
        })
    }
}

fn all(pem: &str) -> anyhow::Result<Vec<Certificate>> {
    Certificate::load_pem_chain(pem.as_bytes()).context("is not PEM of X.509 certificates")
}

fn public_key(certificate: &Certificate) -> anyhow::Result<Vec<u8>> {
    let key = certificate.tbs_certificate().subject_public_key_info();
    key.to_der()
        .context("the public key of a certificate cannot be read")
}

fn is_rsa(certificate: &Certificate) -> bool {
    let algorithm = certificate.signature_algorithm().oid;
    algorithm.to_string().starts_with(RSA)
}

/// Alipay hands out its own certificate with the one that signed it behind.
fn certifies_others(certificate: &Certificate) -> bool {
    let constraints = certificate
        .tbs_certificate()
        .get_extension::<BasicConstraints>();
    matches!(constraints, Ok(Some((_, constraints))) if constraints.ca)
}

/// Alipay's name for a certificate: MD5 over its issuer and its serial number in decimal. It names and
/// does not protect: the key comes from the certificate that the operator gave us.
fn name(certificate: &Certificate) -> String {
    let certificate = certificate.tbs_certificate();
    let issuer = issuer(certificate.issuer());
    let serial = decimal(certificate.serial_number().as_bytes());
    hex::encode(Md5::digest(format!("{issuer}{serial}")))
}

/// `CN=…,OU=…,O=…,C=…`: the most specific part first.
fn issuer(name: &Name) -> String {
    let mut parts: Vec<_> = name
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
}
