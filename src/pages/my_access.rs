//! `/my-access`

use crate::prelude::*;
use access_code::{APP_STEPS, Condition, MIN_APP_VERSION};
use api_types::{ChecklistItem, Code, CodeOrigin, LiveKind, MyAccess, Reveal, Role};

use crate::{
    api,
    components::{AccessBar, Card, Checklist, Evidence, Link, LoadView, PlacementList, PlacementPill, SecretCode},
    intl::{self, Style},
    load::{Load, Stage},
    query::{Query, use_query_params},
    routes::Route,
    session::{role_name, use_session},
    ui::{Button, ButtonKind, Icon, IconView, Notice, SkeletonLines, Time, TimeStyle, use_now},
    wording,
};

/// What changes what is said of somebody's access.
const CHANGES: &[LiveKind] = &[LiveKind::Resident, LiveKind::Placement, LiveKind::Lock, LiveKind::Property];

/// How many reveals of the code are listed at first.
const REVEALS_SHOWN: usize = 5;

/// The resident's own code, view-only (R5, R15).
#[component]
pub fn MyAccessPage() -> impl IntoView {
    // Somebody with several homes chooses which one is shown (R39).
    let tenancy = use_query_params().param("tenancy").signal();
    let access = Load::new(move || Some(tenancy.get()), api::me::access);
    // Residents are told of nothing but what is theirs.
    access.follow_changes(CHANGES, None);
    let ready = memo(move || access.stage().with(|stage| *stage == Stage::Ready));
    view! {
        // Once it is loaded, the bar contains the heading.
        <Show when=move || !ready.get()>
            <h1 class="visually-hidden">{t::shell::titles::my_access()}</h1>
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

/// Where somebody lives who has several homes: each with its own code, doors and end (R39).
#[component]
fn Homes(access: Signal<MyAccess>) -> impl IntoView {
    let homes = memo(move || access.with(|access| (access.tenancy_id, access.tenancies.clone())));
    move || {
        let (shown, homes) = homes.get();
        (homes.len() > 1).then(|| {
            let links = homes.into_iter().map(|home| {
                let address = Query::new().with("tenancy", &home.id.to_string()).on(&Route::MyAccess.path());
                let name = [&home.property.name, " · ", &home.unit].concat();
                view! { <a href=address aria-current=(home.id == shown).then_some("page")>{name}</a> }
            });
            view! { <nav class="homes" aria-label=t::my_access::homes()>{links.collect_view()}</nav> }
        })
    }
}

#[component]
fn Access(access: Signal<MyAccess>) -> impl IntoView {
    let code = memo(move || access.with(|access| access.code.clone()));
    let zone = memo(move || access.with(|access| access.property.time_zone.clone()));
    let id = memo(move || code.with(|code| code.id));
    let reveals = Load::new(move || Some(id.get()), api::codes::reveals);
    reveals.follow_changes(&[LiveKind::Reveal], None);
    let chosen = use_query_params().param("tenancy").signal();
    let opens = move || {
        access.with(|access| {
            let doors: Vec<&str> = access.doors.iter().map(|door| door.name.as_str()).collect();
            [&access.property.name, " · ", &doors.join(" · ")].concat()
        })
    };
    view! {
        <div class="access">
            <div class="stack">
                <Homes access />
                <AccessBar
                    id
                    length=derived(move || code.with(|code| code.length))
                    opens=derived(opens)
                    on_revealed=Callback::new(move |()| reveals.reload())
                />
                <OnTheLock code zone />
                <PreviousCode access />
                <AnotherCode />
                <Eligibility access zone />
            </div>
            <div class="stack">
                <Card title=t::my_access::seen::title()>
                    <LoadView load=reveals skeleton=|| view! { <SkeletonLines lines=2 /> } let:reveals>
                        <WhoHasSeen reveals=derived(move || reveals.with(|reveals| reveals.items.clone())) zone />
                    </LoadView>
                </Card>
                <Card title=t::my_access::guests::title()>
                    <p class="second">{t::my_access::guests::hint()}</p>
                    <div class="row">
                        {move || {
                            let query = Query::new().with("tenancy", &chosen.get());
                            view! {
                                <Link to=Route::MyGuestCodeNew query class=ButtonKind::Secondary.class()>
                                    <IconView icon=Icon::Plus />
                                    {t::my_access::guests::issue()}
                                </Link>
                            }
                        }}
                        <Link to=Route::MyGuestCodes>{t::my_access::guests::all()}</Link>
                    </div>
                </Card>
            </div>
        </div>
    }
}

/// The status on the lock, its evidence, and the origin of the code.
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
        let step = wording::placement_step(&placement).map(str::to_owned);
        view! {
            <p class="row">
                <PlacementPill placement=placement.clone() zone=zone_name.clone() />
                <span><Evidence placement zone=zone_name /></span>
            </p>
            {step.map(|step| view! { <p>{step}</p> })}
        }
        .into_any()
    };
    let origin = move || {
        let (origin, length, changed_at) =
            code.with(|code| (code.origin, code.length, code.changed_at.as_str().to_owned()));
        let (length, since) = (length.to_string(), intl::format(&changed_at, &zone.get(), Style::DateTime));
        match origin {
            CodeOrigin::Custom => t::my_access::lock::custom(&length, &since),
            CodeOrigin::Random => t::my_access::lock::random(&length, &since),
        }
    };
    view! {
        <section class="access-facts second" aria-label=t::my_access::lock::label()>
            <div role="status">{status}</div>
            <p>{origin}</p>
            <p class="small">{move || t::my_access::times(&intl::zone_label(&zone.get(), now.get()))}</p>
        </section>
    }
}

