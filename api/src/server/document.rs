//! What the document says of everything at once.

use serde_json::json;
use utoipa::{
    Modify,
    openapi::{
        self, RefOr,
        extensions::Extensions,
        path::Operation,
        schema::{AdditionalProperties, ArrayItems, Object, Schema, SchemaType, Type},
        security::{ApiKey, ApiKeyValue, Http, HttpAuthScheme, SecurityScheme},
    },
};

use crate::staff::matrix::{Permission, permission};

/// The access token of a session, as a security scheme.
pub(super) struct Session;

impl Modify for Session {
    fn modify(&self, document: &mut openapi::OpenApi) {
        let mut bearer = Http::new(HttpAuthScheme::Bearer);
        bearer.bearer_format = Some("JWT".into());
        bearer.description = Some("The access token of a session".into());
        let components = document.components.get_or_insert_default();
        components.add_security_scheme("session", SecurityScheme::Http(bearer));
    }
}

/// What devices at gates sign their calls with, as a security scheme.
pub(super) struct DeviceSignature;

impl Modify for DeviceSignature {
    fn modify(&self, document: &mut openapi::OpenApi) {
        let description = "HTTP message signature (RFC 9421) with the device's Ed25519 key over \
            `@method`, `@path`, `@query` and `content-digest` (RFC 9530), with `created`, `keyid`, \
            which is the device's id, and a `nonce` of 16 to 64 characters; beside it stand \
            `Signature` and `Content-Digest`";
        let header = ApiKeyValue::with_description("Signature-Input", description);
        let components = document.components.get_or_insert_default();
        let scheme = SecurityScheme::ApiKey(ApiKey::Header(header));
        components.add_security_scheme("device", scheme);
    }
}

/// The token of a session of staff, as a security scheme.
pub(super) struct StaffSession;

impl Modify for StaffSession {
    fn modify(&self, document: &mut openapi::OpenApi) {
        let mut bearer = Http::new(HttpAuthScheme::Bearer);
        bearer.description = Some("The token of a session of staff".into());
        let components = document.components.get_or_insert_default();
        components.add_security_scheme("staff", SecurityScheme::Http(bearer));
    }
}

/// The token of a session of a unit, as a security scheme.
pub(super) struct UnitSession;

impl Modify for UnitSession {
    fn modify(&self, document: &mut openapi::OpenApi) {
        let mut bearer = Http::new(HttpAuthScheme::Bearer);
        bearer.description = Some("The token of a session of a unit".into());
        let components = document.components.get_or_insert_default();
        components.add_security_scheme("unit", SecurityScheme::Http(bearer));
    }
}

/// Each route of staff says who may call it, as the table has it: any of the roles in `x-roles`, or
/// everybody who is logged in if there are none, and whether only after a fresh proof.
pub(super) struct Roles;

impl Modify for Roles {
    fn modify(&self, document: &mut openapi::OpenApi) {
        for (path, item) in &mut document.paths.paths {
            for (method, operation) in [
                ("GET", &mut item.get),
                ("POST", &mut item.post),
                ("PUT", &mut item.put),
                ("DELETE", &mut item.delete),
            ] {
                if let (Some(permission), Some(operation)) = (permission(method, path), operation) {
                    say_who_may(operation, permission);
                }
            }
        }
    }
}

fn say_who_may(operation: &mut Operation, permission: &Permission) {
    let says = Extensions::builder()
        .add(
            "x-roles",
            json!({"any_of": permission.roles, "step_up": permission.step_up}),
        )
        .build();
    operation.extensions.get_or_insert_default().merge(says);
}

/// No object has other fields than it says, and an answer writes its nulls.
///
/// What is read says by itself that it is closed; whatever does not is an answer.
pub(super) struct Closed;

impl Modify for Closed {
    fn modify(&self, document: &mut openapi::OpenApi) {
        let components = document.components.get_or_insert_default();
        components.schemas.values_mut().for_each(close);
    }
}

fn close(schema: &mut RefOr<Schema>) {
    let RefOr::T(schema) = schema else { return };
    match schema {
        Schema::Object(object) => close_object(object),
        Schema::Array(array) => {
            if let ArrayItems::RefOrSchema(items) = &mut array.items {
                close(items);
            }
        }
        Schema::OneOf(choice) => choice.items.iter_mut().for_each(close),
        Schema::AnyOf(choice) => choice.items.iter_mut().for_each(close),
        Schema::AllOf(parts) => parts.items.iter_mut().for_each(close),
        _ => {}
    }
}

fn close_object(object: &mut Object) {
    object.properties.values_mut().for_each(close);
    if object.properties.is_empty() || object.additional_properties.is_some() {
        return;
    }
    for (name, property) in &object.properties {
        if is_nullable(property) && !object.required.contains(name) {
            object.required.push(name.clone());
        }
    }
    object.additional_properties = Some(Box::new(AdditionalProperties::FreeForm(false)));
}

fn is_nullable(schema: &RefOr<Schema>) -> bool {
    let RefOr::T(schema) = schema else {
        return false;
    };
    match schema {
        Schema::Object(object) => has_null(&object.schema_type),
        Schema::Array(array) => has_null(&array.schema_type),
        Schema::OneOf(choice) => choice.items.iter().any(is_nullable),
        _ => false,
    }
}

fn has_null(schema_type: &SchemaType) -> bool {
    match schema_type {
        SchemaType::Type(one) => *one == Type::Null,
        SchemaType::Array(several) => several.contains(&Type::Null),
        SchemaType::AnyValue => false,
    }
}
