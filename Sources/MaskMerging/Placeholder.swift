// MaskMerging
