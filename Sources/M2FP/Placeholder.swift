// M2FP
