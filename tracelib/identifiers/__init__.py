"""Identifiers as values: GS1 keys, 统一社会信用代码, division codes, own numbers, element strings, Digital Links.

Pure: no files, no clock, no network. One concept per module, named as its standard names it; import the module you
need. An existing value is a valid value: ``X.parse(text)`` is the way in, and it raises a
:class:`tracelib.errors.FormatError` leaf that says what was given and what was expected.
"""
