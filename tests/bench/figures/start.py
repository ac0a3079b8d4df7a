"""What `windlass up` takes before anybody asks it for anything."""
import time

from figure import entry
from server import Server

STARTS, IDLE_S, IDLE_RUNS = 20, 5, 5


def measure(folder):
    starts, resident, proportional = [], [], []
    for number in range(STARTS):
        with Server(folder / f"start-{number}") as server:
            starts.append(1000 * server.first_answer_s)
            if number < IDLE_RUNS:
                time.sleep(IDLE_S)
                resident.append(server.memory_mib("Rss"))
                proportional.append(server.memory_mib("Pss"))
    return [
        entry("idle_memory", "MB", [1.048576 * one for one in resident], goal=40, baseline=816),
        entry("idle_memory_proportional", "MB", [1.048576 * one for one in proportional], goal=40, baseline=816),
        entry("start_to_first_answer", "ms", starts, goal=150),
    ]
