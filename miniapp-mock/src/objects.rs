//! A bucket of objects that speaks like S3: put, read, look for and delete, signed with version 4 of its signatures.

use std::collections::BTreeMap;

use actix_web::http::Method;
use chrono::{DateTime, NaiveDateTime, TimeDelta};

use crate::call::{Call, Reply, Trouble};
use crate::crypto::{hmac_sha256, request_id, sha256_hex};
use crate::sms::credential_part;
use crate::state::{Inner, lock};

pub(crate) const SCHEME: &str = "AWS4-HMAC-SHA256";

const XML: &str = "application/xml";

/// How far a request's date may be from the store's.
const SKEW: TimeDelta = TimeDelta::minutes(15);

/// What lies in the bucket, by path.
#[derive(Default)]
pub(crate) struct Objects(pub(crate) BTreeMap<String, Vec<u8>>);

/// What S3 calls what is wrong, with the status that goes with it.
type Refusal = (u16, &'static str);

/// Answer as a bucket does.
pub(crate) fn answer(world: &Inner, call: &Call) -> Reply {
    match served(world, call) {
        Ok(reply) => reply,
        Err((status, code)) => failure(status, code),
    }
}

fn served(world: &Inner, call: &Call) -> Result<Reply, Refusal> {
    authorise(world, call)?;
    let named = call
        .path
        .strip_prefix('/')
        .and_then(|path| path.split_once('/'));
    let (bucket, name) = named.ok_or((400, "InvalidRequest"))?;
    if bucket != world.config.objects.bucket {
        return Err((404, "NoSuchBucket"));
    }
    let objects = &mut lock(&world.objects).0;
    match call.method {
        Method::PUT => {
            objects.insert(name.to_owned(), call.body.to_vec());
            Ok(Reply::new(XML, "", "OK"))
        }
        Method::GET | Method::HEAD => {
            let object = objects.get(name).ok_or((404, "NoSuchKey"))?;
            Ok(Reply::new("application/octet-stream", object.clone(), "OK"))
        }
        Method::DELETE => {
            objects.remove(name);
            Ok(Reply::new(XML, "", "OK").with_status(204))
        }
        _ => Err((405, "MethodNotAllowed")),
    }
}

fn authorise(world: &Inner, call: &Call) -> Result<(), Refusal> {
    let header = call.header("authorization").ok_or((403, "AccessDenied"))?;
    let part = |name| credential_part(header, SCHEME, name);
    let malformed = (400, "AuthorizationHeaderMalformed");
    let credential = part("Credential").ok_or(malformed)?;
    let signed = part("SignedHeaders").ok_or(malformed)?;
    let signature = part("Signature").ok_or(malformed)?;
    let scope: Vec<&str> = credential.split('/').collect();
    let [key_id, day, region, "s3", "aws4_request"] = scope[..] else {
        return Err(malformed);
    };
    let account = &world.config.objects;
    if key_id != account.access_key_id {
        return Err((403, "InvalidAccessKeyId"));
    }
    if region != account.region {
        return Err(malformed);
    }
    let stamp = call.header("x-amz-date").ok_or((403, "AccessDenied"))?;
    let made = NaiveDateTime::parse_from_str(stamp, "%Y%m%dT%H%M%SZ");
    let made = made.map_err(|_| (403, "AccessDenied"))?.and_utc();
    let now = DateTime::from_timestamp_millis(world.clock.now_ms()).unwrap_or_default();
    if (now - made).abs() > SKEW || !stamp.starts_with(day) {
        return Err((403, "RequestTimeTooSkewed"));
    }
    let names: Vec<&str> = signed.split(';').collect();
    let required = |(name, _): &&(String, String)| name == "host" || name.starts_with("x-amz-");
    let unsigned = |(name, _): &(String, String)| !names.contains(&name.as_str());
    if call.headers.iter().filter(required).any(unsigned) {
        return Err((403, "AccessDenied"));
    }
    let digest = call.header("x-amz-content-sha256").unwrap_or_default();
    if digest != "UNSIGNED-PAYLOAD" && digest != sha256_hex(&call.body) {
        return Err((400, "XAmzContentSHA256Mismatch"));
    }
    let text = [
        SCHEME,
        stamp,
        &[day, region, "s3", "aws4_request"].join("/"),
        &sha256_hex(canonical(call, &names, digest).as_bytes()),
    ]
    .join("\n");
    let secret = format!("AWS4{}", account.secret_access_key).into_bytes();
    let key = [day, region, "s3", "aws4_request"]
        .iter()
        .fold(secret, |key, part| hmac_sha256(&key, part.as_bytes()));
    if hex::encode(hmac_sha256(&key, text.as_bytes())) == signature {
        Ok(())
    } else {
        Err((403, "SignatureDoesNotMatch"))
    }
}

/// Paths are taken as they were sent, and queries as they are: nobody asks for anything but an object.
fn canonical(call: &Call, names: &[&str], digest: &str) -> String {
    let headers: Vec<String> = names
        .iter()
        .map(|name| {
            let value = call.header(name).unwrap_or_default();
            let words: Vec<&str> = value.split_whitespace().collect();
            format!("{name}:{}\n", words.join(" "))
        })
        .collect();
    [
        call.method.as_str(),
        &call.path,
        &call.raw_query,
        &headers.concat(),
        &names.join(";"),
        digest,
    ]
    .join("\n")
}

/// Refuse a call without looking at it.
pub(crate) fn refuse(trouble: &Trouble) -> Reply {
    match trouble {
        Trouble::Busy => failure(503, "ServiceUnavailable"),
        Trouble::Quota => failure(503, "SlowDown"),
        Trouble::Code(code) => failure(400, code),
    }
}

fn failure(status: u16, code: &str) -> Reply {
    let body = format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<Error><Code>{code}</Code><RequestId>{}</RequestId></Error>",
        request_id()
    );
    Reply::new(XML, body, code).with_status(status)
}
