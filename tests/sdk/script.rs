//! Running a script against a mock.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Stdio;

use api::platform::{Entropy, OsEntropy};
use integration_tests::stack;
use miniapp_mock::{Mock, MockConfig, dev};
use serde_json::{Value, json};
use tokio::io::AsyncWriteExt;
use tokio::process::Command;

/// A mock with the development credentials.
pub(crate) async fn mock() -> Mock {
    miniapp_mock::start(MockConfig::default())
        .await
        .expect("the mock starts")
}

/// What a script left behind, until dropped.
pub(crate) struct Folder(PathBuf);

impl Folder {
    fn new() -> Self {
        let path = std::env::temp_dir().join(format!("sdk-{}", OsEntropy.id().simple()));
        fs::create_dir(&path).expect("a folder can be made");
        Self(path)
    }

    /// What the picture `name` says to whoever scans it.
    pub(crate) fn scanned(&self, name: &str) -> String {
        let bytes = fs::read(self.0.join(name)).expect("the script kept the picture");
        let picture = image::load_from_memory(&bytes).expect("it is a picture");
        let mut scene = rqrr::PreparedImage::prepare(picture.to_luma8());
        let codes = scene.detect_grids();
        let code = codes.first().expect("it shows a code");
        let (_, text) = code.decode().expect("the code can be read");
        text
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

/// Let `name`, a script below `tests/sdk`, judge `mock`; returns what it left behind.
///
/// The script is told where the mock is and what it knows, on stdin; and it prints one line for
/// every check, which is shown if it fails.
pub(crate) async fn judge(mock: &Mock, name: &str) -> Folder {
    run(name, facts(mock)).await
}

/// Run `name`, a script below `tests/sdk`, which is told `facts`; returns what it left behind.
pub(crate) async fn run(name: &str, mut facts: Value) -> Folder {
    let folder = Folder::new();
    facts["folder"] = json!(folder.0);
    let sdk = stack::sdk_folder();
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("sdk").join(name);
    let mut child = command(&sdk, &script)
        .env("TEST_SDK", &sdk)
        .env("PYTHONPYCACHEPREFIX", sdk.join("pycache"))
        .env("NO_PROXY", "*")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .kill_on_drop(true)
        .spawn()
        .unwrap_or_else(|failure| panic!("{name} did not start: {failure}"));
    let mut stdin = child.stdin.take().expect("stdin is a pipe");
    // A script that has died says why on its stderr.
    let _ = stdin.write_all(facts.to_string().as_bytes()).await;
    drop(stdin);

    let output = child.wait_with_output().await.expect("the script ends");
    assert!(
        output.status.success(),
        "{name}, {}\n{}{}",
        output.status,
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr),
    );
    folder
}

fn command(sdk: &Path, script: &Path) -> Command {
    let interpreter = match script.extension().and_then(|extension| extension.to_str()) {
        Some("py") => sdk.join("python/bin/python"),
        Some("mjs") => PathBuf::from("node"),
        _ => panic!("{} is neither Python nor Node", script.display()),
    };
    let mut command = Command::new(interpreter);
    command.arg(script);
    command
}

fn facts(mock: &Mock) -> Value {
    json!({
        "base": mock.base_url(),
        "wechat": {
            "app_id": dev::WECHAT_APP_ID,
            "secret": dev::WECHAT_SECRET,
            "notice": dev::WECHAT_NOTICE_TEMPLATE,
            "reminder": dev::WECHAT_REMINDER_TEMPLATE,
            "push_token": dev::WECHAT_PUSH_TOKEN,
            "encoding_aes_key": dev::WECHAT_ENCODING_AES_KEY,
        },
        "alipay": {
            "app_id": dev::ALIPAY_APP_ID,
            "private_key": dev::ALIPAY_APP_PRIVATE_KEY_PKCS8_B64,
            "app_public_key": dev::ALIPAY_APP_PUBLIC_KEY_B64,
            "other_private_key": dev::ALIPAY_PLATFORM_PRIVATE_KEY_PKCS8_B64,
            "public_key": dev::ALIPAY_PUBLIC_KEY_B64,
            "aes_key": dev::ALIPAY_AES_KEY,
            "certified_app_id": dev::ALIPAY_CERTIFIED_APP_ID,
            "template": dev::ALIPAY_TEMPLATE,
            "form_template": dev::ALIPAY_FORM_TEMPLATE,
        },
        "objects": {
            "bucket": dev::OBJECTS_BUCKET,
            "region": dev::OBJECTS_REGION,
            "access_key_id": dev::OBJECTS_ACCESS_KEY_ID,
            "secret_access_key": dev::OBJECTS_SECRET_ACCESS_KEY,
        },
        "aliyun": {
            "access_key_id": dev::ALIYUN_ACCESS_KEY_ID,
            "access_key_secret": dev::ALIYUN_ACCESS_KEY_SECRET,
            "sign": dev::ALIYUN_SIGN,
            "template": dev::ALIYUN_TEMPLATE,
            "notice": dev::ALIYUN_NOTICE_TEMPLATE,
        },
        "tencent": {
            "secret_id": dev::TENCENT_SECRET_ID,
            "secret_key": dev::TENCENT_SECRET_KEY,
            "app_id": dev::TENCENT_APP_ID,
            "sign": dev::TENCENT_SIGN,
            "template": dev::TENCENT_TEMPLATE,
            "notice": dev::TENCENT_NOTICE_TEMPLATE,
        },
    })
}
