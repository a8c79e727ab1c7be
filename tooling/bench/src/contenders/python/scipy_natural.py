"""SciPy as one writes it."""
import numpy as np
from scipy.sparse import csr_matrix

from numpy_best import matrices
from scipy_best import version  # noqa: F401


def completion_descent(task, data):
    m, n, r = task["rows"], task["cols"], task["rank"]
    u0, v0 = matrices(task, data, u=(m, r), v=(n, r))
    row, col, b = data["row"], data["col"], data["values"]
    step = task["step"]
    seen = {}

    def run():
        u, v = u0, v0
        for _ in range(task["iterations"]):
            s = csr_matrix((np.einsum("ij,ij->i", u[row], v[col]) - b, (row, col)), shape=(m, n))
            u, v = u - step * (s @ v), v - step * (s.T @ u)
        seen["value"] = 0.5 * np.sum((np.einsum("ij,ij->i", u[row], v[col]) - b) ** 2)

    return run, lambda: [seen["value"]]
