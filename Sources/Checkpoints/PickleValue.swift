/// A value of a pickle. Containers and tensors are indices into the machine's tables, so that no pickle can build a
/// cycle of references, or a nesting too deep to be freed.
enum PickleValue {
  case none
  case boolean(Bool)
  case integer(Int)
  /// A floating-point number, or an integer beyond 64 bits: read past, never used.
  case number
  case string(String)
  case global(PickleGlobal)
  case tuple(Int)
  case list(Int)
  case dictionary(Int)
  case storage(PickleStorage)
  case tensor(Int)

  /// For messages: what it is, with its article.
  var kind: String {
    switch self {
    case .none: "None"
    case .boolean: "a truth value"
    case .integer, .number: "a number"
    case .string: "a string"
    case .global(let global): "the name \(global.name)"
    case .tuple: "a tuple"
    case .list: "a list"
    case .dictionary: "a dictionary"
    case .storage: "a storage"
    case .tensor: "a tensor"
    }
  }
}

/// The names of Python that a pickle may use. Their effect is implemented here; nothing is looked up or called.
enum PickleGlobal: Equatable {
  case rebuildTensor
  case rebuildParameter
  case orderedDictionary
  case storage(ElementType)

  private static let known: [String: PickleGlobal] = [
    "torch._utils._rebuild_tensor_v2": .rebuildTensor,
    "torch._utils._rebuild_parameter": .rebuildParameter,
    "collections.OrderedDict": .orderedDictionary,
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
  ]

  /// `nil` for every other name.
  init?(name: String) {
    guard let global = Self.known[name] else { return nil }
    self = global
  }

  var name: String { Self.known.first { $0.value == self }?.key ?? "" }
}

/// A storage that a pickle refers to: `count` elements in the archive's entry `data/<key>`.
struct PickleStorage: Equatable {
  let key: String
  let elementType: ElementType
  let count: Int
}

/// A tensor that a pickle describes: a view of a storage.
struct PickleTensor {
  let storage: PickleStorage
  let layout: StridedLayout
}
