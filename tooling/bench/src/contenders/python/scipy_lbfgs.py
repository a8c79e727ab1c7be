"""L-BFGS-B of SciPy, with the memory that is fastest here."""
import numpy as np
import scipy
from scipy.optimize import minimize

from completion_fit import MOST, RECOVERED, Fit
from fastest import seconds_of
from openblas_name import described


def version(_threads):
    return f"SciPy {scipy.__version__}, NumPy {np.__version__}, {described()}"


class Recovered(Exception):
    """The error of the held back entries is small enough."""


def completion_recovery(task, data):
    fit = Fit(task, data)

    def value_and_gradient(x):
        return fit.value_and_gradient(x, fit.gradient), fit.gradient

    def solve(memory, iterations, callback=None):
        options = {"maxcor": memory, "maxiter": iterations, "maxfun": 10 * MOST, "ftol": 0, "gtol": 0}
        return minimize(value_and_gradient, fit.start, jac=True, method="L-BFGS-B", callback=callback, options=options).x

    def needed(memory):
        count = 0

        def look(x):
            nonlocal count
            count += 1
            if fit.error(x) <= RECOVERED:
                raise Recovered

        try:
            solve(memory, MOST, look)
        except Recovered:
            pass
        return count

    ways = [(memory, needed(memory)) for memory in (10, 20, 40)]
    memory, iterations = min(ways, key=lambda way: seconds_of(lambda: solve(*way)))
    seen = {}

    def run():
        seen["x"] = solve(memory, iterations)

    return run, lambda: [1 if fit.error(seen["x"]) <= RECOVERED else fit.error(seen["x"])]
