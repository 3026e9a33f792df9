use std::path::PathBuf;

use super::*;
use crate::clients::{AliyunSettings, Limits, TencentSettings};

/// A file of this test's own, gone when dropped.
struct File(PathBuf);

impl File {
    fn with(text: &str) -> Self {
        use crate::platform::{Entropy, OsEntropy};

        let path = std::env::temp_dir().join(format!("tongxing-{}.toml", OsEntropy.id()));
        std::fs::write(&path, text).unwrap();
        Self(path)
    }
}

impl Drop for File {
    fn drop(&mut self) {
        let _ = std::fs::remove_file(&self.0);
    }
}

fn load(file: &str, environment: &[(&str, &str)]) -> Result<Config, Error> {
    let file = File::with(file);
    let environment = environment
        .iter()
        .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
    Config::load(Some(&file.0), environment)
}

fn refused(file: &str, environment: &[(&str, &str)]) -> String {
    load(file, environment).unwrap_err().to_string()
}

#[test]
fn nothing_set_is_the_development_profile_and_may_start() {
    let config = Config::load(None, []).unwrap();
    assert_eq!(config, Config::default());
    assert_eq!(config.profile, Profile::Development);
    assert_eq!(config.check(), Ok(()));
}

#[test]
fn the_example_says_what_the_defaults_are() {
    let example = Path::new(env!("CARGO_MANIFEST_DIR")).join("tongxing.example.toml");
    assert_eq!(Config::load(Some(&example), []).unwrap(), Config::default());
}

#[test]
fn the_environment_goes_before_the_file() {
    let file = "[server]\nworkers = 2\nshutdown_seconds = 5";
    let config = load(file, &[("TONGXING_SERVER__WORKERS", "7"), ("OTHER", "x")]).unwrap();
    assert_eq!(config.server.workers, 7);
    assert_eq!(config.server.shutdown_seconds, 5);
}

#[test]
fn a_variable_takes_the_type_of_its_key() {
    let config = load(
        "[[platforms.wechat.apps]]\napp_id = 'wx1'\nsecret = 'from the file'",
        &[
            ("TONGXING_POLICY__PROVINCE", "44"),
            ("TONGXING_PROFILE", "production"),
            ("TONGXING_LOGIN__PER_NUMBER", "[{ count = 1, seconds = 2 }]"),
            ("TONGXING_LOGIN__BUDGET__COUNT", "3"),
            ("TONGXING_LOGIN__BUDGET__SECONDS", "4"),
            ("TONGXING_EPHEMERAL__URLS", "['redis://a']"),
            ("TONGXING_SERVER__LISTEN", "[::1]:80"),
            ("TONGXING_PLATFORMS__WECHAT__APPS__0__SECRET", "12345"),
        ],
    )
    .unwrap();
    assert_eq!(config.policy.province, "44");
    assert_eq!(config.profile, Profile::Production);
    assert_eq!(config.login.per_number, [Limit::new(1, 2)]);
    assert_eq!(config.login.budget, Limit::new(3, 4));
    assert_eq!(config.ephemeral.urls, ["redis://a".into()]);
    assert_eq!(config.server.listen.port(), 80);
    assert_eq!(config.platforms.wechat.apps[0].secret.reveal(), "12345");
}

#[test]
fn a_text_may_come_from_a_file() {
    let secret = File::with("postgres://db/x\n");
    let path = secret.0.to_str().unwrap();
    let by_key = load(&format!("[database]\nurl = {{ file = '{path}' }}"), &[]).unwrap();
    let by_variable = load("", &[("TONGXING_DATABASE__URL__FILE", path)]).unwrap();
    for config in [by_key, by_variable] {
        assert_eq!(config.database.url.reveal(), "postgres://db/x");
    }
    let missing = refused("[database]\nurl = { file = '/nowhere/url' }", &[]);
    assert_eq!(missing, "/nowhere/url cannot be read");
}

