use std::{
    error::Error,
    fmt::Write as _,
    io::{Read as _, Write as _},
    sync::atomic::{AtomicUsize, Ordering},
};

use actix_web::{HttpResponse, http::header};
use flate2::{Compression, write::GzEncoder};
use futures_util::{future::join_all, stream};
use socket2::{Domain, Socket, Type};

use super::*;
use crate::clients::fakes::{Counting, PATIENT, StillClock, platform};

const NOW: &str = "2026-02-03T00:00:00Z";

fn way(limits: Limits) -> Outbound {
    way_at(limits, StillClock::at(NOW))
}

fn way_at(limits: Limits, clock: Arc<StillClock>) -> Outbound {
    Outbound::new("test", limits, clock, Arc::new(Counting::default())).unwrap()
}

async fn get(way: &Outbound, address: &str) -> Result<Reply, Failure> {
    let call = Call::get(endpoint(address, "a").unwrap());
    way.call(call, way.deadline()).await
}

fn counted(answer: fn(usize) -> Option<HttpResponse>) -> (String, Arc<AtomicUsize>) {
    let hits = Arc::new(AtomicUsize::new(0));
    let seen = Arc::clone(&hits);
    let address = platform(move |_| answer(seen.fetch_add(1, Ordering::SeqCst) + 1));
    (address, hits)
}

#[actix_web::test]
async fn an_answer_comes_whatever_its_status_and_content_type() {
    let address = platform(|_| {
        Some(
            HttpResponse::ImATeapot()
                .content_type("text/plain")
                .body("{}"),
        )
    });
    let reply = get(&way(PATIENT), &address).await.unwrap();
    assert_eq!(reply.status, StatusCode::IM_A_TEAPOT);
    assert_eq!(reply.body, "{}");
}

#[actix_web::test]
async fn a_platform_that_hangs_is_given_up_and_then_left_alone_until_it_has_rested() {
    let (address, hits) = counted(|hit| (hit > 5).then(HttpResponse::Ok).map(|mut b| b.finish()));
    let clock = StillClock::at(NOW);
    let hasty = Limits {
        total_ms: 50,
        ..PATIENT
    };
    let (way, patient) = (way_at(hasty, clock.clone()), way(PATIENT));
    for _ in 0..5 {
        assert!(matches!(get(&way, &address).await, Err(Failure::TimedOut)));
    }
    assert!(matches!(get(&way, &address).await, Err(Failure::Resting)));

    clock.advance(TimeDelta::milliseconds(4_999));
    assert!(matches!(get(&way, &address).await, Err(Failure::Resting)));
    clock.advance(TimeDelta::milliseconds(1));
    let call = Call::get(endpoint(&address, "a").unwrap());
    hits.store(5, Ordering::SeqCst);
    way.call(call, patient.deadline()).await.unwrap();
    way.call(
        Call::get(endpoint(&address, "a").unwrap()),
        patient.deadline(),
    )
    .await
    .unwrap();
}

#[actix_web::test]
async fn an_endless_body_is_cut() {
    let address = platform(|_| {
        let megabyte = Bytes::from(vec![b' '; 1024 * 1024]);
        let body = stream::repeat_with(move || Ok::<_, std::io::Error>(megabyte.clone()));
        Some(HttpResponse::Ok().streaming(body))
    });
    assert!(matches!(
        get(&way(PATIENT), &address).await,
        Err(Failure::TooLong)
    ));
}

#[actix_web::test]
async fn a_small_body_that_opens_into_a_huge_one_is_cut() {
    let compressed = |bytes: usize| {
        let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
        encoder.write_all(&vec![b' '; bytes]).unwrap();
        encoder.finish().unwrap()
    };
    let bodies = [compressed(64 * 1024), compressed(64 * 1024 + 1)];
    assert!(bodies.iter().all(|body| body.len() < 1_024));
    let address = platform(move |asked| {
        let body = bodies[usize::from(asked.path == "/more")].clone();
        Some(
            HttpResponse::Ok()
                .insert_header((header::CONTENT_ENCODING, "gzip"))
                .body(body),
        )
    });
    let way = way(PATIENT);
    assert_eq!(get(&way, &address).await.unwrap().body.len(), 64 * 1024);
    let more = Call::get(endpoint(&address, "more").unwrap());
    let outcome = way.call(more, way.deadline()).await;
    assert!(matches!(outcome, Err(Failure::TooLong)));
}

