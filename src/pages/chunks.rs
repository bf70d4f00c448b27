//! Pages that come when they are asked for.
//!
//! As it is shipped (feature `chunks`), the wasm that a first visit downloads holds signing in and what all pages share.
//! The pages are in files of their own, as the table of pages says: one for those that a person needs together. What many
//! of these files need is in one that comes with the first of them (`kit/chunk-bundler`). The texts of a chunk come with its
//! code (`xtask/src/texts.rs`). Without the feature all is one file and nothing waits.

use std::sync::atomic::{AtomicBool, Ordering};

use crate::prelude::*;
use futures::{FutureExt, future::LocalBoxFuture};
// Not the one of Leptos, which works only once something is mounted.
use wasm_bindgen_futures::spawn_local;

use super::{home, sign_in, table::pages};
use crate::{api::ApiError, components::LoadView, load::Load, locale, routes::Route, ui::SkeletonLines};

/// A page's code didn't arrive: the connection broke, or the server has another console by now.
#[cfg(feature = "chunks")]
use leptos::wasm_split::SplitLoaderError as NotLoaded;

/// Where all is one file, nothing is missing.
#[cfg(not(feature = "chunks"))]
enum NotLoaded {}

/// What is downloaded together.
pub(super) struct Chunk {
    name: &'static str,
    is_loaded: AtomicBool,
    /// Downloads its code.
    load: fn() -> LocalBoxFuture<'static, Result<(), NotLoaded>>,
    /// The page of a route: at once, where it is loaded.
    page: fn(Route) -> LocalBoxFuture<'static, Result<AnyView, NotLoaded>>,
}

/// How a chunk is loaded, and what it then makes of a route.
macro_rules! chunk {
    ($chunk:ident, |$route:pat_param| $view:expr) => {
        mod $chunk {
            use std::sync::atomic::AtomicBool;

            use futures::FutureExt;

            use super::{super::*, Chunk, NotLoaded};

            #[cfg(feature = "chunks")]
            #[leptos::wasm_split::wasm_split($chunk, wasm_split_path = leptos::wasm_split, preload(load), fallible)]
            fn page($route: Route) -> Result<AnyView, NotLoaded> {
                Ok($view)
            }

            #[cfg(not(feature = "chunks"))]
            async fn load() -> Result<(), NotLoaded> {
                Ok(())
            }

            #[cfg(not(feature = "chunks"))]
            async fn page($route: Route) -> Result<AnyView, NotLoaded> {
                Ok($view)
            }

            pub(super) static CHUNK: Chunk = Chunk {
                name: stringify!($chunk),
                is_loaded: AtomicBool::new(false),
                load: || load().boxed_local(),
                page: |route| page(route).boxed_local(),
            };
        }
    };
}

macro_rules! chunks {
    (
        pages {
            at once {$(
                $(#[$once_doc:meta])*
                $Once:ident at $once_address:literal $once_known:tt => { $($once_view:tt)+ }
            )+}
            $(chunk $chunk:ident {$(
                $(#[$doc:meta])*
                $Page:ident $(($($id:ident),+))? $({ $($field:ident),+ })? at $address:literal $known:tt
                    => { $($view:tt)+ }
            )+})+
        }
        over pages {$(
            chunk $over:ident { $($over_view:tt)+ }
        )+}
    ) => {
        $(chunk!($chunk, |route| match route {
            $(Route::$Page $(($($id),+))? $({ $($field),+ })? => view! { $($view)+ }.into_any(),)+
            // Not of this chunk.
            _ => ().into_any(),
        });)+

        $(chunk!($over, |_route| view! { $($over_view)+ }.into_any());)+

        /// Where a page is; `None` if it is always there.
        pub(super) fn chunk_of(route: Route) -> Option<&'static Chunk> {
            match route {
                $(Route::$Once => None,)+
                $($(Route::$Page { .. })|+ => Some(&$chunk::CHUNK),)+
            }
        }

        /// A page that is always there.
        pub(super) fn page_at_once(route: Route) -> AnyView {
            match route {
                $(Route::$Once => view! { $($once_view)+ }.into_any(),)+
                _ => ().into_any(),
            }
        }
    };
}

pages!(chunks);

impl Chunk {
    /// Downloads its code and its texts.
    async fn load(&self) -> Result<(), ApiError> {
        // Both are on their way before either is waited for.
        let texts = locale::load(self.name);
        (self.load)().await.map_err(|_: NotLoaded| ApiError::PageMissing)?;
        texts.await.map_err(|_| ApiError::PageMissing)?;
        self.is_loaded.store(true, Ordering::Relaxed);
        Ok(())
    }

    /// Whether its pages can be shown at once.
    pub(super) fn is_loaded(&self) -> bool {
        self.is_loaded.load(Ordering::Relaxed)
    }

    /// The page; nothing if the chunk isn't loaded.
    fn page(&self, route: Route) -> AnyView {
        (self.page)(route).now_or_never().and_then(Result::ok).unwrap_or_else(|| ().into_any())
    }

    /// Loads it; whoever shows its pages later says what came of it.
    pub(super) async fn load_if_possible(&self) {
        let _ = self.load().await;
    }

    /// Begins to load it.
    pub(super) fn preload(&'static self) {
        spawn_local(self.load_if_possible());
    }

    /// The page of a route, when it is there; until then what any page looks like.
    pub(super) fn show(&'static self, route: Route) -> AnyView {
        if self.is_loaded() {
            return self.page(route);
        }
        let load = Load::once(move || self.load());
        view! {
            <LoadView load skeleton=|| view! { <SkeletonLines lines=4 /> } let:_loaded>
                {self.page(route)}
            </LoadView>
        }
        .into_any()
    }
}

/// What can be laid over any page, where it is open. Such chunks make the same of every route.
pub(super) fn open_tool() -> AnyView {
    tools::CHUNK.show(Route::Home)
}

/// An attempt to sign in with a passkey.
pub(super) fn open_passkey() -> AnyView {
    passkey_sign_in::CHUNK.show(Route::SignIn)
}

/// What the log's dialog says of the event that the address names.
pub(super) fn open_event() -> AnyView {
    event::CHUNK.show(Route::Audit)
}
