"""Onboarding a small package of containers, from the upload to ONBOARDED."""
import cnf
from figure import entry
from server import Server

WARM_UP, RUNS = 5, 50


def measure(folder):
    contents = [cnf.package(f"containers-{number}") for number in range(WARM_UP + RUNS)]
    with Server(folder) as server:
        seconds = [server.onboard(content)[1] for content in contents][WARM_UP:]
    return [entry("onboarding", "ms", [1000 * one for one in seconds], goal=50, baseline=810)]
