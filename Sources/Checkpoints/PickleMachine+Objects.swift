// Replacements of the calls that a pickle asks for; each takes exactly the arguments that PyTorch writes.
extension PickleMachine {
  /// Pushes the result of calling `function` with the tuple `arguments`.
  mutating func reduce(_ function: PickleValue, _ arguments: PickleValue) throws {
    guard case .global(let global) = function else { throw unsupported("calls \(function.kind)") }
    guard case .tuple(let index) = arguments else {
      throw malformed("calls \(global.description) with \(arguments.kind) instead of a tuple of arguments")
    }
    push(try call(global, tuples[index]))
  }

  /// Pushes a new object of the class `type`. What it is made from is dropped.
  mutating func make(_ type: PickleValue) throws {
    switch type {
    case .global(.orderedDictionary), .global(.defaultDictionary): push(dictionary())
    case .global(.inert(let name)), .global(.foreign(let name)): push(.object(name))
    default: throw unsupported("makes an object of \(type.kind)")
    }
  }

  private mutating func call(_ global: PickleGlobal, _ items: [PickleValue]) throws -> PickleValue {
    switch global {
    case .orderedDictionary: return try orderedDictionary(items)
    case .defaultDictionary: return dictionary()
    case .encodedBytes: return .bytes
    case .inert(let name): return .object(name)
    case .rebuildTensor, .rebuildOldTensor: return tensor(try rebuildTensor(items, global))
    case .rebuildParameter, .rebuildParameterWithState:
      // (data, requires_grad, backward_hooks), and the attributes, which are not used here.
      let count = global == .rebuildParameter ? 3 : 4
      guard items.count == count, case .tensor = items[0], case .boolean = items[1], isEmptyDictionary(items[2]) else {
        throw unsupported("calls \(global.description) with arguments that PyTorch does not write")
      }
      return items[0]
    case .rebuildTensorFromType:
      // (function, class, its arguments, attributes): the tensor that the function gives.
      guard items.count == 4, case .global(let function) = items[0], function != global,
        case .tuple(let index) = items[2]
      else { throw unsupported("calls \(global.description) with arguments that PyTorch does not write") }
      return try call(function, tuples[index])
    case .storage: throw unsupported("calls \(global.description)")
    case .foreign:
      throw unsupported(
        "calls \(global.description), which is not done here; if you trust the file, load it in PyTorch, and save the"
          + " state dictionary alone")
    }
  }

  /// Sets the state of an object. State dictionaries store versions of their modules so, which are not used here.
  func build(_ object: PickleValue, _ state: PickleValue) throws {
    switch (object, state) {
    case (.object, _), (.dictionary, .dictionary): break
    default: throw unsupported("sets the state of \(object.kind) to \(state.kind)")
    }
  }

  /// Resolves a persistent identifier: ("storage", type, key, location, count), and in the legacy format the part of the
  /// storage that is meant, which is all of it; or there also ("module", class, file, source text).
  mutating func persistent(_ identifier: PickleValue) throws -> PickleValue {
    guard case .tuple(let index) = identifier else {
      throw unsupported("refers to something outside of it that is not a storage")
    }
    let items = tuples[index]
    if items.count == 4, case .string("module") = items[0], case .global = items[1] { return items[1] }
    guard items.count == 5 || items.count == 6, case .string("storage") = items[0],
      case .global(.storage(let type)) = items[1], case .string(let key) = items[2], case .string = items[3],
      case .integer(let count) = items[4], count >= 0
    else { throw unsupported("refers to something outside of it that is not a storage") }
    if items.count == 6 {
      guard case .none = items[5] else {
        throw unsupported(
          "refers to a part of a storage, as PyTorch before 0.4 did; load it in PyTorch, and save it again")
      }
    }
    let storage = PickleStorage(key: key, elementType: type, count: count)
    guard storages.updateValue(storage, forKey: key) ?? storage == storage else {
      throw malformed("refers to storage \(key.quoted) as two different ones")
    }
    return .storage(storage)
  }

