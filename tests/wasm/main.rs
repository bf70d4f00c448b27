//! What only a browser can check; runs in headless Chromium (`cargo xtask test`, or see `docs/console.md`).
#![cfg(target_arch = "wasm32")]

mod answers;
mod views;
mod wording;

use access_code::check_custom;
use api_types::Role;
use ids::{GuestCodeId, PropertyId, TenancyId};
use latchkey_console::{
    api::{ApiError, PendingKey},
    components::open_minutes,
    intl::{self, Repeated, Style},
    location::shown,
    pages::sign_in::back_to,
    query::Query,
    routes::Route,
};
use uuid::Uuid;
use wasm_bindgen_test::{wasm_bindgen_test, wasm_bindgen_test_configure};

wasm_bindgen_test_configure!(run_in_browser);

const ONE: Uuid = Uuid::from_u128(0x0189_0000_0000_7000_8000_0000_0000_0001);
const TWO: Uuid = Uuid::from_u128(0x0189_0000_0000_7000_8000_0000_0000_0002);
const PROPERTY: PropertyId = PropertyId::from_uuid(ONE);
const OTHER: PropertyId = PropertyId::from_uuid(TWO);
const RESIDENT: TenancyId = TenancyId::from_uuid(TWO);
const GUEST: GuestCodeId = GuestCodeId::from_uuid(TWO);

#[wasm_bindgen_test]
fn every_route_is_parsed_back_from_its_path() {
    for route in Route::examples(ONE, TWO) {
        assert_eq!(Route::parse(&route.path()), Some(route), "{}", route.path());
    }
}

#[wasm_bindgen_test]
fn choosing_another_property_leads_to_its_page_or_to_the_list_it_belongs_to() {
    for route in Route::examples(ONE, ONE) {
        let there = route.in_property(OTHER);
        assert_eq!(there.property(), Some(OTHER), "{}", route.path());
        assert!(!there.path().contains(&Uuid::nil().to_string()), "{} leads to {}", route.path(), there.path());
    }
    let in_other = |route: Route| route.in_property(OTHER);
    assert_eq!(in_other(Route::Resident { property: PROPERTY, resident: RESIDENT }), Route::Residents(OTHER));
    assert_eq!(in_other(Route::Roster(PROPERTY)), Route::Roster(OTHER));
    assert_eq!(in_other(Route::GuestCodeNew(PROPERTY)), Route::GuestCodes(OTHER));
    assert_eq!(in_other(Route::GuestCode(GUEST)), Route::GuestCodes(OTHER));
    assert_eq!(in_other(Route::Audit), Route::Property(OTHER));
}

#[wasm_bindgen_test]
fn every_page_belongs_to_a_section_of_the_navigation_with_its_ids() {
    for route in Route::examples(ONE, TWO) {
        let section = route.section();
        assert_eq!((section.section(), section.property()), (section, route.property()), "{}", route.path());
        assert!(!section.path().contains(&Uuid::nil().to_string()), "{}", route.path());
    }
    assert_eq!(Route::Resident { property: PROPERTY, resident: RESIDENT }.section(), Route::Residents(PROPERTY));
    assert_eq!(Route::MyGuestCodeNew.section(), Route::MyGuestCodes);
    assert_eq!(Route::GuestCode(GUEST).section(), Route::GuestCode(GUEST));
}

#[wasm_bindgen_test]
fn unknown_addresses_have_no_route() {
    for path in
        ["/nope", "/properties/12", "/properties/x/residents", "/my-access/nope", "/sign-in/now", "/audit/1/2/3/4/5/6"]
    {
        assert_eq!(Route::parse(path), None, "{path}");
    }
    let property = Route::Property(PROPERTY).path();
    for rest in ["/", "/nope", "/residents/new", "/guest-codes/new/now", &Route::Property(OTHER).path()] {
        let path = [&property, rest].concat();
        assert_eq!(Route::parse(&path), (rest == "/").then_some(Route::Property(PROPERTY)), "{path}");
    }
    assert_eq!(Route::parse("/my-access/"), Some(Route::MyAccess), "a trailing slash doesn't matter");
}