#[actix_web::test]
async fn a_body_that_comes_bit_by_bit_is_given_up_at_the_deadline() {
    let address = platform(|_| {
        let drops = stream::unfold((), |()| async {
            actix_web::rt::time::sleep(Duration::from_millis(5)).await;
            Some((Ok::<_, std::io::Error>(Bytes::from_static(b" ")), ()))
        });
        Some(HttpResponse::Ok().streaming(drops))
    });
    let hasty = Limits {
        total_ms: 100,
        ..PATIENT
    };
    let outcome = get(&way(hasty), &address).await;
    assert!(matches!(outcome, Err(Failure::TimedOut)));
}

#[actix_web::test]
async fn a_head_that_is_too_long_is_refused() {
    let address = platform(|_| {
        let mut response = HttpResponse::Ok();
        for n in 0..1_000 {
            response.insert_header((format!("x-filler-{n}"), "a".repeat(4_096)));
        }
        Some(response.finish())
    });
    let outcome = get(&way(PATIENT), &address).await;
    assert!(matches!(outcome, Err(Failure::Broken(_))));
}

/// A listener with no room for another connection: the system leaves callers without an answer.
fn crowded() -> (Socket, Vec<Socket>, String) {
    let tcp = || Socket::new(Domain::IPV4, Type::STREAM, None).unwrap();
    let listener = tcp();
    let any_port = std::net::SocketAddr::from(([127, 0, 0, 1], 0));
    listener.bind(&any_port.into()).unwrap();
    listener.listen(0).unwrap();
    let address = listener.local_addr().unwrap();
    let callers: Vec<_> = (0..8).map(|_| tcp()).collect();
    for caller in &callers {
        caller.set_nonblocking(true).unwrap();
        // Some are let in and the others wait.
        let _ = caller.connect(&address);
    }
    let url = format!("http://{}", address.as_socket().unwrap());
    (listener, callers, url)
}

#[actix_web::test]
async fn a_connection_that_does_not_open_is_given_up_long_before_the_deadline() {
    let (_listener, _callers, address) = crowded();
    let hasty = way(Limits {
        connect_ms: 50,
        ..PATIENT
    });
    let Err(failure) = get(&hasty, &address).await else {
        panic!("nobody answers");
    };
    assert!(matches!(failure, Failure::Connect(_)), "{failure:?}");
    assert!(failure.surely_not_sent());
}

fn of_kind(address: &str, kind: &'static str) -> Call {
    Call::get(endpoint(address, kind).unwrap()).kind(kind)
}

#[actix_web::test]
async fn what_hangs_at_one_kind_of_call_opens_its_breaker_and_no_other() {
    let hits = Arc::new(AtomicUsize::new(0));
    let seen = Arc::clone(&hits);
    let address = platform(move |asked| {
        if asked.path == "/phone" {
            seen.fetch_add(1, Ordering::SeqCst);
            return None;
        }
        Some(HttpResponse::Ok().finish())
    });
    let way = way(PATIENT);
    let soon = || Instant::now() + Duration::from_millis(50);
    for _ in 0..20 {
        // Each log-in: a call that goes well, then one that hangs.
        let session = of_kind(&address, "session");
        assert!(way.call(session, way.deadline()).await.is_ok());
        let phone = way.call(of_kind(&address, "phone"), soon()).await;
        assert!(matches!(phone, Err(Failure::TimedOut | Failure::Resting)));
    }
    assert!(hits.load(Ordering::SeqCst) <= 5, "left alone after five");
    let phone = way.call(of_kind(&address, "phone"), soon()).await;
    assert!(matches!(phone, Err(Failure::Resting)));
}

