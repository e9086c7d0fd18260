#!/usr/bin/env python3
"""Runs the examples of a manual page: code blocks, in which lines with "$ " are commands and the lines
after one are what it prints, if any are given. A command ends with status 0, or as "# exit status N"
behind it says. Prints TAP. Arguments: the page, the daemon's runtime directory; the programs are
those of PATH."""
import re
import subprocess
import sys


def blocks(text):
    return re.findall(r'^```\n(.*?)^```$', text, re.M | re.S)


def steps(block):
    """Commands with their status and the lines that they print."""
    found = []
    for line in block.splitlines():
        if line.startswith('$ '):
            command, _, status = line[2:].partition('    # exit status ')
            found.append((command, int(status or 0), []))
        elif found:
            found[-1][2].append(line)
        else:
            raise SystemExit(f'a block begins without a command: {line}')
    return found


def run(command, status, lines, runtime):
    # The pages name the default sockets; the test's daemon has its own.
    here = command.replace('/run/lvsd/', runtime + '/')
    done = subprocess.run(['bash', '-c', here], capture_output=True, text=True, timeout=60)
    got = done.stdout.replace(runtime + '/', '/run/lvsd/').splitlines()
    if 'timeout 1 ' in command and done.returncode in (124, 0):
        done.returncode = status
    fine = done.returncode == status and (not lines or got == lines)
    print(f'{"ok" if fine else "not ok"} - {command}')
    if not fine:
        print(f'# status {done.returncode}, not {status}' if done.returncode != status else '# other output')
        for line in got + done.stderr.splitlines():
            print(f'#   {line}')
    return fine


def main():
    page, runtime = sys.argv[1:]
    with open(page, encoding='utf-8') as f:
        found = [step for block in blocks(f.read()) for step in steps(block)]
    results = [run(*step, runtime) for step in found]
    sys.exit(0 if results and all(results) else 1)


main()
