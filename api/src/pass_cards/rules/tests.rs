use super::*;

fn at(text: &str) -> DateTime<Utc> {
    text.parse().unwrap()
}

fn on_record(state: PassCardState) -> OnRecord {
    let runs = !matches!(state, PassCardState::Observing);
    OnRecord {
        state,
        valid_until: runs.then(|| at("2026-03-15T16:00:00Z")),
        void: None,
    }
}

const NOW: &str = "2026-03-02T04:00:00Z";

const COLOURS: [Colour; 4] = [Colour::Green, Colour::Grey, Colour::Yellow, Colour::Red];

#[test]
fn a_card_is_good_to_the_end_of_the_fourteenth_local_day() {
    for from in [
        "2026-03-01T16:00:00Z",
        "2026-03-02T04:00:00Z",
        "2026-03-02T15:59:59.999Z",
    ] {
        let term = Term::beginning(at(from));
        assert_eq!(term.until, at("2026-03-15T16:00:00Z"), "{from}");
    }
}

#[test]
fn a_card_is_looked_at_three_days_before_its_end_and_at_its_end() {
    let term = Term::beginning(at(NOW));
    let reminder = at("2026-03-12T16:00:00Z");
    assert_eq!(term.next_look(term.from), reminder);
    assert_eq!(term.next_look(reminder), term.until);
}

#[test]
fn a_number_names_the_county_and_the_card() {
    let division = Division::try_from("370102".to_owned()).unwrap();
    assert_eq!(number(&division, 42), "TXK37010200000042");
}

#[test]
fn a_card_counts_only_while_its_days_run_and_its_holder_is_green() {
    use PassCardState as State;
    for state in [
        State::Observing,
        State::Active,
        State::Suspended,
        State::Void,
        State::Expired,
    ] {
        for colour in COLOURS {
            let standing = standing(on_record(state), colour, at(NOW));
            let counts = state == State::Active && colour == Colour::Green;
            assert_eq!(standing.counts(), counts, "{state:?} {colour:?}");
            assert_eq!(standing.because.is_none(), counts, "{state:?} {colour:?}");
        }
    }
}

#[test]
fn a_card_is_over_at_its_end_even_before_a_sweep_saw_it() {
    let card = on_record(PassCardState::Active);
    let until = card.valid_until.unwrap();
    let before = until - TimeDelta::milliseconds(1);
    assert!(standing(card, Colour::Green, before).counts());
    let over = standing(card, Colour::Green, until);
    assert_eq!(over.state, PassCardState::Expired);
    assert_eq!(over.because, Some(Cause::Over));
}

#[test]
fn a_card_under_observation_waits_and_one_of_somebody_red_is_suspended() {
    let card = on_record(PassCardState::Observing);
    let stands = |colour| standing(card, colour, at(NOW));
    assert_eq!(stands(Colour::Yellow).state, PassCardState::Observing);
    assert_eq!(stands(Colour::Red).state, PassCardState::Suspended);
}

#[test]
fn another_card_may_be_applied_for_in_the_last_seven_days() {
    let card = on_record(PassCardState::Active);
    let until = card.valid_until.unwrap();
    assert!(!may_be_renewed(
        card,
        until - TimeDelta::days(7) - TimeDelta::milliseconds(1)
    ));
    assert!(may_be_renewed(card, until - TimeDelta::days(7)));
    assert!(!may_be_renewed(
        on_record(PassCardState::Observing),
        at(NOW)
    ));
    assert!(may_be_renewed(on_record(PassCardState::Suspended), at(NOW)));
}

#[test]
fn a_valid_card_and_a_normal_temperature_pass() {
    let good = standing(on_record(PassCardState::Active), Colour::Green, at(NOW));
    assert_eq!(at_gate(good, Some(372)), Some(Ok(())));
    assert_eq!(at_gate(good, Some(373)), Some(Err(Stopped::Fever)));
    assert_eq!(at_gate(good, None), None);
    for temperature in [None, Some(365)] {
        let yellow = standing(on_record(PassCardState::Active), Colour::Yellow, at(NOW));
        assert_eq!(
            at_gate(yellow, temperature),
            Some(Err(Stopped::CardDoesNotCount))
        );
        let void = standing(on_record(PassCardState::Void), Colour::Green, at(NOW));
        assert_eq!(
            at_gate(void, temperature),
            Some(Err(Stopped::CardDoesNotCount))
        );
    }
}

#[test]
fn only_whoever_is_above_takes_a_mark_back() {
    let area = |code: &str| Area::try_from(code.to_owned()).unwrap();
    assert!(is_above(&area("370102"), &area("370102001001")));
    assert!(is_above(&area("370000"), &area("370102")));
    assert!(!is_above(&area("370102"), &area("370102")));
    assert!(!is_above(&area("370103"), &area("370102001001")));
}

#[test]
fn the_clock_grants_nobody_a_card_against_whom_something_holds() {
    assert_eq!(COLOURS.map(holds_against), [false, false, true, true]);
}
