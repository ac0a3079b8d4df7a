//! windlass-vnfm
