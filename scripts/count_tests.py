#!/usr/bin/env python3
"""count_tests.py CTEST_JUNIT.xml FOLDER: prints "passed failed skipped", counted in test cases.

CTest knows programs, GoogleTest knows the cases in them; FOLDER holds the programs' own XML files. A program that failed
without a failed case of its own (a crash, a leak, a timeout) and one that left no XML count as one case.
"""
import collections
import pathlib
import sys
import xml.etree.ElementTree as xml


def verdict(case):
    if case.find("failure") is not None or case.find("error") is not None:
        return "failed"
    skipped = case.get("result") in ("skipped", "suppressed") or case.get("status") == "notrun" or case.find("skipped") is not None
    return "skipped" if skipped else "passed"


def cases_of(program, folder):
    file = folder / f"{program}.xml"
    if not file.exists() or file.stat().st_size == 0:
        return []
    return [verdict(case) for case in xml.parse(file).iter("testcase")]


def program_verdict(case):
    return {"run": "passed", "fail": "failed"}.get(case.get("status"), "skipped")


def main(junit, folder):
    count = collections.Counter()
    for program in xml.parse(junit).iter("testcase"):
        own = cases_of(program.get("name"), pathlib.Path(folder))
        whole = program_verdict(program)
        if not own or (whole == "failed" and "failed" not in own):
            own.append(whole)
        count.update(own)
    print(count["passed"], count["failed"], count["skipped"])


main(*sys.argv[1:])
