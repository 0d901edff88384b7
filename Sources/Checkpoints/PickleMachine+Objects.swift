// Replacements of the calls that a pickle asks for; each takes exactly the arguments that PyTorch writes.
extension PickleMachine {
  /// Pushes the result of calling `function` with the tuple `arguments`.
  mutating func reduce(_ function: PickleValue, _ arguments: PickleValue) throws {
    guard case .global(let global) = function else { throw unsupported("calls \(function.kind)") }
    guard case .tuple(let index) = arguments else {
      throw malformed("calls \(global.name) with \(arguments.kind) instead of a tuple of arguments")
    }
    let items = tuples[index]
    switch global {
    case .orderedDictionary:
      guard items.isEmpty else { throw unsupported("calls collections.OrderedDict with arguments") }
      pushDictionary()
    case .rebuildTensor:
      tensors.append(try rebuildTensor(items))
      push(.tensor(tensors.count - 1))
    case .rebuildParameter:
      // (data, requires_grad, backward_hooks)
      guard items.count == 3, case .tensor = items[0], case .boolean = items[1], isEmptyDictionary(items[2]) else {
        throw unsupported("calls \(global.name) with arguments that PyTorch does not write")
      }
      push(items[0])
    case .storage: throw unsupported("calls \(global.name)")
    }
  }

  /// Sets the state of an object. State dictionaries store versions of their modules so, which are not used here.
  func build(_ object: PickleValue, _ state: PickleValue) throws {
    guard case .dictionary = object, case .dictionary = state else {
      throw unsupported("sets the state of \(object.kind) to \(state.kind)")
    }
  }

  /// Resolves a persistent identifier: ("storage", type, key, location, count).
  mutating func persistentStorage(_ identifier: PickleValue) throws -> PickleStorage {
    guard case .tuple(let index) = identifier, tuples[index].count == 5,
      case .string("storage") = tuples[index][0], case .global(.storage(let type)) = tuples[index][1],
      case .string(let key) = tuples[index][2], case .string = tuples[index][3],
      case .integer(let count) = tuples[index][4], count >= 0
    else { throw unsupported("refers to something outside of it that is not a storage") }
    let storage = PickleStorage(key: key, elementType: type, count: count)
    guard storages.updateValue(storage, forKey: key) ?? storage == storage else {
      throw malformed("refers to storage \(key.quoted) as two different ones")
    }
    return storage
  }

  /// (storage, offset, shape, strides, requires_grad, backward_hooks), and optionally metadata, which must be empty.
  private func rebuildTensor(_ items: [PickleValue]) throws -> PickleTensor {
    guard items.count == 6 || items.count == 7, case .storage(let storage) = items[0],
      case .integer(let offset) = items[1], let shape = integers(items[2]), let strides = integers(items[3]),
      case .boolean = items[4], isEmptyDictionary(items[5]), items.count == 6 || isEmptyDictionary(items[6])
    else { throw unsupported("calls torch._utils._rebuild_tensor_v2 with arguments that are not read here") }
    guard let layout = StridedLayout(offset: offset, shape: shape, strides: strides, storageCount: storage.count) else {
      throw malformed(
        "holds a tensor of shape \(shape) with strides \(strides) at offset \(offset) of a storage of \(storage.count)"
          + " elements, which runs past the storage or shows an element twice")
    }
    return PickleTensor(storage: storage, layout: layout)
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
