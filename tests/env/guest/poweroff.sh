#!/bin/busybox sh
# Stops the guest: called as /sbin/shutdown by the guest agent and by acpid for the power button.
case " $* " in *" -r "*) last=reboot ;; *" -H "*) last=halt ;; *) last=poweroff ;; esac
echo "WINDLASS-GUEST STOPPING $(hostname)"
# In a process group of its own, so that the signal below does not end this script's own shell.
setsid sh -c "trap '' TERM; kill -TERM -1; usleep 200000; sync; $last -f" > /dev/null 2>&1 &