/// R5, R30: support and managers can't open a resident's own page, nor residents those of managers.
#[wasm_bindgen_test]
fn routes_are_limited_to_their_roles() {
    let may = |route: Route, role| route.roles().is_none_or(|roles| roles.contains(&role));
    assert!(may(Route::Audit, Role::Support) && may(Route::Audit, Role::Manager) && !may(Route::Audit, Role::Resident));
    assert!(may(Route::Residents(PROPERTY), Role::Manager) && !may(Route::Residents(PROPERTY), Role::Support));
    assert!(may(Route::MyAccess, Role::Resident) && !may(Route::MyAccess, Role::Manager));
    assert!(may(Route::SignIn, Role::Resident));
}

#[wasm_bindgen_test]
fn signing_in_leads_back_only_into_the_console() {
    let back = ["/properties/", &PROPERTY.to_string(), "/residents?status=failed"].concat();
    assert_eq!(back_to(&back), back);
    for elsewhere in ["", "https://example.com/", "//example.com/audit", "/\\example.com", "/nope", "/sign-in?to=%2F"] {
        assert_eq!(back_to(elsewhere), "/", "{elsewhere}");
    }
}

/// R32: what is searched for, which may be a name or digits, stays out of addresses, and nothing else does.
#[wasm_bindgen_test]
fn addresses_keep_what_they_may() {
    let guest_codes = Route::GuestCodes(PROPERTY).path();
    let residents = Route::Residents(PROPERTY).path();
    let cases = [
        ("/audit?q=aunt%20clara&action=code.".to_owned(), "/audit?action=code.".to_owned()),
        ("/troubleshoot?q=clara".to_owned(), "/troubleshoot".to_owned()),
        ([&guest_codes, "?kind=delivery&q=clara"].concat(), [&guest_codes, "?kind=delivery"].concat()),
        ([&residents, "?q=7450"].concat(), residents.clone()),
        ([&residents, "?q=745"].concat(), residents.clone()),
        ([&residents, "?q=brandt&sort=unit"].concat(), [&residents, "?sort=unit"].concat()),
    ];
    for (address, kept) in cases {
        assert_eq!(shown(&address).address, kept, "{address}");
    }
}

#[wasm_bindgen_test]
fn queries_leave_out_what_is_empty_and_escape_the_rest() {
    let query = Query::new().with("q", "O’Neil & co").with("status", "").with_some("cursor", Some("a+b"));
    assert_eq!(query.on("/residents"), "/residents?q=O%E2%80%99Neil%20%26%20co&cursor=a%2Bb");
    assert_eq!(Query::new().on("/residents"), "/residents");
}

/// R6, R7, R8: the shared rules refuse exactly as many codes in the browser as on the server.
#[wasm_bindgen_test]
fn r7_r8_refuse_24_of_10_000_and_20_of_1_000_000_here_too() {
    let refused = |digits: usize| {
        let count = 10_u32.pow(digits as u32);
        (0..count).filter(|code| check_custom(&format!("{code:0digits$}")).is_err()).count()
    };
    assert_eq!(refused(4), 24);
    assert_eq!(refused(6), 20);
}

#[wasm_bindgen_test]
fn instants_are_shown_in_the_propertys_zone() {
    let at = "2026-11-03T16:12:07Z";
    assert_eq!(intl::format(at, "America/Denver", Style::Seconds), "09:12:07");
    assert_eq!(intl::format(at, "Europe/Berlin", Style::Seconds), "17:12:07");
    assert_eq!(intl::format(at, "Asia/Tokyo", Style::IsoDay), "2026-11-04");
    assert_eq!(intl::local_in_zone(intl::epoch_ms(at).expect("an instant"), "America/Denver"), "2026-11-03T09:12");
    assert_eq!(intl::format("soon", "America/Denver", Style::Date), "soon", "text that isn't an instant is unchanged");
    assert_eq!(intl::format(at, "Mars/Olympus", Style::Seconds), "16:12:07", "an unknown zone shows UTC");
}

#[wasm_bindgen_test]
fn zones_have_a_city_and_an_abbreviation() {
    let summer = intl::epoch_ms("2026-07-01T12:00:00Z").expect("an instant");
    assert_eq!(intl::zone_label("America/Denver", summer), "Denver time (MDT)");
    assert_eq!(intl::zone_label("Europe/Berlin", summer), "Berlin time (CEST)");
}

