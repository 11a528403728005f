"""Tables in and out: CSV and XLSX, checked cell by cell.

The only room that knows openpyxl, which writes. Reading is our own: a stream over the sheet's XML (``xlsx``) that sees
formulas, merged cells and Chinese date formats, refuses document types and entities, and needs the same memory for ten
rows as for a hundred thousand. ``table`` is the way in; ``batch_sheet`` knows the columns of a table of batches.
"""