/// Until the new code is confirmed on every lock, the previous one stays in force (R27).
#[component]
fn PreviousCode(access: Signal<MyAccess>) -> impl IntoView {
    let previous = memo(move || access.with(|access| access.previous_code.as_ref().map(|code| (code.id, code.length))));
    move || {
        previous.get().map(|(id, length)| {
            view! {
                <Notice icon=Icon::Clock>
                    <p>
                        <strong>{t::my_access::previous::opens()} " "</strong>
                        {t::my_access::previous::until()}
                    </p>
                    <SecretCode
                        id=derived(move || id)
                        length=derived(move || length)
                        whose=t::my_access::previous::whose()
                    />
                </Notice>
            }
        })
    }
}

/// How to change it in the app, why not here (R5, R15), and that nobody has to (R12).
#[component]
fn AnotherCode() -> impl IntoView {
    let steps = APP_STEPS.map(|step| view! { <li>{step}</li> }).collect_view();
    view! {
        <Card title=t::my_access::another::title()>
            <p>{t::my_access::another::pick(&MIN_APP_VERSION.to_string())}</p>
            <ol class="app-steps">{steps}</ol>
            <p>{t::my_access::another::length()}</p>
            <h3>{t::my_access::another::why_title()}</h3>
            <p>{t::my_access::another::why()}</p>
            <h3>{t::my_access::another::must_title()}</h3>
            <p>{t::my_access::another::must()}</p>
        </Card>
    }
}

/// The checklist for picking a custom code (R14).
#[component]
fn Eligibility(access: Signal<MyAccess>, zone: Memo<String>) -> impl IntoView {
    let eligibility = memo(move || access.with(|access| access.eligibility.clone()));
    // On the web this condition is never met, which doesn't keep anybody from picking a code in the app.
    let in_the_way = move || {
        eligibility.with(|eligibility| {
            let unmet = |item: &&ChecklistItem| item.met == Some(false) && !item.condition.is(Condition::InMobileApp);
            eligibility.checklist.iter().filter(unmet).count()
        })
    };
    let verdict = move || match in_the_way() {
        0 => t::my_access::eligibility::clear().to_owned(),
        some => t::my_access::eligibility::blocked(u32::try_from(some).unwrap_or(u32::MAX)),
    };
    let items = derived(move || eligibility.with(|eligibility| eligibility.checklist.clone()));
    view! {
        <Card title=t::my_access::eligibility::title()>
            <p>{verdict}</p>
            <Show when=move || { in_the_way() > 0 }>
                <p>
                    <strong>{t::my_access::eligibility::next()} " "</strong>
                    {move || eligibility.with(wording::next_step)}
                </p>
            </Show>
            <Checklist items zone words=to_the_resident />
        </Card>
    }
}

/// A condition in words addressed to the resident; one that isn't met says what the case is now.
fn to_the_resident(item: &ChecklistItem) -> Option<&'static str> {
    Some(match (item.condition.known()?, item.met) {
        (Condition::InMobileApp, Some(false)) => t::my_access::condition::in_mobile_app(),
        (Condition::OwnTenancy, Some(true)) => t::my_access::condition::own_tenancy(),
        (Condition::OwnUnitDoor, Some(true)) => t::my_access::condition::own_unit_door(),
        (Condition::FeatureEnabled, Some(true)) => t::my_access::condition::feature_enabled(),
        (Condition::HubOnline, Some(true)) => t::my_access::condition::hub_online(),
        (Condition::LockOnline, Some(true)) => t::my_access::condition::lock_online(),
        (Condition::CodeFormat, None) => t::my_access::condition::code_format(),
        (Condition::CodeNotRepeated, None) => t::my_access::condition::code_not_repeated(),
        (Condition::CodeNotConsecutive, None) => t::my_access::condition::code_not_consecutive(),
        (Condition::CodeAvailable, None) => t::my_access::condition::code_available(),
        _ => return None,
    })
}

/// Everybody who revealed the code, newest first (R30).
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
                    t::my_access::seen::you().to_owned()
                } else {
                    t::my_access::seen::by(&reveal.by, &role_name(reveal.role).to_lowercase())
                };
                view! {
                    <li>
                        <p>
                            <strong>{who}</strong>
                            " · "
                            <Time at=reveal.at.as_str() zone=zone.clone() style=TimeStyle::In(Style::DateTime) />
                        </p>
                        {reveal
                            .reason
                            .map(|reason| view! { <p class="second">{t::my_access::seen::reason(&reason)}</p> })}
                    </li>
                }
            })
            .collect_view()
    };
    view! {
        <Show
            when=move || { count.get() > 0 }
            fallback=|| {
                view! { <p class="second">{t::my_access::seen::nobody()}</p> }
            }
        >
            <ul class="reveals">{rows}</ul>
            <Show when=move || { !all.get() && count.get() > REVEALS_SHOWN }>
                <Button on_press=Callback::new(move |()| all.set(true))>
                    {move || t::my_access::seen::all(u32::try_from(count.get()).unwrap_or(u32::MAX))}
                </Button>
            </Show>
        </Show>
    }
}
