//! windlass-descriptors
