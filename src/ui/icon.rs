//! Icons.
//!
//! The shapes are from Lucide (<https://lucide.dev>), © Lucide Icons and Contributors, ISC licence; some derive from
//! Feather, © 2013–2022 Cole Bemis, MIT licence. Each is one path on a 24 × 24 grid, stroked with the text's colour.

use crate::prelude::*;

/// Which icon.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Icon {
    /// An arrow to the right: on its way.
    ArrowRight,
    /// Ascending.
    ArrowUp,
    /// Descending.
    ArrowDown,
    /// A building.
    Building,
    /// A tick.
    Check,
    /// Opens downwards.
    ChevronDown,
    /// Leads on.
    ChevronRight,
    /// A clock: waiting.
    Clock,
    /// Two sheets.
    Copy,
    /// A door.
    Door,
    /// Out of the browser, onto the disk.
    Download,
    /// An eye.
    Eye,
    /// An eye crossed out.
    EyeOff,
    /// A globe: languages.
    Globe,
    /// A question mark in a circle.
    Help,
    /// A house.
    House,
    /// An i in a circle.
    Info,
    /// The brand's key.
    Key,
    /// A keyboard.
    Keyboard,
    /// Two links of a chain: an address to hand on.
    Link,
    /// A closed padlock: not for this person.
    Lock,
    /// Lines of a log.
    Log,
    /// A way out.
    LogOut,
    /// A dash: not checked, or gone.
    Minus,
    /// A screen: as the system has it.
    Monitor,
    /// The moon.
    Moon,
    /// Two bars: paused.
    Pause,
    /// A mobile phone.
    Phone,
    /// A plus.
    Plus,
    /// A printer.
    Printer,
    /// Waves from a point: what happens is shown as it happens.
    Radio,
    /// Turning arrows.
    Refresh,
    /// A lens.
    Search,
    /// Out of a box: to other programs.
    Share,
    /// A shield with a tick.
    Shield,
    /// Sliders: settings.
    Sliders,
    /// The sun.
    Sun,
    /// A ticket: a guest code.
    Ticket,
    /// A triangle with an exclamation mark.
    Warning,
    /// A person.
    User,
    /// Two people.
    Users,
    /// No connection.
    WifiOff,
    /// A wrench: finding what is wrong.
    Wrench,
    /// A cross.
    X,
}

/// Each icon is a literal, which the browser parses once: a table has hundreds of the same few icons.
macro_rules! shapes {
    ($($icon:ident: $path:tt,)*) => {
        fn drawn(icon: Icon) -> AnyView {
            match icon {
                $(Icon::$icon => view! {
                    <svg class="icon" viewBox="0 0 24 24" aria-hidden="true" focusable="false"><path d=$path /></svg>
                }
                .into_any(),)*
            }
        }
    };
}

