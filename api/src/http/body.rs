//! Bodies and parameters: read strictly, refused by name.

use std::{future::Future, pin::Pin, time::Duration};

use actix_web::{
    FromRequest, HttpMessage, HttpRequest,
    dev::Payload,
    http::{StatusCode, header},
    web::Bytes,
};
use serde::de::DeserializeOwned;
use serde_json::Value;
use validator::{Validate, ValidationError, ValidationErrors, ValidationErrorsKind};

use super::problem::{FieldFault, INVALID_REQUEST, Kind, Problem, Text};

/// Bytes of a body, at the most (SECURITY S16).
pub const LARGEST_BODY: usize = 64 * 1024;

/// Levels of nesting in a body, at the most (SECURITY S16).
pub const DEEPEST_BODY: usize = 16;

/// Time that a body may take to arrive, where nothing else is set.
const SLOWEST_BODY: Duration = Duration::from_secs(10);

/// Time that a body may take to arrive: data of the application.
#[derive(Debug, Clone, Copy)]
pub struct Slowest(pub Duration);

impl Slowest {
    fn of(request: &HttpRequest) -> Duration {
        let set = request.app_data::<Self>();
        set.map_or(SLOWEST_BODY, |slowest| slowest.0)
    }
}

const TOO_SLOW: Kind = Kind {
    slug: "body-too-slow",
    status: StatusCode::REQUEST_TIMEOUT,
    title: Text::new("请求体未在时限内到达", "The body did not arrive in time"),
};

const MALFORMED: Kind = Kind {
    slug: "malformed-json",
    status: StatusCode::BAD_REQUEST,
    title: Text::new("请求体不是有效的 JSON", "The body is not well-formed JSON"),
};

const TOO_LARGE: Kind = Kind {
    slug: "body-too-large",
    status: StatusCode::PAYLOAD_TOO_LARGE,
    title: Text::new("请求体过大", "The body is too large"),
};

const WRONG_MEDIA_TYPE: Kind = Kind {
    slug: "unsupported-media-type",
    status: StatusCode::UNSUPPORTED_MEDIA_TYPE,
    title: Text::new(
        "请求体须为 application/json",
        "The body must be application/json",
    ),
};

/// A JSON body that has the form of `T`, nests no deeper than `DEEPEST`, and passed its checks.
#[derive(Debug)]
pub struct Valid<T, const DEEPEST: usize = DEEPEST_BODY>(pub T);

impl<T: DeserializeOwned + Validate + 'static, const DEEPEST: usize> FromRequest
    for Valid<T, DEEPEST>
{
    type Error = Problem;
    type Future = Pin<Box<dyn Future<Output = Result<Self, Problem>>>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let is_json = request
            .content_type()
            .eq_ignore_ascii_case("application/json");
        let (announced, limit) = (announced(request), Slowest::of(request));
        let body = Bytes::from_request(request, payload);
        Box::pin(async move {
            within_bounds(announced)?;
            if !is_json {
                return Err(Problem::new(WRONG_MEDIA_TYPE));
            }
            parse(&whole(body, limit).await?, DEEPEST).map(Self)
        })
    }
}

/// What the JSON `body` of `request` says, if it has the form of `T` and passes its checks: for bodies that
/// something else is asked of first.
pub fn read<T: DeserializeOwned + Validate>(
    request: &HttpRequest,
    body: &[u8],
) -> Result<T, Problem> {
    if !request
        .content_type()
        .eq_ignore_ascii_case("application/json")
    {
        return Err(Problem::new(WRONG_MEDIA_TYPE));
    }
    parse(body, DEEPEST_BODY)
}

/// The refusal of a body that did not arrive in time.
#[must_use]
pub fn too_slow() -> Problem {
    Problem::new(TOO_SLOW)
}

/// A body of any kind, within the bounds of all bodies.
#[derive(Debug)]
pub struct Whole(pub Bytes);

impl FromRequest for Whole {
    type Error = Problem;
    type Future = Pin<Box<dyn Future<Output = Result<Self, Problem>>>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let (announced, limit) = (announced(request), Slowest::of(request));
        let body = Bytes::from_request(request, payload);
        Box::pin(async move {
            within_bounds(announced)?;
            whole(body, limit).await.map(Whole)
        })
    }
}

/// A check of a field: nothing but visible ASCII characters.
pub fn visible_ascii(text: &str) -> Result<(), ValidationError> {
    let visible = text.bytes().all(|byte| byte.is_ascii_graphic());
    visible
        .then_some(())
        .ok_or_else(|| ValidationError::new("form"))
}

