//! windlass-vim-libvirt
