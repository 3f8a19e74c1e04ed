"""A first hour with detente: from a question to a difference with an interval.

Run it from anywhere:  python docs/tutorial.py
It takes about a minute. DETENTE_MEMBERS=64 makes it quicker and coarser.
"""

import os

import detente
from detente.analysis.summary import lines
from detente.figures.words import window
from detente.report.sentences import bottom_line
from detente.scenario.load import load

MEMBERS = int(os.environ.get("DETENTE_MEMBERS", "400"))

# 1. A scenario is a file; loaded, it is a frozen value. Every number in it has a unit and a place.
baseline = detente.load("baseline")
print(baseline.title, "-", baseline.question)
numbers = load("baseline").leaves()
print(f"{len(numbers)} numbers, {sum(not n.source for n in numbers)} of them assumptions\n")

# 2. A run is an ensemble: many members, each with its own chance, four to a draw of the uncertain parameters.
#    The same seed gives the same bits on any machine, in blocks of any size, on any number of workers.
ensemble = detente.run(baseline, members=MEMBERS, seed=1)
print(ensemble["tension"].dims, "points of the index, 0 calm to 100 armed clash")
print("\n".join(lines(ensemble)), "\n")

# 3. The index is a sum that can be taken apart exactly: contributions of the pillars add up to it, everywhere.
gap = abs(ensemble["contribution"].sum("pillar") - ensemble["tension"]).max()
print(f"largest gap between the index and the sum of its parts: {float(gap):.1e}")
last = ensemble["contribution"].isel(time=-1).mean("member")
print({str(p.values): round(float(v), 1) for p, v in zip(last["pillar"], last, strict=True)}, "\n")

# 4. A question is a second scenario. Both meet the same luck, so the difference is sharp where the fans overlap.
drawdown = detente.run("kfor_drawdown", members=MEMBERS, seed=1)
row = detente.compare(ensemble, drawdown).rows[0]
for sentence in bottom_line([row], window(ensemble)):
    print(sentence.text)
print(f"pairing was worth {row.difference.variance_ratio:.0f} times as many unpaired runs\n")

# 5. A number can be changed without a file. The path is the one that `detente scenarios show baseline` prints.
weaker = detente.run("baseline", members=MEMBERS, seed=1, sets={"parameters.missions.police_effect": 0.03})
print(detente.compare(ensemble, weaker).rows[0].difference)

# Exercise for a class
# --------------------
# a) Write a scenario of your own:  detente scenarios new my_case  and give it one dated act.
# b) Before you run it, write down which pair it will move, in which direction, and through which mechanism.
# c) detente compare baseline scenarios/my_case.yaml --detail   Were you right? How much of the change is definitional,
#    a pillar that your file itself sets, and how much did hostility and incidents answer?
# d) Find the smallest change of one assumption that reverses the sign, or argue that there is none.
# e) Which sentence of your conclusion would not survive "how do you know?"