#[test]
fn what_does_not_exist_is_refused_by_name() {
    for (file, environment, name) in [
        ("[servr]", &[][..], "servr"),
        ("[server]\nlisen = 1", &[], "server.lisen"),
        (
            "[[platforms.wechat.apps]]\nid = 'x'",
            &[],
            "platforms.wechat.apps[0].id",
        ),
        ("", &[("TONGXING_SERVER__LISEN", "1")], "server.lisen"),
        ("", &[("TONGXING_WORKERS", "1")], "workers"),
        ("", &[("TONGXING_SERVER__LISTEN__X", "1")], "server.listen"),
        ("", &[("TONGXING_", "1")], "TONGXING_"),
        (
            "[platforms.registry]\nbase_url = 'x'",
            &[],
            "platforms.registry: missing field `key`",
        ),
    ] {
        let message = refused(file, environment);
        assert!(message.contains(name), "{message}");
    }
    assert!(refused("\n\nx = = 1", &[]).contains(", line 3: "));
}

#[test]
fn neither_errors_nor_debug_output_quote_a_secret() {
    let key = "[secrets.encryption_keys]\n1 = 's3cret'";
    for (file, environment) in [
        (key, &[][..]),
        ("[secrets]\nindex_keys = 's3cret'", &[]),
        ("", &[("TONGXING_SERVER__WORKERS", "s3cret")]),
        ("[server]\nworkers = 's3cret'", &[]),
        ("[keys]\nroot_key = [ 's3cret' ]", &[]),
        ("[keys]\nroot_key = 's3cret", &[]),
        ("", &[("TONGXING_SECRETS__ENCRYPTION_KEYS__X", "s3cret")]),
    ] {
        let message = format!(
            "{:?}",
            anyhow::Error::from(load(file, environment).unwrap_err())
        );
        assert!(!message.contains("s3cret"), "{message}");
    }
    assert!(refused(key, &[]).contains("secrets.encryption_keys: key 1 is not 32 bytes"));

    let config = load(
        "[keys]\nroot_key = 's3cret'\n[database]\nurl = 's3cret'\n[ephemeral]\nurls = ['s3cret']",
        &[],
    )
    .unwrap();
    let shown = format!("{config:?}");
    assert!(
        !shown.contains("s3cret") && !shown.contains("worthless"),
        "{shown}"
    );
}

/// A configuration that production accepts.
fn fit() -> Config {
    let key = "MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE=";
    let file = format!(
        r#"
        profile = "production"
        server.public_url = "https://code.example.gov.cn"
        database.url = "postgres://service@db/tongxing"
        ephemeral = {{ kind = "redis", urls = ["rediss://cache"] }}
        secrets.encryption_keys.2 = "{key}"
        secrets.index_keys.1 = "{key}"
        keys.root_key = "cm9vdA=="

        [platforms]
        wechat.apps = [{{ app_id = "wx1", secret = "s" }}]
        alipay.apps = []
        registry = {{ base_url = "https://registry.example", key = "k" }}

        [platforms.sms]
        order = ["tencent"]
        tencent = {{ secret_id = "i", secret_key = "k", sdk_app_id = "1", sign_name = "n", template_id = "1" }}
        "#
    );
    load(&file, &[]).unwrap()
}

fn aliyun(base_url: &str) -> AliyunSettings {
    AliyunSettings {
        base_url: base_url.into(),
        access_key_id: "i".into(),
        access_key_secret: "s".into(),
        sign_name: "n".into(),
        template_code: "t".into(),
        limits: Limits::default(),
    }
}

#[test]
fn production_accepts_what_has_no_fault() {
    assert_eq!(fit().check(), Ok(()));
}

