//! windlass-lcm