  /// OrderedDict(), and OrderedDict([[key, value], …]) as Python 2 wrote it.
  private mutating func orderedDictionary(_ items: [PickleValue]) throws -> PickleValue {
    guard let list = items.first else { return dictionary() }
    guard items.count == 1, case .list(let index) = list else {
      throw unsupported("calls collections.OrderedDict with arguments that Python does not write")
    }
    // The list was made for this call; emptied, it cannot be multiplied by calls.
    let pairs = lists[index]
    lists[index] = []
    return dictionary(
      try pairs.map { pair in
        switch pair {
        case .list(let index) where lists[index].count == 2: (lists[index][0], lists[index][1])
        case .tuple(let index) where tuples[index].count == 2: (tuples[index][0], tuples[index][1])
        default: throw unsupported("calls collections.OrderedDict with arguments that Python does not write")
        }
      })
  }

  private mutating func tensor(_ tensor: PickleTensor) -> PickleValue {
    tensors.append(tensor)
    return .tensor(tensors.count - 1)
  }

  /// (storage, offset, shape, strides, requires_grad, backward_hooks), and optionally metadata, which must be empty; the
  /// old function takes the first four.
  private func rebuildTensor(_ items: [PickleValue], _ global: PickleGlobal) throws -> PickleTensor {
    guard items.count >= 4, case .storage(let storage) = items[0],
      case .integer(let offset) = items[1], let shape = integers(items[2]), let strides = integers(items[3]),
      global == .rebuildOldTensor ? items.count == 4 : isTensorState(items[4...])
    else { throw unsupported("calls \(global.description) with arguments that are not read here") }
    guard let layout = StridedLayout(offset: offset, shape: shape, strides: strides, storageCount: storage.count) else {
      throw malformed(
        "holds a tensor of shape \(shape) with strides \(strides) at offset \(offset) of a storage of \(storage.count)"
          + " elements, which runs past the storage or shows an element twice")
    }
    return PickleTensor(storage: storage, layout: layout)
  }

  /// Whether these are the arguments of a tensor behind its strides, without hooks and metadata.
  private func isTensorState(_ items: ArraySlice<PickleValue>) -> Bool {
    guard items.count == 2 || items.count == 3, case .boolean? = items.first else { return false }
    return items.dropFirst().allSatisfy(isEmptyDictionary)
  }

  private func integers(_ value: PickleValue) -> [Int]? {
    guard case .tuple(let index) = value, tuples[index].count <= StridedLayout.maximumRank else { return nil }
    var integers: [Int] = []
    for item in tuples[index] {
      guard case .integer(let integer) = item else { return nil }
      integers.append(integer)
    }
    return integers
  }

  private func isEmptyDictionary(_ value: PickleValue) -> Bool {
    guard case .dictionary(let index) = value else { return false }
    return dictionaries[index].isEmpty
  }
}

// Checks of the pickle as a whole.
extension PickleMachine {
  private enum Container: Hashable {
    case tuple(Int)
    case list(Int)
    case dictionary(Int)

    init?(_ value: PickleValue) {
      switch value {
      case .tuple(let index): self = .tuple(index)
      case .list(let index): self = .list(index)
      case .dictionary(let index): self = .dictionary(index)
      default: return nil
      }
    }
  }

  /// Refuses containers that hold themselves, and nests deeper than `maximumDepth`; every container is entered once.
  func checkNesting(of root: PickleValue) throws {
    // Levels of containers below and including each that is done; 0 while it is open.
    var levels: [Container: Int] = [:]
    var open: [(container: Container, rest: ArraySlice<Container>, deepest: Int)] = []
    func enter(_ container: Container) throws {
      guard open.count < Self.maximumDepth else { throw tooDeep }
      levels[container] = 0
      open.append((container, children(of: container)[...], 0))
    }
    if let container = Container(root) { try enter(container) }
    while let child = open.last.map({ $0.rest.first }) {
      let last = open.count - 1
      guard let child else {
        let done = open.removeLast()
        levels[done.container] = done.deepest + 1
        if last > 0 { open[last - 1].deepest = max(open[last - 1].deepest, done.deepest + 1) }
        continue
      }
      open[last].rest.removeFirst()
      switch levels[child] {
      case nil: try enter(child)
      case 0: throw unsupported("holds a container that contains itself")
      case let known?:
        guard open.count + known <= Self.maximumDepth else { throw tooDeep }
        open[last].deepest = max(open[last].deepest, known)
      }
    }
  }

  private func children(of container: Container) -> [Container] {
    switch container {
    case .tuple(let index): tuples[index].compactMap(Container.init)
    case .list(let index): lists[index].compactMap(Container.init)
    case .dictionary(let index): dictionaries[index].flatMap { [$0.key, $0.value].compactMap(Container.init) }
    }
  }
}
