# A boot sector that tells whether an accelerator runs ordinary guests at an ordinary speed.
#
# It enters long mode as a kernel does, works through 32 million instructions, prints "PROBE OK" on the first
# serial port and powers the machine off. Hardware takes a fraction of a second, and so does QEMU's own translator.
# Where /dev/kvm exists but each privileged instruction is emulated one by one, it takes minutes: then a stock
# kernel would seem to hang there.
#
#   as --32 -o probe.o kvm-probe.S && ld -m elf_i386 -Ttext=0x7c00 --oformat binary -o kvm-probe.img probe.o

        .set    SERIAL, 0x3f8
        .set    PM1_CONTROL, 0x604      # where SeaBIOS puts it on both pc and q35
        .set    SOFT_OFF, 0x2000
        .set    TABLES, 0x1000          # three pages: the first 2 MiB, mapped to themselves

        .globl  _start
        .code16
_start: cli
        xor     %ax, %ax
        mov     %ax, %ds
        lgdt    descriptors_pointer
        mov     %cr0, %eax
        or      $1, %al
        mov     %eax, %cr0
        ljmp    $8, $protected

        .code32
protected:
        mov     $16, %ax
        mov     %ax, %ds
        mov     %ax, %es
        mov     %ax, %ss
        mov     $0x7c00, %esp
        mov     $TABLES, %edi
        xor     %eax, %eax
        mov     $3 * 1024, %ecx
        rep stosl
        movl    $TABLES + 0x1003, TABLES
        movl    $TABLES + 0x2003, TABLES + 0x1000
        movl    $0x83, TABLES + 0x2000
        mov     $TABLES, %eax
        mov     %eax, %cr3
        mov     %cr4, %eax
        or      $0x20, %al              # PAE
        mov     %eax, %cr4
        mov     $0xc0000080, %ecx       # EFER: long mode enable
        rdmsr
        or      $0x100, %eax
        wrmsr
        mov     %cr0, %eax
        or      $0x80000000, %eax       # paging
        mov     %eax, %cr0
        ljmp    $24, $long

        .code64
long:   mov     $16 * 1024 * 1024, %ecx
work:   dec     %ecx
        jnz     work

        mov     $message, %esi
        mov     $SERIAL, %dx
print:  lodsb
        test    %al, %al
        jz      off
        out     %al, %dx
        jmp     print

off:    mov     $PM1_CONTROL, %dx
        mov     $SOFT_OFF, %ax
        out     %ax, %dx
stop:   hlt
        jmp     stop

message:
        .asciz  "PROBE OK\n"

        .p2align 3
descriptors:
        .quad   0
        .quad   0x00cf9b000000ffff      # 8: 32-bit code
        .quad   0x00cf93000000ffff      # 16: data
        .quad   0x00af9b000000ffff      # 24: 64-bit code
descriptors_pointer:
        .word   . - descriptors - 1
        .long   descriptors

        .org    510
        .byte   0x55, 0xaa
