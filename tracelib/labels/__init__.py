"""Labels: a code as a QR symbol, with its text in Chinese, as PDF, PNG, SVG and ZPL.

``content`` is what stands on a label, ``template`` where, ``symbol`` the QR symbol, ``fonts`` the Chinese font,
``layout`` fits the text; ``pdf``, ``raster``, ``svg`` and ``zpl`` put it out. This room knows no store: who prints
(``tracelib.operations.printing.labels``) hands it a stream of :class:`~tracelib.labels.content.LabelContent`.
"""
