"""The network of M2FP, with ModelScope's parameter names."""
from .m2fp import M2FP, NetworkOutput, normalize

__all__ = ["M2FP", "NetworkOutput", "normalize"]
