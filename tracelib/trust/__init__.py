"""Who may sign what: keys, key store, root set, delegations, revocations, the bundle and the key ring."""
