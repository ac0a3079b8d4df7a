//! windlass-nfvo