/// The length that a request says its body has. None is as good as nothing: what arrives is measured.
fn announced(request: &HttpRequest) -> usize {
    let length = request.headers().get(header::CONTENT_LENGTH);
    let length = length.and_then(|length| length.to_str().ok()?.parse().ok());
    length.unwrap_or_default()
}

fn within_bounds(length: usize) -> Result<(), Problem> {
    if length > LARGEST_BODY {
        return Err(Problem::new(TOO_LARGE));
    }
    Ok(())
}

async fn whole(
    body: impl Future<Output = Result<Bytes, actix_web::Error>>,
    limit: Duration,
) -> Result<Bytes, Problem> {
    let body = in_time(body, limit).await?;
    within_bounds(body.len())?;
    Ok(body)
}

/// Nobody keeps a connection by sending a body slowly.
async fn in_time(
    body: impl Future<Output = Result<Bytes, actix_web::Error>>,
    limit: Duration,
) -> Result<Bytes, Problem> {
    let Ok(body) = tokio::time::timeout(limit, body).await else {
        return Err(Problem::new(TOO_SLOW));
    };
    body.map_err(|error| {
        let overflow = error.as_response_error().status_code() == StatusCode::PAYLOAD_TOO_LARGE;
        Problem::new(if overflow { TOO_LARGE } else { MALFORMED })
    })
}

/// Query parameters that have the form of `T` and passed its checks.
#[derive(Debug)]
pub struct Params<T>(pub T);

impl<T: DeserializeOwned + Validate + 'static> FromRequest for Params<T> {
    type Error = Problem;
    type Future = std::future::Ready<Result<Self, Problem>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let pairs = url::form_urlencoded::parse(request.query_string().as_bytes());
        if let Some((name, _)) = pairs.clone().find(|(name, value)| nul(name) || nul(value)) {
            return std::future::ready(Err(null_character(&name)));
        }
        let read = serde_urlencoded::Deserializer::new(pairs);
        let params = serde_path_to_error::deserialize(read)
            .map_err(|error| invalid(error.path().to_string(), &error.inner().to_string()))
            .and_then(checked)
            .map(Params);
        std::future::ready(params)
    }
}

/// A path segment that has the form of `T`. One that has not names nothing, so the answer is that
/// of a missing thing; U+0000 is refused wherever it occurs.
#[derive(Debug)]
pub struct Id<T>(pub T);

impl<T: DeserializeOwned + 'static> FromRequest for Id<T> {
    type Error = Problem;
    type Future = std::future::Ready<Result<Self, Problem>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        // As it is written, too: the router leaves some of it so.
        let bad = |value: &str| nul(value) || value.contains("%00");
        if let Some((name, _)) = request.match_info().iter().find(|(_, value)| bad(value)) {
            return std::future::ready(Err(null_character(name)));
        }
        let path = actix_web::web::Path::<T>::from_request(request, payload).into_inner();
        std::future::ready(
            path.map(|path| Self(path.into_inner()))
                .map_err(|_| Problem::new(super::problem::NOT_FOUND)),
        )
    }
}

fn parse<T: DeserializeOwned + Validate>(body: &[u8], deepest: usize) -> Result<T, Problem> {
    if deeper_than(body, deepest) {
        return Err(Problem::new(MALFORMED));
    }
    if let Some(field) = null_character_in(body) {
        return Err(null_character(&field));
    }
    let mut read = serde_json::Deserializer::from_slice(body);
    let value = serde_path_to_error::deserialize(&mut read).map_err(|error| {
        if error.inner().is_data() {
            invalid(error.path().to_string(), &error.inner().to_string())
        } else {
            Problem::new(MALFORMED)
        }
    })?;
    read.end().map_err(|_| Problem::new(MALFORMED))?;
    checked(value)
}

fn nul(text: &str) -> bool {
    text.contains('\0')
}

/// The refusal of U+0000, which no text has a use for and PostgreSQL does not keep, by the field that
/// has it.
fn null_character(field: &str) -> Problem {
    let message = Text::new("不能含有空字符", "must not hold the character U+0000");
    // A name that a client made up is not repeated at length.
    let field = Some(field.replace('\0', "")).filter(|field| field.len() <= 128);
    Problem::field(
        INVALID_REQUEST,
        FieldFault::new(field.unwrap_or_default(), "null_character", message),
    )
}

