"""The QR symbol of a code (ISO/IEC 18004): two segments, level M, version 8 then 9.

Signatures: encode_symbol(url) -> Symbol.
"""