shapes! {
    ArrowRight: "M5 12h14m-7-7 7 7-7 7",
    ArrowUp: "m5 12 7-7 7 7M12 19V5",
    ArrowDown: "M12 5v14m7-7-7 7-7-7",
    Building: "M10 12h4M10 8h4M14 21v-3a2 2 0 0 0-4 0v3M6 10H4a2 2 0 0 0-2 2v7a2 2 0 0 0 2 2h16a2 2 0 0 0 2-2V9a2 2 0 \
        0 0-2-2h-2M6 21V5a2 2 0 0 1 2-2h8a2 2 0 0 1 2 2v16",
    Check: "M20 6 9 17l-5-5",
    ChevronDown: "m6 9 6 6 6-6",
    ChevronRight: "m9 18 6-6-6-6",
    Clock: "M2 12a10 10 0 1 0 20 0a10 10 0 1 0-20 0M12 6v6l4 2",
    Copy: "M10 8h10a2 2 0 0 1 2 2v10a2 2 0 0 1-2 2H10a2 2 0 0 1-2-2V10a2 2 0 0 1 2-2M4 16c-1.1 0-2-.9-2-2V4c0-1.1\
        .9-2 2-2h10c1.1 0 2 .9 2 2",
    Door: "M19 21V5a2 2 0 0 0-2-2H7a2 2 0 0 0-2 2v16M2 21h20M15 12h.01",
    Download: "M12 15V3M21 15v4a2 2 0 0 1-2 2H5a2 2 0 0 1-2-2v-4M7 10l5 5 5-5",
    Eye: "M2.062 12.348a1 1 0 0 1 0-.696 10.75 10.75 0 0 1 19.876 0 1 1 0 0 1 0 .696 10.75 10.75 0 0 1-19.876 0M9 \
        12a3 3 0 1 0 6 0a3 3 0 1 0-6 0",
    EyeOff: "M10.733 5.076a10.744 10.744 0 0 1 11.205 6.575 1 1 0 0 1 0 .696 10.747 10.747 0 0 1-1.444 2.49M14.084 \
        14.158a3 3 0 0 1-4.242-4.242M17.479 17.499a10.75 10.75 0 0 1-15.417-5.151 1 1 0 0 1 0-.696 10.75 10.75 0 \
        0 1 4.446-5.143M2 2l20 20",
    Globe: "M2 12a10 10 0 1 0 20 0a10 10 0 1 0-20 0M12 2a14.5 14.5 0 0 0 0 20 14.5 14.5 0 0 0 0-20M2 12h20",
    Help: "M2 12a10 10 0 1 0 20 0a10 10 0 1 0-20 0M9.09 9a3 3 0 0 1 5.83 1c0 2-3 3-3 3M12 17h.01",
    House: "M15 21v-8a1 1 0 0 0-1-1h-4a1 1 0 0 0-1 1v8M3 10a2 2 0 0 1 .709-1.528l7-6a2 2 0 0 1 2.582 0l7 6A2 2 0 0 1 \
        21 10v9a2 2 0 0 1-2 2H5a2 2 0 0 1-2-2z",
    Info: "M2 12a10 10 0 1 0 20 0a10 10 0 1 0-20 0M12 16v-4M12 8h.01",
    Key: "M2 15.5a5.5 5.5 0 1 0 11 0a5.5 5.5 0 1 0-11 0M21 2l-9.6 9.6M15.5 7.5l3 3L22 7l-3-3",
    Keyboard: "M10 8h.01M12 12h.01M14 8h.01M16 12h.01M18 8h.01M6 8h.01M7 16h10M8 12h.01M4 4h16a2 2 0 0 1 2 2v12a2 2 0 0 \
        1-2 2H4a2 2 0 0 1-2-2V6a2 2 0 0 1 2-2",
    Link: "M10 13a5 5 0 0 0 7.54.54l3-3a5 5 0 0 0-7.07-7.07l-1.72 1.71M14 11a5 5 0 0 0-7.54-.54l-3 3a5 5 0 0 0 7.07 7.07\
        l1.71-1.71",
    Lock: "M5 11h14a2 2 0 0 1 2 2v7a2 2 0 0 1-2 2H5a2 2 0 0 1-2-2v-7a2 2 0 0 1 2-2M7 11V7a5 5 0 0 1 10 0v4",
    Log: "M21 5H3M17 12H3M21 19H3",
    LogOut: "m16 17 5-5-5-5M21 12H9M9 21H5a2 2 0 0 1-2-2V5a2 2 0 0 1 2-2h4",
    Minus: "M5 12h14",
    Monitor: "M4 3h16a2 2 0 0 1 2 2v10a2 2 0 0 1-2 2H4a2 2 0 0 1-2-2V5a2 2 0 0 1 2-2M8 21h8M12 17v4",
    Moon: "M20.985 12.486a9 9 0 1 1-9.473-9.472c.405-.022.617.46.402.803a6 6 0 0 0 8.268 8.268c.344-.215.825-.004.8\
        03.401",
    Pause: "M14 4h4v16h-4zM6 4h4v16H6z",
    Phone: "M7 2h10a2 2 0 0 1 2 2v16a2 2 0 0 1-2 2H7a2 2 0 0 1-2-2V4a2 2 0 0 1 2-2M12 18h.01",
    Plus: "M5 12h14M12 5v14",
    Printer: "M6 18H4a2 2 0 0 1-2-2v-5a2 2 0 0 1 2-2h16a2 2 0 0 1 2 2v5a2 2 0 0 1-2 2h-2M6 9V3a1 1 0 0 1 1-1h10a1 1 0 \
        0 1 1 1v6M7 14h10a1 1 0 0 1 1 1v6a1 1 0 0 1-1 1H7a1 1 0 0 1-1-1v-6a1 1 0 0 1 1-1",
    Radio: "M10 12a2 2 0 1 0 4 0a2 2 0 1 0-4 0M16.25 7.75a6 6 0 0 1 0 8.5M19.07 4.93a10 10 0 0 1 0 14.14M7.75 16.25a6 6 0 0 \
        1 0-8.5M4.93 19.07a10 10 0 0 1 0-14.14",
    Refresh: "M3 12a9 9 0 0 1 9-9 9.75 9.75 0 0 1 6.74 2.74L21 8M21 3v5h-5M21 12a9 9 0 0 1-9 9 9.75 9.75 0 0 1-6.74-2\
        .74L3 16M8 16H3v5",
    Search: "m21 21-4.34-4.34M3 11a8 8 0 1 0 16 0a8 8 0 1 0-16 0",
    Share: "M12 2v13M16 6l-4-4-4 4M4 12v8a2 2 0 0 0 2 2h12a2 2 0 0 0 2-2v-8",
    Shield: "M20 13c0 5-3.5 7.5-7.66 8.95a1 1 0 0 1-.67-.01C7.5 20.5 4 18 4 13V6a1 1 0 0 1 1-1c2 0 4.5-1.2 6.24-2.72a\
        1.17 1.17 0 0 1 1.52 0C14.51 3.81 17 5 19 5a1 1 0 0 1 1 1zM9 12l2 2 4-4",
    Sliders: "M21 4h-7M10 4H3M21 12h-9M8 12H3M21 20h-5M12 20H3M14 2v4M8 10v4M16 18v4",
    Sun: "M8 12a4 4 0 1 0 8 0a4 4 0 1 0-8 0M12 2v2M12 20v2M4.93 4.93l1.41 1.41M17.66 17.66l1.41 1.41M2 12h2M20 12h\
        2M6.34 17.66l-1.41 1.41M19.07 4.93l-1.41 1.41",
    Ticket: "M2 9a3 3 0 0 1 0 6v2a2 2 0 0 0 2 2h16a2 2 0 0 0 2-2v-2a3 3 0 0 1 0-6V7a2 2 0 0 0-2-2H4a2 2 0 0 0-2 2ZM13 \
        5v2M13 17v2M13 11v2",
    Warning: "m21.73 18-8-14a2 2 0 0 0-3.48 0l-8 14A2 2 0 0 0 4 21h16a2 2 0 0 0 1.73-3M12 9v4M12 17h.01",
    User: "M19 21v-2a4 4 0 0 0-4-4H9a4 4 0 0 0-4 4v2M8 7a4 4 0 1 0 8 0a4 4 0 1 0-8 0",
    Users: "M16 21v-2a4 4 0 0 0-4-4H6a4 4 0 0 0-4 4v2M16 3.128a4 4 0 0 1 0 7.744M22 21v-2a4 4 0 0 0-3-3.87M5 7a4 4 0 \
        1 0 8 0a4 4 0 1 0-8 0",
    WifiOff: "M12 20h.01M8.5 16.429a5 5 0 0 1 7 0M5 12.859a10 10 0 0 1 5.17-2.69M19 12.859a10 10 0 0 0-2.007-1.523M2 \
        8.82a15 15 0 0 1 4.177-2.643M22 8.82a15 15 0 0 0-11.288-3.764M2 2l20 20",
    Wrench: "M14.7 6.3a1 1 0 0 0 0 1.4l1.6 1.6a1 1 0 0 0 1.4 0l3.77-3.77a6 6 0 0 1-7.94 7.94l-6.91 6.91a2.12 2.12 0 0 1-3-3\
        l6.91-6.91a6 6 0 0 1 7.94-7.94l-3.76 3.76z",
    X: "M18 6 6 18M6 6l12 12",
}

/// An icon beside text. It is hidden from screen readers, which read the text.
#[component]
pub fn IconView(
    /// Which.
    icon: Icon,
) -> impl IntoView {
    drawn(icon)
}
