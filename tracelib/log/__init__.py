"""The tamper-evident log: Merkle trees and their proofs (RFC 9162)."""
