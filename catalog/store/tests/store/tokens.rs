//! Bearer tokens.

use windlass_store::{Store, StoreError, TokenHash};

crate::worlds::on_both! {
    a_token_is_let_in_until_it_is_removed
}

async fn a_token_is_let_in_until_it_is_removed(store: Store) {
    let (alice, bob) = (TokenHash([1; 32]), TokenHash([2; 32]));
    store.tokens().add("alice", alice).await.unwrap();
    assert_eq!(store.tokens().check(alice).await.unwrap().as_deref(), Some("alice"));
    assert_eq!(store.tokens().check(bob).await.unwrap(), None);

    for (name, hash) in [("alice", bob), ("mallory", alice)] {
        let taken = store.tokens().add(name, hash).await;
        assert!(matches!(taken, Err(StoreError::Taken { .. })), "{name}");
    }
    store.tokens().add("bob", bob).await.unwrap();
    assert_eq!(store.tokens().list(None, 9).await.unwrap(), ["alice", "bob"]);
    assert_eq!(store.tokens().list(Some("alice"), 9).await.unwrap(), ["bob"]);

    store.tokens().remove("alice").await.unwrap();
    assert_eq!(store.tokens().check(alice).await.unwrap(), None);
    let gone = store.tokens().remove("alice").await;
    assert!(matches!(gone, Err(StoreError::NotFound { .. })));
}

#[test]
fn a_hash_is_not_printed() {
    assert!(!format!("{:?}", TokenHash([0xab; 32])).contains("ab"));
}