/// R22: a local time that the clocks skip takes the offset before the change; one that occurs twice is the first for a
/// start and the second for an end.
#[wasm_bindgen_test]
fn r22_local_times_across_daylight_saving_changes() {
    let denver = |local, repeated| intl::instant_of_local(local, "America/Denver", repeated);
    let first = |local| denver(local, Repeated::First);
    assert_eq!(first("2026-11-03T09:12").as_deref(), Some("2026-11-03T16:12:00Z"), "an ordinary time");
    assert_eq!(first("2026-03-08T02:30").as_deref(), Some("2026-03-08T09:30:00Z"), "skipped");
    assert_eq!(first("2026-11-01T01:30").as_deref(), Some("2026-11-01T07:30:00Z"), "repeated, a start");
    assert_eq!(
        denver("2026-11-01T01:30", Repeated::Second).as_deref(),
        Some("2026-11-01T08:30:00Z"),
        "repeated, an end"
    );
    assert_eq!(denver("2026-11-01T00:30", Repeated::Second).as_deref(), Some("2026-11-01T06:30:00Z"), "not repeated");
    assert_eq!(first(""), None);
}

#[wasm_bindgen_test]
fn short_times_are_exact_enough() {
    let now = intl::epoch_ms("2026-11-03T20:00:00Z").expect("an instant");
    let short = |at| intl::short(at, "America/Denver", now);
    assert!(short("2026-11-03T16:12:00Z").contains("12"), "today: the time");
    assert!(short("2026-11-02T16:12:00Z").starts_with("yesterday "));
    assert!(!short("2026-09-02T16:12:00Z").contains("2026"), "this year: the day");
    assert!(short("2024-09-02T16:12:00Z").contains("2024"), "earlier: the date");
}

#[wasm_bindgen_test]
fn hours_have_no_zero_before_them_where_nobody_writes_one() {
    let at = "2026-11-03T16:12:00Z";
    // The tests' browser is American.
    assert_eq!(intl::format(at, "America/Denver", Style::Time), "9:12 AM");
    assert!(intl::format(at, "America/Denver", Style::DateTime).ends_with(", 9:12 AM"));
    assert!(intl::format(at, "America/Denver", Style::WeekdayTime).ends_with(", 9:12 AM"));
}

#[wasm_bindgen_test]
fn a_week_of_windows_is_open_on_both_days_around_midnight() {
    let recurrence = |weekdays, from: &str, to: &str| api_types::Recurrence {
        weekdays,
        from: from.to_owned(),
        to: to.to_owned(),
        first_day: "2026-11-03".to_owned(),
        last_day: "2026-12-03".to_owned(),
    };
    use api_types::Weekday::{Mon, Sun, Tue};
    let by_day = open_minutes(&recurrence(vec![Mon, Sun], "09:00", "17:30"));
    assert_eq!(by_day[0], [(540, 1050)]);
    assert_eq!(by_day[6], [(540, 1050)]);
    assert!(by_day[1..6].iter().all(Vec::is_empty));
    let nightly = open_minutes(&recurrence(vec![Mon, Tue, Sun], "22:00", "06:00"));
    assert_eq!(nightly[0], [(1320, 1440), (0, 360)], "from Monday on, and of Sunday's window the rest");
    assert_eq!(nightly[1], [(0, 360), (1320, 1440)]);
    assert_eq!(nightly[2], [(0, 360)]);
    assert_eq!(nightly[6], [(1320, 1440)]);
    let to_midnight = open_minutes(&recurrence(vec![Sun], "18:00", "00:00"));
    assert_eq!((to_midnight[6].as_slice(), to_midnight[0].as_slice()), ([(1080, 1440)].as_slice(), [].as_slice()));
}

#[wasm_bindgen_test]
fn a_pending_key_is_kept_until_its_outcome_is_known() {
    let form = PendingKey::of_form("test.change");
    form.settle();
    let first = form.take();
    assert_eq!(form.take(), first, "five clicks and a reload make one change");
    assert_ne!(PendingKey::of_form("test.other").take(), first);
    form.settle();
    assert_ne!(form.take(), first, "the next change gets another key");
}

#[wasm_bindgen_test]
fn only_errors_with_an_unknown_outcome_keep_the_key() {
    assert!(ApiError::Offline.outcome_unknown());
    assert!(ApiError::Unexpected { status: 502 }.outcome_unknown());
    assert!(!ApiError::Invalid(Vec::new()).outcome_unknown());
    assert!(!ApiError::SignedOut.outcome_unknown());
}
