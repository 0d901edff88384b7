/// The opcodes that PyTorch writes, of protocol 2 except for the last groups (Python's `pickletools` documents each).
/// Opcodes that import extensions, make objects of old classes, or look up names in another way are omitted on purpose.
enum PickleOpcode: UInt8 {
  case proto = 0x80
  case stop = 0x2e
  case mark = 0x28
  case none = 0x4e
  case newTrue = 0x88
  case newFalse = 0x89
  case binInt = 0x4a
  case binInt1 = 0x4b
  case binInt2 = 0x4d
  case long1 = 0x8a
  case binFloat = 0x47
  case binUnicode = 0x58
  case emptyTuple = 0x29
  case tuple1 = 0x85
  case tuple2 = 0x86
  case tuple3 = 0x87
  case tuple = 0x74
  case emptyList = 0x5d
  case append = 0x61
  case appends = 0x65
  case emptyDict = 0x7d
  case setItem = 0x73
  case setItems = 0x75
  case binPut = 0x71
  case longBinPut = 0x72
  case binGet = 0x68
  case longBinGet = 0x6a
  case global = 0x63
  case reduce = 0x52
  case build = 0x62
  case binPersId = 0x51

  // Protocol 4, for files that were saved with `pickle_protocol=4` or 5.
  case frame = 0x95
  case shortBinUnicode = 0x8c
  case memoize = 0x94
  case stackGlobal = 0x93

  // Objects, bytes and sets, which are read past.
  case newObject = 0x81
  case newObjectWithKeywords = 0x92
  case pop = 0x30
  case popMark = 0x31
  case long4 = 0x8b
  case binString = 0x54
  case shortBinString = 0x55
  case binBytes = 0x42
  case shortBinBytes = 0x43
  case binBytes8 = 0x8e
  case byteArray8 = 0x96
  case binUnicode8 = 0x8d
  case emptySet = 0x8f
  case addItems = 0x90
  case frozenSet = 0x91
}
