"""scikit-learn's randomised singular value decomposition, with the same extra columns and powers as everyone's."""
import sklearn
from sklearn.utils.extmath import randomized_svd

from numpy_best import decomposition, matrices, svd_values
from openblas_name import described


def version(_threads):
    return f"scikit-learn {sklearn.__version__}, {described()}"


def randomised_svd(task, data):
    (a,) = matrices(task, data, a=(task["rows"], task["cols"]))
    compute = lambda: randomized_svd(a, task["rank"], n_oversamples=10, n_iter=2, power_iteration_normalizer="QR", random_state=1)  # noqa: E731
    return decomposition(compute, svd_values(data))
