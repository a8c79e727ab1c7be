"""SciPy in its strongest form: gathers into arrays that are there already, sparse matrices that share the residual as their numbers."""
import time

import numpy as np
import scipy
from scipy.linalg import eigh, svd as scipy_svd
from scipy.sparse import csc_matrix, csr_matrix
from scipy.sparse.linalg import svds

from numpy_best import decomposition, eigen_values, matrices, svd_values
from openblas_name import described


def version(_threads):
    return f"SciPy {scipy.__version__}, NumPy {np.__version__}, {described()}"


def completion_descent(task, data):
    m, n, r = task["rows"], task["cols"], task["rank"]
    u0, v0 = matrices(task, data, u=(m, r), v=(n, r))
    u, v = u0.copy(), v0.copy()
    row, col, b = data["row"].astype(np.int64), data["col"].astype(np.int64), data["values"]
    count = len(b)
    left, right, residual = np.empty((count, r)), np.empty((count, r)), np.empty(count)
    # Entries come row by row: they are the numbers of the compressed rows of S, and of the compressed columns of its transpose.
    pointers = np.searchsorted(data["row"], np.arange(m + 1)).astype(np.int32)
    s = csr_matrix((residual, data["col"], pointers), shape=(m, n))
    shared = csc_matrix((residual, data["col"], pointers), shape=(n, m))
    # The other way for the transpose: its own rows, whose numbers are gathered from the residual.
    order = np.lexsort((data["row"], data["col"]))
    numbers = np.empty(count)
    transposed = csr_matrix((numbers, data["row"][order], np.searchsorted(data["col"][order], np.arange(n + 1)).astype(np.int32)), shape=(n, m))
    assert np.shares_memory(s.data, residual) and np.shares_memory(shared.data, residual) and np.shares_memory(transposed.data, numbers)

    def by_shared():
        return shared @ u

    def by_gathering():
        np.take(residual, order, out=numbers, mode="clip")
        return transposed @ u

    def best_of(products):
        taken = []
        for product in products:
            product()
            begin = time.perf_counter()
            for _ in range(5):
                product()
            taken.append(time.perf_counter() - begin)
        return products[taken.index(min(taken))]

    times_transposed = best_of([by_shared, by_gathering])
    step = task["step"]
    seen = {}

    def update_residual():
        np.take(u, row, axis=0, out=left, mode="clip")
        np.take(v, col, axis=0, out=right, mode="clip")
        np.einsum("ij,ij->i", left, right, out=residual)
        np.subtract(residual, b, out=residual)

    def run():
        np.copyto(u, u0)
        np.copyto(v, v0)
        for _ in range(task["iterations"]):
            update_residual()
            gu = s @ v
            gv = times_transposed()
            np.multiply(gu, step, out=gu)
            np.subtract(u, gu, out=u)
            np.multiply(gv, step, out=gv)
            np.subtract(v, gv, out=v)
        update_residual()
        seen["value"] = 0.5 * np.dot(residual, residual)

    return run, lambda: [seen["value"]]


def eigen(task, data):
    (a,) = matrices(task, data, a=(task["n"], task["n"]))
    return decomposition(lambda: eigh(a, driver="evd", check_finite=False), eigen_values(data))


def randomised_svd(task, data):
    """Lanczos bidiagonalisation, which asks for fewer products than random ones do."""
    (a,) = matrices(task, data, a=(task["rows"], task["cols"]))
    return decomposition(lambda: svds(a, k=task["rank"], solver="arpack", rng=np.random.default_rng(1)), svd_values(data))


def svd(task, data):
    (a,) = matrices(task, data, a=(task["rows"], task["cols"]))
    return decomposition(lambda: scipy_svd(a, full_matrices=False, check_finite=False), svd_values(data))
