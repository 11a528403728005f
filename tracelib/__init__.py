"""一品一码: signed one-product-one-code traceability for regional farm products.

The rooms and who may import whom stand in ``docs/architecture.md``.
"""

__version__ = "0.1.0"
