r"""Kills training to an object store at random moments and resumes it: the weights end as those of a run that was left alone.

    kill_and_resume.py --program build/trainer/examples/fashion_mnist --checker build/tests/examples/open_checkpoints \
        --kills 20 --root s3://my-bucket

A round is a run that is killed once to three times and then goes to its end; after each kill
every checkpoint in the store must open. The moments come from --seed: a step of the run and up to two steps of time on
top, so that forward passes, saves and the moves of the pointer are hit; one in four is a moment of the clock instead,
which may be before the first step or while a checkpoint is read. One round in two has a network large enough for multipart
uploads.
"""

import argparse
import os
import random
import re
import subprocess
import sys
import tempfile
import time

import common

MAX_STEPS = 200
SMALL, LARGE = 64, 1024  # units of the hidden layer: checkpoints of 0.6 and 9.7 MB
EVERY = {SMALL: 5, LARGE: 10}


class Failure(Exception):
    pass


class Trial:
    """One program, one data set, one store."""

    def __init__(self, arguments, data):
        self.program, self.checker = arguments.program, arguments.checker
        self.random = random.Random(arguments.seed)
        self.base = arguments.root.rstrip("/") + "/kill-and-resume"
        self.data = data
        self.truth = {}
        self.seconds = {}

    def command(self, root, hidden, **more):
        return common.command(
            self.program, root=root, data=self.data, hidden=hidden, batch_size=16, seed=7, max_epochs=100,
            max_steps=MAX_STEPS, checkpoint_every=EVERY[hidden], print_every=1, **more)

    def straight(self, hidden):
        """The digest of an uninterrupted run."""
        if hidden not in self.truth:
            start = time.monotonic()
            result = common.run(self.command(f"{self.base}/straight-{hidden}", hidden))
            self.seconds[hidden] = time.monotonic() - start
            self.truth[hidden] = common.weights(result.stdout)
            if result.returncode != 0 or not self.truth[hidden]:
                raise Failure(f"the uninterrupted run failed: {result.stderr}")
            print(f"uninterrupted, {hidden} units: {self.truth[hidden]}", flush=True)
        return self.truth[hidden]

    def run_and_kill(self, root, hidden, first_step, resume):
        """Returns the last step that was seen before SIGKILL; 0 if none was."""
        process = subprocess.Popen(
            self.command(root, hidden, **resume), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        seen = 0
        try:
            if self.random.random() < 0.25:
                time.sleep(self.random.uniform(0, self.seconds[hidden]))
            else:
                seen = self.wait_for_step(process, self.random.randint(first_step + 1, MAX_STEPS - 1))
                time.sleep(self.random.uniform(0, 2 * self.seconds[hidden] / MAX_STEPS))
        finally:
            process.kill()
            process.communicate()
        return seen

    def wait_for_step(self, process, target):
        for line in process.stdout:
            step = re.match(r"epoch \d+ step (\d+)$", line)
            if step and int(step[1]) >= target:
                return int(step[1])
        raise Failure(f"ended before it could be killed: {process.stderr.read()}")

    def check_store(self, root):
        result = common.run([self.checker, root])
        if result.returncode != 0:
            raise Failure(f"after a kill: {result.stderr}")
        return int(result.stdout.split()[0])

    def round(self, number, kills):
        hidden = (SMALL, LARGE)[number % 2]
        expected = self.straight(hidden)
        root = f"{self.base}/round-{number}"
        step, resume = 0, {}
        for _ in range(kills):
            step = max(step, self.run_and_kill(root, hidden, min(step, MAX_STEPS - 10), resume))
            whole = self.check_store(root)
            # Killed before the first save, a run has nothing to resume from.
            resume = {"ckpt_path": "last"} if whole else {}
            print(f"round {number}: killed, at step {step} or later; {whole} checkpoints are whole", flush=True)
        result = common.run(self.command(root, hidden, **resume))
        found = common.weights(result.stdout)
        if result.returncode != 0 or found != expected:
            raise Failure(f"round {number}: weights {found}, expected {expected}; {result.stderr}")


def parse():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--program", required=True)
    parser.add_argument("--checker", required=True)
    parser.add_argument("--root", default=os.environ.get("CAIRN_TEST_URL"), help="URL to work below ($CAIRN_TEST_URL)")
    parser.add_argument("--kills", type=int, default=3)
    parser.add_argument("--seed", type=int, default=1)
    return parser.parse_args()


def main():
    arguments = parse()
    common.need_dataset()
    with tempfile.TemporaryDirectory() as data:
        common.make_dataset(data, train=960, test=100)
        trial = Trial(arguments, data)
        number, left = 0, arguments.kills
        try:
            while left > 0:
                kills = min(left, 1 + number % 3)
                trial.round(number, kills)
                number, left = number + 1, left - kills
        except Failure as failure:
            print(failure, file=sys.stderr)
            return 1
    print(f"{arguments.kills} kills in {number} runs: the weights are those of the uninterrupted run")
    return 0


if __name__ == "__main__":
    sys.exit(main())
