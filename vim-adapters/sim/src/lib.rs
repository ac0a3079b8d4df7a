//! windlass-vim-sim
