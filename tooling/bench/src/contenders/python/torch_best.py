"""PyTorch on the CPU: every result goes to a tensor that is there already."""
import os

import torch

torch.set_num_threads(int(os.environ["OMP_NUM_THREADS"]))
torch.set_grad_enabled(False)


def version(_threads):
    return f"torch {torch.__version__}, {torch.get_num_threads()} threads, {torch.backends.cpu.get_cpu_capability()}"


def tensors(task, data, **shapes):
    number_type = torch.float32 if task["dtype"] == "f32" else torch.float64
    return [torch.from_numpy(data[name].reshape(shape)).to(number_type) for name, shape in shapes.items()]


def doubles(data, *names):
    return [torch.from_numpy(data[name]) for name in names]


def gemm(task, data):
    n = task["n"]
    a, b = tensors(task, data, a=(n, n), b=(n, n))
    c = torch.empty_like(a)
    left, right = doubles(data, "left", "right")
    return lambda: torch.mm(a, b, out=c), lambda: [left @ c.double() @ right]


class Factorisation:
    def __init__(self, task, data):
        m, n, r = task["rows"], task["cols"], task["rank"]
        self.target, self.u0, self.v0 = tensors(task, data, target=(m, n), u=(m, r), v=(n, r))
        self.u, self.v = self.u0.clone(), self.v0.clone()
        self.residual = torch.empty_like(self.target)
        self.gu, self.gv = torch.empty_like(self.u), torch.empty_like(self.v)

    def update_residual(self):
        torch.addmm(self.target, self.u, self.v.T, beta=-1, out=self.residual)

    def value(self):
        self.update_residual()
        flat = self.residual.view(-1)
        return 0.5 * torch.dot(flat, flat)

    def gradient(self):
        torch.mm(self.residual, self.v, out=self.gu)
        torch.mm(self.residual.T, self.u, out=self.gv)


def factorisation_gradient(task, data):
    problem = Factorisation(task, data)
    seen = {}

    def run():
        seen["value"] = problem.value()
        problem.gradient()

    return run, lambda: [seen["value"], (problem.gu.double() ** 2).sum() + (problem.gv.double() ** 2).sum()]


def factorisation_descent(task, data):
    problem = Factorisation(task, data)
    seen = {}

    def run():
        problem.u.copy_(problem.u0)
        problem.v.copy_(problem.v0)
        for _ in range(task["iterations"]):
            problem.update_residual()
            problem.gradient()
            problem.u.add_(problem.gu, alpha=-task["step"])
            problem.v.add_(problem.gv, alpha=-task["step"])
        seen["value"] = problem.value()

    return run, lambda: [seen["value"]]


def last(compute, values):
    seen = {}

    def run():
        seen["result"] = compute()

    return run, lambda: values(*seen["result"])


def eigen(task, data):
    (a,) = tensors(task, data, a=(task["n"], task["n"]))
    (x,) = doubles(data, "right")
    return last(lambda: torch.linalg.eigh(a), lambda values, vectors: [((values * (vectors.T @ x)) ** 2).sum(), (values**2).sum()])


def qr(task, data):
    (a,) = tensors(task, data, a=(task["rows"], task["cols"]))
    y, x = doubles(data, "left", "right")
    return last(lambda: torch.linalg.qr(a), lambda q, r: [((r @ x) ** 2).sum(), ((q.T @ y) ** 2).sum()])


def svd(task, data):
    (a,) = tensors(task, data, a=(task["rows"], task["cols"]))
    y, x = doubles(data, "left", "right")
    return last(lambda: torch.linalg.svd(a, full_matrices=False), lambda u, s, vt: [((s * (vt @ x)) ** 2).sum(), ((s * (u.T @ y)) ** 2).sum()])
