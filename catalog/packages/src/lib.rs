//! windlass-packages
