//! `/my-access`

use std::time::Duration;

use crate::prelude::*;
use access_code::{APP_STEPS, MIN_APP_VERSION};
use api_types::{ChecklistItem, Code, CodeOrigin, MyAccess, PlacementStatus, Reveal, Role};

use crate::{
    api,
    components::{
        AccessBar, Card, Checklist, Link, LoadView, PlacementList, PlacementPill, SecretCode, evidence_words,
    },
    intl::{self, Style},
    load::{Load, Stage},
    routes::Route,
    session::{role_name, use_session},
    ui::{Button, ButtonKind, Icon, IconView, Notice, SkeletonLines, Time, TimeStyle, use_now},
};

/// How often it is read again while a code is on its way to a lock or off it.
const REFRESH_MOVING: Duration = Duration::from_secs(2);

/// How often it is read again otherwise: the code may be changed in the app at any time.
const REFRESH: Duration = Duration::from_secs(20);

/// So many looks at the code are listed at first.
const REVEALS_SHOWN: usize = 5;

/// The resident's own code: to see, never to make (R5, R15).
#[component]
pub fn MyAccessPage() -> impl IntoView {
    let access = Load::once(api::me::access);
    let moving = move || access.with(|access| access.is_some_and(is_moving));
    access.refresh_every(REFRESH_MOVING, moving);
    access.refresh_every(REFRESH, move || !moving());
    let ready = memo(move || access.stage().with(|stage| *stage == Stage::Ready));
    view! {
        // Once it is read, the bar is the heading.
        <Show when=move || !ready.get()>
            <h1 class="visually-hidden">"My Access"</h1>
        </Show>
        <LoadView
            load=access
            skeleton=|| {
                view! {
                    <div class="access">
                        <div class="access-bar late" aria-hidden="true"></div>
                        <SkeletonLines lines=6 />
                    </div>
                }
            }
            let:access
        >
            <Access access />
        </LoadView>
    }
}

fn is_moving(access: &MyAccess) -> bool {
    let codes = std::iter::once(&access.code).chain(&access.previous_code);
    let mut placements = codes.flat_map(|code| &code.placements);
    placements.any(|placement| matches!(placement.status, PlacementStatus::Sending | PlacementStatus::BeingRemoved))
}

#[component]
fn Access(access: Signal<MyAccess>) -> impl IntoView {
    let code = memo(move || access.with(|access| access.code.clone()));
    let zone = memo(move || access.with(|access| access.property.time_zone.clone()));
    let id = memo(move || code.with(|code| code.id));
    let reveals = Load::new(move || Some(id.get()), api::codes::reveals);
    let opens = move || {
        access.with(|access| {
            let doors: Vec<&str> = access.doors.iter().map(|door| door.name.as_str()).collect();
            [&access.property.name, " · ", &doors.join(" · ")].concat()
        })
    };
    view! {
        <div class="access">
            <div class="stack">
                <AccessBar
                    id
                    length=Signal::derive(move || code.with(|code| code.length))
                    opens=Signal::derive(opens)
                    on_revealed=Callback::new(move |()| reveals.reload())
                />
                <OnTheLock code zone />
                <PreviousCode access />
                <AnotherCode />
                <Eligibility access />
            </div>
            <div class="stack">
                <Card title="Who has seen my code">
                    <LoadView load=reveals skeleton=|| view! { <SkeletonLines lines=2 /> } let:reveals>
                        <WhoHasSeen reveals=Signal::derive(move || reveals.with(|reveals| reveals.items.clone())) zone />
                    </LoadView>
                </Card>
                <Card title="Somebody coming over?">
                    <p class="second">
                        "Give a guest a code of their own. It is always random, works when you say, and you can revoke it."
                    </p>
                    <div class="row">
                        <Link to=Route::MyGuestCodeNew class=ButtonKind::Secondary.class()>
                            <IconView icon=Icon::Plus />
                            "Issue a guest code"
                        </Link>
                        <Link to=Route::MyGuestCodes>"All guest codes"</Link>
                    </div>
                </Card>
            </div>
        </div>
    }
}

/// Whether the door knows the code, how that is known, and how the code came to be.
#[component]
fn OnTheLock(code: Memo<Code>, zone: Memo<String>) -> impl IntoView {
    let now = use_now();
    let placements = memo(move || code.with(|code| code.placements.clone()));
    let status = move || {
        let zone_name = zone.get();
        let mut placements_now = placements.get();
        if placements_now.len() != 1 {
            return view! { <PlacementList placements zone /> }.into_any();
        }
        let placement = placements_now.remove(0);
        let evidence = evidence_words(placement.status, placement.evidence.as_deref());
        let since = placement.since.as_str().to_owned();
        let step = placement.next_step.clone();
        view! {
            <p class="row">
                <PlacementPill placement zone=zone_name.clone() />
                <span>{evidence} ", since " <Time at=since zone=zone_name style=TimeStyle::Short /></span>
            </p>
            {step.map(|step| view! { <p>{step}</p> })}
        }
        .into_any()
    };
    let origin = move || {
        let (origin, length, changed_at) =
            code.with(|code| (code.origin, code.length, code.changed_at.as_str().to_owned()));
        let origin = match origin {
            CodeOrigin::Custom => "Your own choice",
            CodeOrigin::Random => "Random",
        };
        let since = intl::format(&changed_at, &zone.get(), Style::DateTime);
        [origin, ", ", &length.to_string(), " digits, since ", &since].concat()
    };
    view! {
        <section class="access-facts second" aria-label="On the lock">
            <div role="status">{status}</div>
            <p>{origin}</p>
            <p class="small">"Times are " {move || intl::zone_label(&zone.get(), now.get())}</p>
        </section>
    }
}

