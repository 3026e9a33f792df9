//! Where there is nobody to ask, the command line appoints.

use api::staff::{Error, Newcomer, appoint};
use chrono::TimeDelta;
use entity::{
    staff_account,
    values::{Division, PersonName, Role, StaffId},
};
use integration_tests::{Backend, Stack, on_both_stacks};
use sea_orm::{ActiveValue::Set, ColumnTrait, EntityTrait, QueryFilter};

fn newcomer(division: &str) -> Newcomer {
    Newcomer {
        name: PersonName::parse("周强").unwrap(),
        unit: "卫健委".into(),
        division: Division::try_from(division.to_owned()).unwrap(),
    }
}

async fn appointed(backend: &Backend, role: Role, division: &str) -> Result<StaffId, Error> {
    let invited = appoint(&backend.deps, &newcomer(division), role).await?;
    Ok(invited.account)
}

async fn suspend(backend: &Backend, account: StaffId) {
    let suspended = staff_account::ActiveModel {
        suspended_at: Set(Some(backend.deps.clock.now())),
        ..Default::default()
    };
    staff_account::Entity::update_many()
        .set(suspended)
        .filter(staff_account::Column::Id.eq(account))
        .exec(&backend.deps.db)
        .await
        .unwrap();
}

on_both_stacks! {
    async fn both_first_roles_are_given_where_nobody_holds_them_and_then_no_more(stack: Stack) {
        let backend = Backend::start(stack).await;
        for role in [Role::RegionAdmin, Role::GrantApprover] {
            appointed(&backend, role, "310000").await.unwrap();
            for within in ["310000", "310101"] {
                let refused = appointed(&backend, role, within).await;
                assert!(matches!(refused, Err(Error::RoleIsHeld)), "{role:?} {within}");
            }
            appointed(&backend, role, "540000").await.unwrap();
        }
    }

    async fn a_role_is_given_anew_once_nobody_can_use_it(stack: Stack) {
        let backend = Backend::start(stack).await;
        let role = Role::RegionAdmin;
        appointed(&backend, role, "310000").await.unwrap();
        backend.wait(TimeDelta::hours(72));
        let second = appointed(&backend, role, "310000").await.unwrap();
        suspend(&backend, second).await;
        appointed(&backend, role, "310000").await.unwrap();
        assert!(appointed(&backend, role, "310000").await.is_err());
        let enrolled = backend.staff(Role::GrantApprover, "310000").await;
        assert!(appointed(&backend, Role::GrantApprover, "310000").await.is_err());
        backend.wait(TimeDelta::days(300));
        appointed(&backend, Role::GrantApprover, "310000").await.unwrap();
        drop(enrolled);
    }
}

#[tokio::test]
async fn no_other_role_is_given_without_two_people() {
    let backend = Backend::start(Stack::Embedded).await;
    for role in [Role::Auditor, Role::PolicyAuthor, Role::Epidemiologist] {
        let refused = appointed(&backend, role, "310000").await;
        assert!(matches!(refused, Err(Error::NotAFirstRole)), "{role:?}");
    }
    let nowhere = appointed(&backend, Role::RegionAdmin, "310199").await;
    assert!(matches!(nowhere, Err(Error::UnknownDivision(_))));
}
