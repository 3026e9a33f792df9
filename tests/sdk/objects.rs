//! The bucket of objects under Amazon's own SDK for Python, and under the client of the service: what one of
//! them keeps the other reads.

use std::sync::Arc;

use api::{
    clients::{Objects, S3, S3Settings},
    platform::{OsEntropy, Secret, SystemClock},
};
use bytes::Bytes;
use miniapp_mock::dev;
use uuid::Uuid;

use crate::script::{judge, mock};

/// What the service keeps, and what the script does.
const OURS: Uuid = Uuid::from_u128(0x7015_0000_0000_4000_8000_0000_0000_0001);
const THEIRS: Uuid = Uuid::from_u128(0x7015_0000_0000_4000_8000_0000_0000_0002);

#[tokio::test]
async fn amazons_python_sdk_and_the_service_agree_on_the_bucket() {
    let mock = mock().await;
    let settings = S3Settings::new(
        mock.base_url(),
        dev::OBJECTS_REGION,
        dev::OBJECTS_BUCKET,
        (
            dev::OBJECTS_ACCESS_KEY_ID,
            Secret::new(dev::OBJECTS_SECRET_ACCESS_KEY.into()),
        ),
    );
    let service = S3::new(&settings, Arc::new(SystemClock), Arc::new(OsEntropy));
    let service = service.expect("a client");
    let kept = Bytes::from_static(b"kept by the service");
    service.put(OURS, kept).await.expect("it is kept");

    judge(&mock, "python/objects.py").await;

    let gone = service.get(OURS).await.expect("the bucket answers");
    assert_eq!(gone, None, "the script deleted it");
    let read = service.get(THEIRS).await.expect("the bucket answers");
    assert_eq!(read.as_deref(), Some(&b"kept by the script"[..]));
}
