"""NumPy with `out=` everywhere and products as they are written."""
import numpy_best
from numpy_best import straight_product, version  # noqa: F401


def factorisation_gradient(task, data):
    return numpy_best.factorisation_gradient(task, data, straight_product)


def factorisation_descent(task, data):
    return numpy_best.factorisation_descent(task, data, straight_product)
