/// A value in a pickle that a test builds, well formed or hostile.
package indirect enum Pickle: Sendable {
  case none
  case boolean(Bool)
  case integer(Int)
  case float
  case text(String)
  case tuple([Pickle])
  case list([Pickle])
  case dictionary([(Pickle, Pickle)])
  case global(String)
  case call(Pickle, Pickle)
  case persistent(Pickle)
  /// Opcodes as they are.
  case opcodes([UInt8])

  /// The whole pickle, protocol 2.
  package var program: [UInt8] { [0x80, 2] + opcodes + [0x2e] }

  /// The opcodes that leave this value on the stack.
  package var opcodes: [UInt8] {
    switch self {
    case .none: return [0x4e]
    case .boolean(let value): return [value ? 0x88 : 0x89]
    case .integer(let value): return [0x8a, 8] + littleEndianBytes(value)
    case .float: return [0x47] + littleEndianBytes(0)
    case .text(let text): return [0x58] + littleEndianBytes(UInt32(text.utf8.count)) + text.utf8
    case .tuple(let items): return [0x28] + items.flatMap(\.opcodes) + [0x74]
    case .list(let items): return [0x5d, 0x28] + items.flatMap(\.opcodes) + [0x65]
    case .dictionary(let items): return [0x7d, 0x28] + items.flatMap { $0.opcodes + $1.opcodes } + [0x75]
    case .global(let name):
      let parts = name.split(separator: ".")
      return Array("c\(parts.dropLast().joined(separator: "."))\n\(parts.last ?? "")\n".utf8)
    case .call(let function, let arguments): return function.opcodes + arguments.opcodes + [0x52]
    case .persistent(let identifier): return identifier.opcodes + [0x51]
    case .opcodes(let opcodes): return opcodes
    }
  }
}

extension Pickle {
  package static let orderedDictionary = Pickle.call(.global("collections.OrderedDict"), .tuple([]))

  /// A reference to the storage `data/<key>`.
  package static func storage(_ type: String = "FloatStorage", key: String = "0", count: Int) -> Pickle {
    .persistent(.tuple([.text("storage"), .global("torch.\(type)"), .text(key), .text("cpu"), .integer(count)]))
  }

  /// A tensor as `torch.save` describes it.
  package static func tensor(
    _ storage: Pickle, offset: Int = 0, shape: [Int], strides: [Int], hooks: Pickle = .orderedDictionary
  ) -> Pickle {
    let integers = { (list: [Int]) in Pickle.tuple(list.map(Pickle.integer)) }
    return .call(
      .global("torch._utils._rebuild_tensor_v2"),
      .tuple([storage, .integer(offset), integers(shape), integers(strides), .boolean(false), hooks]))
  }

  /// A dictionary with text for keys.
  package static func dictionary(_ items: KeyValuePairs<String, Pickle>) -> Pickle {
    .dictionary(items.map { (.text($0.key), $0.value) })
  }
}

/// The bytes of a number, lowest first.
package func littleEndianBytes(_ number: some FixedWidthInteger) -> [UInt8] {
  withUnsafeBytes(of: number.littleEndian) { Array($0) }
}
