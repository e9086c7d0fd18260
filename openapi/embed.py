#!/usr/bin/env python3
# Turns a text file into a C array: embed.py NAME INPUT OUTPUT. Part of the build.
import array
import sys

name, source, target = sys.argv[1:]
with open(source, "rb") as f:
    data = array.array("b", f.read())  # as signed as a char is here
with open(target, "w", encoding="ascii") as f:
    f.write(f'#include "{name.rsplit("_", 1)[0]}.h"\n\nconst char {name}[] = {{\n')
    for at in range(0, len(data), 16):
        f.write("\t" + " ".join(f"{byte}," for byte in data[at : at + 16]) + "\n")
    f.write("\t0,\n};\n")