#[test]
fn production_refuses_each_fault_by_its_key() {
    let development = Config::default();
    let mocked = || Platforms::default();
    type Spoil<'a> = Box<dyn Fn(&mut Config) + 'a>;
    let faults: Vec<(&str, Spoil<'_>)> = vec![
        (
            "server.public_url",
            Box::new(|c| c.server.public_url = "http://code.example".into()),
        ),
        (
            "server.public_url",
            Box::new(|c| c.server.public_url = "code.example".into()),
        ),
        (
            "database.url",
            Box::new(|c| c.database.url = "sqlite:data/x.db".into()),
        ),
        (
            "ephemeral.kind",
            Box::new(|c| c.ephemeral.kind = Store::InProcess),
        ),
        ("ephemeral.urls", Box::new(|c| c.ephemeral.urls.clear())),
        (
            "ephemeral.prefix",
            Box::new(|c| c.ephemeral.prefix = "{x}".into()),
        ),
        (
            "secrets.encryption_keys",
            Box::new(|c| c.secrets.encryption_keys = development.secrets.encryption_keys.clone()),
        ),
        (
            "secrets.index_keys",
            Box::new(|c| c.secrets.index_keys = development.secrets.index_keys.clone()),
        ),
        ("keys.root_key", Box::new(|c| c.keys.root_key = None)),
        (
            "login.access_token_seconds",
            Box::new(|c| c.login.access_token_seconds = 901),
        ),
        (
            "platforms.wechat.apps",
            Box::new(|c| c.platforms.wechat.apps = mocked().wechat.apps),
        ),
        (
            "platforms.alipay.apps",
            Box::new(|c| c.platforms.alipay.apps = mocked().alipay.apps),
        ),
        (
            "platforms.registry.key",
            Box::new(|c| c.platforms.registry.key = mocked().registry.key),
        ),
        (
            "platforms.sms.aliyun",
            Box::new(|c| {
                c.platforms.sms.aliyun = mocked().sms.aliyun.map(|mock| AliyunSettings {
                    base_url: "https://sms.example".into(),
                    ..mock
                });
            }),
        ),
        (
            "platforms.sms.tencent",
            Box::new(|c| {
                c.platforms.sms.tencent = mocked().sms.tencent.map(|mock| TencentSettings {
                    base_url: "https://sms.example".into(),
                    ..mock
                });
            }),
        ),
        (
            "platforms.sms.order",
            Box::new(|c| c.platforms.sms.order.push(Gateway::Aliyun)),
        ),
        (
            "platforms.sms.order",
            Box::new(|c| c.platforms.sms.order.clear()),
        ),
        (
            "platforms.wechat.base_url",
            Box::new(|c| c.platforms.wechat.base_url = "https://127.0.0.1:1".into()),
        ),
        (
            "platforms.alipay.gateway",
            Box::new(|c| c.platforms.alipay.gateway = "https://localhost/gateway.do".into()),
        ),
        (
            "platforms.registry.base_url",
            Box::new(|c| c.platforms.registry.base_url = "https://[::1]/".into()),
        ),
        (
            "platforms.registry.base_url",
            Box::new(|c| c.platforms.registry.base_url = "http://registry.example".into()),
        ),
        (
            "platforms.sms.aliyun.base_url",
            Box::new(|c| c.platforms.sms.aliyun = Some(aliyun("https://[::ffff:127.0.0.1]"))),
        ),
    ];
    for (key, spoil) in faults {
        let mut config = fit();
        spoil(&mut config);
        let Unfit(refusals) = config.check().unwrap_err();
        let keys: Vec<_> = refusals.iter().map(|refusal| refusal.key).collect();
        assert!(keys.iter().all(|named| *named == key), "{key}: {keys:?}");
    }
}

#[test]
fn production_names_all_faults_at_once() {
    let config = Config {
        profile: Profile::Production,
        ..Config::default()
    };
    let message = config.check().unwrap_err().to_string();
    for key in [
        "server.public_url",
        "database.url",
        "ephemeral.kind",
        "secrets.encryption_keys",
        "secrets.index_keys",
        "keys.root_key",
        "platforms.wechat.base_url",
        "platforms.alipay.gateway",
        "platforms.sms.aliyun",
        "platforms.sms.tencent",
        "platforms.registry.key",
    ] {
        assert!(message.contains(&format!("\n  {key}: ")), "{message}");
    }
}
