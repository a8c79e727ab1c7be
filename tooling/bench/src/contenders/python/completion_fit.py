"""1/2 sum of ((U V^T)_ij - b_ij)^2 over the observed cells and its gradient, for minimisers of vectors: SciPy in its strongest form."""
import numpy as np
from scipy.sparse import csc_matrix, csr_matrix

from fastest import fastest

RECOVERED = 1e-6
MOST = 20_000


def best_for(ways, *arguments):
    """The fastest of functions of these arguments."""
    bound = [lambda way=way: way(*arguments) for way in ways]
    return ways[bound.index(fastest(bound))]


class Fit:
    """Gathers into arrays that are there already; sparse matrices share the residual as their numbers."""

    def __init__(self, task, data):
        self.m, self.n, self.r = task["rows"], task["cols"], task["rank"]
        self.start = np.concatenate([data["u"], data["v"]]).astype(np.float64)
        self.row, self.col, self.b = data["row"].astype(np.int64), data["col"].astype(np.int64), data["values"]
        self.held = data["heldRow"], data["heldCol"], data["heldValues"]
        count = len(self.b)
        self.left, self.right, self.residual = np.empty((count, self.r)), np.empty((count, self.r)), np.empty(count)
        pointers = np.searchsorted(data["row"], np.arange(self.m + 1)).astype(np.int32)
        self.s = csr_matrix((self.residual, data["col"], pointers), shape=(self.m, self.n))
        self.shared = csc_matrix((self.residual, data["col"], pointers), shape=(self.n, self.m))
        self.order = np.lexsort((data["row"], data["col"]))
        self.numbers = np.empty(count)
        ends = np.searchsorted(data["col"][self.order], np.arange(self.n + 1)).astype(np.int32)
        self.transposed = csr_matrix((self.numbers, data["row"][self.order], ends), shape=(self.n, self.m))
        self.dense, self.cells = np.empty((self.m, self.n)), self.row * self.n + self.col
        self.gradient = np.empty_like(self.start)
        u, v = self.factors(self.start)
        self.products = best_for([self.by_gathering, self.by_product], u, v)
        self.pull = best_for([self.by_shared, self.by_transpose], u)

    def factors(self, x):
        split = self.m * self.r
        return x[:split].reshape(self.m, self.r), x[split:].reshape(self.n, self.r)

    def by_gathering(self, u, v):
        np.take(u, self.row, axis=0, out=self.left, mode="clip")
        np.take(v, self.col, axis=0, out=self.right, mode="clip")
        np.einsum("ij,ij->i", self.left, self.right, out=self.residual)

    def by_product(self, u, v):
        np.matmul(u, v.T, out=self.dense)
        np.take(self.dense.ravel(), self.cells, out=self.residual, mode="clip")

    def by_shared(self, u):
        return self.shared @ u

    def by_transpose(self, u):
        np.take(self.residual, self.order, out=self.numbers, mode="clip")
        return self.transposed @ u

    def value_and_gradient(self, x, gradient):
        u, v = self.factors(x)
        self.products(u, v)
        np.subtract(self.residual, self.b, out=self.residual)
        split = self.m * self.r
        gradient[:split] = (self.s @ v).ravel()
        gradient[split:] = self.pull(u).ravel()
        return 0.5 * float(np.dot(self.residual, self.residual))

    def error(self, x):
        row, col, values = self.held
        u, v = self.factors(x)
        return float(np.linalg.norm(np.einsum("ij,ij->i", u[row], v[col]) - values) / np.linalg.norm(values))
