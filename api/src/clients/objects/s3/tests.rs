use actix_web::HttpResponse;

use super::*;
use crate::{
    clients::fakes::{Counting, PATIENT, StillClock, platform},
    platform::OsEntropy,
};

/// The examples of "Signature Calculations for the Authorization Header" in the S3 reference.
mod published {
    use super::*;

    const EMPTY: &str = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";

    fn signature(request: &Canonical<'_>) -> String {
        let signer = Signer {
            region: "us-east-1".into(),
            access_key_id: "AKIAIOSFODNN7EXAMPLE".into(),
            secret: "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY".into(),
        };
        let at = "2013-05-24T00:00:00Z".parse().unwrap();
        let header = signer.authorization(at, request);
        let (before, signature) = header.rsplit_once("Signature=").unwrap();
        let scope = "Credential=AKIAIOSFODNN7EXAMPLE/20130524/us-east-1/s3/aws4_request";
        assert!(before.contains(scope), "{before}");
        signature.to_owned()
    }

    fn headers(more: &[(&'static str, &str)], digest: &str) -> Vec<(&'static str, String)> {
        let mut headers = vec![
            ("host", "examplebucket.s3.amazonaws.com".to_owned()),
            ("x-amz-content-sha256", digest.to_owned()),
            ("x-amz-date", "20130524T000000Z".to_owned()),
        ];
        headers.extend(
            more.iter()
                .map(|(name, value)| (*name, (*value).to_owned())),
        );
        headers.sort();
        headers
    }

    #[test]
    fn an_object_is_read() {
        let request = Canonical {
            verb: "GET",
            path: "/test.txt",
            query: "",
            headers: &headers(&[("range", "bytes=0-9")], EMPTY),
            digest: EMPTY,
        };
        let expected = "f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41";
        assert_eq!(signature(&request), expected);
    }

    #[test]
    fn an_object_is_put() {
        let digest = "44ce7dd67c959e0d3524ffac1771dfbba87d2b6b4b4e99e42034a8b803f8b072";
        assert_eq!(
            hex::encode(super::digest(&SHA256, b"Welcome to Amazon S3.")),
            digest
        );
        let more = [
            ("date", "Fri, 24 May 2013 00:00:00 GMT"),
            ("x-amz-storage-class", "REDUCED_REDUNDANCY"),
        ];
        let request = Canonical {
            verb: "PUT",
            path: "/test%24file.text",
            query: "",
            headers: &headers(&more, digest),
            digest,
        };
        let expected = "98ad721746da40c64f1a55b78f14c238d841ea1380cd77a1b5971af0ece108bd";
        assert_eq!(signature(&request), expected);
    }

    #[test]
    fn a_bucket_is_asked_about() {
        let mut request = Canonical {
            verb: "GET",
            path: "/",
            query: "lifecycle=",
            headers: &headers(&[], EMPTY),
            digest: EMPTY,
        };
        let expected = "fea454ca298b7da1c68078a5d1bdbfbbe0d65c699e0f91ac7a200a0136783543";
        assert_eq!(signature(&request), expected);
        request.query = "max-keys=2&prefix=J";
        let expected = "34b48302e7b5fa45bde8084f4b7868a86f0a534bc59db6670ed5711ef69dc6f7";
        assert_eq!(signature(&request), expected);
    }
}

fn bucket(endpoint: &str) -> S3 {
    let key = ("AKIDEXAMPLE", Secret::new("secret".into()));
    let settings = S3Settings {
        limits: PATIENT,
        ..S3Settings::new(endpoint, "cn-north-1", "passes", key)
    };
    let clock = StillClock::at("2026-03-02T00:00:00Z");
    S3::new(&settings, clock, Arc::new(Counting::default())).unwrap()
}

#[actix_web::test]
async fn an_object_goes_by_its_name_with_its_digest_and_a_signature() {
    let name = OsEntropy.id();
    let path = format!("/passes/tongxing/{}", name.as_simple());
    let store = bucket(&platform(move |asked| {
        assert_eq!(asked.path, path);
        let digest = hex::encode(digest(&SHA256, &asked.body));
        assert_eq!(asked.headers["x-amz-content-sha256"], digest);
        assert_eq!(asked.headers["x-amz-date"], "20260302T000000Z");
        let authorization = &asked.headers["authorization"];
        let scope = "Credential=AKIDEXAMPLE/20260302/cn-north-1/s3/aws4_request, \
                     SignedHeaders=host;x-amz-content-sha256;x-amz-date, Signature=";
        assert!(authorization.contains(scope), "{authorization}");
        Some(HttpResponse::Ok().body(asked.body))
    }));
    store
        .put(name, Bytes::from_static(b"sealed"))
        .await
        .unwrap();
    assert_eq!(store.get(name).await.unwrap().unwrap(), "");
    store.delete(name).await.unwrap();
}

#[actix_web::test]
async fn a_missing_object_is_none_and_a_missing_bucket_is_trouble() {
    let missing = |code: &'static str| {
        bucket(&platform(move |_| {
            let body = format!("<?xml version=\"1.0\"?><Error><Code>{code}</Code></Error>");
            Some(HttpResponse::NotFound().body(body))
        }))
    };
    let name = OsEntropy.id();
    let store = missing("NoSuchKey");
    assert_eq!(store.get(name).await.unwrap(), None);
    store.delete(name).await.unwrap();
    assert!(store.put(name, Bytes::new()).await.is_err());
    let store = missing("NoSuchBucket");
    let error = store.get(name).await.unwrap_err();
    assert!(
        error.0.to_string().ends_with("404 NoSuchBucket"),
        "{:#}",
        error.0
    );
    assert!(store.delete(name).await.is_err());
}

#[actix_web::test]
async fn what_a_store_says_is_not_repeated_but_for_its_code() {
    let store = bucket(&platform(|_| {
        Some(HttpResponse::Forbidden().body("<Code>Access Denied to 张三</Code>"))
    }));
    let error = store.get(OsEntropy.id()).await.unwrap_err();
    assert!(!format!("{error:?} {:#}", error.0).contains("张三"));
}

#[test]
fn a_bucket_stands_in_the_path_or_before_the_host() {
    let url = |path_style, endpoint: &str| {
        let key = ("id", Secret::new("secret".into()));
        let settings = S3Settings {
            path_style,
            ..S3Settings::new(endpoint, "r", "passes", key)
        };
        let clock = StillClock::at("2026-03-02T00:00:00Z");
        let store = S3::new(&settings, clock, Arc::new(OsEntropy)).unwrap();
        store.url(Uuid::nil()).unwrap().to_string()
    };
    let name = "tongxing/00000000000000000000000000000000";
    assert_eq!(
        url(true, "https://oss.example:9000/s3/"),
        format!("https://oss.example:9000/s3/passes/{name}")
    );
    assert_eq!(
        url(false, "https://oss.example"),
        format!("https://passes.oss.example/{name}")
    );
}