/// The field of `json` whose text has U+0000. JSON can say it in one way alone, so that hardly any body
/// is read twice.
fn null_character_in(json: &[u8]) -> Option<String> {
    const ESCAPED: &[u8] = br"\u0000";
    let mut windows = json.windows(ESCAPED.len());
    if !windows.any(|window| window == ESCAPED) {
        return None;
    }
    let value: Value = serde_json::from_slice(json).ok()?;
    null_character_at(&value, "")
}

fn null_character_at(value: &Value, path: &str) -> Option<String> {
    match value {
        Value::String(text) => nul(text).then(|| path.to_owned()),
        Value::Array(items) => items
            .iter()
            .enumerate()
            .find_map(|(at, item)| null_character_at(item, &format!("{path}[{at}]"))),
        Value::Object(fields) => fields.iter().find_map(|(name, item)| {
            let field = match path {
                "" => name.clone(),
                path => format!("{path}.{name}"),
            };
            if nul(name) {
                return Some(path.to_owned());
            }
            null_character_at(item, &field)
        }),
        Value::Null | Value::Bool(_) | Value::Number(_) => None,
    }
}

fn checked<T: Validate>(value: T) -> Result<T, Problem> {
    match value.validate() {
        Ok(()) => Ok(value),
        Err(errors) => {
            let mut fields = Vec::new();
            collect(&errors, "", &mut fields);
            Err(Problem {
                fields,
                ..Problem::new(INVALID_REQUEST)
            })
        }
    }
}

/// The field and the code of a fault that serde found. Serde's own words may quote the input, so
/// only the name of the field is taken from them.
fn invalid(path: String, message: &str) -> Problem {
    let quoted = |prefix: &str| {
        let name = message.strip_prefix(prefix)?.split('`').next()?;
        (name.len() <= 64).then(|| name.to_owned())
    };
    let parent = if path == "." { String::new() } else { path };
    let within = |name: String| {
        if parent.is_empty() {
            name
        } else {
            format!("{parent}.{name}")
        }
    };
    let (field, code, text) = if message.starts_with("unknown field `") {
        let name = quoted("unknown field `").unwrap_or_default();
        // serde_path_to_error names an unknown field as part of the path.
        let field = if parent.ends_with(&name) {
            parent
        } else {
            within(name)
        };
        (
            field,
            "unknown_field",
            Text::new("没有这个字段", "there is no such field"),
        )
    } else if let Some(name) = quoted("missing field `") {
        (within(name), "missing", Text::new("必填", "is required"))
    } else if message.starts_with("duplicate field `") {
        (
            parent,
            "duplicate",
            Text::new("重复的字段", "occurs more than once"),
        )
    } else {
        (
            parent,
            "type",
            Text::new(
                "类型或取值不正确",
                "is not of the right type, or not one of the values",
            ),
        )
    };
    Problem::field(INVALID_REQUEST, FieldFault::new(field, code, text))
}

fn collect(errors: &ValidationErrors, path: &str, into: &mut Vec<FieldFault>) {
    for (name, kind) in errors.errors() {
        let field = match (path.is_empty(), name.as_ref()) {
            (true, name) => name.to_owned(),
            (false, "__all__") => path.to_owned(),
            (false, name) => format!("{path}.{name}"),
        };
        match kind {
            ValidationErrorsKind::Field(faults) => {
                into.extend(faults.iter().map(|fault| {
                    FieldFault::new(field.clone(), fault.code.clone(), explain(&fault.code))
                }));
            }
            ValidationErrorsKind::Struct(inner) => collect(inner, &field, into),
            ValidationErrorsKind::List(items) => {
                for (at, inner) in items {
                    collect(inner, &format!("{field}[{at}]"), into);
                }
            }
        }
    }
}

/// Words for the codes that our checks use. Never the value that was submitted.
fn explain(code: &str) -> Text {
    match code {
        "length" => Text::new("长度不符合要求", "is not of an allowed length"),
        "range" => Text::new("超出允许范围", "is out of range"),
        "must_be_true" => Text::new("须确认", "must be confirmed"),
        "date_order" => Text::new("日期先后不对", "dates are in the wrong order"),
        "future" => Text::new("不能晚于今天", "must not be in the future"),
        "duplicate" => Text::new("有重复项", "has an entry twice"),
        _ => Text::new("无效", "is not valid"),
    }
}

/// Whether `json` nests deeper than `most`, judged without building it.
fn deeper_than(json: &[u8], most: usize) -> bool {
    let (mut depth, mut in_string, mut escaped) = (0_usize, false, false);
    for byte in json {
        match byte {
            _ if escaped => escaped = false,
            b'\\' if in_string => escaped = true,
            b'"' => in_string = !in_string,
            b'{' | b'[' if !in_string => depth += 1,
            b'}' | b']' if !in_string => depth = depth.saturating_sub(1),
            _ => {}
        }
        if depth > most {
            return true;
        }
    }
    false
}

