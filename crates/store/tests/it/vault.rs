//! Codes sealed at rest, and what compares them on one lock (R10, R11, R32).

use access_code::Code;
use ids::{CodeId, LockId, PropertyId};
use store::vault::{CodeAddress, SealedCode};
use store::{Error, MasterKey, Store};

use crate::fixtures::{key, open, store, write};

fn code(digits: &str) -> Code {
    Code::parse(digits).expect("a code")
}

fn address() -> CodeAddress {
    CodeAddress { property_id: PropertyId::generate(), code_id: CodeId::generate() }
}

async fn seal(store: &Store, address: CodeAddress, digits: &str) -> SealedCode {
    let code = code(digits);
    write(store, move |tx| tx.seal(address, &code).expect("sealed")).await
}

async fn opened(store: &Store, address: CodeAddress, sealed: &SealedCode) -> Result<Code, Error> {
    let (vault, sealed) = (store.vault().clone(), sealed.clone());
    store.read(move |db| vault.open(db, address, &sealed)).await
}

#[tokio::test]
async fn r32_a_code_opens_where_it_was_sealed_and_after_a_restart() {
    let (folder, store) = store().await;
    let place = address();
    let sealed = seal(&store, place, "048213").await;
    assert!(opened(&store, place, &sealed).await.expect("it opens") == code("048213"));
    assert!(!sealed.bytes.windows(6).any(|bytes| bytes == b"048213"));
    store.close().await;
    let store = open(&folder, key()).await;
    assert!(opened(&store, place, &sealed).await.expect("it opens") == code("048213"));
}

#[tokio::test]
async fn r32_a_code_that_was_moved_does_not_open() {
    let (_folder, store) = store().await;
    let (place, other) = (address(), address());
    let sealed = seal(&store, place, "048213").await;
    // The other property has its own key by now.
    let others = seal(&store, other, "048213").await;
    let same_property = CodeAddress { code_id: other.code_id, ..place };
    let same_code = CodeAddress { property_id: other.property_id, ..place };
    for elsewhere in [other, same_property, same_code] {
        assert!(matches!(opened(&store, elsewhere, &sealed).await, Err(Error::Sealed)));
    }
    assert!(matches!(opened(&store, place, &others).await, Err(Error::Sealed)));
    let of_no_key = SealedCode { key_version: 2, ..sealed.clone() };
    assert!(matches!(opened(&store, place, &of_no_key).await, Err(Error::Sealed)));
}

#[tokio::test]
async fn r32_a_code_that_was_changed_does_not_open() {
    let (_folder, store) = store().await;
    let place = address();
    let sealed = seal(&store, place, "048213").await;
    for at in 0..sealed.bytes.len() {
        let mut changed = sealed.clone();
        changed.bytes[at] ^= 1;
        assert!(matches!(opened(&store, place, &changed).await, Err(Error::Sealed)), "byte {at}");
    }
    for length in [0, 10, sealed.bytes.len() - 1] {
        let mut cut = sealed.clone();
        cut.bytes.truncate(length);
        assert!(matches!(opened(&store, place, &cut).await, Err(Error::Sealed)), "{length} bytes");
    }
}

#[tokio::test]
async fn r32_another_master_key_opens_nothing() {
    let (folder, store) = store().await;
    let place = address();
    let sealed = seal(&store, place, "048213").await;
    store.close().await;
    for other in [MasterKey::new(1, [8; 32]), MasterKey::new(2, [7; 32])] {
        // The database isn't even opened, so no second data key is made with which the first one's codes would be lost.
        let refused = Store::open(&folder.path().join("test.db"), other).await.err().expect("refused");
        assert!(matches!(refused, Error::OtherKey), "{refused}");
    }
    let store = open(&folder, key()).await;
    let digits = opened(&store, place, &sealed).await.expect("its own key");
    assert!(digits.expose() == "048213");
}

#[tokio::test]
async fn r32_equal_codes_are_sealed_differently() {
    let (_folder, store) = store().await;
    let place = address();
    let (one, other) = (seal(&store, place, "048213").await, seal(&store, place, "048213").await);
    assert_ne!(one.bytes, other.bytes);
}

#[tokio::test]
async fn r10_r11_fingerprints_match_only_on_the_same_lock() {
    let (_folder, store) = store().await;
    let (lock, other_lock) = (LockId::generate(), LockId::generate());
    let fingerprint = async |lock, digits: &str| {
        let code = code(digits);
        write(&store, move |tx| tx.fingerprinter(lock).expect("a fingerprinter").fingerprint(&code)).await
    };
    let own = fingerprint(lock, "0192").await;
    assert_eq!(fingerprint(lock, "0192").await, own);
    assert_ne!(fingerprint(other_lock, "0192").await, own);
    assert_ne!(fingerprint(lock, "0193").await, own);
    // Codes are text: a leading zero is a digit (R6).
    assert_ne!(fingerprint(lock, "000192").await, own);
}

#[tokio::test]
async fn r32_fingerprints_say_nothing_without_the_key() {
    let (lock, mut found) = (LockId::generate(), Vec::new());
    for _ in 0..2 {
        let (_folder, store) = store().await;
        let fingerprint = write(&store, move |tx| {
            let of_lock = tx.fingerprinter(lock).expect("a fingerprinter");
            let request = tx.request_fingerprint(b"048213").expect("a fingerprint");
            (of_lock.fingerprint(&code("048213")), request)
        })
        .await;
        found.push(fingerprint);
    }
    assert_ne!(found[0].0, found[1].0);
    assert_ne!(found[0].1, found[1].1);
    assert_ne!(found[0].0, found[0].1);
}

#[tokio::test]
async fn a_key_from_a_rolled_back_transaction_is_not_used() {
    let (_folder, store) = store().await;
    let place = address();
    let (lose, lost) = std::sync::mpsc::channel();
    let undone = store.write(move |tx| {
        tx.seal(place, &code("048213"))?;
        // Used twice within the transaction, so that it could have been cached.
        lose.send(tx.seal(place, &code("048213"))?).expect("somebody listens");
        Err::<(), _>(Error::Closed)
    });
    undone.await.expect_err("undone");
    let lost = lost.recv().expect("sealed");
    let sealed = seal(&store, place, "048213").await;
    assert!(opened(&store, place, &sealed).await.expect("it opens") == code("048213"));
    assert!(matches!(opened(&store, place, &lost).await, Err(Error::Sealed)));
}
