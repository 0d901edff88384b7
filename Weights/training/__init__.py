"""Training of M2FP (Yang et al., arXiv 2301.00394; Mask2Former, Cheng et al., arXiv 2112.01527) for this package.

From photographs with label maps to a checkpoint in ModelScope's layout, which `m2fp convert` reads as it is. The commands
are described by `python -m training --help` and in Docs/Training.md.
"""
