"""NumPy as one writes it."""
import numpy as np

from numpy_best import matrices, version  # noqa: F401


def factorisation_gradient(task, data):
    m, n, r = task["rows"], task["cols"], task["rank"]
    target, u, v = matrices(task, data, target=(m, n), u=(m, r), v=(n, r))
    seen = {}

    def run():
        residual = u @ v.T - target
        seen["result"] = 0.5 * np.sum(residual**2), residual @ v, residual.T @ u

    def values():
        value, gu, gv = seen["result"]
        return [value, np.sum(gu.astype(np.float64) ** 2) + np.sum(gv.astype(np.float64) ** 2)]

    return run, values


def factorisation_descent(task, data):
    m, n, r = task["rows"], task["cols"], task["rank"]
    target, u0, v0 = matrices(task, data, target=(m, n), u=(m, r), v=(n, r))
    step = task["step"]
    seen = {}

    def run():
        u, v = u0, v0
        for _ in range(task["iterations"]):
            residual = u @ v.T - target
            u, v = u - step * (residual @ v), v - step * (residual.T @ u)
        seen["value"] = 0.5 * np.sum((u @ v.T - target) ** 2)

    return run, lambda: [seen["value"]]


def sensing_descent(task, data):
    m, n, r, count = task["rows"], task["cols"], task["rank"], task["count"]
    a, b, u0, v0 = matrices(task, data, measurements=(count, m * n), values=(count,), u=(m, r), v=(n, r))
    step = task["step"]
    seen = {}

    def run():
        u, v = u0, v0
        for _ in range(task["iterations"]):
            g = (a.T @ (a @ (u @ v.T).ravel() - b)).reshape(m, n)
            u, v = u - step * (g @ v), v - step * (g.T @ u)
        seen["value"] = 0.5 * np.sum((a @ (u @ v.T).ravel() - b) ** 2)

    return run, lambda: [seen["value"]]
