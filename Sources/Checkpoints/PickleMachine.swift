/// An interpreter for pickles of state dictionaries, and for no others.
///
/// A pickle is a program for a stack machine that may call any function of Python. This machine supports containers,
/// numbers, strings and what `PickleGlobal` names; of any other object it keeps nothing but the name of the class, so that
/// what lies beside the weights does no harm and is in nobody's way, and calls of functions are errors. Its tables grow by
/// at most a few words per opcode, so memory is bounded by the length of the pickle.
struct PickleMachine {
  /// Why a pickle was not read: `problem` completes "file … holds a pickle that …".
  struct Failure: Error {
    let code: CheckpointError.Code
    let problem: String
  }

  /// Largest number of opcodes. A ResNet-101 with the state of AdamW takes 130,000.
  static let maximumOpcodes = 999_999
  /// Largest depth of nested containers.
  static let maximumDepth = 100

  private var cursor: ByteCursor
  /// Offset of the first byte that was not read.
  var offset: Int { cursor.offset }
  private var stack: [PickleValue] = []
  /// Heights of the stack at the open marks, outermost first.
  private var marks: [Int] = []
  private var memo: [Int: PickleValue] = [:]

  var tuples: [[PickleValue]] = []
  var lists: [[PickleValue]] = []
  var dictionaries: [[(key: PickleValue, value: PickleValue)]] = []
  var tensors: [PickleTensor] = []
  /// Every storage that was referred to, by key.
  var storages: [String: PickleStorage] = [:]

  /// A machine at the start of a pickle, whose bytes must outlive it.
  init(_ bytes: UnsafeRawBufferPointer, at offset: Int = 0) throws {
    guard let cursor = ByteCursor(bytes, at: offset) else { throw Failure(code: .malformed, problem: "is empty") }
    self.cursor = cursor
  }

  /// Executes the pickle up to its end and returns what it leaves on the stack.
  mutating func run() throws -> PickleValue {
    guard cursor.skip(PickleOpcode.proto.rawValue), let version = cursor.next(UInt8.self), (2...5).contains(version)
    else { throw malformed("does not start as protocols 2 to 5 do") }
    for _ in 0..<Self.maximumOpcodes {
      let code: UInt8 = try read()
      guard let opcode = PickleOpcode(rawValue: code) else {
        throw unsupported("uses opcode 0x\(String(code, radix: 16)), which no state dictionary needs")
      }
      if opcode == .stop {
        let result = try pop()
        guard stack.isEmpty, marks.isEmpty else { throw malformed("stops before it is complete") }
        try checkNesting(of: result)
        return result
      }
      try execute(opcode)
    }
    throw Failure(code: .tooLarge, problem: "has more than \(Self.maximumOpcodes) opcodes")
  }

  private mutating func execute(_ opcode: PickleOpcode) throws {
    switch opcode {
    case .proto, .stop: throw malformed("has a second start")
    case .frame: _ = try read() as UInt64
    case .mark: try pushMark()
    case .pop: _ = try pop()
    case .popMark: _ = try popToMark()
    case .emptyTuple, .tuple1, .tuple2, .tuple3, .tuple, .emptyList, .append, .appends, .emptyDict, .setItem, .setItems,
      .emptySet, .addItems, .frozenSet:
      try executeContainer(opcode)
    case .binPut: memo[Int(try read() as UInt8)] = try top()
    case .longBinPut: memo[Int(try read() as UInt32)] = try top()
    case .memoize: memo[memo.count] = try top()
    case .binGet: try recall(Int(try read() as UInt8))
    case .longBinGet: try recall(Int(try read() as UInt32))
    case .global:
      guard let module = cursor.nextLine(), let name = cursor.nextLine() else { throw malformed("names nothing") }
      try pushGlobal(module, name)
    case .stackGlobal:
      guard case .string(let name) = try pop(), case .string(let module) = try pop() else {
        throw malformed("looks up a name that is not a string")
      }
      try pushGlobal(module, name)
    case .reduce:
      let arguments = try pop()
      try reduce(try pop(), arguments)
    case .newObject:
      _ = try pop()
      try make(try pop())
    case .newObjectWithKeywords:
      _ = try pop(2)
      try make(try pop())
    case .build:
      let state = try pop()
      try build(try top(), state)
    case .binPersId: stack.append(try persistent(try pop()))
    default: stack.append(try readScalar(opcode))
    }
  }

  private mutating func executeContainer(_ opcode: PickleOpcode) throws {
    switch opcode {
    case .emptyTuple: pushTuple([])
    case .tuple1: pushTuple(try pop(1))
    case .tuple2: pushTuple(try pop(2))
    case .tuple3: pushTuple(try pop(3))
    case .tuple: pushTuple(try popToMark())
    case .emptyList:
      lists.append([])
      stack.append(.list(lists.count - 1))
    case .append: try append(try pop(1))
    case .appends: try append(try popToMark())
    case .emptyDict: stack.append(dictionary())
    case .setItem: try setItems(try pop(2))
    case .setItems: try setItems(try popToMark())
    case .emptySet: stack.append(.object("builtins.set"))
    case .addItems:
      _ = try popToMark()
      guard case .object = try top() else { throw unsupported("adds items to \(try top().kind)") }
    default:
      _ = try popToMark()
      stack.append(.object("builtins.frozenset"))
    }
  }
}

// The stack, and what lies on it.
extension PickleMachine {
  func malformed(_ problem: String) -> Failure { Failure(code: .malformed, problem: problem) }
  func unsupported(_ problem: String) -> Failure { Failure(code: .unsupported, problem: problem) }

