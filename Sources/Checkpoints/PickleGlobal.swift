/// A name of Python that a pickle uses. The effect of those that weights are made of is implemented here; the others name
/// values that are not needed. Nothing is looked up or called.
enum PickleGlobal: Equatable {
  case rebuildTensor
  /// PyTorch before 0.4: without hooks.
  case rebuildOldTensor
  case rebuildParameter
  /// A parameter, or a tensor, with attributes of its own.
  case rebuildParameterWithState
  case rebuildTensorFromType
  case orderedDictionary
  case defaultDictionary
  case encodedBytes
  case storage(ElementType)
  /// A class, or a function that does nothing but make a value, whose values have nothing to do with weights.
  case inert(String)
  /// Any other name. It may stand for itself, and a class make an object; a call of it is refused.
  case foreign(String)

  private static let known: [String: PickleGlobal] = [
    "torch._utils._rebuild_tensor_v2": .rebuildTensor,
    "torch._utils._rebuild_tensor": .rebuildOldTensor,
    "torch._utils._rebuild_parameter": .rebuildParameter,
    "torch._utils._rebuild_parameter_with_state": .rebuildParameterWithState,
    "torch._tensor._rebuild_from_type": .rebuildTensorFromType,
    "torch._tensor._rebuild_from_type_v2": .rebuildTensorFromType,
    "collections.OrderedDict": .orderedDictionary,
    "collections.defaultdict": .defaultDictionary,
    "_codecs.encode": .encodedBytes,
    "torch.FloatStorage": .storage(.float32),
    "torch.DoubleStorage": .storage(.float64),
    "torch.HalfStorage": .storage(.float16),
    "torch.BFloat16Storage": .storage(.bfloat16),
    "torch.LongStorage": .storage(.int64),
    "torch.IntStorage": .storage(.int32),
    "torch.ShortStorage": .storage(.int16),
    "torch.CharStorage": .storage(.int8),
    "torch.ByteStorage": .storage(.uint8),
    "torch.BoolStorage": .storage(.bool),
    "torch.storage.UntypedStorage": .storage(.uint8),
  ]

  /// What checkpoints hold beside the weights: numbers of NumPy, counters, arguments, paths, dates, devices.
  private static let inert: Set<String> = [
    "argparse.Namespace", "collections.Counter", "collections.deque", "copy_reg._reconstructor",
    "copyreg._reconstructor", "datetime.date", "datetime.datetime",
    "datetime.time", "datetime.timedelta", "datetime.timezone", "decimal.Decimal", "fractions.Fraction",
    "functools.partial", "types.SimpleNamespace", "uuid.UUID",
    "numpy.core.multiarray._reconstruct", "numpy._core.multiarray._reconstruct", "numpy.core.multiarray.scalar",
    "numpy._core.multiarray.scalar", "numpy.core.numeric._frombuffer", "numpy._core.numeric._frombuffer",
    "numpy.dtype", "numpy.ndarray", "numpy.random._pickle.__bit_generator_ctor",
    "numpy.random._pickle.__generator_ctor", "numpy.random._pickle.__randomstate_ctor",
    "pathlib.Path", "pathlib.PosixPath", "pathlib.PurePath", "pathlib.PurePosixPath", "pathlib.PureWindowsPath",
    "pathlib.WindowsPath", "pathlib._local.Path", "pathlib._local.PosixPath", "pathlib._local.PurePath",
    "pathlib._local.PurePosixPath", "pathlib._local.PureWindowsPath", "pathlib._local.WindowsPath",
    "torch.Size", "torch.device", "torch.serialization._get_layout", "torch._utils._rebuild_device_tensor_from_numpy",
    "torch._utils._rebuild_meta_tensor_no_storage", "torch._utils._rebuild_qtensor",
    "torch._utils._rebuild_sparse_csr_tensor", "torch._utils._rebuild_sparse_tensor",
    "torch._utils._rebuild_tensor_v3",
  ]

  /// Classes among Python's built-in names; the others are functions.
  private static let builtInClasses: Set<String> = [
    "bool", "bytearray", "bytes", "complex", "dict", "float", "frozenset", "int", "list", "long", "object", "range",
    "set", "slice", "str", "tuple", "unicode", "xrange",
  ]

  /// Modules of which no checkpoint has a harmless reason to name anything: they run programs or code, or reach files.
  private static let refusedModules: Set<String> = [
    "asyncio", "bdb", "code", "codeop", "commands", "ctypes", "imp", "importlib", "io", "marshal", "multiprocessing",
    "nt", "operator", "os", "pdb", "pickle", "posix", "pty", "runpy", "shutil", "signal", "socket", "subprocess", "sys",
    "threading", "timeit", "urllib", "webbrowser",
  ]

  /// `nil` for a name that is refused wherever it stands.
  init?(module: String, name: String) {
    let path = "\(module).\(name)"
    if module == "builtins" || module == "__builtin__" {
      guard Self.builtInClasses.contains(name) else { return nil }
      self = .inert(path)
    } else if let global = Self.known[path.replacing("torch.cuda.", with: "torch.", maxReplacements: 1)] {
      self = global
    } else if Self.inert.contains(path) {
      self = .inert(path)
    } else {
      let package = module.prefix { $0 != "." }
      guard !Self.refusedModules.contains(String(package)) else { return nil }
      self = .foreign(path)
    }
  }

  /// For messages: the name in Python, in quotation marks where the pickle chose it.
  var description: String {
    switch self {
    case .inert(let name), .foreign(let name): name.quoted
    default: Self.known.first { $0.value == self }?.key ?? ""
    }
  }
}