#[cfg(test)]
mod tests {
    use serde::Deserialize;

    use super::*;

    #[derive(Debug, Deserialize, Validate)]
    #[serde(deny_unknown_fields)]
    struct Trip {
        #[validate(length(min = 1, max = 3))]
        place: String,
        #[validate(nested)]
        #[serde(default)]
        stops: Vec<Stop>,
    }

    #[derive(Debug, Deserialize, Validate)]
    #[serde(deny_unknown_fields)]
    struct Stop {
        #[validate(range(max = 9))]
        nights: u8,
    }

    fn faults(json: &str) -> Vec<(String, String)> {
        let problem = parse::<Trip>(json.as_bytes(), DEEPEST_BODY).unwrap_err();
        problem
            .fields
            .iter()
            .map(|f| (f.field.to_string(), f.code.to_string()))
            .collect()
    }

    #[test]
    fn each_fault_names_its_field_and_never_the_value() {
        for (json, field, code) in [
            (r#"{"place":"沪","secret":1}"#, "secret", "unknown_field"),
            (
                r#"{"place":"沪","stops":[{"nights":1,"secret":1}]}"#,
                "stops[0].secret",
                "unknown_field",
            ),
            (r#"{"stops":[]}"#, "place", "missing"),
            (
                r#"{"place":"沪","stops":[{}]}"#,
                "stops[0].nights",
                "missing",
            ),
            (r#"{"place":7}"#, "place", "type"),
            (
                r#"{"place":"沪","stops":[{"nights":"x"}]}"#,
                "stops[0].nights",
                "type",
            ),
            (r#"{"place":"too long"}"#, "place", "length"),
            (
                r#"{"place":"沪","stops":[{"nights":1},{"nights":10}]}"#,
                "stops[1].nights",
                "range",
            ),
            ("[]", "", "type"),
        ] {
            assert_eq!(
                faults(json),
                [(field.to_owned(), code.to_owned())],
                "{json}"
            );
        }
    }

    #[test]
    fn what_is_not_json_or_too_deep_is_malformed() {
        let deep = format!("{}{}", "[".repeat(17), "]".repeat(17));
        for json in [
            "",
            "{",
            r#"{"place":"沪"}x"#,
            r#"{"place":}"#,
            "\u{feff}{}",
            deep.as_str(),
            "nul",
        ] {
            assert_eq!(
                parse::<Trip>(json.as_bytes(), DEEPEST_BODY)
                    .unwrap_err()
                    .kind
                    .slug,
                "malformed-json",
                "{json}"
            );
        }
    }

    #[test]
    fn a_null_character_is_refused_where_it_is_and_its_name_is_not() {
        for (json, field) in [
            (r#"{"place":"\u0000"}"#, "place"),
            (
                r#"{"place":"沪","stops":[{"nights":1},{"nights":"a\u0000"}]}"#,
                "stops[1].nights",
            ),
            (r#"{"place":"沪","stops":[{"\u0000":1}]}"#, "stops[0]"),
        ] {
            let refused = [(field.to_owned(), "null_character".to_owned())];
            assert_eq!(faults(json), refused, "{json}");
        }
        let spelt = parse::<Trip>(br#"{"place":"\\u0000"}"#, DEEPEST_BODY);
        let problem = spelt.unwrap_err();
        assert_eq!(
            problem.fields[0].code, "length",
            "six characters that are no escape"
        );
    }

    #[tokio::test]
    async fn a_body_that_does_not_arrive_is_not_waited_for() {
        let never = std::future::pending::<Result<Bytes, actix_web::Error>>();
        let refused = in_time(never, Duration::ZERO).await.unwrap_err();
        assert_eq!(refused.kind.slug, "body-too-slow");
        let here = std::future::ready(Ok(Bytes::from_static(b"{}")));
        assert!(in_time(here, Duration::ZERO).await.is_ok());
    }

    #[test]
    fn brackets_in_strings_do_not_count_as_depth() {
        let json = format!(r#"{{"place":"{}"}}"#, "[".repeat(30));
        assert!(!deeper_than(json.as_bytes(), DEEPEST_BODY));
        assert!(!deeper_than(
            br#"{"place":"\"[[[[[[[[[[[[[[[[[[[["}"#,
            DEEPEST_BODY
        ));
    }
}