#[actix_web::test]
async fn one_kind_of_call_does_not_take_up_the_places_of_another() {
    let address = platform(|asked| (asked.path == "/quick").then(|| HttpResponse::Ok().finish()));
    let narrow = way(Limits {
        in_flight: 1,
        ..PATIENT
    });
    let slow = narrow.call(of_kind(&address, "slow"), narrow.deadline());
    let quick = async {
        let quick = of_kind(&address, "quick");
        assert!(narrow.call(quick, narrow.deadline()).await.is_ok());
        let slower = of_kind(&address, "slow");
        let outcome = narrow.call(slower, narrow.deadline()).await;
        assert!(matches!(outcome, Err(Failure::Full)));
    };
    tokio::select! {
        biased;
        _ = slow => panic!("it hangs"),
        () = quick => {}
    }
}

#[actix_web::test]
async fn a_call_that_comes_too_late_is_not_made_and_says_nothing_of_the_platform() {
    let (address, hits) = counted(|_| Some(HttpResponse::Ok().finish()));
    let way = way(PATIENT);
    for _ in 0..20 {
        let call = Call::get(endpoint(&address, "a").unwrap());
        let Err(failure) = way.call(call, Instant::now()).await else {
            panic!("it is too late");
        };
        assert!(failure.surely_not_sent());
    }
    assert_eq!(hits.load(Ordering::SeqCst), 0);
    assert!(get(&way, &address).await.is_ok());
}

/// A platform that hangs, and callers that go away after `patience` without waiting for any deadline.
async fn outcome_after_impatience(total_ms: u32, patience: Duration) -> bool {
    let address = platform(|_| None);
    let way = way(Limits {
        total_ms,
        ..PATIENT
    });
    let far = Instant::now() + Duration::from_hours(1);
    for _ in 0..5 {
        let call = way.call(of_kind(&address, "a"), far);
        assert!(timeout_at(Instant::now() + patience, call).await.is_err());
    }
    let soon = Instant::now() + Duration::from_millis(1);
    let last = way.call(of_kind(&address, "a"), soon).await;
    matches!(last, Err(Failure::Resting))
}

#[actix_web::test]
async fn callers_that_give_up_open_the_breaker_and_callers_that_hang_up_at_once_do_not() {
    let patience = Duration::from_millis(20);
    assert!(outcome_after_impatience(40, patience).await);
    assert!(!outcome_after_impatience(3_600_000, patience).await);
}

#[actix_web::test]
async fn a_second_try_that_is_not_sent_does_not_hide_that_the_first_may_have_been() {
    let listener = std::net::TcpListener::bind(("127.0.0.1", 0)).unwrap();
    let address = format!("http://{}", listener.local_addr().unwrap());
    // Reads the one request, then neither answers nor listens any more.
    let once = std::thread::spawn(move || {
        let (mut caller, _) = listener.accept().unwrap();
        drop(listener);
        let read = caller.read(&mut [0; 4096]).unwrap();
        assert!(read > 0);
    });
    let way = way(PATIENT);
    let call = Call::get(endpoint(&address, "a").unwrap()).idempotent();
    let Err(failure) = way.call(call, way.deadline()).await else {
        panic!("nobody answers");
    };
    once.join().unwrap();
    assert!(!failure.surely_not_sent(), "{failure:?}");
}

#[actix_web::test]
async fn a_body_of_just_the_limit_is_read() {
    let address = platform(|_| Some(HttpResponse::Ok().body(vec![b' '; 64 * 1024])));
    let reply = get(&way(PATIENT), &address).await.unwrap();
    assert_eq!(reply.body.len(), 64 * 1024);
}

#[actix_web::test]
async fn redirects_are_not_followed() {
    let (elsewhere, hits) = counted(|_| Some(HttpResponse::Ok().finish()));
    let address = platform(move |_| {
        Some(
            HttpResponse::TemporaryRedirect()
                .insert_header((header::LOCATION, elsewhere.clone()))
                .finish(),
        )
    });
    let reply = get(&way(PATIENT), &address).await.unwrap();
    assert_eq!(reply.status, StatusCode::TEMPORARY_REDIRECT);
    assert_eq!(hits.load(Ordering::SeqCst), 0);
}

