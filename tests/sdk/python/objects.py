"""Amazon's own SDK against the bucket of objects."""

import boto3
from botocore.config import Config
from botocore.exceptions import ClientError
from checks import BASE, FACTS, check, equal, holds

ACCOUNT = FACTS["objects"]
BUCKET = ACCOUNT["bucket"]

# Where the service keeps what it calls by these numbers.
OURS = "tongxing/70150000000040008000000000000001"
THEIRS = "tongxing/70150000000040008000000000000002"


def client_of(key_id=ACCOUNT["access_key_id"], secret=ACCOUNT["secret_access_key"], region=ACCOUNT["region"]):
    return boto3.client(
        "s3",
        endpoint_url=BASE,
        region_name=region,
        aws_access_key_id=key_id,
        aws_secret_access_key=secret,
        config=Config(s3={"addressing_style": "path"}),
    )


client = client_of()


def code_of(call, **arguments):
    """What the bucket calls its refusal, and its status."""
    try:
        call(**arguments)
    except ClientError as refusal:
        response = refusal.response
        return response["Error"]["Code"], response["ResponseMetadata"]["HTTPStatusCode"]
    raise AssertionError("nothing was refused")


with check("what the service kept is read"):
    found = client.get_object(Bucket=BUCKET, Key=OURS)
    equal(found["Body"].read(), b"kept by the service")

with check("an object is kept, looked for and read"):
    client.put_object(Bucket=BUCKET, Key=THEIRS, Body=b"kept by the script")
    equal(client.head_object(Bucket=BUCKET, Key=THEIRS)["ContentLength"], 18)
    equal(client.get_object(Bucket=BUCKET, Key=THEIRS)["Body"].read(), b"kept by the script")

with check("names are signed as they are written"):
    odd = "tongxing/延安东路 +1/~a%20b"
    client.put_object(Bucket=BUCKET, Key=odd, Body=b"")
    equal(client.get_object(Bucket=BUCKET, Key=odd)["Body"].read(), b"")

with check("what is deleted is not there"):
    for _ in range(2):
        equal(client.delete_object(Bucket=BUCKET, Key=OURS)["ResponseMetadata"]["HTTPStatusCode"], 204)
    equal(code_of(client.get_object, Bucket=BUCKET, Key=OURS), ("NoSuchKey", 404))
    equal(code_of(client.head_object, Bucket=BUCKET, Key=OURS), ("404", 404))

with check("another bucket is not there"):
    equal(code_of(client.get_object, Bucket="another-bucket", Key=OURS), ("NoSuchBucket", 404))

with check("a wrong secret signs nothing"):
    wrong = client_of(secret="wrong")
    equal(code_of(wrong.put_object, Bucket=BUCKET, Key=THEIRS, Body=b"x"), ("SignatureDoesNotMatch", 403))
    equal(code_of(wrong.get_object, Bucket=BUCKET, Key=THEIRS), ("SignatureDoesNotMatch", 403))
    holds(client.get_object(Bucket=BUCKET, Key=THEIRS)["Body"].read() == b"kept by the script", "it was changed")

with check("an unknown key and another region are refused"):
    stranger = client_of(key_id="AKIANOBODY")
    equal(code_of(stranger.get_object, Bucket=BUCKET, Key=THEIRS), ("InvalidAccessKeyId", 403))
    elsewhere = client_of(region="cn-mock-2")
    equal(code_of(elsewhere.get_object, Bucket=BUCKET, Key=THEIRS), ("AuthorizationHeaderMalformed", 400))
