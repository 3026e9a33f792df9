//! Aliyun's older signature, HMAC-SHA1 over all parameters, which some SDKs still make.

use chrono::DateTime;

use super::aliyun_signature::encode;
use crate::call::Call;
use crate::crypto::{base64_encode, hmac_sha1};

/// The parameters of a call, and the signature among them.
pub(super) struct Signed {
    method: String,
    parameters: Vec<(String, String)>,
    signature: String,
}

impl Signed {
    /// Read a call that is signed this way: in the query, in a form body, or in both.
    pub(super) fn read(call: &Call) -> Option<Self> {
        let mut parameters: Vec<_> = call.query.iter().cloned().chain(call.form()).collect();
        let at = parameters
            .iter()
            .position(|(name, _)| name == "Signature")?;
        let (_, signature) = parameters.remove(at);
        Some(Self {
            method: call.method.to_string(),
            parameters,
            signature,
        })
    }

    /// The parameter `name`, or nothing.
    pub(super) fn parameter(&self, name: &str) -> &str {
        self.parameters
            .iter()
            .find(|(key, _)| key == name)
            .map_or("", |(_, value)| value)
    }

    /// Whether this is the one kind of signature there is.
    pub(super) fn is_known(&self) -> bool {
        self.parameter("SignatureMethod") == "HMAC-SHA1"
            && self.parameter("SignatureVersion") == "1.0"
    }

    /// When it was signed, in Unix milliseconds.
    pub(super) fn at_ms(&self) -> Option<i64> {
        DateTime::parse_from_rfc3339(self.parameter("Timestamp"))
            .ok()
            .map(|at| at.timestamp_millis())
    }

    /// Whether the signature is the one of `secret`; otherwise the string to sign.
    pub(super) fn check(&self, secret: &str) -> Result<(), String> {
        let text = self.string_to_sign();
        if signature(secret, &text) == self.signature {
            Ok(())
        } else {
            Err(text)
        }
    }

    fn string_to_sign(&self) -> String {
        let mut pairs: Vec<_> = self
            .parameters
            .iter()
            .map(|(name, value)| (encode(name), encode(value)))
            .collect();
        pairs.sort();
        let pairs: Vec<_> = pairs
            .into_iter()
            .map(|(name, value)| format!("{name}={value}"))
            .collect();
        format!("{}&%2F&{}", self.method, encode(&pairs.join("&")))
    }
}

fn signature(secret: &str, text: &str) -> String {
    base64_encode(hmac_sha1(format!("{secret}&").as_bytes(), text.as_bytes()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_signature_is_that_of_the_vendors_example() {
        let text = "GET&%2F&AccessKeyId%3Dtestid%26Action%3DDescribeRegions%26Format%3DXML%26SignatureMethod%3DHMAC-SHA1%26SignatureNonce%3D3ee8c1b8-83d3-44af-a94f-4e0ad82fd6cf%26SignatureVersion%3D1.0%26Timestamp%3D2016-02-23T12%253A46%253A24Z%26Version%3D2014-05-26";
        let parameters = [
            ("Timestamp", "2016-02-23T12:46:24Z"),
            ("Format", "XML"),
            ("AccessKeyId", "testid"),
            ("Action", "DescribeRegions"),
            ("SignatureMethod", "HMAC-SHA1"),
            ("SignatureNonce", "3ee8c1b8-83d3-44af-a94f-4e0ad82fd6cf"),
            ("Version", "2014-05-26"),
            ("SignatureVersion", "1.0"),
        ];
        let mut signed = Signed {
            method: "GET".to_owned(),
            parameters: parameters.map(|(n, v)| (n.to_owned(), v.to_owned())).into(),
            signature: "OLeaidS1JvxuMvnyHOwuJ+uX5qY=".to_owned(),
        };
        assert_eq!(signed.string_to_sign(), text);
        assert_eq!(signed.check("testsecret"), Ok(()));
        assert_eq!(signed.check("guessed"), Err(text.to_owned()));
        signed.parameters.push(("Extra".to_owned(), String::new()));
        assert!(signed.check("testsecret").is_err());
    }
}
