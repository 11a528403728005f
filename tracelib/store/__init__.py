"""The database: the only room that knows SQLModel, SQLAlchemy and alembic.

``unit_of_work.Store`` opens it; repositories hang on a unit of work (``uow.catalog``, ``uow.codes`` …).
"""
