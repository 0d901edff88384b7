// Pictures stand in this library's own signatures: whoever imports it has them too.
@_exported public import ImageCoding
