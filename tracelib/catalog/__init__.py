"""The catalogue as plain data: parties, brands, products, grades, certifications, authorisations, and their rules.

Every value is a frozen pydantic model that has checked itself when it exists. Its list of fields stands in a
``…Fields`` class, from which the row in ``tracelib.store.tables.catalog`` derives too. Days of validity are inclusive;
None is open. What an entry said before it was changed stays in its history.
"""
