"""NumPy in its strongest form: every result goes to an array that is there already."""
import numpy as np

from openblas_name import described


def version(_threads):
    return f"NumPy {np.__version__}, {described()}"


def number_type(task):
    return np.float32 if task["dtype"] == "f32" else np.float64


def matrices(task, data, **shapes):
    return [np.ascontiguousarray(data[name].reshape(shape), dtype=number_type(task)) for name, shape in shapes.items()]


def gemm(task, data):
    n = task["n"]
    a, b = matrices(task, data, a=(n, n), b=(n, n))
    c = np.empty((n, n), a.dtype)

    def run():
        np.matmul(a, b, out=c)

    return run, lambda: [data["left"] @ c.astype(np.float64) @ data["right"]]


class Factorisation:
    """1/2 |U V^T - M|^2 with three products and all arrays made once."""

    def __init__(self, task, data):
        m, n, r = task["rows"], task["cols"], task["rank"]
        self.target, self.u0, self.v0 = matrices(task, data, target=(m, n), u=(m, r), v=(n, r))
        self.u, self.v = self.u0.copy(), self.v0.copy()
        self.residual = np.empty((m, n), self.u.dtype)
        self.gu, self.gv = np.empty_like(self.u), np.empty_like(self.v)

    def update_residual(self):
        np.matmul(self.u, self.v.T, out=self.residual)
        np.subtract(self.residual, self.target, out=self.residual)

    def value(self):
        self.update_residual()
        flat = self.residual.reshape(-1)
        return 0.5 * np.dot(flat, flat)

    def gradient(self):
        np.matmul(self.residual, self.v, out=self.gu)
        np.matmul(self.residual.T, self.u, out=self.gv)


def factorisation_gradient(task, data):
    problem = Factorisation(task, data)
    seen = {}

    def run():
        seen["value"] = problem.value()
        problem.gradient()

    return run, lambda: [seen["value"], np.sum(problem.gu.astype(np.float64) ** 2) + np.sum(problem.gv.astype(np.float64) ** 2)]


def factorisation_descent(task, data):
    problem = Factorisation(task, data)
    step = problem.u.dtype.type(task["step"])
    seen = {}

    def run():
        np.copyto(problem.u, problem.u0)
        np.copyto(problem.v, problem.v0)
        for _ in range(task["iterations"]):
            problem.update_residual()
            problem.gradient()
            np.multiply(problem.gu, step, out=problem.gu)
            np.subtract(problem.u, problem.gu, out=problem.u)
            np.multiply(problem.gv, step, out=problem.gv)
            np.subtract(problem.v, problem.gv, out=problem.v)
        seen["value"] = problem.value()

    return run, lambda: [seen["value"]]


def sensing_descent(task, data):
    m, n, r, count = task["rows"], task["cols"], task["rank"], task["count"]
    a, b, u0, v0 = matrices(task, data, measurements=(count, m * n), values=(count,), u=(m, r), v=(n, r))
    u, v = u0.copy(), v0.copy()
    product, adjoint = np.empty((m, n)), np.empty((m, n))
    residual, gu, gv = np.empty(count), np.empty_like(u), np.empty_like(v)
    step = task["step"]
    seen = {}

    def update_residual():
        np.matmul(u, v.T, out=product)
        np.dot(a, product.reshape(-1), out=residual)
        np.subtract(residual, b, out=residual)

    def run():
        np.copyto(u, u0)
        np.copyto(v, v0)
        for _ in range(task["iterations"]):
            update_residual()
            np.dot(residual, a, out=adjoint.reshape(-1))
            np.matmul(adjoint, v, out=gu)
            np.matmul(adjoint.T, u, out=gv)
            np.multiply(gu, step, out=gu)
            np.subtract(u, gu, out=u)
            np.multiply(gv, step, out=gv)
            np.subtract(v, gv, out=v)
        update_residual()
        seen["value"] = 0.5 * np.dot(residual, residual)

    return run, lambda: [seen["value"]]


def decomposition(compute, values):
    seen = {}

    def run():
        seen["result"] = compute()

    return run, lambda: values(*seen["result"])


def eigen_values(data):
    x = data["right"]
    return lambda values, vectors: [np.sum((values * (vectors.T @ x)) ** 2), np.sum(values**2)]


def svd_values(data):
    y, x = data["left"], data["right"]
    return lambda u, s, vt: [np.sum((s * (vt @ x)) ** 2), np.sum((s * (u.T @ y)) ** 2)]


def eigen(task, data):
    (a,) = matrices(task, data, a=(task["n"], task["n"]))
    return decomposition(lambda: np.linalg.eigh(a), eigen_values(data))


def qr(task, data):
    (a,) = matrices(task, data, a=(task["rows"], task["cols"]))
    return decomposition(
        lambda: np.linalg.qr(a), lambda q, r: [np.sum((r @ data["right"]) ** 2), np.sum((q.T @ data["left"]) ** 2)]
    )


def randomised_svd(task, data):
    (a,) = matrices(task, data, a=(task["rows"], task["cols"]))
    rank = task["rank"]
    rng = np.random.default_rng(1)

    def compute():
        # Halko, Martinsson, Tropp 2011, algorithms 4.4 and 5.1: ten columns more than the rank, two powers.
        q, _ = np.linalg.qr(a @ rng.standard_normal((a.shape[1], rank + 10)))
        for _ in range(2):
            q, _ = np.linalg.qr(a.T @ q)
            q, _ = np.linalg.qr(a @ q)
        u, s, vt = np.linalg.svd(q.T @ a, full_matrices=False)
        return q @ u[:, :rank], s[:rank], vt[:rank]

    return decomposition(compute, svd_values(data))


def svd(task, data):
    (a,) = matrices(task, data, a=(task["rows"], task["cols"]))
    return decomposition(lambda: np.linalg.svd(a, full_matrices=False), svd_values(data))
