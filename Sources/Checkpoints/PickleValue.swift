/// A value of a pickle. Containers and tensors are indices into the machine's tables, so that no pickle can build a
/// cycle of references, or a nesting too deep to be freed.
enum PickleValue {
  case none
  case boolean(Bool)
  case integer(Int)
  /// A floating-point number, or an integer beyond 64 bits: read past, never used.
  case number
  case string(String)
  /// Bytes, or text that is not UTF-8: read past, never used.
  case bytes
  case global(PickleGlobal)
  case tuple(Int)
  case list(Int)
  case dictionary(Int)
  case storage(PickleStorage)
  case tensor(Int)
  /// A value of any other class, named by its name in Python: read past, never used. Nothing is kept of what it holds.
  case object(String)

  /// For messages: what it is, with its article.
  var kind: String {
    switch self {
    case .none: "None"
    case .boolean: "a truth value"
    case .integer, .number: "a number"
    case .string: "a string"
    case .bytes: "bytes"
    case .global(let global): "the name \(global.description)"
    case .tuple: "a tuple"
    case .list: "a list"
    case .dictionary: "a dictionary"
    case .storage: "a storage"
    case .tensor: "a tensor"
    case .object(let name): "an object of \(name.quoted)"
    }
  }
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