#[actix_web::test]
async fn cookies_are_not_kept() {
    let address = platform(|asked| {
        assert!(!asked.headers.contains_key("cookie"));
        Some(
            HttpResponse::Ok()
                .insert_header((header::SET_COOKIE, "a=b"))
                .finish(),
        )
    });
    let way = way(PATIENT);
    for _ in 0..2 {
        assert_eq!(get(&way, &address).await.unwrap().status, StatusCode::OK);
    }
}

#[actix_web::test]
async fn only_what_is_idempotent_is_tried_again_and_only_once() {
    let (address, hits) = counted(|_| Some(HttpResponse::BadGateway().finish()));
    let way = way(PATIENT);
    assert!(get(&way, &address).await.is_ok());
    assert_eq!(hits.load(Ordering::SeqCst), 1);

    let call = Call::get(endpoint(&address, "a").unwrap()).idempotent();
    let reply = way.call(call, way.deadline()).await.unwrap();
    assert_eq!(reply.status, StatusCode::BAD_GATEWAY);
    assert_eq!(hits.load(Ordering::SeqCst), 3);
}

#[actix_web::test]
async fn a_second_try_that_goes_well_is_the_answer() {
    let (address, _) = counted(|hit| {
        Some(match hit {
            1 => HttpResponse::ServiceUnavailable().finish(),
            _ => HttpResponse::Ok().finish(),
        })
    });
    let way = way(PATIENT);
    let call = Call::get(endpoint(&address, "a").unwrap()).idempotent();
    assert_eq!(
        way.call(call, way.deadline()).await.unwrap().status,
        StatusCode::OK
    );
}

#[actix_web::test]
async fn one_call_more_than_the_bulkhead_holds_is_refused_at_once() {
    let (address, hits) = counted(|_| None);
    let narrow = way(Limits {
        in_flight: 3,
        total_ms: 200,
        ..PATIENT
    });
    let outcomes = join_all((0..4).map(|_| get(&narrow, &address))).await;
    let refused = outcomes
        .iter()
        .filter(|outcome| matches!(outcome, Err(Failure::Full)))
        .count();
    assert_eq!(refused, 1);
    assert!(hits.load(Ordering::SeqCst) <= 3);
}

#[actix_web::test]
async fn errors_do_not_repeat_the_address() {
    let way = way(PATIENT);
    let mut url = endpoint("http://127.0.0.1:1", "a").unwrap();
    url.set_query(Some("secret=hunter2"));
    let Err(failure) = way.call(Call::get(url), way.deadline()).await else {
        panic!("nothing listens on port 1");
    };
    assert!(failure.surely_not_sent());
    let mut text = format!("{failure:?} {failure}");
    let mut source = failure.source();
    while let Some(cause) = source {
        write!(text, "{cause:?} {cause}").unwrap();
        source = cause.source();
    }
    assert!(!text.contains("hunter2"), "{text}");
}

#[test]
fn an_address_that_could_mislead_is_refused() {
    for base in ["", "example.com", "ftp://h/", "http://h/?q", "http://h/#f"] {
        assert!(endpoint(base, "a").is_err(), "{base}");
    }
    for base in ["http://h/b", "http://h/b/"] {
        assert_eq!(endpoint(base, "/a/c").unwrap().as_str(), "http://h/b/a/c");
    }
    assert_eq!(endpoint("http://h", "").unwrap().as_str(), "http://h/");
}

#[test]
fn limits_that_are_not_configured_are_the_defaults_and_misspelt_ones_are_refused() {
    let limits: Limits = serde_json::from_str(r#"{"total_ms": 1500}"#).unwrap();
    let expected = Limits {
        total_ms: 1_500,
        ..Limits::default()
    };
    assert_eq!(limits, expected);
    assert!(serde_json::from_str::<Limits>(r#"{"total": 1500}"#).is_err());
}
