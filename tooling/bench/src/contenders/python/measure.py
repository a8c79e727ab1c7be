"""A measuring process of Python: the twin of processes/measure.ts."""
import importlib
import json
import math
import os
import sys
import time

BATCH_SECONDS = 0.02
SLOW_SECONDS = 2
LONG_SECONDS = 0.5
# Packages whose names are not those of their modules.
PACKAGES = {"sklearn": "scikit-learn"}


def seconds_of(run, times):
    begin = time.perf_counter()
    for _ in range(times):
        run()
    return time.perf_counter() - begin


def samples_of(run, seconds):
    """Seconds of one work, batch by batch; the first work warms up, and is enough where it takes seconds."""
    first = seconds_of(run, 1)
    if first > max(seconds, SLOW_SECONDS):
        return [first]
    expected = first if first > LONG_SECONDS else seconds_of(run, 1)
    batch = max(1, math.ceil(BATCH_SECONDS / max(expected, 1e-7)))
    samples = []
    while sum(samples) * batch < seconds:
        samples.append(seconds_of(run, batch) / batch)
    return samples


def read(folder):
    import numpy as np

    types = {"f64": "<f8", "i32": "<i4"}
    names = [file.split(".") for file in os.listdir(folder)]
    return {name: np.fromfile(os.path.join(folder, f"{name}.{kind}"), dtype=types[kind]) for name, kind in names}


def answer(request, module_name):
    try:
        module = importlib.import_module(module_name)
    except ModuleNotFoundError as error:
        package = PACKAGES.get(error.name, error.name)
        return {"status": "absent", "reason": f"not installed: pip install {package} for {sys.executable}"}
    try:
        task = request["task"]
        run, values = getattr(module, task["kind"].replace("-", "_"))(task, read(request["folder"]))
        samples = samples_of(run, request["seconds"])
        return {
            "status": "measured",
            "version": module.version(request["threads"]),
            "samples": samples,
            "values": [float(x) for x in values()],
        }
    except Exception as error:  # What breaks is the answer.
        return {"status": "failed", "reason": f"{type(error).__name__}: {error}"}


if __name__ == "__main__":
    request = json.loads(sys.argv[1])
    print(json.dumps({name: answer(request, request["modules"][name]) for name in request["contenders"]}))
