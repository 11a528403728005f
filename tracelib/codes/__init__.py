"""One product, one code: what is printed, what is signed, what a verifier says. docs/code-format.md is the contract.

================  ====================================================================================
``serial``        the 15 characters: prefix, permuted counter, check character; what a hand types
``ff1``           the permutation (NIST SP 800-38G), one number at a time; ``ff1_bulk`` for whole ranges
``record``        the fields of a code and the bytes of the signed payload
``blob``          the 75 bytes that carry day, attributes, key id and signature
``url``           profile A as text, in and out; ``sticker`` profile C
``signing``       making codes, one at a time; ``bulk`` streams of them
``verify``        what a verifier says, step by step
``registry``      what a verifier asks of the one who keeps manifests and states
``epc``           a code's name in EPCIS events
================  ====================================================================================

Nothing here reads a file, a clock or the environment. ``numpy`` is only loaded by the modules for whole ranges.
"""
