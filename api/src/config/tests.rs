use std::path::PathBuf;

use miniapp_mock::dev;

use super::*;
use crate::clients::{
    AlipayApp, AlipayCertificates, AliyunSettings, Limits, PushMode, SmsProvider, TencentSettings,
    WeChatPushSettings,
};

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
    let index = "MTIzNDU2Nzg5MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTI=";
    let file = format!(
        r#"
        profile = "production"
        server.public_url = "https://code.example.gov.cn"
        database.url = "postgres://service@db/tongxing"
        ephemeral = {{ kind = "redis", urls = ["rediss://cache"] }}
        secrets.encryption_keys.2 = "{key}"
        secrets.index_keys.1 = "{index}"
        keys.root_key = "cm9vdA=="
        staff = {{ rp_id = "example.gov.cn", origins = ["https://staff.example.gov.cn"] }}

        [platforms]
        wechat.apps = [{{ app_id = "wx1", secret = "s" }}]
        alipay.apps = []
        data_centre = {{ base_url = "https://data.example", key = "k", callback_secret = "s", callback_url = "https://code.example.gov.cn/v1/platforms/data-centre/answers" }}
        registry = {{ base_url = "https://registry.example", key = "k" }}
        certificates = {{ issuer = "https://certificates.example", client_id = "c", client_secret = "s", redirect_uri = "https://code.example.gov.cn/return" }}
        vehicles = {{ base_url = "https://vehicles.example", key = "k" }}

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
fn a_province_that_is_none_is_refused() {
    for text in ["[policy]\nprovince = '311'", "[policy]\nprovince = 'xx'"] {
        assert!(load(text, &[]).unwrap().check().is_err(), "{text}");
    }
}

#[test]
fn production_accepts_what_has_no_fault() {
    assert_eq!(fit().check(), Ok(()));
}

/// `spoil` a configuration that production accepts: nothing but `key` is named.
fn spoiled(key: &str, spoil: impl FnOnce(&mut Config)) {
    let mut config = fit();
    spoil(&mut config);
    let Unfit(refusals) = config.check().unwrap_err();
    let keys: Vec<_> = refusals.iter().map(|refusal| refusal.key).collect();
    assert_eq!(keys, [key]);
}

#[test]
fn production_refuses_what_cannot_be_reached_or_relied_on() {
    spoiled("server.public_url", |c| {
        c.server.public_url = "http://code.example".into();
    });
    spoiled("database.url", |c| {
        c.database.url = "sqlite:data/x.db".into();
    });
    spoiled("ephemeral.kind", |c| c.ephemeral.kind = Store::InProcess);
    spoiled("ephemeral.urls", |c| c.ephemeral.urls.clear());
    spoiled("ephemeral.prefix", |c| c.ephemeral.prefix = "{x}".into());
    spoiled("login.access_token_seconds", |c| {
        c.login.access_token_seconds = 901;
    });
    spoiled("platforms.sms.order", |c| {
        c.platforms.sms.order.push(SmsProvider::Aliyun);
    });
    spoiled("platforms.sms.order", |c| c.platforms.sms.order.clear());
}

#[test]
fn production_refuses_what_would_break_a_promise() {
    spoiled("login.code_seconds", |c| c.login.code_seconds = 301);
    spoiled("login.guesses", |c| c.login.guesses = Limit::new(6, 300));
    spoiled("login.guesses", |c| c.login.guesses = Limit::new(5, 299));
    spoiled("login.per_number", |c| c.login.per_number.clear());
    spoiled("login.session_seconds", |c| {
        c.login.session_seconds = 30 * 86_400 + 1;
    });
    spoiled("login.session_idle_seconds", |c| {
        c.login.session_idle_seconds = c.login.session_seconds + 1;
    });
    spoiled("login.refresh_replay_seconds", |c| {
        c.login.refresh_replay_seconds = 31;
    });
    spoiled("staff.attempts", |c| {
        c.staff.attempts = vec![Limit::new(50, 86_400)];
    });
    spoiled("display.survive_seconds", |c| {
        c.display.survive_seconds = 601;
    });
    spoiled("database.statement_timeout_ms", |c| {
        c.database.statement_timeout_ms = 0;
    });
    spoiled("server.slowest_request_ms", |c| {
        c.server.slowest_request_ms = 10_001;
    });
    for wait in [0, 1_001] {
        spoiled("database.acquire_timeout_ms", |c| {
            c.database.acquire_timeout_ms = wait;
        });
    }
    spoiled("gates.near_km", |c| c.gates.near_km = 0);
    spoiled("gates.fastest_kmh", |c| c.gates.fastest_kmh = 99);
    spoiled("gates.records_per_hour", |c| c.gates.records_per_hour = 999);
    spoiled("secrets.index_keys", |c| {
        let key = "MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE=";
        let file = format!("secrets.index_keys.1 = \"{key}\"");
        c.secrets.index_keys = load(&file, &[]).unwrap().secrets.index_keys;
    });
}

#[test]
fn keys_that_everybody_knows_serve_nobody_but_this_machine() {
    let mut config = Config::default();
    config.server.listen = "0.0.0.0:8080".parse().unwrap();
    let Unfit(refusals) = config.check().unwrap_err();
    assert_eq!(refusals[0].key, "server.listen");
    config.secrets = fit().secrets;
    assert_eq!(config.check(), Ok(()));
}

#[test]
fn codes_on_doors_are_written_behind_a_plain_address() {
    for address in [
        "http://code.example/v/",
        "https://code.example/v",
        "https://code.example/v/?q=",
        "HTTPS://code.example/v/",
        "code.example/v/",
    ] {
        spoiled("venues.address", |c| {
            c.venues.address = Some(address.into());
        });
    }
    for page in ["/pages/visit", "pages/visit?a=b"] {
        spoiled("venues.page", |c| c.venues.page = page.into());
    }
    spoiled("vehicle_passes.draft_days", |c| {
        c.vehicle_passes.draft_days = 0;
    });
    for (id, name) in [
        ("Zhejiang", "浙江省"),
        ("zhejiang", "浙江省人民政府办公厅"),
        ("", "浙江省"),
        ("zhejiang", "浙江 省"),
    ] {
        spoiled("vehicle_passes.counterparts", |c| {
            c.vehicle_passes.counterparts = vec![counterpart(id, name)];
        });
    }
    spoiled("vehicle_passes.counterparts", |c| {
        let twice = counterpart("zhejiang", "浙江省");
        c.vehicle_passes.counterparts = vec![twice.clone(), twice];
    });
    spoiled("venues.mini_program_codes", |c| {
        c.venues.mini_program_codes = 0;
    });
}

#[test]
fn keys_of_staff_are_made_for_the_domain_of_every_page() {
    spoiled("staff.origins", |c| {
        c.staff.origins = vec!["http://staff.example.gov.cn".into()];
    });
    for origin in [
        "https://staff.example.gov.cn/",
        "https://staff.example.gov.cn/login",
    ] {
        spoiled("staff.origins", |c| c.staff.origins = vec![origin.into()]);
    }
    for other in ["other.gov.cn", "le.gov.cn", "staff.example.gov.cn.evil"] {
        spoiled("staff.rp_id", |c| c.staff.rp_id = other.into());
    }
    spoiled("staff.attempts", |c| c.staff.attempts.clear());
}

#[test]
fn production_refuses_published_and_missing_keys() {
    let Config {
        secrets, platforms, ..
    } = Config::default();
    let (encryption, index) = (secrets.encryption_keys, secrets.index_keys);
    spoiled("secrets.encryption_keys", |c| {
        c.secrets.encryption_keys = encryption;
    });
    spoiled("secrets.index_keys", |c| c.secrets.index_keys = index);
    spoiled("platforms.wechat.apps", |c| {
        c.platforms.wechat.apps = platforms.wechat.apps;
    });
    for (token, encoding_aes_key, mode) in [
        (dev::WECHAT_PUSH_TOKEN, "k", PushMode::Secure),
        ("t", dev::WECHAT_ENCODING_AES_KEY, PushMode::Secure),
        ("t", "k", PushMode::Plaintext),
    ] {
        spoiled("platforms.wechat.apps", |c| {
            c.platforms.wechat.apps[0].push = Some(WeChatPushSettings {
                token: token.into(),
                encoding_aes_key: encoding_aes_key.into(),
                mode,
            });
        });
    }
    let mut certified = platforms.alipay.apps.clone();
    spoiled("platforms.alipay.apps", |c| {
        c.platforms.alipay.apps = platforms.alipay.apps;
    });
    let app = certified.first_mut().unwrap();
    let wrapped = |key: &str| {
        let (head, tail) = key.split_at(64);
        format!("-----BEGIN KEY-----\r\n{head}\r\n  {tail}\r\n-----END KEY-----\r\n")
    };
    let ours = AlipayApp {
        private_key: "ours".into(),
        alipay_public_key: Some("theirs".into()),
        aes_key: None,
        ..app.clone()
    };
    for published in [
        AlipayApp {
            private_key: wrapped(dev::ALIPAY_APP_PRIVATE_KEY_PKCS8_B64)
                .as_str()
                .into(),
            ..ours.clone()
        },
        AlipayApp {
            alipay_public_key: Some(wrapped(dev::ALIPAY_PUBLIC_KEY_B64)),
            ..ours.clone()
        },
    ] {
        spoiled("platforms.alipay.apps", |c| {
            c.platforms.alipay.apps = vec![published];
        });
    }
    app.private_key = "ours".into();
    app.alipay_public_key = None;
    app.aes_key = None;
    for published in [
        dev::ALIPAY_APP_CERTIFICATE_PEM,
        dev::ALIPAY_CERTIFICATE_PEM,
        dev::ALIPAY_ROOT_CERTIFICATES_PEM,
    ] {
        let pem = format!("subject=…\n{}", published.replace('\n', "\r\n"));
        let mut held = ["ours", "theirs", "roots"].map(String::from);
        for place in 0..held.len() {
            let before = std::mem::replace(&mut held[place], pem.clone());
            let [app, alipay, roots] = held.clone();
            let refused = AlipayCertificates { app, alipay, roots };
            held[place] = before;
            let mut apps = certified.clone();
            apps[0].certificates = Some(refused);
            spoiled("platforms.alipay.apps", |c| {
                c.platforms.alipay.apps = apps;
            });
        }
    }
    spoiled("platforms.registry.key", |c| {
        c.platforms.registry.key = platforms.registry.key;
    });

    spoiled("platforms.certificates.client_secret", |c| {
        c.platforms.certificates.client_secret = platforms.certificates.client_secret;
    });

    let elsewhere = || "https://sms.example".into();
    let aliyun = platforms.sms.aliyun.map(|mock| AliyunSettings {
        base_url: elsewhere(),
        ..mock
    });
    spoiled("platforms.sms.aliyun", |c| c.platforms.sms.aliyun = aliyun);
    let tencent = platforms.sms.tencent.map(|mock| TencentSettings {
        base_url: elsewhere(),
        ..mock
    });
    spoiled("platforms.sms.tencent", |c| {
        c.platforms.sms.tencent = tencent;
    });
}

#[test]
fn production_refuses_published_keys_of_authorities() {
    let platforms = Config::default().platforms;
    spoiled("platforms.data_centre.key", |c| {
        c.platforms.data_centre.key = platforms.data_centre.key;
    });
    spoiled("platforms.data_centre.callback_secret", |c| {
        c.platforms.data_centre.callback_secret = platforms.data_centre.callback_secret;
    });
    spoiled("platforms.vehicles.key", |c| {
        c.platforms.vehicles.key = platforms.vehicles.key;
    });
}

#[test]
fn production_refuses_platforms_on_this_machine_or_without_tls() {
    for address in [
        "https://127.0.0.1:1",
        "https://127.8.9.10",
        "https://localhost/gateway.do",
        "https://mock.localhost.",
        "https://[::1]/",
        "https://[::ffff:127.0.0.1]",
        "https://0.0.0.0",
        "http://registry.example",
        "registry.example",
    ] {
        spoiled("platforms.wechat.base_url", |c| {
            c.platforms.wechat.base_url = address.into();
        });
        spoiled("platforms.alipay.gateway", |c| {
            c.platforms.alipay.gateway = address.into();
        });
        spoiled("platforms.data_centre.base_url", |c| {
            c.platforms.data_centre.base_url = address.into();
        });
        spoiled("platforms.registry.base_url", |c| {
            c.platforms.registry.base_url = address.into();
        });
        spoiled("platforms.certificates.issuer", |c| {
            c.platforms.certificates.issuer = address.into();
        });
        spoiled("platforms.certificates.redirect_uri", |c| {
            c.platforms.certificates.redirect_uri = address.into();
        });
        spoiled("platforms.vehicles.base_url", |c| {
            c.platforms.vehicles.base_url = address.into();
        });
        spoiled("objects.s3.endpoint", |c| {
            let mut objects = Objects::mocked(address);
            objects.s3.as_mut().unwrap().secret_access_key = "ours".into();
            c.objects = objects;
        });
        spoiled("platforms.sms.aliyun.base_url", |c| {
            c.platforms.sms.aliyun = Some(aliyun(address));
        });
    }
}

#[test]
fn whoever_asks_for_a_bucket_says_which_and_brings_a_key_of_their_own() {
    spoiled("objects.s3.secret_access_key", |c| {
        let mut objects = Objects::mocked("https://objects.example");
        objects.s3.as_mut().unwrap().access_key_id = "ours".into();
        c.objects = objects;
    });

    let message = load("objects.kind = \"s3\"", &[]).unwrap().check();
    assert!(
        message
            .unwrap_err()
            .to_string()
            .contains("\n  objects.s3: ")
    );
    let mocked = Config {
        objects: Objects::mocked("http://127.0.0.1:1"),
        ..Config::default()
    };
    assert_eq!(mocked.check(), Ok(()));
}

#[test]
fn notices_are_kept_long_enough_and_sent_few_at_a_time() {
    for (key, bad, good) in [
        ("at_once", [0, 33], [1, 32]),
        ("remind_days", [31, 60_000], [0, 30]),
        ("kept_days", [0, 6], [7, 3_650]),
    ] {
        let with = |value| load(&format!("[notifications]\n{key} = {value}"), &[]).unwrap();
        for value in bad {
            let message = with(value).check().unwrap_err().to_string();
            let expected = format!("\n  notifications.{key}: must be");
            assert!(message.contains(&expected), "{value}: {message}");
        }
        for value in good {
            assert_eq!(with(value).check(), Ok(()), "{key} = {value}");
        }
    }
}

#[test]
fn what_is_about_people_is_kept_as_long_as_it_is_needed_and_no_longer_where_they_rely_on_it() {
    for (key, least, promised) in [
        ("declaration_days", 14, 30),
        ("check_in_days", 35, 180),
        ("test_days", 14, 30),
        ("fact_days", 30, 90),
        ("pass_days", 1, 90),
        ("decision_days", 731, 1_095),
    ] {
        let with = |days: u16| {
            load(&format!("[retention]\n{key} = {days}"), &[])
                .unwrap()
                .retention
        };
        let refused = |days: u16| {
            let config = Config {
                retention: with(days),
                ..Config::default()
            };
            config.check().map_err(|unfit| unfit.to_string())
        };
        assert_eq!(refused(least), Ok(()), "{key}");
        assert_eq!(refused(promised), Ok(()), "{key}");
        for days in [least - 1, 3_651] {
            let message = refused(days).unwrap_err();
            let expected = format!("\n  retention.{key}: must be");
            assert!(message.contains(&expected), "{days}: {message}");
        }
        spoiled(&format!("retention.{key}"), |c| {
            c.retention = with(promised + 1);
        });
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
        "staff.origins",
        "platforms.wechat.base_url",
        "platforms.alipay.gateway",
        "platforms.sms.aliyun",
        "platforms.sms.tencent",
        "platforms.registry.key",
        "platforms.certificates.issuer",
        "platforms.vehicles.base_url",
    ] {
        assert!(message.contains(&format!("\n  {key}: ")), "{message}");
    }
}

fn counterpart(id: &str, name: &str) -> Counterpart {
    Counterpart {
        id: id.into(),
        name: name.into(),
        division: "330000".to_owned().try_into().unwrap(),
        public_key: PublicKey([7; 32]),
    }
}