  mutating func push(_ value: PickleValue) { stack.append(value) }

  /// A new dictionary.
  mutating func dictionary(_ items: [(key: PickleValue, value: PickleValue)] = []) -> PickleValue {
    dictionaries.append(items)
    return .dictionary(dictionaries.count - 1)
  }

  private mutating func pushTuple(_ items: [PickleValue]) {
    tuples.append(items)
    stack.append(.tuple(tuples.count - 1))
  }

  private mutating func pushGlobal(_ module: String, _ name: String) throws {
    guard let global = PickleGlobal(module: module, name: name) else {
      throw unsupported("asks for \("\(module).\(name)".quoted), which no checkpoint needs and which may run programs")
    }
    stack.append(.global(global))
  }

  private mutating func pushMark() throws {
    guard marks.count < Self.maximumDepth else { throw tooDeep }
    marks.append(stack.count)
  }

  var tooDeep: Failure { Failure(code: .tooLarge, problem: "nests deeper than \(Self.maximumDepth) levels") }

  /// Values below the innermost open mark are out of reach.
  private var floor: Int { marks.last ?? 0 }

  private func top() throws -> PickleValue {
    guard stack.count > floor, let value = stack.last else { throw malformed("takes from an empty stack") }
    return value
  }

  private mutating func pop() throws -> PickleValue {
    let value = try top()
    stack.removeLast()
    return value
  }

  private mutating func pop(_ count: Int) throws -> [PickleValue] {
    guard stack.count - floor >= count else { throw malformed("takes from an empty stack") }
    defer { stack.removeLast(count) }
    return Array(stack.suffix(count))
  }

  private mutating func popToMark() throws -> [PickleValue] {
    guard let mark = marks.popLast() else { throw malformed("closes what was not opened") }
    defer { stack.removeSubrange(mark...) }
    return Array(stack[mark...])
  }

  private mutating func append(_ items: [PickleValue]) throws {
    switch try top() {
    case .list(let list): lists[list].append(contentsOf: items)
    case .object: break
    case let other: throw unsupported("appends to \(other.kind)")
    }
  }

  private mutating func setItems(_ items: [PickleValue]) throws {
    guard items.count.isMultiple(of: 2) else { throw malformed("sets a key without a value") }
    switch try top() {
    case .dictionary(let dictionary):
      for index in stride(from: 0, to: items.count, by: 2) {
        dictionaries[dictionary].append((items[index], items[index + 1]))
      }
    case .object: break
    case let other: throw unsupported("sets items of \(other.kind)")
    }
  }

  private mutating func recall(_ index: Int) throws {
    guard let value = memo[index] else { throw malformed("recalls memo \(index), which was not kept") }
    stack.append(value)
  }
}

// Numbers, text and bytes of the pickle itself.
extension PickleMachine {
  private mutating func readScalar(_ opcode: PickleOpcode) throws -> PickleValue {
    switch opcode {
    case .newTrue: return .boolean(true)
    case .newFalse: return .boolean(false)
    case .binInt: return .integer(Int(try read() as Int32))
    case .binInt1: return .integer(Int(try read() as UInt8))
    case .binInt2: return .integer(Int(try read() as UInt16))
    case .long1: return try readLong(count: Int(try read() as UInt8))
    case .long4: return try readLong(count: Int(try read() as Int32))
    case .binFloat:
      _ = try read() as UInt64
      return .number
    case .binUnicode: return .string(try readText(count: Int(try read() as UInt32)))
    case .shortBinUnicode: return .string(try readText(count: Int(try read() as UInt8)))
    case .binUnicode8: return .string(try readText(count: Int(clamping: try read() as UInt64)))
    // Python 2 wrote its strings, which are bytes, with these two.
    case .binString: return try readString(count: Int(try read() as Int32))
    case .shortBinString: return try readString(count: Int(try read() as UInt8))
    case .binBytes: return try readBytes(count: Int(try read() as UInt32))
    case .shortBinBytes: return try readBytes(count: Int(try read() as UInt8))
    case .binBytes8, .byteArray8: return try readBytes(count: Int(clamping: try read() as UInt64))
    default: return .none
    }
  }

  private mutating func read<Number: FixedWidthInteger & BitwiseCopyable>() throws -> Number {
    guard let number = cursor.next(Number.self) else { throw malformed("is cut off") }
    return number
  }

  private mutating func readText(count: Int) throws -> String {
    guard count <= cursor.remaining else { throw malformed("is cut off") }
    guard let text = cursor.nextText(count: count) else { throw malformed("holds a string that is not UTF-8") }
    return text
  }

  private mutating func readString(count: Int) throws -> PickleValue {
    guard let bytes = cursor.next(count: count) else { throw malformed("is cut off") }
    return String(validating: bytes, as: UTF8.self).map(PickleValue.string) ?? .bytes
  }

  private mutating func readBytes(count: Int) throws -> PickleValue {
    guard cursor.next(count: count) != nil else { throw malformed("is cut off") }
    return .bytes
  }

  /// Reads a little-endian integer of any length in two's complement.
  private mutating func readLong(count: Int) throws -> PickleValue {
    guard let bytes = cursor.next(count: count) else { throw malformed("is cut off") }
    guard count <= 8 else { return .number }
    var value = 0
    for (index, byte) in bytes.enumerated() { value |= Int(byte) << (8 * index) }
    let unused = 64 - 8 * count
    return .integer((value << unused) >> unused)
  }
}
