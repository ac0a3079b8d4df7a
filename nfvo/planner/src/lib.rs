//! windlass-planner