/// While the new code isn't confirmed on every lock, the one before stays in force (R27).
#[component]
fn PreviousCode(access: Signal<MyAccess>) -> impl IntoView {
    let previous = memo(move || access.with(|access| access.previous_code.as_ref().map(|code| (code.id, code.length))));
    move || {
        previous.get().map(|(id, length)| {
            view! {
                <Notice icon=Icon::Clock>
                    <p>
                        <strong>"Your previous code still opens the door. "</strong>
                        "It stays in force until every lock has confirmed the new one."
                    </p>
                    <SecretCode id=Signal::derive(move || id) length=Signal::derive(move || length) whose="your previous code" />
                </Notice>
            }
        })
    }
}

/// How to change it in the app, why not here (R5, R15), and that one needn't (R12).
#[component]
fn AnotherCode() -> impl IntoView {
    let newest = MIN_APP_VERSION.to_string();
    let steps = APP_STEPS.map(|step| view! { <li>{step}</li> }).collect_view();
    view! {
        <Card title="Want another code?">
            <p>"Pick one in the mobile app, version " {newest} " or newer:"</p>
            <ol class="app-steps">{steps}</ol>
            <p>
                "It can have 4 or 6 digits. The app gives you a random one just as well, in any version. Both ask that your hub and lock are online."
            </p>
            <h3>"Why not here?"</h3>
            <p>
                "The web shows your code and never makes one. So nobody can change what opens your door from a browser, not even at a computer where you are signed in."
            </p>
            <h3>"Do I have to change it?"</h3>
            <p>
                "No, that is up to you. The code you have keeps working, also when your property turns custom codes on or off."
            </p>
        </Card>
    }
}

/// Every condition for picking one's own code (R14).
#[component]
fn Eligibility(access: Signal<MyAccess>) -> impl IntoView {
    let eligibility = memo(move || access.with(|access| access.eligibility.clone()));
    // On the web that one condition is never met, and doesn't keep anybody from picking a code in the app.
    let in_the_way = move || {
        eligibility.with(|eligibility| {
            let unmet = |item: &&ChecklistItem| item.met == Some(false) && item.condition != "in_mobile_app";
            eligibility.checklist.iter().filter(unmet).count()
        })
    };
    let verdict = move || match in_the_way() {
        0 => "Yes, in the app. Nothing that can be checked from here is in the way.",
        1 => "Not now: one thing is in the way.",
        _ => "Not now: some things are in the way.",
    };
    let items = Signal::derive(move || {
        eligibility.with(|eligibility| eligibility.checklist.iter().cloned().map(for_the_reader).collect::<Vec<_>>())
    });
    view! {
        <Card title="Can I pick my own code?">
            <p>{verdict}</p>
            <Show when=move || { in_the_way() > 0 }>
                <p><strong>"Next: "</strong> {move || eligibility.with(|eligibility| eligibility.next_step.clone())}</p>
            </Show>
            <Checklist items />
        </Card>
    }
}

/// A condition in words to the resident themselves. What isn't met keeps the server's words, which say what is so now.
fn for_the_reader(mut item: ChecklistItem) -> ChecklistItem {
    let words = match (item.condition.as_str(), item.met) {
        ("in_mobile_app", Some(false)) => "This is the web; a code is picked in the app",
        ("own_tenancy", Some(true)) => "You live in the unit now",
        ("own_unit_door", Some(true)) => "It is your own unit’s door",
        ("feature_enabled", Some(true)) => "Your property allows custom codes",
        ("hub_online", Some(true)) => "The hub is online",
        ("lock_online", Some(true)) => "The lock is online",
        ("code_format", None) => "4 or 6 digits: checked when you pick one",
        ("code_not_repeated", None) => "Not one digit repeated: checked when you pick one",
        ("code_not_consecutive", None) => "Not digits in a row, up or down: checked when you pick one",
        ("code_available", None) => "Available for this door: checked when you pick one",
        _ => return item,
    };
    item.detail = words.to_owned();
    item
}

/// Everybody who looked at the code, newest first (R30).
#[component]
fn WhoHasSeen(reveals: Signal<Vec<Reveal>>, zone: Memo<String>) -> impl IntoView {
    let session = use_session();
    let all = RwSignal::new(false);
    let count = memo(move || reveals.with(Vec::len));
    let rows = move || {
        let (zone, me) = (zone.get(), session.user().map(|user| user.name).unwrap_or_default());
        let most = if all.get() { usize::MAX } else { REVEALS_SHOWN };
        reveals
            .get()
            .into_iter()
            .take(most)
            .map(|reveal| {
                let mine = reveal.role == Role::Resident && reveal.by == me;
                let who = if mine {
                    "You".to_owned()
                } else {
                    [&reveal.by, ", ", &role_name(reveal.role).to_lowercase()].concat()
                };
                view! {
                    <li>
                        <p>
                            <strong>{who}</strong>
                            " · "
                            <Time at=reveal.at.as_str() zone=zone.clone() style=TimeStyle::In(Style::DateTime) />
                        </p>
                        {reveal.reason.map(|reason| view! { <p class="second">"“" {reason} "”"</p> })}
                    </li>
                }
            })
            .collect_view()
    };
    view! {
        <Show
            when=move || { count.get() > 0 }
            fallback=|| {
                view! { <p class="second">"Nobody has looked at it yet. A manager who does must say why, and you see it here."</p> }
            }
        >
            <ul class="reveals">{rows}</ul>
            <Show when=move || { !all.get() && count.get() > REVEALS_SHOWN }>
                <Button on_press=Callback::new(move |()| all.set(true))>
                    "Show all " {move || intl::number(u32::try_from(count.get()).unwrap_or(u32::MAX))}
                </Button>
            </Show>
        </Show>
    }
}
